//! Distributions: how long events last, how regions lag, how the rate changes.

use std::fmt::Write;

use super::data::colour;
use super::table;
use crate::anatomy::{Region, Side};
use crate::event::{Event, Laterality};
use crate::report::{Analysis, summary};

const WIDTH: f64 = 460.0;
const HEIGHT: f64 = 200.0;
const LEFT: f64 = 40.0;
const BOTTOM: f64 = 40.0;

/// Edges of the bins of durations, seconds: about equal steps on a logarithmic scale.
const DURATIONS_S: [f64; 9] = [0.0, 0.1, 0.2, 0.3, 0.5, 1.0, 2.0, 5.0, 15.0];

const SIDES: [(Laterality, &str, &str); 3] = [
    (Laterality::Right, "right", "right"),
    (Laterality::Left, "left", "left"),
    (Laterality::Both, "both sides", "mid"),
];

/// Appends the charts, each with its table.
pub(super) fn charts(html: &mut String, analysis: &Analysis, end_s: f64) {
    let events: Vec<&Event> = summary::suspect(analysis).collect();
    if events.is_empty() {
        html.push_str(
            "<p>No twitch, spasm or prolonged closure: there is nothing to distribute.</p>\n",
        );
        return;
    }
    html.push_str("<p class=\"legend\">Twitches, spasms and prolonged closures:");
    for (_, name, class) in SIDES {
        // Writing to a String cannot fail, here and below.
        let _ = write!(
            html,
            "<svg viewBox=\"0 0 12 12\" aria-hidden=\"true\"><rect x=\"1\" y=\"1\" width=\"10\" \
             height=\"10\" class=\"{class}\"/></svg>{name}"
        );
    }
    html.push_str("</p>\n<div class=\"charts\">\n");
    durations(html, &events);
    rates(html, &events, end_s);
    lags(html, &events);
    html.push_str("</div>\n");
}

fn durations(html: &mut String, events: &[&Event]) {
    let count = |bin: usize, side: Laterality| {
        let (low, high) =
            (DURATIONS_S[bin], DURATIONS_S.get(bin + 1).copied().unwrap_or(f64::INFINITY));
        let inside = |event: &&&Event| {
            let length = event.end_s - event.start_s;
            event.side == side && low <= length && length < high
        };
        events.iter().filter(inside).count()
    };
    bars(html, "How long events last", "seconds", &DURATIONS_S, DURATIONS_S.len(), count);
}

fn rates(html: &mut String, events: &[&Event], end_s: f64) {
    let width = super::steps::width_s(end_s);
    let bins = (end_s / width).ceil().max(1.0) as usize;
    let edges: Vec<f64> = (0..=bins).map(|bin| bin as f64 * width).collect();
    let count = |bin: usize, side: Laterality| {
        let inside = |event: &&&Event| {
            event.side == side && ((event.start_s / width) as usize).min(bins - 1) == bin
        };
        events.iter().filter(inside).count()
    };
    let title = format!("Events over time, in steps of {width:.0} s");
    bars(html, &title, "seconds from the start", &edges, bins, count);
}

/// A bar chart of counts, sides stacked, with its table. `edges` are the lower edges of the bins
/// and, unless the last bin is open, its upper one.
fn bars(
    html: &mut String,
    title: &str,
    x_title: &str,
    edges: &[f64],
    bins: usize,
    count: impl Fn(usize, Laterality) -> usize,
) {
    let total = |bin: usize| SIDES.iter().map(|side| count(bin, side.0)).sum::<usize>();
    let highest = (0..bins).map(total).fold(1, usize::max);
    frame(html, title, x_title, "events");
    let step = (WIDTH - LEFT - 10.0) / bins as f64;
    let scale = (HEIGHT - BOTTOM - 24.0) / highest as f64;
    let floor = HEIGHT - BOTTOM;
    let mut labelled = f64::NEG_INFINITY;
    for (bin, edge) in edges.iter().enumerate() {
        let x = LEFT + step * bin as f64;
        let mut y = floor;
        for (side, _, class) in SIDES.iter().filter(|_| bin < bins) {
            let height = count(bin, *side) as f64 * scale;
            if height > 0.0 {
                y -= height;
                let _ = write!(
                    html,
                    "<rect x=\"{:.1}\" y=\"{y:.1}\" width=\"{:.1}\" height=\"{height:.1}\" \
                     class=\"{class}\"/>",
                    x + step * 0.1,
                    step * 0.8
                );
            }
        }
        // Every edge whose label has room.
        if x - labelled >= 40.0 {
            labelled = x;
            let _ = write!(
                html,
                "<text x=\"{x:.1}\" y=\"{:.0}\" text-anchor=\"middle\">{edge}</text>",
                floor + 14.0
            );
        }
    }
    let _ = writeln!(
        html,
        "<text x=\"{}\" y=\"30\" text-anchor=\"end\">{highest}</text><text x=\"{}\" \
         y=\"{floor}\" text-anchor=\"end\">0</text></svg>",
        LEFT - 10.0,
        LEFT - 10.0
    );
    let rows: Vec<Vec<String>> = (0..bins)
        .filter(|bin| total(*bin) > 0)
        .map(|bin| {
            let name = match edges.get(bin + 1) {
                Some(high) => format!("{} to {high}", edges[bin]),
                None => format!("{} and more", edges[bin]),
            };
            let cells = SIDES.iter().map(|side| count(bin, side.0).to_string());
            [name].into_iter().chain(cells).collect()
        })
        .collect();
    let columns = [x_title, "right", "left", "both sides"];
    table::behind(html, title, &columns, &rows);
    html.push_str("</figure>\n");
}

