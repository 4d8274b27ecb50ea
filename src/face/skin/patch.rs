//! A patch of skin around a place, and where it is found again.
//!
//! Dense flow is coarse: of a small pull it shows 0.3 to 0.5. From the flow's answer the patch is
//! registered itself (inverse compositional Lucas-Kanade with free gain and offset of brightness
//! and Cauchy weights; Baker and Matthews 2004), which raises that to 0.5 to 0.7 at the same
//! noise (measured with contractions warped into real recordings).

use std::array::from_fn;

use super::super::wide::wide;
use super::canvas::{Canvas, EDGE, Spot, UNIT};
use super::flow::{Between, CELLS, Field};
use super::head::HeadMotion;

/// Radius of a patch, face units: about that of a mouth corner's own motion (measured: smaller
/// ones respond more and lose hold sooner).
const RADIUS: f64 = 0.2;

/// Pixels between the points of a patch.
const STEP: usize = 2;

/// Most rounds of registration, and the step below which it has arrived, pixels.
const ROUNDS: usize = 6;
const ARRIVED: f32 = 0.02;

/// Longest step of one round, pixels.
const LONGEST_STEP: f32 = 1.5;

/// Hold of the guess, squared grey levels per squared pixel: decides where the patch
/// itself is smooth (measured; strong enough for a bare cheek, a tenth of a mouth corner's).
const HOLD: f32 = 0.3;

/// Grey levels that never count as outliers.
const NOISE: f32 = 2.0;

/// Gain of brightness that is believed.
const GAIN: std::ops::RangeInclusive<f32> = 0.5..=2.0;

/// Points are worked on eight at a time, so that the compiler can use the machine's vectors.
const LANES: usize = 8;
type Lanes = [f32; LANES];

/// Eight points of a patch; those that fill the last eight up weigh nothing.
#[derive(Debug, Clone, Copy)]
struct Points {
    at: [Lanes; 2],
    /// Place and depth.
    spot: [Lanes; 3],
    weight: Lanes,
    /// Grey less the patch's mean.
    grey: Lanes,
    /// Slope less the patch's mean.
    slope: [Lanes; 2],
}

/// A patch of the reference.
#[derive(Debug)]
pub(super) struct Patch {
    points: Vec<Points>,
    variance: f32,
    /// Cells of a flow over which it lies, with the share of each.
    cells: Vec<(usize, f32)>,
    /// Mean place and depth.
    middle: Spot,
}

/// Where a patch may be, beyond the head's motion, pixels.
#[derive(Debug, Clone, Copy)]
pub(super) struct Guesses {
    /// The flow's answer.
    pub(super) flow: [f32; 2],
    /// Where it was in the frame before.
    pub(super) last: Option<[f32; 2]>,
    /// Further guesses.
    pub(super) others: [[f32; 2]; 2],
}

/// Where a patch was found.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Found {
    /// Motion beyond the head's, pixels.
    pub(super) motion: [f32; 2],
    /// Correlation with the reference, -1 to 1.
    pub(super) likeness: f32,
}

