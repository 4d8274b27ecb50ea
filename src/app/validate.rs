//! `spasmograph validate`: analyses against the truth.

use std::error::Error;
use std::io::Write;
use std::path::Path;

use super::args::ValidateArguments;
use super::{Status, complain, say};
use crate::report::{self, OutputFile, json};
use crate::validate::{Request, validate_by};

pub(super) fn run(arguments: &ValidateArguments) -> Result<Status, Box<dyn Error>> {
    let validation = validate_by(&Request {
        truths: arguments.truth.clone(),
        analyses: arguments.analyses.clone(),
        mirrored: arguments.mirror.clone(),
        matching: arguments.matching.get(),
    })?;
    validation.remarks.iter().for_each(|remark| complain(remark));
    if let Some(path) = &arguments.html {
        write_page(path, &validation.html())?;
    }
    if arguments.json {
        say(&json::text(&validation));
    } else {
        say(&validation.text());
    }
    Ok(Status::Done)
}

fn write_page(path: &Path, page: &str) -> Result<(), report::Error> {
    let mut file = OutputFile::create(path)?;
    file.write_all(page.as_bytes())
        .map_err(|source| report::Error::Write { path: path.to_owned(), source })?;
    file.finish()
}
