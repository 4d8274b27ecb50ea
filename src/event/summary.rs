//! Figures over the whole recording.

use super::blink::LidWatch;
use super::{BySide, Event, EventKind, Findings, Laterality, SpreadSummary, Summary, poisson};
use crate::anatomy::{PerSide, Side};
use crate::signal::Sample;

/// Longest interval between two frames that counts as seen, seconds: a slow camera's.
const LONGEST_FRAME_S: f64 = 0.5;

/// What is counted frame by frame.
#[derive(Debug, Default)]
pub(super) struct Tally {
    last_s: Option<f64>,
    usable_s: f64,
    eye_s: PerSide<f64>,
    shut_s: PerSide<f64>,
    both_s: f64,
    both_shut_s: f64,
}

impl Tally {
    pub(super) fn push(&mut self, sample: &Sample, lids: &LidWatch) {
        let Some(last_s) = self.last_s.replace(sample.time_s) else { return };
        let interval_s = (sample.time_s - last_s).clamp(0.0, LONGEST_FRAME_S);
        self.usable_s += interval_s;
        let shut =
            PerSide::from_fn(|side| sample.eyes[side].map(|eye| lids.is_shut(side, eye.aperture)));
        for side in Side::BOTH {
            if let Some(shut) = shut[side] {
                self.eye_s[side] += interval_s;
                self.shut_s[side] += if shut { interval_s } else { 0.0 };
            }
        }
        if let Some((left, right)) = shut.left.zip(shut.right) {
            self.both_s += interval_s;
            self.both_shut_s += if left && right { interval_s } else { 0.0 };
        }
    }

    pub(super) fn gap(&mut self) {
        self.last_s = None;
    }

    pub(super) fn summary(&self, findings: &Findings) -> Summary {
        let minutes = self.usable_s / 60.0;
        let per = |part: f64, whole: f64| if whole > 0.0 { part / whole } else { 0.0 };
        let mut count = BySide::<u32>::default();
        let mut time_s = BySide::<f64>::default();
        for event in findings.events.iter().filter(|event| event.kind.is_involuntary()) {
            *count.of(event.side) += 1;
            *time_s.of(event.side) += event.end_s - event.start_s;
        }
        let rate = |n: u32| per(f64::from(n), minutes);
        let ci = |n: u32| {
            if minutes > 0.0 { poisson::interval(n).map(|mean| mean / minutes) } else { [0.0; 2] }
        };
        Summary {
            usable_s: self.usable_s,
            blink_rate_per_min: (minutes > 0.0).then(|| findings.blinks.len() as f64 / minutes),
            event_rate_per_min: count.map(rate),
            rate_ci: count.map(ci),
            closed_fraction: BySide {
                left: per(self.shut_s.left, self.eye_s.left),
                right: per(self.shut_s.right, self.eye_s.right),
                both: per(self.both_shut_s, self.both_s),
            },
            spasm_time_fraction: time_s.map(|s| per(s, self.usable_s).min(1.0)),
        }
    }
}

impl EventKind {
    /// The movement was not made on purpose: a twitch or a spasm.
    #[must_use]
    pub const fn is_involuntary(self) -> bool {
        matches!(self, Self::Twitch | Self::Spasm)
    }
}

impl<T: Copy> BySide<T> {
    fn of(&mut self, side: Laterality) -> &mut T {
        match side {
            Laterality::Left => &mut self.left,
            Laterality::Right => &mut self.right,
            Laterality::Both => &mut self.both,
        }
    }

    fn map<U>(self, f: impl Fn(T) -> U) -> BySide<U> {
        BySide { left: f(self.left), right: f(self.right), both: f(self.both) }
    }
}

/// Which region came first, over all involuntary events.
pub(super) fn spread(events: &[Event]) -> SpreadSummary {
    let mut summary = SpreadSummary::default();
    for event in events.iter().filter(|event| event.kind.is_involuntary()) {
        for region in event.spread.first().into_iter().flatten() {
            *summary.first_region.entry(*region).or_insert(0) += 1;
        }
    }
    summary
}
