//! Resamples a frame as if the face were seen from the front.

use opencv::core::{BORDER_REPLICATE, CV_8U, Mat, Rect, Scalar, Size, Vec2f};
use opencv::imgproc::{COLOR_BGR2GRAY, INTER_AREA, INTER_LINEAR, cvt_color_def, remap, resize};
use opencv::prelude::*;

use super::super::error::FaceError;
use super::super::pose::HeadFit;
use super::super::view::{packed, view};
use super::canvas::{Canvas, EDGE, NODE_STEP, NODES, UNIT, nearest_node};
use crate::source::{Frame, Pixels};

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

    /// A copy that lasts.
    pub(super) fn keep(&self) -> Result<Self, FaceError> {
        Ok(Self { grey: self.grey.try_clone()?, ..*self })
    }
}

/// Where the canvas lies in a frame: a map of its nodes.
#[derive(Debug)]
pub(super) struct Mapping {
    nodes: Mat,
    scale: f64,
}

impl Mapping {
    pub(super) fn new() -> Result<Self, FaceError> {
        let edge = NODES as i32;
        let nodes =
            Mat::new_rows_cols_with_default(edge, edge, opencv::core::CV_32FC2, Scalar::default())?;
        Ok(Self { nodes, scale: 1.0 })
    }

    /// Lays the canvas over a head.
    pub(super) fn lay(&mut self, canvas: &Canvas, fit: &HeadFit) -> Result<(), FaceError> {
        self.scale = fit.scale;
        for (to, from) in self.nodes.data_typed_mut::<Vec2f>()?.iter_mut().zip(canvas.nodes()) {
            let at = fit.origin + fit.rotation * from * fit.scale;
            *to = Vec2f::from([at.x as f32, at.y as f32]);
        }
        Ok(())
    }

    /// Where a pixel of the canvas lies in the frame, between the nodes.
    pub(super) fn in_frame(&self, pixel: [f64; 2]) -> Result<[f32; 2], FaceError> {
        let nodes = self.nodes.data_typed::<Vec2f>()?;
        let at = pixel.map(|p| ((p + 0.5) / NODE_STEP - 0.5).clamp(0.0, NODES as f64 - 1.001));
        let [x, y] = at.map(|p| p as usize);
        let part = [at[0] - x as f64, at[1] - y as f64].map(|p| p as f32);
        let node = |dx: usize, dy: usize, axis: usize| nodes[(y + dy) * NODES + x + dx][axis];
        Ok([0, 1].map(|axis| {
            let upper = node(0, 0, axis) + part[0] * (node(1, 0, axis) - node(0, 0, axis));
            let lower = node(0, 1, axis) + part[0] * (node(1, 1, axis) - node(0, 1, axis));
            upper + part[1] * (lower - upper)
        }))
    }

    /// Part of its frontal area that the skin around a pixel of the canvas shows, negative when
    /// it faces away, and whether it lies inside the frame.
    pub(super) fn view(&self, pixel: [f64; 2], frame: &Frame) -> Result<(f32, bool), FaceError> {
        let nodes = self.nodes.data_typed::<Vec2f>()?;
        let [x, y] = nearest_node(pixel);
        let at = |x: usize, y: usize| nodes[y * NODES + x];
        let (right, down) = (at(x + 1, y) - at(x - 1, y), at(x, y + 1) - at(x, y - 1));
        let step = 2.0 * NODE_STEP / UNIT * self.scale;
        let area = right[0] * down[1] - right[1] * down[0];
        let [px, py] = *at(x, y);
        let inside = px >= 0.0 && py >= 0.0 && px < frame.width as f32 && py < frame.height as f32;
        Ok((area / (step * step) as f32, inside))
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
    placed: Mat,
    map: Mat,
}

impl Unwrapper {
    /// Cuts the face out of a frame; `false` if no pixel of it is inside.
    pub(super) fn cut(
        &mut self,
        frame: &Frame,
        mapping: &Mapping,
        cutout: &mut Cutout,
    ) -> Result<bool, FaceError> {
        let nodes = mapping.nodes.data_typed::<Vec2f>()?;
        let (mut low, mut high) = ([f32::INFINITY; 2], [f32::NEG_INFINITY; 2]);
        for node in nodes {
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
        mapping.nodes.copy_to(&mut self.placed)?;
        for node in self.placed.data_typed_mut::<Vec2f>()? {
            *node = Vec2f::from(cutout.place(node.0));
        }
        let size = Size::new(EDGE as i32, EDGE as i32);
        resize(&self.placed, &mut self.map, size, 0.0, 0.0, INTER_LINEAR)?;
        let none = Mat::default();
        remap(
            &cutout.grey,
            image,
            &self.map,
            &none,
            INTER_LINEAR,
            BORDER_REPLICATE,
            Scalar::default(),
        )?;
        Ok(())
    }
}
