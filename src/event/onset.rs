//! When a contraction began: the rise is fitted and extrapolated back to its start.
//!
//! A threshold is crossed late by a soft or noisy signal and early by a crisp one, so that
//! thresholds fake an order. Here the samples around a rise are compared with every rise of a
//! family (start, duration), each with the size and baseline that suit it best; what remains is
//! the probability of each start. Its median is the onset, its 5th and 95th percentiles the
//! interval. All of it below the frame interval: samples between two starts tell them apart by
//! their heights.

/// Number of quantiles that carry the distribution of an onset.
pub(super) const QUANTILES: usize = 21;

/// What is known of an onset.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Onset {
    /// Median, seconds.
    pub(super) time_s: f64,
    /// 90 % interval, seconds.
    pub(super) ci_s: [f64; 2],
    /// Quantiles of the distribution at the middles of equal parts, seconds.
    pub(super) quantiles_s: [f64; QUANTILES],
    /// Expected duration of the rise, seconds.
    pub(super) rise_s: f64,
    /// Expected size of the rise, in the units of the samples.
    pub(super) size: f64,
    /// Variance explained by the rise over that of the noise (a likelihood ratio, twice its
    /// logarithm).
    pub(super) evidence: f64,
}

impl Onset {
    /// An onset of which only the crossing of a threshold is known.
    pub(super) fn crossing(at_s: f64, size: f64) -> Self {
        let earliest_s = at_s - 0.15;
        let spread = |q: f64| earliest_s + q * (at_s - earliest_s);
        Self {
            time_s: spread(0.5),
            ci_s: [spread(0.05), spread(0.95)],
            quantiles_s: std::array::from_fn(|i| spread((i as f64 + 0.5) / QUANTILES as f64)),
            rise_s: 0.15,
            size,
            evidence: 0.0,
        }
    }
}

/// What the noise of a signal is like.
#[derive(Debug, Clone, Copy)]
pub(super) struct NoiseModel {
    /// Standard deviation.
    pub(super) sigma: f64,
    /// Correlation of neighbouring samples, 0 to 0.95.
    pub(super) correlation: f64,
    /// Standard deviation of the baseline's slope, units a second.
    pub(super) drift: f64,
    /// Standard deviation of what is still unknown of the head's turn and nod, units a degree.
    pub(super) head: [f64; 2],
}

/// One sample for the fit.
#[derive(Debug, Clone, Copy)]
pub(super) struct Point {
    pub(super) time_s: f64,
    pub(super) value: f64,
    /// Turn and nod of the head, degrees.
    pub(super) head: [f64; 2],
}

/// Shortest and longest rise that are thought of, seconds. The fastest muscle of the face, the
/// lids', takes 40 ms and more; the prior is even in the logarithm between them.
const RISE_RANGE: (f64, f64) = (0.035, 1.2);

/// Starts and rises compared in one pass.
const GRID: (usize, usize) = (24, 16);

/// Head movement that is not worth a column of its own, degrees.
const HEAD_STILL_DEG: f64 = 0.5;

/// Logarithm of the weight, below the largest, that is left out of the next, finer pass.
const NEGLIGIBLE: f64 = 9.0;

/// Parts of the rise spent gaining and losing speed. Muscle pulls skin and lids up to speed
/// quickly and comes to rest slowly.
const SHAPE: (f64, f64) = (0.1, 0.33);

/// Part of the way covered at part `u` of the rise.
pub(super) fn risen(u: f64) -> f64 {
    let (gain, loss) = SHAPE;
    let speed = 1.0 / (1.0 - 0.5 * (gain + loss));
    if u <= 0.0 {
        0.0
    } else if u < gain {
        0.5 * speed * u * u / gain
    } else if u <= 1.0 - loss {
        speed * (u - 0.5 * gain)
    } else if u < 1.0 {
        1.0 - 0.5 * speed * (1.0 - u) * (1.0 - u) / loss
    } else {
        1.0
    }
}

/// Fits the rise in `samples`: a baseline before, an upward movement, and at most
/// the plateau after it; the caller cuts off the fall. `None` when there is no rise to see.
pub(super) fn fit(samples: &[Point], noise: NoiseModel) -> Option<Onset> {
    if samples.len() < 4 || noise.sigma <= 0.0 {
        return None;
    }
    let first_s = samples[0].time_s;
    let last_s = samples[samples.len() - 1].time_s;
    let frame_s = (last_s - first_s) / (samples.len() - 1) as f64;
    let data = Whitened::new(samples, frame_s, noise);
    let mut range = Box2 { start: (first_s, last_s), rise: (RISE_RANGE.0.ln(), RISE_RANGE.1.ln()) };
    let mut grid = Grid::compare(&data, range)?;
    for pass in 0..6 {
        // The first cells are coarser than a strong signal's weight is wide: let the next pass
        // look around them.
        let narrower = grid.relevant(NEGLIGIBLE + 0.2 * grid.best.explained * 0.25_f64.powi(pass));
        if narrower.area() > 0.5 * range.area() {
            break;
        }
        range = narrower;
        grid = Grid::compare(&data, range)?;
    }
    Some(grid.summarise())
}

