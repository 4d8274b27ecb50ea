//! Counts of what was found, missed and false, and the figures made from them.

use std::collections::BTreeMap;
use std::ops::AddAssign;

use serde::Serialize;

use super::hidden::Hidden;
use super::matching::MatchBy;
use super::mirror::MirrorAgreement;
use crate::event::poisson;
use crate::pattern::Label;

/// How findings agree with the truth of one recording, or of several pooled.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub struct Score {
    /// Recordings pooled.
    pub recordings: u32,
    /// Blinks, prolonged ones included; `None` where the truth has not rated them.
    pub blinks: Option<Tally>,
    /// Found ones of the blinks that were rated where not all were; none found is false there.
    pub rated_blinks: Option<Share>,
    /// Involuntary events; `None` where the truth has not rated them.
    pub events: Option<Tally>,
    /// Twitches and spasms against the listed events; `None` where events are not rated.
    pub listed: Option<Listed>,
    /// Recordings by true and by found label, where the truth names a pattern.
    pub patterns: Vec<PatternCount>,
    /// Labels against those that an honest answer may bear; `None` where nobody said which.
    pub labels: Option<Labels>,
    /// What was told to be hidden; `None` where the truth names nothing that was.
    pub hidden: Option<Hidden>,
    /// Agreement with the mirror image; `None` where there is none.
    pub mirror: Option<MirrorAgreement>,
}

/// Twitches and spasms against the events that the truth lists.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize)]
pub struct Listed {
    /// Those outside every listed event: false.
    pub outside: Rate,
    /// Listed events of one side that are told with that side, each by an event of its own.
    pub told: Share,
}

/// So many in so many minutes.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct Rate {
    /// How many.
    pub count: u32,
    /// Time that could be measured, minutes.
    pub minutes: f64,
}

impl Rate {
    /// How many a minute, with the 95 % Poisson interval; `None` of no time.
    #[must_use]
    pub fn per_minute(self) -> Option<Proportion> {
        /// Part of the probability beyond each end of a 95 % interval.
        const BEYOND: f64 = 0.025;
        (self.minutes > 0.0).then(|| Proportion {
            value: f64::from(self.count) / self.minutes,
            ci: poisson::interval_with(self.count, BEYOND).map(|mean| mean / self.minutes),
        })
    }
}

/// Labels found, against those that may be.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Labels {
    /// Recordings with a label that may be, of all.
    pub expected: Share,
    /// Recordings with each label that may not.
    pub unexpected: BTreeMap<Label, u32>,
}

impl Labels {
    pub(super) fn of(expected: &[Label], found: Label) -> Self {
        let mut labels = Self::default();
        labels.expected.tell(expected.contains(&found));
        if !expected.contains(&found) {
            labels.unexpected.insert(found, 1);
        }
        labels
    }
}

/// How often a true label was found as another.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct PatternCount {
    /// The true label.
    pub truth: Label,
    /// The label found.
    pub found: Label,
    /// Recordings.
    pub count: u32,
}

/// Counts for one kind of finding. Errors are found less true, so that a late onset is positive.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Tally {
    /// Matched by overlap: intersection over union at least 0.5.
    pub overlap: Matched,
    /// Matched, apart, by peak within the tolerance.
    pub peak: Matched,
    /// Matched, apart, by onset within one frame.
    pub onset_1_frame: Matched,
    /// Matched, apart, by onset within two frames.
    pub onset_2_frames: Matched,
    /// Findings on entries that the truth calls uncertain: neither for nor against.
    pub ignored: u32,
    /// Side right, of those matched by the leading rule whose side is rated.
    pub side: Share,
    /// Errors of the start, frames, of those matched by the leading rule.
    pub start_error_frames: Vec<f64>,
    /// Errors of the end, frames.
    pub end_error_frames: Vec<f64>,
    /// Errors of the start, seconds.
    pub start_error_s: Vec<f64>,
    /// Regions with their side, over the matched events whose contractions are rated.
    pub regions: Matched,
    /// Errors of each contraction's onset, frames.
    pub onset_error_frames: Vec<f64>,
    /// Contractions whose true onset lies inside the interval stated for it.
    pub onset_interval: Share,
    /// Pairs of regions in order.
    pub order: Order,
    /// Of each event that may be a contraction of one side: the probability that was given for it,
    /// and whether the truth has one of that side at the time.
    pub given: Vec<(f64, bool)>,
}

