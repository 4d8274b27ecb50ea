//! A comparison as a page.

use std::fmt::Write;

use super::{Comparison, Visit, text};
use crate::anatomy::{Region, Side};
use crate::report::html::escape;
use crate::report::summary;

const STYLE: &str = "\
:root { color-scheme: light dark; --ink: #1b1c20; --ground: #fff; --soft: #52565f; --left: #0b5cad; \
--right: #a33b00 } @media (prefers-color-scheme: dark) { :root { --ink: #ececee; --ground: #15171b; \
--soft: #b4b8c0; --left: #7cb8f7; --right: #ffa670 } } \
body { font: 100%/1.5 system-ui, sans-serif; color: var(--ink); background: var(--ground); \
max-width: 62rem; margin: 0 auto; padding: 1rem } \
h2 { font-size: 1.25rem; margin-top: 2rem } .soft, caption { color: var(--soft); font-size: .875rem; \
text-align: left } .scroll { overflow-x: auto } \
table { border-collapse: collapse; font-variant-numeric: tabular-nums } \
th, td { text-align: left; vertical-align: top; padding: .25rem .9rem .25rem 0; border-bottom: 1px solid #8888 } \
tbody th { font-weight: 400 } .certain { font-weight: 700 } \
svg { max-width: 34rem; width: 100%; height: auto } svg text { font: 12px system-ui, sans-serif; fill: var(--ink) } \
.left { stroke: var(--left); fill: var(--left) } .right { stroke: var(--right); fill: var(--right) } \
.line { fill: none; stroke-width: 2 } .right.line { stroke-dasharray: 6 3 } .rule { stroke: #8888 } \
@page { size: A4; margin: 14mm } @media print { tr, svg { break-inside: avoid } }";

/// One page: what all visits say together, the course, the changes, the figures of each visit.
pub(super) fn page(comparison: &Comparison) -> String {
    let pattern = &comparison.pattern;
    // Writing to a String cannot fail, here and below.
    let mut html = format!(
        "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n\
         <title>Spasmograph: {count} visits</title>\n<style>{STYLE}</style>\n</head>\n<body>\n\
         <p class=\"soft\">Spasmograph {version}. {note}.</p>\n<main>\n\
         <p class=\"soft\">Pattern on all {count} visits together</p>\n<h1>{label}</h1>\n",
        count = comparison.visits.len(),
        version = escape(&comparison.version),
        note = escape(&capitalised(&comparison.disclaimer)),
        label = escape(&capitalised(summary::label(pattern.label))),
    );
    crate::report::html::reasons(&mut html, pattern);
    for warning in &comparison.warnings {
        let _ =
            writeln!(html, "<p class=\"certain\">{}.</p>", escape(&capitalised(&warning.message)));
    }
    html.push_str("<h2>Course</h2>\n<ul>\n");
    for part in text::course(comparison) {
        let _ = writeln!(html, "<li>{}.</li>", escape(&capitalised(&part)));
    }
    html.push_str("</ul>\n");
    changes(&mut html, comparison);
    html.push_str("<h2>Visits</h2>\n");
    rates(&mut html, &comparison.visits);
    visits(&mut html, &comparison.visits);
    involvement(&mut html, &comparison.visits);
    html.push_str(
        "<p class=\"soft\">Rates carry 90 % Poisson intervals, shares 90 % Wilson intervals. A \
         change stands where chance alone would seldom do it, all comparisons together at a level \
         of 0.1 (Holm). Whether the visits are of one person, and what happened between them, the \
         recordings do not say.</p>\n</main>\n</body>\n</html>\n",
    );
    html
}

fn changes(html: &mut String, comparison: &Comparison) {
    html.push_str("<h2>Changes</h2>\n");
    if comparison.certain_changes().next().is_none() {
        let _ = writeln!(html, "<p>{}.</p>", capitalised(text::NO_CHANGE));
    }
    if comparison.changes.is_empty() {
        return;
    }
    html.push_str(
        "<div class=\"scroll\"><table><caption>Bold: larger than the recordings' own \
         uncertainty</caption><thead><tr><th scope=\"col\">What</th><th scope=\"col\">Visits</th>\
         <th scope=\"col\">Before</th><th scope=\"col\">After</th><th scope=\"col\">By chance\
         </th><th scope=\"col\">Certain</th></tr></thead>\n<tbody>\n",
    );
    for change in &comparison.changes {
        let (class, certain) =
            if change.beyond_uncertainty { (" class=\"certain\"", "yes") } else { ("", "no") };
        let _ = writeln!(
            html,
            "<tr{class}><th scope=\"row\"{class}>{}</th><td>{} to {}</td><td>{}</td><td>{}</td>\
             <td>{}</td><td>{certain}</td></tr>",
            escape(&capitalised(&text::measure(change))),
            change.from,
            change.to,
            text::value(change, change.before),
            text::value(change, change.after),
            text::chance(change.p)
        );
    }
    html.push_str("</tbody></table></div>\n");
}

