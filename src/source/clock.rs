//! Presentation times made usable: from zero, and never backwards.

/// Turns a container's time stamps into seconds from the first frame.
///
/// Containers start anywhere, round to a millisecond, and some leave the last frames without a
/// stamp (AVI gives 0): such a frame follows the one before by the median of the last intervals.
/// Others round a variable rate so coarsely that two frames share a stamp: the second lies half
/// way to where the next stamp is due, which is thus still ahead.
#[derive(Debug, Clone, Default)]
pub struct PresentationClock {
    first: Option<f64>,
    last: f64,
    /// The last stamp that was believed, seconds from the first frame.
    stamped: f64,
    recent: Vec<f64>,
    nominal_interval: Option<f64>,
    repaired: u64,
    begun: bool,
    unstamped: u64,
    /// Stamps in a row that lie before what was believed.
    backwards: u32,
}

/// Stamps in a row that lie before the last one from which they count as begun anew (judgment:
/// streams that were joined; one or two are a slip of the container).
const BACKWARDS_MOST: u32 = 3;

/// Intervals remembered for the repair of a missing stamp; a second at the usual rates, enough
/// for a median that one odd interval cannot move (judgment).
const REMEMBERED: usize = 31;

/// Interval assumed when nothing at all is known, seconds (the commonest camera rate, 30 a second).
const FALLBACK_INTERVAL_S: f64 = 1.0 / 30.0;

impl PresentationClock {
    /// A clock that falls back on the container's rate while it has seen no interval.
    #[must_use]
    pub fn new(fps_nominal: Option<f64>) -> Self {
        Self { nominal_interval: fps_nominal.map(|fps| 1.0 / fps), ..Self::default() }
    }

    /// Seconds from the first frame for a frame stamped `stamp_s`; `None` where the container has
    /// no stamp for it.
    pub fn tick(&mut self, stamp_s: Option<f64>) -> f64 {
        let stamp_s = stamp_s.filter(|stamp| stamp.is_finite());
        if stamp_s.is_none() {
            self.unstamped += 1;
        }
        if !self.begun {
            self.begun = true;
            self.first = stamp_s;
            return 0.0;
        }
        let interval = self.usual_interval_s();
        let Some(stamp_s) = stamp_s else {
            self.last += interval;
            self.stamped = self.last;
            return self.last;
        };
        // Where the first frames had no stamp, the first that has one says where they were.
        let first = *self.first.get_or_insert(stamp_s - self.last - interval);
        let time = stamp_s - first;
        if time > self.last {
            if self.recent.len() == REMEMBERED {
                self.recent.remove(0);
            }
            self.recent.push(time - self.stamped);
            (self.last, self.stamped) = (time, time);
        } else {
            self.repaired += 1;
            if time >= self.stamped {
                self.last += 0.5 * (self.stamped + interval - self.last).max(0.0);
            } else {
                self.last += interval;
                self.stamped = self.last;
                // Stamps that began anew go on from here; a single odd one is passed over.
                self.backwards += 1;
                if self.backwards >= BACKWARDS_MOST {
                    self.first = Some(stamp_s - self.last);
                    self.backwards = 0;
                }
            }
            return self.last;
        }
        self.backwards = 0;
        self.last
    }

    /// Frames without a stamp.
    #[must_use]
    pub fn unstamped(&self) -> u64 {
        self.unstamped
    }

    /// Stamps that had to be replaced.
    #[must_use]
    pub fn repaired(&self) -> u64 {
        self.repaired
    }

    /// The usual interval between frames, seconds.
    #[must_use]
    pub fn usual_interval_s(&self) -> f64 {
        let mut sorted = self.recent.clone();
        sorted.sort_by(f64::total_cmp);
        sorted
            .get(sorted.len() / 2)
            .copied()
            .or(self.nominal_interval)
            .unwrap_or(FALLBACK_INTERVAL_S)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_start_at_zero_wherever_the_container_starts() {
        let mut clock = PresentationClock::new(None);
        let times: Vec<f64> = [1.0333, 1.0667, 1.1].map(|s| clock.tick(Some(s))).to_vec();
        assert!((times[0] - 0.0).abs() < 1e-9);
        assert!((times[2] - 0.0667).abs() < 1e-4);
    }

    #[test]
    fn a_missing_last_stamp_continues_at_the_median_interval() {
        let mut clock = PresentationClock::new(Some(60.0));
        for i in 0..10 {
            clock.tick(Some(f64::from(i) / 30.0));
        }
        let repaired = clock.tick(Some(0.0));
        assert!((repaired - 10.0 / 30.0).abs() < 1e-9);
        assert_eq!(clock.repaired(), 1);
    }

    #[test]
    fn a_stamp_given_twice_delays_nothing_after_it() {
        let stamps = [0.0, 0.04, 0.08, 0.08, 0.12, 0.16, 0.16, 0.16, 0.2, 0.24];
        let mut clock = PresentationClock::new(Some(25.0));
        let times: Vec<f64> = stamps.map(|stamp| clock.tick(Some(stamp))).to_vec();
        assert!(times.windows(2).all(|pair| pair[1] > pair[0]), "{times:?}");
        assert!((times[3] - 0.1).abs() < 1e-9, "{times:?}");
        assert!((times[4] - 0.12).abs() < 1e-9 && (times[9] - 0.24).abs() < 1e-9, "{times:?}");
        assert_eq!(clock.repaired(), 3);
    }

    #[test]
    fn variable_intervals_are_kept_as_they_are() {
        let stamps = [0.0, 0.041, 0.099, 0.140, 0.300];
        let mut clock = PresentationClock::new(Some(24.0));
        for stamp in stamps {
            assert!((clock.tick(Some(stamp)) - stamp).abs() < 1e-12);
        }
    }

    #[test]
    fn frames_before_the_first_stamp_lie_before_it() {
        let mut clock = PresentationClock::new(Some(10.0));
        let stamps = [None, None, Some(0.0), Some(0.1), None, Some(0.3)];
        let times = stamps.map(|stamp| clock.tick(stamp));
        for (i, time) in times.into_iter().enumerate() {
            assert!((time - 0.1 * i as f64).abs() < 1e-9, "{times:?}");
        }
        assert_eq!(clock.unstamped(), 3);
    }

    #[test]
    fn stamps_that_begin_anew_go_on_with_their_own_intervals() {
        let mut clock = PresentationClock::new(Some(10.0));
        for i in 0..20 {
            clock.tick(Some(5.0 + 0.1 * f64::from(i)));
        }
        let times: Vec<f64> = (0..10).map(|i| clock.tick(Some(1.0 + 0.2 * f64::from(i)))).collect();
        assert!((times[0] - 2.0).abs() < 1e-9, "{times:?}");
        assert!(times.windows(2).skip(3).all(|t| (t[1] - t[0] - 0.2).abs() < 1e-9), "{times:?}");
    }
}
