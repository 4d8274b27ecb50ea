//! Blinks: brief closures of both lids together.
//!
//! [`LidWatch`] follows the mean aperture of the two eyes and cuts it into dips (a fall, a
//! bottom, a rise). A dip is judged by how fast the lids fell, how deep they went below the
//! level just before and just after, how long they stayed, and whether both lids took part.
//! What separates the look-alikes:
//!
//! - a *look-down* takes the lid along, but the lid then rests half way for as long as the gaze
//!   rests there (a fixation), where a partial blink turns round at once;
//! - a *squint* or a smile narrows slowly and does not reach the speed of a blink;
//! - a *wink* leaves the other lid where it was, or narrows it later and less; it is a
//!   contraction, not a blink. An eye in poor light may read half open when it is shut, but it
//!   falls with the other one.

use super::dip::{Dip, EyeDip, LidPoint, Span};
use super::noise::Spread;
use super::{Blink, Laterality, LidClosing};
use crate::anatomy::{PerSide, Side};
use crate::thresholds::BlinkThresholds;

/// A closure of the lids, brief or prolonged.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum LidClosure {
    /// A blink.
    Brief(Blink),
    /// Both lids shut for longer than a blink lasts.
    Prolonged(Blink),
}

impl LidClosure {
    pub(super) const fn blink(&self) -> &Blink {
        match self {
            Self::Brief(blink) | Self::Prolonged(blink) => blink,
        }
    }
}

/// Where the zigzag of the mean aperture stands, with indices into the points.
#[derive(Debug, Clone, Copy)]
enum Phase {
    /// Lids up; `high` is the highest point of the last moment.
    Up { high: usize },
    /// Lids down; `high` is the point they fell from.
    Down { high: usize, low: usize },
    /// Lids coming up again; the dip is settled when they have had time to arrive.
    Rising { before: usize, low: usize, high: usize, settle_s: f64 },
}

/// Finds the closures of the lids, sample by sample.
#[derive(Debug)]
pub(super) struct LidWatch {
    thresholds: BlinkThresholds,
    points: Vec<LidPoint>,
    phase: Phase,
    /// Steps of the mean aperture from frame to frame.
    steps: Spread,
    /// What each lid reads when shut.
    shut: PerSide<ShutLevel>,
    /// A closure that the end of its track cut short; it may go on in the next track.
    cut_short: Option<LidClosure>,
    /// The present track began with the lids shut, soon enough to continue `cut_short`.
    continues: bool,
}

impl LidWatch {
    pub(super) fn new(thresholds: &BlinkThresholds) -> Self {
        Self {
            thresholds: thresholds.clone(),
            points: Vec::new(),
            phase: Phase::Up { high: 0 },
            steps: Spread::starting_at(0.03),
            shut: PerSide::from_fn(|_| ShutLevel::new(thresholds.shut_level)),
            cut_short: None,
            continues: false,
        }
    }

    /// Takes the apertures of one frame and returns the closures that are now settled.
    pub(super) fn push(&mut self, time_s: f64, eyes: PerSide<Option<f32>>) -> Vec<LidClosure> {
        let mut out = Vec::new();
        let mean = match (eyes.left, eyes.right) {
            (Some(l), Some(r)) => 0.5 * (l + r),
            (Some(one), None) | (None, Some(one)) => one,
            (None, None) => {
                out.extend(self.break_track());
                out.extend(self.release_cut_short(time_s));
                return out;
            }
        };
        if let Some(last) = self.points.last() {
            self.steps.push(f64::from(mean - last.mean), 1.0);
        }
        self.points.push(LidPoint { time_s, eyes, mean });
        if self.points.len() == 1 {
            let shut = mean <= self.shut_below(&eyes);
            self.continues = shut
                && self
                    .cut_short
                    .as_ref()
                    .is_some_and(|cut| time_s - cut.blink().end_s <= self.thresholds.join_cut_s);
            self.phase = if shut { Phase::Down { high: 0, low: 0 } } else { Phase::Up { high: 0 } };
        } else {
            out.extend(self.step());
            self.trim();
        }
        out.splice(0..0, self.release_cut_short(time_s));
        out
    }

