//! Fits the weights of the evidence on labelled episodes.
//!
//! What healthy people do is known to hold no contraction of one side but those that are listed;
//! contractions of drawn patients are added to what was measured of them, in their stillness and in
//! their talk. The weights are those of a logistic regression with a ridge, each held to the sign
//! that its evidence can have, and the margin is set on people who were left out. Simulated patients
//! are no part of the fit: how many of theirs are found is said beside.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use rand::seq::SliceRandom;
use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha8Rng;

use super::corpus::{Corpus, Rated};
use super::{EvaluateError, Evaluation, Face};
use crate::analyzer::Analyzer;
use crate::event::{Evidence, Laterality, Parameters, WeighedSide};
use crate::pattern::Label;
use crate::report::{Error, OutputFile, Truth, TruthEvent};
use crate::signal::Sample;
use crate::synth::{
    Camera, Motion, Negative, Scenario, add, draw_tracker, negative, patient, signals,
};
use crate::thresholds::Thresholds;

/// Number of pieces of evidence.
const N: usize = Evidence::ALL.len();

/// Where a labelled side of an episode comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Origin {
    /// What a person did.
    Recorded,
    /// A contraction added to what was measured of a person.
    Added,
    /// A simulated recording.
    Simulated,
}

/// A side's part in an episode, and whether it contracted by itself.
#[derive(Debug, Clone)]
struct Labelled {
    person: String,
    origin: Origin,
    /// The recording, and which one made of it.
    recording: String,
    contracts: bool,
    weighed: WeighedSide,
}

/// Labelled episodes of people and patients.
#[derive(Debug, Clone, Default)]
pub struct Episodes {
    labelled: Vec<Labelled>,
    /// Contractions that are to be found, by origin, whether an episode shows them or not.
    contractions: [usize; 3],
    /// Length of the recordings without a contraction, seconds.
    healthy_s: f64,
}

/// The fitted weights, and what they reach on people who were left out.
#[derive(Debug, Clone)]
pub struct Fit {
    /// The weights.
    pub parameters: Parameters,
    /// What they reach, as text.
    pub reached: String,
}

/// Recordings of one person's contractions that are made of each recording.
const MADE: u64 = 4;

/// Simulated recordings of each kind, their length in seconds, and their first seed: the range is
/// the fit's own and in no block.
const SIMULATED: u64 = 30;
const SIMULATED_S: f64 = 40.0;
const FIRST_SEED: u64 = 7_000_000;

/// How far the onset of what is found may lie from that of the contraction, seconds.
const NEAR_S: f64 = 0.3;

/// Stretch before and after a contraction in which nothing is taken for a movement of its own,
/// seconds.
const AROUND_S: [f64; 2] = [0.5, 0.6];

/// Parts into which the people are split; each is judged by weights fitted on the others.
const PARTS: usize = 10;

/// Variance of a standardised weight beforehand.
const RIDGE: f64 = 0.3;

/// What already is a log likelihood weighs as such, nat for nat, and the ridge holds it to that more
/// strongly than others to nothing (judgment: the recordings of healthy people hold too little rest
/// to tell its weight).
const LIKELIHOOD: (Evidence, f64) = (Evidence::StandsOutAtRest, 100.0);

/// How often a recorded contraction counts: there are few, and they are what the rest stands for
/// (judgment).
const RECORDED: f64 = 4.0;

impl Episodes {
    /// Collects them from the recordings of corpora.
    ///
    /// # Errors
    /// A recording cannot be measured.
    pub fn collect(
        evaluation: &Evaluation,
        corpora: &[Corpus],
        done: &(dyn Fn() + Sync),
    ) -> Result<Self, EvaluateError> {
        let mut all = Self::default();
        let mut face = Face { thresholds: &evaluation.thresholds, pipeline: None };
        for rated in corpora.iter().flat_map(|corpus| &corpus.recordings) {
            let measured = evaluation.measured(&rated.clip, false, &mut face)?;
            all.take_recording(rated, &measured.samples, &evaluation.thresholds);
            done();
        }
        all.take_simulated(&evaluation.thresholds);
        Ok(all)
    }