/// Onsets of the other regions after the lids, event by event.
fn lags(html: &mut String, events: &[&Event]) {
    let mut rows: Vec<(Region, Side, Vec<f64>)> = Vec::new();
    for side in [Side::Right, Side::Left] {
        for region in Region::ALL.into_iter().skip(1) {
            let lags: Vec<f64> = events
                .iter()
                .filter_map(|event| {
                    let onset = |region: Region| {
                        let place = (region, Some(side));
                        let own = event.contractions.iter().find(|c| (c.region, c.side) == place);
                        own.map(|contraction| contraction.onset_s)
                    };
                    Some(onset(region)? - onset(Region::Periocular)?)
                })
                .collect();
            if !lags.is_empty() {
                rows.push((region, side, lags));
            }
        }
    }
    let title = "Onset after the lids of the same side";
    if rows.is_empty() {
        return;
    }
    let reach =
        rows.iter().flat_map(|row| &row.2).fold(0.05_f64, |reach, lag| reach.max(lag.abs()));
    let left = 130.0;
    let x = |lag: f64| left + (WIDTH - left - 10.0) * (0.5 + 0.5 * lag / reach);
    frame(html, title, "seconds; left of the line: before the lids", "");
    let step = (HEIGHT - BOTTOM - 20.0) / rows.len() as f64;
    let _ = write!(
        html,
        "<line x1=\"{0:.1}\" x2=\"{0:.1}\" y1=\"20\" y2=\"{1}\" class=\"rule\"/>",
        x(0.0),
        HEIGHT - BOTTOM
    );
    for (i, (region, side, lags)) in rows.iter().enumerate() {
        let y = 20.0 + step * (i as f64 + 0.5);
        let _ = write!(
            html,
            "<text x=\"0\" y=\"{:.1}\">{side} {}</text>",
            y + 4.0,
            summary::plain(*region)
        );
        for lag in lags {
            let _ = write!(
                html,
                "<circle cx=\"{:.1}\" cy=\"{y:.1}\" r=\"3.5\" class=\"{} dot\"/>",
                x(*lag),
                colour(Some(*side))
            );
        }
        let _ = write!(
            html,
            "<line x1=\"{0:.1}\" x2=\"{0:.1}\" y1=\"{1:.1}\" y2=\"{2:.1}\" class=\"median\"/>",
            x(quantile(lags, 0.5)),
            y - 8.0,
            y + 8.0
        );
    }
    let floor = HEIGHT - BOTTOM + 14.0;
    for lag in [-reach, 0.0, reach] {
        let _ = write!(
            html,
            "<text x=\"{:.1}\" y=\"{floor}\" text-anchor=\"middle\">{lag:.2}</text>",
            x(lag).min(WIDTH - 18.0)
        );
    }
    html.push_str("</svg>\n");
    let cells: Vec<Vec<String>> = rows
        .iter()
        .map(|(region, side, lags)| {
            vec![
                format!("{side} {}", summary::plain(*region)),
                lags.len().to_string(),
                format!("{:.3}", quantile(lags, 0.25)),
                format!("{:.3}", quantile(lags, 0.5)),
                format!("{:.3}", quantile(lags, 0.75)),
            ]
        })
        .collect();
    let columns = ["Place", "Events", "Lower quartile, s", "Median, s", "Upper quartile, s"];
    table::behind(html, title, &columns, &cells);
    html.push_str("</figure>\n");
}

fn quantile(values: &[f64], part: f64) -> f64 {
    let mut values = values.to_vec();
    values.sort_by(f64::total_cmp);
    values[(part * (values.len() - 1) as f64).round() as usize]
}

/// Starts a figure with title, ground line and the names of its axes.
fn frame(html: &mut String, title: &str, x_title: &str, y_title: &str) {
    let floor = HEIGHT - BOTTOM;
    let _ = write!(
        html,
        "<figure><figcaption>{title}</figcaption><svg viewBox=\"0 0 {WIDTH} {HEIGHT}\" \
         role=\"img\" aria-label=\"{title}; the table below holds the figures\">\
         <line x1=\"{LEFT}\" x2=\"{WIDTH}\" y1=\"{floor}\" y2=\"{floor}\" class=\"rule\"/>\
         <text x=\"{:.0}\" y=\"{:.0}\" text-anchor=\"middle\">{x_title}</text>\
         <text x=\"0\" y=\"14\">{y_title}</text>",
        (LEFT + WIDTH) / 2.0,
        HEIGHT - 6.0
    );
}
