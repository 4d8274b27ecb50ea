//! Coarse flow of the skin: how far small patches of a key have moved, and the field they make.
//!
//! Dense inverse search (Kroeger, Timofte, Dai and Van Gool 2016) at an eighth and a quarter of the
//! canvas's resolution, in the steps of OpenCV's class for it with its fastest setting, so that both
//! find the same to a few hundredths of a pixel. What depends on the key alone (slopes and structure
//! of every patch) is kept with the key, and the field stays at a quarter of the resolution.

use std::array::from_fn;

use wide::f32x8;

use super::canvas::EDGE;

/// Edge of a cell, pixels of the canvas.
pub(super) const CELL: usize = 4;
/// Edge of the finer level, and of a field, cells.
pub(super) const CELLS: usize = EDGE / CELL;
/// Edge of the coarser level, cells of twice the size.
const COARSE_CELLS: usize = CELLS / 2;

/// Edge of a patch and distance from one to the next, cells.
const PATCH: usize = 8;
const STRIDE: usize = 4;
/// Cells of a patch.
const AREA: f32 = (PATCH * PATCH) as f32;

/// Cells around a level's picture, in which its edge is repeated.
const BORDER: usize = 16;

/// Searches through all patches, forth and back, and the most steps of each.
const PASSES: usize = 2;
const STEPS: usize = 6;
/// Bands of rows between which patches take no hints from each other.
const BANDS: usize = 8;
/// Least determinant of a patch's structure.
const FLAT: f32 = 1e-3;

/// One row of a patch.
type Row = f32x8;

/// A level's picture with its border: `SIDE` cells along its edge.
#[derive(Debug, Clone)]
struct Level<const SIDE: usize>(Vec<[f32; SIDE]>);

type Fine = Level<{ CELLS + 2 * BORDER }>;
type Coarse = Level<{ COARSE_CELLS + 2 * BORDER }>;

impl<const SIDE: usize> Level<SIDE> {
    /// Cells along the edge of the picture.
    const CELLS: usize = SIDE - 2 * BORDER;
    /// Patches along its edge.
    const ACROSS: usize = 1 + (Self::CELLS - PATCH) / STRIDE;

    /// The corner of a patch, cells.
    fn corner(patch: usize) -> [usize; 2] {
        [patch % Self::ACROSS * STRIDE, patch / Self::ACROSS * STRIDE]
    }

    fn take(&mut self, picture: &[u8]) {
        for (y, row) in self.0.iter_mut().enumerate() {
            let y = y.saturating_sub(BORDER).min(Self::CELLS - 1);
            let from = &picture[y * Self::CELLS..][..Self::CELLS];
            let (before, rest) = row.split_at_mut(BORDER);
            let (cells, after) = rest.split_at_mut(Self::CELLS);
            before.fill(f32::from(from[0]));
            cells.iter_mut().zip(from).for_each(|(to, from)| *to = f32::from(*from));
            after.fill(f32::from(from[Self::CELLS - 1]));
        }
    }

    /// Slopes of the grey levels to the right and downwards, row by row, eight times as steep
    /// (Sobel); beyond the edge lies the mirror image.
    fn slopes(&self) -> [Vec<f32>; 2] {
        let mirrored = |at: usize, step: isize| {
            let at = at.checked_add_signed(step).unwrap_or(1);
            BORDER + at.min(2 * (Self::CELLS - 1) - at)
        };
        let mut slopes = [(); 2].map(|()| Vec::with_capacity(Self::CELLS * Self::CELLS));
        for y in 0..Self::CELLS {
            let rows = [-1, 0, 1].map(|step| &self.0[mirrored(y, step)]);
            for x in 0..Self::CELLS {
                let columns = [-1, 0, 1].map(|step| mirrored(x, step));
                let grey = |row: usize, column: usize| rows[row][columns[column]];
                let right = |row| grey(row, 2) - grey(row, 0);
                let down = |column| grey(2, column) - grey(0, column);
                slopes[0].push(right(0) + 2.0 * right(1) + right(2));
                slopes[1].push(down(0) + 2.0 * down(1) + down(2));
            }
        }
        slopes
    }

