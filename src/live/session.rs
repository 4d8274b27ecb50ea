//! What a session shares between its source, its measurement and its pages.

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Instant;

use super::clock::{SessionClock, Stamps};
use super::command::Command;
use super::exam::Exam;
use super::hub::Hub;
use super::inbox::Inbox;
use super::limits::Limits;
use super::message::{Mark, Measured, Message, Status};
use super::seats::Seats;
use super::standing::{FeedState, Phase};
use crate::event::Protocol;
use crate::source::Frame;

/// One session: everything that more than one thread looks at.
#[derive(Debug)]
pub(super) struct Session {
    /// Frames on their way.
    pub(super) inbox: Inbox,
    /// Pages and programs that listen.
    pub(super) hub: Hub,
    /// Who is connected.
    pub(super) seats: Arc<Seats>,
    /// Every limit.
    pub(super) limits: Limits,
    stop: Arc<AtomicBool>,
    unsent: AtomicU64,
    state: Mutex<State>,
}

#[derive(Debug)]
struct State {
    phase: Phase,
    /// When this phase began.
    phase_since: Instant,
    feed: FeedState,
    clock: SessionClock,
    time_s: f64,
    reconnects: u32,
    exam: Exam,
    marks: Vec<Mark>,
    measured: Measured,
    /// Why what is measured does not reach the disk.
    fault: Option<String>,
}

impl Session {
    /// A session that has seen nothing and ends when `stop` is set.
    #[must_use]
    pub(super) fn new(limits: Limits, hub: Hub, phase: Phase, stop: Arc<AtomicBool>) -> Self {
        Self {
            inbox: Inbox::new(&limits),
            hub,
            seats: Arc::new(Seats::new(limits.connections)),
            stop,
            unsent: AtomicU64::new(0),
            state: Mutex::new(State {
                phase,
                phase_since: Instant::now(),
                feed: FeedState::Waiting,
                clock: SessionClock::new(limits.skew),
                time_s: 0.0,
                reconnects: 0,
                exam: Exam::default(),
                marks: Vec::new(),
                measured: Measured::default(),
                fault: None,
            }),
            limits,
        }
    }

    /// Whether the session is to end.
    #[must_use]
    pub(super) fn is_over(&self) -> bool {
        self.stop.load(Ordering::Relaxed)
    }

    /// Ends the session.
    pub(super) fn stop(&self) {
        self.stop.store(true, Ordering::Relaxed);
        self.inbox.close();
    }

    /// Takes a frame whose `time_s` is its source's stamp.
    pub(super) fn offer(&self, mut frame: Frame, stamps: Stamps, arrived: Instant) {
        {
            let mut state = self.state();
            if state.phase != Phase::Running {
                return;
            }
            if stamps == Stamps::Tied {
                frame.time_s = state.clock.tick(frame.time_s, arrived);
            }
        }
        self.inbox.push(frame, arrived);
        self.feed(FeedState::Live);
    }

    /// The source changed its state.
    pub(super) fn feed(&self, feed: FeedState) {
        let mut state = self.state();
        if state.feed == feed || state.phase == Phase::Ending {
            return;
        }
        if feed == FeedState::Live {
            if matches!(state.feed, FeedState::Lost { .. }) {
                state.reconnects += 1;
            }
        } else {
            state.clock.reconnected();
        }
        state.feed = feed;
        self.announce(&state);
    }

    /// Says so where no frame has come for longer than usual.
    pub(super) fn look_for_stall(&self) {
        let arrival = self.inbox.last_arrival();
        let state = self.state();
        let since = arrival.map_or(state.phase_since, |at| at.max(state.phase_since));
        let stalled = since.elapsed() > self.limits.stall;
        if stalled && state.phase == Phase::Running && state.feed == FeedState::Live {
            drop(state);
            self.feed(FeedState::Lost { why: "no picture comes".to_owned(), retry_ms: None });
        }
    }

    /// A frame of this time was measured.
    pub(super) fn measured(&self, time_s: f64, measured: Option<Measured>) {
        let mut state = self.state();
        state.time_s = time_s;
        state.exam.tick(time_s);
        if let Some(measured) = measured {
            state.measured = measured;
        }
    }

    /// Whether a voluntary task of the exam was on at a moment.
    #[must_use]
    pub(super) fn asked_to_move(&self, time_s: f64) -> bool {
        self.state().exam.asks_to_move(time_s)
    }

    /// Does what the controlling page asks for.
    pub(super) fn command(&self, command: Command) {
        let mut state = self.state();
        let now_s = state.time_s;
        match command {
            Command::Start => self.enter(&mut state, Phase::Running),
            Command::Pause if state.phase == Phase::Running => {
                self.enter(&mut state, Phase::Paused);
            }
            Command::Pause => {}
            // What is saved holds every mark that was shown.
            Command::Mark { .. } if state.phase == Phase::Ending => {
                let why = "the session has ended";
                self.hub.publish(&Message::Refused { command: "mark", why });
            }
            Command::Mark { note } => self.mark(&mut state, note),
            Command::ExamStart => state.exam.start(now_s),
            Command::ExamNext => state.exam.next(now_s),
            Command::ExamEnd => state.exam.end(now_s),
            Command::Stop => {
                drop(state);
                self.stop();
            }
        }
    }

    /// The frames have ended; the outputs are being written.
    pub(super) fn ending(&self) {
        let mut state = self.state();
        let now_s = state.time_s;
        state.exam.end(now_s);
        self.enter(&mut state, Phase::Ending);
    }

    /// The tasks of the guided exam that were shown until now.
    #[must_use]
    pub(super) fn protocol(&self) -> Option<Protocol> {
        self.state().exam.protocol()
    }

