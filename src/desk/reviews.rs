//! Reviews that are open in tabs.

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant, SystemTime};

use axum::http::StatusCode;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::answer::Refusal;
use super::library::Entry;
use super::limits::Limits;
use crate::event::{Event, EventKind};
use crate::report::csv::read_signals;
use crate::report::html::viewer_data;
use crate::report::{Analysis, summary};
use crate::review::{
    self, Change, Item, REVIEWER_CHARS, Review, ReviewError, What, file, nearest_frame,
};
use crate::signal::Sample;
use crate::thresholds::Thresholds;

/// Which review a tab means.
#[derive(Debug, Clone, Deserialize)]
pub(super) struct Which {
    /// The recording.
    pub(super) name: String,
    /// Who reviews.
    reviewer: String,
    /// The tab, by a word of its own.
    tab: String,
    /// A new review is begun blind.
    #[serde(default)]
    blind: bool,
    /// Takes the review over from another tab.
    #[serde(default)]
    take: bool,
}

/// A step that a tab makes.
#[derive(Debug, Clone, Deserialize)]
pub(super) struct Made {
    #[serde(flatten)]
    pub(super) which: Which,
    /// The revision that the tab shows.
    after: usize,
    change: Change,
}

/// A recording held ready.
#[derive(Debug)]
struct Held {
    analysis: Analysis,
    samples: Vec<Sample>,
    read: Option<SystemTime>,
}

/// Everything open.
#[derive(Debug)]
pub(super) struct Reviews {
    held: Mutex<Vec<(PathBuf, Arc<Held>)>>,
    seats: Mutex<HashMap<PathBuf, (String, Instant)>>,
    /// One step at a time: each is on the disk before the next is looked at.
    steps: Mutex<()>,
    silence: Duration,
    most: usize,
}

fn lock<T>(own: &Mutex<T>) -> MutexGuard<'_, T> {
    own.lock().unwrap_or_else(PoisonError::into_inner)
}

impl From<ReviewError> for Refusal {
    fn from(error: ReviewError) -> Self {
        let (status, code) = match &error {
            ReviewError::Newer { .. } => (StatusCode::CONFLICT, "newer"),
            ReviewError::OtherRecording { .. } => (StatusCode::CONFLICT, "other_recording"),
            ReviewError::Change(_) => (StatusCode::UNPROCESSABLE_ENTITY, "step"),
            ReviewError::Missing(_) => (StatusCode::NOT_FOUND, "not_found"),
            _ => (StatusCode::INTERNAL_SERVER_ERROR, "failed"),
        };
        Self::new(status, code, error)
    }
}

impl Reviews {
    pub(super) fn new(limits: &Limits) -> Self {
        Self {
            held: Mutex::default(),
            seats: Mutex::default(),
            steps: Mutex::default(),
            silence: limits.silence,
            most: limits.held,
        }
    }

    /// Opens a review, or begins it; a new one is kept with its first step.
    pub(super) fn open(&self, entry: &Entry, which: &Which) -> Result<Value, Refusal> {
        check(which)?;
        let held = self.held(entry)?;
        let path = file::of_reviewer(&entry.analysis(), &which.reviewer)?;
        let review = read_or_begin(&path, &held, which)?;
        let seat = self.sit(&path, which);
        let mut data = viewer_data(&held.analysis, &held.samples, entry.picture().is_some());
        if let Some(data) = data.as_object_mut() {
            // They come with the review's state; a blind reader must not be led.
            data.insert("events".to_owned(), json!([]));
            data.insert("blinks".to_owned(), json!([]));
        }
        let picture = entry.picture().map(|path| {
            let plays = super::queue::plays(&path);
            let drawn = entry.results.join("overlay.mp4").is_file();
            // What the program drew on its picture would lead a blind reader.
            if !plays && drawn && !review.blind { "overlay" } else { "recording" }
        });
        Ok(json!({
            "name": entry.name,
            "clip": summary::clip(&held.analysis),
            "file": path.file_name().map(|name| name.to_string_lossy()),
            "frame_s": held.analysis.frame_s(),
            "data": data,
            "picture": picture,
            "seat": seat,
            "state": state(&review, &held)?,
        }))
    }

