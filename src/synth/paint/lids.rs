//! The lids of one eye in the frontal plane: where their margins run for an opening.

use super::shape::{EYE_X, FISSURE};

/// The lids of a person; the same for both eyes, mirrored.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Lids {
    size: f32,
}

/// Where the lids run at one place along the fissure (heights in the frontal plane).
#[derive(Debug, Clone, Copy)]
pub(crate) struct Margins {
    /// Margin of the upper lid.
    pub(crate) upper: f32,
    /// Margin of the lower lid.
    pub(crate) lower: f32,
    /// Where the margins meet when shut.
    pub(crate) shut: f32,
    /// Fold of the upper lid.
    pub(crate) crease: f32,
    /// How far the upper lid's skin has come down from where it lies when shut (negative: up).
    pub(crate) upper_shift: f32,
    /// The same for the lower lid, from where it lies when open.
    pub(crate) lower_shift: f32,
}

impl Lids {
    pub(crate) const fn new(size: f32) -> Self {
        Self { size }
    }

    /// Place along the fissure: -1 at the inner canthus, 1 at the outer; `u` is the distance
    /// from the facial midline.
    pub(crate) fn along(&self, u: f32) -> f32 {
        (u - EYE_X) / (FISSURE * self.size)
    }

    /// Height of the line between the canthi.
    pub(crate) fn base(along: f32) -> f32 {
        0.001 - 0.019 * along
    }

    /// The margins at a place along the fissure for an aperture (1 open, 0 shut, above 1 wide)
    /// and a squeeze of the outer ring (0 to 1).
    pub(crate) fn margins(&self, along: f32, aperture: f32, squeeze: f32) -> Margins {
        let base = Self::base(along);
        let x = along.clamp(-1.0, 1.0);
        let bow = |shift: f32, power: f32| {
            let moved = x + shift * (1.0 - x * x);
            (1.0 - moved * moved).max(0.0).powf(power)
        };
        let (up, down) = (bow(0.14, 0.62), bow(-0.14, 0.8));
        let upper_open = base - 0.094 * self.size * up;
        let lower_open = base + 0.074 * self.size * down;
        let shut = base + (0.055 - 0.022 * squeeze) * self.size * down;
        let upper = shut + (upper_open - shut) * aperture;
        let lower = shut + (lower_open - shut) * aperture.min(1.0 - 0.25 * squeeze);
        let closed = (1.0 - aperture).clamp(0.0, 1.0);
        let wide = (along / 1.14).clamp(-1.0, 1.0);
        let arch = (1.0 - wide * wide).max(0.0).powf(0.55);
        // The fold rides a little with the lid.
        let crease =
            base - (0.150 - 0.02 * closed) * self.size * arch - 0.02 * (aperture - 1.0).max(0.0);
        Margins {
            upper: upper.min(lower),
            lower,
            shut,
            crease: crease.min(upper - 0.008),
            upper_shift: upper.min(lower) - shut,
            lower_shift: lower - lower_open,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn opening_over_width_is_linear_in_the_aperture() {
        let lids = Lids::new(1.0);
        let opening = |a: f32| {
            let m = lids.margins(0.0, a, 0.0);
            (m.lower - m.upper) / (2.0 * FISSURE)
        };
        assert!((opening(1.0) - 0.345).abs() < 0.01, "{}", opening(1.0));
        for a in [0.0, 0.25, 0.5, 0.75] {
            assert!((opening(a) - a * opening(1.0)).abs() < 1e-4);
        }
    }
}
