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
    /// Reading signals off the observations.
    pub signal: SignalThresholds,
    /// Weighing the whole recording.
    pub pattern: PatternThresholds,
}

/// Thresholds of the face stage.
#[derive(Debug, Clone, Serialize)]
pub struct FaceThresholds {
    /// Presence below which the face counts as lost (probability, default 0.5; measured).
    pub presence_min: f32,
    /// Score from which the detector's answer counts as a face (probability, default 0.5; the
    /// reference implementation's value).
    pub detection_min: f32,
}

impl Default for FaceThresholds {
    fn default() -> Self {
        Self { presence_min: 0.5, detection_min: 0.5 }
    }
}

/// Thresholds of the signal stage.
#[derive(Debug, Clone, Serialize)]
pub struct SignalThresholds {
    /// Quantile of the lid opening that counts as open (fraction, default 0.75; judgment: blinks
    /// take under a fifth of the time, and widened eyes less than a quarter).
    pub open_quantile: f32,
    /// Time constant with which levels forget (seconds, default 60; judgment: slower than any
    /// expression, quicker than fatigue or a change of seat).
    pub level_time_s: f64,
    /// Aperture below which a lid is down and tells little about the open level (fraction of
    /// open, default 0.6; judgment: between the half-lowered lid of a look-down and a squint).
    pub lid_down_aperture: f32,
    /// Weight of such a frame in the open level (default 0.02; judgment: an eye shut for ten
    /// minutes then weighs as much as twelve open seconds, yet a wrong level still mends).
    pub lid_down_weight: f32,
    /// Time with a face before the first levels count as settled (seconds, default 3; judgment:
    /// longer than any blink, so that a recording may begin with shut eyes).
    pub settle_s: f64,
    /// Outer-canthal distance below which a recording is warned of (pixels, default 60; MODELS:
    /// a face 400 pixels across has about 250, tracking is lost near 25).
    pub face_unit_min_px: f32,
}

impl Default for SignalThresholds {
    fn default() -> Self {
        Self {
            open_quantile: 0.75,
            level_time_s: 60.0,
            lid_down_aperture: 0.6,
            lid_down_weight: 0.02,
            settle_s: 3.0,
            face_unit_min_px: 60.0,
        }
    }
}

/// Thresholds of the pattern stage.
#[derive(Debug, Clone, Serialize)]
pub struct PatternThresholds {
    /// Usable video below which "nothing was found" is not called `none` (seconds, default 60;
    /// judgment: the shortest rest recording of the proposed exam).
    pub none_min_usable_s: f64,
}

impl Default for PatternThresholds {
    fn default() -> Self {
        Self { none_min_usable_s: 60.0 }
    }
}
