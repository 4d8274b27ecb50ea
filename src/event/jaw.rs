//! Bouts of the jaw: the muscles of chewing at work by themselves, or in talk and meals.
//!
//! In a spasm of the jaw the chin's skin is pulled up against quiet lips, in a rhythm near one a
//! second or held; in speech, chewing and yawning the jaw opens and the mouth moves.

use super::Laterality;
use super::kind::{chains, joined};
use super::pull::Pull;
use super::recording::{Channel, Recording};
use super::stats::{median, quantile};
use crate::anatomy::{Place, Region, Side};
use crate::thresholds::EventThresholds;

/// Movements of the jaw that follow each other.
#[derive(Debug, Clone)]
pub(super) struct Bout {
    pub(super) pulls: Vec<Pull>,
    pub(super) side: Laterality,
    /// Log odds of a spasm against speech, chewing and yawning, nats.
    pub(super) odds: f64,
    /// Beats a second, of three and more.
    pub(super) rate_hz: Option<f64>,
}

/// Log odds before any evidence, and what each sign adds, nats (judgment: no recording of a
/// masticatory spasm is known; healthy talk and meals gave the figures against).
const PRIOR: f64 = -2.5;
const RHYTHM: f64 = 3.5;
const HELD: f64 = 3.0;
/// Log odds from which on a bout is a spasm, nats (judgment: twice as likely as not).
pub(super) const MARGIN: f64 = 0.6;
/// For each unit by which the lips and the brows of both sides move as fast as the chin.
const LIPS: f64 = -8.0;
const BROWS: f64 = -4.0;
/// For each unit by which the jaw opens from where it hangs most of the time, over the lift of the
/// chin: in a spasm it does not.
const OPENS: f64 = -6.0;
/// Stretches around a bout from which it is told where the jaw hangs, and in which it may open,
/// seconds.
const HANGS_S: f64 = 8.0;
const OPENS_S: f64 = 2.0;
/// For each unit of the beats' irregularity (standard deviation of their intervals over the mean)
/// beyond that of chewing.
const IRREGULAR: f64 = -6.0;
const REGULAR: f64 = 0.25;
/// For each noise, logarithmically, by which the chin stands out of 5 noises; at most two.
const CLEAR: f64 = 1.0;
/// What skin is dragged along by, over what drags it: less does not count against the jaw.
const DRAGGED: f64 = 0.25;
/// Rates of the rhythm, a second (0.5 to 2.5: rhythmic masticatory activity runs near 1, source
/// article).
const RATE_HZ: std::ops::RangeInclusive<f64> = 0.5..=2.5;

/// Time by which the midline may move before and after the chin it goes with, seconds (judgment).
const MIDLINE_S: f64 = 0.2;

/// Parts the bouts of the jaw from the rest.
pub(super) fn bouts(
    rest: Vec<(Pull, f64)>,
    recording: &Recording,
    t: &EventThresholds,
) -> (Vec<Bout>, Vec<(Pull, f64)>) {
    let lifts = |p: &Pull| {
        let place = p.place();
        place.region == Region::Jaw && place.side.is_some() && p.departure.amplitude > 0.0
    };
    let (jaw, rest): (Vec<_>, Vec<_>) = rest.into_iter().partition(|(p, _)| lifts(p));
    let bouts: Vec<Bout> = chains(jaw, t.jaw_link_s)
        .into_iter()
        .map(|chain| bout(chain.into_iter().map(|(p, _)| p).collect(), recording, t))
        .collect();
    // The midline that goes with a spasm of the jaw is part of it.
    let spasms = bouts.iter().filter(|b| b.odds >= MARGIN);
    let spans: Vec<(f64, f64)> = spasms.map(|b| span(&b.pulls)).collect();
    let explained = |p: &Pull| {
        p.place() == Place::JAW_MIDLINE
            && spans.iter().any(|s| p.start_s() > s.0 - MIDLINE_S && p.end_s() < s.1 + MIDLINE_S)
    };
    (bouts, rest.into_iter().filter(|(p, _)| !explained(p)).collect())
}

fn span(pulls: &[Pull]) -> (f64, f64) {
    pulls.iter().fold((f64::INFINITY, f64::NEG_INFINITY), |(from, to), p| {
        (from.min(p.start_s()), to.max(p.end_s()))
    })
}

