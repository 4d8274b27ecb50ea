//! Tables and exports of a selection, written into the library as the command line writes them.

use std::path::Path;

use serde::{Deserialize, Serialize};

use super::about::Abouts;
use super::answer::Refusal;
use super::library::{Entry, Library};
use super::visits::analysis;
use crate::batch::{self, Clip, Cohort, Member, State, Trace};
use crate::report::csv::read_signals;
use crate::report::export::{self, Format};
use crate::report::{Analysis, Claim, Intent};
use crate::validate::Matching;

/// Folder of the tables in a library.
const TABLES: &str = "tables";
/// The tables.
const FILES: [&str; 5] =
    ["clips.csv", "clips.parquet", "events.parquet", "blinks.parquet", "failures.csv"];

/// What is asked for.
#[derive(Debug, Clone, Deserialize)]
pub(super) struct Wish {
    names: Vec<String>,
    /// `tables`, or a format of `export`.
    what: String,
    /// As reviewed, where there is a review.
    #[serde(default)]
    reviewed: bool,
}

/// What was written.
#[derive(Debug, Clone, Serialize)]
pub(super) struct Written {
    /// Files, by their paths in the library.
    files: Vec<String>,
    /// What could not be written, and why.
    failed: Vec<String>,
}

pub(super) fn write(library: &Library, wish: &Wish) -> Result<Written, Refusal> {
    let mut entries = Vec::new();
    let mut failed = Vec::new();
    for name in &wish.names {
        let entry = library.entry(name)?;
        match entry.analysis().is_file() {
            true => entries.push(entry),
            false => failed.push(format!("{name}: not analyzed yet")),
        }
    }
    if entries.is_empty() {
        return Err(Refusal::bad("nothing that is analyzed is selected"));
    }
    let mut files = Vec::new();
    if wish.what == TABLES {
        files = tables(library, &entries, wish.reviewed, &mut failed)?;
    } else {
        let format: Format = wish
            .what
            .parse()
            .map_err(|error: export::UnknownFormat| Refusal::field("what", error))?;
        for entry in &entries {
            match one(entry, format, wish.reviewed) {
                Ok(own) => files.extend(own),
                Err(refusal) => failed.push(format!("{}: {}", entry.name, refusal.text)),
            }
        }
    }
    let inside = |path: &std::path::PathBuf| {
        let path: &Path = path.strip_prefix(library.root()).unwrap_or(path);
        path.to_string_lossy().replace('\\', "/")
    };
    Ok(Written { files: files.iter().map(inside).collect(), failed })
}

fn one(entry: &Entry, format: Format, reviewed: bool) -> Result<Vec<std::path::PathBuf>, Refusal> {
    let analysis = analysis(entry, reviewed)?;
    let samples = read_signals(&entry.results.join("signals.csv")).map_err(Refusal::failed)?;
    let name = match analysis.reviewed {
        Some(_) => format!("{}-reviewed", format.name()),
        None => format.name().to_owned(),
    };
    let claim = Claim::take(&entry.results.join(name), Intent::default());
    let claim = claim.map_err(Refusal::failed)?;
    let files = export::write(format, &analysis, &samples, claim.folder());
    let files = files.map_err(Refusal::failed)?;
    claim.commit(analysis.source.sha256).map_err(Refusal::failed)?;
    Ok(files)
}

/// The tables of a batch, of a selection.
fn tables(
    library: &Library,
    entries: &[Entry],
    reviewed: bool,
    failed: &mut Vec<String>,
) -> Result<Vec<std::path::PathBuf>, Refusal> {
    let abouts = Abouts::read(library)?;
    let mut clips = Vec::new();
    for (number, entry) in (1..).zip(entries) {
        match analysis(entry, reviewed) {
            Ok(analysis) => clips.push(member(number, entry, &abouts, analysis)),
            Err(refusal) => failed.push(format!("{}: {}", entry.name, refusal.text)),
        }
    }
    let name = if reviewed { "tables-reviewed" } else { TABLES };
    let place = library.root().join(name);
    let claim = Claim::take(&place, Intent::to_write(FILES)).map_err(Refusal::failed)?;
    let cohort = Cohort { clips, matching: Matching::default(), remarks: Vec::new() };
    batch::write_tables(&cohort, claim.folder()).map_err(Refusal::failed)?;
    claim.commit(None).map_err(Refusal::failed)?;
    Ok(FILES.map(|file| place.join(file)).into())
}

fn member(number: u64, entry: &Entry, abouts: &Abouts, analysis: Analysis) -> Member {
    let about = abouts.of(&entry.name);
    let told = |text: String| (!text.is_empty()).then_some(text);
    let clip = Clip {
        subject: told(about.subject),
        visit: told(about.visit),
        mirrored: about.mirrored,
        ..Clip::new(number, entry.name.clone().into())
    };
    let samples = read_signals(&entry.results.join("signals.csv")).unwrap_or_default();
    let partial = crate::clip::is_partial(&analysis);
    let mut own = batch::Entry::new(&clip);
    own.sha256.clone_from(&analysis.source.sha256);
    own.state = State::Analyzed { partial };
    Member {
        entry: own,
        copy_of: None,
        trace: (!samples.is_empty()).then(|| Trace::of(&samples)),
        analysis: Some(analysis),
        kept: Vec::new(),
        score: None,
        unreviewed: None,
    }
}
