//! A described recording: who, filmed how, doing what, contracting when.
//!
//! A [`Scenario`] is read from JSON (`spasmograph.scenario/1`; the schema is in
//! [`SCHEMA_JSON`]). Everything but name and duration has a default, unknown fields are
//! refused, and the same scenario always gives the same truth and the same pixels. Sides are
//! the subject's own, times are seconds from the first frame, displacements are thousandths of
//! a face unit (mFU, the distance between the outer canthi).

use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use super::camera::Camera;
use super::person::Person;
use crate::anatomy::{Place, Region, Side};
use crate::document;
pub use crate::event::Task as TaskKind;
use crate::event::{EventKind, Protocol, Segment, midline};
use crate::pattern::Label;

/// The schema's name, written in every scenario.
pub const SCHEMA: &str = "spasmograph.scenario/1";

/// JSON Schema of a scenario file.
pub const SCHEMA_JSON: &str = include_str!("scenario.schema.json");

/// A described recording.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Scenario {
    /// Always [`SCHEMA`].
    #[serde(default = "schema")]
    pub schema: String,
    /// What it shows, in a word that can be a file name.
    pub name: String,
    /// The pattern the recording shows; becomes the truth's label.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub label: Option<Label>,
    /// Seed of everything random. Default 0.
    #[serde(default)]
    pub seed: u64,
    /// Length in seconds.
    pub duration_s: f64,
    /// Who is filmed.
    #[serde(default)]
    pub person: Person,
    /// With what.
    #[serde(default)]
    pub camera: Camera,
    /// How the head moves.
    #[serde(default)]
    pub head: Head,
    /// Where the eyes look.
    #[serde(default)]
    pub gaze: Gaze,
    /// How the person blinks.
    #[serde(default)]
    pub blinks: Blinks,
    /// Voluntary tasks, as a protocol names them.
    #[serde(default)]
    pub tasks: Vec<Task>,
    /// Stretches of speech.
    #[serde(default)]
    pub speech: Vec<Speech>,
    /// A side that moves less when the person wants it to.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub weakness: Option<Weakness>,
    /// Movement that comes along with voluntary movement elsewhere (synkinesis).
    #[serde(default)]
    pub couplings: Vec<Coupling>,
    /// Contractions, in groups that belong together.
    #[serde(default)]
    pub events: Vec<EventSpec>,
}

fn schema() -> String {
    SCHEMA.to_owned()
}

impl Scenario {
    /// A person at rest: no blinks, no contractions, still head.
    #[must_use]
    pub fn still(name: &str, duration_s: f64) -> Self {
        Self {
            schema: schema(),
            name: name.to_owned(),
            label: None,
            seed: 0,
            duration_s,
            person: Person::default(),
            camera: Camera::default(),
            head: Head { sway: 0.0, ..Head::default() },
            gaze: Gaze { saccades: 0.0, looks: Vec::new() },
            blinks: Blinks { rate_per_min: 0.0, ..Blinks::default() },
            tasks: Vec::new(),
            speech: Vec::new(),
            weakness: None,
            couplings: Vec::new(),
            events: Vec::new(),
        }
    }

    /// Reads a scenario from JSON text and checks it.
    ///
    /// # Errors
    /// [`ScenarioError`] when the text is no scenario or its values cannot be.
    pub fn from_json(text: &str) -> Result<Self, ScenarioError> {
        document::require_unique_keys(text).map_err(ScenarioError::Json)?;
        let scenario: Self = serde_json::from_str(text).map_err(ScenarioError::Json)?;
        scenario.check()?;
        Ok(scenario)
    }

    /// Reads a scenario file.
    ///
    /// # Errors
    /// [`ScenarioError`] when the file cannot be read or is no scenario.
    pub fn load(path: &Path) -> Result<Self, ScenarioError> {
        let text = document::read(path)
            .map_err(|source| ScenarioError::Read { path: path.to_owned(), source })?;
        Self::from_json(&text)
    }

    /// The scenario as JSON text, every default written out.
    #[must_use]
    pub fn to_json(&self) -> String {
        // A scenario holds only strings, numbers and lists: serializing cannot fail.
        serde_json::to_string_pretty(self).map(|text| text + "\n").unwrap_or_default()
    }

