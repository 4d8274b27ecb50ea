//! The canvas: the subject's face seen from the front, in a square of fixed size.
//!
//! Every pixel of the canvas has a depth, so that a turned head can be resampled as if it faced
//! the camera. Distances on it are face units times [`UNIT`].

use nalgebra::Vector3;

use super::super::Landmarks;
use super::super::pose::HeadFit;
use super::shape::{NeutralShape, front};
use crate::anatomy::{PerPlace, Place, Region, Side, eye};

/// Edge of the canvas, pixels; at 192 rest noise is a third higher (measured).
pub(super) const EDGE: usize = 256;

/// Pixels per face unit: hairline to opened chin just fit.
pub(super) const UNIT: f64 = 0.45 * EDGE as f64;

/// Where the middle between the outer canthi lies, pixels.
const ORIGIN: [f64; 2] = [0.5 * EDGE as f64, 0.35 * EDGE as f64];

/// Nodes along an edge of the grid on which depth and mapping are computed.
pub(super) const NODES: usize = 32;

/// Pixels between nodes; the first node lies half a step in.
pub(super) const NODE_STEP: f64 = (EDGE / NODES) as f64;

/// Outline of the face.
pub(super) const OVAL: [usize; 36] = [
    10, 338, 297, 332, 284, 251, 389, 356, 454, 323, 361, 288, 397, 365, 379, 378, 400, 377, 152,
    148, 176, 149, 150, 136, 172, 58, 132, 93, 234, 127, 162, 21, 54, 103, 67, 109,
];

/// Outer edge of the lips.
pub(super) const LIPS: [usize; 20] =
    [61, 146, 91, 181, 84, 17, 314, 405, 321, 375, 291, 409, 270, 269, 267, 0, 37, 39, 40, 185];

/// How far skin must lie from lids, lips and the face's outline to tell of the head, face units.
const LID_MARGIN: f64 = 0.07;
const LIP_MARGIN: f64 = 0.04;
const OUTLINE_MARGIN: f64 = 0.03;

/// Pixels between the points that tell of the head.
const SKIN_STEP: usize = 4;

/// Exponent of a landmark's weight from which it adds nothing to a mean in double precision.
const FAR: f64 = 40.0;

/// Where a point of the canvas lies, in face units from the middle between the outer canthi,
/// with its depth.
pub(super) type Spot = [f32; 3];

/// The face from the front: depth, the skin that tells of the head, and the places.
#[derive(Debug)]
pub(super) struct Canvas {
    /// Depth at the nodes, row by row, face units.
    depth: Vec<f64>,
    /// Pixels of skin that tell of the head.
    pub(super) skin: Vec<[usize; 2]>,
    /// Where each place lies, pixels.
    pub(super) places: PerPlace<[f64; 2]>,
}

impl Canvas {
    pub(super) fn new(shape: &NeutralShape) -> Self {
        Self {
            depth: depth(shape),
            skin: skin(shape),
            places: PerPlace::from_fn(|place| middle(place, |i| shape.face()[i])),
        }
    }

    /// The nodes in face units, row by row.
    pub(super) fn nodes(&self) -> impl Iterator<Item = Vector3<f64>> {
        self.depth.iter().enumerate().map(|(i, &depth)| {
            let [x, y] = in_units(node(i));
            Vector3::new(x, y, depth)
        })
    }

    /// A pixel in face units with its depth.
    pub(super) fn spot(&self, pixel: [usize; 2]) -> Spot {
        let at = pixel.map(|p| p as f64);
        let [x, y] = in_units(at);
        let cell = at.map(|p| ((p + 0.5) / NODE_STEP - 0.5).clamp(0.0, NODES as f64 - 1.001));
        let corner = cell.map(|c| c as usize);
        let part = [cell[0] - corner[0] as f64, cell[1] - corner[1] as f64];
        let depth = |dx: usize, dy: usize| self.depth[(corner[1] + dy) * NODES + corner[0] + dx];
        let upper = depth(0, 0) + part[0] * (depth(1, 0) - depth(0, 0));
        let lower = depth(0, 1) + part[0] * (depth(1, 1) - depth(0, 1));
        [x, y, upper + part[1] * (lower - upper)].map(|v| v as f32)
    }
}

/// A node's pixel.
fn node(i: usize) -> [f64; 2] {
    [i % NODES, i / NODES].map(|n| (n as f64 + 0.5) * NODE_STEP - 0.5)
}

