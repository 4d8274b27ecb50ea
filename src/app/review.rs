//! `spasmograph review`: what follows from a review, and reviews that were edited in ELAN.

use std::error::Error;
use std::path::{Path, PathBuf};

use super::args::ReviewArguments;
use super::{Status, complain, say};
use crate::report::csv::read_signals;
use crate::report::{self, Analysis, Claim, Intent, html, json, summary};
use crate::review::{self, Change, Review, ReviewError, elan, file};
use crate::thresholds::Thresholds;

pub(super) fn run(arguments: &ReviewArguments) -> Result<Status, Box<dyn Error>> {
    let path = analysis_file(&arguments.analysis);
    let thresholds = Thresholds::default();
    let analysis = Analysis::read(&path)?;
    let signals = path.with_file_name("signals.csv");
    let samples = if signals.exists() { read_signals(&signals)? } else { Vec::new() };
    let kept = match (&arguments.review, &arguments.reviewer) {
        (Some(own), _) => own.clone(),
        (None, Some(reviewer)) => file::of_reviewer(&path, reviewer)?,
        (None, None) => file::beside(&path),
    };
    let mut review = match kept.exists() {
        true => Review::read(&kept)?,
        false if arguments.from.is_none() => return Err(ReviewError::Missing(kept).into()),
        false => {
            let reviewer = arguments.reviewer.as_deref().unwrap_or("ELAN");
            Review::begin(&analysis, reviewer, false, review::now())
        }
    };
    if let Some(from) = &arguments.from {
        let now = review::now();
        let steps = elan::take(&mut review, from, &analysis, &samples, &thresholds, &now)?;
        if arguments.finish {
            review.step(Change::Finish, now)?;
        }
        review.write(&kept)?;
        complain(&format!("{steps} edits from {} are in {}", from.display(), kept.display()));
    }
    let reviewed = review.apply(&analysis, &samples, &thresholds)?;
    if let Some(out) = &arguments.out {
        let inputs = vec![path, signals, kept];
        let names = ["analysis.json", "events.csv", "signals.csv", "report.html"];
        let force = arguments.force;
        let claim = Claim::take(out, Intent { inputs, force, ..Intent::to_write(names) })?;
        let folder = claim.folder();
        json::write(folder.file("analysis.json")?, &reviewed)?;
        report::csv::write_events(folder.file("events.csv")?, &reviewed.findings)?;
        if !samples.is_empty() {
            report::csv::write_signals(folder.file("signals.csv")?, &samples)?;
        }
        html::write(folder.file("report.html")?, &reviewed, &samples, None)?;
        claim.commit(reviewed.source.sha256.clone())?;
    }
    if arguments.json {
        say(&json::text(&reviewed))?;
    } else {
        say(&summary::text(&reviewed, arguments.out.as_deref()))?;
    }
    Ok(Status::Done)
}

/// The analysis in a folder of results, or the file itself.
pub(super) fn analysis_file(path: &Path) -> PathBuf {
    if path.is_dir() { path.join("analysis.json") } else { path.to_owned() }
}

/// Reads an analysis; as the review beside it has it, where that is asked for.
pub(super) fn read(path: &Path, reviewed: bool) -> Result<Analysis, ReviewError> {
    let path = analysis_file(path);
    match reviewed {
        true => file::reviewed(&path, None, &Thresholds::default()),
        false => Ok(Analysis::read(&path)?),
    }
}