    /// A patch between the cells, row by row.
    #[inline(always)]
    fn read(&self, corner: [usize; 2], moved: [f32; 2]) -> [Row; PATCH] {
        let (low, high) = ((BORDER - PATCH + 1) as f32, (SIDE - BORDER - 1) as f32);
        let at =
            [0, 1].map(|axis| ((corner[axis] + BORDER) as f32 + moved[axis]).max(low).min(high));
        let [left, top] = at.map(|at| at as usize);
        let across = Row::splat(at[0] - left as f32);
        let down = Row::splat(at[1] - top as f32);
        let left = left.min(SIDE - PATCH - 1);
        let rows: &[[f32; SIDE]; PATCH + 1] =
            self.0[top..].first_chunk().expect("the border is wider than a patch");
        let mut read = [Row::ZERO; PATCH];
        let mut upper = Row::ZERO;
        for y in 0..=PATCH {
            let (before, after) = (lanes(&rows[y][left..]), lanes(&rows[y][left + 1..]));
            let lower = before + across * (after - before);
            if y > 0 {
                read[y - 1] = upper + down * (lower - upper);
            }
            upper = lower;
        }
        read
    }
}

impl<const SIDE: usize> Default for Level<SIDE> {
    fn default() -> Self {
        Self(vec![[0.0; SIDE]; SIDE])
    }
}

#[inline(always)]
fn lanes(cells: &[f32]) -> Row {
    Row::new(*cells.first_chunk().expect("a row of a patch"))
}

/// A picture of the canvas at both levels.
#[derive(Debug, Default)]
pub(super) struct Pyramid {
    fine: Fine,
    coarse: Coarse,
    shrunk: Vec<u8>,
}

impl Pyramid {
    pub(super) fn take(&mut self, image: &[u8]) {
        self.shrunk.clear();
        for rows in image.chunks_exact(CELL * EDGE) {
            let mut sums = [0u16; EDGE];
            for row in rows.chunks_exact(EDGE) {
                sums.iter_mut().zip(row).for_each(|(sum, &grey)| *sum += u16::from(grey));
            }
            self.shrunk.extend(sums.as_chunks::<CELL>().0.iter().map(|sums| {
                let sum: u16 = sums.iter().sum();
                // To the nearest whole number, from the middle to the even one.
                ((sum + 7 + (sum >> 4 & 1)) >> 4) as u8
            }));
        }
        self.fine.take(&self.shrunk);
        let halved: Vec<u8> = self
            .shrunk
            .chunks_exact(2 * CELLS)
            .flat_map(|rows| {
                let (upper, lower) = rows.split_at(CELLS);
                upper.as_chunks::<2>().0.iter().zip(lower.as_chunks::<2>().0)
            })
            .map(|(upper, lower)| {
                let sum: u16 = upper.iter().chain(lower).map(|&grey| u16::from(grey)).sum();
                ((sum + 2) >> 2) as u8
            })
            .collect();
        self.coarse.take(&halved);
    }
}

/// A patch of a key.
#[derive(Debug)]
struct Patch {
    grey: [Row; PATCH],
    slopes: [[Row; PATCH]; 2],
    slope_sums: [f32; 2],
    /// The inverse of its structure: along x, mixed, along y.
    inverse: [f32; 3],
}

impl Patch {
    /// How badly it matches what was read, means taken out.
    #[inline(always)]
    fn mismatch(&self, read: &[Row; PATCH]) -> f32 {
        let (mut sum, mut squares) = (Row::ZERO, Row::ZERO);
        for (read, grey) in read.iter().zip(&self.grey) {
            let apart = *read - *grey;
            sum += apart;
            squares += apart * apart;
        }
        let sum = sum.reduce_add();
        squares.reduce_add() - sum * sum / AREA
    }

