//! Exact intervals of counted events.

/// 90 % confidence interval of the mean of a Poisson count (Garwood 1936): the means at which
/// the count or more, or the count or fewer, would come up one time in twenty.
///
/// # Examples
/// Twenty events: 13.3 to 29.1.
pub(crate) fn interval(count: u32) -> [f64; 2] {
    interval_with(count, 0.05)
}

/// The same with another part of the probability beyond each end.
pub(crate) fn interval_with(count: u32, beyond: f64) -> [f64; 2] {
    let lower = |mean| at_most(count - 1, mean) - (1.0 - beyond);
    let lower = if count == 0 { 0.0 } else { solve(lower, count) };
    [lower, solve(|mean| at_most(count, mean) - beyond, count)]
}

/// Probability of at most `count` events at this mean.
fn at_most(count: u32, mean: f64) -> f64 {
    if mean <= 0.0 {
        return 1.0;
    }
    let mut log_term = -mean;
    let mut sum = log_term.exp();
    for k in 1..=count {
        log_term += (mean / f64::from(k)).ln();
        sum += log_term.exp();
    }
    sum.min(1.0)
}

/// Where a falling function passes zero, near a count.
fn solve(falling: impl Fn(f64) -> f64, count: u32) -> f64 {
    let width = 6.0 * f64::from(count + 1).sqrt() + 6.0;
    let (mut low, mut high) = ((f64::from(count) - width).max(0.0), f64::from(count) + width);
    for _ in 0..60 {
        let middle = 0.5 * (low + high);
        if falling(middle) > 0.0 {
            low = middle;
        } else {
            high = middle;
        }
    }
    0.5 * (low + high)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn intervals_are_the_published_ones() {
        // Half the chi-square quantiles: chi2(0.05, 40) / 2 and chi2(0.95, 42) / 2.
        for (count, low, high) in [(0, 0.0, 2.996), (1, 0.0513, 4.744), (20, 13.255, 29.062)] {
            let [a, b] = interval(count);
            assert!((a - low).abs() < 2e-3 && (b - high).abs() < 2e-3, "{count}: {a} {b}");
        }
    }

    #[test]
    fn thousands_of_events_are_no_trouble() {
        let [low, high] = interval(5000);
        assert!((low - 4884.0).abs() < 3.0 && (high - 5118.0).abs() < 3.0, "{low} {high}");
    }
}
