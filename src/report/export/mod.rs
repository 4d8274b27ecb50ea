//! Exchange formats: the same measurements for the tools that others use.
//!
//! | format | files | read by |
//! |---|---|---|
//! | `bids` | a BIDS dataset with one motion recording | BIDS tools |
//! | `elan` | `NAME.eaf`, one tier a place | ELAN |
//! | `edf` | `NAME.edf`, EDF+ with annotations | EMG and EEG viewers |
//! | `openface` | `NAME.csv` with OpenFace's column names | scripts for OpenFace |
//! | `jefapato` | `NAME.csv` with JeFaPaTo's column names | JeFaPaTo's blink analysis |
//! | `csv` | `signals.csv`, `events.csv` | spreadsheets |
//! | `parquet` | `signals.parquet`, `events.parquet` (feature `parquet`) | data frames |
//!
//! Times are seconds of the recording, except where a format counts from its own first sample:
//! BIDS and EDF count from the first analyzed frame. Sides are the subject's own everywhere.

mod bids;
mod edf;
mod elan;
mod span;
mod tables;

#[cfg(feature = "parquet")]
mod columnar;

use std::io::Write;
use std::path::{Path, PathBuf};
use std::str::FromStr;

use super::{Analysis, Error, OutputFolder, csv};
use crate::signal::Sample;

/// A format to hand measurements on in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Format {
    /// A BIDS dataset with one motion recording.
    Bids,
    /// An ELAN annotation file.
    Elan,
    /// EDF+ with signals and annotations.
    Edf,
    /// A table with OpenFace's column names.
    OpenFace,
    /// A table with JeFaPaTo's column names.
    Jefapato,
    /// The project's own tables.
    Csv,
    /// The project's own tables as Parquet.
    #[cfg(feature = "parquet")]
    Parquet,
}

impl Format {
    /// All formats.
    pub const ALL: &'static [Self] = &[
        Self::Bids,
        Self::Elan,
        Self::Edf,
        Self::OpenFace,
        Self::Jefapato,
        Self::Csv,
        #[cfg(feature = "parquet")]
        Self::Parquet,
    ];

    /// The name on the command line.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Bids => "bids",
            Self::Elan => "elan",
            Self::Edf => "edf",
            Self::OpenFace => "openface",
            Self::Jefapato => "jefapato",
            Self::Csv => "csv",
            #[cfg(feature = "parquet")]
            Self::Parquet => "parquet",
        }
    }
}

/// No format has this name.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("no format \"{0}\"")]
pub struct UnknownFormat(String);

impl FromStr for Format {
    type Err = UnknownFormat;

    fn from_str(name: &str) -> Result<Self, UnknownFormat> {
        let named = Self::ALL.iter().find(|format| format.name() == name);
        named.copied().ok_or_else(|| UnknownFormat(name.to_owned()))
    }
}

/// Writes an analysis and its samples in a format into a folder; returns the files written.
///
/// # Errors
/// A file cannot be written (nothing of that file is left), or there is no sample.
pub fn write(
    format: Format,
    analysis: &Analysis,
    samples: &[Sample],
    folder: &OutputFolder,
) -> Result<Vec<PathBuf>, Error> {
    // Repeats alone measure nothing either.
    if samples.iter().all(|sample| sample.repeat) {
        return Err(Error::content(folder.path(), "there is no sample to export"));
    }
    let name = stem(analysis);
    match format {
        Format::Bids => bids::write(folder, analysis, &new(samples)),
        Format::Elan => text(folder, &format!("{name}.eaf"), &elan::document(analysis)),
        Format::Edf => {
            let document = edf::document(analysis, &new(samples))
                .map_err(|reason| Error::content(folder.path(), reason))?;
            file(folder, &format!("{name}.edf"), &document)
        }
        Format::OpenFace => {
            text(folder, &format!("{name}.csv"), &tables::openface(analysis, samples))
        }
        Format::Jefapato => text(folder, &format!("{name}.csv"), &tables::jefapato(samples)),
        Format::Csv => {
            csv::write_signals(folder.file("signals.csv")?, samples)?;
            csv::write_events(folder.file("events.csv")?, &analysis.findings)?;
            Ok(["signals.csv", "events.csv"].map(|name| folder.path().join(name)).into())
        }
        #[cfg(feature = "parquet")]
        Format::Parquet => columnar::write(folder, analysis, samples),
    }
}

/// An analysis as an ELAN document.
pub(crate) fn elan_document(analysis: &Analysis) -> String {
    elan::document(analysis)
}

/// Longest name that is taken from a recording, characters.
const NAME_MAX: usize = 60;

/// The recording's name without folder and ending, as a file may be called.
fn stem(analysis: &Analysis) -> String {
    let stem = Path::new(&analysis.source.path).file_stem();
    let stem = stem.map_or_else(|| "recording".into(), |stem| stem.to_string_lossy());
    let safe = |c: char| if c.is_control() || "/\\:*?\"<>|".contains(c) { '_' } else { c };
    stem.chars().map(safe).take(NAME_MAX).collect()
}

/// Usual intervals above which one is a hole in the recording and says nothing of its rate.
const HOLE_INTERVALS: f64 = 6.0;

/// The samples that measure something: those of repeated pictures left out.
fn new(samples: &[Sample]) -> Vec<Sample> {
    samples.iter().filter(|sample| !sample.repeat).cloned().collect()
}

/// Seconds between new frames: the mean over the presentation times, holes left out.
fn interval_s(samples: &[Sample]) -> f64 {
    let mut intervals: Vec<f64> =
        samples.windows(2).map(|pair| pair[1].time_s - pair[0].time_s).collect();
    intervals.sort_by(f64::total_cmp);
    let longest = HOLE_INTERVALS * intervals.get(intervals.len() / 2).copied().unwrap_or(0.0);
    intervals.retain(|interval| *interval <= longest);
    let mean = intervals.iter().sum::<f64>() / intervals.len() as f64;
    // One frame alone says nothing of a rate.
    if mean > 0.0 { mean } else { 0.04 }
}

fn text(folder: &OutputFolder, name: &str, text: &str) -> Result<Vec<PathBuf>, Error> {
    file(folder, name, text.as_bytes())
}

fn file(folder: &OutputFolder, name: &str, bytes: &[u8]) -> Result<Vec<PathBuf>, Error> {
    let mut file = folder.file(name)?;
    let path = file.path().to_owned();
    file.write_all(bytes).map_err(Error::write(&path))?;
    file.finish()?;
    Ok(vec![path])
}
