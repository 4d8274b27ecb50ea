//! The history: what video cannot see.
//!
//! A history file (`--history`, JSON, [`HISTORY_SCHEMA`]) may state any of the entries of
//! [`History`]; what is absent shifts nothing.

use std::path::Path;

use serde::{Deserialize, Serialize};

use crate::anatomy::{Region, Side};

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

/// A year, month or day: `YYYY`, `YYYY-MM` or `YYYY-MM-DD`; earlier dates compare as less.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String")]
pub struct Date(String);

impl TryFrom<String> for Date {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        let parts: Vec<&str> = text.split('-').collect();
        let digits = |part: &str, length: usize, most: u32| {
            part.len() == length && part.parse::<u32>().is_ok_and(|n| (1..=most).contains(&n))
        };
        let fits = match parts[..] {
            [y] => digits(y, 4, 9999),
            [y, m] => digits(y, 4, 9999) && digits(m, 2, 12),
            [y, m, d] => digits(y, 4, 9999) && digits(m, 2, 12) && digits(d, 2, 31),
            _ => false,
        };
        if fits {
            Ok(Self(text))
        } else {
            Err(format!("\"{text}\" is no date; write YYYY, YYYY-MM or YYYY-MM-DD"))
        }
    }
}

impl Date {
    /// The date as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    fn part(&self, at: usize) -> Option<u32> {
        self.0.split('-').nth(at)?.parse().ok()
    }

    /// Months from `earlier` to this date, negative where that is later, to the day where both
    /// have one; `None` where one of them is a year only.
    fn months_since(&self, earlier: &Self) -> Option<f64> {
        let (own, other) = (self.part(1)?, earlier.part(1)?);
        let days = self.part(2).zip(earlier.part(2));
        let day = days.map_or(0.0, |(own, other)| (f64::from(own) - f64::from(other)) / 30.44);
        let months = 12 * self.years_since(earlier) + i64::from(own) - i64::from(other);
        Some(months as f64 + day)
    }

    fn years_since(&self, earlier: &Self) -> i64 {
        let year = |date: &Self| date.part(0).map_or(0, i64::from);
        year(self) - year(earlier)
    }

    /// This date is surely before the other: they differ within the precision that both have.
    #[must_use]
    pub fn is_before(&self, other: &Self) -> bool {
        let length = self.0.len().min(other.0.len());
        self.0[..length] < other.0[..length]
    }
}

/// Botulinum treatment, as far as it concerns a recording.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Treatment<'a> {
    /// Treated so many months before the recording: still at work.
    AtWork(&'a Date, f64),
    /// Treated, but it is not known how long before the recording.
    Undated(&'a Date),
}

/// How long botulinum treatment is taken to weaken the muscles, months (judgment: commonly
/// repeated every three to four months).
const AT_WORK_MONTHS: f64 = 4.0;

impl History {
    /// The treatment that may hide movement from the recording.
    pub(super) fn treatment(&self) -> Option<Treatment<'_>> {
        let mut undated = None;
        let mut at_work: Option<(&Date, f64)> = None;
        for date in &self.botulinum {
            match self.recorded.as_ref().map(|recorded| recorded.months_since(date)) {
                Some(Some(months)) => {
                    let nearer = at_work.is_none_or(|(_, nearest)| months < nearest);
                    if (0.0..=AT_WORK_MONTHS).contains(&months) && nearer {
                        at_work = Some((date, months));
                    }
                }
                // Years apart, a date without month is enough to tell.
                Some(None) if self.recorded.as_ref().is_some_and(|r| r.years_since(date) > 1) => {}
                _ => undated = Some(date),
            }
        }
        at_work
            .map(|(date, months)| Treatment::AtWork(date, months))
            .or(undated.map(Treatment::Undated))
    }
}

/// Why a history cannot be used.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum HistoryError {
    /// The file cannot be read.
    #[error("cannot read the history file {path}")]
    Read {
        /// The file.
        path: String,
        /// What the system said.
        source: std::io::Error,
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
        let text = std::fs::read_to_string(path)
            .map_err(|source| HistoryError::Read { path: path.display().to_string(), source })?;
        Self::parse(&text)
    }

    /// Reads and checks a history from its JSON text.
    ///
    /// # Errors
    /// When the text is no history, or names an entry that does not exist.
    pub fn parse(text: &str) -> Result<Self, HistoryError> {
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
        Ok(serde_json::from_value(value)?)
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

    #[test]
    fn a_treatment_is_at_work_for_four_months() {
        let with = |treated: &str, recorded: &str| {
            let text = format!(r#"{{"botulinum": ["{treated}"], "recorded": "{recorded}"}}"#);
            History::parse(&text).unwrap()
        };
        let history = with("2023-01-15", "2023-02-15");
        let Some(Treatment::AtWork(_, months)) = history.treatment() else { panic!("not at work") };
        assert!((months - 1.0).abs() < 1e-9, "{months}");
        assert_eq!(with("2023-01-15", "2023-06-15").treatment(), None);
        assert_eq!(with("2023-01-15", "2022-12-24").treatment(), None);
        assert_eq!(with("2020", "2023-06").treatment(), None);
        let undated = with("2023", "2023-06");
        assert!(matches!(undated.treatment(), Some(Treatment::Undated(_))));
        let undated = History::parse(r#"{"botulinum": ["2023-01-15"]}"#).unwrap();
        assert!(matches!(undated.treatment(), Some(Treatment::Undated(_))));
    }

    #[test]
    fn dates_compare_within_the_precision_that_both_have() {
        let date = |text: &str| Date::try_from(text.to_owned()).unwrap();
        assert!(date("2021-03").is_before(&date("2021-04-30")));
        assert!(!date("2021").is_before(&date("2021-04-30")));
        assert!(Date::try_from("2021-13".to_owned()).is_err());
        assert!(Date::try_from("3.4.2021".to_owned()).is_err());
    }
}
