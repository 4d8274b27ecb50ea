//! Hands before the face.
//!
//! A hand has the skin's colour and moves as a face does: what it hides is not told by colour, and
//! skin that it pushes moves. So hands are looked for themselves, by a detector of palms, around the
//! face: now and then while none is there, more often while one is near, and hardly at all while
//! nothing around the face changes. A palm tells where its fingers can be. One that is told
//! surely pushes what is near it, too; of one that is not, only what looks changed counts as hidden.

use std::sync::Arc;

use super::crop::Square;
use super::detector::{Detection, PalmDetector};
use super::error::FaceError;
use super::runtime::Engine;
use super::surroundings::Surroundings;
use super::{Landmarks, NearHand};
use crate::anatomy::{PerPlace, Place, Region, eye, patch};
use crate::models::ModelStore;
use crate::source::Frame;
use crate::thresholds::FaceThresholds;

/// Edge of the square that is looked at over the edge of the face's crop: a face and a hand's length
/// around it.
const AROUND: f32 = 1.8;

/// Length of a hand over that from the wrist to the base of the middle finger: the middle finger is
/// nearly as long as the palm (judgment: what fingers may reach counts, stretched or not).
const REACH: f32 = 2.1;

/// Half the width of a hand with its fingers a little spread, over the palm's box (judgment).
const HALF_WIDTH: f32 = 0.5;

/// Least width of a palm's box, face units: a palm is about as wide as the outer corners of the eyes
/// lie apart (judgment: seen from the side, two thirds; what is smaller is a part of the face, or a
/// hand far behind it).
const LEAST_PALM_FU: f32 = 0.55;

/// Distance from a hand within which skin is pushed or pulled by it, face units (judgment: half a
/// finger's breadth from a patch's middle to its edge, and as much again).
const PUSHED_FU: f32 = 0.2;

/// Looks for hands before one face.
#[derive(Debug)]
pub(super) struct Hands {
    palms: PalmDetector,
    looked_s: Option<f64>,
    /// The hands near the face as they were last seen, and when.
    hands: Vec<Hand>,
    seen_s: f64,
    /// The last look, where it found none.
    empty: Option<Empty>,
}

/// A look that found no hand.
#[derive(Debug)]
struct Empty {
    time_s: f64,
    around: Surroundings,
}

/// Where a hand and its fingers can be: all that lies within a distance of a line.
#[derive(Debug, Clone, Copy, PartialEq)]
struct Hand {
    wrist: [f32; 2],
    tip: [f32; 2],
    half_width: f32,
    score: f32,
}

impl Hand {
    fn of(palm: &Detection<7>) -> Self {
        let [wrist, _, middle, ..] = palm.keys;
        let tip = [0, 1].map(|axis| wrist[axis] + REACH * (middle[axis] - wrist[axis]));
        Self { wrist, tip, half_width: HALF_WIDTH * palm.width(), score: palm.score }
    }

    /// Distance of a point from the hand, pixels; 0 on it.
    fn distance(&self, point: [f32; 2]) -> f32 {
        let along = [0, 1].map(|axis| self.tip[axis] - self.wrist[axis]);
        let from = [0, 1].map(|axis| point[axis] - self.wrist[axis]);
        let length = (along[0].powi(2) + along[1].powi(2)).max(1e-6);
        let part = ((from[0] * along[0] + from[1] * along[1]) / length).clamp(0.0, 1.0);
        let [x, y] = [0, 1].map(|axis| from[axis] - part * along[axis]);
        (x.hypot(y) - self.half_width).max(0.0)
    }
}

impl Hands {
    pub(super) fn load(store: &ModelStore, engine: &Arc<Engine>) -> Result<Self, FaceError> {
        let palms = PalmDetector::load(store, engine)?;
        Ok(Self { palms, looked_s: None, hands: Vec::new(), seen_s: 0.0, empty: None })
    }

    /// Forgets what was seen: another recording begins.
    pub(super) fn forget(&mut self) {
        self.looked_s = None;
        self.hands.clear();
        self.empty = None;
    }

    /// Looks for hands, unless none was there and nothing has come since.
    fn look(
        &mut self,
        frame: &Frame,
        crop: &Square,
        face_unit_px: f32,
        t: &FaceThresholds,
    ) -> Result<(), FaceError> {
        let now_s = frame.time_s;
        let still = |empty: &Empty| {
            (0.0..t.hand_longest_s).contains(&(now_s - empty.time_s))
                && empty.around.change(frame, crop) < t.hand_stir
        };
        if self.empty.as_ref().is_some_and(still) {
            return Ok(());
        }
        let square = Square { side: AROUND * crop.side, angle: 0.0, ..*crop };
        let palms = self.palms.detect(frame, &square, t.hand_min)?;
        let large = |palm: &&Detection<7>| palm.width() >= LEAST_PALM_FU * face_unit_px;
        let hands: Vec<Hand> = palms.iter().filter(large).map(Hand::of).collect();
        if !hands.is_empty() {
            self.hands = hands;
            self.seen_s = now_s;
        } else if !(0.0..t.hand_stays_s).contains(&(now_s - self.seen_s)) {
            self.hands.clear();
        }
        self.empty = self
            .hands
            .is_empty()
            .then(|| Empty { time_s: now_s, around: Surroundings::new(frame, &square, crop) });
        Ok(())
    }

    /// The hands near a face in `crop`.
    pub(super) fn near(
        &mut self,
        frame: &Frame,
        crop: &Square,
        landmarks: &Landmarks,
        face_unit_px: f32,
        t: &FaceThresholds,
    ) -> Result<Vec<NearHand>, FaceError> {
        let now_s = frame.time_s;
        let wait_s = if self.hands.is_empty() { t.hand_every_s } else { t.hand_near_every_s };
        if self.looked_s.is_none_or(|looked_s| !(0.0..wait_s).contains(&(now_s - looked_s))) {
            self.looked_s = Some(now_s);
            self.look(frame, crop, face_unit_px, t)?;
        }
        let near = |hand: &Hand| {
            let sure = hand.score >= t.hand_sure;
            let reaches = |place: Place| {
                // An eye's own picture tells whether it is seen; near a hand it is not pushed.
                let pushed = sure && place.region != Region::Periocular;
                let near = if pushed { PUSHED_FU * face_unit_px } else { 0.0 };
                hand.distance(middle(place, landmarks)) <= near
            };
            NearHand { reaches: PerPlace::from_fn(reaches), sure }
        };
        Ok(self.hands.iter().map(near).collect())
    }
}

/// Middle of a place, frame pixels.
fn middle(place: Place, landmarks: &Landmarks) -> [f32; 2] {
    let mean = |numbers: &[usize]| {
        [0, 1].map(|axis| {
            numbers.iter().map(|&n| landmarks[n][axis]).sum::<f32>() / numbers.len().max(1) as f32
        })
    };
    match (place.region, place.side) {
        (Region::Periocular, Some(side)) => mean(&[eye(side).inner, eye(side).outer]),
        _ => mean(patch(place)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_hand_reaches_as_far_as_its_fingers() {
        let mut keys = [[0.0, 0.0]; 7];
        (keys[0], keys[2]) = ([0.0, 0.0], [0.0, -50.0]);
        let palm = Detection { score: 0.9, low: [-25.0, -50.0], high: [25.0, 0.0], keys };
        let hand = Hand::of(&palm);
        assert_eq!(hand.distance([10.0, -90.0]), 0.0);
        assert!((hand.distance([0.0, -140.0]) - 10.0).abs() < 1e-3);
        assert!((hand.distance([45.0, -20.0]) - 20.0).abs() < 1e-3);
    }
}
