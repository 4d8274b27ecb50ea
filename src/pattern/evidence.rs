//! Evidence: each a small function from the facts to a bounded weight for every label.
//!
//! A weight is the logarithm of how much likelier the finding is under one label than under
//! another, in nats; only differences between labels count. Every function states where its
//! figures come from; those marked "judgment" are this project's own.

use super::Label::{
    AtypicalHfs, BilateralHfs, BlepharospasmLike, MasticatoryLike, MeigeLike, SynkinesisLike,
    TypicalHfs,
};
use super::facts::{Facts, median};
use super::{EvidenceValue, Label};
use crate::anatomy::Side;
use crate::event::Direction;

/// The largest weight of one piece of evidence, nats: no finding alone says more than 55 to 1
/// (judgment).
pub(super) const BOUND: f64 = 4.0;

/// Position of a label in [`Label::WEIGHED`] is its position here.
pub(super) type Weights = [f64; Label::WEIGHED.len()];

/// One finding and how it weighs on every label.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Clue {
    pub(super) finding: String,
    pub(super) value: EvidenceValue,
    pub(super) weights: Weights,
    pub(super) source: &'static str,
}

impl Clue {
    pub(super) fn new(
        finding: impl Into<String>,
        value: EvidenceValue,
        source: &'static str,
        weight: impl Fn(Label) -> f64,
    ) -> Self {
        let weights = Label::WEIGHED.map(|label| weight(label).clamp(-BOUND, BOUND));
        Self { finding: finding.into(), value, weights, source }
    }
}

/// Everything that the facts of a recording say.
pub(super) fn of_recording(facts: &Facts) -> Vec<Clue> {
    [
        one_sided_events,
        sides_involved,
        both_sides_are_rare,
        unequal_sides,
        sides_asynchronous,
        several_regions,
        order,
        lone_region,
        other_babinski,
        closures,
        lower_face_in_closures,
        trouble_opening,
        lids_together,
        blink_rate,
        jaw,
        jaw_rhythm,
        quiet_lids,
        locked,
        excursion,
        spasm_time,
    ]
    .iter()
    .filter_map(|evidence| evidence(facts))
    .collect()
}

const fn is_hfs(label: Label) -> bool {
    matches!(label, TypicalHfs | AtypicalHfs | BilateralHfs)
}

const fn shuts_both_lids(label: Label) -> bool {
    matches!(label, MeigeLike | BlepharospasmLike)
}

fn number(value: impl Into<f64>) -> EvidenceValue {
    EvidenceValue::Number((value.into() * 100.0).round() / 100.0)
}

/// How much likelier `count` events in `minutes` are where they come `usual` times a minute,
/// give or take everything (geometric), than where they come `stray` times by mistake (Poisson).
fn more_than_stray(count: u32, minutes: f64, usual: f64, stray: f64) -> f64 {
    let n = f64::from(count);
    let mu = usual * minutes;
    let lambda = (stray * minutes).max(1e-6);
    let geometric = n * (mu / (1.0 + mu)).ln() - (1.0 + mu).ln();
    let factorial: f64 = (1..=count).map(|k| f64::from(k).ln()).sum();
    let poisson = n * lambda.ln() - lambda - factorial;
    geometric - poisson
}

/// The weight of a count of events for the labels that rest on such events: nothing to carry
/// them speaks against them the more, the longer was looked.
fn carried_by(count: u32, minutes: f64, usual: f64, stray: f64) -> f64 {
    if count == 0 {
        -BOUND * minutes.min(1.0)
    } else {
        more_than_stray(count, minutes, usual, stray).clamp(-BOUND, BOUND)
    }
}

fn one_sided_events(facts: &Facts) -> Option<Clue> {
    let count = facts.one_sided_count();
    let w = carried_by(count, facts.minutes(), 8.0, 0.4);
    let sides = match (facts.one_sided.left, facts.one_sided.right) {
        (0, 0) => "none".to_owned(),
        (left, 0) => format!("{left} left"),
        (0, right) => format!("{right} right"),
        (left, right) => format!("{left} left, {right} right"),
    };
    Some(Clue::new(
        "involuntary movement of one side of the face",
        EvidenceValue::Text(sides),
        "non-conjugate spasms 0.3 to 24.7 a minute in hemifacial spasm \
         (doi 10.1007/s00417-019-04567-w); 0.4 stray events a minute: judgment",
        |label| match label {
            l if is_hfs(l) => 0.5 * w,
            // What is left of one-sided voluntary movement looks the same.
            SynkinesisLike => 0.25 * w.abs(),
            Label::None if count > 0 => -0.5 * w.max(0.0) - 0.3,
            _ => -0.5 * w,
        },
    ))
}

