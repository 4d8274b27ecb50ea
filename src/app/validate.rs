//! `spasmograph validate`: analyses against the truth.

use std::error::Error;

use super::args::ValidateArguments;
use super::{Status, complain, say, write_page};
use crate::report::json;
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
        let inputs = [&arguments.truth[..], &arguments.analyses].concat();
        write_page(path, &validation.html(), &inputs, arguments.force)?;
    }
    if arguments.json {
        say(&json::text(&validation))?;
    } else {
        say(&validation.text())?;
    }
    Ok(Status::Done)
}