impl Patch {
    /// Cuts a patch out of a smoothed reference.
    pub(super) fn new(canvas: &Canvas, smooth: &[u8], center: [f64; 2]) -> Self {
        let radius = RADIUS * UNIT;
        let range = |c: f64| {
            let first = (c - radius).ceil().clamp(1.0, EDGE as f64 - 2.0) as usize;
            let last = (c + radius).floor().clamp(1.0, EDGE as f64 - 2.0) as usize;
            (first..=last).step_by(STEP)
        };
        let grey = |x: usize, y: usize| f32::from(smooth[y * EDGE + x]);
        let mut inside = Vec::new();
        for y in range(center[1]) {
            for x in range(center[0]) {
                let away = (x as f64 - center[0]).hypot(y as f64 - center[1]) / radius;
                if away < 1.0 {
                    inside.push(([x, y], (1.0 - away * away) as f32));
                }
            }
        }
        let total: f32 = inside.iter().map(|(_, weight)| weight).sum();
        let mut points: Vec<Points> = inside
            .chunks(LANES)
            .map(|some| {
                let [x, y] =
                    [0, 1].map(|axis| from_fn(|lane| some.get(lane).unwrap_or(&some[0]).0[axis]));
                let spots: [Spot; LANES] = from_fn(|i| canvas.spot([x[i], y[i]]));
                Points {
                    at: [x, y].map(|at| at.map(|p: usize| p as f32)),
                    spot: [0, 1, 2].map(|axis| spots.map(|spot| spot[axis])),
                    weight: from_fn(|i| some.get(i).map_or(0.0, |(_, weight)| weight / total)),
                    grey: from_fn(|i| grey(x[i], y[i])),
                    slope: [
                        from_fn(|i| (grey(x[i] + 1, y[i]) - grey(x[i] - 1, y[i])) / 2.0),
                        from_fn(|i| (grey(x[i], y[i] + 1) - grey(x[i], y[i] - 1)) / 2.0),
                    ],
                }
            })
            .collect();
        let mean = |value: fn(&Points) -> &Lanes| {
            let weighted = |p: &Points| dot(&p.weight, value(p));
            points.iter().map(weighted).sum::<f32>()
        };
        let means = [mean(|p| &p.grey), mean(|p| &p.slope[0]), mean(|p| &p.slope[1])];
        for p in &mut points {
            let [right, down] = &mut p.slope;
            for (values, mean) in [&mut p.grey, right, down].into_iter().zip(means) {
                *values = values.map(|value| value - mean);
            }
        }
        let variance = points.iter().map(|p| dot(&p.weight, &p.grey.map(|grey| grey * grey))).sum();
        let middle =
            [0, 1, 2].map(|axis| points.iter().map(|p| dot(&p.weight, &p.spot[axis])).sum());
        let mut shares = vec![0.0; CELLS * CELLS];
        for (pixel, weight) in &inside {
            let Between { cells, shares: parts } = Between::new(*pixel);
            cells
                .into_iter()
                .zip(parts)
                .for_each(|(cell, part)| shares[cell] += part * weight / total);
        }
        let cells = shares.into_iter().enumerate().filter(|(_, share)| *share > 0.0).collect();
        Self { points, variance, cells, middle }
    }

    /// Standard deviation of the grey levels.
    pub(super) fn contrast(&self) -> f32 {
        self.variance.sqrt()
    }

    /// Mean flow over the patch beyond the head's motion.
    pub(super) fn coarse(&self, flow: &Field, head: &HeadMotion) -> [f32; 2] {
        let mut mean = head.at(self.middle).map(|motion| -motion);
        for &(cell, share) in &self.cells {
            let [right, down] = flow.at(cell);
            mean[0] += share * right;
            mean[1] += share * down;
        }
        mean
    }

    /// Registers the patch in a smoothed frame. The flow's guess is enough where it leads to a
    /// good match; otherwise every guess is tried and the best match wins: where the patch was
    /// last, unless clearly beaten.
    pub(super) fn find(
        &self,
        smooth: &[u8],
        head: &HeadMotion,
        guesses: &Guesses,
        scratch: &mut Scratch,
    ) -> Found {
        carry(self, head, scratch);
        let mut best = register(self, smooth, guesses.flow, scratch);
        if best.likeness > ENOUGH {
            return best;
        }
        let first = best.motion;
        let near = |a: [f32; 2], b: [f32; 2]| (a[0] - b[0]).hypot(a[1] - b[1]) < SAME_WAY;
        let mut beat = best.likeness + CLEARLY;
        if let Some(last) = guesses.last.filter(|&last| !near(last, first)) {
            let found = register(self, smooth, last, scratch);
            if found.likeness > best.likeness - CLEARLY {
                best = found;
                beat = found.likeness + CLEARLY;
            }
        }
        for start in guesses.others {
            if near(start, first) || near(start, best.motion) {
                continue;
            }
            let found = register(self, smooth, start, scratch);
            if found.likeness > beat {
                best = found;
                beat = found.likeness;
            }
        }
        best
    }
}

wide! {
    /// Carries a patch's points along with the head.
    fn carry(patch: &Patch, head: &HeadMotion, scratch: &mut Scratch) {
        scratch.base.clear();
        for p in &patch.points {
            let [x, y, depth] = &p.spot;
            let mut base = p.at;
            for (axis, base) in base.iter_mut().enumerate() {
                let [still, right, down, deep] = head.terms(axis);
                for i in 0..LANES {
                    base[i] += still + right * x[i] + down * y[i] + deep * depth[i];
                }
            }
            scratch.base.push(base);
        }
    }
}

