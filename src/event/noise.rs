//! How much a signal moves when nothing happens.

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
    /// Smallest part by which the estimate moves at each value: a memory of some hundred values.
    const RATE: f64 = 0.01;

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