    /// Says that a tab is still there; tells it whether the review is its own, and how far it is.
    pub(super) fn here(&self, entry: &Entry, which: &Which) -> Result<Value, Refusal> {
        check(which)?;
        let path = file::of_reviewer(&entry.analysis(), &which.reviewer)?;
        let seat = self.sit(&path, which);
        let revision = if path.exists() { Review::read(&path)?.revision() } else { 0 };
        Ok(json!({ "seat": seat, "revision": revision }))
    }

    /// Makes a step, and has it on the disk before it is answered.
    pub(super) fn step(&self, entry: &Entry, made: Made) -> Result<Value, Refusal> {
        check(&made.which)?;
        let held = self.held(entry)?;
        let path = file::of_reviewer(&entry.analysis(), &made.which.reviewer)?;
        if !self.sit(&path, &made.which) {
            let text = "this review is open in another tab; take it over there, or here";
            return Err(Refusal::new(StatusCode::CONFLICT, "other_tab", text));
        }
        let _one = lock(&self.steps);
        let mut review = read_or_begin(&path, &held, &made.which)?;
        if review.revision() != made.after {
            let text = "this review was changed elsewhere since it was shown here";
            return Err(Refusal::new(StatusCode::CONFLICT, "moved_on", text));
        }
        review.step(snapped(made.change, &held.samples), review::now())?;
        review.write(&path)?;
        state(&review, &held)
    }

    /// The recording's analysis with its signals.
    fn held(&self, entry: &Entry) -> Result<Arc<Held>, Refusal> {
        let path = entry.analysis();
        let read = std::fs::metadata(&path).and_then(|data| data.modified()).ok();
        let mut all = lock(&self.held);
        if let Some(at) = all.iter().position(|own| own.0 == path && own.1.read == read) {
            let own = all.remove(at);
            all.push(own);
            return Ok(Arc::clone(&all[all.len() - 1].1));
        }
        if !path.is_file() {
            let text = format!("\"{}\" has not been analyzed yet", entry.name);
            return Err(Refusal::new(StatusCode::CONFLICT, "not_analyzed", text));
        }
        let analysis = Analysis::read(&path).map_err(Refusal::failed)?;
        // Without signals there is nothing to draw; the findings can be judged all the same.
        let samples = read_signals(&entry.results.join("signals.csv")).unwrap_or_default();
        let held = Arc::new(Held { analysis, samples, read });
        all.retain(|own| own.0 != path);
        all.push((path, Arc::clone(&held)));
        let over = all.len().saturating_sub(self.most);
        all.drain(..over);
        Ok(held)
    }

    /// Whether a tab has the review: it had it, takes it, or nobody has it any more.
    fn sit(&self, path: &Path, which: &Which) -> bool {
        let mut seats = lock(&self.seats);
        let now = Instant::now();
        let free = match seats.get(path) {
            None => true,
            Some((tab, seen)) => {
                *tab == which.tab || which.take || now.duration_since(*seen) > self.silence
            }
        };
        if free {
            seats.insert(path.to_owned(), (which.tab.clone(), now));
        }
        free
    }
}

fn check(which: &Which) -> Result<(), Refusal> {
    let name = which.reviewer.trim();
    if name.is_empty() {
        return Err(Refusal::field("reviewer", "say who reviews: initials will do"));
    }
    if name.chars().count() > REVIEWER_CHARS || name.chars().any(char::is_control) {
        return Err(Refusal::field("reviewer", "a name on one line, 100 characters at most"));
    }
    if which.tab.is_empty() || which.tab.len() > 64 {
        return Err(Refusal::bad("a tab must have a word of its own"));
    }
    Ok(())
}

fn read_or_begin(path: &Path, held: &Held, which: &Which) -> Result<Review, Refusal> {
    if !path.exists() {
        let reviewer = which.reviewer.trim();
        return Ok(Review::begin(&held.analysis, reviewer, which.blind, review::now()));
    }
    let review = Review::read(path)?;
    review.is_of(&held.analysis)?;
    Ok(review)
}

