//! One place's signal: at rest on its baseline, or away from it.
//!
//! [`PlaceWatch`] keeps a running median as the baseline while the place is at rest, and the
//! spread of short means about it at several lengths, so that the noise's own colour sets the
//! thresholds. When a short mean leaves the baseline by more than that spread allows, the
//! baseline is held (a spasm of minutes is not swallowed) until the signal comes back. A
//! departure counts as a contraction when it began with a rise; slow drift does not, and moves
//! the baseline instead.

use std::collections::VecDeque;

use super::head::HeadLeak;
use super::noise::Spread;
use super::onset::{self, NoiseModel, Onset, Point};
use crate::anatomy::{Place, Region};
use crate::thresholds::EventThresholds;

/// A departure of one place from its baseline and back.
#[derive(Debug, Clone)]
pub(super) struct Departure {
    pub(super) place: Place,
    pub(super) onset: Onset,
    /// Largest displacement, seconds.
    pub(super) peak_s: f64,
    /// Return, seconds.
    pub(super) end_s: f64,
    /// Displacement at the peak over the baseline, mFU; negative against the direction of
    /// contraction.
    pub(super) amplitude: f64,
    /// Standard deviation of the resting signal, mFU.
    pub(super) floor: f64,
    /// Peaks of the single bursts, seconds.
    pub(super) bursts_s: Vec<f64>,
    /// Movement of the mirror place over this place's own in the rise, as a regression; 1 for
    /// the midline.
    pub(super) shared: f64,
}

/// One sample of a place and its mirror image.
#[derive(Debug, Clone, Copy)]
struct Reading {
    time_s: f64,
    /// mFU.
    value: f64,
    /// Displacement of the other side from its own baseline; not a number where it is not seen.
    mirror: f64,
    /// Turn and nod of the head, degrees.
    head: [f64; 2],
}

/// Follows one place.
#[derive(Debug, Clone)]
pub(super) struct PlaceWatch {
    place: Place,
    thresholds: EventThresholds,
    recent: VecDeque<Reading>,
    /// Samples before this are not part of the present baseline.
    base_from_s: f64,
    /// Baseline before the last departure, good until the place has rested again.
    held: Option<f64>,
    /// Baseline at the last sample at rest.
    baseline: Option<f64>,
    /// Baseline before the last departure.
    before: Option<f64>,
    /// Peak of the last departure.
    last_peak: f64,
    leak: HeadLeak,
    /// Last time that the leak was learnt from.
    leak_s: f64,
    noise: PlaceNoise,
    away: Option<Away>,
}

/// The noise of one place, from the recording itself.
#[derive(Debug, Clone)]
pub(super) struct PlaceNoise {
    /// Values about the baseline.
    floor: Spread,
    /// Steps from frame to frame.
    steps: Spread,
    /// Short means about the baseline, by length.
    means: [Spread; LENGTHS_S.len()],
}

/// Lengths of the short means, seconds; the first is a single frame.
const LENGTHS_S: [f64; 4] = [0.0, 0.07, 0.15, 0.3];

/// The state away from the baseline.
#[derive(Debug, Clone)]
struct Away {
    polarity: f64,
    baseline: f64,
    trigger_s: f64,
    /// Samples around the rise, kept until it is fitted.
    rise: Vec<Point>,
    onset: Option<Onset>,
    /// It followed another departure so soon that the baseline is still that one's.
    follows: bool,
    /// Highest short mean so far and its time.
    peak: (f64, f64),
    /// Highest short mean of late, forgetting.
    level: f64,
    /// Last time above the release level.
    above_s: f64,
    /// First time at rest again after that.
    back_s: Option<f64>,
    bursts: Bursts,
    /// Part that the mirror place shared in the rise.
    shared: Option<f64>,
    /// Largest difference to the mirror place.
    apart: f64,
    /// Last time that the two places stood apart.
    apart_s: f64,
}

impl PlaceNoise {
    fn new(sigma: f64) -> Self {
        Self {
            floor: Spread::starting_at(sigma),
            steps: Spread::starting_at(1.4 * sigma),
            means: std::array::from_fn(|_| Spread::starting_at(1.1 * sigma)),
        }
    }

    /// Standard deviation of the resting signal, mFU; `None` before enough was seen.
    pub(super) fn floor(&self) -> Option<f64> {
        (self.floor.count() >= 60.0).then(|| self.floor.sigma())
    }

