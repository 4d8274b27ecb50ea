//! Analyzes the clips of a shard, one worker process a job.

use std::collections::HashMap;
use std::path::Path;
use std::process::Command;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, Sender, SyncSender, channel, sync_channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;

use super::content::content;
use super::message::{Reply, Task};
use super::pool::{Answer, Worker};
use super::{
    BatchError, Clip, Entry, Failure, Key, List, Output, Part, Place, Record, Setting, State,
};
use crate::report::OutputFolder;
use crate::source::SourceError;

/// What to run, and how.
#[derive(Debug, Clone)]
pub struct Plan {
    /// The clips.
    pub part: Part,
    /// What to keep of each.
    pub keep: Vec<Output>,
    /// Worker processes at a time.
    pub jobs: usize,
    /// Go on with what the folder holds.
    pub resume: bool,
    /// Most pixels of one picture; clips with larger ones fail unread.
    pub max_pixels: u64,
}

/// Something that happened in a batch.
#[derive(Debug)]
pub enum Happened<'a> {
    /// More frames of a clip were measured, or drawn.
    Frames {
        /// Measured.
        measured: u64,
        /// Drawn into overlays.
        drawn: u64,
        /// Bytes of the clip that they stand for.
        bytes: u64,
    },
    /// Something became of a clip.
    Settled {
        /// The clip.
        entry: &'a Entry,
        /// What is left of its size when its frames are taken off.
        bytes: u64,
        /// It is a copy of an earlier clip, or was done before.
        free: bool,
    },
}

/// How a run ended.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Ran {
    /// Frames measured in this run.
    pub frames: u64,
    /// The most memory that one worker held, bytes; `None` where nothing told.
    pub memory_bytes: Option<u64>,
    /// The user ended it before all was done.
    pub interrupted: bool,
}

/// Bytes of all clips.
#[must_use]
pub fn total_bytes(clips: &[Clip]) -> u64 {
    clips.iter().map(Clip::bytes).sum()
}

/// Runs a plan in a folder. `worker` makes the command that starts a worker process, one that runs
/// [`super::serve`]; `hear` is told what happens. A clip that fails is recorded, not an error.
///
/// # Errors
/// The folder is in use or cannot be written, or workers cannot work at all.
pub fn run(
    plan: &Plan,
    place: &Place,
    worker: &(dyn Fn() -> Command + Sync),
    stop: &AtomicBool,
    hear: &mut dyn FnMut(Happened<'_>),
) -> Result<Ran, BatchError> {
    if place.holds(plan.part.shard) && !plan.resume {
        return Err(BatchError::Occupied(place.path().to_owned()));
    }
    OutputFolder::create(place.path())?;
    let _taken = place.take(plan.part.shard)?;
    place.clear_leftovers();
    let mut list = List::new(&plan.part);
    place.write_list(&list)?;
    // The first of several fatal errors is told; the others follow from it.
    let over = AtomicBool::new(false);
    let halt = Halt { by_user: stop, over: &over };
    let (news, heard) = channel();
    let mut ran = Ran::default();
    thread::scope(|scope| {
        let (jobs, waiting) = sync_channel(0);
        // Once every worker is gone, so is the receiver, and the feeder ends.
        let waiting = Arc::new(Mutex::new(waiting));
        for _ in 0..plan.jobs.max(1) {
            let (waiting, news) = (Arc::clone(&waiting), news.clone());
            scope.spawn(move || work(&waiting, place, worker, halt, &news));
        }
        drop(waiting);
        scope.spawn(move || Feeder { plan, place, halt, news }.feed(&jobs));
        let told = follow(&heard, plan, &mut list, &mut ran, hear);
        // Whoever still has a job to give or to do must not wait for the other.
        over.store(true, Ordering::Relaxed);
        told
    })?;
    ran.interrupted = stop.load(Ordering::Relaxed) && !list.is_finished();
    place.write_list(&list)?;
    Ok(ran)
}

/// When to do no more.
#[derive(Clone, Copy)]
struct Halt<'a> {
    by_user: &'a AtomicBool,
    over: &'a AtomicBool,
}

