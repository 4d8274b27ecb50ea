//! Patients with known truth: described recordings become truth files, pictures and clips.
//!
//! [`Scenario`] describes a recording, [`Motion`] is what its face does at any moment
//! ([`Motion::at`]) and what an analysis of it should find ([`Motion::truth`]). Nothing here was
//! drawn from a photograph or a recording of a person.

mod acts;
mod bursts;
mod camera;
mod clip;
mod cohort;
mod course;
mod draw;
mod envelope;
mod face_frame;
#[cfg(feature = "video")]
mod inject;
mod motion;
mod negative;
mod occlude;
mod paint;
mod painted;
mod patient;
mod person;
mod presets;
mod scenario;
mod signals;
mod streams;
mod truth;
#[cfg(feature = "video")]
mod warp;
mod waves;

pub use camera::{Camera, Incident, IncidentKind, Light};
pub use clip::{Clip, ClipError, write_clip};
pub use cohort::Subject;
pub use course::{Course, TREMOR_HZ};
pub use envelope::Envelope;
#[cfg(feature = "video")]
pub use inject::{InjectError, InjectedSource, Injector, inject};
pub use motion::{FaceMotion, GazeAngles, HeadState, Motion, OPEN_LID_MFU};
pub use negative::{Negative, negative};
pub use paint::Painter;
pub use painted::PaintedSource;
pub use patient::patient;
pub use person::{HairColour, HairStyle, IrisColour, Person, Proportions, SkinTone};
pub use presets::{PRESETS, preset};
pub use scenario::{
    Act, ActKind, BlinkSpec, Blinks, ContractionSpec, Coupling, Cover, EventSpec, Gaze, Head,
    HeadMove, HeadMoveKind, Inequality, Look, Occluder, OccluderKind, SCHEMA, SCHEMA_JSON,
    Scenario, ScenarioError, Speech, Task, TaskKind, Train, Weakness,
};
pub use signals::{RegionModel, TrackerModel, add, draw_tracker, signals};
