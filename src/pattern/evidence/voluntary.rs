//! Evidence of locking: what comes along with voluntary movement.

use super::{BOUND, Clue, number};
use crate::anatomy::Side;
use crate::pattern::EvidenceValue;
use crate::pattern::Label::{AtypicalHfs, BilateralHfs, SynkinesisLike, TypicalHfs};
use crate::pattern::facts::Facts;

pub(super) fn locked(facts: &Facts) -> Option<Clue> {
    let locking = &facts.locking;
    let side = locking.side();
    let moves = locking.mouth_moves[side];
    let (with, closing, blinking) = (
        locking.eye_with_mouth[side],
        locking.mouth_with_closure[side],
        locking.mouth_with_blink[side],
    );
    if with + closing == 0 && (moves == 0 || !locking.declared) && blinking < 2 {
        return (facts.event_count() > 0 || moves > 0).then(|| {
            Clue::new(
                "movement locked to voluntary movement",
                EvidenceValue::Text("none seen".to_owned()),
                "synkinesis came with every voluntary movement in all of 78 \
                 (doi 10.1016/j.neucli.2024.103019); without declared tasks: judgment",
                |label| if label == SynkinesisLike { -1.5 } else { 0.0 },
            )
        });
    }
    // Every movement brings it along in synkinesis; in three of ten hemifacial spasms some do.
    let hits = f64::from(with + closing);
    let misses = f64::from(moves.saturating_sub(with));
    let w =
        1.6 * hits + 0.5 * f64::from(blinking) - if locking.declared { 0.8 } else { 0.3 } * misses;
    // Once is chance: two movements of a face fall together now and then.
    let w = if with + closing < 2 { w.min(0.0) } else { w };
    let name = match side {
        Side::Left => "left",
        Side::Right => "right",
    };
    let value = format!(
        "{name} eye with {with} of {moves} movements of the mouth; {name} mouth with {closing} \
         closures and {blinking} blinks of both eyes"
    );
    Some(Clue::new(
        "movement locked to voluntary movement",
        EvidenceValue::Text(value),
        "synkinesis came with every voluntary movement in all of 78, inconsistently in 31.8 % of \
         132 with hemifacial spasm (doi 10.1016/j.neucli.2024.103019); shares: judgment",
        |label| if label == SynkinesisLike { w } else { -0.75 * w.clamp(0.0, BOUND) },
    ))
}

pub(super) fn excursion(facts: &Facts) -> Option<Clue> {
    let side = facts.locking.side();
    let ratio = facts.locking.excursion[side]?;
    let w = if ratio < 0.8 { 1.0 } else { -0.5 };
    Some(Clue::new(
        "excursion of the mouth on the side that comes along, over the other side's",
        number(ratio),
        "limited movement of the same side after palsy (source article); healthy faces differ \
         too (PMID 39215610); weight: judgment",
        |label| if label == SynkinesisLike { w } else { 0.0 },
    ))
}

pub(super) fn weakness(facts: &Facts) -> Option<Clue> {
    let weakness = facts.weakness.as_ref()?;
    // Spasm of the weak side itself is not spoken against.
    let across = facts.one_sided_by_weakness();
    let alone = facts.alone_beside_weak();
    let locked = facts.locking.count() > 0;
    Some(Clue::new(
        format!("weakness of the {} side", weakness.side),
        EvidenceValue::Text(weakness.words()),
        "limited movement of one side after palsy (source article); lids close 65 % of the way in \
         partial and 25 % in complete palsies (Ogawa 2021); the sound side then seems to move alone; \
         weights: judgment",
        |label| match label {
            SynkinesisLike if locked => 1.5,
            TypicalHfs | AtypicalHfs if across => -3.0,
            BilateralHfs if alone.is_some() => -3.0,
            _ => 0.0,
        },
    ))
}
