//! The face diagram: how often each region took part, and in which order they joined.

use std::fmt::Write;

use super::table;
use crate::anatomy::{Place, Region, Side};
use crate::event::Event;
use crate::report::{Analysis, summary};

/// Steps closer than this on average share a number.
const SAME_STEP: f64 = 0.25;

/// Centre and radii of a region's patch on the image's left, the subject's right.
const fn patch(region: Region) -> (f64, f64, f64, f64) {
    match region {
        Region::Forehead => (160.0, 104.0, 44.0, 20.0),
        Region::Periocular => (158.0, 163.0, 36.0, 24.0),
        Region::Cheek => (136.0, 226.0, 28.0, 26.0),
        Region::MouthCorner => (168.0, 282.0, 24.0, 18.0),
        Region::Jaw => (164.0, 331.0, 26.0, 15.0),
    }
}

/// The middle of the face: what the left is mirrored at.
const MIDDLE: f64 = 210.0;

fn centre(place: Place) -> (f64, f64) {
    let (x, y, ..) = patch(place.region);
    match place.side {
        Some(Side::Right) => (x, y),
        Some(Side::Left) => (2.0 * MIDDLE - x, y),
        None => (MIDDLE, 346.0),
    }
}

/// In how many of the events a place took part.
fn involved(events: &[&Event], place: Place) -> usize {
    let takes_part = |event: &&&Event| {
        event.contractions.iter().any(|c| (c.region, c.side) == (place.region, place.side))
    };
    events.iter().filter(takes_part).count()
}

/// The mean step of each region on a side over the events whose order could be told in part,
/// lowest first, and the number of those events. Only regions in half of them or more.
fn order(events: &[&Event], side: Side) -> (Vec<(Region, f64)>, usize) {
    let told: Vec<&&Event> = events
        .iter()
        .filter(|event| event.spread.len() > 1)
        .filter(|event| event.contractions.iter().any(|c| c.side == Some(side)))
        .collect();
    let mut steps: Vec<(Region, f64)> = Region::ALL
        .into_iter()
        .filter_map(|region| {
            let own: Vec<f64> = told
                .iter()
                .filter(|e| {
                    e.contractions.iter().any(|c| (c.region, c.side) == (region, Some(side)))
                })
                .filter_map(|e| e.spread.iter().position(|tie| tie.contains(&region)))
                .map(|step| step as f64)
                .collect();
            // A region that seldom takes part has no place in the usual order.
            (!own.is_empty() && 2 * own.len() >= told.len())
                .then(|| (region, own.iter().sum::<f64>() / own.len() as f64))
        })
        .collect();
    steps.sort_by(|a, b| a.1.total_cmp(&b.1));
    (steps, told.len())
}

/// Appends the diagram with its caption.
pub(super) fn svg(html: &mut String, analysis: &Analysis) {
    let events: Vec<&Event> = summary::suspect(analysis).collect();
    // Writing to a String cannot fail, here and below.
    let _ = write!(
        html,
        "<figure class=\"face\"><svg viewBox=\"0 0 420 400\" role=\"img\" \
         aria-labelledby=\"face-title\"><title id=\"face-title\">{}</title>\n\
         <defs><marker id=\"tip\" viewBox=\"0 0 10 10\" refX=\"7\" refY=\"5\" markerWidth=\"6\" \
         markerHeight=\"6\" orient=\"auto-start-reverse\"><path d=\"M0 0L10 5L0 10z\" \
         class=\"tip\"/></marker></defs>\n",
        super::escape(&in_words(&events))
    );
    let mut counts = String::new();
    for place in Place::ALL {
        let count = involved(&events, place);
        let (x, y) = centre(place);
        let (_, _, rx, ry) = match place.side {
            Some(_) => patch(place.region),
            None => (0.0, 0.0, 17.0, 12.0),
        };
        let share = if events.is_empty() { 0.0 } else { count as f64 / events.len() as f64 };
        let _ = writeln!(
            html,
            "<ellipse cx=\"{x}\" cy=\"{y}\" rx=\"{rx}\" ry=\"{ry}\" class=\"patch\" \
             fill-opacity=\"{:.2}\"/>",
            if count == 0 { 0.0 } else { 0.25 + 0.75 * share }
        );
        if count > 0 {
            let _ = writeln!(
                counts,
                "<text x=\"{x}\" y=\"{:.0}\" class=\"count\">{count}</text>",
                y + 5.0
            );
        }
    }
    html.push_str(OUTLINE);
    html.push_str(&counts);
    let mut captions = Vec::new();
    for side in [Side::Right, Side::Left] {
        let (steps, told) = order(&events, side);
        if steps.len() > 1 {
            arrows(html, &steps, side);
            captions.push(order_sentence(&steps, side, told));
        }
    }
    html.push_str(
        "<text x=\"10\" y=\"22\" class=\"side right\">Subject's RIGHT</text>\
         <text x=\"410\" y=\"22\" class=\"side left\" text-anchor=\"end\">Subject's LEFT</text>\
         </svg>\n<figcaption>",
    );
    if events.is_empty() {
        html.push_str("No twitch, spasm or prolonged closure: no region is shaded.");
    } else {
        let _ = write!(
            html,
            "Shade and figure: in how many of {} (twitches, spasms, prolonged closures) the \
             region took part. ",
            summary::counted(events.len(), "event")
        );
        if captions.is_empty() {
            html.push_str("The order of the regions could not be told.");
        }
        html.push_str(&captions.join(" "));
    }
    html.push_str("</figcaption>\n");
    if !events.is_empty() {
        let rows: Vec<Vec<String>> = Region::ALL
            .into_iter()
            .map(|region| {
                let own = |side| involved(&events, Place::new(region, side)).to_string();
                vec![summary::plain(region).to_owned(), own(Side::Right), own(Side::Left)]
            })
            .collect();
        let title = "Events each region took part in";
        html.push_str("<div class=\"screen\">");
        table::behind(html, title, &["Region", "Right", "Left"], &rows);
        html.push_str("</div>");
    }
    html.push_str("</figure>\n");
}

