//! Twitches and spasms against the events that a truth lists: which lie outside, and which listed
//! ones are told with their side.

use super::compare::{event_span, true_event_span};
use super::matching::{Span, pairs};
use super::score::{Listed, Rate, Share};
use crate::event::{Event, EventKind, Findings, Laterality};
use crate::report::{Truth, TruthEvent};

/// How soft the times of a rater are, seconds: each listed event reaches so much further either
/// way when it is asked what lies inside.
const SOFT_S: f64 = 0.25;

/// Part of a finding that must lie inside listed events for it to be one of them.
const INSIDE_MIN: f64 = 0.5;

/// Counts twitches and spasms outside the events that the truth lists, and the listed events of
/// one side that are told with that side, each by a finding of its own. `usable_s` is the time that
/// could be measured: in what shows no face nothing can be false. `None` where the truth has not rated events.
pub(super) fn compare(truth: &Truth, findings: &Findings, usable_s: f64) -> Option<Listed> {
    let events = truth.events.as_ref()?;
    let own_movement = truth.one_sided_on_purpose && events.is_empty();
    let found: Vec<&Event> =
        findings.events.iter().filter(|event| event.kind.is_involuntary()).collect();
    let outside = found.iter().filter(|event| {
        let excused = own_movement && event.side != Laterality::Both;
        !excused && !is_inside(event, events)
    });
    let one_sided = one_sided(events);
    let told = told(&one_sided, &found, events);
    Some(Listed {
        outside: Rate { count: outside.count() as u32, minutes: usable_s / 60.0 },
        told: Share { count: told, of: one_sided.len() as u32 },
    })
}

/// Contractions of one side that the truth is sure of.
fn one_sided(events: &[TruthEvent]) -> Vec<&TruthEvent> {
    let claims = |event: &&TruthEvent| {
        matches!(event.kind, None | Some(EventKind::Twitch | EventKind::Spasm))
            && !event.is_uncertain()
            && event.side != Laterality::Both
    };
    events.iter().filter(claims).collect()
}

/// Whether a twitch or spasm is accounted for by listed events: the better part of it lies inside
/// them, and they are of its side.
fn is_inside(found: &Event, listed: &[TruthEvent]) -> bool {
    let own = event_span(found);
    let mut inside: Vec<Span> = listed
        .iter()
        .filter(|event| accounts_for(event, found.side))
        .map(|event| {
            let span = true_event_span(event);
            Span { start_s: span.start_s - SOFT_S, end_s: span.end_s + SOFT_S, ..span }
        })
        .filter(|span| span.common(&own) > 0.0)
        .collect();
    inside.sort_by(|a, b| a.start_s.total_cmp(&b.start_s));
    let (mut covered, mut until) = (0.0, own.start_s);
    for span in inside {
        let from = span.start_s.max(until);
        let to = span.end_s.min(own.end_s);
        covered += (to - from).max(0.0);
        until = until.max(to);
    }
    covered > 0.0 && covered >= INSIDE_MIN * own.length()
}

/// Whether a listed event can be the reason of a twitch or spasm of this side.
fn accounts_for(listed: &TruthEvent, side: Laterality) -> bool {
    if listed.is_uncertain() || listed.is_synkinetic() || listed.side == side {
        return true;
    }
    let either = listed.side == Laterality::Both || side == Laterality::Both;
    either && matches!(listed.kind, None | Some(EventKind::Twitch | EventKind::Spasm))
}

fn told(one_sided: &[&TruthEvent], found: &[&Event], listed: &[TruthEvent]) -> u32 {
    let truth: Vec<Span> = one_sided.iter().map(|event| true_event_span(event)).collect();
    let spans: Vec<Span> = found.iter().map(|event| event_span(event)).collect();
    let told = pairs(&truth, &spans, |t, f| {
        let common = truth[t].common(&spans[f]) > 0.0;
        let may = common && truth[t].side == spans[f].side && is_inside(found[f], listed);
        may.then(|| truth[t].overlap(&spans[f]))
    });
    told.len() as u32
}