/// How much a rise of size 1 with this start and duration would stand out of the noise (root of
/// the likelihood ratio), and how much the noise in the samples adds to that.
pub(super) fn explained(
    samples: &[Point],
    start_s: f64,
    rise_s: f64,
    noise: NoiseModel,
) -> (f64, f64) {
    if samples.len() < 4 {
        return (0.0, 0.0);
    }
    let frame_s =
        (samples[samples.len() - 1].time_s - samples[0].time_s) / (samples.len() - 1) as f64;
    let (power, with_data) = Whitened::new(samples, frame_s, noise).correlate(start_s, rise_s);
    let root = power.max(0.0).sqrt();
    (root, if root > 0.0 { with_data / root } else { 0.0 })
}

/// A range of starts (seconds) and of rises (logarithm of seconds).
#[derive(Debug, Clone, Copy)]
struct Box2 {
    start: (f64, f64),
    rise: (f64, f64),
}

impl Box2 {
    fn area(&self) -> f64 {
        (self.start.1 - self.start.0) * (self.rise.1 - self.rise.0)
    }

    /// Middle of cell `k` of the starts.
    fn start_s(&self, k: f64) -> f64 {
        self.start.0 + (self.start.1 - self.start.0) * (k + 0.5) / GRID.0 as f64
    }

    /// Middle of cell `r` of the rises, seconds.
    fn rise_s(&self, r: f64) -> f64 {
        (self.rise.0 + (self.rise.1 - self.rise.0) * (r + 0.5) / GRID.1 as f64).exp()
    }
}

/// Weights of every start and rise in a range.
struct Grid {
    range: Box2,
    cells: Vec<[Fitted; GRID.1]>,
    best: Fitted,
}

impl Grid {
    fn compare(data: &Whitened<'_>, range: Box2) -> Option<Self> {
        let mut best = Fitted::IMPOSSIBLE;
        let cells = (0..GRID.0)
            .map(|k| {
                std::array::from_fn(|r| {
                    let cell = data.compare(range.start_s(k as f64), range.rise_s(r as f64));
                    if cell.log_weight > best.log_weight {
                        best = cell;
                    }
                    cell
                })
            })
            .collect();
        best.log_weight.is_finite().then_some(Self { range, cells, best })
    }

    fn weight(&self, cell: &Fitted) -> f64 {
        (cell.log_weight - self.best.log_weight).exp()
    }

    /// The part of the range that holds the weight, and a cell more on each side.
    fn relevant(&self, negligible: f64) -> Box2 {
        let (mut starts, mut rises) = ((GRID.0, 0), (GRID.1, 0));
        for (k, row) in self.cells.iter().enumerate() {
            for (r, cell) in row.iter().enumerate() {
                if cell.log_weight > self.best.log_weight - negligible {
                    starts = (starts.0.min(k), starts.1.max(k));
                    rises = (rises.0.min(r), rises.1.max(r));
                }
            }
        }
        let narrow = |(low, high): (f64, f64), (first, last): (usize, usize), n: usize| {
            let cell = (high - low) / n as f64;
            let (first, last) = (first as f64 - 1.0, last as f64 + 2.0);
            (low.max(low + cell * first), high.min(low + cell * last))
        };
        Box2 {
            start: narrow(self.range.start, starts, GRID.0),
            rise: narrow(self.range.rise, rises, GRID.1),
        }
    }

    fn summarise(&self) -> Onset {
        let (mut rise_s, mut size) = (0.0, 0.0);
        let mut cumulative = vec![0.0];
        let mut total = 0.0;
        for row in &self.cells {
            for (r, cell) in row.iter().enumerate() {
                let weight = self.weight(cell);
                total += weight;
                rise_s += weight * self.range.rise_s(r as f64);
                size += weight * cell.size;
            }
            cumulative.push(total);
        }
        let quantile = |q: f64| {
            let wanted = q * total;
            let k = cumulative.partition_point(|c| *c < wanted).clamp(1, GRID.0);
            let (below, above) = (cumulative[k - 1], cumulative[k]);
            let part = if above > below { (wanted - below) / (above - below) } else { 0.5 };
            self.range.start_s(k as f64 - 1.5 + part)
        };
        Onset {
            time_s: quantile(0.5),
            ci_s: [quantile(0.05), quantile(0.95)],
            quantiles_s: std::array::from_fn(|i| quantile((i as f64 + 0.5) / QUANTILES as f64)),
            rise_s: rise_s / total,
            size: size / total,
            evidence: self.best.explained,
        }
    }
}

