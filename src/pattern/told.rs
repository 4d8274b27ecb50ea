//! What the history says of each label: tables of how often each entry is found, from which
//! both the weights and the worth of an examination not yet made are computed.

use super::evidence::{Clue, Teller, Weights};
use super::treatment::Treatment;
use super::{EvidenceValue, History, Label, Response};
use crate::anatomy::Region;

/// An entry that is so or not, and how often it is so under each label, in the order of
/// [`Label::WEIGHED`].
#[derive(Debug, Clone, Copy)]
pub(super) struct Entry {
    /// What to ask, examine or try.
    pub(super) step: &'static str,
    pub(super) finding: &'static str,
    pub(super) source: &'static str,
    pub(super) yes: Weights,
    pub(super) answer: fn(&History) -> Option<bool>,
}

/// All entries with two answers.
pub(super) const ENTRIES: [Entry; 10] = [
    Entry {
        step: "the history of facial palsy",
        finding: "facial palsy earlier in life",
        source: "sequelae of palsy have a definite history of it (source article); shares: judgment",
        yes: [0.05, 0.05, 0.04, 0.03, 0.03, 0.03, 0.95, 0.03],
        answer: |h| h.facial_palsy,
    },
    Entry {
        step: "EMG for the abnormal muscle response (AMR) and lateral spread (LSR)",
        finding: "abnormal muscle response or lateral spread on EMG",
        source: "electrophysiology for unclear cases (source article); Lee 1992; shares: judgment",
        yes: [0.9, 0.9, 0.9, 0.04, 0.03, 0.03, 0.35, 0.03],
        answer: |h| h.lateral_spread,
    },
    Entry {
        step: "CT or MRI for a vessel at the facial nerve's root",
        finding: "neurovascular contact on imaging",
        source: "imaging for unclear cases (source article); shares: judgment, as healthy people \
                 have contacts too",
        yes: [0.85, 0.85, 0.8, 0.3, 0.3, 0.3, 0.3, 0.3],
        answer: |h| h.neurovascular_contact,
    },
    Entry {
        step: "the carbamazepine trial",
        finding: "good response to carbamazepine",
        source: "effective early in most (source article); shares: judgment",
        yes: [0.7, 0.7, 0.65, 0.2, 0.2, 0.3, 0.2, 0.4],
        answer: |h| h.carbamazepine.map(|response| response == Response::Good),
    },
    Entry {
        step: "asking for noise in the ear",
        finding: "noise in the ear",
        source: "may come with hemifacial spasm (source article); shares: judgment",
        yes: [0.2, 0.2, 0.2, 0.1, 0.1, 0.1, 0.1, 0.1],
        answer: |h| h.ear_noise,
    },
    Entry {
        step: "asking for trouble opening the eyes",
        finding: "trouble opening the eyes as told",
        source: "double eyelid spasm, at times hemifacial spasm (source article); shares: judgment",
        yes: [0.3, 0.2, 0.35, 0.75, 0.75, 0.05, 0.1, 0.05],
        answer: |h| h.trouble_opening_eyes,
    },
    Entry {
        step: "a test of the tears",
        finding: "dry eyes",
        source: "reduced tears in double eyelid spasm (source article); shares: judgment",
        yes: [0.15, 0.15, 0.15, 0.4, 0.5, 0.15, 0.2, 0.15],
        answer: |h| h.dry_eyes,
    },
    Entry {
        step: "trying whether a touch brings relief",
        finding: "a sensory trick brings relief",
        source: "part of the rule for blepharospasm (Defazio 2013); shares: judgment",
        yes: [0.05, 0.05, 0.05, 0.55, 0.55, 0.15, 0.03, 0.03],
        answer: |h| h.sensory_trick,
    },
    Entry {
        step: "looking at neck and limbs",
        finding: "neck or limbs take part",
        source: "Meige spreads even to neck and limbs (source article); shares: judgment",
        yes: [0.03, 0.03, 0.03, 0.4, 0.12, 0.08, 0.03, 0.02],
        answer: |h| h.neck_or_limbs,
    },
    Entry {
        step: "asking for grinding of the teeth",
        finding: "grinding of the teeth or trouble opening the mouth",
        source: "masticatory spasm (source article); shares: judgment",
        yes: [0.1, 0.1, 0.1, 0.3, 0.15, 0.8, 0.1, 0.1],
        answer: |h| h.tooth_grinding,
    },
];

/// How often each part is the first, in the order of [`Label::WEIGHED`]: lids, cheek or mouth,
/// jaw, forehead.
pub(super) const FIRST: [Weights; 4] = [
    [0.93, 0.04, 0.7, 0.75, 0.94, 0.05, 0.4, 0.5],
    [0.04, 0.92, 0.25, 0.12, 0.02, 0.1, 0.55, 0.3],
    [0.01, 0.02, 0.02, 0.12, 0.01, 0.83, 0.03, 0.1],
    [0.02, 0.02, 0.03, 0.01, 0.03, 0.02, 0.02, 0.1],
];

