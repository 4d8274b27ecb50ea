//! Manifests (CSV, TSV) and lists of clips. Paths inside are relative to the file's own folder.

use std::io;
use std::path::{Path, PathBuf};

use super::{BatchError, Clip};
use crate::document;
use crate::report::plain::from_cell;

/// The columns of a manifest; all but `clip` may be left out, and any cell but a clip's be empty.
pub const MANIFEST_COLUMNS: [&str; 7] =
    ["clip", "subject", "visit", "protocol", "history", "mirrored", "truth"];

/// Reads a manifest; rows without anything in them are passed over.
pub(super) fn read_manifest(path: &Path) -> Result<Vec<Clip>, BatchError> {
    let wrong = |error: csv::Error| BatchError::List {
        path: path.to_owned(),
        line: error.position().map(csv::Position::line),
        reason: match error.into_kind() {
            csv::ErrorKind::UnequalLengths { expected_len, len, .. } => {
                format!("{len} cells where the header has {expected_len}")
            }
            other => format!("{other:?}"),
        },
    };
    let text = text(path)?;
    let mut table = csv::ReaderBuilder::new()
        .delimiter(separator(&text))
        .trim(csv::Trim::All)
        .from_reader(text.as_bytes());
    let header = table.headers().map_err(wrong)?.clone();
    let columns = columns(path, &header)?;
    let folder = path.parent().unwrap_or(Path::new(""));
    let mut clips = Vec::new();
    for row in table.records() {
        let row = row.map_err(wrong)?;
        if row.iter().all(str::is_empty) {
            continue;
        }
        let line = row.position().map(csv::Position::line);
        let cell = |name: &str| {
            let at = columns.iter().position(|column| *column == name)?;
            row.get(at).map(from_cell).filter(|cell| !cell.is_empty())
        };
        let fault = |reason: String| BatchError::List { path: path.to_owned(), line, reason };
        let beside = |name: &str| cell(name).map(|cell| folder.join(cell));
        let clip = beside("clip").ok_or_else(|| fault("no clip is named".to_owned()))?;
        clips.push(Clip {
            subject: cell("subject").map(str::to_owned),
            visit: cell("visit").map(str::to_owned),
            protocol: beside("protocol"),
            history: beside("history"),
            mirrored: cell("mirrored").map_or(Ok(false), truth_value).map_err(fault)?,
            truth: beside("truth"),
            ..Clip::new(0, clip)
        });
    }
    Ok(clips)
}

/// What separates the cells: tabs, the semicolons of spreadsheets where the comma is the decimal
/// sign, or commas. No column's name holds any of them.
fn separator(text: &str) -> u8 {
    let header = text.lines().next().unwrap_or_default().as_bytes();
    [b'\t', b';'].into_iter().find(|own| header.contains(own)).unwrap_or(b',')
}

/// A text file without the marks that some systems put into it: at its begin, and at ends of lines,
/// where they would be miscounted.
fn text(path: &Path) -> Result<String, BatchError> {
    let text = document::read(path).map_err(|error| BatchError::List {
        path: path.to_owned(),
        line: None,
        reason: match error.kind() {
            io::ErrorKind::InvalidData => error.to_string(),
            _ => format!("cannot be read ({error})"),
        },
    })?;
    Ok(text.replace("\r\n", "\n"))
}

/// The names of the columns, all of them known: a misspelt one would be passed over in silence.
fn columns(path: &Path, header: &csv::StringRecord) -> Result<Vec<String>, BatchError> {
    let names: Vec<String> = header.iter().map(str::to_ascii_lowercase).collect();
    let fault = |reason| BatchError::List { path: path.to_owned(), line: Some(1), reason };
    let known = MANIFEST_COLUMNS.join(", ");
    let is_wrong = |name: &&String| !name.is_empty() && !MANIFEST_COLUMNS.contains(&name.as_str());
    if let Some(name) = names.iter().find(is_wrong) {
        return Err(fault(format!("no column is called \"{name}\"; a manifest has {known}")));
    }
    let is_twice = |name: &&String| names.iter().filter(|other| other == name).count() > 1;
    if let Some(name) = names.iter().filter(|name| !name.is_empty()).find(is_twice) {
        return Err(fault(format!("the column \"{name}\" stands twice")));
    }
    if !names.iter().any(|name| name == "clip") {
        return Err(fault(format!("the column clip is missing; a manifest has {known}")));
    }
    Ok(names)
}

