//! What a small piece of the face looks like: its texture, brightness and colour.

use super::canvas::{EDGE, UNIT};
use super::unwrap::Mapping;
use crate::source::Frame;

/// Points along an edge of the piece, and the piece's edge, face units.
const POINTS: usize = 9;
const SIZE: f64 = 0.32;

/// Points along an edge at which colour is read, over the same piece.
const COLOURS: usize = 3;

/// Grey levels that never count as contrast: the noise of a smoothed webcam picture.
const NOISE: f32 = 0.7;

/// A piece of the face.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Look {
    /// Grey levels less their mean, over their standard deviation, row by row.
    pub(super) texture: [f32; POINTS * POINTS],
    /// Mean grey level.
    pub(super) brightness: f32,
    /// Standard deviation of the grey levels.
    pub(super) contrast: f32,
    /// Shares of red and of blue in the colour.
    pub(super) colour: [f32; 2],
}

impl Look {
    /// Reads a piece of the smoothed canvas around `center`, and its colour in the frame over
    /// which the canvas is laid by `mapping`.
    pub(super) fn new(smooth: &[u8], frame: &Frame, center: [f64; 2], mapping: &Mapping) -> Self {
        let at = |i: usize, n: usize| ((i as f64 + 0.5) / n as f64 - 0.5) * SIZE * UNIT;
        let mut texture: [f32; POINTS * POINTS] = std::array::from_fn(|i| {
            let pixel = [center[0] + at(i % POINTS, POINTS), center[1] + at(i / POINTS, POINTS)];
            let [x, y] = pixel.map(|p| p.round().clamp(0.0, (EDGE - 1) as f64) as usize);
            f32::from(smooth[y * EDGE + x])
        });
        let brightness = texture.iter().sum::<f32>() / texture.len() as f32;
        let squares: f32 = texture.iter().map(|grey| (grey - brightness).powi(2)).sum();
        let contrast = (squares / texture.len() as f32).sqrt();
        for grey in &mut texture {
            *grey = (*grey - brightness) / contrast.max(NOISE);
        }
        let mut sums = [0.0; 3];
        for i in 0..COLOURS * COLOURS {
            let [x, y] = [i % COLOURS, i / COLOURS].map(|i| at(i, COLOURS));
            let [x, y] = mapping.in_frame([center[0] + x, center[1] + y]);
            let x = (x.max(0.0) as usize).min(frame.width - 1);
            let y = (y.max(0.0) as usize).min(frame.height - 1);
            for (sum, byte) in sums.iter_mut().zip(frame.colour(x, y)) {
                *sum += f32::from(byte);
            }
        }
        let all = sums.iter().sum::<f32>().max(1.0);
        Self { texture, brightness, contrast, colour: [sums[2] / all, sums[0] / all] }
    }

    /// Correlation of two textures, -1 to 1; what has no contrast is like nothing.
    pub(super) fn likeness(&self, other: &Self) -> f32 {
        let product: f32 = self.texture.iter().zip(&other.texture).map(|(a, b)| a * b).sum();
        product / self.texture.len() as f32
    }

    /// Takes in another look with a weight of 0 to 1.
    pub(super) fn learn(&mut self, other: &Self, gain: f32) {
        let mix = |own: &mut f32, new: f32| *own += gain * (new - *own);
        for (own, new) in self.texture.iter_mut().zip(&other.texture) {
            mix(own, *new);
        }
        mix(&mut self.brightness, other.brightness);
        mix(&mut self.contrast, other.contrast);
        for (own, new) in self.colour.iter_mut().zip(other.colour) {
            mix(own, new);
        }
    }
}
