//! JSON files: read whole, written whole.

use std::io::Write;
use std::path::Path;

use serde::Serialize;
use serde::de::DeserializeOwned;

use super::{Error, OutputFile};
use crate::document;

/// Reads a JSON file.
///
/// # Errors
/// The file cannot be read, or its content has another shape.
pub fn read<T: DeserializeOwned>(path: &Path) -> Result<T, Error> {
    let text = document::read(path).map_err(Error::text(path))?;
    document::require_unique_keys(&text)
        .and_then(|()| serde_json::from_str(&text))
        .map_err(|error| Error::content(path, error))
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
    // JSON need not escape these, and a terminal would obey them. They stand in strings alone.
    let controls = '\u{7f}'..='\u{9f}';
    if text.contains(|c| controls.contains(&c)) {
        let escaped = |c: char| match controls.contains(&c) {
            true => format!("\\u{:04x}", u32::from(c)),
            false => c.to_string(),
        };
        text = text.chars().map(escaped).collect();
    }
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