/// Rates of both sides over the visits, with their intervals.
fn rates(html: &mut String, visits: &[Visit]) {
    const WIDTH: f64 = 520.0;
    const HEIGHT: f64 = 220.0;
    let highest = visits
        .iter()
        .flat_map(|visit| [&visit.left, &visit.right])
        .filter_map(|side| Some(side.events.ci?[1]))
        .fold(1.0, f64::max);
    let x = |i: usize| 60.0 + (WIDTH - 90.0) * i as f64 / (visits.len() - 1) as f64;
    let y = |rate: f64| HEIGHT - 30.0 - (HEIGHT - 50.0) * rate / highest;
    let _ = write!(
        html,
        "<svg viewBox=\"0 0 {WIDTH} {HEIGHT}\" role=\"img\" aria-label=\"Twitches and spasms a \
         minute by side over the visits; the table below holds the figures\">\
         <line x1=\"40\" x2=\"{WIDTH}\" y1=\"{0}\" y2=\"{0}\" class=\"rule\"/>\
         <text x=\"0\" y=\"12\">twitches and spasms a minute: right dashed, left solid</text>\
         <text x=\"34\" y=\"{0}\" text-anchor=\"end\">0</text>\
         <text x=\"34\" y=\"28\" text-anchor=\"end\">{highest:.0}</text>",
        HEIGHT - 30.0
    );
    for (class, side, shift) in [("right", Side::Right, -4.0), ("left", Side::Left, 4.0)] {
        let mut path = String::new();
        for (i, visit) in visits.iter().enumerate() {
            let events = &visit.side(side).events;
            let (Some(rate), Some([low, high])) = (events.per_min, events.ci) else { continue };
            let at = x(i) + shift;
            let step = if path.is_empty() { 'M' } else { 'L' };
            let _ = write!(path, "{step}{at:.1} {:.1}", y(rate));
            let _ = write!(
                html,
                "<line x1=\"{at:.1}\" x2=\"{at:.1}\" y1=\"{:.1}\" y2=\"{:.1}\" class=\"{class}\"/>\
                 <circle cx=\"{at:.1}\" cy=\"{:.1}\" r=\"4\" class=\"{class}\"/>",
                y(low),
                y(high),
                y(rate)
            );
        }
        let _ = write!(html, "<path d=\"{path}\" class=\"{class} line\"/>");
    }
    for (i, visit) in visits.iter().enumerate() {
        let _ = write!(
            html,
            "<text x=\"{:.1}\" y=\"{}\" text-anchor=\"middle\">visit {}</text>",
            x(i),
            HEIGHT - 10.0,
            visit.number
        );
    }
    html.push_str("</svg>\n");
}

fn visits(html: &mut String, visits: &[Visit]) {
    html.push_str(
        "<div class=\"scroll\"><table><thead><tr><th scope=\"col\">Visit</th>\
         <th scope=\"col\">Usable</th><th scope=\"col\">Pattern alone</th>\
         <th scope=\"col\">Right</th><th scope=\"col\">Left</th>\
         <th scope=\"col\">Time in spasm, right, left</th>\
         <th scope=\"col\">Prolonged closures</th><th scope=\"col\">Blinks</th>\
         <th scope=\"col\">Scales</th></tr></thead>\n<tbody>\n",
    );
    for visit in visits {
        let time =
            |time: Option<f64>| time.map_or_else(|| "not measured".to_owned(), summary::percent);
        let _ = writeln!(
            html,
            "<tr><th scope=\"row\">{}: {}</th><td>{}</td><td>{}</td><td>{}</td><td>{}</td>\
             <td>{}, {}</td><td>{}</td><td>{}</td><td>{}</td></tr>",
            visit.number,
            escape(&text::name(visit)),
            summary::duration(visit.usable_s),
            summary::label(visit.label),
            text::rate(&visit.right.events),
            text::rate(&visit.left.events),
            time(visit.right.spasm_time),
            time(visit.left.spasm_time),
            text::rate(&visit.closures),
            text::rate(&visit.blinks),
            escape(&summary::scales(&visit.scales))
        );
    }
    html.push_str("</tbody></table></div>\n");
}

/// In how many events of its side each region took part.
fn involvement(html: &mut String, visits: &[Visit]) {
    html.push_str(
        "<h2>Regions taking part</h2>\n<div class=\"scroll\"><table><caption>Events with the region, \
         of the side's events, with the interval of the share</caption><thead><tr>\
         <th scope=\"col\">Region</th>",
    );
    for visit in visits {
        let _ = write!(html, "<th scope=\"col\">Visit {}</th>", visit.number);
    }
    html.push_str("</tr></thead>\n<tbody>\n");
    for side in [Side::Right, Side::Left] {
        for region in Region::ALL {
            let seen =
                |visit: &Visit| visit.side(side).region(region).is_some_and(|own| own.count > 0);
            if !visits.iter().any(seen) {
                continue;
            }
            let _ = write!(html, "<tr><th scope=\"row\">{side} {}</th>", summary::plain(region));
            for visit in visits {
                let of = visit.side(side).events.count;
                let cell = match visit.side(side).region(region) {
                    Some(own) => match own.share_ci {
                        Some([low, high]) => format!(
                            "{} of {of} ({} to {})",
                            own.count,
                            summary::percent(low),
                            summary::percent(high)
                        ),
                        None => "no event".to_owned(),
                    },
                    None => "no event".to_owned(),
                };
                let _ = write!(html, "<td>{cell}</td>");
            }
            html.push_str("</tr>\n");
        }
    }
    html.push_str("</tbody></table></div>\n");
}

fn capitalised(text: &str) -> String {
    let mut chars = text.chars();
    chars.next().map_or_else(String::new, |first| first.to_uppercase().chain(chars).collect())
}
