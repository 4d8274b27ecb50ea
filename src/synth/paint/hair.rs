//! Hair of the head: where it grows, and a shell over the skull.

use super::mesh::{Mesh, Vertex};
use super::noise::{Tile, cloudy, smooth};
use super::shape::{CROWN_Y, Shape};
use super::vector::{V3, knots, step, v3};
use crate::synth::HairStyle;

/// Where hair grows.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Hairline {
    style: HairStyle,
}

impl Hairline {
    pub(crate) const fn new(style: HairStyle) -> Self {
        Self { style }
    }

    /// How far inside the hair a place lies (negative: outside), for an angle around the head
    /// and a height.
    pub(crate) fn inside(self, angle: f32, y: f32) -> f32 {
        let deg = angle.to_degrees().abs();
        let edge = match self.style {
            HairStyle::Short => knots(
                &[
                    (0.0, -1.10),
                    (14.0, -1.11),
                    (28.0, -1.17),
                    (38.0, -1.13),
                    (47.0, -0.90),
                    (54.0, -0.66),
                    (63.0, -0.42),
                    (74.0, 0.02),
                    (80.0, 0.26),
                    (90.0, 0.30),
                    (96.0, -0.05),
                    (104.0, 0.2),
                    (120.0, 0.55),
                ],
                deg,
            ),
            HairStyle::Long => knots(
                &[
                    (0.0, -1.05),
                    (14.0, -1.04),
                    (28.0, -0.96),
                    (42.0, -0.74),
                    (52.0, -0.38),
                    (60.0, 0.15),
                    (65.0, 0.8),
                    (69.0, 1.6),
                    (74.0, 2.7),
                    (120.0, 2.9),
                ],
                deg,
            ),
            HairStyle::Bald => -9.0,
        };
        edge - y
    }

    /// Thickness of the hair over the skull.
    fn thickness(self, deg: f32, y: f32) -> f32 {
        match self.style {
            HairStyle::Short => knots(
                &[
                    (-2.0, 0.13),
                    (-1.3, 0.16),
                    (-0.9, 0.13),
                    (-0.3, 0.065),
                    (0.4, 0.04),
                    (1.0, 0.03),
                ],
                y,
            ),
            HairStyle::Long => {
                let parted = 1.0 - 0.35 * step(9.0, 2.0, deg) * step(-1.0, -1.4, y);
                parted
                    * knots(
                        &[(-2.0, 0.13), (-1.2, 0.15), (-0.5, 0.15), (0.3, 0.17), (2.9, 0.20)],
                        y,
                    )
            }
            HairStyle::Bald => 0.0,
        }
    }
}

/// The shell of hair; `None` for a bald head.
pub(crate) fn shell(shape: &Shape, style: HairStyle, seed: u32) -> Option<Mesh> {
    if style == HairStyle::Bald {
        return None;
    }
    let hairline = Hairline::new(style);
    let bottom = if style == HairStyle::Long { 2.75 } else { 0.7 };
    let around = if style == HairStyle::Long { 176.0 } else { 130.0 };
    Some(Mesh::grid(161, 100, |u, v| {
        let angle: f32 = (around * (2.0 * u - 1.0_f32)).to_radians();
        let deg = angle.to_degrees().abs();
        let (p, y) = if v < 0.33 {
            // The crown is swept by its own angle, denser at the top.
            let p = shape.at(angle, v / 0.33);
            (p, p.y)
        } else {
            let y = CROWN_Y + (v - 0.33) / 0.67 * (bottom - CROWN_Y);
            (side(shape, angle, y), y)
        };
        let inside = hairline.inside(angle, y);
        // Locks: hair lies in waves that run downwards.
        let lock = cloudy(v3(angle * 5.0, y * 0.8, 3.0), seed ^ 0x31);
        let strand = smooth(v3(angle * 30.0, y * 1.6, 7.0), seed ^ 0x32);
        let edge = step(0.0, 0.60, inside);
        let thick = hairline.thickness(deg, y) * (1.0 + 0.22 * lock) + 0.012 * strand;
        let outwards = v3(p.x, 0.55 * (p.y + 0.35).min(0.0), p.z).unit();
        let at = p + outwards
            * (thick * edge + 0.012 * step(-0.1, 0.1, inside) - 0.02 * step(0.05, -0.15, inside));
        let ragged = 0.05 * lock
            + 0.05 * strand
            + 0.04 * smooth(v3(angle * 70.0, y * 3.0, 1.0), seed ^ 0x33);
        Vertex {
            at,
            front: [p.x, p.y],
            sky: 0.45 + 0.55 * step(0.9, -0.6, y),
            lit: 1.0,
            cover: 0.5 + (inside + ragged) / 0.34,
            ..Vertex::default()
        }
    }))
}

/// The side of the head under hair: it does not follow the jaw.
fn side(shape: &Shape, angle: f32, y: f32) -> V3 {
    let p = shape.at(angle, 1.0);
    let widen = shape.half_width(y.min(0.35)) / shape.half_width(CROWN_Y);
    let fall = 1.0 + 0.07 * step(0.6, 2.6, y);
    v3(p.x * widen * fall, y, p.z * widen)
}

/// Colour factor and gloss of hair at a place of the shell: strands that run down it.
pub(crate) fn strands(u: f32, v: f32, grain: &Tile) -> (f32, f32) {
    let coarse = grain.at(u * 60.0, v * 5.0 + 13.0);
    let fine = grain.at(u * 240.0, v * 9.0 + 37.0);
    (1.0 + 0.30 * coarse + 0.38 * fine, (0.5 + 0.5 * fine).clamp(0.0, 1.0))
}