    /// How badly it matches what was read, and the step that betters it.
    #[inline(always)]
    fn step(&self, read: &[Row; PATCH]) -> (f32, [f32; 2]) {
        let mut sums = [Row::ZERO; 4];
        for (y, read) in read.iter().enumerate() {
            let apart = *read - self.grey[y];
            sums[0] += apart;
            sums[1] += apart * apart;
            sums[2] += apart * self.slopes[0][y];
            sums[3] += apart * self.slopes[1][y];
        }
        let [sum, squares, right, down] = sums.map(Row::reduce_add);
        let right = right - sum * self.slope_sums[0] / AREA;
        let down = down - sum * self.slope_sums[1] / AREA;
        let [xx, xy, yy] = self.inverse;
        (squares - sum * sum / AREA, [xx * right + xy * down, xy * right + yy * down])
    }
}

/// A key's picture, ready to be found again.
#[derive(Debug)]
pub(super) struct FlowKey {
    fine: Vec<Patch>,
    coarse: Vec<Patch>,
}

impl FlowKey {
    pub(super) fn new(image: &[u8]) -> Self {
        let mut pyramid = Pyramid::default();
        pyramid.take(image);
        Self { fine: patches(&pyramid.fine), coarse: patches(&pyramid.coarse) }
    }
}

fn patches<const SIDE: usize>(level: &Level<SIDE>) -> Vec<Patch> {
    let (cells, slopes) = (Level::<SIDE>::CELLS, level.slopes());
    let across = Level::<SIDE>::ACROSS;
    (0..across * across)
        .map(|patch| {
            let [left, top] = Level::<SIDE>::corner(patch);
            let grey = from_fn(|y| lanes(&level.0[BORDER + top + y][BORDER + left..]));
            let slopes: [[Row; PATCH]; 2] = slopes
                .each_ref()
                .map(|slopes| from_fn(|y| lanes(&slopes[(top + y) * cells + left..])));
            let product = |a: &[Row; PATCH], b: &[Row; PATCH]| {
                a.iter().zip(b).fold(Row::ZERO, |sum, (a, b)| sum + *a * *b).reduce_add()
            };
            let [x, y] = &slopes;
            let (xx, xy, yy) = (product(x, x), product(x, y), product(y, y));
            let determinant = xx * yy - xy * xy;
            let determinant = if determinant.abs() < FLAT { FLAT } else { determinant };
            Patch {
                grey,
                slope_sums: [x, y].map(|slope| product(slope, &[Row::ONE; PATCH])),
                inverse: [yy / determinant, -xy / determinant, xx / determinant],
                slopes,
            }
        })
        .collect()
}

/// Where a pixel of the canvas lies between the cells.
#[derive(Debug, Clone, Copy)]
pub(super) struct Between {
    /// The cells around it, and the share of each.
    pub(super) cells: [usize; 4],
    pub(super) shares: [f32; 4],
}

impl Between {
    pub(super) fn new(pixel: [usize; 2]) -> Self {
        let at = pixel
            .map(|p| ((p as f32 + 0.5) / CELL as f32 - 0.5).clamp(0.0, (CELLS - 1) as f32 - 1e-3));
        let [left, top] = at.map(|at| at as usize);
        let [x, y] = at.map(f32::fract);
        let corner = top * CELLS + left;
        Self {
            cells: [corner, corner + 1, corner + CELLS, corner + CELLS + 1],
            shares: [(1.0 - x) * (1.0 - y), x * (1.0 - y), (1.0 - x) * y, x * y],
        }
    }
}

/// How far each cell has moved, pixels of the canvas right and down.
#[derive(Debug, Default)]
pub(super) struct Field(Vec<[f32; 2]>);

impl Field {
    /// The motion of a cell.
    pub(super) fn at(&self, cell: usize) -> [f32; 2] {
        self.0[cell]
    }

    /// The motion between the cells.
    #[inline(always)]
    pub(super) fn between(&self, between: &Between) -> [f32; 2] {
        let around = between.cells.map(|cell| self.0[cell]);
        [0, 1].map(|axis| (0..4).map(|i| between.shares[i] * around[i][axis]).sum())
    }
}

