//! How long to wait before a lost source is tried again.

use std::time::Duration;

use super::Limits;

/// Waits that double, up to the longest; a source that held for a while starts them anew.
#[derive(Debug)]
pub(super) struct Backoff {
    first: Duration,
    longest: Duration,
    next: Duration,
}

impl Backoff {
    /// The first wait is the shortest.
    #[must_use]
    pub(super) fn new(limits: &Limits) -> Self {
        Self { first: limits.retry_first, longest: limits.retry_longest, next: limits.retry_first }
    }

    /// The wait before the next try.
    pub(super) fn wait(&mut self) -> Duration {
        let wait = self.next;
        self.next = (wait * 2).min(self.longest);
        wait
    }

    /// The source was open for so long.
    pub(super) fn lasted(&mut self, open: Duration) {
        if open > self.longest {
            self.next = self.first;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waits_double_up_to_the_longest_and_start_anew_after_a_good_while() {
        let mut backoff = Backoff::new(&Limits::default());
        let waits: Vec<f64> = (0..6).map(|_| backoff.wait().as_secs_f64()).collect();
        assert_eq!(waits, [0.5, 1.0, 2.0, 4.0, 8.0, 8.0]);
        backoff.lasted(Duration::from_secs(3));
        assert_eq!(backoff.wait(), Duration::from_secs(8));
        backoff.lasted(Duration::from_secs(60));
        assert_eq!(backoff.wait(), Duration::from_millis(500));
    }
}
