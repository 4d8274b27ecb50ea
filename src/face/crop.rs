//! Squares of a picture, turned and scaled to what a model reads.

use opencv::core::{BORDER_CONSTANT, BORDER_REPLICATE, Mat, Scalar, Size};
use opencv::imgproc::{INTER_LINEAR, WARP_INVERSE_MAP, warp_affine};
use opencv::prelude::*;

use super::error::FaceError;
use crate::source::Frame;

/// A square in the picture, possibly turned, reaching over the border if need be.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Square {
    /// Centre in pixels.
    pub center: [f32; 2],
    /// Edge in pixels.
    pub side: f32,
    /// Turn in radians, clockwise as seen.
    pub angle: f32,
}

/// Edge of the crop over the longer edge of the face's box (the mesh was trained so).
const MARGIN: f32 = 1.5;

/// Overlap of two crops (intersection over union) from which they show the same face.
const SAME_PLACE: f32 = 0.3;

impl Square {
    /// The crop for a face whose `points` span a box and whose line from `from` to `to`
    /// (the subject's right to left eye) is to become level.
    #[must_use]
    pub fn around(
        points: impl IntoIterator<Item = [f32; 2]>,
        from: [f32; 2],
        to: [f32; 2],
    ) -> Self {
        let mut low = [f32::INFINITY; 2];
        let mut high = [f32::NEG_INFINITY; 2];
        for point in points {
            for axis in 0..2 {
                low[axis] = low[axis].min(point[axis]);
                high[axis] = high[axis].max(point[axis]);
            }
        }
        Self {
            center: [(low[0] + high[0]) / 2.0, (low[1] + high[1]) / 2.0],
            side: MARGIN * (high[0] - low[0]).max(high[1] - low[1]),
            angle: (to[1] - from[1]).atan2(to[0] - from[0]),
        }
    }

    /// The smallest level square around the whole picture.
    #[must_use]
    pub fn whole(frame: &Frame) -> Self {
        Self {
            center: [frame.width as f32 / 2.0, frame.height as f32 / 2.0],
            side: frame.width.max(frame.height) as f32,
            angle: 0.0,
        }
    }

    /// Whether a model can read it: finite, not empty, and not wholly outside the picture.
    #[must_use]
    pub fn is_usable(&self, frame: &Frame) -> bool {
        let [x, y] = self.center;
        let inside = |at: f32, size: usize| at >= 0.0 && at <= size as f32;
        self.side >= 8.0
            && self.side.is_finite()
            && inside(x, frame.width)
            && inside(y, frame.height)
    }

    /// Whether both squares are crops of one face: they overlap by a third or so.
    #[must_use]
    pub fn shows_the_same_as(&self, other: &Self) -> bool {
        self.overlap(other) >= SAME_PLACE
    }

    /// Intersection over union with another square, both taken as level.
    #[must_use]
    pub fn overlap(&self, other: &Self) -> f32 {
        let common = |axis: usize| {
            let high =
                (self.center[axis] + self.side / 2.0).min(other.center[axis] + other.side / 2.0);
            let low =
                (self.center[axis] - self.side / 2.0).max(other.center[axis] - other.side / 2.0);
            (high - low).max(0.0)
        };
        let both = common(0) * common(1);
        let either = self.side * self.side + other.side * other.side - both;
        if either > 0.0 { both / either } else { 0.0 }
    }

    /// Affine map from a picture of `edge` x `edge` pixels to the frame, row by row.
    #[must_use]
    pub fn to_frame(&self, edge: usize) -> [[f32; 3]; 2] {
        let scale = self.side / edge as f32;
        let (sin, cos) = (self.angle.sin() * scale, self.angle.cos() * scale);
        let half = edge as f32 / 2.0;
        let [x, y] = self.center;
        [[cos, -sin, x - half * (cos - sin)], [sin, cos, y - half * (sin + cos)]]
    }
}

/// What lies outside the picture.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Outside {
    /// Its edge, repeated.
    Edge,
    /// Black.
    Black,
}

/// Cuts squares out of frames; keeps its buffer.
#[derive(Debug)]
pub(super) struct Cutter {
    edge: usize,
    outside: Outside,
    patch: Mat,
}

