//! Triangles and what their corners know.

use super::vector::V3;

/// A corner of triangles.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Vertex {
    /// Where it is, in the frame of its mesh.
    pub(crate) at: V3,
    /// Outward normal in the same frame.
    pub(crate) normal: V3,
    /// Place in the mesh's texture.
    pub(crate) texture: [f32; 2],
    /// Place in the frontal plane at rest.
    pub(crate) front: [f32; 2],
    /// Share of the sky it sees.
    pub(crate) sky: f32,
    /// Share of the main light that reaches it.
    pub(crate) lit: f32,
    /// How much of it is there: hair thins out below 0.5.
    pub(crate) cover: f32,
}

/// Triangles; corners run so that the outside is seen clockwise on the screen.
#[derive(Debug, Default)]
pub(crate) struct Mesh {
    pub(crate) vertices: Vec<Vertex>,
    pub(crate) triangles: Vec<[u32; 3]>,
}

impl Mesh {
    /// A grid of points: `at(column, row)` for `columns` by `rows`, both from 0 to 1.
    pub(crate) fn grid(
        columns: usize,
        rows: usize,
        mut at: impl FnMut(f32, f32) -> Vertex,
    ) -> Self {
        let mut mesh = Self::default();
        for row in 0..rows {
            for column in 0..columns {
                let (u, v) = (column as f32 / (columns - 1) as f32, row as f32 / (rows - 1) as f32);
                mesh.vertices.push(Vertex { texture: [u, v], ..at(u, v) });
            }
        }
        for row in 0..rows - 1 {
            for column in 0..columns - 1 {
                let a = (row * columns + column) as u32;
                let (b, c, d) = (a + 1, a + columns as u32, a + columns as u32 + 1);
                mesh.triangles.push([a, c, b]);
                mesh.triangles.push([b, c, d]);
            }
        }
        mesh.find_normals();
        mesh
    }

    /// Normals as the mean of the neighbouring triangles.
    pub(crate) fn find_normals(&mut self) {
        for vertex in &mut self.vertices {
            vertex.normal = V3::default();
        }
        for &[a, b, c] in &self.triangles {
            let (pa, pb, pc) = (
                self.vertices[a as usize].at,
                self.vertices[b as usize].at,
                self.vertices[c as usize].at,
            );
            let normal = (pc - pa).cross(pb - pa);
            for i in [a, b, c] {
                self.vertices[i as usize].normal += normal;
            }
        }
        for vertex in &mut self.vertices {
            vertex.normal = vertex.normal.unit();
        }
    }
}
