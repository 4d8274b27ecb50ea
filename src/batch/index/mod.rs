//! `index.html`: the whole batch on one page that needs no network.
//!
//! The page shows the tables and computes nothing; every plot has a table behind it, and without
//! script the rows stand in order of their numbers.

mod figures;
mod plain;
mod plots;
mod rows;
mod subjects;

use std::fmt::Write as _;
use std::io::Write as _;

use plain::plain_table;

use super::{Cohort, State, tables};
use crate::report::html::{STYLE, capitalised, escape};
use crate::report::summary::{counted, duration};
use crate::report::{DISCLAIMER, Error, OutputFile};

/// Writes the page and finishes the file.
///
/// # Errors
/// The file cannot be written; nothing of it is left.
pub(super) fn write(cohort: &Cohort, mut file: OutputFile) -> Result<(), Error> {
    file.write_all(page(cohort).as_bytes()).map_err(Error::write(file.path()))?;
    file.finish()
}

fn page(cohort: &Cohort) -> String {
    let clips = counted(cohort.clips.len(), "clip");
    // Writing to a String cannot fail, here and below.
    let mut html = format!(
        "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n\
         <title>Spasmograph: {clips}</title>\n<style>\n{STYLE}{}</style>\n</head>\n<body>\n\
         <a class=\"skip\" href=\"#clips\">Skip to the table of clips</a>\n\
         <header><strong>Spasmograph</strong> {}<br>{}. Images analysed for a medical purpose may \
         make software a medical device.</header>\n<main>\n",
        include_str!("style.css"),
        env!("CARGO_PKG_VERSION"),
        escape(&capitalised(DISCLAIMER)),
    );
    found(&mut html, cohort, &clips);
    truth(&mut html, cohort);
    plots::plots(&mut html, cohort);
    subjects::table(&mut html, cohort);
    rows::table(&mut html, cohort);
    let _ = write!(
        html,
        "</main>\n<script>\n{}</script>\n</body>\n</html>\n",
        include_str!("script.js")
    );
    html
}

/// What came of the batch, in a few lines.
fn found(html: &mut String, cohort: &Cohort, clips: &str) {
    let count = |state: fn(&State) -> bool| {
        cohort.clips.iter().filter(|own| state(&own.entry.state)).count()
    };
    let failed = count(|state| matches!(state, State::Failed(_)));
    let partial = count(|state| *state == State::Analyzed { partial: true });
    let copies = cohort.clips.iter().filter(|own| own.copy_of.is_some()).count();
    let length_s: f64 = cohort.analyzed().map(|(_, analysis)| analysis.source.duration_s).sum();
    let usable_s: f64 = cohort.analyzed().map(|(_, a)| a.findings.summary.usable_s).sum();
    let _ = write!(
        html,
        "<section>\n<h1>{clips}</h1>\n<dl>\n<dt>Analyzed</dt><dd>{}, {partial} of them in part</dd>\n\
         <dt>Failed</dt><dd{}>{failed}{}</dd>\n<dt>Copies</dt><dd>{copies} of the clips are copies \
         of another</dd>\n<dt>Video</dt><dd>{}, {} of it usable</dd>\n<dt>Tables</dt><dd>",
        cohort.clips.len() - failed,
        if failed > 0 { " class=\"warning\"" } else { "" },
        if failed > 0 { ": their reasons stand in their rows and in failures.csv" } else { "" },
        duration(length_s),
        duration(usable_s),
    );
    let mut names =
        vec!["clips.csv", "clips.parquet", "events.parquet", "blinks.parquet", "failures.csv"];
    if cohort.scores().next().is_some() {
        names.extend(["scores.csv", "scores.parquet"]);
    }
    for name in names {
        let _ = write!(html, "<a href=\"{name}\">{name}</a> ");
    }
    html.push_str("</dd>\n</dl>\n</section>\n");
}

/// What a reader asks first of the agreement with a truth.
const FIRST_FIGURES: [&str; 8] = [
    "precision",
    "recall",
    "F1",
    "side right",
    "right",
    "false per min",
    "one sided told",
    "expected",
];

/// How the batch agrees with what its manifest says is true.
fn truth(html: &mut String, cohort: &Cohort) {
    let rows = tables::pooled(cohort);
    if rows.is_empty() {
        return;
    }
    let compared = counted(cohort.scores().count(), "clip");
    let columns = ["Of", "Figure", "Value", "Interval", "Count"];
    html.push_str("<section>\n<h2>Against the truth</h2>\n");
    let caption = format!(
        "{compared} compared, pooled; shares carry 95 % Wilson intervals, as if every blink and event \
         were independent"
    );
    let (first, others): (Vec<_>, Vec<_>) =
        rows.into_iter().partition(|row| FIRST_FIGURES.contains(&row[1].as_str()));
    plain_table(html, &caption, &columns, &first);
    html.push_str("<details><summary>Onsets, order and errors in time</summary>");
    plain_table(html, &caption, &columns, &others);
    html.push_str("</details>\n</section>\n");
}
