//! The head as a grid of points that the fields move.

use rayon::prelude::*;

use super::fields::{Field, Strengths};
use super::mesh::{Mesh, Vertex};
use super::shape::Shape;
use super::vector::{V3, step, v3};

/// Columns of the grid, from one ear over the face to the other.
pub(crate) const COLUMNS: usize = 177;
/// Rows of each stretch of [`Shape::at`]: crown, forehead to lips, lips to jaw, underside.
const STRETCHES: [usize; 4] = [36, 112, 38, 16];
/// Rows of the grid, the cut between the lips counted twice.
pub(crate) const ROWS: usize = 36 + 112 + 38 + 16 + 2;
/// Last row above the cut.
pub(crate) const CUT: usize = 36 + 112;
/// Largest angle of the grid, degrees from the front.
const SIDE_DEG: f32 = 120.0;

/// The head at rest and how it can move.
#[derive(Debug)]
pub(crate) struct Head {
    rest: Vec<V3>,
    /// For every field the vertices it moves.
    moves: Vec<Vec<(u32, V3)>>,
    pub(crate) mesh: Mesh,
}

/// Angle of a column; `u` runs from -1 to 1. Columns are denser at the front.
pub(crate) fn angle(u: f32) -> f32 {
    (SIDE_DEG * (0.55 * u + 0.45 * u * u * u)).to_radians()
}

/// Place along the stretches of [`Shape::at`] for a height in the texture, 0 to 1.
pub(crate) fn stretch(v: f32) -> f32 {
    let mut rows = v * (STRETCHES.iter().sum::<usize>() as f32);
    for (number, count) in STRETCHES.iter().enumerate() {
        let count = *count as f32;
        if rows <= count || number == 3 {
            return number as f32 + (rows / count).min(1.0);
        }
        rows -= count;
    }
    4.0
}

/// Change of the texture's height for a change of the place between crown and lips.
pub(crate) fn texture_per_stretch() -> f32 {
    STRETCHES[1] as f32 / STRETCHES.iter().sum::<usize>() as f32
}

impl Head {
    pub(crate) fn new(shape: &Shape) -> Self {
        let mut rest = Vec::with_capacity(COLUMNS * ROWS);
        let mut vertices = Vec::with_capacity(COLUMNS * ROWS);
        for row in 0..ROWS {
            let texture_row = if row > CUT { row - 1 } else { row };
            let v = texture_row as f32 / (ROWS - 2) as f32;
            for column in 0..COLUMNS {
                let u = 2.0 * column as f32 / (COLUMNS - 1) as f32 - 1.0;
                let p = shape.at(angle(u), stretch(v));
                rest.push(p);
                vertices.push(Vertex {
                    texture: [0.5 + 0.5 * u, v],
                    front: [p.x, p.y],
                    cover: 1.0,
                    ..Vertex::default()
                });
            }
        }
        let mut triangles = Vec::new();
        for row in (0..ROWS - 1).filter(|row| *row != CUT) {
            for column in 0..COLUMNS - 1 {
                let a = (row * COLUMNS + column) as u32;
                let (b, c, d) = (a + 1, a + COLUMNS as u32, a + COLUMNS as u32 + 1);
                triangles.push([a, c, b]);
                triangles.push([b, c, d]);
            }
        }
        let moves = Field::ALL
            .iter()
            .map(|field| {
                rest.iter()
                    .enumerate()
                    .map(|(i, p)| (i as u32, field.at(shape, *p, i / COLUMNS > CUT)))
                    .filter(|(_, d)| d.length() > 1e-3)
                    .collect()
            })
            .collect();
        let mut head = Self { rest, moves, mesh: Mesh { vertices, triangles } };
        head.pose(&[0.0; super::fields::FIELDS]);
        head
    }

    /// Moves the points to where the fields put them, in the head's own frame.
    pub(crate) fn pose(&mut self, strengths: &Strengths) {
        for (vertex, rest) in self.mesh.vertices.iter_mut().zip(&self.rest) {
            vertex.at = *rest;
        }
        for (moves, strength) in self.moves.iter().zip(strengths) {
            if strength.abs() > 1e-6 {
                for (i, d) in moves {
                    self.mesh.vertices[*i as usize].at += *d * *strength;
                }
            }
        }
        self.find_normals();
    }

    fn find_normals(&mut self) {
        let at: Vec<V3> = self.mesh.vertices.iter().map(|v| v.at).collect();
        self.mesh.vertices.par_chunks_mut(COLUMNS).enumerate().for_each(|(row, vertices)| {
            // The lips are not joined across the cut.
            let above = if row == 0 || row == CUT + 1 { row } else { row - 1 };
            let below = if row == ROWS - 1 || row == CUT { row } else { row + 1 };
            for (column, vertex) in vertices.iter_mut().enumerate() {
                let (left, right) = (column.saturating_sub(1), (column + 1).min(COLUMNS - 1));
                let across = at[row * COLUMNS + right] - at[row * COLUMNS + left];
                let down = at[below * COLUMNS + column] - at[above * COLUMNS + column];
                let normal = across.cross(down);
                vertex.normal =
                    if normal.length() > 1e-9 { normal.unit() } else { v3(0.0, -1.0, 0.0) };
            }
        });
    }

