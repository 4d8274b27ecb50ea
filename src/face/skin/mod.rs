//! Motion of the skin with the head's motion removed.
//!
//! The mesh flattens the skin; the pixels do not. Each frame is resampled as if the face were
//! seen from the front (`unwrap`, by the subject's own `shape` and a `steady` turn), coarse `flow`
//! is taken from a neutral `reference`, what is left of the head's motion is fitted to that flow
//! and removed (`head`), and the skin around each place is registered (`patch`).

mod bench;
mod canvas;
#[cfg(test)]
mod doll;
mod eye_picture;
mod flow;
mod head;
mod keys;
mod lids;
mod look;
mod patch;
mod reference;
mod shape;
mod sight;
mod steady;
mod unwrap;

use std::collections::VecDeque;

use self::bench::Bench;
use self::canvas::{Canvas, anatomical, seen_places};
use self::keys::{Keys, Motions, Reading, Shown};
use self::shape::NeutralShape;
use self::sight::{Seen, Sight};
use self::steady::{SteadyTurn, turned};
use super::pose::HeadFit;
use super::{Face, FaceError, Landmarks, LidPicture, SkinMotion};
use crate::anatomy::{PerPlace, PerSide, Place, Side};
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

/// What the skin stage says of one frame.
#[derive(Debug, Clone)]
pub struct Skin {
    /// Motion of the skin.
    pub motion: SkinMotion,
    /// Probability that each place is seen, 0 to 1; the periocular places stand for the eyes.
    pub visible: PerPlace<f32>,
    /// What the pictures of the eyes say of their lids.
    pub lids: PerSide<Option<LidPicture>>,
}

/// What is known of the subject in one track.
#[derive(Debug)]
struct Subject {
    track: u32,
    shape: NeutralShape,
    canvas: Canvas,
    turn: SteadyTurn,
    keys: Keys,
    sight: Sight,
    quiet: Quiet,
    /// The shape as learnt so far, taken up at the next review.
    learnt: NeutralShape,
    started_s: f64,
    last_s: f64,
    next_review_s: f64,
}

impl SkinTracker {
    /// A tracker that has seen nothing.
    ///
    /// # Errors
    /// [`FaceError::Picture`] when OpenCV refuses.
    pub fn new(thresholds: &SkinThresholds) -> Result<Self, FaceError> {
        let bench = Bench::new(thresholds)?;
        Ok(Self { thresholds: thresholds.clone(), bench, subject: None, references: 0 })
    }

    /// Measures the skin in the next frame. The first frame of a track becomes its reference.
    /// `None` where the head cannot be placed or shows too little skin.
    ///
    /// # Errors
    /// [`FaceError::Picture`] when OpenCV refuses.
    pub fn measure(&mut self, frame: &Frame, face: &Face) -> Result<Option<Skin>, FaceError> {
        let mut known = self.subject.take();
        if let Some(subject) = known.as_mut().filter(|subject| subject.track != face.track)
            && !subject.again(&mut self.bench, frame, face)?
        {
            known = None;
        }
        let mut subject = match known {
            Some(subject) => subject,
            None => {
                let Some(subject) = Subject::meet(&mut self.bench, frame, face)? else {
                    return Ok(None);
                };
                self.references += 1;
                subject
            }
        };
        let motion = subject.follow(&mut self.bench, frame, face, &self.thresholds);
        self.subject = Some(subject);
        Ok(motion?.map(|(shown, seen)| Skin {
            motion: SkinMotion {
                reference: self.references,
                places: PerPlace::from_fn(|place| Some(anatomical(place, shown.motions[place]?))),
                likeness: shown.likeness,
            },
            visible: seen.visible,
            lids: seen.lids,
        }))
    }
}

