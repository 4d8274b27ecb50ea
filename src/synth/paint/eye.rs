//! What is seen in and around the lids: eyeball, margins, lashes and the fold.

use super::lids::{Lids, Margins};
use super::noise::{hash, smooth, unit};
use super::palette::Palette;
use super::shape::{EYE_X, FISSURE};
use super::vector::{V3, bell, bell2, step, v3};

/// Radius of the eyeball.
const BALL: f32 = 0.195;
/// Radius of the iris and of the pupil.
const IRIS: f32 = 0.094;
const PUPIL: f32 = 0.036;

/// One eye at one moment, as the shader needs it.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Eye {
    pub(crate) lids: Lids,
    /// 1 for the subject's left.
    pub(crate) sign: f32,
    pub(crate) aperture: f32,
    pub(crate) squeeze: f32,
    /// Direction of the gaze in the head's frame.
    pub(crate) gaze: V3,
    pub(crate) seed: u32,
}

/// What lies at a place of the eye region.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Seen {
    /// Skin; the texture is to be read `shift` lower, and the colour is darkened by `dark`
    /// (lashes, margin, fold), tilted by `slope` downwards.
    Skin { shift: f32, dark: f32, lash: f32, slope: f32, wet: f32 },
    /// Eyeball: colour, normal in the head's frame, how much light gets past the lids, and how
    /// much of the iris it is.
    Ball { colour: V3, normal: V3, free: f32, cornea: V3 },
}

impl Eye {
    /// What lies at a place of the frontal plane; `None` away from the eye.
    pub(crate) fn at(&self, x: f32, y: f32, palette: &Palette) -> Option<Seen> {
        let u = x * self.sign;
        let along = self.lids.along(u);
        if !(-1.45..1.6).contains(&along) || !(-0.36..0.34).contains(&y) {
            return None;
        }
        let m = self.lids.margins(along, self.aperture, self.squeeze);
        if along.abs() < 1.0 && y > m.upper && y < m.lower {
            return Some(self.ball(u, y, along, &m, palette));
        }
        Some(self.skin(u, y, along, &m))
    }

    fn ball(&self, u: f32, y: f32, along: f32, m: &Margins, palette: &Palette) -> Seen {
        let (bx, by) = ((u - EYE_X) / BALL, y / BALL);
        // Further out than the ball's edge the surface keeps its last slope.
        let r2 = (bx * bx + by * by).min(0.92);
        let local = v3(bx, by, (1.0 - r2).sqrt()).unit();
        let gaze = v3(self.gaze.x * self.sign, self.gaze.y, self.gaze.z);
        // Distance from the centre of the iris over the surface of the ball.
        let off = local - gaze * local.dot(gaze);
        let r = off.length() * BALL / local.dot(gaze).clamp(0.35, 1.0).sqrt();
        let angle = off.y.atan2(off.x);
        let vein = smooth(v3(u * 30.0, y * 70.0, 2.0), self.seed ^ 0x61);
        let corner = step(-0.72, -1.0, along);
        let white = v3(0.50, 0.44, 0.395)
            .mix(v3(0.62, 0.40, 0.36), 0.30 * step(0.5, 1.0, along.abs()) + 0.10 * vein.max(0.0))
            .mix(palette.skin, 0.10 * palette.darkness)
            // The conjunctiva of dark people holds pigment of its own.
            * (1.0 - 0.25 * palette.darkness);
        // The inner corner holds the pink caruncle.
        let white = white.mix(v3(0.50, 0.21, 0.19), 0.85 * corner);
        let fibre = smooth(v3(angle * 9.0, r * 30.0, 1.0), self.seed ^ 0x62)
            + 0.5 * smooth(v3(angle * 24.0, r * 18.0, 4.0), self.seed ^ 0x63);
        let ring = step(0.045, 0.06, r);
        let iris = palette.iris.mix(palette.iris * 1.7, 0.5 * ring) * (1.0 + 0.35 * fibre);
        let iris = iris.mix(palette.iris_rim, 0.9 * step(0.72 * IRIS, 0.99 * IRIS, r));
        let iris = iris.mix(v3(0.006, 0.005, 0.005), step(PUPIL + 0.006, PUPIL - 0.004, r));
        let inside = step(IRIS + 0.007, IRIS - 0.005, r);
        let colour = white.mix(iris, inside);
        // The upper lid and its lashes shade the ball.
        let (above, below) = ((y - m.upper).max(0.0), (m.lower - y).max(0.0));
        let free = (1.0 - 0.80 * (-above / 0.055).exp())
            * (1.0 - 0.35 * (-below / 0.018).exp())
            * (1.0 - 0.45 * step(0.72, 1.0, along.abs()));
        // Dark line under the upper margin.
        let edge = 1.0 - 0.80 * bell(above / 0.014) - 0.25 * bell(below / 0.007);
        let edge = edge * (1.0 - self.fringe(u, above, along));
        let cornea = local.mix(gaze, -0.35 * inside).unit();
        Seen::Ball {
            colour: colour * edge.max(0.05),
            normal: v3(local.x * self.sign, local.y, local.z),
            free,
            cornea: v3(cornea.x * self.sign, cornea.y, cornea.z),
        }
    }

