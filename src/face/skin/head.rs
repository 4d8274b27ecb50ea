//! What is left of the head's motion in the flow, found by a robust fit to the flow itself.
//!
//! Between the unwrapped frame and the reference a rigid head can still differ by an affine
//! motion (tilt, distance, place) and by a remaining turn, which moves every point in proportion
//! to its depth. Those four terms an axis are fitted to the flow over textured skin with Cauchy
//! weights, so that skin which a muscle moves counts as an outlier.

use nalgebra::{Matrix4, Matrix4x2};
use opencv::core::Vec2f;

use super::canvas::{EDGE, Spot};

/// Exact fits that are tried as a start (with a third of the points astray, one of four good
/// points is missed once in a thousand times), and the points that judge them.
const STARTS: usize = 32;
const JUDGES: usize = 120;

/// Rounds of reweighting.
const ROUNDS: usize = 4;

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
        let mut motion = Self::start(anchors, flow, scratch)?;
        for _ in 0..ROUNDS {
            let half = (HALF_WEIGHT * motion.residual).max(SHARPEST);
            motion = motion.refit(anchors.iter(), flow, half)?;
            motion.residual = motion.median_distance(anchors.iter(), flow, scratch);
        }
        Some(motion)
    }

    /// The best of many exact fits to four points, each from another quarter of the skin: the
    /// one whose median distance is the least (Rousseeuw 1984). A contraction that moves a third
    /// of the skin at once would mislead reweighting alone.
    fn start(anchors: &[Anchor], flow: &[Vec2f], scratch: &mut Vec<f32>) -> Option<Self> {
        let quarter = anchors.len() / 4;
        let judges = || anchors.iter().step_by((anchors.len() / JUDGES).max(1));
        let mut best: Option<Self> = None;
        let still = Self { terms: [[0.0; 2]; 4], residual: 0.0 };
        for i in 0..STARTS {
            // Strides that share no factor with each other walk through all mixtures.
            let picks = [7, 11, 13, 17].map(|stride| (i * quarter * stride / STARTS) % quarter);
            let four = picks.iter().enumerate().map(|(k, pick)| &anchors[k * quarter + pick]);
            let Some(mut motion) = still.refit(four, flow, f32::INFINITY) else { continue };
            motion.residual = motion.median_distance(judges(), flow, scratch);
            if best.is_none_or(|best| motion.residual < best.residual) {
                best = Some(motion);
            }
        }
        best
    }

    /// Median distance of the flow at some anchors from this motion, pixels.
    fn median_distance<'a>(
        &self,
        anchors: impl Iterator<Item = &'a Anchor>,
        flow: &[Vec2f],
        scratch: &mut Vec<f32>,
    ) -> f32 {
        scratch.clear();
        scratch.extend(anchors.map(|anchor| self.distance(anchor, flow)));
        let middle = scratch.len() / 2;
        *scratch.select_nth_unstable_by(middle, f32::total_cmp).1
    }

    fn refit<'a>(
        &self,
        anchors: impl Iterator<Item = &'a Anchor>,
        flow: &[Vec2f],
        half: f32,
    ) -> Option<Self> {
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
        let (x, y) = (u - x, v - y);
        (x * x + y * y).sqrt()
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

#[cfg(test)]
mod tests {
    use super::*;

    /// A face of anchors, and a flow over it.
    fn skin(flow: impl Fn(Spot) -> [f32; 2]) -> (Vec<Anchor>, Vec<Vec2f>) {
        let mut flows = vec![Vec2f::default(); EDGE * EDGE];
        let mut anchors = Vec::new();
        for y in (40..240).step_by(8) {
            for x in (40..220).step_by(8) {
                let at = [(x as f32 - 128.0) / 115.0, (y as f32 - 90.0) / 115.0];
                let spot = [at[0], at[1], at[0] * at[0] - 0.3 * (-4.0 * at[1] * at[1]).exp()];
                let anchor = Anchor::new([x, y], 1.0, spot);
                flows[anchor.pixel] = Vec2f::from(flow(spot));
                anchors.push(anchor);
            }
        }
        (anchors, flows)
    }

    fn head([x, y, z]: Spot) -> [f32; 2] {
        [1.5 + 2.0 * x - 0.7 * y + 1.2 * z, -0.8 + 0.6 * x + 1.9 * y - 0.5 * z]
    }

    #[test]
    fn a_rigid_head_is_removed_whole_although_a_third_of_the_skin_is_pulled() {
        let (anchors, flow) = skin(|spot| {
            let [u, v] = head(spot);
            if spot[0] > 0.25 && spot[1] > 0.1 { [u + 4.0, v - 3.0] } else { [u, v] }
        });
        let found = HeadMotion::fit(&anchors, &flow, &mut Vec::new()).unwrap();
        for anchor in &anchors {
            let ([a, b], [c, d]) = (found.at(anchor.spot), head(anchor.spot));
            assert!((a - c).hypot(b - d) < 0.15, "{:?}: {a} {b} for {c} {d}", anchor.spot);
        }
    }

    #[test]
    fn too_few_points_or_no_numbers_carry_no_fit() {
        let (anchors, flow) = skin(head);
        assert!(HeadMotion::fit(&anchors[..30], &flow, &mut Vec::new()).is_none());
        let (anchors, flow) = skin(|_| [f32::NAN; 2]);
        assert!(HeadMotion::fit(&anchors, &flow, &mut Vec::new()).is_none());
    }
}
