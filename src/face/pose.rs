//! Head pose: a rigid fit of the landmarks' own three dimensions to an average head.
//!
//! The average is over the eight people of this project's measurements (median of rigidly
//! aligned frames each, then the mean, made symmetric), 43 points of forehead, temples, nose
//! bridge and canthi: places that expression moves little. The fit is a similarity (turn, scale,
//! shift), iterated with Cauchy weights so that a lifted brow counts as an outlier.

use nalgebra::{Matrix3, SVD, Vector3};

use super::{HeadPose, Landmarks};
use crate::anatomy::{Side, eye};

/// Points of an average head: landmark number and place in face units. The origin lies between
/// the outer canthi, x runs to the subject's left along their line, y towards the chin along the
/// line from landmark 10 (hairline) to 152 (chin), z away from the viewer.
const AVERAGE_HEAD: [(usize, [f64; 3]); 43] = [
    (10, [0.0, -0.6217, -0.1479]),
    (151, [0.0, -0.4456, -0.2032]),
    (9, [0.0, -0.2565, -0.2477]),
    (8, [0.0, -0.1573, -0.2404]),
    (168, [0.0, -0.0706, -0.2423]),
    (6, [0.0, 0.0129, -0.2969]),
    (197, [0.0, 0.0885, -0.3586]),
    (109, [-0.2115, -0.6138, -0.1306]),
    (338, [0.2115, -0.6138, -0.1306]),
    (67, [-0.3897, -0.5758, -0.0606]),
    (297, [0.3897, -0.5758, -0.0606]),
    (103, [-0.5527, -0.4967, 0.0581]),
    (332, [0.5527, -0.4967, 0.0581]),
    (54, [-0.6561, -0.3803, 0.1937]),
    (284, [0.6561, -0.3803, 0.1937]),
    (21, [-0.7173, -0.2373, 0.3200]),
    (251, [0.7173, -0.2373, 0.3200]),
    (162, [-0.7480, -0.0862, 0.4533]),
    (389, [0.7480, -0.0862, 0.4533]),
    (127, [-0.7591, 0.0956, 0.5532]),
    (356, [0.7591, 0.0956, 0.5532]),
    (34, [-0.7444, 0.0838, 0.3240]),
    (264, [0.7444, 0.0838, 0.3240]),
    (33, [-0.5000, 0.0000, 0.0000]),
    (263, [0.5000, 0.0000, 0.0000]),
    (133, [-0.1940, 0.0086, -0.0612]),
    (362, [0.1940, 0.0086, -0.0612]),
    (245, [-0.1146, 0.0318, -0.1644]),
    (465, [0.1146, 0.0318, -0.1644]),
    (193, [-0.0867, -0.0597, -0.1956]),
    (417, [0.0867, -0.0597, -0.1956]),
    (108, [-0.1859, -0.4471, -0.1870]),
    (337, [0.1859, -0.4471, -0.1870]),
    (69, [-0.3493, -0.4386, -0.1364]),
    (299, [0.3493, -0.4386, -0.1364]),
    (104, [-0.5079, -0.4005, -0.0492]),
    (333, [0.5079, -0.4005, -0.0492]),
    (139, [-0.7126, -0.0689, 0.2632]),
    (368, [0.7126, -0.0689, 0.2632]),
    (143, [-0.6849, 0.0661, 0.1581]),
    (372, [0.6849, 0.0661, 0.1581]),
    (122, [-0.0645, 0.0332, -0.2711]),
    (351, [0.0645, 0.0332, -0.2711]),
];

/// Rounds of reweighting.
const ROUNDS: usize = 4;
/// Residual at which a point's weight has halved, over the median residual. At 2.4 a Cauchy
/// fit is 95 % efficient on normal residuals whose standard deviation is the median over 0.67;
/// in three dimensions the median residual is 1.54 of it.
const HALF_WEIGHT: f64 = 1.6;

/// Pixels per face unit below which there is no head.
const MIN_SCALE: f64 = 1.0;

/// A point of a rigid head and where it is seen, for every point that expression moves little.
pub(super) type Pairs = [(Vector3<f64>, Vector3<f64>); AVERAGE_HEAD.len()];

/// The landmarks that expression moves little: those of the average head.
pub(super) fn steady_landmarks() -> [usize; AVERAGE_HEAD.len()] {
    AVERAGE_HEAD.map(|(number, _)| number)
}

/// The average head's points, for dolls.
#[cfg(test)]
pub(super) fn average_head() -> [(usize, [f64; 3]); AVERAGE_HEAD.len()] {
    AVERAGE_HEAD
}