    fn model(&self, leak: &HeadLeak) -> NoiseModel {
        let sigma = self.floor.sigma();
        // Steps of independent noise spread by sqrt 2 sigma; less means correlation.
        let steps = self.steps.sigma().powi(2) / (2.0 * sigma * sigma);
        let slow = self.means[LENGTHS_S.len() - 1].sigma();
        NoiseModel {
            sigma,
            correlation: (1.0 - steps).clamp(0.0, 0.9),
            drift: slow.max(0.2 * sigma),
            head: leak.sigma(),
        }
    }
}

impl PlaceWatch {
    pub(super) fn new(place: Place, thresholds: &EventThresholds) -> Self {
        Self {
            place,
            thresholds: thresholds.clone(),
            recent: VecDeque::new(),
            base_from_s: f64::NEG_INFINITY,
            held: None,
            baseline: None,
            before: None,
            last_peak: 0.0,
            leak: HeadLeak::unknown(thresholds.head_leak),
            leak_s: f64::NEG_INFINITY,
            noise: PlaceNoise::new(thresholds.noise_start_mfu),
            away: None,
        }
    }

    pub(super) const fn noise(&self) -> &PlaceNoise {
        &self.noise
    }

    /// Start of the departure that is running, if one is.
    pub(super) fn away_since(&self) -> Option<f64> {
        self.away.as_ref().map(|away| away.onset.as_ref().map_or(away.trigger_s, |o| o.time_s))
    }

    /// Displacement of a value from the baseline as it stands; `None` before there is one.
    pub(super) fn displaced(&self, value: Option<f32>, head: [f64; 2]) -> Option<f64> {
        let baseline = self.away.as_ref().map_or(self.baseline, |away| Some(away.baseline));
        let value = value.map(f64::from);
        value.zip(baseline).map(|(value, baseline)| value - self.leak.at(head) - baseline)
    }

    /// Value without what the head's pose adds, mFU.
    fn freed(&self, reading: &Reading) -> f64 {
        reading.value - self.leak.at(reading.head)
    }

    /// Takes one sample and the displacement of the mirror place; returns a departure that has
    /// ended.
    pub(super) fn push(
        &mut self,
        time_s: f64,
        value: Option<f32>,
        mirror: Option<f64>,
        head: [f64; 2],
    ) -> Option<Departure> {
        let Some(value) = value.map(f64::from).filter(|v| v.is_finite()) else {
            return self.break_track();
        };
        let mirror = mirror.unwrap_or(f64::NAN);
        self.recent.push_back(Reading { time_s, value, mirror, head });
        let oldest_s = time_s - self.thresholds.history_s;
        while self.recent.front().is_some_and(|s| s.time_s < oldest_s) {
            self.recent.pop_front();
        }
        let ended = if self.away.is_some() {
            self.follow(time_s, value)
        } else {
            self.watch(time_s);
            None
        };
        self.learn(time_s, value);
        ended
    }

    /// The track ends here.
    pub(super) fn break_track(&mut self) -> Option<Departure> {
        let last_s = self.recent.back().map(|s| s.time_s);
        let away = self.away.take();
        self.base_from_s = f64::NEG_INFINITY;
        self.held = None;
        self.baseline = None;
        let ended = away.and_then(|mut away| {
            self.fit(&mut away);
            self.depart(away, last_s?)
        });
        self.recent.clear();
        ended
    }

    /// Mean of the samples of the last `length_s` up to `until_s`, none before `from_s`.
    fn mean(&self, until_s: f64, length_s: f64, from_s: f64) -> Option<f64> {
        let (mut sum, mut n) = (0.0, 0);
        for s in self.recent.iter().rev().skip_while(|s| s.time_s > until_s) {
            let out = s.time_s <= until_s - length_s || s.time_s < from_s;
            if n > 0 && out {
                break;
            }
            sum += self.freed(s);
            n += 1;
        }
        (n > 0).then(|| sum / f64::from(n))
    }

    /// Median of the samples before the last moment.
    fn resting_level(&self, now_s: f64) -> Option<f64> {
        let t = &self.thresholds;
        if self.held.is_some() && now_s - self.base_from_s < t.rest_s {
            return self.held;
        }
        let from_s = self.base_from_s.max(now_s - t.baseline_s);
        let until_s = now_s - t.baseline_guard_s;
        let within: Vec<f64> = self
            .recent
            .iter()
            .filter(|s| s.time_s >= from_s && s.time_s <= until_s)
            .map(|s| self.freed(s))
            .collect();
        // Thirty values say as much of a median as more; high rates would only cost time.
        let stride = within.len().div_ceil(30).max(1);
        let mut thinned: Vec<f64> = within.iter().copied().step_by(stride).collect();
        if thinned.len() < 3 {
            // The lids' displacement counts from the open level, which is known already.
            return (self.place.region == Region::Periocular
                && self.base_from_s == f64::NEG_INFINITY)
                .then_some(0.0);
        }
        let middle = thinned.len() / 2;
        let (_, median, _) = thinned.select_nth_unstable_by(middle, f64::total_cmp);
        Some(*median)
    }

