//! What differs between two visits, and whether by more than the recordings' own uncertainty.

use serde::{Deserialize, Serialize};

use super::chance;
use super::visit::{Visit, durations};
use crate::anatomy::{Region, Side};
use crate::report::Analysis;

/// What is compared.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Measure {
    /// Twitches and spasms of a side, a minute.
    EventRate,
    /// Part of the time in twitches and spasms of a side, 0 to 1.
    SpasmTime,
    /// Share of a side's twitches and spasms in which a region takes part, 0 to 1.
    Involvement,
    /// Prolonged closures of both lids, a minute.
    ClosureRate,
    /// Blinks a minute.
    BlinkRate,
}

/// A measure at two visits.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Change {
    /// What is compared.
    pub measure: Measure,
    /// The side, where the measure is one of a side.
    pub side: Option<Side>,
    /// The region, where the measure is one of a region.
    pub region: Option<Region>,
    /// Number of the earlier visit.
    pub from: u32,
    /// Number of the later visit.
    pub to: u32,
    /// At the earlier visit.
    pub before: f64,
    /// At the later visit.
    pub after: f64,
    /// Probability of such a difference or a larger one by chance alone.
    pub p: f64,
    /// It is larger than the recordings' own uncertainty, all comparisons taken together.
    pub beyond_uncertainty: bool,
}

/// The changes from each visit to the next and, from three visits on, from the first to the last.
pub(super) fn changes(analyses: &[Analysis], visits: &[Visit]) -> Vec<Change> {
    let last = visits.len() - 1;
    let mut pairs: Vec<(usize, usize)> = (0..last).map(|i| (i, i + 1)).collect();
    if last > 1 {
        pairs.push((0, last));
    }
    let mut changes: Vec<Change> =
        pairs.into_iter().flat_map(|(a, b)| between(analyses, visits, a, b)).collect();
    let probabilities: Vec<f64> = changes.iter().map(|change| change.p).collect();
    for (change, stands) in changes.iter_mut().zip(chance::standing(&probabilities)) {
        change.beyond_uncertainty = stands;
    }
    changes
}

fn between(analyses: &[Analysis], visits: &[Visit], a: usize, b: usize) -> Vec<Change> {
    let (one, two) = (&visits[a], &visits[b]);
    let (s, t) = (one.usable_s, two.usable_s);
    let change = |measure, side, region, before: f64, after: f64, p: f64| Change {
        measure,
        side,
        region,
        from: one.number,
        to: two.number,
        before,
        after,
        p,
        beyond_uncertainty: false,
    };
    let (Some(_), Some(_)) = (one.blinks.per_min, two.blinks.per_min) else { return Vec::new() };
    let rate = |measure, side, x: &super::Rate, y: &super::Rate| {
        let p = chance::rates(x.count, s, y.count, t);
        let per_min = |rate: &super::Rate| rate.per_min.unwrap_or(0.0);
        change(measure, side, None, per_min(x), per_min(y), p)
    };
    let mut found = Vec::new();
    let (before, after) = (durations(&analyses[a]), durations(&analyses[b]));
    for side in Side::BOTH {
        let (x, y) = (one.side(side), two.side(side));
        // Nothing at both visits is nothing to compare.
        if x.events.count + y.events.count == 0 {
            continue;
        }
        found.push(rate(Measure::EventRate, Some(side), &x.events, &y.events));
        let p = chance::times(&before[side], s, &after[side], t);
        let part = |time: Option<f64>| time.unwrap_or(0.0);
        let (early, late) = (part(x.spasm_time), part(y.spasm_time));
        found.push(change(Measure::SpasmTime, Some(side), None, early, late, p));
        let (n, m) = (x.events.count, y.events.count);
        if n == 0 || m == 0 {
            continue;
        }
        for (here, there) in x.regions.iter().zip(&y.regions) {
            if here.count + there.count == 0 {
                continue;
            }
            let share = |count: u32, of: u32| f64::from(count) / f64::from(of);
            let p = chance::shares(here.count, n, there.count, m);
            let (early, late) = (share(here.count, n), share(there.count, m));
            let region = Some(here.region);
            found.push(change(Measure::Involvement, Some(side), region, early, late, p));
        }
    }
    if one.closures.count + two.closures.count > 0 {
        found.push(rate(Measure::ClosureRate, None, &one.closures, &two.closures));
    }
    found.push(rate(Measure::BlinkRate, None, &one.blinks, &two.blinks));
    found
}
