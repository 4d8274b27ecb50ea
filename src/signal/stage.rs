//! The streaming signal stage: observations in, samples out.

use std::collections::VecDeque;

use super::eye::EyeGeometry;
use super::level::RunningLevel;
use super::{EyeSample, Sample};
use crate::anatomy::{PerPlace, PerSide, Place, Region, Side};
use crate::face::{Face, FaceObservation, LidPicture, SkinMotion};
use crate::thresholds::SignalThresholds;

/// What [`SignalStage::push`] hands on.
#[derive(Debug, Clone, Default)]
pub struct Signals {
    /// This frame as far as can be said now; for showing, not for analysis.
    pub preview: Option<Sample>,
    /// Samples as far as they can be told while the recording runs, in order; empty while the
    /// first levels are learnt.
    pub settled: Vec<Sample>,
    /// No open lids have been seen yet: what counts as open is a guess.
    pub provisional: bool,
}

/// Turns observations into samples.
///
/// The open level of each eye and the resting level of each geometric signal are running
/// quantiles of the past. At the start there is no past: the first
/// [`SignalThresholds::settle_s`] seconds with a face, and more while no open lids were seen, are
/// held back and measured against what they show together. At the end of a recording
/// [`reread`](super::reread) sets all of it against the levels that all of it shows.
#[derive(Debug)]
pub struct SignalStage {
    thresholds: SignalThresholds,
    eyes: PerSide<EyeLevels>,
    /// Observations held back until the levels have settled; `None` afterwards.
    waiting: Option<VecDeque<Measured>>,
    waited_s: f64,
    /// Open lids have been seen.
    opened: bool,
    last: Option<(u32, f64)>,
}

/// Levels that one eye returns to.
#[derive(Debug)]
struct EyeLevels {
    opening: RunningLevel,
    gaze: RunningLevel,
    brow: RunningLevel,
    width: RunningLevel,
    /// What the eye's picture reads of open lids, and of shut ones.
    picture: RunningLevel,
    shut: RunningLevel,
}

/// One observation, measured but not yet set against the levels.
#[derive(Debug, Clone)]
struct Measured {
    empty: Sample,
    face: Option<Geometry>,
    /// Time that this frame stands for, seconds.
    interval_s: f64,
}

#[derive(Debug, Clone)]
struct Geometry {
    eyes: PerSide<Option<EyeGeometry>>,
    face_unit_px: f64,
    /// The iris is large enough to tell where it looks.
    sees_iris: bool,
    /// What the eyes' own pictures say of their lids.
    lids: PerSide<Option<LidPicture>>,
    skin: Option<SkinMotion>,
}

impl SignalStage {
    /// A stage that has seen nothing.
    #[must_use]
    pub fn new(thresholds: &SignalThresholds) -> Self {
        let t = thresholds;
        let levels = || EyeLevels {
            opening: RunningLevel::new(f64::from(t.open_quantile), t.level_time_s, 0.0, 1.0),
            gaze: RunningLevel::new(0.5, t.level_time_s, -0.5, 0.5),
            brow: RunningLevel::new(0.5, t.level_time_s, 0.0, 2.0),
            width: RunningLevel::new(0.5, t.level_time_s, 0.0, 0.6),
            picture: RunningLevel::new(0.5, t.level_time_s, 0.0, 1.0),
            shut: RunningLevel::new(0.5, t.level_time_s, 0.0, 1.0),
        };
        Self {
            thresholds: t.clone(),
            eyes: PerSide::from_fn(|_| levels()),
            waiting: Some(VecDeque::new()),
            waited_s: 0.0,
            opened: false,
            last: None,
        }
    }

    /// Takes the next observation.
    pub fn push(&mut self, observation: &FaceObservation) -> Signals {
        let measured = self.measure(observation);
        if measured.face.is_some() {
            self.learn(&measured);
        }
        let sample = self.read(&measured);
        let Some(waiting) = &mut self.waiting else {
            return Signals {
                preview: Some(sample.clone()),
                settled: vec![sample],
                provisional: false,
            };
        };
        if measured.face.is_some() {
            self.waited_s += measured.interval_s;
        }
        waiting.push_back(measured);
        let (waited_s, t) = (self.waited_s, &self.thresholds);
        let known = waited_s >= t.settle_s && (self.opened || waited_s >= t.settle_most_s);
        let settled = if known { self.settle() } else { Vec::new() };
        Signals { preview: Some(sample), settled, provisional: !self.opened }
    }

