//! A patch of skin around a place, and where it is found again.
//!
//! Dense flow is coarse: of a small pull it shows 0.3 to 0.5. From the flow's answer the patch is
//! registered itself (inverse compositional Lucas-Kanade with free gain and offset of brightness
//! and Cauchy weights; Baker and Matthews 2004), which raises that to 0.5 to 0.7 at the same
//! noise (measured with contractions warped into real recordings).

use opencv::core::Vec2f;

use super::canvas::{Canvas, EDGE, Spot, UNIT};
use super::head::HeadMotion;

/// Radius of a patch, face units: about that of a mouth corner's own motion (measured: smaller
/// ones respond more and lose hold sooner).
const RADIUS: f64 = 0.2;

/// Pixels between the points of a patch.
const STEP: usize = 2;

/// Most rounds of registration, and the step below which it has arrived, pixels.
const ROUNDS: usize = 6;
const ARRIVED: f32 = 0.01;

/// Longest step of one round, pixels.
const LONGEST_STEP: f32 = 1.5;

/// Hold of the flow's answer, squared grey levels per squared pixel: decides where the patch
/// itself is smooth (measured; strong enough for a bare cheek, a tenth of a mouth corner's).
const HOLD: f32 = 0.3;

/// Grey levels that never count as outliers.
const NOISE: f32 = 2.0;

/// Gain of brightness that is believed.
const GAIN: std::ops::RangeInclusive<f32> = 0.5..=2.0;

#[derive(Debug, Clone, Copy)]
struct Point {
    at: [f32; 2],
    pixel: usize,
    spot: Spot,
    weight: f32,
    /// Grey less the patch's mean.
    grey: f32,
    /// Slope less the patch's mean.
    slope: [f32; 2],
}

/// A patch of the reference.
#[derive(Debug)]
pub(super) struct Patch {
    points: Vec<Point>,
    variance: f32,
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
        let mut points = Vec::new();
        for y in range(center[1]) {
            for x in range(center[0]) {
                let away = (x as f64 - center[0]).hypot(y as f64 - center[1]) / radius;
                if away < 1.0 {
                    points.push(Point {
                        at: [x as f32, y as f32],
                        pixel: y * EDGE + x,
                        spot: canvas.spot([x, y]),
                        weight: (1.0 - away * away) as f32,
                        grey: grey(x, y),
                        slope: [
                            (grey(x + 1, y) - grey(x - 1, y)) / 2.0,
                            (grey(x, y + 1) - grey(x, y - 1)) / 2.0,
                        ],
                    });
                }
            }
        }
        let total: f32 = points.iter().map(|p| p.weight).sum();
        let mut mean = [0.0; 3];
        for p in &mut points {
            p.weight /= total;
            for (mean, value) in mean.iter_mut().zip([p.grey, p.slope[0], p.slope[1]]) {
                *mean += p.weight * value;
            }
        }
        for p in &mut points {
            p.grey -= mean[0];
            p.slope = [p.slope[0] - mean[1], p.slope[1] - mean[2]];
        }
        let variance = points.iter().map(|p| p.weight * p.grey * p.grey).sum();
        Self { points, variance }
    }

    /// Standard deviation of the grey levels.
    pub(super) fn contrast(&self) -> f32 {
        self.variance.sqrt()
    }

    /// Mean flow over the patch beyond the head's motion.
    pub(super) fn coarse(&self, flow: &[Vec2f], head: &HeadMotion) -> [f32; 2] {
        let mut mean = [0.0; 2];
        for p in &self.points {
            let ([u, v], [x, y]) = (flow[p.pixel].0, head.at(p.spot));
            mean[0] += p.weight * (u - x);
            mean[1] += p.weight * (v - y);
        }
        mean
    }

    /// Registers the patch in a smoothed frame, from each of several starts; the flow's answer
    /// holds it where it is smooth. The best match wins, earlier starts unless clearly beaten.
    pub(super) fn find(
        &self,
        smooth: &[u8],
        head: &HeadMotion,
        coarse: [f32; 2],
        starts: &[[f32; 2]],
        scratch: &mut Scratch,
    ) -> Found {
        scratch.base.clear();
        scratch.base.extend(self.points.iter().map(|p| {
            let [x, y] = head.at(p.spot);
            [p.at[0] + x, p.at[1] + y]
        }));
        let mut best = Found { motion: coarse, likeness: f32::NEG_INFINITY };
        for &start in starts {
            let found = self.register(smooth, coarse, start, scratch);
            if found.likeness > best.likeness + CLEARLY {
                best = found;
            }
        }
        best
    }

    fn register(
        &self,
        smooth: &[u8],
        coarse: [f32; 2],
        start: [f32; 2],
        scratch: &mut Scratch,
    ) -> Found {
        let mut motion = start;
        let mut likeness = 0.0;
        for _ in 0..ROUNDS {
            let mut mean = 0.0;
            scratch.grey.clear();
            for (p, base) in self.points.iter().zip(&scratch.base) {
                let grey = sample(smooth, base[0] + motion[0], base[1] + motion[1]);
                mean += p.weight * grey;
                scratch.grey.push(grey);
            }
            let (mut variance, mut together) = (0.0, 0.0);
            for (p, grey) in self.points.iter().zip(&mut scratch.grey) {
                *grey -= mean;
                variance += p.weight * *grey * *grey;
                together += p.weight * *grey * p.grey;
            }
            likeness = together / (variance * self.variance + 1e-3).sqrt();
            let gain = (together / variance.max(1e-3)).clamp(*GAIN.start(), *GAIN.end());
            let mut square = 0.0;
            for (p, grey) in self.points.iter().zip(&mut scratch.grey) {
                *grey = *grey * gain - p.grey;
                square += p.weight * *grey * *grey;
            }
            let half = (1.5 * square.sqrt()).max(NOISE);
            let (mut xx, mut xy, mut yy) = (HOLD, 0.0, HOLD);
            let mut right = [HOLD * (motion[0] - coarse[0]), HOLD * (motion[1] - coarse[1])];
            for (p, error) in self.points.iter().zip(&scratch.grey) {
                let out = error / half;
                let weight = p.weight / (1.0 + out * out);
                let [gx, gy] = p.slope;
                xx += weight * gx * gx;
                xy += weight * gx * gy;
                yy += weight * gy * gy;
                right[0] += weight * gx * error;
                right[1] += weight * gy * error;
            }
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

/// A later start must match better by this much.
const CLEARLY: f32 = 0.02;

/// Buffers of a registration.
#[derive(Debug, Default)]
pub(super) struct Scratch {
    base: Vec<[f32; 2]>,
    grey: Vec<f32>,
}

/// Reads between pixels; beyond the edge lies the edge.
fn sample(image: &[u8], x: f32, y: f32) -> f32 {
    let limit = (EDGE - 1) as f32 - 0.001;
    let (x, y) = (x.clamp(0.0, limit), y.clamp(0.0, limit));
    let (left, top) = (x as usize, y as usize);
    let (fx, fy) = (x - left as f32, y - top as f32);
    let i = top * EDGE + left;
    let grey = |i: usize| f32::from(image[i]);
    let upper = grey(i) + fx * (grey(i + 1) - grey(i));
    let lower = grey(i + EDGE) + fx * (grey(i + EDGE + 1) - grey(i + EDGE));
    upper + fy * (lower - upper)
}