    /// The track ends here: what is open is settled with what was seen of it.
    pub(super) fn break_track(&mut self) -> Option<LidClosure> {
        let settled = match self.phase {
            Phase::Rising { before, low, high, .. } => self.settle(before, low, Some(high)),
            Phase::Down { high, low } => self.settle(high, low, None),
            Phase::Up { .. } => None,
        };
        let unfinished = matches!(self.phase, Phase::Down { .. });
        self.points.clear();
        self.phase = Phase::Up { high: 0 };
        if unfinished { std::mem::replace(&mut self.cut_short, settled) } else { settled }
    }

    /// The recording ends here.
    pub(super) fn finish(mut self) -> Vec<LidClosure> {
        let settled = self.break_track();
        let mut out: Vec<_> = self.cut_short.into_iter().chain(settled).collect();
        out.sort_by(|a, b| a.blink().start_s.total_cmp(&b.blink().start_s));
        out
    }

    /// Hands out a closure cut short by its track's end once nothing can continue it.
    fn release_cut_short(&mut self, now_s: f64) -> Option<LidClosure> {
        let over = self.cut_short.as_ref()?.blink().end_s + self.thresholds.join_cut_s < now_s;
        if over && !self.continues { self.cut_short.take() } else { None }
    }

    /// Standard deviation of the mean aperture's jitter, from its steps.
    fn jitter(&self) -> f32 {
        (self.steps.sigma() / std::f64::consts::SQRT_2) as f32
    }

    /// Start of the fall that is not settled yet, if there is one.
    pub(super) fn open_since(&self) -> Option<f64> {
        let pending = self.cut_short.as_ref().map(|cut| cut.blink().start_s);
        let running = match self.phase {
            Phase::Up { .. } => None,
            Phase::Down { high, .. } | Phase::Rising { before: high, .. } => {
                self.points.get(high).map(|p| p.time_s)
            }
        };
        pending.or(running)
    }

    /// An aperture at which the lids of a side count as shut.
    pub(super) fn is_shut(&self, side: Side, aperture: f32) -> bool {
        aperture <= self.shut[side].level() + self.thresholds.shut_margin
    }

    fn mean(&self, index: usize) -> f32 {
        self.points[index].mean
    }

    fn highest(&self, from: usize, to: usize) -> usize {
        (from..=to).max_by(|&a, &b| self.mean(a).total_cmp(&self.mean(b))).unwrap_or(to)
    }

    /// Aperture below which the lids seen count as shut, averaged as the mean aperture is.
    fn shut_below(&self, eyes: &PerSide<Option<f32>>) -> f32 {
        let seen = Side::BOTH.into_iter().filter(|&side| eyes[side].is_some());
        let (sum, n) =
            seen.fold((0.0, 0_u8), |(sum, n), side| (sum + self.shut[side].level(), n + 1));
        sum / f32::from(n.max(1)) + self.thresholds.shut_margin
    }

    /// Advances the zigzag by the newest point.
    fn step(&mut self) -> Option<LidClosure> {
        let now = self.points.len() - 1;
        let LidPoint { time_s, eyes, mean: x } = self.points[now];
        let shut_below = self.shut_below(&eyes);
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
                    let settled = self.settle(before, low, Some(high));
                    self.phase =
                        if falls { Phase::Down { high, low: now } } else { Phase::Up { high } };
                    return settled;
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
        let Phase::Up { high } = self.phase else { return };
        let now = self.points.len() - 1;
        let from_s = self.points[now].time_s - self.thresholds.history_s;
        let old = self.points.iter().take_while(|p| p.time_s < from_s).count();
        if old > self.points.len() / 2 {
            self.points.drain(..old);
            let high = high.checked_sub(old).unwrap_or_else(|| self.highest(0, now - old));
            self.phase = Phase::Up { high };
        }
    }

    /// Judges a finished dip.
    fn settle(&mut self, high: usize, low: usize, after: Option<usize>) -> Option<LidClosure> {
        let first = self.points[high];
        let fell = high < low && (high > 0 || first.mean > self.shut_below(&first.eyes));
        let span = Span { before: fell.then_some(high), low, after };
        let continued = if span.before.is_none() && std::mem::take(&mut self.continues) {
            self.cut_short.take()
        } else {
            None
        };
        let dip = Dip::measure(&self.points, span, self.jitter(), &self.thresholds);
        let closure = self.judge(&dip);
        match (continued, closure) {
            (Some(first), Some(second)) => Some(self.join(&first, second)),
            (first, second) => first.or(second),
        }
    }

