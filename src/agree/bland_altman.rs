//! Differences between two ways of measuring the same (Bland and Altman 1986, 1999).

use serde::Serialize;
use statrs::distribution::{ContinuousCDF, StudentsT};

/// Standard deviations on either side of the bias between which 95 % of normal differences lie.
const WIDE: f64 = 1.96;

/// Bias and limits of agreement.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct BlandAltman {
    /// Pairs.
    pub n: usize,
    /// Mean difference, second less first.
    pub bias: f64,
    /// Its 95 % interval (Student's t).
    pub bias_ci: [f64; 2],
    /// Standard deviation of the differences, with n - 1.
    pub sd: f64,
    /// Bias less and plus 1.96 standard deviations.
    pub limits: [f64; 2],
    /// Half the 95 % interval of each limit (Student's t; Bland and Altman 1999).
    pub limit_half_ci: f64,
    /// Mean and difference of each pair.
    pub points: Vec<[f64; 2]>,
}

/// The figures of pairs; `None` of fewer than two.
#[must_use]
pub fn bland_altman(pairs: &[[f64; 2]]) -> Option<BlandAltman> {
    let n = pairs.len();
    if n < 2 {
        return None;
    }
    let count = n as f64;
    let points: Vec<[f64; 2]> = pairs.iter().map(|[a, b]| [0.5 * (a + b), b - a]).collect();
    let bias = points.iter().map(|p| p[1]).sum::<f64>() / count;
    let variance = points.iter().map(|p| (p[1] - bias).powi(2)).sum::<f64>() / (count - 1.0);
    let sd = variance.sqrt();
    let t = StudentsT::new(0.0, 1.0, count - 1.0).ok()?.inverse_cdf(0.975);
    let half = t * sd / count.sqrt();
    let limit_half_ci = t * (variance * (1.0 / count + WIDE * WIDE / (2.0 * (count - 1.0)))).sqrt();
    Some(BlandAltman {
        n,
        bias,
        bias_ci: [bias - half, bias + half],
        sd,
        limits: [bias - WIDE * sd, bias + WIDE * sd],
        limit_half_ci,
        points,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn limits_are_the_bias_and_two_deviations() {
        let pairs = [[1.0, 1.1], [2.0, 2.3], [3.0, 2.9], [4.0, 4.1]];
        let own = bland_altman(&pairs).unwrap();
        assert!((own.bias - 0.1).abs() < 1e-12);
        assert!((own.sd - 0.163_299_3).abs() < 1e-6);
        assert!((own.limits[1] - (0.1 + 1.96 * 0.163_299_3)).abs() < 1e-6);
        // t(0.975, 3) = 3.182446.
        assert!((own.bias_ci[1] - (0.1 + 3.182_446 * 0.163_299_3 / 2.0)).abs() < 1e-5);
        assert_eq!(bland_altman(&pairs[..1]), None);
    }
}
