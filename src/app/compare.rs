//! `spasmograph compare`: visits of one person over time.

use std::error::Error;
use std::io::Write;
use std::path::{Path, PathBuf};

use super::args::CompareArguments;
use super::{Status, say};
use crate::compare::compare;
use crate::pattern::History;
use crate::report::{self, Analysis, OutputFile, json};
use crate::thresholds::Thresholds;

pub(super) fn run(arguments: &CompareArguments) -> Result<Status, Box<dyn Error>> {
    let analyses: Vec<Analysis> = arguments
        .analyses
        .iter()
        .map(|path| Analysis::read(&file(path)))
        .collect::<Result<_, _>>()?;
    let history = arguments.history.as_deref().map(History::load).transpose()?;
    let comparison = compare(&analyses, history.as_ref(), &Thresholds::default().pattern)?;
    if let Some(path) = &arguments.html {
        write_page(path, &comparison.html())?;
    }
    if arguments.json {
        say(&json::text(&comparison));
    } else {
        say(&comparison.text());
    }
    Ok(Status::Done)
}

/// The analysis in a folder of results, or the file itself.
fn file(path: &Path) -> PathBuf {
    if path.is_dir() { path.join("analysis.json") } else { path.to_owned() }
}

fn write_page(path: &Path, page: &str) -> Result<(), report::Error> {
    let mut file = OutputFile::create(path)?;
    file.write_all(page.as_bytes())
        .map_err(|source| report::Error::Write { path: path.to_owned(), source })?;
    file.finish()
}