impl Subject {
    /// Takes the first frame of a track as the first key.
    fn meet(bench: &mut Bench, frame: &Frame, face: &Face) -> Result<Option<Self>, FaceError> {
        let Some(shape) = NeutralShape::first(&face.landmarks) else { return Ok(None) };
        let Some(fit) = shape.fit(&face.landmarks) else { return Ok(None) };
        let canvas = Canvas::new(&shape);
        if !bench.unwrap(&canvas, &fit, frame)? {
            return Ok(None);
        }
        let key = bench.key(&canvas, &fit, face)?;
        Ok(Some(Self {
            track: face.track,
            turn: SteadyTurn::new(&fit, frame.time_s),
            learnt: shape.clone(),
            shape,
            canvas,
            keys: Keys::new(key, frame.time_s),
            sight: Sight::default(),
            quiet: Quiet::default(),
            started_s: frame.time_s,
            last_s: frame.time_s,
            next_review_s: FIRST_REVIEW_S,
        }))
    }

    /// Goes on in another track, soon after the last: whether its first frame shows the same
    /// person. Shape, pictures and what each place looks like are kept.
    fn again(&mut self, bench: &mut Bench, frame: &Frame, face: &Face) -> Result<bool, FaceError> {
        if !(0.0..AGAIN_S).contains(&(frame.time_s - self.last_s)) {
            return Ok(false);
        }
        let Some(fit) = self.shape.fit(&face.landmarks) else { return Ok(false) };
        if !bench.unwrap(&self.canvas, &fit, frame)? {
            return Ok(false);
        }
        let places = seen_places(&fit, &face.landmarks);
        let hidden = self.sight.hidden();
        let mut matches = Vec::new();
        for key in self.keys.iter() {
            let expected = self.keys.expected(key);
            let compared = bench.compare(&self.canvas, key, &expected, &places, &hidden, frame)?;
            matches.push(compared.map_or(0.0, |(reading, _)| Keys::match_of(&reading)));
        }
        if !self.keys.resume(&matches, frame.time_s) {
            return Ok(false);
        }
        self.track = face.track;
        self.turn = SteadyTurn::new(&fit, frame.time_s);
        self.quiet = Quiet::default();
        Ok(true)
    }

    /// How far the skin is from neutral in the next frame, and how well it matches.
    fn follow(
        &mut self,
        bench: &mut Bench,
        frame: &Frame,
        face: &Face,
        thresholds: &SkinThresholds,
    ) -> Result<Option<(Shown, Seen)>, FaceError> {
        let Some(fit_now) = self.shape.fit(&face.landmarks) else { return Ok(None) };
        self.last_s = frame.time_s;
        let fit = self.turn.follow(&fit_now, &self.shape, frame.time_s, thresholds);
        if !bench.unwrap(&self.canvas, &fit, frame)? {
            return Ok(None);
        }
        let places = seen_places(&fit, &face.landmarks);
        let mut hidden = self.sight.hidden();
        let keys = &mut self.keys;
        let expected = keys.expected(keys.active());
        let Some((mut reading, head)) =
            bench.compare(&self.canvas, keys.active(), &expected, &places, &hidden, frame)?
        else {
            return Ok(None);
        };
        let looks = bench.looks(&self.canvas, &head, &reading, frame)?;
        let eyes = PerSide {
            left: bench.eye(&face.landmarks, Side::Left)?,
            right: bench.eye(&face.landmarks, Side::Right)?,
        };
        let hands = &face.hands;
        let seen = self.sight.take(&looks, &reading, &eyes, hands, frame.time_s, thresholds);
        let before = std::mem::replace(&mut hidden, self.sight.hidden());
        if hidden != before {
            // What has come or gone must not move the head in this frame already.
            let active = keys.active();
            let again = bench.compare(&self.canvas, active, &expected, &places, &hidden, frame)?;
            reading = again.map_or(reading, |(reading, _)| reading);
        }
        let mut rival = None;
        if let Some(key) = keys.rival(frame.time_s) {
            let expected = keys.expected(keys.get(key));
            rival = bench
                .compare(&self.canvas, keys.get(key), &expected, &places, &hidden, frame)?
                .map(|(reading, _)| (key, reading));
        }
        let in_sight = |reading: Reading| {
            PerPlace::from_fn(|place| reading[place].filter(|_| seen.visible[place] >= IN_SIGHT))
        };
        let rival = rival.map(|(key, reading)| (key, in_sight(reading)));
        let shown = keys.take(&in_sight(reading), rival, thresholds.likeness_min, frame.time_s);
        // A picture with something before the face is no picture of the subject.
        let covered = |place: &Place| looks[*place].is_some() && seen.visible[*place] < IN_SIGHT;
        let clear = !Place::ALL.iter().any(covered);
        self.learnt.learn(&fit_now, &face.landmarks);
        let quiet = self.quiet.take(&shown.motions, frame.time_s);
        if keys.want_another() && quiet && clear && self.turn.speed() < STILL_RAD_S {
            keys.add(bench.key(&self.canvas, &fit, face)?, &shown);
            self.sight.kept();
        }
        if frame.time_s - self.started_s >= self.next_review_s {
            self.next_review_s *= REVIEW_GROWTH;
            self.review(bench, &fit, frame, face, &shown, thresholds)?;
        }
        Ok(Some((shown, seen)))
    }

