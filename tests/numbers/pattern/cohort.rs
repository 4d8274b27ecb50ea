//! The pattern stage on a cohort of simulated patients with known labels.
//!
//! Every one is drawn by `synth::Subject` as for the blocks of an evaluation: a third are patients
//! (`synth::patient`; its table lists the ranges and their sources), a third lively people and a
//! third people with a palsy and no spasm (`synth::negative`); cameras, speech and protocols vary, and
//! so does the tracker (`synth::draw_tracker`). What was fitted was fitted on the seeds from 0 on; those from 1 000 000 and
//! from 2 000 000 on have been looked at since. The test holds that nothing falls behind; how well
//! patients are told, the blocks `simulated` of `tests/blocks.tsv` say, by `spasmograph evaluate
//! --next simulated`, and `tests/ledger.tsv` keeps it. Painted patients: `pixels/painted/patterns.rs`.
//!
//! A few by default; `SPASMOGRAPH_COHORT=150` draws so many patients for each label.

use std::collections::BTreeMap;

use rayon::prelude::*;
use spasmograph::event::{EventDetector, Protocol};
use spasmograph::pattern::{Label, Pattern, Ranked, assess};
use spasmograph::synth::{
    Motion, Negative, Scenario, Subject, Task, TaskKind, draw_tracker, signals,
};
use spasmograph::thresholds::{PatternThresholds, Thresholds};

/// First seed of the patients that must not fall behind.
const KEPT_SEED: u64 = 2_000_000;

/// Lengths of short recordings, in which little is seen and scores lie in the middle, seconds.
const SHORT_S: [f64; 3] = [30.0, 20.0, 12.0];

fn per_label() -> u64 {
    std::env::var("SPASMOGRAPH_COHORT").ok().and_then(|n| n.parse().ok()).unwrap_or(6)
}

/// One of the cohort with a recording's variations.
struct Case {
    subject: Subject,
    seed: u64,
    scenario: Scenario,
    protocol: Option<Protocol>,
}

impl Case {
    fn draw(subject: Subject, seed: u64, duration_s: f64) -> Self {
        let (scenario, protocol) = subject.recorded(seed, duration_s);
        Self { subject, seed, scenario, protocol }
    }

    /// Events of the label that the recording holds.
    fn events(&self) -> usize {
        // The couplings of `patient` are those of eye and mouth.
        let coupled = |task: &&Task| !matches!(task.task, TaskKind::Rest | TaskKind::BrowRaise);
        let repeated: u32 =
            self.scenario.tasks.iter().filter(coupled).map(|task| task.repetitions).sum();
        self.scenario.events.len() + repeated as usize
    }

    fn assess(&self) -> Pattern {
        let mut detector = EventDetector::new(&Thresholds::default(), self.protocol.clone());
        for sample in signals(&Motion::new(&self.scenario), &draw_tracker(self.seed)) {
            detector.push(&sample);
        }
        let findings = detector.finish();
        assess(&findings, findings.summary.usable_s, &PatternThresholds::default())
    }
}

/// Answers for everybody.
#[derive(Default)]
struct Tally {
    confusion: BTreeMap<(Label, Label), usize>,
    /// Of recordings with 5 and more events: confident and right, confident and wrong,
    /// indeterminate.
    eventful: [usize; 3],
    /// Lively people and those with a palsy: told as having nothing, as having a disorder,
    /// indeterminate.
    negatives: BTreeMap<&'static str, [usize; 3]>,
    /// Of every label's confident answers to patients: right ones, all.
    confident: BTreeMap<Label, [usize; 2]>,
    /// Patients with a disorder: the right label, and the scores of all.
    rankings: Vec<(Label, Vec<Ranked>)>,
}

impl Tally {
    fn add(&mut self, case: &Case, pattern: &Pattern) {
        let label = case.subject.label();
        let sure = pattern.label != Label::Indeterminate;
        let right = pattern.label == label;
        let answer = if !sure { 2 } else { usize::from(!right) };
        if (sure && !right) || (case.events() >= 5 && !sure) {
            println!(
                "{:?} {}: {} ({} events, {} fps): {}",
                case.subject,
                case.seed,
                pattern.label,
                case.events(),
                case.scenario.camera.fps,
                pattern.reason
            );
        }
        if let Subject::Negative(kind) = case.subject {
            self.negatives.entry(kind.name()).or_default()[answer] += 1;
            return;
        }
        *self.confusion.entry((label, pattern.label)).or_default() += 1;
        if case.events() >= 5 {
            self.eventful[answer] += 1;
        }
        if sure && label != Label::Indeterminate {
            let counts = self.confident.entry(label).or_default();
            counts[0] += usize::from(right);
            counts[1] += 1;
        }
        if label != Label::Indeterminate && label != Label::None {
            self.rankings.push((label, pattern.ranked.clone()));
        }
    }

    fn macro_accuracy(&self) -> f64 {
        let shares: Vec<f64> =
            self.confident.values().map(|[right, all]| *right as f64 / *all as f64).collect();
        shares.iter().sum::<f64>() / shares.len() as f64
    }

    /// Confident and wrong, indeterminate: parts of the recordings with 5 and more events.
    fn eventful_shares(&self) -> (f64, f64) {
        let all = self.eventful.iter().sum::<usize>() as f64;
        (self.eventful[1] as f64 / all, self.eventful[2] as f64 / all)
    }

