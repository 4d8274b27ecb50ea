//! Subjects over their visits, where the manifest names them.

use std::collections::BTreeMap;
use std::fmt::Write;

use super::figures::rate;
use super::plain::plain_table;
use crate::anatomy::Side;
use crate::batch::{Cohort, Member};
use crate::report::Analysis;
use crate::report::html::{capitalised, escape};
use crate::report::summary::{percent, sided_label};

const WIDTH: f64 = 220.0;
const HEIGHT: f64 = 90.0;
/// Room above and below the lines.
const MARGIN: f64 = 16.0;

/// Each subject's clips in order of their visits.
fn subjects(cohort: &Cohort) -> BTreeMap<&str, Vec<(&Member, &Analysis)>> {
    let mut subjects: BTreeMap<&str, Vec<(&Member, &Analysis)>> = BTreeMap::new();
    for (member, analysis) in cohort.analyzed() {
        if let Some(subject) = &member.entry.subject {
            subjects.entry(subject).or_default().push((member, analysis));
        }
    }
    for own in subjects.values_mut() {
        own.sort_by_key(|(member, _)| {
            let visit = member.entry.visit.as_deref().unwrap_or_default();
            // Visit 10 comes after visit 9; dates and words sort as text.
            (visit.parse::<u64>().unwrap_or(u64::MAX), visit.to_owned(), member.entry.number)
        });
    }
    subjects
}

/// Subjects whose courses a page shows at once; more are folded away.
const AT_ONCE: usize = 24;

pub(super) fn table(html: &mut String, cohort: &Cohort) {
    let subjects = subjects(cohort);
    if subjects.is_empty() {
        return;
    }
    html.push_str("<section>\n<h2>Subjects</h2>\n");
    let courses: Vec<_> = subjects.iter().filter(|(_, visits)| visits.len() > 1).collect();
    if !courses.is_empty() {
        let open = if courses.len() <= AT_ONCE { " open" } else { "" };
        // Writing to a String cannot fail.
        let _ = write!(
            html,
            "<details{open}><summary>Twitches and spasms a minute over the visits of \
             each</summary>\n<p class=\"key\">Left solid, right dashed.</p>\n\
             <div class=\"courses\">\n"
        );
        for (subject, visits) in courses {
            course(html, subject, visits);
        }
        html.push_str("</div></details>\n");
    }
    html.push_str("<details><summary>Table by subject and visit</summary>\n");
    let rate =
        |analysis, side| rate(analysis, side).map_or_else(String::new, |r| format!("{r:.1}"));
    let rows: Vec<Vec<String>> = subjects
        .iter()
        .flat_map(|(subject, visits)| visits.iter().map(move |visit| (subject, visit)))
        .map(|(subject, (member, analysis))| {
            let blinks = analysis.findings.summary.blink_rate_per_min;
            vec![
                (*subject).to_owned(),
                member.entry.visit.clone().unwrap_or_default(),
                member.entry.number.to_string(),
                percent(analysis.coverage.usable_fraction),
                rate(analysis, Side::Right),
                rate(analysis, Side::Left),
                blinks.map_or_else(String::new, |rate| format!("{rate:.1}")),
                capitalised(&sided_label(analysis)),
            ]
        })
        .collect();
    let columns = [
        "Subject",
        "Visit",
        "Clip no.",
        "Usable",
        "Spasms right, /min",
        "Spasms left, /min",
        "Blinks, /min",
        "Pattern",
    ];
    plain_table(html, "Clips by subject and visit", &columns, &rows);
    html.push_str("</details>\n</section>\n");
}

/// Rates of both sides over a subject's visits.
fn course(html: &mut String, subject: &str, visits: &[(&Member, &Analysis)]) {
    let rates = |side| visits.iter().map(move |(_, own)| rate(own, side)).enumerate();
    let sides = [Side::Right, Side::Left];
    let highest =
        sides.into_iter().flat_map(rates).filter_map(|(_, rate)| rate).fold(1.0, f64::max);
    let x = |at: usize| 30.0 + (WIDTH - 40.0) * at as f64 / (visits.len() - 1) as f64;
    let y = |rate: f64| HEIGHT - MARGIN - (HEIGHT - 2.0 * MARGIN) * rate / highest;
    // Writing to a String cannot fail, here and below.
    let _ = write!(
        html,
        "<figure><figcaption>{0}</figcaption><svg viewBox=\"0 0 {WIDTH} {HEIGHT}\" role=\"img\" \
         aria-label=\"{0}: twitches and spasms a minute over the visits; the table below holds the \
         figures\"><line x1=\"26\" x2=\"{WIDTH}\" y1=\"{1}\" y2=\"{1}\" class=\"rule\"/>\
         <text x=\"22\" y=\"{1}\" text-anchor=\"end\">0</text>\
         <text x=\"22\" y=\"{MARGIN}\" text-anchor=\"end\">{highest:.1}</text>",
        escape(subject),
        HEIGHT - MARGIN,
    );
    for side in sides {
        let points: Vec<(f64, f64)> =
            rates(side).filter_map(|(at, rate)| Some((x(at), y(rate?)))).collect();
        if points.is_empty() {
            continue;
        }
        let line: Vec<String> = points.iter().map(|(x, y)| format!("{x:.0} {y:.1}")).collect();
        let _ = write!(html, "<path class=\"{side}\" d=\"M{}\"/>", line.join("L"));
        for (x, y) in points {
            let _ = write!(html, "<circle class=\"{side}\" cx=\"{x:.0}\" cy=\"{y:.1}\" r=\"3\"/>");
        }
    }
    for (at, anchor) in [(0, "start"), (visits.len() - 1, "end")] {
        let visit = visits[at].0.entry.visit.as_deref().unwrap_or_default();
        let _ = write!(
            html,
            "<text x=\"{:.0}\" y=\"{HEIGHT}\" text-anchor=\"{anchor}\">{}</text>",
            x(at),
            escape(visit)
        );
    }
    html.push_str("</svg></figure>\n");
}
