//! What a batch can keep of every clip.

use serde::{Deserialize, Serialize};

/// Something a batch keeps of every clip.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Output {
    /// `analysis.json`; the tables are made of it, so it is always kept.
    Analysis,
    /// `events.csv`.
    Events,
    /// `signals.csv`.
    Signals,
    /// `report.html`.
    Report,
    /// `overlay.mp4`.
    Overlay,
}

impl Output {
    /// All outputs.
    pub const ALL: [Self; 5] =
        [Self::Analysis, Self::Events, Self::Signals, Self::Report, Self::Overlay];

    /// What is kept unless told otherwise: what the tables and their page lead to.
    pub const DEFAULT: [Self; 2] = [Self::Analysis, Self::Report];

    /// The name on the command line.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Analysis => "analysis",
            Self::Events => "events",
            Self::Signals => "signals",
            Self::Report => "report",
            Self::Overlay => "overlay",
        }
    }

    /// The file in the folder of the results.
    #[must_use]
    pub const fn file(self) -> &'static str {
        match self {
            Self::Analysis => "analysis.json",
            Self::Events => "events.csv",
            Self::Signals => "signals.csv",
            Self::Report => "report.html",
            Self::Overlay => "overlay.mp4",
        }
    }
}
