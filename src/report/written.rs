//! `spasmograph.json`: what the runs of this program wrote into a folder.
//!
//! By it a later run knows which files it may replace: those that are as this program left them.
//! What a person put there, or changed since, is not in it and stays.

use std::collections::BTreeMap;
use std::fs::File;
use std::io;
use std::path::Path;

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use super::{Error, OutputFile, json};

/// Name of the file.
pub const WRITTEN: &str = "spasmograph.json";

/// Name of its format.
const SCHEMA: &str = "spasmograph.folder/1";

/// What was written into a folder.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Written {
    schema: String,
    /// Version of the program that wrote last.
    version: String,
    /// Whose results these are: of a file its SHA-256, of an image folder its path; `None` where
    /// nothing tells one recording from the next.
    pub of: Option<String>,
    /// SHA-256 of each file, by its name.
    pub files: BTreeMap<String, String>,
}

impl Written {
    /// Files of a recording.
    #[must_use]
    pub fn new(of: Option<String>, files: BTreeMap<String, String>) -> Self {
        let version = env!("CARGO_PKG_VERSION").to_owned();
        Self { schema: SCHEMA.to_owned(), version, of, files }
    }

    /// What is known of a folder; nothing where there is no such file, or a damaged one.
    #[must_use]
    pub fn of_folder(folder: &Path) -> Self {
        Self::read(&folder.join(WRITTEN)).unwrap_or_else(|_| Self::new(None, BTreeMap::new()))
    }

    pub(super) fn read(path: &Path) -> Result<Self, Error> {
        let written: Self = json::read(path)?;
        json::require_schema(path, &written.schema, SCHEMA)?;
        Ok(written)
    }

    pub(super) fn write(&self, path: &Path) -> Result<(), Error> {
        json::write(OutputFile::create(path)?, self)
    }

    /// Whether the file of a name is as this program wrote it.
    #[must_use]
    pub fn has(&self, folder: &Path, name: &str) -> bool {
        self.files.get(name).is_some_and(|sha256| {
            let path = folder.join(name);
            path.is_file() && digest(&path).is_ok_and(|found| found == *sha256)
        })
    }
}

/// SHA-256 of a file, in lower-case hexadecimal.
///
/// # Errors
/// The file cannot be read.
pub(crate) fn digest(path: &Path) -> io::Result<String> {
    let mut digest = Sha256::new();
    io::copy(&mut File::open(path)?, &mut digest)?;
    Ok(digest.finalize().iter().map(|byte| format!("{byte:02x}")).collect())
}
