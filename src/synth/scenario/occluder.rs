//! Things before the face.

use serde::{Deserialize, Serialize};

use super::error::{ScenarioError, bad, within};
use crate::anatomy::Side;

/// Something that hides a part of the face from the camera.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Occluder {
    /// What it is.
    pub kind: OccluderKind,
    /// What it lies over.
    pub over: Cover,
    /// On which side; over the mouth it lies on the midline. Default left.
    #[serde(default = "left")]
    pub side: Side,
    /// It comes into the picture, seconds.
    pub start_s: f64,
    /// It has left again, seconds.
    pub end_s: f64,
    /// How far it is moved to and fro while it lies there, face units. Default 0, at rest.
    #[serde(default)]
    pub travel: f64,
    /// Times a second that it is moved to and fro. Default 0.8.
    #[serde(default = "slowly")]
    pub travel_hz: f64,
    /// Size over the usual. Default 1.
    #[serde(default = "one")]
    pub size: f64,
    /// Colour, red, green, blue 0 to 255. Default: of skin as the picture shows it for hand and
    /// fingers, and each kind's own otherwise.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub colour: Option<[u8; 3]>,
}

/// What hides a part of the face.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum OccluderKind {
    /// The back of a hand with its fingers.
    Hand,
    /// Two fingers.
    Fingers,
    /// A brush with its handle, as a therapist strokes with.
    Brush,
    /// A surgical mask over nose, mouth and chin.
    Mask,
    /// A dark patch as it is worn over one eye, or a dressing elsewhere.
    Patch,
    /// Strands of hair.
    Hair,
    /// A cup.
    Cup,
    /// A plain oval without texture.
    Oval,
    /// A reflection on glasses; it hides and does not move with a hand.
    Glare,
}

impl OccluderKind {
    /// All kinds.
    pub const ALL: [Self; 9] = [
        Self::Hand,
        Self::Fingers,
        Self::Brush,
        Self::Mask,
        Self::Patch,
        Self::Hair,
        Self::Cup,
        Self::Oval,
        Self::Glare,
    ];

    /// The name used in files, e.g. `hand`.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Hand => "hand",
            Self::Fingers => "fingers",
            Self::Brush => "brush",
            Self::Mask => "mask",
            Self::Patch => "patch",
            Self::Hair => "hair",
            Self::Cup => "cup",
            Self::Oval => "oval",
            Self::Glare => "glare",
        }
    }
}

/// The part of the face that something lies over.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Cover {
    /// The eye.
    Eye,
    /// Brow and lower forehead.
    Brow,
    /// The cheek.
    Cheek,
    /// The mouth.
    Mouth,
}

impl Occluder {
    /// Checks that the values can be.
    pub(super) fn check(&self, at: &str) -> Result<(), ScenarioError> {
        within(&format!("{at}.start_s"), self.start_s, 0.0, 1e6)?;
        if self.end_s <= self.start_s {
            return Err(bad(&format!("{at}.end_s"), "must be after start_s"));
        }
        within(&format!("{at}.travel"), self.travel, 0.0, 1.0)?;
        within(&format!("{at}.travel_hz"), self.travel_hz, 0.0, 5.0)?;
        within(&format!("{at}.size"), self.size, 0.3, 3.0)
    }
}

const fn left() -> Side {
    Side::Left
}
const fn slowly() -> f64 {
    0.8
}
const fn one() -> f64 {
    1.0
}
