//! How far each of the subject's lids comes down in a blink, learnt from the blinks themselves.
//!
//! One impulse drives both lids, so the two come down together, each by its own part: a palsied
//! lid hardly moves in any blink (Ogawa 2021: 25 % of the way where the palsy is complete, 65 %
//! where it is partial, 95 % on the healthy side). A contraction of one side is told from that by
//! the company it keeps: between twitches the same lids also blink, and then come down alike.

use std::borrow::Borrow;

use super::blink::LidWatch;
use crate::anatomy::{PerSide, Side};
use crate::signal::Sample;
use crate::thresholds::BlinkThresholds;

/// Weight that the weakest lid keeps beside its fellow: where it alone is seen, it is followed.
const LEAST_WEIGHT: f32 = 0.05;

/// A brief fall of one lid, and what the other did meanwhile.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Fall {
    /// Deepest closure, seconds.
    pub(super) peak_s: f64,
    /// Part of its open aperture that the lid closed.
    pub(super) depth: f32,
    /// The same of the other lid.
    pub(super) other: f32,
}

/// What is known of how the subject's two lids come down in blinks.
#[derive(Debug, Clone)]
pub struct LidShares {
    thresholds: BlinkThresholds,
    /// Falls of each lid.
    falls: PerSide<Vec<Fall>>,
    /// A lid that is weaker than its fellow, and what it does of the fellow's closing.
    weak: Option<(Side, f32)>,
}

impl LidShares {
    pub(super) fn new(thresholds: &BlinkThresholds) -> Self {
        Self { thresholds: thresholds.clone(), falls: PerSide::default(), weak: None }
    }

    /// What the samples of a whole recording show.
    #[must_use]
    pub fn learn<S: Borrow<Sample>>(
        samples: impl IntoIterator<Item = S>,
        thresholds: &BlinkThresholds,
    ) -> Self {
        let mut lids = LidWatch::new(thresholds);
        let mut track = None;
        for sample in samples {
            let sample = sample.borrow();
            if sample.repeat {
                continue;
            }
            if sample.track != track {
                lids.break_track();
                track = sample.track;
            }
            lids.push(sample.time_s, sample.eyes.map(|eye| Some(eye?.aperture)));
        }
        lids.shares().clone()
    }

    /// Takes in a fall of the lid of `side` that had the speed and length of a blink.
    pub(super) fn push(&mut self, side: Side, fall: Fall) {
        let falls = &mut self.falls[side];
        // The bursts of a train are no blinks of their own.
        if falls.last().is_some_and(|last| fall.peak_s - last.peak_s < self.thresholds.apart_s) {
            falls.pop();
        }
        falls.push(fall);
        self.weak = self.judge();
    }

    /// What a lid does of its fellow's closing in this subject's blinks: 1 unless it is weak.
    #[must_use]
    pub fn part(&self, side: Side) -> f32 {
        self.weak.filter(|weak| weak.0 == side).map_or(1.0, |weak| weak.1)
    }

    /// Whether one lid is weaker than the other.
    #[must_use]
    pub const fn is_unequal(&self) -> bool {
        self.weak.is_some()
    }

    /// How much each lid counts in what both do: by what it does of a blink.
    pub(super) fn weights(&self) -> PerSide<f32> {
        let (left, right) =
            (self.part(Side::Left).max(LEAST_WEIGHT), self.part(Side::Right).max(LEAST_WEIGHT));
        PerSide { left: left / (left + right), right: right / (left + right) }
    }

    /// The lid, if there is one, that stays behind its fellow by the same part in nearly every
    /// blink of the fellow.
    fn judge(&self) -> Option<(Side, f32)> {
        let t = &self.thresholds;
        Side::BOTH.into_iter().find_map(|weak| {
            let mut parts: Vec<f32> =
                self.falls[weak.opposite()].iter().map(|fall| fall.other / fall.depth).collect();
            if parts.len() < t.weak_blinks_min {
                return None;
            }
            parts.sort_by(f32::total_cmp);
            let middle = 0.5 * (parts[parts.len() / 2] + parts[(parts.len() - 1) / 2]);
            let astray = parts.iter().filter(|part| (**part - middle).abs() > t.weak_spread);
            let steady = astray.count() as f32 <= t.weak_astray_max * parts.len() as f32;
            (middle <= t.weak_part_max && steady).then_some((weak, middle.max(0.0)))
        })
    }
}
