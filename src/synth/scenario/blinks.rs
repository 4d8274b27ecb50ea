//! How the person blinks.

use serde::{Deserialize, Serialize};

use super::error::{ScenarioError, times, within};

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

impl Blinks {
    /// Checks that the values can be.
    pub(super) fn check(&self) -> Result<(), ScenarioError> {
        within("blinks.rate_per_min", self.rate_per_min, 0.0, 120.0)?;
        within("blinks.partial_fraction", self.partial_fraction, 0.0, 1.0)?;
        within("blinks.closing_s", self.closing_s, 0.02, 1.0)?;
        within("blinks.closed_s", self.closed_s, 0.0, 1.0)?;
        within("blinks.opening_s", self.opening_s, 0.02, 2.0)?;
        within("blinks.spread", self.spread, 0.0, 0.5)?;
        for (i, blink) in self.at.iter().enumerate() {
            let at = format!("blinks.at[{i}]");
            times(&at, blink.start_s, &[])?;
            within(&format!("{at}.depth"), blink.depth, 0.05, 1.0)?;
            within(&format!("{at}.lag_s"), blink.lag_s, -0.5, 0.5)?;
        }
        Ok(())
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

const fn one() -> f64 {
    1.0
}
