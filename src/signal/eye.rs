//! Geometry of the lids and the iris in one frame.

use crate::anatomy::{EyeLandmarks, Side, eye};
use crate::face::Landmarks;

/// What one eye looks like, as measured.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct EyeGeometry {
    /// Lid opening over fissure width.
    pub(super) opening: f64,
    /// Height of the iris centre below the line between the canthi, over fissure width.
    pub(super) gaze_down: f64,
    /// Height of the brow above that line, over fissure width.
    pub(super) brow: f64,
    /// Fissure width, pixels, freed from the head's turn.
    pub(super) width_px: f64,
}

impl EyeGeometry {
    /// Measures one eye; `None` where the canthi coincide.
    pub(super) fn measure(landmarks: &Landmarks, side: Side) -> Option<Self> {
        let eye: EyeLandmarks = eye(side);
        let [outer, inner] = [landmarks[eye.outer], landmarks[eye.inner]];
        // The canthi stand at different depths in a turned head: their distance in space.
        let width_px = distance3(outer, inner);
        let (dx, dy) = (f64::from(inner[0] - outer[0]), f64::from(inner[1] - outer[1]));
        let flat = dx.hypot(dy);
        if flat < 1.0 || !width_px.is_finite() {
            return None;
        }
        // Down, at right angles to the line between the canthi, in the picture.
        let (mut nx, mut ny) = (-dy / flat, dx / flat);
        if side == Side::Left {
            (nx, ny) = (-nx, -ny);
        }
        let height = |point: usize| {
            let p = landmarks[point];
            (f64::from(p[0] - outer[0]) * nx + f64::from(p[1] - outer[1]) * ny) / width_px
        };
        let opening = eye
            .upper
            .iter()
            .zip(eye.lower)
            .map(|(upper, lower)| height(lower) - height(*upper))
            .sum::<f64>()
            / eye.upper.len() as f64;
        let brow =
            -eye.brow.iter().map(|point| height(*point)).sum::<f64>() / eye.brow.len() as f64;
        Some(Self { opening, gaze_down: height(eye.iris[0]), brow, width_px })
    }
}

/// Distance of two landmarks in space, pixels.
fn distance3(a: [f32; 3], b: [f32; 3]) -> f64 {
    a.iter().zip(b).map(|(a, b)| f64::from(a - b).powi(2)).sum::<f64>().sqrt()
}
