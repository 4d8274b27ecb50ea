//! Visits of one person over time: what changed, by more than the recordings' own uncertainty or
//! not, how involvement spread, and what all visits together look like.
//!
//! A visit is one analysis. Counts are compared exactly: rates as Poisson counts, a region's share
//! of its side's events by Fisher's test, time in spasm by the spread of the events' durations.
//! All comparisons of one person share one level of 0.1 (Holm): of visits between which nothing
//! changed, at most one pair in ten shows a change. It is fewer, 9 of 300 drawn pairs: exact tests
//! of small counts keep below their level, and the comparisons are not independent, which Holm's
//! rule does not use.

mod chance;
mod change;
mod html;
mod merged;
mod progress;
mod text;
mod visit;

use serde::{Deserialize, Serialize};

pub use change::{Change, Measure};
pub use progress::{Across, Course, Joined, Progress, SideProgress};
pub use visit::{Involvement, Rate, SideFigures, Visit};

use crate::pattern::{History, Pattern};
use crate::report::{Analysis, DISCLAIMER, Warning};
use crate::thresholds::PatternThresholds;

/// The name of the comparison format.
pub const SCHEMA: &str = "spasmograph.comparison/1";

/// The JSON Schema (draft 2020-12) that every comparison satisfies.
pub const COMPARISON_SCHEMA: &str = include_str!("comparison.schema.json");

/// Visits of one person over time.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Comparison {
    /// Always [`SCHEMA`].
    pub schema: String,
    /// Version of the program that compared.
    pub version: String,
    /// Always [`DISCLAIMER`].
    pub disclaimer: String,
    /// The visits, in the order given.
    pub visits: Vec<Visit>,
    /// From each visit to the next, and from the first to the last.
    pub changes: Vec<Change>,
    /// How involvement spread over the visits.
    pub progress: Progress,
    /// The pattern on all visits together.
    pub pattern: Pattern,
    /// What the reader should know.
    pub warnings: Vec<Warning>,
}

/// Why visits cannot be compared.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
#[non_exhaustive]
pub enum CompareError {
    /// Fewer than two visits.
    #[error("a comparison takes two visits or more, in order of time")]
    TooFew,
}

/// Compares visits of one person, given in order of time.
///
/// # Errors
/// Fewer than two visits.
pub fn compare(
    analyses: &[Analysis],
    history: Option<&History>,
    thresholds: &PatternThresholds,
) -> Result<Comparison, CompareError> {
    if analyses.len() < 2 {
        return Err(CompareError::TooFew);
    }
    let visits: Vec<Visit> = (1..).zip(analyses).map(|(number, a)| Visit::new(number, a)).collect();
    let progress = progress::progress(&visits);
    Ok(Comparison {
        schema: SCHEMA.to_owned(),
        version: env!("CARGO_PKG_VERSION").to_owned(),
        disclaimer: DISCLAIMER.to_owned(),
        changes: change::changes(analyses, &visits),
        pattern: merged::pattern(analyses, &progress, history, thresholds),
        warnings: warnings(analyses, &visits),
        progress,
        visits,
    })
}

impl Comparison {
    /// The comparison as a few lines for the terminal.
    #[must_use]
    pub fn text(&self) -> String {
        text::text(self)
    }

    /// The comparison as a page.
    #[must_use]
    pub fn html(&self) -> String {
        html::page(self)
    }

    /// The changes that are larger than the recordings' own uncertainty.
    pub fn certain_changes(&self) -> impl Iterator<Item = &Change> {
        self.changes.iter().filter(|change| change.beyond_uncertainty)
    }
}

fn warnings(analyses: &[Analysis], visits: &[Visit]) -> Vec<Warning> {
    let mut warnings = Vec::new();
    for visit in visits.iter().filter(|visit| visit.usable_s <= 0.0) {
        let message =
            format!("visit {} has no usable video and is compared with none", visit.number);
        warnings.push(Warning::new("unusable_visit", message));
    }
    for (i, visit) in visits.iter().enumerate() {
        let twin = visits[..i].iter().find(|v| v.sha256.is_some() && v.sha256 == visit.sha256);
        if let Some(twin) = twin {
            let message =
                format!("visits {} and {} are the same recording", twin.number, visit.number);
            warnings.push(Warning::new("same_recording", message));
        }
    }
    let first = &analyses[0];
    if analyses.iter().any(|a| a.version != first.version || a.thresholds != first.thresholds) {
        let message =
            "the visits were measured by different versions or thresholds; analyze them anew";
        warnings.push(Warning::new("measured_differently", message));
    }
    warnings
}