/// The node nearest to a pixel, at least one away from the edge of the grid.
pub(super) fn nearest_node(pixel: [f64; 2]) -> [usize; 2] {
    pixel.map(|p| ((p + 0.5) / NODE_STEP - 0.5).round().clamp(1.0, NODES as f64 - 2.0) as usize)
}

fn in_units([x, y]: [f64; 2]) -> [f64; 2] {
    [(x - ORIGIN[0]) / UNIT, (y - ORIGIN[1]) / UNIT]
}

fn in_pixels(point: &Vector3<f64>) -> [f64; 2] {
    [point.x * UNIT + ORIGIN[0], point.y * UNIT + ORIGIN[1]]
}

/// Depth at the nodes: a mean of the landmarks around, as wide as their spacing there.
fn depth(shape: &NeutralShape) -> Vec<f64> {
    let face = shape.face();
    let raw: Vec<f64> = (0..NODES * NODES)
        .map(|i| {
            let [x, y] = in_units(node(i));
            let mut nearest = [f64::INFINITY; 3];
            let squares = face.iter().map(|p| (p.x - x).powi(2) + (p.y - y).powi(2));
            for square in squares.clone() {
                if square < nearest[2] {
                    nearest[2] = square;
                    nearest.sort_by(f64::total_cmp);
                }
            }
            let width = (0.4 * nearest[2]).max(0.05 * 0.05);
            let (mut sum, mut weights) = (0.0, 0.0);
            for (point, square) in face.iter().zip(squares) {
                let away = 0.5 * (square - nearest[0]) / width;
                if away > FAR {
                    continue;
                }
                let weight = (-away).exp();
                sum += weight * point.z;
                weights += weight;
            }
            sum / weights
        })
        .collect();
    // The mean has seams where the nearest landmarks change.
    (0..NODES * NODES)
        .map(|i| {
            let (x, y) = (i % NODES, i / NODES);
            let (mut sum, mut count) = (0.0, 0.0);
            for ny in y.saturating_sub(1)..=(y + 1).min(NODES - 1) {
                for nx in x.saturating_sub(1)..=(x + 1).min(NODES - 1) {
                    sum += raw[ny * NODES + nx];
                    count += 1.0;
                }
            }
            sum / count
        })
        .collect()
}

/// Pixels of skin: inside the outline, away from lids and lips.
fn skin(shape: &NeutralShape) -> Vec<[usize; 2]> {
    let outline = Outline::new(shape, &OVAL);
    let lips = Outline::new(shape, &LIPS);
    let eyes = Side::BOTH.map(|side| {
        let eye = eye(side);
        let mut around = vec![eye.outer];
        around.extend(eye.upper);
        around.push(eye.inner);
        around.extend(eye.lower.iter().rev());
        Outline::new(shape, &around)
    });
    let steps = || (SKIN_STEP / 2..EDGE).step_by(SKIN_STEP);
    steps()
        .flat_map(|y| steps().map(move |x| [x, y]))
        .filter(|pixel| {
            let at = in_units(pixel.map(|p| p as f64));
            outline.contains(at)
                && outline.distance(at) > OUTLINE_MARGIN
                && !lips.contains(at)
                && lips.distance(at) > LIP_MARGIN
                && eyes.iter().all(|eye| !eye.contains(at) && eye.distance(at) > LID_MARGIN)
        })
        .collect()
}

/// A closed line through landmarks, face units.
struct Outline(Vec<[f64; 2]>);

impl Outline {
    fn new(shape: &NeutralShape, landmarks: &[usize]) -> Self {
        Self(landmarks.iter().map(|&i| [shape.face()[i].x, shape.face()[i].y]).collect())
    }

    fn edges(&self) -> impl Iterator<Item = ([f64; 2], [f64; 2])> {
        let next = self.0.iter().cycle().skip(1);
        self.0.iter().copied().zip(next.copied())
    }

    /// Even-odd rule.
    fn contains(&self, [x, y]: [f64; 2]) -> bool {
        self.edges().fold(false, |inside, (a, b)| {
            let crosses =
                (a[1] > y) != (b[1] > y) && x < a[0] + (y - a[1]) / (b[1] - a[1]) * (b[0] - a[0]);
            inside ^ crosses
        })
    }

    /// Distance to the nearest edge.
    fn distance(&self, [x, y]: [f64; 2]) -> f64 {
        self.edges()
            .map(|(a, b)| {
                let (dx, dy) = (b[0] - a[0], b[1] - a[1]);
                let length = dx.mul_add(dx, dy * dy).max(1e-12);
                let along = (((x - a[0]) * dx + (y - a[1]) * dy) / length).clamp(0.0, 1.0);
                (x - a[0] - along * dx).hypot(y - a[1] - along * dy)
            })
            .fold(f64::INFINITY, f64::min)
    }
}

