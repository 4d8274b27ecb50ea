//! Figures over the last seconds.

use std::collections::VecDeque;
use std::time::Duration;

use super::inbox::Counts;

/// Stretch over which the frame rate is taken, seconds.
const RATE_S: f64 = 2.0;

/// Frames over which the latency is taken: ten seconds at 30 a second.
const LATENCIES: usize = 300;

/// Looks over which the lost share is taken: five seconds of status messages.
const LOOKS: usize = 10;

/// Frame rate, latency and losses of late.
#[derive(Debug, Default)]
pub(super) struct Recent {
    times_s: VecDeque<f64>,
    latencies_ms: VecDeque<f64>,
    looks: VecDeque<Counts>,
}

impl Recent {
    /// A frame was measured so long after it had arrived.
    pub(super) fn frame(&mut self, time_s: f64, latency: Duration) {
        self.times_s.push_back(time_s);
        while self.times_s.front().is_some_and(|first| time_s - first > RATE_S) {
            self.times_s.pop_front();
        }
        self.latencies_ms.push_back(latency.as_secs_f64() * 1e3);
        if self.latencies_ms.len() > LATENCIES {
            self.latencies_ms.pop_front();
        }
    }

    /// Share of the frames lost since some seconds ago, up to these counts.
    pub(super) fn lost_share(&mut self, now: Counts) -> f64 {
        let then = self.looks.front().copied().unwrap_or_default();
        self.looks.push_back(now);
        if self.looks.len() > LOOKS {
            self.looks.pop_front();
        }
        let arrived = now.arrived - then.arrived;
        if arrived == 0 { 0.0 } else { (now.dropped - then.dropped) as f64 / arrived as f64 }
    }

    /// Frames measured a second; `None` before half a second of them.
    #[must_use]
    pub(super) fn fps(&self) -> Option<f64> {
        let span_s = self.times_s.back()? - self.times_s.front()?;
        (span_s > 0.5).then(|| (self.times_s.len() - 1) as f64 / span_s)
    }

    /// Median and 95th percentile of the latency, milliseconds.
    #[must_use]
    pub(super) fn latency_ms(&self) -> Option<[f64; 2]> {
        let mut sorted: Vec<f64> = self.latencies_ms.iter().copied().collect();
        sorted.sort_by(f64::total_cmp);
        let at = |part: f64| sorted.get(((sorted.len() - 1) as f64 * part).round() as usize);
        if sorted.is_empty() { None } else { Some([*at(0.5)?, *at(0.95)?]) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rate_latency_and_losses_are_those_of_the_last_seconds() {
        let mut recent = Recent::default();
        assert!(recent.fps().is_none() && recent.latency_ms().is_none());
        for i in 0..600 {
            let latency = Duration::from_millis(if i % 10 == 0 { 40 } else { 20 });
            recent.frame(f64::from(i) / 30.0, latency);
        }
        assert!((recent.fps().unwrap() - 30.0).abs() < 0.1);
        let [median, late] = recent.latency_ms().unwrap();
        assert!((median - 20.0).abs() < 1e-9 && (late - 40.0).abs() < 1e-9);
        assert_eq!(recent.lost_share(Counts { arrived: 100, dropped: 0 }), 0.0);
        for i in 1..20 {
            recent.lost_share(Counts { arrived: 100 + i * 10, dropped: i });
        }
        assert!((recent.lost_share(Counts { arrived: 300, dropped: 20 }) - 0.1).abs() < 1e-9);
    }
}
