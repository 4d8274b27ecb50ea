//! Smooth irregular movement as a pure function of time: a sum of sines.

use std::ops::Range;

use rand::Rng;
use rand_chacha::ChaCha8Rng;

/// A sum of sines with drawn rates and phases; mean 0, standard deviation about 1 / sqrt 2.
#[derive(Debug, Clone)]
pub(crate) struct Waves(Vec<Wave>);

#[derive(Debug, Clone, Copy)]
struct Wave {
    rate: f64,
    phase: f64,
    size: f64,
}

impl Waves {
    /// Draws `count` sines with frequencies in the band, Hz; slower ones are larger.
    pub(crate) fn draw(rng: &mut ChaCha8Rng, count: usize, band_hz: Range<f64>) -> Self {
        let mut waves: Vec<Wave> = (0..count)
            .map(|i| {
                let place = (i as f64 + rng.random::<f64>()) / count as f64;
                let hz = band_hz.start * (band_hz.end / band_hz.start).powf(place);
                Wave {
                    rate: std::f64::consts::TAU * hz,
                    phase: rng.random_range(0.0..std::f64::consts::TAU),
                    size: (band_hz.start / hz).sqrt(),
                }
            })
            .collect();
        let power: f64 = waves.iter().map(|w| w.size * w.size).sum::<f64>().sqrt();
        for wave in &mut waves {
            wave.size /= power;
        }
        Self(waves)
    }

    /// Value at a time in seconds.
    pub(crate) fn at(&self, time_s: f64) -> f64 {
        self.0.iter().map(|w| w.size * (w.rate * time_s + w.phase).sin()).sum()
    }
}