impl Halt<'_> {
    fn is_set(self) -> bool {
        self.by_user.load(Ordering::Relaxed) || self.over.load(Ordering::Relaxed)
    }
}

/// A clip that is to be analyzed.
struct Job {
    at: usize,
    key: Key,
    task: Task,
}

/// What the threads of a run tell.
enum News {
    /// The content and the key of a clip.
    Keyed { at: usize, sha256: String, key: Key },
    /// A clip has the key of an earlier one and shares what becomes of that.
    Copy { at: usize, of: usize },
    /// More frames.
    Frames { at: usize, measured: u64, drawn: u64, share: f64 },
    /// The most memory of a worker.
    Memory(u64),
    /// Something became of a clip; `free` where it was done before.
    Settled { at: usize, state: State, free: bool },
    /// Nothing more can be done.
    Fatal(BatchError),
}

/// Hashes the clips in their order and hands on those that need an analysis.
struct Feeder<'a> {
    plan: &'a Plan,
    place: &'a Place,
    halt: Halt<'a>,
    news: Sender<News>,
}

impl Feeder<'_> {
    fn feed(&self, jobs: &SyncSender<Job>) {
        let mut first_with: HashMap<Key, usize> = HashMap::new();
        for (at, clip) in self.plan.part.clips.iter().enumerate() {
            if self.halt.is_set() {
                return;
            }
            let (setting, sha256) = match known(clip) {
                Ok(known) => known,
                Err(failure) => {
                    self.settle(at, State::Failed(failure), false);
                    continue;
                }
            };
            let key = Key::new(&sha256, &setting);
            let _ = self.news.send(News::Keyed { at, sha256, key: key.clone() });
            if let Some(&of) = first_with.get(&key) {
                let _ = self.news.send(News::Copy { at, of });
                continue;
            }
            first_with.insert(key.clone(), at);
            if let Some(record) = self.place.served(&key, &self.plan.keep) {
                self.settle(at, record.state, true);
                continue;
            }
            if let Err(error) = self.place.clear(&key, clip) {
                let _ = self.news.send(News::Fatal(BatchError::Unwritable(error.to_string())));
                return;
            }
            let folder = self.place.path().join(Place::results(&key)).into();
            let keep = self.plan.keep.clone();
            let max_pixels = self.plan.max_pixels;
            let clip = clip.clip.clone().into();
            let task = Task { clip, folder, setting, keep, max_pixels };
            if jobs.send(Job { at, key, task }).is_err() {
                return;
            }
        }
    }

    fn settle(&self, at: usize, state: State, free: bool) {
        let _ = self.news.send(News::Settled { at, state, free });
    }
}

/// How a clip is to be analyzed, and its content's SHA-256.
fn known(clip: &Clip) -> Result<(Setting, String), Failure> {
    let setting = Setting::of(clip)?;
    if !clip.clip.exists() {
        let reason = SourceError::NotFound(clip.clip.clone()).to_string();
        return Err(Failure::of_clip(reason).unnamed(&clip.clip));
    }
    let sha256 = content(&clip.clip).map_err(|error| {
        let (path, reason) = (clip.clip.clone(), error.to_string());
        let reason = SourceError::Unreadable { path, reason }.to_string();
        Failure::of_circumstances(reason).unnamed(&clip.clip)
    })?;
    Ok((setting, sha256))
}

