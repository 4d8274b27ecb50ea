//! What was measured reaches a disk, whatever became of the folder it was meant for.

use std::path::{Path, PathBuf};

use super::Outputs;
use crate::report::{self, Analysis, Claim, Error, Intent, OutputFolder, Warning, free_beside};
use crate::signal::Sample;

/// Everything that an analysis may leave in its folder.
pub(crate) const FILES: [&str; 5] =
    ["analysis.json", "events.csv", "signals.csv", "report.html", super::OVERLAY];

/// Writes the files that follow from the analysis.
pub(crate) fn write(
    folder: &OutputFolder,
    outputs: &Outputs,
    analysis: &Analysis,
    samples: &[Sample],
    overlay: Option<&str>,
) -> Result<(), Error> {
    report::json::write(folder.file("analysis.json")?, analysis)?;
    if outputs.events {
        report::csv::write_events(folder.file("events.csv")?, &analysis.findings)?;
    }
    if outputs.signals {
        report::csv::write_signals(folder.file("signals.csv")?, samples)?;
    }
    if outputs.report {
        report::html::write(folder.file("report.html")?, analysis, samples, overlay)?;
    }
    Ok(())
}

/// Writes what is in memory to the folder it was meant for, else to one beside it, else to one
/// among the system's temporary files, and warns of that; `why` is what hindered it before, `more`
/// writes what else belongs there.
///
/// # Errors
/// `why`, where no folder takes it.
pub(crate) fn rescue(
    place: &Path,
    why: Error,
    outputs: &Outputs,
    analysis: &mut Analysis,
    samples: &[Sample],
    of: Option<String>,
    more: &dyn Fn(&OutputFolder) -> Result<(), Error>,
) -> Result<PathBuf, Error> {
    let temporary = || {
        let folder = tempfile::Builder::new().prefix("spasmograph-").tempdir().ok()?;
        // Nobody else may look into it; the results stay.
        Some(folder.keep())
    };
    let places: [&dyn Fn() -> Option<PathBuf>; 3] =
        [&|| Some(place.to_owned()), &|| Some(free_beside(place)), &temporary];
    for (elsewhere, find) in places.into_iter().enumerate() {
        let Some(folder) = find() else { continue };
        let mut told = analysis.clone();
        if elsewhere > 0 {
            let text = format!("{why}; the results are in {}", folder.display());
            told.warnings.push(Warning::new("saved_elsewhere", text));
        }
        let saved = Claim::take(&folder, Intent::to_write(FILES)).and_then(|claim| {
            write(claim.folder(), outputs, &told, samples, None)?;
            more(claim.folder())?;
            claim.commit(of.clone())
        });
        if let Ok(folder) = saved {
            *analysis = told;
            return Ok(folder);
        }
    }
    Err(why)
}
