//! Figures over the whole recording.

use serde::{Deserialize, Serialize};

use super::blink::LidWatch;
use super::stats::median;
use super::{
    Blink, BySide, Contraction, Event, EventKind, Findings, Laterality, LidShare, Summary, Task,
    poisson,
};
use crate::anatomy::{PerSide, Region, Side};
use crate::signal::Sample;

/// Longest interval between two frames that counts as seen, seconds: a slow camera's.
const LONGEST_FRAME_S: f64 = 0.5;

/// What is counted frame by frame.
#[derive(Debug, Default)]
pub(super) struct Tally {
    last_s: Option<f64>,
    usable_s: f64,
    eye_s: PerSide<f64>,
    shut_s: PerSide<f64>,
    both_s: f64,
    both_shut_s: f64,
    lids: Correlation,
    /// Sum of the distances between the outer canthi, pixels, and how many were seen.
    face_unit: (f64, u32),
}

/// Running correlation of two quantities.
#[derive(Debug, Default)]
struct Correlation {
    n: f64,
    mean: [f64; 2],
    /// Sums of squares and of products about the means.
    squares: [f64; 2],
    products: f64,
}

impl Correlation {
    fn push(&mut self, x: f64, y: f64) {
        self.n += 1.0;
        let (dx, dy) = (x - self.mean[0], y - self.mean[1]);
        self.mean[0] += dx / self.n;
        self.mean[1] += dy / self.n;
        self.squares[0] += dx * (x - self.mean[0]);
        self.squares[1] += dy * (y - self.mean[1]);
        self.products += dx * (y - self.mean[1]);
    }

    fn get(&self) -> Option<f64> {
        let scale = (self.squares[0] * self.squares[1]).sqrt();
        (self.n >= 30.0 && scale > 0.0).then(|| self.products / scale)
    }
}

impl Tally {
    pub(super) fn push(&mut self, sample: &Sample, lids: &LidWatch) {
        let Some(last_s) = self.last_s.replace(sample.time_s) else { return };
        let interval_s = (sample.time_s - last_s).clamp(0.0, LONGEST_FRAME_S);
        self.usable_s += interval_s;
        let shut =
            PerSide::from_fn(|side| sample.eyes[side].map(|eye| lids.is_shut(side, eye.aperture)));
        for side in Side::BOTH {
            if let Some(shut) = shut[side] {
                self.eye_s[side] += interval_s;
                self.shut_s[side] += if shut { interval_s } else { 0.0 };
            }
        }
        if let Some(pose) = sample.pose {
            self.face_unit.0 += f64::from(pose.face_unit_px);
            self.face_unit.1 += 1;
        }
        if let Some((left, right)) = sample.eyes.left.zip(sample.eyes.right) {
            self.lids.push(f64::from(left.aperture), f64::from(right.aperture));
        }
        if let Some((left, right)) = shut.left.zip(shut.right) {
            self.both_s += interval_s;
            self.both_shut_s += if left && right { interval_s } else { 0.0 };
        }
    }

    pub(super) fn gap(&mut self) {
        self.last_s = None;
    }

    pub(super) fn summary(&self, findings: &Findings) -> Summary {
        let per = |part: f64, whole: f64| if whole > 0.0 { part / whole } else { 0.0 };
        let seen = Summary {
            usable_s: self.usable_s,
            closed_fraction: BySide {
                left: per(self.shut_s.left, self.eye_s.left),
                right: per(self.shut_s.right, self.eye_s.right),
                both: per(self.both_shut_s, self.both_s),
            },
            lid_correlation: self.lids.get(),
            face_unit_px: (self.face_unit.1 > 0)
                .then(|| self.face_unit.0 / f64::from(self.face_unit.1)),
            ..Summary::default()
        };
        seen.counted(findings)
    }
}

