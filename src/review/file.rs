//! `NAME.review.json` beside the results of a recording.
//!
//! Each reader has a file. The first one's is `NAME.review.json`, those of others bear their names:
//! `NAME.dr-b.review.json`.

use std::fs;
use std::path::{Path, PathBuf};

use super::replay::Replay;
use super::{Review, ReviewError, SCHEMA};
use crate::report::csv::read_signals;
use crate::report::{self, Analysis, OutputFile, json};
use crate::thresholds::Thresholds;

/// How the name of a review's file ends.
pub const ENDING: &str = ".review.json";
/// How the name of a folder of results ends.
const RESULTS: &str = ".spasmograph";

impl Review {
    /// Reads a review.
    ///
    /// # Errors
    /// [`ReviewError`]: it cannot be read, a newer version wrote it, or its steps cannot be made.
    pub fn read(path: &Path) -> Result<Self, ReviewError> {
        #[derive(serde::Deserialize)]
        struct Written {
            schema: String,
            version: String,
        }
        let Written { schema, version } = json::read(path)?;
        let newer = |theirs: String| ReviewError::Newer {
            path: path.to_owned(),
            theirs,
            ours: env!("CARGO_PKG_VERSION"),
        };
        let format = |name: &str| Some(name.strip_prefix("spasmograph.review/")?.parse::<u32>());
        if let (Some(Ok(theirs)), Some(Ok(ours))) = (format(&schema), format(SCHEMA))
            && theirs > ours
        {
            return Err(newer(format!("{version} ({schema})")));
        }
        json::require_schema(path, &schema, SCHEMA)?;
        if is_newer(&version, env!("CARGO_PKG_VERSION")) {
            return Err(newer(version));
        }
        let mut review: Self = json::read(path)?;
        Replay::of(&review, &review.steps)
            .map_err(|why| report::Error::content(path, format!("a step cannot be made: {why}")))?;
        // What stands follows from the steps, whatever the file says.
        review.settle();
        Ok(review)
    }

    /// Writes the review: whole, or not at all.
    ///
    /// # Errors
    /// The file cannot be written; an older one is untouched.
    pub fn write(&self, path: &Path) -> Result<(), ReviewError> {
        Ok(json::write(OutputFile::create(path)?, self)?)
    }
}

/// Whether a version comes after another; what is no version does not.
fn is_newer(version: &str, than: &str) -> bool {
    let numbers = |text: &str| {
        let release = text.split(['-', '+']).next().unwrap_or_default();
        release.split('.').map(str::parse).collect::<Result<Vec<u64>, _>>().ok()
    };
    numbers(version).zip(numbers(than)).is_some_and(|(own, other)| own > other)
}

/// The folder and the name that the reviews of an analysis have: `visit` for
/// `visit.spasmograph/analysis.json`, beside that folder.
fn stem(analysis: &Path) -> (PathBuf, String) {
    let folder = analysis.parent().filter(|folder| !folder.as_os_str().is_empty());
    let folder = folder.unwrap_or(Path::new("."));
    let named = folder.canonicalize().unwrap_or_else(|_| folder.to_owned());
    let name = named.file_name().map(|name| name.to_string_lossy().into_owned());
    let name = name.unwrap_or_else(|| "recording".to_owned());
    let beside = folder.parent().filter(|parent| !parent.as_os_str().is_empty());
    let beside = match beside {
        Some(parent) => parent.to_owned(),
        None => named.parent().unwrap_or(Path::new(".")).to_owned(),
    };
    (beside, name.strip_suffix(RESULTS).unwrap_or(&name).to_owned())
}

/// Where the first reader's review of an analysis (the path of `analysis.json`) is kept.
#[must_use]
pub fn beside(analysis: &Path) -> PathBuf {
    let (folder, name) = stem(analysis);
    folder.join(format!("{name}{ENDING}"))
}

/// All reviews of an analysis that lie beside it, in order of name.
///
/// # Errors
/// The folder cannot be read.
pub fn all_beside(analysis: &Path) -> Result<Vec<PathBuf>, ReviewError> {
    let (folder, name) = stem(analysis);
    let entries = fs::read_dir(&folder).map_err(report::Error::read(&folder))?;
    let mut found: Vec<PathBuf> = entries
        .flatten()
        .map(|entry| entry.path())
        .filter(|path| {
            let file = path.file_name().unwrap_or_default().to_string_lossy();
            is_of(&file, &name)
        })
        .collect();
    found.sort_by_key(|path| (path.as_os_str().len(), path.clone()));
    Ok(found)
}

