//! Truth files and analyses brought together.

use std::collections::HashSet;
use std::fs;
use std::path::{Path, PathBuf};

use serde::Serialize;

use super::compare::compare_by;
use super::matching::Matching;
use super::mirror::mirror_agreement;
use super::people::People;
use super::score::Score;
use super::{html, labels, text};
use crate::anatomy::Side;
use crate::pattern::Label;
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
    /// How truth and findings were matched.
    pub matching: Matching,
    /// Each analysis.
    pub recordings: Vec<ValidatedClip>,
    /// All of them together.
    pub pooled: Score,
    /// Length of them all, minutes.
    pub minutes: f64,
    /// All of them by person.
    pub people: People,
    /// What the truths hold and nothing here reads, a line each.
    pub remarks: Vec<String>,
}

/// One analysis with its score.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct ValidatedClip {
    /// The truth's file.
    pub truth: String,
    /// The analysis's file.
    pub analysis: String,
    /// What the recording is called.
    pub name: String,
    /// Length of the recording, seconds.
    pub length_s: f64,
    /// Whose recording it is: as the truth says, or by the name of the recording.
    pub person: String,
    /// The label found; `None` where there is no truth to compare it with.
    pub label: Option<Label>,
    /// What was said of the pattern where the true one is known; else `None`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub told: Option<ToldPattern>,
    /// How they agree.
    pub score: Score,
}

/// What was said of a recording whose pattern is known.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct ToldPattern {
    /// Of whom, e.g. `patients`, `lively`.
    pub group: String,
    /// The true label.
    pub truth: Label,
    /// The label that was said.
    pub found: Label,
    /// The label that ranked best.
    pub best: Label,
    /// Its score, 0 to 1; 0 where nothing was ranked.
    pub score: f64,
    /// True events that carry the label.
    pub events: u32,
    /// The side that is truly weak.
    pub weak: Option<Side>,
    /// The side that was called weak.
    pub named_weak: Option<Side>,
}

impl ToldPattern {
    /// The true label is one of those that are weighed.
    #[must_use]
    pub fn labelled(&self) -> bool {
        self.truth != Label::Indeterminate
    }
}

/// What is compared with what.
#[derive(Debug, Clone, Default)]
pub struct Request {
    /// Truths: files, or folders of such files.
    pub truths: Vec<PathBuf>,
    /// Analyses: files, or folders with such files in or below them.
    pub analyses: Vec<PathBuf>,
    /// Analyses of the mirror images of the recordings.
    pub mirrored: Vec<PathBuf>,
    /// How truth and findings are matched.
    pub matching: Matching,
}

