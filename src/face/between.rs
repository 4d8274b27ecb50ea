//! Reads pictures between their pixels.
//!
//! Places are whole numbers of 1/32 pixel. What is read at one is the mean of the four pixels around
//! it, weighted by how near they are and rounded once: the same as OpenCV's resampling, bit by bit.
//! [`LANES`] places are read at a time, so that the compiler can use the machine's vectors.

use std::hint::black_box;

use crate::source::Plane;

/// Places are given in parts of a pixel, two to the power of this.
const BITS: u32 = 5;
/// Parts of a pixel.
const PARTS: i32 = 1 << BITS;

/// Places read at a time.
pub(super) const LANES: usize = 16;

/// One number for each of so many places.
pub(super) type Lanes<T> = [T; LANES];

/// What lies outside the picture.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Beyond {
    /// Its edge, repeated.
    Edge,
    /// This byte.
    Byte(u8),
}

/// One byte of every pixel of a picture, `STEP` bytes from pixel to pixel.
#[derive(Clone, Copy)]
pub(super) struct Channel<'a, const STEP: usize> {
    /// From the first pixel on.
    data: &'a [u8],
    stride: usize,
    width: usize,
    height: usize,
}

impl<'a> From<Plane<'a>> for Channel<'a, 1> {
    fn from(Plane { data, stride, width, height }: Plane<'a>) -> Self {
        Self::new(data, stride, width, height)
    }
}

impl<'a, const STEP: usize> Channel<'a, STEP> {
    /// A channel of which all bytes are there.
    fn new(data: &'a [u8], stride: usize, width: usize, height: usize) -> Self {
        let last = width.saturating_sub(1) * STEP;
        let rows = if stride > last { data.len().saturating_sub(last).div_ceil(stride) } else { 0 };
        assert!(data.len() <= i32::MAX as usize, "a picture of more than two gigabytes");
        Self { data, stride, width, height: height.min(rows) }
    }
}

impl<'a> Channel<'a, 3> {
    /// Byte `number` of each packed pixel, rows without padding.
    pub(super) fn packed(pixels: &'a [u8], width: usize, number: usize) -> Self {
        let height = pixels.len() / (3 * width.max(1));
        Self::new(&pixels[number.min(pixels.len())..], 3 * width, width, height)
    }
}

