//! Recordings that wait for analysis, one after the other.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use serde::Serialize;

use super::about::Abouts;
use super::answer::Refusal;
use super::library::{Entry, Library};
use super::limits::Limits;
use crate::batch::one_line;
use crate::clip::{self, Outputs, Request, Watch, Work};
use crate::event::Protocol;
use crate::models::ModelStore;
use crate::pattern::History;
use crate::pipeline::{Options, Pipeline};
use crate::report::overlay::Mode;
use crate::source::{self, Input, Opening};
use crate::thresholds::Thresholds;

/// Stretch over which the rate of frames is averaged (judgment: steady to the eye).
const RATE_OVER: Duration = Duration::from_secs(2);

/// A recording in the queue.
#[derive(Debug, Clone, Serialize)]
pub(super) struct Job {
    name: String,
    #[serde(flatten)]
    state: State,
}

/// What became of it.
#[derive(Debug, Clone, Serialize)]
#[serde(tag = "state", rename_all = "snake_case")]
enum State {
    Waiting,
    Running {
        /// `measuring` or `drawing`.
        work: &'static str,
        frames: u64,
        /// Frames expected; `None` where that is not known.
        of: Option<u64>,
        /// Frames a second of late.
        rate: f64,
        /// Time left at that rate, seconds.
        left_s: Option<f64>,
    },
    Done {
        /// Not measured to its end, or something is missing.
        partial: bool,
    },
    Failed {
        why: String,
    },
    Cancelled,
}

/// What the page asks of the queue.
#[derive(Debug, Clone, serde::Deserialize)]
#[serde(tag = "do", rename_all = "snake_case")]
pub(super) enum Command {
    Add {
        names: Vec<String>,
    },
    Cancel {
        name: String,
    },
    Retry {
        name: String,
    },
    Pause,
    Resume,
    /// Forgets what is over.
    Clear,
}

#[derive(Debug, Default)]
struct Inside {
    jobs: Vec<Job>,
    paused: bool,
    over: bool,
}

#[derive(Debug, Default)]
struct Shared {
    inside: Mutex<Inside>,
    changed: Condvar,
    /// The running job is to end.
    stop: AtomicBool,
}

impl Shared {
    fn lock(&self) -> MutexGuard<'_, Inside> {
        // Every change is whole before anything can panic.
        self.inside.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn set(&self, name: &str, state: State) {
        if let Some(job) = self.lock().jobs.iter_mut().find(|job| job.name == name) {
            job.state = state;
        }
        self.changed.notify_all();
    }
}

/// The queue and the thread that works on it.
#[derive(Debug)]
pub(super) struct Queue {
    shared: Arc<Shared>,
    worker: Option<JoinHandle<()>>,
    most: usize,
}

impl Queue {
    pub(super) fn start(library: &Arc<Library>, limits: &Limits) -> Self {
        let shared = Arc::<Shared>::default();
        let worker = thread::spawn({
            let (shared, library) = (Arc::clone(&shared), Arc::clone(library));
            let pixels = limits.pixels;
            move || work(&shared, &library, pixels)
        });
        Self { shared, worker: Some(worker), most: limits.waiting }
    }

    /// How it stands.
    pub(super) fn state(&self) -> serde_json::Value {
        let inside = self.shared.lock();
        serde_json::json!({ "paused": inside.paused, "jobs": inside.jobs })
    }

    /// Whether a recording is being analyzed or waits for it.
    pub(super) fn holds(&self, name: &str) -> bool {
        let inside = self.shared.lock();
        let pending = |job: &Job| matches!(job.state, State::Waiting | State::Running { .. });
        inside.jobs.iter().any(|job| job.name == name && pending(job))
    }