impl Summary {
    /// The same recording with what follows from blinks and events counted anew; what was counted
    /// frame by frame stays.
    pub(super) fn counted(&self, findings: &Findings) -> Self {
        let minutes = self.usable_s / 60.0;
        let per = |part: f64, whole: f64| if whole > 0.0 { part / whole } else { 0.0 };
        let involuntary: Vec<&Event> =
            findings.events.iter().filter(|event| event.kind.is_involuntary()).collect();
        let mut count = BySide::<u32>::default();
        let mut time_s = BySide::<f64>::default();
        for event in &involuntary {
            *count.of(event.side) += 1;
            *time_s.of(event.side) += event.end_s - event.start_s;
        }
        let mut events_by_kind = std::collections::BTreeMap::new();
        for event in &findings.events {
            *events_by_kind.entry(event.kind).or_insert(0) += 1;
        }
        let one_sided = f64::from(count.left + count.right);
        let durations: Vec<f64> = involuntary.iter().map(|e| e.end_s - e.start_s).collect();
        let rates = |jaw: bool| {
            let events = involuntary.iter().flat_map(|event| &event.contractions);
            let own = events.filter(|c| (c.region == Region::Jaw) == jaw);
            median(own.filter_map(|c| c.rate_hz).collect())
        };
        let closes =
            |event: &&&Event| event.contractions.iter().any(|c| c.region == Region::Periocular);
        let rate = |n: u32| per(f64::from(n), minutes);
        let ci = |n: u32| {
            if minutes > 0.0 { poisson::interval(n).map(|mean| mean / minutes) } else { [0.0; 2] }
        };
        Self {
            usable_s: self.usable_s,
            face_unit_px: self.face_unit_px,
            blink_rate_per_min: (minutes > 0.0).then(|| findings.blinks.len() as f64 / minutes),
            event_rate_per_min: count.map(rate),
            rate_ci: count.map(ci),
            closed_fraction: self.closed_fraction,
            spasm_time_fraction: time_s.map(|s| per(s, self.usable_s).min(1.0)),
            blink_rate_ci: (minutes > 0.0).then(|| ci(findings.blinks.len() as u32)),
            blink_lag_s: median(findings.blinks.iter().filter_map(|b| b.lag_s).collect()),
            lid_correlation: self.lid_correlation,
            events_by_kind,
            laterality_index: (one_sided > 0.0)
                .then(|| (f64::from(count.right) - f64::from(count.left)) / one_sided),
            longest_event_s: durations.iter().copied().reduce(f64::max),
            event_duration_s: median(durations),
            clonic_rate_hz: rates(false),
            jaw_rhythm_hz: rates(true),
            other_babinski: involuntary.iter().filter(|e| e.other_babinski).count() as u32,
            eye_closing: involuntary.iter().filter(closes).count() as u32,
            companions: companions(findings),
            lid_share: PerSide::from_fn(|side| lid_share(&findings.blinks, side)),
            excursions: self.excursions.clone(),
        }
    }
}

impl EventKind {
    /// The movement was not made on purpose: a twitch or a spasm.
    #[must_use]
    pub const fn is_involuntary(self) -> bool {
        matches!(self, Self::Twitch | Self::Spasm)
    }
}

impl<T: Copy> BySide<T> {
    fn of(&mut self, side: Laterality) -> &mut T {
        match side {
            Laterality::Left => &mut self.left,
            Laterality::Right => &mut self.right,
            Laterality::Both => &mut self.both,
        }
    }

    /// The same of each figure.
    pub fn map<U>(self, f: impl Fn(T) -> U) -> BySide<U> {
        BySide { left: f(self.left), right: f(self.right), both: f(self.both) }
    }
}

/// A region that moves along with something else on one side.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Companion {
    /// The voluntary task it comes along with; `None` for blinks.
    pub task: Option<Task>,
    /// The region that moves along.
    pub region: Region,
    /// Its side.
    pub side: Side,
    /// Movements asked for that were seen, or blinks.
    pub movements: u32,
    /// How many of them it came along with.
    pub accompanied: u32,
    /// Its median onset after the movement's, seconds.
    pub lag_s: f64,
    /// Its median size, mFU.
    pub amplitude_mfu: f32,
}

