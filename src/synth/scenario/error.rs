//! Why a scenario cannot be used.

use std::path::PathBuf;

/// Why a scenario cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum ScenarioError {
    /// The file cannot be read.
    #[error("cannot read {}: {source}", path.display())]
    Read {
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
    /// The text is not a scenario.
    #[error("not a scenario: {0}")]
    Json(serde_json::Error),
    /// A value cannot be.
    #[error("scenario field {field}: {problem}")]
    Value {
        /// Path of the field.
        field: String,
        /// What is wrong with it.
        problem: String,
    },
}

/// A value that cannot be.
pub(in crate::synth) fn bad(field: &str, problem: impl Into<String>) -> ScenarioError {
    ScenarioError::Value { field: field.to_owned(), problem: problem.into() }
}

/// A value inside its range.
pub(in crate::synth) fn within(
    field: &str,
    value: f64,
    low: f64,
    high: f64,
) -> Result<(), ScenarioError> {
    if (low..=high).contains(&value) {
        Ok(())
    } else {
        Err(bad(field, format!("is {value}, must be {low} to {high}")))
    }
}

/// A start and durations that can be.
pub(in crate::synth) fn times(at: &str, start_s: f64, spans: &[f64]) -> Result<(), ScenarioError> {
    within(&format!("{at}.start"), start_s, 0.0, 1e6)?;
    spans.iter().try_for_each(|span| within(&format!("{at} duration"), *span, 0.0, 1e5))
}
