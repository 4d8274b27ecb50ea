//! The tables of the report.

use std::fmt::Write;

use super::escape;
use crate::anatomy::Place;
use crate::report::csv::{spread_text, word};
use crate::report::{Analysis, summary};

/// Every event, contraction by contraction.
pub(super) fn events(html: &mut String, analysis: &Analysis) {
    let mut rows = Vec::new();
    for event in &analysis.findings.events {
        let parts: Vec<String> = event
            .contractions
            .iter()
            .map(|c| {
                format!(
                    "{} at {:.3} s ({:.3} to {:.3}), {:.1} mFU",
                    summary::place(Place { region: c.region, side: c.side }),
                    c.onset_s,
                    c.onset_ci_s[0],
                    c.onset_ci_s[1],
                    c.amplitude_mfu
                )
            })
            .collect();
        rows.push(vec![
            event.id.to_string(),
            word(event.kind),
            word(event.side),
            format!("{:.3}", event.start_s),
            format!("{:.3}", event.end_s - event.start_s),
            spread_text(event).replace('_', " ").replace('>', ", then ").replace('+', " with "),
            parts.join("; "),
            event.reason.clone(),
        ]);
    }
    table(
        html,
        "Events",
        &["No.", "Kind", "Side", "Start, s", "Length, s", "Order", "Contractions", "Why"],
        &rows,
        "No event was found.",
    );
}

/// Every blink.
pub(super) fn blinks(html: &mut String, analysis: &Analysis) {
    let rows: Vec<Vec<String>> = analysis
        .findings
        .blinks
        .iter()
        .map(|blink| {
            vec![
                format!("{:.3}", blink.start_s),
                format!("{:.3}", blink.peak_s),
                format!("{:.3}", blink.end_s),
                word(blink.side),
                summary::percent(blink.depth.into()),
                if blink.complete { "yes" } else { "no" }.to_owned(),
                format!("{:+.2}", blink.asymmetry),
            ]
        })
        .collect();
    table(
        html,
        "Blinks",
        &["Start, s", "Deepest, s", "End, s", "Side", "Depth", "Complete", "Left less right"],
        &rows,
        "No blink was found.",
    );
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
                summary::place(Place { region: floor.region, side: floor.side }),
                figure(floor.floor_mfu),
                figure(floor.smallest_detectable_mfu),
            ]
        })
        .collect();
    table(
        html,
        "What could have been missed",
        &["Place", "Noise floor, mFU", "Smallest detectable, mFU"],
        &rows,
        "Too little usable video to say.",
    );
}

/// Stretches without a measurement.
pub(super) fn gaps(html: &mut String, analysis: &Analysis) {
    let rows: Vec<Vec<String>> = analysis
        .coverage
        .gaps
        .iter()
        .map(|gap| {
            vec![
                format!("{:.3}", gap.start_s),
                format!("{:.3}", gap.end_s),
                word(gap.reason).replace('_', " "),
            ]
        })
        .collect();
    table(html, "Gaps", &["From, s", "To, s", "Reason"], &rows, "The face was in view throughout.");
}

/// What spoke for and against the pattern.
pub(super) fn evidence(html: &mut String, analysis: &Analysis) {
    let labels = |labels: &[crate::pattern::Label]| {
        labels.iter().map(|label| summary::label(*label)).collect::<Vec<_>>().join(", ")
    };
    let rows: Vec<Vec<String>> = analysis
        .pattern
        .evidence
        .iter()
        .map(|evidence| {
            vec![
                evidence.finding.clone(),
                word(&evidence.value),
                labels(&evidence.in_favour),
                labels(&evidence.against),
                format!("{:.2}", evidence.weight),
                evidence.source.clone(),
            ]
        })
        .collect();
    table(
        html,
        "Evidence for the pattern",
        &["Finding", "Value", "For", "Against", "Weight", "Source"],
        &rows,
        "None.",
    );
}

fn table(html: &mut String, title: &str, columns: &[&str], rows: &[Vec<String>], empty: &str) {
    // Writing to a String cannot fail, here and below.
    let _ = writeln!(html, "<h2>{title}</h2>");
    if rows.is_empty() {
        let _ = writeln!(html, "<p>{empty}</p>");
        return;
    }
    let _ = write!(html, "<div class=\"scroll\"><table aria-label=\"{title}\"><thead><tr>");
    for column in columns {
        let _ = write!(html, "<th scope=\"col\">{column}</th>");
    }
    html.push_str("</tr></thead>\n<tbody>\n");
    for row in rows {
        html.push_str("<tr>");
        for cell in row {
            let _ = write!(html, "<td>{}</td>", escape(cell));
        }
        html.push_str("</tr>\n");
    }
    html.push_str("</tbody></table></div>\n");
}