/// A similarity that carries the average head onto the face.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct HeadFit {
    /// Turn.
    pub rotation: Matrix3<f64>,
    /// Pixels per face unit of the average head.
    pub scale: f64,
    /// Where the average head's origin lies, in pixels.
    pub origin: Vector3<f64>,
    /// Median distance of the points from the average head, in its face units.
    pub residual: f64,
}

impl HeadFit {
    /// Fits the average head; `None` if the landmarks are not finite or all in one place.
    #[must_use]
    pub fn new(landmarks: &Landmarks) -> Option<Self> {
        Self::between(&AVERAGE_HEAD.map(|(number, place)| {
            (Vector3::from(place), Vector3::from(landmarks[number].map(f64::from)))
        }))
    }

    /// Fits any rigid shape, given as pairs of a point of the shape and where it is seen.
    pub(super) fn between(pairs: &Pairs) -> Option<Self> {
        let mut weights = [1.0; AVERAGE_HEAD.len()];
        let mut fit = Self::weighted(pairs, &weights)?;
        for _ in 0..ROUNDS {
            let half = (HALF_WEIGHT * fit.residual).max(1e-6);
            for (weight, (from, to)) in weights.iter_mut().zip(pairs) {
                *weight = 1.0 / (1.0 + (fit.distance(from, to) / half).powi(2));
            }
            fit = Self::weighted(pairs, &weights)?;
        }
        Some(fit)
    }

    /// The weighted least-squares similarity (Umeyama 1991).
    fn weighted(pairs: &Pairs, weights: &[f64; AVERAGE_HEAD.len()]) -> Option<Self> {
        let total: f64 = weights.iter().sum();
        let mut means = (Vector3::zeros(), Vector3::zeros());
        for ((from, to), &weight) in pairs.iter().zip(weights) {
            means.0 += from * (weight / total);
            means.1 += to * (weight / total);
        }
        let mut covariance = Matrix3::zeros();
        let mut spread = 0.0;
        for ((from, to), &weight) in pairs.iter().zip(weights) {
            let from = from - means.0;
            covariance += (to - means.1) * from.transpose() * (weight / total);
            spread += from.norm_squared() * (weight / total);
        }
        if !covariance.iter().all(|value| value.is_finite()) {
            return None;
        }
        let svd = SVD::new(covariance, true, true);
        let (u, v_t) = (svd.u?, svd.v_t?);
        let mut keep_handed = Vector3::repeat(1.0);
        let smallest = svd.singular_values.imin();
        keep_handed[smallest] = (u * v_t).determinant().signum();
        let rotation = u * Matrix3::from_diagonal(&keep_handed) * v_t;
        let scale = svd.singular_values.dot(&keep_handed) / spread;
        if scale.is_nan() || scale < MIN_SCALE {
            return None;
        }
        let origin = means.1 - rotation * means.0 * scale;
        let mut fit = Self { rotation, scale, origin, residual: 0.0 };
        let mut distances = [0.0; AVERAGE_HEAD.len()];
        for (distance, (from, to)) in distances.iter_mut().zip(pairs) {
            *distance = fit.distance(from, to);
        }
        let middle = distances.len() / 2;
        fit.residual = *distances.select_nth_unstable_by(middle, f64::total_cmp).1;
        Some(fit)
    }

    fn distance(&self, from: &Vector3<f64>, to: &Vector3<f64>) -> f64 {
        (to - self.origin - self.rotation * from * self.scale).norm() / self.scale
    }

    /// Yaw, pitch and roll in degrees, with the signs of [`HeadPose`]: the head nods first, then
    /// turns, then tilts. Pitch is 0 where the line from hairline to chin is upright.
    #[must_use]
    pub fn angles_deg(&self) -> [f32; 3] {
        let across = self.rotation.column(0);
        let roll = across[1].atan2(across[0]);
        let yaw = across[2].atan2(across[0].hypot(across[1]));
        let pitch = self.rotation[(2, 1)].atan2(self.rotation[(2, 2)]);
        [yaw, pitch, roll].map(|angle| angle.to_degrees() as f32)
    }
}

/// The subject's own face unit, learnt as the recording goes.
///
/// The average head gives the scale of a face, free of rotation and steady under contractions;
/// how the subject's outer canthi compare with the average is the mean over the frames so far,
/// so that a squeezed eye does not shrink the unit.
#[derive(Debug, Clone, Default)]
pub struct FaceUnit {
    ratio: f64,
    frames: u32,
}

/// Frames after which the mean forgets; at 30 frames a second, ten seconds.
const REMEMBERED: u32 = 300;

