//! What the person does on purpose, and what comes along with it.

use serde::{Deserialize, Serialize};

use super::error::{ScenarioError, times, within};
use crate::anatomy::{Region, Side};
pub use crate::event::Task as TaskKind;

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

impl Task {
    /// Checks that the values can be.
    pub(super) fn check(&self, at: &str) -> Result<(), ScenarioError> {
        times(at, self.start_s, &[self.end_s - self.start_s])?;
        within(&format!("{at}.amplitude"), self.amplitude, 0.0, 2.0)?;
        within(&format!("{at}.repetitions"), f64::from(self.repetitions), 1.0, 100.0)
    }
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

impl Speech {
    /// Checks that the values can be.
    pub(super) fn check(&self, at: &str) -> Result<(), ScenarioError> {
        times(at, self.start_s, &[self.end_s - self.start_s])?;
        within(&format!("{at}.syllables_per_s"), self.syllables_per_s, 0.5, 12.0)?;
        within(&format!("{at}.amplitude"), self.amplitude, 0.0, 3.0)
    }
}

/// A side that moves less when the person wants it to.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Weakness {
    /// Which side.
    pub side: Side,
    /// Voluntary excursion left, 0 (palsy) to 1 (none lost).
    pub excursion: f64,
    /// How low brow and corner of the mouth hang at rest, 0 (not) to 1 (as in a complete palsy).
    /// Default 0.
    #[serde(default)]
    pub droop: f64,
}

impl Weakness {
    /// Checks that the values can be.
    pub(super) fn check(&self) -> Result<(), ScenarioError> {
        within("weakness.excursion", self.excursion, 0.0, 1.0)?;
        within("weakness.droop", self.droop, 0.0, 1.0)
    }
}

/// How unequal the sides of a healthy lower face are: the left's excursion less the right's over
/// their mean. Of 30 people the corners of a smile differed by -3.85 to 2.71 mm (95 % limits, doi
/// 10.2319/022916-172.1), a sixth of an excursion of 10 mm as a standard deviation.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Inequality {
    /// Of smiles and other movement on purpose. Default 0.
    pub smile: f64,
    /// Of speech. Default 0.
    pub speech: f64,
}

impl Inequality {
    /// Checks that the values can be.
    pub(super) fn check(&self) -> Result<(), ScenarioError> {
        within("inequality.smile", self.smile, -1.0, 1.0)?;
        within("inequality.speech", self.speech, -1.0, 1.0)
    }

    /// A side's excursion over the mean of both.
    pub(in crate::synth) fn of(&self, inequality: f64, side: Side) -> f64 {
        match side {
            Side::Left => 1.0 + 0.5 * inequality,
            Side::Right => 1.0 - 0.5 * inequality,
        }
    }
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

impl Coupling {
    /// Checks that the values can be.
    pub(super) fn check(&self, at: &str) -> Result<(), ScenarioError> {
        within(&format!("{at}.gain"), self.gain, 0.0, 3.0)?;
        within(&format!("{at}.lag_s"), self.lag_s, 0.0, 1.0)
    }
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