/// One worker's life: takes jobs until there are no more, and gets a new process after a crash.
fn work(
    waiting: &Mutex<Receiver<Job>>,
    place: &Place,
    command: &(dyn Fn() -> Command + Sync),
    halt: Halt<'_>,
    news: &Sender<News>,
) {
    let mut worker = None;
    loop {
        let job = waiting.lock().unwrap_or_else(PoisonError::into_inner).recv();
        let Ok(job) = job else { return };
        if worker.is_none() {
            match Worker::start(command(), &|| halt.is_set()) {
                Ok(Some(started)) => worker = Some(started),
                Ok(None) => return,
                Err(error) => {
                    let _ = news.send(News::Fatal(error));
                    return;
                }
            }
        }
        let Some(process) = &mut worker else { return };
        let answer = process.analyze(&job.task, &|| halt.is_set(), |measured, drawn, share| {
            let _ = news.send(News::Frames { at: job.at, measured, drawn, share });
        });
        let failed = |failure| (State::Failed(failure), Vec::new(), None);
        let (state, kept, trace) = match answer {
            Answer::Said(Reply::Done { partial, kept, trace, memory_bytes }) => {
                if let Some(bytes) = memory_bytes {
                    let _ = news.send(News::Memory(bytes));
                }
                (State::Analyzed { partial }, kept, Some(trace))
            }
            Answer::Said(Reply::Failed(failure)) => failed(failure),
            Answer::Said(Reply::Unwritable(why)) => {
                let _ = news.send(News::Fatal(BatchError::Unwritable(why)));
                return;
            }
            Answer::Said(other) => {
                worker = None;
                failed(Failure::of_circumstances(format!("the worker said {other:?}")))
            }
            Answer::Lost(failure) => {
                worker = None;
                failed(failure)
            }
            Answer::Stopped => return,
        };
        // What lies in the circumstances is left to another try.
        let lasts = !matches!(&state, State::Failed(failure) if !failure.lasting);
        if lasts {
            let record = Record::new(job.key, kept, state.clone(), trace);
            if let Err(error) = place.keep(&record) {
                let _ = news.send(News::Fatal(BatchError::Unwritable(error.to_string())));
                return;
            }
        }
        let _ = news.send(News::Settled { at: job.at, state, free: false });
    }
}

/// Enters the news into the list until all threads are done.
fn follow(
    heard: &Receiver<News>,
    plan: &Plan,
    list: &mut List,
    ran: &mut Ran,
    hear: &mut dyn FnMut(Happened<'_>),
) -> Result<(), BatchError> {
    let mut copies: Vec<(usize, usize)> = Vec::new();
    // Bytes of each clip that are still to come.
    let mut left: Vec<u64> = plan.part.clips.iter().map(Clip::bytes).collect();
    let sizes = left.clone();
    for news in heard {
        match news {
            News::Keyed { at, sha256, key } => {
                list.clips[at].sha256 = Some(sha256);
                list.clips[at].key = Some(key);
            }
            News::Copy { at, of } => copies.push((at, of)),
            News::Frames { at, measured, drawn, share } => {
                ran.frames += measured;
                let bytes = ((sizes[at] as f64 * share) as u64).min(left[at]);
                left[at] -= bytes;
                hear(Happened::Frames { measured, drawn, bytes });
            }
            News::Memory(bytes) => ran.memory_bytes = ran.memory_bytes.max(Some(bytes)),
            News::Settled { at, state, free } => {
                list.clips[at].state = state;
                hear(Happened::Settled { entry: &list.clips[at], bytes: left[at], free });
            }
            News::Fatal(error) => return Err(error),
        }
    }
    for (at, of) in copies {
        list.clips[at].state = list.clips[of].state.clone();
        if list.clips[at].state != State::Pending {
            hear(Happened::Settled { entry: &list.clips[at], bytes: left[at], free: true });
        }
    }
    Ok(())
}

/// The command that starts this very program as a worker, `arguments` telling it so.
///
/// # Errors
/// The system does not say which program this is.
pub fn this_program(arguments: &'static [&str]) -> std::io::Result<impl Fn() -> Command + Sync> {
    let program: Box<Path> = std::env::current_exe()?.into();
    Ok(move || {
        let mut command = Command::new(&*program);
        // The loops of the native libraries keep to the worker's core, too.
        command.args(arguments).env("OPENCV_FOR_THREADS_NUM", "1");
        command
    })
}