fn sides_involved(facts: &Facts) -> Option<Clue> {
    let count = facts.one_sided;
    if facts.one_sided_count() == 0 {
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

fn both_sides_are_rare(facts: &Facts) -> Option<Clue> {
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

fn unequal_sides(facts: &Facts) -> Option<Clue> {
    if facts.one_sided.left < 2 || facts.one_sided.right < 2 {
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

fn sides_asynchronous(facts: &Facts) -> Option<Clue> {
    if facts.one_sided.left == 0 || facts.one_sided.right == 0 {
        return None;
    }
    let all = facts.one_sided_count();
    let share = f64::from(facts.matched) / f64::from(all);
    let w = BOUND * (0.5 - share) * (f64::from(all) / 6.0).min(1.0);
    Some(Clue::new(
        "events with movement of the other side at the same time, part of all",
        number(share),
        "bilateral hemifacial spasm: all asynchronous (Mov Disord 1999;14:345); weight: judgment",
        |label| match label {
            BilateralHfs => w,
            SynkinesisLike => -0.5 * w,
            l if shuts_both_lids(l) => -0.5 * w,
            _ => 0.0,
        },
    ))
}

fn several_regions(facts: &Facts) -> Option<Clue> {
    let count = facts.one_sided_count();
    if count < 2 {
        return None;
    }
    let share = f64::from(facts.multi_region.left + facts.multi_region.right) / f64::from(count);
    let w = 3.0 * (share - 0.35) * (f64::from(count) / 4.0).min(1.0);
    Some(Clue::new(
        "one-sided events of several regions, part of all",
        number(share),
        "eye, cheek and mouth in one burst (Lee 1992: synchronous on EMG in 24 of 24); \
         weight: judgment",
        |label| if is_hfs(label) { 0.5 * w } else { -0.5 * w },
    ))
}

fn order(facts: &Facts) -> Option<Clue> {
    let (down, up) = (facts.lids_before, facts.lids_after);
    let pooled = match facts.direction {
        Direction::Downward => 2.0,
        Direction::Upward => -2.0,
        Direction::Simultaneous | Direction::Unresolved => 0.0,
    };
    if down + up == 0 && pooled == 0.0 {
        return None;
    }
    // One event in seven goes the other way.
    let w = (f64::from(down) - f64::from(up)) * (6.0_f64).ln() + pooled;
    let value = format!(
        "lids first in {down}, cheek or mouth first in {up}, not to be told in {}",
        facts.unordered
    );
    Some(Clue::new(
        "visible onset order of lids and lower face in one-sided events",
        EvidenceValue::Text(value),
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

fn lone_region(facts: &Facts) -> Option<Clue> {
    let (lids, lower) = (facts.lids_alone, facts.lower_alone);
    if lids + lower == 0 {
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

fn other_babinski(facts: &Facts) -> Option<Clue> {
    if facts.one_sided_count() == 0 {
        return None;
    }
    let seen = facts.other_babinski > 0;
    // Sensitivity 0.68, 0.235 after palsy, 0 of 41 in blepharospasm. Its absence tells little:
    // it shows in strong spasms only.
    let source = "brow up as the eye closes: 67.9 % in hemifacial spasm, 23.5 % after palsy, 0 of \
                  41 in blepharospasm (S0022-510X(17)30268-X)";
    let strong = (f64::from(facts.tonic) / 4.0).min(1.0);
    Some(Clue::new(
        "events with the other Babinski sign",
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

fn closures(facts: &Facts) -> Option<Clue> {
    let w = carried_by(facts.closures, facts.minutes(), 8.0, 0.8);
    let value = match facts.closures {
        0 => "none".to_owned(),
        count => format!(
            "{count}, the longest {:.1} s, {} within 3 s of the one before",
            facts.longest_closure_s, facts.clustered
        ),
    };
    Some(Clue::new(
        "prolonged closures of both lids together",
        EvidenceValue::Text(value),
        "blinks of 0.5 s and more are 0.2 % of normal ones (PMC4015796); stereotyped, bilateral, \
         synchronous spasms in blepharospasm (Defazio 2013); rates: judgment",
        |label| match label {
            l if shuts_both_lids(l) => 0.5 * w,
            // Resting eyes are shut by anyone; and blepharospasm joins 9 of 164 hemifacial spasms.
            SynkinesisLike => -0.25 * w,
            _ => -0.5 * w,
        },
    ))
}

fn lower_face_in_closures(facts: &Facts) -> Option<Clue> {
    let n = facts.judged_closures;
    if n == 0 {
        return None;
    }
    let k = facts.closures_with_lower_face;
    let w = f64::from(k) * (0.6_f64 / 0.06).ln() + f64::from(n - k) * (0.4_f64 / 0.94).ln();
    Some(Clue::new(
        "closures with mouth or jaw of both sides, talking aside",
        EvidenceValue::Text(format!("{k} of {n}")),
        "Meige: both lids, later the lower face of both sides; double lid spasm stays at the \
         eyes (source article); shares: judgment",
        |label| match label {
            MeigeLike => 0.5 * w,
            BlepharospasmLike => -0.5 * w,
            _ => 0.0,
        },
    ))
}

fn trouble_opening(facts: &Facts) -> Option<Clue> {
    if facts.closures == 0 {
        return None;
    }
    let w = 1.5 * ((facts.closed - 0.05) / 0.15).clamp(-1.0, 1.0);
    Some(Clue::new(
        "part of the time with both lids shut",
        number(facts.closed),
        "trouble opening the eyes (source article); eyes-closed time follows severity \
         (Peterson 2016); weight: judgment",
        |label| if shuts_both_lids(label) { 0.5 * w } else { -0.5 * w },
    ))
}

fn lids_together(facts: &Facts) -> Option<Clue> {
    if facts.closures < 2 {
        return None;
    }
    let lag = median(facts.lid_lags_s.clone())?;
    let w = if lag <= 0.05 { 0.4 } else { -1.0 };
    Some(Clue::new(
        "lag between the two lids, seconds (median)",
        EvidenceValue::Number((lag * 1000.0).round() / 1000.0),
        "synchronous in blepharospasm (Defazio 2013); 0.05 s: derived",
        |label| if shuts_both_lids(label) { w } else { 0.0 },
    ))
}

fn blink_rate(facts: &Facts) -> Option<Clue> {
    if facts.usable_s < 20.0 {
        return None;
    }
    let w = if facts.blink_rate > 27.0 { 0.7 } else { 0.0 };
    Some(Clue::new(
        "blinks a minute",
        number(facts.blink_rate),
        "over 27 a minute at rest: a blepharospasm study's inclusion (NCT00082615); weight: \
         judgment, as talking raises the rate too",
        |label| if shuts_both_lids(label) { w } else { 0.0 },
    ))
}

fn jaw(facts: &Facts) -> Option<Clue> {
    let w = carried_by(facts.jaw, facts.minutes(), 4.0, 0.3);
    Some(Clue::new(
        "spasms of the jaw alone",
        number(facts.jaw),
        "masticatory spasm: trouble opening and closing, grinding (source article); rates: judgment",
        |label| match label {
            MasticatoryLike => 0.5 * w,
            // Jaw movement between closures is no argument against Meige.
            MeigeLike if facts.closures > 2 => 0.0,
            _ => -0.5 * w,
        },
    ))
}

fn jaw_rhythm(facts: &Facts) -> Option<Clue> {
    let hz = facts.jaw_hz?;
    let w = if (0.5..=2.0).contains(&hz) { 1.0 } else { -0.5 };
    Some(Clue::new(
        "rhythm of the jaw, bursts a second",
        number(hz),
        "rhythmic masticatory activity runs near one a second; bounds 0.5 to 2: judgment",
        |label| if label == MasticatoryLike { w } else { 0.0 },
    ))
}

fn quiet_lids(facts: &Facts) -> Option<Clue> {
    if facts.jaw == 0 {
        return None;
    }
    let quiet = facts.closures == 0 && facts.one_sided_count() <= 1;
    let w = if quiet { 0.7 } else { -0.7 };
    Some(Clue::new(
        "lids quiet while the jaw works",
        EvidenceValue::Flag(quiet),
        "only the muscles of chewing in masticatory spasm (source article); weight: judgment",
        |label| if label == MasticatoryLike { w } else { 0.0 },
    ))
}

fn locked(facts: &Facts) -> Option<Clue> {
    let locking = &facts.locking;
    let side = locking.side();
    let moves = locking.mouth_moves[side];
    let (with, closing, blinking) = (
        locking.eye_with_mouth[side],
        locking.mouth_with_closure[side],
        locking.mouth_with_blink[side],
    );
    if with + closing == 0 && (moves == 0 || !locking.declared) && blinking < 2 {
        return (facts.event_count() > 0).then(|| {
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

fn excursion(facts: &Facts) -> Option<Clue> {
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

fn spasm_time(facts: &Facts) -> Option<Clue> {
    if facts.one_sided_count() == 0 {
        return None;
    }
    let w = 0.6 * ((facts.spasm_time - 0.01) / 0.05).clamp(-1.0, 1.0);
    Some(Clue::new(
        "part of the time in a one-sided event",
        number(facts.spasm_time),
        "rate and duration follow severity (doi 10.1007/s00701-024-06407-1); weight: judgment",
        |label| if label == Label::None { -w } else { 0.0 },
    ))
}
