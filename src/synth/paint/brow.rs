//! Eyebrows: strokes of hair in the frontal plane.

use super::noise::{hash, unit};
use super::vector::{knots, step};

/// Two eyebrows.
#[derive(Debug)]
pub(crate) struct Brows {
    strokes: Vec<Stroke>,
    /// Numbers of the strokes near each cell of a grid over one brow.
    cells: Vec<Vec<u16>>,
    thickness: f32,
}

/// What a brow covers at a point.
#[derive(Debug, Clone, Copy)]
pub(crate) struct BrowSample {
    /// Part of the skin that hair hides, 0 to 1.
    pub(crate) alpha: f32,
}

#[derive(Debug, Clone, Copy)]
struct Stroke {
    from: [f32; 2],
    to: [f32; 2],
    width: f32,
    alpha: f32,
}

const LEFT: f32 = 0.08;
const TOP: f32 = -0.62;
const CELL: f32 = 0.03;
const ACROSS: usize = 30;
const DOWN: usize = 14;
const STROKES: u32 = 420;

/// Middle of the brow at a distance from the midline, and half its thickness.
fn middle(u: f32) -> (f32, f32) {
    (
        knots(
            &[
                (0.12, -0.325),
                (0.22, -0.355),
                (0.40, -0.405),
                (0.60, -0.435),
                (0.76, -0.415),
                (0.90, -0.345),
            ],
            u,
        ),
        knots(
            &[
                (0.12, 0.030),
                (0.20, 0.050),
                (0.40, 0.050),
                (0.62, 0.040),
                (0.80, 0.024),
                (0.92, 0.006),
            ],
            u,
        ),
    )
}

impl Brows {
    pub(crate) fn new(thickness: f32, seed: u64) -> Self {
        let strokes: Vec<Stroke> = (0..STROKES)
            .map(|i| {
                let at = |salt: i32| unit(hash(i as i32, salt, 17, seed as u32));
                let u = 0.145 + 0.735 * at(1);
                let (y, half) = middle(u);
                let across = 2.0 * at(2) - 1.0;
                let y = y + across * half * thickness;
                // Upwards at the inner end, along the brow further out; the upper edge points
                // down, the lower up.
                let rise = knots(
                    &[(0.14, 1.0), (0.24, 0.55), (0.45, 0.25), (0.70, -0.02), (0.9, -0.3)],
                    u,
                ) - 0.35 * (-across).max(0.0) * step(0.2, 0.4, u)
                    + 0.25 * (at(3) - 0.5);
                let length = 0.075 * (0.7 + 0.6 * at(4));
                Stroke {
                    from: [u, y],
                    to: [u + length * rise.cos(), y - length * rise.sin()],
                    width: 0.0055 * (0.7 + 0.6 * at(5)),
                    alpha: 0.45 + 0.4 * at(6),
                }
            })
            .collect();
        let mut cells = vec![Vec::new(); ACROSS * DOWN];
        for (number, s) in strokes.iter().enumerate() {
            let cell = |a: f32, origin: f32, most: usize| {
                (((a - origin) / CELL).floor().max(0.0) as usize).min(most - 1)
            };
            let margin = 0.012;
            let xs = [s.from[0].min(s.to[0]) - margin, s.from[0].max(s.to[0]) + margin];
            let ys = [s.from[1].min(s.to[1]) - margin, s.from[1].max(s.to[1]) + margin];
            for j in cell(ys[0], TOP, DOWN)..=cell(ys[1], TOP, DOWN) {
                for i in cell(xs[0], LEFT, ACROSS)..=cell(xs[1], LEFT, ACROSS) {
                    cells[j * ACROSS + i].push(number as u16);
                }
            }
        }
        Self { strokes, cells, thickness }
    }

    /// Hair at a point of the frontal plane.
    pub(crate) fn at(&self, x: f32, y: f32) -> BrowSample {
        let u = x.abs();
        // The two brows are not exact mirror images.
        let y = if x < 0.0 { y + 0.008 } else { y };
        let (i, j) = ((u - LEFT) / CELL, (y - TOP) / CELL);
        if i < 0.0 || j < 0.0 || i >= ACROSS as f32 || j >= DOWN as f32 {
            return BrowSample { alpha: 0.0 };
        }
        let (mid, half) = middle(u);
        let half = half * self.thickness;
        // Soft shade of hair too fine to draw.
        let shade = 0.34
            * step(1.5, 0.4, ((y - mid) / half.max(0.01)).abs())
            * step(0.11, 0.24, u)
            * step(0.95, 0.82, u);
        let mut bare = 1.0 - shade;
        for number in &self.cells[j as usize * ACROSS + i as usize] {
            let s = &self.strokes[*number as usize];
            let (dx, dy) = (s.to[0] - s.from[0], s.to[1] - s.from[1]);
            let (px, py) = (u - s.from[0], y - s.from[1]);
            let t = ((px * dx + py * dy) / (dx * dx + dy * dy)).clamp(0.0, 1.0);
            let d = (px - t * dx).hypot(py - t * dy);
            // Hairs taper.
            let width = s.width * (1.0 - 0.6 * t);
            bare *= 1.0 - s.alpha * step(1.4 * width, 0.3 * width, d);
        }
        BrowSample { alpha: 0.96 * (1.0 - bare) }
    }
}