/// Upper bounds of the bins of the probability that is given for a contraction of one side.
const GIVEN_TO: [f64; 6] = [0.1, 0.3, 0.5, 0.7, 0.9, 1.0];

/// Found, false and missed.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Matched {
    /// True and found.
    pub found: u32,
    /// Found but not true.
    pub false_alarms: u32,
    /// True but not found.
    pub missed: u32,
}

/// So many of so many.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Share {
    /// Those that hold.
    pub count: u32,
    /// All.
    pub of: u32,
}

/// Pairs of regions inside matched events, by true and by found order.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub struct Order {
    /// The same order, or tied in both.
    pub right: u32,
    /// Ordered in truth, tied as found.
    pub unresolved: u32,
    /// Tied in truth, ordered as found.
    pub invented: u32,
    /// The opposite order.
    pub reversed: u32,
}

impl Order {
    /// Right, of all pairs.
    #[must_use]
    pub fn share(&self) -> Share {
        let of = self.right + self.unresolved + self.invented + self.reversed;
        Share { count: self.right, of }
    }
}

/// A proportion with its 95 % Wilson interval (Wilson 1927).
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Proportion {
    /// The proportion, 0 to 1.
    pub value: f64,
    /// Its interval.
    pub ci: [f64; 2],
}

impl Share {
    /// The proportion; `None` of nothing.
    #[must_use]
    pub fn proportion(self) -> Option<Proportion> {
        /// Two-sided 95 % point of the normal distribution.
        const Z: f64 = 1.959_964;
        if self.of == 0 {
            return None;
        }
        let (n, value) = (f64::from(self.of), f64::from(self.count) / f64::from(self.of));
        let centre = (value + Z * Z / (2.0 * n)) / (1.0 + Z * Z / n);
        let spread = (value * (1.0 - value) / n + Z * Z / (4.0 * n * n)).sqrt();
        let half = Z / (1.0 + Z * Z / n) * spread;
        let ci = [(centre - half).max(0.0), (centre + half).min(1.0)];
        Some(Proportion { value, ci })
    }

    pub(super) fn tell(&mut self, holds: bool) {
        self.count += u32::from(holds);
        self.of += 1;
    }
}

impl Matched {
    /// True ones among those found; `None` where nothing was found.
    #[must_use]
    pub fn precision(self) -> Option<Proportion> {
        Share { count: self.found, of: self.found + self.false_alarms }.proportion()
    }

    /// Found ones among those true; `None` where nothing is true.
    #[must_use]
    pub fn recall(self) -> Option<Proportion> {
        Share { count: self.found, of: self.found + self.missed }.proportion()
    }

    /// Harmonic mean of precision and recall; `None` where nothing was found and nothing is true.
    /// Its interval is that of the share of found ones among all found or true, p, carried through
    /// `F1 = 2p / (1 + p)`.
    #[must_use]
    pub fn f1(self) -> Option<Proportion> {
        let share = Share { count: self.found, of: self.found + self.false_alarms + self.missed };
        let f1 = |p: f64| 2.0 * p / (1.0 + p);
        share.proportion().map(|p| Proportion { value: f1(p.value), ci: p.ci.map(f1) })
    }
}

impl Tally {
    /// Counts by the leading rule.
    #[must_use]
    pub fn matched(&self, by: MatchBy) -> Matched {
        match by {
            MatchBy::Overlap => self.overlap,
            MatchBy::Peak => self.peak,
        }
    }

    pub(super) fn tell_side(&mut self, right: bool) {
        self.side.tell(right);
    }

