//! Clips against their truth: one row a figure, the pool of all clips last.

use super::columns::rounded;
use crate::batch::{Cohort, Member};
use crate::report::Table;
use crate::validate::{Errors, MatchBy, Proportion, Score, Share, Tally};

/// One figure.
struct Row<'a> {
    /// The clip; `None` of the pool.
    of: Option<&'a Member>,
    /// `blinks`, `events`, `label` or `pattern`.
    what: &'static str,
    figure: &'static str,
    value: f64,
    /// 95 % interval.
    ci: Option<[f64; 2]>,
    /// Of how many.
    count: usize,
}

pub(super) fn table(cohort: &Cohort) -> Table {
    let mut rows = Vec::new();
    for (member, score) in cohort.scores() {
        of_score(&mut rows, Some(member), score, cohort.matching.by);
    }
    if let Some(pooled) = cohort.pooled() {
        of_score(&mut rows, None, &pooled, cohort.matching.by);
    }
    let entry = |row: &Row<'_>| row.of.map(|member| member.entry.clone());
    let mut table = Table::default();
    table.integer("number", rows.iter().map(|row| Some(row.of?.entry.number as i64)));
    let pooled = "all pooled".to_owned();
    table.text("clip", rows.iter().map(|row| Some(entry(row).map_or(pooled.clone(), |e| e.clip))));
    table.text("subject", rows.iter().map(|row| entry(row)?.subject));
    table.text("visit", rows.iter().map(|row| entry(row)?.visit));
    table.text("of", rows.iter().map(|row| Some(row.what)));
    table.text("figure", rows.iter().map(|row| Some(row.figure)));
    table.double("value", rows.iter().map(|row| Some(rounded(row.value))));
    table.double("ci_low", rows.iter().map(|row| Some(rounded(row.ci?[0]))));
    table.double("ci_high", rows.iter().map(|row| Some(rounded(row.ci?[1]))));
    table.integer("count", rows.iter().map(|row| Some(row.count as i64)));
    table
}

/// The figures of the pool as texts: of what, figure, value, interval, count.
pub(in crate::batch) fn pooled(cohort: &Cohort) -> Vec<Vec<String>> {
    let mut rows = Vec::new();
    if let Some(pooled) = cohort.pooled() {
        of_score(&mut rows, None, &pooled, cohort.matching.by);
    }
    let interval = |[low, high]: [f64; 2]| format!("{low:.3} to {high:.3}");
    let texts = |row: &Row<'_>| {
        vec![
            row.what.to_owned(),
            words(row.figure),
            format!("{:.3}", row.value),
            row.ci.map(interval).unwrap_or_default(),
            row.count.to_string(),
        ]
    };
    rows.iter().map(texts).collect()
}

/// A figure's name as a person reads it, an error's unit apart.
fn words(figure: &str) -> String {
    let name = figure.replace('_', " ").replace("f1", "F1").replace("p95", "95th percentile");
    match name.rsplit_once(' ') {
        Some((name, unit)) if figure.contains("_error_") => format!("{name}, {unit}"),
        _ => name,
    }
}

fn of_score<'a>(rows: &mut Vec<Row<'a>>, of: Option<&'a Member>, score: &Score, by: MatchBy) {
    for (what, tally) in [("blinks", &score.blinks), ("events", &score.events)] {
        if let Some(tally) = tally {
            of_tally(rows, of, what, tally, by);
        }
    }
    let mut of_share = |what, figure, share: Share| {
        if let Some(Proportion { value, ci }) = share.proportion() {
            rows.push(Row { of, what, figure, value, ci: Some(ci), count: share.of as usize });
        }
    };
    if let Some(rated) = score.rated_blinks {
        of_share("blinks", "recall_of_rated", rated);
    }
    if let Some(listed) = score.listed {
        of_share("events", "one_sided_told", listed.told);
    }
    if let Some(labels) = &score.labels {
        of_share("label", "expected", labels.expected);
    }
    if let Some(rate) = score.listed.map(|listed| listed.outside)
        && let Some(Proportion { value, ci }) = rate.per_minute()
    {
        let (figure, count) = ("false_per_min", rate.count as usize);
        rows.push(Row { of, what: "events", figure, value, ci: Some(ci), count });
    }
    let all: u32 = score.patterns.iter().map(|own| own.count).sum();
    let right = score.patterns.iter().filter(|own| own.truth == own.found).map(|own| own.count);
    let right = Share { count: right.sum(), of: all };
    if let Some(Proportion { value, ci }) = right.proportion() {
        let count = all as usize;
        rows.push(Row { of, what: "pattern", figure: "right", value, ci: Some(ci), count });
    }
}

fn of_tally<'a>(
    rows: &mut Vec<Row<'a>>,
    of: Option<&'a Member>,
    what: &'static str,
    tally: &Tally,
    by: MatchBy,
) {
    let matched = tally.matched(by);
    let found = matched.found + matched.false_alarms;
    let real = matched.found + matched.missed;
    let order = tally.order.share();
    let shares = [
        ("precision", matched.precision(), found),
        ("recall", matched.recall(), real),
        ("f1", matched.f1(), found + matched.missed),
        ("f1_onset_within_1_frame", tally.onset_1_frame.f1(), real),
        ("f1_onset_within_2_frames", tally.onset_2_frames.f1(), real),
        ("side_right", tally.side.proportion(), tally.side.of),
        ("order_right", order.proportion(), order.of),
        ("onset_inside_interval", tally.onset_interval.proportion(), tally.onset_interval.of),
    ];
    for (figure, share, count) in shares {
        if let Some(Proportion { value, ci }) = share {
            rows.push(Row { of, what, figure, value, ci: Some(ci), count: count as usize });
        }
    }
    let errors = [
        (["start_error_median_s", "start_error_p95_s"], &tally.start_error_s),
        (["start_error_median_frames", "start_error_p95_frames"], &tally.start_error_frames),
        (["onset_error_median_frames", "onset_error_p95_frames"], &tally.onset_error_frames),
    ];
    for (figures, errors) in errors {
        if let Some(errors) = Errors::of(errors) {
            for (figure, value) in figures.into_iter().zip([errors.median, errors.p95]) {
                rows.push(Row { of, what, figure, value, ci: None, count: errors.count });
            }
        }
    }
}
