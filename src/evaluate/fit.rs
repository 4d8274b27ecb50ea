//! Fits the weights of the evidence on labelled movements.
//!
//! What healthy people do is known to hold no contraction of one side but those that are listed, and
//! no spasm of the jaw; those of drawn patients are added to what was measured of them, in their
//! stillness and in their talk. The weights are those of a logistic regression with a ridge, each held to the sign
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
use crate::event::{Cause, Evidence, Laterality, Parameters, WeighedMovement, Weights};
use crate::pattern::Label;
use crate::report::{Error, OutputFile, Truth, TruthEvent};
use crate::signal::Sample;
use crate::synth::{
    Camera, Motion, Negative, Scenario, add, draw_tracker, negative, patient, signals,
};
use crate::thresholds::Thresholds;

/// A cause that is told from everything else, and what it is told by.
#[derive(Debug, Clone, Copy)]
struct Question {
    cause: Cause,
    evidence: &'static [Evidence],
    now: fn(&Parameters) -> &Weights,
}

/// What is asked of a movement.
const QUESTIONS: [Question; 2] = [
    Question {
        cause: Cause::Contraction,
        evidence: &Evidence::CONTRACTION,
        now: |p| &p.contraction,
    },
    Question { cause: Cause::JawSpasm, evidence: &Evidence::JAW, now: |p| &p.jaw },
];

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

/// A movement, and whether it came by itself.
#[derive(Debug, Clone)]
struct Labelled {
    person: String,
    origin: Origin,
    /// The recording, and which one made of it.
    recording: String,
    contracts: bool,
    weighed: WeighedMovement,
}

/// Labelled movements of people and patients.
#[derive(Debug, Clone, Default)]
pub struct Movements {
    labelled: Vec<Labelled>,
    /// What is to be found, whether a movement shows it or not.
    asked: Vec<(Cause, Origin)>,
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

/// Recordings of one person's contractions that are made of each recording, and as many of spasms of
/// the jaw.
const MADE: u64 = 4;

/// Simulated recordings of each kind, their length in seconds, and their first seed: the range is
/// the fit's own and in no block.
const SIMULATED: u64 = 30;
const SIMULATED_S: f64 = 40.0;
const FIRST_SEED: u64 = 7_000_000;

/// Whose movements they are.
#[derive(Debug, Clone, Copy)]
struct Of<'a> {
    person: &'a str,
    recording: &'a str,
    origin: Origin,
}

/// `lively_lips` from which on a face talks: a spasm of the jaw that is drowned in talk is not asked
/// for (judgment: lips that move by 2 mFU in a tenth of a second; faces at rest stay below 1).
const TALKS: f64 = 1.6;

/// Part of an event and of a bout of the jaw that must be common to both.
const COMMON: f64 = 0.5;

/// A movement is that of an event.
fn shows(event: &TruthEvent, movement: &WeighedMovement) -> bool {
    if movement.cause == Cause::JawSpasm {
        let common_s = movement.end_s.min(event.end_s) - movement.start_s.max(event.start_s);
        let [event_s, bout_s] = [event.end_s - event.start_s, movement.end_s - movement.start_s];
        return common_s > COMMON * event_s.max(bout_s);
    }
    let until_s = event.peak_s.map_or(0.0, |peak_s| peak_s + 0.1);
    let latest_s = (event.start_s + NEAR_S).max(until_s.min(event.start_s + 1.0));
    movement.side == event.side
        && (event.start_s - NEAR_S - 0.1..latest_s).contains(&movement.start_s)
}

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

