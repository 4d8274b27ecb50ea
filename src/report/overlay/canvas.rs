//! Drawing: the few strokes the overlay needs, over an OpenCV picture.

use opencv::core::{self, Mat, Point, Rect, Scalar, Size, Vector};
use opencv::imgproc::{self, LINE_AA};
use opencv::prelude::*;

use super::layout::Area;
use crate::source::{Frame, Order, Packer};

/// A colour: red, green, blue.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Colour(pub(super) u8, pub(super) u8, pub(super) u8);

impl Colour {
    fn scalar(self) -> Scalar {
        Scalar::new(self.2.into(), self.1.into(), self.0.into(), 0.0)
    }

    /// This colour with `share` of another mixed in.
    pub(super) fn mixed(self, other: Self, share: f32) -> Self {
        let mix = |a: u8, b: u8| (f32::from(a) * (1.0 - share) + f32::from(b) * share) as u8;
        Self(mix(self.0, other.0), mix(self.1, other.1), mix(self.2, other.2))
    }
}

/// Sixteenths of a pixel: what OpenCV's anti-aliased strokes resolve.
const SHIFT: i32 = 4;

/// Plain strokes, legible when small.
const FONT: i32 = imgproc::FONT_HERSHEY_DUPLEX;

/// A picture being drawn.
pub(super) struct Canvas {
    mat: Mat,
    packer: Packer,
    packed: Vec<u8>,
}

impl Canvas {
    pub(super) fn new(width: usize, height: usize) -> opencv::Result<Self> {
        let size = Size::new(width as i32, height as i32);
        let mat = Mat::new_size_with_default(size, core::CV_8UC3, Scalar::all(0.0))?;
        Ok(Self { mat, packer: Packer::default(), packed: Vec::new() })
    }

    pub(super) fn mat(&self) -> &Mat {
        &self.mat
    }

    pub(super) fn fill(&mut self, area: Area, colour: Colour) -> opencv::Result<()> {
        imgproc::rectangle(&mut self.mat, rect(area), colour.scalar(), imgproc::FILLED, 8, 0)
    }

    /// Puts a frame into an area, scaled.
    pub(super) fn picture(&mut self, area: Area, frame: &Frame) -> opencv::Result<()> {
        self.packer.pack(frame, [area.width, area.height], Order::Bgr, &mut self.packed);
        let rows = Mat::from_slice(&self.packed)?;
        let picture = rows.reshape(3, area.height as i32)?;
        let mut target = Mat::roi_mut(&mut self.mat, rect(area))?;
        picture.copy_to(&mut target)
    }

    pub(super) fn dot(&mut self, at: [f32; 2], radius: f32, colour: Colour) -> opencv::Result<()> {
        let radius = (radius * f32::from(1u8 << SHIFT)) as i32;
        let filled = imgproc::FILLED;
        imgproc::circle(&mut self.mat, fine(at), radius, colour.scalar(), filled, LINE_AA, SHIFT)
    }

    pub(super) fn ring(&mut self, at: [f32; 2], radius: f32, colour: Colour) -> opencv::Result<()> {
        let radius = (radius * f32::from(1u8 << SHIFT)) as i32;
        imgproc::circle(&mut self.mat, fine(at), radius, colour.scalar(), 1, LINE_AA, SHIFT)
    }

    pub(super) fn line(
        &mut self,
        from: [f32; 2],
        to: [f32; 2],
        width: i32,
        colour: Colour,
    ) -> opencv::Result<()> {
        let (from, to) = (fine(from), fine(to));
        imgproc::line(&mut self.mat, from, to, colour.scalar(), width, LINE_AA, SHIFT)
    }

    pub(super) fn path(
        &mut self,
        points: &[[f32; 2]],
        closed: bool,
        width: i32,
        colour: Colour,
    ) -> opencv::Result<()> {
        let points: Vector<Point> = points.iter().copied().map(fine).collect();
        imgproc::polylines(&mut self.mat, &points, closed, colour.scalar(), width, LINE_AA, SHIFT)
    }

    /// Tints the convex hull of the points; `strength` 0 leaves it, 1 covers it.
    pub(super) fn glow(
        &mut self,
        points: &[[f32; 2]],
        colour: Colour,
        strength: f32,
    ) -> opencv::Result<()> {
        let points: Vector<Point> =
            points.iter().map(|[x, y]| Point::new(x.round() as i32, y.round() as i32)).collect();
        let mut hull = Vector::<Point>::new();
        imgproc::convex_hull(&points, &mut hull, false, true)?;
        let whole = Rect::new(0, 0, self.mat.cols(), self.mat.rows());
        let bounds = imgproc::bounding_rect(&hull)? & whole;
        if bounds.width <= 0 || bounds.height <= 0 {
            return Ok(());
        }
        let hull: Vector<Point> = hull.iter().map(|point| point - bounds.tl()).collect();
        let mut patch = Mat::roi_mut(&mut self.mat, bounds)?;
        let mut tinted = patch.try_clone()?;
        imgproc::fill_convex_poly(&mut tinted, &hull, colour.scalar(), LINE_AA, 0)?;
        let plain = patch.try_clone()?;
        let (share, rest) = (f64::from(strength), f64::from(1.0 - strength));
        core::add_weighted(&tinted, share, &plain, rest, 0.0, &mut patch, -1)
    }

    /// Writes text with its baseline's left end at `at`. Only ASCII can be drawn.
    pub(super) fn text(
        &mut self,
        text: &str,
        at: [f32; 2],
        size: f64,
        colour: Colour,
    ) -> opencv::Result<()> {
        let at = Point::new(at[0].round() as i32, at[1].round() as i32);
        imgproc::put_text(&mut self.mat, text, at, FONT, size, colour.scalar(), 1, LINE_AA, false)
    }

    /// Writes text that stays readable on any picture: dark behind light.
    pub(super) fn text_on_picture(
        &mut self,
        text: &str,
        at: [f32; 2],
        size: f64,
        colour: Colour,
    ) -> opencv::Result<()> {
        let point = Point::new(at[0].round() as i32, at[1].round() as i32);
        let dark = Colour(0, 0, 0).scalar();
        imgproc::put_text(&mut self.mat, text, point, FONT, size, dark, 4, LINE_AA, false)?;
        self.text(text, at, size, colour)
    }

    /// Width of a text in pixels.
    pub(super) fn text_width(text: &str, size: f64) -> opencv::Result<f32> {
        let mut baseline = 0;
        let size = imgproc::get_text_size(text, FONT, size, 1, &mut baseline)?;
        Ok(size.width as f32)
    }
}

fn rect(area: Area) -> Rect {
    Rect::new(area.x as i32, area.y as i32, area.width as i32, area.height as i32)
}

fn fine([x, y]: [f32; 2]) -> Point {
    let steps = f32::from(1u8 << SHIFT);
    Point::new((x * steps).round() as i32, (y * steps).round() as i32)
}
