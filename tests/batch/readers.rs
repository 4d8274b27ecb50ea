//! The tables in pandas, polars and DuckDB, and the README's lines of Python.

use std::path::Path;

use spasmograph::batch::{Cohort, write};
use spasmograph::report::OutputFolder;

use crate::cohort::finished;
use crate::support::python;

#[test]
fn the_tables_open_with_their_types_and_the_readmes_lines_run() {
    let folder = tempfile::tempdir().unwrap();
    let place = finished(folder.path(), 30);
    let cohort = Cohort::gather(&place).unwrap();
    write(&cohort, &OutputFolder::create(&folder.path().join("cohort")).unwrap()).unwrap();
    let readme = Path::new(env!("CARGO_MANIFEST_DIR")).join("README.md");
    let found = python::run("batch", &[folder.path(), &readme]);

    let found_in = |table: &str| ["pandas", "polars", "duckdb"].map(|reader| &found[table][reader]);
    let blinks: usize = cohort.analyzed().map(|(_, own)| own.findings.blinks.len()).sum();
    let events: usize = cohort.analyzed().map(|(_, own)| own.findings.events.len()).sum();
    for (table, rows) in [("clips", 30), ("events", events), ("blinks", blinks)] {
        for read in found_in(table) {
            assert_eq!(read["rows"], rows, "{table}: {read}");
        }
    }
    let types = [
        ("clips", "number", "integer"),
        ("clips", "clip", "text"),
        ("clips", "copy_of", "integer"),
        ("clips", "usable_fraction", "float"),
        ("clips", "event_rate_left_per_min", "float"),
        ("clips", "mirrored", "flag"),
        ("clips", "twitches", "integer"),
        ("clips", "score_typical_hfs", "float"),
        ("events", "start_s", "float"),
        ("events", "involuntary", "flag"),
        ("events", "cheek_left_amplitude_mfu", "float"),
        ("blinks", "depth", "float"),
        ("blinks", "complete", "flag"),
        ("scores", "value", "float"),
        ("scores", "figure", "text"),
    ];
    for (table, column, kind) in types {
        for read in found_in(table) {
            assert_eq!(read["types"][column], kind, "{table}.{column}: {read}");
        }
    }
    // The same values in all of them, and in the CSV.
    for read in found_in("clips") {
        assert_eq!(read["sum"], found["clips"]["csv"]["sum"]);
        assert_eq!(read["copies"], 3, "clips that are copies");
    }
    assert!(found["readme"].as_array().unwrap().len() >= 3, "{}", found["readme"]);
}
