//! Order of the regions over all events of a recording.

use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha8Rng;
use serde::{Deserialize, Serialize};

use super::stats::median;
use super::{Direction, Event, Relation, SpreadSummary};
use crate::anatomy::Region;
use crate::thresholds::EventThresholds;

/// A lag between two regions, pooled over the events in which both took part.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct PooledLag {
    /// The region that comes first in the order of reports.
    pub first: Region,
    /// The other region.
    pub second: Region,
    /// Median onset of the second less onset of the first, seconds.
    pub lag_s: f64,
    /// 90 % interval of that median, by bootstrap over the events, seconds.
    pub ci_s: [f64; 2],
    /// Events in which both took part.
    pub events: u32,
    /// Events in which the first was shown to begin before the second.
    pub first_before: u32,
    /// Events in which the second was shown to begin before the first.
    pub second_before: u32,
}

/// When a region first took part.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Recruited {
    /// The region.
    pub region: Region,
    /// Start of the first involuntary event in which it took part, seconds.
    pub since_s: f64,
    /// Number of events in which it took part.
    pub events: u32,
}

/// Resamples of the bootstrap.
const RESAMPLES: usize = 1000;

/// Pools the order over the involuntary events.
pub(super) fn spread(events: &[Event], frame_s: f64, t: &EventThresholds) -> SpreadSummary {
    let events: Vec<&Event> = events.iter().filter(|e| e.kind.is_involuntary()).collect();
    let mut summary = SpreadSummary::default();
    for event in &events {
        for region in event.spread.first().into_iter().flatten() {
            *summary.first_region.entry(*region).or_insert(0) += 1;
        }
        for region in event.spread.iter().flatten() {
            match summary.recruited.iter_mut().find(|r| r.region == *region) {
                Some(known) => known.events += 1,
                None => summary.recruited.push(Recruited {
                    region: *region,
                    since_s: event.start_s,
                    events: 1,
                }),
            }
        }
    }
    for (i, first) in Region::ALL.into_iter().enumerate() {
        for second in Region::ALL.into_iter().skip(i + 1) {
            summary.lags.extend(pooled(&events, first, second));
        }
    }
    let falls: Vec<f64> = events.iter().filter_map(|event| fall_s(event)).collect();
    if let Some((lag_s, ci_s)) = median_with_interval(&falls) {
        summary.fall_s = Some(lag_s);
        summary.fall_ci_s = Some(ci_s);
        summary.direction = direction(&falls, lag_s, ci_s, frame_s, t);
    }
    summary
}

fn direction(
    falls: &[f64],
    lag_s: f64,
    ci_s: [f64; 2],
    frame_s: f64,
    t: &EventThresholds,
) -> Direction {
    if falls.len() < t.direction_events as usize || frame_s * t.order_fps_min > 1.0 {
        return Direction::Unresolved;
    }
    // A frame between the regions is the least that one recording can show.
    let least_s = frame_s.min(t.tie_margin_s);
    let margin_s = t.tie_margin_s.max(t.tie_margin_frames * frame_s);
    if ci_s[0] > 0.0 && lag_s >= least_s {
        Direction::Downward
    } else if ci_s[1] < 0.0 && lag_s <= -least_s {
        Direction::Upward
    } else if ci_s[0] > -margin_s && ci_s[1] < margin_s {
        Direction::Simultaneous
    } else {
        Direction::Unresolved
    }
}

/// How long after the lids the lower face joined (negative: before), in one event.
fn fall_s(event: &Event) -> Option<f64> {
    let first = |wanted: fn(Region) -> bool| {
        event.contractions.iter().filter(|c| wanted(c.region)).map(|c| c.onset_s).reduce(f64::min)
    };
    let lids = first(|region| region == Region::Periocular)?;
    let below =
        first(|region| matches!(region, Region::Cheek | Region::MouthCorner | Region::Jaw))?;
    Some(below - lids)
}

fn pooled(events: &[&Event], first: Region, second: Region) -> Option<PooledLag> {
    let mut lags = Vec::new();
    let (mut first_before, mut second_before) = (0, 0);
    for lag in events.iter().flat_map(|event| &event.lags) {
        let shown = u32::from(lag.relation == Relation::Before);
        if (lag.first, lag.second) == (first, second) {
            lags.push(lag.lag_s);
            first_before += shown;
        } else if (lag.first, lag.second) == (second, first) {
            lags.push(-lag.lag_s);
            second_before += shown;
        }
    }
    let (lag_s, ci_s) = median_with_interval(&lags)?;
    Some(PooledLag {
        first,
        second,
        lag_s,
        ci_s,
        events: lags.len() as u32,
        first_before,
        second_before,
    })
}

/// Median and its 90 % bootstrap interval (percentile method); `None` of nothing. The same
/// values always give the same interval.
fn median_with_interval(values: &[f64]) -> Option<(f64, [f64; 2])> {
    let middle = median(values.to_vec())?;
    let mut rng = ChaCha8Rng::seed_from_u64(values.len() as u64);
    let mut medians: Vec<f64> = (0..RESAMPLES)
        .filter_map(|_| {
            let sample = (0..values.len()).map(|_| values[rng.random_range(0..values.len())]);
            median(sample.collect())
        })
        .collect();
    medians.sort_by(f64::total_cmp);
    let at = |q: f64| medians[((medians.len() - 1) as f64 * q).round() as usize];
    Some((middle, [at(0.05), at(0.95)]))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_bootstrap_interval_holds_the_median_and_narrows_with_events() {
        let few: Vec<f64> = (0..6).map(|i| 0.05 + 0.01 * f64::from(i)).collect();
        let many: Vec<f64> = (0..60).map(|i| 0.05 + 0.001 * f64::from(i)).collect();
        let (a, wide) = median_with_interval(&few).unwrap();
        let (b, narrow) = median_with_interval(&many).unwrap();
        assert!(wide[0] <= a && a <= wide[1] && narrow[0] <= b && b <= narrow[1]);
        assert!(narrow[1] - narrow[0] < wide[1] - wide[0]);
        assert_eq!(median_with_interval(&[]), None);
    }
}
