//! What an analysis of a recording should find (`spasmograph.truth/1`).
//!
//! Truth comes from a scenario, exactly, or from a person who watched a recording. Fields that
//! are not known are left out; `uncertain` entries count neither for nor against. Unknown
//! fields (notes of a rater) are ignored on reading.

use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use super::draw::{DrawnBlink, DrawnContraction, DrawnEvent};
use super::motion::Motion;
use super::scenario::TaskKind;
use crate::anatomy::{Region, Side};
use crate::event::{EventKind, Laterality, midline};
use crate::pattern::Label;

/// The schema's name, written in every truth file.
pub const TRUTH_SCHEMA: &str = "spasmograph.truth/1";

/// What an analysis should find.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Truth {
    /// Always [`TRUTH_SCHEMA`].
    pub schema: String,
    /// File name of the recording.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub clip: Option<String>,
    /// Frames a second.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub fps: Option<f64>,
    /// Number of frames.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub frames: Option<u64>,
    /// Length in seconds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub duration_s: Option<f64>,
    /// Where the truth comes from, when from a scenario.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub source: Option<TruthSource>,
    /// The pattern of the whole.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pattern: Option<TruthPattern>,
    /// Segments of the protocol.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub protocol: Vec<TruthSegment>,
    /// Stretches of speech, `[start, end]` in seconds.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub speech_s: Vec<[f64; 2]>,
    /// Blinks in order of time.
    #[serde(default)]
    pub blinks: Vec<TruthBlink>,
    /// Events in order of time.
    #[serde(default)]
    pub events: Vec<TruthEvent>,
}

/// The scenario a truth was made from.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct TruthSource {
    /// Name of the scenario.
    pub scenario: String,
    /// Its seed.
    pub seed: u64,
    /// Version of the program that made it.
    pub version: String,
}

/// The pattern of the whole recording.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct TruthPattern {
    /// Its label.
    pub label: Label,
}

/// A named segment of the protocol.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct TruthSegment {
    /// What was asked.
    pub task: TaskKind,
    /// Start, seconds.
    pub start_s: f64,
    /// End, seconds.
    pub end_s: f64,
}

/// A blink, as far as known.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct TruthBlink {
    /// First movement of the lid downwards, seconds.
    pub start_s: f64,
    /// Deepest closure, seconds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub peak_s: Option<f64>,
    /// Lids back, seconds.
    pub end_s: f64,
    /// Which lids closed.
    pub side: Laterality,
    /// Part of the opening that closed, 0 to 1 (mean of both lids).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub depth: Option<f32>,
    /// The lids met.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub complete: Option<bool>,
    /// Difference of the closing depths, left less right.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub asymmetry: Option<f32>,
    /// Lag of the left lid behind the right, seconds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub lag_s: Option<f64>,
    /// Counts neither for nor against.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub uncertain: bool,
    /// What the rater said.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub note: Option<String>,
}

/// An event, as far as known.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct TruthEvent {
    /// What kind of event.
    pub kind: EventKind,
    /// The side or sides that take part.
    pub side: Laterality,
    /// Earliest onset, seconds.
    pub start_s: f64,
    /// Largest displacement, seconds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub peak_s: Option<f64>,
    /// Last offset, seconds.
    pub end_s: f64,
    /// What takes part, in order of onset.
    #[serde(default)]
    pub contractions: Vec<TruthContraction>,
    /// Order of first involvement; an inner list is a tie. Left out where not rated.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub spread: Option<Vec<Vec<Region>>>,
    /// The brow rises while the eye of the same side closes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub other_babinski: Option<bool>,
    /// The voluntary task it belongs to.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub task: Option<TaskKind>,
    /// Counts neither for nor against.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub uncertain: bool,
    /// What the rater said.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub note: Option<String>,
}

/// A contraction, as far as known.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct TruthContraction {
    /// The region.
    pub region: Region,
    /// The side; `None` (written `midline`) for the jaw's midline.
    #[serde(with = "midline")]
    pub side: Option<Side>,
    /// First movement, seconds.
    pub onset_s: f64,
    /// Half the size is passed upwards for the first time, seconds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub half_s: Option<f64>,
    /// Largest displacement, seconds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub peak_s: Option<f64>,
    /// Return, seconds.
    pub end_s: f64,
    /// Displacement at the peak, thousandths of a face unit.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub amplitude_mfu: Option<f32>,
    /// Pulses a second, for a clonic train.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rate_hz: Option<f64>,
    /// Came along with a voluntary movement.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub synkinetic: bool,
}

