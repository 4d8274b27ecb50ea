//! From signals to events: blinks and involuntary contractions with side, onset and order.

mod attribution;
mod away;
mod balance;
mod blink;
mod cause;
mod departure;
mod detector;
mod dip;
mod episode;
mod evidence;
mod excursion;
mod head;
mod jaw;
mod kind;
mod limit;
mod noise;
mod onset;
mod order;
mod place;
pub(crate) mod poisson;
mod protocol;
mod pull;
mod recent;
mod recording;
mod recount;
mod share;
mod spread;
pub(crate) mod stats;
mod summary;
mod zigzag;

pub use cause::{Cause, Parameter, Parameters, Weighed, WeighedMovement, Weights};
pub use detector::{EventDetector, Finding, RestLevel};
pub use evidence::Evidence;
pub use excursion::Excursion;
pub use order::{Lag, Relation};
pub use protocol::{PROTOCOL_SCHEMA, Protocol, ProtocolError, Segment, Task};
pub use share::LidShares;
pub use spread::{PooledLag, Recruited};
pub use summary::Companion;

use crate::anatomy::{PerSide, Region, Side};
use serde::{Deserialize, Serialize};

/// The side or sides that take part.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Laterality {
    /// The subject's left only.
    Left,
    /// The subject's right only.
    Right,
    /// Both sides.
    Both,
}

impl From<Side> for Laterality {
    fn from(side: Side) -> Self {
        match side {
            Side::Left => Self::Left,
            Side::Right => Self::Right,
        }
    }
}

/// A brief closure of the lids with nothing else taking part.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Blink {
    /// First movement of the lid downwards, seconds.
    pub start_s: f64,
    /// Deepest closure, seconds.
    pub peak_s: f64,
    /// Lids back, seconds.
    pub end_s: f64,
    /// Which lids closed.
    pub side: Laterality,
    /// Part of the open aperture that was closed, 0 to 1 (mean of the lids that took part).
    pub depth: f32,
    /// The lids met.
    pub complete: bool,
    /// Difference of the closing depths, left less right, -1 to 1.
    pub asymmetry: f32,
    /// Lag of the left lid's closing behind the right's, seconds; `None` for one lid.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub lag_s: Option<f64>,
    /// What each lid did; `None` where it was not seen.
    #[serde(default)]
    pub lids: PerSide<Option<LidClosing>>,
}

/// What one lid did in a blink.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct LidClosing {
    /// Part of its open aperture that was closed, 0 to 1.
    pub depth: f32,
    /// The lids met.
    pub complete: bool,
    /// Fastest closing, open apertures a second; `None` where the fall was not seen.
    pub speed: Option<f32>,
    /// Lag of its closing behind the other lid's, seconds, 0 for the earlier one; `None` for one
    /// lid.
    pub lag_s: Option<f64>,
}

/// How far one lid comes down in the subject's blinks.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct LidShare {
    /// Median part of the open aperture that the lid closes, 0 to 1.
    pub share: f32,
    /// 90 % interval of that median, by order statistics over the blinks.
    pub interval: [f32; 2],
    /// Blinks in which the lid was seen.
    pub blinks: u32,
}

/// What kind of event this is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum EventKind {
    /// Brief (clonic) involuntary contraction.
    Twitch,
    /// Sustained (tonic) involuntary contraction.
    Spasm,
    /// Prolonged closure of both lids.
    Closure,
    /// Symmetric, or inside a declared voluntary task: not involuntary.
    Expression,
    /// Cannot be told.
    Uncertain,
}

/// One region on one side, from onset to offset.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Contraction {
    /// The region.
    pub region: Region,
    /// The side; `None` (written `midline`) for the jaw's midline.
    #[serde(with = "midline")]
    pub side: Option<Side>,
    /// Estimated first movement, seconds.
    pub onset_s: f64,
    /// 90 % confidence interval of the onset, seconds.
    pub onset_ci_s: [f64; 2],
    /// Largest displacement, seconds.
    pub peak_s: f64,
    /// Return, seconds.
    pub end_s: f64,
    /// Displacement at the peak over the baseline, thousandths of a face unit.
    pub amplitude_mfu: f32,
    /// Amplitude over the noise floor.
    pub snr: f32,
    /// Bursts a second, where there are three or more.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rate_hz: Option<f64>,
    /// Comes along with a voluntary task that does not ask for it.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub synkinetic: bool,
}

