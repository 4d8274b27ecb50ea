//! How the skin moves with each muscle: a displacement for every point of the face.
//!
//! Every field is normalised so that its strength is the displacement, in the units of
//! [`super::shape`], at the place that is measured.

use super::shape::Shape;
use super::vector::{V3, bell, bell2, knots, step, v3};
use crate::anatomy::{PerSide, Place, Region, Side};
use crate::synth::FaceMotion;

/// Number of fields.
pub(crate) const FIELDS: usize = 13;

/// Strength of every field at one moment.
pub(crate) type Strengths = [f32; FIELDS];

/// Which muscle moves the skin.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Field {
    /// Frontalis: brow and forehead up.
    Brow(Side),
    /// Cheek up.
    Cheek(Side),
    /// Corner of the mouth out and up.
    Corner(Side),
    /// Corner of the mouth towards the midline, lips forward.
    Purse(Side),
    /// Chin skin up, masseter out.
    Chin(Side),
    /// Outer orbicularis: skin around the eye drawn together.
    Squeeze(Side),
    /// Jaw down.
    JawOpen,
}

impl Field {
    /// All fields, in the order of [`Strengths`].
    pub(crate) const ALL: [Self; FIELDS] = [
        Self::Brow(Side::Left),
        Self::Brow(Side::Right),
        Self::Cheek(Side::Left),
        Self::Cheek(Side::Right),
        Self::Corner(Side::Left),
        Self::Corner(Side::Right),
        Self::Purse(Side::Left),
        Self::Purse(Side::Right),
        Self::Chin(Side::Left),
        Self::Chin(Side::Right),
        Self::Squeeze(Side::Left),
        Self::Squeeze(Side::Right),
        Self::JawOpen,
    ];

    /// Strength of this field at a moment; `unit` is the face unit.
    fn strength(self, motion: &FaceMotion, unit: f32) -> f32 {
        let mfu = |place: Place| motion.displacement[place] as f32 * 0.001 * unit;
        let of = |region: Region, side: Side| mfu(Place::new(region, side));
        match self {
            Self::Brow(side) => of(Region::Forehead, side),
            Self::Cheek(side) => of(Region::Cheek, side),
            Self::Corner(side) => of(Region::MouthCorner, side).max(0.0),
            Self::Purse(side) => (-of(Region::MouthCorner, side)).max(0.0),
            Self::Chin(side) => of(Region::Jaw, side),
            // A full squeeze draws the skin at the outer canthus by 35 mFU (judgment).
            Self::Squeeze(side) => motion.squeeze[side] as f32 * 0.035 * unit,
            Self::JawOpen => mfu(Place::JAW_MIDLINE),
        }
    }

    /// Displacement at a point of the resting face for strength 1. `below_cut` tells the lower
    /// lip from the upper where they touch.
    pub(crate) fn at(self, shape: &Shape, p: V3, below_cut: bool) -> V3 {
        // Nothing at the back of the head moves.
        let front = step(-0.25, 0.15, p.z);
        if front == 0.0 {
            return V3::default();
        }
        let towards = |side: Side| match side {
            Side::Left => 1.0,
            Side::Right => -1.0,
        };
        let sided = |side: Side, d: fn(&Shape, f32, f32) -> V3| {
            let sign = towards(side);
            let d = d(shape, p.x * sign, p.y);
            v3(d.x * sign, d.y, d.z) * front
        };
        match self {
            Self::Brow(side) => sided(side, brow),
            Self::Cheek(side) => sided(side, cheek),
            Self::Corner(side) => sided(side, corner),
            Self::Purse(side) => sided(side, purse),
            Self::Chin(side) => sided(side, chin),
            Self::Squeeze(side) => sided(side, squeeze),
            Self::JawOpen => jaw_open(shape, p, below_cut) * front,
        }
    }
}

/// Strengths of all fields at a moment.
pub(crate) fn strengths(motion: &FaceMotion, unit: f32) -> Strengths {
    Field::ALL.map(|field| field.strength(motion, unit))
}

/// Size of the wrinkles of each kind, 0 to about 1, by side, before age.
pub(crate) fn wrinkles(motion: &FaceMotion) -> [PerSide<f32>; WRINKLES] {
    let mfu = |region: Region, side: Side| motion.displacement[Place::new(region, side)] as f32;
    let by_side = |f: &dyn Fn(Side) -> f32| PerSide::from_fn(|side| f(side).clamp(0.0, 1.3));
    [
        by_side(&|s| motion.squeeze[s] as f32),
        by_side(&|s| mfu(Region::Forehead, s) / 35.0),
        by_side(&|s| (mfu(Region::MouthCorner, s) / 60.0).max(0.0) + mfu(Region::Cheek, s) / 80.0),
        by_side(&|s| mfu(Region::Jaw, s) / 25.0),
        by_side(&|s| 0.8 * motion.squeeze[s] as f32 + mfu(Region::Cheek, s) / 160.0),
    ]
}

/// Kinds of wrinkles: crow's feet, forehead, nasolabial and cheek, chin, lower lid and nose.
pub(crate) const WRINKLES: usize = 5;

fn brow(_: &Shape, u: f32, y: f32) -> V3 {
    let across = step(-0.12, 0.26, u) * step(1.2, 0.8, u);
    let along = knots(
        &[
            (-1.4, 0.0),
            (-1.1, 0.10),
            (-0.8, 0.52),
            (-0.55, 0.90),
            (-0.38, 1.0),
            (-0.24, 0.72),
            (-0.15, 0.25),
            (-0.07, 0.0),
        ],
        y,
    );
    v3(0.02, -1.0, 0.12) * (across * along)
}

