//! The shape of one dip of the lids: fall, bottom, rise.

use std::ops::RangeInclusive;

use crate::anatomy::{PerSide, Side};
use crate::thresholds::BlinkThresholds;

/// The lids of one frame: apertures relative to the open level (1 open, 0 closed).
#[derive(Debug, Clone, Copy)]
pub(super) struct LidPoint {
    pub(super) time_s: f64,
    pub(super) eyes: PerSide<Option<f32>>,
    /// Mean of the eyes seen.
    pub(super) mean: f32,
}

/// What is known of a dip's ends before it is measured, as indices into the points.
#[derive(Debug, Clone, Copy)]
pub(super) struct Span {
    /// Highest point before the fall; `None` where the track began with the lids down.
    pub(super) before: Option<usize>,
    /// Lowest point.
    pub(super) low: usize,
    /// Highest point after; `None` where the track ended with the lids down.
    pub(super) after: Option<usize>,
}

/// A measured dip of the mean aperture. Depths are in units of the open aperture.
#[derive(Debug, Clone, Copy)]
pub(super) struct Dip {
    /// First point lower than the level before the fall.
    pub(super) start: usize,
    /// Lowest point.
    pub(super) low: usize,
    /// First point at rest again, at most nineteen twentieths of the way back to the level.
    pub(super) end: usize,
    /// Fall from the level just before; `None` where the fall was not seen.
    pub(super) fall: Option<f32>,
    /// Rise to the level after; `None` where the rise was not seen.
    pub(super) rise: Option<f32>,
    /// Fastest closing, open apertures a second (0 where not seen).
    pub(super) closing_speed: f32,
    /// Time below half depth, seconds.
    pub(super) half_width_s: f64,
    /// Time within a fifth of the depth of the lowest point, seconds.
    pub(super) dwell_s: f64,
}

impl Dip {
    /// Measures the dip in `points`, whose jitter from frame to frame is `noise`.
    pub(super) fn measure(
        points: &[LidPoint],
        span: Span,
        noise: f32,
        thresholds: &BlinkThresholds,
    ) -> Self {
        let Span { before, low, after } = span;
        let x = |i: usize| points[i].mean;
        let t = |i: usize| points[i].time_s;
        let floor = x(low);
        let last = points.len() - 1;

        let mut start = 0;
        let mut fall = None;
        let mut closing_speed = 0.0;
        if let Some(before) = before {
            let near = floor + 0.25 * (x(before) - floor);
            // Shut lids may flutter: the first arrival near the bottom ends the fall.
            let bottom = (before..low).find(|&i| x(i) <= near).unwrap_or(low);
            let from_s = t(bottom) - thresholds.closing_s;
            let (mut at, mut fastest) = (bottom, f32::MIN);
            for i in (before + 1..=bottom).rev().take_while(|&i| t(i) >= from_s) {
                let (_, v) = closing(points, before, i, thresholds.speed_base_s);
                if v > fastest {
                    (at, fastest) = (i, v);
                }
            }
            closing_speed = fastest.max(0.0);
            let (mut level_at, _) = closing(points, before, at, thresholds.speed_base_s);
            // Back to where the lids stood still, over pauses too short to be a stand.
            let mut reached = level_at;
            while reached > before && t(level_at) - t(reached) <= thresholds.pause_s {
                let (from, v) = closing(points, before, reached, thresholds.speed_base_s);
                let moves = x(from) - x(reached) > thresholds.step_noise * noise;
                reached -= 1;
                if moves && v > thresholds.standstill * closing_speed {
                    level_at = from.max(reached);
                }
            }
            start = level_at + 1;
            fall = Some(level(points, level_at, thresholds.level_s, before) - floor);
        }

        let (mut end, mut rise) = (last, None);
        if let Some(after) = after {
            let gained = x(after) - floor;
            let target = floor + 0.95 * fall.map_or(gained, |f| f.min(gained));
            let back = (low..=after).find(|&i| x(i) >= target).unwrap_or(after);
            end = arrival(points, low, back, floor + thresholds.arrival_min * gained, thresholds);
            rise = Some(gained);
        }
        let depth = match (fall, rise) {
            (Some(f), Some(r)) => f.min(r),
            (Some(one), None) | (None, Some(one)) => one,
            (None, None) => 0.0,
        };
        let (left, right) = crossings(points, low, floor + 0.5 * depth);
        let (near_left, near_right) = crossings(points, low, floor + 0.2 * depth);
        Self {
            start: start.min(low),
            low,
            end,
            fall,
            rise,
            closing_speed,
            half_width_s: right - left,
            dwell_s: near_right - near_left,
        }
    }

    /// Part of the open aperture that was closed, as far as it was seen.
    pub(super) fn depth(&self) -> f32 {
        self.fall.or(self.rise).unwrap_or(0.0)
    }

