//! What is left of the head's motion in the flow, found by a robust fit to the flow itself.
//!
//! Between the unwrapped frame and the reference a rigid head can still differ by an affine
//! motion (tilt, distance, place) and by a remaining turn, which moves every point in proportion
//! to its depth. Those four terms an axis are fitted to the flow over textured skin with Cauchy
//! weights, so that skin which a muscle moves counts as an outlier.

use nalgebra::{Matrix4, Matrix4x2};
use wide::f32x8;

use super::canvas::Spot;
use super::flow::Between;

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
    /// Its pixel on the canvas.
    pub(super) pixel: [usize; 2],
    /// Where the pixel lies in a flow.
    pub(super) between: Between,
    /// Weight by its texture.
    pub(super) weight: f32,
    /// Place and depth.
    pub(super) spot: Spot,
}

impl Anchor {
    pub(super) fn new(pixel: [usize; 2], weight: f32, spot: Spot) -> Self {
        Self { pixel, between: Between::new(pixel), weight, spot }
    }
}

/// A point of skin and how far the flow moved it, pixels right and down.
#[derive(Debug, Clone, Copy)]
pub(super) struct Moved {
    pub(super) weight: f32,
    pub(super) spot: Spot,
    pub(super) motion: [f32; 2],
}

/// Eight of them; those that fill the last eight up weigh nothing.
#[derive(Debug, Clone, Copy)]
struct Eight {
    weight: f32x8,
    spot: [f32x8; 3],
    motion: [f32x8; 2],
}

impl Eight {
    /// Sorts points into eights.
    fn sort<'a>(points: impl Iterator<Item = &'a Moved> + Clone, eights: &mut Vec<Self>) {
        eights.clear();
        let mut points = points.peekable();
        while let Some(&&first) = points.peek() {
            let filler = Moved { weight: 0.0, ..first };
            let eight: [Moved; 8] =
                std::array::from_fn(|_| points.next().copied().unwrap_or(filler));
            let lanes = |value: &dyn Fn(&Moved) -> f32| f32x8::new(eight.each_ref().map(value));
            eights.push(Self {
                weight: lanes(&|point| point.weight),
                spot: [0, 1, 2].map(|axis| lanes(&|point| point.spot[axis])),
                motion: [0, 1].map(|axis| lanes(&|point| point.motion[axis])),
            });
        }
    }
}

/// Buffers of a fit.
#[derive(Debug, Default)]
pub(super) struct Scratch {
    points: Vec<Eight>,
    judges: Vec<Eight>,
    distances: Vec<f32>,
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
    /// Fits the head's motion to that of the skin; `None` with too little texture.
    pub(super) fn fit(points: &[Moved], scratch: &mut Scratch) -> Option<Self> {
        if points.len() < MIN_POINTS {
            return None;
        }
        let Scratch { points: eights, judges, distances } = scratch;
        Eight::sort(points.iter(), eights);
        let every = (points.len() / JUDGES).max(1);
        Eight::sort(points.iter().step_by(every), judges);
        let mut motion = Self::start(points, judges, points.len().div_ceil(every), distances)?;
        for _ in 0..ROUNDS {
            let half = (HALF_WEIGHT * motion.residual).max(SHARPEST);
            motion = motion.refit(eights, half)?;
            motion.residual = motion.median_distance(eights, points.len(), distances);
        }
        Some(motion)
    }

    /// The best of many exact fits to four points, each from another quarter of the skin: the
    /// one whose median distance is the least (Rousseeuw 1984). A contraction that moves a third
    /// of the skin at once would mislead reweighting alone.
    fn start(
        points: &[Moved],
        judges: &[Eight],
        judging: usize,
        distances: &mut Vec<f32>,
    ) -> Option<Self> {
        let quarter = points.len() / 4;
        let mut best: Option<Self> = None;
        let still = Self { terms: [[0.0; 2]; 4], residual: 0.0 };
        let mut four = Vec::with_capacity(1);
        for i in 0..STARTS {
            // Strides that share no factor with each other walk through all mixtures.
            let picks = [7, 11, 13, 17].map(|stride| (i * quarter * stride / STARTS) % quarter);
            let picked = [0, 1, 2, 3].map(|k| points[k * quarter + picks[k]]);
            Eight::sort(picked.iter(), &mut four);
            let Some(mut motion) = still.refit(&four, f32::INFINITY) else { continue };
            motion.residual = motion.median_distance(judges, judging, distances);
            if best.is_none_or(|best| motion.residual < best.residual) {
                best = Some(motion);
            }
        }
        best
    }