fn cheek(shape: &Shape, u: f32, y: f32) -> V3 {
    let w = bell2((u - 0.62) / 0.25, (y - shape.below(0.62)) / 0.25)
        * step(0.10, 0.30, y)
        * step(0.14, 0.34, u);
    v3(0.17, -0.985, 0.30) * w
}

fn corner(shape: &Shape, u: f32, y: f32) -> V3 {
    v3(0.80, -0.60, -0.10) * corner_share(shape, u, y)
}

fn corner_share(shape: &Shape, u: f32, y: f32) -> f32 {
    let m = shape.mouth_half();
    let across = if u < m { step(-0.06, m, u).powf(1.15) } else { bell((u - m) / 0.17) };
    let d = y - shape.below(1.15);
    across * bell(d / if d < 0.0 { 0.165 } else { 0.12 })
}

fn purse(shape: &Shape, u: f32, y: f32) -> V3 {
    let m = shape.mouth_half();
    let forward = 0.5 * bell2(u / (0.8 * m), (y - shape.below(1.15)) / 0.14) * step(-0.05, 0.05, u);
    let share = corner_share(shape, u, y);
    v3(-share, 0.0, forward)
}

fn chin(shape: &Shape, u: f32, y: f32) -> V3 {
    let skin = bell2((u - 0.2) / 0.20, (y - shape.below(1.58)) / 0.17) * step(-0.14, 0.14, u);
    let masseter = 0.5 * bell2((u - 0.86) / 0.16, (y - shape.below(1.02)) / 0.22);
    v3(0.8 * masseter, -skin, 0.25 * skin + 0.5 * masseter)
}

fn squeeze(_: &Shape, u: f32, y: f32) -> V3 {
    // Towards a point a little inside the eye's centre, in a ring around the lids.
    let (dx, dy) = (0.43 - u, 0.02 - y);
    let r = (dx * dx + 1.5 * dy * dy).sqrt().max(1e-3);
    let ring = bell((r - 0.40) / 0.13) * step(0.30, 0.13, y) * step(-0.02, 0.14, u);
    // Brow and cheek give less than the outer canthus.
    v3(dx / r, 0.35 * dy / r, 0.12) * ring
}

fn jaw_open(shape: &Shape, p: V3, below_cut: bool) -> V3 {
    let u = p.x.abs();
    let m = shape.mouth_half();
    let y = p.y / shape.below(1.0);
    let hinge = 1.0 - 0.55 * step(0.72, 1.05, u);
    let cheek = hinge
        * knots(
            &[(0.72, 0.0), (0.95, 0.16), (1.15, 0.45), (1.35, 0.82), (1.55, 1.0), (1.8, 1.0)],
            y,
        );
    let beside = step(0.5 * m, 1.06 * m, u);
    let share = if below_cut { 1.0 + (cheek - 1.0) * beside } else { cheek * beside };
    v3(0.0, 1.0, -0.22) * share
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::synth::Proportions;

    fn shape() -> Shape {
        Shape::new(&Proportions::default(), 0.5)
    }

    #[test]
    fn one_side_leaves_the_other_still() {
        let s = shape();
        let places = [(0.5, -0.36), (0.62, 0.62), (0.40, 1.15), (0.22, 1.58), (0.85, 0.0)];
        for field in Field::ALL.into_iter().filter(|f| *f != Field::JawOpen) {
            let side = match field {
                Field::Brow(s) | Field::Cheek(s) | Field::Corner(s) => s,
                Field::Purse(s) | Field::Chin(s) | Field::Squeeze(s) => s,
                Field::JawOpen => continue,
            };
            let sign = if side == Side::Left { -1.0 } else { 1.0 };
            for (x, y) in places {
                let z = s.front(x, y).expect("on the face");
                let moved = field.at(&s, v3(sign * x, y, z), false);
                assert!(moved.length() < 0.06, "{field:?} at {x} {y}: {moved:?}");
            }
        }
    }

    #[test]
    fn the_lips_part_only_between_the_corners() {
        let s = shape();
        for (x, parts) in [(0.0, true), (0.2, true), (0.44, false), (0.7, false)] {
            let p = v3(x, s.lip_line(x), 1.0);
            let up = Field::JawOpen.at(&s, p, false);
            let low = Field::JawOpen.at(&s, p, true);
            assert_eq!((low - up).length() > 0.2, parts, "at {x}");
        }
    }

    #[test]
    fn a_field_moves_its_own_place_by_its_strength() {
        let s = shape();
        let at = |field: Field, x: f32, y: f32| {
            field.at(&s, v3(x, y, s.front(x, y).expect("face")), true)
        };
        assert!((at(Field::Brow(Side::Left), 0.5, -0.38).y + 1.0).abs() < 0.05);
        assert!((at(Field::Cheek(Side::Left), 0.62, 0.62).y + 1.0).abs() < 0.05);
        let pull = at(Field::Corner(Side::Left), 0.40, 1.15);
        assert!((pull.x.hypot(pull.y) - 1.0).abs() < 0.05);
        assert!((at(Field::JawOpen, 0.0, 1.58).y - 1.0).abs() < 0.05);
    }
}