/// Contractions that belong together in time.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Event {
    /// Number in the recording, from 1.
    pub id: u32,
    /// What kind of event this is.
    pub kind: EventKind,
    /// The side or sides that take part.
    pub side: Laterality,
    /// Earliest onset, seconds.
    pub start_s: f64,
    /// Largest displacement, seconds.
    pub peak_s: f64,
    /// Last offset, seconds.
    pub end_s: f64,
    /// What took part, in order of onset.
    pub contractions: Vec<Contraction>,
    /// Order of first involvement; an inner list is a tie.
    pub spread: Vec<Vec<Region>>,
    /// The brow rises while the eye of the same side closes.
    pub other_babinski: bool,
    /// Why the kind was chosen, in plain words.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub reason: String,
    /// Lags between the regions' first onsets, pair by pair.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub lags: Vec<Lag>,
    /// The voluntary task in which it began.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub task: Option<Task>,
    /// What made it, and how sure that is.
    #[serde(flatten)]
    pub judgement: Judgement,
}

/// What made an event, and how sure that is.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Judgement {
    /// What most likely made it.
    #[serde(default)]
    pub cause: Cause,
    /// Probability that this is the cause, against all others, 0 to 1; `None` where it was not
    /// weighed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub confidence: Option<f64>,
    /// What else it could be.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub runner_up: Option<Reading>,
    /// What spoke for and against a contraction, the strongest first.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub evidence: Vec<Weighed>,
}

/// One reading of an event.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Reading {
    /// The cause.
    pub cause: Cause,
    /// The side, of a contraction.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub side: Option<Laterality>,
    /// Log odds of this reading, nats.
    pub nats: f64,
}

/// What one place's signal could have shown.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct NoiseFloor {
    /// The region.
    pub region: Region,
    /// The side; `None` (written `midline`) for the jaw's midline.
    #[serde(with = "midline")]
    pub side: Option<Side>,
    /// Robust standard deviation of the resting signal, thousandths of a face unit; `None`
    /// where too little of the recording was usable.
    pub floor_mfu: Option<f32>,
    /// Smallest contraction found 9 times out of 10 in this recording, thousandths of a face
    /// unit.
    pub smallest_detectable_mfu: Option<f32>,
}

/// Everything the event stage says of one recording.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Findings {
    /// Noise floor and detection limit of every place.
    pub noise: Vec<NoiseFloor>,
    /// Blinks in order of time.
    pub blinks: Vec<Blink>,
    /// Events in order of time.
    pub events: Vec<Event>,
    /// Rates and fractions over the usable recording.
    pub summary: Summary,
    /// Order of the regions over all events.
    pub spread: SpreadSummary,
}

impl Findings {
    /// Usable time in which the face neither spoke nor made an expression, seconds.
    #[must_use]
    pub fn rest_s(&self) -> f64 {
        let (mut moved_s, mut until_s) = (0.0, f64::NEG_INFINITY);
        for event in self.events.iter().filter(|event| event.kind == EventKind::Expression) {
            moved_s += (event.end_s - event.start_s.max(until_s)).max(0.0);
            until_s = until_s.max(event.end_s);
        }
        (self.summary.usable_s - moved_s).max(0.0)
    }
}