    /// Ends the recording and hands on what was still held back.
    pub fn finish(&mut self) -> Vec<Sample> {
        self.settle()
    }

    fn settle(&mut self) -> Vec<Sample> {
        let waiting = self.waiting.take().unwrap_or_default();
        waiting.iter().map(|measured| self.read(measured)).collect()
    }

    fn measure(&mut self, observation: &FaceObservation) -> Measured {
        let face = observation.face.as_deref().ok();
        let track = face.map(|face| face.track);
        let interval_s = match (self.last, track) {
            (Some((last, time)), Some(track)) if last == track => {
                (observation.time_s - time).max(0.0)
            }
            _ => 0.0,
        };
        self.last = track.map(|track| (track, observation.time_s));
        Measured {
            empty: Sample {
                track,
                presence: face.map_or(0.0, |face| face.presence),
                visible: face.map_or_else(PerPlace::default, |face| face.visible),
                repeat: face.is_some_and(|face| face.repeat),
                pose: face.map(|face| face.pose),
                ..Sample::gap(observation.index, observation.time_s)
            },
            face: face.map(|face| Geometry::measure(face, &self.thresholds)),
            interval_s,
        }
    }

    fn learn(&mut self, measured: &Measured) {
        let Some(face) = &measured.face else { return };
        let seconds = measured.interval_s;
        for side in Side::BOTH {
            let Some(geometry) = face.eyes[side] else { continue };
            let eye = Place::new(Region::Periocular, side);
            if measured.empty.visible[eye] < self.thresholds.hidden_below {
                continue;
            }
            self.opened |= geometry.opening >= f64::from(self.thresholds.open_least);
            let levels = &mut self.eyes[side];
            // A lid that is down says little about the open level: a spasm of minutes must not
            // become the new normal.
            let level = levels.opening.get();
            let below = |aperture: f32| {
                level.is_some_and(|level| geometry.opening < level * f64::from(aperture))
            };
            let down = below(self.thresholds.lid_down_aperture);
            let weight = if down { f64::from(self.thresholds.lid_down_weight) } else { 1.0 };
            levels.opening.push(geometry.opening, seconds, weight);
            levels.gaze.push(geometry.gaze_down, seconds, weight);
            levels.brow.push(geometry.brow, seconds, weight);
            levels.width.push(geometry.width_px / face.face_unit_px, seconds, 1.0);
            let Some(picture) = face.lids[side] else { continue };
            let closed = f64::from(picture.closed);
            if !down {
                levels.picture.push(closed, seconds, 1.0);
            } else if below(self.thresholds.lid_shut_aperture)
                && picture.likeness >= self.thresholds.picture_likeness_min
            {
                levels.shut.push(closed, seconds, 1.0);
            }
        }
    }

    fn read(&self, measured: &Measured) -> Sample {
        let mut sample = measured.empty.clone();
        let Some(face) = &measured.face else { return sample };
        let visible = sample.visible;
        let seen = |place: Place| visible[place] >= self.thresholds.hidden_below;
        let t = &self.thresholds;
        // A lid that never shuts has no picture of that: what its fellow shows counts for both.
        let shut = Side::BOTH.into_iter().filter_map(|side| self.eyes[side].shut_picture());
        let shut = shut.reduce(f32::max).unwrap_or(t.picture_shut);
        let closed = PerSide::from_fn(|side| self.eyes[side].pictured(face.lids[side], shut, t));
        for side in Side::BOTH {
            let Some(geometry) = face.eyes[side] else { continue };
            let pictured = [closed[side], closed[side.opposite()]];
            let eye = self.eyes[side].read(&geometry, face.sees_iris, pictured, t);
            let Some(eye) = eye else { continue };
            let place = Place::new(Region::Periocular, side);
            if seen(place) {
                sample.eyes[side] = Some(eye);
                sample.displacement[place] = Some(eye.closure_mfu());
            }
        }
        if let Some(skin) = &face.skin {
            for (place, motion) in skin.places.iter() {
                if place.region != Region::Periocular && seen(place) {
                    sample.displacement[place] = motion.map(|motion| along_pull(place, motion));
                }
            }
        }
        sample
    }
}

