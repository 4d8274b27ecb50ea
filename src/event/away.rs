//! The state of a place that has left its baseline.

use super::onset::{Onset, Point};
use super::recent::{EDGE_S, Reading};

/// A departure that is running.
#[derive(Debug, Clone)]
pub(super) struct Away {
    /// 1 along the contraction, -1 against it.
    pub(super) polarity: f64,
    /// The baseline it left, mFU; held until it is back.
    pub(super) baseline: f64,
    /// When it was noticed, seconds.
    pub(super) trigger_s: f64,
    /// Samples around the rise, kept until it is fitted.
    pub(super) rise: Vec<Point>,
    /// The fitted onset.
    pub(super) onset: Option<Onset>,
    /// It followed another departure so soon that the baseline is still that one's.
    pub(super) follows: bool,
    /// Highest short mean so far, over the baseline, and its time.
    pub(super) peak: (f64, f64),
    /// Turn and nod of the head before it, and at its peak, degrees.
    pub(super) heads: [[f64; 2]; 2],
    /// Turn, nod or tilt of the head during the rise, degrees.
    pub(super) head_deg: f64,
    /// Highest short mean of late, forgetting.
    pub(super) level: f64,
    /// Last time above the release level.
    pub(super) above_s: f64,
    /// First time at rest again after that.
    pub(super) back_s: Option<f64>,
    /// Its bursts.
    pub(super) bursts: Bursts,
    /// Part that the mirror place shared in the rise.
    pub(super) shared: Option<f64>,
    /// Largest difference to the mirror place, and the last time that the two stood apart.
    pub(super) apart: (f64, f64),
    /// Displacement of the mirror place that counts as its rest.
    pub(super) mirror_rest: f64,
    /// Sums of its displacement from neutral and of the mirror place's.
    pub(super) levels: [f64; 2],
    /// It has come back to where it began.
    pub(super) returned: bool,
    /// A departure that was running already and goes on below this one.
    pub(super) under: Option<Box<Self>>,
}

impl Away {
    /// A departure from `baseline`, noticed when the short mean was at `mean`.
    pub(super) fn new(
        polarity: f64,
        baseline: f64,
        mean: f64,
        trigger_s: f64,
        rise: Vec<Point>,
    ) -> Self {
        Self {
            polarity,
            baseline,
            trigger_s,
            rise,
            onset: None,
            follows: false,
            peak: (polarity * (mean - baseline), trigger_s),
            heads: [[0.0; 2]; 2],
            head_deg: 0.0,
            level: 0.0,
            above_s: trigger_s,
            back_s: None,
            bursts: Bursts::default(),
            shared: None,
            apart: (0.0, trigger_s),
            mirror_rest: 0.0,
            levels: [0.0; 2],
            returned: false,
            under: None,
        }
    }

    /// The head's movement can have feigned its rise, a degree as much as `most`, mFU.
    pub(super) fn may_be_head(&self, most: f64) -> bool {
        self.onset.as_ref().is_some_and(|onset| onset.size.min(self.peak.0) < most * self.head_deg)
    }

    /// Follows the height over the baseline; returns the level below which it counts as back.
    pub(super) fn rise_to(&mut self, last: &Reading, height: f64, forget: f64, least: f64) -> f64 {
        if height > self.peak.0 {
            self.peak = (height, last.time_s);
            self.heads[1] = last.head;
        }
        self.level = height.max(self.level * forget);
        (RELEASE * self.level).max(self.level - FALLEN * self.peak.0).max(least)
    }

    /// Follows how far it stands apart from its mirror image.
    pub(super) fn follow_mirror(&mut self, now_s: f64, height: f64, seen: &Reading) {
        if !seen.mirror_level.is_nan() {
            self.levels = [self.levels[0] + seen.value, self.levels[1] + seen.mirror_level];
        }
        let apart = height - self.polarity * (seen.mirror - self.mirror_rest);
        if apart.is_nan() || apart >= RELEASE * self.apart.0 {
            self.apart = (self.apart.0.max(apart), now_s);
        }
    }

    /// Mean displacement of the mirror place over this place's own; 0 where it is not seen.
    pub(super) fn level_shared(&self) -> f64 {
        let [own, mirror] = self.levels;
        if own == 0.0 { 0.0 } else { mirror / own }
    }