impl Movements {
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
        let movements = Analyzer::weighed(samples, thresholds);
        let one_sided = |event: &&TruthEvent| event.side != Laterality::Both;
        let contracts = listed.iter().any(|event| one_sided(&event));
        let of = Of { person: &person, recording: &name, origin: Origin::Recorded };
        let listed = if contracts { listed } else { &[] };
        self.take(of, movements, Cause::Contraction, listed, true);
        if contracts {
            return;
        }
        let length_s = length_s(samples);
        self.healthy_s += length_s;
        for number in 0..2 * MADE {
            let seed = FIRST_SEED + hash(&name) % 100_000 * MADE + number;
            let cause = if number < MADE { Cause::Contraction } else { Cause::JawSpasm };
            let Some(scenario) = contractions(cause, seed, length_s) else { continue };
            let motion = Motion::new(&scenario);
            let mut changed = samples.to_vec();
            add(&mut changed, &motion, &draw_tracker(seed));
            let truth = motion.truth(None);
            let movements = Analyzer::weighed(&changed, thresholds);
            let listed = truth.events.unwrap_or_default();
            let made = format!("{name}+{number}");
            let of = Of { person: &person, recording: &made, origin: Origin::Added };
            self.take(of, movements, cause, &listed, false);
        }
    }

    fn take_simulated(&mut self, thresholds: &Thresholds) {
        let contracting = [Label::TypicalHfs, Label::AtypicalHfs, Label::BilateralHfs];
        for number in 0..SIMULATED {
            let seed = FIRST_SEED + 500_000 + number;
            let drawn = |label: Label| patient(label, seed, SIMULATED_S);
            let healthy = Negative::ALL.map(|kind| negative(kind, seed, SIMULATED_S));
            let others = contracting.map(drawn).into_iter().chain(healthy);
            let jaw = (Cause::JawSpasm, drawn(Label::MasticatoryLike));
            for (cause, scenario) in others.map(|own| (Cause::Contraction, own)).chain([jaw]) {
                let motion = Motion::new(&scenario);
                let Truth { events, .. } = motion.truth(None);
                let samples = signals(&motion, &draw_tracker(seed));
                let movements = Analyzer::weighed(&samples, thresholds);
                let listed = events.unwrap_or_default();
                let name = &scenario.name;
                let of = Of { person: name, recording: name, origin: Origin::Simulated };
                self.take(of, movements, cause, &listed, true);
            }
        }
    }

    /// Labels what was found in a recording by what is true of it: its listed events have this
    /// cause; with `others`, what lies apart from every event has none that is asked for.
    fn take(
        &mut self,
        of: Of<'_>,
        movements: Vec<WeighedMovement>,
        cause: Cause,
        listed: &[TruthEvent],
        others: bool,
    ) {
        let mut own = BTreeSet::new();
        let asked = |event: &&TruthEvent| {
            !event.is_uncertain() && (cause == Cause::JawSpasm || event.side != Laterality::Both)
        };
        for event in listed.iter().filter(asked) {
            self.asked.push((cause, of.origin));
            let near = (0..movements.len())
                .filter(|i| movements[*i].cause == cause && shows(event, &movements[*i]));
            let apart = |i: usize| (movements[i].start_s - event.start_s).abs();
            own.extend(near.min_by(|a, b| apart(*a).total_cmp(&apart(*b))));
        }
        for (number, weighed) in movements.into_iter().enumerate() {
            let near = |event: &TruthEvent| {
                weighed.start_s < event.end_s + AROUND_S[1]
                    && weighed.end_s.min(weighed.start_s + AROUND_S[0])
                        > event.start_s - AROUND_S[0]
            };
            let contracts = own.contains(&number);
            // The other side of what contracts is none of its own; the rest nearby may be either.
            let opposite = |event: &TruthEvent| {
                near(event)
                    && weighed.cause == Cause::Contraction
                    && event.side != Laterality::Both
                    && event.side != weighed.side
            };
            let talks = weighed.amounts[Evidence::LivelyLips as usize] > TALKS;
            if contracts && cause == Cause::JawSpasm && talks {
                continue;
            }
            let alone = !listed.iter().any(near);
            if contracts || (others && alone) || listed.iter().any(opposite) {
                let (person, recording) = (of.person.to_owned(), of.recording.to_owned());
                let Of { origin, .. } = of;
                self.labelled.push(Labelled { person, origin, recording, contracts, weighed });
            }
        }
    }

    /// Writes them as a table: recording, person, origin, cause, label, side, times and evidence.
    ///
    /// # Errors
    /// The file cannot be written.
    pub fn write(&self, path: &Path) -> Result<(), Error> {
        let mut table = csv::Writer::from_writer(OutputFile::create(path)?);
        let fixed =
            ["recording", "person", "origin", "cause", "contracts", "side", "start_s", "end_s"];
        let evidence = QUESTIONS.iter().flat_map(|question| question.evidence);
        let evidence: BTreeSet<Evidence> = evidence.copied().collect();
        let header = fixed.into_iter().chain(evidence.iter().map(|evidence| evidence.name()));
        let failed = |error: csv::Error| Error::content(path, error);
        table.write_record(header).map_err(failed)?;
        for own in &self.labelled {
            let side = format!("{:?}", own.weighed.side).to_lowercase();
            let origin = format!("{:?}", own.origin).to_lowercase();
            let times = [own.weighed.start_s, own.weighed.end_s].map(|t| format!("{t:.3}"));
            let fixed = [own.recording.clone(), own.person.clone(), origin];
            let cause = own.weighed.cause.words().to_owned();
            let row =
                fixed.into_iter().chain([cause, own.contracts.to_string(), side]).chain(times);
            let amounts =
                evidence.iter().map(|e| format!("{:.4}", own.weighed.amounts[*e as usize]));
            table.write_record(row.chain(amounts)).map_err(failed)?;
        }
        let file = table.into_inner().map_err(|error| Error::content(path, error.to_string()))?;
        file.finish()
    }

    /// Fits the weights; `false_per_min` false movements of each cause a minute are allowed in
    /// recordings of people who were left out of the fit.
    #[must_use]
    pub fn fit(&self, false_per_min: f64) -> Fit {
        let [(contraction, first), (jaw, second)] =
            QUESTIONS.map(|question| self.answer(question, false_per_min));
        Fit { parameters: Parameters { contraction, jaw }, reached: format!("{first}\n{second}") }
    }

    /// The weights of one question, and what they reach.
    fn answer(&self, question: Question, false_per_min: f64) -> (Weights, String) {
        let labelled: Vec<&Labelled> =
            self.labelled.iter().filter(|own| own.weighed.cause == question.cause).collect();
        let rows = Rows::of(&labelled, question.evidence);
        let people: BTreeSet<&str> = labelled.iter().map(|own| own.person.as_str()).collect();
        let mut shuffled: Vec<&str> = people.iter().copied().collect();
        shuffled.shuffle(&mut ChaCha8Rng::seed_from_u64(0));
        let part: BTreeMap<&str, usize> =
            shuffled.into_iter().enumerate().map(|(i, person)| (person, i % PARTS)).collect();
        let part_of = |own: &Labelled| part[own.person.as_str()];
        let mut nats = vec![0.0; labelled.len()];
        for left_out in 0..PARTS {
            let line = rows.fit(|i| part_of(labelled[i]) != left_out);
            for (i, own) in labelled.iter().enumerate() {
                if part_of(own) == left_out {
                    nats[i] = line.odds(&rows.standard[i]);
                }
            }
        }
        let judged = Judged { labelled: &labelled, nats: &nats, healthy_s: self.healthy_s };
        let margin = judged.margin(false_per_min);
        let (prior, values) = rows.fit(|_| true).in_units(&rows);
        let values: Vec<(Evidence, f64)> = question.evidence.iter().copied().zip(values).collect();
        let weights = (question.now)(Parameters::current()).fitted(
            [labelled.len(), people.len()].map(|n| n as u32),
            prior,
            margin,
            &values,
        );
        let asked = |origin: Origin| {
            self.asked.iter().filter(|own| **own == (question.cause, origin)).count()
        };
        let asked = [Origin::Recorded, Origin::Added, Origin::Simulated].map(asked);
        (weights, format!("{}: {}", question.cause.words(), judged.reached(asked)))
    }
}

