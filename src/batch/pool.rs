//! Worker processes as seen by the batch: started, given tasks, watched, replaced.

use std::io::{self, BufRead, BufReader, Read, Write};
use std::process::{Child, ChildStdin, Command, Stdio};
use std::sync::mpsc::{self, Receiver, RecvTimeoutError};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use super::message::{Reply, Task};
use super::{BatchError, Failure};

/// A worker that says nothing for so long hangs: between two words lie a second or two of frames,
/// or the writing of a report (judgment).
const SILENCE: Duration = Duration::from_secs(300);
/// How soon an interrupt is heard.
const HEED: Duration = Duration::from_millis(100);

/// A worker process.
pub(super) struct Worker {
    child: Child,
    tasks: ChildStdin,
    replies: Receiver<Reply>,
    /// The last line it wrote on standard error.
    last_words: Arc<Mutex<String>>,
}

/// How a task ended.
pub(super) enum Answer {
    /// With the worker's own word.
    Said(Reply),
    /// With the worker's end.
    Lost(Failure),
    /// The user wants no more.
    Stopped,
}

impl Worker {
    /// Starts a worker and waits until its models are loaded; `None` where `stop` holds first.
    pub(super) fn start(
        mut program: Command,
        stop: &dyn Fn() -> bool,
    ) -> Result<Option<Self>, BatchError> {
        let failed = |why: String| BatchError::Worker(format!("no worker can start: {why}"));
        let mut child = program
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .map_err(|error| failed(error.to_string()))?;
        let pipes = child.stdin.take().zip(child.stdout.take()).zip(child.stderr.take());
        let Some(((tasks, out), err)) = pipes else { return Err(failed("no pipes".to_owned())) };
        let last_words = Arc::default();
        let mut worker = Self { child, tasks, replies: replies(out), last_words };
        worker.listen(err);
        match worker.wait(stop, |_, _, _| {}) {
            Answer::Said(Reply::Ready) => Ok(Some(worker)),
            Answer::Said(Reply::Refused(why)) => Err(BatchError::Worker(why)),
            Answer::Said(other) => Err(failed(format!("it said {other:?}"))),
            Answer::Lost(failure) => Err(failed(failure.reason)),
            Answer::Stopped => Ok(None),
        }
    }

    /// Has a clip analyzed; `frames` hears how many were measured and drawn meanwhile, and which
    /// share of the recording they are.
    pub(super) fn analyze(
        &mut self,
        task: &Task,
        stop: &dyn Fn() -> bool,
        frames: impl FnMut(u64, u64, f64),
    ) -> Answer {
        match self.give(task) {
            Ok(()) => self.wait(stop, frames),
            Err(_) => self.lost(),
        }
    }

    fn give(&mut self, task: &Task) -> io::Result<()> {
        serde_json::to_writer(&mut self.tasks, task)?;
        self.tasks.write_all(b"\n")?;
        self.tasks.flush()
    }

    fn wait(&mut self, stop: &dyn Fn() -> bool, mut frames: impl FnMut(u64, u64, f64)) -> Answer {
        let mut heard = Instant::now();
        loop {
            match self.replies.recv_timeout(HEED) {
                Ok(Reply::Frames { measured, drawn, share }) => {
                    heard = Instant::now();
                    frames(measured, drawn, share);
                }
                Ok(reply) => return Answer::Said(reply),
                Err(RecvTimeoutError::Timeout) if stop() => {
                    return Answer::Stopped;
                }
                Err(RecvTimeoutError::Timeout) if heard.elapsed() > SILENCE => {
                    let seconds = SILENCE.as_secs();
                    return Answer::Lost(Failure::of_circumstances(format!(
                        "gave no sign of life for {seconds} s and was ended; --resume tries it again"
                    )));
                }
                Err(RecvTimeoutError::Timeout) => {}
                Err(RecvTimeoutError::Disconnected) => return self.lost(),
            }
        }
    }

    /// The worker is gone.
    fn lost(&mut self) -> Answer {
        let how = self.child.wait().map_or_else(|e| e.to_string(), |status| status.to_string());
        let words = self.last_words.lock().unwrap_or_else(PoisonError::into_inner);
        let said = if words.is_empty() { String::new() } else { format!(": {words}") };
        Answer::Lost(Failure::of_circumstances(format!(
            "the analysis crashed ({how}){said}; --resume tries it again"
        )))
    }

    /// Keeps the last line of what it writes on standard error.
    fn listen(&self, err: impl Read + Send + 'static) {
        let last_words = Arc::clone(&self.last_words);
        thread::spawn(move || {
            let lines = BufReader::new(err).split(b'\n').map_while(Result::ok);
            for line in lines.filter(|line| !line.is_empty()) {
                let line = String::from_utf8_lossy(&line).trim().to_owned();
                *last_words.lock().unwrap_or_else(PoisonError::into_inner) = line;
            }
        });
    }
}

impl Drop for Worker {
    fn drop(&mut self) {
        // It may be gone already; what it had begun to write has not taken its name.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// What it says, until it ends or says something else than replies.
fn replies(out: impl Read + Send + 'static) -> Receiver<Reply> {
    let (to, from) = mpsc::channel();
    thread::spawn(move || {
        for line in BufReader::new(out).lines() {
            let reply = line.ok().and_then(|line| serde_json::from_str(&line).ok());
            let Some(reply) = reply else { break };
            if to.send(reply).is_err() {
                break;
            }
        }
    });
    from
}
