//! Glasses: a thin frame of round tubes and two lenses.

use super::mesh::{Mesh, Vertex};
use super::shape::{EYE_X, Shape};
use super::vector::{V3, step, v3};

const LENS_X: f32 = EYE_X + 0.01;
const LENS_Y: f32 = 0.05;
const HALF_WIDTH: f32 = 0.42;
const HALF_HEIGHT: f32 = 0.30;
/// Exponent of the lens outline (2 would be an ellipse).
const ROUND: f32 = 3.0;

/// How far inside a lens a place of the frontal plane lies: 1 at the rim, less inside.
pub(crate) fn lens(x: f32, y: f32) -> f32 {
    let (u, v) = ((x.abs() - LENS_X) / HALF_WIDTH, (y - LENS_Y) / HALF_HEIGHT);
    (u.abs().powf(ROUND) + v.abs().powf(ROUND)).powf(1.0 / ROUND)
}

/// The frame, attached to the head.
pub(crate) fn frame(shape: &Shape) -> Mesh {
    let mut mesh = Mesh::default();
    let plane = |x: f32| {
        // The frame curves back a little at the sides and stands clear of the face.
        let bridge = shape.front(0.0, -0.05).unwrap_or(1.1);
        bridge + 0.05 - 0.12 * (x / 0.9).powi(2)
    };
    for sign in [1.0_f32, -1.0] {
        let rim: Vec<V3> = (0..=72)
            .map(|i| {
                let a = std::f32::consts::TAU * i as f32 / 72.0;
                let (s, c) = a.sin_cos();
                let r = 1.0 / (c.abs().powf(ROUND) + s.abs().powf(ROUND)).powf(1.0 / ROUND);
                let x = sign * (LENS_X + HALF_WIDTH * r * c);
                v3(x, LENS_Y + HALF_HEIGHT * r * s, plane(x))
            })
            .collect();
        tube(&mut mesh, &rim, 0.017);
        let hinge = sign * (LENS_X + 0.985 * HALF_WIDTH);
        let side = sign * (shape.half_width(-0.05) + 0.02);
        let temple: Vec<V3> = (0..=14)
            .map(|i| {
                let t = i as f32 / 14.0;
                let out = step(0.0, 0.25, t);
                v3(
                    hinge + (side - hinge) * out,
                    LENS_Y - 0.08 - 0.02 * t,
                    plane(hinge) - 0.04 * out - (plane(hinge) + 0.15) * t,
                )
            })
            .collect();
        tube(&mut mesh, &temple, 0.016);
    }
    let bridge: Vec<V3> = (0..=10)
        .map(|i| {
            let t = i as f32 / 5.0 - 1.0;
            let x = t * (LENS_X - HALF_WIDTH + 0.02);
            v3(x, LENS_Y - 0.10 - 0.05 * (1.0 - t * t), plane(x) + 0.012)
        })
        .collect();
    tube(&mut mesh, &bridge, 0.016);
    mesh.find_normals();
    mesh
}

/// Adds a round tube along a line.
fn tube(mesh: &mut Mesh, line: &[V3], radius: f32) {
    const AROUND: u32 = 7;
    let first = mesh.vertices.len() as u32;
    for (i, &p) in line.iter().enumerate() {
        let before = line[i.saturating_sub(1)];
        let after = line[(i + 1).min(line.len() - 1)];
        let along = (after - before).unit();
        let aside = along
            .cross(if along.y.abs() > 0.8 { v3(1.0, 0.0, 0.0) } else { v3(0.0, 1.0, 0.0) })
            .unit();
        let other = along.cross(aside);
        for k in 0..AROUND {
            let (s, c) = (std::f32::consts::TAU * k as f32 / AROUND as f32).sin_cos();
            let at = p + aside * (radius * c) + other * (radius * s);
            mesh.vertices.push(Vertex { at, sky: 1.0, lit: 1.0, cover: 1.0, ..Vertex::default() });
        }
    }
    for i in 0..line.len() as u32 - 1 {
        for k in 0..AROUND {
            let a = first + i * AROUND + k;
            let b = first + i * AROUND + (k + 1) % AROUND;
            let (c, d) = (a + AROUND, b + AROUND);
            mesh.triangles.push([a, c, b]);
            mesh.triangles.push([b, c, d]);
        }
    }
}
