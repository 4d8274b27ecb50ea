//! Follows the one subject from frame to frame.
//!
//! While the face is held, each frame's crop comes from the landmarks of the frame before; the
//! detector looks only when there is no face, and now and then to confirm that it still is one
//! (the mesh's own presence score is no proof: it stays high on things that resemble a face).

use super::crop::Square;
use super::detector::{Detection, Detector};
use super::error::FaceError;
use super::mesh::{Mesh, Reading};
use super::pose::{FaceUnit, head_pose};
use super::runtime::Engine;
use super::{Face, FaceObservation, GapReason, Landmarks};
use crate::anatomy::{Side, eye};
use crate::models::ModelStore;
use crate::source::Frame;
use crate::thresholds::FaceThresholds;

/// Finds and follows the subject's face.
#[derive(Debug)]
pub struct FaceTracker {
    detector: Detector,
    mesh: Mesh,
    thresholds: FaceThresholds,
    held: Option<Held>,
    tracks: u32,
    other_faces: bool,
}

/// The face that is being followed.
#[derive(Debug)]
struct Held {
    square: Square,
    unit: FaceUnit,
}

impl FaceTracker {
    /// Loads the models.
    ///
    /// # Errors
    /// [`FaceError`] when a model or the runtime is missing, altered or refused.
    pub fn new(store: &ModelStore, thresholds: &FaceThresholds) -> Result<Self, FaceError> {
        let engine = Engine::open(&store.runtime()?)?;
        Ok(Self {
            detector: Detector::load(store, &engine)?,
            mesh: Mesh::load(store, &engine)?,
            thresholds: thresholds.clone(),
            held: None,
            tracks: 0,
            other_faces: false,
        })
    }

    /// Looks at the next frame.
    ///
    /// # Errors
    /// [`FaceError`] when the frame is malformed or the runtime fails; "no face" is no error but
    /// a gap in the observation.
    pub fn track(&mut self, frame: &Frame) -> Result<FaceObservation, FaceError> {
        let (width, height, bytes) = (frame.width, frame.height, frame.bgr.len());
        if bytes == 0 || bytes != 3 * width * height {
            return Err(FaceError::Frame { index: frame.index, bytes, width, height });
        }
        let reading = match &self.held {
            Some(held) => self.mesh.read(frame, &held.square).map(Some)?,
            None => None,
        };
        let face = match reading.filter(|reading| self.holds(frame, reading)) {
            Some(reading) => self.keep(reading),
            None => {
                self.held = None;
                match self.acquire(frame)? {
                    Some(reading) => self.keep(reading),
                    None => Err(GapReason::NoFace),
                }
            }
        };
        Ok(FaceObservation {
            index: frame.index,
            time_s: frame.time_s,
            face,
            other_faces: self.other_faces,
        })
    }

    fn holds(&self, frame: &Frame, reading: &Reading) -> bool {
        reading.presence >= self.thresholds.presence_min
            && next_square(&reading.landmarks).is_usable(frame)
    }

    /// Searches the whole picture for the subject.
    fn acquire(&mut self, frame: &Frame) -> Result<Option<Reading>, FaceError> {
        let square = Square::whole(frame);
        let faces = self.detector.detect(frame, &square, self.thresholds.detection_min)?;
        let Some(subject) = most_prominent(&faces, frame) else {
            self.other_faces = false;
            return Ok(None);
        };
        self.other_faces = faces.len() > 1;
        // The detector's box is rough; the mesh's own points frame the face better.
        let first = self.mesh.read(frame, &subject.square())?;
        if !self.holds(frame, &first) {
            return Ok(None);
        }
        let second = self.mesh.read(frame, &next_square(&first.landmarks))?;
        Ok(self.holds(frame, &second).then_some(second))
    }

    fn keep(&mut self, reading: Reading) -> Result<Box<Face>, GapReason> {
        let held = self.held.get_or_insert_with(|| {
            self.tracks += 1;
            let unit = FaceUnit::default();
            Held { square: next_square(&reading.landmarks), unit }
        });
        held.square = next_square(&reading.landmarks);
        let Some(pose) = head_pose(&reading.landmarks, &mut held.unit) else {
            self.held = None;
            return Err(GapReason::NoFace);
        };
        Ok(Box::new(Face {
            track: self.tracks,
            presence: reading.presence,
            landmarks: *reading.landmarks,
            pose,
            skin: None,
        }))
    }
}

/// The crop for the next frame.
fn next_square(landmarks: &Landmarks) -> Square {
    let at = |number: usize| [landmarks[number][0], landmarks[number][1]];
    let points = landmarks.iter().map(|&[x, y, _]| [x, y]);
    Square::around(points, at(eye(Side::Right).outer), at(eye(Side::Left).outer))
}

/// The largest, most central face: its width, up to halved towards the corners of the picture.
fn most_prominent<'a>(faces: &'a [Detection], frame: &Frame) -> Option<&'a Detection> {
    let middle = [frame.width as f32 / 2.0, frame.height as f32 / 2.0];
    let prominence = |face: &Detection| {
        let [x, y] = face.center();
        let away = (x - middle[0]).hypot(y - middle[1]) / middle[0].hypot(middle[1]);
        face.width() * (1.0 - 0.5 * away.min(1.0))
    };
    faces.iter().max_by(|a, b| prominence(a).total_cmp(&prominence(b)))
}
