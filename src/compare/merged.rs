//! The pattern on all visits together.

use super::progress::{Course, Progress, SideProgress};
use crate::anatomy::{Region, Side};
use crate::event::{BySide, Direction, Findings, SpreadSummary, Summary};
use crate::pattern::{self, History, Pattern, Symptom};
use crate::report::Analysis;
use crate::thresholds::PatternThresholds;

/// Time set between the recordings of two visits, seconds: no event of one can belong to the other.
const APART_S: f64 = 60.0;

/// Weighs all visits as one recording, with the history and with what the visits themselves tell
/// of it.
pub(super) fn pattern(
    analyses: &[Analysis],
    progress: &Progress,
    history: Option<&History>,
    thresholds: &PatternThresholds,
) -> Pattern {
    let findings = findings(analyses);
    let told = told(progress, history);
    let usable_s = findings.summary.usable_s;
    pattern::assess_visits(&findings, usable_s, history, told.as_ref(), thresholds)
}

/// The beginning and the course that the visits show, in the manner of a history, where they show one
/// and the history does not say.
fn told(progress: &Progress, history: Option<&History>) -> Option<History> {
    if history.is_some_and(|history| history.first_symptom.is_some()) {
        return None;
    }
    let later = progress.across.as_ref().filter(|across| across.certain);
    // The side that was first.
    let side = match (later, progress.left.since, progress.right.since) {
        (Some(across), ..) => across.side.opposite(),
        (None, Some(_), None) => Side::Left,
        (None, None, Some(_)) => Side::Right,
        _ => return None,
    };
    let own = match side {
        Side::Left => &progress.left,
        Side::Right => &progress.right,
    };
    if later.is_none() && !matches!(own.course, Course::Downward | Course::Upward) {
        return None;
    }
    let symptom = |region: Region, side: Side| Symptom { region, side: Some(side), date: None };
    let first_symptom = Some(symptom(beginning(own)?, side));
    let mut told = History { first_symptom, ..History::default() };
    let joined = own.joined.iter().filter(|joined| joined.certain);
    told.later_regions = joined.map(|joined| symptom(joined.region, side)).collect();
    if let Some(across) = later {
        let other = match across.side {
            Side::Left => &progress.left,
            Side::Right => &progress.right,
        };
        told.later_regions.extend(other.first.iter().map(|region| symptom(*region, across.side)));
    }
    Some(told)
}

/// The region where it began: the one farthest from those that joined.
fn beginning(own: &SideProgress) -> Option<Region> {
    let mut order =
        [Region::Periocular, Region::Cheek, Region::MouthCorner, Region::Jaw, Region::Forehead];
    if own.course == Course::Upward {
        order[..4].reverse();
    }
    order.into_iter().find(|region| own.first.contains(region))
}

/// All visits as one recording.
fn findings(analyses: &[Analysis]) -> Findings {
    let mut whole = Findings::default();
    let mut offset_s = 0.0;
    let mut directions = Vec::new();
    for analysis in analyses {
        let own = &analysis.findings;
        for event in &own.events {
            let mut event = event.clone();
            event.id = u32::try_from(whole.events.len() + 1).unwrap_or(u32::MAX);
            event.start_s += offset_s;
            event.peak_s += offset_s;
            event.end_s += offset_s;
            for contraction in &mut event.contractions {
                contraction.onset_s += offset_s;
                contraction.onset_ci_s = contraction.onset_ci_s.map(|time| time + offset_s);
                contraction.peak_s += offset_s;
                contraction.end_s += offset_s;
            }
            whole.events.push(event);
        }
        for blink in &own.blinks {
            let mut blink = blink.clone();
            blink.start_s += offset_s;
            blink.peak_s += offset_s;
            blink.end_s += offset_s;
            whole.blinks.push(blink);
        }
        for (region, count) in &own.spread.first_region {
            *whole.spread.first_region.entry(*region).or_insert(0) += count;
        }
        directions.push(own.spread.direction);
        offset_s += analysis.source.duration_s + APART_S;
    }
    directions.retain(|direction| *direction != Direction::Unresolved);
    directions.dedup();
    let direction = if let [only] = directions[..] { only } else { Direction::Unresolved };
    whole.spread = SpreadSummary { direction, ..whole.spread };
    whole.summary = summary(analyses);
    whole
}

/// Figures over all visits, each weighing by its usable time.
fn summary(analyses: &[Analysis]) -> Summary {
    let usable_s: f64 = analyses.iter().map(|a| a.findings.summary.usable_s).sum();
    let mean = |of: &dyn Fn(&Summary) -> f64| {
        let sum: f64 =
            analyses.iter().map(|a| a.findings.summary.usable_s * of(&a.findings.summary)).sum();
        if usable_s > 0.0 { sum / usable_s } else { 0.0 }
    };
    let sides = |of: fn(&Summary) -> BySide<f64>| BySide {
        left: mean(&|summary| of(summary).left),
        right: mean(&|summary| of(summary).right),
        both: mean(&|summary| of(summary).both),
    };
    Summary {
        usable_s,
        blink_rate_per_min: (usable_s > 0.0)
            .then(|| mean(&|summary| summary.blink_rate_per_min.unwrap_or(0.0))),
        event_rate_per_min: sides(|summary| summary.event_rate_per_min),
        closed_fraction: sides(|summary| summary.closed_fraction),
        spasm_time_fraction: sides(|summary| summary.spasm_time_fraction),
        companions: analyses
            .iter()
            .flat_map(|a| a.findings.summary.companions.iter().cloned())
            .collect(),
        ..Summary::default()
    }
}
