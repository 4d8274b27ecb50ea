//! `spasmograph models fetch|verify`.

use std::error::Error;

use super::args::ModelsAction;
use super::{Status, complain, say};
use crate::models::{self, FileStatus};

pub(super) fn run(action: ModelsAction) -> Result<Status, Box<dyn Error>> {
    let folder = models::default_folder();
    let files = match action {
        ModelsAction::Fetch => models::fetch(&folder, complain)?,
        ModelsAction::Verify => models::verify(&folder),
    };
    for file in &files {
        say(&line(file))?;
    }
    if files.iter().all(FileStatus::is_verified) {
        return Ok(Status::Done);
    }
    complain("models are missing or altered; run `spasmograph models fetch`");
    Ok(Status::Failed)
}

fn line(file: &FileStatus) -> String {
    format!("{}  {} ({})", file.path.display(), file.state, file.version)
}
