//! Families of courses: how a movement gets from rest to full size and back.
//!
//! None is the rise that the onset model fits (`event::onset`), so that what an evaluation finds
//! does not rest on an assumption that simulator and model share.

use rand::seq::IndexedRandom;
use rand_chacha::ChaCha8Rng;
use serde::{Deserialize, Serialize};

/// The family of a movement's course. Every course is 0 until its first movement and 0 again
/// from its end on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Course {
    /// Least jerk, there and back: `10 u^3 - 15 u^4 + 6 u^5` (Flash and Hogan 1985, J Neurosci
    /// 5:1688). Begins so softly that a tenth of the time covers a hundredth of the way.
    MinimumJerk,
    /// Response of a critically damped second-order system: a single twitch `u exp(1 - u)`, which
    /// moves at full speed from the start, and where size is held, the fused train of such
    /// twitches (Milner-Brown 1973, J Physiol 228:285, describes motor units so).
    Twitch,
    /// Distribution function of an exponentially modified Gaussian: a lid that falls fast and
    /// comes to rest slowly.
    ExGaussian,
    /// A lid whose speed peaks in the first quarter of its way, `10 u^2 - 20 u^3 + 15 u^4 - 4 u^5`
    /// (speed after `u (1 - u)^3`); its duration grows with its way, which is the main sequence
    /// of blinks (Evinger 1991, Invest Ophthalmol Vis Sci 32:387).
    MainSequence,
    /// Half a cosine up to a plateau that trembles at [`TREMOR_HZ`], and half a cosine back.
    Tremor,
}

/// Beats a second of a trembling plateau (judgment: between essential and physiological tremor).
pub const TREMOR_HZ: f64 = 6.5;

/// How far a trembling plateau falls below full size (judgment).
const TREMOR_DEPTH: f64 = 0.22;

/// Rise of a fused train in time constants of its twitch: its mean is then within 4 % of full
/// size (`(1 + 5) exp(-5)`).
const FUSED_RISE: f64 = 5.0;

/// Twitches in one time constant of a fused train: the ripple is 3 % of its size.
const FUSED_TWITCHES: f64 = 1.2;

/// Fall of a twitch in time constants, until half a hundredth is left: `(1 + s) exp(-s)`.
const TWITCH_FALL: f64 = 7.43;

/// Mean, standard deviation and exponential tail of a closing lid's distribution, in parts of the
/// rise (judgment: lids reach their greatest speed after a third of the way down).
const EX_GAUSSIAN: [f64; 3] = [0.30, 0.11, 0.17];

impl Course {
    /// All families.
    pub const ALL: [Self; 5] =
        [Self::MinimumJerk, Self::Twitch, Self::ExGaussian, Self::MainSequence, Self::Tremor];

    /// Name used in files, e.g. `minimum_jerk`.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::MinimumJerk => "minimum_jerk",
            Self::Twitch => "twitch",
            Self::ExGaussian => "ex_gaussian",
            Self::MainSequence => "main_sequence",
            Self::Tremor => "tremor",
        }
    }

    /// Draws the family of a contraction: of lids, or of skin that is pulled; a plateau of less
    /// than `TREMBLES_S` shows no tremor.
    pub(crate) fn draw(lids: bool, hold_s: f64, rng: &mut ChaCha8Rng) -> Self {
        let from: &[Self] = match (lids, hold_s >= TREMBLES_S) {
            (true, false) => &[Self::ExGaussian, Self::MainSequence, Self::Twitch],
            (true, true) => &[Self::ExGaussian, Self::MainSequence, Self::Tremor],
            (false, false) => &[Self::MinimumJerk, Self::Twitch],
            (false, true) => &[Self::MinimumJerk, Self::Twitch, Self::Tremor],
        };
        from.choose(rng).copied().unwrap_or(Self::MinimumJerk)
    }

    /// Part of full size at `t` seconds after the first movement, 0 to 1.
    pub(crate) fn at(self, t: f64, rise_s: f64, hold_s: f64, fall_s: f64) -> f64 {
        let end = rise_s + hold_s + fall_s;
        if t <= 0.0 || t >= end {
            return 0.0;
        }
        let (rising, falling) = (t / rise_s, (t - rise_s - hold_s) / fall_s);
        if self == Self::Twitch && hold_s > rise_s {
            return fused(t, rise_s) * if falling > 0.0 { relaxed(falling) } else { 1.0 };
        }
        if rising < 1.0 {
            return self.rise(rising);
        }
        let plateau = if self == Self::Tremor { tremble(t - rise_s, hold_s) } else { 1.0 };
        if falling <= 0.0 { plateau } else { plateau * (1.0 - self.fall(falling)) }
    }

    /// Part of the way covered at part `u` of the rise.
    fn rise(self, u: f64) -> f64 {
        match self {
            Self::MinimumJerk => least_jerk(u),
            Self::Twitch => u * (1.0 - u).exp(),
            Self::ExGaussian => ex_gaussian(u),
            Self::MainSequence => main_sequence(u),
            Self::Tremor => half_cosine(u),
        }
    }

    /// Part of the way back at part `u` of the fall.
    fn fall(self, u: f64) -> f64 {
        match self {
            Self::Twitch => 1.0 - relaxed(u),
            _ => self.rise(u),
        }
    }

    /// Times after the first movement, seconds, at which half the size is passed upwards for the
    /// first time and downwards for the last.
    pub(crate) fn half_s(self, rise_s: f64, hold_s: f64, fall_s: f64) -> [f64; 2] {
        let end = rise_s + hold_s + fall_s;
        let crossing = |mut below: f64, mut above: f64| {
            for _ in 0..48 {
                let middle = 0.5 * (below + above);
                if self.at(middle, rise_s, hold_s, fall_s) < 0.5 {
                    below = middle;
                } else {
                    above = middle;
                }
            }
            0.5 * (below + above)
        };
        [crossing(0.0, rise_s), crossing(end, rise_s + hold_s)]
    }
}

