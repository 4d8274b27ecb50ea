//! Samples freed from the colour of their noise, so that rises can be compared by least squares.

use super::Shape;

/// What the noise of a signal is like: independent jitter from frame to frame on a level that
/// wanders.
#[derive(Debug, Clone, Copy)]
pub(in crate::event) struct NoiseModel {
    /// Standard deviation of the jitter.
    pub(in crate::event) jitter: f64,
    /// Standard deviation that the level's random walk gains in a second.
    pub(in crate::event) wander: f64,
    /// Standard deviation of what is still unknown of the head's turn and nod, units a degree.
    pub(in crate::event) head: [f64; 2],
}

/// One sample for the fit.
#[derive(Debug, Clone, Copy)]
pub(in crate::event) struct Point {
    pub(in crate::event) time_s: f64,
    pub(in crate::event) value: f64,
    /// Turn and nod of the head, degrees.
    pub(in crate::event) head: [f64; 2],
}

/// Head movement that is not worth a column of its own, degrees.
const HEAD_STILL_DEG: f64 = 0.5;

/// Doubt about the level before the first sample, over the jitter: as good as unknown.
const UNKNOWN: f64 = 1e3;

/// The noise may be this many times what the recording has shown of it so far (judgment: a spread
/// that follows some hundreds of values is good to a tenth). Keeps intervals from promising too
/// much.
const DOUBT: f64 = 1.1;

/// What one sample adds to the filter.
#[derive(Debug, Clone, Copy)]
struct Step {
    /// Part of the innovation that the level takes over.
    gain: f64,
    /// One over the innovation's standard deviation.
    scale: f64,
}

/// Samples as the innovations of a Kalman filter that follows the wandering level: independent
/// and of unit variance where nothing but noise is in them. Head movement is projected out.
pub(super) struct Whitened<'a> {
    samples: &'a [Point],
    steps: Vec<Step>,
    /// Whitened head movement, made orthonormal. What is known of a column beforehand is one
    /// more sample, after the others.
    basis: Vec<Vec<f64>>,
    /// Whitened values less their part along the basis.
    rest: Vec<f64>,
    /// Largest size that is thought of: a rise whose most lies beyond the last sample is none.
    largest: f64,
    /// No rise began before this, seconds.
    pub(super) earliest_s: f64,
}

/// One rise compared with the samples.
#[derive(Debug, Clone, Copy)]
pub(super) struct Fitted {
    pub(super) log_weight: f64,
    pub(super) size: f64,
    pub(super) explained: f64,
}

impl Fitted {
    pub(super) const IMPOSSIBLE: Self =
        Self { log_weight: f64::NEG_INFINITY, size: 0.0, explained: 0.0 };
}

impl<'a> Whitened<'a> {
    /// `misread` is the standard deviation of a reading's error over its height above zero.
    pub(super) fn new(
        samples: &'a [Point],
        noise: NoiseModel,
        misread: f64,
        earliest_s: f64,
    ) -> Self {
        let jitter = noise.jitter * noise.jitter;
        let mut doubt = jitter * UNKNOWN * UNKNOWN;
        let mut last_s = samples.first().map_or(0.0, |p| p.time_s);
        let steps = samples
            .iter()
            .map(|p| {
                doubt += noise.wander * noise.wander * (p.time_s - last_s).max(0.0);
                last_s = p.time_s;
                let variance = doubt + jitter + (misread * p.value.max(0.0)).powi(2);
                let gain = doubt / variance;
                doubt *= 1.0 - gain;
                Step { gain, scale: 1.0 / variance.sqrt() }
            })
            .collect();
        let (low, high) = samples
            .iter()
            .fold((f64::MAX, f64::MIN), |(low, high), p| (low.min(p.value), high.max(p.value)));
        let largest = 1.6 * (high - low);
        let (basis, rest) = (Vec::new(), Vec::new());
        let mut this = Self { samples, steps, basis, rest, largest, earliest_s };
        let middle = samples[samples.len() / 2];
        for (k, sigma) in noise.head.into_iter().enumerate() {
            let moved = samples.iter().any(|p| (p.head[k] - middle.head[k]).abs() > HEAD_STILL_DEG);
            if moved && sigma > 0.0 {
                this.project(|p| p.head[k] - middle.head[k], k, sigma);
            }
        }
        this.rest = this.whiten(|p| p.value);
        for e in &this.basis {
            subtract(&mut this.rest, e);
        }
        this
    }

    /// Adds a column to the basis, of whose size the standard deviation is known.
    fn project(&mut self, f: impl Fn(&Point) -> f64, number: usize, sigma: f64) {
        let mut column = self.whiten(f);
        column[self.samples.len() + number] = 1.0 / sigma;
        for e in &self.basis {
            subtract(&mut column, e);
        }
        let length = dot(&column, &column).sqrt().max(1e-12);
        column.iter_mut().for_each(|x| *x /= length);
        self.basis.push(column);
    }

    /// Innovations of a column, and room for what is known of it beforehand.
    fn whiten(&self, f: impl Fn(&Point) -> f64) -> Vec<f64> {
        let mut level = 0.0;
        let innovations = self.samples.iter().zip(&self.steps).map(|(point, step)| {
            let surprise = f(point) - level;
            level += step.gain * surprise;
            surprise * step.scale
        });
        innovations.chain([0.0; 2]).collect()
    }

    /// Power of a rise of size 1 that the basis leaves, and its product with the samples.
    pub(super) fn correlate(&self, start_s: f64, rise_s: f64, shape: &Shape) -> (f64, f64) {
        let (mut with_data, mut power, mut level) = (0.0, 0.0, 0.0);
        let mut along = [0.0; 2];
        // Before its start the rise is zero: those samples add nothing.
        let first = self.samples.partition_point(|s| s.time_s <= start_s);
        for i in first..self.samples.len() {
            let surprise = shape.at((self.samples[i].time_s - start_s) / rise_s) - level;
            level += self.steps[i].gain * surprise;
            let white = surprise * self.steps[i].scale;
            with_data += white * self.rest[i];
            power += white * white;
            for (sum, e) in along.iter_mut().zip(&self.basis) {
                *sum += white * e[i];
            }
        }
        (power - along.iter().map(|a| a * a).sum::<f64>(), with_data)
    }

    /// Best size of a rise from `start_s` over `rise_s`, and how well it explains the samples.
    pub(super) fn compare(&self, start_s: f64, rise_s: f64, shape: &Shape) -> Fitted {
        let (power, with_data) = self.correlate(start_s, rise_s, shape);
        let size = with_data / power;
        if power < 1e-9 || size <= 0.0 || size > self.largest {
            return Fitted::IMPOSSIBLE;
        }
        let explained = with_data * with_data / power;
        let log_weight = 0.5 * (explained / (DOUBT * DOUBT) - power.ln());
        Fitted { log_weight, size, explained }
    }
}

fn dot(a: &[f64], b: &[f64]) -> f64 {
    a.iter().zip(b).map(|(a, b)| a * b).sum()
}

/// Takes from `v` its part along the unit vector `e`.
fn subtract(v: &mut [f64], e: &[f64]) {
    let along = dot(v, e);
    v.iter_mut().zip(e).for_each(|(v, e)| *v -= along * e);
}