impl Truth {
    /// The truth of a scenario's movements. `clip` is the file name of the recording.
    #[must_use]
    pub fn of(motion: &Motion, clip: Option<&str>) -> Self {
        let scenario = motion.scenario();
        let duration_s = scenario.duration_s;
        let speech = scenario.speech.iter().map(|s| [s.start_s, s.end_s]);
        let read = scenario.tasks.iter().filter(|t| t.task == TaskKind::ReadAloud);
        Self {
            schema: TRUTH_SCHEMA.to_owned(),
            clip: clip.map(str::to_owned),
            fps: Some(scenario.camera.fps),
            frames: Some(scenario.frame_times().len() as u64),
            duration_s: Some(duration_s),
            source: Some(TruthSource {
                scenario: scenario.name.clone(),
                seed: scenario.seed,
                version: env!("CARGO_PKG_VERSION").to_owned(),
            }),
            pattern: scenario.label.map(|label| TruthPattern { label }),
            protocol: scenario
                .tasks
                .iter()
                .map(|t| TruthSegment { task: t.task, start_s: t.start_s, end_s: t.end_s })
                .collect(),
            speech_s: speech.chain(read.map(|t| [t.start_s, t.end_s])).collect(),
            blinks: motion
                .blinks
                .iter()
                .filter(|b| b.start_s() < duration_s)
                .map(|b| blink(b, duration_s))
                .collect(),
            events: motion
                .events
                .iter()
                .filter(|e| e.start_s() < duration_s)
                .map(|e| event(e, duration_s))
                .collect(),
        }
    }

    /// Reads a truth file.
    ///
    /// # Errors
    /// [`TruthError`] when the file cannot be read or is no truth of this schema.
    pub fn load(path: &Path) -> Result<Self, TruthError> {
        let text = std::fs::read_to_string(path)
            .map_err(|source| TruthError::Read { path: path.to_owned(), source })?;
        let truth: Self = serde_json::from_str(&text)
            .map_err(|source| TruthError::Json { path: path.to_owned(), source })?;
        if truth.schema == TRUTH_SCHEMA {
            Ok(truth)
        } else {
            Err(TruthError::Schema { path: path.to_owned(), found: truth.schema })
        }
    }

    /// The truth as JSON text.
    #[must_use]
    pub fn to_json(&self) -> String {
        // Only strings, finite numbers and lists: serializing cannot fail.
        serde_json::to_string_pretty(self).map(|text| text + "\n").unwrap_or_default()
    }
}

/// Why a truth file cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum TruthError {
    /// The file cannot be read.
    #[error("cannot read {}: {source}", path.display())]
    Read {
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
    /// The text is not a truth.
    #[error("{} is not a truth file: {source}", path.display())]
    Json {
        /// The file.
        path: PathBuf,
        /// Where it goes wrong.
        source: serde_json::Error,
    },
    /// The file is of another schema.
    #[error("{} has schema `{found}`, expected `{TRUTH_SCHEMA}`", path.display())]
    Schema {
        /// The file.
        path: PathBuf,
        /// The schema found.
        found: String,
    },
}

/// Tenths of a millisecond: more is not known of a rendered frame.
fn tenth_ms(time_s: f64) -> f64 {
    (time_s * 1e4).round() / 1e4
}

fn blink(blink: &DrawnBlink, duration_s: f64) -> TruthBlink {
    let (left, right) = (&blink.lids.left, &blink.lids.right);
    let depth = 0.5 * (blink.depth.left + blink.depth.right);
    TruthBlink {
        start_s: tenth_ms(blink.start_s()),
        peak_s: Some(tenth_ms(0.5 * (left.peak_s() + left.hold_s + right.peak_s()))),
        end_s: tenth_ms(blink.end_s().min(duration_s)),
        side: Laterality::Both,
        depth: Some(depth as f32),
        complete: Some(depth >= 0.95),
        asymmetry: Some((blink.depth.left - blink.depth.right) as f32),
        lag_s: Some(tenth_ms(left.onset_s - right.onset_s)),
        uncertain: blink.uncertain || blink.end_s() > duration_s,
        note: None,
    }
}

