//! The last moments of one place's signal, freed from what the head's pose adds.

use std::collections::VecDeque;

use super::head::HeadLeak;
use super::onset::Point;
use super::stats::median;
use crate::thresholds::EventThresholds;

/// One sample of a place and its mirror image.
#[derive(Debug, Clone, Copy)]
pub(super) struct Reading {
    pub(super) time_s: f64,
    /// mFU, as measured.
    pub(super) value: f64,
    /// Displacement of the other side from its own baseline; not a number where it is not seen.
    pub(super) mirror: f64,
    /// Displacement of the mirror place from neutral, whatever it rests on, mFU; NaN unseen.
    pub(super) mirror_level: f64,
    /// Turn and nod of the head, degrees.
    pub(super) head: [f64; 2],
    /// Tilt of the head, degrees.
    pub(super) tilt: f64,
}

/// Readings of the last moments.
#[derive(Debug, Clone)]
pub(super) struct Recent {
    readings: VecDeque<Reading>,
    pub(super) leak: HeadLeak,
    /// Last time that the leak was learnt from.
    leak_s: f64,
}

/// Values that a median is taken of: more say little more, and high rates would only cost time.
const MEDIAN_VALUES: usize = 30;

/// Length of the means whose movement is compared with the head's, seconds.
const LEAK_MEAN_S: f64 = 0.1;

/// A reading this close to the edge of a stretch lies on it, seconds: far above what rounding does
/// to sums of times, far below a frame. Stretches of a whole number of frames hold as many
/// readings whatever the clock stands at.
pub(super) const EDGE_S: f64 = 1e-6;

impl Recent {
    pub(super) fn new(head_leak: f64) -> Self {
        Self {
            readings: VecDeque::new(),
            leak: HeadLeak::unknown(head_leak),
            leak_s: f64::NEG_INFINITY,
        }
    }

    pub(super) fn push(&mut self, reading: Reading, history_s: f64) {
        let oldest_s = reading.time_s - history_s;
        self.readings.push_back(reading);
        while self.readings.front().is_some_and(|r| r.time_s < oldest_s - EDGE_S) {
            self.readings.pop_front();
        }
    }

    pub(super) fn clear(&mut self) {
        self.readings.clear();
    }

    pub(super) fn last(&self) -> Option<&Reading> {
        self.readings.back()
    }

    pub(super) fn before_last(&self) -> Option<&Reading> {
        self.readings.iter().rev().nth(1)
    }

    pub(super) fn first_s(&self) -> Option<f64> {
        self.readings.front().map(|r| r.time_s)
    }

    /// Mean interval between the readings at hand, seconds.
    pub(super) fn frame_s(&self) -> f64 {
        match (self.readings.front(), self.readings.back()) {
            (Some(first), Some(last)) if self.readings.len() > 1 => {
                (last.time_s - first.time_s) / (self.readings.len() - 1) as f64
            }
            _ => 1.0 / 30.0,
        }
    }

    /// Value without what the head's pose adds, mFU.
    pub(super) fn freed(&self, reading: &Reading) -> f64 {
        reading.value - self.leak.at(reading.head)
    }

    /// Readings later than `from_s`, up to `until_s`, newest first.
    fn back(&self, from_s: f64, until_s: f64) -> impl Iterator<Item = &Reading> {
        self.readings
            .iter()
            .rev()
            .skip_while(move |r| r.time_s > until_s + EDGE_S)
            .take_while(move |r| r.time_s > from_s + EDGE_S)
    }

    /// Mean over the `length_s` up to `until_s`, one reading at least, none from before
    /// `from_s`.
    pub(super) fn mean(&self, until_s: f64, length_s: f64, from_s: f64) -> Option<f64> {
        let newest = self.back(f64::NEG_INFINITY, until_s).next()?;
        let (mut sum, mut n) = (self.freed(newest), 1.0);
        for r in self.back((until_s - length_s).max(from_s), until_s).skip(1) {
            sum += self.freed(r);
            n += 1.0;
        }
        Some(sum / n)
    }

