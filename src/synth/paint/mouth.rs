//! What is seen between parted lips: teeth, tongue and the dark behind them.

use super::mesh::{Mesh, Vertex};
use super::noise::smooth;
use super::shape::Shape;
use super::vector::{V3, bell, step, v3};

const COLUMNS: usize = 33;
const ROWS: usize = 24;
/// How far down the card behind the lips reaches, for a wide-open jaw.
const REACH: f32 = 0.48;

/// A card behind the lips; `texture` tells the height over the card, `front` the resting place.
pub(crate) fn card(shape: &Shape) -> Mesh {
    let m = shape.mouth_half() * 1.02;
    let line = shape.below(1.15);
    Mesh::grid(COLUMNS, ROWS, |u, v| {
        let x = m * (2.0 * u - 1.0);
        let y = line - 0.10 + REACH * v;
        let z =
            shape.front(x, line).unwrap_or(0.9).min(1.14) - 0.11 - 0.25 * (x / m).powi(2) - 0.2 * v;
        Vertex {
            at: v3(x, y, z),
            front: [x / m, y - line],
            sky: 1.0,
            lit: 1.0,
            cover: 1.0,
            ..Vertex::default()
        }
    })
}

/// Colour of the card: `along` -1 to 1 across the mouth, `down` below the lip line at rest, for
/// a jaw that has dropped by `drop`.
pub(crate) fn colour(along: f32, down: f32, drop: f32, seed: u32) -> V3 {
    let depth = v3(0.045, 0.014, 0.013);
    let tongue =
        v3(0.30, 0.085, 0.085) * (0.7 + 0.2 * smooth(v3(along * 6.0, down * 20.0, 0.0), seed));
    let mut seen = depth.mix(tongue, 0.8 * step(0.10, 0.17, down) * step(0.9, 0.4, along.abs()));
    // Upper teeth belong to the skull, lower to the jaw.
    let upper = step(0.055, 0.035, down - 0.012 * along * along);
    let lower_edge = drop + 0.045;
    let lower = step(lower_edge - 0.01, lower_edge + 0.015, down);
    let enamel = |wide: f32| {
        let number = along / wide;
        let gap = 1.0 - 0.55 * bell((number - number.round()) / 0.07);
        v3(0.66, 0.60, 0.50) * (gap * step(1.05, 0.35, along.abs()))
    };
    seen = seen.mix(enamel(0.21), upper);
    seen.mix(enamel(0.15) * 0.75, lower * step(0.03, 0.08, drop))
}
