//! Parquet: the project's own tables with typed columns.

use std::path::PathBuf;
use std::str::FromStr;

use crate::report::channel::channels;
use crate::report::csv::{EVENT_COLUMNS, event_rows};
use crate::report::table::Table;
use crate::report::{Analysis, Error, OutputFolder};
use crate::signal::Sample;

pub(super) fn write(
    folder: &OutputFolder,
    analysis: &Analysis,
    samples: &[Sample],
) -> Result<Vec<PathBuf>, Error> {
    let tables = [
        ("signals.parquet", signals(samples)),
        ("events.parquet", events(&event_rows(&analysis.findings))),
    ];
    let mut files = Vec::new();
    for (name, table) in tables {
        let file = folder.file(name)?;
        files.push(file.path().to_owned());
        table.write_parquet(file)?;
    }
    Ok(files)
}

fn signals(samples: &[Sample]) -> Table {
    let mut table = Table::default();
    table.integer("index", samples.iter().map(|s| i64::try_from(s.index).ok()));
    table.double("time_s", samples.iter().map(|s| Some(s.time_s)));
    table.integer("track", samples.iter().map(|s| s.track.map(i64::from)));
    for channel in channels() {
        table.float(&channel.name, samples.iter().map(|sample| channel.value(sample)));
    }
    table
}

/// The rows of `events.csv` with the type that each column's cells have.
fn events(rows: &[Vec<String>]) -> Table {
    fn parsed<T: FromStr>(rows: &[Vec<String>], i: usize) -> impl Iterator<Item = Option<T>> {
        rows.iter().map(move |row| row[i].parse().ok())
    }
    let mut table = Table::default();
    for (i, name) in EVENT_COLUMNS.into_iter().enumerate() {
        match name {
            "event" | "order" => table.integer(name, parsed(rows, i)),
            "complete" | "complete_left" | "complete_right" | "other_babinski" => {
                table.flag(name, parsed(rows, i));
            }
            "amplitude_mfu"
            | "snr"
            | "depth"
            | "depth_left"
            | "depth_right"
            | "asymmetry"
            | "closing_speed_left"
            | "closing_speed_right" => table.double(name, parsed(rows, i)),
            _ if name.ends_with("_s") => table.double(name, parsed(rows, i)),
            _ => table
                .text(name, rows.iter().map(|row| Some(row[i].as_str()).filter(|c| !c.is_empty()))),
        }
    }
    table
}
