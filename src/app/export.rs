//! `spasmograph export`: an analysis in the formats of other tools.

use std::error::Error;

use super::args::ExportArguments;
use super::{Status, review, say};
use crate::report::csv::read_signals_of;
use crate::report::{Claim, Intent, export};

pub(super) fn run(arguments: &ExportArguments) -> Result<Status, Box<dyn Error>> {
    let analysis_path = review::analysis_file(&arguments.analysis);
    let analysis = review::read(&analysis_path, arguments.reviewed)?;
    let signals_path = analysis_path.with_file_name("signals.csv");
    let samples = read_signals_of(&analysis, &signals_path)?;
    let format = arguments.format;
    let place = match &arguments.out {
        Some(place) => place.clone(),
        None if arguments.reviewed => {
            analysis_path.with_file_name(format!("{}-reviewed", format.name()))
        }
        None => analysis_path.with_file_name(format.name()),
    };
    let inputs = vec![signals_path, analysis_path];
    let claim =
        Claim::take(&place, Intent { inputs, force: arguments.force, ..Intent::default() })?;
    let files = export::write(format, &analysis, &samples, claim.folder())?;
    claim.commit(analysis.source.sha256)?;
    let names: Vec<String> = files.iter().map(|file| file.display().to_string()).collect();
    say(&names.join("\n"))?;
    Ok(Status::Done)
}
