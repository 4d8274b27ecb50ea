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
//!   falls with the other one;
//! - a *weak lid* comes down by the same small part of its fellow's way in every blink
//!   ([`LidShares`]). Each lid is then held against its own part.

use super::dip::{Dip, EyeDip, Span};
use super::share::{Fall, LidShares};
use super::zigzag::Zigzag;
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

/// Finds the closures of the lids, sample by sample.
#[derive(Debug)]
pub(super) struct LidWatch {
    thresholds: BlinkThresholds,
    /// Both lids together, each by its part in a blink.
    both: Zigzag,
    /// Each lid alone.
    each: PerSide<Zigzag>,
    shares: LidShares,
    learns: bool,
    /// What each lid reads when shut.
    shut: PerSide<ShutLevel>,
    /// A closure that the end of its track cut short; it may go on in the next track.
    cut_short: Option<LidClosure>,
    /// The present track began with the lids shut, soon enough to continue `cut_short`.
    continues: bool,
}

impl LidWatch {
    pub(super) fn new(thresholds: &BlinkThresholds) -> Self {
        let learning = Self::knowing(thresholds, LidShares::new(thresholds));
        Self { learns: true, ..learning }
    }

    /// A watch that knows the subject's lids already, and learns nothing more of them.
    pub(super) fn knowing(thresholds: &BlinkThresholds, shares: LidShares) -> Self {
        let alone = |side: Side| PerSide::from_fn(|s| if s == side { 1.0 } else { 0.0 });
        Self {
            thresholds: thresholds.clone(),
            both: Zigzag::new(thresholds, shares.weights()),
            each: PerSide::from_fn(|side| Zigzag::new(thresholds, alone(side))),
            shares,
            learns: false,
            shut: PerSide::from_fn(|_| ShutLevel::new(thresholds.shut_level)),
            cut_short: None,
            continues: false,
        }
    }

    /// What is known of the subject's lids by now.
    pub(super) const fn shares(&self) -> &LidShares {
        &self.shares
    }

    /// Takes the apertures of one frame and returns the closures that are now settled.
    pub(super) fn push(&mut self, time_s: f64, eyes: PerSide<Option<f32>>) -> Vec<LidClosure> {
        let mut out = Vec::new();
        let Some(mean) = self.both.mean_of(&eyes) else {
            out.extend(self.break_track());
            out.extend(self.release_cut_short(time_s));
            return out;
        };
        if self.learns {
            for side in Side::BOTH {
                self.learn(side, time_s, eyes);
            }
        }
        let shut_below = self.shut_below(&eyes);
        let dip = self.both.push(time_s, eyes, mean, shut_below);
        if self.both.begins() {
            self.continues = mean <= shut_below
                && self
                    .cut_short
                    .as_ref()
                    .is_some_and(|cut| time_s - cut.blink().end_s <= self.thresholds.join_cut_s);
        }
        out.extend(dip.and_then(|span| self.settle(span)));
        out.splice(0..0, self.release_cut_short(time_s));
        out
    }

    /// Follows one lid alone, and learns from its blinks.
    fn learn(&mut self, side: Side, time_s: f64, eyes: PerSide<Option<f32>>) {
        let Some(aperture) = eyes[side] else {
            self.each[side].clear();
            return;
        };
        let shut_below = self.shut[side].level() + self.thresholds.shut_margin;
        let zigzag = &mut self.each[side];
        let Some(span) = zigzag.push(time_s, eyes, aperture, shut_below) else { return };
        let (points, t) = (zigzag.points(), &self.thresholds);
        let dip = Dip::measure(points, span, zigzag.jitter(), t);
        let alike = |(fall, rise): (f32, f32)| rise >= t.partial_rise_min * fall;
        let blinks = dip.fall.zip(dip.rise).is_some_and(alike)
            && (t.min_s..=t.quick_s).contains(&dip.half_width_s)
            && dip.closing_speed >= t.closing_speed_min;
        let part = |eye: EyeDip| eye.depth() / eye.open.max(f32::EPSILON);
        let of = |side: Side| dip.eye(points, side, t).map(part);
        let (Some(depth), Some(other)) = (of(side), of(side.opposite())) else { return };
        if blinks && depth >= t.weak_depth_min {
            let peak_s = points[dip.low].time_s;
            self.shares.push(side, Fall { peak_s, depth, other: other.max(0.0) });
            if !self.both.is_down() {
                self.both.weigh(self.shares.weights());
            }
        }
    }