/// Landmarks of the subject's right whose middle is a place, and their fellows on the left.
///
/// Periocular: the orbicularis below and outside the lower lid. Cheek: between the infraorbital
/// rim and the nasolabial fold. Mouth corner: itself. Forehead: the brow's inner two thirds, so
/// that hair seldom covers it. Jaw: the chin pad beside the midline (mentalis).
pub(super) const fn landmarks(region: Region) -> [&'static [usize]; 2] {
    match region {
        Region::Periocular => [&[31, 228, 117, 111], &[261, 448, 346, 340]],
        Region::Cheek => [&[50, 205], &[280, 425]],
        Region::MouthCorner => [&[61], &[291]],
        Region::Forehead => [&[105, 66, 52, 65], &[334, 296, 282, 295]],
        Region::Jaw => [&[201, 208, 204], &[421, 428, 424]],
    }
}

/// The chin pad on the midline.
const CHIN: [usize; 2] = [199, 200];

/// The middle of a place's landmarks among points on the canvas.
fn middle(place: Place, point: impl Fn(usize) -> Vector3<f64>) -> [f64; 2] {
    let of = match place.side {
        Some(side) => {
            let [right, left] = landmarks(place.region);
            if side == Side::Right { right } else { left }
        }
        None => &CHIN,
    };
    in_pixels(&(of.iter().map(|&i| point(i)).sum::<Vector3<f64>>() / of.len() as f64))
}

/// Where a frame's landmarks put each place on the canvas, pixels.
pub(super) fn seen_places(fit: &HeadFit, seen: &Landmarks) -> PerPlace<[f64; 2]> {
    PerPlace::from_fn(|place| middle(place, |i| front(fit, seen[i])))
}

/// Turns a motion on the canvas, pixels right and down, into mFU lateral and up.
pub(super) fn anatomical(place: Place, motion: [f32; 2]) -> [f32; 2] {
    let mfu = 1000.0 / UNIT as f32;
    let lateral = if place.side == Some(Side::Right) { -motion[0] } else { motion[0] };
    [lateral * mfu, -motion[1] * mfu]
}

#[cfg(test)]
mod tests {
    use super::super::doll::{self, Pose};
    use super::*;

    fn canvas() -> Canvas {
        Canvas::new(&NeutralShape::first(&doll::face(&Pose::default()).landmarks).unwrap())
    }

    #[test]
    fn the_sides_of_the_face_lie_deeper_than_its_middle() {
        let canvas = canvas();
        let [_, _, middle] = canvas.spot([128, 110]);
        for x in [60, 196] {
            assert!(canvas.spot([x, 110])[2] > middle + 0.1);
        }
    }

    #[test]
    fn places_mirror_each_other_about_the_midline() {
        let canvas = canvas();
        for place in Place::ALL.into_iter().filter(|place| place.side.is_some()) {
            let ([a, b], [c, d]) = (canvas.places[place], canvas.places[place.mirrored()]);
            assert!((a + c - EDGE as f64).abs() < 1.0 && (b - d).abs() < 1.0, "{place}");
        }
    }

    #[test]
    fn skin_that_tells_of_the_head_keeps_clear_of_lids_and_lips() {
        let canvas = canvas();
        let near = |x: f64, y: f64| {
            canvas.skin.iter().any(|pixel| {
                let [px, py] = in_units(pixel.map(|p| p as f64));
                (px - x).hypot(py - y) < 0.05
            })
        };
        assert!(near(0.4, 0.45) && near(0.0, 0.3) && near(-0.3, -0.3));
        assert!(!near(0.33, 0.0) && !near(-0.33, 0.0) && !near(0.0, 0.78) && !near(1.0, 0.3));
    }

    #[test]
    fn lateral_is_outward_on_either_side_and_up_is_up() {
        let unit = UNIT as f32;
        let of = |side| Place::new(Region::Cheek, side);
        let near = |a: [f32; 2], b: [f32; 2]| (a[0] - b[0]).hypot(a[1] - b[1]) < 1e-3;
        assert!(near(anatomical(of(Side::Left), [0.02 * unit, -0.03 * unit]), [20.0, 30.0]));
        assert!(near(anatomical(of(Side::Right), [-0.02 * unit, -0.03 * unit]), [20.0, 30.0]));
    }
}
