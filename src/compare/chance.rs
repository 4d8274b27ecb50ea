//! Whether two counts differ by more than chance.

/// Two-sided level of all comparisons of one person together: as the project's intervals, 90 %.
pub(super) const LEVEL: f64 = 0.1;

/// Natural logarithm of `n` over `k`.
fn ln_choose(n: u32, k: u32) -> f64 {
    (0..k).map(|i| (f64::from(n - i) / f64::from(i + 1)).ln()).sum()
}

/// Sum of the probabilities of all outcomes that are no likelier than the observed one.
fn two_sided(ln_probabilities: &[f64], observed: usize) -> f64 {
    // Equal probabilities differ in their last digits.
    let limit = ln_probabilities[observed] + 1e-7;
    ln_probabilities.iter().filter(|p| **p <= limit).map(|p| p.exp()).sum::<f64>().min(1.0)
}

/// Probability that `a` of `n` and `b` of `m` differ as much or more where the shares are the same
/// (Fisher's exact test, 1922).
pub(super) fn shares(a: u32, n: u32, b: u32, m: u32) -> f64 {
    let successes = a + b;
    let low = successes.saturating_sub(m);
    let high = successes.min(n);
    let whole = ln_choose(n + m, successes);
    let ln: Vec<f64> =
        (low..=high).map(|k| ln_choose(n, k) + ln_choose(m, successes - k) - whole).collect();
    two_sided(&ln, (a - low) as usize)
}

/// Probability that `a` events in `s` seconds and `b` in `t` differ as much or more where the rates
/// are the same: given their sum, the first is binomial (Przyborowski and Wilenski 1940).
pub(super) fn rates(a: u32, s: f64, b: u32, t: f64) -> f64 {
    if s <= 0.0 || t <= 0.0 {
        return 1.0;
    }
    let (p, n) = (s / (s + t), a + b);
    let ln: Vec<f64> = (0..=n)
        .map(|k| ln_choose(n, k) + f64::from(k) * p.ln() + f64::from(n - k) * (1.0 - p).ln())
        .collect();
    two_sided(&ln, a as usize)
}

/// Probability that two sums of durations differ as much or more where the fractions of time are
/// the same. Events come by chance, so that a sum's variance is the sum of the squares.
pub(super) fn times(a: &[f64], s: f64, b: &[f64], t: f64) -> f64 {
    if s <= 0.0 || t <= 0.0 {
        return 1.0;
    }
    let part = |durations: &[f64], whole: f64| {
        let (sum, squares) = durations.iter().fold((0.0, 0.0), |(x, y), d| (x + d, y + d * d));
        (sum / whole, squares / (whole * whole))
    };
    let ((x, v), (y, w)) = (part(a, s), part(b, t));
    if v + w <= 0.0 {
        return 1.0;
    }
    erfc((x - y).abs() / (2.0 * (v + w)).sqrt())
}

/// Complementary error function, within 1.5e-7 (Abramowitz and Stegun 7.1.26).
fn erfc(x: f64) -> f64 {
    let t = 1.0 / (1.0 + 0.327_591_1 * x);
    let series = 0.254_829_592
        + t * (-0.284_496_736 + t * (1.421_413_741 + t * (-1.453_152_027 + t * 1.061_405_429)));
    t * series * (-x * x).exp()
}

/// 90 % interval of a share of `n` (Wilson 1927).
pub(super) fn share_interval(k: u32, n: u32) -> Option<[f64; 2]> {
    const Z: f64 = 1.644_854;
    if n == 0 {
        return None;
    }
    let (n, p) = (f64::from(n), f64::from(k) / f64::from(n));
    let centre = (p + Z * Z / (2.0 * n)) / (1.0 + Z * Z / n);
    let reach = Z * (p * (1.0 - p) / n + Z * Z / (4.0 * n * n)).sqrt() / (1.0 + Z * Z / n);
    // None of them and all of them reach the ends exactly.
    Some([
        if k == 0 { 0.0 } else { centre - reach },
        if f64::from(k) == n { 1.0 } else { centre + reach },
    ])
}

/// Which of the comparisons stand when all are made at once (Holm 1979).
pub(super) fn standing(probabilities: &[f64]) -> Vec<bool> {
    let mut order: Vec<usize> = (0..probabilities.len()).collect();
    order.sort_by(|a, b| probabilities[*a].total_cmp(&probabilities[*b]));
    let mut standing = vec![false; probabilities.len()];
    for (rank, &own) in order.iter().enumerate() {
        if probabilities[own] * (probabilities.len() - rank) as f64 > LEVEL {
            break;
        }
        standing[own] = true;
    }
    standing
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fishers_test_gives_the_textbook_figures() {
        // The lady tasting tea: 3 of 4 and 1 of 4; and a table whose two sides are unlike.
        assert!((shares(3, 4, 1, 4) - 0.485_714).abs() < 1e-5);
        assert!((shares(0, 6, 6, 6) - 2.0 / 924.0).abs() < 1e-6);
        assert!((shares(1, 10, 11, 14) - 0.002_759).abs() < 1e-5);
        assert!((shares(5, 5, 5, 5) - 1.0).abs() < 1e-9);
    }

    #[test]
    fn rates_are_compared_as_a_binomial_share() {
        // Of 10 events in equal times 9 on one side: 2 * 11 / 1024.
        assert!((rates(9, 60.0, 1, 60.0) - 22.0 / 1024.0).abs() < 1e-9);
        assert!((rates(4, 60.0, 8, 120.0) - 1.0).abs() < 1e-9);
        assert!((rates(0, 60.0, 0, 60.0) - 1.0).abs() < 1e-9);
        assert!(rates(3, 0.0, 1, 60.0) >= 1.0);
    }

    #[test]
    fn one_long_spasm_more_is_no_change_and_many_are() {
        assert!(times(&[5.0], 60.0, &[], 60.0) > 0.3);
        assert!(times(&[5.0; 8], 60.0, &[], 60.0) < 0.01);
        assert!((times(&[1.0, 2.0], 60.0, &[1.0, 2.0], 60.0) - 1.0).abs() < 1e-6);
    }

    #[test]
    fn of_many_comparisons_only_the_clearest_stand() {
        assert_eq!(standing(&[0.04, 0.9, 0.001, 0.06]), [false, false, true, false]);
        assert_eq!(standing(&[]), Vec::<bool>::new());
    }

    #[test]
    fn the_interval_of_a_share_stays_within_its_bounds() {
        assert_eq!(share_interval(0, 0), None);
        let [low, high] = share_interval(0, 10).unwrap();
        assert!(low == 0.0 && (high - 0.213).abs() < 1e-3, "{high}");
    }
}
