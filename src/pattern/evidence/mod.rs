//! Evidence: each a small function from the facts to a bounded weight for every label.
//!
//! A weight is the logarithm of how much likelier the finding is under one label than under
//! another, in nats; only differences between labels count. Every function states where its
//! figures come from; those marked "judgment" are this project's own.

mod jaw;
mod lids;
mod onset;
mod sides;
mod voluntary;

use statrs::function::factorial::ln_factorial;
use statrs::function::gamma::ln_gamma;

use super::Label::{AtypicalHfs, BilateralHfs, BlepharospasmLike, MeigeLike, TypicalHfs};
use super::facts::Facts;
use super::{EvidenceValue, Label};
use crate::event::stats::median;

/// The largest weight of one piece of evidence, nats: no finding alone says more than 55 to 1
/// (judgment).
pub(super) const BOUND: f64 = 4.0;

/// The largest weight of a family on a label, nats: findings that follow from the same movements say
/// together no more than 20 to 1 for a label or against it (judgment).
pub(super) const FAMILY_BOUND: f64 = 3.0;

/// Position of a label in [`Label::WEIGHED`] is its position here.
pub(super) type Weights = [f64; Label::WEIGHED.len()];

/// One finding and how it weighs on every label.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Clue {
    pub(super) finding: String,
    pub(super) value: EvidenceValue,
    pub(super) weights: Weights,
    pub(super) source: &'static str,
    /// Who told it; `None` where it was seen in the recording.
    pub(super) told: Option<Teller>,
    /// Its family: findings of one family follow from the same movements and depend on each other.
    pub(super) family: Option<usize>,
}

/// Who tells what a recording does not show.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Teller {
    /// The history.
    History,
    /// Several recordings compared with each other.
    Visits,
}

impl Clue {
    pub(super) fn new(
        finding: impl Into<String>,
        value: EvidenceValue,
        source: &'static str,
        weight: impl Fn(Label) -> f64,
    ) -> Self {
        let weights = Label::WEIGHED.map(|label| weight(label).clamp(-BOUND, BOUND));
        Self { finding: finding.into(), value, weights, source, told: None, family: None }
    }

    /// The same, told by somebody.
    pub(super) fn told(self, teller: Teller) -> Self {
        let name = match teller {
            Teller::History => "history",
            Teller::Visits => "visits",
        };
        Self { finding: format!("{name}: {}", self.finding), told: Some(teller), ..self }
    }
}

/// What looks at the facts.
type Look = fn(&Facts) -> Option<Clue>;

/// Everything that is looked at, in families: the findings of one follow from the same movements.
const FAMILIES: [&[Look]; 7] = [
    &[sides::one_sided_events, sides::repeated],
    &[
        sides::sides_involved,
        sides::both_sides_are_rare,
        sides::unequal_sides,
        sides::sides_asynchronous,
    ],
    &[onset::several_regions, onset::order, onset::lone_region, onset::other_babinski],
    &[
        lids::closures,
        lids::repeated,
        lids::squeezed,
        lids::trouble_opening,
        lids::lids_together,
        lids::blink_rate,
    ],
    &[lids::lower_face_in_closures],
    &[jaw::jaw, jaw::jaw_rhythm, jaw::quiet_lids],
    &[voluntary::locked, voluntary::excursion, voluntary::weakness],
];

