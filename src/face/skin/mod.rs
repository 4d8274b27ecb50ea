//! Motion of the skin with the head's motion removed.
//!
//! The mesh flattens the skin; the pixels do not. Each frame is resampled as if the face were
//! seen from the front (`unwrap`, by the subject's own `shape` and a `steady` turn), dense flow
//! is taken from a neutral `reference`, what is left of the head's motion is fitted to that flow
//! and removed (`head`), and the skin around each place is registered (`patch`).

mod canvas;
#[cfg(test)]
mod doll;
mod head;
mod patch;
mod reference;
mod shape;
mod steady;
mod unwrap;

use opencv::core::{Mat, Ptr, Vec2f};
use opencv::prelude::*;
use opencv::video::{DISOpticalFlow, DISOpticalFlow_PRESET_ULTRAFAST};

use self::canvas::{Canvas, anatomical};
use self::head::HeadMotion;
use self::patch::Scratch;
use self::reference::{Reference, smoothed};
use self::shape::NeutralShape;
use self::steady::SteadyTurn;
use self::unwrap::{Cutout, Mapping, Unwrapper};
use super::pose::HeadFit;
use super::{Face, FaceError, SkinMotion};
use crate::anatomy::{PerPlace, Place};
use crate::source::Frame;
use crate::thresholds::SkinThresholds;

/// Age of a track at which the learnt shape is first taken up, seconds, and how much later each
/// time: early, while the first frame alone made the shape, then ever less often (judgment).
const FIRST_REVIEW_S: f64 = 0.5;
const REVIEW_GROWTH: f64 = 4.0;

/// Follows the skin of the one subject from frame to frame; looks at no future frame.
#[derive(Debug)]
pub struct SkinTracker {
    thresholds: SkinThresholds,
    bench: Bench,
    subject: Option<Subject>,
    references: u32,
}

/// What is known of the subject in one track.
#[derive(Debug)]
struct Subject {
    track: u32,
    setup: Setup,
    turn: SteadyTurn,
    /// The shape as learnt so far, taken up at the next review.
    learnt: NeutralShape,
    started_s: f64,
    next_review_s: f64,
    /// Where the reference came from, to unwrap it anew.
    source: Cutout,
    landmarks: Box<super::Landmarks>,
    fit: HeadFit,
    /// The motion last measured at each place, pixels.
    last: PerPlace<Option<[f32; 2]>>,
    /// What to add to a motion so that reviews make no step, pixels.
    ties: PerPlace<[f32; 2]>,
}

/// A shape, and all that follows from it.
#[derive(Debug)]
struct Setup {
    shape: NeutralShape,
    canvas: Canvas,
    reference: Reference,
}

/// What one frame shows at each place.
type Reading = PerPlace<Option<patch::Found>>;

impl SkinTracker {
    /// A tracker that has seen nothing.
    ///
    /// # Errors
    /// [`FaceError::Picture`] when OpenCV refuses.
    pub fn new(thresholds: &SkinThresholds) -> Result<Self, FaceError> {
        let bench = Bench::new()?;
        Ok(Self { thresholds: thresholds.clone(), bench, subject: None, references: 0 })
    }

    /// Measures the skin in the next frame. The first frame of a track becomes its reference.
    /// `None` where the head cannot be placed or shows too little skin.
    ///
    /// # Errors
    /// [`FaceError::Picture`] when OpenCV refuses.
    pub fn measure(&mut self, frame: &Frame, face: &Face) -> Result<Option<SkinMotion>, FaceError> {
        let mut subject = match self.subject.take().filter(|s| s.track == face.track) {
            Some(subject) => subject,
            None => {
                let Some(subject) = self.bench.meet(frame, face, &self.thresholds)? else {
                    return Ok(None);
                };
                self.references += 1;
                subject
            }
        };
        let motion = self.bench.follow(&mut subject, frame, face, &self.thresholds);
        self.subject = Some(subject);
        Ok(motion?.map(|mut motion| {
            motion.reference = self.references;
            motion
        }))
    }
}

/// The tools and their buffers.
struct Bench {
    flow: Ptr<DISOpticalFlow>,
    unwrapper: Unwrapper,
    mapping: Mapping,
    cutout: Cutout,
    image: Mat,
    smooth: Mat,
    distances: Vec<f32>,
    scratch: Scratch,
}

impl std::fmt::Debug for Bench {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Bench").field("mapping", &self.mapping).finish_non_exhaustive()
    }
}

