//! How small a contraction this recording could have shown.
//!
//! Stretches of the recording in which a place rested are kept. At the end a standard twitch is
//! added to each, and the search goes through them once more: what size must it have to be found
//! nine times out of ten? The noise that happened to be in those stretches counts, not a formula
//! for noise. A formula only gives the size to begin with.

use super::noise::{LENGTHS_S, PlaceNoise};
use super::onset::{self, Point};
use super::stats::median;
use crate::thresholds::EventThresholds;

/// The standard twitch: time from first movement to full size, at full size, and back, seconds.
/// A brisk, brief contraction, which is the hardest to see.
const TWITCH_S: [f64; 3] = [0.08, 0.04, 0.15];

/// Part of the trials in which the contraction must be found.
const FOUND: f64 = 0.9;

/// Length of a stretch before and after the place where the twitch is put, seconds.
const BEFORE_S: f64 = 1.2;
const AFTER_S: f64 = 0.45;

/// Stretches that are kept.
const KEPT: usize = 48;

/// Fewest trials that a limit is stated from.
const FEWEST: usize = 8;

/// Ratio of the sizes that are tried one after the other, and how many are tried.
const NEXT_SIZE: f64 = 1.12;
const SIZES: usize = 16;

/// A stretch in which a place rested.
#[derive(Debug, Clone)]
pub(super) struct Stretch {
    pub(super) points: Vec<Point>,
    /// Its baseline at the beginning.
    pub(super) level: f64,
}

/// Stretches in which a place rested, thinned evenly over the recording.
#[derive(Debug, Clone, Default)]
pub(super) struct RestStretches {
    kept: Vec<Stretch>,
    current: Vec<Point>,
    /// Baseline at the first point of the current stretch.
    level: f64,
    /// One stretch in this many is kept, less one.
    skip: usize,
    skipped: usize,
}

impl RestStretches {
    /// Takes one sample of a resting place, and its baseline.
    pub(super) fn push(&mut self, point: Point, baseline: f64) {
        if self.current.is_empty() {
            self.level = baseline;
        }
        self.current.push(point);
        if point.time_s - self.current[0].time_s < BEFORE_S + AFTER_S {
            return;
        }
        let stretch = Stretch { points: std::mem::take(&mut self.current), level: self.level };
        if self.skipped < self.skip {
            self.skipped += 1;
            return;
        }
        self.skipped = 0;
        self.kept.push(stretch);
        if self.kept.len() == KEPT {
            let mut number = 0;
            self.kept.retain(|_| {
                number += 1;
                number % 2 == 1
            });
            self.skip = 2 * self.skip + 1;
        }
    }

    /// The place does not rest, or the track ends.
    pub(super) fn interrupt(&mut self) {
        self.current.clear();
    }

    /// Size of a standard twitch that is found 9 times out of 10, in the units of the samples;
    /// `None` from too little rest. `finds` says whether a twitch of a size that begins at a
    /// moment is found in a stretch.
    pub(super) fn limit(
        &self,
        noise: &PlaceNoise,
        head: [f64; 2],
        t: &EventThresholds,
        finds: impl Fn(&Stretch, f64, f64) -> bool,
    ) -> Option<f64> {
        if self.kept.len() < FEWEST {
            return None;
        }
        let trials: Vec<(&Stretch, f64)> = self
            .kept
            .iter()
            .enumerate()
            .filter_map(|(number, stretch)| {
                // Onsets fall anywhere between two frames.
                let phase = (0.618_034 * number as f64).fract();
                Some((stretch, onset_s(&stretch.points, phase)?))
            })
            .collect();
        let mut sizes: Vec<f64> = trials
            .iter()
            .filter_map(|(stretch, at_s)| smallest(&stretch.points, *at_s, noise, head, t))
            .collect();
        sizes.sort_by(f64::total_cmp);
        let mut size = sizes.get(sizes.len() / 2).copied()?;
        let most_missed = trials.len() - (trials.len() as f64 * FOUND).ceil() as usize;
        let mut open = trials;
        for _ in 0..SIZES {
            // What was found is found if it is larger; one miss too many, and the rest waits for
            // the next size.
            let mut missed = 0;
            open.retain(|(stretch, at_s)| {
                let keep = missed > most_missed || !finds(stretch, *at_s, size);
                missed += usize::from(keep);
                keep
            });
            if open.len() <= most_missed {
                return Some(size);
            }
            size *= NEXT_SIZE;
        }
        None
    }
}

/// A moment for the twitch to begin, between two frames of a stretch.
fn onset_s(stretch: &[Point], phase: f64) -> Option<f64> {
    let first_s = stretch.first()?.time_s;
    let at = stretch.partition_point(|p| p.time_s < first_s + BEFORE_S);
    let (before, after) = (stretch.get(at.checked_sub(1)?)?, stretch.get(at)?);
    Some(before.time_s + phase * (after.time_s - before.time_s))
}

/// Smallest twitch that stands out of one stretch, by formula.
fn smallest(
    stretch: &[Point],
    onset_s: f64,
    noise: &PlaceNoise,
    head: [f64; 2],
    t: &EventThresholds,
) -> Option<f64> {
    let first_s = stretch.first()?.time_s;
    let at = stretch.partition_point(|p| p.time_s < onset_s);
    let baseline = median(stretch[..at].iter().map(|p| p.value).collect())?;
    let shape = |p: &Point| twitch(p.time_s - onset_s);
    // Largest mean of the twitch alone and with it the noise, at every length and moment.
    let mut trigger = f64::INFINITY;
    let mut sure = f64::INFINITY;
    for i in at..stretch.len() {
        for (k, length_s) in LENGTHS_S.into_iter().enumerate() {
            let from = stretch[..i].partition_point(|p| p.time_s <= stretch[i].time_s - length_s);
            let part = &stretch[from.min(i)..=i];
            let n = part.len() as f64;
            let lift = part.iter().map(shape).sum::<f64>() / n;
            if lift < 0.05 {
                continue;
            }
            let rest = part.iter().map(|p| p.value - baseline).sum::<f64>() / n;
            trigger = trigger.min((t.trigger * noise.mean_sigma(k) - rest) / lift);
            if k == 0 {
                sure = sure.min((t.sure_snr * noise.sigma() - rest) / lift);
            }
        }
    }
    // The fit sees the samples up to the peak.
    let peak = stretch.partition_point(|p| p.time_s <= onset_s + TWITCH_S[0] + TWITCH_S[1]);
    let until = &stretch[..peak.max(at + 1).min(stretch.len())];
    let frame_s = (until.last()?.time_s - first_s) / (until.len() - 1).max(1) as f64;
    let model = noise.model(head, frame_s);
    let (explained, noise_part) = onset::explained(until, onset_s, TWITCH_S[0], model);
    let evidence = (t.evidence_min.sqrt() - noise_part) / explained.max(1e-9);
    Some(trigger.max(sure).max(evidence).max(0.0))
}

/// Height of the standard twitch at a time after its onset, 0 to 1.
pub(super) fn twitch(since_s: f64) -> f64 {
    let [rise, hold, fall] = TWITCH_S;
    if since_s < rise + hold {
        onset::risen(since_s / rise)
    } else {
        1.0 - onset::risen((since_s - rise - hold) / fall)
    }
}
