//! From scores to a label, or to `indeterminate`, with the reason in a sentence.

use super::evidence::Clue;
use super::facts::Facts;
use super::treatment::Treatment;
use super::weigh::CONCERNED;
use super::{EvidenceValue, History, Label, Ranked};
use crate::thresholds::PatternThresholds;

/// Events that can carry a label, and those of them in a face at rest: what happens while a face
/// speaks is not told from what speech does to it with the certainty that a name needs.
fn carriers(facts: &Facts, label: Label) -> [u32; 2] {
    match label {
        Label::TypicalHfs | Label::AtypicalHfs | Label::BilateralHfs => {
            [facts.one_sided_count(), facts.at_rest]
        }
        Label::MeigeLike | Label::BlepharospasmLike => [facts.closures, facts.judged_closures],
        Label::MasticatoryLike => [facts.jaw, facts.jaw_at_rest],
        Label::SynkinesisLike => [facts.locking.count(); 2],
        Label::None | Label::Indeterminate => [0; 2],
    }
}

/// The label and the reason for it, in one sentence.
/// `ranked` is empty where too little was seen to weigh anything.
pub(super) fn decide(
    facts: &Facts,
    ranked: &[Ranked],
    clues: &[Clue],
    history: Option<&History>,
    t: &PatternThresholds,
) -> (Label, String) {
    let seconds = facts.usable_s;
    if seconds < t.min_usable_s {
        let reason = format!(
            "only {seconds:.1} s of usable video; at least {:.0} s are needed to weigh a pattern",
            t.min_usable_s
        );
        return (Label::Indeterminate, reason);
    }
    if facts.event_count() == 0 {
        return without_events(facts, history, t);
    }
    let [best, next, ..] = *ranked else {
        return (Label::Indeterminate, "nothing could be weighed".to_owned());
    };
    let chance = facts.locking.movements() <= 1;
    if best.label == Label::None && chance && facts.event_count() == facts.locking.count() {
        // What comes along with voluntary movement once, by chance, is no involuntary event.
        return without_events(facts, history, t);
    }
    if facts.kinds().iter().all(|count| *count < t.min_events) {
        return (Label::Indeterminate, too_few(facts, t));
    }
    if best.label == Label::None {
        let reason = format!(
            "{} in {seconds:.0} s could be what chance and voluntary movement bring",
            seen(facts)
        );
        return (Label::Indeterminate, reason);
    }
    let [count, at_rest] = carriers(facts, best.label);
    if count < t.min_events && best.score >= t.min_score {
        let reason = format!(
            "{} fits best ({:.0} %) but rests on too few events ({count}; at least {} are needed): \
             {} in {seconds:.0} s",
            best.label.words(),
            100.0 * best.score,
            t.min_events,
            seen(facts)
        );
        return (Label::Indeterminate, reason);
    }
    if at_rest < t.min_events && best.score >= t.min_score {
        let reason = format!(
            "{} fits best ({:.0} %) but only {at_rest} of its {count} events came while the face \
             was at rest (at least {} are needed); 60 s at rest without talking would settle it",
            best.label.words(),
            100.0 * best.score,
            t.min_events
        );
        return (Label::Indeterminate, reason);
    }
    let pair = [best.label, next.label];
    let hfs = [Label::TypicalHfs, Label::AtypicalHfs];
    let sure = best.score >= t.min_score && best.score - next.score >= t.min_lead;
    if sure {
        return (best.label, explain(facts, best.label, clues));
    }
    if hfs.iter().all(|label| pair.contains(label)) && best.score + next.score >= t.min_score {
        return (Label::Indeterminate, unresolved_order(facts));
    }
    let reason = format!(
        "{} ({:.0} %) and {} ({:.0} %) cannot be told apart with enough certainty",
        best.label.words(),
        100.0 * best.score,
        next.label.words(),
        100.0 * next.score
    );
    (Label::Indeterminate, reason)
}

