//! The shape of the face at rest: one smooth surface, in units of the distance between the
//! pupils.
//!
//! Axes: x towards the subject's left (image right), y down, z towards the camera; the origin
//! lies between the pupils, inside the head. The surface is swept by an angle around the
//! vertical axis and a height; features (nose, sockets, lips) are added along z and described in
//! the frontal plane. Proportions follow measured faces (SYNTH page of this project: half-width
//! 1.12, chin 1.8, nose tip 0.68, mouth 1.15 below the pupils).

use super::vector::{V3, bell, bell2, knots, step, v3};
use crate::synth::Proportions;

/// Height of the widest ring, where the crown begins.
pub(crate) const CROWN_Y: f32 = -0.55;
/// Height of the crown's top.
const CROWN_TOP: f32 = 1.38;
/// Radius of the rounding of the jaw's lower edge.
const JAW_ROUND: f32 = 0.2;
/// Exponent of the horizontal section (2 would be an ellipse).
const SECTION: f32 = 2.08;

/// One person's face at rest.
#[derive(Debug, Clone)]
pub(crate) struct Shape {
    p: Proportions,
    /// Distance between the outer canthi.
    pub(crate) face_unit: f32,
    /// Depth of age's folds, 0 to 1.
    age: f32,
}

/// Centre and size of one eye in the frontal plane (for the subject's left; mirror x).
pub(crate) const EYE_X: f32 = 0.5;
/// Half the fissure's width.
pub(crate) const FISSURE: f32 = 0.245;

impl Shape {
    pub(crate) fn new(p: &Proportions, age: f64) -> Self {
        let face_unit = 2.0 * (EYE_X + FISSURE * p.eye_size as f32);
        Self { p: *p, face_unit, age: age as f32 }
    }

    pub(crate) fn eye_size(&self) -> f32 {
        self.p.eye_size as f32
    }
    pub(crate) fn mouth_half(&self) -> f32 {
        0.40 * self.p.mouth_width as f32
    }
    /// A height below the eyes, stretched with the length of the face.
    pub(crate) fn below(&self, y: f32) -> f32 {
        y * self.p.face_length as f32
    }
    pub(crate) fn lip_fullness(&self) -> f32 {
        self.p.lip_fullness as f32
    }
    pub(crate) fn nose_width(&self) -> f32 {
        self.p.nose_width as f32
    }
    /// Height of the nose's tip.
    pub(crate) fn nose_tip(&self) -> f32 {
        self.below(0.68 * self.p.nose_length as f32)
    }

    /// The line between the closed lips.
    pub(crate) fn lip_line(&self, x: f32) -> f32 {
        let u = x / self.mouth_half();
        let bow = 0.012 * bell(u / 0.16) - 0.010 * bell((u.abs() - 0.38) / 0.2);
        self.below(1.15) + bow - 0.016 * u * u
    }

    /// Height of the jaw's lower edge in a direction (degrees from the front).
    fn jaw_edge(&self, angle_deg: f32) -> f32 {
        self.below(knots(
            &[
                (0.0, 1.80),
                (12.0, 1.79),
                (25.0, 1.735),
                (40.0, 1.625),
                (60.0, 1.47),
                (80.0, 1.34),
                (100.0, 1.24),
                (120.0, 1.10),
            ],
            angle_deg.abs(),
        ))
    }

    /// Half-width of the head at a height.
    pub(crate) fn half_width(&self, y: f32) -> f32 {
        let yy = if y > 0.0 { y / self.p.face_length as f32 } else { y };
        let jaw = 1.0 + (self.p.jaw_width as f32 - 1.0) * step(0.5, 1.3, yy);
        self.p.face_width as f32
            * jaw
            * knots(
                &[
                    (CROWN_Y, 1.10),
                    (-0.2, 1.105),
                    (0.2, 1.12),
                    (0.5, 1.09),
                    (0.85, 1.00),
                    (1.2, 0.905),
                    (1.5, 0.83),
                    (1.9, 0.80),
                ],
                yy,
            )
    }

    fn depth(&self, y: f32) -> f32 {
        let yy = if y > 0.0 { y / self.p.face_length as f32 } else { y };
        knots(
            &[
                (CROWN_Y, 1.06),
                (-0.2, 1.06),
                (0.2, 1.02),
                (0.6, 1.00),
                (1.0, 1.01),
                (1.4, 0.98),
                (1.8, 0.94),
            ],
            yy,
        )
    }

    /// Height of the cut between the lips in a direction: the lip line at the mouth, then a
    /// fixed share of the way to the jaw's edge.
    fn cut(&self, angle: f32) -> f32 {
        let deg = angle.to_degrees().abs();
        let x = self.half_width(self.below(1.15)) * section(angle).0;
        let low = self.jaw_edge(deg) - JAW_ROUND;
        let share = (self.below(1.15) - CROWN_Y) / (self.jaw_edge(0.0) - JAW_ROUND - CROWN_Y);
        let side = CROWN_Y + share * (low - CROWN_Y);
        self.lip_line(x) + (side - self.lip_line(x)) * step(27.0, 55.0, deg)
    }