/// One rise compared with the samples.
#[derive(Debug, Clone, Copy)]
struct Fitted {
    log_weight: f64,
    size: f64,
    explained: f64,
}

impl Fitted {
    const IMPOSSIBLE: Self = Self { log_weight: f64::NEG_INFINITY, size: 0.0, explained: 0.0 };
}

/// Samples freed from their correlation, with baseline and slope projected out.
struct Whitened<'a> {
    samples: &'a [Point],
    /// Weight of the sample before in each whitened sample.
    carry: Vec<f64>,
    /// Whitened baseline, slope and head movement, made orthonormal. What is known of a column
    /// beforehand is one more sample, after the others.
    basis: Vec<Vec<f64>>,
    /// Whitened values less their part along the basis.
    rest: Vec<f64>,
    scale: Vec<f64>,
    /// Largest size that is thought of: a rise whose most lies beyond the last sample is none.
    largest: f64,
}

impl<'a> Whitened<'a> {
    fn new(samples: &'a [Point], frame_s: f64, noise: NoiseModel) -> Self {
        let n = samples.len();
        let mut carry = vec![0.0; n];
        let mut scale = vec![1.0 / noise.sigma; n];
        for i in 1..n {
            let frames = (samples[i].time_s - samples[i - 1].time_s) / frame_s;
            carry[i] = noise.correlation.powf(frames.max(0.1));
            scale[i] = 1.0 / (noise.sigma * (1.0 - carry[i] * carry[i]).sqrt());
        }
        let middle = samples[n / 2];
        let (low, high) = samples
            .iter()
            .fold((f64::MAX, f64::MIN), |(low, high), p| (low.min(p.value), high.max(p.value)));
        let largest = 1.6 * (high - low);
        let mut this = Self { samples, carry, basis: Vec::new(), rest: Vec::new(), scale, largest };
        this.project(|_| 1.0, None);
        this.project(|p| p.time_s - middle.time_s, Some((0, noise.drift)));
        for (k, sigma) in noise.head.into_iter().enumerate() {
            let moved = samples.iter().any(|p| (p.head[k] - middle.head[k]).abs() > HEAD_STILL_DEG);
            if moved && sigma > 0.0 {
                this.project(|p| p.head[k] - middle.head[k], Some((k + 1, sigma)));
            }
        }
        let mut values = this.whiten(|p| p.value, None);
        for e in &this.basis {
            let along = dot(&values, e);
            values.iter_mut().zip(e).for_each(|(v, e)| *v -= along * e);
        }
        this.rest = values;
        this
    }

    /// Adds a column to the basis; `known` is the number and the standard deviation of what is
    /// known of its size.
    fn project(&mut self, f: impl Fn(&Point) -> f64, known: Option<(usize, f64)>) {
        let mut column = self.whiten(f, known.map(|(at, sigma)| (at, 1.0 / sigma.max(1e-9))));
        for e in &self.basis {
            let along = dot(&column, e);
            column.iter_mut().zip(e).for_each(|(c, e)| *c -= along * e);
        }
        self.basis.push(unit(column));
    }

    fn whiten(&self, f: impl Fn(&Point) -> f64, known: Option<(usize, f64)>) -> Vec<f64> {
        let mut before = 0.0;
        let mut out: Vec<f64> = self
            .samples
            .iter()
            .enumerate()
            .map(|(i, point)| {
                let now = f(point);
                let white = (now - self.carry[i] * before) * self.scale[i];
                before = now;
                white
            })
            .collect();
        let mut prior = [0.0; 3];
        if let Some((at, weight)) = known {
            prior[at] = weight;
        }
        out.extend(prior);
        out
    }