fn without_events(
    facts: &Facts,
    history: Option<&History>,
    t: &PatternThresholds,
) -> (Label, String) {
    let seconds = facts.usable_s;
    if seconds < t.none_min_usable_s {
        let reason = format!(
            "no involuntary event, but only {seconds:.1} s of usable video; at least {:.0} s are \
             needed to say that there is nothing",
            t.none_min_usable_s
        );
        return (Label::Indeterminate, reason);
    }
    let quiet_s = facts.quiet_s();
    if quiet_s < t.none_min_quiet_s {
        let reason = format!(
            "no involuntary event, but the mouth opens or speaks for all but {quiet_s:.1} s; at \
             least {:.0} s of rest are needed to say that there is nothing",
            t.none_min_quiet_s
        );
        return (Label::Indeterminate, reason);
    }
    if facts.lone_chin >= t.min_events {
        let reason = format!(
            "{} of the jaw alone could not be told from voluntary movement",
            counted(facts.lone_chin, "movement")
        );
        return (Label::Indeterminate, reason);
    }
    if facts.uncertain_one_sided > 0 {
        let reason = format!(
            "no certain involuntary event, but {} of one side more than noise and too small to be \
             sure of",
            counted(facts.uncertain_one_sided, "movement")
        );
        return (Label::Indeterminate, reason);
    }
    let uncertain = 60.0 * f64::from(facts.uncertain) / quiet_s;
    if uncertain > t.none_max_uncertain_per_min {
        let reason = format!(
            "{} could not be told from voluntary movement",
            counted(facts.uncertain, "event")
        );
        return (Label::Indeterminate, reason);
    }
    if let Some(treatment) = history.and_then(History::treatment) {
        let why = match treatment {
            Treatment::AtWork(date, months) => {
                format!("on {}, {months:.1} months before, may hide it", date.as_str())
            }
            Treatment::Undated(date) => format!(
                "on {} may hide it; the history does not say how long before the recording \
                 that was (`recorded`)",
                date.as_str()
            ),
        };
        let reason = format!(
            "no involuntary event in {seconds:.0} s of usable video, but botulinum treatment {why}"
        );
        return (Label::Indeterminate, reason);
    }
    (Label::None, format!("no involuntary event in {seconds:.0} s of usable video"))
}

fn too_few(facts: &Facts, t: &PatternThresholds) -> String {
    format!(
        "too few events: {} in {:.0} s; at least {} of one kind are needed to weigh a pattern",
        seen(facts),
        facts.usable_s,
        t.min_events
    )
}

/// What could belong to a pattern, counted by kind and side.
fn seen(facts: &Facts) -> String {
    let mut parts = Vec::new();
    let (left, right) = (facts.one_sided.left, facts.one_sided.right);
    match (left, right) {
        (0, 0) => {}
        (left, 0) => parts.push(format!("{} of the left side", counted(left, "event"))),
        (0, right) => parts.push(format!("{} of the right side", counted(right, "event"))),
        (left, right) => {
            let left = counted(left, "event");
            parts.push(format!("{left} of the left and {right} of the right side"));
        }
    }
    for (count, noun) in [
        (facts.closures, "prolonged closure"),
        (facts.jaw, "jaw spasm"),
        (facts.locking.count(), "movement along with voluntary movement"),
    ] {
        if count > 0 {
            parts.push(counted(count, noun));
        }
    }
    parts.join(", ")
}

fn unresolved_order(facts: &Facts) -> String {
    let side = match (facts.one_sided.left, facts.one_sided.right) {
        (left, right) if left > right => "left",
        _ => "right",
    };
    let told = if facts.lids_before + facts.lids_after == 0 {
        "onset order unresolved in this recording".to_owned()
    } else {
        format!(
            "onset order not consistent in this recording (lids first {}, lower face first {})",
            facts.lids_before, facts.lids_after
        )
    };
    format!(
        "one-sided ({side}); order unresolved: {told} and no history that tells; typical and \
         atypical are not guessed between"
    )
}

/// The strongest findings for a label, and what the label rests on.
fn explain(facts: &Facts, label: Label, clues: &[Clue]) -> String {
    let weight = |clue: &Clue| label.position().map_or(0.0, |at| clue.weights[at]);
    let mut own: Vec<&Clue> = clues.iter().filter(|clue| weight(clue) > CONCERNED).collect();
    own.sort_by(|a, b| weight(b).total_cmp(&weight(a)));
    let mut text: Vec<String> = own
        .iter()
        .take(3)
        .map(|clue| format!("{}: {}", clue.finding, value(&clue.value)))
        .collect();
    if matches!(label, Label::TypicalHfs | Label::AtypicalHfs) {
        let told = own.iter().any(|clue| clue.told);
        let seen = facts.lids_before + facts.lids_after > 0;
        text.push(
            match (seen, told) {
                (true, true) => "rests on the visible onset order here and on the history",
                (false, true) => "rests on the history; the onset order here is unresolved",
                (_, false) => {
                    "rests on the visible onset order of this recording, not on spread over months"
                }
            }
            .to_owned(),
        );
    }
    text.join("; ")
}

fn value(value: &EvidenceValue) -> String {
    match value {
        EvidenceValue::Flag(true) => "yes".to_owned(),
        EvidenceValue::Flag(false) => "no".to_owned(),
        EvidenceValue::Number(number) => format!("{number}"),
        EvidenceValue::Text(text) => text.clone(),
    }
}

fn counted(count: u32, noun: &str) -> String {
    format!("{count} {noun}{}", if count == 1 { "" } else { "s" })
}
