//! One clock for a session whose source may stall, drift or come back anew.

use std::time::{Duration, Instant};

/// Least step between two frames, seconds: times never stand still or go back.
const LEAST_STEP_S: f64 = 0.001;

/// How a frame's stamp becomes session time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Stamps {
    /// The stamps are the session's times: a file in real time.
    Own,
    /// Tied to the session's clock.
    Tied,
}

/// Turns a source's own stamps into seconds since the session's first frame.
///
/// Between frames the source's stamps are believed: they say when the picture was taken, not when
/// it came. Over longer times the session's clock is: where the two part by more than the skew
/// allowed, as after a stall or a new connection, the stamps are tied to it anew. So a stall stays
/// a hole in the times, and what follows is not late.
#[derive(Debug)]
pub(super) struct SessionClock {
    skew_s: f64,
    first: Option<Instant>,
    /// Session time at the source's stamp 0; `None` after a new connection.
    offset_s: Option<f64>,
    last_s: Option<f64>,
}

impl SessionClock {
    /// A clock that starts at its first frame.
    #[must_use]
    pub(super) fn new(skew: Duration) -> Self {
        Self { skew_s: skew.as_secs_f64(), first: None, offset_s: None, last_s: None }
    }

    /// The source was opened again: its stamps start anywhere.
    pub(super) fn reconnected(&mut self) {
        self.offset_s = None;
    }

    /// Session time of a frame that the source stamped `stamp_s` and that came at `arrived`.
    pub(super) fn tick(&mut self, stamp_s: f64, arrived: Instant) -> f64 {
        let first = *self.first.get_or_insert(arrived);
        let now_s = arrived.saturating_duration_since(first).as_secs_f64();
        let by_stamp = self.offset_s.map(|offset| stamp_s + offset);
        let mut time_s = match by_stamp {
            Some(time_s) if (time_s - now_s).abs() <= self.skew_s => time_s,
            _ => now_s,
        };
        if let Some(last_s) = self.last_s
            && time_s < last_s + LEAST_STEP_S
        {
            time_s = now_s.max(last_s + LEAST_STEP_S);
        }
        if by_stamp != Some(time_s) && stamp_s.is_finite() {
            self.offset_s = Some(time_s - stamp_s);
        }
        self.last_s = Some(time_s);
        time_s
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn clock() -> (SessionClock, Instant) {
        (SessionClock::new(Duration::from_millis(500)), Instant::now())
    }

    fn at(start: Instant, s: f64) -> Instant {
        start + Duration::from_secs_f64(s)
    }

    #[test]
    fn jitter_of_arrival_does_not_move_the_times() {
        let (mut clock, start) = clock();
        for i in 0..100 {
            let stamp = 70.0 + f64::from(i) / 30.0;
            let late = if i % 3 == 1 { 0.05 } else { 0.0 };
            let time = clock.tick(stamp, at(start, f64::from(i) / 30.0 + late));
            assert!((time - f64::from(i) / 30.0).abs() < 1e-9);
        }
    }

    #[test]
    fn a_new_connection_goes_on_at_the_session_s_time() {
        let (mut clock, start) = clock();
        clock.tick(12.0, start);
        clock.tick(12.1, at(start, 0.1));
        clock.reconnected();
        assert!((clock.tick(0.0, at(start, 7.0)) - 7.0).abs() < 1e-9);
        assert!((clock.tick(0.04, at(start, 7.2)) - 7.04).abs() < 1e-9);
    }

    #[test]
    fn a_sender_that_paused_leaves_a_hole_and_is_not_late_afterwards() {
        let (mut clock, start) = clock();
        clock.tick(0.0, start);
        clock.tick(0.033, at(start, 0.033));
        // Its stamps go on as if nothing had been.
        assert!((clock.tick(0.066, at(start, 5.0)) - 5.0).abs() < 1e-9);
        assert!((clock.tick(0.099, at(start, 5.04)) - 5.033).abs() < 1e-9);
    }

    #[test]
    fn times_never_stand_still_or_go_back() {
        let (mut clock, start) = clock();
        let stamps = [5.0, 5.0, 4.0, f64::NAN, 0.0, 5.1];
        let mut last = -1.0;
        for (i, stamp) in stamps.into_iter().enumerate() {
            let time = clock.tick(stamp, at(start, i as f64 * 0.01));
            assert!(time > last, "{time} after {last}");
            last = time;
        }
    }
}
