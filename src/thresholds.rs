//! Every threshold in one place, each with unit, default and source.
//!
//! Sources: *literature* entries name the paper; *measured* entries were measured on real
//! recordings by this project; *judgment* entries are this project's own choice.

use serde::Serialize;

/// All thresholds, stage by stage.
#[derive(Debug, Clone, Default, Serialize)]
pub struct Thresholds {
    /// Finding and following the face.
    pub face: FaceThresholds,
}

/// Thresholds of the face stage.
#[derive(Debug, Clone, Serialize)]
pub struct FaceThresholds {
    /// Presence below which the face counts as lost (probability, default 0.5; measured).
    pub presence_min: f32,
}

impl Default for FaceThresholds {
    fn default() -> Self {
        Self { presence_min: 0.5 }
    }
}