    pub(super) fn command(&self, library: &Library, command: Command) -> Result<(), Refusal> {
        match command {
            Command::Add { names } => {
                for name in names {
                    self.add(library, name)?;
                }
            }
            Command::Retry { name } => self.add(library, name)?,
            Command::Cancel { name } => {
                let mut inside = self.shared.lock();
                let job = inside.jobs.iter_mut().find(|job| job.name == name);
                match job {
                    Some(job) if matches!(job.state, State::Waiting) => {
                        job.state = State::Cancelled;
                    }
                    Some(job) if matches!(job.state, State::Running { .. }) => {
                        self.shared.stop.store(true, Ordering::Relaxed);
                    }
                    _ => return Err(Refusal::missing(format!("\"{name}\" is not in the queue"))),
                }
            }
            Command::Pause => self.shared.lock().paused = true,
            Command::Resume => self.shared.lock().paused = false,
            Command::Clear => self
                .shared
                .lock()
                .jobs
                .retain(|job| matches!(job.state, State::Waiting | State::Running { .. })),
        }
        self.shared.changed.notify_all();
        Ok(())
    }

    fn add(&self, library: &Library, name: String) -> Result<(), Refusal> {
        let entry = library.entry(&name)?;
        if entry.recording.is_none() {
            return Err(Refusal::bad(format!("the recording of \"{name}\" is not in the library")));
        }
        if self.holds(&name) {
            return Ok(());
        }
        let mut inside = self.shared.lock();
        inside.jobs.retain(|job| job.name != name);
        if inside.jobs.len() >= self.most {
            let text = format!("{} recordings wait already", self.most);
            return Err(Refusal::new(axum::http::StatusCode::TOO_MANY_REQUESTS, "full", text));
        }
        inside.jobs.push(Job { name, state: State::Waiting });
        Ok(())
    }
}

impl Drop for Queue {
    fn drop(&mut self) {
        self.shared.lock().over = true;
        self.shared.stop.store(true, Ordering::Relaxed);
        self.shared.changed.notify_all();
        if let Some(worker) = self.worker.take() {
            // One that failed has nothing left to end.
            let _ = worker.join();
        }
    }
}

/// Analyzes what waits, until the desk is closed; pictures of more `pixels` are refused.
fn work(shared: &Shared, library: &Library, pixels: u64) {
    let mut pipeline = None;
    while let Some(name) = next(shared) {
        let state = match library.entry(&name) {
            Err(refusal) => State::Failed { why: refusal.text },
            Ok(entry) => {
                // A decoder that panics costs one recording.
                let run = || analyze(shared, library, &entry, &mut pipeline, pixels);
                catch_unwind(AssertUnwindSafe(run))
                    .unwrap_or_else(|_| {
                        let why =
                            "the analysis broke off; this is a fault of the program".to_owned();
                        Err(why)
                    })
                    .unwrap_or_else(|why| State::Failed { why })
            }
        };
        shared.set(&name, state);
    }
}

/// Waits for the next; `None` once the desk is closed.
fn next(shared: &Shared) -> Option<String> {
    let mut inside = shared.lock();
    loop {
        if inside.over {
            return None;
        }
        let waiting = |job: &&mut Job| matches!(job.state, State::Waiting);
        let paused = inside.paused;
        if let Some(job) = inside.jobs.iter_mut().find(waiting).filter(|_| !paused) {
            let (work, frames, of, rate, left_s) = ("measuring", 0, None, 0.0, None);
            job.state = State::Running { work, frames, of, rate, left_s };
            shared.stop.store(false, Ordering::Relaxed);
            return Some(job.name.clone());
        }
        inside = shared.changed.wait(inside).unwrap_or_else(PoisonError::into_inner);
    }
}

