//! Squares of a picture, turned and scaled to what a model reads.

use super::between::{Beyond, Channel, Grid, LANES};
use super::wide::wide;
use crate::source::{Colours, Frame, Pixels};

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

impl Outside {
    fn beyond(self, black: f32) -> Beyond {
        match self {
            Self::Edge => Beyond::Edge,
            Self::Black => Beyond::Byte(black as u8),
        }
    }
}

/// How a byte of colour becomes a number: `scale * byte + offset`.
#[derive(Debug, Clone, Copy)]
pub(super) struct Norm {
    pub(super) scale: f32,
    pub(super) offset: f32,
}

/// Cuts squares out of frames.
#[derive(Debug, Clone, Copy)]
pub(super) struct Cutter {
    /// Edge of what is cut, pixels; a multiple of [`LANES`].
    pub(super) edge: usize,
    pub(super) outside: Outside,
    pub(super) norm: Norm,
}

impl Cutter {
    /// Resamples `square` of the frame and writes its pixels as numbers, red, green, blue.
    pub(super) fn cut(&self, frame: &Frame, square: &Square, rgb: &mut [f32]) {
        let to_frame = square.to_frame(self.edge).map(|row| row.map(f64::from));
        let grid = Grid::new(to_frame, self.edge);
        match &frame.pixels {
            Pixels::Bgr(bgr) => {
                let channels = [2, 1, 0].map(|number| Channel::packed(bgr, frame.width, number));
                cut_packed(self, channels, &grid, rgb);
            }
            Pixels::Planes(planes) => {
                let [across, down] = planes.chroma_shift();
                // A pixel of chroma lies in the middle of those of luma that it colours.
                let to_chroma = [(to_frame[0], across), (to_frame[1], down)].map(|(row, shift)| {
                    let step = f64::from(1_u32 << shift);
                    [row[0] / step, row[1] / step, (row[2] - (step - 1.0) / 2.0) / step]
                });
                let chroma = planes.chroma().map(|planes| planes.map(Channel::from));
                let to_chroma = Grid::new(to_chroma, self.edge);
                let (luma, colours) = (planes.luma().into(), planes.colours());
                cut_planes(self, &colours, luma, &grid, chroma, &to_chroma, rgb);
            }
        }
    }
}

/// The pixels of a row, so many at a time, with the column of the first.
#[inline(always)]
fn parts(row: &mut [f32]) -> impl Iterator<Item = (usize, &mut [[f32; 3]; LANES])> {
    let parts = row.as_chunks_mut::<3>().0.as_chunks_mut::<LANES>().0;
    parts.iter_mut().enumerate().map(|(number, pixels)| (number * LANES, pixels))
}

