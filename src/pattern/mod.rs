//! What the whole recording looks like: one of nine labels, with its evidence.
//!
//! First version: [`assess`] says `none` where enough usable recording shows no involuntary
//! event, and `indeterminate` with the reason everywhere else. It weighs no pattern against
//! another yet.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::event::{EventKind, Findings};
use crate::thresholds::PatternThresholds;

/// What the whole recording looks like.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Label {
    /// Hemifacial spasm that begins at the lids and goes downward.
    TypicalHfs,
    /// Hemifacial spasm that begins in the lower face and goes upward.
    AtypicalHfs,
    /// Hemifacial spasm of both sides, asynchronous and unequal.
    BilateralHfs,
    /// Both lids together with lower-face or jaw movement on both sides.
    MeigeLike,
    /// Both lids together, nothing below.
    BlepharospasmLike,
    /// Jaw spasm with quiet lids.
    MasticatoryLike,
    /// Locked to voluntary movement, after facial palsy.
    SynkinesisLike,
    /// Blinks and expressions only.
    None,
    /// Cannot be told from this recording.
    Indeterminate,
}

impl Label {
    /// All labels, in the order of DESIGN section 4.
    pub const ALL: [Self; 9] = [
        Self::TypicalHfs,
        Self::AtypicalHfs,
        Self::BilateralHfs,
        Self::MeigeLike,
        Self::BlepharospasmLike,
        Self::MasticatoryLike,
        Self::SynkinesisLike,
        Self::None,
        Self::Indeterminate,
    ];

    /// The name used in files, e.g. `typical_hfs`.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::TypicalHfs => "typical_hfs",
            Self::AtypicalHfs => "atypical_hfs",
            Self::BilateralHfs => "bilateral_hfs",
            Self::MeigeLike => "meige_like",
            Self::BlepharospasmLike => "blepharospasm_like",
            Self::MasticatoryLike => "masticatory_like",
            Self::SynkinesisLike => "synkinesis_like",
            Self::None => "none",
            Self::Indeterminate => "indeterminate",
        }
    }
}

impl fmt::Display for Label {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// The weighing of the whole recording.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Pattern {
    /// The label that fits best.
    pub label: Label,
    /// Why this label, in one sentence.
    #[serde(default)]
    pub reason: String,
    /// Every label that was weighed, best first; empty where nothing could be weighed.
    pub ranked: Vec<Ranked>,
    /// What spoke for and against.
    pub evidence: Vec<Evidence>,
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
    /// How strongly, as a log-likelihood ratio in natural units; 0 where it only informs.
    pub weight: f64,
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
    let count =
        |kinds: &[EventKind]| findings.events.iter().filter(|e| kinds.contains(&e.kind)).count();
    let involuntary = count(&[EventKind::Twitch, EventKind::Spasm]);
    let open = count(&[EventKind::Closure, EventKind::Uncertain]);
    let enough = usable_s >= thresholds.none_min_usable_s;
    let (label, reason) = if involuntary > 0 {
        (
            Label::Indeterminate,
            format!(
                "{} found; this version measures events but does not weigh the patterns",
                events(involuntary)
            ),
        )
    } else if open > 0 {
        (
            Label::Indeterminate,
            format!("{} could not be told from voluntary movement", events(open)),
        )
    } else if enough {
        (Label::None, format!("no involuntary event in {usable_s:.0} s of usable video"))
    } else {
        (
            Label::Indeterminate,
            format!(
                "only {usable_s:.0} s of usable video; at least {:.0} s are needed to say that \
                 there is nothing",
                thresholds.none_min_usable_s
            ),
        )
    };
    let evidence = vec![
        Evidence {
            finding: "involuntary events (twitches and spasms)".to_owned(),
            value: EvidenceValue::Number(involuntary as f64),
            in_favour: if involuntary == 0 && enough { vec![Label::None] } else { vec![] },
            against: if involuntary > 0 { vec![Label::None] } else { vec![] },
            weight: 0.0,
            source: "rule of this first version".to_owned(),
        },
        Evidence {
            finding: "usable video, seconds".to_owned(),
            value: EvidenceValue::Number((usable_s * 10.0).round() / 10.0),
            in_favour: if enough { vec![] } else { vec![Label::Indeterminate] },
            against: vec![],
            weight: 0.0,
            source: "rule of this first version".to_owned(),
        },
    ];
    Pattern { label, reason, ranked: vec![], evidence }
}

fn events(count: usize) -> String {
    if count == 1 { "1 event".to_owned() } else { format!("{count} events") }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::event::{Event, Laterality};

    fn event(kind: EventKind) -> Event {
        Event {
            id: 1,
            kind,
            side: Laterality::Left,
            start_s: 1.0,
            peak_s: 1.1,
            end_s: 1.2,
            contractions: vec![],
            spread: vec![],
            other_babinski: false,
            reason: String::new(),
            lags: vec![],
            task: None,
        }
    }

    #[test]
    fn an_involuntary_event_rules_out_none_however_long_the_recording() {
        let findings = Findings { events: vec![event(EventKind::Twitch)], ..Findings::default() };
        let pattern = assess(&findings, 600.0, &PatternThresholds::default());
        assert_eq!(pattern.label, Label::Indeterminate);
        assert_eq!(pattern.evidence[0].against, [Label::None]);
    }

    #[test]
    fn expressions_alone_leave_none_possible() {
        let findings =
            Findings { events: vec![event(EventKind::Expression)], ..Findings::default() };
        assert_eq!(assess(&findings, 60.0, &PatternThresholds::default()).label, Label::None);
    }

    #[test]
    fn label_names_are_the_names_in_files() {
        for label in Label::ALL {
            assert_eq!(serde_json::json!(label), serde_json::json!(label.name()));
        }
    }
}
