//! Where the eyes look.

use serde::{Deserialize, Serialize};

use super::error::{ScenarioError, times, within};

/// Where the eyes look.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Gaze {
    /// Size of the small eye movements of fixation, degrees. Default 1.
    pub saccades: f64,
    /// Single looks away from the camera.
    pub looks: Vec<Look>,
}

impl Default for Gaze {
    fn default() -> Self {
        Self { saccades: 1.0, looks: Vec::new() }
    }
}

impl Gaze {
    /// Checks that the values can be.
    pub(super) fn check(&self) -> Result<(), ScenarioError> {
        within("gaze.saccades", self.saccades, 0.0, 10.0)?;
        for (i, look) in self.looks.iter().enumerate() {
            let at = format!("gaze.looks[{i}]");
            times(&at, look.start_s, &[look.duration_s])?;
            within(&format!("{at}.left_deg"), look.left_deg, -35.0, 35.0)?;
            within(&format!("{at}.down_deg"), look.down_deg, -30.0, 40.0)?;
        }
        Ok(())
    }
}

/// One look away and back. The lids follow a look down without closing.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Look {
    /// Start, seconds.
    pub start_s: f64,
    /// Until the eyes are back, seconds.
    pub duration_s: f64,
    /// Degrees towards the subject's left.
    #[serde(default)]
    pub left_deg: f64,
    /// Degrees down; negative is up.
    #[serde(default)]
    pub down_deg: f64,
}