    /// The tasks as a protocol file names them; `None` without tasks.
    #[must_use]
    pub fn protocol(&self) -> Option<Protocol> {
        let segments: Vec<Segment> = self
            .tasks
            .iter()
            .map(|t| Segment { start_s: t.start_s, end_s: t.end_s, task: t.task })
            .collect();
        (!segments.is_empty()).then_some(Protocol { segments })
    }

    /// Presentation times of the frames, seconds.
    #[must_use]
    pub fn frame_times(&self) -> Vec<f64> {
        self.camera.frame_times(self.duration_s, self.seed)
    }

    /// Checks that the values can be.
    ///
    /// # Errors
    /// [`ScenarioError::Value`] names the first field that cannot be, and why.
    pub fn check(&self) -> Result<(), ScenarioError> {
        if self.schema != SCHEMA {
            return Err(bad(
                "schema",
                format!("is `{}`, this program reads `{SCHEMA}`", self.schema),
            ));
        }
        if self.name.is_empty() || self.name.contains(['/', '\\']) {
            return Err(bad("name", "must be a word that can be a file name"));
        }
        within("duration_s", self.duration_s, 0.1, 4.0 * 3600.0)?;
        self.check_person()?;
        self.check_camera()?;
        for (i, m) in self.head.moves.iter().enumerate() {
            let at = format!("head.moves[{i}]");
            times(&at, m.start_s, &[m.rise_s, m.hold_s, m.fall_s])?;
            within(&format!("{at}.amount"), m.amount, -60.0, 60.0)?;
        }
        within("head.sway", self.head.sway, 0.0, 10.0)?;
        within("head.yaw_deg", self.head.yaw_deg, -60.0, 60.0)?;
        within("head.pitch_deg", self.head.pitch_deg, -45.0, 45.0)?;
        within("head.roll_deg", self.head.roll_deg, -60.0, 60.0)?;
        within("gaze.saccades", self.gaze.saccades, 0.0, 10.0)?;
        for (i, look) in self.gaze.looks.iter().enumerate() {
            let at = format!("gaze.looks[{i}]");
            times(&at, look.start_s, &[look.duration_s])?;
            within(&format!("{at}.left_deg"), look.left_deg, -35.0, 35.0)?;
            within(&format!("{at}.down_deg"), look.down_deg, -30.0, 40.0)?;
        }
        self.check_movement()?;
        self.events.iter().enumerate().try_for_each(|(i, e)| e.check(&format!("events[{i}]")))
    }

    fn check_person(&self) -> Result<(), ScenarioError> {
        within("person.age", self.person.age, 0.0, 1.0)?;
        within("person.brow_thickness", self.person.brow_thickness, 0.3, 2.0)?;
        within("person.skin_texture", self.person.skin_texture, 0.0, 2.0)?;
        for (name, value) in self.person.proportions.named() {
            within(&format!("person.proportions.{name}"), value, 0.7, 1.3)?;
        }
        Ok(())
    }

    fn check_camera(&self) -> Result<(), ScenarioError> {
        let c = &self.camera;
        for (name, pixels) in [("camera.width", c.width), ("camera.height", c.height)] {
            if !(64..=4096).contains(&pixels) || pixels % 2 == 1 {
                return Err(bad(name, "must be even, 64 to 4096"));
            }
        }
        within("camera.fps", c.fps, 1.0, 1000.0)?;
        within("camera.jitter", c.jitter, 0.0, 0.5)?;
        within("camera.face_size", c.face_size, 0.03, 0.8)?;
        within("camera.noise", c.noise, 0.0, 60.0)?;
        within("camera.blur_px", c.blur_px, 0.0, 10.0)?;
        within("camera.crf", f64::from(c.crf), 0.0, 40.0)?;
        within("camera.light.level", c.light.level, 0.02, 3.0)?;
        within("camera.light.azimuth_deg", c.light.azimuth_deg, -90.0, 90.0)?;
        within("camera.light.elevation_deg", c.light.elevation_deg, -45.0, 90.0)?;
        within("camera.light.softness", c.light.softness, 0.0, 1.0)?;
        within("camera.light.warmth", c.light.warmth, -1.0, 1.0)?;
        within("camera.light.drift", c.light.drift, 0.0, 0.9)?;
        within("camera.light.drift_period_s", c.light.drift_period_s, 0.1, 1e6)?;
        for (i, incident) in c.incidents.iter().enumerate() {
            let at = format!("camera.incidents[{i}]");
            times(&at, incident.start_s, &[incident.duration_s])?;
            within(&format!("{at}.amount"), incident.amount, -10.0, 10.0)?;
        }
        Ok(())
    }