    /// The surface: `angle` around the vertical axis in radians (0 the front, positive towards
    /// the subject's left), `row` from 0 (top of the crown) over 1 (widest ring), 2 (cut
    /// between the lips), 3 (where the jaw rounds off) to 4 (underside).
    pub(crate) fn at(&self, angle: f32, row: f32) -> V3 {
        let (s, c) = section(angle);
        if row < 1.0 {
            let phi = row * std::f32::consts::FRAC_PI_2;
            let ring = phi.sin().max(0.0).powf(0.82);
            let y = CROWN_Y - CROWN_TOP * phi.cos();
            let x = self.half_width(CROWN_Y) * s * ring;
            let z = self.front_or_back(CROWN_Y, c) * ring;
            return v3(x, y, z + self.feature(x, y) * facing(c));
        }
        let top = self.cut(angle);
        let low = self.jaw_edge(angle.to_degrees()) - JAW_ROUND;
        if row <= 3.0 {
            let y = if row <= 2.0 {
                CROWN_Y + (row - 1.0) * (top - CROWN_Y)
            } else {
                top + (row - 2.0) * (low - top)
            };
            return self.ring(y, s, c);
        }
        let from = self.ring(low, s, c);
        // A quarter of a turn round the edge, then inwards to the neck.
        let (sin, cos) = ((row - 3.0).min(0.6) / 0.6 * std::f32::consts::FRAC_PI_2).sin_cos();
        let under = ((row - 3.6) / 0.4).max(0.0);
        let shrink = (1.0 - 0.24 * (1.0 - cos)) * (1.0 - 0.80 * under);
        v3(from.x * shrink, low + JAW_ROUND * sin - 0.02 * under, from.z * shrink - 0.12 * under)
    }

    fn ring(&self, y: f32, s: f32, c: f32) -> V3 {
        let x = self.half_width(y) * s;
        v3(x, y, self.front_or_back(y, c) + self.feature(x, y) * facing(c))
    }

    fn front_or_back(&self, y: f32, c: f32) -> f32 {
        c * if c > 0.0 { self.depth(y) } else { 1.35 }
    }

    /// Height of the front of the face over the frontal plane; `None` beside the head.
    pub(crate) fn front(&self, x: f32, y: f32) -> Option<f32> {
        let ring = if y < CROWN_Y {
            let up = ((CROWN_Y - y) / CROWN_TOP).min(1.0);
            (1.0 - up * up).max(0.0).sqrt().powf(0.82)
        } else {
            1.0
        };
        let u = (x / (self.half_width(y.max(CROWN_Y)) * ring).max(1e-3)).abs();
        if u >= 1.0 || y > self.below(1.8) {
            return None;
        }
        let c = (1.0 - u.powf(SECTION)).powf(1.0 / SECTION);
        Some(c * ring * self.depth(y.max(CROWN_Y)) + self.feature(x, y) * facing(c))
    }

    /// What nose, sockets, lips and the rest add along z.
    fn feature(&self, x: f32, y: f32) -> f32 {
        let u = x.abs();
        let es = self.eye_size();
        let mut h = 0.0;
        // Brow ridge, glabella, sockets with the eyeball in them.
        h += 0.055 * bell2((u - 0.42) / 0.34, (y + 0.34) / 0.13);
        h += 0.03 * bell2(u / 0.18, (y + 0.30) / 0.16);
        h -= 0.15 * bell2((u - 0.50) / 0.29, (y - 0.03) / 0.19);
        h -= 0.10 * bell2((u - 0.27) / 0.10, (y - 0.0) / 0.15);
        h += 0.118 * bell2((u - 0.50) / (0.20 * es), (y - 0.015) / (0.145 * es));
        h -= 0.03 * bell2((u - 0.98) / 0.18, (y + 0.30) / 0.28);
        // Bag below the eye.
        h += (0.006 + 0.018 * self.age) * bell2((u - 0.46) / 0.20, (y - 0.215) / 0.055);
        // Cheekbone and cheek, hollow below.
        h += 0.06 * bell2((u - 0.76) / 0.22, (y - self.below(0.36)) / 0.17);
        h += 0.055 * bell2((u - 0.56) / 0.24, (y - self.below(0.68)) / 0.24);
        h -= 0.03 * bell2((u - 0.78) / 0.16, (y - self.below(1.05)) / 0.25);
        h += self.nose(u, y);
        h += self.mouth(x, u, y);
        // Chin and the furrow above it.
        h -= 0.05 * bell2(u / 0.26, (y - self.below(1.38)) / 0.055);
        h += 0.115 * bell2(u / 0.27, (y - self.below(1.60)) / 0.17);
        // Fold from the nose to the corner of the mouth.
        let fold = self.nasolabial(u, y);
        h += -(0.010 + 0.026 * self.age) * bell(fold.0 / 0.035) * fold.1
            + (0.010 + 0.022 * self.age) * bell((fold.0 - 0.075) / 0.06) * fold.1;
        h
    }

