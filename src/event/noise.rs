//! How much a signal moves when nothing happens.

use super::onset::NoiseModel;
use crate::thresholds::EventThresholds;

/// Running robust spread of a fluctuating quantity: the median of its absolute value, followed
/// by stochastic approximation. Each value moves the estimate up or down by a small part of
/// itself, so that half of the values end up on either side. Movement, being rare and large,
/// weighs no more than any other value.
#[derive(Debug, Clone)]
pub(super) struct Spread {
    median: f64,
    weight: f64,
}

impl Spread {
    /// Smallest part by which the estimate moves at each value: a memory of some hundreds of values.
    const RATE: f64 = 0.005;

    /// A spread that takes `sigma` for its standard deviation until it has seen some values.
    pub(super) const fn starting_at(sigma: f64) -> Self {
        Self { median: 0.6745 * sigma, weight: 0.0 }
    }

    /// Takes a value that counts with `weight`, 0 to 1.
    pub(super) fn push(&mut self, value: f64, weight: f64) {
        self.weight += weight;
        let rate = weight * Self::RATE.max(1.0 / (8.0 + self.weight));
        if value.abs() > self.median {
            self.median *= 1.0 + rate;
        } else {
            self.median = (self.median / (1.0 + rate)).max(1e-6);
        }
    }

    /// Standard deviation of the values, for Gaussian ones.
    pub(super) fn sigma(&self) -> f64 {
        self.median / 0.6745
    }

    /// Number of values taken, by their weights.
    pub(super) const fn count(&self) -> f64 {
        self.weight
    }
}

/// Lengths of the short means, seconds; the first is a single frame.
pub(super) const LENGTHS_S: [f64; 4] = [0.0, 0.07, 0.15, 0.3];

/// The noise of one place, from the recording itself.
#[derive(Debug, Clone)]
pub(super) struct PlaceNoise {
    /// Values about the baseline.
    pub(super) floor: Spread,
    /// Steps from frame to frame.
    pub(super) steps: Spread,
    /// Short means about the baseline, by length.
    pub(super) means: [Spread; LENGTHS_S.len()],
    /// Time between the short means that are compared, seconds.
    pub(super) apart_s: f64,
    least: f64,
    slow_max: f64,
}

/// Values from which on a spread stands on its own.
const ENOUGH: f64 = 25.0;

impl PlaceNoise {
    pub(super) fn new(t: &EventThresholds) -> Self {
        let sigma = t.noise_start_mfu;
        Self {
            floor: Spread::starting_at(sigma),
            steps: Spread::starting_at(1.4 * sigma),
            means: std::array::from_fn(|_| Spread::starting_at(1.1 * sigma)),
            apart_s: 0.5 * t.baseline_s,
            least: t.noise_least_mfu,
            slow_max: t.slow_noise_max,
        }
    }

    /// Standard deviation of the resting signal, mFU; `None` before enough was seen.
    pub(super) fn known_floor(&self) -> Option<f64> {
        (self.floor.count() >= 60.0).then(|| self.sigma())
    }

    /// Standard deviation of the resting signal, mFU, as far as it is known.
    pub(super) fn sigma(&self) -> f64 {
        self.early(&self.floor, 1.0)
    }

    /// Standard deviation of a short mean about the baseline.
    pub(super) fn mean_sigma(&self, length: usize) -> f64 {
        self.early(&self.means[length], 1.1)
    }

    /// A spread, or at the start of a recording what the steps from frame to frame tell of it.
    fn early(&self, spread: &Spread, factor: f64) -> f64 {
        let steps = self.steps.sigma() / std::f64::consts::SQRT_2;
        let sigma = if self.steps.count() < 8.0 {
            spread.sigma()
        } else if spread.count() >= ENOUGH {
            // In a recording without rest the spread is that of movement.
            spread.sigma().min(self.slow_max * steps)
        } else {
            // Steps miss the slow part of the noise.
            factor * 1.4 * steps
        };
        sigma.max(self.least)
    }

    /// What the fit of a rise must know; `head` is the doubt about the head's part, mFU a degree.
    pub(super) fn model(&self, head: [f64; 2], frame_s: f64) -> NoiseModel {
        let steps = (self.steps.sigma().powi(2) / 2.0).max(self.least * self.least);
        // A long mean has lost most of the jitter; how it changes over a while is the wander's.
        let last = LENGTHS_S.len() - 1;
        let length_s = LENGTHS_S[last];
        let jitter_left = steps / (length_s / frame_s.max(1e-3)).max(1.0);
        let slow = (self.mean_sigma(last).powi(2) - jitter_left).max(0.0);
        let apart_s = self.apart_s - length_s / 3.0;
        let wander = (2.0 * slow / apart_s).max(0.01 * steps);
        // The steps hold the wander too.
        let jitter = (steps - 0.5 * wander * frame_s).max(0.1 * steps);
        NoiseModel { jitter: jitter.sqrt(), wander: wander.sqrt(), head }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use rand::{Rng, SeedableRng};
    use rand_distr::{Distribution, Normal};

    #[test]
    fn the_spread_is_that_of_the_noise_and_not_of_rare_movement() {
        let mut rng = rand_chacha::ChaCha8Rng::seed_from_u64(1);
        let normal = Normal::new(0.0, 3.0).unwrap();
        let mut spread = Spread::starting_at(1.0);
        let mut estimates = Vec::new();
        for i in 0..6000 {
            let moved = if rng.random::<f64>() < 0.1 { 60.0 } else { 0.0 };
            spread.push(moved + normal.sample(&mut rng), 1.0);
            if i > 300 {
                estimates.push(spread.sigma());
            }
        }
        let mean = estimates.iter().sum::<f64>() / estimates.len() as f64;
        assert!((mean - 3.3).abs() < 0.3, "{mean}");
    }
}
