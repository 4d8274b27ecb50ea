//! How the head moves.

use serde::{Deserialize, Serialize};

use super::error::{ScenarioError, times, within};

/// How the head moves.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Head {
    /// Turn held throughout, degrees; positive towards the subject's left. Default 0.
    pub yaw_deg: f64,
    /// Nod held throughout, degrees; positive down. Default 0.
    pub pitch_deg: f64,
    /// Tilt held throughout, degrees; positive clockwise as seen in the image. Default 0.
    pub roll_deg: f64,
    /// Unrest of a sitting person; 1 is usual (about 1 degree and 10 mFU), 0 a still head.
    /// Default 1.
    pub sway: f64,
    /// Single movements.
    pub moves: Vec<HeadMove>,
}

impl Default for Head {
    fn default() -> Self {
        Self { yaw_deg: 0.0, pitch_deg: 0.0, roll_deg: 0.0, sway: 1.0, moves: Vec::new() }
    }
}

impl Head {
    /// Checks that the values can be.
    pub(super) fn check(&self) -> Result<(), ScenarioError> {
        for (i, m) in self.moves.iter().enumerate() {
            let at = format!("head.moves[{i}]");
            times(&at, m.start_s, &[m.rise_s, m.hold_s, m.fall_s])?;
            within(&format!("{at}.amount"), m.amount, -60.0, 60.0)?;
        }
        within("head.sway", self.sway, 0.0, 10.0)?;
        within("head.yaw_deg", self.yaw_deg, -60.0, 60.0)?;
        within("head.pitch_deg", self.pitch_deg, -45.0, 45.0)?;
        within("head.roll_deg", self.roll_deg, -60.0, 60.0)
    }
}

/// One movement of the head: there, hold, and back.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct HeadMove {
    /// Which movement.
    pub kind: HeadMoveKind,
    /// Start, seconds.
    pub start_s: f64,
    /// Time there, seconds.
    pub rise_s: f64,
    /// Time held, seconds.
    #[serde(default)]
    pub hold_s: f64,
    /// Time back, seconds.
    pub fall_s: f64,
    /// Degrees for turn, nod and tilt (signs as in [`Head`]); face units for `shift` (towards
    /// the image's right) and `rise` (up); factor on the size less 1 for `approach`.
    pub amount: f64,
}

/// Which movement of the head.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum HeadMoveKind {
    /// Left or right.
    Turn,
    /// Up or down.
    Nod,
    /// Towards a shoulder.
    Tilt,
    /// Sideways in the picture.
    Shift,
    /// Upwards in the picture.
    Rise,
    /// Towards the camera.
    Approach,
}