impl Validation {
    /// Scores brought together.
    #[must_use]
    pub fn new(recordings: Vec<ValidatedClip>, matching: Matching, remarks: Vec<String>) -> Self {
        let mut pooled = Score::default();
        for recording in &recordings {
            pooled += &recording.score;
        }
        let scores = recordings.iter().map(|own| (own.person.as_str(), &own.score));
        Self {
            schema: "spasmograph.validation/1".to_owned(),
            version: env!("CARGO_PKG_VERSION").to_owned(),
            matching,
            people: People::of(scores, matching.by),
            minutes: recordings.iter().map(|own| own.length_s).sum::<f64>() / 60.0,
            pooled,
            recordings,
            remarks,
        }
    }

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

/// Scores analyses against truths by overlap; see [`validate_by`].
///
/// # Errors
/// As [`validate_by`].
pub fn validate(truths: &[PathBuf], analyses: &[PathBuf]) -> Result<Validation, Error> {
    let (truths, analyses) = (truths.to_vec(), analyses.to_vec());
    validate_by(&Request { truths, analyses, ..Request::default() })
}

/// Scores analyses against truths. Either may be files or folders: a folder stands for the truth
/// files, or the `analysis.json` files, in and below it. One truth and one analysis belong
/// together; of several, each analysis belongs to the truth whose clip, or whose own name, has the
/// stem of the recording analyzed. So does each analysis of a mirror image. Without any truth only
/// recordings and their mirror images are compared.
///
/// # Errors
/// A file cannot be read, an analysis has no truth, or a mirror image no recording.
pub fn validate_by(request: &Request) -> Result<Validation, Error> {
    let truths = expand(&request.truths, is_truth)?
        .into_iter()
        .map(|path| read_truth(&path).map(|truth| (path, truth)))
        .collect::<Result<Vec<_>, _>>()?;
    let analyses = read_analyses(&request.analyses)?;
    let mirrored = read_analyses(&request.mirrored)?;
    let alone = truths.len() == 1 && analyses.len() == 1;
    let mut recordings = Vec::new();
    for (path, analysis) in &analyses {
        let clip = clip(analysis);
        let of_clip =
            |(path, truth): &&(PathBuf, Truth)| alone || names(path, truth).contains(&clip);
        let mut recording = match truths.iter().find(of_clip) {
            Some((truth_path, truth)) => {
                score(truth_path, truth, path, analysis, request.matching)?
            }
            None if truths.is_empty() => ValidatedClip {
                truth: String::new(),
                analysis: path.display().to_string(),
                name: clip.clone(),
                person: clip.clone(),
                length_s: analysis.source.duration_s,
                label: None,
                told: None,
                score: Score { recordings: 1, ..Score::default() },
            },
            None => {
                let reason = format!("it is of \"{clip}\", and no truth given is");
                return Err(Error::content(path, reason));
            }
        };
        let image = |(_, image): &&(PathBuf, Analysis)| is_mirror_image(image, analysis);
        recording.score.mirror = mirrored
            .iter()
            .find(image)
            .map(|(_, image)| mirror_agreement(&analysis.findings, &image.findings));
        recordings.push(recording);
    }
    if let Some((path, _)) = mirrored
        .iter()
        .find(|(_, image)| !analyses.iter().any(|(_, own)| is_mirror_image(image, own)))
    {
        let reason = "it is of no recording given, or turned the same way: analyze one of the two \
                      with --mirrored";
        return Err(Error::content(path, reason));
    }
    let remarks = truths.iter().flat_map(|(path, truth)| remarks(path, truth)).collect();
    Ok(Validation::new(recordings, request.matching, remarks))
}

/// Scores one analysis.
///
/// # Errors
/// The truth speaks of times that the recording does not have.
pub fn score(
    truth_path: &Path,
    truth: &Truth,
    path: &Path,
    analysis: &Analysis,
    matching: Matching,
) -> Result<ValidatedClip, Error> {
    check_inside(truth, analysis).map_err(|reason| Error::content(truth_path, reason))?;
    Ok(ValidatedClip {
        truth: truth_path.display().to_string(),
        analysis: path.display().to_string(),
        name: truth_name(truth_path).unwrap_or_else(|| clip(analysis)),
        length_s: analysis.source.duration_s,
        person: truth.person.clone().unwrap_or_else(|| clip(analysis)),
        label: Some(analysis.pattern.label),
        told: None,
        score: compare_by(truth, analysis, matching),
    })
}

/// Says what a truth holds that lies outside the recording analyzed. Where the truth tells the
/// recording's length it was checked when it was read; a stretch or the part before a failure says
/// nothing of the whole.
///
/// # Errors
/// The first such entry in words.
pub fn check_inside(truth: &Truth, analysis: &Analysis) -> Result<(), String> {
    let cut = analysis.warnings.iter().any(|warning| {
        matches!(warning.code.as_str(), "interrupted" | "ended_early" | "frames_missing")
    });
    if truth.length_s().is_some() || cut {
        return Ok(());
    }
    truth.check_inside(analysis.source.duration_s)
}

/// A line for every field of a truth's file that means nothing here.
pub fn remarks(path: &Path, truth: &Truth) -> Vec<String> {
    let line = |field: &String| {
        format!("{}: the field \"{field}\" is not known and was passed over", path.display())
    };
    truth.unknown.iter().map(line).collect()
}

fn read_analyses(paths: &[PathBuf]) -> Result<Vec<(PathBuf, Analysis)>, Error> {
    expand(paths, |path| path.ends_with("analysis.json"))?
        .into_iter()
        .map(|path| Analysis::read(&path).map(|analysis| (path, analysis)))
        .collect()
}

/// Whether two analyses are of one recording, once as it is and once turned.
fn is_mirror_image(image: &Analysis, of: &Analysis) -> bool {
    let same = match (&image.source.sha256, &of.source.sha256) {
        (Some(image), Some(of)) => image == of,
        _ => clip(image) == clip(of),
    };
    same && image.source.mirrored != of.source.mirrored
}

/// The name by which a recording is known: its stem.
fn clip(analysis: &Analysis) -> String {
    stem(Path::new(&analysis.source.path))
}

/// What a truth's file is called, where it is a file of one recording.
fn truth_name(path: &Path) -> Option<String> {
    let name = path.file_name()?.to_string_lossy().into_owned();
    Some(name.strip_suffix(".json")?.trim_end_matches(".truth").to_owned())
}

/// The stems under which a truth is known.
fn names(path: &Path, truth: &Truth) -> HashSet<String> {
    let own = stem(path);
    let own = [".truth", ".review"].iter().find_map(|kind| own.strip_suffix(kind)).unwrap_or(&own);
    let own = own.to_owned();
    truth.clip.iter().map(|clip| stem(Path::new(clip))).chain([own]).collect()
}

fn stem(path: &Path) -> String {
    path.file_stem().map(|stem| stem.to_string_lossy().into_owned()).unwrap_or_default()
}

fn is_truth(path: &Path) -> bool {
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    name.ends_with(".truth.json") || name.ends_with(".review.json")
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