    /// The track ends here: what is open is settled with what was seen of it.
    pub(super) fn break_track(&mut self) -> Option<LidClosure> {
        let settled = self.both.open().and_then(|span| self.settle(span));
        let unfinished = self.both.is_down();
        self.both.clear();
        for side in Side::BOTH {
            self.each[side].clear();
        }
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

    /// Start of the fall that is not settled yet, if there is one.
    pub(super) fn open_since(&self) -> Option<f64> {
        let pending = self.cut_short.as_ref().map(|cut| cut.blink().start_s);
        pending.or_else(|| self.both.open_since())
    }

    /// An aperture at which the lids of a side count as shut.
    pub(super) fn is_shut(&self, side: Side, aperture: f32) -> bool {
        aperture <= self.shut[side].level() + self.thresholds.shut_margin
    }

    /// Aperture below which the lids seen count as shut, averaged as the mean aperture is.
    fn shut_below(&self, eyes: &PerSide<Option<f32>>) -> f32 {
        let levels = PerSide::from_fn(|side| eyes[side].map(|_| self.shut[side].level()));
        self.both.mean_of(&levels).unwrap_or(0.0) + self.thresholds.shut_margin
    }

    /// Judges a finished dip.
    fn settle(&mut self, span: Span) -> Option<LidClosure> {
        let Span { before, low, .. } = span;
        let points = self.both.points();
        let fell = before.filter(|&high| {
            high < low && (high > 0 || points[high].mean > self.shut_below(&points[high].eyes))
        });
        let span = Span { before: fell, ..span };
        let continued = if fell.is_none() && std::mem::take(&mut self.continues) {
            self.cut_short.take()
        } else {
            None
        };
        let dip = Dip::measure(self.both.points(), span, self.both.jitter(), &self.thresholds);
        let closure = self.judge(&dip);
        match (continued, closure) {
            (Some(first), Some(second)) => Some(self.join(&first, second)),
            (first, second) => first.or(second),
        }
    }

    /// One closure from its two halves on either side of a cut.
    fn join(&self, first: &LidClosure, second: LidClosure) -> LidClosure {
        let (a, b) = (first.blink(), second.blink());
        let deeper = |side: Side| match (a.lids[side], b.lids[side]) {
            (Some(a), Some(b)) => Some(LidClosing {
                depth: a.depth.max(b.depth),
                complete: a.complete || b.complete,
                ..a
            }),
            (a, b) => a.or(b),
        };
        let joined = Blink {
            start_s: a.start_s,
            end_s: b.end_s,
            lag_s: a.lag_s,
            depth: a.depth.max(b.depth),
            lids: PerSide::from_fn(deeper),
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
        let points = self.both.points();
        let low = points[dip.low];
        let met = low.mean <= self.shut_below(&low.eyes);
        if dip.half_width_s < t.min_s
            || dip.depth() < t.depth_min.max(t.depth_noise * self.both.jitter())
        {
            return None;
        }
        let brief = dip.half_width_s <= t.max_s;
        let fast = dip.fall.is_none() || dip.closing_speed >= t.closing_speed_min;
        let accepted = if met {
            fast || !brief
        } else {
            let turned = dip.rise.is_some_and(|rise| rise >= t.partial_rise_min * dip.depth());
            brief && fast && turned && dip.dwell_s <= t.partial_dwell_max_s
        };
        if !accepted {
            return None;
        }
        let eyes = PerSide::from_fn(|side| dip.eye(points, side, t));
        let side = self.side(&eyes, dip.half_width_s)?;
        let part = |eye: EyeDip| (eye.depth() / eye.open.max(f32::EPSILON)).clamp(0.0, 1.0);
        let times = PerSide::from_fn(|s| eyes[s].and_then(|eye| eye.closing_s));
        let lag_s = times.left.zip(times.right).map(|(left, right)| left - right);
        let lids = PerSide::from_fn(|s| {
            let eye = eyes[s].filter(|_| match side {
                Laterality::Both => true,
                Laterality::Left => s == Side::Left,
                Laterality::Right => s == Side::Right,
            })?;
            let later_s = if s == Side::Left { lag_s } else { lag_s.map(|lag_s| -lag_s) };
            Some(LidClosing {
                depth: part(eye),
                complete: self.is_shut(s, eye.low),
                speed: eye.speed,
                lag_s: later_s.map(|lag_s| lag_s.max(0.0)),
            })
        });
        let parts: Vec<f32> =
            Side::BOTH.into_iter().filter_map(|s| lids[s].map(|lid| lid.depth)).collect();
        let both = lids.left.zip(lids.right);
        let blink = Blink {
            start_s: points[dip.start].time_s,
            peak_s: low.time_s,
            end_s: points[dip.end].time_s,
            side,
            depth: parts.iter().sum::<f32>() / parts.len().max(1) as f32,
            complete: met && Side::BOTH.into_iter().all(|s| !self.stays_open(s, &lids)),
            asymmetry: both.map_or(0.0, |(left, right)| left.depth - right.depth),
            lag_s: both.and(lag_s),
            lids,
        };
        if met {
            for s in Side::BOTH {
                if let (Some(eye), Some(_)) = (eyes[s], lids[s])
                    && self.shares.part(s) >= 1.0
                {
                    self.shut[s].push(eye.low);
                }
            }
        }
        if brief {
            Some(LidClosure::Brief(blink))
        } else {
            // One eye shut for long, with the other shut already, is that eye's contraction; with
            // the other unseen, nothing is known of a side.
            let unseen = eyes.left.is_none() || eyes.right.is_none();
            (side == Laterality::Both || unseen).then_some(LidClosure::Prolonged(blink))
        }
    }

    /// A weak lid took part and did not close.
    fn stays_open(&self, side: Side, lids: &PerSide<Option<LidClosing>>) -> bool {
        self.shares.part(side) < 1.0 && lids[side].is_some_and(|lid| !lid.complete)
    }

    /// Which lids closed; `None` where one stayed open that could have closed with the other.
    fn side(&self, eyes: &PerSide<Option<EyeDip>>, half_width_s: f64) -> Option<Laterality> {
        let t = &self.thresholds;
        let (Some(l), Some(r)) = (eyes.left, eyes.right) else {
            return match (eyes.left, eyes.right) {
                (Some(_), None) => Some(Laterality::Left),
                (None, Some(_)) => Some(Laterality::Right),
                _ => None,
            };
        };
        let was_shut = |side: Side, eye: EyeDip| self.is_shut(side, eye.open);
        // A washed-out eye never reads as deep as the other: each against its own shut level.
        let full = |side: Side, eye: EyeDip| {
            let range = (eye.open - self.shut[side].level()).max(0.3 * eye.open);
            eye.depth() / range.max(f32::EPSILON)
        };
        let (left, right) = (full(Side::Left, l), full(Side::Right, r));
        let (deeper, other) = if left >= right {
            ((Side::Left, l, left), (Side::Right, r, right))
        } else {
            ((Side::Right, r, right), (Side::Left, l, left))
        };
        let lag_s = l.closing_s.zip(r.closing_s).map(|(l, r)| (l - r).abs());
        let together =
            half_width_s <= t.quick_s && lag_s.is_some_and(|lag_s| lag_s <= t.together_s);
        let least = if together { t.conjugate_together_min } else { t.conjugate_min };
        // A weak lid need do no more than it does in every blink.
        let due = self.shares.part(other.0) * deeper.2;
        let short = due - other.2;
        let keeps_up =
            other.2 >= least * due || (self.shares.is_unequal() && short <= t.weak_short_max);
        if keeps_up {
            Some(Laterality::Both)
        } else if was_shut(other.0, other.1) {
            // An eye that is shut already cannot blink: the open one blinks alone.
            Some(deeper.0.into())
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

    /// Lids that blink at times, one of which does only a part; found by a watch that knows them.
    fn known(lids: impl Fn(f64) -> [Option<f64>; 2]) -> (LidShares, Vec<LidClosure>) {
        let t = BlinkThresholds::default();
        let samples = |watch: &mut LidWatch| {
            let mut all = Vec::new();
            for i in 0..600 {
                let time_s = f64::from(i) / 30.0;
                let [left, right] = lids(time_s).map(|x| x.map(|x| x as f32));
                all.extend(watch.push(time_s, PerSide { left, right }));
            }
            all
        };
        let mut learning = LidWatch::new(&t);
        samples(&mut learning);
        let shares = learning.shares().clone();
        let mut knowing = LidWatch::knowing(&t, shares.clone());
        let mut all = samples(&mut knowing);
        all.extend(knowing.finish());
        (shares, all)
    }

    const BLINKS: [f64; 6] = [1.03, 3.5, 6.21, 9.4, 13.77, 17.9];

    fn blinking(t: f64, part: f64) -> f64 {
        BLINKS.iter().map(|&at| lid(t, at, 0.03, 0.9 * part)).fold(1.0, f64::min)
    }

    #[test]
    fn a_lid_that_does_a_part_of_every_blink_is_weak_and_every_blink_is_found() {
        for part in [0.0, 0.1, 0.3, 0.6] {
            let (shares, all) = known(|t| [Some(blinking(t, part)), Some(blinking(t, 1.0))]);
            let share = shares.part(Side::Left);
            assert!((share - part as f32).abs() < 0.1, "{part}: {share}");
            assert_eq!(shares.part(Side::Right), 1.0);
            assert_eq!(all.len(), BLINKS.len(), "{part}: {all:?}");
            for closure in &all {
                let blink = closure.blink();
                assert_eq!(blink.side, Laterality::Both);
                assert!(!blink.complete);
                let [left, right] = [blink.lids.left.unwrap(), blink.lids.right.unwrap()];
                assert!((left.depth - 0.9 * part as f32).abs() < 0.1, "{part}: {blink:?}");
                assert!((right.depth - 0.9).abs() < 0.1 && right.complete, "{part}: {blink:?}");
            }
        }
    }

    #[test]
    fn a_lid_that_twitches_between_blinks_leaves_its_fellow_sound() {
        let twitches = |t: f64| {
            let at = [0.4, 2.2, 2.9, 4.9, 5.5, 7.5, 8.2, 11.0, 12.4, 15.2, 16.6];
            at.into_iter().map(|at| lid(t, at, 0.03, 0.8)).fold(1.0, f64::min)
        };
        let (shares, all) =
            known(|t| [Some(blinking(t, 1.0)), Some(blinking(t, 1.0).min(twitches(t)))]);
        assert!(!shares.is_unequal());
        assert_eq!(all.len(), BLINKS.len(), "{all:?}");
    }

    #[test]
    fn a_wink_whose_fellow_comes_half_down_with_it_is_no_blink() {
        let all = watch(30.0, 5.0, |t| [Some(lid(t, 2.0, 0.3, 0.9)), Some(lid(t, 2.0, 0.3, 0.42))]);
        assert_eq!(all, []);
    }

    #[test]
    fn a_glance_down_is_no_blink() {
        let all = watch(30.0, 5.0, |t| both(lid(t, 2.0, 0.25, 0.45)));
        assert_eq!(all, []);
    }

    #[test]
    fn an_eye_shut_for_long_beside_one_that_is_hidden_is_a_closure() {
        let all = watch(30.0, 8.0, |t| [Some(lid(t, 2.0, 2.5, 0.8)), None]);
        let [LidClosure::Prolonged(shut)] = &all[..] else { panic!("{all:?}") };
        assert_eq!(shut.side, Laterality::Left);
    }

    #[test]
    fn an_eye_that_comes_into_view_as_the_lids_rise_tells_nothing_of_the_blink() {
        let unveiled = watch(30.0, 3.0, |t| {
            let x = lid(t, 1.0, 0.05, 0.95);
            [(!(0.5..=1.2).contains(&t)).then_some(x), Some(x)]
        });
        assert!(matches!(&unveiled[..], [LidClosure::Brief(_)]), "{unveiled:?}");
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
