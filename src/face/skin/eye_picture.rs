//! The picture of one eye, level between its canthi.

use opencv::prelude::*;

use super::super::{FaceError, Landmarks};
use super::unwrap::Cutout;
use crate::anatomy::{EyeLandmarks, Side, eye};

/// Size of the picture, pixels.
pub(super) const WIDTH: usize = 32;
pub(super) const HEIGHT: usize = 22;
pub(super) const PIXELS: usize = WIDTH * HEIGHT;

/// Width of the picture over that of the fissure: the canthi and a little skin around.
const SPAN: f32 = 1.3;

/// Grey levels that never count as contrast: the noise of a webcam picture.
const NOISE: f32 = 2.0;

/// Grey levels less their mean, over their spread, row by row, from the outer to the inner canthus
/// and downwards: both eyes alike.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct EyePicture {
    pub(super) grey: [f32; PIXELS],
    /// Rows of the upper lid's edge and of the lower's at each column, as the mesh sees them.
    pub(super) upper: [f32; WIDTH],
    pub(super) lower: [f32; WIDTH],
    /// Lid opening over fissure width, as the mesh sees it.
    pub(super) opening: f32,
}

impl EyePicture {
    /// Cuts an eye out of a frame; `None` where it does not lie inside.
    pub(super) fn cut(
        cutout: &Cutout,
        landmarks: &Landmarks,
        side: Side,
    ) -> Result<Option<Self>, FaceError> {
        let marks = eye(side);
        let at = |i: usize| cutout.place([landmarks[i][0], landmarks[i][1]]);
        let (outer, inner) = (at(marks.outer), at(marks.inner));
        let along = [inner[0] - outer[0], inner[1] - outer[1]];
        let step = along.map(|d| d * SPAN / WIDTH as f32);
        // The picture of the left eye is the mirror image of the right one's.
        let down = match side {
            Side::Right => [-step[1], step[0]],
            Side::Left => [step[1], -step[0]],
        };
        let middle = [(outer[0] + inner[0]) / 2.0, (outer[1] + inner[1]) / 2.0];
        let (columns, rows) = (cutout.grey.cols(), cutout.grey.rows());
        let bytes = cutout.grey.data_bytes()?;
        let mut grey = [0.0; PIXELS];
        for (i, value) in grey.iter_mut().enumerate() {
            let right = (i % WIDTH) as f32 + 0.5 - WIDTH as f32 / 2.0;
            let below = (i / WIDTH) as f32 + 0.5 - HEIGHT as f32 / 2.0;
            let x = middle[0] + right * step[0] + below * down[0];
            let y = middle[1] + right * step[1] + below * down[1];
            if !(x >= 0.0 && y >= 0.0 && x < (columns - 1) as f32 && y < (rows - 1) as f32) {
                return Ok(None);
            }
            let (left, top) = (x as usize, y as usize);
            let (fx, fy) = (x - left as f32, y - top as f32);
            let corner = top * columns as usize + left;
            let next = corner + columns as usize;
            let at = |i: usize| f32::from(bytes[i]);
            let upper = at(corner) + fx * (at(corner + 1) - at(corner));
            let lower = at(next) + fx * (at(next + 1) - at(next));
            *value = upper + fy * (lower - upper);
        }
        normalize(&mut grey, NOISE);
        let length = step[0].mul_add(step[0], step[1] * step[1]);
        let place = |i: usize| {
            let [x, y] = at(i);
            let (x, y) = (x - middle[0], y - middle[1]);
            let dot = |axis: [f32; 2]| (x * axis[0] + y * axis[1]) / length;
            [dot(step) + WIDTH as f32 / 2.0 - 0.5, dot(down) + HEIGHT as f32 / 2.0 - 0.5]
        };
        let edge = |lid: [usize; 7]| edge(&marks, lid.map(place), &place);
        let (upper, lower) = (edge(marks.upper), edge(marks.lower));
        let gaps =
            marks.upper.iter().zip(marks.lower).map(|(up, low)| place(low)[1] - place(*up)[1]);
        let opening = gaps.sum::<f32>() / 7.0 * SPAN / WIDTH as f32;
        Ok(Some(Self { grey, upper, lower, opening }))
    }
}

/// Rows of a lid's edge at each column: straight between its points and the canthi, level beyond.
fn edge(
    marks: &EyeLandmarks,
    lid: [[f32; 2]; 7],
    place: &impl Fn(usize) -> [f32; 2],
) -> [f32; WIDTH] {
    let mut points = vec![place(marks.outer)];
    points.extend(lid);
    points.push(place(marks.inner));
    points.sort_by(|a, b| a[0].total_cmp(&b[0]));
    std::array::from_fn(|column| {
        let x = column as f32;
        let next = points.partition_point(|p| p[0] <= x).clamp(1, points.len() - 1);
        let ([x0, y0], [x1, y1]) = (points[next - 1], points[next]);
        let part = ((x - x0) / (x1 - x0).max(1e-3)).clamp(0.0, 1.0);
        y0 + part * (y1 - y0)
    })
}

/// Takes mean and spread out; a spread under `least` counts as that.
pub(super) fn normalize(grey: &mut [f32; PIXELS], least: f32) {
    let mean = grey.iter().sum::<f32>() / PIXELS as f32;
    let squares: f32 = grey.iter().map(|g| (g - mean) * (g - mean)).sum();
    let spread = (squares / PIXELS as f32).sqrt().max(least);
    for g in grey {
        *g = (*g - mean) / spread;
    }
}

/// Correlation of two normalised pictures, -1 to 1.
pub(super) fn likeness(a: &[f32; PIXELS], b: &[f32; PIXELS]) -> f32 {
    let mut sums = [0.0; 8];
    for (a, b) in a.as_chunks::<8>().0.iter().zip(b.as_chunks::<8>().0) {
        for i in 0..8 {
            sums[i] += a[i] * b[i];
        }
    }
    sums.iter().sum::<f32>() / PIXELS as f32
}