    fn check_movement(&self) -> Result<(), ScenarioError> {
        let b = &self.blinks;
        within("blinks.rate_per_min", b.rate_per_min, 0.0, 120.0)?;
        within("blinks.partial_fraction", b.partial_fraction, 0.0, 1.0)?;
        within("blinks.closing_s", b.closing_s, 0.02, 1.0)?;
        within("blinks.closed_s", b.closed_s, 0.0, 1.0)?;
        within("blinks.opening_s", b.opening_s, 0.02, 2.0)?;
        within("blinks.spread", b.spread, 0.0, 0.5)?;
        for (i, blink) in b.at.iter().enumerate() {
            let at = format!("blinks.at[{i}]");
            times(&at, blink.start_s, &[])?;
            within(&format!("{at}.depth"), blink.depth, 0.05, 1.0)?;
            within(&format!("{at}.lag_s"), blink.lag_s, -0.5, 0.5)?;
        }
        for (i, task) in self.tasks.iter().enumerate() {
            let at = format!("tasks[{i}]");
            times(&at, task.start_s, &[task.end_s - task.start_s])?;
            within(&format!("{at}.amplitude"), task.amplitude, 0.0, 2.0)?;
            within(&format!("{at}.repetitions"), f64::from(task.repetitions), 1.0, 100.0)?;
        }
        for (i, speech) in self.speech.iter().enumerate() {
            let at = format!("speech[{i}]");
            times(&at, speech.start_s, &[speech.end_s - speech.start_s])?;
            within(&format!("{at}.syllables_per_s"), speech.syllables_per_s, 0.5, 12.0)?;
            within(&format!("{at}.amplitude"), speech.amplitude, 0.0, 3.0)?;
        }
        if let Some(weakness) = &self.weakness {
            within("weakness.excursion", weakness.excursion, 0.0, 1.0)?;
        }
        for (i, coupling) in self.couplings.iter().enumerate() {
            within(&format!("couplings[{i}].gain"), coupling.gain, 0.0, 3.0)?;
            within(&format!("couplings[{i}].lag_s"), coupling.lag_s, 0.0, 1.0)?;
        }
        Ok(())
    }
}

/// How the head moves.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Head {
    /// Turn held throughout, degrees; positive towards the subject's left. Default 0.
    pub yaw_deg: f64,
    /// Nod held throughout, degrees; positive down. Default 0.
    pub pitch_deg: f64,
    /// Tilt held throughout, degrees; positive clockwise as seen in the image. Default 0.
    pub roll_deg: f64,
    /// Unrest of a sitting person; 1 is usual (about 1 degree and 10 mFU), 0 a still head.
    /// Default 1.
    pub sway: f64,
    /// Single movements.
    pub moves: Vec<HeadMove>,
}

impl Default for Head {
    fn default() -> Self {
        Self { yaw_deg: 0.0, pitch_deg: 0.0, roll_deg: 0.0, sway: 1.0, moves: Vec::new() }
    }
}

/// One movement of the head: there, hold, and back.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct HeadMove {
    /// Which movement.
    pub kind: HeadMoveKind,
    /// Start, seconds.
    pub start_s: f64,
    /// Time there, seconds.
    pub rise_s: f64,
    /// Time held, seconds.
    #[serde(default)]
    pub hold_s: f64,
    /// Time back, seconds.
    pub fall_s: f64,
    /// Degrees for turn, nod and tilt (signs as in [`Head`]); face units for `shift` (towards
    /// the image's right) and `rise` (up); factor on the size less 1 for `approach`.
    pub amount: f64,
}

/// Which movement of the head.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum HeadMoveKind {
    /// Left or right.
    Turn,
    /// Up or down.
    Nod,
    /// Towards a shoulder.
    Tilt,
    /// Sideways in the picture.
    Shift,
    /// Upwards in the picture.
    Rise,
    /// Towards the camera.
    Approach,
}