    /// How often what was given these probabilities was true, for each bin that holds any: its
    /// bounds, the mean of what was given, and the truth.
    #[must_use]
    pub fn reliability(&self) -> Vec<([f64; 2], f64, Share)> {
        let bin = |number: usize| {
            let within = |given: f64| GIVEN_TO.iter().position(|to| given <= *to) == Some(number);
            let own: Vec<&(f64, bool)> =
                self.given.iter().filter(|(given, _)| within(*given)).collect();
            let mean = own.iter().map(|(given, _)| given).sum::<f64>() / own.len() as f64;
            let mut share = Share::default();
            own.iter().for_each(|(_, holds)| share.tell(*holds));
            let from = number.checked_sub(1).map_or(0.0, |before| GIVEN_TO[before]);
            (!own.is_empty()).then_some(([from, GIVEN_TO[number]], mean, share))
        };
        (0..GIVEN_TO.len()).filter_map(bin).collect()
    }

    pub(super) fn tell_interval(&mut self, holds: bool) {
        self.onset_interval.tell(holds);
    }
}

/// The value below which a part of the magnitudes lies, between neighbours linearly.
pub(super) fn magnitude_quantile(errors: &[f64], part: f64) -> Option<f64> {
    quantile(errors.iter().map(|error| error.abs()).collect(), part)
}

/// The median of the errors as they are: the bias.
pub(super) fn bias(errors: &[f64]) -> Option<f64> {
    quantile(errors.to_vec(), 0.5)
}

fn quantile(mut values: Vec<f64>, part: f64) -> Option<f64> {
    values.sort_by(f64::total_cmp);
    let at = part * values.len().checked_sub(1)? as f64;
    let (low, high) = (values[at.floor() as usize], values[at.ceil() as usize]);
    Some(low + (high - low) * at.fract())
}

/// Median, 95th percentile and bias of errors.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Errors {
    /// How many errors.
    pub count: usize,
    /// Median of the magnitudes.
    pub median: f64,
    /// 95th percentile of the magnitudes.
    pub p95: f64,
    /// Median of the errors with their sign.
    pub bias: f64,
}

impl Errors {
    /// The figures of these errors; `None` of none.
    #[must_use]
    pub fn of(errors: &[f64]) -> Option<Self> {
        Some(Self {
            count: errors.len(),
            median: magnitude_quantile(errors, 0.5)?,
            p95: magnitude_quantile(errors, 0.95)?,
            bias: bias(errors)?,
        })
    }
}

impl AddAssign<&Score> for Score {
    fn add_assign(&mut self, other: &Score) {
        self.recordings += other.recordings;
        add(&mut self.blinks, other.blinks.as_ref());
        add(&mut self.events, other.events.as_ref());
        if let Some(share) = other.rated_blinks {
            *self.rated_blinks.get_or_insert_default() += share;
        }
        if let Some(listed) = other.listed {
            let sum = self.listed.get_or_insert_default();
            sum.outside.count += listed.outside.count;
            sum.outside.minutes += listed.outside.minutes;
            sum.told += listed.told;
        }
        if let Some(labels) = &other.labels {
            let sum = self.labels.get_or_insert_default();
            sum.expected += labels.expected;
            for (label, count) in &labels.unexpected {
                *sum.unexpected.entry(*label).or_default() += count;
            }
        }
        if let Some(hidden) = &other.hidden {
            self.hidden.get_or_insert_default().add(hidden);
        }
        if let Some(mirror) = other.mirror {
            *self.mirror.get_or_insert_default() += mirror;
        }
        let mut counts: BTreeMap<(Label, Label), u32> = BTreeMap::new();
        for pattern in self.patterns.iter().chain(&other.patterns) {
            *counts.entry((pattern.truth, pattern.found)).or_default() += pattern.count;
        }
        self.patterns = counts
            .into_iter()
            .map(|((truth, found), count)| PatternCount { truth, found, count })
            .collect();
    }
}

fn add(sum: &mut Option<Tally>, other: Option<&Tally>) {
    if let Some(other) = other {
        *sum.get_or_insert_default() += other;
    }
}

