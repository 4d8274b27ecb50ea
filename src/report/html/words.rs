//! The page's words, and text made safe to stand in it.

use std::fmt::Write;

use crate::anatomy::Place;
use crate::event::{Event, EventKind, Laterality};
use crate::pattern::{Evidence, EvidenceValue, Label};
use crate::report::csv::word;
use crate::report::plain::printable;
use crate::report::summary;

/// Text made safe inside elements and quoted attributes.
pub(crate) fn escape(text: &str) -> String {
    let mut safe = String::with_capacity(text.len());
    for c in printable(text).chars() {
        match c {
            '&' => safe.push_str("&amp;"),
            '<' => safe.push_str("&lt;"),
            '>' => safe.push_str("&gt;"),
            '"' => safe.push_str("&quot;"),
            '\'' => safe.push_str("&#39;"),
            c => safe.push(c),
        }
    }
    safe
}

/// A file name as a relative URL.
pub(super) fn url_encoded(name: &str) -> String {
    let mut url = String::with_capacity(name.len());
    for byte in name.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
            url.push(byte as char);
        } else {
            // Writing to a String cannot fail.
            let _ = write!(url, "%{byte:02X}");
        }
    }
    url
}

/// The text with its first letter large.
pub(crate) fn capitalised(text: &str) -> String {
    let mut chars = text.chars();
    chars.next().map_or_else(String::new, |first| first.to_uppercase().chain(chars).collect())
}

/// A word of a fixed vocabulary as people write it: `read_aloud` becomes `read aloud`.
pub(super) fn plain_word(value: impl serde::Serialize) -> String {
    word(value).replace('_', " ")
}

/// A kind of event in plain words.
pub(super) fn kind(kind: EventKind) -> &'static str {
    match kind {
        EventKind::Twitch => "twitch",
        EventKind::Spasm => "spasm",
        EventKind::Closure => "prolonged closure",
        EventKind::Expression => "expression",
        EventKind::Uncertain => "uncertain",
    }
}

/// The side or sides in plain words.
pub(super) fn side(side: Laterality) -> &'static str {
    match side {
        Laterality::Left => "left",
        Laterality::Right => "right",
        Laterality::Both => "both sides",
    }
}

/// The order of first involvement in plain words.
pub(super) fn order(event: &Event) -> String {
    let tie = |tie: &Vec<crate::anatomy::Region>| {
        tie.iter().map(|region| summary::plain(*region)).collect::<Vec<_>>().join(" with ")
    };
    event.spread.iter().map(tie).collect::<Vec<_>>().join(", then ")
}

/// How sure the kind is, and what else the event could be.
pub(super) fn sureness(event: &Event) -> String {
    let sure = event.judgement.confidence.map(|p| format!("{:.0} %", 100.0 * p));
    let other =
        event.judgement.runner_up.map(|other| format!("could also be: {}", other.cause.words()));
    sure.into_iter().chain(other).collect::<Vec<_>>().join("; ")
}

/// An event in one sentence, without a full stop.
pub(super) fn event_sentence(event: &Event) -> String {
    let mut text = format!(
        "Event {}: {}, {}, {:.3} s to {:.3} s",
        event.id,
        kind(event.kind),
        side(event.side),
        event.start_s,
        event.end_s
    );
    let order = order(event);
    if !order.is_empty() {
        let _ = write!(text, "; {order}");
    }
    if event.other_babinski {
        text.push_str("; brow rises as the eye closes");
    }
    let sure = sureness(event);
    if !sure.is_empty() {
        let _ = write!(text, "; {sure}");
    }
    text
}

/// Where and when each contraction of an event was.
pub(super) fn contractions(event: &Event) -> String {
    let parts: Vec<String> = event
        .contractions
        .iter()
        .map(|c| {
            let rate = c.rate_hz.map_or_else(String::new, |rate| format!(", {rate:.1} Hz"));
            let along = if c.synkinetic { ", along with the task" } else { "" };
            format!(
                "{} {:.3} s ({:.3} to {:.3}), {:.1} mFU{rate}{along}",
                summary::place(Place { region: c.region, side: c.side }),
                c.onset_s,
                c.onset_ci_s[0],
                c.onset_ci_s[1],
                c.amplitude_mfu
            )
        })
        .collect();
    parts.join("; ")
}

/// What was looked at and what was found, in a sentence.
pub(super) fn finding_sentence(evidence: &Evidence) -> String {
    let finding = capitalised(&evidence.finding);
    match &evidence.value {
        EvidenceValue::Flag(true) => format!("{finding}."),
        EvidenceValue::Flag(false) => format!("{finding}: no."),
        EvidenceValue::Number(number) => {
            let text = format!("{number:.3}");
            format!("{finding}: {}.", text.trim_end_matches('0').trim_end_matches('.'))
        }
        EvidenceValue::Text(text) => format!("{finding}: {text}."),
    }
}

/// Weight from which evidence is called strong, and from which moderate, nats: odds of twenty and
/// of three.
const STRONG: f64 = 3.0;
const MODERATE: f64 = 1.0;

/// How much a finding weighs, for and against which labels, and on whose word.
pub(super) fn weight_sentence(evidence: &Evidence) -> String {
    let strength = match evidence.weight {
        weight if weight >= STRONG => "Strong",
        weight if weight >= MODERATE => "Moderate",
        weight if weight > 0.0 => "Weak",
        _ => return format!("Without weight. Source: {}.", evidence.source),
    };
    let sides: Vec<String> = [("for", &evidence.in_favour), ("against", &evidence.against)]
        .into_iter()
        .filter(|(_, labels)| !labels.is_empty())
        .map(|(word, labels)| format!("{word} {}", labels_in_words(labels)))
        .collect();
    format!(
        "{strength} ({:.1}) {}. Source: {}.",
        evidence.weight,
        sides.join("; "),
        evidence.source
    )
}

/// Labels as a list; the three kinds of hemifacial spasm together are one.
fn labels_in_words(labels: &[Label]) -> String {
    const SPASM: [Label; 3] = [Label::TypicalHfs, Label::AtypicalHfs, Label::BilateralHfs];
    let all = SPASM.iter().all(|label| labels.contains(label));
    let mut names: Vec<&str> = if all { vec!["hemifacial spasm of any kind"] } else { vec![] };
    let others = labels.iter().filter(|label| !(all && SPASM.contains(label)));
    names.extend(others.map(|label| summary::label(*label)));
    names.join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn evidence_says_what_was_found_how_much_it_weighs_and_on_whose_word() {
        let mut evidence = Evidence {
            finding: "hours in the sun".to_owned(),
            value: EvidenceValue::Number(0.370),
            in_favour: vec![Label::TypicalHfs, Label::AtypicalHfs, Label::BilateralHfs],
            against: vec![Label::None],
            weight: 1.25,
            weights: std::collections::BTreeMap::new(),
            source: "a made-up page".to_owned(),
        };
        assert_eq!(finding_sentence(&evidence), "Hours in the sun: 0.37.");
        assert_eq!(
            weight_sentence(&evidence),
            "Moderate (1.2) for hemifacial spasm of any kind; against no involuntary pattern. \
             Source: a made-up page."
        );
        evidence.value = EvidenceValue::Flag(true);
        evidence.weight = 0.0;
        assert_eq!(finding_sentence(&evidence), "Hours in the sun.");
        assert_eq!(weight_sentence(&evidence), "Without weight. Source: a made-up page.");
    }
}
