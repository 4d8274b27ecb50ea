//! Evidence of both lids together: prolonged closures, what joins them, and blinking.

use super::{Clue, Strata, number, percent, repetition, shuts_both_lids};
use crate::event::stats::median;
use crate::pattern::Label::{BlepharospasmLike, MeigeLike, SynkinesisLike};
use crate::pattern::facts::Facts;
use crate::pattern::{EvidenceValue, Label};

/// Prolonged closures a minute where they are a disorder, and of daily life (judgment).
const RATES: [f64; 2] = [3.0, 20.0];
const STRAY: f64 = 0.8;

pub(super) fn closures(facts: &Facts) -> Option<Clue> {
    let strata = Strata::new(facts, facts.closures, facts.judged_closures);
    let w = strata.odds(RATES, &[strata.minutes.map(|minutes| STRAY * minutes)]);
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

pub(super) fn lower_face_in_closures(facts: &Facts) -> Option<Clue> {
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

pub(super) fn trouble_opening(facts: &Facts) -> Option<Clue> {
    if facts.closures == 0 {
        return None;
    }
    let w = 1.5 * ((facts.closed - 0.05) / 0.15).clamp(-1.0, 1.0);
    Some(Clue::new(
        "time with both lids shut",
        percent(facts.closed),
        "trouble opening the eyes (source article); eyes-closed time follows severity \
         (Peterson 2016); weight: judgment",
        |label| if shuts_both_lids(label) { 0.5 * w } else { -0.5 * w },
    ))
}

pub(super) fn lids_together(facts: &Facts) -> Option<Clue> {
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

pub(super) fn blink_rate(facts: &Facts) -> Option<Clue> {
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

pub(super) fn repeated(facts: &Facts) -> Option<Clue> {
    repetition("closures of both lids", &facts.closure_starts_s, shuts_both_lids)
}

/// The largest weight of squeezing, nats (judgment).
const SQUEEZES: f64 = 1.4;

pub(super) fn squeezed(facts: &Facts) -> Option<Clue> {
    if facts.closures < 2 {
        return None;
    }
    let (with, without) = (facts.squeezed, facts.closures - facts.squeezed);
    // Closures of one person are alike: they say no more than 4 to 1 together.
    let w = (f64::from(with) * (0.7_f64 / 0.22).ln() + f64::from(without) * (0.3_f64 / 0.78).ln())
        .clamp(-SQUEEZES, SQUEEZES);
    Some(Clue::new(
        "closures with which brow or cheeks squeezed",
        EvidenceValue::Text(format!("{} of {}", facts.squeezed, facts.closures)),
        "the ring muscle of the eye brings brow and cheeks along in spasm; lids shut at will or \
         tired fall alone; shares 70 and 22 %: judgment",
        |label| match label {
            l if shuts_both_lids(l) => 0.5 * w,
            Label::None => -0.5 * w,
            _ => 0.0,
        },
    ))
}
