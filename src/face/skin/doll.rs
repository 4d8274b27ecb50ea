//! A doll for tests: a curved, textured surface with landmarks, posed and pulled by known
//! amounts.

use nalgebra::{Rotation3, Vector3};

use super::super::pose::average_head;
use super::super::{Face, HeadPose, Landmarks};
use super::canvas::{LIPS, OVAL, landmarks};
use crate::anatomy::{LANDMARKS, Region, Side, eye};
use crate::source::Frame;

pub(super) const WIDTH: usize = 360;
pub(super) const HEIGHT: usize = 300;

/// How the doll is held, lit and pulled.
#[derive(Debug, Clone)]
pub(super) struct Pose {
    pub(super) track: u32,
    pub(super) time_s: f64,
    pub(super) rotation: Rotation3<f64>,
    pub(super) unit_px: f64,
    pub(super) origin: [f64; 2],
    pub(super) gain: f64,
    pub(super) offset: f64,
    /// Place, pull in face units (right and down), reach in face units.
    pub(super) pulls: Vec<([f64; 2], [f64; 2], f64)>,
    /// Discs of other texture before the face: place and radius in face units.
    pub(super) covers: Vec<([f64; 2], f64)>,
}

impl Default for Pose {
    fn default() -> Self {
        Self {
            track: 1,
            time_s: 0.0,
            rotation: Rotation3::identity(),
            unit_px: 115.0,
            origin: [180.0, 110.0],
            gain: 1.0,
            offset: 0.0,
            pulls: Vec::new(),
            covers: Vec::new(),
        }
    }
}

/// Depth of the doll's skin: a barrel that bulges to the viewer, like the average head's sides.
fn depth(x: f64, y: f64) -> f64 {
    -0.25 + 0.9 * x * x + 0.15 * (y - 0.2).powi(2)
}

/// Skin texture: a fixed sum of waves, the same at every call.
fn texture(x: f64, y: f64) -> f64 {
    let mut value = 130.0;
    for k in 0..20 {
        let k = f64::from(k);
        let (angle, wave) = (k * 2.399_963, 0.08 + 0.024 * k);
        let phase = (x * angle.cos() + y * angle.sin()) / wave * std::f64::consts::TAU;
        value += 7.0 * (phase + k * k).sin();
    }
    value
}

/// Where each landmark lies on the doll, symmetric about its midline.
pub(super) fn layout() -> [[f64; 2]; LANDMARKS] {
    let ellipse = |i: usize, n: usize, center: [f64; 2], radius: [f64; 2], from: f64| {
        let angle = from + i as f64 / n as f64 * std::f64::consts::TAU;
        [center[0] + radius[0] * angle.cos(), center[1] + radius[1] * angle.sin()]
    };
    // What nothing asks for lies spread over the face.
    let mut at: [[f64; 2]; LANDMARKS] = std::array::from_fn(|i| {
        let row = (i / 22) as f64 / 21.0;
        [((i % 22) as f64 / 21.0 - 0.5) * 1.4, row * 1.7 - 0.6]
    });
    for (i, &number) in OVAL.iter().enumerate() {
        at[number] = ellipse(i, OVAL.len(), [0.0, 0.28], [0.76, 0.9], -std::f64::consts::FRAC_PI_2);
    }
    for (i, &number) in LIPS.iter().enumerate() {
        at[number] = ellipse(i, LIPS.len(), [0.0, 0.78], [0.28, 0.1], std::f64::consts::PI);
    }
    for (region, [x, y]) in [
        (Region::Periocular, [0.45, 0.16]),
        (Region::Cheek, [0.42, 0.42]),
        (Region::MouthCorner, [0.28, 0.78]),
        (Region::Forehead, [0.33, -0.2]),
        (Region::Jaw, [0.17, 1.0]),
    ] {
        for (numbers, sign) in landmarks(region).into_iter().zip([-1.0, 1.0]) {
            for &number in numbers {
                at[number] = [sign * x, y];
            }
        }
    }
    for (side, sign) in [(Side::Right, -1.0), (Side::Left, 1.0)] {
        let eye = eye(side);
        for (i, (upper, lower)) in eye.upper.into_iter().zip(eye.lower).enumerate() {
            let x = 0.5 - 0.31 * (i + 1) as f64 / 8.0;
            at[upper] = [sign * x, -0.06];
            at[lower] = [sign * x, 0.04];
        }
    }
    for (number, place) in average_head() {
        at[number] = [place[0], place[1]];
    }
    at
}

/// The doll's landmarks under a pose; pulls do not move them.
pub(super) fn face(pose: &Pose) -> Face {
    let layout = layout();
    let landmarks: Landmarks = std::array::from_fn(|i| {
        let [x, y] = layout[i];
        let at = place(pose, x, y);
        [at.x as f32, at.y as f32, at.z as f32]
    });
    Face::new(pose.track, 1.0, landmarks, HeadPose::default())
}

fn place(pose: &Pose, x: f64, y: f64) -> Vector3<f64> {
    let turned = pose.rotation * Vector3::new(x, y, depth(x, y)) * pose.unit_px;
    turned + Vector3::new(pose.origin[0], pose.origin[1], 0.0)
}

/// A picture of the doll.
pub(super) fn frame(pose: &Pose) -> Frame {
    let mut bgr = Vec::with_capacity(3 * WIDTH * HEIGHT);
    for py in 0..HEIGHT {
        for px in 0..WIDTH {
            // The point of the skin that is seen here: the first guess is a flat face.
            let (mut x, mut y) = (
                (px as f64 - pose.origin[0]) / pose.unit_px,
                (py as f64 - pose.origin[1]) / pose.unit_px,
            );
            for _ in 0..5 {
                let seen = place(pose, x, y);
                x += ((px as f64 - seen.x) / pose.unit_px).clamp(-0.2, 0.2);
                y += ((py as f64 - seen.y) / pose.unit_px).clamp(-0.2, 0.2);
            }
            let (mut u, mut v) = (x, y);
            for _ in 0..5 {
                let mut pull = [0.0; 2];
                for (at, by, reach) in &pose.pulls {
                    let away = ((u - at[0]).powi(2) + (v - at[1]).powi(2)) / (reach * reach);
                    let share = (-0.5 * away).exp();
                    pull = [pull[0] + share * by[0], pull[1] + share * by[1]];
                }
                (u, v) = (x - pull[0], y - pull[1]);
            }
            let covered = |(at, radius): &([f64; 2], f64)| (x - at[0]).hypot(y - at[1]) < *radius;
            if pose.covers.iter().any(covered) {
                (u, v) = (y + 7.0, x - 5.0);
            }
            let grey = (texture(u, v) * pose.gain + pose.offset).clamp(0.0, 255.0) as u8;
            bgr.extend([grey; 3]);
        }
    }
    Frame {
        index: (pose.time_s * 30.0).round() as u64,
        time_s: pose.time_s,
        ..Frame::from_bgr(WIDTH, HEIGHT, bgr)
    }
}