impl Cutter {
    pub(super) fn new(edge: usize, outside: Outside) -> Self {
        Self { edge, outside, patch: Mat::default() }
    }

    /// Resamples `square` of the frame and returns its pixels, blue, green, red.
    pub(super) fn cut(&mut self, frame: &Frame, square: &Square) -> Result<&[u8], FaceError> {
        let (width, height) = (frame.width as i32, frame.height as i32);
        let flat = Mat::new_rows_cols_with_data(height, 3 * width, &frame.bgr)?;
        let view = flat.reshape(3, height)?;
        let rows = square.to_frame(self.edge).map(|row| row.map(f64::from));
        let map = Mat::from_slice_2d(&rows)?;
        let edge = self.edge as i32;
        let border = match self.outside {
            Outside::Edge => BORDER_REPLICATE,
            Outside::Black => BORDER_CONSTANT,
        };
        warp_affine(
            &view,
            &mut self.patch,
            &map,
            Size::new(edge, edge),
            INTER_LINEAR | WARP_INVERSE_MAP,
            border,
            Scalar::default(),
        )?;
        Ok(self.patch.data_bytes()?)
    }
}

/// Writes blue, green, red bytes as red, green, blue numbers: `scale * byte + offset`.
pub(super) fn normalize(bgr: &[u8], rgb: &mut [f32], scale: f32, offset: f32) {
    for (to, from) in rgb.as_chunks_mut::<3>().0.iter_mut().zip(bgr.as_chunks::<3>().0) {
        *to = [from[2], from[1], from[0]].map(|byte| f32::from(byte) * scale + offset);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ramp(width: usize, height: usize) -> Frame {
        let pixel = |i: usize| [(i % width) as u8, (i / width) as u8, 7];
        let bgr = (0..width * height).flat_map(pixel).collect();
        Frame { index: 0, time_s: 0.0, width, height, bgr }
    }

    #[test]
    fn a_level_square_of_the_same_size_is_copied_as_it_is() {
        let frame = ramp(64, 64);
        let mut cutter = Cutter::new(64, Outside::Edge);
        let square = Square { center: [32.0, 32.0], side: 64.0, angle: 0.0 };
        assert_eq!(cutter.cut(&frame, &square).unwrap(), frame.bgr);
    }

    #[test]
    fn a_quarter_turn_reads_down_where_the_crop_runs_right() {
        let frame = ramp(64, 64);
        let mut cutter = Cutter::new(32, Outside::Edge);
        let angle = std::f32::consts::FRAC_PI_2;
        let square = Square { center: [32.0, 32.0], side: 32.0, angle };
        let patch = cutter.cut(&frame, &square).unwrap();
        assert_eq!(patch[..3], [48, 16, 7]);
        assert_eq!(patch[3..6], [48, 17, 7]);
    }

    #[test]
    fn beyond_the_border_lies_its_edge_or_black() {
        let frame = ramp(64, 48);
        let square = Square { center: [0.0, 24.0], side: 48.0, angle: 0.0 };
        let patch = |outside| Cutter::new(48, outside).cut(&frame, &square).unwrap()[..3].to_vec();
        assert_eq!(patch(Outside::Edge), [0, 0, 7]);
        assert_eq!(patch(Outside::Black), [0, 0, 0]);
    }

    #[test]
    fn squares_overlap_wholly_partly_or_not_at_all() {
        let square = |x: f32| Square { center: [x, 10.0], side: 10.0, angle: 0.0 };
        assert_eq!(square(0.0).overlap(&square(0.0)), 1.0);
        assert!((square(0.0).overlap(&square(5.0)) - 1.0 / 3.0).abs() < 1e-6);
        assert_eq!(square(0.0).overlap(&square(10.0)), 0.0);
    }

    #[test]
    fn the_square_around_a_face_is_half_as_large_again_and_follows_its_eyes() {
        let points = [[10.0, 20.0], [50.0, 40.0], [30.0, 100.0]];
        let square = Square::around(points, [10.0, 20.0], [30.0, 40.0]);
        assert_eq!(square.center, [30.0, 60.0]);
        assert_eq!(square.side, 120.0);
        assert!((square.angle - std::f32::consts::FRAC_PI_4).abs() < 1e-6);
    }
}
