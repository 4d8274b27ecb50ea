//! The program against recordings with truth and against blocks of drawn patients, and the ledger
//! of what it reached.
//!
//! A [`Corpus`] is a folder of recordings with their truths. Each is measured once, which takes the
//! time, and what was measured is kept in a [`Store`]: judging it again takes a hundredth of that.
//!
//! ```no_run
//! use spasmograph::evaluate::{Corpus, Evaluation, Persons, Store};
//! use spasmograph::thresholds::Thresholds;
//!
//! let thresholds = Thresholds::default();
//! let corpus = Corpus::read("recordings".as_ref(), &Persons::default())?;
//! let store = Store::open("measured".as_ref(), &thresholds)?;
//! let evaluation = Evaluation { store: Some(store), thresholds, ..Evaluation::default() };
//! let validation = evaluation.run(&corpus, &|_| {})?;
//! println!("{}", validation.text());
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod cohort;
mod corpus;
mod fit;
mod ledger;
mod measured;
mod reliability;
mod store;
mod table;

use std::collections::VecDeque;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, PoisonError};
use std::thread;

pub use cohort::{Hosts, Series};
pub use corpus::{Corpus, Persons, Rated};
pub use fit::{Fit, Movements};
pub use ledger::{Block, Ledger};
pub use measured::Measured;
pub use reliability::reliability;
pub use store::Store;
pub use table::table;

use cohort::Drawn;

use crate::clip::ClipError;
use crate::face::FaceError;
use crate::models::{ModelError, ModelStore};
use crate::pipeline::Pipeline;
use crate::report::{self, OutputFile};
use crate::source::Input;
use crate::synth::{InjectError, ScenarioError};
use crate::thresholds::Thresholds;
use crate::validate::{Matching, ValidatedClip, Validation, mirror_agreement, remarks, score};

/// How recordings are evaluated.
#[derive(Debug, Clone)]
pub struct Evaluation {
    /// Where what is measured is kept; `None` keeps nothing.
    pub store: Option<Store>,
    /// Each recording's mirror image is measured, too, which takes as long again.
    pub mirror: bool,
    /// Folder into which the analysis of each recording is written, as `NAME.json`.
    pub analyses: Option<PathBuf>,
    /// How truth and findings are matched.
    pub matching: Matching,
    /// Recordings measured at a time, each on a core of its own.
    pub jobs: usize,
    /// The thresholds of all stages.
    pub thresholds: Thresholds,
}

impl Default for Evaluation {
    /// By peak, as people rate; no store, no mirror images, every core.
    fn default() -> Self {
        Self {
            store: None,
            mirror: false,
            analyses: None,
            matching: Matching::PEAK,
            jobs: thread::available_parallelism().map_or(1, usize::from),
            thresholds: Thresholds::default(),
        }
    }
}