    /// Movement of the mirror place over this place's own since the onset, as a regression; 0 where the mirror place is not seen, 1 on the midline.
    fn shared(&self, away: &Away, onset_s: f64) -> f64 {
        if self.place.side.is_none() {
            return 1.0;
        }
        let (mut product, mut power) = (0.0, 0.0);
        for s in self.recent.iter().filter(|s| s.time_s >= onset_s) {
            let (own, mirror) = (self.freed(s) - away.baseline, s.mirror);
            if !mirror.is_nan() {
                product += own * mirror;
                power += own * own;
            }
        }
        if power > 0.0 { product / power } else { 0.0 }
    }

    fn point(&self, reading: &Reading) -> Point {
        Point { time_s: reading.time_s, value: self.freed(reading), head: reading.head }
    }

    /// Mean pose over the baseline's stretch.
    fn resting_head(&self, now_s: f64) -> [f64; 2] {
        let from_s = self.base_from_s.max(now_s - self.thresholds.baseline_s);
        let until_s = now_s - self.thresholds.baseline_guard_s;
        let (mut sum, mut n) = ([0.0; 2], 0.0);
        for s in self.recent.iter().filter(|s| s.time_s >= from_s && s.time_s <= until_s) {
            sum = [sum[0] + s.head[0], sum[1] + s.head[1]];
            n += 1.0;
        }
        if n > 0.0 { sum.map(|x| x / n) } else { self.recent.back().map_or([0.0; 2], |s| s.head) }
    }

    /// At rest: has the signal left its baseline?
    fn watch(&mut self, now_s: f64) {
        let t = &self.thresholds;
        self.baseline = self.resting_level(now_s);
        let Some(baseline) = self.baseline else { return };
        let rest = self.resting_head(now_s);
        let head = self.recent.back().map_or(rest, |s| s.head);
        let doubt = self.leak.variance([head[0] - rest[0], head[1] - rest[1]]);
        let mut strongest = 0.0_f64;
        for (length_s, spread) in LENGTHS_S.into_iter().zip(&self.noise.means) {
            let Some(mean) = self.mean(now_s, length_s, self.base_from_s) else { return };
            let sigma = spread.sigma().max(self.thresholds.noise_least_mfu);
            let z = (mean - baseline) / (sigma * sigma + doubt).sqrt();
            if z.abs() > strongest.abs() {
                strongest = z;
            }
        }
        if strongest.abs() >= self.thresholds.trigger {
            // Back on the level before the last departure: that was its return.
            let now =
                self.mean(now_s, self.thresholds.short_s, self.base_from_s).unwrap_or(baseline);
            if self.before.is_some_and(|old| (now - old).abs() < 0.3 * (now - baseline).abs()) {
                self.held = self.before;
                self.base_from_s = now_s;
                self.before = None;
                return;
            }
            let from_s = (now_s - self.thresholds.fit_before_s).max(self.base_from_s);
            let polarity = strongest.signum();
            self.away = Some(Away {
                polarity,
                baseline,
                trigger_s: now_s,
                rise: self
                    .recent
                    .iter()
                    .filter(|s| s.time_s >= from_s)
                    .map(|s| self.point(s))
                    .collect(),
                onset: None,
                follows: self.held.is_some() && now_s - self.base_from_s < t.rest_s,
                peak: (f64::MIN, now_s),
                level: 0.0,
                above_s: now_s,
                back_s: None,
                bursts: Bursts::default(),
                shared: None,
                apart: 0.0,
                apart_s: now_s,
            });
            if std::env::var_os("TRACE").is_some() {
                eprintln!(
                    "{now_s:.3} {} trigger z{strongest:.1} baseline {baseline:.2} doubt {doubt:.2}",
                    self.place
                );
            }
            self.follow(now_s, self.recent.back().map_or(baseline, |s| self.freed(s)));
        }
    }