    /// The samples up to the first peak, upwards from the baseline: a rise is fitted without
    /// its fall. A peak below `least` of the largest is no more than a stir before the rise. With
    /// them the moment before which it cannot have begun.
    pub(super) fn until_fall(&self, jitter: f64, least: f64) -> (Vec<Point>, f64) {
        let up = |p: &Point| Point { value: self.polarity * (p.value - self.baseline), ..*p };
        let mut points: Vec<Point> = self.rise.iter().map(up).collect();
        // The highest short mean, and the end of the samples in it: single samples are the higher
        // the more of them there are.
        let (mut highest, mut end, mut from) = (f64::MIN, points.len(), 0);
        for i in 0..points.len() {
            while points[i].time_s - points[from].time_s > PEAK_MEAN_S + EDGE_S {
                from += 1;
            }
            if points[i].time_s < self.trigger_s {
                continue;
            }
            let n = (i + 1 - from) as f64;
            let mean = points[from..=i].iter().map(|p| p.value).sum::<f64>() / n;
            if mean > highest {
                (highest, end) = (mean, i + 1);
            } else if highest >= least * self.peak.0
                && mean < highest - (0.3 * highest).max(4.0 * jitter / n.sqrt())
            {
                points.truncate(end);
                break;
            }
        }
        let dip = self.after_hump(&points, highest, jitter);
        let earliest_s = if dip > 0 { points[dip].time_s } else { f64::NEG_INFINITY };
        points.drain(..dip);
        (points, earliest_s)
    }

    /// Index from which on the points belong to this rise: what stood out before the dip it
    /// began from was another movement, whose foot would be taken for the foot of this rise.
    fn after_hump(&self, points: &[Point], peak: f64, jitter: f64) -> usize {
        let hump = (0.25 * peak).max(8.0 * jitter);
        let before = points.iter().take_while(|p| p.time_s < self.trigger_s).count();
        let mut low = (f64::MAX, 0);
        for (i, p) in points[..before].iter().enumerate().rev() {
            if p.value < low.0 {
                low = (p.value, i);
            } else if p.value > low.0 + hump {
                return low.1;
            }
        }
        0
    }
}

/// Part of the recent height below which a place counts as back (judgment).
pub(super) const RELEASE: f64 = 0.35;

/// Part of the largest height that is lost when a place counts as back, whatever the level it
/// comes back to (judgment).
const FALLEN: f64 = 0.75;

/// Length of the means among which the peak is looked for, seconds (judgment: shorter than any
/// hold, a single frame at 30 a second).
const PEAK_MEAN_S: f64 = 0.03;

/// Counts the bursts inside one departure.
#[derive(Debug, Clone, Default)]
pub(super) struct Bursts {
    peaks_s: Vec<f64>,
    /// Highest point since the last valley, and its time.
    high: Option<(f64, f64)>,
    /// Lowest point since the last peak.
    low: Option<f64>,
}

impl Bursts {
    /// Takes the next height; a change by `turn` ends a peak or a valley.
    pub(super) fn push(&mut self, now_s: f64, height: f64, turn: f64) {
        match (self.high, self.low) {
            (Some((top, _)), _) if height > top => self.high = Some((height, now_s)),
            (Some((top, at)), _) if top - height > turn => {
                self.peaks_s.push(at);
                self.high = None;
                self.low = Some(height);
            }
            (None, Some(low)) if height < low => self.low = Some(height),
            (None, Some(low)) if height - low > turn => self.high = Some((height, now_s)),
            (None, None) => self.high = Some((height, now_s)),
            _ => {}
        }
    }

    /// A peak has come and gone.
    pub(super) fn any(&self) -> bool {
        !self.peaks_s.is_empty()
    }

    /// Times of the peaks.
    pub(super) fn finish(mut self) -> Vec<f64> {
        self.peaks_s.extend(self.high.map(|(_, at)| at));
        self.peaks_s
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_stir_before_the_rise_is_not_the_rise() {
        let value = |t: f64| match t {
            _ if (0.5..0.6).contains(&t) => 4.0,
            _ if t >= 0.8 => (300.0 * (t - 0.8)).min(60.0),
            _ => 0.0,
        };
        let points = (0..40).map(|i| {
            let time_s = f64::from(i) / 30.0;
            Point { time_s, value: value(time_s), head: [0.0; 2] }
        });
        let mut away = Away::new(1.0, 0.0, 4.0, 0.55, points.collect());
        away.peak = (60.0, 1.1);
        let highest =
            |least: f64| away.until_fall(0.3, least).0.iter().map(|p| p.value).fold(0.0, f64::max);
        assert_eq!(highest(0.3), 60.0);
        // Were every peak good enough, the stir would be taken for the rise.
        assert_eq!(highest(0.0), 4.0);
    }

    #[test]
    fn bursts_are_counted_through_the_noise() {
        let mut bursts = Bursts::default();
        for i in 0..60 {
            let t = f64::from(i) / 30.0;
            let wave = 5.0 - 5.0 * (std::f64::consts::TAU * 4.0 * t).cos();
            let jitter = if i % 2 == 0 { 0.5 } else { -0.5 };
            bursts.push(t, wave + jitter, 4.0);
        }
        assert_eq!(bursts.finish().len(), 8);
    }
}