impl FaceUnit {
    /// Takes in a frame and returns the face unit in pixels.
    pub fn update(&mut self, landmarks: &Landmarks, fit: &HeadFit) -> f32 {
        let canthus = |side| Vector3::from(landmarks[eye(side).outer].map(f64::from));
        let ratio = (canthus(Side::Left) - canthus(Side::Right)).norm() / fit.scale;
        self.frames = (self.frames + 1).min(REMEMBERED);
        self.ratio += (ratio - self.ratio) / f64::from(self.frames);
        (self.ratio * fit.scale) as f32
    }
}

/// Head pose of one frame; `None` if the landmarks are no head.
pub fn head_pose(landmarks: &Landmarks, unit: &mut FaceUnit) -> Option<HeadPose> {
    let fit = HeadFit::new(landmarks)?;
    let [yaw_deg, pitch_deg, roll_deg] = fit.angles_deg();
    Some(HeadPose { yaw_deg, pitch_deg, roll_deg, face_unit_px: unit.update(landmarks, &fit) })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::anatomy::LANDMARKS;
    use nalgebra::Rotation3;

    fn turned(rotation: Rotation3<f64>, scale: f64) -> Landmarks {
        let mut landmarks = [[0.0; 3]; LANDMARKS];
        for (number, place) in AVERAGE_HEAD {
            let at = rotation * Vector3::from(place) * scale + Vector3::new(300.0, 200.0, 10.0);
            landmarks[number] = [at.x as f32, at.y as f32, at.z as f32];
        }
        landmarks
    }

    fn pose(rotation: Rotation3<f64>) -> HeadPose {
        head_pose(&turned(rotation, 150.0), &mut FaceUnit::default()).unwrap()
    }

    fn near(a: f32, b: f32) -> bool {
        (a - b).abs() < 0.05
    }

    #[test]
    fn a_head_that_faces_the_camera_has_no_angles() {
        let pose = pose(Rotation3::identity());
        assert!(near(pose.yaw_deg, 0.0) && near(pose.pitch_deg, 0.0) && near(pose.roll_deg, 0.0));
        assert!(near(pose.face_unit_px, 150.0), "{pose:?}");
    }

    #[test]
    fn turning_to_the_subjects_left_looking_down_and_tilting_clockwise_are_positive() {
        let (yaw, pitch, roll) = (20f64, 12f64, 30f64);
        // The subject's left is the image's right: the nose (negative z) moves to positive x.
        let turn = Rotation3::from_axis_angle(&Vector3::y_axis(), -yaw.to_radians());
        assert!((turn * Vector3::new(0.0, 0.0, -1.0)).x > 0.0);
        let nod = Rotation3::from_axis_angle(&Vector3::x_axis(), pitch.to_radians());
        assert!((nod * Vector3::new(0.0, 0.0, -1.0)).y > 0.0);
        let tilt = Rotation3::from_axis_angle(&Vector3::z_axis(), roll.to_radians());
        assert!((tilt * Vector3::x()).y > 0.0);
        let pose = pose(tilt * turn * nod);
        assert!(near(pose.yaw_deg, 20.0), "{pose:?}");
        assert!(near(pose.pitch_deg, 12.0), "{pose:?}");
        assert!(near(pose.roll_deg, 30.0), "{pose:?}");
        assert!(near(pose.face_unit_px, 150.0), "{pose:?}");
    }

    #[test]
    fn a_lifted_brow_moves_the_pose_by_less_than_a_degree() {
        let mut landmarks = turned(Rotation3::identity(), 150.0);
        for number in [108, 69, 104, 9] {
            landmarks[number][1] -= 12.0;
        }
        let pose = head_pose(&landmarks, &mut FaceUnit::default()).unwrap();
        assert!(pose.yaw_deg.abs() < 1.0 && pose.pitch_deg.abs() < 1.0, "{pose:?}");
        assert!(pose.roll_deg.abs() < 1.0, "{pose:?}");
    }

    #[test]
    fn squeezed_canthi_do_not_shrink_the_face_unit_at_once() {
        let mut unit = FaceUnit::default();
        let rest = turned(Rotation3::identity(), 150.0);
        for _ in 0..100 {
            head_pose(&rest, &mut unit);
        }
        let mut squeezed = rest;
        squeezed[33][0] += 6.0;
        squeezed[263][0] -= 6.0;
        let pose = head_pose(&squeezed, &mut unit).unwrap();
        assert!((pose.face_unit_px - 150.0).abs() < 1.0, "{pose:?}");
    }

    #[test]
    fn landmarks_that_are_no_head_have_no_pose() {
        let mut unit = FaceUnit::default();
        assert_eq!(head_pose(&[[5.0; 3]; LANDMARKS], &mut unit), None);
        assert_eq!(head_pose(&[[f32::NAN; 3]; LANDMARKS], &mut unit), None);
    }
}
