//! Fills a session from a camera, a stream or a file, and tries again when it is lost.

use std::sync::Arc;
use std::thread;
use std::time::{Duration, Instant};

use super::backoff::Backoff;
use super::clock::Stamps;
use super::limits::Limits;
use super::session::Session;
use super::standing::FeedState;
use crate::source::{CameraMode, Input, Source, SourceError, StreamInfo, VideoSource};

/// How long a wait goes on before it looks whether the session is over.
const LOOK: Duration = Duration::from_millis(50);

/// A source of this machine or the network.
pub(super) struct Feed {
    input: Input,
    camera: CameraMode,
    folder_fps: f64,
    opened: Option<Box<dyn Source>>,
}

impl Feed {
    /// Opens the source; `folder_fps` is the rate of an image folder. A stream may come later; a camera or a file must be there.
    ///
    /// # Errors
    /// [`SourceError`] of a camera or file that does not open.
    pub(super) fn open(
        input: Input,
        camera: CameraMode,
        folder_fps: f64,
    ) -> Result<Self, SourceError> {
        let mut feed = Self { input, camera, folder_fps, opened: None };
        match (feed.reopen(), &feed.input) {
            (Ok(source), _) => feed.opened = Some(source),
            (Err(_), Input::Url(_)) => {}
            (Err(error), _) => return Err(error),
        }
        Ok(feed)
    }

    /// What the source says of itself. How many frames it has is not said: a session may end
    /// before them, or pass some over.
    #[must_use]
    pub(super) fn info(&self) -> StreamInfo {
        let fps_nominal = self.opened.as_ref().and_then(|source| source.info().fps_nominal);
        StreamInfo { fps_nominal, frames_declared: None }
    }

    /// Fills the session until it is over, or the file is at its end.
    pub(super) fn run(mut self, session: &Arc<Session>) {
        let mut backoff = Backoff::new(&session.limits);
        while !session.is_over() {
            let opened = self.opened.take().map_or_else(|| self.reopen(), Ok);
            let why = match opened {
                Ok(source) if self.ends() => {
                    play(source, session);
                    session.feed(FeedState::Ended);
                    session.inbox.close();
                    return;
                }
                Ok(source) => {
                    let began = Instant::now();
                    let Some(why) = follow(source, self.is_stream(), session) else { return };
                    backoff.lasted(began.elapsed());
                    why
                }
                // Its words name the URL, which may hold a password.
                Err(SourceError::NotAvailable(_)) => {
                    "the camera or stream does not open".to_owned()
                }
                Err(error) => error.to_string(),
            };
            let wait = backoff.wait();
            let retry_ms = Some(wait.as_millis() as u64);
            session.feed(FeedState::Lost { why, retry_ms });
            sleep(wait, session);
        }
    }

    fn reopen(&self) -> Result<Box<dyn Source>, SourceError> {
        match &self.input {
            Input::Camera(number) => {
                Ok(Box::new(VideoSource::camera_in_mode(*number, self.camera)?))
            }
            input => input.open(self.folder_fps),
        }
    }

    fn is_stream(&self) -> bool {
        matches!(self.input, Input::Url(_))
    }

    /// The source has an end, and its stamps say how fast it plays.
    fn ends(&self) -> bool {
        match &self.input {
            Input::File(_) | Input::Folder(_) => true,
            Input::Camera(_) | Input::Url(_) => false,
        }
    }
}

/// Plays a recording in real time.
fn play(mut source: Box<dyn Source>, session: &Session) {
    let mut start: Option<Instant> = None;
    while !session.is_over() {
        let mut frame = session.inbox.spare();
        match source.read_into(&mut frame) {
            Ok(true) => {}
            Ok(false) => return,
            Err(error) => {
                // What came before stands; the record says where it ended.
                session.feed(FeedState::Lost { why: error.to_string(), retry_ms: None });
                return;
            }
        }
        let start = *start.get_or_insert_with(Instant::now);
        let due = start + Duration::from_secs_f64(frame.time_s.max(0.0));
        sleep(due.saturating_duration_since(Instant::now()), session);
        session.offer(frame, Stamps::Own, Instant::now());
    }
}