impl EyeLevels {
    /// The eye against its levels; `pictured` is how far the pictures of this eye and of the other
    /// see the lids down.
    fn read(
        &self,
        geometry: &EyeGeometry,
        sees_iris: bool,
        pictured: [Option<f32>; 2],
        t: &SignalThresholds,
    ) -> Option<EyeSample> {
        let open = self.opening.get().filter(|level| *level > 0.0)?;
        let gaze = self.gaze.get().filter(|_| sees_iris);
        let mesh = (geometry.opening / open) as f32;
        let (aperture, aperture_error) = fused(mesh, pictured, t);
        Some(EyeSample {
            aperture,
            aperture_error,
            opening: geometry.opening as f32,
            open: open as f32,
            width: self.width.get()? as f32,
            gaze_down: gaze.map(|level| (geometry.gaze_down - level) as f32),
            brow_up: (geometry.brow - self.brow.get()?) as f32,
        })
    }

    /// How far the eye's own picture sees the lids down, from what it sees of open ones, 0, to what
    /// it sees of shut ones, 1; `None` where it is not like the subject's own. Lids that are
    /// nearly down look much as shut ones do, so that only the last part of the way is stretched.
    fn pictured(
        &self,
        picture: Option<LidPicture>,
        shut: f32,
        t: &SignalThresholds,
    ) -> Option<f32> {
        let picture = picture.filter(|picture| picture.likeness >= t.picture_likeness_min)?;
        let closed = self.above_rest(picture.closed)?;
        let [from, least] = t.picture_stretched;
        let stretch = (1.0 - from) / (shut.max(least) - from);
        Some(if closed > from { (from + stretch * (closed - from)).min(1.0) } else { closed })
    }

    /// What the eye's picture sees of the shut lids.
    fn shut_picture(&self) -> Option<f32> {
        self.above_rest(self.shut.get()? as f32)
    }

    fn above_rest(&self, closed: f32) -> Option<f32> {
        let rest = self.picture.get().map(|rest| rest as f32).filter(|rest| *rest < 0.5)?;
        Some(((closed - rest) / (1.0 - rest)).max(0.0))
    }
}

/// The aperture by mesh and picture, and its error.
///
/// The mesh reads lids too far open where eyes are washed out, small or dim: where both see one
/// eye's lids come down and the picture sees more of it, the truth lies between. Where the other
/// eye's picture shows the same, both may look down, of which a picture sees too much, and the mesh
/// alone counts. And it takes a lid that is most of the way down for shut: where the picture sees
/// less of that, and less than the other eye's does, the lid stays behind its fellow, and what the
/// picture sees counts for more. What the two differ by widens the error.
fn fused(mesh: f32, [own, other]: [Option<f32>; 2], t: &SignalThresholds) -> (f32, f32) {
    let Some(own) = own else { return (mesh, t.aperture_error) };
    let between = |x: f32, [from, to]: [f32; 2]| ((x - from) / (to - from)).clamp(0.0, 1.0);
    let closed = 1.0 - mesh;
    let more = own - closed;
    let share = if more > 0.0 {
        let falls = between(closed, [t.picture_from, 2.0 * t.picture_from]);
        let alone = other.is_some_and(|other| other < 0.5 * own);
        if alone { t.picture_part * falls } else { 0.0 }
    } else {
        let behind = other.map_or(0.0, |other| between(other - own, t.picture_behind));
        t.picture_less * behind * between(closed, t.mesh_saturates)
    };
    (mesh - share * more, t.aperture_error.hypot(0.5 * (1.0 - share) * more))
}

impl Geometry {
    fn measure(face: &Face, thresholds: &SignalThresholds) -> Self {
        Self {
            eyes: PerSide::from_fn(|side| EyeGeometry::measure(&face.landmarks, side)),
            face_unit_px: f64::from(face.pose.face_unit_px).max(1.0),
            sees_iris: face.pose.face_unit_px >= thresholds.gaze_min_px,
            lids: face.lids,
            skin: face.skin.clone(),
        }
    }
}