/// Where the eyes look.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Gaze {
    /// Size of the small eye movements of fixation, degrees. Default 1.
    pub saccades: f64,
    /// Single looks away from the camera.
    pub looks: Vec<Look>,
}

impl Default for Gaze {
    fn default() -> Self {
        Self { saccades: 1.0, looks: Vec::new() }
    }
}

/// One look away and back. The lids follow a look down without closing.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Look {
    /// Start, seconds.
    pub start_s: f64,
    /// Until the eyes are back, seconds.
    pub duration_s: f64,
    /// Degrees towards the subject's left.
    #[serde(default)]
    pub left_deg: f64,
    /// Degrees down; negative is up.
    #[serde(default)]
    pub down_deg: f64,
}

/// How the person blinks. Defaults: 16 a minute (rest rates are 11 to 19), half of them partial
/// (53 % of normal blinks), down-phase 72 ms (66 to 78), opening slower than closing.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Blinks {
    /// Random blinks a minute. Default 16.
    pub rate_per_min: f64,
    /// Fraction of them that do not close the eye. Default 0.5.
    pub partial_fraction: f64,
    /// Duration of the down-phase, seconds. Default 0.072.
    pub closing_s: f64,
    /// Time shut, seconds. Default 0.03.
    pub closed_s: f64,
    /// Duration of the up-phase, seconds. Default 0.16.
    pub opening_s: f64,
    /// Relative spread of those durations from blink to blink. Default 0.12.
    pub spread: f64,
    /// Random blinks may begin while an event is running. Default no.
    pub during_events: bool,
    /// Blinks at stated times, beside the random ones.
    pub at: Vec<BlinkSpec>,
}

impl Default for Blinks {
    fn default() -> Self {
        Self {
            rate_per_min: 16.0,
            partial_fraction: 0.5,
            closing_s: 0.072,
            closed_s: 0.03,
            opening_s: 0.16,
            spread: 0.12,
            during_events: false,
            at: Vec::new(),
        }
    }
}

/// One blink at a stated time.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct BlinkSpec {
    /// First movement of the lids, seconds.
    pub start_s: f64,
    /// Part of the opening that closes, 0 to 1. Default 1.
    #[serde(default = "one")]
    pub depth: f64,
    /// Lag of the left lid behind the right, seconds. Default 0.
    #[serde(default)]
    pub lag_s: f64,
}

/// A voluntary task: a named segment of the protocol.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Task {
    /// What is asked.
    pub task: TaskKind,
    /// Start of the segment, seconds.
    pub start_s: f64,
    /// End of the segment, seconds.
    pub end_s: f64,
    /// How often the movement is made, evenly over the segment. Default 1.
    #[serde(default = "once")]
    pub repetitions: u32,
    /// Size relative to the usual excursion. Default 1.
    #[serde(default = "one")]
    pub amplitude: f64,
}

/// A stretch of speech-like mouth motion, the same on both sides.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Speech {
    /// Start, seconds.
    pub start_s: f64,
    /// End, seconds.
    pub end_s: f64,
    /// Syllables a second. Default 4.5.
    #[serde(default = "syllables")]
    pub syllables_per_s: f64,
    /// Size relative to the usual. Default 1.
    #[serde(default = "one")]
    pub amplitude: f64,
}

/// A side that moves less when the person wants it to.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Weakness {
    /// Which side.
    pub side: Side,
    /// Voluntary excursion left, 0 (palsy) to 1 (none lost).
    pub excursion: f64,
}

/// Movement that comes along with voluntary movement elsewhere (synkinesis).
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Coupling {
    /// The region moved on purpose (blinks count as periocular).
    pub when: Region,
    /// The region that moves along.
    pub then: Region,
    /// On which side.
    pub side: Side,
    /// Movement of `then` over its usual full excursion, for a full excursion of `when`.
    pub gain: f64,
    /// How much later, seconds. Default 0.02.
    #[serde(default = "coupling_lag")]
    pub lag_s: f64,
}

/// Contractions that belong together.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct EventSpec {
    /// What kind the truth calls it.
    pub kind: EventKind,
    /// First movement of the first contraction, seconds.
    pub start_s: f64,
    /// What takes part.
    pub contractions: Vec<ContractionSpec>,
    /// The truth counts it neither for nor against. Default no.
    #[serde(default)]
    pub uncertain: bool,
}