impl<const STEP: usize> Channel<'_, STEP> {
    /// Reads at places, given in parts of a pixel; the middle of the first pixel is 0, 0.
    #[inline(always)]
    pub(super) fn read(&self, [x, y]: &[Lanes<i32>; 2], beyond: Beyond) -> Lanes<u8> {
        let [right, bottom] = [self.width, self.height].map(|length| length as i32 - 1);
        let (mut all, mut corners) = (true, [0; LANES]);
        for i in 0..LANES {
            let (x, y) = (x[i] >> BITS, y[i] >> BITS);
            all &= (x >= 0) & (x < right) & (y >= 0) & (y < bottom);
            corners[i] = y.wrapping_mul(self.stride as i32).wrapping_add(x * STEP as i32);
        }
        // The four pixels around each place, in one word.
        let mut around = [0; LANES];
        if all {
            // Kept in memory, the corners are made eight at a time, not one by one.
            for (around, corner) in around.iter_mut().zip(black_box(corners)) {
                // SAFETY: column and row are at least 0 and less than the last.
                *around = unsafe { self.square(corner as usize) };
            }
        } else {
            for i in 0..LANES {
                around[i] = self.at_edge(x[i] >> BITS, y[i] >> BITS, beyond);
            }
        }
        let mut read = [0; LANES];
        for i in 0..LANES {
            let (right, down) = (x[i] & (PARTS - 1), y[i] & (PARTS - 1));
            let pixel = |number: u32| around[i] >> (8 * number) & 0xff;
            let upper = pixel(0) * (PARTS - right) + pixel(1) * right;
            let lower = pixel(2) * (PARTS - right) + pixel(3) * right;
            let sum = upper * (PARTS - down) + lower * down;
            read[i] = ((sum + PARTS * PARTS / 2) >> (2 * BITS)) as u8;
        }
        read
    }

    /// The four pixels of which the upper left one begins at a byte, in one word.
    ///
    /// # Safety
    /// That pixel lies neither in the last column nor in the last row.
    #[inline(always)]
    unsafe fn square(&self, corner: usize) -> i32 {
        debug_assert!(corner + self.stride + STEP < self.data.len());
        // SAFETY: all bytes up to the last pixel's are there, as was asked when the channel was made.
        let byte = |from: usize| unsafe { *self.data.get_unchecked(corner + from) };
        let pair = |from: usize| {
            if STEP == 1 {
                // SAFETY: as above, of two bytes beside each other.
                let pair =
                    unsafe { self.data.as_ptr().add(corner + from).cast::<u16>().read_unaligned() };
                i32::from(u16::from_le(pair))
            } else {
                i32::from(byte(from)) | i32::from(byte(from + STEP)) << 8
            }
        };
        pair(0) | pair(self.stride) << 16
    }

    /// The four pixels around a place, some of which may lie outside.
    #[cold]
    fn at_edge(&self, left: i32, top: i32, beyond: Beyond) -> i32 {
        let pixel = |right, down| self.pixel(left + right, top + down, beyond);
        i32::from_le_bytes([pixel(0, 0), pixel(1, 0), pixel(0, 1), pixel(1, 1)])
    }

    /// A pixel that may lie outside.
    fn pixel(&self, x: i32, y: i32, beyond: Beyond) -> u8 {
        let [right, bottom] = [self.width, self.height].map(|length| length as i32 - 1);
        if let Beyond::Byte(byte) = beyond
            && !((0..=right).contains(&x) && (0..=bottom).contains(&y))
        {
            return byte;
        }
        let (x, y) = (x.min(right).max(0) as usize, y.min(bottom).max(0) as usize);
        self.data.get(y * self.stride + x * STEP).copied().unwrap_or(0)
    }
}

/// The place nearest to a position in pixels.
#[inline(always)]
pub(super) fn place(at: f32) -> i32 {
    // Added to this, a number is rounded to a whole one by the machine.
    const WHOLE: f32 = 12_582_912.0;
    (at * PARTS as f32 + WHOLE).to_bits() as i32 - WHOLE.to_bits() as i32
}

/// Places on a regular grid that may be turned and scaled.
#[derive(Debug)]
pub(super) struct Grid {
    /// From column and row of the grid to pixels.
    to_picture: [[f64; 3]; 2],
    /// How far each column lies from the first, along both axes, in finer parts.
    columns: [Vec<i32>; 2],
}

/// Bits by which a grid's steps are finer than places, so that they do not add up.
const FINER: u32 = 5;

impl Grid {
    /// The grid of `columns` columns, a multiple of [`LANES`], laid over a picture by `to_picture`.
    pub(super) fn new(to_picture: [[f64; 3]; 2], columns: usize) -> Self {
        let along =
            |[across, ..]: [f64; 3]| (0..columns).map(|x| fine(across * x as f64)).collect();
        Self { to_picture, columns: to_picture.map(along) }
    }

    /// Where a row begins, in finer parts.
    #[inline(always)]
    pub(super) fn row(&self, row: usize) -> [i32; 2] {
        let half = 1 << (FINER - 1);
        self.to_picture.map(|[_, down, at]| fine(down * row as f64 + at).wrapping_add(half))
    }

    /// Places from a column on, in the row that begins at `row`.
    #[inline(always)]
    pub(super) fn places(&self, row: [i32; 2], column: usize) -> [Lanes<i32>; 2] {
        let mut places = [[0; LANES]; 2];
        for axis in 0..2 {
            let columns = &self.columns[axis][column..][..LANES];
            for i in 0..LANES {
                places[axis][i] = row[axis].wrapping_add(columns[i]) >> FINER;
            }
        }
        places
    }
}

