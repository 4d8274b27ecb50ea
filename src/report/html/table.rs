//! The tables of the report.

use std::fmt::Write;

use super::words::{capitalised, contractions, escape, kind, order, plain_word, side, sureness};
use crate::anatomy::Place;
use crate::report::{Analysis, summary};

/// Every event; with `shown`, each has a button that shows its moment.
pub(super) fn events(html: &mut String, analysis: &Analysis, shown: bool) {
    let rows: Vec<Vec<String>> = analysis
        .findings
        .events
        .iter()
        .map(|event| {
            let mut signs = Vec::new();
            if event.other_babinski {
                signs.push("brow rises as the eye closes".to_owned());
            }
            if let Some(task) = event.task {
                signs.push(format!("during {}", plain_word(task)));
            }
            vec![
                button(event.id, event.start_s, shown),
                kind(event.kind).to_owned(),
                side(event.side).to_owned(),
                format!("{:.3}", event.start_s),
                format!("{:.3}", event.end_s - event.start_s),
                escape(&order(event)),
                escape(&contractions(event)),
                escape(&signs.join("; ")),
                escape(&event.reason),
                escape(&sureness(event)),
            ]
        })
        .collect();
    html.push_str("<h3 id=\"events\">Events</h3>\n");
    let columns = [
        "No.",
        "Kind",
        "Side",
        "Start, s",
        "Length, s",
        "Order",
        "Onset (90 % interval) and size",
        "Signs",
        "Why this kind",
        "How sure, and what else",
    ];
    table(html, "Events", &columns, &rows, "No event was found.");
}

fn button(id: u32, start_s: f64, shown: bool) -> String {
    if shown {
        format!(
            "<button type=\"button\" data-event=\"{id}\" aria-label=\"Show event {id}, at \
             {start_s:.1} seconds\">{id}</button>"
        )
    } else {
        id.to_string()
    }
}

/// Every blink; with `shown`, each has a button that shows its moment.
pub(super) fn blinks(html: &mut String, analysis: &Analysis, shown: bool) {
    let rows: Vec<Vec<String>> = analysis
        .findings
        .blinks
        .iter()
        .map(|blink| {
            let start = format!("{:.3}", blink.start_s);
            vec![
                if shown {
                    format!(
                        "<button type=\"button\" data-time=\"{start}\" aria-label=\"Show the \
                         blink at {start} seconds\">{start}</button>"
                    )
                } else {
                    start
                },
                format!("{:.3}", blink.peak_s),
                format!("{:.3}", blink.end_s),
                side(blink.side).to_owned(),
                summary::percent(blink.depth.into()),
                if blink.complete { "yes" } else { "no" }.to_owned(),
                format!("{:+.2}", blink.asymmetry),
                blink.lag_s.map_or_else(String::new, |lag| format!("{lag:+.3}")),
            ]
        })
        .collect();
    let columns = [
        "Start, s",
        "Deepest, s",
        "End, s",
        "Side",
        "Depth",
        "Complete",
        "Depth left less right",
        "Left after right, s",
    ];
    if rows.is_empty() {
        html.push_str("<p>No blink was found.</p>\n");
        return;
    }
    let count = summary::counted(rows.len(), "blink");
    let _ = writeln!(html, "<details><summary>Table of {count}</summary>");
    table(html, "Blinks", &columns, &rows, "");
    html.push_str("</details>\n");
}

/// Noise floor and detection limit of every place.
pub(super) fn noise(html: &mut String, analysis: &Analysis) {
    let figure =
        |value: Option<f32>| value.map_or_else(|| "unknown".to_owned(), |v| format!("{v:.2}"));
    let rows: Vec<Vec<String>> = analysis
        .findings
        .noise
        .iter()
        .map(|floor| {
            vec![
                capitalised(&summary::place(Place { region: floor.region, side: floor.side })),
                figure(floor.floor_mfu),
                figure(floor.smallest_detectable_mfu),
            ]
        })
        .collect();
    html.push_str("<section>\n<h2>What could have been missed</h2>\n");
    if rows.is_empty() {
        html.push_str("<p>Anything: too little usable video to say.</p>\n</section>\n");
        return;
    }
    html.push_str(
        "<p>The noise floor is the robust standard deviation of the resting signal; the smallest \
         detectable contraction is found 9 times out of 10 in this recording.</p>\n",
    );
    let columns = ["Place", "Noise floor, mFU", "Smallest detectable, mFU"];
    table(html, "What could have been missed", &columns, &rows, "");
    html.push_str("</section>\n");
}

/// Stretches without a measurement.
pub(super) fn gaps(html: &mut String, analysis: &Analysis) {
    let rows: Vec<Vec<String>> = analysis
        .coverage
        .gaps
        .iter()
        .map(|gap| {
            vec![format!("{:.3}", gap.start_s), format!("{:.3}", gap.end_s), plain_word(gap.reason)]
        })
        .collect();
    html.push_str("<h3>Gaps</h3>\n");
    let columns = ["From, s", "To, s", "Reason"];
    table(html, "Gaps", &columns, &rows, "The face was in view throughout.");
    let rows: Vec<Vec<String>> = analysis
        .coverage
        .places
        .iter()
        .filter(|covered| covered.seen_fraction < 1.0 && !covered.hidden_s.is_empty())
        .map(|covered| {
            let place = Place { region: covered.region, side: covered.side };
            let longest = covered.hidden_s.iter().map(|[from_s, to_s]| to_s - from_s);
            vec![
                plain_word(place.to_string()),
                format!("{:.0} %", 100.0 * covered.seen_fraction),
                covered.hidden_s.len().to_string(),
                format!("{:.1}", longest.fold(0.0, f64::max)),
            ]
        })
        .collect();
    html.push_str("<h3>Hidden places</h3>\n");
    let columns = ["Place", "Measured", "Times hidden", "Longest, s"];
    let empty = "Every place was seen throughout.";
    table(html, "Hidden places", &columns, &rows, empty);
}

/// The table behind a plot, folded away.
pub(super) fn behind(html: &mut String, title: &str, columns: &[&str], rows: &[Vec<String>]) {
    // Writing to a String cannot fail.
    let _ = writeln!(html, "<details><summary>Table: {title}</summary>");
    table(html, title, columns, rows, "Nothing to show.");
    html.push_str("</details>\n");
}

/// A table of cells that are safe already.
fn table(html: &mut String, title: &str, columns: &[&str], rows: &[Vec<String>], empty: &str) {
    // Writing to a String cannot fail, here and below.
    if rows.is_empty() {
        let _ = writeln!(html, "<p>{empty}</p>");
        return;
    }
    let _ = write!(
        html,
        "<div class=\"scroll\" tabindex=\"0\" role=\"region\" aria-label=\"{title}\">\
         <table aria-label=\"{title}\"><thead><tr>"
    );
    for column in columns {
        let _ = write!(html, "<th scope=\"col\">{column}</th>");
    }
    html.push_str("</tr></thead>\n<tbody>\n");
    for row in rows {
        html.push_str("<tr>");
        for cell in row {
            let _ = write!(html, "<td>{cell}</td>");
        }
        html.push_str("</tr>\n");
    }
    html.push_str("</tbody></table></div>\n");
}