    /// Takes up the learnt shape. What the new one measures in this frame continues what the old
    /// one did.
    fn review(
        &mut self,
        bench: &mut Bench,
        fit: &HeadFit,
        frame: &Frame,
        face: &Face,
        shown: &Shown,
        thresholds: &SkinThresholds,
    ) -> Result<(), FaceError> {
        self.learnt.center();
        let shape = self.learnt.clone();
        let place = |landmarks: &Landmarks, before: &HeadFit| {
            Some(turned(&shape.fit(landmarks)?, before.rotation, &shape))
        };
        let Some(now) = place(&face.landmarks, fit) else { return Ok(()) };
        let canvas = Canvas::new(&shape);
        let fits: Option<Vec<HeadFit>> =
            self.keys.iter().map(|key| place(&key.landmarks, &key.fit)).collect();
        let Some(fits) = fits else { return Ok(()) };
        for (key, then) in self.keys.iter_mut().zip(&fits) {
            bench.unwrap_anew(&canvas, then, key)?;
        }
        (self.shape, self.canvas) = (shape, canvas);
        if bench.unwrap(&self.canvas, &now, frame)? {
            let places = seen_places(&now, &face.landmarks);
            let expected = self.keys.expected(self.keys.active());
            let active = self.keys.active();
            let hidden = self.sight.hidden();
            let compared =
                bench.compare(&self.canvas, active, &expected, &places, &hidden, frame)?;
            if let Some((reading, _)) = compared {
                self.keys.renew(shown, &reading, thresholds.likeness_min);
            }
        }
        Ok(())
    }
}

/// Probability of being seen from which a place is measured, as `SignalThresholds::hidden_below`.
const IN_SIGHT: f32 = 0.5;

/// Longest gap after which the same person is looked for, seconds (judgment: light and posture are
/// still the same).
const AGAIN_S: f64 = 10.0;

/// Speed of turning below which the head is still enough for a key, radians a second.
const STILL_RAD_S: f64 = 0.35;

/// Time over which skin must be quiet to become a key, seconds, and how little it may move in
/// that time, pixels.
const QUIET_S: f64 = 0.25;
const QUIET_PX: f32 = 0.8;

/// Whether the skin has been quiet lately.
#[derive(Debug, Default)]
struct Quiet(VecDeque<(f64, Motions)>);

impl Quiet {
    /// Takes in a frame; true when half the places have hardly moved for a while.
    fn take(&mut self, motions: &Motions, time_s: f64) -> bool {
        while self.0.get(1).is_some_and(|(then, _)| time_s - then >= QUIET_S) {
            self.0.pop_front();
        }
        let quiet = self.0.front().is_some_and(|(then, before)| {
            let still = Place::ALL.into_iter().filter(|&place| {
                let (Some(a), Some(b)) = (before[place], motions[place]) else { return false };
                (a[0] - b[0]).hypot(a[1] - b[1]) < QUIET_PX
            });
            time_s - then >= QUIET_S && still.count() > Place::COUNT / 2
        });
        self.0.push_back((time_s, *motions));
        quiet
    }
}

#[cfg(test)]
mod tests {
    use nalgebra::{Rotation3, Vector3};

