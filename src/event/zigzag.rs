//! The lids' opening as a zigzag: falls, bottoms and rises.

use super::dip::{LidPoint, Span};
use super::noise::Spread;
use crate::anatomy::PerSide;
use crate::thresholds::BlinkThresholds;

/// Where the zigzag stands, with indices into the points.
#[derive(Debug, Clone, Copy)]
enum Phase {
    /// Lids up; `high` is the highest point of the last moment.
    Up { high: usize },
    /// Lids down; `high` is the point they fell from.
    Down { high: usize, low: usize },
    /// Lids coming up again; the dip is settled when they have had time to arrive.
    Rising { before: usize, low: usize, high: usize, settle_s: f64 },
}

/// Follows a mean of the two apertures and cuts it into dips.
#[derive(Debug)]
pub(super) struct Zigzag {
    thresholds: BlinkThresholds,
    /// How much each eye counts in the mean.
    weights: PerSide<f32>,
    points: Vec<LidPoint>,
    phase: Phase,
    /// Steps of the mean aperture from frame to frame.
    steps: Spread,
}

impl Zigzag {
    pub(super) fn new(thresholds: &BlinkThresholds, weights: PerSide<f32>) -> Self {
        Self {
            thresholds: thresholds.clone(),
            weights,
            points: Vec::new(),
            phase: Phase::Up { high: 0 },
            steps: Spread::starting_at(0.03),
        }
    }

    /// Changes how much each eye counts.
    pub(super) fn weigh(&mut self, weights: PerSide<f32>) {
        self.weights = weights;
        for i in 0..self.points.len() {
            if let Some(mean) = self.mean_of(&self.points[i].eyes) {
                self.points[i].mean = mean;
            }
        }
    }

    /// Mean over the eyes for which there is a value; `None` without any.
    pub(super) fn mean_of(&self, eyes: &PerSide<Option<f32>>) -> Option<f32> {
        let weights = self.weights;
        let (sum, all) = [(eyes.left, weights.left), (eyes.right, weights.right)]
            .into_iter()
            .filter_map(|(eye, weight)| Some((eye?, weight)))
            .fold((0.0, 0.0), |(sum, all), (eye, weight)| (sum + weight * eye, all + weight));
        (all > 0.0).then(|| sum / all)
    }

    /// Takes the apertures of one frame whose mean is `mean`, and returns the dip that is settled
    /// by it; its points stay until the next frame. Lids whose mean is below `shut_below` are
    /// shut.
    pub(super) fn push(
        &mut self,
        time_s: f64,
        eyes: PerSide<Option<f32>>,
        mean: f32,
        shut_below: f32,
    ) -> Option<Span> {
        self.trim();
        if let Some(last) = self.points.last() {
            self.steps.push(f64::from(mean - last.mean), 1.0);
        }
        self.points.push(LidPoint { time_s, eyes, mean });
        if self.points.len() > 1 {
            return self.step(shut_below);
        }
        let shut = mean <= shut_below;
        self.phase = if shut { Phase::Down { high: 0, low: 0 } } else { Phase::Up { high: 0 } };
        None
    }

    /// What is open as the track ends, as far as it was seen. The points stay until
    /// [`Self::clear`].
    pub(super) fn open(&self) -> Option<Span> {
        match self.phase {
            Phase::Rising { before, low, high, .. } => {
                Some(Span { before: Some(before), low, after: Some(high) })
            }
            Phase::Down { high, low } => Some(Span { before: Some(high), low, after: None }),
            Phase::Up { .. } => None,
        }
    }

    /// Forgets the track.
    pub(super) fn clear(&mut self) {
        self.points.clear();
        self.phase = Phase::Up { high: 0 };
    }

    pub(super) fn points(&self) -> &[LidPoint] {
        &self.points
    }

    /// Whether the track has just begun.
    pub(super) fn begins(&self) -> bool {
        self.points.len() == 1
    }