impl Bench {
    fn new() -> Result<Self, FaceError> {
        Ok(Self {
            flow: DISOpticalFlow::create(DISOpticalFlow_PRESET_ULTRAFAST)?,
            unwrapper: Unwrapper::default(),
            mapping: Mapping::new()?,
            cutout: Cutout::default(),
            image: Mat::default(),
            smooth: Mat::default(),
            distances: Vec::new(),
            scratch: Scratch::default(),
        })
    }

    /// Takes the first frame of a track as reference.
    fn meet(
        &mut self,
        frame: &Frame,
        face: &Face,
        thresholds: &SkinThresholds,
    ) -> Result<Option<Subject>, FaceError> {
        let Some(shape) = NeutralShape::first(&face.landmarks) else { return Ok(None) };
        let Some(fit) = shape.fit(&face.landmarks) else { return Ok(None) };
        let canvas = Canvas::new(&shape);
        self.mapping.lay(&canvas, &fit)?;
        self.cutout = Cutout::default();
        if !self.unwrapper.cut(frame, &self.mapping, &mut self.cutout)? {
            return Ok(None);
        }
        self.unwrapper.unwrap(&self.cutout, &self.mapping, &mut self.image)?;
        let reference = Reference::new(&canvas, &self.image, thresholds)?;
        Ok(Some(Subject {
            track: face.track,
            turn: SteadyTurn::new(&fit, frame.time_s),
            learnt: shape.clone(),
            setup: Setup { shape, canvas, reference },
            started_s: frame.time_s,
            next_review_s: FIRST_REVIEW_S,
            source: self.cutout.keep()?,
            landmarks: Box::new(face.landmarks),
            fit,
            last: PerPlace::default(),
            ties: PerPlace::default(),
        }))
    }

    fn follow(
        &mut self,
        subject: &mut Subject,
        frame: &Frame,
        face: &Face,
        thresholds: &SkinThresholds,
    ) -> Result<Option<SkinMotion>, FaceError> {
        let Some(seen) = subject.setup.shape.fit(&face.landmarks) else { return Ok(None) };
        let fit = subject.turn.follow(&seen, &subject.setup.shape, frame.time_s, thresholds);
        let Some(reading) = self.read(&subject.setup, &fit, &subject.last, frame, thresholds)?
        else {
            return Ok(None);
        };
        let motion = SkinMotion {
            reference: 0,
            places: PerPlace::from_fn(|place| {
                let [x, y] = reading[place]?.motion;
                let tie = subject.ties[place];
                Some(anatomical(place, [x + tie[0], y + tie[1]]))
            }),
            likeness: PerPlace::from_fn(|place| reading[place].map_or(0.0, |f| f.likeness)),
        };
        subject.last = PerPlace::from_fn(|place| reading[place].map(|found| found.motion));
        subject.learnt.learn(&seen, &face.landmarks);
        let age = frame.time_s - subject.started_s;
        if age >= subject.next_review_s {
            subject.next_review_s *= REVIEW_GROWTH;
            self.review(subject, &fit, frame, face, thresholds)?;
        }
        Ok(Some(motion))
    }

    /// Takes up the learnt shape and ties what the new one measures in this frame to what the
    /// old one did.
    fn review(
        &mut self,
        subject: &mut Subject,
        fit: &HeadFit,
        frame: &Frame,
        face: &Face,
        thresholds: &SkinThresholds,
    ) -> Result<(), FaceError> {
        subject.learnt.center();
        let shape = subject.learnt.clone();
        let fits = (shape.fit(&subject.landmarks), shape.fit(&face.landmarks));
        let (Some(then), Some(now)) = fits else { return Ok(()) };
        let then = steady::turned(&then, subject.fit.rotation, &shape);
        let now = steady::turned(&now, fit.rotation, &shape);
        let canvas = Canvas::new(&shape);
        self.mapping.lay(&canvas, &then)?;
        self.unwrapper.unwrap(&subject.source, &self.mapping, &mut self.image)?;
        let reference = Reference::new(&canvas, &self.image, thresholds)?;
        let setup = Setup { shape, canvas, reference };
        let Some(reading) = self.read(&setup, &now, &subject.last, frame, thresholds)? else {
            return Ok(());
        };
        for place in Place::ALL {
            if let (Some(old), Some(new)) = (subject.last[place], reading[place]) {
                let tie = &mut subject.ties[place];
                *tie = [tie[0] + old[0] - new.motion[0], tie[1] + old[1] - new.motion[1]];
            }
        }
        subject.last = PerPlace::from_fn(|place| reading[place].map(|found| found.motion));
        (subject.fit, subject.setup) = (then, setup);
        Ok(())
    }

