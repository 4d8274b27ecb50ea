//! Evidence of regions: how many take part, which comes first, and how long it lasts.

use super::{Clue, is_hfs, number};
use crate::event::Direction;
use crate::pattern::EvidenceValue;
use crate::pattern::Label::{AtypicalHfs, BilateralHfs, SynkinesisLike, TypicalHfs};
use crate::pattern::facts::Facts;

pub(super) fn several_regions(facts: &Facts) -> Option<Clue> {
    let count = facts.one_sided_count();
    if count < 2 || facts.one_sided_by_weakness() {
        return None;
    }
    let several = facts.multi_region.left + facts.multi_region.right;
    let share = f64::from(several) / f64::from(count);
    let w = 3.0 * (share - 0.35) * (f64::from(count) / 4.0).min(1.0);
    Some(Clue::new(
        "one-sided events that took several regions",
        EvidenceValue::Text(format!("{several} of {count}")),
        "eye, cheek and mouth in one burst (Lee 1992: synchronous on EMG in 24 of 24); \
         weight: judgment",
        |label| if is_hfs(label) { 0.5 * w } else { -0.5 * w },
    ))
}

pub(super) fn order(facts: &Facts) -> Option<Clue> {
    let (down, up) = (facts.lids_before, facts.lids_after);
    let pooled = match facts.direction {
        Direction::Downward => 2.0,
        Direction::Upward => -2.0,
        Direction::Simultaneous | Direction::Unresolved => 0.0,
    };
    if down + up == 0 && pooled == 0.0 || facts.one_sided_by_weakness() {
        return None;
    }
    // One event in seven goes the other way, and one event alone is chance.
    let each = if down + up < 2 { 0.5 } else { 1.0 };
    let w = each * (f64::from(down) - f64::from(up)) * (6.0_f64).ln() + pooled;
    let told = [
        (down, "lids first"),
        (up, "cheek or mouth first"),
        (facts.unordered, "no order to be told"),
    ];
    let told = told.into_iter().filter(|(count, _)| *count > 0);
    let value: Vec<String> = told.map(|(count, what)| format!("{what} in {count}")).collect();
    Some(Clue::new(
        "order of onset in one-sided events",
        EvidenceValue::Text(match value.as_slice() {
            [] => "by all events together".to_owned(),
            some => some.join(", "),
        }),
        "typical: lids first, downward; atypical: lower face first, upward (source article); \
         shares: judgment",
        |label| match label {
            TypicalHfs => 0.5 * w,
            AtypicalHfs => -0.5 * w,
            // Each side may go either way.
            BilateralHfs => 0.5 * w.abs(),
            _ => 0.0,
        },
    ))
}

pub(super) fn lone_region(facts: &Facts) -> Option<Clue> {
    let (lids, lower) = (facts.lids_alone, facts.lower_alone);
    if lids + lower == 0 || facts.one_sided_by_weakness() {
        return None;
    }
    let w = 0.35 * (f64::from(lids) - f64::from(lower)).clamp(-3.0, 3.0);
    Some(Clue::new(
        "one-sided events of a single part",
        EvidenceValue::Text(format!("lids alone {lids}, cheek or mouth alone {lower}")),
        "the part that began is the most often involved: judgment after the source article",
        |label| match label {
            TypicalHfs => 0.5 * w,
            AtypicalHfs => -0.5 * w,
            // Each side may go either way.
            BilateralHfs => 0.5 * w.abs(),
            _ => 0.0,
        },
    ))
}

pub(super) fn other_babinski(facts: &Facts) -> Option<Clue> {
    if facts.one_sided_count() == 0 || facts.one_sided_by_weakness() {
        return None;
    }
    let seen = facts.other_babinski > 0;
    // Sensitivity 0.68, 0.235 after palsy, 0 of 41 in blepharospasm. Its absence tells little:
    // it shows in strong spasms only.
    let source = "brow up as the eye closes: 67.9 % in hemifacial spasm, 23.5 % after palsy, 0 of \
                  41 in blepharospasm (S0022-510X(17)30268-X)";
    let strong = (f64::from(facts.tonic) / 4.0).min(1.0);
    Some(Clue::new(
        "events in which the brow rose as the eye closed (other Babinski sign)",
        number(facts.other_babinski),
        source,
        |label| match (label, seen) {
            (l, true) if is_hfs(l) => 0.5,
            (SynkinesisLike, true) => 0.5 + (0.235_f64 / 0.679).ln(),
            (_, true) => 0.5 + ((0.5 / 42.0) / 0.679_f64).ln() / 1.5,
            (l, false) if is_hfs(l) => -0.3 * strong,
            (_, false) => 0.0,
        },
    ))
}
