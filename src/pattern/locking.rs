//! Movement that comes along with voluntary movement: the sign of synkinesis.
//!
//! Two couplings are looked for. The eye of one side closes as the mouth moves, the mouth's
//! movement showing on the other side, so that it is no spasm of the eye's side; and the mouth
//! of one side moves as both eyes close or blink. Both need no protocol; with one, the declared
//! tasks say which movement was voluntary.

use super::signs::{BLINK_LAG_S, is_talk, lid};
use crate::anatomy::{PerSide, Region, Side};
use crate::event::stats::median;
use crate::event::{Contraction, Event, EventKind, Findings, Laterality, Task};

/// Longest lag between a movement and its companion, seconds (judgment: aberrant fibres conduct
/// within 0.02 s; the rest is the uncertainty of soft onsets).
const LAG_S: f64 = 0.25;

/// Least excursion of a voluntary movement of the mouth, mFU: a tenth of a smile, whose corners travel
/// 10 mm (doi 10.2319/022916-172.1), of a face 95 mm wide between the outer corners of the eyes. What
/// rides on a nod is less, and takes lids and mouth along together.
const VOLUNTARY_MFU: f32 = 10.0;

/// Movement that comes along with voluntary movement, by the side that comes along.
#[derive(Debug, Clone, Default, PartialEq)]
pub(super) struct Locking {
    /// Movements of the mouth with which the eye of this side closed.
    pub(super) eye_with_mouth: PerSide<u32>,
    /// Movements of the mouth that this side's eye could have joined.
    pub(super) mouth_moves: PerSide<u32>,
    /// Closures of both lids with which the mouth of this side alone moved.
    pub(super) mouth_with_closure: PerSide<u32>,
    /// Blinks with which the mouth of this side alone moved.
    pub(super) mouth_with_blink: PerSide<u32>,
    /// Some of these movements were declared by a protocol.
    pub(super) declared: bool,
    /// The mouth's excursion in these movements, this side over the other (median).
    pub(super) excursion: PerSide<Option<f64>>,
}

impl Locking {
    /// Finds the couplings, and the numbers of the events that are part of them. Where a side is weak,
    /// what the sound one does alone is what the weak one leaves out of a movement of both, and no
    /// coupling.
    pub(super) fn find(findings: &Findings, weak: Option<Side>) -> (Self, Vec<u32>) {
        let events = &findings.events;
        let mut found = Self::default();
        let mut locked = Vec::new();
        let mut ratios = PerSide::<Vec<f64>>::default();
        for side in Side::BOTH.into_iter().filter(|side| weak.is_none_or(|weak| weak == *side)) {
            let moves = mouth_moves(events, side);
            found.mouth_moves[side] = moves.len() as u32;
            for (event, mouth) in moves {
                let Some(companion) = eye_alone(findings, side, mouth.onset_s) else { continue };
                found.eye_with_mouth[side] += 1;
                found.declared |= event.task.is_some();
                locked.extend([event.id, companion.id]);
                let own = largest_mouth(events, side, mouth.onset_s);
                let other = largest_mouth(events, side.opposite(), mouth.onset_s);
                if other > 0.0 {
                    ratios[side].push(own / other);
                }
            }
            for (event, closed_by) in mouth_alone(findings, side) {
                match closed_by {
                    ClosedBy::Closure(id) => {
                        found.mouth_with_closure[side] += 1;
                        locked.extend([event.id, id]);
                    }
                    ClosedBy::Blink => found.mouth_with_blink[side] += 1,
                }
            }
        }
        found.excursion = PerSide::from_fn(|side| {
            (ratios[side].len() >= 2).then(|| median(ratios[side].clone())).flatten()
        });
        locked.sort_unstable();
        locked.dedup();
        // One chance coincidence does not take an event out of the count.
        if found.count() < 2 {
            locked.clear();
        }
        (found, locked)
    }

    /// The side that comes along more often.
    pub(super) fn side(&self) -> Side {
        if self.of(Side::Left) > self.of(Side::Right) { Side::Left } else { Side::Right }
    }

    /// Couplings of a side.
    fn of(&self, side: Side) -> u32 {
        self.eye_with_mouth[side] + self.mouth_with_closure[side]
    }

    /// Voluntary movements with which the side that comes along more often moved, blinks aside.
    pub(super) fn movements(&self) -> u32 {
        self.of(self.side())
    }