impl EventSpec {
    fn check(&self, at: &str) -> Result<(), ScenarioError> {
        times(at, self.start_s, &[])?;
        if self.contractions.is_empty() {
            return Err(bad(&format!("{at}.contractions"), "must not be empty"));
        }
        if !self.contractions.iter().any(|c| c.lag_s == 0.0) {
            return Err(bad(&format!("{at}.contractions"), "the first must have a lag of 0"));
        }
        for (i, c) in self.contractions.iter().enumerate() {
            let at = format!("{at}.contractions[{i}]");
            times(&at, c.lag_s, &[c.rise_s, c.hold_s, c.fall_s])?;
            if c.rise_s < 0.005 || c.fall_s < 0.005 {
                return Err(bad(&at, "rise and fall must last 5 ms or more"));
            }
            match (c.region, c.side) {
                (Region::Jaw, _) | (_, Some(_)) => {}
                (region, None) => return Err(bad(&at, format!("{region} has no midline"))),
            }
            let (least, most) =
                if c.region == Region::Periocular { (0.0, 1.0) } else { (-200.0, 400.0) };
            within(&format!("{at}.amplitude"), c.amplitude, least, most)?;
            if let Some(train) = &c.train {
                within(&format!("{at}.train.rate_hz"), train.rate_hz, 0.2, 20.0)?;
                within(&format!("{at}.train.pulses"), f64::from(train.pulses), 1.0, 10_000.0)?;
                within(&format!("{at}.train.irregularity"), train.irregularity, 0.0, 0.4)?;
                if c.pulse_s() > 1.0 / train.rate_hz {
                    return Err(bad(&at, "a pulse of the train is longer than its period"));
                }
            }
        }
        Ok(())
    }
}

/// One region on one side (or the jaw's midline).
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ContractionSpec {
    /// The region.
    pub region: Region,
    /// `left`, `right`, or `midline` for the jaw's opening.
    #[serde(with = "midline")]
    pub side: Option<Side>,
    /// First movement after the event's start, seconds. Default 0.
    #[serde(default)]
    pub lag_s: f64,
    /// From first movement to full size, seconds (of each pulse, in a train).
    pub rise_s: f64,
    /// At full size, seconds (of each pulse, in a train). Default 0.
    #[serde(default)]
    pub hold_s: f64,
    /// From full size to rest, seconds (of each pulse, in a train).
    pub fall_s: f64,
    /// Full size: mFU in the direction of contraction (negative the other way: a pursed mouth, a
    /// lowered brow), or closure 0 to 1 for periocular.
    pub amplitude: f64,
    /// A clonic train instead of one contraction.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub train: Option<Train>,
}

impl ContractionSpec {
    /// The place it moves.
    #[must_use]
    pub const fn place(&self) -> Place {
        Place { region: self.region, side: self.side }
    }

    /// From the first movement to rest, seconds, irregularity left out.
    #[must_use]
    pub fn length_s(&self) -> f64 {
        match self.train {
            Some(train) => f64::from(train.pulses - 1) / train.rate_hz + self.pulse_s(),
            None => self.pulse_s(),
        }
    }

    /// One pulse, seconds.
    #[must_use]
    pub fn pulse_s(&self) -> f64 {
        self.rise_s + self.hold_s + self.fall_s
    }
}

/// A clonic train: the same contraction again and again.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Train {
    /// Pulses a second.
    pub rate_hz: f64,
    /// How many pulses.
    pub pulses: u32,
    /// Relative spread of intervals and sizes, 0 to 0.4. Default 0.1.
    #[serde(default = "irregularity")]
    pub irregularity: f64,
}

const fn one() -> f64 {
    1.0
}
const fn once() -> u32 {
    1
}
const fn syllables() -> f64 {
    4.5
}
const fn coupling_lag() -> f64 {
    0.02
}
const fn irregularity() -> f64 {
    0.1
}

/// Why a scenario cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum ScenarioError {
    /// The file cannot be read.
    #[error("cannot read {}: {source}", path.display())]
    Read {
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
    /// The text is not a scenario.
    #[error("not a scenario: {0}")]
    Json(serde_json::Error),
    /// A value cannot be.
    #[error("scenario field {field}: {problem}")]
    Value {
        /// Path of the field.
        field: String,
        /// What is wrong with it.
        problem: String,
    },
}

