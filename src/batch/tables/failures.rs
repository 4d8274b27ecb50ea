//! One row for everything that went wrong.

use super::columns::whose;
use crate::batch::{Cohort, Mishap};
use crate::report::Table;

pub(super) fn table(cohort: &Cohort) -> Table {
    let rows: Vec<Mishap<'_>> = cohort.mishaps().collect();
    let mut table = Table::default();
    whose(&mut table, rows.iter().map(|row| row.entry));
    table.text("stage", rows.iter().map(|row| Some(row.stage)));
    table.text("reason", rows.iter().map(|row| Some(row.reason)));
    table
}
