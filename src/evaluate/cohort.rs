//! Drawn patients: simulated, painted, and their contractions put into real recordings.

use std::path::{Path, PathBuf};

use super::corpus::rows;
use super::{Block, EvaluateError, Face, Measured};
use crate::analyzer::Analyzer;
use crate::clip::ClipError;
use crate::event::{EventKind, Protocol};
use crate::models::ModelStore;
use crate::pattern::{self, Label, Pattern};
use crate::report::{Error, Truth};
use crate::signal::Sample;
use crate::source::{Source, VideoSource};
use crate::synth::{
    Camera, InjectedSource, Injector, Motion, PaintedSource, Scenario, Subject, Task, TaskKind,
    draw_tracker, patient, signals,
};
use crate::validate::{ToldPattern, ValidatedClip, compare_findings};

/// Length of a simulated recording, seconds: in less, `none` is not said of a healthy person.
const SIMULATED_S: f64 = 60.0;

/// Length of a painted recording, seconds; painting takes the time.
const PAINTED_S: f64 = 20.0;

/// Width and height of a painted recording, pixels, and its highest frame rate.
const PAINTED_PX: usize = 480;
const PAINTED_FPS: f64 = 25.0;

/// Labels whose contractions are put into real recordings: those with movement of one side, or of
/// two that differ, and of the jaw.
const INJECTED: [Label; 4] =
    [Label::TypicalHfs, Label::AtypicalHfs, Label::BilateralHfs, Label::MasticatoryLike];

/// Labels of painted patients: what moves unasked, and nothing. As many people again are lively, and
/// as many have a palsy.
const PAINTED: [Label; 7] = [
    Label::TypicalHfs,
    Label::AtypicalHfs,
    Label::BilateralHfs,
    Label::MeigeLike,
    Label::BlepharospasmLike,
    Label::MasticatoryLike,
    Label::None,
];

/// How the recordings of a block come about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Series {
    /// Signals without pictures: the stages from `event` on. A third each are patients, lively people
    /// and people with a palsy without spasm.
    Simulated,
    /// Painted faces of the same thirds: the whole program.
    Painted,
    /// Contractions put into people who keep still.
    InjectedStill,
    /// Contractions put into people who talk.
    InjectedTalk,
}

impl Series {
    /// All of them.
    pub const ALL: [Self; 4] =
        [Self::Simulated, Self::Painted, Self::InjectedStill, Self::InjectedTalk];

    /// The name in the table of blocks.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Simulated => "simulated",
            Self::Painted => "painted",
            Self::InjectedStill => "injected-still",
            Self::InjectedTalk => "injected-talk",
        }
    }

    /// How the people behave in whose recordings contractions are put, as the table of hosts says
    /// it; `None` where no recording is needed.
    const fn behaviour(self) -> Option<&'static str> {
        match self {
            Self::InjectedStill => Some("still"),
            Self::InjectedTalk => Some("talk"),
            Self::Simulated | Self::Painted => None,
        }
    }
}

/// Recordings into which contractions are put.
#[derive(Debug, Clone, Default)]
pub struct Hosts {
    /// Paths with the behaviour of the person.
    clips: Vec<(PathBuf, String)>,
}

impl Hosts {
    /// Reads a table with the columns `clip` (from `folder`) and `behaviour` (`still` or `talk`),
    /// separated by tabs.
    ///
    /// # Errors
    /// The table cannot be read, or a recording is missing.
    pub fn read(table: &Path, folder: &Path) -> Result<Self, Error> {
        let rows = rows(table, &["clip", "behaviour"])?;
        let clips: Vec<(PathBuf, String)> =
            rows.into_iter().map(|row| (folder.join(&row[0]), row[1].clone())).collect();
        match clips.iter().find(|(clip, _)| !clip.is_file()) {
            Some((missing, _)) => Err(Error::content(
                table,
                format!("{} is not there; name the folder of the recordings", missing.display()),
            )),
            None => Ok(Self { clips }),
        }
    }

    fn of(&self, behaviour: &str) -> Vec<&Path> {
        let own = self.clips.iter().filter(|(_, own)| own == behaviour);
        own.map(|(clip, _)| clip.as_path()).collect()
    }
}

/// One recording to come of a block.
#[derive(Debug, Clone)]
pub(super) struct Drawn {
    series: Series,
    scenario: Scenario,
    protocol: Option<Protocol>,
    /// Who was drawn; `None` where the person is of a recording.
    subject: Option<Subject>,
    /// The recording that is changed, where one is.
    host: Option<PathBuf>,
}

impl Drawn {
    /// The recordings of a block. Patients and people without spasm take turns, labels among the
    /// patients, and hosts; the hosts themselves are the people without spasm where there are any.
    pub(super) fn of(
        block: &Block,
        series: Series,
        hosts: &Hosts,
    ) -> Result<Vec<Self>, EvaluateError> {
        let own = series.behaviour().map(|behaviour| hosts.of(behaviour)).unwrap_or_default();
        if series.behaviour().is_some() && own.is_empty() {
            return Err(EvaluateError::NoHost(series.name()));
        }
        (0..block.recordings)
            .map(|number| {
                let seed = block.seed + number;
                Ok(match series {
                    Series::Simulated => {
                        Self::simulated(Subject::of_turn(&Label::ALL, number), seed)
                    }
                    Series::Painted => Self::painted(Subject::of_turn(&PAINTED, number), seed),
                    Series::InjectedStill | Series::InjectedTalk => {
                        let label = INJECTED[number as usize % INJECTED.len()];
                        // Not in step with the labels, so that each host meets each of them.
                        let host = own[(number + number / own.len() as u64) as usize % own.len()];
                        Self::injected(series, label, seed, host)?
                    }
                })
            })
            .collect()
    }

