//! The subject's neutral face in three dimensions, learnt from the landmarks as they come.

use nalgebra::Vector3;

use super::super::Landmarks;
use super::super::pose::{HeadFit, steady_landmarks};
use crate::anatomy::{Side, eye};

/// Landmarks on the face itself; the rest are irises, which turn with the gaze.
const FACE: usize = 468;

/// Farthest that one frame may pull a point from where it was learnt, face units; a grimace then
/// weighs no more than jitter, and the mean tends to the median.
const LONGEST_PULL: f64 = 0.01;

/// Frames after which the mean forgets.
const REMEMBERED: u32 = 1000;

/// Where the landmarks lie on the neutral face: face units from the middle between the outer
/// canthi, x to the subject's left, y to the chin, z away from the viewer.
#[derive(Debug, Clone)]
pub(super) struct NeutralShape {
    points: Vec<Vector3<f64>>,
    frames: u32,
}

impl NeutralShape {
    /// The first guess: one frame, turned to the front as the average head says. `None` if the
    /// landmarks are no head.
    pub(super) fn first(landmarks: &Landmarks) -> Option<Self> {
        let fit = HeadFit::new(landmarks)?;
        let mut shape = Self { points: face(&fit, landmarks).collect(), frames: 1 };
        shape.center();
        let finite = shape.points.iter().all(|p| p.iter().all(|v| v.is_finite()));
        finite.then_some(shape)
    }

    /// The landmarks of the face.
    pub(super) fn face(&self) -> &[Vector3<f64>] {
        &self.points
    }

    /// Places the shape onto a frame's landmarks by the points that expression moves little.
    pub(super) fn fit(&self, landmarks: &Landmarks) -> Option<HeadFit> {
        let pairs = steady_landmarks()
            .map(|i| (self.points[i], Vector3::from(landmarks[i].map(f64::from))));
        HeadFit::between(&pairs)
    }

    /// Takes in a frame, placed by `fit`.
    pub(super) fn learn(&mut self, fit: &HeadFit, landmarks: &Landmarks) {
        self.frames = (self.frames + 1).min(REMEMBERED);
        // The first frames may move freely: they make the shape.
        let gain = 1.0 / f64::from(self.frames);
        for (point, seen) in self.points.iter_mut().zip(face(fit, landmarks)) {
            let pull = seen - *point;
            let length = pull.norm();
            if length.is_finite() {
                let kept = (LONGEST_PULL * (1.0 + 30.0 * gain) / length.max(1e-9)).min(1.0);
                *point += pull * (kept * gain);
            }
        }
    }

    /// The middle of the points that expression moves little.
    pub(super) fn middle(&self) -> Vector3<f64> {
        let steady = steady_landmarks();
        steady.iter().map(|&i| self.points[i]).sum::<Vector3<f64>>() / steady.len() as f64
    }

    /// Moves the origin between the outer canthi and makes their distance one.
    pub(super) fn center(&mut self) {
        let [left, right] = Side::BOTH.map(|side| self.points[eye(side).outer]);
        let (middle, unit) = ((left + right) / 2.0, (left - right).norm());
        for point in &mut self.points {
            *point = (*point - middle) / unit;
        }
    }
}

/// A landmark turned to the front by a fit.
pub(super) fn front(fit: &HeadFit, seen: [f32; 3]) -> Vector3<f64> {
    fit.rotation.tr_mul(&(Vector3::from(seen.map(f64::from)) - fit.origin)) / fit.scale
}

fn face<'a>(fit: &'a HeadFit, landmarks: &'a Landmarks) -> impl Iterator<Item = Vector3<f64>> + 'a {
    landmarks[..FACE].iter().map(|&seen| front(fit, seen))
}

#[cfg(test)]
mod tests {
    use super::super::doll::{self, Pose};
    use super::*;
    use nalgebra::Rotation3;

    #[test]
    fn a_turned_first_frame_gives_the_shape_from_the_front() {
        let straight = NeutralShape::first(&doll::face(&Pose::default()).landmarks).unwrap();
        let rotation = Rotation3::from_euler_angles(0.1, 0.3, 0.2);
        let face = doll::face(&Pose { rotation, unit_px: 80.0, ..Pose::default() });
        let turned = NeutralShape::first(&face.landmarks).unwrap();
        for (a, b) in straight.face().iter().zip(turned.face()) {
            assert!((a - b).norm() < 0.01, "{a} {b}");
        }
    }

    #[test]
    fn a_grimace_of_a_second_in_ten_leaves_the_shape_alone() {
        let rest = doll::face(&Pose::default()).landmarks;
        let mut shape = NeutralShape::first(&rest).unwrap();
        let neutral = shape.face()[291];
        let mut grimace = rest;
        grimace[291][0] += 23.0;
        grimace[291][1] -= 23.0;
        for i in 0..300 {
            let landmarks = if (60..90).contains(&i) { &grimace } else { &rest };
            let fit = shape.fit(landmarks).unwrap();
            shape.learn(&fit, landmarks);
        }
        let moved = (shape.face()[291] - neutral).norm();
        assert!(moved < 0.01, "{moved}");
    }

    #[test]
    fn the_outer_canthi_are_one_unit_apart() {
        let mut shape = NeutralShape::first(&doll::face(&Pose::default()).landmarks).unwrap();
        shape.center();
        let [left, right] = Side::BOTH.map(|side| shape.face()[eye(side).outer]);
        assert!(((left - right).norm() - 1.0).abs() < 1e-9);
        assert!((left + right).norm() < 1e-9);
    }
}