    /// Compares a frame with the reference; `None` where the head cannot be placed.
    fn read(
        &mut self,
        setup: &Setup,
        fit: &HeadFit,
        last: &PerPlace<Option<[f32; 2]>>,
        frame: &Frame,
        thresholds: &SkinThresholds,
    ) -> Result<Option<Reading>, FaceError> {
        let Setup { canvas, reference, .. } = setup;
        self.mapping.lay(canvas, fit)?;
        if !self.unwrapper.cut(frame, &self.mapping, &mut self.cutout)? {
            return Ok(None);
        }
        self.unwrapper.unwrap(&self.cutout, &self.mapping, &mut self.image)?;
        smoothed(&self.image, &mut self.smooth)?;
        // A flow handed in would be taken for a first guess, so this one is new each time.
        let mut flow = Mat::default();
        self.flow.calc(&reference.image, &self.image, &mut flow)?;
        let flow = flow.data_typed::<Vec2f>()?;
        let Some(head) = HeadMotion::fit(&reference.anchors, flow, &mut self.distances) else {
            return Ok(None);
        };
        let smooth = self.smooth.data_bytes()?;
        let mut reading = Reading::default();
        for place in Place::ALL {
            let patch = &reference.patches[place];
            let (view, inside) = self.mapping.view(canvas.places[place], frame)?;
            if !inside || view < thresholds.view_min || patch.contrast() < thresholds.contrast_min {
                continue;
            }
            let coarse = patch.coarse(flow, &head);
            let starts = [coarse, last[place].unwrap_or(coarse), [0.0; 2]];
            let found = patch.find(smooth, &head, coarse, &starts, &mut self.scratch);
            reading[place] = (found.likeness >= thresholds.likeness_min).then_some(found);
        }
        Ok(Some(reading))
    }
}

#[cfg(test)]
mod tests {
    use nalgebra::{Rotation3, Vector3};

    use super::doll::{self, Pose};
    use super::*;
    use crate::anatomy::{Region, Side};

    fn tracker() -> SkinTracker {
        SkinTracker::new(&SkinThresholds::default()).unwrap()
    }

    /// What the last of several poses reads, a thirtieth of a second apart.
    fn last(poses: impl IntoIterator<Item = Pose>) -> SkinMotion {
        let mut tracker = tracker();
        let mut motion = None;
        for (i, mut pose) in poses.into_iter().enumerate() {
            pose.time_s = i as f64 / 30.0;
            motion = tracker.measure(&doll::frame(&pose), &doll::face(&pose)).unwrap();
        }
        motion.unwrap()
    }

    fn most(motion: &SkinMotion) -> f32 {
        let size = |m: &Option<[f32; 2]>| m.map_or(f32::INFINITY, |[x, y]| x.hypot(y));
        motion.places.iter().map(|(_, m)| size(m)).fold(0.0, f32::max)
    }

    fn pulled(x: f64, y: f64, right: f64, down: f64) -> Pose {
        Pose { pulls: vec![([x, y], [right, down], 0.16)], ..Pose::default() }
    }

    #[test]
    fn a_pulled_mouth_corner_moves_on_its_own_side_only() {
        let motion = last([Pose::default(), pulled(0.28, 0.78, 0.03, -0.03)]);
        let [lateral, up] = motion.places[Place::new(Region::MouthCorner, Side::Left)].unwrap();
        assert!((15.0..33.0).contains(&lateral) && (15.0..33.0).contains(&up), "{motion:?}");
        for region in Region::ALL {
            let [x, y] = motion.places[Place::new(region, Side::Right)].unwrap();
            assert!(x.hypot(y) < 1.5, "{region}: {x} {y}");
        }
    }

    #[test]
    fn lateral_is_outward_on_both_sides() {
        let right = last([Pose::default(), pulled(-0.28, 0.78, -0.03, 0.0)]);
        let [lateral, up] = right.places[Place::new(Region::MouthCorner, Side::Right)].unwrap();
        assert!((15.0..33.0).contains(&lateral) && up.abs() < 3.0, "{right:?}");
    }

    #[test]
    fn a_lifted_brow_moves_up_and_leaves_the_rest() {
        let motion = last([Pose::default(), pulled(0.33, -0.2, 0.0, -0.04)]);
        let [lateral, up] = motion.places[Place::new(Region::Forehead, Side::Left)].unwrap();
        assert!((20.0..44.0).contains(&up) && lateral.abs() < 4.0, "{motion:?}");
        let [x, y] = motion.places[Place::new(Region::Forehead, Side::Right)].unwrap();
        assert!(x.hypot(y) < 1.5, "{x} {y}");
    }