    fn take_recording(&mut self, rated: &Rated, samples: &[Sample], thresholds: &Thresholds) {
        let name = rated.clip.file_stem().unwrap_or_default().to_string_lossy().into_owned();
        let person = rated.truth.person.clone().unwrap_or_else(|| name.clone());
        let listed = rated.truth.events.as_deref().unwrap_or_default();
        if rated.truth.one_sided_on_purpose && listed.is_empty() {
            return;
        }
        let sides = Analyzer::weighed(samples, thresholds);
        let one_sided = |event: &&TruthEvent| event.side != Laterality::Both;
        if listed.iter().any(|event| one_sided(&event)) {
            self.take(&person, &name, Origin::Recorded, sides, listed, true);
            return;
        }
        let length_s = length_s(samples);
        self.healthy_s += length_s;
        self.take(&person, &name, Origin::Recorded, sides, &[], true);
        for number in 0..MADE {
            let seed = FIRST_SEED + hash(&name) % 100_000 * MADE + number;
            let Some(scenario) = contractions(seed, length_s) else { continue };
            let motion = Motion::new(&scenario);
            let mut changed = samples.to_vec();
            add(&mut changed, &motion, &draw_tracker(seed));
            let truth = motion.truth(None);
            let sides = Analyzer::weighed(&changed, thresholds);
            let listed = truth.events.unwrap_or_default();
            let made = format!("{name}+{number}");
            self.take(&person, &made, Origin::Added, sides, &listed, false);
        }
    }

    fn take_simulated(&mut self, thresholds: &Thresholds) {
        let labels = [Label::TypicalHfs, Label::AtypicalHfs, Label::BilateralHfs];
        for number in 0..SIMULATED {
            let seed = FIRST_SEED + 500_000 + number;
            let patients = labels.map(|label| patient(label, seed, SIMULATED_S));
            let healthy = Negative::ALL.map(|kind| negative(kind, seed, SIMULATED_S));
            for scenario in patients.iter().chain(&healthy) {
                let motion = Motion::new(scenario);
                let Truth { events, .. } = motion.truth(None);
                let sides = Analyzer::weighed(&signals(&motion, &draw_tracker(seed)), thresholds);
                let listed = events.unwrap_or_default();
                let name = &scenario.name;
                self.take(name, name, Origin::Simulated, sides, &listed, true);
            }
        }
    }

    /// Labels what was found in a recording by what is true of it; with `others`, what lies apart
    /// from every contraction is none.
    fn take(
        &mut self,
        person: &str,
        recording: &str,
        origin: Origin,
        sides: Vec<WeighedSide>,
        listed: &[TruthEvent],
        others: bool,
    ) {
        let shows = |event: &TruthEvent, side: &WeighedSide| {
            let until_s = event.peak_s.map_or(0.0, |peak_s| peak_s + 0.1);
            let latest_s = (event.start_s + NEAR_S).max(until_s.min(event.start_s + 1.0));
            Laterality::from(side.side) == event.side
                && (event.start_s - NEAR_S - 0.1..latest_s).contains(&side.start_s)
        };
        let mut own = BTreeSet::new();
        for event in listed.iter().filter(|e| e.side != Laterality::Both && !e.is_uncertain()) {
            self.contractions[origin as usize] += 1;
            let near = (0..sides.len()).filter(|i| shows(event, &sides[*i]));
            let apart = |i: usize| (sides[i].start_s - event.start_s).abs();
            own.extend(near.min_by(|a, b| apart(*a).total_cmp(&apart(*b))));
        }
        for (number, weighed) in sides.into_iter().enumerate() {
            let near = |event: &TruthEvent| {
                (event.start_s - AROUND_S[0]..event.end_s + AROUND_S[1]).contains(&weighed.start_s)
            };
            let contracts = own.contains(&number);
            // The other side of what contracts is none of its own; the rest nearby may be either.
            let opposite = |event: &&TruthEvent| {
                near(event)
                    && event.side != Laterality::Both
                    && event.side != Laterality::from(weighed.side)
            };
            let alone = !listed.iter().any(near);
            if contracts || (others && alone) || listed.iter().any(|event| opposite(&event)) {
                let (person, recording) = (person.to_owned(), recording.to_owned());
                self.labelled.push(Labelled { person, origin, recording, contracts, weighed });
            }
        }
    }