    fn nose(&self, u: f32, y: f32) -> f32 {
        let tip = self.nose_tip();
        let w = self.nose_width();
        // Along the ridge: from the root to the tip, then sharply back.
        let t = y / tip;
        let height = knots(
            &[
                (-0.55, 0.0),
                (-0.25, 0.03),
                (0.0, 0.085),
                (0.3, 0.175),
                (0.65, 0.285),
                (0.88, 0.365),
                (1.0, 0.383),
                (1.09, 0.335),
                (1.18, 0.21),
                (1.27, 0.09),
                (1.38, 0.02),
                (1.46, 0.0),
            ],
            t,
        );
        let width = w * knots(
            &[(-0.5, 0.17), (0.0, 0.098), (0.5, 0.106), (0.85, 0.113), (1.0, 0.113), (1.3, 0.10)],
            t,
        );
        let ridge = height * (0.80 * bell(u / width) + 0.20 * bell(u / (2.0 * width)));
        let wing = 0.20 * bell2((u - 0.172 * w) / (0.058 * w), (y - 1.06 * tip) / 0.066);
        let ball = 0.075 * bell2(u / (0.095 * w), (y - 0.985 * tip) / 0.085);
        let groove = -0.05 * bell2((u - 0.275 * w) / 0.035, (y - 1.05 * tip) / 0.10)
            - 0.035 * bell2((u - 0.115 * w) / 0.022, (y - 0.99 * tip) / 0.06);
        let nostril = -0.13 * bell2((u - 0.095 * w) / (0.042 * w), (y - 1.175 * tip) / 0.028);
        ridge + wing + ball + groove + nostril
    }

    fn mouth(&self, x: f32, u: f32, y: f32) -> f32 {
        let m = self.mouth_half();
        let full = self.lip_fullness();
        let line = self.lip_line(x);
        let d = y - line;
        let within = step(1.02, 0.55, u / m);
        let mut h = 0.085 * bell2(u / 0.42, (y - self.below(1.13)) / 0.27);
        h += 0.066 * within * bell((d + 0.05 * full) / (0.042 * full));
        h += 0.080
            * within
            * bell((d - 0.062 * full) / (0.050 * full))
            * (1.0 - 0.35 * bell(u / 0.05));
        // Edges of the lips roll inwards at the line; a dimple beyond each corner.
        h -= 0.075 * step(1.06, 0.9, u / m) * bell(d / 0.022);
        h -= 0.022 * bell2((u - 1.06 * m) / 0.05, d / 0.06);
        // Philtrum.
        h -= 0.014 * bell2(u / 0.035, (y - self.below(0.97)) / 0.07);
        h += 0.008 * bell2((u - 0.07) / 0.03, (y - self.below(0.99)) / 0.07);
        h
    }

    /// Distance beside the line from the wing of the nose to below the corner of the mouth
    /// (positive towards the cheek), and how much of the fold is there, 0 to 1.
    pub(crate) fn nasolabial(&self, u: f32, y: f32) -> (f32, f32) {
        let y0 = self.below(0.66);
        let y1 = self.below(1.22);
        let t = (y - y0) / (y1 - y0);
        let along = step(-0.02, 0.2, t) * step(1.12, 0.7, t);
        let on_line = 0.25 * self.nose_width()
            + (self.mouth_half() + 0.13 - 0.25 * self.nose_width())
                * t.clamp(-0.2, 1.3).abs().powf(0.85);
        (u - on_line, along)
    }
}

/// Horizontal section: sideways and forward for an angle.
fn section(angle: f32) -> (f32, f32) {
    let power = 2.0 / SECTION;
    let (s, c) = angle.sin_cos();
    (s.abs().powf(power) * s.signum(), c.abs().powf(power) * c.signum())
}

/// Features belong to the front and fade at the sides.
fn facing(c: f32) -> f32 {
    step(0.05, 0.45, c)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn swept_surface_and_frontal_height_agree() {
        let shape = Shape::new(&Proportions::default(), 0.5);
        for (angle, row) in [(0.0, 1.4), (0.3, 1.6), (-0.5, 2.4), (0.4, 0.7)] {
            let p = shape.at(angle, row);
            let z = shape.front(p.x, p.y).expect("on the face");
            assert!((z - p.z).abs() < 0.01, "{z} {}", p.z);
        }
    }

    #[test]
    fn the_cut_between_the_lips_follows_the_lip_line() {
        let shape = Shape::new(&Proportions::default(), 0.5);
        for i in -10..=10 {
            let p = shape.at(i as f32 * 0.035, 2.0);
            if p.x.abs() < shape.mouth_half() {
                assert!((p.y - shape.lip_line(p.x)).abs() < 0.012, "{} {}", p.x, p.y);
            }
        }
    }
}