    /// Median between two moments; `None` of fewer than three readings.
    pub(super) fn median(&self, from_s: f64, until_s: f64) -> Option<f64> {
        let count = self.back(from_s, until_s).count();
        let stride = count.div_ceil(MEDIAN_VALUES).max(1);
        let values = self.back(from_s, until_s).step_by(stride).map(|r| self.freed(r));
        median(values.collect()).filter(|_| count >= 3)
    }

    /// Median displacement of the mirror place between two moments.
    pub(super) fn mirror_median(&self, from_s: f64, until_s: f64) -> Option<f64> {
        let seen = self.back(from_s, until_s).filter(|r| !r.mirror.is_nan());
        median(seen.map(|r| r.mirror).collect())
    }

    /// Mean pose between two moments; the present one where there is no other.
    pub(super) fn mean_head(&self, from_s: f64, until_s: f64) -> [f64; 2] {
        let (mut sum, mut n) = ([0.0; 2], 0.0);
        for r in self.back(from_s, until_s) {
            sum = [sum[0] + r.head[0], sum[1] + r.head[1]];
            n += 1.0;
        }
        if n > 0.0 { sum.map(|x| x / n) } else { self.last().map_or([0.0; 2], |r| r.head) }
    }

    /// Range of the head's turn, nod or tilt, whichever moved most, between two moments, degrees.
    pub(super) fn head_range(&self, from_s: f64, until_s: f64) -> f64 {
        let (mut low, mut high) = ([f64::MAX; 3], [f64::MIN; 3]);
        for r in self.back(from_s, until_s) {
            let angles = [r.head[0], r.head[1], r.tilt];
            low = std::array::from_fn(|k| low[k].min(angles[k]));
            high = std::array::from_fn(|k| high[k].max(angles[k]));
        }
        high.iter().zip(low).map(|(high, low)| high - low).fold(0.0, f64::max)
    }

    /// Readings from a moment on, for the fit of a rise.
    pub(super) fn points(&self, from_s: f64) -> Vec<Point> {
        let mut points: Vec<Point> =
            self.back(from_s, f64::INFINITY).map(|r| self.point(r)).collect();
        points.reverse();
        points
    }

    pub(super) fn point(&self, reading: &Reading) -> Point {
        Point { time_s: reading.time_s, value: self.freed(reading), head: reading.head }
    }

    /// Movement of the mirror place from its rest over this place's own from its baseline, since
    /// `onset_s`, as a regression; 0 where the mirror place is not seen.
    pub(super) fn shared(&self, baseline: f64, mirror_rest: f64, onset_s: f64) -> f64 {
        let (mut product, mut power) = (0.0, 0.0);
        for r in self.back(onset_s, f64::INFINITY).filter(|r| !r.mirror.is_nan()) {
            let own = self.freed(r) - baseline;
            product += own * (r.mirror - mirror_rest);
            power += own * own;
        }
        if power > 0.0 { product / power } else { 0.0 }
    }

    /// Learns what the head's movement over `over_s` added, every `every_s`; readings before
    /// `from_s` do not count, nor those of the last `guard_s`. `noise` is the variance of a short
    /// mean.
    pub(super) fn learn_leak(&mut self, t: &EventThresholds, from_s: f64, noise: f64) {
        let Some(last_s) = self.last().map(|r| r.time_s) else { return };
        let now_s = last_s - t.head_guard_s;
        let then_s = now_s - t.head_over_s;
        let reach_s = then_s - LEAK_MEAN_S;
        if last_s - self.leak_s < t.head_every_s - EDGE_S
            || reach_s < from_s - EDGE_S
            || self.first_s().is_none_or(|first_s| first_s > reach_s + EDGE_S)
        {
            return;
        }
        let raw = |until_s: f64| {
            let (mut sum, mut n) = (0.0, 0.0);
            for r in self.back(until_s - LEAK_MEAN_S, until_s) {
                sum += r.value;
                n += 1.0;
            }
            (n > 0.0).then(|| (sum / n, self.mean_head(until_s - LEAK_MEAN_S, until_s)))
        };
        if let Some(((now, head), (then, was))) = raw(now_s).zip(raw(then_s)) {
            self.leak.learn(now - then, [head[0] - was[0], head[1] - was[1]], 2.0 * noise);
            self.leak_s = last_s;
        }
    }
}
