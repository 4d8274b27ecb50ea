//! From evidence to scores, and the evidence as it is reported.

use std::collections::BTreeMap;

use super::evidence::{Clue, FAMILY_BOUND};
use super::{Evidence, Label, Ranked};
use crate::thresholds::PatternThresholds;

/// Scores of the weighed labels, best first: the weights are summed, those of a family up to its
/// bound, divided by the temperature, and made to sum to 1. Every label starts with the same chance:
/// how often each is met depends on who is filmed, which no recording tells. A part is left to what
/// none of the labels says, and shared by all.
pub(super) fn rank(clues: &[Clue], t: &PatternThresholds) -> Vec<Ranked> {
    let sums: Vec<f64> = (0..Label::WEIGHED.len()).map(|i| sum(clues, i) / t.temperature).collect();
    let largest = sums.iter().copied().fold(f64::MIN, f64::max);
    let total: f64 = sums.iter().map(|sum| (sum - largest).exp()).sum();
    let each = t.unmodelled / Label::WEIGHED.len() as f64;
    let score = |sum: f64| each + (1.0 - t.unmodelled) * (sum - largest).exp() / total;
    let mut ranked: Vec<Ranked> = Label::WEIGHED
        .iter()
        .zip(sums)
        .map(|(&label, sum)| Ranked { label, score: score(sum) })
        .collect();
    ranked.sort_by(|a, b| b.score.total_cmp(&a.score));
    ranked
}

/// Everything that weighs on one label. Findings of one family follow from the same movements.
fn sum(clues: &[Clue], label: usize) -> f64 {
    let alone = clues.iter().filter(|clue| clue.family.is_none()).map(|clue| clue.weights[label]);
    let mut families = BTreeMap::<usize, f64>::new();
    for clue in clues {
        if let Some(family) = clue.family {
            *families.entry(family).or_default() += clue.weights[label];
        }
    }
    let families = families.into_values().map(|sum| sum.clamp(-FAMILY_BOUND, FAMILY_BOUND));
    alone.chain(families).sum()
}

/// Weight below which a label counts as not concerned, nats.
pub(super) const CONCERNED: f64 = 0.05;

/// The evidence as it is reported, the strongest first.
pub(super) fn report(clues: &[Clue]) -> Vec<Evidence> {
    let mut evidence: Vec<Evidence> = clues.iter().map(evidence).collect();
    evidence.sort_by(|a, b| b.weight.total_cmp(&a.weight));
    evidence
}

fn evidence(clue: &Clue) -> Evidence {
    let by_label = || Label::WEIGHED.into_iter().zip(clue.weights);
    let chosen = |sign: f64| by_label().filter(move |(_, w)| sign * w > CONCERNED).map(|(l, _)| l);
    let (low, high) =
        by_label().fold((0.0_f64, 0.0_f64), |(low, high), (_, w)| (low.min(w), high.max(w)));
    Evidence {
        finding: clue.finding.clone(),
        value: clue.value.clone(),
        in_favour: chosen(1.0).collect(),
        against: chosen(-1.0).collect(),
        weight: round(high - low),
        weights: by_label()
            .filter(|(_, w)| w.abs() > CONCERNED)
            .map(|(label, w)| (label, round(w)))
            .collect(),
        source: clue.source.to_owned(),
    }
}

fn round(weight: f64) -> f64 {
    (weight * 1000.0).round() / 1000.0
}