wide! {
    /// Registers a patch from where it may be, by Gauss and Newton.
    fn register(patch: &Patch, smooth: &[u8], start: [f32; 2], scratch: &mut Scratch) -> Found {
        let mut motion = start;
        let mut likeness = 0.0;
        for _ in 0..ROUNDS {
            let mut sums = [0.0; LANES];
            scratch.grey.clear();
            for (p, base) in patch.points.iter().zip(&scratch.base) {
                let grey = sample(smooth, base, motion);
                for i in 0..LANES {
                    sums[i] += p.weight[i] * grey[i];
                }
                scratch.grey.push(grey);
            }
            let mean: f32 = sums.iter().sum();
            let (mut variances, mut products) = ([0.0; LANES], [0.0; LANES]);
            for (p, grey) in patch.points.iter().zip(&mut scratch.grey) {
                for i in 0..LANES {
                    grey[i] -= mean;
                    let weighted = p.weight[i] * grey[i];
                    variances[i] += weighted * grey[i];
                    products[i] += weighted * p.grey[i];
                }
            }
            let (variance, together): (f32, f32) = (variances.iter().sum(), products.iter().sum());
            likeness = together / (variance * patch.variance + 1e-3).sqrt();
            let gain = (together / variance.max(1e-3)).clamp(*GAIN.start(), *GAIN.end());
            let mut squares = [0.0; LANES];
            for (p, grey) in patch.points.iter().zip(&mut scratch.grey) {
                for i in 0..LANES {
                    grey[i] = grey[i] * gain - p.grey[i];
                    squares[i] += p.weight[i] * grey[i] * grey[i];
                }
            }
            let half = (1.5 * squares.iter().sum::<f32>().sqrt()).max(NOISE);
            let mut normal = [[0.0; LANES]; 5];
            for (p, error) in patch.points.iter().zip(&scratch.grey) {
                for i in 0..LANES {
                    let out = error[i] / half;
                    let weight = p.weight[i] / (1.0 + out * out);
                    let (right, down) = (p.slope[0][i] * weight, p.slope[1][i] * weight);
                    normal[0][i] += right * p.slope[0][i];
                    normal[1][i] += right * p.slope[1][i];
                    normal[2][i] += down * p.slope[1][i];
                    normal[3][i] += right * error[i];
                    normal[4][i] += down * error[i];
                }
            }
            let [xx, xy, yy, right, down] = normal.map(|lanes| lanes.iter().sum::<f32>());
            let (xx, yy) = (xx + HOLD, yy + HOLD);
            let right =
                [right + HOLD * (motion[0] - start[0]), down + HOLD * (motion[1] - start[1])];
            let determinant = xx * yy - xy * xy;
            let mut step = [
                (yy * right[0] - xy * right[1]) / determinant,
                (xx * right[1] - xy * right[0]) / determinant,
            ];
            let length = step[0].hypot(step[1]);
            if length > LONGEST_STEP {
                step = step.map(|s| s * LONGEST_STEP / length);
            }
            motion = [motion[0] - step[0], motion[1] - step[1]];
            if length < ARRIVED {
                break;
            }
        }
        Found { motion, likeness }
    }
}

/// Another guess must match better than the last place by this much: skin does not jump to and
/// fro between two likely places.
const CLEARLY: f32 = 0.03;

/// A match this good needs no further guess.
const ENOUGH: f32 = 0.9;

/// A guess this near to where another led would lead there too, pixels.
const SAME_WAY: f32 = 0.7;

/// Buffers of a registration.
#[derive(Debug, Default)]
pub(super) struct Scratch {
    base: Vec<[Lanes; 2]>,
    grey: Vec<Lanes>,
}

fn dot(a: &Lanes, b: &Lanes) -> f32 {
    a.iter().zip(b).map(|(a, b)| a * b).sum()
}