    /// Power of a rise of size 1 that the basis leaves, and its product with the samples.
    fn correlate(&self, start_s: f64, rise_s: f64) -> (f64, f64) {
        let mut before = 0.0;
        let (mut with_data, mut power) = (0.0, 0.0);
        let mut along = [0.0; 4];
        // Before its start the rise is zero: those samples add nothing.
        let first = self.samples.partition_point(|s| s.time_s <= start_s);
        for i in first..self.samples.len() {
            let now = risen((self.samples[i].time_s - start_s) / rise_s);
            let white = (now - self.carry[i] * before) * self.scale[i];
            before = now;
            with_data += white * self.rest[i];
            power += white * white;
            for (sum, e) in along.iter_mut().zip(&self.basis) {
                *sum += white * e[i];
            }
        }
        (power - along.iter().map(|a| a * a).sum::<f64>(), with_data)
    }

    /// Best size of a rise from `start_s` over `rise_s`, and how well it explains the samples.
    fn compare(&self, start_s: f64, rise_s: f64) -> Fitted {
        let (power, with_data) = self.correlate(start_s, rise_s);
        let size = with_data / power;
        if power < 1e-9 || size <= 0.0 || size > self.largest {
            return Fitted::IMPOSSIBLE;
        }
        let explained = with_data * with_data / power;
        Fitted { log_weight: 0.5 * (explained - power.ln()), size, explained }
    }
}

fn dot(a: &[f64], b: &[f64]) -> f64 {
    a.iter().zip(b).map(|(a, b)| a * b).sum()
}

fn unit(mut v: Vec<f64>) -> Vec<f64> {
    let length = dot(&v, &v).sqrt().max(1e-12);
    v.iter_mut().for_each(|x| *x /= length);
    v
}

#[cfg(test)]
mod tests {
    use super::*;
    use rand::{Rng, SeedableRng};
    use rand_distr::{Distribution, Normal};

    /// Errors in frames and coverage of the 90 % interval over many noisy rises.
    fn trial(fps: f64, rise_s: f64, snr: f64, runs: u64) -> (Vec<f64>, f64) {
        let mut errors = Vec::new();
        let mut held = 0.0;
        for seed in 0..runs {
            let mut rng = rand_chacha::ChaCha8Rng::seed_from_u64(seed);
            let normal = Normal::new(0.0, 1.0).unwrap();
            let true_s = 1.0 + rng.random::<f64>() / fps;
            let end_s = true_s + rise_s + 0.1;
            let samples: Vec<Point> = (0..(end_s * fps) as u32)
                .map(|i| {
                    let t = f64::from(i) / fps;
                    let value = snr * risen((t - true_s) / rise_s) + normal.sample(&mut rng);
                    Point { time_s: t, value, head: [0.0; 2] }
                })
                .collect();
            let noise = NoiseModel { sigma: 1.0, correlation: 0.0, drift: 0.5, head: [0.0; 2] };
            let onset = fit(&samples, noise).unwrap();
            errors.push((onset.time_s - true_s) * fps);
            held += f64::from(u8::from(onset.ci_s[0] <= true_s && true_s <= onset.ci_s[1]));
        }
        (errors, held / runs as f64)
    }

    fn quantile(errors: &[f64], q: f64) -> f64 {
        let mut sizes: Vec<f64> = errors.iter().map(|e| e.abs()).collect();
        sizes.sort_by(f64::total_cmp);
        sizes[((sizes.len() - 1) as f64 * q) as usize]
    }

    #[test]
    fn onsets_are_found_below_the_frame() {
        for (fps, rise_s) in [(30.0, 0.08), (30.0, 0.2), (60.0, 0.06), (60.0, 0.12)] {
            let (errors, _) = trial(fps, rise_s, 10.0, 150);
            assert!(quantile(&errors, 0.5) < 0.5, "{fps} {rise_s}");
            assert!(quantile(&errors, 0.95) < 1.5, "{fps} {rise_s}");
        }
    }

    #[test]
    fn intervals_hold_the_onset_as_often_as_they_promise() {
        for (fps, snr) in [(24.0, 5.0), (30.0, 10.0), (60.0, 30.0), (120.0, 10.0), (240.0, 30.0)] {
            let rises = [0.06, 0.1, 0.16, 0.24];
            let held = rises.iter().map(|rise| trial(fps, *rise, snr, 80).1).sum::<f64>() / 4.0;
            assert!((0.85..=0.97).contains(&held), "{fps} {snr}: {held}");
        }
    }

    #[test]
    fn a_crisp_and_a_soft_rise_from_the_same_moment_show_no_lag() {
        let mean = |errors: Vec<f64>| errors.iter().sum::<f64>() / errors.len() as f64;
        let crisp = mean(trial(30.0, 0.08, 20.0, 300).0);
        let soft = mean(trial(30.0, 0.2, 10.0, 300).0);
        assert!((crisp - soft).abs() < 0.25, "{crisp} {soft}");
    }
}
