//! Follows the one subject from frame to frame.
//!
//! While the face is held, each frame's crop comes from the landmarks of the frame before. The
//! detector looks when there is no face, and once in a while to confirm that what is held is a
//! face (the mesh's own presence score is no proof: it stays high on things that resemble one)
//! and to see whether others are in view. A jump that no head can make is a cut: that frame
//! becomes a gap, and what follows is another track.

use super::continuity::Continuity;
use super::crop::Square;
use super::detector::Detection;
use super::error::FaceError;
use super::hands::Hands;
use super::mesh::{Mesh, Reading};
use super::pose::{FaceUnit, head_pose};
use super::runtime::Engine;
use super::search::Search;
use super::{Face, FaceObservation, GapReason, HeadPose, Landmarks};
use crate::anatomy::{PerPlace, Place, Side, eye};
use crate::models::ModelStore;
use crate::source::Frame;
use crate::thresholds::FaceThresholds;

/// Side from which a picture cannot be resampled, pixels: OpenCV counts them in 16 bits.
const RESAMPLED_SIDE_PX: usize = i16::MAX as usize;

/// Finds and follows the subject's face.
#[derive(Debug)]
pub struct FaceTracker {
    search: Search,
    mesh: Mesh,
    hands: Hands,
    thresholds: FaceThresholds,
    held: Option<Held>,
    last_seen: Option<LastSeen>,
    tracks: u32,
    other_faces: bool,
}

/// The face that is being followed.
#[derive(Debug)]
struct Held {
    /// The crop for the next frame.
    square: Square,
    unit: FaceUnit,
    pose: HeadPose,
    continuity: Continuity,
    /// When the detector last looked, and when it last agreed, seconds.
    looked_s: f64,
    confirmed_s: f64,
}

/// Where the subject was when it was last held.
#[derive(Debug, Clone, Copy)]
struct LastSeen {
    time_s: f64,
    square: Square,
}

impl FaceTracker {
    /// Loads the models.
    ///
    /// # Errors
    /// [`FaceError`] when a model or the runtime is missing, altered or refused.
    pub fn new(store: &ModelStore, thresholds: &FaceThresholds) -> Result<Self, FaceError> {
        let engine = Engine::open(&store.runtime()?)?;
        Ok(Self {
            search: Search::load(store, &engine)?,
            mesh: Mesh::load(store, &engine)?,
            hands: Hands::load(store, &engine)?,
            thresholds: thresholds.clone(),
            held: None,
            last_seen: None,
            tracks: 0,
            other_faces: false,
        })
    }

    /// Forgets the subject: the next frame begins another recording.
    pub fn forget(&mut self) {
        self.search.forget();
        self.hands.forget();
        self.held = None;
        self.last_seen = None;
        self.tracks = 0;
        self.other_faces = false;
    }

    /// Looks at the next frame.
    ///
    /// # Errors
    /// [`FaceError`] when the frame is malformed or the runtime fails; "no face" is no error but
    /// a gap in the observation.
    pub fn track(&mut self, frame: &Frame) -> Result<FaceObservation, FaceError> {
        let Frame { index, width, height, .. } = *frame;
        if !frame.is_whole() {
            return Err(FaceError::Frame { index, width, height });
        }
        if width.max(height) >= RESAMPLED_SIDE_PX {
            // One such picture is no reason to end a session.
            self.held = None;
            let face = Err(GapReason::NoFace);
            return Ok(FaceObservation {
                index: frame.index,
                time_s: frame.time_s,
                after_loss: frame.after_loss,
                face,
                other_faces: self.other_faces,
            });
        }
        let paused = self
            .last_seen
            .is_some_and(|last| frame.time_s - last.time_s > self.thresholds.pause_max_s);
        let followed = !paused && !frame.after_loss;
        let face = match self.held.take().filter(|_| followed) {
            Some(held) => self.follow(frame, held)?,
            None => match self.search(frame)? {
                Some(reading) => self.begin(frame, &reading)?,
                None => Err(GapReason::NoFace),
            },
        };
        Ok(FaceObservation {
            index: frame.index,
            time_s: frame.time_s,
            after_loss: frame.after_loss,
            face,
            other_faces: self.other_faces,
        })
    }

    /// Looks for the held face where it is expected, and if it is not there, everywhere.
    fn follow(
        &mut self,
        frame: &Frame,
        mut held: Held,
    ) -> Result<Result<Box<Face>, GapReason>, FaceError> {
        let mut reading = self.mesh.read(frame, &held.square)?;
        if !self.shows_face(frame, &reading) {
            let Some(found) = self.search(frame)? else { return Ok(Err(GapReason::NoFace)) };
            reading = found;
        } else if !self.confirmed(frame, &mut held, &reading)? {
            return Ok(Err(GapReason::NoFace));
        }
        let unit_px = held.pose.face_unit_px;
        let jumped = held.continuity.jumps(frame, &reading.landmarks, unit_px, &self.thresholds);
        let pose = head_pose(&reading.landmarks, &mut held.unit);
        Ok(match pose {
            _ if jumped => Err(GapReason::Cut),
            None => Err(GapReason::NoFace),
            Some(pose) => Ok(self.hold(frame, Held { pose, ..held }, &reading)?),
        })
    }

