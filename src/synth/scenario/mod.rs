//! A described recording: who, filmed how, doing what, contracting when.
//!
//! A [`Scenario`] is read from JSON (`spasmograph.scenario/1`; the schema is in
//! [`SCHEMA_JSON`]). Everything but name and duration has a default, unknown fields are
//! refused, and the same scenario always gives the same truth and the same pixels. Sides are
//! the subject's own, times are seconds from the first frame, displacements are thousandths of
//! a face unit (mFU, the distance between the outer canthi).

mod act;
mod blinks;
mod error;
mod event;
mod gaze;
mod head;
mod occluder;
mod voluntary;

use std::path::Path;

use serde::{Deserialize, Serialize};

use super::camera::Camera;
use super::person::Person;
use crate::anatomy::{PerSide, Region, Side};
use crate::document;
use crate::event::{Protocol, Segment};
use crate::pattern::Label;

pub use act::{Act, ActKind};
pub use blinks::{BlinkSpec, Blinks};
pub use error::ScenarioError;
pub(in crate::synth) use error::{bad, times, within};
pub use event::{ContractionSpec, EventSpec, Train};
pub use gaze::{Gaze, Look};
pub use head::{Head, HeadMove, HeadMoveKind};
pub use occluder::{Cover, Occluder, OccluderKind};
pub use voluntary::{Coupling, Inequality, Speech, Task, TaskKind, Weakness};

/// The schema's name, written in every scenario.
pub const SCHEMA: &str = "spasmograph.scenario/1";

/// JSON Schema of a scenario file.
pub const SCHEMA_JSON: &str = include_str!("../scenario.schema.json");

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
    /// Movement on purpose or of mood that no protocol names.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub acts: Vec<Act>,
    /// How unequal the sides of this healthy face are.
    #[serde(default)]
    pub inequality: Inequality,
    /// Part of the way that each eye's lids come down when they shut of themselves or on
    /// purpose, 0 (not at all, as in a palsy) to 1. Default 1.
    #[serde(default = "full_reach")]
    pub lid_reach: PerSide<f64>,
    /// A side that moves less when the person wants it to.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub weakness: Option<Weakness>,
    /// Movement that comes along with voluntary movement elsewhere (synkinesis).
    #[serde(default)]
    pub couplings: Vec<Coupling>,
    /// Contractions, in groups that belong together.
    #[serde(default)]
    pub events: Vec<EventSpec>,
    /// Things before the face.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub occluders: Vec<Occluder>,
}

const fn full_reach() -> PerSide<f64> {
    PerSide { left: 1.0, right: 1.0 }
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
            acts: Vec::new(),
            inequality: Inequality::default(),
            lid_reach: full_reach(),
            weakness: None,
            couplings: Vec::new(),
            events: Vec::new(),
            occluders: Vec::new(),
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

    /// Part of a usual excursion that a side reaches when the person wants it to: weakness, and
    /// the inequality of a healthy lower face.
    pub(in crate::synth) fn able(&self, region: Region, side: Side) -> f64 {
        let weak = self.weakness.filter(|w| w.side == side).map_or(1.0, |w| w.excursion);
        let lower = matches!(region, Region::Cheek | Region::MouthCorner);
        weak * if lower { self.inequality.of(self.inequality.smile, side) } else { 1.0 }
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
        self.person.check()?;
        self.camera.check()?;
        self.head.check()?;
        self.gaze.check()?;
        self.blinks.check()?;
        each("tasks", &self.tasks, Task::check)?;
        each("speech", &self.speech, Speech::check)?;
        self.weakness.iter().try_for_each(Weakness::check)?;
        each("acts", &self.acts, Act::check)?;
        each("occluders", &self.occluders, Occluder::check)?;
        self.inequality.check()?;
        within("lid_reach.left", self.lid_reach.left, 0.0, 1.0)?;
        within("lid_reach.right", self.lid_reach.right, 0.0, 1.0)?;
        each("couplings", &self.couplings, Coupling::check)?;
        each("events", &self.events, EventSpec::check)
    }
}

/// Checks every entry of a list under its own name.
fn each<T>(
    name: &str,
    list: &[T],
    check: impl Fn(&T, &str) -> Result<(), ScenarioError>,
) -> Result<(), ScenarioError> {
    list.iter().enumerate().try_for_each(|(i, one)| check(one, &format!("{name}[{i}]")))
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
        let negatives =
            super::super::Negative::ALL.map(|kind| super::super::negative(kind, 3, 60.0));
        for scenario in drawn.iter().chain(&made).chain(&negatives) {
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