/// Follows a camera or stream until it is lost, and returns what happened; `None` where the session
/// is over.
fn follow(mut source: Box<dyn Source>, stream: bool, session: &Session) -> Option<String> {
    let interval_s = source.info().fps_nominal.map_or(0.0, |fps| 1.0 / fps);
    let mut backlog = stream.then(|| Backlog::new(&session.limits, interval_s, Instant::now()));
    while !session.is_over() {
        let mut frame = session.inbox.spare();
        let asked = Instant::now();
        match source.read_into(&mut frame) {
            Ok(true) => {}
            Ok(false) => return Some("no more pictures come".to_owned()),
            Err(error) => return Some(error.to_string()),
        }
        let arrived = Instant::now();
        if !backlog.as_mut().is_some_and(|backlog| backlog.holds(asked, arrived)) {
            session.offer(frame, Stamps::Tied, arrived);
        }
    }
    None
}

/// What a stream had buffered before it opened, or while it stalled: it comes at once, and is
/// passed over, so that what is shown is live. Live pictures are waited for.
#[derive(Debug)]
struct Backlog {
    /// Shortest wait for a live picture, seconds.
    wait_s: f64,
    stall: Duration,
    longest: Duration,
    /// When it began; `None` once the pictures are live.
    since: Option<Instant>,
    last: Instant,
}

impl Backlog {
    /// Part of the interval between frames from which a picture was waited for (judgment: above
    /// the time to decode one).
    const WAITED: f64 = 0.3;

    fn new(limits: &Limits, interval_s: f64, opened: Instant) -> Self {
        Self {
            wait_s: Self::WAITED * interval_s,
            stall: limits.stall,
            longest: limits.backlog,
            since: Some(opened),
            last: opened,
        }
    }

    /// Whether a picture that was asked for and arrived then belongs to the backlog.
    fn holds(&mut self, asked: Instant, arrived: Instant) -> bool {
        if arrived.duration_since(self.last) > self.stall {
            // This picture was waited for; those behind it were not.
            self.since = Some(arrived);
        } else if let Some(since) = self.since
            && (arrived.duration_since(asked).as_secs_f64() > self.wait_s
                || arrived.duration_since(since) > self.longest)
        {
            self.since = None;
        }
        self.last = arrived;
        self.since.is_some()
    }
}

/// Waits, but not beyond the session's end.
fn sleep(wait: Duration, session: &Session) {
    let until = Instant::now() + wait;
    while !session.is_over() {
        let left = until.saturating_duration_since(Instant::now());
        if left.is_zero() {
            return;
        }
        thread::sleep(left.min(LOOK));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_comes_at_once_after_opening_or_a_stall_is_passed_over() {
        let opened = Instant::now();
        let at = |s: f64| opened + Duration::from_secs_f64(s);
        let mut backlog = Backlog::new(&Limits::default(), 1.0 / 30.0, opened);
        assert!(backlog.holds(at(0.0), at(0.002)));
        assert!(backlog.holds(at(0.002), at(0.004)));
        assert!(!backlog.holds(at(0.004), at(0.03)), "this one was waited for");
        assert!(!backlog.holds(at(0.05), at(0.051)), "two that came together");
        assert!(backlog.holds(at(0.051), at(4.0)), "the sender had stalled");
        assert!(backlog.holds(at(4.0), at(4.002)));
        assert!(!backlog.holds(at(4.002), at(4.03)));
    }

    #[test]
    fn a_stream_faster_than_real_time_is_taken_after_a_while() {
        let opened = Instant::now();
        let at = |ms: u64| opened + Duration::from_millis(ms);
        let mut backlog = Backlog::new(&Limits::default(), 1.0 / 30.0, opened);
        let taken = (1..3000).find(|i| !backlog.holds(at(2 * i), at(2 * i + 1)));
        assert!(taken.is_some_and(|i| (2490..2510).contains(&i)), "{taken:?}");
    }
}