/// Labelled movements with the odds that weights fitted on other people give them.
struct Judged<'a> {
    labelled: &'a [&'a Labelled],
    nats: &'a [f64],
    healthy_s: f64,
}

impl Judged<'_> {
    /// The log odds that so many false movements a minute exceed in recorded healthy people, one a
    /// second at most: midway between the last that is allowed and the first that is not.
    fn margin(&self, false_per_min: f64) -> f64 {
        let mut highest: Vec<(f64, &Labelled)> = self
            .nats
            .iter()
            .zip(self.labelled)
            .filter(|(_, own)| own.origin == Origin::Recorded && !own.contracts)
            .map(|(nats, own)| (*nats, *own))
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

    /// How many of each origin that were asked for people who were left out show at several rates of
    /// false ones.
    fn reached(&self, asked: [usize; 3]) -> String {
        use std::fmt::Write;
        let mut text = format!(
            "{} movements; {:.1} minutes of people without any\n\
             false a minute   margin   recorded   added   simulated\n",
            self.labelled.len(),
            self.healthy_s / 60.0
        );
        for rate in [0.1, 0.2, 0.5, 1.0] {
            let margin = self.margin(rate);
            let found = |origin: Origin| {
                let own = self.nats.iter().zip(self.labelled);
                let found =
                    own.filter(|(n, l)| l.origin == origin && l.contracts && **n > margin).count();
                format!("{found} of {}", asked[origin as usize])
            };
            let [recorded, added, simulated] =
                [Origin::Recorded, Origin::Added, Origin::Simulated].map(found);
            let _ = writeln!(text, "{rate:<16} {margin:>6.2}   {recorded}   {added}   {simulated}");
        }
        text
    }
}