    /// Whether the lids are down, as far as is known.
    pub(super) fn is_down(&self) -> bool {
        matches!(self.phase, Phase::Down { .. })
    }

    /// Start of the fall that is not settled yet, if there is one.
    pub(super) fn open_since(&self) -> Option<f64> {
        match self.phase {
            Phase::Up { .. } => None,
            Phase::Down { high, .. } | Phase::Rising { before: high, .. } => {
                self.points.get(high).map(|p| p.time_s)
            }
        }
    }

    /// Standard deviation of the mean aperture's jitter, from its steps.
    pub(super) fn jitter(&self) -> f32 {
        (self.steps.sigma() / std::f64::consts::SQRT_2) as f32
    }

    fn mean(&self, index: usize) -> f32 {
        self.points[index].mean
    }

    fn highest(&self, from: usize, to: usize) -> usize {
        (from..=to).max_by(|&a, &b| self.mean(a).total_cmp(&self.mean(b))).unwrap_or(to)
    }

    /// Advances the zigzag by the newest point.
    fn step(&mut self, shut_below: f32) -> Option<Span> {
        let now = self.points.len() - 1;
        let LidPoint { time_s, mean: x, .. } = self.points[now];
        let turn = self.thresholds.turn.max(self.thresholds.turn_noise * self.jitter());
        match self.phase {
            Phase::Up { high } if x >= self.mean(high) => self.phase = Phase::Up { high: now },
            Phase::Up { high } => {
                if self.mean(high) - x > turn {
                    self.phase = Phase::Down { high, low: now };
                }
            }
            Phase::Down { high, low } if x <= self.mean(low) => {
                self.phase = Phase::Down { high, low: now };
            }
            Phase::Down { high, low } => {
                if x - self.mean(low) > turn {
                    let settle_s = time_s + self.thresholds.settle_s;
                    self.phase = Phase::Rising { before: high, low, high: now, settle_s };
                } else if self.mean(low) > shut_below
                    && time_s - self.points[low].time_s > self.thresholds.settle_s
                {
                    // The lids have come to rest half way: their new level, not a closure.
                    self.phase = Phase::Up { high: self.highest(low, now) };
                }
            }
            Phase::Rising { before, low, high, settle_s } => {
                let high = if x >= self.mean(high) { now } else { high };
                let falls = self.mean(high) - x > turn;
                if !falls && time_s < settle_s {
                    self.phase = Phase::Rising { before, low, high, settle_s };
                } else if self.mean(high) <= self.reopens_above(before, low, shut_below) {
                    // A flutter of shut lids: still the same closure.
                    let low = if x < self.mean(low) { now } else { low };
                    self.phase = Phase::Down { high: before, low };
                } else {
                    self.phase =
                        if falls { Phase::Down { high, low: now } } else { Phase::Up { high } };
                    return Some(Span { before: Some(before), low, after: Some(high) });
                }
            }
        }
        None
    }

    /// Mean aperture that lids must pass to have reopened, after a fall from `before` to `low`.
    fn reopens_above(&self, before: usize, low: usize, shut_below: f32) -> f32 {
        let (from, to) = (self.mean(before), self.mean(low));
        let lifted = to + self.thresholds.flutter_max * (from - to).max(0.0);
        if to <= shut_below { lifted.max(shut_below) } else { shut_below }
    }

    /// While the lids are up, forgets what lies more than a moment back; the fall of a closure
    /// is kept for as long as the closure lasts.
    fn trim(&mut self) {
        let (Phase::Up { high }, Some(now)) = (self.phase, self.points.last()) else { return };
        let from_s = now.time_s - self.thresholds.history_s;
        let old = self.points.iter().take_while(|p| p.time_s < from_s).count();
        if old > self.points.len() / 2 {
            self.points.drain(..old);
            let last = self.points.len() - 1;
            let high = high.checked_sub(old).unwrap_or_else(|| self.highest(0, last));
            self.phase = Phase::Up { high };
        }
    }
}
