//! What the tables have in common.

use crate::batch::Entry;
use crate::report::Table;

/// The columns that say which clip a row is of.
pub(super) fn whose<'a>(table: &mut Table, entries: impl Iterator<Item = &'a Entry> + Clone) {
    table.integer("number", entries.clone().map(|entry| Some(entry.number as i64)));
    table.text("clip", entries.clone().map(|entry| Some(entry.clip.as_str())));
    table.text("subject", entries.clone().map(|entry| entry.subject.as_deref()));
    table.text("visit", entries.map(|entry| entry.visit.as_deref()));
}

/// To a millionth: beyond it lies no measurement.
pub(super) fn rounded(value: f64) -> f64 {
    (value * 1e6).round() / 1e6
}

/// A single-precision value as the shortest decimal that means it.
pub(super) fn widened(value: f32) -> f64 {
    rounded(f64::from(value))
}
