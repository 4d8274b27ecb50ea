//! A recording and its mirror image: the same movements, on swapped sides.

use std::ops::AddAssign;

use serde::Serialize;

use super::compare::{blink_span, event_span};
use super::matching::{OVERLAP_MIN, Span, pairs};
use super::score::Share;
use crate::event::{Event, Findings, Laterality};

/// How far what is found in a recording is found in its mirror image, too. Two findings are one
/// movement where their times overlap by half of their union; a movement that only one of the two
/// shows is one on which they disagree.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub struct MirrorAgreement {
    /// Events of the same kind on the swapped side, of all movements.
    pub events: Share,
    /// The same of those movements that either calls a twitch or a spasm.
    pub involuntary: Share,
    /// Blinks of the swapped side, of all blinks.
    pub blinks: Share,
}

/// Compares the findings in a recording with those in its mirror image.
#[must_use]
pub fn mirror_agreement(findings: &Findings, mirrored: &Findings) -> MirrorAgreement {
    let (own, other) = (&findings.events, &mirrored.events);
    let own_spans: Vec<Span> = own.iter().map(event_span).collect();
    let other_spans: Vec<Span> = other.iter().map(|event| swapped(event_span(event))).collect();
    let paired = paired(&own_spans, &other_spans);
    let mut agreement = MirrorAgreement::default();
    let mut movement = |a: Option<&Event>, b: Option<&Event>, same: bool| {
        agreement.events.tell(same);
        if a.is_some_and(|a| a.kind.is_involuntary()) || b.is_some_and(|b| b.kind.is_involuntary())
        {
            agreement.involuntary.tell(same);
        }
    };
    for &(a, b) in &paired {
        let same = own[a].kind == other[b].kind && own_spans[a].side == other_spans[b].side;
        movement(Some(&own[a]), Some(&other[b]), same);
    }
    for (_, event) in own.iter().enumerate().filter(|(a, _)| paired.iter().all(|p| p.0 != *a)) {
        movement(Some(event), None, false);
    }
    for (_, event) in other.iter().enumerate().filter(|(b, _)| paired.iter().all(|p| p.1 != *b)) {
        movement(None, Some(event), false);
    }
    agreement.blinks = blinks(findings, mirrored);
    agreement
}

fn blinks(findings: &Findings, mirrored: &Findings) -> Share {
    let own: Vec<Span> = findings.blinks.iter().map(blink_span).collect();
    let other: Vec<Span> = mirrored.blinks.iter().map(|blink| swapped(blink_span(blink))).collect();
    let paired = paired(&own, &other);
    let same = paired.iter().filter(|(a, b)| own[*a].side == other[*b].side).count();
    Share { count: same as u32, of: (own.len() + other.len() - paired.len()) as u32 }
}

fn paired(own: &[Span], other: &[Span]) -> Vec<(usize, usize)> {
    pairs(own, other, |a, b| Some(own[a].overlap(&other[b])).filter(|o| *o >= OVERLAP_MIN))
}

fn swapped(span: Span) -> Span {
    let side = span.side.map(|side| match side {
        Laterality::Left => Laterality::Right,
        Laterality::Right => Laterality::Left,
        Laterality::Both => Laterality::Both,
    });
    Span { side, ..span }
}

impl AddAssign for MirrorAgreement {
    fn add_assign(&mut self, other: Self) {
        self.events += other.events;
        self.involuntary += other.involuntary;
        self.blinks += other.blinks;
    }
}
