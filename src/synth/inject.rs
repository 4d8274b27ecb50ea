//! Described contractions put into a real recording: what a site's own camera, light and
//! posture would have shown of them.

use std::path::Path;

use super::clip::{Clip, ClipError, Encoder, Pictures, write_beside};
use super::face_frame::{FaceFrame, Point};
use super::motion::Motion;
use super::occlude::lay_over;
use super::scenario::{Cover, Scenario};
use super::warp::{OpenEye, Warp};
use crate::anatomy::{Place, Region, Side, eye, mouth_corner};
use crate::face::{Face, FaceError, FaceTracker};
use crate::models::{ModelError, ModelStore};
use crate::report::Truth;
use crate::source::{Frame, Pixels, Source, SourceError, StreamInfo, VideoSource};
use crate::thresholds::FaceThresholds;

/// Why contractions could not be put into a recording.
#[derive(Debug, thiserror::Error)]
pub enum InjectError {
    /// The recording cannot be read.
    #[error(transparent)]
    Source(#[from] SourceError),
    /// The face model is not there.
    #[error(transparent)]
    Models(#[from] ModelError),
    /// The face model fails.
    #[error(transparent)]
    Face(#[from] FaceError),
    /// The clip cannot be written, or the scenario cannot be.
    #[error(transparent)]
    Clip(#[from] ClipError),
    /// The recording shows no face that could be moved.
    #[error("{0}: no face was found in any frame")]
    NoFace(String),
}

/// Moves the face in a recording's pictures as a scenario says.
#[derive(Debug)]
pub struct Injector {
    tracker: FaceTracker,
    motion: Motion,
    /// Eyes whose lids are weak.
    eyes: Vec<(Side, OpenEye)>,
    /// Where the weak side's corner of the mouth rests, face units, and when it was last seen, seconds.
    resting: Option<(Point, f64)>,
    /// The frame that is repeated, and the moment it was filmed.
    held: Option<(f64, Frame)>,
}

impl Injector {
    /// Draws everything random in a scenario and loads the face model.
    ///
    /// # Errors
    /// [`InjectError`] when the scenario cannot be or the model cannot be loaded.
    pub fn new(scenario: &Scenario, models: &ModelStore) -> Result<Self, InjectError> {
        scenario.check().map_err(ClipError::from)?;
        let tracker = FaceTracker::new(models, &FaceThresholds::default())?;
        let weak = Side::BOTH.into_iter().filter(|side| scenario.lid_reach[*side] < 1.0);
        let eyes = weak.map(|side| (side, OpenEye::new(side))).collect();
        Ok(Self { tracker, motion: Motion::new(scenario), eyes, resting: None, held: None })
    }

    /// The movements that are put in.
    #[must_use]
    pub const fn motion(&self) -> &Motion {
        &self.motion
    }

    /// The next frame of the recording with its face moved; `None` where no face is seen.
    ///
    /// # Errors
    /// [`FaceError`] when the frame is malformed or the model fails.
    pub fn apply(&mut self, frame: &Frame) -> Result<Option<Frame>, FaceError> {
        let filmed_s = self.motion.scenario().camera.filmed_s(frame.time_s);
        if let Some((_, held)) = self.held.as_ref().filter(|(at, _)| *at == filmed_s) {
            let (index, time_s) = (frame.index, frame.time_s);
            return Ok(Some(Frame { index, time_s, ..held.clone() }));
        }
        let Ok(face) = self.tracker.track(frame)?.face else { return Ok(None) };
        let moved = self.moved(frame, &face);
        if self.motion.scenario().camera.filmed_fps.is_some() {
            self.held = moved.clone().map(|moved| (filmed_s, moved));
        }
        Ok(moved)
    }
}

impl Injector {
    fn moved(&mut self, frame: &Frame, face: &Face) -> Option<Frame> {
        let mut moment = self.motion.at(frame.time_s);
        let scenario = self.motion.scenario();
        // It is looked at pixel by pixel.
        let mut frame = Frame { pixels: Pixels::Bgr(frame.bgr().into_owned()), ..*frame };
        let mut landmarks = face.landmarks;
        for (side, eye) in &mut self.eyes {
            let shut = f64::from(eye.keep_open(&mut frame, &mut landmarks));
            let own = scenario.lid_reach[*side] * shut;
            moment.closure[*side] = 1.0 - (1.0 - moment.closure[*side]) * (1.0 - own);
        }
        let unit = face.pose.face_unit_px;
        if let Some(weakness) = scenario.weakness {
            // The corner of the recording itself goes a part of its way only.
            let place = Place::new(Region::MouthCorner, weakness.side);
            let at = landmarks[mouth_corner(weakness.side)];
            let own = FaceFrame::of(&landmarks, unit)?.face([at[0], at[1]]);
            let [out, down] = away(&mut self.resting, own, frame.time_s);
            let out = if weakness.side == Side::Left { out } else { -out };
            let way = 1e3 * (LIFTS[0] * out - LIFTS[1] * down);
            moment.displacement[place] -= (1.0 - weakness.excursion) * f64::from(way);
        }
        let mut moved = Warp::new(&frame, &landmarks, unit, &moment)?.apply(&frame);
        if let Some(own) = FaceFrame::of(&landmarks, unit) {
            let at = |i: usize| own.face([landmarks[i][0], landmarks[i][1]]);
            let middle = |a: usize, b: usize| [0, 1].map(|k| 0.5 * (at(a)[k] + at(b)[k]));
            let anchors = |over: Cover, side: Side| match (over, side) {
                (Cover::Eye, side) => middle(eye(side).outer, eye(side).inner),
                (Cover::Brow, side) => middle(eye(side).brow[1], eye(side).brow[3]),
                (Cover::Cheek, Side::Right) => at(50),
                (Cover::Cheek, Side::Left) => at(280),
                (Cover::Mouth, _) => middle(13, 14),
            };
            lay_over(&mut moved, &own, &scenario.occluders, Some(&anchors));
        }
        Some(moved)
    }
}

/// Where a corner of the mouth that pulls goes, outwards and up: as the warp moves it.
const LIFTS: Point = [0.8, 0.6];

/// In what time the rest of a corner is learnt, seconds (judgment: a smile is over sooner).
const REST_S: f64 = 3.0;

/// How far a place is from where it rests, which is learnt along.
fn away(resting: &mut Option<(Point, f64)>, at: Point, now_s: f64) -> Point {
    let (rest, last_s) = resting.unwrap_or((at, now_s));
    let part = (1.0 - (-(now_s - last_s).max(0.0) / REST_S).exp()) as f32;
    let rest: Point = std::array::from_fn(|k| rest[k] + part * (at[k] - rest[k]));
    *resting = Some((rest, now_s));
    std::array::from_fn(|k| at[k] - rest[k])
}

/// A recording as a source whose faces move as a scenario says, without a file between.
#[derive(Debug)]
pub struct InjectedSource<S> {
    injector: Injector,
    recording: S,
    seen: Frame,
}

impl<S: Source> InjectedSource<S> {
    /// The recording with the injector's movements put in.
    #[must_use]
    pub fn new(injector: Injector, recording: S) -> Self {
        Self { injector, recording, seen: Frame::default() }
    }
}

impl<S: Source> Source for InjectedSource<S> {
    fn info(&self) -> &StreamInfo {
        self.recording.info()
    }

    fn read_into(&mut self, frame: &mut Frame) -> Result<bool, SourceError> {
        if !self.recording.read_into(&mut self.seen)? {
            return Ok(false);
        }
        let moved = self.injector.apply(&self.seen).map_err(|error| SourceError::Interrupted {
            frames: self.seen.index,
            time_s: self.seen.time_s,
            reason: error.to_string(),
        })?;
        match moved {
            Some(moved) => *frame = moved,
            None => frame.clone_from(&self.seen),
        }
        Ok(true)
    }
}

/// Warps a scenario's contractions, blinks and tasks into the recording `from` by the tracked
/// landmarks and writes `video` with truth and scenario beside it. Person, camera and head of
/// the scenario are not used (but for the file's compression). The truth holds what was put in;
/// what the recording shows of itself is not rated, its blinks least of all. Frames without a
/// face pass unchanged. `progress` hears how many frames are done and how many the container
/// announces, and stops the work by returning `false`.
///
/// # Errors
/// [`InjectError`] when the recording cannot be read to its end, shows no face, or the clip
/// cannot be written.
pub fn inject(
    scenario: &Scenario,
    from: &Path,
    video: &Path,
    mut progress: impl FnMut(u64, Option<u64>) -> bool,
) -> Result<Clip, InjectError> {
    let mut injector = Injector::new(scenario, &ModelStore::open()?)?;
    let mut source = VideoSource::open(from)?;
    let announced = source.info().frames_declared;
    let mut frame = Frame::default();
    let mut encoder = None;
    let (mut frames, mut faces, mut last_s) = (0, 0_u64, 0.0);
    while source.read_into(&mut frame)? {
        if !progress(frames, announced) {
            return Err(ClipError::Stopped(frames).into());
        }
        // It is looked at pixel by pixel.
        frame.pixels = Pixels::Bgr(frame.bgr().into_owned());
        let moved = injector.apply(&frame)?;
        faces += u64::from(moved.is_some());
        let moved = even(moved.as_ref().unwrap_or(&frame));
        if encoder.is_none() {
            let (width, height) = (moved.width, moved.height);
            let pictures = Pictures { width, height, fps: None, crf: scenario.camera.crf };
            encoder = Some(Encoder::start(video, &pictures)?);
        }
        if let Some(encoder) = &mut encoder {
            encoder.push(&moved)?;
        }
        frames += 1;
        last_s = frame.time_s;
    }
    let Some(encoder) = encoder.filter(|_| faces > 0) else {
        return Err(InjectError::NoFace(from.display().to_string()));
    };
    encoder.finish()?;

    let interval = if frames > 1 { last_s / (frames - 1) as f64 } else { 1.0 / 30.0 };
    let mut put = scenario.clone();
    put.duration_s = (last_s + interval).max(0.1);
    let name = video.file_name().map(|name| name.to_string_lossy().into_owned());
    let truth = Truth {
        fps: Some(1.0 / interval),
        frames: Some(frames),
        blinks: None,
        annotator: Some(
            "exact for what was put in; what the recording itself shows is not rated".to_owned(),
        ),
        ..Motion::new(&put).truth(name.as_deref())
    };
    let clip = Clip::beside(video, &put, frames);
    write_beside(&truth, &put, &clip)?;
    Ok(clip)
}

/// H.264 at half colour resolution needs even sides: an odd last row or column is left out.
fn even(frame: &Frame) -> Frame {
    let (width, height) = (frame.width & !1, frame.height & !1);
    let bgr = frame.bgr();
    let rows = bgr.chunks_exact(3 * frame.width.max(1)).take(height);
    let even =
        Frame::from_bgr(width, height, rows.flat_map(|row| &row[..3 * width]).copied().collect());
    Frame { index: frame.index, time_s: frame.time_s, ..even }
}