    /// Writes them as a table: recording, person, origin, label, side, times and evidence.
    ///
    /// # Errors
    /// The file cannot be written.
    pub fn write(&self, path: &Path) -> Result<(), Error> {
        let mut table = csv::Writer::from_writer(OutputFile::create(path)?);
        let fixed = ["recording", "person", "origin", "contracts", "side", "start_s", "end_s"];
        let header = fixed.into_iter().chain(Evidence::ALL.map(Evidence::name));
        let failed = |error: csv::Error| Error::content(path, error);
        table.write_record(header).map_err(failed)?;
        for own in &self.labelled {
            let side = own.weighed.side.to_string();
            let origin = format!("{:?}", own.origin).to_lowercase();
            let times = [own.weighed.start_s, own.weighed.end_s].map(|t| format!("{t:.3}"));
            let fixed = [own.recording.clone(), own.person.clone(), origin];
            let row = fixed.into_iter().chain([own.contracts.to_string(), side]).chain(times);
            let amounts = own.weighed.amounts.iter().map(|amount| format!("{amount:.4}"));
            table.write_record(row.chain(amounts)).map_err(failed)?;
        }
        let file = table.into_inner().map_err(|error| Error::content(path, error.to_string()))?;
        file.finish()
    }

    /// Fits the weights; `false_per_min` false contractions a minute are allowed in recordings of
    /// people who were left out of the fit.
    #[must_use]
    pub fn fit(&self, false_per_min: f64) -> Fit {
        let rows = Rows::of(&self.labelled);
        let people: BTreeSet<&str> = self.labelled.iter().map(|own| own.person.as_str()).collect();
        let mut shuffled: Vec<&str> = people.iter().copied().collect();
        shuffled.shuffle(&mut ChaCha8Rng::seed_from_u64(0));
        let part: BTreeMap<&str, usize> =
            shuffled.into_iter().enumerate().map(|(i, person)| (person, i % PARTS)).collect();
        let part_of = |own: &Labelled| part[own.person.as_str()];
        let mut nats = vec![0.0; self.labelled.len()];
        for left_out in 0..PARTS {
            let weights = rows.fit(|i| part_of(&self.labelled[i]) != left_out);
            for (i, own) in self.labelled.iter().enumerate() {
                if part_of(own) == left_out {
                    nats[i] = weights.odds(&rows.standard[i]);
                }
            }
        }
        let margin = self.margin(&nats, false_per_min);
        let (prior, values) = rows.fit(|_| true).in_units(&rows);
        let parameters = Parameters::fitted(
            [self.labelled.len(), people.len()].map(|n| n as u32),
            prior,
            margin,
            &values,
        );
        Fit { parameters, reached: self.reached(&nats) }
    }

    /// The log odds that so many false contractions a minute exceed in recorded healthy people,
    /// one a second at most: midway between the last that is allowed and the first that is not.
    fn margin(&self, nats: &[f64], false_per_min: f64) -> f64 {
        let mut highest: Vec<(f64, &Labelled)> = nats
            .iter()
            .copied()
            .zip(&self.labelled)
            .filter(|(_, own)| own.origin == Origin::Recorded && !own.contracts)
            .collect();
        highest.sort_by(|a, b| b.0.total_cmp(&a.0));
        let allowed = (false_per_min * self.healthy_s / 60.0).floor() as usize;
        let mut kept: Vec<(f64, &Labelled)> = Vec::new();
        for (nats, own) in highest {
            let same = |(_, other): &(f64, &Labelled)| {
                other.recording == own.recording
                    && (other.weighed.start_s - own.weighed.start_s).abs() < 1.0
            };
            if kept.iter().any(same) {
                continue;
            }
            if kept.len() == allowed {
                return 0.5 * (nats + kept.last().map_or(nats, |(last, _)| *last));
            }
            kept.push((nats, own));
        }
        0.0
    }

