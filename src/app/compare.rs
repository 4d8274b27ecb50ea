//! `spasmograph compare`: visits of one person over time.

use std::error::Error;
use std::path::PathBuf;

use super::args::CompareArguments;
use super::review::{self, analysis_file};
use super::{Status, say, write_page};
use crate::compare::compare;
use crate::pattern::History;
use crate::report::{Analysis, json};
use crate::thresholds::Thresholds;

pub(super) fn run(arguments: &CompareArguments) -> Result<Status, Box<dyn Error>> {
    let analyses: Vec<Analysis> = arguments
        .analyses
        .iter()
        .map(|path| review::read(path, arguments.reviewed))
        .collect::<Result<_, _>>()?;
    let history = arguments.history.as_deref().map(History::load).transpose()?;
    let comparison = compare(&analyses, history.as_ref(), &Thresholds::default().pattern)?;
    if let Some(path) = &arguments.html {
        let mut inputs: Vec<PathBuf> =
            arguments.analyses.iter().map(|path| analysis_file(path)).collect();
        inputs.extend(arguments.history.clone());
        write_page(path, &comparison.html(), &inputs, arguments.force)?;
    }
    if arguments.json {
        say(&json::text(&comparison))?;
    } else {
        say(&comparison.text())?;
    }
    Ok(Status::Done)
}