/// Everything that the facts of a recording say.
pub(super) fn of_recording(facts: &Facts) -> Vec<Clue> {
    let of_family = |(number, looks): (usize, &&[Look])| {
        let clues = looks.iter().filter_map(|look| look(facts));
        clues.map(|clue| Clue { family: Some(number), ..clue }).collect::<Vec<_>>()
    };
    FAMILIES.iter().enumerate().flat_map(of_family).collect()
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

/// A part of a whole in words.
fn percent(share: f64) -> EvidenceValue {
    EvidenceValue::Text(format!("{:.0} %", 100.0 * share))
}

/// Events at rest and in talk, with the time of each, minutes.
#[derive(Debug, Clone, Copy)]
struct Strata {
    counts: [u32; 2],
    minutes: [f64; 2],
}

impl Strata {
    fn new(facts: &Facts, all: u32, at_rest: u32) -> Self {
        Self { counts: [at_rest, all.saturating_sub(at_rest)], minutes: facts.strata_min() }
    }

    /// Log odds that they come from a disorder, in which they come between `rates` times a minute
    /// (any logarithm of the rate alike, Poisson) whatever the face does otherwise, and not from daily
    /// life, in which as many are expected at rest and in talk as one of `strays` says, each as
    /// likely (geometric, as people differ).
    fn odds(&self, rates: [f64; 2], strays: &[[f64; 2]]) -> f64 {
        let steps = 12;
        let of_rate = |step: i32| {
            let rate =
                rates[0] * (rates[1] / rates[0]).powf(f64::from(step) / f64::from(steps - 1));
            (0..2).map(|i| log_poisson(self.counts[i], rate * self.minutes[i])).sum::<f64>()
        };
        let disorder = (0..steps).map(|step| of_rate(step).exp()).sum::<f64>() / f64::from(steps);
        let daily = |stray: &[f64; 2]| {
            let of = |i: usize| {
                let mean = stray[i].max(1e-6);
                f64::from(self.counts[i]) * (mean / (1.0 + mean)).ln() - (1.0 + mean).ln()
            };
            (of(0) + of(1)).exp()
        };
        let daily = strays.iter().map(daily).sum::<f64>() / strays.len().max(1) as f64;
        (disorder.max(1e-300).ln() - daily.max(1e-300).ln()).clamp(-BOUND, BOUND)
    }
}

fn log_poisson(count: u32, mean: f64) -> f64 {
    f64::from(count) * mean.max(1e-6).ln() - mean - ln_factorial(u64::from(count))
}

/// Fewest repetitions whose intervals tell something.
const REPEATED: usize = 4;

/// Shape of the intervals of what is repeated on purpose and of what comes by itself (gamma; the
/// spread is a sixth of the mean, and nearly all of it; judgment).
const SHAPES: [f64; 2] = [36.0, 1.3];

/// Log odds that events repeated so were made on purpose, from the intervals between their beginnings:
/// who winks or shuts the eyes at will does so in a rhythm. Irregular ones say little.
fn too_alike(starts_s: &[f64]) -> Option<f64> {
    let gaps: Vec<f64> = starts_s.windows(2).map(|pair| (pair[1] - pair[0]).max(1e-3)).collect();
    if gaps.len() + 1 < REPEATED {
        return None;
    }
    let n = gaps.len() as f64;
    let mean = gaps.iter().sum::<f64>() / n;
    let logs = gaps.iter().map(|gap| (gap / mean).ln()).sum::<f64>();
    // Density of gaps over their mean, which is 1.
    let density = |k: f64| n * (k * k.ln() - ln_gamma(k) - k) + (k - 1.0) * logs;
    Some((density(SHAPES[0]) - density(SHAPES[1])).clamp(-0.5, BOUND))
}

/// Intervals as a clue against everything that comes by itself and rests on such events.
fn repetition(
    what: &'static str,
    starts_s: &[f64],
    carries: impl Fn(Label) -> bool,
) -> Option<Clue> {
    let w = too_alike(starts_s)?;
    let gaps: Vec<f64> = starts_s.windows(2).map(|pair| pair[1] - pair[0]).collect();
    let middle = median(gaps)?;
    let value = format!("{} times, about every {middle:.1} s", starts_s.len());
    let finding = if w > 0.0 {
        format!("{what} repeated as regularly as on purpose")
    } else {
        format!("{what} repeated at no regular interval")
    };
    Some(Clue::new(
        finding,
        EvidenceValue::Text(value),
        "who winks or closes the eyes on purpose keeps a rhythm; intervals as gamma of shape 36 \
         against 1.3: judgment",
        |label| match label {
            Label::None => 0.5 * w,
            l if carries(l) => -0.5 * w,
            _ => 0.0,
        },
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_rhythm_speaks_for_purpose_and_chance_does_not() {
        let regular: Vec<f64> = (0..10).map(|i| 5.0 * f64::from(i)).collect();
        let irregular = [1.0, 2.0, 9.0, 10.5, 24.0, 25.0, 40.0];
        assert!(too_alike(&regular).unwrap() > 3.0);
        assert!(too_alike(&irregular).unwrap() < 0.0);
        assert_eq!(too_alike(&regular[..3]), None);
        assert!((ln_gamma(5.0) - 24.0_f64.ln()).abs() < 1e-6, "{}", ln_gamma(5.0));
        assert!((ln_gamma(1.3) + 0.108_174).abs() < 1e-4, "{}", ln_gamma(1.3));
    }

    #[test]
    fn events_at_rest_say_more_than_as_many_in_talk() {
        let minutes = [0.5, 0.5];
        let odds = |counts| Strata { counts, minutes }.odds([2.0, 25.0], &[[0.2, 1.0]]);
        assert!(odds([2, 0]) > odds([1, 1]) && odds([1, 1]) > odds([0, 2]));
        assert!(odds([0, 0]) < -2.0, "{}", odds([0, 0]));
    }
}
