//! When a contraction began: the rise is fitted and extrapolated back to its start.
//!
//! A threshold is crossed late by a soft or noisy signal and early by a crisp one, so that
//! thresholds fake an order. Here the samples around a rise are compared with every rise of a
//! family (start, duration), each with the size and baseline that suit it best; what remains is
//! the probability of each start. Its median is the onset, its 5th and 95th percentiles the
//! interval. All of it below the frame interval: samples between two starts tell them apart by
//! their heights.
//!
//! Noise is not all that separates a signal from the movement: lids half shut are read as less
//! than half shut, what moves is read a part of a frame late or early, and no muscle keeps to the
//! rise that is fitted. A course that begins softly has moved before the fitted rise begins, one that
//! is at full speed at once begins after it, by a part of its duration that no lack of noise makes
//! smaller. None of it shows in the noise of a resting face. [`Response`] holds what is known of it,
//! and the interval allows for it.

mod grid;
mod whitened;

pub(super) use whitened::{NoiseModel, Point};

use grid::{Grid, summarise};
use whitened::Whitened;

/// Number of quantiles that carry the distribution of an onset.
pub(super) const QUANTILES: usize = 21;

/// What is known of an onset.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Onset {
    /// Median, seconds.
    pub(super) time_s: f64,
    /// 90 % interval, seconds.
    pub(super) ci_s: [f64; 2],
    /// Quantiles at the middles of equal parts, seconds, of the distribution beside that of another
    /// place: without the misfit that both share.
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

impl Onset {
    /// An onset that somebody states with its 90 % interval; inside it the distribution is taken
    /// for normal on either side.
    pub(super) fn stated(at_s: f64, ci_s: [f64; 2]) -> Self {
        let spread = |q: f64| {
            let half_s = if q < 0.5 { at_s - ci_s[0] } else { ci_s[1] - at_s };
            at_s + half_s.max(0.0) / NORMAL_95 * normal_quantile(q)
        };
        Self {
            time_s: at_s,
            ci_s,
            quantiles_s: std::array::from_fn(|i| spread((i as f64 + 0.5) / QUANTILES as f64)),
            rise_s: 0.0,
            size: 0.0,
            evidence: 0.0,
        }
    }
}

/// 95 % point of the standard normal distribution.
const NORMAL_95: f64 = 1.644_854;

/// Quantile of the standard normal distribution (Abramowitz and Stegun 1964, 26.2.23; error under
/// 4.5e-4).
fn normal_quantile(q: f64) -> f64 {
    let t = (-2.0 * q.min(1.0 - q).ln()).sqrt();
    let above = 2.515_517 + t * (0.802_853 + t * 0.010_328);
    let under = 1.0 + t * (1.432_788 + t * (0.189_269 + t * 0.001_308));
    (t - above / under).copysign(q - 0.5)
}

/// How the tracker reads a movement, as far as it is known.
#[derive(Debug, Clone, Copy)]
pub(super) struct Response<'a> {
    /// Powers of the movement that may be what is read, all as likely: 1 reads it as it is, more
    /// reads its beginning as too small.
    pub(super) powers: &'a [f64],
    /// Standard deviation of a reading's error over what is read.
    pub(super) misread: f64,
    /// Standard deviation of the time by which a reading comes late or early, seconds.
    pub(super) delay_s: f64,
    /// Standard deviation of the time by which the fitted rise begins late or early because the
    /// movement's course is another, over the rise.
    pub(super) misfit: f64,
}

/// Shortest and longest rise that are thought of, seconds.
const RISE_RANGE: (f64, f64) = (0.035, 1.2);

/// What is known of a rise beforehand: median in seconds, and standard deviation of the logarithm.
/// Facial muscles take 40 to 300 ms, nineteen times out of twenty between 0.03 and 0.45.
const RISE_USUAL: (f64, f64) = (0.11, 0.7);

/// Parts of the rise spent gaining and losing speed. Muscle pulls skin and lids up to speed
/// quickly and comes to rest slowly.
const SHAPE: (f64, f64) = (0.1, 0.33);

