//! What the whole recording looks like: one of nine labels, with its evidence.
//!
//! Facts are drawn from the findings of the event stage, each piece of evidence weighs them in
//! favour of or against the labels, and the sum is the ranking. The rival of every disorder is
//! `none`, movement on purpose and of daily life: talk around the events, a rhythm as on purpose and
//! a weak other side speak for it. Where the recording does not carry an answer the label is
//! `indeterminate`, with the reason and with what would settle it.
//!
//! The scores are calibrated on simulated recordings in which every label is equally frequent:
//! they rank what was seen, and are no probability of a disease.

mod date;
mod decide;
mod evidence;
mod facts;
mod history;
mod label;
mod locking;
mod next_step;
mod signs;
mod told;
mod treatment;
mod weakness;
mod weigh;

pub use date::Date;
pub use history::{HISTORY_SCHEMA, History, HistoryError, Response, Symptom};
pub use label::Label;
pub use next_step::NextStep;
pub use weakness::{WeakPart, Weakness};

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::event::Findings;
use crate::thresholds::PatternThresholds;
use decide::{Answer, Decision};
use evidence::Teller;
use facts::Facts;

/// The weighing of the whole recording.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Pattern {
    /// The label that fits best.
    pub label: Label,
    /// Why this label, in one sentence.
    #[serde(default)]
    pub reason: String,
    /// The same, reason by reason: three at most, the strongest first.
    #[serde(default)]
    pub reasons: Vec<String>,
    /// Why this label rather than the next; `None` where no pattern is named.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub preferred: Option<String>,
    /// The side that moves less than its fellow, where one does.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub weakness: Option<Weakness>,
    /// Every label that was weighed, best first; empty where nothing could be weighed.
    pub ranked: Vec<Ranked>,
    /// What spoke for and against, the strongest first.
    pub evidence: Vec<Evidence>,
    /// What would best separate the two leading labels, the most telling first.
    #[serde(default)]
    pub next_steps: Vec<NextStep>,
}

/// A label with its score.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Ranked {
    /// The label.
    pub label: Label,
    /// Its score, 0 to 1; the scores of a ranking sum to 1.
    pub score: f64,
}

/// One finding and what it says about the labels.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Evidence {
    /// What was looked at, in plain words.
    pub finding: String,
    /// What was found.
    pub value: EvidenceValue,
    /// Labels it speaks for.
    #[serde(rename = "for")]
    pub in_favour: Vec<Label>,
    /// Labels it speaks against.
    pub against: Vec<Label>,
    /// How strongly, as the log-likelihood ratio between the label it favours most and the one
    /// it favours least, in nats; 0 where it only informs.
    pub weight: f64,
    /// The weight on each label that is concerned, in nats; only differences count.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub weights: BTreeMap<Label, f64>,
    /// Where the weight comes from.
    pub source: String,
}

/// A figure, a yes or no, or a word.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum EvidenceValue {
    /// Yes or no.
    Flag(bool),
    /// A figure.
    Number(f64),
    /// A word.
    Text(String),
}

/// Weighs the findings of a recording with `usable_s` seconds of usable video.
///
/// # Example
/// ```
/// use spasmograph::{event::Findings, pattern::{Label, assess}, thresholds::PatternThresholds};
/// let thresholds = PatternThresholds::default();
/// assert_eq!(assess(&Findings::default(), 90.0, &thresholds).label, Label::None);
/// assert_eq!(assess(&Findings::default(), 5.0, &thresholds).label, Label::Indeterminate);
/// ```
#[must_use]
pub fn assess(findings: &Findings, usable_s: f64, thresholds: &PatternThresholds) -> Pattern {
    assess_with_history(findings, usable_s, None, thresholds)
}

/// Weighs the findings of a recording together with what is known beyond it.
#[must_use]
pub fn assess_with_history(
    findings: &Findings,
    usable_s: f64,
    history: Option<&History>,
    thresholds: &PatternThresholds,
) -> Pattern {
    Known { history, visits: None, of_visits: false }.assess(findings, usable_s, thresholds)
}

/// Weighs the findings of several visits as of one recording, together with what is known beyond them
/// and with what their comparison tells in the manner of a history.
pub(crate) fn assess_visits(
    findings: &Findings,
    usable_s: f64,
    history: Option<&History>,
    told: Option<&History>,
    thresholds: &PatternThresholds,
) -> Pattern {
    Known { history, visits: told, of_visits: true }.assess(findings, usable_s, thresholds)
}

/// What is known beyond what was seen.
#[derive(Debug, Clone, Copy)]
struct Known<'a> {
    history: Option<&'a History>,
    /// What several visits tell.
    visits: Option<&'a History>,
    /// What was seen is that of several visits.
    of_visits: bool,
}

impl Known<'_> {
    fn assess(self, findings: &Findings, usable_s: f64, t: &PatternThresholds) -> Pattern {
        let facts = Facts::new(findings, usable_s);
        let mut clues = if usable_s > 0.0 { evidence::of_recording(&facts) } else { Vec::new() };
        let told = [(self.history, Teller::History), (self.visits, Teller::Visits)];
        for (own, teller) in told {
            clues.extend(own.map(|own| told::of_history(own, teller)).unwrap_or_default());
        }
        let enough = usable_s >= t.min_usable_s;
        let ranked = if enough { weigh::rank(&clues, t) } else { Vec::new() };
        let answer = Decision { facts: &facts, ranked: &ranked, clues: &clues, known: self, t };
        let Answer { label, reasons, preferred } = answer.decide();
        let next_steps = next_step::next_steps(&facts, &ranked, &clues, self);
        let (reason, evidence) = (reasons.join("; "), weigh::report(&clues));
        let weakness = facts.weakness;
        Pattern { label, reason, reasons, preferred, weakness, ranked, evidence, next_steps }
    }

    /// Something tells where it began.
    fn tells_the_first(self) -> bool {
        [self.history, self.visits].into_iter().flatten().any(|own| own.first_symptom.is_some())
    }
}