fn truth_value(cell: &str) -> Result<bool, String> {
    match cell.to_ascii_lowercase().as_str() {
        "true" | "yes" | "1" => Ok(true),
        "false" | "no" | "0" => Ok(false),
        _ => Err(format!("mirrored is \"{cell}\"; write true or false")),
    }
}

/// Reads a list: a path a line; empty lines and such that begin with `#` are passed over.
pub(super) fn read_list(path: &Path) -> Result<Vec<PathBuf>, BatchError> {
    let text = text(path)?;
    let folder = path.parent().unwrap_or(Path::new(""));
    let named =
        text.lines().map(str::trim).filter(|line| !line.is_empty() && !line.starts_with('#'));
    Ok(named.map(|line| folder.join(line)).collect())
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs;

    fn manifest(name: &str, text: &str) -> Result<Vec<Clip>, BatchError> {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join(name);
        fs::write(&path, text).unwrap();
        read_manifest(&path).map(|clips| {
            let own = |path: PathBuf| path.strip_prefix(folder.path()).unwrap().to_owned();
            let bare =
                |clip: Clip| Clip { clip: own(clip.clip), truth: clip.truth.map(own), ..clip };
            clips.into_iter().map(bare).collect()
        })
    }

    #[test]
    fn a_manifest_tells_whose_clip_it_is_and_what_is_known_of_it() {
        let text = "clip,subject,visit,mirrored,truth\na b.mp4,S1,2,yes,a.truth.json\nc.mp4,,,,\n";
        let clips = manifest("m.csv", text).unwrap();
        let first = Clip {
            subject: Some("S1".to_owned()),
            visit: Some("2".to_owned()),
            mirrored: true,
            truth: Some("a.truth.json".into()),
            ..Clip::new(0, "a b.mp4".into())
        };
        assert_eq!(clips, [first, Clip::new(0, "c.mp4".into())]);
        let tabs = "\u{feff}Clip\tSubject\na,b.mp4\tS1\n";
        assert_eq!(manifest("m.tsv", tabs).unwrap()[0].clip, Path::new("a,b.mp4"));
    }

    #[test]
    fn a_manifest_may_be_what_a_spreadsheet_saves() {
        let text = "\u{feff}clip;subject;mirrored;\r\n\"a; \"\"b\"\".mp4\";\"M\u{fc}ller, A.\";TRUE;\r\n;;;\r\n";
        let clips = manifest("m.csv", text).unwrap();
        let subject = Some("M\u{fc}ller, A.".to_owned());
        let only = Clip { subject, mirrored: true, ..Clip::new(0, "a; \"b\".mp4".into()) };
        assert_eq!(clips, [only]);
    }

    #[test]
    fn a_manifest_that_would_be_misread_is_refused_with_its_line() {
        for (text, expected) in [
            ("clip,mirored\na.mp4,true\n", "line 1: no column is called \"mirored\""),
            ("subject\nS1\n", "line 1: the column clip is missing"),
            ("clip,mirrored\na.mp4,maybe\n", "line 2: mirrored is \"maybe\""),
            ("clip,subject\na.mp4,S1\n,S2\n", "line 3: no clip is named"),
            ("clip;mirrored\r\na.mp4;ja\r\n", "line 2: mirrored is \"ja\""),
            ("clip,subject\na.mp4\n", "line 2: 1 cells where the header has 2"),
        ] {
            let error = manifest("m.csv", text).unwrap_err().to_string();
            assert!(error.contains(expected), "{error}");
        }
    }
}