    fn print(&self) {
        print!("{:<20}", "truth \\ answer");
        for label in Label::ALL {
            print!("{:>8}", &label.name()[..label.name().len().min(7)]);
        }
        println!();
        for truth in Label::ALL {
            print!("{:<20}", truth.name());
            for answer in Label::ALL {
                print!("{:>8}", self.confusion.get(&(truth, answer)).unwrap_or(&0));
            }
            println!();
        }
        for (kind, [nothing, disorder, open]) in &self.negatives {
            println!("{kind}: nothing {nothing}, a disorder {disorder}, indeterminate {open}");
        }
        let (wrong, open) = self.eventful_shares();
        println!(
            "macro accuracy of confident answers {:.3}; with 5 events and more: confident and \
             wrong {:.3}, indeterminate {:.3}",
            self.macro_accuracy(),
            wrong,
            open
        );
    }
}

/// How often the best label is right, by its score.
fn print_reliability(rankings: &[(Label, Vec<Ranked>)]) {
    let scores: Vec<(f64, bool)> = rankings
        .iter()
        .filter_map(|(truth, ranked)| ranked.first().map(|best| (best.score, best.label == *truth)))
        .collect();
    println!("score        cases   mean score   right");
    for (from, to) in
        [(0.0, 0.5), (0.5, 0.7), (0.7, 0.8), (0.8, 0.9), (0.9, 0.97), (0.97, 1.0 + 1e-9)]
    {
        let of: Vec<_> = scores.iter().filter(|s| (from..to).contains(&s.0)).collect();
        if !of.is_empty() {
            let n = of.len() as f64;
            println!(
                "{from:.2} to {to:.2} {:>6} {:>12.3} {:>7.3}",
                of.len(),
                of.iter().map(|s| s.0).sum::<f64>() / n,
                of.iter().filter(|s| s.1).count() as f64 / n
            );
        }
    }
}

/// The mean logarithm of the right label's score, had the evidence been divided by another
/// temperature: the largest is the best fit.
fn log_score(rankings: &[(Label, Vec<Ranked>)], temperature: f64) -> f64 {
    let sharper = PatternThresholds::default().temperature / temperature;
    let of = |(truth, ranked): &(Label, Vec<Ranked>)| {
        let right = ranked.iter().find(|own| own.label == *truth).map_or(0.0, |own| own.score);
        let total: f64 = ranked.iter().map(|own| own.score.powf(sharper)).sum();
        (right.powf(sharper) / total).max(1e-12).ln()
    };
    rankings.iter().map(of).sum::<f64>() / rankings.len() as f64
}

fn run(first_seed: u64, per_label: u64, durations_s: &[f64]) -> Tally {
    let patients = Label::ALL.map(|label| (Subject::Patient(label), per_label));
    let negatives =
        Negative::ALL.map(|kind| (Subject::Negative(kind), per_label * patients.len() as u64));
    let drawn = patients.into_iter().chain(negatives);
    let answers: Vec<(Case, Pattern)> = drawn
        .flat_map(|(subject, count)| (0..count).map(move |i| (subject, i)))
        .collect::<Vec<_>>()
        .into_par_iter()
        .map(|(subject, i)| {
            let duration_s = durations_s[i as usize % durations_s.len()];
            let case = Case::draw(subject, first_seed + i, duration_s);
            let pattern = case.assess();
            (case, pattern)
        })
        .collect();
    let mut tally = Tally::default();
    for (case, pattern) in &answers {
        tally.add(case, pattern);
    }
    tally
}

#[test]
fn a_minute_of_a_simulated_patient_is_told_rightly_or_left_open() {
    let tally = run(KEPT_SEED, per_label(), &[60.0]);
    tally.print();
    let (wrong, open) = tally.eventful_shares();
    let n = tally.eventful.iter().sum::<usize>() as f64;
    // A hundred for each label are held to the goals; fewer are given two standard errors.
    let margin = |share: f64| match per_label() {
        100.. => 0.0,
        _ => 2.0 * (share * (1.0 - share) / n).sqrt(),
    };
    for (kind, [nothing, disorder, open]) in &tally.negatives {
        let all = (nothing + disorder + open) as f64;
        let margin = 2.0 * (0.02 * 0.98 / all).sqrt();
        let disorder = *disorder as f64 / all;
        assert!(disorder < 0.02 + margin, "{kind}: a disorder {disorder}");
    }
    let right = tally.macro_accuracy();
    assert!(right >= 0.95 - margin(0.95), "macro accuracy {right}");
    assert!(wrong < 0.02 + margin(0.02), "confident and wrong {wrong}");
    assert!(open < 0.15 + margin(0.15), "indeterminate {open}");
}

#[test]
#[ignore = "fits: prints the tables of the training seeds"]
fn training_patients() {
    let minutes = run(0, per_label(), &[60.0]);
    minutes.print();
    let short = run(500_000, per_label() / 2, &SHORT_S);
    short.print();
    let all = [minutes.rankings, short.rankings].concat();
    print_reliability(&all);
    for hundredths in (60..=160).step_by(10) {
        let temperature = f64::from(hundredths) / 100.0;
        println!("temperature {temperature:.2}: {:.4}", log_score(&all, temperature));
    }
}