impl AddAssign<&Tally> for Tally {
    fn add_assign(&mut self, other: &Tally) {
        self.overlap += other.overlap;
        self.peak += other.peak;
        self.onset_1_frame += other.onset_1_frame;
        self.onset_2_frames += other.onset_2_frames;
        self.ignored += other.ignored;
        self.side += other.side;
        self.start_error_frames.extend(&other.start_error_frames);
        self.end_error_frames.extend(&other.end_error_frames);
        self.start_error_s.extend(&other.start_error_s);
        self.regions += other.regions;
        self.onset_error_frames.extend(&other.onset_error_frames);
        self.onset_interval += other.onset_interval;
        self.order.right += other.order.right;
        self.order.unresolved += other.order.unresolved;
        self.order.invented += other.order.invented;
        self.order.reversed += other.order.reversed;
        self.given.extend(&other.given);
    }
}

impl AddAssign for Matched {
    fn add_assign(&mut self, other: Self) {
        self.found += other.found;
        self.false_alarms += other.false_alarms;
        self.missed += other.missed;
    }
}

impl AddAssign for Share {
    fn add_assign(&mut self, other: Self) {
        self.count += other.count;
        self.of += other.of;
    }
}

impl Serialize for Matched {
    fn serialize<S: serde::Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        #[derive(Serialize)]
        struct Written {
            found: u32,
            #[serde(rename = "false")]
            false_alarms: u32,
            missed: u32,
            precision: Option<Proportion>,
            recall: Option<Proportion>,
            f1: Option<Proportion>,
        }
        Written {
            found: self.found,
            false_alarms: self.false_alarms,
            missed: self.missed,
            precision: self.precision(),
            recall: self.recall(),
            f1: self.f1(),
        }
        .serialize(to)
    }
}

impl Serialize for Share {
    fn serialize<S: serde::Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        #[derive(Serialize)]
        struct Written {
            count: u32,
            of: u32,
            proportion: Option<Proportion>,
        }
        Written { count: self.count, of: self.of, proportion: self.proportion() }.serialize(to)
    }
}

impl Serialize for Rate {
    fn serialize<S: serde::Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        #[derive(Serialize)]
        struct Written {
            count: u32,
            minutes: f64,
            per_minute: Option<Proportion>,
        }
        let Self { count, minutes } = *self;
        Written { count, minutes, per_minute: self.per_minute() }.serialize(to)
    }
}

impl Serialize for Tally {
    fn serialize<S: serde::Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        #[derive(Serialize)]
        struct Written {
            overlap: Matched,
            peak: Matched,
            onset_1_frame: Matched,
            onset_2_frames: Matched,
            ignored: u32,
            side: Share,
            start_error_frames: Option<Errors>,
            end_error_frames: Option<Errors>,
            start_error_s: Option<Errors>,
            regions: Matched,
            onset_error_frames: Option<Errors>,
            onset_interval: Share,
            order: Order,
            order_right: Share,
        }
        Written {
            overlap: self.overlap,
            peak: self.peak,
            onset_1_frame: self.onset_1_frame,
            onset_2_frames: self.onset_2_frames,
            ignored: self.ignored,
            side: self.side,
            start_error_frames: Errors::of(&self.start_error_frames),
            end_error_frames: Errors::of(&self.end_error_frames),
            start_error_s: Errors::of(&self.start_error_s),
            regions: self.regions,
            onset_error_frames: Errors::of(&self.onset_error_frames),
            onset_interval: self.onset_interval,
            order: self.order,
            order_right: self.order.share(),
        }
        .serialize(to)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_given_is_held_against_how_often_it_was_true() {
        let given = vec![(0.0, false), (0.05, false), (0.8, true), (0.85, false), (0.9, true)];
        let tally = Tally { given, ..Tally::default() };
        let bins = tally.reliability();
        let counts: Vec<(f64, u32, u32)> =
            bins.iter().map(|([_, to], _, share)| (*to, share.count, share.of)).collect();
        assert_eq!(counts, [(0.1, 0, 2), (0.9, 2, 3)]);
        assert!((bins[1].1 - 0.85).abs() < 1e-9);
    }
}