    #[test]
    fn a_head_that_shifts_tilts_and_comes_nearer_leaves_the_skin_still() {
        let tilt = Rotation3::from_axis_angle(&Vector3::z_axis(), 0.15);
        let moved =
            Pose { origin: [188.3, 116.4], unit_px: 123.0, rotation: tilt, ..Pose::default() };
        let motion = last([Pose::default(), moved]);
        assert!(most(&motion) < 2.0, "{motion:?}");
    }

    #[test]
    fn a_head_that_turns_leaves_the_skin_still() {
        let poses = (0..15).map(|i| Pose {
            rotation: Rotation3::from_axis_angle(&Vector3::y_axis(), 0.014 * f64::from(i)),
            ..Pose::default()
        });
        let motion = last(poses);
        assert!(most(&motion) < 5.0, "{motion:?}");
    }

    #[test]
    fn darker_light_is_no_motion() {
        let dim = Pose { gain: 0.7, offset: 12.0, ..Pose::default() };
        let motion = last([Pose::default(), dim]);
        assert!(most(&motion) < 1.0, "{motion:?}");
    }

    #[test]
    fn a_mirrored_picture_swaps_the_sides_and_nothing_else() {
        let pose = pulled(0.28, 0.78, 0.03, -0.03);
        let motion = last([Pose::default(), pose.clone()]);
        let mut tracker = tracker();
        let mut mirrored = None;
        for pose in [Pose::default(), pose] {
            let mut frame = doll::frame(&pose);
            frame.mirror();
            let middle = doll::WIDTH as f64 - 1.0 - pose.origin[0];
            let face = doll::face(&Pose { origin: [middle, pose.origin[1]], ..pose });
            mirrored = tracker.measure(&frame, &face).unwrap();
        }
        let mirrored = mirrored.unwrap();
        for place in Place::ALL.into_iter().filter(|place| place.side.is_some()) {
            let ([a, b], [c, d]) =
                (motion.places[place].unwrap(), mirrored.places[place.mirrored()].unwrap());
            assert!((a - c).hypot(b - d) < 1.0, "{place}: {a} {b} against {c} {d}");
        }
    }

    #[test]
    fn taking_up_the_learnt_shape_makes_no_step() {
        let mut tracker = tracker();
        let mut before: Option<SkinMotion> = None;
        for i in 0..18 {
            let pose = Pose { time_s: f64::from(i) / 30.0, ..pulled(0.28, 0.78, 0.02, -0.02) };
            let pose = if i == 0 { Pose::default() } else { pose };
            let motion = tracker.measure(&doll::frame(&pose), &doll::face(&pose)).unwrap();
            let motion = motion.unwrap();
            if let Some(before) = before.filter(|_| i > 1) {
                for (place, now) in motion.places.iter() {
                    let ([a, b], [c, d]) = (now.unwrap(), before.places[place].unwrap());
                    assert!((a - c).hypot(b - d) < 0.2, "frame {i}, {place}");
                }
            }
            before = Some(motion);
        }
    }

    #[test]
    fn a_new_track_has_a_new_reference() {
        let mut tracker = tracker();
        let first = Pose::default();
        let again = Pose { track: 2, time_s: 1.0, ..pulled(0.28, 0.78, 0.03, -0.03) };
        let mut read =
            |pose| tracker.measure(&doll::frame(pose), &doll::face(pose)).unwrap().unwrap();
        let (one, two) = (read(&first), read(&again));
        assert_ne!(one.reference, two.reference);
        assert!(most(&two) < 0.1, "{two:?}");
    }

    #[test]
    fn skin_beyond_the_frame_is_not_measured() {
        let low = Pose { origin: [180.0, 215.0], ..Pose::default() };
        let motion = last([low.clone(), low]);
        assert_eq!(motion.places[Place::new(Region::Jaw, Side::Left)], None);
        assert!(motion.places[Place::new(Region::Forehead, Side::Left)].is_some());
    }

    #[test]
    fn bare_skin_without_texture_is_not_measured() {
        let flat = Pose { gain: 0.0, offset: 128.0, ..Pose::default() };
        let mut tracker = tracker();
        assert!(tracker.measure(&doll::frame(&flat), &doll::face(&flat)).unwrap().is_none());
    }

    #[test]
    fn landmarks_that_are_no_head_measure_nothing() {
        let mut face = doll::face(&Pose::default());
        face.landmarks = [[5.0; 3]; crate::anatomy::LANDMARKS];
        assert!(tracker().measure(&doll::frame(&Pose::default()), &face).unwrap().is_none());
    }
}
