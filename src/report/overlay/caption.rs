//! What the overlay says at a moment.

use super::canvas::Canvas;
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

/// Largest and smallest size of a caption.
const CAPTION: (f64, f64) = (0.62, 0.4);

/// A caption and its size so that it is no wider than `room` pixels: smaller where it must be, cut
/// short where that is not enough.
pub(super) fn fitted(caption: &str, room: f32) -> opencv::Result<(String, f64)> {
    let (largest, smallest) = CAPTION;
    let whole = Canvas::text_width(caption, largest)?;
    let size = (largest * f64::from(room / whole.max(1.0))).clamp(smallest, largest);
    let mut text = caption.to_owned();
    let mut kept = caption.chars().count();
    while kept > 0 && Canvas::text_width(&text, size)? > room {
        kept -= 1;
        let start: String = caption.chars().take(kept).collect();
        text = format!("{}...", start.trim_end());
    }
    Ok((text, size))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_caption_has_room_beside_the_time_at_every_width() {
        let longest = "Event 123 prolonged closure BOTH SIDES: lids + forehead + cheek > mouth \
                       corner + jaw";
        for room in [120.0, 520.0, 900.0] {
            let (text, size) = fitted(longest, room).unwrap();
            assert!(Canvas::text_width(&text, size).unwrap() <= room, "{text} at {size}");
            assert!(text.starts_with("Event 123"), "{text}");
        }
        assert_eq!(fitted("blink", 520.0).unwrap(), ("blink".to_owned(), CAPTION.0));
    }
}