/// Finds keys in pictures.
#[derive(Debug, Default)]
pub(super) struct Flow {
    found: Vec<[f32; 2]>,
    /// Weighted sums at every cell: right, down, weights.
    sums: [Vec<f32>; 3],
    coarse: Vec<[f32; 2]>,
    field: Field,
}

impl Flow {
    /// How far a key's cells have moved in a picture.
    pub(super) fn find(&mut self, key: &FlowKey, picture: &Pyramid) -> &Field {
        self.found.clear();
        self.found.resize(key.coarse.len(), [0.0; 2]);
        search(&key.coarse, &picture.coarse, &mut self.found);
        spread(&key.coarse, &picture.coarse, &self.found, &mut self.sums);
        mean(&self.sums, 1.0, &mut self.coarse);
        self.found.clear();
        self.found.extend(
            (0..key.fine.len())
                .map(|patch| doubled(&self.coarse, Fine::corner(patch).map(|at| at + PATCH / 2))),
        );
        search(&key.fine, &picture.fine, &mut self.found);
        spread(&key.fine, &picture.fine, &self.found, &mut self.sums);
        mean(&self.sums, CELL as f32, &mut self.field.0);
        &self.field
    }
}

/// Of a field of the coarser level: the motion at a cell of the finer one.
fn doubled(coarse: &[[f32; 2]], cell: [usize; 2]) -> [f32; 2] {
    // A finer cell's middle lies a quarter to one side of a coarser one's.
    let [(x0, x1, right), (y0, y1, down)] = cell.map(|at| {
        let after = at.div_ceil(2);
        let part = if at.is_multiple_of(2) { 0.75 } else { 0.25 };
        (after.saturating_sub(1), after.min(COARSE_CELLS - 1), part)
    });
    [0, 1].map(|axis| {
        let at = |x: usize, y: usize| coarse[y * COARSE_CELLS + x][axis];
        let upper = at(x0, y0) * (1.0 - right) + at(x1, y0) * right;
        let lower = at(x0, y1) * (1.0 - right) + at(x1, y1) * right;
        2.0 * (upper * (1.0 - down) + lower * down)
    })
}

/// Follows the patches of a level, each from where it was thought to be or where a neighbour was
/// found.
fn search<const SIDE: usize>(patches: &[Patch], level: &Level<SIDE>, found: &mut [[f32; 2]]) {
    let across = Level::<SIDE>::ACROSS;
    let rows_a_band = across.div_ceil(BANDS);
    for first in (0..across).step_by(rows_a_band) {
        let rows = rows_a_band.min(across - first);
        for pass in 0..PASSES {
            let back = pass % 2 == 1;
            for number in 0..rows * across {
                let number = if back { rows * across - 1 - number } else { number };
                let (row, column) = (number / across, number % across);
                let this = first * across + number;
                let patch = &patches[this];
                let corner = Level::<SIDE>::corner(this);
                let mismatch = |moved| patch.mismatch(&level.read(corner, moved));
                let mut best = mismatch(found[this]);
                let hints = if back {
                    [(column + 1 < across, 1), (row + 1 < rows, across)]
                } else {
                    [(column > 0, 1), (row > 0, across)]
                };
                for (_, away) in hints.into_iter().filter(|(there, _)| *there) {
                    let hint = found[if back { this + away } else { this - away }];
                    let mismatch = mismatch(hint);
                    if mismatch < best {
                        (best, found[this]) = (mismatch, hint);
                    }
                }
                let start = found[this];
                let (mut now, mut last) = (start, f32::INFINITY);
                for _ in 0..STEPS {
                    let (mismatch, step) = patch.step(&level.read(corner, now));
                    now = [now[0] - step[0], now[1] - step[1]];
                    if mismatch >= last {
                        break;
                    }
                    last = mismatch;
                }
                let (x, y) = (now[0] - start[0], now[1] - start[1]);
                // One that went astray stays where it was.
                if x * x + y * y <= AREA {
                    found[this] = now;
                }
            }
        }
    }
}

