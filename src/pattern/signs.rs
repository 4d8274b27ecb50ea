//! Signs: what a single event shows.

use crate::anatomy::{Region, Side};
use crate::event::{Blink, Cause, Contraction, Event, EventKind, Laterality, Relation};

/// Longest lag between a blink and what it brings along, seconds (judgment).
pub(super) const BLINK_LAG_S: f64 = 0.15;

/// Least opening of the jaw that counts while the lids are shut, mFU (judgment: some 3.5 mm; lids
/// that shut shift the reading of a jaw at rest by up to 38 mFU, measured on painted faces).
const JAW_OPENS_MFU: f32 = 40.0;

/// A prolonged closure of both lids that nobody asked for.
pub(super) fn is_closure(event: &Event) -> bool {
    event.kind == EventKind::Closure && event.side == Laterality::Both && event.task.is_none()
}

/// The mouth opens or speaks: not on its own, but as the event stage saw both sides move alike.
pub(super) fn is_talk(event: &Event) -> bool {
    event.kind == EventKind::Expression
        && event
            .contractions
            .iter()
            .any(|c| c.region == Region::Jaw && c.side.is_none() && c.amplitude_mfu > 0.0)
}

/// What could not be told began in a blink, which moves the skin about the eyes a little.
pub(super) fn comes_with_blink(event: &Event, blinks: &[Blink]) -> bool {
    event.kind == EventKind::Uncertain
        && blinks.iter().any(|b| (b.start_s - BLINK_LAG_S..b.end_s).contains(&event.start_s))
}

/// The jaw works by itself; the cheeks, which lie over the muscles of chewing, may move along by
/// less than it does.
pub(super) fn jaw_alone(event: &Event) -> bool {
    let size = |region: Region| {
        let own = event.contractions.iter().filter(move |c| c.region == region);
        own.map(|c| c.amplitude_mfu.abs()).fold(0.0, f32::max)
    };
    let chews = |c: &Contraction| matches!(c.region, Region::Jaw | Region::Cheek);
    event.contractions.iter().all(chews) && size(Region::Jaw) > size(Region::Cheek)
}

/// The chin's skin moves and the mouth does not open.
pub(super) fn chin_alone(event: &Event) -> bool {
    jaw_alone(event)
        && event.contractions.iter().all(|c| c.region == Region::Jaw && c.side.is_some())
}

/// Size over the noise from which a movement is more than the noise (judgment: the size from which
/// a region alone counts in the event stage, the cheek aside).
const CLEAR_SNR: f32 = 5.0;

/// Cheek or mouth of one side pulls, and only its size leaves it in doubt.
pub(super) fn pulls_on_one_side(event: &Event) -> bool {
    let clear = |c: &Contraction| {
        matches!(c.region, Region::Cheek | Region::MouthCorner)
            && c.amplitude_mfu > 0.0
            && c.snr >= CLEAR_SNR
    };
    matches!(event.judgement.cause, Cause::Contraction | Cause::Slip)
        && event.side != Laterality::Both
        && event.contractions.iter().any(clear)
}

/// Some muscle pulls: what moves against its muscles is no contraction.
pub(super) fn may_be_a_contraction(event: &Event) -> bool {
    event.contractions.iter().any(|c| c.amplitude_mfu > 0.0)
}

pub(super) fn brow_alone(event: &Event) -> bool {
    event.contractions.iter().all(|c| c.region == Region::Forehead)
}

pub(super) fn lid(event: &Event, side: Side) -> Option<&Contraction> {
    event.contractions.iter().find(|c| c.region == Region::Periocular && c.side == Some(side))
}

/// Mouth or chin of both sides move, or the jaw opens. The cheeks do not count: the ring muscle
/// of the eye lifts them itself.
pub(super) fn lower_face_of_both_sides(event: &Event) -> bool {
    let both = |region| on_both_sides(event, region, |_| true);
    let jaw_opens = |c: &Contraction| {
        (c.region, c.side) == (Region::Jaw, None) && c.amplitude_mfu >= JAW_OPENS_MFU
    };
    both(Region::MouthCorner) || both(Region::Jaw) || event.contractions.iter().any(jaw_opens)
}

/// Brows come down or cheeks go up on both sides: the whole ring muscle squeezes.
pub(super) fn squeezes(event: &Event) -> bool {
    on_both_sides(event, Region::Forehead, |c| c.amplitude_mfu < 0.0)
        || on_both_sides(event, Region::Cheek, |c| c.amplitude_mfu > 0.0)
}

/// A region moves on both sides, each in the manner asked for.
fn on_both_sides(event: &Event, region: Region, moves: impl Fn(&Contraction) -> bool) -> bool {
    let of = |side| move |c: &&Contraction| (c.region, c.side) == (region, Some(side));
    Side::BOTH.into_iter().all(|side| event.contractions.iter().filter(of(side)).any(&moves))
}

/// Whether the lids came before cheek and mouth in this event; `None` where the data cannot
/// tell, or where they tell both.
pub(super) fn lids_to_lower(event: &Event) -> Option<bool> {
    let lower = |region| matches!(region, Region::Cheek | Region::MouthCorner);
    let mut answer = None;
    for lag in event.lags.iter().filter(|lag| lag.relation == Relation::Before) {
        let now = if lag.first == Region::Periocular && lower(lag.second) {
            true
        } else if lower(lag.first) && lag.second == Region::Periocular {
            false
        } else {
            continue;
        };
        if answer.is_some_and(|before| before != now) {
            return None;
        }
        answer = Some(now);
    }
    answer
}