    /// Bakes how much of the sky and of the main light every point sees at rest.
    pub(crate) fn bake(&mut self, shape: &Shape, light: V3) {
        let relief = Relief::new(shape);
        for (vertex, rest) in self.mesh.vertices.iter_mut().zip(&self.rest) {
            vertex.sky = relief.sky(*rest, vertex.normal);
            vertex.lit = relief.lit(*rest, vertex.normal, light);
            // The underside of the jaw lies in its own shade.
            let under = step(3.25, 3.7, stretch(vertex.texture[1]));
            vertex.sky += (0.30 - vertex.sky) * under;
            vertex.lit *= 1.0 - under;
        }
    }

    /// A resting point of the grid.
    #[cfg(test)]
    pub(crate) fn rest(&self, column: usize, row: usize) -> V3 {
        self.rest[row * COLUMNS + column]
    }
}

/// Heights of the front of the face on a regular grid, for casting shadows.
struct Relief {
    heights: Vec<f32>,
}

const RELIEF: usize = 220;
const RELIEF_STEP: f32 = 0.02;
const RELIEF_X: f32 = -2.2;
const RELIEF_Y: f32 = -2.2;

impl Relief {
    fn new(shape: &Shape) -> Self {
        let heights = (0..RELIEF * RELIEF)
            .map(|i| {
                let x = RELIEF_X + (i % RELIEF) as f32 * RELIEF_STEP;
                let y = RELIEF_Y + (i / RELIEF) as f32 * RELIEF_STEP;
                shape.front(x, y).unwrap_or(-9.0)
            })
            .collect();
        Self { heights }
    }

    fn height(&self, x: f32, y: f32) -> f32 {
        let (fx, fy) = ((x - RELIEF_X) / RELIEF_STEP, (y - RELIEF_Y) / RELIEF_STEP);
        if fx < 0.0 || fy < 0.0 || fx >= (RELIEF - 1) as f32 || fy >= (RELIEF - 1) as f32 {
            return -9.0;
        }
        let (i, j) = (fx as usize, fy as usize);
        let (u, v) = (fx - i as f32, fy - j as f32);
        let h = |di: usize, dj: usize| self.heights[(j + dj) * RELIEF + i + di];
        (h(0, 0) * (1.0 - u) + h(1, 0) * u) * (1.0 - v) + (h(0, 1) * (1.0 - u) + h(1, 1) * u) * v
    }

    /// Share of the sky that is free, 0 to 1.
    fn sky(&self, p: V3, n: V3) -> f32 {
        let start = p + n * 0.02;
        let (mut free, mut all) = (0.0, 0.0);
        for ring in 0..3 {
            let lift = [0.25_f32, 0.7, 1.2][ring];
            for k in 0..10 {
                let a = k as f32 * 0.628 + ring as f32 * 0.3;
                let d = v3(a.cos() * lift.cos(), a.sin() * lift.cos(), lift.sin());
                let weight = d.dot(n).max(0.0);
                if weight > 0.0 {
                    all += weight;
                    free += weight * self.clear(start, d, 0.5, 8, 0.03);
                }
            }
        }
        if all > 0.0 { (free / all).clamp(0.3, 1.0) } else { 0.5 }
    }

    /// Share of the main light that arrives, 0 to 1.
    fn lit(&self, p: V3, n: V3, light: V3) -> f32 {
        self.clear(p + n * 0.04, light, 1.0, 26, 0.13)
    }

    /// 1 where the ray runs free, 0 where it is buried deeper than `soft`.
    fn clear(&self, from: V3, towards: V3, reach: f32, steps: usize, soft: f32) -> f32 {
        let mut free: f32 = 1.0;
        for k in 1..=steps {
            let t = reach * (k as f32 / steps as f32).powf(1.4);
            let at = from + towards * t;
            let buried = self.height(at.x, at.y) - at.z;
            // Penumbra widens with distance.
            free = free.min(1.0 - step(-soft * (0.3 + t), soft * (0.3 + t), buried));
        }
        free
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::synth::Proportions;

    #[test]
    fn upper_and_lower_lip_touch_at_rest() {
        let head = Head::new(&Shape::new(&Proportions::default(), 0.5));
        for column in 0..COLUMNS {
            assert_eq!(head.rest(column, CUT), head.rest(column, CUT + 1));
        }
    }

    #[test]
    fn texture_heights_follow_the_rows() {
        assert_eq!(stretch(0.0), 0.0);
        assert!((stretch(36.0 / 202.0) - 1.0).abs() < 1e-5);
        assert!((stretch(148.0 / 202.0) - 2.0).abs() < 1e-5);
        assert!((stretch(1.0) - 4.0).abs() < 1e-5);
    }
}
