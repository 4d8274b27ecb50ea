//! Running rates with their intervals.

use serde::Serialize;

use crate::event::{BySide, Event, Laterality, poisson};

/// Longest interval between two frames that counts as seen, seconds: a slow camera's.
const LONGEST_FRAME_S: f64 = 0.5;

/// A rate a minute.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize)]
pub(super) struct Rate {
    /// How many.
    pub(super) count: u32,
    /// A minute of usable time; `None` before there is any.
    pub(super) per_min: Option<f64>,
    /// Its 90 % Poisson interval.
    pub(super) ci: Option<[f64; 2]>,
}

/// Rates over the usable time so far.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize)]
pub(super) struct Rates {
    /// Time with a face, seconds.
    pub(super) usable_s: f64,
    /// Blinks.
    pub(super) blinks: Rate,
    /// Involuntary events outside the exam's movements, by side.
    pub(super) events: BySide<Rate>,
}

/// Counts what the rates are made of.
#[derive(Debug, Default)]
pub(super) struct RateCount {
    last_s: Option<f64>,
    usable_s: f64,
    blinks: u32,
    events: BySide<u32>,
}

impl RateCount {
    /// A frame, with or without a face.
    pub(super) fn frame(&mut self, time_s: f64, face: bool) {
        if !face {
            self.last_s = None;
        } else if let Some(last_s) = self.last_s.replace(time_s) {
            self.usable_s += (time_s - last_s).clamp(0.0, LONGEST_FRAME_S);
        }
    }

    /// A blink.
    pub(super) fn blink(&mut self) {
        self.blinks += 1;
    }

    /// An event; only involuntary ones count.
    pub(super) fn event(&mut self, event: &Event) {
        if event.kind.is_involuntary() {
            *match event.side {
                Laterality::Left => &mut self.events.left,
                Laterality::Right => &mut self.events.right,
                Laterality::Both => &mut self.events.both,
            } += 1;
        }
    }

    /// The rates so far.
    #[must_use]
    pub(super) fn rates(&self) -> Rates {
        let rate = |count| {
            let minutes = self.usable_s / 60.0;
            let known = minutes > 0.0;
            Rate {
                count,
                per_min: known.then(|| f64::from(count) / minutes),
                ci: known.then(|| poisson::interval(count).map(|mean| mean / minutes)),
            }
        };
        let BySide { left, right, both } = self.events;
        Rates {
            usable_s: self.usable_s,
            blinks: rate(self.blinks),
            events: BySide { left: rate(left), right: rate(right), both: rate(both) },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_gap_adds_no_usable_time() {
        let mut count = RateCount::default();
        for i in 0..=60 {
            count.frame(f64::from(i) / 30.0, true);
        }
        count.frame(2.1, false);
        count.frame(60.0, true);
        count.frame(60.1, true);
        count.blink();
        let rates = count.rates();
        assert!((rates.usable_s - 2.1).abs() < 1e-9);
        let [low, high] = rates.blinks.ci.unwrap();
        let rate = rates.blinks.per_min.unwrap();
        assert!(low < rate && rate < high);
    }
}
