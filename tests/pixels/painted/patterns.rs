//! The pattern of painted patients: from pixels through the whole program to the label.
//!
//! Every patient is drawn by `synth::patient` (its table lists the ranges and their sources), three
//! for each label, and painted at 480 by 480 pixels and at most 25 frames a second for 45 s (a healthy
//! person for a minute); synkinesis comes with its protocol file for every second seed. Clips are
//! kept under the target folder: the first run paints them (half an hour on two idle cores, half of
//! that with `--release`), later ones only analyze.
//!
//! All of these seeds have been looked at, and limits were moved afterwards: the clips tell whether
//! something fell behind, not how well patients are told. First looks are taken at the blocks
//! `painted` of `tests/blocks.tsv`, by `spasmograph evaluate --next painted`, and kept in
//! `tests/ledger.tsv`. Known to be left open: Meige in a face with white brows behind glasses, whose
//! shut eyes the face model reads as half open, and a healthy person with one stray event.
//!
//! `SPASMOGRAPH_LABELS=meige_like,none` takes these labels only, `SPASMOGRAPH_COHORT=1` so many
//! patients of each.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use spasmograph::anatomy::Side;
use spasmograph::event::Protocol;
use spasmograph::pattern::Label;
use spasmograph::report::{Analysis, summary};
use spasmograph::synth::{EventSpec, Scenario, patient, write_clip};

use crate::support::pipeline::models;
use crate::support::program::{complaints, spasmograph};

/// First seed of the patients that must not fall behind.
const KEPT_SEED: u64 = 6_000_000;

/// First seed of the patients that the stages were built on.
const TUNE_SEED: u64 = 0;

/// Length of a clip, seconds; painting takes the time.
const SECONDS: f64 = 45.0;

/// Length of a healthy person's clip, seconds: to say that there is nothing takes a minute.
const SECONDS_OF_NOTHING: f64 = 60.0;

/// Highest frame rate that is painted, frames a second.
const MOST_FPS: f64 = 25.0;

/// Events from which a label can be expected.
const EVENTFUL: usize = 5;

/// Events of each side from which both can be expected to be named.
const BILATERAL: usize = 2;

fn per_label() -> usize {
    std::env::var("SPASMOGRAPH_COHORT").ok().and_then(|n| n.parse().ok()).unwrap_or(3)
}

/// The labels to draw patients for.
fn labels() -> Vec<Label> {
    let asked = std::env::var("SPASMOGRAPH_LABELS").ok();
    let wanted = |label: &Label| asked.as_ref().is_none_or(|own| own.contains(label.name()));
    Label::ALL.into_iter().filter(wanted).collect()
}

/// A patient with the folder of its clip.
struct Painted {
    label: Label,
    scenario: Scenario,
    folder: PathBuf,
}

impl Painted {
    /// The first patients of a label, from a seed on, that can be expected to be told.
    fn of(label: Label, first_seed: u64) -> impl Iterator<Item = Self> {
        (first_seed..)
            .map(move |seed| Self::draw(label, seed))
            .filter(Self::is_eventful)
            .take(per_label())
    }

    fn draw(label: Label, seed: u64) -> Self {
        let seconds = if label == Label::None { SECONDS_OF_NOTHING } else { SECONDS };
        let mut scenario = patient(label, seed, seconds);
        (scenario.camera.width, scenario.camera.height) = (480, 480);
        scenario.camera.fps = scenario.camera.fps.min(MOST_FPS);
        let name = format!("{}-{seed}", label.name());
        let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("painted").join(name);
        Self { label, scenario, folder }
    }

    fn is_eventful(&self) -> bool {
        match self.label {
            Label::None | Label::Indeterminate | Label::SynkinesisLike => true,
            // A second side that hardly moves cannot be told.
            Label::BilateralHfs => {
                self.scenario.events.len() >= EVENTFUL
                    && Side::BOTH.into_iter().all(|side| self.events_of(side) >= BILATERAL)
            }
            _ => self.scenario.events.len() >= EVENTFUL,
        }
    }

    /// Events that begin on a side.
    fn events_of(&self, side: Side) -> usize {
        let own = |event: &&EventSpec| event.contractions[0].side == Some(side);
        self.scenario.events.iter().filter(own).count()
    }

    fn video(&self) -> PathBuf {
        self.folder.join("clip.mp4")
    }

