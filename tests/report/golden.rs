//! The text outputs, word for word. With `UPDATE_GOLDEN=1` the files in `tests/golden` are written
//! anew; review the difference before you commit it.

use std::path::{Path, PathBuf};

use spasmograph::report::csv::write_event_rows;
use spasmograph::report::export::{Format, write};
use spasmograph::report::{OutputFolder, summary};

use crate::example;

/// Compares a text with its golden file; the program's version is no part of it.
fn assert_golden(name: &str, text: &str) {
    let text = text.replace(env!("CARGO_PKG_VERSION"), "VERSION");
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/golden").join(name);
    if std::env::var_os("UPDATE_GOLDEN").is_some() {
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(&path, text).unwrap();
        return;
    }
    let golden = std::fs::read_to_string(&path).unwrap_or_default();
    for (number, (line, expected)) in text.lines().zip(golden.lines()).enumerate() {
        assert_eq!(line, expected, "{name}, line {}", number + 1);
    }
    assert_eq!(text.lines().count(), golden.lines().count(), "lines of {name}");
}

fn exported(format: Format) -> (tempfile::TempDir, Vec<PathBuf>) {
    let folder = tempfile::tempdir().unwrap();
    let out = OutputFolder::create(folder.path()).unwrap();
    // Into the gap: frames with and without a face.
    let samples = example::samples();
    let files = write(format, &example::analysis(), &samples[236..246], &out).unwrap();
    (folder, files)
}

#[test]
fn the_summary_is_as_agreed() {
    let text = summary::text(&example::analysis(), Some(Path::new("made.spasmograph")));
    assert_golden("summary.txt", &text);
}

#[test]
fn the_table_of_events_is_as_agreed() {
    let mut table = Vec::new();
    write_event_rows(&mut table, &example::analysis().findings).unwrap();
    assert_golden("events.csv", &String::from_utf8(table).unwrap());
}

#[test]
fn text_exports_are_as_agreed() {
    for format in [Format::Bids, Format::Elan, Format::OpenFace, Format::Jefapato] {
        let (folder, files) = exported(format);
        for file in files {
            let name = file.strip_prefix(folder.path()).unwrap();
            // The made-up recording has a name that tests escaping, not one for a file here.
            let plain: String = name
                .to_string_lossy()
                .replace(['/', '\\'], "-")
                .chars()
                .filter(|c| c.is_ascii_alphanumeric() || "-_.".contains(*c))
                .collect();
            let text = std::fs::read_to_string(&file).unwrap();
            assert_golden(&format!("{}-{plain}", format.name()), &text);
        }
    }
}
