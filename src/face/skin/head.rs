//! What is left of the head's motion in the flow, found by a robust fit to the flow itself.
//!
//! Between the unwrapped frame and the reference a rigid head can still differ by an affine
//! motion (tilt, distance, place) and by a remaining turn, which moves every point in proportion
//! to its depth. Those four terms an axis are fitted to the flow over textured skin with Cauchy
//! weights, so that skin which a muscle moves counts as an outlier.

use nalgebra::{Matrix4, Matrix4x2};
use opencv::core::Vec2f;

use super::canvas::{EDGE, Spot};

/// Rounds of reweighting.
const ROUNDS: usize = 6;

/// Residual at which a point's weight has halved, over the median residual (judgment: 95 %
/// efficiency on normal residuals lies at 1.9; a muscle's outliers are many and one-sided).
const HALF_WEIGHT: f32 = 1.5;

/// Residuals are known no better than this, pixels.
const SHARPEST: f32 = 0.05;

/// Fewest points that carry a fit.
const MIN_POINTS: usize = 60;

/// A point of skin that tells of the head.
#[derive(Debug, Clone, Copy)]
pub(super) struct Anchor {
    /// Index of its pixel on the canvas.
    pub(super) pixel: usize,
    /// Weight by its texture.
    pub(super) weight: f32,
    /// Place and depth.
    pub(super) spot: Spot,
}

impl Anchor {
    pub(super) fn new([x, y]: [usize; 2], weight: f32, spot: Spot) -> Self {
        Self { pixel: y * EDGE + x, weight, spot }
    }
}

/// Motion of the head on the canvas, pixels.
#[derive(Debug, Clone, Copy)]
pub(super) struct HeadMotion {
    /// Constant, rightward, downward and depth term of the motion right and down.
    terms: [[f32; 2]; 4],
    /// Median distance of the skin's flow from it, pixels.
    pub(super) residual: f32,
}

impl HeadMotion {
    /// Fits the head's motion to the flow at the anchors; `None` with too little texture.
    pub(super) fn fit(anchors: &[Anchor], flow: &[Vec2f], scratch: &mut Vec<f32>) -> Option<Self> {
        if anchors.len() < MIN_POINTS {
            return None;
        }
        let mut half = f32::INFINITY;
        let mut motion = Self { terms: [[0.0; 2]; 4], residual: 0.0 };
        for _ in 0..ROUNDS {
            motion = motion.refit(anchors, flow, half)?;
            scratch.clear();
            scratch.extend(anchors.iter().map(|anchor| motion.distance(anchor, flow)));
            let middle = scratch.len() / 2;
            motion.residual = *scratch.select_nth_unstable_by(middle, f32::total_cmp).1;
            half = (HALF_WEIGHT * motion.residual).max(SHARPEST);
        }
        Some(motion)
    }

    fn refit(&self, anchors: &[Anchor], flow: &[Vec2f], half: f32) -> Option<Self> {
        let mut normal = [[0f64; 4]; 4];
        let mut right = [[0f64; 2]; 4];
        for anchor in anchors {
            let distance = self.distance(anchor, flow) / half;
            let weight = f64::from(anchor.weight / (1.0 + distance * distance));
            let basis = basis(anchor.spot).map(f64::from);
            let seen = flow[anchor.pixel].0.map(f64::from);
            for i in 0..4 {
                let weighted = basis[i] * weight;
                for j in i..4 {
                    normal[i][j] += weighted * basis[j];
                }
                right[i][0] += weighted * seen[0];
                right[i][1] += weighted * seen[1];
            }
        }
        let normal = Matrix4::from_fn(|i, j| normal[i.min(j)][i.max(j)]);
        let right = Matrix4x2::from_fn(|i, j| right[i][j]);
        let solved = normal.cholesky()?.solve(&right);
        let terms: [[f32; 2]; 4] =
            std::array::from_fn(|i| [solved[(i, 0)] as f32, solved[(i, 1)] as f32]);
        terms.iter().flatten().all(|term| term.is_finite()).then_some(Self { terms, residual: 0.0 })
    }

    fn distance(&self, anchor: &Anchor, flow: &[Vec2f]) -> f32 {
        let [x, y] = self.at(anchor.spot);
        let [u, v] = flow[anchor.pixel].0;
        (u - x).hypot(v - y)
    }

    /// The head's motion at a spot, pixels right and down.
    pub(super) fn at(&self, spot: Spot) -> [f32; 2] {
        let basis = basis(spot);
        [0, 1].map(|axis| (0..4).map(|i| self.terms[i][axis] * basis[i]).sum())
    }
}

fn basis([x, y, depth]: Spot) -> [f32; 4] {
    [1.0, x, y, depth]
}