    /// Away: has it come back?
    fn follow(&mut self, now_s: f64, value: f64) -> Option<Departure> {
        let mut away = self.away.take()?;
        let t = &self.thresholds;
        let short = self.mean(now_s, t.short_s, f64::NEG_INFINITY).unwrap_or(value);
        let height = away.polarity * (short - away.baseline);
        let sigma = self.noise.floor.sigma().max(t.noise_least_mfu);
        if height > away.peak.0 {
            away.peak = (height, now_s);
        }
        let dt = self.recent.iter().rev().nth(1).map_or(0.0, |s| now_s - s.time_s);
        away.level = height.max(away.level * (-dt / t.level_s).exp());
        let release = (t.release * away.level)
            .max(away.level - 0.75 * away.peak.0)
            .max(t.release_noise * sigma);
        away.bursts.push(now_s, height, (0.4 * away.level).max(4.0 * sigma));
        if height >= release {
            away.above_s = now_s;
            away.back_s = None;
        } else if away.back_s.is_none()
            && height <= (0.1 * away.peak.0).max(sigma).max(release - 0.25 * away.peak.0)
        {
            away.back_s = Some(now_s);
        }
        let since_trigger = now_s - away.trigger_s;
        if away.onset.is_none() {
            if since_trigger > 0.0 {
                away.rise.extend(self.recent.back().map(|s| self.point(s)));
            }
            if since_trigger >= t.fit_after_s {
                self.fit(&mut away);
                if std::env::var_os("TRACE").is_some() {
                    eprintln!(
                        "{now_s:.3} {} fit {:?} peak {:.2}",
                        self.place,
                        away.onset.as_ref().map(|o| (o.time_s, o.rise_s, o.size, o.evidence)),
                        away.peak.0
                    );
                }
                if away.onset.is_none() {
                    // Drift: this is the baseline now.
                    self.base_from_s = away.trigger_s;
                    self.held = None;
                    return None;
                }
            }
        }
        let joined_s = self.follow_mirror(&mut away, now_s, height);
        if let Some(joined_s) = joined_s {
            // The other side does the same by now: what began on one side alone is over.
            self.base_from_s = joined_s;
            self.held = None;
            return self.depart(away, joined_s);
        }
        let gap_s = t.gap_s.max(2.2 * dt);
        if now_s - away.above_s >= gap_s {
            if away.onset.is_none() {
                self.fit(&mut away);
            }
            let end_s = away.back_s.unwrap_or(now_s);
            if away.onset.is_none() {
                return None;
            }
            self.last_peak = away.peak.0;
            self.base_from_s = away.back_s.unwrap_or(away.above_s);
            // What did not come all the way back has found a new level.
            let returned = height <= (0.5 * away.peak.0).max(3.0 * sigma);
            self.before = Some(away.baseline);
            self.held = returned.then_some(away.baseline);
            return self.depart(away, end_s);
        }
        self.away = Some(away);
        None
    }

    /// Follows how far a one-sided place stands apart from its mirror image; returns the time
    /// at which the two came together, once they have stayed so.
    fn follow_mirror(&self, away: &mut Away, now_s: f64, height: f64) -> Option<f64> {
        let mirror = self.recent.back()?.mirror;
        if mirror.is_nan() || away.shared? >= self.thresholds.shared_max {
            return None;
        }
        let apart = height - away.polarity * mirror;
        away.apart = away.apart.max(apart);
        if apart >= self.thresholds.release * away.apart {
            away.apart_s = now_s;
        }
        (now_s - away.apart_s > self.thresholds.joined_s).then_some(away.apart_s)
    }

    /// Fits the rise, once enough of it has been seen; leaves no onset where there is none.
    fn fit(&self, away: &mut Away) {
        if away.onset.is_some() {
            return;
        }
        let t = &self.thresholds;
        let noise = self.noise.model(&self.leak);
        let flipped: Vec<Point> = away
            .rise
            .iter()
            .map(|p| Point { value: away.polarity * (p.value - away.baseline), ..*p })
            .collect();
        let onset =
            onset::fit(&flipped[..until_fall(&flipped, away.trigger_s, noise.sigma)], noise);
        if std::env::var_os("TRACE").is_some() { eprintln!("      {} fitted {:?} of {} sigma {:.2} corr {:.2} drift {:.2}", self.place, onset.as_ref().map(|o| (o.time_s, o.rise_s, o.size, o.evidence)), flipped.len(), noise.sigma, noise.correlation, noise.drift); }
        away.onset = onset
            .filter(|onset| {
                onset.evidence >= t.evidence_min
                    && onset.rise_s <= t.rise_max_s
                    && onset.size >= t.rise_part * away.peak.0
            })
            // A further burst of a train, risen from what the one before left.
            .or_else(|| {
                let burst = away.follows && away.peak.0 > t.release * self.last_peak;
                burst.then(|| Onset::crossing(away.trigger_s, away.peak.0))
            });
        away.shared = away.onset.as_ref().map(|onset| self.shared(away, onset.time_s));
    }

