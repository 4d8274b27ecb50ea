//! The history: what video cannot see.
//!
//! A history file (`--history`, JSON, [`HISTORY_SCHEMA`]) may state any of the entries of
//! [`History`]; what is absent shifts nothing.

use std::path::Path;

use serde::{Deserialize, Serialize};

use super::Date;
use crate::anatomy::{Region, Side};
use crate::document;

/// The JSON Schema (draft 2020-12) of a history file.
pub const HISTORY_SCHEMA: &str = include_str!("history.schema.json");

/// What is known of a person beyond the recording.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct History {
    /// Facial palsy earlier in life.
    pub facial_palsy: Option<bool>,
    /// Where and when it began.
    pub first_symptom: Option<Symptom>,
    /// Regions that joined later.
    pub later_regions: Vec<Symptom>,
    /// Response to carbamazepine.
    pub carbamazepine: Option<Response>,
    /// Abnormal muscle response (AMR) or lateral spread response (LSR) on EMG.
    pub lateral_spread: Option<bool>,
    /// A vessel touches the facial nerve's root on imaging.
    pub neurovascular_contact: Option<bool>,
    /// Days of botulinum treatment, `YYYY-MM-DD`.
    pub botulinum: Vec<Date>,
    /// Day of this recording: with it the treatments are judged.
    pub recorded: Option<Date>,
    /// Noise in the ear of the affected side.
    pub ear_noise: Option<bool>,
    /// Trouble opening the eyes.
    pub trouble_opening_eyes: Option<bool>,
    /// Dry eyes, reduced tears.
    pub dry_eyes: Option<bool>,
    /// Touch or another trick brings relief.
    pub sensory_trick: Option<bool>,
    /// Neck or limbs take part.
    pub neck_or_limbs: Option<bool>,
    /// Grinding of the teeth, or trouble opening the mouth.
    pub tooth_grinding: Option<bool>,
}

/// A region's involvement as told.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Symptom {
    /// The region.
    pub region: Region,
    /// The side, where it is known.
    #[serde(default)]
    pub side: Option<Side>,
    /// When it began.
    #[serde(default)]
    pub date: Option<Date>,
}

/// How a drug worked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Response {
    /// Clearly better.
    Good,
    /// Somewhat better.
    Partial,
    /// No better.
    None,
}

/// Why a history cannot be used.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum HistoryError {
    /// The file cannot be read.
    #[error("cannot read the history file {path}: {source}")]
    Read {
        /// The file.
        path: String,
        /// What the system said.
        source: std::io::Error,
    },
    /// What is wrong with a file.
    #[error("{path}: {source}")]
    File {
        /// The file.
        path: String,
        /// What is wrong.
        source: Box<HistoryError>,
    },
    /// A name that no entry has.
    #[error("the history has no entry \"{name}\"; did you mean \"{nearest}\"?")]
    UnknownField {
        /// The name as written.
        name: String,
        /// The valid name nearest to it.
        nearest: &'static str,
    },
    /// Not a history in JSON.
    #[error("not a history: {0}")]
    Parse(#[from] serde_json::Error),
}

/// Valid names at the top.
const FIELDS: [&str; 15] = [
    "schema",
    "facial_palsy",
    "first_symptom",
    "later_regions",
    "carbamazepine",
    "lateral_spread",
    "neurovascular_contact",
    "botulinum",
    "recorded",
    "ear_noise",
    "trouble_opening_eyes",
    "dry_eyes",
    "sensory_trick",
    "neck_or_limbs",
    "tooth_grinding",
];

/// Valid names of a symptom.
const SYMPTOM_FIELDS: [&str; 3] = ["region", "side", "date"];

impl History {
    /// Reads and checks a history file.
    ///
    /// # Errors
    /// When the file cannot be read, is no history, or names an entry that does not exist.
    pub fn load(path: &Path) -> Result<Self, HistoryError> {
        let path_text = || path.display().to_string();
        let text = document::read(path)
            .map_err(|source| HistoryError::Read { path: path_text(), source })?;
        Self::parse(&text)
            .map_err(|source| HistoryError::File { path: path_text(), source: Box::new(source) })
    }

    /// Reads and checks a history from its JSON text.
    ///
    /// # Errors
    /// When the text is no history, or names an entry that does not exist.
    pub fn parse(text: &str) -> Result<Self, HistoryError> {
        document::require_unique_keys(text)?;
        let value: serde_json::Value = serde_json::from_str(text)?;
        let Some(entries) = value.as_object() else {
            let error = serde::de::Error::custom("expected an object with named entries");
            return Err(HistoryError::Parse(error));
        };
        known(entries, &FIELDS)?;
        let symptoms = entries.get("first_symptom").into_iter();
        let later = entries.get("later_regions").and_then(|v| v.as_array());
        for symptom in symptoms.chain(later.into_iter().flatten()).filter_map(|v| v.as_object()) {
            known(symptom, &SYMPTOM_FIELDS)?;
        }
        // From the text itself, so that an error names line and column.
        Ok(serde_json::from_str(text)?)
    }
}

fn known(
    entries: &serde_json::Map<String, serde_json::Value>,
    names: &[&'static str],
) -> Result<(), HistoryError> {
    match entries.keys().find(|key| !names.contains(&key.as_str())) {
        Some(name) => {
            let nearest = names.iter().copied().min_by_key(|valid| distance(name, valid));
            Err(HistoryError::UnknownField { name: name.clone(), nearest: nearest.unwrap_or("") })
        }
        None => Ok(()),
    }
}

/// Number of letters to change, insert or delete to make one word of the other (Levenshtein).
fn distance(a: &str, b: &str) -> usize {
    let b: Vec<char> = b.chars().collect();
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, letter) in a.chars().enumerate() {
        let mut diagonal = row[0];
        row[0] = i + 1;
        for (j, other) in b.iter().enumerate() {
            let change = diagonal + usize::from(letter != *other);
            diagonal = row[j + 1];
            row[j + 1] = change.min(row[j] + 1).min(row[j + 1] + 1);
        }
    }
    row[b.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_misspelt_entry_is_refused_with_the_nearest_valid_name() {
        let error = History::parse(r#"{"facial_plasy": true}"#).unwrap_err();
        assert_eq!(
            error.to_string(),
            "the history has no entry \"facial_plasy\"; did you mean \"facial_palsy\"?"
        );
        let error = History::parse(r#"{"first_symptom": {"regoin": "jaw"}}"#).unwrap_err();
        assert!(error.to_string().ends_with("did you mean \"region\"?"), "{error}");
    }
}
