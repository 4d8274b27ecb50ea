//! What became of a clip.

use std::path::Path;

use serde::{Deserialize, Serialize};

/// What became of a clip.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum State {
    /// Not yet anything.
    Pending,
    /// Analyzed; `partial` where the analysis does not cover the whole recording.
    Analyzed {
        /// Warned of a part that is missing.
        partial: bool,
    },
    /// There is no analysis.
    Failed(Failure),
}

impl State {
    /// In a word.
    #[must_use]
    pub const fn word(&self) -> &'static str {
        match self {
            Self::Analyzed { partial: false } => "done",
            Self::Analyzed { partial: true } => "partial",
            Self::Failed(_) => "failed",
            Self::Pending => "pending",
        }
    }
}

/// Why there is no analysis of a clip.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Failure {
    /// One sentence: why, and what to do.
    pub reason: String,
    /// It lies in the clip, so that trying again gives the same; otherwise in the circumstances.
    pub lasting: bool,
}

impl Failure {
    /// A failure that lies in the clip.
    #[must_use]
    pub fn of_clip(reason: impl Into<String>) -> Self {
        Self { reason: one_line(&reason.into()), lasting: true }
    }

    /// A failure that may not come again.
    #[must_use]
    pub fn of_circumstances(reason: impl Into<String>) -> Self {
        Self { reason: one_line(&reason.into()), lasting: false }
    }

    /// The same without the clip's name before the reason: copies of it have others.
    #[must_use]
    pub fn unnamed(mut self, clip: &Path) -> Self {
        let name = format!("{}: ", one_line(&clip.to_string_lossy()));
        if let Some(rest) = self.reason.strip_prefix(&name) {
            self.reason = rest.to_owned();
        }
        self
    }
}

pub(crate) fn one_line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}
