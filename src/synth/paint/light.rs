//! Light and how skin, eyes, hair and cloth answer it.

use super::vector::{V3, step, v3};
use crate::synth::Light;

/// The lights of a room.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Lamps {
    /// Towards the main light.
    pub(crate) key: V3,
    key_colour: V3,
    sky_colour: V3,
    /// Half-way between the main light and the camera.
    half: V3,
}

impl Lamps {
    pub(crate) fn new(light: &Light) -> Self {
        let (az, el) =
            ((light.azimuth_deg as f32).to_radians(), (light.elevation_deg as f32).to_radians());
        let key = v3(az.sin() * el.cos(), -el.sin(), az.cos() * el.cos());
        let soft = light.softness as f32;
        let warm = light.warmth as f32;
        let tint = v3(1.0 + 0.10 * warm, 1.0, 1.0 - 0.16 * warm);
        let level = light.level as f32;
        Self {
            key,
            key_colour: tint * (level * (1.22 - 0.78 * soft)),
            sky_colour: v3(1.0 + 0.04 * warm, 1.0, 1.0 - 0.05 * warm)
                * (level * (0.16 + 0.50 * soft)),
            half: (key + v3(0.0, 0.0, 1.0)).unit(),
        }
    }

    /// Light from everywhere on a surface: stronger from above and from the camera's side.
    fn sky(&self, n: V3, free: f32) -> V3 {
        self.sky_colour * (free * (0.62 - 0.20 * n.y + 0.22 * n.z.max(0.0)))
    }

    /// Skin: light bleeds red into the shade, and the gloss is broad.
    pub(crate) fn skin(&self, colour: V3, n: V3, free: f32, lit: f32, gloss: f32) -> V3 {
        let facing = n.dot(self.key);
        let bleed =
            |wrap: f32| ((facing + wrap) / (1.0 + wrap)).max(0.0) * (lit + 0.10 * (1.0 - lit));
        let direct = v3(bleed(0.32), bleed(0.17), bleed(0.12)).times(self.key_colour);
        let diffuse = colour.times(direct + self.sky(n, free));
        let shine = n.dot(self.half).max(0.0);
        let (s4, s16) = (shine.powi(8), shine.powi(36));
        let edge = (1.0 - n.z.abs()).max(0.0).powi(4);
        let gleam = lit * gloss * (0.055 * s4 + 0.115 * s16) + 0.05 * gloss * free * edge;
        diffuse + self.key_colour * gleam
    }

    /// Cloth and walls: dull.
    pub(crate) fn dull(&self, colour: V3, n: V3, free: f32, lit: f32) -> V3 {
        let direct = self.key_colour * (n.dot(self.key).max(0.0) * lit);
        colour.times(direct + self.sky(n, free))
    }

    /// Hair: a streak of light across the strands, which run along `strand`.
    pub(crate) fn hair(&self, colour: V3, n: V3, strand: V3, free: f32, lit: f32) -> V3 {
        let along = strand.dot(self.key);
        let across = (1.0 - along * along).max(0.0).sqrt();
        let shade = 0.35 + 0.65 * step(-0.3, 0.8, n.dot(self.key));
        let tilt = strand.dot(self.half);
        let streak = (1.0 - tilt * tilt).max(0.0).powi(24) * step(-0.1, 0.6, n.dot(self.half));
        colour.times(self.key_colour * (across * shade * lit * 0.8) + self.sky(n, free) * 1.2)
            + (self.key_colour * (0.055 * streak * lit)).mix(colour * streak, 0.5)
    }

    /// The wet front of the eye: colour under the cornea and a small bright reflection.
    pub(crate) fn eye(&self, colour: V3, n: V3, free: f32, lit: f32) -> V3 {
        let direct = self.key_colour * ((0.25 + 0.75 * n.dot(self.key)).max(0.0) * lit * 0.85);
        colour.times(direct + self.sky(n, free))
    }

    /// Brightness of the main light's reflection for a mirror normal, and its colour.
    pub(crate) fn glint(&self, n: V3, size: f32) -> V3 {
        let off = 1.0 - n.dot(self.half);
        self.key_colour * step(size, 0.35 * size, off)
    }

    pub(crate) fn wall(&self) -> V3 {
        self.key_colour * 0.42 + self.sky_colour * 0.8
    }
}