/// Shortest plateau that can tremble, seconds: two beats.
const TREMBLES_S: f64 = 0.3;

fn least_jerk(u: f64) -> f64 {
    u * u * u * (10.0 - 15.0 * u + 6.0 * u * u)
}

fn main_sequence(u: f64) -> f64 {
    u * u * (10.0 - 20.0 * u + 15.0 * u * u - 4.0 * u * u * u)
}

fn half_cosine(u: f64) -> f64 {
    0.5 - 0.5 * (std::f64::consts::PI * u).cos()
}

/// Distribution function of the exponentially modified Gaussian, brought to 0 and 1 at the ends.
fn ex_gaussian(u: f64) -> f64 {
    let [mean, spread, tail] = EX_GAUSSIAN;
    let raw = |u: f64| {
        let z = (u - mean) / spread;
        let k = spread / tail;
        normal(z) - (-(u - mean) / tail + 0.5 * k * k).exp() * normal(z - k)
    };
    let (low, high) = (raw(0.0), raw(1.0));
    ((raw(u) - low) / (high - low)).clamp(0.0, 1.0)
}

/// Distribution function of the normal distribution (Abramowitz and Stegun 26.2.17, error below
/// 8e-8).
fn normal(z: f64) -> f64 {
    let t = 1.0 / (1.0 + 0.231_641_9 * z.abs());
    let series = t
        * (0.319_381_530
            + t * (-0.356_563_782
                + t * (1.781_477_937 + t * (-1.821_255_978 + t * 1.330_274_429))));
    let upper = series * (-0.5 * z * z).exp() / std::f64::consts::TAU.sqrt();
    if z >= 0.0 { 1.0 - upper } else { upper }
}

/// What is left of a twitch at part `u` of its fall; none at its end.
fn relaxed(u: f64) -> f64 {
    let left = |s: f64| (1.0 + s) * (-s).exp();
    let end = left(TWITCH_FALL);
    ((left(TWITCH_FALL * u) - end) / (1.0 - end)).max(0.0)
}

/// A fused train, its mean 1 once it is risen: the sum of its twitches so far.
fn fused(t: f64, rise_s: f64) -> f64 {
    let constant = rise_s / FUSED_RISE;
    let s = t / constant;
    // Older twitches have faded to a millionth.
    let last = (s * FUSED_TWITCHES) as i64;
    let first = (last - (20.0 * FUSED_TWITCHES) as i64).max(0);
    let sum: f64 = (first..=last)
        .map(|i| {
            let since = s - i as f64 / FUSED_TWITCHES;
            since * (-since).exp()
        })
        .sum();
    sum / FUSED_TWITCHES
}

/// A trembling plateau: full size at its ends.
fn tremble(since_s: f64, hold_s: f64) -> f64 {
    let inside = (since_s.min(hold_s - since_s) / 0.1).clamp(0.0, 1.0);
    let beat = 0.5 - 0.5 * (std::f64::consts::TAU * TREMOR_HZ * since_s).cos();
    1.0 - TREMOR_DEPTH * inside * beat
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn courses_are_continuous_from_rest_to_full_size_and_back() {
        for course in Course::ALL {
            for (rise, hold, fall) in [(0.08, 0.0, 0.16), (0.12, 1.0, 0.3)] {
                let end = rise + hold + fall;
                assert_eq!(course.at(0.0, rise, hold, fall), 0.0);
                assert_eq!(course.at(end, rise, hold, fall), 0.0);
                assert!(course.at(0.02 * rise, rise, hold, fall) > 0.0, "{course:?}");
                let (mut last, mut most) = (0.0, 0.0_f64);
                for i in 0..=(end * 1e4) as i32 {
                    let now = course.at(f64::from(i) * 1e-4, rise, hold, fall);
                    assert!((now - last).abs() < 0.01, "{course:?} jumps to {now} at step {i}");
                    assert!((0.0..=1.06).contains(&now), "{course:?}: {now}");
                    most = most.max(now);
                    last = now;
                }
                assert!(most > 0.99, "{course:?} reaches {most}");
                for half in course.half_s(rise, hold, fall) {
                    assert!((course.at(half, rise, hold, fall) - 0.5).abs() < 1e-6, "{course:?}");
                }
            }
        }
    }

    #[test]
    fn no_family_is_the_onset_models_rise() {
        // The model gains speed over the first tenth and loses it over the last third.
        let speed = 1.0 / (1.0 - 0.5 * (0.1 + 0.33));
        let model = |u: f64| {
            if u < 0.1 {
                5.0 * speed * u * u
            } else if u <= 0.67 {
                speed * (u - 0.05)
            } else {
                1.0 - 0.5 * speed * (1.0 - u) * (1.0 - u) / 0.33
            }
        };
        for course in Course::ALL {
            let furthest = (1..100)
                .map(|i| {
                    let u = f64::from(i) / 100.0;
                    (course.rise(u) - model(u)).abs()
                })
                .fold(0.0, f64::max);
            assert!(furthest > 0.05, "{course:?} is within {furthest}");
        }
    }
}