const FIRST_SOURCE: &str = "typical begins at the lids, atypical below (source article); lids \
                            first in 65 % of 164 primary (PMID 16533973); shares: judgment";

/// What the history says, or what several visits say in its place.
pub(super) fn of_history(history: &History, teller: Teller) -> Vec<Clue> {
    let mut clues: Vec<Clue> = ENTRIES.iter().filter_map(|entry| entry.clue(history)).collect();
    clues.extend(first_symptom(history));
    clues.extend(later_regions(history));
    clues.extend(both_sides(history));
    clues.extend(treatment(history));
    clues.into_iter().map(|clue| clue.told(teller)).collect()
}

impl Entry {
    fn clue(&self, history: &History) -> Option<Clue> {
        let answer = (self.answer)(history)?;
        let shares = if answer { self.yes } else { self.yes.map(|p| 1.0 - p) };
        Some(clue(self.finding, EvidenceValue::Flag(answer), self.source, &shares))
    }
}

/// The weights of a finding from how often it is made under each label.
fn clue(finding: &str, value: EvidenceValue, source: &'static str, shares: &Weights) -> Clue {
    let logs = shares.map(f64::ln);
    let (low, high) =
        logs.iter().fold((f64::MAX, f64::MIN), |(low, high), w| (low.min(*w), high.max(*w)));
    let centre = 0.5 * (low + high);
    Clue::new(finding, value, source, |label| label.position().map_or(0.0, |i| logs[i] - centre))
}

fn first_symptom(history: &History) -> Option<Clue> {
    let first = history.first_symptom.as_ref()?;
    let row = match first.region {
        Region::Periocular => 0,
        Region::Cheek | Region::MouthCorner => 1,
        Region::Jaw => 2,
        Region::Forehead => 3,
    };
    let value = EvidenceValue::Text(first.region.name().replace('_', " "));
    Some(clue("where it began", value, FIRST_SOURCE, &FIRST[row]))
}

/// Height of a region on the face: lids above cheek above mouth.
pub(super) const fn height(region: Region) -> Option<i32> {
    match region {
        Region::Periocular => Some(2),
        Region::Cheek => Some(1),
        Region::MouthCorner => Some(0),
        Region::Forehead | Region::Jaw => None,
    }
}

fn later_regions(history: &History) -> Option<Clue> {
    let first = history.first_symptom.as_ref()?;
    let start = height(first.region)?;
    let steps = history.later_regions.iter().filter(|later| {
        let dated = later.date.as_ref().zip(first.date.as_ref());
        dated.is_none_or(|(later, first)| !later.is_before(first))
    });
    let (mut down, mut up) = (0_u32, 0_u32);
    for later in steps.filter_map(|later| height(later.region)) {
        down += u32::from(later < start);
        up += u32::from(later > start);
    }
    if down == up {
        return None;
    }
    let w = if down > up { 1.5 } else { -1.5 };
    Some(Clue::new(
        "direction in which it spread",
        EvidenceValue::Text(if down > up { "downward" } else { "upward" }.to_owned()),
        "typical develops downward, atypical upward (source article); weight: judgment",
        |label| match label {
            Label::TypicalHfs => w,
            Label::AtypicalHfs => -w,
            _ => 0.0,
        },
    ))
}

fn treatment(history: &History) -> Option<Clue> {
    let value = match history.treatment()? {
        Treatment::AtWork(date, months) => {
            format!("{}, {months:.1} months before this recording", date.as_str())
        }
        Treatment::Undated(date) => {
            format!("{}, how long before this recording is not known", date.as_str())
        }
    };
    Some(Clue::new(
        "botulinum treatment that may hide movement",
        EvidenceValue::Text(value),
        "quiet muscles tell less after treatment; weight: judgment",
        |label| if label == Label::None { -1.0 } else { 0.0 },
    ))
}

fn both_sides(history: &History) -> Option<Clue> {
    let first = history.first_symptom.as_ref()?.side?;
    let across = history.later_regions.iter().any(|later| later.side == Some(first.opposite()));
    across.then(|| {
        Clue::new(
            "the other side joined later",
            EvidenceValue::Flag(true),
            "second side a mean 8.4 years later (Mov Disord 1999;14:345); weight: judgment",
            |label| match label {
                Label::BilateralHfs => 1.5,
                Label::TypicalHfs | Label::AtypicalHfs => -1.0,
                _ => 0.0,
            },
        )
    })
}
