//! Truth beside a recording: what really happens in it, as far as it is known.
//!
//! A truth file (`spasmograph.truth/1`) holds the same `blinks` and `events` as an analysis, with
//! only the fields that are known. The synthesizer writes such files with every field; a human
//! rater leaves out what the eye cannot tell. A field that means nothing here is passed over when
//! a file is read, and named in [`Truth::unknown`].

mod check;
mod read;

use serde::{Deserialize, Serialize};

use crate::anatomy::Region;
use crate::event::{EventKind, Laterality, midline};
use crate::pattern::Label;

/// The name of the truth format.
pub const SCHEMA: &str = "spasmograph.truth/1";

/// The name of the review format: a truth with the reader and the steps added.
pub const REVIEW_SCHEMA: &str = "spasmograph.review/1";

/// What really happens in a recording.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Truth {
    /// Always [`SCHEMA`].
    pub schema: String,
    /// File name of the recording.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub clip: Option<String>,
    /// Frames a second, the mean where the rate varies.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub fps: Option<f64>,
    /// Number of frames.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub frames: Option<u64>,
    /// Length of the recording in seconds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub duration_s: Option<f64>,
    /// Who or what says so.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub annotator: Option<String>,
    /// The scenario it was made from, for a synthesized recording.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub made_from: Option<MadeFrom>,
    /// Whose recording it is, where several are of one person.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub person: Option<String>,
    /// The pattern that the recording shows, where it was made to show one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pattern: Option<Label>,
    /// The labels that an honest answer may bear; empty where nobody has said.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub expected_labels: Vec<Label>,
    /// Segments of the protocol, where one was followed.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub protocol: Vec<TruthSegment>,
    /// Stretches of speech, `[start, end]` in seconds.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub speech_s: Vec<[f64; 2]>,
    /// The blinks; `None` where they were not rated, so that none is missed and none is false.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub blinks: Option<Vec<TruthBlink>>,
    /// `false` where there are more blinks than were rated: then none that is found is false.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub blinks_complete: Option<bool>,
    /// `false` where blinks were not rated, but for `rated_blinks`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub blinks_rated: Option<bool>,
    /// The blinks that were rated where not all were: they can be missed, and no other is false.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub rated_blinks: Vec<TruthBlink>,
    /// The involuntary events; `None` where they were not rated.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub events: Option<Vec<TruthEvent>>,
    /// The subject moves one side on purpose (winks, a corner of the mouth), which is not listed:
    /// an event of one side is right as movement.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub one_sided_on_purpose: bool,
    /// What was hidden from the camera, and when; only synthesized recordings say so.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub hidden: Vec<TruthHidden>,
    /// Fields of the file that mean nothing here, as paths; not written.
    #[serde(skip)]
    pub unknown: Vec<String>,
}

/// How far the blinks of a recording were rated.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum RatedBlinks<'a> {
    /// Not at all.
    Not,
    /// These, and there are others: they can be missed, and none that is found is false.
    These(&'a [TruthBlink]),
    /// Every one.
    All(&'a [TruthBlink]),
}

/// The scenario a truth was made from.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct MadeFrom {
    /// Name of the scenario.
    pub scenario: String,
    /// Its seed.
    pub seed: u64,
    /// Version of the program that made it.
    pub version: String,
}

/// A stretch in which something lay before a place of the face.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct TruthHidden {
    /// The region.
    pub region: Region,
    /// The side; `None` (written `midline`) for the jaw's midline.
    #[serde(with = "midline")]
    pub side: Option<crate::anatomy::Side>,
    /// Hidden from here, seconds.
    pub start_s: f64,
    /// In view again, seconds.
    pub end_s: f64,
    /// What hid it, e.g. `hand`.
    pub by: String,
}

/// A named segment of the protocol.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct TruthSegment {
    /// What was asked, e.g. `smile`.
    pub task: String,
    /// Start, seconds.
    pub start_s: f64,
    /// End, seconds.
    pub end_s: f64,
}

/// A blink that really happened. In a file either start and end or the peak may be missing.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(try_from = "read::WrittenBlink")]
pub struct TruthBlink {
    /// First movement of the lid downwards, seconds.
    pub start_s: f64,
    /// Deepest closure, seconds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub peak_s: Option<f64>,
    /// Lids back, seconds.
    pub end_s: f64,
    /// Which lids closed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub side: Option<Laterality>,
    /// Part of the open aperture that was closed, 0 to 1.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub depth: Option<f32>,
    /// The lids met.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub complete: Option<bool>,
    /// Difference of the closing depths, left less right.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub asymmetry: Option<f32>,
    /// Lag of the left lid's closing behind the right's, seconds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub lag_s: Option<f64>,
    /// Counts neither for nor against.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub uncertain: bool,
    /// What is worth saying about it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub note: Option<String>,
}