fn fine(at: f64) -> i32 {
    (at * f64::from(PARTS << FINER)).round_ties_even() as i32
}

#[cfg(test)]
mod tests {
    use opencv::core::{BORDER_CONSTANT, BORDER_REPLICATE, Mat, Scalar, Size, Vec2f};
    use opencv::imgproc::{INTER_LINEAR, WARP_INVERSE_MAP, remap, warp_affine};
    use opencv::prelude::*;

    use super::super::view::view;
    use super::*;

    const SIZE: (usize, usize) = (61, 47);
    const EDGE: usize = 48;

    fn picture() -> Vec<u8> {
        (0..SIZE.0 * SIZE.1).map(|i| ((i * 7919) ^ (i / 61 * 31)) as u8).collect()
    }

    fn plane(data: &[u8]) -> Plane<'_> {
        Plane { data, stride: SIZE.0, width: SIZE.0, height: SIZE.1 }
    }

    /// What is read at rows of places.
    fn read(
        data: &[u8],
        beyond: Beyond,
        places: impl Fn(usize, usize) -> [Lanes<i32>; 2],
    ) -> Vec<u8> {
        let channel = Channel::from(plane(data));
        let parts = (0..EDGE).flat_map(|y| (0..EDGE).step_by(LANES).map(move |x| (x, y)));
        parts.flat_map(|(x, y)| channel.read(&places(x, y), beyond)).collect()
    }

    #[test]
    fn a_turned_grid_is_read_as_opencv_reads_it() {
        let data = picture();
        for (to_picture, border, beyond) in [
            ([[1.0, 0.0, 2.0], [0.0, 1.0, -3.0]], BORDER_REPLICATE, Beyond::Edge),
            ([[0.71, -0.43, 11.3], [0.43, 0.71, -2.9]], BORDER_REPLICATE, Beyond::Edge),
            ([[1.9, 0.6, -30.2], [-0.6, 1.9, 5.5]], BORDER_CONSTANT, Beyond::Byte(16)),
        ] {
            let map = Mat::from_slice_2d(&to_picture).unwrap();
            let (size, flags) =
                (Size::new(EDGE as i32, EDGE as i32), INTER_LINEAR | WARP_INVERSE_MAP);
            let mut expected = Mat::default();
            let from = view(plane(&data)).unwrap();
            warp_affine(&from, &mut expected, &map, size, flags, border, Scalar::all(16.0))
                .unwrap();
            let grid = Grid::new(to_picture, EDGE);
            let found = read(&data, beyond, |x, y| grid.places(grid.row(y), x));
            assert_eq!(found, expected.data_bytes().unwrap(), "{to_picture:?}");
        }
    }

    #[test]
    fn places_one_by_one_are_read_as_opencv_reads_them() {
        let data = picture();
        let at = |x: usize, y: usize| {
            let (x, y) = (x as f32, y as f32);
            [x * 1.37 - 4.1 + 3.0 * (y * 0.3).sin(), y * 0.93 + 2.7 * (x * 0.2).cos()]
        };
        let rows: Vec<Vec<Vec2f>> =
            (0..EDGE).map(|y| (0..EDGE).map(|x| Vec2f::from(at(x, y))).collect()).collect();
        let map = Mat::from_slice_2d(&rows).unwrap();
        let mut expected = Mat::default();
        let (from, none) = (view(plane(&data)).unwrap(), Mat::default());
        let flags = INTER_LINEAR;
        remap(&from, &mut expected, &map, &none, flags, BORDER_REPLICATE, Scalar::default())
            .unwrap();
        let places = |x: usize, y: usize| {
            [0, 1].map(|axis| std::array::from_fn(|i| place(at(x + i, y)[axis])))
        };
        assert_eq!(read(&data, Beyond::Edge, places), expected.data_bytes().unwrap());
    }
}
