//! What a lively person does without being asked: no protocol names it.

use serde::{Deserialize, Serialize};

use super::error::{ScenarioError, bad, within};
use crate::anatomy::Side;

/// Movement on purpose or of mood, outside any protocol.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Act {
    /// What is done.
    pub kind: ActKind,
    /// The one side that does it (a wink is a `close` of one side); absent, both do.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub side: Option<Side>,
    /// First movement, seconds.
    pub start_s: f64,
    /// Back at rest, seconds.
    pub end_s: f64,
    /// Size over the usual. Default 1.
    #[serde(default = "one")]
    pub amplitude: f64,
}

/// What is done.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ActKind {
    /// The eyes are shut gently; of one side, a wink.
    Close,
    /// The eyes are squeezed shut.
    Squeeze,
    /// A smile; of one side, a smirk.
    Smile,
    /// The brows go up.
    BrowRaise,
    /// The brows are drawn down.
    Frown,
    /// The lips are pursed.
    Pucker,
    /// Eyes narrowed against light.
    Squint,
    /// Chewing.
    Chew,
    /// Laughter.
    Laugh,
    /// A yawn.
    Yawn,
    /// Singing: notes held with the mouth open.
    Sing,
}

impl ActKind {
    /// All kinds.
    pub const ALL: [Self; 11] = [
        Self::Close,
        Self::Squeeze,
        Self::Smile,
        Self::BrowRaise,
        Self::Frown,
        Self::Pucker,
        Self::Squint,
        Self::Chew,
        Self::Laugh,
        Self::Yawn,
        Self::Sing,
    ];

    /// The name used in files, e.g. `brow_raise`.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Close => "close",
            Self::Squeeze => "squeeze",
            Self::Smile => "smile",
            Self::BrowRaise => "brow_raise",
            Self::Frown => "frown",
            Self::Pucker => "pucker",
            Self::Squint => "squint",
            Self::Chew => "chew",
            Self::Laugh => "laugh",
            Self::Yawn => "yawn",
            Self::Sing => "sing",
        }
    }

    /// Whether people can do it with one side alone.
    #[must_use]
    pub const fn one_sided(self) -> bool {
        matches!(self, Self::Close | Self::Squeeze | Self::Smile | Self::BrowRaise)
    }
}

impl Act {
    /// Checks that the values can be.
    pub(super) fn check(&self, at: &str) -> Result<(), ScenarioError> {
        within(&format!("{at}.start_s"), self.start_s, 0.0, 1e6)?;
        if self.end_s < self.start_s + 0.2 {
            return Err(bad(&format!("{at}.end_s"), "must be 0.2 s or more after start_s"));
        }
        if self.side.is_some() && !self.kind.one_sided() {
            return Err(bad(&format!("{at}.side"), "nobody does this with one side alone"));
        }
        within(&format!("{at}.amplitude"), self.amplitude, 0.0, 2.0)
    }
}

const fn one() -> f64 {
    1.0
}