/// An involuntary event that really happened.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct TruthEvent {
    /// What kind of event this is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub kind: Option<EventKind>,
    /// The side or sides that take part.
    pub side: Laterality,
    /// First movement, seconds.
    pub start_s: f64,
    /// Largest displacement, seconds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub peak_s: Option<f64>,
    /// Last offset, seconds.
    pub end_s: f64,
    /// What took part, as far as it was rated.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub contractions: Vec<TruthContraction>,
    /// Order of first involvement; an inner list is a tie. `None` where it is not known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub spread: Option<Vec<Vec<Region>>>,
    /// The brow rises while the eye of the same side closes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub other_babinski: Option<bool>,
    /// The voluntary task it belongs to.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub task: Option<String>,
    /// Counts neither for nor against.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub uncertain: bool,
    /// What is worth saying about it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub note: Option<String>,
}

impl TruthEvent {
    /// Whether it counts neither for nor against.
    #[must_use]
    pub fn is_uncertain(&self) -> bool {
        self.uncertain || self.kind == Some(EventKind::Uncertain)
    }

    /// Whether a movement on purpose brought along movement that nobody asked for: then a twitch or
    /// spasm found in it is not false, and none is missed.
    #[must_use]
    pub fn is_synkinetic(&self) -> bool {
        self.contractions.iter().any(|contraction| contraction.synkinetic)
    }
}

/// One region on one side that really contracted.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct TruthContraction {
    /// The region.
    pub region: Region,
    /// The side; `None` (written `midline`) for the jaw's midline.
    #[serde(with = "midline")]
    pub side: Option<crate::anatomy::Side>,
    /// First movement, seconds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub onset_s: Option<f64>,
    /// Half the size is passed upwards for the first time, seconds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub half_s: Option<f64>,
    /// Largest displacement, seconds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub peak_s: Option<f64>,
    /// Return, seconds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub end_s: Option<f64>,
    /// Displacement at the peak, thousandths of a face unit.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub amplitude_mfu: Option<f32>,
    /// Pulses a second, for a clonic train.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rate_hz: Option<f64>,
    /// Came along with a voluntary movement elsewhere.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub synkinetic: bool,
}

impl Default for Truth {
    fn default() -> Self {
        Self {
            schema: SCHEMA.to_owned(),
            clip: None,
            fps: None,
            frames: None,
            duration_s: None,
            annotator: None,
            made_from: None,
            person: None,
            pattern: None,
            expected_labels: Vec::new(),
            protocol: Vec::new(),
            speech_s: Vec::new(),
            blinks: None,
            blinks_complete: None,
            blinks_rated: None,
            rated_blinks: Vec::new(),
            events: None,
            one_sided_on_purpose: false,
            hidden: Vec::new(),
            unknown: Vec::new(),
        }
    }
}

impl Truth {
    /// How far the blinks were rated, of all that the file may say of it.
    #[must_use]
    pub fn rated(&self) -> RatedBlinks<'_> {
        let listed = match (&self.blinks, self.blinks_rated) {
            (Some(blinks), None | Some(true)) => Some(blinks.as_slice()),
            _ => None,
        };
        let complete = self.blinks_complete.unwrap_or(true);
        match (listed, self.rated_blinks.as_slice()) {
            (Some(all), []) if complete => RatedBlinks::All(all),
            (Some([]) | None, []) => RatedBlinks::Not,
            (Some(part), []) | (_, part) => RatedBlinks::These(part),
        }
    }

    /// Length of the recording in seconds, where the file tells it.
    #[must_use]
    pub fn length_s(&self) -> Option<f64> {
        let of_frames = || Some(self.frames? as f64 / self.fps.filter(|fps| *fps > 0.0)?);
        self.duration_s.or_else(of_frames)
    }

    /// The truth as JSON text.
    #[must_use]
    pub fn to_json(&self) -> String {
        // Only strings, finite numbers and lists: serializing cannot fail.
        serde_json::to_string_pretty(self).map(|text| text + "\n").unwrap_or_default()
    }
}
