//! Causes of a movement, and the odds between them.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use serde::{Deserialize, Serialize};

use super::evidence::{Amounts, Evidence};
use crate::anatomy::Side;

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
    /// What it adds to the log odds of a contraction, nats.
    pub nats: f64,
}

/// One side's part in an episode, as it is weighed.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct WeighedSide {
    /// The side.
    pub side: Side,
    /// When its first place begins to move, seconds.
    pub start_s: f64,
    /// When its last place is back, seconds.
    pub end_s: f64,
    /// How much of each piece of evidence it shows, by [`Evidence::ALL`].
    pub amounts: Vec<f64>,
    /// Log odds of a contraction, nats.
    pub nats: f64,
}

/// One fitted figure.
#[derive(Debug, Clone, Deserialize, Serialize)]
pub struct Parameter {
    /// Nats for one unit of the evidence.
    pub value: f64,
    /// The unit of the evidence.
    pub unit: String,
}

/// The fitted figures, and what they were fitted on.
#[derive(Debug, Clone, Deserialize, Serialize)]
pub struct Parameters {
    /// Labelled episodes.
    pub episodes: u32,
    /// People behind them.
    pub people: u32,
    /// Where they come from.
    pub source: String,
    /// Log odds before any evidence, nats.
    pub prior: f64,
    /// Log odds from which on an episode is a contraction, nats.
    pub margin: f64,
    /// Log odds from which on it may be one, nats.
    pub doubt: f64,
    /// Nats for each unit of evidence.
    pub evidence: BTreeMap<Evidence, Parameter>,
}

/// The fitted figures of this version.
pub(super) static PARAMETERS: LazyLock<Parameters> = LazyLock::new(|| {
    serde_json::from_str(include_str!("parameters.json")).expect("the fitted figures are valid")
});

impl Parameters {
    /// New figures for the evidence, from so many episodes of so many people; units and source are
    /// those of this version.
    #[must_use]
    pub fn fitted(
        [episodes, people]: [u32; 2],
        prior: f64,
        margin: f64,
        values: &[f64; Evidence::ALL.len()],
    ) -> Self {
        let round = |value: f64| (1e4 * value).round() / 1e4;
        let now = &*PARAMETERS;
        let evidence = Evidence::ALL.into_iter().zip(values).map(|(evidence, &value)| {
            let unit = now.evidence.get(&evidence).map_or_else(String::new, |p| p.unit.clone());
            (evidence, Parameter { value: round(value), unit })
        });
        Self {
            episodes,
            people,
            prior: round(prior),
            margin: round(margin),
            evidence: evidence.collect(),
            source: now.source.clone(),
            doubt: now.doubt,
        }
    }

    /// Log odds of a contraction of one side against everything else, and what each piece of
    /// evidence adds to them, the strongest first.
    pub(super) fn weigh(&self, amounts: &Amounts) -> (f64, Vec<Weighed>) {
        let mut weighed: Vec<Weighed> = Evidence::ALL
            .into_iter()
            .filter_map(|evidence| {
                let nats = self.evidence.get(&evidence)?.value * amounts[evidence as usize];
                (nats != 0.0).then_some(Weighed { evidence, nats })
            })
            .collect();
        let odds = self.prior + weighed.iter().map(|w| w.nats).sum::<f64>();
        weighed.sort_by(|a, b| b.nats.abs().total_cmp(&a.nats.abs()));
        (odds, weighed)
    }
}

/// Probability that belongs to log odds.
pub(super) fn probability(nats: f64) -> f64 {
    1.0 / (1.0 + (-nats).exp())
}
