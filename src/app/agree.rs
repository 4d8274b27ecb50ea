//! `spasmograph agree`: raters against each other and the program.

use std::error::Error;

use super::args::AgreeArguments;
use super::{Status, say, write_page};
use crate::agree::agree;
use crate::report::json;

pub(super) fn run(arguments: &AgreeArguments) -> Result<Status, Box<dyn Error>> {
    let agreement = agree(&arguments.ratings)?;
    if let Some(path) = &arguments.html {
        write_page(path, &agreement.html(), &arguments.ratings, arguments.force)?;
    }
    say(&if arguments.json { json::text(&agreement) } else { agreement.text() })?;
    Ok(Status::Done)
}