/// What moves along with tasks and blinks, and how regularly.
fn companions(findings: &Findings) -> Vec<Companion> {
    // Each occasion: task, start, end.
    let mut occasions: Vec<(Option<Task>, f64, f64)> = Vec::new();
    for event in findings.events.iter().filter(|event| event.kind == EventKind::Expression) {
        let Some(task) = event.task else { continue };
        let asked = |c: &Contraction| !c.synkinetic && task.regions().contains(&c.region);
        let own: Vec<&Contraction> = event.contractions.iter().filter(|c| asked(c)).collect();
        let start_s = own.iter().map(|c| c.onset_s).fold(f64::INFINITY, f64::min);
        let end_s = own.iter().map(|c| c.end_s).fold(f64::NEG_INFINITY, f64::max);
        // A weak side makes an event of its own: the same movement.
        let known =
            |o: &(Option<Task>, f64, f64)| o.0 == Some(task) && o.1 < end_s && o.2 > start_s;
        match occasions.iter_mut().find(|o| known(o)) {
            Some(o) => (o.1, o.2) = (o.1.min(start_s), o.2.max(end_s)),
            None if !own.is_empty() => occasions.push((Some(task), start_s, end_s)),
            None => {}
        }
    }
    occasions.extend(findings.blinks.iter().map(|b| (None, b.start_s, b.end_s)));

    let mut found: Vec<(Option<Task>, Region, Side, usize, f64, f32)> = Vec::new();
    for event in &findings.events {
        for c in &event.contractions {
            let Some(side) = c.side else { continue };
            let with_blink = event.kind == EventKind::Uncertain && c.region != Region::Periocular;
            let near = |o: &(Option<Task>, f64, f64)| {
                let wanted = if c.synkinetic { o.0.is_some() } else { o.0.is_none() && with_blink };
                wanted && c.onset_s < o.2 && c.end_s > o.1
            };
            if let Some(at) = occasions.iter().position(near) {
                let (task, start_s, _) = occasions[at];
                found.push((task, c.region, side, at, c.onset_s - start_s, c.amplitude_mfu));
            }
        }
    }
    let mut keys: Vec<_> = found.iter().map(|f| (f.0, f.1, f.2)).collect();
    keys.sort();
    keys.dedup();
    keys.into_iter()
        .map(|(task, region, side)| {
            let own = || found.iter().filter(move |f| (f.0, f.1, f.2) == (task, region, side));
            let mut with: Vec<usize> = own().map(|f| f.3).collect();
            with.sort_unstable();
            with.dedup();
            Companion {
                task,
                region,
                side,
                movements: occasions.iter().filter(|o| o.0 == task).count() as u32,
                accompanied: with.len() as u32,
                lag_s: median(own().map(|f| f.4).collect()).unwrap_or(0.0),
                amplitude_mfu: median(own().map(|f| f64::from(f.5)).collect()).unwrap_or(0.0)
                    as f32,
            }
        })
        .collect()
}

/// How far one lid comes down in the blinks in which it was seen.
fn lid_share(blinks: &[Blink], side: Side) -> Option<LidShare> {
    let mut depths: Vec<f32> =
        blinks.iter().filter_map(|blink| blink.lids[side].map(|lid| lid.depth)).collect();
    depths.sort_by(f32::total_cmp);
    let (half, low) = (depths.len() / 2, below_median(depths.len()));
    let share = 0.5 * (depths.get(half)? + depths[depths.len() - 1 - half]);
    let interval = [depths[low], depths[depths.len() - 1 - low]];
    Some(LidShare { share, interval, blinks: depths.len() as u32 })
}

/// How many of `n` values may be left out at either end so that those between hold the median
/// with a probability of 0.9, or as near to it as all of them come.
pub(super) fn below_median(n: usize) -> usize {
    // Binomial with an even coin: what lies below the k-th smallest value.
    let mut chance = 0.5f64.powi(n as i32);
    let (mut below, mut k) = (chance, 0);
    while below <= 0.05 && k < n / 2 {
        chance *= (n - k) as f64 / (k + 1) as f64;
        k += 1;
        below += chance;
    }
    k.saturating_sub(1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_interval_of_a_median_leaves_out_what_an_even_coin_allows() {
        // Tables of the sign test: 90 % intervals of the median.
        let left_out = [(3, 0), (5, 0), (6, 0), (8, 1), (10, 1), (20, 5), (50, 18)];
        for (n, k) in left_out {
            assert_eq!(below_median(n), k, "{n}");
        }
    }
}
