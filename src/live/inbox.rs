//! Frames on their way from the camera to the tracker: few may wait, and the newest wins.

use std::collections::VecDeque;
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use serde::Serialize;

use super::Limits;
use crate::source::Frame;

/// How often a waiting reader looks whether it is to stop.
const LOOK: Duration = Duration::from_millis(100);

/// Between one that fills and one that reads. A reader that cannot keep up never makes the filler
/// wait: the oldest waiting frame gives way and is counted.
#[derive(Debug)]
pub(super) struct Inbox {
    waiting_max: usize,
    in_flight_max: usize,
    stuck: Duration,
    state: Mutex<State>,
    changed: Condvar,
}

#[derive(Debug, Default)]
struct State {
    waiting: VecDeque<Arrived>,
    /// Index and arrival of the frames that were taken and not yet measured.
    in_flight: VecDeque<(u64, Instant)>,
    /// Buffers to fill again.
    spare: Vec<Frame>,
    counts: Counts,
    last_arrival: Option<Instant>,
    closed: bool,
}

#[derive(Debug)]
struct Arrived {
    frame: Frame,
    at: Instant,
}

/// What came and what was lost.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub(super) struct Counts {
    /// Frames that arrived.
    pub(super) arrived: u64,
    /// Frames that gave way to newer ones.
    pub(super) dropped: u64,
}

impl Inbox {
    /// An empty inbox.
    #[must_use]
    pub(super) fn new(limits: &Limits) -> Self {
        Self {
            waiting_max: limits.waiting_frames.max(1),
            in_flight_max: limits.frames_in_flight.max(1),
            stuck: limits.stuck,
            state: Mutex::default(),
            changed: Condvar::new(),
        }
    }

    /// A buffer to fill, used before where there is one.
    pub(super) fn spare(&self) -> Frame {
        self.state().spare.pop().unwrap_or_default()
    }

    /// Hands in a frame with its session time. Its index becomes its number of arrival, so that
    /// a frame that gives way leaves a hole in the numbers.
    pub(super) fn push(&self, mut frame: Frame, at: Instant) {
        let mut state = self.state();
        frame.index = state.counts.arrived;
        state.counts.arrived += 1;
        state.last_arrival = Some(at);
        if state.waiting.len() == self.waiting_max
            && let Some(oldest) = state.waiting.pop_front()
        {
            state.counts.dropped += 1;
            state.spare.push(oldest.frame);
        }
        state.waiting.push_back(Arrived { frame, at });
        self.changed.notify_all();
    }

    /// Counts a frame that was lost before it could be handed in.
    pub(super) fn lost(&self) {
        let counts = &mut self.state().counts;
        counts.arrived += 1;
        counts.dropped += 1;
    }

    /// Waits for the next frame and puts it into `frame`. `false` once the inbox is closed and
    /// empty, or `stop` says so.
    pub(super) fn take(&self, frame: &mut Frame, stop: impl Fn() -> bool) -> bool {
        let mut state = self.state();
        loop {
            if stop() {
                return false;
            }
            // One that is not measured for so long holds up no other: where the measurement has
            // failed, the next frame finds that out.
            let stuck = state.in_flight.front().is_some_and(|(_, at)| at.elapsed() > self.stuck);
            if (stuck || state.in_flight.len() < self.in_flight_max)
                && let Some(arrived) = state.waiting.pop_front()
            {
                state.in_flight.push_back((arrived.frame.index, arrived.at));
                let used = std::mem::replace(frame, arrived.frame);
                if state.spare.len() <= self.waiting_max {
                    state.spare.push(used);
                }
                return true;
            }
            if state.closed && state.waiting.is_empty() {
                return false;
            }
            state =
                self.changed.wait_timeout(state, LOOK).unwrap_or_else(PoisonError::into_inner).0;
        }
    }

    /// Says that a frame was measured, and returns when it had arrived.
    pub(super) fn measured(&self, index: u64) -> Option<Instant> {
        let mut state = self.state();
        let mut arrival = None;
        while let Some(&(first, at)) = state.in_flight.front() {
            if first > index {
                break;
            }
            state.in_flight.pop_front();
            arrival = Some(at);
        }
        self.changed.notify_all();
        arrival
    }

    /// No more frames will come; those that wait are still read.
    pub(super) fn close(&self) {
        self.state().closed = true;
        self.changed.notify_all();
    }

    /// What came and what was lost so far.
    #[must_use]
    pub(super) fn counts(&self) -> Counts {
        self.state().counts
    }

    /// When the last frame arrived.
    #[must_use]
    pub(super) fn last_arrival(&self) -> Option<Instant> {
        self.state().last_arrival
    }

    fn state(&self) -> MutexGuard<'_, State> {
        // Every change is whole before anything can panic.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn inbox() -> Inbox {
        Inbox::new(&Limits { waiting_frames: 2, frames_in_flight: 1, ..Limits::default() })
    }

    fn push(inbox: &Inbox, time_s: f64) {
        let mut frame = inbox.spare();
        frame.time_s = time_s;
        inbox.push(frame, Instant::now());
    }

    #[test]
    fn the_oldest_waiting_frame_gives_way_and_is_counted() {
        let inbox = inbox();
        for time in 0..5 {
            push(&inbox, f64::from(time));
        }
        assert_eq!(inbox.counts(), Counts { arrived: 5, dropped: 3 });
        let mut frame = Frame::default();
        assert!(inbox.take(&mut frame, || false));
        assert_eq!((frame.index, frame.time_s), (3, 3.0));
    }

    #[test]
    fn a_frame_is_handed_out_only_when_those_before_are_measured() {
        let inbox = inbox();
        push(&inbox, 0.0);
        push(&inbox, 1.0);
        let mut frame = Frame::default();
        assert!(inbox.take(&mut frame, || false));
        let looked = std::cell::Cell::new(0);
        let again = || looked.replace(looked.get() + 1) > 0;
        assert!(!inbox.take(&mut frame, again), "a second frame while the first is in flight");
        assert!(inbox.measured(0).is_some());
        assert!(inbox.take(&mut frame, || false));
        assert_eq!(frame.index, 1);
    }

    #[test]
    fn a_frame_that_is_never_measured_holds_up_the_next_only_for_a_while() {
        let stuck = Duration::from_millis(30);
        let limits = Limits { frames_in_flight: 1, stuck, ..Limits::default() };
        let inbox = Inbox::new(&limits);
        push(&inbox, 0.0);
        push(&inbox, 1.0);
        let mut frame = Frame::default();
        let began = Instant::now();
        assert!(inbox.take(&mut frame, || false) && inbox.take(&mut frame, || false));
        assert!(frame.index == 1 && began.elapsed() > stuck);
        assert!(inbox.measured(1).is_some(), "both are done with");
        assert!(inbox.state().in_flight.is_empty());
    }

    #[test]
    fn a_closed_inbox_is_read_to_its_end() {
        let inbox = inbox();
        push(&inbox, 0.0);
        inbox.close();
        let mut frame = Frame::default();
        assert!(inbox.take(&mut frame, || false));
        inbox.measured(frame.index);
        assert!(!inbox.take(&mut frame, || false));
    }

    #[test]
    fn buffers_go_round() {
        let inbox = inbox();
        let mut frame = Frame::from_bgr(0, 0, Vec::with_capacity(1000));
        for _ in 0..20 {
            push(&inbox, 0.0);
            assert!(inbox.take(&mut frame, || false));
            inbox.measured(frame.index);
        }
        assert!(inbox.state().spare.len() <= 3);
    }
}
