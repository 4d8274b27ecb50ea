//! A worker process: analyzes one clip after another with the models loaded once.
//!
//! Decoders are native code that a damaged file may crash, and a crash takes its process along: so
//! the work is done in processes of their own, and a crash costs one clip. A worker keeps to one
//! core: with one for each core, no core waits for another.

use std::fs;
use std::io::{self, BufRead, Write};
use std::path::{Path, PathBuf};
use std::process;
use std::sync::atomic::AtomicBool;
use std::sync::mpsc;
use std::thread;

use super::message::{Reply, Task};
use super::trace::Trace;
use super::{Failure, Output};
use crate::clip::{self, ClipError, Outputs, Request, Watch, Work};
use crate::models::ModelStore;
use crate::pipeline::{Options, Pipeline, PipelineError};
use crate::report::overlay::Mode;
use crate::source::{Input, Limits, Opening, SourceError};
use crate::thresholds::Thresholds;

/// Frames between two words of progress.
const FRAMES_A_WORD: u64 = 30;

/// Takes tasks from standard input until it ends, and answers on standard output.
///
/// # Errors
/// Standard output is closed.
pub fn serve() -> io::Result<()> {
    let mut pipeline = match load() {
        Ok(pipeline) => pipeline,
        Err(why) => return say(&Reply::Refused(why)),
    };
    say(&Reply::Ready)?;
    for task in tasks() {
        say(&analyze(&mut pipeline, task))?;
    }
    Ok(())
}

fn load() -> Result<Pipeline, String> {
    let store = ModelStore::open().map_err(|error| error.to_string())?;
    let thresholds = Thresholds::default();
    let pipeline = Pipeline::new(&store, &thresholds).map_err(|error| error.to_string())?;
    Ok(pipeline.on_one_thread())
}

/// The tasks as they come. Whoever gives them closes the input only when all are answered: where
/// it closes before, they are gone, and so is this process.
fn tasks() -> mpsc::Receiver<Task> {
    let (to, from) = mpsc::channel();
    thread::spawn(move || {
        for line in io::stdin().lock().lines() {
            let task = line.ok().and_then(|line| serde_json::from_str(&line).ok());
            let Some(task) = task else { break };
            if to.send(task).is_err() {
                break;
            }
        }
        process::exit(0);
    });
    from
}

fn say(reply: &Reply) -> io::Result<()> {
    let mut out = io::stdout().lock();
    serde_json::to_writer(&mut out, reply)?;
    out.write_all(b"\n")?;
    out.flush()
}

fn analyze(pipeline: &mut Pipeline, task: Task) -> Reply {
    let wants = |output| task.keep.contains(&output);
    let outputs = Outputs {
        events: wants(Output::Events),
        signals: wants(Output::Signals),
        report: wants(Output::Report),
        overlay: wants(Output::Overlay).then_some(Mode::Full),
    };
    let clip = PathBuf::from(task.clip);
    let input = if clip.is_dir() { Input::Folder(clip.clone()) } else { Input::File(clip.clone()) };
    // The other jobs have the other cores.
    let limits = Limits { pixels: task.max_pixels, decoder_threads: 1 };
    let request = Request {
        opening: Opening { limits, ..Opening::default() },
        options: Options {
            protocol: task.setting.protocol,
            mirrored: task.setting.mirrored,
            ..Options::default()
        },
        history: task.setting.history,
        outputs,
        // Everything in the folder of a key is the batch's own.
        force: true,
        ..Request::new(input)
    };
    let never = AtomicBool::new(false);
    let mut progress = Progress::default();
    let place = Path::new(&task.folder);
    match clip::analyze_watched(pipeline, &request, place, &never, &mut progress) {
        Ok(done) if done.place != place => {
            Reply::Unwritable(format!("{}: cannot be written", place.display()))
        }
        Ok(done) => Reply::Done {
            partial: done.partial,
            // An overlay that could not be drawn is not there, and tried again on --resume.
            kept: task.keep.into_iter().filter(|own| place.join(own.file()).exists()).collect(),
            trace: Trace::of(&done.samples),
            memory_bytes: peak_memory(),
        },
        Err(error) => refusal(&error, &clip),
    }
}

fn refusal(error: &ClipError, clip: &Path) -> Reply {
    let reason = error.to_string();
    match error {
        ClipError::Report(_) => Reply::Unwritable(reason),
        // Another machine, or a higher limit, may do better.
        ClipError::Pipeline(
            PipelineError::Face(_) | PipelineError::Source(SourceError::TooLarge { .. }),
        ) => Reply::Failed(Failure::of_circumstances(reason).unnamed(clip)),
        _ => Reply::Failed(Failure::of_clip(reason).unnamed(clip)),
    }
}

/// Tells of frames, a few times a second.
#[derive(Default)]
struct Progress {
    drawing: bool,
    /// Frames that the recording is said to hold.
    expected: Option<u64>,
    untold: u64,
}

impl Progress {
    fn tell(&mut self) {
        let frames = std::mem::take(&mut self.untold);
        let (measured, drawn) = if self.drawing { (0, frames) } else { (frames, 0) };
        let share = self.expected.map_or(0.0, |all| measured as f64 / all.max(1) as f64);
        // Nobody there to hear it: the next word that matters will find out.
        let _ = say(&Reply::Frames { measured, drawn, share });
    }
}

impl Watch for Progress {
    fn begins(&mut self, work: Work, frames: Option<u64>) {
        self.tell();
        self.drawing = work == Work::Drawing;
        self.expected = frames;
    }

    fn frame(&mut self) {
        self.untold += 1;
        if self.untold == FRAMES_A_WORD {
            self.tell();
        }
    }
}

impl Drop for Progress {
    fn drop(&mut self) {
        self.tell();
    }
}

/// The most memory that this process ever held, bytes; `None` where the system does not tell.
fn peak_memory() -> Option<u64> {
    let status = fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
    line.trim().strip_suffix(" kB")?.parse::<u64>().ok().map(|kilobytes| 1024 * kilobytes)
}
