//! One row of the library's table.

use std::collections::HashMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};
use std::time::SystemTime;

use rayon::prelude::*;
use serde::{Deserialize, Serialize};

use super::about::{About, Abouts};
use super::library::{Entry, reviews};
use crate::event::BySide;
use crate::pattern::Label;
use crate::report::json;

/// A recording in a row.
#[derive(Debug, Clone, Serialize)]
pub(super) struct Row {
    name: String,
    #[serde(flatten)]
    about: About,
    /// Bytes of the recording; 0 where only results are there.
    bytes: u64,
    /// When the recording was last changed, seconds since 1970.
    changed_s: u64,
    analysis: Option<Brief>,
    /// The results are there and cannot be read: why.
    #[serde(skip_serializing_if = "Option::is_none")]
    broken: Option<String>,
    reviews: Vec<ReviewBrief>,
    /// A picture can be looked at.
    picture: bool,
}

/// What the table shows of an analysis.
#[derive(Debug, Clone, Serialize)]
struct Brief {
    length_s: f64,
    usable: f64,
    blink_rate: Option<f64>,
    event_rate: BySide<f64>,
    pattern: Label,
    words: &'static str,
    warnings: usize,
    /// Starts of twitches and spasms as parts of the length, with their sides, for a small picture.
    events: Vec<(f32, String)>,
}

/// What the table shows of a review.
#[derive(Debug, Clone, Serialize, Deserialize)]
struct ReviewBrief {
    reviewer: String,
    finished: bool,
}

/// Those parts of an `analysis.json` that a row shows.
#[derive(Deserialize)]
struct Written {
    source: WrittenSource,
    coverage: WrittenCoverage,
    events: Vec<WrittenEvent>,
    summary: WrittenSummary,
    pattern: WrittenPattern,
    warnings: Vec<serde::de::IgnoredAny>,
}

#[derive(Deserialize)]
struct WrittenSource {
    duration_s: f64,
}

#[derive(Deserialize)]
struct WrittenCoverage {
    usable_fraction: f64,
}

#[derive(Deserialize)]
struct WrittenEvent {
    kind: crate::event::EventKind,
    side: crate::event::Laterality,
    start_s: f64,
}

#[derive(Deserialize)]
struct WrittenSummary {
    blink_rate_per_min: Option<f64>,
    event_rate_per_min: BySide<f64>,
}

#[derive(Deserialize)]
struct WrittenPattern {
    label: Label,
}

impl From<Written> for Brief {
    fn from(own: Written) -> Self {
        let length_s = own.source.duration_s;
        let involuntary = own.events.iter().filter(|event| event.kind.is_involuntary());
        let at = |time_s: f64| (time_s / length_s.max(1e-3)).clamp(0.0, 1.0) as f32;
        Self {
            length_s,
            usable: own.coverage.usable_fraction,
            blink_rate: own.summary.blink_rate_per_min,
            event_rate: own.summary.event_rate_per_min,
            pattern: own.pattern.label,
            words: own.pattern.label.words(),
            warnings: own.warnings.len(),
            events: involuntary
                .map(|event| (at(event.start_s), crate::report::csv::word(event.side)))
                .collect(),
        }
    }
}

/// Files as they were read last: a table of hundreds of recordings is not read anew for one.
#[derive(Debug, Default)]
pub(super) struct Briefs {
    analyses: Mutex<HashMap<PathBuf, (Stamp, Brief)>>,
    reviews: Mutex<HashMap<PathBuf, (Stamp, ReviewBrief)>>,
}

/// Size and time of a file: another file has others.
type Stamp = (u64, SystemTime);

fn stamp(path: &Path) -> Option<Stamp> {
    let data = fs::metadata(path).ok()?;
    Some((data.len(), data.modified().ok()?))
}

/// What a file holds, from what was read before where it is the same file.
fn cached<T: Clone>(
    known: &Mutex<HashMap<PathBuf, (Stamp, T)>>,
    path: &Path,
    read: impl FnOnce() -> Result<T, String>,
) -> Option<Result<T, String>> {
    let stamp = stamp(path)?;
    let lock = || known.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some((at, own)) = lock().get(path)
        && *at == stamp
    {
        return Some(Ok(own.clone()));
    }
    let own = read();
    if let Ok(own) = &own {
        lock().insert(path.to_owned(), (stamp, own.clone()));
    }
    Some(own)
}

impl Briefs {
    /// The rows of the table.
    pub(super) fn rows(&self, entries: Vec<Entry>, abouts: &Abouts) -> Vec<Row> {
        let mut files: HashMap<PathBuf, Vec<String>> = HashMap::new();
        for entry in &entries {
            let folder = entry.results.parent().unwrap_or(Path::new("")).to_owned();
            files.entry(folder).or_insert_with_key(|folder| {
                let all = fs::read_dir(folder).into_iter().flatten().flatten();
                let names = all.map(|file| file.file_name().to_string_lossy().into_owned());
                names.filter(|name| name.ends_with(".json")).collect()
            });
        }
        let row = |entry: Entry| {
            let folder = entry.results.parent().unwrap_or(Path::new(""));
            let files = files.get(folder).map(Vec::as_slice).unwrap_or_default();
            self.row(&entry, abouts, files)
        };
        entries.into_par_iter().map(row).collect()
    }

    fn row(&self, entry: &Entry, abouts: &Abouts, files: &[String]) -> Row {
        let path = entry.analysis();
        let read = || {
            let written: Written = json::read(&path).map_err(|error| error.to_string())?;
            Ok(Brief::from(written))
        };
        let (analysis, broken) = match cached(&self.analyses, &path, read) {
            Some(Ok(brief)) => (Some(brief), None),
            Some(Err(why)) => (None, Some(why)),
            None => (None, None),
        };
        let reviews = reviews(entry, files).into_iter().filter_map(|path| {
            let read = || json::read(&path).map_err(|error| error.to_string());
            cached(&self.reviews, &path, read)?.ok()
        });
        let seen = entry.recording.clone().unwrap_or_else(|| entry.analysis());
        let (bytes, changed) = stamp(&seen).unwrap_or((0, SystemTime::UNIX_EPOCH));
        let since = changed.duration_since(SystemTime::UNIX_EPOCH);
        Row {
            name: entry.name.clone(),
            about: abouts.of(&entry.name),
            bytes: if entry.recording.is_some() { bytes } else { 0 },
            changed_s: since.map_or(0, |since| since.as_secs()),
            analysis,
            broken,
            reviews: reviews.collect(),
            picture: entry.picture().is_some(),
        }
    }
}
