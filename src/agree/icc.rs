//! Intraclass correlation of counts: two-way random effects, absolute agreement, single rater,
//! ICC(2,1) of Shrout and Fleiss (1979), with the interval of McGraw and Wong (1996).

use serde::Serialize;
use statrs::distribution::{ContinuousCDF, FisherSnedecor};

/// An intraclass correlation.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Icc {
    /// What was counted in: recordings or stretches.
    pub targets: usize,
    /// Raters.
    pub raters: usize,
    /// ICC(2,1).
    pub icc: f64,
    /// Its 95 % interval; absent where there is no disagreement to tell it from.
    pub ci: Option<[f64; 2]>,
}

/// The correlation of a table with a row a target and a column a rater; `None` for fewer than two
/// of either, or where nothing differs between targets and raters.
#[must_use]
pub fn icc(table: &[Vec<f64>]) -> Option<Icc> {
    let raters = table.first()?.len();
    let targets = table.len();
    if targets < 2 || raters < 2 || table.iter().any(|row| row.len() != raters) {
        return None;
    }
    let (n, k) = (targets as f64, raters as f64);
    let mean = table.iter().flatten().sum::<f64>() / (n * k);
    let row_means: Vec<f64> = table.iter().map(|row| row.iter().sum::<f64>() / k).collect();
    let column_means: Vec<f64> =
        (0..raters).map(|j| table.iter().map(|row| row[j]).sum::<f64>() / n).collect();
    let squares = |values: &[f64]| values.iter().map(|v| (v - mean).powi(2)).sum::<f64>();
    let of_targets = k * squares(&row_means) / (n - 1.0);
    let of_raters = n * squares(&column_means) / (k - 1.0);
    let mut rest = 0.0;
    for (row, row_mean) in table.iter().zip(&row_means) {
        for (value, column_mean) in row.iter().zip(&column_means) {
            rest += (value - row_mean - column_mean + mean).powi(2);
        }
    }
    let rest = rest / ((n - 1.0) * (k - 1.0));
    let under = of_targets + (k - 1.0) * rest + k * (of_raters - rest) / n;
    if under.abs() < 1e-12 {
        return None;
    }
    let icc = (of_targets - rest) / under;
    let ci = interval(icc, [of_targets, of_raters, rest], n, k);
    Some(Icc { targets, raters, icc, ci })
}

fn interval(icc: f64, [of_targets, of_raters, rest]: [f64; 3], n: f64, k: f64) -> Option<[f64; 2]> {
    if rest <= 1e-12 {
        return None;
    }
    let ratio = of_raters / rest;
    let part = n * (1.0 + (k - 1.0) * icc) - k * icc;
    let above = (k - 1.0) * (n - 1.0) * (k * icc * ratio + part).powi(2);
    let under = (n - 1.0) * (k * icc * ratio).powi(2) + part.powi(2);
    let freedom = above / under;
    let f = |a: f64, b: f64| Some(FisherSnedecor::new(a, b).ok()?.inverse_cdf(0.975));
    let (f_low, f_high) = (f(n - 1.0, freedom)?, f(freedom, n - 1.0)?);
    let raters = k * of_raters + (k * n - k - n) * rest;
    let low = n * (of_targets - f_low * rest) / (f_low * raters + n * of_targets);
    let high = n * (f_high * of_targets - rest) / (raters + n * f_high * of_targets);
    Some([low, high])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_correlation_is_that_of_shrout_and_fleiss_s_example() {
        // Six targets, four judges (1979, table 2): ICC(2,1) = 0.29.
        let table = [
            [9.0, 2.0, 5.0, 8.0],
            [6.0, 1.0, 3.0, 2.0],
            [8.0, 4.0, 6.0, 8.0],
            [7.0, 1.0, 2.0, 6.0],
            [10.0, 5.0, 6.0, 9.0],
            [6.0, 2.0, 4.0, 7.0],
        ];
        let own = icc(&table.map(|row| row.to_vec())).unwrap();
        assert!((own.icc - 0.289_764).abs() < 1e-5, "{}", own.icc);
        let [low, high] = own.ci.unwrap();
        assert!((low - 0.02).abs() < 0.005 && (high - 0.76).abs() < 0.005, "{low} {high}");
        let same = icc(&[vec![1.0, 1.0], vec![3.0, 3.0], vec![2.0, 2.0]]).unwrap();
        assert_eq!((same.icc, same.ci), (1.0, None));
        assert_eq!(icc(&[vec![2.0, 2.0], vec![2.0, 2.0]]), None);
        assert_eq!(icc(&[vec![1.0, 2.0]]), None);
    }
}
