//! What one rater says of one recording.

use std::collections::HashMap;
use std::path::{Path, PathBuf};

use serde::Serialize;

use crate::event::{EventKind, Laterality};
use crate::pattern::Label;
use crate::report::{self, Analysis, Truth, json};
use crate::review::{self, Review, ReviewError};

/// Length of the stretches in which blinks are counted, seconds (judgment: some blinks in each).
const STRETCH_S: f64 = 10.0;

/// Why raters cannot be compared.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum AgreeError {
    /// A file cannot be read.
    #[error(transparent)]
    File(#[from] report::Error),
    /// A review cannot be used.
    #[error(transparent)]
    Review(#[from] ReviewError),
    /// It is neither a review, nor a truth, nor an analysis.
    #[error("{path} is no review, truth or analysis: its schema is \"{schema}\"", path = path.display())]
    Unknown {
        /// The file.
        path: PathBuf,
        /// What it says it is.
        schema: String,
    },
    /// One rater rated a recording twice.
    #[error("{rater} rated \"{recording}\" twice; name one of the files")]
    Twice {
        /// The rater.
        rater: String,
        /// The recording.
        recording: String,
    },
    /// No two raters rated the same recording.
    #[error(
        "no recording was rated by two: name reviews of the same recording by two raters, or a \
             review and the analysis"
    )]
    Alone,
}

/// A blink or an event as a rater has it.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Rated {
    /// First movement, seconds.
    pub start_s: f64,
    /// Return, seconds.
    pub end_s: f64,
    /// Kind of an event; `None` for blinks, and for events whose kind was not rated.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub kind: Option<EventKind>,
    /// Side, where it was rated.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub side: Option<Laterality>,
    /// It counts neither for nor against.
    #[serde(skip)]
    pub uncertain: bool,
}

impl Rated {
    /// Intersection over union of the times, 0 to 1.
    pub(super) fn overlap(&self, other: &Self) -> f64 {
        let common = (self.end_s.min(other.end_s) - self.start_s.max(other.start_s)).max(0.0);
        let union = (self.end_s - self.start_s) + (other.end_s - other.start_s) - common;
        if union > 0.0 { common / union } else { 0.0 }
    }

    pub(super) fn kind_word(&self) -> String {
        self.kind.map_or_else(|| "event".to_owned(), report::csv::word)
    }

    pub(super) fn side_word(&self) -> String {
        self.side.map_or_else(|| "unknown".to_owned(), report::csv::word)
    }
}

/// What one rater says of one recording.
#[derive(Debug, Clone, PartialEq)]
pub struct Rating {
    /// Who.
    pub rater: String,
    /// Name of the recording.
    pub recording: String,
    /// SHA-256 of the recording, where it is known.
    pub sha256: Option<String>,
    /// Length of the recording, seconds; `None` where it is not known.
    pub duration_s: Option<f64>,
    /// Events; `None` where they were not rated.
    pub events: Option<Vec<Rated>>,
    /// Blinks; `None` where they were not rated.
    pub blinks: Option<Vec<Rated>>,
    /// The pattern, where it was rated.
    pub label: Option<Label>,
    /// Worth knowing of this rating.
    pub note: Option<String>,
}

impl Rating {
    /// Reads a review, a truth or an analysis.
    ///
    /// # Errors
    /// [`AgreeError`].
    pub fn read(path: &Path) -> Result<Self, AgreeError> {
        #[derive(serde::Deserialize)]
        struct Written {
            #[serde(default)]
            schema: String,
        }
        let file = if path.is_dir() { path.join("analysis.json") } else { path.to_owned() };
        let Written { schema } = json::read(&file)?;
        if schema == report::SCHEMA {
            Ok(Self::of_analysis(&Analysis::read(&file)?))
        } else if schema == report::TRUTH_SCHEMA {
            Ok(Self::of_truth(&Truth::read(&file)?, &file))
        } else if schema.starts_with("spasmograph.review/") {
            Ok(Self::of_review(&Review::read(&file)?, &file))
        } else {
            Err(AgreeError::Unknown { path: file, schema })
        }
    }

    fn of_analysis(analysis: &Analysis) -> Self {
        let findings = &analysis.findings;
        let events = findings.events.iter().map(|event| Rated {
            start_s: event.start_s,
            end_s: event.end_s,
            kind: Some(event.kind),
            side: Some(event.side),
            uncertain: false,
        });
        let blinks = findings.blinks.iter().map(|blink| Rated {
            start_s: blink.start_s,
            end_s: blink.end_s,
            kind: None,
            side: Some(blink.side),
            uncertain: false,
        });
        let rater = match &analysis.reviewed {
            Some(reviewed) => reviewed.reviewer.clone(),
            None => format!("program {}", analysis.version),
        };
        Self {
            rater,
            recording: file_name(&analysis.source.path),
            sha256: analysis.source.sha256.clone(),
            duration_s: Some(analysis.source.duration_s),
            events: Some(events.collect()),
            blinks: Some(blinks.collect()),
            label: Some(analysis.pattern.label),
            note: None,
        }
    }

    fn of_truth(truth: &Truth, path: &Path) -> Self {
        let events = truth.events.as_ref().map(|all| {
            let one = |event: &report::TruthEvent| Rated {
                start_s: event.start_s,
                end_s: event.end_s,
                kind: event.kind,
                side: Some(event.side),
                uncertain: event.uncertain,
            };
            all.iter().map(one).collect()
        });
        let blinks = truth.blinks.as_ref().map(|all| {
            let one = |blink: &report::TruthBlink| Rated {
                start_s: blink.start_s,
                end_s: blink.end_s,
                kind: None,
                side: blink.side,
                uncertain: blink.uncertain,
            };
            all.iter().map(one).collect()
        });
        let own = file_name(&path.to_string_lossy());
        Self {
            rater: truth.annotator.clone().unwrap_or_else(|| own.clone()),
            recording: truth.clip.clone().unwrap_or(own),
            sha256: None,
            duration_s: truth.duration_s,
            events,
            blinks,
            label: truth.pattern,
            note: None,
        }
    }