/// Why recordings cannot be evaluated.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum EvaluateError {
    /// The models are not there.
    #[error(transparent)]
    Models(#[from] ModelError),
    /// The models do not run.
    #[error(transparent)]
    Face(#[from] FaceError),
    /// A recording cannot be measured.
    #[error(transparent)]
    Clip(#[from] ClipError),
    /// A truth, a table or a measured recording cannot be read or written.
    #[error(transparent)]
    Report(#[from] report::Error),
    /// A drawn patient cannot be painted.
    #[error(transparent)]
    Scenario(#[from] ScenarioError),
    /// Contractions cannot be put into a recording.
    #[error(transparent)]
    Inject(#[from] InjectError),
    /// No recording is named into which a series puts contractions.
    #[error("{0}: no recording to put contractions into; the table of hosts names none")]
    NoHost(&'static str),
}

impl Evaluation {
    /// Measures and judges every recording of a corpus and scores it against its truth; `done`
    /// hears of each recording.
    ///
    /// # Errors
    /// A recording cannot be measured or scored. What was measured until then is in the store.
    pub fn run(
        &self,
        corpus: &Corpus,
        done: &(dyn Fn(&ValidatedClip) + Sync),
    ) -> Result<Validation, EvaluateError> {
        let recordings = &corpus.recordings;
        let scored = self.each(recordings, &|rated, face| self.one(rated, face), done)?;
        let remarks = recordings.iter().flat_map(|own| remarks(&own.truth_path, &own.truth));
        Ok(Validation::new(scored, self.matching, remarks.collect()))
    }

    /// Makes, measures and judges every recording of a block and scores it against what was drawn,
    /// by overlap, as its times are exact; `done` hears of each recording.
    ///
    /// # Errors
    /// A recording cannot be made or measured.
    pub fn run_block(
        &self,
        block: &Block,
        series: Series,
        hosts: &Hosts,
        done: &(dyn Fn(&ValidatedClip) + Sync),
    ) -> Result<Validation, EvaluateError> {
        let drawn = Drawn::of(block, series, hosts)?;
        let scored = self.each(&drawn, &|drawn, face| drawn.score(face), done)?;
        Ok(Validation::new(scored, Matching::default(), Vec::new()))
    }

    /// Scores one after another on as many threads as there are jobs; the order stays.
    fn each<T: Sync>(
        &self,
        all: &[T],
        score: &Score<'_, T>,
        done: &(dyn Fn(&ValidatedClip) + Sync),
    ) -> Result<Vec<ValidatedClip>, EvaluateError> {
        let queue: Mutex<VecDeque<(usize, &T)>> = Mutex::new(all.iter().enumerate().collect());
        let scored = Mutex::new(Vec::new());
        let failed = AtomicBool::new(false);
        let work = || -> Result<(), EvaluateError> {
            let mut face = Face { thresholds: &self.thresholds, pipeline: None };
            while !failed.load(Ordering::Relaxed) {
                let next = queue.lock().unwrap_or_else(PoisonError::into_inner).pop_front();
                let Some((at, own)) = next else { break };
                let clip =
                    score(own, &mut face).inspect_err(|_| failed.store(true, Ordering::Relaxed))?;
                done(&clip);
                scored.lock().unwrap_or_else(PoisonError::into_inner).push((at, clip));
            }
            Ok(())
        };
        thread::scope(|scope| {
            let workers: Vec<_> = (0..self.jobs.max(1)).map(|_| scope.spawn(work)).collect();
            workers.into_iter().try_for_each(|worker| match worker.join() {
                Ok(result) => result,
                Err(panic) => std::panic::resume_unwind(panic),
            })
        })?;
        let mut scored = scored.into_inner().unwrap_or_else(PoisonError::into_inner);
        scored.sort_by_key(|(at, _)| *at);
        Ok(scored.into_iter().map(|(_, clip)| clip).collect())
    }

    fn one(&self, rated: &Rated, face: &mut Face<'_>) -> Result<ValidatedClip, EvaluateError> {
        let measured = self.measured(&rated.clip, false, face)?;
        let analysis = measured.judge(&self.thresholds, None);
        if let Some(folder) = &self.analyses {
            let name = rated.clip.file_stem().unwrap_or_default();
            let mut path = folder.join(name).into_os_string();
            path.push(".json");
            report::json::write(OutputFile::create(path.as_ref())?, &analysis)?;
        }
        let mut clip =
            score(&rated.truth_path, &rated.truth, &rated.clip, &analysis, self.matching)?;
        if self.mirror {
            let image = self.measured(&rated.clip, true, face)?.judge(&self.thresholds, None);
            clip.score.mirror = Some(mirror_agreement(&analysis.findings, &image.findings));
        }
        Ok(clip)
    }

    /// What was measured of a recording, from the store where it is there.
    fn measured(
        &self,
        clip: &Path,
        mirrored: bool,
        face: &mut Face<'_>,
    ) -> Result<Measured, EvaluateError> {
        let kept = self.store.as_ref().map(|store| store.get(clip, mirrored)).transpose()?;
        if let Some(measured) = kept.flatten() {
            return Ok(measured);
        }
        let input = Input::File(clip.to_owned());
        let measured = Measured::of_file(face.pipeline()?, &input, mirrored)?;
        if let Some(store) = &self.store {
            store.put(clip, mirrored, &measured)?;
        }
        Ok(measured)
    }
}

/// Scores one recording with the face model of its thread.
type Score<'a, T> = dyn Fn(&T, &mut Face<'_>) -> Result<ValidatedClip, EvaluateError> + Sync + 'a;

/// The face model of one worker, loaded when it is first needed.
struct Face<'a> {
    thresholds: &'a Thresholds,
    pipeline: Option<Pipeline>,
}

impl Face<'_> {
    fn pipeline(&mut self) -> Result<&mut Pipeline, EvaluateError> {
        Ok(match &mut self.pipeline {
            Some(pipeline) => pipeline,
            none => {
                let pipeline = Pipeline::new(&ModelStore::open()?, self.thresholds)?;
                none.insert(pipeline.on_one_thread())
            }
        })
    }
}