    /// One closure from its two halves on either side of a cut.
    fn join(&self, first: &LidClosure, second: LidClosure) -> LidClosure {
        let (a, b) = (first.blink(), second.blink());
        let joined = Blink {
            start_s: a.start_s,
            end_s: b.end_s,
            lag_s: a.lag_s,
            depth: a.depth.max(b.depth),
            ..a.clone()
        };
        if joined.end_s - joined.start_s > self.thresholds.joined_max_s {
            LidClosure::Prolonged(joined)
        } else {
            LidClosure::Brief(joined)
        }
    }

    /// Says whether a dip is a blink, a prolonged closure, or neither.
    fn judge(&mut self, dip: &Dip) -> Option<LidClosure> {
        let t = &self.thresholds;
        let low = self.points[dip.low];
        let shut_below = self.shut_below(&low.eyes);
        let complete = low.mean <= shut_below;
        if dip.half_width_s < t.min_s
            || dip.depth() < t.depth_min.max(t.depth_noise * self.jitter())
        {
            return None;
        }
        let brief = dip.half_width_s <= t.max_s;
        let fast = dip.fall.is_none() || dip.closing_speed >= t.closing_speed_min;
        let accepted = if complete {
            fast || !brief
        } else {
            let turned = dip.rise.is_some_and(|rise| rise >= t.partial_rise_min * dip.depth());
            brief && fast && turned && dip.dwell_s <= t.partial_dwell_max_s
        };
        if !accepted {
            return None;
        }
        let eyes = PerSide::from_fn(|side| dip.eye(&self.points, side, t));
        let side = self.side(&eyes, brief)?;
        let taking_part = |s: Side| {
            eyes[s].filter(|_| match side {
                Laterality::Both => true,
                Laterality::Left => s == Side::Left,
                Laterality::Right => s == Side::Right,
            })
        };
        let part = |eye: EyeDip| (eye.depth() / eye.open.max(f32::EPSILON)).clamp(0.0, 1.0);
        let parts: Vec<f32> = Side::BOTH.into_iter().filter_map(taking_part).map(part).collect();
        let (asymmetry, lag_s) = match (taking_part(Side::Left), taking_part(Side::Right)) {
            (Some(l), Some(r)) => {
                (part(l) - part(r), l.closing_s.zip(r.closing_s).map(|(l, r)| l - r))
            }
            _ => (0.0, None),
        };
        if complete {
            for s in Side::BOTH {
                if let Some(eye) = taking_part(s) {
                    self.shut[s].push(eye.low);
                }
            }
        }
        let blink = Blink {
            start_s: self.points[dip.start].time_s,
            peak_s: low.time_s,
            end_s: self.points[dip.end].time_s,
            side,
            depth: parts.iter().sum::<f32>() / parts.len().max(1) as f32,
            complete,
            asymmetry,
            lag_s,
            lids: PerSide::from_fn(|s| {
                let eye = eyes[s]?;
                let later_s = if s == Side::Left { lag_s } else { lag_s.map(|lag_s| -lag_s) };
                Some(LidClosing {
                    depth: part(eye),
                    complete: self.is_shut(s, eye.low),
                    speed: eye.speed,
                    lag_s: later_s.map(|lag_s| lag_s.max(0.0)),
                })
            }),
        };
        if brief {
            Some(LidClosure::Brief(blink))
        } else {
            // One eye shut for long, with the other shut already, is that eye's contraction.
            (side == Laterality::Both).then_some(LidClosure::Prolonged(blink))
        }
    }

