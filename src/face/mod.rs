//! What is seen of the face: everything that looks at pixels ends here.
//!
//! [`FaceObservation`] is what one frame says about the one subject: 478 landmarks, head pose,
//! presence and the motion of the skin region by region, or the reason why nothing is seen.
//! [`FaceTracker`] makes observations of frames.

#[cfg(feature = "video")]
mod between;
#[cfg(feature = "video")]
mod continuity;
#[cfg(feature = "video")]
pub mod crop;
#[cfg(feature = "video")]
pub mod detector;
#[cfg(feature = "video")]
mod error;
#[cfg(feature = "video")]
mod flat;
#[cfg(feature = "video")]
pub mod graph;
#[cfg(feature = "video")]
mod hands;
#[cfg(feature = "video")]
pub mod mesh;
#[cfg(feature = "video")]
pub mod pose;
#[cfg(feature = "video")]
pub mod runtime;
#[cfg(feature = "video")]
mod search;
#[cfg(feature = "video")]
pub mod skin;
#[cfg(feature = "video")]
mod surroundings;
#[cfg(feature = "video")]
mod tracker;
#[cfg(feature = "video")]
mod view;
#[cfg(feature = "video")]
mod wide;

#[cfg(feature = "video")]
pub use error::FaceError;
#[cfg(feature = "video")]
pub use skin::SkinTracker;
#[cfg(feature = "video")]
pub use tracker::FaceTracker;

use crate::anatomy::{LANDMARKS, PerPlace, PerSide, Place};
use serde::{Deserialize, Serialize};

/// Landmarks in image pixels: x to the image's right, y down, z towards the camera negative,
/// in the same scale as x.
pub type Landmarks = [[f32; 3]; LANDMARKS];

/// What one frame shows of the subject.
#[derive(Debug, Clone)]
pub struct FaceObservation {
    /// Index of the frame.
    pub index: u64,
    /// Presentation time of the frame in seconds.
    pub time_s: f64,
    /// Pictures were lost before this one: nothing may be joined across.
    pub after_loss: bool,
    /// The face, or why there is none.
    pub face: Result<Box<Face>, GapReason>,
    /// A second face was in view when the detector last looked.
    pub other_faces: bool,
}

/// The subject's face in one frame.
#[derive(Debug, Clone)]
pub struct Face {
    /// Unbroken tracking shares a number; it rises after every gap or identity jump. Signals
    /// from different tracks must not be joined.
    pub track: u32,
    /// Probability that the crop holds a face, 0 to 1.
    pub presence: f32,
    /// The 478 landmarks in image pixels.
    pub landmarks: Landmarks,
    /// Head pose.
    pub pose: HeadPose,
    /// Motion of the skin; `None` until the skin stage has a neutral reference.
    pub skin: Option<SkinMotion>,
    /// Probability that each place is really seen, 0 to 1, and not hidden by a hand, a cloth,
    /// hair, glare or the frame's edge. The periocular places stand for the eyes.
    pub visible: PerPlace<f32>,
    /// The hands near it.
    pub hands: Vec<NearHand>,
    /// The picture repeats the one before it, and so says nothing new.
    pub repeat: bool,
    /// The lids read a second time, from the picture of each eye; `None` until the open eye is
    /// known.
    pub lids: PerSide<Option<LidPicture>>,
}

/// What a hand near the face can do.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct NearHand {
    /// The places that it can hide, or push where it is sure.
    pub reaches: PerPlace<bool>,
    /// Its palm was told surely; otherwise it may be a neck or a collar.
    pub sure: bool,
}

/// What the picture of an eye says of its lids.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct LidPicture {
    /// Part of its way that the upper lid has come down, 0 to 1.
    pub closed: f32,
    /// Correlation of the picture with the most like of the subject's own, -1 to 1.
    pub likeness: f32,
}

impl Face {
    /// A face whose skin was not measured and of which everything is seen.
    #[must_use]
    pub const fn new(track: u32, presence: f32, landmarks: Landmarks, pose: HeadPose) -> Self {
        let visible = PerPlace([1.0; Place::COUNT]);
        let lids = PerSide { left: None, right: None };
        let hands = Vec::new();
        Self { track, presence, landmarks, pose, skin: None, visible, hands, repeat: false, lids }
    }
}

/// Head pose by a 3D fit, relative to facing the camera.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize, Deserialize)]
pub struct HeadPose {
    /// Turn in degrees; positive towards the subject's left.
    pub yaw_deg: f32,
    /// Nod in degrees; positive looking down.
    pub pitch_deg: f32,
    /// Tilt in degrees; positive clockwise as seen in the image.
    pub roll_deg: f32,
    /// One face unit (distance between the outer canthi, freed from rotation) in pixels.
    pub face_unit_px: f32,
}

/// Displacement of the skin from the subject's neutral face, head motion removed.
#[derive(Debug, Clone, Default)]
pub struct SkinMotion {
    /// Number of the neutral reference; values under different numbers differ by a step.
    pub reference: u32,
    /// Displacement in thousandths of a face unit, `[lateral, up]`: lateral is away from the
    /// facial midline (towards the subject's left at the midline), up is towards the forehead.
    /// `None` where the skin cannot be seen or has no texture to follow.
    pub places: PerPlace<Option<[f32; 2]>>,
    /// How well the skin at each place still looks like the reference: correlation of the two
    /// patches, 1 for the same picture, 0 where nothing is measured.
    pub likeness: PerPlace<f32>,
}

/// Why a stretch of the recording shows no face.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum GapReason {
    /// No face found.
    NoFace,
    /// The picture jumped: a cut, or another person where the subject was.
    Cut,
    /// No picture came: the source stalled or was lost, or the session was paused.
    NoPicture,
}
