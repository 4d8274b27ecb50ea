//! Evidence of the jaw: its spasms and their rhythm, and whether the lids keep quiet.

use super::{Clue, Strata, number};
use crate::pattern::EvidenceValue;
use crate::pattern::Label::{MasticatoryLike, MeigeLike};
use crate::pattern::facts::Facts;

/// Spasms of the jaw a minute, and what of daily life is taken for one (judgment).
const RATES: [f64; 2] = [1.5, 12.0];
const STRAY: f64 = 0.3;

pub(super) fn jaw(facts: &Facts) -> Option<Clue> {
    let strata = Strata::new(facts, facts.jaw, facts.jaw_at_rest);
    let w = strata.odds(RATES, &[strata.minutes.map(|minutes| STRAY * minutes)]);
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

pub(super) fn jaw_rhythm(facts: &Facts) -> Option<Clue> {
    let hz = facts.jaw_hz?;
    let w = if (0.5..=2.0).contains(&hz) { 1.0 } else { -0.5 };
    Some(Clue::new(
        "rhythm of the jaw, bursts a second",
        number(hz),
        "rhythmic masticatory activity runs near one a second; bounds 0.5 to 2: judgment",
        |label| if label == MasticatoryLike { w } else { 0.0 },
    ))
}

pub(super) fn quiet_lids(facts: &Facts) -> Option<Clue> {
    if facts.jaw_at_rest == 0 {
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
