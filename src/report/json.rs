//! JSON files: read whole, written whole.

use std::fs;
use std::io::Write;
use std::path::Path;

use serde::Serialize;
use serde::de::DeserializeOwned;

use super::{Error, OutputFile};

/// Reads a JSON file.
///
/// # Errors
/// The file cannot be read, or its content has another shape.
pub fn read<T: DeserializeOwned>(path: &Path) -> Result<T, Error> {
    let bytes = fs::read(path).map_err(Error::read(path))?;
    serde_json::from_slice(&bytes).map_err(|error| Error::content(path, error))
}

/// Refuses a file whose `schema` is another one.
pub(crate) fn require_schema(path: &Path, found: &str, expected: &str) -> Result<(), Error> {
    if found == expected {
        return Ok(());
    }
    Err(Error::content(path, format!("its schema is \"{found}\", not \"{expected}\"")))
}

/// Indented JSON text with a newline at its end.
///
/// # Panics
/// Never for this crate's types: they hold no map with keys other than text.
#[must_use]
pub fn text<T: Serialize>(value: &T) -> String {
    let mut text = serde_json::to_string_pretty(value).expect("plain data becomes JSON");
    text.push('\n');
    text
}

/// Writes indented JSON and finishes the file.
///
/// # Errors
/// The file cannot be written; nothing of it is left.
pub fn write<T: Serialize>(mut file: OutputFile, value: &T) -> Result<(), Error> {
    file.write_all(text(value).as_bytes()).map_err(Error::write(file.path()))?;
    file.finish()
}