/// A step with its times at frames.
fn snapped(change: Change, samples: &[Sample]) -> Change {
    let at = |time_s: f64| nearest_frame(samples, time_s);
    match change {
        Change::Move { item, part, start_s, end_s } => {
            Change::Move { item, part, start_s: start_s.map(at), end_s: end_s.map(at) }
        }
        Change::AddEvent { kind, part, start_s, end_s } => {
            Change::AddEvent { kind, part, start_s: at(start_s), end_s: at(end_s) }
        }
        Change::AddBlink { side, start_s, end_s } => {
            Change::AddBlink { side, start_s: at(start_s), end_s: at(end_s) }
        }
        Change::AddPart { item, part, start_s, end_s } => {
            Change::AddPart { item, part, start_s: at(start_s), end_s: at(end_s) }
        }
        other => other,
    }
}

/// An item as the page shows it.
#[derive(Serialize)]
struct Shown<'a> {
    #[serde(flatten)]
    item: &'a Item,
    /// 0 certain, 1 in doubt; the most doubtful are looked at first.
    doubt: f64,
}

/// What the page shows of a review.
fn state(review: &Review, held: &Held) -> Result<Value, Refusal> {
    let items = review.items();
    let shown: Vec<Shown<'_>> =
        items.iter().map(|item| Shown { item, doubt: doubt(item, &held.analysis) }).collect();
    let reviewed = review.apply(&held.analysis, &held.samples, &Thresholds::default())?;
    let (can_undo, can_redo) = review.can_undo_and_redo();
    let lines = if review.blind {
        vec![("events", summary::events(&reviewed)), ("blinks", summary::blinks(&reviewed))]
    } else {
        vec![
            ("pattern", summary::pattern(&reviewed).join("; ")),
            ("events", summary::events(&reviewed)),
            ("spread", summary::spread(&reviewed)),
            ("blinks", summary::blinks(&reviewed)),
            ("scales", summary::scales(&reviewed.scales)),
            ("usable", summary::usable(&reviewed)),
        ]
    };
    Ok(json!({
        "revision": review.revision(),
        "reviewer": review.reviewer,
        "blind": review.blind,
        "finished": review.finished,
        "changed": review.changed,
        "remark": review.remark(),
        "pattern": review.truth.pattern,
        "can_undo": can_undo,
        "can_redo": can_redo,
        "tally": reviewed.reviewed,
        "summary": lines,
        "warnings": reviewed.warnings,
        "items": shown,
    }))
}

/// How doubtful an item is, 0 to 1.
fn doubt(item: &Item, analysis: &Analysis) -> f64 {
    match &item.what {
        What::Event(event) => event_doubt(event, analysis),
        // A blink of one eye, or a shallow one, may be something else.
        What::Blink(blink) => {
            let one_sided = if blink.side == crate::event::Laterality::Both { 0.0 } else { 0.3 };
            (f64::from(1.0 - blink.depth) * 0.5 + one_sided).clamp(0.0, 1.0)
        }
    }
}

/// What the program says of its own confidence, where an analysis has it. Otherwise size over the
/// detection limit: what is hardly above it is in doubt; so is what the program cannot tell.
fn event_doubt(event: &Event, analysis: &Analysis) -> f64 {
    // Analyses of some versions have no such field.
    let written = serde_json::to_value(event).unwrap_or_default();
    if let Some(confidence) = written.get("confidence").and_then(Value::as_f64) {
        return (1.0 - confidence).clamp(0.0, 1.0);
    }
    if event.kind == EventKind::Uncertain {
        return 1.0;
    }
    let noise = &analysis.findings.noise;
    let margins = event.contractions.iter().filter_map(|own| {
        let floor = noise.iter().find(|floor| (floor.region, floor.side) == (own.region, own.side));
        let limit = floor?.smallest_detectable_mfu.filter(|limit| *limit > 0.0)?;
        Some(f64::from(own.amplitude_mfu.abs() / limit))
    });
    margins.reduce(f64::max).map_or(0.5, |margin| 1.0 / (1.0 + margin))
}