    use super::doll::{self, Pose};
    use super::*;
    use crate::anatomy::Region;

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
        motion.unwrap().motion
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
        let mirrored = mirrored.unwrap().motion;
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
            let motion = motion.unwrap().motion;
            if let Some(before) = before.filter(|_| i > 1) {
                for (place, now) in motion.places.iter() {
                    let ([a, b], [c, d]) = (now.unwrap(), before.places[place].unwrap());
                    assert!((a - c).hypot(b - d) < 0.2, "frame {i}, {place}");
                }
            }
            before = Some(motion);
        }
    }

    /// The mouth corner of the left side after each of several poses, a tenth of a second apart.
    fn left_mouth_corner(poses: impl IntoIterator<Item = Pose>) -> Vec<Option<[f32; 2]>> {
        let mut tracker = tracker();
        let corner = Place::new(Region::MouthCorner, Side::Left);
        let mut read = |(i, mut pose): (usize, Pose)| {
            pose.time_s = i as f64 / 10.0;
            tracker.measure(&doll::frame(&pose), &doll::face(&pose)).unwrap().unwrap().motion
        };
        poses.into_iter().enumerate().map(|pose| read(pose).places[corner]).collect()
    }

    #[test]
    fn a_hand_before_the_face_in_the_first_frame_is_forgotten() {
        let hand = Pose { covers: vec![([0.28, 0.78], 0.35)], ..Pose::default() };
        let gone = vec![Pose::default(); 20];
        let twitch = pulled(0.28, 0.78, 0.03, -0.03);
        let seen = left_mouth_corner([vec![hand; 3], gone, vec![twitch]].concat());
        let ([a, b], [c, d]) = (seen[22].unwrap(), seen[23].unwrap());
        assert!(a.hypot(b) < 1.0, "{seen:?}");
        assert!((15.0..33.0).contains(&(c - a)) && (15.0..33.0).contains(&(d - b)), "{seen:?}");
    }

    #[test]
    fn a_picture_taken_during_a_spasm_does_not_become_the_neutral_face() {
        // The face is half covered while the spasm lasts, so that the first picture no longer
        // fits and another must be taken.
        let covers = vec![([-0.45, 0.3], 0.3), ([0.45, 0.3], 0.3), ([0.0, -0.25], 0.6)];
        let spasm = Pose { covers: covers.clone(), ..pulled(0.28, 0.78, 0.03, -0.03) };
        let after = Pose { covers, ..Pose::default() };
        let seen = left_mouth_corner(
            [vec![Pose::default(); 13], vec![spasm; 30], vec![after; 2]].concat(),
        );
        let at = |i: usize| seen[i].unwrap();
        let ([a, b], [c, d], [e, f]) = (at(13), at(42), at(44));
        assert!((15.0..36.0).contains(&a) && (15.0..36.0).contains(&b), "{seen:?}");
        assert!((a - c).hypot(b - d) < 4.0, "{seen:?}");
        assert!(e.hypot(f) < 5.0, "{seen:?}");
    }

    #[test]
    fn another_person_or_a_long_gap_has_a_new_reference() {
        let mut tracker = tracker();
        let first = Pose::default();
        let later = Pose { track: 2, time_s: 60.0, ..pulled(0.28, 0.78, 0.03, -0.03) };
        let mut read =
            |pose| tracker.measure(&doll::frame(pose), &doll::face(pose)).unwrap().unwrap().motion;
        let (one, two) = (read(&first), read(&later));
        assert_ne!(one.reference, two.reference);
        assert!(most(&two) < 0.1, "{two:?}");
    }

    #[test]
    fn the_same_person_soon_after_a_gap_is_measured_as_before() {
        let mut tracker = tracker();
        let first = Pose::default();
        let again = Pose { track: 2, time_s: 3.0, ..pulled(0.28, 0.78, 0.03, -0.03) };
        let mut read =
            |pose| tracker.measure(&doll::frame(pose), &doll::face(pose)).unwrap().unwrap().motion;
        let (one, two) = (read(&first), read(&again));
        assert_eq!(one.reference, two.reference);
        let [lateral, up] = two.places[Place::new(Region::MouthCorner, Side::Left)].unwrap();
        assert!((15.0..36.0).contains(&lateral) && (15.0..36.0).contains(&up), "{two:?}");
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
