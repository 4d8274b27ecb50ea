//! The page's words, and text made safe to stand in it.

use std::fmt::Write;

use crate::anatomy::Place;
use crate::event::{Event, EventKind, Laterality};
use crate::pattern::{Evidence, EvidenceValue, Label};
use crate::report::csv::word;
use crate::report::summary;

/// Text made safe inside elements and quoted attributes.
pub(crate) fn escape(text: &str) -> String {
    let mut safe = String::with_capacity(text.len());
    for c in text.chars() {
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

pub(super) fn capitalised(text: &str) -> String {
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

/// What one finding says about the labels, in a sentence.
pub(super) fn evidence_sentence(evidence: &Evidence) -> String {
    let value = match &evidence.value {
        EvidenceValue::Flag(true) => "yes".to_owned(),
        EvidenceValue::Flag(false) => "no".to_owned(),
        EvidenceValue::Number(number) => {
            let text = format!("{number:.3}");
            text.trim_end_matches('0').trim_end_matches('.').to_owned()
        }
        EvidenceValue::Text(text) => text.clone(),
    };
    let names = |labels: &[Label]| {
        labels.iter().map(|label| summary::label(*label)).collect::<Vec<_>>().join(", ")
    };
    let mut text = format!("{}: {value}.", capitalised(&evidence.finding));
    match (evidence.in_favour.is_empty(), evidence.against.is_empty()) {
        (true, true) => text.push_str(" It speaks neither for nor against."),
        (false, true) => {
            let _ = write!(text, " It speaks for {}.", names(&evidence.in_favour));
        }
        (true, false) => {
            let _ = write!(text, " It speaks against {}.", names(&evidence.against));
        }
        (false, false) => {
            let (pro, contra) = (names(&evidence.in_favour), names(&evidence.against));
            let _ = write!(text, " It speaks for {pro} and against {contra}.");
        }
    }
    let weight = if evidence.weight == 0.0 {
        "no weight".to_owned()
    } else {
        format!("weight {:.2}", evidence.weight)
    };
    let _ = write!(text, " ({weight}; {})", evidence.source);
    text
}