    /// Median distance of the motions of so many points from this one, pixels.
    fn median_distance(&self, eights: &[Eight], count: usize, distances: &mut Vec<f32>) -> f32 {
        distances.clear();
        distances.extend(eights.iter().flat_map(|eight| self.distance(eight).to_array()));
        distances.truncate(count);
        *distances.select_nth_unstable_by(count / 2, f32::total_cmp).1
    }

    fn refit(&self, eights: &[Eight], half: f32) -> Option<Self> {
        let mut normal = [[0f64; 4]; 4];
        let mut right = [[0f64; 2]; 4];
        let half = f32x8::splat(half);
        for eight in eights {
            let distance = self.distance(eight) / half;
            let weights = (eight.weight / (f32x8::ONE + distance * distance)).to_array();
            let (spots, motions) =
                (eight.spot.map(f32x8::to_array), eight.motion.map(f32x8::to_array));
            for lane in 0..8 {
                let weight = f64::from(weights[lane]);
                let basis = basis(spots.map(|axis| axis[lane])).map(f64::from);
                let seen = motions.map(|axis| f64::from(axis[lane]));
                for i in 0..4 {
                    let weighted = basis[i] * weight;
                    for j in i..4 {
                        normal[i][j] += weighted * basis[j];
                    }
                    right[i][0] += weighted * seen[0];
                    right[i][1] += weighted * seen[1];
                }
            }
        }
        let normal = Matrix4::from_fn(|i, j| normal[i.min(j)][i.max(j)]);
        let right = Matrix4x2::from_fn(|i, j| right[i][j]);
        let solved = normal.cholesky()?.solve(&right);
        let terms: [[f32; 2]; 4] =
            std::array::from_fn(|i| [solved[(i, 0)] as f32, solved[(i, 1)] as f32]);
        terms.iter().flatten().all(|term| term.is_finite()).then_some(Self { terms, residual: 0.0 })
    }

    #[inline(always)]
    fn distance(&self, eight: &Eight) -> f32x8 {
        let [x, y, depth] = eight.spot;
        let [right, down] = [0, 1].map(|axis| {
            let term = |i: usize| f32x8::splat(self.terms[i][axis]);
            eight.motion[axis] - (term(0) + term(1) * x + term(2) * y + term(3) * depth)
        });
        (right * right + down * down).sqrt()
    }

    /// Constant, rightward, downward and depth term of the motion along an axis.
    #[inline(always)]
    pub(super) fn terms(&self, axis: usize) -> [f32; 4] {
        self.terms.map(|term| term[axis])
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

    /// A face of skin that moves.
    fn skin(flow: impl Fn(Spot) -> [f32; 2]) -> Vec<Moved> {
        let rows = (40..240).step_by(8);
        let places = rows.flat_map(|y| (40..220).step_by(8).map(move |x| (x, y)));
        places
            .map(|(x, y)| {
                let at = [(x as f32 - 128.0) / 115.0, (y as f32 - 90.0) / 115.0];
                let spot = [at[0], at[1], at[0] * at[0] - 0.3 * (-4.0 * at[1] * at[1]).exp()];
                Moved { weight: 1.0, spot, motion: flow(spot) }
            })
            .collect()
    }

    fn head([x, y, z]: Spot) -> [f32; 2] {
        [1.5 + 2.0 * x - 0.7 * y + 1.2 * z, -0.8 + 0.6 * x + 1.9 * y - 0.5 * z]
    }

    #[test]
    fn a_rigid_head_is_removed_whole_although_a_third_of_the_skin_is_pulled() {
        let skin = skin(|spot| {
            let [u, v] = head(spot);
            if spot[0] > 0.25 && spot[1] > 0.1 { [u + 4.0, v - 3.0] } else { [u, v] }
        });
        let found = HeadMotion::fit(&skin, &mut Scratch::default()).unwrap();
        for point in &skin {
            let ([a, b], [c, d]) = (found.at(point.spot), head(point.spot));
            assert!((a - c).hypot(b - d) < 0.15, "{:?}: {a} {b} for {c} {d}", point.spot);
        }
    }

    #[test]
    fn too_few_points_or_no_numbers_carry_no_fit() {
        let points = skin(head);
        assert!(HeadMotion::fit(&points[..30], &mut Scratch::default()).is_none());
        let points = skin(|_| [f32::NAN; 2]);
        assert!(HeadMotion::fit(&points, &mut Scratch::default()).is_none());
    }
}
