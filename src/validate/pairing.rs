//! Truth files and analyses brought together.

use std::collections::HashSet;
use std::fs;
use std::path::{Path, PathBuf};

use serde::Serialize;

use super::compare::compare;
use super::score::Score;
use super::{html, labels, text};
use crate::report::{Analysis, Error, Truth};

/// Frames a second of a table of labels, where nothing else says.
const LABEL_FPS: f64 = 30.0;

/// Analyses scored one by one and pooled.
#[derive(Debug, Clone, Serialize)]
pub struct Validation {
    /// Always `spasmograph.validation/1`.
    pub schema: String,
    /// Version of the program that compared.
    pub version: String,
    /// Each analysis.
    pub recordings: Vec<ValidatedClip>,
    /// All of them together.
    pub pooled: Score,
}

/// One analysis with its score.
#[derive(Debug, Clone, Serialize)]
pub struct ValidatedClip {
    /// The truth's file.
    pub truth: String,
    /// The analysis's file.
    pub analysis: String,
    /// How they agree.
    pub score: Score,
}

impl Validation {
    /// The figures as text, one paragraph for the pool and one line for each recording.
    #[must_use]
    pub fn text(&self) -> String {
        text::text(self)
    }

    /// The figures as a small page.
    #[must_use]
    pub fn html(&self) -> String {
        html::page(self)
    }
}

/// Reads a truth: a table of labels where the name ends in `csv`, otherwise a truth file.
///
/// # Errors
/// As [`Truth::read`] and [`super::read_labels`].
pub fn read_truth(path: &Path) -> Result<Truth, Error> {
    if path.extension().is_some_and(|extension| extension.eq_ignore_ascii_case("csv")) {
        labels::read_labels(path, LABEL_FPS)
    } else {
        Truth::read(path)
    }
}

/// Scores analyses against truths. Either may be files or folders: a folder stands for the truth
/// files, or the `analysis.json` files, in and below it. One truth and one analysis belong
/// together; of several, each analysis belongs to the truth whose clip, or whose own name, has the
/// stem of the recording analyzed.
///
/// # Errors
/// A file cannot be read, or an analysis has no truth.
pub fn validate(truths: &[PathBuf], analyses: &[PathBuf]) -> Result<Validation, Error> {
    let truths = expand(truths, is_truth)?;
    let analyses = expand(analyses, |path| path.ends_with("analysis.json"))?;
    let truths: Vec<(PathBuf, Truth)> = truths
        .into_iter()
        .map(|path| read_truth(&path).map(|truth| (path, truth)))
        .collect::<Result<_, _>>()?;
    let alone = truths.len() == 1 && analyses.len() == 1;
    let mut recordings = Vec::new();
    let mut pooled = Score::default();
    for path in analyses {
        let analysis = Analysis::read(&path)?;
        let clip = stem(Path::new(&analysis.source.path));
        let (truth_path, truth) = truths
            .iter()
            .find(|(path, truth)| alone || names(path, truth).contains(&clip))
            .ok_or_else(|| {
                Error::content(&path, format!("it is of \"{clip}\", and no truth given is"))
            })?;
        let score = compare(truth, &analysis);
        pooled += &score;
        recordings.push(ValidatedClip {
            truth: truth_path.display().to_string(),
            analysis: path.display().to_string(),
            score,
        });
    }
    Ok(Validation {
        schema: "spasmograph.validation/1".to_owned(),
        version: env!("CARGO_PKG_VERSION").to_owned(),
        recordings,
        pooled,
    })
}

/// The stems under which a truth is known.
fn names(path: &Path, truth: &Truth) -> HashSet<String> {
    let own = stem(path);
    let own = own.strip_suffix(".truth").unwrap_or(&own).to_owned();
    truth.clip.iter().map(|clip| stem(Path::new(clip))).chain([own]).collect()
}

fn stem(path: &Path) -> String {
    path.file_stem().map(|stem| stem.to_string_lossy().into_owned()).unwrap_or_default()
}

fn is_truth(path: &Path) -> bool {
    path.file_name().is_some_and(|name| name.to_string_lossy().ends_with(".truth.json"))
}

/// Files as they are; folders by the files in and below them that are wanted, in order of name.
fn expand(paths: &[PathBuf], wanted: impl Fn(&Path) -> bool) -> Result<Vec<PathBuf>, Error> {
    let mut files = Vec::new();
    for path in paths {
        if path.is_dir() {
            let before = files.len();
            collect(path, &wanted, &mut files)?;
            files[before..].sort();
        } else {
            files.push(path.clone());
        }
    }
    Ok(files)
}

fn collect(
    folder: &Path,
    wanted: &impl Fn(&Path) -> bool,
    files: &mut Vec<PathBuf>,
) -> Result<(), Error> {
    for entry in fs::read_dir(folder).map_err(Error::read(folder))? {
        let path = entry.map_err(Error::read(folder))?.path();
        if path.is_dir() {
            collect(&path, wanted, files)?;
        } else if wanted(&path) {
            files.push(path);
        }
    }
    Ok(())
}
