//! The cohort in a few plots: patterns, rates, usable video.

use std::fmt::Write;

use super::plain::plain_table;
use crate::batch::Cohort;
use crate::pattern::Label;
use crate::report::Analysis;
use crate::report::html::{capitalised, escape};

/// About as wide as it is drawn, so that its letters keep their size.
const WIDTH: f64 = 370.0;
/// Height of a bar with the room around it.
const BAR: f64 = 20.0;
/// Room for the names of the bars.
const NAMES: f64 = 170.0;

/// One bar: its name and how many clips it stands for.
type Bar = (String, usize);

/// A copy of a recording says nothing more about the cohort: it counts once.
fn recordings(cohort: &Cohort) -> Vec<&Analysis> {
    cohort
        .analyzed()
        .filter(|(own, _)| own.copy_of.is_none())
        .map(|(_, analysis)| analysis)
        .collect()
}

pub(super) fn plots(html: &mut String, cohort: &Cohort) {
    let recordings = recordings(cohort);
    if recordings.is_empty() {
        return;
    }
    let patterns = Label::ALL.iter().map(|label| {
        let count = recordings.iter().filter(|own| own.pattern.label == *label).count();
        (capitalised(label.words()), count)
    });
    let events = |own: &&Analysis| {
        let rate = own.findings.summary.event_rate_per_min;
        (own.findings.summary.usable_s > 0.0).then_some(rate.left + rate.right + rate.both)
    };
    let blinks = |own: &&Analysis| own.findings.summary.blink_rate_per_min;
    let usable = |own: &&Analysis| Some(100.0 * own.coverage.usable_fraction);
    html.push_str("<section>\n<h2>Cohort</h2>\n<div class=\"charts\">\n");
    bars(html, "Patterns", &patterns.filter(|bar| bar.1 > 0).collect::<Vec<_>>());
    let binned = |figure: &dyn Fn(&&Analysis) -> Option<f64>, edges: &[f64]| {
        bins(edges, recordings.iter().filter_map(figure))
    };
    let edges = [0.0, 0.5, 2.0, 5.0, 10.0, 20.0, 40.0];
    bars(html, "Twitches and spasms a minute", &binned(&events, &edges));
    let edges = [0.0, 5.0, 10.0, 15.0, 20.0, 30.0, 40.0, 60.0];
    bars(html, "Blinks a minute", &binned(&blinks, &edges));
    let edges = [0.0, 50.0, 80.0, 95.0, 99.0, 100.0];
    bars(html, "Usable video, per cent", &binned(&usable, &edges));
    html.push_str("</div>\n<p class=\"key\">Copies count once.</p>\n</section>\n");
}

/// How many values lie in each bin; the last is open.
fn bins(edges: &[f64], values: impl Iterator<Item = f64>) -> Vec<Bar> {
    let mut counts = vec![0; edges.len()];
    for value in values {
        let at = edges.iter().rposition(|edge| *edge <= value).unwrap_or(0);
        counts[at] += 1;
    }
    let name = |at: usize| match edges.get(at + 1) {
        Some(next) => format!("{} to under {next}", edges[at]),
        None if edges[at] == 100.0 => "100".to_owned(),
        None => format!("{} or more", edges[at]),
    };
    counts.into_iter().enumerate().map(|(at, count)| (name(at), count)).collect()
}

fn bars(html: &mut String, title: &str, bars: &[Bar]) {
    let most = bars.iter().map(|bar| bar.1).max().unwrap_or(0).max(1);
    let height = BAR * bars.len() as f64 + 4.0;
    // Writing to a String cannot fail, here and below.
    let _ = write!(
        html,
        "<figure><figcaption>{title}</figcaption><svg viewBox=\"0 0 {WIDTH} {height}\" role=\"img\" \
         aria-label=\"{title}; the table below holds the figures\">"
    );
    for (at, (name, count)) in bars.iter().enumerate() {
        let y = BAR * at as f64 + 3.0;
        let length = (WIDTH - NAMES - 44.0) * *count as f64 / most as f64;
        let _ = write!(
            html,
            "<text x=\"{:.0}\" y=\"{:.0}\" text-anchor=\"end\">{}</text>\
             <rect x=\"{NAMES}\" y=\"{y}\" width=\"{length:.1}\" height=\"{:.0}\" class=\"mid\"/>\
             <text x=\"{:.1}\" y=\"{1:.0}\">{count}</text>",
            NAMES - 8.0,
            y + 11.0,
            escape(name),
            BAR - 6.0,
            NAMES + length + 5.0,
        );
    }
    html.push_str("</svg>\n<details><summary>Table</summary>");
    let rows: Vec<Vec<String>> =
        bars.iter().map(|(name, count)| vec![name.clone(), count.to_string()]).collect();
    plain_table(html, title, &["", "Clips"], &rows);
    html.push_str("</details></figure>\n");
}