/// A drawn patient's contractions alone; in a third of them, one region alone. Or the spasms of a
/// patient's jaw.
fn contractions(cause: Cause, seed: u64, length_s: f64) -> Option<Scenario> {
    let labels = [Label::TypicalHfs, Label::AtypicalHfs, Label::BilateralHfs];
    let label = match cause {
        Cause::JawSpasm => Label::MasticatoryLike,
        _ => labels[seed as usize % labels.len()],
    };
    let drawn = patient(label, seed, length_s.max(4.0));
    let still = Scenario::still(&drawn.name, length_s.max(4.0));
    let mut rng = ChaCha8Rng::seed_from_u64(seed);
    let mut events = drawn.events;
    for event in events.iter_mut().filter(|_| cause == Cause::Contraction) {
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
    evidence: &'static [Evidence],
    standard: Vec<Vec<f64>>,
    contracts: Vec<f64>,
    counts: Vec<f64>,
    mean: Vec<f64>,
    spread: Vec<f64>,
}

/// Weights of standardised evidence.
struct Line {
    prior: f64,
    values: Vec<f64>,
}

impl Rows {
    fn of(labelled: &[&Labelled], evidence: &'static [Evidence]) -> Self {
        let amount = |own: &Labelled, e: &Evidence| own.weighed.amounts[*e as usize];
        let n = labelled.len().max(1) as f64;
        let sum = |of: &dyn Fn(&Labelled) -> f64| labelled.iter().map(|own| of(own)).sum::<f64>();
        let mean: Vec<f64> = evidence.iter().map(|e| sum(&|own| amount(own, e)) / n).collect();
        let spread: Vec<f64> = evidence
            .iter()
            .zip(&mean)
            .map(|(e, mean)| (sum(&|own| (amount(own, e) - mean).powi(2)) / n).sqrt().max(1e-6))
            .collect();
        let standard = |own: &&Labelled| {
            let scale = mean.iter().zip(&spread);
            evidence.iter().zip(scale).map(|(e, (m, s))| (amount(own, e) - m) / s).collect()
        };
        let count = |own: &&Labelled| match own.origin {
            Origin::Recorded if own.contracts => RECORDED,
            Origin::Simulated => 0.0,
            _ => 1.0,
        };
        Self {
            evidence,
            standard: labelled.iter().map(standard).collect(),
            contracts: labelled.iter().map(|own| f64::from(u8::from(own.contracts))).collect(),
            counts: labelled.iter().map(count).collect(),
            mean,
            spread,
        }
    }

    /// Fits by Newton's steps along one weight after the other.
    fn fit(&self, takes: impl Fn(usize) -> bool) -> Line {
        let rows: Vec<usize> = (0..self.standard.len()).filter(|i| takes(*i)).collect();
        let held = |k: usize| self.evidence[k] == LIKELIHOOD.0;
        let n = self.evidence.len();
        let aims: Vec<f64> = (0..n).map(|k| if held(k) { self.spread[k] } else { 0.0 }).collect();
        let mut line = Line { prior: 0.0, values: aims.clone() };
        let mut odds: Vec<f64> = rows.iter().map(|row| line.odds(&self.standard[*row])).collect();
        for _ in 0..ROUNDS {
            let mut largest = 0.0_f64;
            for k in 0..=n {
                let x = |row: usize| if k < n { self.standard[row][k] } else { 1.0 };
                let (mut slope, mut curve) = (0.0, 1e-9);
                for (row, odds) in rows.iter().zip(&odds) {
                    let p = 1.0 / (1.0 + (-odds).exp());
                    slope += self.counts[*row] * (p - self.contracts[*row]) * x(*row);
                    curve += self.counts[*row] * p * (1.0 - p) * x(*row).powi(2);
                }
                let now = if k < n { line.values[k] } else { line.prior };
                if let Some(aim) = aims.get(k) {
                    let ridge = if held(k) { LIKELIHOOD.1 } else { 1.0 } / RIDGE;
                    slope += ridge * (now - aim);
                    curve += ridge;
                }
                let direction = if k < n { self.evidence[k].direction() } else { 0 };
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
                if k < n {
                    line.values[k] = next;
                } else {
                    line.prior = next;
                }
                largest = largest.max(step.abs());
            }
            if largest < 1e-5 {
                break;
            }
        }
        line
    }
}

/// Most rounds over all weights.
const ROUNDS: usize = 400;

impl Line {
    fn odds(&self, standard: &[f64]) -> f64 {
        self.prior + self.values.iter().zip(standard).map(|(w, x)| w * x).sum::<f64>()
    }

    /// The prior and the weights of evidence in its own units.
    fn in_units(&self, rows: &Rows) -> (f64, Vec<f64>) {
        let values: Vec<f64> =
            self.values.iter().zip(&rows.spread).map(|(value, spread)| value / spread).collect();
        let shift: f64 = values.iter().zip(&rows.mean).map(|(value, mean)| value * mean).sum();
        (self.prior - shift, values)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn labelled(contracts: bool, lid: f64, blink: f64) -> Labelled {
        let mut amounts = vec![0.0; Evidence::COUNT];
        amounts[Evidence::LidAlone as usize] = lid;
        amounts[Evidence::Blink as usize] = blink;
        let (cause, side) = (Cause::Contraction, Laterality::Left);
        let weighed = WeighedMovement { cause, side, start_s: 0.0, end_s: 1.0, amounts };
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
        let all: Vec<&Labelled> = all.iter().collect();
        let rows = Rows::of(&all, &[Evidence::LidAlone, Evidence::Blink]);
        let (prior, values) = rows.fit(|_| true).in_units(&rows);
        assert!(values[0] > 1.0, "{values:?}");
        assert_eq!(values[1], 0.0);
        let odds = |lid: f64| prior + values[0] * lid;
        assert!(odds(1.1) > 0.0 && odds(0.3) < 0.0, "{prior} {values:?}");
    }
}