    /// Which lids closed; `None` where one stayed open that could have closed with the other.
    fn side(&self, eyes: &PerSide<Option<EyeDip>>, brief: bool) -> Option<Laterality> {
        let (Some(l), Some(r)) = (eyes.left, eyes.right) else {
            return match (eyes.left, eyes.right) {
                (Some(_), None) => Some(Laterality::Left),
                (None, Some(_)) => Some(Laterality::Right),
                _ => None,
            };
        };
        let was_shut = |side: Side, eye: EyeDip| {
            eye.open <= self.shut[side].level() + self.thresholds.shut_margin
        };
        // A washed-out eye never reads as deep as the other: each against its own shut level.
        let full = |side: Side, eye: EyeDip| {
            let range = (eye.open - self.shut[side].level()).max(0.3 * eye.open);
            eye.depth() / range.max(f32::EPSILON)
        };
        let (left, right) = (full(Side::Left, l), full(Side::Right, r));
        let (deeper, other) = if left >= right {
            ((Side::Left, l), (Side::Right, r))
        } else {
            ((Side::Right, r), (Side::Left, l))
        };
        let lag_s = l.closing_s.zip(r.closing_s).map(|(l, r)| (l - r).abs());
        let together = brief && lag_s.is_some_and(|lag_s| lag_s <= self.thresholds.together_s);
        let least = if together {
            self.thresholds.conjugate_together_min
        } else {
            self.thresholds.conjugate_min
        };
        if left.min(right) >= least * left.max(right) {
            Some(Laterality::Both)
        } else if was_shut(other.0, other.1) {
            // An eye that is shut already cannot blink: the open one blinks alone.
            Some(match deeper.0 {
                Side::Left => Laterality::Left,
                Side::Right => Laterality::Right,
            })
        } else {
            None
        }
    }
}

/// What an eye's aperture reads when the lids are shut: not zero, and not the same for everyone.
#[derive(Debug)]
struct ShutLevel {
    /// Lowest apertures of the last complete closures; starts with the default, twice.
    lows: Vec<f32>,
}

impl ShutLevel {
    /// Closures remembered.
    const MEMORY: usize = 15;

    fn new(default: f32) -> Self {
        Self { lows: vec![default; 2] }
    }

    fn push(&mut self, low: f32) {
        if self.lows.len() == Self::MEMORY {
            self.lows.remove(0);
        }
        self.lows.push(low);
    }