/// Rates and fractions over the usable recording.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Summary {
    /// Usable time, seconds.
    pub usable_s: f64,
    /// Mean distance between the outer canthi in the picture, pixels; `None` where it is not known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub face_unit_px: Option<f64>,
    /// Blinks a minute; `None` without usable time.
    pub blink_rate_per_min: Option<f64>,
    /// Involuntary events (twitches and spasms) a minute, by side.
    pub event_rate_per_min: BySide<f64>,
    /// 90 % Poisson intervals of those rates.
    pub rate_ci: BySide<[f64; 2]>,
    /// Fraction of usable time with the lids closed, by eye.
    pub closed_fraction: BySide<f64>,
    /// Fraction of usable time inside an involuntary event, by side.
    pub spasm_time_fraction: BySide<f64>,
    /// 90 % Poisson interval of the blink rate; `None` without usable time.
    #[serde(default)]
    pub blink_rate_ci: Option<[f64; 2]>,
    /// Blinks of both lids: median lag of the left lid behind the right, seconds.
    #[serde(default)]
    pub blink_lag_s: Option<f64>,
    /// Correlation of the two apertures over the frames that show both, -1 to 1.
    #[serde(default)]
    pub lid_correlation: Option<f64>,
    /// Events of each kind.
    #[serde(default)]
    pub events_by_kind: std::collections::BTreeMap<EventKind, u32>,
    /// One-sided involuntary events, right less left over their sum: 1 all right, -1 all left.
    #[serde(default)]
    pub laterality_index: Option<f64>,
    /// Median duration of the involuntary events, seconds.
    #[serde(default)]
    pub event_duration_s: Option<f64>,
    /// Duration of the longest involuntary event, seconds.
    #[serde(default)]
    pub longest_event_s: Option<f64>,
    /// Median rate of the bursts in clonic trains, Hz.
    #[serde(default)]
    pub clonic_rate_hz: Option<f64>,
    /// Median rate of the jaw's rhythm, Hz.
    #[serde(default)]
    pub jaw_rhythm_hz: Option<f64>,
    /// Involuntary events in which the brow rises while the eye of its side closes.
    #[serde(default)]
    pub other_babinski: u32,
    /// Involuntary events in which an eye closes.
    #[serde(default)]
    pub eye_closing: u32,
    /// Movement that comes along with voluntary movement or blinks.
    #[serde(default)]
    pub companions: Vec<Companion>,
    /// How far each lid comes down in blinks; `None` without blinks in which it was seen.
    #[serde(default)]
    pub lid_share: PerSide<Option<LidShare>>,
    /// How far the sides of the lids, the mouth and the brow go in movements of both, where that
    /// could be compared.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub excursions: Vec<Excursion>,
}

/// A figure for the left, for the right, and for both together.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize, Deserialize)]
pub struct BySide<T> {
    /// The subject's left only.
    pub left: T,
    /// The subject's right only.
    pub right: T,
    /// Both sides together.
    pub both: T,
}

/// Order of the regions over all events.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct SpreadSummary {
    /// How often each region came first (ties count for each).
    pub first_region: std::collections::BTreeMap<Region, u32>,
    /// Direction over all events.
    pub direction: Direction,
    /// Median time by which the lower face follows the lids, seconds; negative where it leads.
    #[serde(default)]
    pub fall_s: Option<f64>,
    /// 90 % interval of that median, by bootstrap over the events, seconds.
    #[serde(default)]
    pub fall_ci_s: Option<[f64; 2]>,
    /// Lags between regions, pooled over the events.
    #[serde(default)]
    pub lags: Vec<PooledLag>,
    /// When each region first took part, in order of time.
    #[serde(default)]
    pub recruited: Vec<Recruited>,
}

/// Direction of the visible spread.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Direction {
    /// From the lids downwards.
    Downward,
    /// From the lower face upwards.
    Upward,
    /// All at once, within a stated margin.
    Simultaneous,
    /// The data do not carry an order.
    #[default]
    Unresolved,
}

/// Writes a missing side as `midline`.
pub(crate) mod midline {
    use super::Side;
    use serde::{Deserialize, Deserializer, Serializer, de::Error};

    // serde's `with` fixes this signature.
    #[allow(clippy::ref_option)]
    pub(crate) fn serialize<S: Serializer>(side: &Option<Side>, to: S) -> Result<S::Ok, S::Error> {
        to.serialize_str(match side {
            Some(Side::Left) => "left",
            Some(Side::Right) => "right",
            None => "midline",
        })
    }

    pub(crate) fn deserialize<'de, D: Deserializer<'de>>(
        from: D,
    ) -> Result<Option<Side>, D::Error> {
        match String::deserialize(from)?.as_str() {
            "left" => Ok(Some(Side::Left)),
            "right" => Ok(Some(Side::Right)),
            "midline" => Ok(None),
            other => Err(D::Error::unknown_variant(other, &["left", "right", "midline"])),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rest_is_what_no_expression_covers() {
        let expression = |start_s: f64, end_s: f64| -> Event {
            serde_json::from_value(serde_json::json!({
                "id": 1, "kind": "expression", "side": "both", "start_s": start_s,
                "peak_s": start_s, "end_s": end_s, "contractions": [], "spread": [],
                "other_babinski": false, "reason": "", "lags": [],
            }))
            .expect("an event")
        };
        let events = vec![expression(1.0, 4.0), expression(2.0, 3.0), expression(3.5, 5.0)];
        let summary = Summary { usable_s: 10.0, ..Summary::default() };
        let findings = Findings { events, summary, ..Findings::default() };
        assert!((findings.rest_s() - 6.0).abs() < 1e-9);
    }
}
