//! Resamples a frame as if the face were seen from the front.

use std::array::from_fn;

use opencv::core::{CV_8U, Mat, Rect, Size};
use opencv::imgproc::{COLOR_BGR2GRAY, INTER_AREA, cvt_color_def, resize};
use opencv::prelude::*;

use super::super::between::{Beyond, Channel, LANES, place};
use super::super::error::FaceError;
use super::super::pose::HeadFit;
use super::super::view::{packed, view};
use super::super::wide::wide;
use super::canvas::{Canvas, EDGE, NODE_STEP, NODES, UNIT, nearest_node};
use crate::source::{Frame, Pixels, Plane};

/// How far the picture's pixels per pixel of the canvas may stray from the whole number by which
/// the picture is shrunk before that number changes: a face that comes and goes around one and a
/// half must not be sampled anew each time.
const SHRINK_SLACK: f64 = 0.75;

/// A cut-out of a frame that holds the face: grey, shrunk by a whole number.
#[derive(Debug, Default)]
pub(super) struct Cutout {
    pub(super) grey: Mat,
    corner: [i32; 2],
    shrink: i32,
}

impl Cutout {
    /// Where a point of the frame lies in it.
    pub(super) fn place(&self, at: [f32; 2]) -> [f32; 2] {
        let shrink = self.shrink as f32;
        [0, 1].map(|axis| (at[axis] - self.corner[axis] as f32 + 0.5) / shrink - 0.5)
    }

    /// Its grey levels.
    fn channel(&self) -> Result<Channel<'_, 1>, FaceError> {
        let [width, height] = [self.grey.cols(), self.grey.rows()].map(|length| length as usize);
        let data = self.grey.data_bytes()?;
        Ok(Channel::from(Plane { data, stride: width, width, height }))
    }

    /// A copy that lasts.
    pub(super) fn keep(&self) -> Result<Self, FaceError> {
        Ok(Self { grey: self.grey.try_clone()?, ..*self })
    }
}

/// Where the canvas lies in a frame: a map of its nodes.
#[derive(Debug)]
pub(super) struct Mapping {
    nodes: Vec<[f32; 2]>,
    scale: f64,
}

impl Default for Mapping {
    fn default() -> Self {
        Self { nodes: vec![[0.0; 2]; NODES * NODES], scale: 1.0 }
    }
}

impl Mapping {
    /// Lays the canvas over a head.
    pub(super) fn lay(&mut self, canvas: &Canvas, fit: &HeadFit) {
        self.scale = fit.scale;
        for (to, from) in self.nodes.iter_mut().zip(canvas.nodes()) {
            let at = fit.origin + fit.rotation * from * fit.scale;
            *to = [at.x as f32, at.y as f32];
        }
    }

    /// Where a pixel of the canvas lies in the frame, between the nodes.
    pub(super) fn in_frame(&self, pixel: [f64; 2]) -> [f32; 2] {
        let at = pixel.map(|p| ((p + 0.5) / NODE_STEP - 0.5).clamp(0.0, NODES as f64 - 1.001));
        let [x, y] = at.map(|p| p as usize);
        let part = [at[0] - x as f64, at[1] - y as f64].map(|p| p as f32);
        let node = |dx: usize, dy: usize, axis: usize| self.nodes[(y + dy) * NODES + x + dx][axis];
        [0, 1].map(|axis| {
            let upper = node(0, 0, axis) + part[0] * (node(1, 0, axis) - node(0, 0, axis));
            let lower = node(0, 1, axis) + part[0] * (node(1, 1, axis) - node(0, 1, axis));
            upper + part[1] * (lower - upper)
        })
    }

    /// Part of its frontal area that the skin around a pixel of the canvas shows, negative when
    /// it faces away, and whether it lies inside the frame.
    pub(super) fn view(&self, pixel: [f64; 2], frame: &Frame) -> (f32, bool) {
        let [x, y] = nearest_node(pixel);
        let at = |x: usize, y: usize| self.nodes[y * NODES + x];
        let apart = |[x0, y0]: [f32; 2], [x1, y1]: [f32; 2]| [x1 - x0, y1 - y0];
        let (right, down) = (apart(at(x - 1, y), at(x + 1, y)), apart(at(x, y - 1), at(x, y + 1)));
        let step = 2.0 * NODE_STEP / UNIT * self.scale;
        let area = right[0] * down[1] - right[1] * down[0];
        let [px, py] = at(x, y);
        let inside = px >= 0.0 && py >= 0.0 && px < frame.width as f32 && py < frame.height as f32;
        (area / (step * step) as f32, inside)
    }
}

/// How much to shrink, given how much the frame before was.
fn shrink(per_pixel: f64, before: i32) -> i32 {
    if before > 0 && (per_pixel - f64::from(before)).abs() < SHRINK_SLACK {
        before
    } else {
        (per_pixel.round() as i32).max(1)
    }
}

/// Resamples; keeps its buffers.
#[derive(Debug, Default)]
pub(super) struct Unwrapper {
    full: Mat,
    across: Vec<Row>,
}

/// Where a row of nodes puts the columns of the canvas in the cut-out, along both axes.
type Row = [[f32; EDGE]; 2];

