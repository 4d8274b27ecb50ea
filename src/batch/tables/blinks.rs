//! One row a blink.

use super::columns::{rounded, whose, widened};
use crate::batch::{Cohort, Entry};
use crate::event::Blink;
use crate::report::Table;
use crate::report::csv::word;

pub(super) fn table(cohort: &Cohort) -> Table {
    let rows: Vec<(&Entry, &Blink)> = cohort
        .analyzed()
        .flat_map(|(own, found)| found.findings.blinks.iter().map(move |b| (&own.entry, b)))
        .collect();
    let blinks = || rows.iter().map(|row| row.1);
    let mut table = Table::default();
    whose(&mut table, rows.iter().map(|row| row.0));
    table.double("start_s", blinks().map(|blink| Some(rounded(blink.start_s))));
    table.double("peak_s", blinks().map(|blink| Some(rounded(blink.peak_s))));
    table.double("end_s", blinks().map(|blink| Some(rounded(blink.end_s))));
    table.double("duration_s", blinks().map(|b| Some(rounded(b.end_s - b.start_s))));
    table.text("side", blinks().map(|blink| Some(word(blink.side))));
    table.double("depth", blinks().map(|blink| Some(widened(blink.depth))));
    table.flag("complete", blinks().map(|blink| Some(blink.complete)));
    table.double("depth_left_less_right", blinks().map(|b| Some(widened(b.asymmetry))));
    table.double("left_after_right_s", blinks().map(|blink| blink.lag_s.map(rounded)));
    table
}
