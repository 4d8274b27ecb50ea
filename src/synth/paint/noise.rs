//! Smooth noise in space, from integer hashes alone: the same everywhere and every time.

use super::vector::{V3, v3};

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
    let (fx, fy, fz) = (p.x.floor(), p.y.floor(), p.z.floor());
    let (ix, iy, iz) = (fx as i32, fy as i32, fz as i32);
    let ease = |t: f32| t * t * t * (t * (6.0 * t - 15.0) + 10.0);
    let (x, y, z) = (p.x - fx, p.y - fy, p.z - fz);
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

/// Three octaves of [`smooth`].
pub(crate) fn cloudy(p: V3, seed: u32) -> f32 {
    smooth(p, seed) + 0.5 * smooth(p * 2.03, seed ^ 1) + 0.25 * smooth(p * 4.1, seed ^ 2)
}

/// Distance to the nearest of scattered points (one a unit cell), and a number 0 to 1 that
/// belongs to that point.
pub(crate) fn scattered(p: V3, seed: u32) -> (f32, f32) {
    let (ix, iy, iz) = (p.x.floor() as i32, p.y.floor() as i32, p.z.floor() as i32);
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