fn analyze(
    shared: &Shared,
    library: &Library,
    entry: &Entry,
    pipeline: &mut Option<Pipeline>,
    pixels: u64,
) -> Result<State, String> {
    let told = |error: &dyn std::fmt::Display| one_line(&error.to_string());
    let pipeline = match pipeline {
        Some(pipeline) => pipeline,
        None => {
            let models = ModelStore::open().map_err(|error| told(&error))?;
            let made = Pipeline::new(&models, &Thresholds::default()).map_err(|e| told(&e))?;
            pipeline.insert(made)
        }
    };
    let path = entry.recording.clone().ok_or("the recording is not there any more")?;
    let about = Abouts::read(library).map_err(|refusal| refusal.text)?.of(&entry.name);
    let (protocol, history) = (entry.beside("protocol.json"), entry.beside("history.json"));
    let protocol = protocol.exists().then(|| Protocol::load(&protocol)).transpose();
    let history = history.exists().then(|| History::load(&history)).transpose();
    let limits = source::Limits { pixels, ..source::Limits::default() };
    let request = Request {
        opening: Opening { limits, ..Opening::default() },
        options: Options {
            mirrored: about.mirrored,
            protocol: protocol.map_err(|error| told(&error))?,
            ..Options::default()
        },
        history: history.map_err(|error| told(&error))?,
        // What a browser plays needs no second video.
        outputs: Outputs { overlay: (!plays(&path)).then_some(Mode::Full), ..Outputs::default() },
        ..Request::new(Input::File(path))
    };
    let mut watch = Progress::new(shared, &entry.name);
    let was_there = entry.results.exists();
    let done = clip::analyze_watched(pipeline, &request, &entry.results, &shared.stop, &mut watch);
    let done = done.map_err(|error| told(&error))?;
    if shared.stop.load(Ordering::Relaxed) {
        // Part of an analysis nobody wants: it was made just now.
        if done.place != entry.results || !was_there {
            let _ = std::fs::remove_dir_all(&done.place);
        }
        return Ok(State::Cancelled);
    }
    Ok(State::Done { partial: done.partial })
}

/// Whether browsers play files of this name (judgment, by its ending).
pub(super) fn plays(path: &std::path::Path) -> bool {
    let ending = path.extension().and_then(|own| own.to_str()).unwrap_or_default().to_lowercase();
    ["mp4", "m4v", "webm", "mkv"].contains(&ending.as_str())
}

/// Tells the page how far an analysis is, and holds it where the queue is paused.
struct Progress<'a> {
    shared: &'a Shared,
    name: &'a str,
    work: &'static str,
    frames: u64,
    of: Option<u64>,
    since: (Instant, u64),
    rate: f64,
    told: Instant,
}

impl<'a> Progress<'a> {
    fn new(shared: &'a Shared, name: &'a str) -> Self {
        let now = Instant::now();
        Self {
            shared,
            name,
            work: "measuring",
            frames: 0,
            of: None,
            since: (now, 0),
            rate: 0.0,
            told: now,
        }
    }

    fn tell(&mut self) {
        let (at, frames) = self.since;
        let elapsed = at.elapsed();
        if elapsed > Duration::from_millis(300) {
            self.rate = (self.frames - frames) as f64 / elapsed.as_secs_f64();
        }
        if elapsed > RATE_OVER {
            self.since = (Instant::now(), self.frames);
        }
        let left = self.of.map(|of| of.saturating_sub(self.frames) as f64 / self.rate);
        let state = State::Running {
            work: self.work,
            frames: self.frames,
            of: self.of,
            rate: self.rate,
            left_s: left.filter(|left| left.is_finite()),
        };
        self.shared.set(self.name, state);
        self.told = Instant::now();
    }

    fn hold(&mut self) {
        let mut inside = self.shared.lock();
        let mut held = false;
        while inside.paused && !inside.over && !self.shared.stop.load(Ordering::Relaxed) {
            held = true;
            let wait = Duration::from_millis(200);
            let waited = self.shared.changed.wait_timeout(inside, wait);
            inside = waited.unwrap_or_else(PoisonError::into_inner).0;
        }
        if held {
            self.since = (Instant::now(), self.frames);
        }
    }
}

impl Watch for Progress<'_> {
    fn begins(&mut self, work: Work, frames: Option<u64>) {
        self.work = match work {
            Work::Measuring => "measuring",
            Work::Drawing => "drawing",
        };
        (self.frames, self.of) = (0, frames);
        self.since = (Instant::now(), 0);
        self.tell();
    }

    fn frame(&mut self) {
        self.frames += 1;
        if self.told.elapsed() > Duration::from_millis(200) {
            self.tell();
        }
        self.hold();
    }
}