    fn level(&self) -> f32 {
        let mut sorted = self.lows.clone();
        sorted.sort_by(f32::total_cmp);
        sorted[sorted.len() / 2]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Lids that close within 80 ms at `start`, stay shut for `hold` and reopen within 150 ms.
    fn lid(t: f64, start: f64, hold: f64, depth: f64) -> f64 {
        let down = ((t - start) / 0.08).clamp(0.0, 1.0);
        let up = ((t - start - 0.08 - hold) / 0.15).clamp(0.0, 1.0);
        1.0 - depth * (down - up)
    }

    fn watch(fps: f64, seconds: f64, lids: impl Fn(f64) -> [Option<f64>; 2]) -> Vec<LidClosure> {
        let mut watch = LidWatch::new(&BlinkThresholds::default());
        let mut all = Vec::new();
        for i in 0..(seconds * fps) as u64 {
            let t = i as f64 / fps;
            let [left, right] = lids(t).map(|x| x.map(|x| x as f32));
            all.extend(watch.push(t, PerSide { left, right }));
        }
        all.extend(watch.finish());
        all
    }

    fn both(x: f64) -> [Option<f64>; 2] {
        [Some(x), Some(x)]
    }

    #[test]
    fn a_blink_is_found_once_at_its_time_at_any_frame_rate() {
        for fps in [15.0, 24.0, 30.0, 60.0, 120.0, 240.0] {
            let all = watch(fps, 5.0, |t| both(lid(t, 2.0, 0.03, 0.8)));
            let [LidClosure::Brief(blink)] = &all[..] else { panic!("{fps}: {all:?}") };
            let frame = 1.0 / fps;
            assert!((blink.start_s - 2.0).abs() <= 1.5 * frame + 0.015, "{fps}: {blink:?}");
            assert!((blink.end_s - 2.26).abs() <= 2.0 * frame + 0.03, "{fps}: {blink:?}");
            assert!(blink.complete && blink.side == Laterality::Both);
            // At 15 frames a second the bottom may fall between two frames.
            assert!(fps < 20.0 || (blink.depth - 0.8).abs() < 0.1, "{fps}: {blink:?}");
        }
    }

    #[test]
    fn a_wink_is_no_blink() {
        let all = watch(30.0, 5.0, |t| {
            let closing = lid(t, 2.0, 0.1, 0.8);
            [Some(closing), Some(1.0 - 0.3 * (1.0 - closing))]
        });
        assert_eq!(all, []);
    }

    #[test]
    fn a_lid_that_narrows_by_degrees_with_a_wink_is_no_blink() {
        let follows = |t: f64| 1.0 - 0.45 * ((t - 1.0) / 0.3).clamp(0.0, 1.0);
        let found = watch(30.0, 1.4, |t| [Some(lid(t, 1.0, 0.15, 0.9)), Some(follows(t))]);
        assert!(found.is_empty(), "{found:?}");
    }

    #[test]
    fn an_eye_that_reads_half_open_when_shut_blinks_with_the_other() {
        let found =
            watch(30.0, 4.0, |t| [Some(lid(t, 2.0, 0.05, 0.95)), Some(lid(t, 2.0, 0.05, 0.45))]);
        assert_eq!(found.len(), 1, "{found:?}");
        assert_eq!(found[0].blink().side, Laterality::Both);
    }

    #[test]
    fn the_open_eye_blinks_alone_while_the_other_is_held_shut() {
        let all = watch(30.0, 6.0, |t| [Some(lid(t, 1.0, 9.0, 0.8)), Some(lid(t, 3.0, 0.03, 0.8))]);
        let sides: Vec<_> = all.iter().map(|c| c.blink().side).collect();
        assert_eq!(sides, [Laterality::Right]);
    }

    #[test]
    fn a_glance_down_is_no_blink() {
        let all = watch(30.0, 5.0, |t| both(lid(t, 2.0, 0.25, 0.45)));
        assert_eq!(all, []);
    }

    #[test]
    fn a_slow_squint_is_no_blink() {
        let all = watch(30.0, 5.0, |t| {
            let narrow = ((t - 1.0) / 0.6).clamp(0.0, 1.0) - ((t - 2.0) / 0.6).clamp(0.0, 1.0);
            both(1.0 - 0.5 * narrow)
        });
        assert_eq!(all, []);
    }

    #[test]
    fn two_blinks_a_tenth_of_a_second_apart_are_two() {
        let all = watch(30.0, 5.0, |t| both(lid(t, 2.0, 0.03, 0.8).min(lid(t, 2.36, 0.03, 0.8))));
        assert_eq!(all.len(), 2, "{all:?}");
    }

    #[test]
    fn lids_shut_for_seconds_are_a_prolonged_closure() {
        let all = watch(30.0, 8.0, |t| both(lid(t, 2.0, 2.5, 0.8)));
        let [LidClosure::Prolonged(shut)] = &all[..] else { panic!("{all:?}") };
        assert!((shut.start_s - 2.0).abs() < 0.05 && (shut.end_s - 4.73).abs() < 0.1, "{shut:?}");
    }

    #[test]
    fn shut_lids_that_flutter_are_one_closure() {
        let flutter = |t: f64| 0.15 * (1.0 - (std::f64::consts::TAU * 3.0 * t).cos());
        let all = watch(30.0, 8.0, |t| {
            let lids = lid(t, 2.0, 2.5, 0.9);
            both(if lids < 0.2 { lids + flutter(t) } else { lids })
        });
        let [LidClosure::Prolonged(shut)] = &all[..] else { panic!("{all:?}") };
        assert!((shut.start_s - 2.0).abs() < 0.05 && (shut.end_s - 4.73).abs() < 0.15, "{shut:?}");
    }

    #[test]
    fn blinks_cut_off_by_the_ends_of_the_recording_are_kept() {
        let all = watch(30.0, 3.0, |t| both(lid(t, -0.15, 0.1, 0.8).min(lid(t, 2.8, 0.1, 0.8))));
        assert_eq!(all.len(), 2, "{all:?}");
        assert_eq!(all[0].blink().start_s, 0.0);
    }

    #[test]
    fn a_blink_in_two_halves_on_either_side_of_a_cut_is_one() {
        let mut watch = LidWatch::new(&BlinkThresholds::default());
        let mut all = Vec::new();
        for i in 0..120 {
            let t = f64::from(i) / 30.0;
            let x = lid(t, 2.0, 0.1, 0.8) as f32;
            if i == 64 {
                all.extend(watch.break_track());
            }
            all.extend(watch.push(t, PerSide { left: Some(x), right: Some(x) }));
        }
        all.extend(watch.finish());
        let [LidClosure::Brief(blink)] = &all[..] else { panic!("{all:?}") };
        assert!((blink.start_s - 2.0).abs() < 0.05 && blink.end_s > 2.25, "{blink:?}");
    }

    #[test]
    fn a_gap_in_the_middle_of_open_lids_makes_nothing() {
        let all = watch(30.0, 5.0, |t| if (2.0..3.0).contains(&t) { [None; 2] } else { both(1.0) });
        assert_eq!(all, []);
    }
}
