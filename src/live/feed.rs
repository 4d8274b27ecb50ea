//! Fills a session from a camera, a stream or a file, and tries again when it is lost.

use std::sync::Arc;
use std::thread;
use std::time::{Duration, Instant};

use super::backoff::Backoff;
use super::clock::Stamps;
use super::limits::Limits;
use super::session::Session;
use super::standing::FeedState;
use crate::source::{Input, Opening, Source, SourceError, StreamInfo};

/// How long a wait goes on before it looks whether the session is over.
const LOOK: Duration = Duration::from_millis(50);

/// Longest a recording in real time is waited for: a year.
const LONGEST: Duration = Duration::from_secs(365 * 24 * 3600);

/// A source of this machine or the network.
pub(super) struct Feed {
    input: Input,
    opening: Opening,
    opened: Option<Box<dyn Source>>,
}

impl Feed {
    /// Opens the source. A stream may come later; a camera or a file must be there.
    ///
    /// # Errors
    /// [`SourceError`] of a camera or file that does not open.
    pub(super) fn open(input: Input, opening: Opening) -> Result<Self, SourceError> {
        let mut feed = Self { input, opening, opened: None };
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
        StreamInfo { fps_nominal, ..StreamInfo::default() }
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
        self.input.open(&self.opening)
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
        // A stamp beyond any session is waited for until the session ends.
        let after = Duration::try_from_secs_f64(frame.time_s.max(0.0)).unwrap_or(LONGEST);
        let gone = start.elapsed();
        sleep(after.min(LONGEST).saturating_sub(gone), session);
        session.offer(frame, Stamps::Own, Instant::now());
    }
}

/// Follows a camera or stream until it is lost, and returns what happened; `None` where the session
/// is over.
fn follow(mut source: Box<dyn Source>, stream: bool, session: &Session) -> Option<String> {
    let mut backlog = stream.then(|| Backlog::new(&session.limits, Instant::now()));
    while !session.is_over() {
        let mut frame = session.inbox.spare();
        match source.read_into(&mut frame) {
            Ok(true) => {}
            Ok(false) => return Some("no more pictures come".to_owned()),
            Err(error) => return Some(error.to_string()),
        }
        let arrived = Instant::now();
        if !backlog.as_mut().is_some_and(|backlog| backlog.holds(frame.time_s, arrived)) {
            session.offer(frame, Stamps::Tied, arrived);
        }
    }
    None
}

/// What a stream had buffered before it opened, or while it stalled: it comes faster than it was
/// taken, and is passed over, so that what is shown is live.
#[derive(Debug)]
struct Backlog {
    stall: Duration,
    longest: Duration,
    /// When it began; `None` once the pictures are live.
    since: Option<Instant>,
    /// Where the look that is on began: arrival, and the stamp that came then.
    look: Option<(Instant, f64)>,
    last: Instant,
}

impl Backlog {
    /// Length of a look at how fast pictures come (judgment: six pictures at 30 a second).
    const LOOK: Duration = Duration::from_millis(200);

    /// Stamped time over time from which pictures come faster than they were taken (judgment: above
    /// what a network's jitter makes in a look; a machine that decodes more slowly than this could
    /// not pass a backlog over anyway).
    const FASTER: f64 = 1.25;

    fn new(limits: &Limits, opened: Instant) -> Self {
        let (stall, longest) = (limits.stall, limits.backlog);
        Self { stall, longest, since: Some(opened), look: None, last: opened }
    }

    /// Whether a picture that was stamped and arrived so belongs to the backlog.
    fn holds(&mut self, stamp_s: f64, arrived: Instant) -> bool {
        if arrived.duration_since(self.last) > self.stall {
            (self.since, self.look) = (Some(arrived), None);
        }
        self.last = arrived;
        let Some(since) = self.since else { return false };
        let &mut (began, first_s) = self.look.get_or_insert((arrived, stamp_s));
        let looked = arrived.duration_since(began);
        if looked >= Self::LOOK {
            let faster = stamp_s - first_s > Self::FASTER * looked.as_secs_f64();
            if !faster || arrived.duration_since(since) > self.longest {
                self.since = None;
            }
            self.look = None;
        }
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

    /// Offers pictures of 30 a second, of which one comes every so many milliseconds; how many are
    /// passed over.
    fn held(
        backlog: &mut Backlog,
        clock: &mut (u64, Instant),
        every_ms: u64,
        count: usize,
    ) -> usize {
        (0..count)
            .filter(|_| {
                clock.0 += 1;
                clock.1 += Duration::from_millis(every_ms);
                backlog.holds(clock.0 as f64 / 30.0, clock.1)
            })
            .count()
    }

    #[test]
    fn what_comes_faster_than_it_was_taken_after_opening_or_a_stall_is_passed_over() {
        let opened = Instant::now();
        let mut backlog = Backlog::new(&Limits::default(), opened);
        let mut clock = (0, opened);
        for stall in [Duration::ZERO, Duration::from_secs(4)] {
            clock.1 += stall;
            // One that took long to decode was not waited for.
            for every_ms in [2, 20, 2, 6] {
                assert_eq!(held(&mut backlog, &mut clock, every_ms, 25), 25);
            }
            let late = held(&mut backlog, &mut clock, 33, 60);
            assert!((6..=13).contains(&late), "{late} live ones were passed over");
            assert_eq!(held(&mut backlog, &mut clock, 1, 2), 0, "two that came together");
        }
    }

    #[test]
    fn a_stream_faster_than_real_time_is_taken_after_a_while() {
        let opened = Instant::now();
        let mut backlog = Backlog::new(&Limits::default(), opened);
        let taken = 3000 - held(&mut backlog, &mut (0, opened), 2, 3000);
        assert!((350..510).contains(&taken), "{taken}");
    }
}
