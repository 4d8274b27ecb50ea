//! A described recording: who, filmed how, doing what, contracting when.
//!
//! A [`Scenario`] is read from JSON (`spasmograph.scenario/1`; the schema is in
//! [`SCHEMA_JSON`]). Everything but name and duration has a default, unknown fields are
//! refused, and the same scenario always gives the same truth and the same pixels. Sides are
//! the subject's own, times are seconds from the first frame, displacements are thousandths of
//! a face unit (mFU, the distance between the outer canthi).

mod blinks;
mod error;
mod event;
mod gaze;
mod head;
mod voluntary;

use std::path::Path;

use serde::{Deserialize, Serialize};

use super::camera::Camera;
use super::person::Person;
use crate::document;
use crate::event::{Protocol, Segment};
use crate::pattern::Label;

pub use blinks::{BlinkSpec, Blinks};
pub use error::ScenarioError;
pub(in crate::synth) use error::{bad, times, within};
pub use event::{ContractionSpec, EventSpec, Train};
pub use gaze::{Gaze, Look};
pub use head::{Head, HeadMove, HeadMoveKind};
pub use voluntary::{Coupling, Speech, Task, TaskKind, Weakness};

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
        self.person.check()?;
        self.camera.check()?;
        self.head.check()?;
        self.gaze.check()?;
        self.blinks.check()?;
        each("tasks", &self.tasks, Task::check)?;
        each("speech", &self.speech, Speech::check)?;
        self.weakness.iter().try_for_each(Weakness::check)?;
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