/// Numbers beside the patches, on their outer side, and an arrow to each region from the nearest one
/// of the step before, bent outwards so that it passes the numbers between.
fn arrows(html: &mut String, steps: &[(Region, f64)], side: Side) {
    let outward = if side == Side::Right { -1.0 } else { 1.0 };
    let at = |region: Region| {
        let (x, y) = centre(Place::new(region, side));
        (x + outward * (patch(region).2 + 15.0), y)
    };
    let (mut number, mut before, mut own) = (1, Vec::new(), Vec::new());
    let mut numbers = String::new();
    for (i, (region, step)) in steps.iter().enumerate() {
        let (x, y) = at(*region);
        if i > 0 && step - steps[i - 1].1 >= SAME_STEP {
            number += 1;
            before = std::mem::take(&mut own);
        }
        own.push((x, y));
        let distance = |from: &&(f64, f64)| (x - from.0).hypot(y - from.1);
        let nearest = before.iter().min_by(|a, b| distance(a).total_cmp(&distance(b)));
        if let Some(from) = nearest {
            // A long way leads past another number and swings out further.
            let swing = if distance(&from) > 100.0 { 0.55 } else { 0.3 };
            let bend = ((from.0 + x) / 2.0 + outward * swing * distance(&from), (from.1 + y) / 2.0);
            let (start, tip) = (towards(*from, bend, 12.0), towards((x, y), bend, 14.0));
            let _ = writeln!(
                html,
                "<path d=\"M{:.0} {:.0}Q{:.0} {:.0} {:.0} {:.0}\" class=\"arrow\" \
                 marker-end=\"url(#tip)\"/>",
                start.0, start.1, bend.0, bend.1, tip.0, tip.1
            );
        }
        let _ = writeln!(
            numbers,
            "<circle cx=\"{x:.0}\" cy=\"{y:.0}\" r=\"11\" class=\"step\"/><text x=\"{x:.0}\" \
             y=\"{:.0}\" class=\"step\">{number}</text>",
            y + 4.5
        );
    }
    html.push_str(&numbers);
}

/// The point a few pixels from one point towards another.
fn towards(from: (f64, f64), to: (f64, f64), pixels: f64) -> (f64, f64) {
    let length = (to.0 - from.0).hypot(to.1 - from.1).max(1.0);
    let share = pixels / length;
    (from.0 + share * (to.0 - from.0), from.1 + share * (to.1 - from.1))
}

fn order_sentence(steps: &[(Region, f64)], side: Side, told: usize) -> String {
    let mut words = summary::plain(steps[0].0).to_owned();
    for pair in steps.windows(2) {
        let joint = if pair[1].1 - pair[0].1 >= SAME_STEP { ", then " } else { " with " };
        let _ = write!(words, "{joint}{}", summary::plain(pair[1].0));
    }
    format!(
        "Order on the {side}, averaged over {} whose order could be told: {words}.",
        summary::counted(told, "event")
    )
}

/// The diagram for those who do not see it.
fn in_words(events: &[&Event]) -> String {
    let counts: Vec<String> = Place::ALL
        .into_iter()
        .map(|place| (place, involved(events, place)))
        .filter(|(_, count)| *count > 0)
        .map(|(place, count)| format!("{} in {count}", summary::place(place)))
        .collect();
    if counts.is_empty() {
        return "Face diagram: no region took part in an event".to_owned();
    }
    format!("Face diagram, events each region took part in: {}", counts.join(", "))
}

/// Outline, brows, eyes, nose and mouth.
const OUTLINE: &str = "\
<g class=\"outline\"><path d=\"M78 175C72 95 130 44 210 44S348 95 342 175C340 250 300 372 210 372S80 250 78 175z\"/>\
<path d=\"M122 138Q156 116 194 136M298 138Q264 116 226 136\"/>\
<path d=\"M130 165Q158 142 188 167Q158 182 130 165zM290 165Q262 142 232 167Q262 182 290 165z\"/>\
<path d=\"M206 150Q202 205 190 228Q196 242 210 240Q224 242 230 228\"/>\
<path d=\"M170 288Q190 276 210 282Q230 276 250 288Q230 306 210 306Q190 306 170 288zM170 288Q210 294 250 288\"/></g>\n";
