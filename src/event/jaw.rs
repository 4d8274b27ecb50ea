//! Bouts of the jaw: the muscles of chewing at work by themselves, or in talk and meals.
//!
//! In a spasm of the jaw the chin's skin is pulled up against quiet lips, in a rhythm near one a
//! second or held; in speech, chewing and yawning the jaw opens and the mouth moves.

use super::cause::{Cause, PARAMETERS, Weighed, WeighedMovement};
use super::evidence::{AROUND_S, Amounts, Evidence, Viewer};
use super::kind::{Left, chains, joined};
use super::pull::Pull;
use super::recording::{Channel, Recording};
use super::stats::{median, quantile};
use super::{Laterality, Reading};
use crate::anatomy::{Place, Region, Side};
use crate::thresholds::EventThresholds;

/// Movements of the jaw that follow each other.
#[derive(Debug, Clone)]
pub(super) struct Bout {
    pub(super) pulls: Vec<Pull>,
    pub(super) side: Laterality,
    /// Log odds of a spasm against speech, chewing and yawning, nats.
    pub(super) odds: f64,
    /// What they are the sum of.
    pub(super) evidence: Vec<Weighed>,
    /// Beats a second, of three and more.
    pub(super) rate_hz: Option<f64>,
    amounts: Amounts,
}

impl Bout {
    /// Its odds pass the margin.
    pub(super) fn is_spasm(&self) -> bool {
        self.odds >= PARAMETERS.jaw.margin
    }

    /// It may be a spasm.
    pub(super) fn is_open(&self) -> bool {
        self.odds >= PARAMETERS.jaw.doubt
    }

    /// From its first movement to its last, seconds.
    pub(super) fn span(&self) -> (f64, f64) {
        span(&self.pulls)
    }

    /// It as a spasm.
    pub(super) fn reading(&self) -> Reading {
        Reading { cause: Cause::JawSpasm, side: Some(self.side), nats: self.odds }
    }

    /// It as it is weighed.
    pub(super) fn weighed(&self) -> WeighedMovement {
        let (start_s, end_s) = self.span();
        let amounts = self.amounts.to_vec();
        WeighedMovement { cause: Cause::JawSpasm, side: self.side, start_s, end_s, amounts }
    }
}

/// Stretches around a bout from which it is told where the jaw hangs, and in which it may open,
/// seconds.
const HANGS_S: f64 = 8.0;
const OPENS_S: f64 = 2.0;
/// Irregularity of the beats (standard deviation of their intervals over the mean) that chewing has,
/// too.
const REGULAR: f64 = 0.25;
/// What skin is dragged along by, over what drags it: less does not count against the jaw.
const DRAGGED: f64 = 0.25;
/// Rates of the rhythm, a second (0.5 to 2.5: rhythmic masticatory activity runs near 1, source
/// article).
const RATE_HZ: std::ops::RangeInclusive<f64> = 0.5..=2.5;

/// Time by which the midline may move before and after the chin it goes with, seconds (judgment).
const MIDLINE_S: f64 = 0.2;

/// Parts the bouts of the jaw from the rest.
pub(super) fn bouts(
    rest: Vec<Left>,
    viewer: &Viewer<'_>,
    t: &EventThresholds,
) -> (Vec<Bout>, Vec<Left>) {
    let lifts = |p: &Pull| {
        let place = p.place();
        place.region == Region::Jaw && place.side.is_some() && p.departure.amplitude > 0.0
    };
    let (jaw, rest): (Vec<_>, Vec<_>) = rest.into_iter().partition(|(p, _)| lifts(p));
    let bouts: Vec<Bout> = chains(jaw, t.jaw_link_s)
        .into_iter()
        .map(|chain| bout(chain.into_iter().map(|(p, _)| p).collect(), viewer, t))
        .collect();
    // The midline that goes with a spasm of the jaw is part of it.
    let spasms = bouts.iter().filter(|b| b.is_spasm());
    let spans: Vec<(f64, f64)> = spasms.map(Bout::span).collect();
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

fn bout(pulls: Vec<Pull>, viewer: &Viewer<'_>, t: &EventThresholds) -> Bout {
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
    let recording = viewer.recording;
    let around = Around::new(recording, start_s, end_s);
    let along = |speed: f64| (speed / around.chin.max(1e-3) - DRAGGED).clamp(0.0, 1.0);
    let whole = joined(&pulls);
    let rhythms = whole.iter().filter_map(|p| Some((p.rhythm_hz(t)?, p.departure.bursts_s.len())));
    let rhythms = rhythms.filter(|(hz, _)| RATE_HZ.contains(hz));
    let rhythm = rhythms.max_by(|a, b| a.1.cmp(&b.1).then(b.0.total_cmp(&a.0)));
    let longest = pulls.iter().map(|p| p.end_s() - p.start_s()).fold(0.0, f64::max);

    let mut amounts = [0.0; Evidence::COUNT];
    let mut set = |evidence: Evidence, amount: f64| amounts[evidence as usize] = amount;
    match rhythm {
        Some((_, beats)) => {
            set(Evidence::ChinBeats, (beats as f64 - 2.0).ln_1p());
            set(Evidence::ChinBeatsIrregular, (irregularity(&whole) - REGULAR).max(0.0));
        }
        None => set(Evidence::ChinHeld, (longest / t.spasm_min_s).ln().max(-1.0) + 1.0),
    }
    set(Evidence::ChinClear, (snr / 5.0).max(0.1).ln().min(2.0));
    set(Evidence::LipsMove, along(around.lips));
    set(Evidence::CheeksMove, along(around.cheeks));
    set(Evidence::BrowsMove, along(around.brows));
    let opens = opening(recording, start_s, end_s) / chin;
    set(Evidence::JawOpens, (opens - DRAGGED).clamp(0.0, 1.0));
    // Lips and jaw are quiet in a spasm, too; a bout can last as long as the talk that makes it.
    let whole_s = [[start_s - AROUND_S, start_s], [start_s, end_s + AROUND_S]];
    let lively = |places: [Place; 2]| viewer.livelier(places, whole_s);
    let corners = Side::BOTH.map(|side| Place::new(Region::MouthCorner, side));
    set(Evidence::LivelyLips, lively(corners));
    set(Evidence::LivelyJaw, lively([Place::JAW_MIDLINE; 2]));
    set(Evidence::LivelyBrows, viewer.lively(Region::Forehead, start_s, end_s));
    set(Evidence::HeadMoves, around.head_deg.ln_1p());
    let (odds, evidence) = PARAMETERS.jaw.weigh(&amounts);
    Bout { pulls, side, odds, evidence, rate_hz: rhythm.map(|(hz, _)| hz), amounts }
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

/// How fast parts of the face move during a bout, mFU in a tenth of a second, and how far the head
/// turns and nods, degrees.
struct Around {
    chin: f64,
    lips: f64,
    cheeks: f64,
    brows: f64,
    head_deg: f64,
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
        let swings = |channel: Channel| {
            let values = frames.clone().map(|i| recording.value(channel, i));
            let seen: Vec<f64> = values.filter(|value| value.is_finite()).collect();
            let [low, high] = [0.1, 0.9].map(|part| quantile(seen.clone(), part).unwrap_or(0.0));
            high - low
        };
        // The chin works on either side or on both; the rest of a talking face moves on both.
        Self {
            chin: speed(&f64::max, Region::Jaw),
            lips: speed(&f64::min, Region::MouthCorner),
            cheeks: speed(&f64::min, Region::Cheek),
            brows: speed(&f64::min, Region::Forehead),
            head_deg: swings(Channel::Yaw) + swings(Channel::Pitch),
        }
    }
}
