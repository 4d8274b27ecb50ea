//! The level a signal returns to: a running quantile that forgets slowly.

/// Running quantile of a scalar with exponential forgetting, over a fixed histogram.
///
/// Constant memory and constant cost a value. The weight of each value lets the caller keep
/// frames that say nothing about the level (a closed lid says nothing about the open level)
/// from moving it.
#[derive(Debug, Clone)]
pub struct RunningLevel {
    quantile: f64,
    time_constant_s: f64,
    lowest: f64,
    step: f64,
    bins: Vec<f64>,
    total: f64,
    /// Values weigh `growth` instead of all older ones being scaled down at each step.
    growth: f64,
}

/// Bins of the histogram: with linear interpolation inside a bin the level is good to about a
/// hundredth of the range's 1/512, far below any signal's noise (judgment).
const BINS: usize = 512;

/// Growth beyond which all bins are scaled back, to stay far from the limits of `f64`.
const RENORMALISE: f64 = 1e100;

impl RunningLevel {
    /// A level at `quantile` (0 to 1) of values between `lowest` and `highest`, forgetting with
    /// `time_constant_s` seconds.
    #[must_use]
    pub fn new(quantile: f64, time_constant_s: f64, lowest: f64, highest: f64) -> Self {
        Self {
            quantile,
            time_constant_s,
            lowest,
            step: (highest - lowest) / BINS as f64,
            bins: vec![0.0; BINS],
            total: 0.0,
            growth: 1.0,
        }
    }

    /// Takes in a value that stood for `seconds`, with `weight` 0 to 1.
    pub fn push(&mut self, value: f64, seconds: f64, weight: f64) {
        if !value.is_finite() {
            return;
        }
        self.growth *= (seconds / self.time_constant_s).exp();
        let added = self.growth * seconds * weight;
        let position = ((value - self.lowest) / self.step).clamp(0.0, BINS as f64 - 1.0);
        self.bins[position as usize] += added;
        self.total += added;
        if self.growth > RENORMALISE {
            for bin in &mut self.bins {
                *bin /= self.growth;
            }
            self.total /= self.growth;
            self.growth = 1.0;
        }
    }

    /// The level, or `None` before any value.
    #[must_use]
    pub fn get(&self) -> Option<f64> {
        self.quantile_of(self.total, |i| self.bins[i])
    }

    /// The level of what this one and another of the same range took in, each as it stands now.
    #[must_use]
    pub fn with(&self, other: &Self) -> Option<f64> {
        let (own, theirs) = (1.0 / self.growth, 1.0 / other.growth);
        let total = self.total * own + other.total * theirs;
        self.quantile_of(total, |i| self.bins[i] * own + other.bins[i] * theirs)
    }

    fn quantile_of(&self, total: f64, bin: impl Fn(usize) -> f64) -> Option<f64> {
        if total <= 0.0 {
            return None;
        }
        let wanted = self.quantile * total;
        let mut below = 0.0;
        for i in 0..BINS {
            let bin = bin(i);
            if below + bin >= wanted && bin > 0.0 {
                return Some(self.lowest + self.step * (i as f64 + (wanted - below) / bin));
            }
            below += bin;
        }
        Some(self.lowest + self.step * BINS as f64)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_level_is_the_quantile_of_what_was_seen() {
        let mut level = RunningLevel::new(0.5, 1e9, 0.0, 1.0);
        for i in 0..=100 {
            level.push(f64::from(i) / 100.0, 0.03, 1.0);
        }
        assert!((level.get().unwrap() - 0.5).abs() < 0.01);
    }

    #[test]
    fn values_without_weight_do_not_move_the_level() {
        let mut level = RunningLevel::new(0.75, 60.0, 0.0, 1.0);
        for _ in 0..300 {
            level.push(0.3, 0.033, 1.0);
        }
        let before = level.get().unwrap();
        for _ in 0..3000 {
            level.push(0.02, 0.033, 0.0);
        }
        assert!((level.get().unwrap() - before).abs() < 1e-6);
    }

    #[test]
    fn the_level_follows_a_lasting_change() {
        let mut level = RunningLevel::new(0.5, 20.0, 0.0, 1.0);
        for _ in 0..3000 {
            level.push(0.3, 0.033, 1.0);
        }
        for _ in 0..3000 {
            level.push(0.4, 0.033, 1.0);
        }
        assert!((level.get().unwrap() - 0.4).abs() < 0.01);
    }
}
