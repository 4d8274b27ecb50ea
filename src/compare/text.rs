//! A comparison in words.

use std::fmt::Write;

use super::{Change, Comparison, Course, Measure, Rate, SideProgress, Visit};
use crate::anatomy::{Place, Region, Side};
use crate::report::summary;

/// The comparison as a few lines for the terminal.
pub(super) fn text(comparison: &Comparison) -> String {
    let mut lines: Vec<(String, String)> =
        comparison.visits.iter().map(|v| (format!("Visit {}", v.number), visit(v))).collect();
    for visit in comparison.visits.iter().filter(|visit| !visit.scales.is_empty()) {
        let ranges = summary::scales(&visit.scales);
        lines.push(("Scales".to_owned(), format!("visit {}: {ranges}", visit.number)));
    }
    lines.extend(course(comparison).into_iter().map(|part| ("Course".to_owned(), part)));
    let certain: Vec<&Change> = comparison.certain_changes().collect();
    if certain.is_empty() {
        lines.push(("Changes".to_owned(), NO_CHANGE.to_owned()));
    }
    lines.extend(certain.into_iter().map(|own| ("Change".to_owned(), change(own))));
    let heads = std::iter::once("Pattern").chain(std::iter::repeat(""));
    lines.extend(heads.zip(pattern(comparison)).map(|(head, line)| (head.to_owned(), line)));
    lines.extend(comparison.warnings.iter().map(|w| ("Warning".to_owned(), w.message.clone())));
    lines.push(("Note".to_owned(), comparison.disclaimer.clone()));
    let mut text = String::new();
    for (name, line) in lines {
        // Writing to a String cannot fail.
        let _ = writeln!(text, "{name:<8} {line}");
    }
    text
}

/// What is said where nothing changed for certain.
pub(super) const NO_CHANGE: &str = "none larger than the recordings' own uncertainty";

/// A visit in a line.
fn visit(visit: &Visit) -> String {
    let mut text = format!(
        "{}: {} usable; {}",
        name(visit),
        summary::duration(visit.usable_s),
        summary::label(visit.label)
    );
    for side in [Side::Right, Side::Left] {
        let events = &visit.side(side).events;
        if events.count > 0 {
            let _ = write!(text, "; {side} {}", rate(events));
        }
    }
    if visit.closures.count > 0 {
        let _ = write!(text, "; prolonged closures {}", rate(&visit.closures));
    }
    text
}

/// The recording's file name.
pub(super) fn name(visit: &Visit) -> String {
    let path = std::path::Path::new(&visit.path);
    path.file_name().map_or_else(|| visit.path.clone(), |name| name.to_string_lossy().into_owned())
}

/// A count with its rate and interval.
pub(super) fn rate(rate: &Rate) -> String {
    match (rate.per_min, rate.ci) {
        (Some(per_min), Some([low, high])) => {
            format!("{} ({per_min:.1} a minute, {low:.1} to {high:.1})", rate.count)
        }
        _ => "not measured".to_owned(),
    }
}

/// How involvement spread, in a sentence for each side that takes part.
pub(super) fn course(comparison: &Comparison) -> Vec<String> {
    let progress = &comparison.progress;
    let mut parts = Vec::new();
    if let Some(across) = &progress.across {
        let doubt = if across.certain { "" } else { " (so few events that chance could do it)" };
        parts.push(format!("across: the {} joined at visit {}{doubt}", across.side, across.visit));
    }
    for (side, own) in [(Side::Right, &progress.right), (Side::Left, &progress.left)] {
        if let Some(since) = own.since {
            parts.push(side_course(side, since, own));
        }
    }
    if parts.is_empty() {
        parts.push("no region took part in twitches or spasms at any visit".to_owned());
    }
    parts
}

fn side_course(side: Side, since: u32, own: &SideProgress) -> String {
    let word = match own.course {
        Course::Downward => "downward",
        Course::Upward => "upward",
        Course::Unresolved => "direction unresolved",
        Course::None => "no region joined",
    };
    let mut text = format!("{side}: {word}; {} at visit {since}", list(&own.first));
    for joined in &own.joined {
        let _ = write!(text, ", {} since visit {}", summary::plain(joined.region), joined.visit);
        if let Some(doubt) = &joined.doubt {
            let _ = write!(text, " ({doubt})");
        }
    }
    if !own.ceased.is_empty() {
        let _ = write!(text, "; no longer seen: {}", list(&own.ceased));
    }
    text
}

fn list(regions: &[Region]) -> String {
    regions.iter().map(|region| summary::plain(*region)).collect::<Vec<_>>().join(" and ")
}

/// What a change is one of.
pub(super) fn measure(change: &Change) -> String {
    let side = change.side.map_or_else(String::new, |side| side.to_string());
    match (change.measure, change.region) {
        (Measure::EventRate, _) => format!("twitches and spasms, {side}, a minute"),
        (Measure::SpasmTime, _) => format!("time in spasm, {side}"),
        (Measure::Involvement, Some(region)) => {
            format!("{} taking part", summary::place(Place { region, side: change.side }))
        }
        (Measure::Involvement, None) => format!("taking part, {side}"),
        (Measure::ClosureRate, _) => "prolonged closures a minute".to_owned(),
        (Measure::BlinkRate, _) => "blinks a minute".to_owned(),
    }
}

/// A value of a measure.
pub(super) fn value(change: &Change, value: f64) -> String {
    match change.measure {
        Measure::SpasmTime | Measure::Involvement => summary::percent(value),
        Measure::EventRate | Measure::ClosureRate | Measure::BlinkRate => format!("{value:.1}"),
    }
}

/// A change in a line.
pub(super) fn change(change: &Change) -> String {
    format!(
        "{}: {} at visit {}, {} at visit {} (by chance: {})",
        measure(change),
        value(change, change.before),
        change.from,
        value(change, change.after),
        change.to,
        chance(change.p)
    )
}

/// A probability.
pub(super) fn chance(p: f64) -> String {
    if p < 0.001 { "under 0.001".to_owned() } else { format!("{p:.3}") }
}

/// The pattern on all visits together, a line each.
fn pattern(comparison: &Comparison) -> Vec<String> {
    let pattern = &comparison.pattern;
    let name = format!("on all visits: {}", summary::label(pattern.label));
    summary::pattern_lines(name, pattern)
}