    fn depart(&self, away: Away, end_s: f64) -> Option<Departure> {
        if std::env::var_os("TRACE").is_some() {
            eprintln!(
                "   {} departs {:?} end {end_s:.3} peak {:.2} base {:.2} shared {:?}",
                self.place,
                away.onset.as_ref().map(|o| (o.time_s, o.rise_s, o.size, o.evidence)),
                away.peak.0 * away.polarity,
                away.baseline,
                away.shared
            );
        }
        Some(Departure {
            place: self.place,
            onset: away.onset?,
            peak_s: away.peak.1,
            end_s,
            amplitude: away.polarity * away.peak.0,
            floor: self.noise.floor.sigma(),
            bursts_s: away.bursts.finish(),
            shared: away.shared.unwrap_or(0.0),
        })
    }

    /// Learns the noise, mostly at rest.
    fn learn(&mut self, now_s: f64, value: f64) {
        let weight = if self.away.is_some() { self.thresholds.away_weight } else { 1.0 };
        let before_s = now_s - self.thresholds.baseline_s * 0.5;
        if self.recent.front().is_none_or(|s| s.time_s > before_s - LENGTHS_S[LENGTHS_S.len() - 1])
        {
            return;
        }
        if let Some(before) = self.recent.iter().rev().nth(1) {
            self.noise.steps.push(value - before.value, weight);
        }
        let freed = self.recent.back().map(|s| self.freed(s));
        if let (None, Some(baseline), Some(freed)) = (&self.away, self.baseline, freed) {
            self.noise.floor.push(freed - baseline, weight);
        }
        self.learn_leak(now_s);
        for (k, length_s) in LENGTHS_S.into_iter().enumerate() {
            if let Some((now, then)) = self.mean(now_s, length_s, f64::NEG_INFINITY).zip(self.mean(
                before_s,
                length_s,
                f64::NEG_INFINITY,
            )) {
                let spread = (now - then) / std::f64::consts::SQRT_2;
                self.noise.means[k].push(spread, weight);
            }
        }
    }
}

impl PlaceWatch {
    /// Learns from the last moment what the head's movement adds.
    fn learn_leak(&mut self, now_s: f64) {
        let t = &self.thresholds;
        if self.away.is_some() || now_s - self.leak_s < t.head_every_s {
            return;
        }
        let then_s = now_s - t.head_over_s;
        let short_s = 0.1;
        let raw = |until_s: f64| {
            let (mut sum, mut head, mut n) = (0.0, [0.0; 2], 0.0);
            for s in &self.recent {
                if s.time_s > until_s - short_s && s.time_s <= until_s {
                    sum += s.value;
                    head = [head[0] + s.head[0], head[1] + s.head[1]];
                    n += 1.0;
                }
            }
            (n > 0.0).then(|| (sum / n, head.map(|h| h / n)))
        };
        if self.recent.front().is_none_or(|s| s.time_s > then_s) || then_s < self.base_from_s {
            return;
        }
        if let Some(((now, head), (then, was))) = raw(now_s).zip(raw(then_s)) {
            let sigma = self.noise.means[1].sigma();
            self.leak.learn(now - then, [head[0] - was[0], head[1] - was[1]], 2.0 * sigma * sigma);
            self.leak_s = now_s;
        }
    }
}

/// Number of samples up to the first peak after the trigger: a rise is fitted without its fall.
fn until_fall(samples: &[Point], trigger_s: f64, sigma: f64) -> usize {
    let mut highest = (f64::MIN, samples.len());
    for (i, &Point { time_s, value, .. }) in samples.iter().enumerate() {
        if time_s < trigger_s {
            continue;
        }
        if value > highest.0 {
            highest = (value, i + 1);
        } else if value < highest.0 - (0.3 * highest.0).max(3.0 * sigma) {
            return highest.1;
        }
    }
    samples.len()
}

/// Counts the bursts inside one departure.
#[derive(Debug, Clone, Default)]
struct Bursts {
    peaks_s: Vec<f64>,
    /// Highest point since the last valley, and the lowest since the last peak.
    high: Option<(f64, f64)>,
    low: Option<f64>,
}

impl Bursts {
    fn push(&mut self, now_s: f64, height: f64, turn: f64) {
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

    fn finish(mut self) -> Vec<f64> {
        self.peaks_s.extend(self.high.map(|(_, at)| at));
        self.peaks_s
    }
}