    /// How many contractions of each origin people who were left out show at several rates of
    /// false ones.
    fn reached(&self, nats: &[f64]) -> String {
        use std::fmt::Write;
        let mut text = format!(
            "{} episodes' sides; {:.1} minutes of people without contractions\n\
             false a minute   margin   recorded   added   simulated\n",
            self.labelled.len(),
            self.healthy_s / 60.0
        );
        for rate in [0.1, 0.2, 0.5, 1.0] {
            let margin = self.margin(nats, rate);
            let found = |origin: Origin| {
                let own = nats.iter().zip(&self.labelled);
                let found =
                    own.filter(|(n, l)| l.origin == origin && l.contracts && **n > margin).count();
                format!("{found} of {}", self.contractions[origin as usize])
            };
            let [recorded, added, simulated] =
                [Origin::Recorded, Origin::Added, Origin::Simulated].map(found);
            let _ = writeln!(text, "{rate:<16} {margin:>6.2}   {recorded}   {added}   {simulated}");
        }
        text
    }
}

/// A drawn patient's contractions alone; in a third of them, one region alone.
fn contractions(seed: u64, length_s: f64) -> Option<Scenario> {
    let labels = [Label::TypicalHfs, Label::AtypicalHfs, Label::BilateralHfs];
    let drawn = patient(labels[seed as usize % labels.len()], seed, length_s.max(4.0));
    let still = Scenario::still(&drawn.name, length_s.max(4.0));
    let mut rng = ChaCha8Rng::seed_from_u64(seed);
    let mut events = drawn.events;
    for event in &mut events {
        if rng.random_bool(1.0 / 3.0) {
            let one = rng.random_range(0..event.contractions.len());
            event.contractions = vec![event.contractions.swap_remove(one)];
            event.contractions[0].lag_s = 0.0;
        }
    }
    (length_s > 3.0 && !events.is_empty()).then_some(Scenario {
        label: None,
        seed,
        events,
        camera: Camera { fps: 60.0, ..still.camera },
        ..still
    })
}

fn length_s(samples: &[Sample]) -> f64 {
    let [Some(first), Some(last)] = [samples.first(), samples.last()] else { return 0.0 };
    last.time_s - first.time_s
}

/// A number that follows from a name, the same everywhere.
fn hash(name: &str) -> u64 {
    name.bytes().fold(0xcbf2_9ce4_8422_2325, |hash, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
    })
}

/// Standardised evidence with labels and weights.
struct Rows {
    standard: Vec<[f64; N]>,
    contracts: Vec<f64>,
    counts: Vec<f64>,
    mean: [f64; N],
    spread: [f64; N],
}

/// Weights of standardised evidence.
struct Weights {
    prior: f64,
    values: [f64; N],
}

impl Rows {
    fn of(labelled: &[Labelled]) -> Self {
        let amounts: Vec<[f64; N]> =
            labelled.iter().map(|own| std::array::from_fn(|i| own.weighed.amounts[i])).collect();
        let n = amounts.len().max(1) as f64;
        let mean: [f64; N] = std::array::from_fn(|i| amounts.iter().map(|a| a[i]).sum::<f64>() / n);
        let spread = std::array::from_fn(|i| {
            let squares = amounts.iter().map(|a| (a[i] - mean[i]).powi(2)).sum::<f64>();
            (squares / n).sqrt().max(1e-6)
        });
        let standard =
            amounts.iter().map(|a| std::array::from_fn(|i| (a[i] - mean[i]) / spread[i])).collect();
        let counts = labelled
            .iter()
            .map(|own| match own.origin {
                Origin::Recorded if own.contracts => RECORDED,
                Origin::Simulated => 0.0,
                _ => 1.0,
            })
            .collect();
        let contracts = labelled.iter().map(|own| f64::from(u8::from(own.contracts))).collect();
        Self { standard, contracts, counts, mean, spread }
    }