/// Whether a file's name is that of a review of the recording with this name.
#[must_use]
pub fn is_of(file: &str, name: &str) -> bool {
    let Some(rest) = file.strip_prefix(name).and_then(|rest| rest.strip_suffix(ENDING)) else {
        return false;
    };
    // `visit.review.json` and `visit.dr-b.review.json`, and not `visit.2.mp4`'s reviews.
    rest.is_empty() || rest.strip_prefix('.').is_some_and(|who| !who.is_empty() && who == slug(who))
}

/// The file of one reader's review of an analysis: theirs, where they have one; otherwise the first
/// free name.
///
/// # Errors
/// The folder cannot be read. A review that cannot be read belongs to nobody and is left alone.
pub fn of_reviewer(analysis: &Path, reviewer: &str) -> Result<PathBuf, ReviewError> {
    #[derive(serde::Deserialize)]
    struct Written {
        reviewer: String,
    }
    for path in all_beside(analysis)? {
        if json::read::<Written>(&path).is_ok_and(|own| own.reviewer == reviewer) {
            return Ok(path);
        }
    }
    let first = beside(analysis);
    if !first.exists() {
        return Ok(first);
    }
    let (folder, name) = stem(analysis);
    let who = slug(reviewer);
    let mut names = std::iter::once(format!("{name}.{who}{ENDING}"))
        .chain((2..).map(|number| format!("{name}.{who}-{number}{ENDING}")));
    Ok(names.find_map(|own| Some(folder.join(own)).filter(|path| !path.exists())).unwrap_or(first))
}

/// A name as it may stand in a file's: letters and digits in small, everything else a hyphen.
fn slug(name: &str) -> String {
    let small = name.to_lowercase();
    let words: Vec<&str> =
        small.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty()).collect();
    if words.is_empty() { "reviewer".to_owned() } else { words.join("-") }
}

/// An analysis as a review has it. `review` names the file; without it, it is the one beside the
/// results.
///
/// # Errors
/// [`ReviewError`]: there is none, it is of another recording, or a file cannot be read.
pub fn reviewed(
    analysis_path: &Path,
    review: Option<&Path>,
    thresholds: &Thresholds,
) -> Result<Analysis, ReviewError> {
    let analysis = Analysis::read(analysis_path)?;
    let path = review.map_or_else(|| beside(analysis_path), Path::to_owned);
    if !path.exists() {
        return Err(ReviewError::Missing(path));
    }
    // Without signals the review stands, and says that sizes are not known.
    let samples = read_signals(&analysis_path.with_file_name("signals.csv")).unwrap_or_default();
    Review::read(&path)?.apply(&analysis, &samples, thresholds)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_later_version_is_newer_and_no_version_is_not() {
        assert!(
            is_newer("0.2.0", "0.1.9") && is_newer("1.0", "0.9.9") && is_newer("0.10.0", "0.9.0")
        );
        assert!(
            !is_newer("0.1.0", "0.1.0") && !is_newer("0.0.9", "0.1.0") && !is_newer("", "0.1.0")
        );
    }

    #[test]
    fn reviews_lie_beside_the_results_and_each_reader_has_one() {
        let folder = tempfile::tempdir().unwrap();
        let results = folder.path().join("visit 1.spasmograph");
        fs::create_dir(&results).unwrap();
        let analysis = results.join("analysis.json");
        let first = of_reviewer(&analysis, "Dr. A").unwrap();
        assert_eq!(first, folder.path().join("visit 1.review.json"));
        fs::write(&first, "{\"reviewer\":\"Dr. A\"}").unwrap();
        assert_eq!(of_reviewer(&analysis, "Dr. A").unwrap(), first);
        let second = of_reviewer(&analysis, "Dr. B").unwrap();
        assert_eq!(second, folder.path().join("visit 1.dr-b.review.json"));
        fs::write(&second, "{\"reviewer\":\"Dr. B\"}").unwrap();
        assert_eq!(all_beside(&analysis).unwrap(), [first, second]);
        assert!(!is_of("visit 10.review.json", "visit 1"));
        assert!(!is_of("visit 1.mp4", "visit 1"));
    }
}