/// Reads between pixels at eight points, moved; beyond the edge lies the edge.
#[inline(always)]
fn sample(image: &[u8], at: &[Lanes; 2], motion: [f32; 2]) -> Lanes {
    let limit = (EDGE - 1) as f32 - 0.001;
    let (mut pixel, mut part) = ([[0; LANES]; 2], [[0.0; LANES]; 2]);
    for axis in 0..2 {
        for i in 0..LANES {
            let at = (at[axis][i] + motion[axis]).clamp(0.0, limit);
            pixel[axis][i] = at as i32;
            part[axis][i] = at - pixel[axis][i] as f32;
        }
    }
    // The four pixels around each point, in one word.
    let mut around = [0; LANES];
    for i in 0..LANES {
        let corner = pixel[1][i] as usize * EDGE + pixel[0][i] as usize;
        let square = &image[corner..][..EDGE + 2];
        let pair = |from: usize| i32::from(u16::from_le_bytes([square[from], square[from + 1]]));
        around[i] = pair(0) | pair(EDGE) << 16;
    }
    let mut read = [0.0; LANES];
    for i in 0..LANES {
        let grey = |number: u32| (around[i] >> (8 * number) & 0xff) as f32;
        let upper = grey(0) + part[0][i] * (grey(1) - grey(0));
        let lower = grey(2) + part[0][i] * (grey(3) - grey(2));
        read[i] = upper + part[1][i] * (lower - upper);
    }
    read
}

#[cfg(test)]
mod tests {
    use super::super::doll::{self, Pose};
    use super::super::head::{self, Moved};
    use super::super::shape::NeutralShape;
    use super::*;

    /// Spots and shades, moved by some pixels and lit otherwise.
    fn picture(moved: [f32; 2], gain: f32, offset: f32) -> Vec<u8> {
        (0..EDGE * EDGE)
            .map(|i| {
                let x = (i % EDGE) as f32 - moved[0];
                let y = (i / EDGE) as f32 - moved[1];
                let waves = (x * 0.31 + y * 0.11).sin() + (x * 0.09 - y * 0.37).sin();
                ((110.0 + 25.0 * waves + 18.0 * (x * 0.17 + y * 0.21).cos()) * gain + offset) as u8
            })
            .collect()
    }

    fn still() -> HeadMotion {
        let canvas = canvas();
        let moved = |&at| Moved { weight: 1.0, spot: canvas.spot(at), motion: [0.0; 2] };
        let points: Vec<Moved> = canvas.skin.iter().map(moved).collect();
        HeadMotion::fit(&points, &mut head::Scratch::default()).unwrap()
    }

    fn canvas() -> Canvas {
        Canvas::new(&NeutralShape::first(&doll::face(&Pose::default()).landmarks).unwrap())
    }

    fn find(frame: &[u8], guesses: &Guesses) -> Found {
        let patch = Patch::new(&canvas(), &picture([0.0; 2], 1.0, 0.0), [150.0, 170.0]);
        patch.find(frame, &still(), guesses, &mut Scratch::default())
    }

    const NOWHERE: Guesses = Guesses { flow: [0.0; 2], last: None, others: [[0.0; 2]; 2] };

    #[test]
    fn a_patch_is_found_to_a_twentieth_of_a_pixel_in_other_light() {
        let found = find(&picture([1.3, -0.8], 0.8, 30.0), &NOWHERE);
        let [x, y] = found.motion;
        assert!((x - 1.3).abs() < 0.05 && (y + 0.8).abs() < 0.05, "{found:?}");
        assert!(found.likeness > 0.99, "{found:?}");
    }

    #[test]
    fn a_far_patch_is_found_from_where_it_was_last() {
        let frame = picture([9.0, -7.0], 1.0, 0.0);
        let guesses = Guesses { last: Some([8.2, -6.0]), ..NOWHERE };
        let [x, y] = find(&frame, &guesses).motion;
        assert!((x - 9.0).abs() < 0.1 && (y + 7.0).abs() < 0.1, "{x} {y}");
    }

    #[test]
    fn what_looks_like_nothing_known_has_a_low_likeness() {
        let frame: Vec<u8> = picture([0.0; 2], 1.0, 0.0).into_iter().rev().collect();
        assert!(find(&frame, &NOWHERE).likeness < 0.7);
    }
}
