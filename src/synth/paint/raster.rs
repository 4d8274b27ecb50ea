//! Which triangle is seen at every point of the picture.

use rayon::prelude::*;

use super::noise::smooth;
use super::vector::{V3, floor, v3};

/// A corner on the screen with what shading needs of it.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Corner {
    /// Place on the screen in points (a pixel is [`SUPER`] points wide).
    pub(crate) x: f32,
    pub(crate) y: f32,
    /// Nearness: one over the distance.
    pub(crate) near: f32,
    /// Normal towards the camera's frame.
    pub(crate) normal: V3,
    pub(crate) texture: [f32; 2],
    pub(crate) front: [f32; 2],
    pub(crate) sky: f32,
    pub(crate) lit: f32,
    pub(crate) cover: f32,
}

/// Points a pixel is wide and high.
pub(crate) const SUPER: usize = 2;

/// A triangle and what it is made of.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Face {
    pub(crate) corners: [u32; 3],
    pub(crate) material: Material,
}

/// What a surface is made of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Material {
    Skin,
    Ear,
    Neck,
    Hair,
    Shirt,
    Mouth,
    Frame,
}

/// For every point the number of the nearest face plus one; 0 where there is none.
#[derive(Debug)]
pub(crate) struct Seen {
    pub(crate) width: usize,
    pub(crate) faces: Vec<u32>,
    near: Vec<f32>,
    /// Faces that reach into each band of rows.
    bands: Vec<Vec<u32>>,
}

/// Two points of a pixel are on different sheets where the nearness differs by more than this
/// share (judgment: a hundredth of the camera's distance, a tenth of the distance between the
/// pupils).
const SAME_SHEET: f32 = 0.01;

/// Rows of points one worker takes at a time.
const BAND: usize = 60;

impl Seen {
    pub(crate) fn new(width: usize, height: usize) -> Self {
        let points = width * height;
        let bands = vec![Vec::new(); height.div_ceil(BAND)];
        Self { width, faces: vec![0; points], near: vec![0.0; points], bands }
    }

    /// Whether a pixel's points lie on one sheet: no edge of one in front of another passes between
    /// them.
    pub(crate) fn is_one_sheet(&self, x: usize, y: usize) -> bool {
        let at = |i: usize, j: usize| self.near[(y * SUPER + j) * self.width + x * SUPER + i];
        let four = [at(0, 0), at(1, 0), at(0, 1), at(1, 1)];
        let (low, high) = four.iter().fold((four[0], four[0]), |(l, h), n| (l.min(*n), h.max(*n)));
        high - low < SAME_SHEET * high
    }

    /// Finds the nearest face of every point.
    pub(crate) fn draw(&mut self, corners: &[Corner], faces: &[Face]) {
        self.sort_into_bands(corners, faces);
        let width = self.width;
        self.faces
            .par_chunks_mut(width * BAND)
            .zip(self.near.par_chunks_mut(width * BAND))
            .zip(&self.bands)
            .enumerate()
            .for_each(|(band, ((ids, near), numbers))| {
                ids.fill(0);
                near.fill(0.0);
                let mut strip = Strip { top: (band * BAND) as i32, width, ids, near };
                for &number in numbers {
                    let face = &faces[number as usize];
                    let c = face.corners.map(|i| &corners[i as usize]);
                    strip.fill(c, face.material, number + 1);
                }
            });
    }

    /// Leaves out faces that cannot be seen, and notes for each band those that reach into it.
    fn sort_into_bands(&mut self, corners: &[Corner], faces: &[Face]) {
        self.bands.iter_mut().for_each(Vec::clear);
        for (number, face) in faces.iter().enumerate() {
            let [a, b, c] = face.corners.map(|i| &corners[i as usize]);
            let y_low = a.y.min(b.y).min(c.y);
            let y_high = a.y.max(b.y).max(c.y);
            let (first, last) = ((-floor(0.5 - y_low)).max(0), floor(y_high - 0.5));
            if first > last {
                continue;
            }
            // Seen from outside, corners run against the clock on a screen whose y points down.
            // Hair is a thin sheet, seen from both sides.
            let area = (b.x - a.x) * (c.y - a.y) - (c.x - a.x) * (b.y - a.y);
            if area.abs() < 1e-9 || (area > 0.0 && face.material != Material::Hair) {
                continue;
            }
            if face.material == Material::Hair && a.cover.max(b.cover).max(c.cover) < 0.0 {
                continue;
            }
            let (first, last) = (first as usize / BAND, last as usize / BAND);
            for band in self.bands.iter_mut().take(last + 1).skip(first) {
                band.push(number as u32);
            }
        }
    }
}

/// A band of rows under work.
struct Strip<'a> {
    top: i32,
    width: usize,
    ids: &'a mut [u32],
    near: &'a mut [f32],
}

