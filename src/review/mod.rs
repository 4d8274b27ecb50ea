//! A reader's answer to an analysis: what stands, what does not, what was missed.
//!
//! A [`Review`] keeps what the program had found and every [`Step`] of the reader; what stands
//! follows from both by [`Review::items`], so that undoing is one more step and nothing is lost. It is
//! kept as `NAME.review.json` beside the results ([`file`]): a truth file with the reader, the times
//! and the steps added. [`Review::apply`] makes an analysis of what stands; [`elan`] takes one that was
//! edited in ELAN.

mod apply;
mod change;
pub mod elan;
mod error;
pub mod file;
mod item;
mod measure;
mod replay;
mod time;
mod truth;

pub use change::{Change, Part, Step};
pub use error::ReviewError;
pub use item::{Item, ItemId, Status, What};
pub use time::{nearest_frame, now};

use serde::{Deserialize, Serialize};

use crate::event::{Blink, Event};
use crate::report::{Analysis, Truth};
use replay::Replay;

pub use crate::report::REVIEW_SCHEMA as SCHEMA;

/// Longest remark, characters (judgment: a page).
pub const REMARK_CHARS: usize = 4000;
/// Longest name of a reviewer, characters (judgment).
pub const REVIEWER_CHARS: usize = 100;

/// One reader's review of one recording.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Review {
    /// What stands, as a truth: its `schema` is [`SCHEMA`].
    #[serde(flatten)]
    pub truth: Truth,
    /// Version of the program that wrote it.
    pub version: String,
    /// Who reviews.
    pub reviewer: String,
    /// When it was begun, as RFC 3339 has it.
    pub begun: String,
    /// When the last step was made.
    pub changed: String,
    /// The reader does not see what the program had found; it does not stand.
    pub blind: bool,
    /// The reader called it finished.
    pub finished: bool,
    /// The recording.
    pub recording: Recording,
    /// What the program had found.
    pub measured: Measured,
    /// Every step, undone ones and the undoing too, in order.
    pub steps: Vec<Step>,
}

/// The recording a review is of.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Recording {
    /// Its file name.
    pub name: String,
    /// SHA-256 of the file; `None` for what was no file.
    pub sha256: Option<String>,
    /// Its length, seconds.
    pub duration_s: f64,
    /// The usual interval between its frames, seconds.
    pub frame_s: f64,
}

/// What the program had found when the review was begun.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Measured {
    /// Version of the program.
    pub version: String,
    /// Its blinks.
    pub blinks: Vec<Blink>,
    /// Its events.
    pub events: Vec<Event>,
}

impl Review {
    /// Begins a review of an analysis.
    #[must_use]
    pub fn begin(analysis: &Analysis, reviewer: &str, blind: bool, time: String) -> Self {
        let source = &analysis.source;
        let name = std::path::Path::new(&source.path).file_name();
        let name = name.map_or_else(|| source.path.clone(), |n| n.to_string_lossy().into_owned());
        let mut review = Self {
            truth: Truth {
                schema: SCHEMA.to_owned(),
                clip: Some(name.clone()),
                fps: Some(1.0 / analysis.frame_s()),
                frames: Some(analysis.coverage.frames_read),
                duration_s: Some(source.duration_s),
                annotator: Some(reviewer.to_owned()),
                ..Truth::default()
            },
            version: env!("CARGO_PKG_VERSION").to_owned(),
            reviewer: reviewer.to_owned(),
            begun: time.clone(),
            changed: time,
            blind,
            finished: false,
            recording: Recording {
                name,
                sha256: source.sha256.clone(),
                duration_s: source.duration_s,
                frame_s: analysis.frame_s(),
            },
            measured: Measured {
                version: analysis.version.clone(),
                blinks: analysis.findings.blinks.clone(),
                events: analysis.findings.events.clone(),
            },
            steps: Vec::new(),
        };
        review.settle();
        review
    }

    /// Number of the last step; a review that nobody touched has none.
    #[must_use]
    pub fn revision(&self) -> usize {
        self.steps.len()
    }

    /// Makes a step. What cannot be done changes nothing.
    ///
    /// # Errors
    /// [`ReviewError::Change`] says what is wrong with it.
    pub fn step(&mut self, change: Change, time: String) -> Result<(), ReviewError> {
        let mut steps = self.steps.clone();
        steps.push(Step { number: steps.len() as u32 + 1, time: time.clone(), change });
        Replay::of(self, &steps).map_err(ReviewError::Change)?;
        self.steps = steps;
        self.changed = time;
        self.version = env!("CARGO_PKG_VERSION").to_owned();
        self.settle();
        Ok(())
    }

    /// Every blink and event, standing or not, in order of time.
    #[must_use]
    pub fn items(&self) -> Vec<Item> {
        self.replay().items
    }

    /// Whether there is a step to undo, and one to do again.
    #[must_use]
    pub fn can_undo_and_redo(&self) -> (bool, bool) {
        let replay = self.replay();
        (replay.can_undo, replay.can_redo)
    }

    /// Remarks on the recording as a whole.
    #[must_use]
    pub fn remark(&self) -> String {
        self.replay().remark
    }

    fn replay(&self) -> Replay {
        // Steps were checked as they were made or read.
        Replay::of(self, &self.steps).unwrap_or_default()
    }

    /// Brings what follows from the steps up to date.
    fn settle(&mut self) {
        let replay = self.replay();
        self.finished = replay.finished;
        self.truth.pattern = replay.pattern;
        (self.truth.blinks, self.truth.events) = truth::of(&replay.items);
    }
}