    fn skin(&self, u: f32, y: f32, along: f32, m: &Margins) -> Seen {
        let closed = (1.0 - self.aperture).clamp(0.0, 1.0);
        let inside = step(1.06, 0.94, along.abs());
        let upper_part = y < 0.5 * (m.upper + m.lower);
        let mut shift = 0.0;
        if upper_part && y > m.crease && along.abs() < 1.0 {
            // The lid slides under its fold as one piece.
            let free = step(m.crease, m.crease + 0.02, y);
            shift = -m.upper_shift * free;
        } else if !upper_part {
            shift = -m.lower_shift * bell((y - m.lower) / 0.12) * inside;
        }
        // The margin: a dark line of lash roots, thick on the upper lid.
        let (above, below) = (m.upper - y, y - m.lower);
        let margin_width = 0.014 + 0.004 * closed;
        let mut lash = 0.0_f32;
        if above > -0.004 {
            lash += 0.86 * inside * bell(above / margin_width);
        }
        if below > -0.004 {
            lash += (0.38 + 0.40 * closed) * inside * bell(below / (0.008 + 0.005 * closed));
        }
        lash += self.lashes(u, y, along, m, closed);
        // The fold of the upper lid, deep when the eye is open.
        let d = y - m.crease;
        let arch = step(1.25, 0.9, along.abs());
        // A lid on its way down draws the fold's skin out.
        let depth = 0.62 * (1.0 - 0.9 * closed);
        let fold = arch * depth * bell((d - 0.004) / 0.012);
        let shade =
            arch * 0.34 * (1.0 - 0.9 * closed) * step(-0.004, 0.006, d) * bell((d - 0.006) / 0.03);
        let bulge = arch * (0.5 - 0.4 * closed) * bell((d + 0.02) / 0.02);
        // A wet rim on the lower margin; a soft furrow below it.
        let wet =
            inside * (1.0 - closed) * bell((below - 0.010) / 0.007) * step(-0.002, 0.002, below);
        let furrow = 0.10 * inside * bell((below - 0.075) / 0.014);
        let corner = 0.35 * bell2((along.abs() - 1.02) / 0.05, (y - Lids::base(along)) / 0.014);
        Seen::Skin {
            shift,
            dark: (fold + shade + furrow + corner).min(0.85),
            lash: lash.min(0.93),
            slope: 0.55 * bulge,
            wet,
        }
    }

    /// How much of the ball the upper lid's lashes hide at a distance below its margin. Open,
    /// they point up and out of the way; on the way down they point forward and hang before the
    /// ball, so that a half-shut eye shows little white.
    fn fringe(&self, u: f32, below: f32, along: f32) -> f32 {
        let hang = step(0.0, 0.5, 1.0 - self.aperture);
        let length = 0.075 * (0.65 + 0.35 * step(-0.2, 0.8, along));
        let taper = (1.0 - below / length).max(0.0).sqrt();
        let number = (u - 0.55 * (u - EYE_X) / FISSURE * below / FISSURE) * 270.0;
        let across = (number - number.floor() - 0.5).abs();
        let stroke = step(0.34 * taper, 0.12 * taper, across) * taper;
        hang * (0.7 * bell(below / 0.04) + 0.5 * stroke).min(0.95)
    }

    /// Lashes as fine strokes: up and outwards from the upper margin, down when it is shut.
    fn lashes(&self, u: f32, y: f32, along: f32, m: &Margins, closed: f32) -> f32 {
        if along.abs() > 1.2 {
            return 0.0;
        }
        let one = |root: f32, outward: f32, length: f32, count: f32, salt: i32| {
            // `outward` is the distance from the margin along the lash's direction.
            if outward <= 0.0 || outward > length {
                return 0.0;
            }
            let lean = 0.55 * (u - EYE_X) / FISSURE;
            let number = (root - lean * outward / FISSURE) * count;
            let cell = number.floor();
            let jitter = 0.3 * (unit(hash(cell as i32, salt, 3, self.seed)) - 0.5);
            let reach = length * (0.7 + 0.3 * unit(hash(cell as i32, salt, 5, self.seed)));
            let across = (number - cell - 0.5 - jitter).abs();
            let taper = (1.0 - outward / reach).max(0.0);
            step(0.34 * taper.sqrt(), 0.12 * taper.sqrt(), across) * taper.sqrt()
        };
        let there = step(-1.05, -0.55, along) * step(1.18, 1.0, along);
        let outer = 0.65 + 0.35 * step(-0.2, 0.8, along);
        // Open, the upper lashes foreshorten and lie over the lid; shut, they hang down.
        let open_part = one(along, m.upper - y, 0.045 * outer, 16.0, 1) * (1.0 - closed).max(0.0);
        let shut_part =
            one(along, y - m.upper.max(m.lower), 0.075 * outer, 16.0, 1) * step(0.45, 0.95, closed);
        let lower = one(along, y - m.lower, 0.035, 13.0, 2) * (1.0 - closed);
        there * (0.55 * open_part + 0.62 * shut_part + 0.28 * lower)
    }
}