    /// Couplings of the side that comes along more often. Blinks count where movements show the
    /// same, and no more than three of them: the skin moves with every blink a little.
    pub(super) fn count(&self) -> u32 {
        match self.movements() {
            0 => 0,
            movements => movements + self.mouth_with_blink[self.side()].min(3),
        }
    }
}

/// Movements of the mouth that show on the side opposite to `side` at least, one for each
/// stretch of time.
fn mouth_moves(events: &[Event], side: Side) -> Vec<(&Event, &Contraction)> {
    let mut moves: Vec<(&Event, &Contraction)> = Vec::new();
    // A smile on demand parts the lips, too: only undeclared opening, or reading, is talk.
    let talks =
        |event: &Event| is_talk(event) && event.task.is_none_or(|task| task == Task::ReadAloud);
    for event in events.iter().filter(|event| !talks(event)) {
        let other_eye_closes = |c: &Contraction| {
            c.region == Region::Periocular
                && c.side == Some(side.opposite())
                && c.amplitude_mfu > 0.0
        };
        if event.kind == EventKind::Closure || event.contractions.iter().any(other_eye_closes) {
            continue;
        }
        let mouth = event.contractions.iter().filter(|c| {
            c.region == Region::MouthCorner
                && c.side == Some(side.opposite())
                && c.amplitude_mfu.abs() >= VOLUNTARY_MFU
        });
        for contraction in mouth {
            let last = moves.last().map(|m| m.1.onset_s);
            if last.is_none_or(|last| contraction.onset_s - last > 1.0) {
                moves.push((event, contraction));
            }
        }
    }
    moves
}

/// An event in which the eye of `side` closes and the other does not, beginning at `at_s`.
fn eye_alone(findings: &Findings, side: Side, at_s: f64) -> Option<&Event> {
    // A blink closes both eyes, though one lid may be slow to reopen and make an event.
    let in_blink = |c: &Contraction| {
        findings.blinks.iter().any(|blink| {
            blink.side == Laterality::Both && (blink.start_s - c.onset_s).abs() <= BLINK_LAG_S
        })
    };
    let lids = |event: &Event, side: Side| {
        event.contractions.iter().any(|c| {
            c.region == Region::Periocular
                && c.side == Some(side)
                && c.amplitude_mfu > 0.0
                && (c.onset_s - at_s).abs() <= LAG_S
                && !in_blink(c)
        })
    };
    let either = |side| findings.events.iter().find(|event| lids(event, side));
    either(side).filter(|_| either(side.opposite()).is_none())
}

/// What shut both eyes.
enum ClosedBy {
    Closure(u32),
    Blink,
}

/// Events in which the mouth of `side` alone moves as both eyes close.
fn mouth_alone(findings: &Findings, side: Side) -> Vec<(&Event, ClosedBy)> {
    let mouth = |event: &Event, side: Side| {
        event
            .contractions
            .iter()
            .find(|c| c.region == Region::MouthCorner && c.side == Some(side))
            .map(|c| c.onset_s)
    };
    let mut found = Vec::new();
    for event in &findings.events {
        let Some(onset_s) = mouth(event, side) else { continue };
        if mouth(event, side.opposite()).is_some() || is_talk(event) {
            continue;
        }
        let closes =
            |c: &Event, side: Side| lid(c, side).is_some_and(|lid| lid.amplitude_mfu > 0.0);
        let shuts = |c: &&Event| {
            (c.kind == EventKind::Closure || Side::BOTH.into_iter().all(|side| closes(c, side)))
                && c.contractions.iter().all(|c| c.region != Region::Jaw)
                && mouth(c, side.opposite()).is_none()
                && (c.start_s - onset_s).abs() <= LAG_S
        };
        if let Some(closure) = findings.events.iter().find(shuts) {
            found.push((event, ClosedBy::Closure(closure.id)));
        } else if event.kind == EventKind::Uncertain
            && findings.blinks.iter().any(|blink| {
                blink.side == Laterality::Both && (blink.start_s - onset_s).abs() <= BLINK_LAG_S
            })
        {
            found.push((event, ClosedBy::Blink));
        }
    }
    found
}

/// The largest movement of a side's mouth corner beginning at `at_s`, mFU.
fn largest_mouth(events: &[Event], side: Side, at_s: f64) -> f64 {
    events
        .iter()
        .flat_map(|event| &event.contractions)
        .filter(|c| {
            c.region == Region::MouthCorner
                && c.side == Some(side)
                && (c.onset_s - at_s).abs() <= LAG_S
        })
        .map(|c| f64::from(c.amplitude_mfu.abs()))
        .fold(0.0, f64::max)
}
