//! From observations to physiological signals: one [`Sample`] a frame.
//!
//! Signals are in face units and relative to the subject's own open, neutral face. A gap stays
//! a gap; nothing here smooths in a way that shifts time.

mod eye;
mod level;
mod reread;
mod stage;

use serde::{Deserialize, Serialize};

use crate::anatomy::{PerPlace, PerSide};
use crate::face::HeadPose;

pub use level::RunningLevel;
pub use reread::reread;
pub use stage::{SignalStage, Signals};

/// The signals of one frame.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Sample {
    /// Index of the frame.
    pub index: u64,
    /// Presentation time in seconds.
    pub time_s: f64,
    /// Tracking number; it rises after every gap or cut, and signals under different numbers
    /// must not be joined. `None` in a gap: then every signal is `None`.
    pub track: Option<u32>,
    /// Probability that a face is there, 0 to 1; 0 in a gap.
    pub presence: f32,
    /// Head pose.
    pub pose: Option<HeadPose>,
    /// Lids and gaze of each eye.
    pub eyes: PerSide<Option<EyeSample>>,
    /// Displacement of each place in mFU, positive in the direction of its contraction:
    /// periocular closure of the lids, cheek up, mouth corner out and up, forehead up, jaw
    /// left and right chin skin up, jaw midline opening.
    pub displacement: PerPlace<Option<f32>>,
    /// Probability that each place is really seen, 0 to 1; the periocular places stand for the
    /// eyes. 0 in a gap. A place that is more likely hidden than seen has no value.
    pub visible: PerPlace<f32>,
    /// The picture repeats the frame before it: its values are that frame's and no measurement
    /// of their own.
    pub repeat: bool,
}

impl Sample {
    /// A frame of a gap: nothing was measured.
    #[must_use]
    pub fn gap(index: u64, time_s: f64) -> Self {
        Self {
            index,
            time_s,
            track: None,
            presence: 0.0,
            pose: None,
            eyes: PerSide::default(),
            displacement: PerPlace::default(),
            visible: PerPlace::default(),
            repeat: false,
        }
    }
}

/// One eye in one frame.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize, Deserialize)]
pub struct EyeSample {
    /// Lid opening over fissure width, relative to this eye's own open level: 1 open, 0 closed.
    pub aperture: f32,
    /// Standard deviation of the aperture's error: of the reading itself, not of the movement;
    /// 0 where it is not known.
    pub aperture_error: f32,
    /// Lid opening over fissure width, as measured.
    pub opening: f32,
    /// The opening that counts as open.
    pub open: f32,
    /// Fissure width in face units.
    pub width: f32,
    /// Height of the iris centre below the line between the canthi over fissure width, relative
    /// to this eye's own resting level; positive when looking down. `None` where the iris is too
    /// small to tell.
    pub gaze_down: Option<f32>,
    /// Height of the brow above the line between the canthi over fissure width, relative to its
    /// own resting level; positive when raised.
    pub brow_up: f32,
}

impl EyeSample {
    /// Closure of the lids in mFU.
    #[must_use]
    pub fn closure_mfu(&self) -> f32 {
        (1.0 - self.aperture) * self.open * self.width * 1000.0
    }
}