fn event(event: &DrawnEvent, duration_s: f64) -> TruthEvent {
    let mut drawn: Vec<&DrawnContraction> =
        event.contractions.iter().filter(|c| c.onset_s < duration_s).collect();
    drawn.sort_by(|a, b| a.onset_s.total_cmp(&b.onset_s));
    let has = |side: Side| drawn.iter().any(|c| c.place.side == Some(side));
    let side = match (has(Side::Left), has(Side::Right)) {
        (true, false) => Laterality::Left,
        (false, true) => Laterality::Right,
        _ => Laterality::Both,
    };
    let largest =
        drawn.iter().max_by(|a, b| a.amplitude_mfu.abs().total_cmp(&b.amplitude_mfu.abs()));
    let pulls = |region: Region, side: Side| {
        drawn.iter().any(|c| {
            c.place.region == region && c.place.side == Some(side) && c.amplitude_mfu > 0.0
        })
    };
    TruthEvent {
        kind: event.kind,
        side,
        start_s: tenth_ms(event.start_s()),
        peak_s: largest.map(|c| tenth_ms(c.peak_s.min(duration_s))),
        end_s: tenth_ms(event.end_s().min(duration_s)),
        contractions: drawn
            .iter()
            .map(|c| TruthContraction {
                region: c.place.region,
                side: c.place.side,
                onset_s: tenth_ms(c.onset_s),
                half_s: Some(tenth_ms(c.half_s)),
                peak_s: Some(tenth_ms(c.peak_s.min(duration_s))),
                end_s: tenth_ms(c.end_s.min(duration_s)),
                amplitude_mfu: Some(c.amplitude_mfu as f32),
                rate_hz: c.rate_hz,
                synkinetic: c.synkinetic,
            })
            .collect(),
        spread: Some(spread(&drawn)),
        other_babinski: Some(
            Side::BOTH.iter().any(|s| pulls(Region::Forehead, *s) && pulls(Region::Periocular, *s)),
        ),
        task: event.task,
        uncertain: event.uncertain,
        note: event.note.map(str::to_owned),
    }
}

/// Regions by first onset; onsets within a millisecond are a tie.
fn spread(by_onset: &[&DrawnContraction]) -> Vec<Vec<Region>> {
    let mut order: Vec<Vec<Region>> = Vec::new();
    let mut last = f64::NEG_INFINITY;
    for c in by_onset {
        if order.iter().flatten().any(|region| *region == c.place.region) {
            continue;
        }
        match order.last_mut() {
            Some(tie) if c.onset_s - last <= 1e-3 => tie.push(c.place.region),
            _ => {
                order.push(vec![c.place.region]);
                last = c.onset_s;
            }
        }
    }
    for tie in &mut order {
        tie.sort();
    }
    order
}

#[cfg(test)]
mod tests {
    use super::super::preset;
    use super::*;

    #[test]
    fn the_same_scenario_gives_the_same_truth_bytes() {
        for name in super::super::PRESETS {
            let scenario = preset(name).expect("a preset");
            let a = Truth::of(&Motion::new(&scenario), Some("clip.mp4")).to_json();
            let b = Truth::of(&Motion::new(&scenario), Some("clip.mp4")).to_json();
            assert_eq!(a, b);
            let read: Truth = serde_json::from_str(&a).expect("reads back");
            assert_eq!(read.to_json(), a);
        }
    }

    #[test]
    fn order_lists_regions_by_onset_with_ties() {
        let scenario = preset("typical-right").expect("a preset");
        let truth = Truth::of(&Motion::new(&scenario), None);
        let first = truth.events.first().expect("has events");
        let spread = first.spread.as_ref().expect("known order");
        assert_eq!(spread[0], vec![Region::Periocular]);
        assert_eq!(first.side, Laterality::Right);
    }

    #[test]
    fn a_truth_rated_by_a_person_is_read_with_its_extra_fields() {
        let text = r#"{ "schema": "spasmograph.truth/1", "annotator": "one rater", "frames": 9,
            "blinks": [ { "start_s": 1.0, "peak_s": 1.1, "end_s": 1.3, "side": "both",
            "kind": "full", "frames": [30, 33, 39], "uncertain": true } ],
            "events": [ { "side": "left", "kind": "twitch", "start_s": 0.1, "end_s": 0.7 } ] }"#;
        let truth: Truth = serde_json::from_str(text).expect("reads");
        assert!(truth.blinks[0].uncertain);
        assert_eq!(truth.events[0].spread, None);
    }
}
