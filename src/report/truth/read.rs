//! A truth file as it is written, and its reading.

use std::path::Path;

use serde::Deserialize;

use super::{REVIEW_SCHEMA, SCHEMA, Truth, TruthBlink};
use crate::document;
use crate::event::Laterality;
use crate::report::{Error, json};

/// What raters write for people and nothing here reads.
const REMARKS: [&str; 4] = ["notes", "other_movement", "frames", "kind"];

/// A blink as a file has it.
#[derive(Deserialize)]
pub(super) struct WrittenBlink {
    start_s: Option<f64>,
    peak_s: Option<f64>,
    end_s: Option<f64>,
    side: Option<Laterality>,
    depth: Option<f32>,
    complete: Option<bool>,
    asymmetry: Option<f32>,
    lag_s: Option<f64>,
    #[serde(default)]
    uncertain: bool,
    note: Option<String>,
}

impl TryFrom<WrittenBlink> for TruthBlink {
    type Error = &'static str;

    fn try_from(written: WrittenBlink) -> Result<Self, Self::Error> {
        let WrittenBlink { start_s, peak_s, end_s, .. } = written;
        let moment = || peak_s.ok_or("a blink has neither start_s and end_s nor peak_s");
        Ok(Self {
            start_s: start_s.map_or_else(moment, Ok)?,
            peak_s,
            end_s: end_s.map_or_else(moment, Ok)?,
            side: written.side,
            depth: written.depth,
            complete: written.complete,
            asymmetry: written.asymmetry,
            lag_s: written.lag_s,
            uncertain: written.uncertain,
            note: written.note,
        })
    }
}

impl Truth {
    /// Reads a truth file, or a review as the truth that it holds, and checks it.
    ///
    /// # Errors
    /// The file cannot be read, is not JSON of this shape, names another schema, or holds times
    /// that cannot be.
    pub fn read(path: &Path) -> Result<Self, Error> {
        let text = document::read(path).map_err(Error::text(path))?;
        document::require_unique_keys(&text).map_err(|error| Error::content(path, error))?;
        let mut unknown = Vec::new();
        let mut from = serde_json::Deserializer::from_str(&text);
        let read = serde_ignored::deserialize(&mut from, |field| {
            // A question mark stands for an entry that may be missing.
            let field = field.to_string().replace(".?", "");
            let name = field.rsplit('.').next().unwrap_or_default();
            if !REMARKS.contains(&name) {
                unknown.push(field);
            }
        });
        let read = read.and_then(|truth: Self| from.end().map(|()| truth));
        let mut truth = Self { unknown, ..read.map_err(|error| Error::content(path, error))? };
        if truth.schema == REVIEW_SCHEMA {
            // Reader and steps are no misspelt fields.
            truth.unknown.clear();
        } else {
            json::require_schema(path, &truth.schema, SCHEMA)?;
        }
        truth.check().map_err(|reason| Error::content(path, reason))?;
        Ok(truth)
    }
}
