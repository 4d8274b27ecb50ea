//! Causes of a movement, and the odds between them.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use serde::{Deserialize, Serialize};

use super::Laterality;
use super::evidence::{Amounts, Evidence};

/// What can have made an episode.
#[derive(
    Debug, Clone, Copy, Default, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize,
)]
#[serde(rename_all = "snake_case")]
pub enum Cause {
    /// A contraction of one side that its fellow does not share.
    Contraction,
    /// A spasm of the jaw.
    JawSpasm,
    /// A blink.
    Blink,
    /// Both lids shut for longer than a blink.
    Closure,
    /// The lids follow the gaze.
    Gaze,
    /// The head moves.
    Head,
    /// Speech.
    Speech,
    /// An expression of both sides, or a task.
    #[default]
    Expression,
    /// Chewing, or another movement of the jaw.
    Chewing,
    /// The tracker slips.
    Slip,
}

impl Cause {
    /// The cause in plain words.
    #[must_use]
    pub const fn words(self) -> &'static str {
        match self {
            Self::Contraction => "contraction of one side",
            Self::JawSpasm => "jaw spasm",
            Self::Blink => "blink",
            Self::Closure => "closure of both lids",
            Self::Gaze => "look down",
            Self::Head => "movement of the head",
            Self::Speech => "speech",
            Self::Expression => "expression",
            Self::Chewing => "movement of the jaw",
            Self::Slip => "slip of the tracker",
        }
    }
}

/// A piece of evidence and what it adds to the log odds.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Weighed {
    /// The evidence.
    pub evidence: Evidence,
    /// What it adds to the log odds of a contraction, or of a spasm of the jaw, nats.
    pub nats: f64,
}

/// A movement as it is weighed: one side's part in an episode, or a bout of the chin.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct WeighedMovement {
    /// What it is weighed as: [`Cause::Contraction`] or [`Cause::JawSpasm`].
    pub cause: Cause,
    /// The side.
    pub side: Laterality,
    /// When its first place begins to move, seconds.
    pub start_s: f64,
    /// When its last place is back, seconds.
    pub end_s: f64,
    /// How much of each piece of evidence it shows, by the evidence's number.
    pub amounts: Vec<f64>,
}

/// One fitted figure.
#[derive(Debug, Clone, Deserialize, Serialize)]
pub struct Parameter {
    /// Nats for one unit of the evidence.
    pub value: f64,
    /// The unit of the evidence.
    pub unit: String,
}

/// The fitted figures of everything that is weighed.
#[derive(Debug, Clone, Deserialize, Serialize)]
pub struct Parameters {
    /// Of a contraction of one side.
    pub contraction: Weights,
    /// Of a spasm of the jaw.
    pub jaw: Weights,
}

/// The fitted figures of one cause against everything else, and what they were fitted on.
#[derive(Debug, Clone, Deserialize, Serialize)]
pub struct Weights {
    /// Labelled movements.
    pub movements: u32,
    /// People behind them.
    pub people: u32,
    /// Where they come from.
    pub source: String,
    /// Log odds before any evidence, nats.
    pub prior: f64,
    /// Log odds from which on a movement has this cause, nats.
    pub margin: f64,
    /// Log odds from which on it may have it, nats.
    pub doubt: f64,
    /// Nats for each unit of evidence.
    pub evidence: BTreeMap<Evidence, Parameter>,
}

/// The fitted figures of this version.
pub(super) static PARAMETERS: LazyLock<Parameters> = LazyLock::new(|| {
    serde_json::from_str(include_str!("parameters.json")).expect("the fitted figures are valid")
});

impl Parameters {
    /// Those of this version.
    #[must_use]
    pub fn current() -> &'static Self {
        &PARAMETERS
    }
}

impl Weights {
    /// New figures from so many movements of so many people; units, source and doubt stay.
    #[must_use]
    pub fn fitted(
        &self,
        [movements, people]: [u32; 2],
        prior: f64,
        margin: f64,
        values: &[(Evidence, f64)],
    ) -> Self {
        let round = |value: f64| (1e4 * value).round() / 1e4;
        let parameter = |(evidence, value): &(Evidence, f64)| {
            let unit = self.evidence.get(evidence).map_or_else(String::new, |p| p.unit.clone());
            (*evidence, Parameter { value: round(*value), unit })
        };
        Self {
            movements,
            people,
            prior: round(prior),
            margin: round(margin),
            evidence: values.iter().map(parameter).collect(),
            source: self.source.clone(),
            doubt: self.doubt,
        }
    }

    /// Log odds of this cause against everything else, and what each piece of evidence adds to
    /// them, the strongest first.
    pub(super) fn weigh(&self, amounts: &Amounts) -> (f64, Vec<Weighed>) {
        let weighed = self.evidence.iter().map(|(evidence, parameter)| {
            let nats = parameter.value * amounts[*evidence as usize];
            Weighed { evidence: *evidence, nats }
        });
        let mut weighed: Vec<Weighed> = weighed.filter(|w| w.nats != 0.0).collect();
        let odds = self.prior + weighed.iter().map(|w| w.nats).sum::<f64>();
        weighed.sort_by(|a, b| b.nats.abs().total_cmp(&a.nats.abs()));
        (odds, weighed)
    }
}

/// Probability that belongs to log odds.
pub(super) fn probability(nats: f64) -> f64 {
    1.0 / (1.0 + (-nats).exp())
}