    /// Between cameras, trackers and amounts of speech as they are met.
    fn simulated(subject: Subject, seed: u64) -> Self {
        let (scenario, protocol) = subject.recorded(seed, SIMULATED_S);
        Self { series: Series::Simulated, scenario, protocol, subject: Some(subject), host: None }
    }

    fn painted(subject: Subject, seed: u64) -> Self {
        let mut scenario = subject.scenario(seed, PAINTED_S);
        (scenario.camera.width, scenario.camera.height) = (PAINTED_PX, PAINTED_PX);
        scenario.camera.fps = scenario.camera.fps.min(PAINTED_FPS);
        let subject = Some(subject);
        Self { series: Series::Painted, scenario, protocol: None, subject, host: None }
    }

    /// A patient's contractions alone: the rest is the host's own.
    fn injected(
        series: Series,
        label: Label,
        seed: u64,
        host: &Path,
    ) -> Result<Self, EvaluateError> {
        let source = VideoSource::open(host).map_err(ClipError::from)?;
        let info = source.info();
        let length_s = info.frames_declared.zip(info.fps_nominal).map(|(n, fps)| n as f64 / fps);
        let length_s = length_s.unwrap_or(PAINTED_S);
        let drawn = patient(label, seed, length_s);
        let still = Scenario::still(&drawn.name, length_s);
        let fps = info.fps_nominal.unwrap_or(still.camera.fps);
        let scenario = Scenario {
            label: None,
            seed,
            events: drawn.events,
            camera: Camera { fps, ..still.camera },
            ..still
        };
        let host = Some(host.to_owned());
        Ok(Self { series, scenario, protocol: None, subject: None, host })
    }

    /// Makes the recording, has it measured and judged, and scores it.
    pub(super) fn score(&self, face: &mut Face<'_>) -> Result<ValidatedClip, EvaluateError> {
        let (truth, samples) = match &self.host {
            Some(host) => self.inject_into(host, face)?,
            None => (Motion::new(&self.scenario).truth(None), self.samples(face)?),
        };
        let thresholds = face.thresholds;
        let protocol = self.protocol.clone();
        let mut findings = Analyzer::whole(&samples, thresholds, protocol).findings;
        let pattern = pattern::assess(&findings, findings.summary.usable_s, &thresholds.pattern);
        if self.host.is_some() {
            // Whoever lent the face shuts the eyes now and then; nobody rated when.
            findings.events.retain(|event| event.kind != EventKind::Closure);
        }
        // Painted and injected recordings are too short for a label.
        let label = (self.series == Series::Simulated).then_some(pattern.label);
        let frame_s = 1.0 / truth.fps.unwrap_or(PAINTED_FPS);
        let person = self.host.as_ref().and_then(|host| host.file_stem());
        Ok(ValidatedClip {
            truth: String::new(),
            analysis: String::new(),
            name: self.scenario.name.clone(),
            person: person.map_or_else(
                || self.scenario.name.clone(),
                |own| own.to_string_lossy().into_owned(),
            ),
            length_s: truth.length_s().unwrap_or_default(),
            label: Some(pattern.label),
            told: self.subject.map(|subject| self.told(subject, &pattern)),
            score: compare_findings(&truth, &findings, label, frame_s),
        })
    }

    /// What was said of whoever was drawn.
    fn told(&self, subject: Subject, pattern: &Pattern) -> ToldPattern {
        // The couplings of drawn patients are those of eye and mouth.
        let coupled = |task: &&Task| !matches!(task.task, TaskKind::Rest | TaskKind::BrowRaise);
        let repeated: u32 =
            self.scenario.tasks.iter().filter(coupled).map(|task| task.repetitions).sum();
        let best = pattern.ranked.first();
        ToldPattern {
            group: match subject {
                Subject::Patient(_) => "patients".to_owned(),
                Subject::Negative(kind) => kind.name().to_owned(),
            },
            truth: subject.label(),
            found: pattern.label,
            best: best.map_or(Label::Indeterminate, |best| best.label),
            score: best.map_or(0.0, |best| best.score),
            events: match subject {
                Subject::Patient(_) => self.scenario.events.len() as u32 + repeated,
                Subject::Negative(_) => 0,
            },
            weak: self.scenario.weakness.map(|weakness| weakness.side),
            named_weak: pattern.weakness.as_ref().map(|weakness| weakness.side),
        }
    }

    fn samples(&self, face: &mut Face<'_>) -> Result<Vec<Sample>, EvaluateError> {
        let scenario = &self.scenario;
        if self.series == Series::Simulated {
            return Ok(signals(&Motion::new(scenario), &draw_tracker(scenario.seed)));
        }
        let source = PaintedSource::new(scenario)?;
        let measured =
            Measured::of_source(face.pipeline()?, &scenario.name, Box::new(source), false)?;
        Ok(measured.samples)
    }

    fn inject_into(
        &self,
        host: &Path,
        face: &mut Face<'_>,
    ) -> Result<(Truth, Vec<Sample>), EvaluateError> {
        let injector = Injector::new(&self.scenario, &ModelStore::open()?)?;
        // What the recording shows of itself is not rated, its blinks least of all.
        let truth = Truth { blinks: None, ..injector.motion().truth(None) };
        let host = VideoSource::open(host).map_err(ClipError::from)?;
        let source = Box::new(InjectedSource::new(injector, host));
        let measured = Measured::of_source(face.pipeline()?, &self.scenario.name, source, false)?;
        Ok((truth, measured.samples))
    }
}