    /// The protocol of every second seed.
    fn protocol(&self) -> Option<Protocol> {
        self.scenario.protocol().filter(|_| self.scenario.seed.is_multiple_of(2))
    }

    /// Paints the clip, unless it lies there.
    fn paint(&self) {
        let text = std::fs::read_to_string(self.video().with_extension("scenario.json"));
        if text.is_ok_and(|text| text == self.scenario.to_json()) && self.video().is_file() {
            return;
        }
        std::fs::create_dir_all(&self.folder).unwrap();
        write_clip(&self.scenario, &self.video(), |_, _| true).unwrap();
    }

    /// What the program says of the clip.
    fn analyze(&self) -> Analysis {
        let mut command = spasmograph();
        let out = self.folder.join("out");
        command.args(["analyze", "--overlay", "none", "--out"]).arg(&out);
        if self.protocol().is_some() {
            command.arg("--protocol").arg(self.video().with_extension("protocol.json"));
        }
        let output = command.arg(self.video()).output().unwrap();
        assert!(output.status.success(), "{:?}", complaints(&output));
        Analysis::read(&out.join("analysis.json")).unwrap()
    }

    /// The side that the scenario moves, where it moves one only.
    fn side(&self) -> Option<Side> {
        match self.label {
            Label::TypicalHfs | Label::AtypicalHfs => self.scenario.events[0].contractions[0].side,
            Label::SynkinesisLike => self.scenario.weakness.map(|weakness| weakness.side),
            _ => None,
        }
    }
}

/// The side that the summary names beside the label.
fn named_side(analysis: &Analysis) -> Option<Side> {
    let words = summary::sided_label(analysis);
    // The weak side may stand behind it.
    let label = words.split(';').next()?;
    Side::BOTH.into_iter().find(|side| label.ends_with(&format!(", {side}")))
}

/// Answers for painted patients.
#[derive(Default)]
struct Tally {
    confusion: BTreeMap<(Label, Label), usize>,
    wrong: Vec<String>,
    wrong_side: Vec<String>,
}

impl Tally {
    fn add(&mut self, painted: &Painted, analysis: &Analysis) {
        let (truth, answer) = (painted.label, analysis.pattern.label);
        *self.confusion.entry((truth, answer)).or_default() += 1;
        let name = format!("{} ({answer})", painted.scenario.name);
        if answer != truth {
            println!("{name}: {}", analysis.pattern.reason);
            if answer != Label::Indeterminate {
                self.wrong.push(name.clone());
            }
        }
        let sides = painted.side().zip(named_side(analysis));
        if sides.is_some_and(|(moved, named)| moved != named) {
            self.wrong_side.push(name);
        }
    }

    fn accuracy(&self) -> f64 {
        let of = |right: bool| {
            let answers = self.confusion.iter().filter(|((t, a), _)| !right || t == a);
            answers.map(|(_, count)| *count).sum::<usize>() as f64
        };
        of(true) / of(false)
    }

    fn print(&self) {
        for ((truth, answer), count) in &self.confusion {
            println!("{:<20} {:<20} {count}", truth.name(), answer.name());
        }
        println!(
            "right {:.3}; wrong label {:?}; wrong side {:?}",
            self.accuracy(),
            self.wrong,
            self.wrong_side
        );
    }
}

fn run(first_seed: u64, answer: impl Fn(&Painted) -> Analysis) -> Tally {
    let mut tally = Tally::default();
    for painted in labels().into_iter().flat_map(|label| Painted::of(label, first_seed)) {
        tally.add(&painted, &answer(&painted));
    }
    tally.print();
    tally
}

fn painted_and_analyzed(painted: &Painted) -> Analysis {
    painted.paint();
    painted.analyze()
}

#[test]
#[ignore = "paints and analyzes a quarter of an hour of video"]
fn a_painted_patient_is_told_rightly_or_left_open() {
    models();
    let tally = run(KEPT_SEED, painted_and_analyzed);
    assert_eq!(tally.wrong_side, Vec::<String>::new());
    assert_eq!(tally.wrong, Vec::<String>::new());
    assert!(tally.accuracy() >= 0.9);
}

#[test]
#[ignore = "fits: paints and analyzes the patients of the training seeds"]
fn training_patients() {
    models();
    run(TUNE_SEED, painted_and_analyzed);
}
