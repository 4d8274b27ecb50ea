//! What would best separate the two leading labels: an examination, a question, or a better
//! recording.

use serde::{Deserialize, Serialize};

use super::evidence::{BOUND, Clue, Weights};
use super::facts::Facts;
use super::told::{ENTRIES, FIRST};
use super::{Known, Label, Ranked};

/// Longest rest recording that is proposed, seconds (judgment).
const LONG_REST_S: f64 = 180.0;

/// Least gain that is worth naming, nats (judgment).
const WORTH_NAMING: f64 = 0.1;

/// Part of the recordings with movement locked to declared tasks, in the order of
/// [`Label::WEIGHED`]: all after palsy, some in hemifacial spasm but seldom with every movement
/// (doi 10.1016/j.neucli.2024.103019; shares: judgment).
const LOCKED: Weights = [0.08, 0.08, 0.1, 0.05, 0.03, 0.03, 0.97, 0.02];

/// Something to do next, and how much it would tell.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct NextStep {
    /// What to do.
    pub step: String,
    /// The two labels that it helps to separate.
    pub separates: [Label; 2],
    /// How far it is expected to move the two apart, nats (the divergence of its outcomes under
    /// the two labels, half in each direction).
    pub gain: f64,
}

/// Steps that would separate the two leading labels, the most telling first.
pub(super) fn next_steps(
    facts: &Facts,
    ranked: &[Ranked],
    clues: &[Clue],
    known: Known<'_>,
) -> Vec<NextStep> {
    let [first, second, ..] = ranked else { return Vec::new() };
    let pair = [first.label, second.label];
    let [Some(a), Some(b)] = pair.map(Label::position) else { return Vec::new() };
    let mut steps: Vec<(String, f64)> = ENTRIES
        .iter()
        .filter(|entry| known.history.is_none_or(|h| (entry.answer)(h).is_none()))
        .map(|entry| {
            (entry.step.to_owned(), divergence(&[entry.yes, entry.yes.map(|p| 1.0 - p)], a, b))
        })
        .collect();
    if !known.tells_the_first() {
        let step = "asking where on the face it began, and what joined later";
        steps.push((step.to_owned(), divergence(&FIRST, a, b)));
    }
    if !facts.locking.declared {
        let step = "a recording with voluntary tasks and their protocol file (close the eyes, \
                    smile, purse the lips, three times each)";
        let gain = divergence(&[LOCKED, LOCKED.map(|p| 1.0 - p)], a, b);
        steps.push((step.to_owned(), gain));
    }
    steps.push((
        format!("a longer recording at rest ({LONG_REST_S:.0} s)"),
        longer(facts, clues, a, b),
    ));
    if pair.contains(&Label::TypicalHfs) && pair.contains(&Label::AtypicalHfs) {
        // Each event ordered at last would say as much as one ordered now.
        let gain = (0.5 * f64::from(facts.unordered) * 6.0_f64.ln()).min(BOUND);
        steps.push(("a recording at 120 frames a second or more".to_owned(), gain));
    }
    let mut steps: Vec<NextStep> = steps
        .into_iter()
        .filter(|(_, gain)| *gain >= WORTH_NAMING)
        .map(|(step, gain)| {
            let gain = (gain * 100.0).round() / 100.0;
            NextStep { step, separates: pair, gain }
        })
        .collect();
    steps.sort_by(|a, b| b.gain.total_cmp(&a.gain));
    steps
}

/// Expected weight of an examination's outcome for the one label when it is true and for the
/// other when that is, mean of both, nats. `outcomes` holds how often each is met under each
/// label.
fn divergence(outcomes: &[Weights], a: usize, b: usize) -> f64 {
    0.5 * outcomes.iter().map(|p| (p[a] - p[b]) * (p[a] / p[b]).ln()).sum::<f64>()
}

/// What more of the same would add: the evidence so far, grown with the length of the recording.
fn longer(facts: &Facts, clues: &[Clue], a: usize, b: usize) -> f64 {
    if facts.usable_s <= 0.0 || facts.usable_s >= LONG_REST_S {
        return 0.0;
    }
    let so_far: f64 = clues
        .iter()
        .filter(|clue| clue.told.is_none())
        .map(|clue| clue.weights[a] - clue.weights[b])
        .sum();
    (so_far.abs() * (LONG_REST_S / facts.usable_s - 1.0)).min(0.5 * BOUND)
}