fn bout(pulls: Vec<Pull>, recording: &Recording, t: &EventThresholds) -> Bout {
    let (start_s, end_s) = span(&pulls);
    // The sides are told by all beats together, as one may drown in the noise on either side.
    let worked = |side: Side| {
        let of = |p: &Pull| {
            let mirrored = p.place().side != Some(side);
            let part = if mirrored { p.departure.shared.clamp(0.0, 1.0) } else { 1.0 };
            part * p.departure.amplitude
        };
        pulls.iter().map(of).sum::<f64>()
    };
    let (left, right) = (worked(Side::Left), worked(Side::Right));
    let side = if left.min(right) >= t.jaw_shared_min * left.max(right) {
        Laterality::Both
    } else if left > right {
        Laterality::Left
    } else {
        Laterality::Right
    };
    let counts =
        |p: &Pull| side == Laterality::Both || p.place().side.map(Laterality::from) == Some(side);
    let pulls: Vec<Pull> = pulls.into_iter().filter(counts).collect();

    let chin = pulls.iter().map(|p| p.departure.amplitude).fold(0.0, f64::max).max(1.0);
    let snr = pulls.iter().map(Pull::snr).fold(0.0, f64::max);
    let around = Around::new(recording, start_s, end_s);
    let against = |speed: f64| (speed / around.chin.max(1e-3) - DRAGGED).clamp(0.0, 1.0);
    let whole = joined(&pulls);
    let rate_hz = whole.iter().filter_map(|p| p.rhythm_hz(t)).find(|hz| RATE_HZ.contains(hz));
    let held = pulls.iter().any(|p| p.end_s() - p.start_s() >= t.spasm_min_s);
    let course = match rate_hz {
        Some(_) => RHYTHM,
        None if held => HELD,
        None => 0.0,
    };
    let clear = (CLEAR * (snr / 5.0).max(0.1).ln()).min(2.0);
    let odds = PRIOR
        + course
        + clear
        + LIPS * against(around.lips)
        + BROWS * against(around.brows)
        + OPENS * (opening(recording, start_s, end_s) / chin - DRAGGED).clamp(0.0, 1.0)
        + if rate_hz.is_some() {
            IRREGULAR * (irregularity(&whole) - REGULAR).max(0.0)
        } else {
            0.0
        };
    Bout { pulls, side, odds, rate_hz }
}

/// How far the jaw opens about a bout from where it hangs, mFU.
fn opening(recording: &Recording, start_s: f64, end_s: f64) -> f64 {
    let jaw = |margin_s: f64| {
        let frames = recording.frames(start_s - margin_s, end_s + margin_s, start_s);
        frames.map(|i| recording.value(Channel::Place(Place::JAW_MIDLINE), i)).collect::<Vec<_>>()
    };
    let hangs = median(jaw(HANGS_S)).unwrap_or(0.0);
    (quantile(jaw(OPENS_S), 0.95).unwrap_or(hangs) - hangs).max(0.0)
}

/// Standard deviation of the intervals between the beats of the place that shows most of them, over
/// their mean.
fn irregularity(pulls: &[Pull]) -> f64 {
    let Some(beats) = pulls.iter().map(|p| &p.departure.bursts_s).max_by_key(|b| b.len()) else {
        return 0.0;
    };
    let intervals: Vec<f64> = beats.windows(2).map(|w| w[1] - w[0]).collect();
    let n = intervals.len() as f64;
    let mean = intervals.iter().sum::<f64>() / n.max(1.0);
    let variance = intervals.iter().map(|i| (i - mean).powi(2)).sum::<f64>() / n.max(1.0);
    variance.sqrt() / mean.max(1e-3)
}

/// How fast parts of the face move during a bout, mFU in a tenth of a second.
struct Around {
    chin: f64,
    lips: f64,
    brows: f64,
}

impl Around {
    fn new(recording: &Recording, start_s: f64, end_s: f64) -> Self {
        let step = ((0.1 / recording.frame_s()).round() as usize).max(1);
        let frames = recording.frames(start_s - 0.3, end_s + 0.3, start_s);
        let speed = |of: &dyn Fn(f64, f64) -> f64, region: Region| {
            let (mut sum, mut n) = (0.0, 0.0);
            for i in frames.clone().skip(step) {
                let [l, r] = Side::BOTH.map(|side| {
                    let channel = Channel::Place(Place::new(region, side));
                    (recording.value(channel, i) - recording.value(channel, i - step)).abs()
                });
                if (l + r).is_finite() {
                    sum += of(l, r);
                    n += 1.0;
                }
            }
            if n > 0.0 { sum / n } else { 0.0 }
        };
        // The chin works on either side or on both; the lips speak with both corners.
        Self {
            chin: speed(&f64::max, Region::Jaw),
            lips: speed(&f64::min, Region::MouthCorner),
            brows: speed(&f64::min, Region::Forehead),
        }
    }
}
