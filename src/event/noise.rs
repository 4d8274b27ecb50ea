//! How much a signal jumps from frame to frame when nothing happens.

/// Running robust spread of a signal's frame-to-frame steps.
///
/// Follows the median of the absolute step by stochastic approximation: each step moves the
/// estimate up or down by a small part of itself, so that half of the steps end up on either
/// side. Movement, being rare and large, weighs no more than any other step.
#[derive(Debug, Clone)]
pub(super) struct StepNoise {
    median: f32,
    count: u32,
}

impl Default for StepNoise {
    fn default() -> Self {
        Self { median: Self::START, count: 0 }
    }
}

impl StepNoise {
    /// Start of the estimate, in units of the signal; only the first seconds feel it.
    const START: f32 = 0.015;
    /// Smallest part by which the estimate moves at each step.
    const RATE: f32 = 0.01;

    pub(super) fn push(&mut self, step: f32) {
        self.count = self.count.saturating_add(1);
        let rate = Self::RATE.max(1.0 / (10.0 + self.count as f32));
        let factor = if step.abs() > self.median { 1.0 + rate } else { 1.0 / (1.0 + rate) };
        self.median = (self.median * factor).max(1e-6);
    }

    /// Standard deviation of the signal's noise from the median absolute step, for independent
    /// Gaussian noise: median|x - y| = 0.6745 * sqrt(2) * sigma.
    pub(super) fn sigma(&self) -> f32 {
        self.median / (0.6745 * std::f32::consts::SQRT_2)
    }
}
