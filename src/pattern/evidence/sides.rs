//! Evidence of sides: which side moves, how often, and whether the two go together.

use super::{BOUND, Clue, Strata, is_hfs, number, repetition, shuts_both_lids};
use crate::anatomy::Side;
use crate::pattern::EvidenceValue;
use crate::pattern::Label::{AtypicalHfs, BilateralHfs, SynkinesisLike, TypicalHfs};
use crate::pattern::facts::Facts;

/// Part of the voluntary movements that is taken for a one-sided event (judgment: 1 of about 70
/// in recordings of healthy people, which may be up to 0.07; talk and grimaces thus weaken what
/// is seen among them).
const MISTAKEN: f64 = 0.05;

/// One-sided events of daily life, winks and slips of the tracker, a minute (judgment).
const STRAY: f64 = 0.4;

/// Blinks of a lid whose fellow does not come along, a minute (11 to 19, Sforza 2008).
const BLINKS: f64 = 15.0;

/// One-sided events a minute: up to 24.7 (doi 10.1007/s00417-019-04567-w); what comes less than
/// twice a minute a minute does not show (judgment).
const RATES: [f64; 2] = [2.0, 25.0];

pub(super) fn one_sided_events(facts: &Facts) -> Option<Clue> {
    let count = facts.one_sided_count();
    let of_side = |side: Side| {
        let strata = Strata::new(facts, facts.one_sided[side], facts.at_rest[side]);
        let stray = |blinks: f64, taken: f64| {
            [0, 1].map(|i| {
                (STRAY + blinks) * strata.minutes[i] + taken * f64::from(facts.voluntary[i])
            })
        };
        let daily = stray(0.0, MISTAKEN);
        // Where the other side is weak, this side may blink, speak and smile alone.
        if facts.weakness.as_ref().is_some_and(|weak| weak.side == side.opposite()) {
            strata.odds(RATES, &[daily, stray(BLINKS, 1.0)])
        } else {
            strata.odds(RATES, &[daily])
        }
    };
    let w = of_side(Side::Left).max(of_side(Side::Right));
    let sides = match (facts.one_sided.left, facts.one_sided.right) {
        (0, 0) => "none".to_owned(),
        (left, 0) => format!("{left} left"),
        (0, right) => format!("{right} right"),
        (left, right) => format!("{left} left, {right} right"),
    };
    let resting = if count == 0 {
        String::new()
    } else {
        format!(", {} of them while the face did not speak", facts.at_rest_count())
    };
    Some(Clue::new(
        "involuntary movement of one side of the face",
        EvidenceValue::Text(sides + &resting),
        "non-conjugate spasms 0.3 to 24.7 a minute in hemifacial spasm \
         (doi 10.1007/s00417-019-04567-w); in daily life 0.4 a minute and one in twenty voluntary \
         movements, beside a weak side every blink: judgment",
        |label| match label {
            l if is_hfs(l) => 0.5 * w,
            // What is left of one-sided voluntary movement looks the same.
            SynkinesisLike => 0.25 * w.max(0.0),
            _ => -0.5 * w,
        },
    ))
}

pub(super) fn repeated(facts: &Facts) -> Option<Clue> {
    let carries = |label| is_hfs(label) || label == SynkinesisLike;
    repetition("movement of one side", &facts.one_sided_starts_s, carries)
}

pub(super) fn sides_involved(facts: &Facts) -> Option<Clue> {
    let count = facts.one_sided;
    if facts.one_sided_count() == 0 || facts.one_sided_by_weakness() {
        return None;
    }
    let lesser = if count.left < count.right { Side::Left } else { Side::Right };
    let (few, many) = (count[lesser], count[lesser.opposite()]);
    let full = facts.multi_region[lesser];
    // In bilateral spasm the weaker side has any share from 20 to 50 %; in unilateral spasm 8 %
    // are strays of one region, 1 % strays of several.
    let of_both = |share: f64| share.powi(few as i32) * (1.0 - share).powi(many as i32);
    let both = (4..=10).map(|k| of_both(0.05 * f64::from(k))).sum::<f64>() / 7.0;
    let one = 0.08_f64.powi((few - full) as i32)
        * 0.01_f64.powi(full as i32)
        * 0.91_f64.powi(many as i32);
    let w = (both.max(1e-300) / one.max(1e-300)).ln();
    // Each side's own bursts must be of several regions, and one event is no side.
    let w = if full == 0 || few < 2 { w.min(0.5) } else { w };
    // What a sound side does beside a weak one is no sign of spasm of both.
    let w = if facts.alone_beside_weak().is_some() { w.min(0.0) } else { w };
    Some(Clue::new(
        "events of the less affected side",
        EvidenceValue::Text(format!("{few} ({full} of several regions) of {}", few + many)),
        "bilateral hemifacial spasm: all asymmetric (Mov Disord 1999;14:345); shares: judgment",
        |label| match label {
            BilateralHfs => 0.5 * w,
            TypicalHfs | AtypicalHfs => -0.5 * w,
            _ => 0.0,
        },
    ))
}

pub(super) fn both_sides_are_rare(facts: &Facts) -> Option<Clue> {
    (facts.one_sided_count() > 0).then(|| {
        Clue::new(
            "hemifacial spasm of both sides is rare",
            EvidenceValue::Flag(true),
            "0.6 % (PMID 16533973), under 5 % (StatPearls); weight: judgment, less than the \
             figures say, as the rare must be recognisable",
            |label| if label == BilateralHfs { -1.0 } else { 0.0 },
        )
    })
}

pub(super) fn unequal_sides(facts: &Facts) -> Option<Clue> {
    let alone = facts.alone_beside_weak().is_some();
    if alone || facts.one_sided.left < 2 || facts.one_sided.right < 2 {
        return None;
    }
    let sizes = facts.size_mfu;
    let ratio = sizes.left.min(sizes.right) / sizes.left.max(sizes.right).max(1e-3);
    Some(Clue::new(
        "size of the weaker side's movement over the stronger's",
        number(ratio),
        "bilateral hemifacial spasm: all asymmetric (Mov Disord 1999;14:345); weight: judgment",
        |label| match label {
            BilateralHfs => 0.5 * (0.85 - ratio).signum(),
            l if shuts_both_lids(l) => -0.5 * (0.85 - ratio).signum(),
            _ => 0.0,
        },
    ))
}

pub(super) fn sides_asynchronous(facts: &Facts) -> Option<Clue> {
    let alone = facts.alone_beside_weak().is_some();
    if alone || facts.one_sided.left == 0 || facts.one_sided.right == 0 {
        return None;
    }
    let all = facts.one_sided_count();
    let share = f64::from(facts.matched) / f64::from(all);
    let w = BOUND * (0.5 - share) * (f64::from(all) / 6.0).min(1.0);
    Some(Clue::new(
        "events in which the other side moved at the same time",
        EvidenceValue::Text(format!("{} of {all}", facts.matched)),
        "bilateral hemifacial spasm: all asynchronous (Mov Disord 1999;14:345); weight: judgment",
        |label| match label {
            BilateralHfs => w,
            SynkinesisLike => -0.5 * w,
            l if shuts_both_lids(l) => -0.5 * w,
            _ => 0.0,
        },
    ))
}