    /// The marks so far.
    #[must_use]
    pub(super) fn marks(&self) -> Vec<Mark> {
        self.state().marks.clone()
    }

    /// How often the source came back.
    #[must_use]
    pub(super) fn reconnects(&self) -> u32 {
        self.state().reconnects
    }

    /// Frames that the page's camera took and could not send, as the page says.
    pub(super) fn set_unsent(&self, unsent: u64) {
        self.unsent.store(unsent, Ordering::Relaxed);
    }

    /// Frames that the page's camera took and could not send.
    #[must_use]
    pub(super) fn unsent(&self) -> u64 {
        self.unsent.load(Ordering::Relaxed)
    }

    /// Tells the user, on every page and on the console, what needs attention.
    pub(super) fn notice(&self, text: &str) {
        let time_s = self.state().time_s;
        self.hub.notice(time_s, text);
    }

    /// What is measured does not reach the disk, or does so again.
    pub(super) fn fault(&self, why: Option<String>) {
        self.state().fault = why;
    }

    /// Whether what is measured does not reach the disk.
    #[must_use]
    pub(super) fn has_fault(&self) -> bool {
        self.state().fault.is_some()
    }

    /// The state as a message.
    #[must_use]
    pub(super) fn state_json(&self) -> String {
        let state = self.state();
        Message::State { time_s: state.time_s, phase: state.phase, feed: &state.feed }.json()
    }

    /// Figures for the pages.
    #[must_use]
    pub(super) fn status(&self) -> Status {
        let state = self.state();
        Status {
            time_s: state.time_s,
            phase: state.phase,
            feed: state.feed.clone(),
            counts: self.inbox.counts(),
            unsent: self.unsent(),
            reconnects: state.reconnects,
            connections: self.seats.taken(),
            controlled: self.seats.are_controlled(),
            lines_lost: self.hub.lines_lost(),
            fault: state.fault.clone(),
            exam: state.exam.view(state.time_s),
            measured: state.measured.clone(),
        }
    }

    fn mark(&self, state: &mut State, note: String) {
        if state.marks.len() >= self.limits.marks {
            return;
        }
        let note: String = note.chars().take(self.limits.note_chars).collect();
        let mark = Mark { time_s: state.time_s, note };
        self.hub.publish(&Message::Mark(&mark));
        state.marks.push(mark);
    }

    fn enter(&self, state: &mut State, phase: Phase) {
        if state.phase != phase && state.phase != Phase::Ending {
            state.phase = phase;
            state.phase_since = Instant::now();
            self.announce(state);
        }
    }

    fn announce(&self, state: &State) {
        let State { time_s, phase, feed, .. } = state;
        self.hub.publish(&Message::State { time_s: *time_s, phase: *phase, feed });
    }

    fn state(&self) -> MutexGuard<'_, State> {
        // Every change is whole before anything can panic.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    fn session(phase: Phase) -> Arc<Session> {
        let limits = Limits::default();
        let hub = Hub::new(&limits, None);
        Arc::new(Session::new(limits, hub, phase, Arc::default()))
    }

    fn frame(time_s: f64) -> Frame {
        Frame { time_s, ..Frame::default() }
    }

    #[test]
    fn a_pause_leaves_a_hole_in_the_times() {
        let session = session(Phase::Running);
        session.offer(frame(0.0), Stamps::Own, Instant::now());
        session.command(Command::Pause);
        session.offer(frame(1.0), Stamps::Own, Instant::now());
        session.command(Command::Start);
        session.offer(frame(2.0), Stamps::Own, Instant::now());
        session.inbox.close();
        let (mut taken, mut times) = (Frame::default(), Vec::new());
        while session.inbox.take(&mut taken, || false) {
            session.inbox.measured(taken.index);
            times.push(taken.time_s);
        }
        assert_eq!(times, [0.0, 2.0]);
    }

    #[test]
    fn a_source_that_comes_back_is_counted() {
        let session = session(Phase::Running);
        session.offer(frame(0.0), Stamps::Tied, Instant::now());
        session.feed(FeedState::Lost { why: "gone".to_owned(), retry_ms: Some(500) });
        session.offer(frame(0.0), Stamps::Tied, Instant::now());
        assert_eq!(session.reconnects(), 1);
        assert_eq!(session.status().feed, FeedState::Live);
    }

    #[test]
    fn a_source_that_falls_silent_counts_as_lost_but_a_pause_does_not() {
        let limits = Limits { stall: Duration::from_millis(20), ..Limits::default() };
        let hub = Hub::new(&limits, None);
        let session = Session::new(limits, hub, Phase::Running, Arc::default());
        session.offer(frame(0.0), Stamps::Tied, Instant::now());
        session.look_for_stall();
        assert_eq!(session.status().feed, FeedState::Live);
        session.command(Command::Pause);
        std::thread::sleep(Duration::from_millis(50));
        session.look_for_stall();
        session.command(Command::Start);
        session.look_for_stall();
        assert_eq!(session.status().feed, FeedState::Live);
        std::thread::sleep(Duration::from_millis(50));
        session.look_for_stall();
        assert!(matches!(session.status().feed, FeedState::Lost { .. }));
    }

    #[test]
    fn nothing_starts_again_and_no_mark_is_taken_once_the_session_ends() {
        let session = session(Phase::Running);
        session.command(Command::Mark { note: "in time".to_owned() });
        session.ending();
        session.command(Command::Mark { note: "late".to_owned() });
        assert_eq!(session.marks().len(), 1);
        session.command(Command::Start);
        assert_eq!(session.status().phase, Phase::Ending);
    }
}
