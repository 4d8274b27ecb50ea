//! Involuntary contractions, in groups that belong together.

use serde::{Deserialize, Serialize};

use super::error::{ScenarioError, bad, times, within};
use crate::anatomy::{Place, Region, Side};
use crate::event::{EventKind, midline};
use crate::synth::course::Course;

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
    /// Checks that the values can be.
    pub(super) fn check(&self, at: &str) -> Result<(), ScenarioError> {
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
    /// Family of its course. Default: drawn from the seed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub course: Option<Course>,
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

const fn irregularity() -> f64 {
    0.1
}
