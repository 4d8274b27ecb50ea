//! Smooth noise in space, from integer hashes alone: the same everywhere and every time.

use super::vector::{V3, floor, v3};

/// A well-mixed hash of three integers and a seed.
pub(crate) fn hash(x: i32, y: i32, z: i32, seed: u32) -> u32 {
    let mut h = seed
        ^ (x as u32).wrapping_mul(0x8da6_b343)
        ^ (y as u32).wrapping_mul(0xd816_3841)
        ^ (z as u32).wrapping_mul(0xcb1a_b31f);
    h ^= h >> 16;
    h = h.wrapping_mul(0x7feb_352d);
    h ^= h >> 15;
    h = h.wrapping_mul(0x846c_a68b);
    h ^ (h >> 16)
}

/// A hash as a number from 0 to 1.
pub(crate) fn unit(h: u32) -> f32 {
    (h >> 8) as f32 / 16_777_216.0
}

/// Smooth noise with features about one unit wide, -1 to 1.
pub(crate) fn smooth(p: V3, seed: u32) -> f32 {
    let (ix, iy, iz) = (floor(p.x), floor(p.y), floor(p.z));
    let ease = |t: f32| t * t * t * (t * (6.0 * t - 15.0) + 10.0);
    let (x, y, z) = (p.x - ix as f32, p.y - iy as f32, p.z - iz as f32);
    let (u, v, w) = (ease(x), ease(y), ease(z));
    let corner = |dx: i32, dy: i32, dz: i32| {
        let h = hash(ix + dx, iy + dy, iz + dz, seed);
        let g = |shift: u32| ((h >> shift) & 0x3ff) as f32 / 511.5 - 1.0;
        g(0) * (x - dx as f32) + g(10) * (y - dy as f32) + g(20) * (z - dz as f32)
    };
    let lerp = |a: f32, b: f32, t: f32| a + (b - a) * t;
    let plane = |dz: i32| {
        lerp(
            lerp(corner(0, 0, dz), corner(1, 0, dz), u),
            lerp(corner(0, 1, dz), corner(1, 1, dz), u),
            v,
        )
    };
    1.2 * lerp(plane(0), plane(1), w)
}

/// Smooth noise in a plane, worked out once: features about one unit wide, -1 to 1, the same
/// again after [`PERIOD`] units.
#[derive(Debug)]
pub(crate) struct Tile {
    values: Vec<f32>,
}

const PERIOD: usize = 64;
const PER_UNIT: usize = 4;
const SIDE: usize = PERIOD * PER_UNIT;

impl Tile {
    pub(crate) fn new(seed: u32) -> Self {
        let spread = |a: usize| a as f32 / PER_UNIT as f32;
        // Near its far edges the plane fades into what lies beyond its near ones.
        let part = |a: f32| (a - PERIOD as f32 + 1.0).max(0.0);
        let values = (0..SIDE * SIDE)
            .map(|i| {
                let (x, y) = (spread(i % SIDE), spread(i / SIDE));
                let far = PERIOD as f32;
                let noise = |x: f32, y: f32| smooth(v3(x, y, 0.5), seed);
                let across = |y: f32| noise(x, y) * (1.0 - part(x)) + noise(x - far, y) * part(x);
                across(y) * (1.0 - part(y)) + across(y - far) * part(y)
            })
            .collect();
        Self { values }
    }

    pub(crate) fn at(&self, x: f32, y: f32) -> f32 {
        let (x, y) = (x * PER_UNIT as f32, y * PER_UNIT as f32);
        let (i, j) = (floor(x), floor(y));
        let (u, v) = (x - i as f32, y - j as f32);
        let wrap = |a: i32| a.rem_euclid(SIDE as i32) as usize;
        let (left, right) = (wrap(i), wrap(i + 1));
        let row = |j: i32| {
            let row = &self.values[wrap(j) * SIDE..][..SIDE];
            row[left] + (row[right] - row[left]) * u
        };
        let (above, below) = (row(j), row(j + 1));
        above + (below - above) * v
    }
}

/// Three octaves of [`smooth`].
pub(crate) fn cloudy(p: V3, seed: u32) -> f32 {
    smooth(p, seed) + 0.5 * smooth(p * 2.03, seed ^ 1) + 0.25 * smooth(p * 4.1, seed ^ 2)
}

/// Distance to the nearest of scattered points (one a unit cell), and a number 0 to 1 that
/// belongs to that point.
pub(crate) fn scattered(p: V3, seed: u32) -> (f32, f32) {
    let (ix, iy, iz) = (floor(p.x), floor(p.y), floor(p.z));
    let mut best = (f32::INFINITY, 0.0);
    for dz in -1..=1 {
        for dy in -1..=1 {
            for dx in -1..=1 {
                let (cx, cy, cz) = (ix + dx, iy + dy, iz + dz);
                let at = |salt: u32| unit(hash(cx, cy, cz, seed.wrapping_add(salt)));
                let point = v3(cx as f32 + at(11), cy as f32 + at(23), cz as f32 + at(37));
                let d = (point - p).length();
                if d < best.0 {
                    best = (d, at(53));
                }
            }
        }
    }
    best
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_tile_of_noise_has_no_seam() {
        let tile = Tile::new(3);
        let far = PERIOD as f32;
        for i in 0..400 {
            let t = i as f32 * 0.37;
            assert!((tile.at(t, 5.2) - tile.at(t + far, 5.2 - far)).abs() < 1e-3);
            assert!((tile.at(far - 0.02, t) - tile.at(far + 0.02, t)).abs() < 0.15);
        }
        assert!(tile.values.iter().any(|v| v.abs() > 0.5));
    }

    #[test]
    fn noise_is_centred_and_bounded() {
        let mut sum = 0.0;
        for i in 0..20_000 {
            let t = i as f32;
            let n = smooth(v3(t * 0.37, t * 0.11, t * 0.05), 9);
            assert!(n.abs() <= 1.5);
            sum += n;
        }
        assert!((sum / 20_000.0).abs() < 0.02);
    }
}