fn bad(field: &str, problem: impl Into<String>) -> ScenarioError {
    ScenarioError::Value { field: field.to_owned(), problem: problem.into() }
}

fn within(field: &str, value: f64, low: f64, high: f64) -> Result<(), ScenarioError> {
    if (low..=high).contains(&value) {
        Ok(())
    } else {
        Err(bad(field, format!("is {value}, must be {low} to {high}")))
    }
}

fn times(at: &str, start_s: f64, spans: &[f64]) -> Result<(), ScenarioError> {
    within(&format!("{at}.start"), start_s, 0.0, 1e6)?;
    spans.iter().try_for_each(|span| within(&format!("{at} duration"), *span, 0.0, 1e5))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_and_a_duration_make_a_scenario() {
        let scenario =
            Scenario::from_json(r#"{ "name": "rest", "duration_s": 2 }"#).expect("minimal");
        assert_eq!(scenario.camera.fps, 30.0);
        assert_eq!(scenario.frame_times().len(), 60);
        assert_eq!(Scenario::from_json(&scenario.to_json()).expect("round trip"), scenario);
    }

    #[test]
    fn unknown_fields_and_impossible_values_are_refused_by_name() {
        let unknown = Scenario::from_json(r#"{ "name": "a", "duration_s": 2, "blink": {} }"#);
        assert!(unknown.expect_err("unknown field").to_string().contains("blink"));
        let odd = r#"{ "name": "a", "duration_s": 2, "camera": { "width": 641 } }"#;
        assert!(Scenario::from_json(odd).expect_err("odd width").to_string().contains("width"));
        let midline = r#"{ "name": "a", "duration_s": 2, "events": [ { "kind": "twitch",
            "start_s": 1, "contractions": [ { "region": "cheek", "side": "midline",
            "rise_s": 0.1, "fall_s": 0.1, "amplitude": 10 } ] } ] }"#;
        let said = Scenario::from_json(midline).expect_err("cheek midline").to_string();
        assert!(said.contains("no midline"), "{said}");
    }

    #[test]
    fn jittered_times_rise_and_keep_the_mean_rate() {
        let mut scenario = Scenario::still("vfr", 20.0);
        scenario.camera.jitter = 0.2;
        let times = scenario.frame_times();
        assert!(times.windows(2).all(|w| w[1] > w[0]));
        assert!((times.len() as f64 - 600.0).abs() < 20.0, "{}", times.len());
        assert_eq!(times, scenario.frame_times());
    }

    /// Checks every object of `value` against the property list of `schema`.
    fn same_fields(value: &serde_json::Value, schema: &serde_json::Value, at: &str) {
        match value {
            serde_json::Value::Object(fields) => {
                for (name, value) in fields {
                    let known = &schema["properties"][name];
                    assert!(known.is_object(), "schema lacks {at}.{name}");
                    same_fields(value, known, &format!("{at}.{name}"));
                }
            }
            serde_json::Value::Array(items) => {
                items.iter().for_each(|item| same_fields(item, &schema["items"], at));
            }
            _ => {}
        }
    }

    #[test]
    fn presets_and_drawn_patients_match_the_published_schema() {
        let schema: serde_json::Value = serde_json::from_str(SCHEMA_JSON).expect("json");
        let validator = jsonschema::validator_for(&schema).expect("a schema");
        let drawn = Label::ALL.map(|label| super::super::patient(label, 3, 40.0));
        let made = super::super::PRESETS.map(|name| super::super::preset(name).expect("listed"));
        for scenario in drawn.iter().chain(&made) {
            let value = serde_json::to_value(scenario).expect("serializes");
            if let Err(error) = validator.validate(&value) {
                panic!("{}: {error} at {}", scenario.name, error.instance_path());
            }
            same_fields(&value, &schema, "");
        }
        let unknown = serde_json::json!({ "name": "a", "duration_s": 1, "colour": "red" });
        assert!(!validator.is_valid(&unknown));
        let wild = serde_json::json!({ "name": "a", "duration_s": 1, "head": { "sway": 99 } });
        assert!(!validator.is_valid(&wild));
    }
}