impl Strip<'_> {
    fn fill(&mut self, c: [&Corner; 3], material: Material, number: u32) {
        let rows = (self.ids.len() / self.width) as i32;
        let low = |f: fn(&Corner) -> f32| f(c[0]).min(f(c[1])).min(f(c[2]));
        let high = |f: fn(&Corner) -> f32| f(c[0]).max(f(c[1])).max(f(c[2]));
        let first = (-floor(0.5 - low(|p| p.y))).max(self.top);
        let last = (floor(high(|p| p.y) - 0.5)).min(self.top + rows - 1);
        let left = (-floor(0.5 - low(|p| p.x))).max(0);
        let right = (floor(high(|p| p.x) - 0.5)).min(self.width as i32 - 1);
        if left > right {
            return;
        }
        let area = (c[1].x - c[0].x) * (c[2].y - c[0].y) - (c[2].x - c[0].x) * (c[1].y - c[0].y);
        let scale = 1.0 / area;
        // Weight of corner i grows away from the opposite edge. Both edges start at corner 0, and
        // places are taken from there: large numbers would lose the digits that tell on which
        // side of an edge a point lies, and leave cracks.
        let edge = |a: &Corner, b: &Corner| (-(b.y - a.y) * scale, (b.x - a.x) * scale);
        let (e1, e2) = (edge(c[2], c[0]), edge(c[0], c[1]));
        let thins = material == Material::Hair
            && (c[0].cover < 1.0 || c[1].cover < 1.0 || c[2].cover < 1.0);
        let (n0, n1, n2) = (c[0].near, c[1].near - c[0].near, c[2].near - c[0].near);
        for y in first..=last {
            let py = y as f32 + 0.5 - c[0].y;
            let row = (y - self.top) as usize * self.width;
            let (start1, start2) = (e1.1 * py, e2.1 * py);
            for x in left..=right {
                let px = x as f32 + 0.5 - c[0].x;
                let (w1, w2) = (e1.0 * px + start1, e2.0 * px + start2);
                let w0 = 1.0 - w1 - w2;
                if w0.min(w1).min(w2) < -1e-5 {
                    continue;
                }
                let n = n0 + w1 * n1 + w2 * n2;
                let at = row + x as usize;
                if n > self.near[at] {
                    if thins && hair_is_thin(c, [w0, w1, w2]) {
                        continue;
                    }
                    self.near[at] = n;
                    self.ids[at] = number;
                }
            }
        }
    }
}

/// Hair ends in single strands where it thins out.
fn hair_is_thin(c: [&Corner; 3], w: [f32; 3]) -> bool {
    let mix = |f: fn(&Corner) -> f32| w[0] * f(c[0]) + w[1] * f(c[1]) + w[2] * f(c[2]);
    let strand = smooth(v3(mix(|p| p.texture[0]) * 700.0, mix(|p| p.texture[1]) * 8.0, 0.0), 0x51);
    mix(|p| p.cover) + 0.4 * strand < 0.5
}

/// What a face shows at a point of the screen.
pub(crate) fn between(corners: &[Corner], face: &Face, px: f32, py: f32) -> Corner {
    let [a, b, c] = face.corners.map(|i| &corners[i as usize]);
    let area = (b.x - a.x) * (c.y - a.y) - (c.x - a.x) * (b.y - a.y);
    let w1 = ((px - a.x) * (c.y - a.y) - (c.x - a.x) * (py - a.y)) / area;
    let w2 = ((b.x - a.x) * (py - a.y) - (px - a.x) * (b.y - a.y)) / area;
    // Points may lie a little outside; the surface goes on there.
    let (w1, w2) = (w1.clamp(-1.0, 2.0), w2.clamp(-1.0, 2.0));
    let w0 = 1.0 - w1 - w2;
    let mix = |f: fn(&Corner) -> f32| w0 * f(a) + w1 * f(b) + w2 * f(c);
    Corner {
        x: px,
        y: py,
        near: 0.0,
        normal: (a.normal * w0 + b.normal * w1 + c.normal * w2).unit(),
        texture: [mix(|p| p.texture[0]), mix(|p| p.texture[1])],
        front: [mix(|p| p.front[0]), mix(|p| p.front[1])],
        sky: mix(|p| p.sky),
        lit: mix(|p| p.lit),
        cover: mix(|p| p.cover),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_nearer_of_two_faces_is_seen_and_backs_are_not() {
        let corner = |x: f32, y: f32, near: f32| Corner { x, y, near, ..Corner::default() };
        let corners = [
            corner(0.0, 0.0, 0.1),
            corner(0.0, 20.0, 0.1),
            corner(20.0, 0.0, 0.1),
            corner(0.0, 0.0, 0.2),
            corner(0.0, 10.0, 0.2),
            corner(10.0, 0.0, 0.2),
        ];
        let face = |corners| Face { corners, material: Material::Skin };
        let mut seen = Seen::new(20, 20);
        seen.draw(&corners, &[face([0, 1, 2]), face([3, 4, 5]), face([3, 5, 4])]);
        assert_eq!(seen.faces[2 * 20 + 2], 2);
        assert_eq!(seen.faces[12 * 20 + 2], 1);
        assert_eq!(seen.faces[19 * 20 + 19], 0);
    }
}