wide! {
    /// Writes the red, green and blue of packed pixels.
    fn cut_packed(cutter: &Cutter, channels: [Channel<'_, 3>; 3], grid: &Grid, rgb: &mut [f32]) {
        let Norm { scale, offset } = cutter.norm;
        let beyond = cutter.outside.beyond(0.0);
        for (number, row) in rgb.chunks_exact_mut(3 * cutter.edge).take(cutter.edge).enumerate() {
            let start = grid.row(number);
            for (column, pixels) in parts(row) {
                let places = grid.places(start, column);
                let [reds, greens, blues] = &channels;
                let reds = reds.read(&places, beyond);
                let greens = greens.read(&places, beyond);
                let blues = blues.read(&places, beyond);
                for i in 0..LANES {
                    let rgb = [reds[i], greens[i], blues[i]];
                    pixels[i] = rgb.map(|byte| f32::from(byte) * scale + offset);
                }
            }
        }
    }
}

wide! {
    /// Writes the red, green and blue that luma and chroma make.
    fn cut_planes(
        cutter: &Cutter,
        colours: &Colours,
        luma: Channel<'_, 1>,
        grid: &Grid,
        chroma: Option<[Channel<'_, 1>; 2]>,
        to_chroma: &Grid,
        rgb: &mut [f32],
    ) {
        let Norm { scale, offset } = cutter.norm;
        let [dark, none] = [colours.luma_offset, 128.0].map(|black| cutter.outside.beyond(black));
        for (number, row) in rgb.chunks_exact_mut(3 * cutter.edge).take(cutter.edge).enumerate() {
            let starts = [grid, to_chroma].map(|grid| grid.row(number));
            for (column, pixels) in parts(row) {
                let luma = luma.read(&grid.places(starts[0], column), dark);
                let [blues, reds] = match &chroma {
                    Some([blues, reds]) => {
                        let places = to_chroma.places(starts[1], column);
                        [blues.read(&places, none), reds.read(&places, none)]
                    }
                    None => [[128; LANES]; 2],
                };
                for i in 0..LANES {
                    let grey = colours.luma_scale * (f32::from(luma[i]) - colours.luma_offset);
                    let (b, r) = (f32::from(blues[i]) - 128.0, f32::from(reds[i]) - 128.0);
                    let rgb = [
                        grey + colours.red * r,
                        grey + colours.green[0] * b + colours.green[1] * r,
                        grey + colours.blue * b,
                    ];
                    pixels[i] = rgb.map(|value| value.clamp(0.0, 255.0) * scale + offset);
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::Planes;

    const AS_IT_IS: Norm = Norm { scale: 1.0, offset: 0.0 };

    fn ramp(width: usize, height: usize) -> Frame {
        let pixel = |i: usize| [(i % width) as u8, (i / width) as u8, 7];
        Frame::from_bgr(width, height, (0..width * height).flat_map(pixel).collect())
    }

    /// A grey ramp to the right, as a packed picture and as planes.
    fn greys(width: usize, height: usize) -> [Frame; 2] {
        let luma: Vec<u8> = (0..width * height).map(|i| (i % width) as u8).collect();
        let bgr = luma.iter().flat_map(|&grey| [grey; 3]).collect();
        let planes = Planes::grey(width, height, &luma);
        let planes = Frame { width, height, pixels: Pixels::Planes(planes), ..Frame::default() };
        [Frame::from_bgr(width, height, bgr), planes]
    }

    /// The pixels of a square, blue, green, red.
    fn patch(edge: usize, outside: Outside, frame: &Frame, square: &Square) -> Vec<u8> {
        let mut rgb = vec![0.0; 3 * edge * edge];
        Cutter { edge, outside, norm: AS_IT_IS }.cut(frame, square, &mut rgb);
        rgb.as_chunks::<3>().0.iter().flat_map(|[r, g, b]| [*b as u8, *g as u8, *r as u8]).collect()
    }

    #[test]
    fn a_level_square_of_the_same_size_is_copied_as_it_is() {
        let frame = ramp(64, 64);
        let square = Square { center: [32.0, 32.0], side: 64.0, angle: 0.0 };
        assert_eq!(patch(64, Outside::Edge, &frame, &square), frame.bgr()[..]);
    }

    #[test]
    fn a_quarter_turn_reads_down_where_the_crop_runs_right() {
        let frame = ramp(64, 64);
        let angle = std::f32::consts::FRAC_PI_2;
        let square = Square { center: [32.0, 32.0], side: 32.0, angle };
        let patch = patch(32, Outside::Edge, &frame, &square);
        assert_eq!(patch[..3], [48, 16, 7]);
        assert_eq!(patch[3..6], [48, 17, 7]);
    }

    #[test]
    fn beyond_the_border_lies_its_edge_or_black() {
        let frame = ramp(64, 48);
        let square = Square { center: [0.0, 24.0], side: 48.0, angle: 0.0 };
        let patch = |outside| patch(48, outside, &frame, &square)[..3].to_vec();
        assert_eq!(patch(Outside::Edge), [0, 0, 7]);
        assert_eq!(patch(Outside::Black), [0, 0, 0]);
    }

    #[test]
    fn planes_and_packed_pixels_of_one_picture_are_cut_alike() {
        let [packed, planes] = greys(64, 48);
        for (center, side, angle) in [([32.0, 24.0], 40.0, 0.0), ([20.0, 30.0], 64.0, 0.4)] {
            let square = Square { center, side, angle };
            for outside in [Outside::Edge, Outside::Black] {
                let cut = |frame| patch(32, outside, frame, &square);
                assert_eq!(cut(&packed), cut(&planes));
            }
        }
    }

    #[test]
    fn chroma_of_half_the_resolution_lies_over_the_luma_that_it_colours() {
        // Blue from the middle on.
        let (width, height) = (64, 64);
        let chroma: Vec<u8> = (0..32 * 32).map(|i| if i % 32 < 16 { 128 } else { 228 }).collect();
        let planes = Planes::from_planes(
            width,
            height,
            [&[100; 64 * 64], &chroma, &[128; 32 * 32]],
            Some([true, true]),
        );
        let frame = Frame { width, height, pixels: Pixels::Planes(planes), ..Frame::default() };
        let square = Square { center: [32.0, 32.0], side: 64.0, angle: 0.0 };
        let patch = patch(64, Outside::Edge, &frame, &square);
        let blue = |x: usize| patch[3 * (64 * 32 + x)];
        assert_eq!((blue(30), blue(31), blue(33)), (100, 100 + 44, 255));
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
