//! A folder of recordings with what is true of them.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use crate::pattern::Label;
use crate::report::{Error, Truth};
use crate::validate::read_truth;

/// Name of a folder's table of healthy people.
const TABLE: &str = "table.tsv";

/// Recordings that are evaluated together.
#[derive(Debug, Clone)]
pub struct Corpus {
    /// What it is called: the folder's own name.
    pub name: String,
    /// The recordings, in order of name.
    pub recordings: Vec<Rated>,
}

/// A recording with its truth.
#[derive(Debug, Clone)]
pub struct Rated {
    /// The recording.
    pub clip: PathBuf,
    /// Where its truth stands: its own file, or the folder's table.
    pub truth_path: PathBuf,
    /// What is true of it.
    pub truth: Truth,
}

/// People by the stem of their recordings, where one has several.
#[derive(Debug, Clone, Default)]
pub struct Persons(BTreeMap<String, String>);

impl Persons {
    /// Reads a table with the columns `clip` and `person`, separated by tabs.
    ///
    /// # Errors
    /// The file cannot be read or has no such columns.
    pub fn read(path: &Path) -> Result<Self, Error> {
        let rows = rows(path, &["clip", "person"])?;
        Ok(Self(rows.into_iter().map(|row| (stem(&row[0]), row[1].clone())).collect()))
    }
}

impl Corpus {
    /// Reads the recordings in a folder, not those below it, that have a truth: a file
    /// `NAME.truth.json` beside them, or a row in `table.tsv`. That table (separated by tabs, with
    /// the columns `clip` and `one_sided_on_purpose`) lists healthy people: nothing involuntary is
    /// to be seen, and only `none` and `indeterminate` may be said. A recording with both has the
    /// file's truth.
    ///
    /// # Errors
    /// The folder, the table or a truth cannot be read, or none is there.
    pub fn read(folder: &Path, persons: &Persons) -> Result<Self, Error> {
        let mut rated: BTreeMap<String, Rated> = BTreeMap::new();
        let table = folder.join(TABLE);
        if table.is_file() {
            for row in rows(&table, &["clip", "one_sided_on_purpose"])? {
                let truth = healthy(&row[0], row[1] == "yes");
                let own = Rated { clip: folder.join(&row[0]), truth_path: table.clone(), truth };
                rated.insert(stem(&row[0]), own);
            }
        }
        let read = fs::read_dir(folder).map_err(Error::read(folder))?;
        for entry in read {
            let path = entry.map_err(Error::read(folder))?.path();
            let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
            if let Some(stem) = name.strip_suffix(".truth.json") {
                let truth = read_truth(&path)?;
                let clip = truth.clip.clone().unwrap_or_else(|| format!("{stem}.mp4"));
                let own = Rated { clip: folder.join(clip), truth_path: path, truth };
                rated.insert(stem.to_owned(), own);
            }
        }
        if rated.is_empty() {
            let reason = "no recording with a truth: neither NAME.truth.json nor table.tsv";
            return Err(Error::content(folder, reason));
        }
        for (stem, own) in &mut rated {
            if own.truth.person.is_none() {
                own.truth.person = persons.0.get(stem).cloned();
            }
        }
        let name = folder.canonicalize().map_err(Error::read(folder))?;
        let name = name.file_name().unwrap_or_default().to_string_lossy().into_owned();
        Ok(Self { name, recordings: rated.into_values().collect() })
    }
}

fn healthy(clip: &str, one_sided_on_purpose: bool) -> Truth {
    Truth {
        clip: Some(clip.to_owned()),
        annotator: Some("a healthy person".to_owned()),
        events: Some(Vec::new()),
        expected_labels: vec![Label::None, Label::Indeterminate],
        one_sided_on_purpose,
        ..Truth::default()
    }
}

/// The cells of some columns of a table that is separated by tabs.
pub(super) fn rows(path: &Path, columns: &[&str]) -> Result<Vec<Vec<String>>, Error> {
    let mut table = csv::ReaderBuilder::new()
        .delimiter(b'\t')
        .flexible(true)
        .quoting(false)
        .from_reader(fs::File::open(path).map_err(Error::read(path))?);
    let header = table.headers().map_err(|error| Error::content(path, error))?.clone();
    let places = columns
        .iter()
        .map(|column| {
            let place = header.iter().position(|found| found == *column);
            place.ok_or_else(|| Error::content(path, format!("it has no column {column}")))
        })
        .collect::<Result<Vec<_>, _>>()?;
    table
        .records()
        .map(|row| {
            let row = row.map_err(|error| Error::content(path, error))?;
            let cell = |place: &usize| row.get(*place).unwrap_or_default().trim().to_owned();
            Ok(places.iter().map(cell).collect())
        })
        .collect()
}

fn stem(clip: &str) -> String {
    Path::new(clip).file_stem().unwrap_or_default().to_string_lossy().into_owned()
}