/// Displacement along the direction in which a place's muscles pull, mFU.
fn along_pull(place: Place, [lateral, up]: [f32; 2]) -> f32 {
    let [pull_lateral, pull_up] = pull(place);
    lateral * pull_lateral + up * pull_up
}

/// Unit vector `[lateral, up]` of a place's pull, from the course of its muscles.
///
/// Zygomaticus major and risorius draw the mouth corner out and up; zygomaticus minor, levator
/// labii and orbicularis oculi lift the cheek; frontalis lifts the brow straight up; mentalis
/// lifts the chin. On the midline the chin goes down as the jaw opens.
#[must_use]
const fn pull(place: Place) -> [f32; 2] {
    if place.side.is_none() {
        return [0.0, -1.0];
    }
    match place.region {
        // 30 degrees above the horizontal.
        Region::MouthCorner => [0.866, 0.5],
        // 75 degrees above the horizontal.
        Region::Cheek => [0.259, 0.966],
        Region::Forehead | Region::Jaw | Region::Periocular => [0.0, 1.0],
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::anatomy::{LANDMARKS, eye};
    use crate::face::{GapReason, HeadPose};

    const FPS: f64 = 30.0;

    /// A flat face whose lids stand `open` (fraction of fissure width) apart.
    fn observation(index: u64, open: PerSide<f64>) -> FaceObservation {
        let mut landmarks = [[0.0; 3]; LANDMARKS];
        for (side, outward) in [(Side::Left, 1.0), (Side::Right, -1.0)] {
            let marks = eye(side);
            let at = |x: f64, y: f64| [(200.0 + outward * x) as f32, (200.0 + y) as f32, 0.0];
            landmarks[marks.outer] = at(90.0, 0.0);
            landmarks[marks.inner] = at(30.0, 0.0);
            for i in 0..7 {
                let x = 85.0 - 8.0 * i as f64;
                landmarks[marks.upper[i]] = at(x, -60.0 * open[side] * 0.6);
                landmarks[marks.lower[i]] = at(x, 60.0 * open[side] * 0.4);
            }
            for point in marks.brow {
                landmarks[point] = at(60.0, -50.0);
            }
            landmarks[marks.iris[0]] = at(60.0, 0.0);
        }
        let pose = HeadPose { face_unit_px: 180.0, ..HeadPose::default() };
        FaceObservation {
            index,
            time_s: index as f64 / FPS,
            after_loss: false,
            face: Ok(Box::new(Face::new(0, 1.0, landmarks, pose))),
            other_faces: false,
        }
    }

    fn samples(observations: &[FaceObservation]) -> Vec<Sample> {
        let mut stage = SignalStage::new(&SignalThresholds::default());
        let mut samples: Vec<Sample> =
            observations.iter().flat_map(|o| stage.push(o).settled).collect();
        samples.extend(stage.finish());
        samples
    }

    fn aperture(sample: &Sample, side: Side) -> f32 {
        sample.eyes[side].unwrap().aperture
    }

    #[test]
    fn a_closing_eye_moves_its_own_side_alone() {
        let open = PerSide { left: 0.3, right: 0.24 };
        let wink = PerSide { left: 0.03, right: 0.24 };
        let all: Vec<_> = (0..300)
            .map(|i| observation(i, if (150..160).contains(&i) { wink } else { open }))
            .collect();
        let samples = samples(&all);
        assert_eq!(samples.len(), all.len());
        assert!((aperture(&samples[100], Side::Left) - 1.0).abs() < 0.02);
        assert!((aperture(&samples[100], Side::Right) - 1.0).abs() < 0.02);
        assert!((aperture(&samples[155], Side::Left) - 0.1).abs() < 0.02);
        assert!((aperture(&samples[155], Side::Right) - 1.0).abs() < 0.02);
        let closure =
            samples[155].displacement[Place::new(Region::Periocular, Side::Left)].unwrap();
        // 0.27 of a fissure a third of a face unit wide.
        assert!((closure - 90.0).abs() < 2.0, "{closure}");
    }

    #[test]
    fn a_recording_that_begins_with_shut_eyes_reads_them_as_shut() {
        let [shut, open] = [0.03, 0.3].map(|v| PerSide { left: v, right: v });
        let all: Vec<_> =
            (0..150).map(|i| observation(i, if i < 15 { shut } else { open })).collect();
        let samples = samples(&all);
        assert!(aperture(&samples[0], Side::Left) < 0.2);
        assert!((aperture(&samples[20], Side::Left) - 1.0).abs() < 0.02);
    }

    #[test]
    fn an_eye_shut_for_minutes_does_not_become_the_open_level() {
        let open = PerSide { left: 0.3, right: 0.3 };
        let spasm = PerSide { left: 0.05, right: 0.3 };
        let all: Vec<_> =
            (0..30 * 200).map(|i| observation(i, if i < 600 { open } else { spasm })).collect();
        let samples = samples(&all);
        assert!(aperture(samples.last().unwrap(), Side::Left) < 0.25);
        assert!((aperture(samples.last().unwrap(), Side::Right) - 1.0).abs() < 0.02);
    }

    #[test]
    fn skin_is_read_along_the_pull_of_its_place_and_a_falling_chin_opens_the_jaw() {
        let open = PerSide { left: 0.3, right: 0.3 };
        let mut seen = observation(0, open);
        let moved = |place: Place| match (place.region, place.side) {
            (Region::MouthCorner, Some(Side::Left)) => Some([20.0, 0.0]),
            (Region::Jaw, None) => Some([0.0, -30.0]),
            (Region::Cheek, Some(Side::Right)) => None,
            _ => Some([0.0, 0.0]),
        };
        let places = PerPlace::from_fn(moved);
        let face = seen.face.as_mut().unwrap();
        face.skin = Some(SkinMotion { places, ..SkinMotion::default() });
        let read = samples(&[seen])[0].displacement;
        let near = |a: Option<f32>, b: f32| (a.unwrap() - b).abs() < 0.1;
        assert!(near(read[Place::new(Region::MouthCorner, Side::Left)], 17.3));
        assert!(near(read[Place::JAW_MIDLINE], 30.0));
        assert_eq!(read[Place::new(Region::Cheek, Side::Right)], None);
        assert!(near(read[Place::new(Region::Forehead, Side::Left)], 0.0));
    }

    #[test]
    fn a_washed_out_eye_that_closes_alone_is_read_between_mesh_and_picture() {
        let t = SignalThresholds::default();
        let (alone, error) = fused(0.46, [Some(0.86), Some(0.02)], &t);
        assert!((0.28..0.35).contains(&alone), "{alone}");
        assert!(error > t.aperture_error);
        let (both, wider) = fused(0.46, [Some(0.86), Some(0.8)], &t);
        assert!((both - 0.46).abs() < 1e-6 && wider > error, "{both} {wider}");
        assert_eq!(fused(0.98, [Some(0.1), Some(0.0)], &t).0, 0.98);
        assert_eq!(fused(0.5, [None, Some(0.0)], &t), (0.5, t.aperture_error));
    }

    #[test]
    fn a_lid_that_stops_part_of_the_way_and_that_the_mesh_takes_for_shut_is_read_between() {
        let t = SignalThresholds::default();
        let stage = SignalStage::new(&t);
        let mut levels = stage.eyes.left;
        levels.picture.push(0.0, 1.0, 1.0);
        let read = |closed: f32| {
            let picture = LidPicture { closed, likeness: 0.9 };
            fused(0.1, [levels.pictured(Some(picture), 0.8, &t), Some(1.0)], &t).0
        };
        assert!((0.25..0.35).contains(&read(0.6)), "{}", read(0.6));
        assert!((read(0.8) - 0.1).abs() < 0.01, "{}", read(0.8));
        // What both see is what it is.
        assert_eq!(fused(0.6, [Some(0.4), Some(0.4)], &t).0, 0.6);
    }

    #[test]
    fn a_gap_stays_a_gap() {
        let open = PerSide { left: 0.3, right: 0.3 };
        let all: Vec<_> = (0..200)
            .map(|i| {
                let mut seen = observation(i, open);
                if (120..130).contains(&i) {
                    seen.face = Err(GapReason::NoFace);
                }
                seen
            })
            .collect();
        let samples = samples(&all);
        assert!(samples[125].track.is_none());
        assert!(samples[125].eyes.left.is_none());
        assert!(samples[125].displacement.0.iter().all(Option::is_none));
        assert!(samples[135].eyes.left.is_some());
    }
}
