//! The event raster: one row a place, one mark a contraction, over the whole recording.

use std::fmt::Write;

use super::data::colour;
use crate::anatomy::{Place, Region, Side};
use crate::event::{EventKind, Laterality};
use crate::report::{Analysis, summary};

const WIDTH: f64 = 1000.0;
const LABEL: f64 = 130.0;
const ROW: f64 = 18.0;

/// Appends the raster. Marks of events carry their number, so that a click shows the event.
pub(super) fn svg(html: &mut String, analysis: &Analysis, end_s: f64) {
    let findings = &analysis.findings;
    if findings.events.is_empty() && findings.blinks.is_empty() {
        html.push_str("<p>No event and no blink was found.</p>\n");
        return;
    }
    let mut places: Vec<Place> = Vec::new();
    for side in [Side::Right, Side::Left] {
        places.extend(Region::ALL.map(|region| Place::new(region, side)));
    }
    places.push(Place::JAW_MIDLINE);
    let used = |place: &Place| {
        findings
            .events
            .iter()
            .flat_map(|event| &event.contractions)
            .any(|c| (c.region, c.side) == (place.region, place.side))
    };
    places.retain(used);
    let top = 4.0;
    let rows = places.len() + 1;
    let height = top + ROW * rows as f64 + 20.0;
    let x = |time_s: f64| LABEL + (WIDTH - LABEL) * (time_s / end_s).clamp(0.0, 1.0);
    // Writing to a String cannot fail, here and below.
    let _ = writeln!(
        html,
        "<div class=\"scroll\"><svg class=\"raster\" viewBox=\"0 0 {WIDTH} {height}\" \
         role=\"img\" aria-label=\"Event raster: {} over {end_s:.0} seconds; the table of events \
         holds the same\">",
        summary::counted(findings.events.len(), "event")
    );
    for gap in &analysis.coverage.gaps {
        let (from, to) = (x(gap.start_s), x(gap.end_s));
        let _ = writeln!(
            html,
            "<rect x=\"{from:.1}\" y=\"{top}\" width=\"{:.1}\" height=\"{:.0}\" class=\"gap\"/>",
            (to - from).max(0.5),
            ROW * rows as f64
        );
    }
    let mut row = |i: usize, label: &str| {
        let y = top + ROW * i as f64;
        let _ = writeln!(
            html,
            "<text x=\"0\" y=\"{:.1}\">{label}</text><line x1=\"{LABEL}\" x2=\"{WIDTH}\" \
             y1=\"{:.1}\" y2=\"{:.1}\" class=\"rule\"/>",
            y + 13.0,
            y + ROW,
            y + ROW
        );
    };
    row(0, "blinks");
    for (i, place) in places.iter().enumerate() {
        row(i + 1, &summary::place(*place));
    }
    let mark = |html: &mut String, i: usize, start_s: f64, end_s: f64, class: &str| {
        let (from, to) = (x(start_s), x(end_s));
        let _ = write!(
            html,
            "<rect x=\"{from:.1}\" y=\"{:.1}\" width=\"{:.1}\" height=\"{}\" class=\"{class}\"/>",
            top + ROW * i as f64 + 3.0,
            (to - from).max(1.5),
            ROW - 5.0
        );
    };
    for blink in &findings.blinks {
        let class = match blink.side {
            Laterality::Both => "mid",
            Laterality::Left => "left",
            Laterality::Right => "right",
        };
        mark(html, 0, blink.start_s, blink.end_s, class);
    }
    for event in &findings.events {
        let style = match event.kind {
            EventKind::Twitch | EventKind::Spasm => "",
            EventKind::Closure | EventKind::Expression | EventKind::Uncertain => " hollow",
        };
        let _ = write!(
            html,
            "\n<g data-event=\"{}\"><title>{}</title>",
            event.id,
            super::escape(&super::event_sentence(event))
        );
        for c in &event.contractions {
            let place = Place { region: c.region, side: c.side };
            if let Some(i) = places.iter().position(|row| *row == place) {
                let class = format!("{}{style}", colour(c.side));
                mark(html, i + 1, c.onset_s, c.end_s, &class);
            }
        }
        html.push_str("</g>");
    }
    let _ = writeln!(
        html,
        "\n<text x=\"{LABEL}\" y=\"{y:.0}\">0 s</text><text x=\"{WIDTH}\" y=\"{y:.0}\" \
         text-anchor=\"end\">{end_s:.1} s</text></svg></div>\n<p class=\"key\">Filled: twitches \
         and spasms. Outlined: prolonged closures, expressions and events that could not be \
         told. Grey ground: not measured.</p>",
        y = height - 5.0
    );
}