/// Spreads the patches' motions over the cells below them, each by how well it matches there.
fn spread<const SIDE: usize>(
    patches: &[Patch],
    level: &Level<SIDE>,
    found: &[[f32; 2]],
    sums: &mut [Vec<f32>; 3],
) {
    let cells = Level::<SIDE>::CELLS;
    for sums in sums.iter_mut() {
        sums.clear();
        sums.resize(cells * cells, 0.0);
    }
    for (i, patch) in patches.iter().enumerate() {
        let [left, top] = Level::<SIDE>::corner(i);
        let moved = found[i].map(Row::splat);
        for (y, read) in level.read([left, top], found[i]).into_iter().enumerate() {
            let weight = Row::ONE / (read - patch.grey[y]).abs().fast_max(Row::ONE);
            let values = [weight * moved[0], weight * moved[1], weight];
            for (sums, value) in sums.iter_mut().zip(values) {
                let sums = &mut sums[(top + y) * cells + left..][..PATCH];
                sums.copy_from_slice(&(lanes(sums) + value).to_array());
            }
        }
    }
}

/// The mean motions of the sums, times `unit`.
fn mean([right, down, weights]: &[Vec<f32>; 3], unit: f32, motions: &mut Vec<[f32; 2]>) {
    motions.clear();
    let sums = right.iter().zip(down).zip(weights);
    motions
        .extend(sums.map(|((right, down), weight)| [right / weight * unit, down / weight * unit]));
}

#[cfg(test)]
mod tests {
    use opencv::core::{Mat, Vec2f};
    use opencv::prelude::*;
    use opencv::video::{DISOpticalFlow, DISOpticalFlow_PRESET_ULTRAFAST};

    use super::*;

    /// Spots and shades, each part of the picture moved by its own way.
    fn picture(moved: impl Fn(f32, f32) -> [f32; 2]) -> Vec<u8> {
        (0..EDGE * EDGE)
            .map(|i| {
                let (x, y) = ((i % EDGE) as f32, (i / EDGE) as f32);
                let [right, down] = moved(x, y);
                let (x, y) = (x - right, y - down);
                let waves = (x * 0.11 + y * 0.05).sin() + (x * 0.04 - y * 0.13).sin();
                (120.0 + 30.0 * waves + 20.0 * (x * 0.07 + y * 0.09).cos()) as u8
            })
            .collect()
    }

    fn own(key: &[u8], frame: &[u8]) -> Field {
        let (mut pyramid, mut flow) = (Pyramid::default(), Flow::default());
        pyramid.take(frame);
        flow.find(&FlowKey::new(key), &pyramid);
        flow.field
    }

    fn opencvs(key: &[u8], frame: &[u8]) -> Vec<[f32; 2]> {
        let [key, frame] = [key, frame].map(|bytes| {
            Mat::from_slice(bytes).unwrap().reshape(1, EDGE as i32).unwrap().try_clone().unwrap()
        });
        let mut flow = Mat::default();
        let mut search = DISOpticalFlow::create(DISOpticalFlow_PRESET_ULTRAFAST).unwrap();
        search.calc(&key, &frame, &mut flow).unwrap();
        flow.data_typed::<Vec2f>().unwrap().iter().map(|motion| motion.0).collect()
    }

    #[test]
    fn the_field_is_the_one_that_opencv_finds() {
        let key = picture(|_, _| [0.0; 2]);
        for moved in [[0.4, -0.2], [3.0, 2.0], [-6.5, 4.2]] {
            let swell = move |x: f32, y: f32| moved.map(|m| m * (0.5 + (x + y) / 512.0));
            let frame = picture(swell);
            let (own, opencvs) = (own(&key, &frame), opencvs(&key, &frame));
            let mut apart: Vec<f32> = (0..EDGE * EDGE)
                .map(|i| {
                    let [x, y] = own.between(&Between::new([i % EDGE, i / EDGE]));
                    (x - opencvs[i][0]).hypot(y - opencvs[i][1])
                })
                .collect();
            apart.sort_by(f32::total_cmp);
            let [median, most] = [apart[apart.len() / 2], apart[apart.len() - 1]];
            assert!(median < 1e-4 && most < 0.05, "{moved:?}: {median} {most}");
        }
    }
}