    /// Whether the detector, when it is time to ask it, still sees a face in the reading's place.
    fn confirmed(
        &mut self,
        frame: &Frame,
        held: &mut Held,
        reading: &Reading,
    ) -> Result<bool, FaceError> {
        let limits = &self.thresholds;
        let now = frame.time_s;
        let unsure = held.confirmed_s < held.looked_s;
        // Ask again sooner while the detector does not agree.
        let wait = if unsure { limits.confirm_every_s / 5.0 } else { limits.confirm_every_s };
        if (0.0..wait).contains(&(now - held.looked_s)) {
            return Ok(true);
        }
        let square = next_square(&reading.landmarks);
        let look = self.search.confirm(frame, &square, limits)?;
        self.other_faces = look.others;
        held.looked_s = now;
        if look.confirmed || now < held.confirmed_s {
            held.confirmed_s = now;
        }
        Ok(now - held.confirmed_s <= limits.unconfirmed_max_s)
    }

    /// Searches the picture for the subject.
    fn search(&mut self, frame: &Frame) -> Result<Option<Reading>, FaceError> {
        let recent = self.last_seen.filter(|last| {
            (0.0..self.thresholds.remember_s).contains(&(frame.time_s - last.time_s))
        });
        let recent = recent.map(|last| last.square);
        let faces = self.search.everywhere(frame, recent.as_ref(), &self.thresholds)?;
        self.other_faces = faces.len() > 1;
        let Some(subject) = subject(&faces, frame, recent.as_ref()) else { return Ok(None) };
        // The detector's box is rough; the mesh's own points frame the face better.
        let first = self.mesh.read(frame, &subject.square())?;
        if !self.shows_face(frame, &first) {
            return Ok(None);
        }
        let second = self.mesh.read(frame, &next_square(&first.landmarks))?;
        Ok(self.shows_face(frame, &second).then_some(second))
    }

    fn shows_face(&self, frame: &Frame, reading: &Reading) -> bool {
        reading.presence >= self.thresholds.presence_min
            && next_square(&reading.landmarks).is_usable(frame)
    }

    /// Begins a track.
    fn begin(
        &mut self,
        frame: &Frame,
        reading: &Reading,
    ) -> Result<Result<Box<Face>, GapReason>, FaceError> {
        let mut unit = FaceUnit::default();
        let Some(pose) = head_pose(&reading.landmarks, &mut unit) else {
            return Ok(Err(GapReason::NoFace));
        };
        let mut continuity = Continuity::default();
        continuity.jumps(frame, &reading.landmarks, pose.face_unit_px, &self.thresholds);
        self.tracks += 1;
        let (looked_s, confirmed_s) = (frame.time_s, frame.time_s);
        let square = next_square(&reading.landmarks);
        let held = Held { square, unit, pose, continuity, looked_s, confirmed_s };
        Ok(Ok(self.hold(frame, held, reading)?))
    }

    /// Holds on to the face for the next frame.
    fn hold(
        &mut self,
        frame: &Frame,
        held: Held,
        reading: &Reading,
    ) -> Result<Box<Face>, FaceError> {
        let square = next_square(&reading.landmarks);
        let pose = held.pose;
        let points = &reading.landmarks;
        let hands = self.hands.near(frame, &square, points, pose.face_unit_px, &self.thresholds)?;
        self.held = Some(Held { square, ..held });
        self.last_seen = Some(LastSeen { time_s: frame.time_s, square });
        let face = Face::new(self.tracks, reading.presence, *reading.landmarks, pose);
        // Until the skin tells more.
        let spared = |place: Place| !hands.iter().any(|hand| hand.reaches[place]);
        let visible = PerPlace::from_fn(|place| f32::from(u8::from(spared(place))));
        Ok(Box::new(Face { visible, hands, ..face }))
    }
}

/// How much larger another face must be to be taken for a subject just lost.
const KNOWN_FACTOR: f32 = 3.0;

/// The subject among the faces: the largest, most central one, or one that is where the subject
/// was last seen.
fn subject<'a>(
    faces: &'a [Detection],
    frame: &Frame,
    last: Option<&Square>,
) -> Option<&'a Detection> {
    let middle = [frame.width as f32 / 2.0, frame.height as f32 / 2.0];
    let prominence = |face: &Detection| {
        let [x, y] = face.center();
        let away = (x - middle[0]).hypot(y - middle[1]) / middle[0].hypot(middle[1]);
        let known = last.is_some_and(|last| last.shows_the_same_as(&face.square()));
        face.width() * (1.0 - 0.5 * away.min(1.0)) * if known { KNOWN_FACTOR } else { 1.0 }
    };
    faces.iter().max_by(|a, b| prominence(a).total_cmp(&prominence(b)))
}

/// The crop for the next frame.
fn next_square(landmarks: &Landmarks) -> Square {
    let at = |number: usize| [landmarks[number][0], landmarks[number][1]];
    let points = landmarks.iter().map(|&[x, y, _]| [x, y]);
    Square::around(points, at(eye(Side::Right).outer), at(eye(Side::Left).outer))
}
