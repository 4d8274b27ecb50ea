//! The traces of the report: one SVG, one row for each signal over the whole recording.

use std::fmt::Write;

use crate::anatomy::{Place, Side};
use crate::report::{Analysis, summary};
use crate::signal::Sample;

const WIDTH: usize = 1000;
const LABEL: usize = 130;
const ROW: f64 = 46.0;

/// Appends the traces: aperture of each eye, then the displacement of each place.
pub(super) fn svg(html: &mut String, analysis: &Analysis, samples: &[Sample]) {
    let mut rows: Vec<(String, &str, Vec<Option<f32>>)> = Vec::new();
    for side in Side::BOTH {
        let values = samples.iter().map(|s| s.eyes[side].map(|eye| eye.aperture)).collect();
        rows.push((format!("{side} eye opening"), colour(Some(side)), values));
    }
    for place in Place::ALL {
        let values = samples.iter().map(|sample| sample.displacement[place]).collect();
        rows.push((summary::place(place), colour(place.side), values));
    }
    rows.retain(|(_, _, values)| values.iter().any(Option::is_some));
    if rows.is_empty() {
        html.push_str("<p>No frame could be measured: there is no trace to draw.</p>\n");
        return;
    }
    let end_s = samples.last().map_or(0.0, |s| s.time_s).max(analysis.source.duration_s);
    let x = |time_s: f64| {
        LABEL as f64 + (WIDTH - LABEL) as f64 * (time_s / end_s.max(1e-9)).clamp(0.0, 1.0)
    };
    let height = ROW * rows.len() as f64 + 24.0;
    // Writing to a String cannot fail, here and below.
    let _ = writeln!(
        html,
        "<svg viewBox=\"0 0 {WIDTH} {height}\" role=\"img\" aria-label=\"Signals over time; the \
         tables below hold the events and blinks\">"
    );
    let mut band = |start_s: f64, end_s: f64, fill: &str, title: &str| {
        let (from, to) = (x(start_s), x(end_s));
        let _ = writeln!(
            html,
            "<rect x=\"{from:.1}\" y=\"0\" width=\"{:.1}\" height=\"{}\" fill=\"var(--{fill})\">\
             <title>{title}</title></rect>",
            (to - from).max(1.0),
            height - 24.0
        );
    };
    for gap in &analysis.coverage.gaps {
        band(gap.start_s, gap.end_s, "gap", "gap");
    }
    for event in &analysis.findings.events {
        band(event.start_s, event.end_s, "event", &format!("event {}", event.id));
    }
    for (i, (name, stroke, values)) in rows.iter().enumerate() {
        let top = ROW * i as f64;
        let (low, high) = range(values);
        let y = |value: f32| {
            top + ROW - 4.0 - (ROW - 8.0) * f64::from((value - low) / (high - low).max(1e-6))
        };
        let _ = writeln!(
            html,
            "<text x=\"0\" y=\"{:.0}\">{name}</text><text x=\"0\" y=\"{:.0}\">{low:.2} to \
             {high:.2}</text><path fill=\"none\" stroke=\"var(--{stroke})\" d=\"{}\"/>",
            top + 16.0,
            top + 32.0,
            path(samples, values, x, y)
        );
    }
    let _ = writeln!(
        html,
        "<text x=\"{LABEL}\" y=\"{y}\">0 s</text><text x=\"{WIDTH}\" y=\"{y}\" \
         text-anchor=\"end\">{end_s:.1} s</text></svg>",
        y = height - 6.0
    );
}

fn colour(side: Option<Side>) -> &'static str {
    match side {
        Some(Side::Left) => "left",
        Some(Side::Right) => "right",
        None => "mid",
    }
}

fn range(values: &[Option<f32>]) -> (f32, f32) {
    let known = || values.iter().flatten().copied();
    (known().fold(f32::INFINITY, f32::min), known().fold(f32::NEG_INFINITY, f32::max))
}

/// The line through the values, reduced to the extremes inside each horizontal pixel and broken
/// at gaps.
fn path(
    samples: &[Sample],
    values: &[Option<f32>],
    x: impl Fn(f64) -> f64,
    y: impl Fn(f32) -> f64,
) -> String {
    let mut path = String::new();
    let mut pen_down = false;
    let mut i = 0;
    while i < samples.len() {
        let Some(first) = values[i] else {
            pen_down = false;
            i += 1;
            continue;
        };
        let (column, track) = (x(samples[i].time_s).floor(), samples[i].track);
        let (mut low, mut high, mut last) = (first, first, first);
        let start = i;
        while i < samples.len()
            && samples[i].track == track
            && x(samples[i].time_s).floor() == column
            && let Some(value) = values[i]
        {
            (low, high, last) = (low.min(value), high.max(value), value);
            i += 1;
        }
        if start > 0 && samples[start - 1].track != track {
            pen_down = false;
        }
        let at = x(samples[start].time_s);
        for value in [first, low, high, last] {
            let _ = write!(path, "{}{at:.1} {:.1}", if pen_down { 'L' } else { 'M' }, y(value));
            pen_down = true;
        }
    }
    path
}
