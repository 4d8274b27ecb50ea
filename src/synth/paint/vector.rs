//! Three numbers with the arithmetic that painting needs.

use std::ops::{Add, AddAssign, Mul, Neg, Sub};

/// A point, a direction or a linear-light colour.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub(crate) struct V3 {
    pub(crate) x: f32,
    pub(crate) y: f32,
    pub(crate) z: f32,
}

/// Shorthand constructor.
pub(crate) const fn v3(x: f32, y: f32, z: f32) -> V3 {
    V3 { x, y, z }
}

impl V3 {
    pub(crate) fn dot(self, o: Self) -> f32 {
        self.x * o.x + self.y * o.y + self.z * o.z
    }
    pub(crate) fn cross(self, o: Self) -> Self {
        v3(self.y * o.z - self.z * o.y, self.z * o.x - self.x * o.z, self.x * o.y - self.y * o.x)
    }
    pub(crate) fn length(self) -> f32 {
        self.dot(self).sqrt()
    }
    pub(crate) fn unit(self) -> Self {
        self * (1.0 / self.length().max(1e-12))
    }
    /// Component by component.
    pub(crate) fn times(self, o: Self) -> Self {
        v3(self.x * o.x, self.y * o.y, self.z * o.z)
    }
    pub(crate) fn mix(self, o: Self, part: f32) -> Self {
        self + (o - self) * part
    }
}

impl Add for V3 {
    type Output = Self;
    fn add(self, o: Self) -> Self {
        v3(self.x + o.x, self.y + o.y, self.z + o.z)
    }
}
impl AddAssign for V3 {
    fn add_assign(&mut self, o: Self) {
        *self = *self + o;
    }
}
impl Sub for V3 {
    type Output = Self;
    fn sub(self, o: Self) -> Self {
        v3(self.x - o.x, self.y - o.y, self.z - o.z)
    }
}
impl Mul<f32> for V3 {
    type Output = Self;
    fn mul(self, k: f32) -> Self {
        v3(self.x * k, self.y * k, self.z * k)
    }
}
impl Neg for V3 {
    type Output = Self;
    fn neg(self) -> Self {
        self * -1.0
    }
}

/// A rotation as three rows.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Rotation([V3; 3]);

impl Rotation {
    /// Turn (positive towards +x), nod (positive towards +y, down) and tilt (clockwise on the
    /// screen), degrees, for axes x right, y down, z towards the camera.
    pub(crate) fn head(yaw_deg: f32, pitch_deg: f32, roll_deg: f32) -> Self {
        let (sy, cy) = yaw_deg.to_radians().sin_cos();
        let (sp, cp) = pitch_deg.to_radians().sin_cos();
        let (sr, cr) = roll_deg.to_radians().sin_cos();
        let yaw = Self([v3(cy, 0.0, sy), v3(0.0, 1.0, 0.0), v3(-sy, 0.0, cy)]);
        let pitch = Self([v3(1.0, 0.0, 0.0), v3(0.0, cp, sp), v3(0.0, -sp, cp)]);
        let roll = Self([v3(cr, -sr, 0.0), v3(sr, cr, 0.0), v3(0.0, 0.0, 1.0)]);
        roll.after(&yaw.after(&pitch))
    }

    pub(crate) fn of(&self, p: V3) -> V3 {
        v3(self.0[0].dot(p), self.0[1].dot(p), self.0[2].dot(p))
    }

    fn after(&self, first: &Self) -> Self {
        let column = |c: V3| self.of(c);
        let t = |i: usize| match i {
            0 => v3(first.0[0].x, first.0[1].x, first.0[2].x),
            1 => v3(first.0[0].y, first.0[1].y, first.0[2].y),
            _ => v3(first.0[0].z, first.0[1].z, first.0[2].z),
        };
        let (a, b, c) = (column(t(0)), column(t(1)), column(t(2)));
        Self([v3(a.x, b.x, c.x), v3(a.y, b.y, c.y), v3(a.z, b.z, c.z)])
    }
}

/// 0 below `a`, 1 above `b`, smooth between; also for `a > b`.
pub(crate) fn step(a: f32, b: f32, x: f32) -> f32 {
    let t = ((x - a) / (b - a)).clamp(0.0, 1.0);
    t * t * (3.0 - 2.0 * t)
}

/// The next whole number below or at `x`, without a call into the system's mathematics.
pub(crate) fn floor(x: f32) -> i32 {
    let whole = x as i32;
    whole - i32::from(whole as f32 > x)
}

/// A bell: 1 at 0, standard deviation 1, nothing beyond eight of them.
pub(crate) fn bell(x: f32) -> f32 {
    falling(0.5 * x * x)
}

/// A bell in two directions.
pub(crate) fn bell2(x: f32, y: f32) -> f32 {
    falling(0.5 * (x * x + y * y))
}

/// `exp(-x)` for a positive `x`; numbers that would underflow take their time and show nothing.
fn falling(x: f32) -> f32 {
    if x > 32.0 { 0.0 } else { (-x).exp() }
}

/// Straight lines through the knots, rounded by a smooth step between them; constant outside.
pub(crate) fn knots(table: &[(f32, f32)], x: f32) -> f32 {
    let after = table.partition_point(|k| k.0 <= x);
    if after == 0 {
        return table.first().map_or(0.0, |k| k.1);
    }
    let Some(&(x1, y1)) = table.get(after) else {
        return table.last().map_or(0.0, |k| k.1);
    };
    let (x0, y0) = table[after - 1];
    // Catmull-Rom through the neighbours, so that shading shows no kinks.
    let before = after.checked_sub(2).map_or((x0, y0), |i| table[i]);
    let next = table.get(after + 1).copied().unwrap_or((x1, y1));
    let slope = |a: (f32, f32), b: (f32, f32)| (b.1 - a.1) / (b.0 - a.0).max(1e-6);
    let (m0, m1) = (slope(before, (x1, y1)), slope((x0, y0), next));
    let h = x1 - x0;
    let t = (x - x0) / h;
    let (t2, t3) = (t * t, t * t * t);
    (2.0 * t3 - 3.0 * t2 + 1.0) * y0
        + (t3 - 2.0 * t2 + t) * h * m0
        + (3.0 * t2 - 2.0 * t3) * y1
        + (t3 - t2) * h * m1
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_turn_to_the_left_moves_the_nose_to_the_image_right() {
        let nose = v3(0.0, 0.0, 1.0);
        assert!(Rotation::head(20.0, 0.0, 0.0).of(nose).x > 0.3);
        assert!(Rotation::head(0.0, 20.0, 0.0).of(nose).y > 0.3);
        let right = v3(1.0, 0.0, 0.0);
        assert!(Rotation::head(0.0, 0.0, 20.0).of(right).y > 0.3);
    }
}