    fn of_review(review: &Review, path: &Path) -> Self {
        let unjudged =
            review.items().iter().filter(|i| i.status == review::Status::Unjudged).count();
        Self {
            rater: review.reviewer.clone(),
            recording: review.recording.name.clone(),
            sha256: review.recording.sha256.clone(),
            duration_s: Some(review.recording.duration_s),
            note: (unjudged > 0).then(|| {
                format!(
                    "{} has not judged {unjudged} of the program's findings in \"{}\"; they are \
                     left out",
                    review.reviewer, review.recording.name
                )
            }),
            ..Self::of_truth(&review.truth, path)
        }
    }

    /// Whether another rating is of the same recording.
    fn same_recording(&self, other: &Self) -> bool {
        match (&self.sha256, &other.sha256) {
            (Some(own), Some(theirs)) => own == theirs,
            _ => stem(&self.recording) == stem(&other.recording),
        }
    }
}

fn file_name(path: &str) -> String {
    Path::new(path)
        .file_name()
        .map_or_else(|| path.to_owned(), |n| n.to_string_lossy().into_owned())
}

fn stem(name: &str) -> &str {
    name.rsplit_once('.').map_or(name, |(stem, _)| stem)
}

/// Ratings by recording and rater.
#[derive(Debug)]
pub(super) struct Group<'a> {
    pub(super) raters: Vec<String>,
    pub(super) recordings: Vec<String>,
    /// By recording, then by rater.
    pub(super) table: Vec<Vec<Option<&'a Rating>>>,
}

impl<'a> Group<'a> {
    pub(super) fn of(ratings: &'a [Rating]) -> Result<Self, AgreeError> {
        let mut raters: Vec<String> = Vec::new();
        let mut firsts: Vec<&Rating> = Vec::new();
        let mut cells: HashMap<(usize, usize), &Rating> = HashMap::new();
        for rating in ratings {
            let rater = raters.iter().position(|own| *own == rating.rater).unwrap_or_else(|| {
                raters.push(rating.rater.clone());
                raters.len() - 1
            });
            let recording =
                firsts.iter().position(|own| own.same_recording(rating)).unwrap_or_else(|| {
                    firsts.push(rating);
                    firsts.len() - 1
                });
            if cells.insert((recording, rater), rating).is_some() {
                let (rater, recording) = (rating.rater.clone(), rating.recording.clone());
                return Err(AgreeError::Twice { rater, recording });
            }
        }
        let table: Vec<Vec<Option<&Rating>>> = (0..firsts.len())
            .map(|r| (0..raters.len()).map(|own| cells.get(&(r, own)).copied()).collect())
            .collect();
        if table.iter().all(|row| row.iter().flatten().count() < 2) {
            return Err(AgreeError::Alone);
        }
        let recordings = firsts.iter().map(|own| own.recording.clone()).collect();
        Ok(Self { raters, recordings, table })
    }

    /// The label of each recording by each rater.
    pub(super) fn labels(&self) -> Vec<Vec<Option<String>>> {
        let label = |own: &Option<&Rating>| Some((*own)?.label?.name().to_owned());
        self.table.iter().map(|row| row.iter().map(label).collect()).collect()
    }

    /// Blinks of each recording that all raters rated, by rater.
    pub(super) fn blink_counts(&self) -> Vec<Vec<f64>> {
        self.blinks_in(|_| vec![(f64::NEG_INFINITY, f64::INFINITY)])
    }

    /// Blinks of each stretch of a recording that all raters rated, by rater.
    pub(super) fn blink_stretches(&self) -> Vec<Vec<f64>> {
        self.blinks_in(|length_s| {
            let whole = (length_s / STRETCH_S).floor() as usize;
            (0..whole).map(|i| (i as f64 * STRETCH_S, (i + 1) as f64 * STRETCH_S)).collect()
        })
    }

    fn blinks_in(&self, stretches: impl Fn(f64) -> Vec<(f64, f64)>) -> Vec<Vec<f64>> {
        let mut table = Vec::new();
        for row in &self.table {
            let blinks: Option<Vec<&Vec<Rated>>> =
                row.iter().map(|own| own.as_ref()?.blinks.as_ref()).collect();
            let Some(blinks) = blinks else { continue };
            let length_s =
                row.iter().flatten().filter_map(|own| own.duration_s).fold(0.0, f64::max);
            for (from_s, to_s) in stretches(length_s) {
                let count = |own: &&Vec<Rated>| {
                    let inside =
                        |b: &&Rated| !b.uncertain && b.start_s >= from_s && b.start_s < to_s;
                    own.iter().filter(inside).count() as f64
                };
                table.push(blinks.iter().map(count).collect());
            }
        }
        table
    }

    pub(super) fn notes(&self) -> Vec<String> {
        let mut notes: Vec<String> =
            self.table.iter().flatten().flatten().filter_map(|own| own.note.clone()).collect();
        let alone = self.table.iter().zip(&self.recordings);
        for (row, name) in alone {
            if row.iter().flatten().count() < 2 {
                notes.push(format!("\"{name}\" was rated by one only and is left out"));
            }
        }
        notes
    }
}
