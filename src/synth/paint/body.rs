//! What carries the face: ears, neck, shoulders in clothes.

use super::mesh::{Mesh, Vertex};
use super::noise::smooth;
use super::shape::Shape;
use super::vector::{V3, bell, bell2, knots, step, v3};

/// One ear, attached to the head; `sign` is 1 for the subject's left.
pub(crate) fn ear(shape: &Shape, sign: f32) -> Mesh {
    let root = v3(shape.half_width(0.2) * 0.985, 0.20, -0.16);
    let mut mesh = Mesh::grid(25, 37, |u, v| {
        // Across from the attached edge to the rim; down from the top.
        let (s, t) = (u, ((2.0 * v - 1.0) * std::f32::consts::FRAC_PI_2).sin());
        let width = knots(
            &[(-1.0, 0.30), (-0.5, 0.38), (0.0, 0.34), (0.45, 0.26), (0.8, 0.22), (1.0, 0.20)],
            t,
        );
        let out = s * width * (1.0 - t.abs().powi(3)).max(0.0).sqrt();
        let rim = bell((s - 0.90) / 0.09) * step(1.0, 0.4, t);
        let bowl = bell2((s - 0.42) / 0.26, (t - 0.12) / 0.36);
        let ridge = bell((s - 0.62 + 0.15 * t) / 0.09) * step(0.7, 0.2, t) * step(-0.8, -0.4, t);
        let tragus = bell2((s - 0.06) / 0.10, (t - 0.14) / 0.13);
        let relief =
            0.075 * rim - 0.10 * bowl + 0.04 * ridge + 0.05 * tragus + 0.03 * step(0.0, 0.15, s);
        // Backwards and outwards, the upper part leaning back.
        let (back, side) = (0.83, 0.56);
        let at = root
            + v3(side * out + back * relief, 0.30 * t, -back * out + side * relief - 0.05 * -t);
        let sky = 0.85 - 0.5 * bowl + 0.1 * rim;
        Vertex {
            at: v3(sign * at.x, at.y, at.z),
            sky,
            lit: 0.9 - 0.5 * bowl,
            cover: 1.0,
            ..Vertex::default()
        }
    });
    if sign < 0.0 {
        mirror(&mut mesh);
    }
    mesh.find_normals();
    // The grid above is built with its outside towards the side of the head.
    if mesh.vertices.iter().map(|v| v.normal.x * sign).sum::<f32>() < 0.0 {
        mirror(&mut mesh);
        mesh.find_normals();
    }
    mesh
}

/// Turns every triangle's outside in.
fn mirror(mesh: &mut Mesh) {
    for triangle in &mut mesh.triangles {
        triangle.swap(1, 2);
    }
}

/// The neck, from inside the head to inside the collar. Its texture's height tells how far down
/// it is.
pub(crate) fn neck(shape: &Shape) -> Mesh {
    let chin = shape.below(1.8);
    Mesh::grid(81, 50, |u, v| {
        let angle = (125.0 * (2.0 * u - 1.0)).to_radians();
        let y = 1.05 + v * 2.3;
        let (s, c) = angle.sin_cos();
        let deg = angle.to_degrees().abs();
        let wide = knots(
            &[(1.0, 0.76), (1.6, 0.73), (2.1, 0.75), (2.4, 0.91), (2.7, 1.12), (3.4, 1.7)],
            y,
        );
        let deep = knots(
            &[
                (1.0, 1.0),
                (1.4, 1.0),
                (1.65, 0.93),
                (1.9, 0.70),
                (2.15, 0.57),
                (2.5, 0.56),
                (2.9, 0.62),
                (3.4, 0.72),
            ],
            y,
        );
        // Sternomastoids run from behind the ears to the notch; the larynx between them.
        let slant = 62.0 - 46.0 * step(1.3, 2.75, y);
        let tendon = 0.045 * bell((deg - slant) / 9.0) * step(1.6, 2.1, y);
        let larynx = 0.05 * bell2(deg / 12.0, (y - 2.12) / 0.14);
        let grow = 1.0 + tendon + larynx - 0.05 * bell2(deg / 14.0, (y - 2.78) / 0.12);
        let at = v3(wide * s * grow, y, -0.30 + deep * c * grow);
        // The chin and jaw shade it.
        let shade = step(chin - 0.05, chin + 0.75, y + 0.25 * s.abs());
        Vertex {
            at,
            front: [at.x, y],
            sky: 0.20 + 0.68 * shade,
            lit: step(chin + 0.05, chin + 0.75, y + 0.25 * s.abs()),
            cover: 1.0,
            ..Vertex::default()
        }
    })
}

/// Bands of the platysma: how far the neck's skin stands out for full tension of each side.
pub(crate) fn platysma(at: V3, left: f32, right: f32) -> f32 {
    let deg = at.x.atan2(at.z + 0.30).to_degrees();
    let tension = if deg > 0.0 { left } else { right };
    let d = deg.abs() - 2.0 * (at.y - 2.0);
    let bands = bell((d - 22.0) / 3.5) + 0.8 * bell((d - 42.0) / 4.5);
    0.05 * tension * bands * step(1.55, 1.9, at.y) * step(3.0, 2.6, at.y)
}

/// Shoulders in a round-necked shirt.
pub(crate) fn shirt(seed: u32) -> Mesh {
    Mesh::grid(121, 60, |u, v| {
        let angle = (100.0 * (2.0 * u - 1.0)).to_radians();
        let (s, c) = angle.sin_cos();
        // The collar lies lower in front.
        let top = 2.52 + 0.20 * c.max(0.0) - 0.12 * s.abs();
        let fall = v * v * 2.6 + v * 0.25;
        let y = top + fall;
        let d = y - top;
        let wide = 0.90
            + knots(
                &[(0.0, 0.0), (0.15, 0.34), (0.4, 1.0), (0.75, 1.45), (1.2, 1.62), (3.0, 1.7)],
                d,
            );
        let deep = 0.74 + knots(&[(0.0, 0.0), (0.3, 0.08), (1.0, 0.22), (3.0, 0.3)], d);
        let fold = 0.018 * smooth(v3(angle * 4.0, d * 1.6 + s.abs() * 2.0, 1.0), seed)
            + 0.008 * smooth(v3(angle * 11.0, d * 4.0, 2.0), seed ^ 5);
        let hem = 0.035 * bell((d - 0.03) / 0.04);
        let grow = 1.0 + fold + hem;
        let n = s.abs().powf(0.85) * s.signum();
        let at = v3(wide * n * grow, y, -0.34 + deep * c.abs().powf(0.8) * c.signum() * grow);
        let collar = step(0.10, 0.075, d);
        Vertex {
            at,
            front: [at.x, d],
            sky: 0.55 + 0.45 * step(0.0, 0.7, d),
            lit: 0.35 + 0.65 * step(-0.1, 0.6, d),
            cover: 1.0 + collar,
            ..Vertex::default()
        }
    })
}