    /// Fits by Newton's steps along one weight after the other.
    fn fit(&self, takes: impl Fn(usize) -> bool) -> Weights {
        let rows: Vec<usize> = (0..self.standard.len()).filter(|i| takes(*i)).collect();
        let aims: [f64; N] = std::array::from_fn(|k| {
            if Evidence::ALL[k] == LIKELIHOOD.0 { self.spread[k] } else { 0.0 }
        });
        let mut weights = Weights { prior: 0.0, values: aims };
        let mut odds: Vec<f64> =
            rows.iter().map(|row| weights.odds(&self.standard[*row])).collect();
        for _ in 0..ROUNDS {
            let mut largest = 0.0_f64;
            for k in 0..=N {
                let x = |row: usize| if k < N { self.standard[row][k] } else { 1.0 };
                let (mut slope, mut curve) = (0.0, 1e-9);
                for (row, odds) in rows.iter().zip(&odds) {
                    let p = 1.0 / (1.0 + (-odds).exp());
                    slope += self.counts[*row] * (p - self.contracts[*row]) * x(*row);
                    curve += self.counts[*row] * p * (1.0 - p) * x(*row).powi(2);
                }
                let now = if k < N { weights.values[k] } else { weights.prior };
                if k < N {
                    let held = Evidence::ALL[k] == LIKELIHOOD.0;
                    let ridge = if held { LIKELIHOOD.1 } else { 1.0 } / RIDGE;
                    slope += ridge * (now - aims.get(k).unwrap_or(&0.0));
                    curve += ridge;
                }
                let direction = if k < N { Evidence::ALL[k].direction() } else { 0 };
                let next = now - (slope / curve).clamp(-1.0, 1.0);
                let next = match direction {
                    1 => next.max(0.0),
                    -1 => next.min(0.0),
                    _ => next,
                };
                let step = next - now;
                for (row, odds) in rows.iter().zip(&mut odds) {
                    *odds += step * x(*row);
                }
                if k < N {
                    weights.values[k] = next;
                } else {
                    weights.prior = next;
                }
                largest = largest.max(step.abs());
            }
            if largest < 1e-5 {
                break;
            }
        }
        weights
    }
}

/// Most rounds over all weights.
const ROUNDS: usize = 400;

impl Weights {
    fn odds(&self, standard: &[f64; N]) -> f64 {
        self.prior + self.values.iter().zip(standard).map(|(w, x)| w * x).sum::<f64>()
    }

    /// The prior and the weights of evidence in its own units.
    fn in_units(&self, rows: &Rows) -> (f64, [f64; N]) {
        let values: [f64; N] = std::array::from_fn(|i| self.values[i] / rows.spread[i]);
        let shift: f64 = values.iter().zip(&rows.mean).map(|(value, mean)| value * mean).sum();
        (self.prior - shift, values)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::anatomy::Side;

    fn labelled(contracts: bool, lid: f64, blink: f64) -> Labelled {
        let mut amounts = vec![0.0; N];
        amounts[Evidence::LidAlone as usize] = lid;
        amounts[Evidence::Blink as usize] = blink;
        let weighed =
            WeighedSide { side: Side::Left, start_s: 0.0, end_s: 1.0, amounts, nats: 0.0 };
        let (person, recording) = (String::new(), String::new());
        Labelled { person, recording, origin: Origin::Added, contracts, weighed }
    }

    #[test]
    fn what_tells_them_apart_is_weighed_and_signs_are_held() {
        let mut all = Vec::new();
        for i in 0..200 {
            let contracts = i % 2 == 0;
            let lid = if contracts { 0.8 } else { 0.3 } + 0.02 * f64::from(i % 23);
            // Blinks speak for a contraction in these data, which they cannot.
            all.push(labelled(contracts, lid, f64::from(u8::from(contracts && i % 3 == 0))));
        }
        let rows = Rows::of(&all);
        let (prior, values) = rows.fit(|_| true).in_units(&rows);
        assert!(values[Evidence::LidAlone as usize] > 1.0, "{values:?}");
        assert_eq!(values[Evidence::Blink as usize], 0.0);
        let odds = |lid: f64| prior + values[Evidence::LidAlone as usize] * lid;
        assert!(odds(1.1) > 0.0 && odds(0.3) < 0.0, "{prior} {values:?}");
    }
}