    /// Measures what one eye did inside this dip; `None` where it was not seen while the lids were
    /// down: one that comes into view as they rise does not tell that it stayed open.
    pub(super) fn eye(
        &self,
        points: &[LidPoint],
        side: Side,
        thresholds: &BlinkThresholds,
    ) -> Option<EyeDip> {
        let (level_s, base_s) = (thresholds.level_s, thresholds.speed_base_s);
        let value = |i: usize| points[i].eyes[side];
        let shut = points[self.low].mean + 0.5 * self.depth();
        let down = |i: usize| points[i].mean <= shut && value(i).is_some();
        if !(self.start..=self.end).any(down) {
            return None;
        }
        let low = (self.start..=self.end)
            .filter_map(|i| value(i).map(|x| (i, x)))
            .min_by(|a, b| a.1.total_cmp(&b.1))?;
        let before = if self.fall.is_some() {
            let from_s = points[self.start].time_s - level_s;
            let levels = (0..self.start)
                .rev()
                .take_while(|&i| points[i].time_s >= from_s || i + 1 == self.start)
                .filter_map(value);
            mean_of(levels)
        } else {
            (self.low..=self.end).filter_map(value).max_by(f32::total_cmp)
        };
        let open = before.unwrap_or(low.1);
        let half = 0.5 * (open + low.1);
        let closing = (self.start..=low.0).find_map(|i| {
            let (x, previous) = (value(i)?, value(i.checked_sub(1)?)?);
            (x <= half && previous > half).then(|| {
                let part = f64::from((previous - half) / (previous - x));
                let (a, b) = (points[i - 1].time_s, points[i].time_s);
                a + part * (b - a)
            })
        });
        let speed = self.fall.and_then(|_| fastest(points, self.start..=low.0, side, base_s));
        Some(EyeDip { open, low: low.1, closing_s: closing, speed })
    }
}

/// What one eye did inside a dip.
#[derive(Debug, Clone, Copy)]
pub(super) struct EyeDip {
    /// Aperture before the fall (after the rise where the fall was not seen).
    pub(super) open: f32,
    /// Smallest aperture.
    pub(super) low: f32,
    /// When half the depth was crossed on the way down, seconds.
    pub(super) closing_s: Option<f64>,
    /// Fastest closing, open apertures a second; `None` where the fall was not seen.
    pub(super) speed: Option<f32>,
}

impl EyeDip {
    pub(super) fn depth(&self) -> f32 {
        self.open - self.low
    }
}

/// Fastest closing of one eye over at least `base_s`, ending at one of the points `within`, open
/// apertures a second.
fn fastest(
    points: &[LidPoint],
    within: RangeInclusive<usize>,
    side: Side,
    base_s: f64,
) -> Option<f32> {
    let first = within.start().saturating_sub(1);
    let speed = |i: usize| {
        let (now, lid) = (points[i], points[i].eyes[side]?);
        let from = points[first..i].iter().rev().find(|p| now.time_s - p.time_s >= base_s)?;
        Some((from.eyes[side]? - lid) / (now.time_s - from.time_s) as f32)
    };
    within.filter_map(speed).reduce(f32::max).map(|speed| speed.max(0.0))
}

/// Speed of closing up to point `i` over at least `base_s`, and the point it is taken from.
fn closing(points: &[LidPoint], first: usize, i: usize, base_s: f64) -> (usize, f32) {
    let now = points[i];
    let mut from = i;
    while from > first && now.time_s - points[from].time_s < base_s {
        from -= 1;
    }
    let dt = now.time_s - points[from].time_s;
    if dt <= 0.0 {
        return (from, 0.0);
    }
    (from, (points[from].mean - now.mean) / dt as f32)
}

/// Where reopening comes to a standstill between `low` and `back`, but not below `least`.
fn arrival(
    points: &[LidPoint],
    low: usize,
    back: usize,
    least: f32,
    thresholds: &BlinkThresholds,
) -> usize {
    let opening = |i: usize| -closing(points, low, i, thresholds.arrival_base_s).1;
    let fastest = (low + 1..=back).map(opening).fold(0.0, f32::max);
    (low + 1..=back)
        .skip_while(|&i| points[i].mean < least)
        .find(|&i| opening(i) < thresholds.standstill * fastest)
        .unwrap_or(back)
}

/// Mean aperture over the `span_s` up to point `to`.
fn level(points: &[LidPoint], to: usize, span_s: f64, first: usize) -> f32 {
    let from_s = points[to].time_s - span_s;
    let values = (first..=to).rev().take_while(|&i| points[i].time_s >= from_s);
    mean_of(values.map(|i| points[i].mean)).unwrap_or(points[to].mean)
}

fn mean_of(values: impl Iterator<Item = f32>) -> Option<f32> {
    let (sum, n) = values.fold((0.0, 0), |(sum, n), x| (sum + x, n + 1));
    (n > 0).then(|| sum / n as f32)
}

/// Times at which the mean aperture passes `height` on either side of `low`, interpolated.
fn crossings(points: &[LidPoint], low: usize, height: f32) -> (f64, f64) {
    let pass = |inside: usize, outside: usize| {
        let (a, b) = (points[inside], points[outside]);
        let part = f64::from((height - a.mean) / (b.mean - a.mean));
        a.time_s + part * (b.time_s - a.time_s)
    };
    let left = (0..low)
        .rev()
        .find(|&i| points[i].mean > height)
        .map_or(points[0].time_s, |i| pass(i + 1, i));
    let right = (low + 1..points.len())
        .find(|&i| points[i].mean > height)
        .map_or(points[points.len() - 1].time_s, |i| pass(i - 1, i));
    (left, right)
}