impl Unwrapper {
    /// Cuts the face out of a frame; `false` if no pixel of it is inside.
    pub(super) fn cut(
        &mut self,
        frame: &Frame,
        mapping: &Mapping,
        cutout: &mut Cutout,
    ) -> Result<bool, FaceError> {
        let (mut low, mut high) = ([f32::INFINITY; 2], [f32::NEG_INFINITY; 2]);
        for node in &mapping.nodes {
            for axis in 0..2 {
                low[axis] = low[axis].min(node[axis]);
                high[axis] = high[axis].max(node[axis]);
            }
        }
        let per_pixel = mapping.scale / UNIT;
        let shrink = shrink(per_pixel, cutout.shrink);
        let size = [frame.width as i32, frame.height as i32];
        let mut corner = [0; 2];
        let mut extent = [0; 2];
        for axis in 0..2 {
            // Corners on the shrunk grid, so that it does not slide over the skin.
            let first = (low[axis].max(0.0) as i32 - 2 * shrink).max(0) / shrink * shrink;
            let last = (high[axis].min(size[axis] as f32) as i32 + 2 * shrink).min(size[axis]);
            corner[axis] = first;
            extent[axis] = (last - first) / shrink * shrink;
        }
        if extent[0] < shrink || extent[1] < shrink {
            return Ok(false);
        }
        let part = Rect::new(corner[0], corner[1], extent[0], extent[1]);
        let shrunk = Size::new(extent[0] / shrink, extent[1] / shrink);
        match &frame.pixels {
            Pixels::Bgr(bgr) => {
                let picture = packed(bgr, frame.height)?;
                let part = picture.roi(part)?;
                if shrink == 1 {
                    cvt_color_def(&part, &mut cutout.grey, COLOR_BGR2GRAY)?;
                } else {
                    cvt_color_def(&part, &mut self.full, COLOR_BGR2GRAY)?;
                    resize(&self.full, &mut cutout.grey, shrunk, 0.0, 0.0, INTER_AREA)?;
                }
            }
            Pixels::Planes(planes) => {
                let luma = view(planes.luma())?;
                let part = luma.roi(part)?;
                // Grey levels mean the same whatever the luma's range.
                let colours = planes.colours();
                let scale = f64::from(colours.luma_scale);
                let offset = -scale * f64::from(colours.luma_offset);
                if shrink == 1 {
                    part.convert_to(&mut cutout.grey, CV_8U, scale, offset)?;
                } else {
                    resize(&part, &mut self.full, shrunk, 0.0, 0.0, INTER_AREA)?;
                    self.full.convert_to(&mut cutout.grey, CV_8U, scale, offset)?;
                }
            }
        }
        (cutout.corner, cutout.shrink) = (corner, shrink);
        Ok(true)
    }

    /// Resamples a cut-out onto the canvas.
    pub(super) fn unwrap(
        &mut self,
        cutout: &Cutout,
        mapping: &Mapping,
        image: &mut Mat,
    ) -> Result<(), FaceError> {
        self.across.resize(NODES, [[0.0; EDGE]; 2]);
        let between: [Between; EDGE] = from_fn(Between::new);
        for (row, nodes) in self.across.iter_mut().zip(mapping.nodes.chunks_exact(NODES)) {
            spread(nodes, cutout, &between, row);
        }
        fill(&self.across, &between, cutout.channel()?, image.data_bytes_mut()?);
        Ok(())
    }
}

/// The nodes on both sides of a row or column of the canvas.
#[derive(Debug, Clone, Copy)]
struct Between {
    before: usize,
    after: usize,
    /// Part of the way from one to the other.
    part: f32,
}

impl Between {
    fn new(pixel: usize) -> Self {
        let at = ((pixel as f64 + 0.5) / NODE_STEP - 0.5).clamp(0.0, (NODES - 1) as f64);
        let before = at as usize;
        Self { before, after: (before + 1).min(NODES - 1), part: at.fract() as f32 }
    }

    #[inline(always)]
    fn mix(&self, before: f32, after: f32) -> f32 {
        before * (1.0 - self.part) + after * self.part
    }
}

/// Spreads a row of nodes over the columns of the canvas, in pixels of the cut-out.
fn spread(nodes: &[[f32; 2]], cutout: &Cutout, columns: &[Between; EDGE], row: &mut Row) {
    let placed: [[f32; 2]; NODES] = from_fn(|i| cutout.place(nodes[i]));
    for (x, between) in columns.iter().enumerate() {
        let (before, after) = (placed[between.before], placed[between.after]);
        for axis in 0..2 {
            row[axis][x] = between.mix(before[axis], after[axis]);
        }
    }
}

wide! {
    /// Fills the canvas from rows of nodes.
    fn fill(across: &[Row], rows: &[Between; EDGE], grey: Channel<'_, 1>, image: &mut [u8]) {
        for (between, row) in rows.iter().zip(image.chunks_exact_mut(EDGE)) {
            let (before, after) = (&across[between.before], &across[between.after]);
            for (number, pixels) in row.as_chunks_mut::<LANES>().0.iter_mut().enumerate() {
                let mut places = [[0; LANES]; 2];
                for axis in 0..2 {
                    let before = &before[axis][number * LANES..][..LANES];
                    let after = &after[axis][number * LANES..][..LANES];
                    for i in 0..LANES {
                        places[axis][i] = place(between.mix(before[i], after[i]));
                    }
                }
                *pixels = grey.read(&places, Beyond::Edge);
            }
        }
    }
}
