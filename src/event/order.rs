//! Which region joined first, as far as the data can carry it.

use serde::{Deserialize, Serialize};

use super::onset::{Onset, QUANTILES};
use crate::anatomy::Region;
use crate::thresholds::EventThresholds;

/// How two onsets stand to each other.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Relation {
    /// The first region began before the second: the interval of the lag excludes zero and the
    /// lag is at least a frame.
    Before,
    /// Shown to be simultaneous: the interval of the lag lies within the equivalence margin.
    Simultaneous,
    /// The data cannot tell.
    Unresolved,
}

/// The lag between the first onsets of two regions in one event.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Lag {
    /// The region whose onset was estimated earlier.
    pub first: Region,
    /// The other region.
    pub second: Region,
    /// Onset of the second less onset of the first, seconds.
    pub lag_s: f64,
    /// 95 % confidence interval of the lag, seconds.
    pub ci_s: [f64; 2],
    /// What that says.
    pub relation: Relation,
}

/// When a region began in one event.
#[derive(Debug, Clone, Copy)]
pub(super) struct Start<'a> {
    pub(super) region: Region,
    pub(super) onset: &'a Onset,
    /// Its contraction stands out enough that none of it was hidden before.
    pub(super) sure: bool,
}

/// Order of first involvement of the regions, inner lists being ties, and the lag of each pair.
///
/// Two groups are told apart only where every onset of the one is known to be before every
/// onset of the other.
pub(super) fn spread(
    onsets: &[Start<'_>],
    frame_s: f64,
    thresholds: &EventThresholds,
) -> (Vec<Vec<Region>>, Vec<Lag>) {
    let mut firsts: Vec<Start<'_>> = Vec::new();
    for &start in onsets {
        match firsts.iter_mut().find(|f| f.region == start.region) {
            Some(first) if start.onset.time_s < first.onset.time_s => *first = start,
            Some(_) => {}
            None => firsts.push(start),
        }
    }
    firsts.sort_by(|a, b| a.onset.time_s.total_cmp(&b.onset.time_s));
    let mut lags = Vec::new();
    for (i, a) in firsts.iter().enumerate() {
        for b in &firsts[i + 1..] {
            lags.push(lag(*a, *b, frame_s, thresholds));
        }
    }
    let before = |a: Region, b: Region| {
        lags.iter().any(|l| l.first == a && l.second == b && l.relation == Relation::Before)
    };
    let mut groups: Vec<Vec<Region>> = Vec::new();
    for (i, start) in firsts.iter().enumerate() {
        let clear =
            firsts[..i].iter().all(|a| firsts[i..].iter().all(|b| before(a.region, b.region)));
        match groups.last_mut() {
            Some(tie) if !clear => tie.push(start.region),
            _ => groups.push(vec![start.region]),
        }
    }
    for tie in &mut groups {
        tie.sort();
    }
    (groups, lags)
}

fn lag(first: Start<'_>, second: Start<'_>, frame_s: f64, thresholds: &EventThresholds) -> Lag {
    let mut differences = Vec::with_capacity(QUANTILES * QUANTILES);
    for a in &first.onset.quantiles_s {
        differences.extend(second.onset.quantiles_s.iter().map(|b| b - a));
    }
    differences.sort_by(f64::total_cmp);
    let at = |q: f64| differences[((differences.len() - 1) as f64 * q).round() as usize];
    let ci_s = [at(0.025), at(0.975)];
    let lag_s = at(0.5);
    let margin_s = thresholds.tie_margin_s.max(thresholds.tie_margin_frames * frame_s);
    let quick = frame_s * thresholds.order_fps_min <= 1.0;
    let relation = if !(first.sure && second.sure) {
        Relation::Unresolved
    } else if quick && ci_s[0] > 0.0 && lag_s >= frame_s {
        Relation::Before
    } else if at(0.05) > -margin_s && at(0.95) < margin_s {
        Relation::Simultaneous
    } else {
        Relation::Unresolved
    };
    Lag { first: first.region, second: second.region, lag_s, ci_s, relation }
}