/// Part of the rise's time at which half the way is covered (it lies where the speed is constant).
const HALF_WAY: f64 = 0.5 * (1.0 - 0.5 * (SHAPE.0 + SHAPE.1)) + 0.5 * SHAPE.0;

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

/// Steps of a tabled rise: straight lines between them miss it by less than a thousandth.
const SHAPE_STEPS: usize = 128;

/// What is read over the course of a rise, tabled: a power of the part of the way covered.
struct Shape([f64; SHAPE_STEPS + 1]);

impl Shape {
    fn new(read_power: f64) -> Self {
        Self(std::array::from_fn(|i| risen(i as f64 / SHAPE_STEPS as f64).powf(read_power)))
    }

    /// What is read at part `u` of the rise, from 0 on.
    fn at(&self, u: f64) -> f64 {
        if u >= 1.0 {
            return 1.0;
        }
        let step = u * SHAPE_STEPS as f64;
        let below = step as usize;
        let [from, to] = [self.0[below], self.0[below + 1]];
        from + (step - below as f64) * (to - from)
    }
}

/// Fits the rise in `samples`: a baseline before, an upward movement, and at most
/// the plateau after it; the caller cuts off the fall. It did not begin before `earliest_s`.
/// `None` when there is no rise to see.
pub(super) fn fit(
    samples: &[Point],
    noise: NoiseModel,
    response: Response<'_>,
    earliest_s: f64,
) -> Option<Onset> {
    if samples.len() < 4 || noise.jitter <= 0.0 {
        return None;
    }
    let (first_s, last_s) = (samples[0].time_s, samples[samples.len() - 1].time_s);
    let frame_s = (last_s - first_s) / (samples.len() - 1) as f64;
    let data = Whitened::new(samples, noise, response.misread, earliest_s);
    let grids: Vec<Grid> = response
        .powers
        .iter()
        .filter_map(|power| Grid::search(&data, (first_s, last_s), frame_s, &Shape::new(*power)))
        .collect();
    summarise(&grids, response)
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
    let (power, with_data) =
        Whitened::new(samples, noise, 0.0, start_s).correlate(start_s, rise_s, &Shape::new(1.0));
    let root = power.max(0.0).sqrt();
    (root, if root > 0.0 { with_data / root } else { 0.0 })
}

#[cfg(test)]
mod tests {
    use super::*;
    use rand::{Rng, SeedableRng};
    use rand_distr::{Distribution, Normal};

    const EXACT: Response<'_> =
        Response { powers: &[1.0], misread: 0.0, delay_s: 0.0, misfit: 0.0 };

    /// Errors in frames and coverage of the 90 % interval over many noisy rises.
    fn trial(fps: f64, rise_s: f64, snr: f64, runs: u64) -> (Vec<f64>, f64) {
        let mut errors = Vec::new();
        let mut held = 0.0;
        for seed in 0..runs {
            let mut rng = rand_chacha::ChaCha8Rng::seed_from_u64(seed);
            let normal = Normal::new(0.0, 1.0).unwrap();
            let true_s = 1.0 + rng.random::<f64>() / fps;
            let end_s = true_s + rise_s + 0.1;
            let noise = NoiseModel { jitter: 1.0, wander: 0.5, head: [0.0; 2] };
            let mut level = 0.0;
            let samples: Vec<Point> = (0..(end_s * fps) as u32)
                .map(|i| {
                    let t = f64::from(i) / fps;
                    level += noise.wander / fps.sqrt() * normal.sample(&mut rng);
                    let jitter = noise.jitter * normal.sample(&mut rng);
                    let value = snr * risen((t - true_s) / rise_s) + level + jitter;
                    Point { time_s: t, value, head: [0.0; 2] }
                })
                .collect();
            let onset = fit(&samples, noise, EXACT, 0.0).unwrap();
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
    fn the_tabled_rise_is_the_rise() {
        for power in [1.0, 1.3, 1.8] {
            let shape = Shape::new(power);
            for i in 0..1000 {
                let u = f64::from(i) / 900.0;
                assert!((shape.at(u) - risen(u).powf(power)).abs() < 1e-3, "{power} {u}");
            }
        }
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
