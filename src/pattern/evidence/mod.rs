//! Evidence: each a small function from the facts to a bounded weight for every label.
//!
//! A weight is the logarithm of how much likelier the finding is under one label than under
//! another, in nats; only differences between labels count. Every function states where its
//! figures come from; those marked "judgment" are this project's own.

mod jaw;
mod lids;
mod onset;
mod sides;
mod voluntary;

use super::Label::{AtypicalHfs, BilateralHfs, BlepharospasmLike, MeigeLike, TypicalHfs};
use super::facts::Facts;
use super::{EvidenceValue, Label};

/// The largest weight of one piece of evidence, nats: no finding alone says more than 55 to 1
/// (judgment).
pub(super) const BOUND: f64 = 4.0;

/// Position of a label in [`Label::WEIGHED`] is its position here.
pub(super) type Weights = [f64; Label::WEIGHED.len()];

/// One finding and how it weighs on every label.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Clue {
    pub(super) finding: String,
    pub(super) value: EvidenceValue,
    pub(super) weights: Weights,
    pub(super) source: &'static str,
    /// Told by the history, not seen in the recording.
    pub(super) told: bool,
}

impl Clue {
    pub(super) fn new(
        finding: impl Into<String>,
        value: EvidenceValue,
        source: &'static str,
        weight: impl Fn(Label) -> f64,
    ) -> Self {
        let weights = Label::WEIGHED.map(|label| weight(label).clamp(-BOUND, BOUND));
        Self { finding: finding.into(), value, weights, source, told: false }
    }

    /// The same, known from the history.
    pub(super) fn told(self) -> Self {
        Self { finding: format!("history: {}", self.finding), told: true, ..self }
    }
}

/// Everything that the facts of a recording say.
pub(super) fn of_recording(facts: &Facts) -> Vec<Clue> {
    [
        sides::one_sided_events,
        sides::sides_involved,
        sides::both_sides_are_rare,
        sides::unequal_sides,
        sides::sides_asynchronous,
        onset::several_regions,
        onset::order,
        onset::lone_region,
        onset::other_babinski,
        lids::closures,
        lids::lower_face_in_closures,
        lids::trouble_opening,
        lids::lids_together,
        lids::blink_rate,
        lids::weak_lid,
        jaw::jaw,
        jaw::jaw_rhythm,
        jaw::quiet_lids,
        voluntary::locked,
        voluntary::excursion,
        onset::spasm_time,
    ]
    .iter()
    .filter_map(|evidence| evidence(facts))
    .collect()
}

const fn is_hfs(label: Label) -> bool {
    matches!(label, TypicalHfs | AtypicalHfs | BilateralHfs)
}

const fn shuts_both_lids(label: Label) -> bool {
    matches!(label, MeigeLike | BlepharospasmLike)
}

fn number(value: impl Into<f64>) -> EvidenceValue {
    EvidenceValue::Number((value.into() * 100.0).round() / 100.0)
}

/// A part of a whole in words.
fn percent(share: f64) -> EvidenceValue {
    EvidenceValue::Text(format!("{:.0} %", 100.0 * share))
}

/// How much likelier `count` events in `minutes` are where they come `usual` times a minute,
/// give or take everything (geometric), than where they come `stray` times by mistake (Poisson).
fn more_than_stray(count: u32, minutes: f64, usual: f64, stray: f64) -> f64 {
    let n = f64::from(count);
    let mu = usual * minutes;
    let lambda = (stray * minutes).max(1e-6);
    let geometric = n * (mu / (1.0 + mu)).ln() - (1.0 + mu).ln();
    let factorial: f64 = (1..=count).map(|k| f64::from(k).ln()).sum();
    let poisson = n * lambda.ln() - lambda - factorial;
    geometric - poisson
}

/// The weight of a count of events for the labels that rest on such events: nothing to carry
/// them speaks against them the more, the longer was looked.
fn carried_by(count: u32, minutes: f64, usual: f64, stray: f64) -> f64 {
    if count == 0 {
        -BOUND * minutes.min(1.0)
    } else {
        more_than_stray(count, minutes, usual, stray).clamp(-BOUND, BOUND)
    }
}
