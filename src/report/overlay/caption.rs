//! What the overlay says at a moment.

use crate::anatomy::Region;
use crate::event::{Blink, Event, EventKind, Laterality};
use crate::report::{Analysis, summary};

/// How long a caption stays after its event, seconds: a twitch is over before it can be read.
const HOLD_S: f64 = 0.7;

/// What is going on at a moment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Caption {
    /// What to write.
    pub(super) text: String,
    /// It is an event rather than a blink or a gap.
    pub(super) is_event: bool,
}

/// The caption for a time: an event before a gap, a gap before a blink.
pub(super) fn at(analysis: &Analysis, time_s: f64) -> Option<Caption> {
    let findings = &analysis.findings;
    let on = |start_s: f64, end_s: f64| start_s <= time_s && time_s < end_s + HOLD_S;
    let event = findings.events.iter().rev().find(|event| on(event.start_s, event.end_s));
    if let Some(event) = event {
        return Some(Caption { text: event_text(event), is_event: true });
    }
    let gap = analysis.coverage.gaps.iter().find(|gap| gap.start_s <= time_s && time_s < gap.end_s);
    if let Some(gap) = gap {
        let reason = crate::report::csv::word(gap.reason).replace('_', " ");
        return Some(Caption { text: format!("not measured: {reason}"), is_event: false });
    }
    let blink = findings.blinks.iter().rev().find(|blink| on(blink.start_s, blink.end_s))?;
    Some(Caption { text: blink_text(blink), is_event: false })
}

fn event_text(event: &Event) -> String {
    let kind = match event.kind {
        EventKind::Twitch => "twitch",
        EventKind::Spasm => "spasm",
        EventKind::Closure => "prolonged closure",
        EventKind::Expression => "expression",
        EventKind::Uncertain => "uncertain",
    };
    let tie = |tie: &Vec<Region>| -> String {
        tie.iter().map(|region| summary::plain(*region)).collect::<Vec<_>>().join(" + ")
    };
    let order: Vec<String> = event.spread.iter().map(tie).collect();
    let colon = if order.is_empty() { "" } else { ": " };
    format!("Event {} {kind} {}{colon}{}", event.id, side(event.side), order.join(" > "))
}

fn blink_text(blink: &Blink) -> String {
    let partial = if blink.complete { "" } else { "partial " };
    match blink.side {
        Laterality::Both => format!("{partial}blink"),
        one => format!("{partial}blink {}", side(one)),
    }
}

fn side(side: Laterality) -> &'static str {
    match side {
        Laterality::Left => "LEFT",
        Laterality::Right => "RIGHT",
        Laterality::Both => "BOTH SIDES",
    }
}
