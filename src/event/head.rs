//! What the head's turning and nodding adds to a place, learnt from the recording.

/// Regression of one place on turn and nod, learnt while the place is at rest.
///
/// A Kalman filter over the two slopes (mFU a degree): it knows how much it does not know yet,
/// so that the first turn of the head is not taken for a contraction.
#[derive(Debug, Clone)]
pub(super) struct HeadLeak {
    slopes: [f64; 2],
    covariance: [[f64; 2]; 2],
}

/// Slow change of the slopes: variance added at each observation, (mFU a degree)^2.
const CHANGE: f64 = 1e-4;

impl HeadLeak {
    /// Nothing known but the usual size of the slopes, mFU a degree.
    pub(super) const fn unknown(sigma: f64) -> Self {
        let variance = sigma * sigma;
        Self { slopes: [0.0; 2], covariance: [[variance, 0.0], [0.0, variance]] }
    }

    /// The same doubt about slopes of zero.
    pub(super) fn doubt(&self) -> Self {
        Self { slopes: [0.0; 2], ..self.clone() }
    }

    /// What a pose adds, mFU, relative to facing the camera.
    pub(super) fn at(&self, head: [f64; 2]) -> f64 {
        self.slopes[0] * head[0] + self.slopes[1] * head[1]
    }

    /// Variance of what a change of pose adds, mFU squared.
    pub(super) fn variance(&self, by: [f64; 2]) -> f64 {
        let [[a, b], [c, d]] = self.covariance;
        by[0] * (a * by[0] + b * by[1]) + by[1] * (c * by[0] + d * by[1])
    }

    /// Standard deviation of each slope.
    pub(super) fn sigma(&self) -> [f64; 2] {
        [self.covariance[0][0].sqrt(), self.covariance[1][1].sqrt()]
    }

    /// Learns from a change of the place by `moved` (mFU, with variance `noise`) while the head
    /// changed `by` degrees. A change that the head cannot explain is not the head's.
    pub(super) fn learn(&mut self, moved: f64, by: [f64; 2], noise: f64) {
        let expected = self.at(by);
        let variance = self.variance(by) + noise;
        let surprise = moved - expected;
        if surprise * surprise > 9.0 * variance {
            return;
        }
        let [[a, b], [c, d]] = self.covariance;
        let gain = [(a * by[0] + b * by[1]) / variance, (c * by[0] + d * by[1]) / variance];
        for (slope, gain) in self.slopes.iter_mut().zip(gain) {
            *slope += gain * surprise;
        }
        let shrink = |row: usize, column: usize, value: f64| {
            value - gain[row] * gain[column] * variance + if row == column { CHANGE } else { 0.0 }
        };
        self.covariance = [[shrink(0, 0, a), shrink(0, 1, b)], [shrink(1, 0, c), shrink(1, 1, d)]];
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn slopes_are_learnt_from_turns_and_doubt_shrinks() {
        let mut leak = HeadLeak::unknown(0.7);
        let doubt = leak.variance([10.0, 0.0]);
        for i in 0..40 {
            let by = [8.0 * (f64::from(i) * 0.7).sin(), 5.0 * (f64::from(i) * 0.4).cos()];
            leak.learn(0.5 * by[0] - 0.3 * by[1], by, 0.25);
        }
        assert!((leak.at([1.0, 0.0]) - 0.5).abs() < 0.05, "{leak:?}");
        assert!((leak.at([0.0, 1.0]) + 0.3).abs() < 0.05, "{leak:?}");
        assert!(leak.variance([10.0, 0.0]) < 0.1 * doubt);
    }

    #[test]
    fn a_contraction_with_a_still_head_teaches_nothing() {
        let mut leak = HeadLeak::unknown(0.7);
        leak.learn(30.0, [0.1, 0.0], 0.25);
        assert_eq!(leak.at([1.0, 1.0]), 0.0);
    }
}
