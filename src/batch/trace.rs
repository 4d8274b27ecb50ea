//! Both lids over a recording in small, for one row of a page.

use serde::{Deserialize, Serialize};

use crate::anatomy::{PerSide, Side};
use crate::signal::Sample;

/// Steps in time: two pixels each in a row's picture.
const STEPS: usize = 96;
/// Levels of one open lid.
const LEVELS: f32 = 20.0;
/// Highest level: a quarter wider than open.
const HIGHEST: u8 = 25;

/// The smallest aperture of each eye in equal steps of time, so that every blink shows.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Trace {
    /// One letter a step, `a` shut, `u` open, `-` not seen.
    pub lids: PerSide<String>,
}

impl Trace {
    /// The trace of a recording's samples.
    #[must_use]
    pub fn of(samples: &[Sample]) -> Self {
        let last_s = samples.last().map_or(0.0, |sample| sample.time_s).max(f64::MIN_POSITIVE);
        let step =
            |sample: &Sample| ((sample.time_s / last_s * STEPS as f64) as usize).min(STEPS - 1);
        let lids = PerSide::from_fn(|side: Side| {
            let mut lowest = [None::<f32>; STEPS];
            for sample in samples {
                if let Some(eye) = sample.eyes[side] {
                    let own = &mut lowest[step(sample)];
                    *own = Some(own.map_or(eye.aperture, |low| low.min(eye.aperture)));
                }
            }
            lowest.iter().map(|aperture| aperture.map_or('-', letter)).collect()
        });
        Self { lids }
    }

    /// Level of each step of one eye, 0 shut, 1 open; `None` where it was not seen.
    pub fn levels(&self, side: Side) -> impl Iterator<Item = Option<f32>> {
        self.lids[side]
            .bytes()
            .map(|letter| letter.is_ascii_lowercase().then(|| f32::from(letter - b'a') / LEVELS))
    }
}

fn letter(aperture: f32) -> char {
    let level = (aperture * LEVELS).round().clamp(0.0, f32::from(HIGHEST)) as u8;
    (b'a' + level).into()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::signal::EyeSample;

    #[test]
    fn a_single_shut_frame_shows_and_a_gap_stays_a_gap() {
        let samples: Vec<Sample> = (0..960)
            .map(|i| {
                let mut sample = Sample::gap(i, i as f64 / 30.0);
                if i < 480 {
                    let aperture = if i == 100 { 0.0 } else { 1.0 };
                    let eye = EyeSample { aperture, opening: 0.3, ..EyeSample::default() };
                    sample.eyes = PerSide { left: Some(eye), right: None };
                }
                sample
            })
            .collect();
        let trace = Trace::of(&samples);
        let left: Vec<Option<f32>> = trace.levels(Side::Left).collect();
        assert_eq!(left.len(), STEPS);
        assert_eq!(left.iter().filter(|level| **level == Some(0.0)).count(), 1);
        assert_eq!(left.iter().filter(|level| level.is_none()).count(), 48);
        assert!(trace.levels(Side::Right).all(|level| level.is_none()));
    }
}
