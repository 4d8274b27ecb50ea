//! A second reading at the end, when the whole recording is known.
//!
//! While a recording runs, the open level of an eye is what was seen of it so far, and whether a
//! place is seen is known up to that very frame. At the end both are known from all of it: lids
//! that were shut or low in the beginning are read against the level that was found later, and
//! what passes before the face is taken out from a moment before it was noticed.

use super::{RunningLevel, Sample};
use crate::anatomy::{Place, Region, Side};
use crate::thresholds::SignalThresholds;

/// Time between two levels, seconds; what lies between is interpolated (judgment: far below the
/// time in which levels change).
const GRID_S: f64 = 2.0;

/// Part of the highest openings from which the search for the open level starts.
const HIGHEST: f64 = 0.98;

/// Change of an aperture that changes what is found in it.
const CHANGES: f32 = 0.02;

/// Reads the samples of a whole recording anew; whether that changed anything that matters.
pub fn reread(samples: &mut [Sample], thresholds: &SignalThresholds) -> bool {
    let mut changed = false;
    for side in Side::BOTH {
        changed |= relevel(samples, side, thresholds);
    }
    for place in Place::ALL {
        changed |= widen(samples, place, thresholds);
        if place.region != Region::Periocular {
            changed |= mend_slips(samples, place, thresholds);
        }
    }
    changed
}

/// Mends what a place reads where its patch leapt to another match and back: no skin goes and comes
/// within a frame. A single leap gives way to what was before and after; what alternates between two
/// matches is left empty.
fn mend_slips(samples: &mut [Sample], place: Place, t: &SignalThresholds) -> bool {
    // Frames that are moments of their own, each with its track and its value.
    let seen: Vec<(usize, f64, f32)> = samples
        .iter()
        .enumerate()
        .filter(|(_, sample)| !sample.repeat)
        .filter_map(|(i, sample)| Some((i, sample.time_s, sample.displacement[place]?)))
        .collect();
    let mut steps: Vec<f32> = seen.windows(2).map(|two| (two[1].2 - two[0].2).abs()).collect();
    if steps.len() < 3 {
        return false;
    }
    let middle = steps.len() / 2;
    let usual = *steps.select_nth_unstable_by(middle, f32::total_cmp).1;
    let least = t.slip_least_mfu.max(t.slip_steps * usual);
    let leaps = |three: &&[(usize, f64, f32)]| -> bool {
        let [(first, from_s, before), (_, _, now), (last, to_s, after)] = three[..] else {
            return false;
        };
        let (away, back) = (now - before, now - after);
        samples[first].track == samples[last].track
            && to_s - from_s <= t.slip_within_s
            && away * back > 0.0
            && away.abs().min(back.abs()) > least
            && (after - before).abs() < 0.5 * away.abs().min(back.abs())
    };
    let slips: Vec<bool> = [false]
        .into_iter()
        .chain(seen.windows(3).map(|three| leaps(&three)))
        .chain([false])
        .collect();
    for k in (1..seen.len() - 1).filter(|&k| slips[k]) {
        let alone = !slips[k - 1] && !slips[k + 1];
        let between = 0.5 * (seen[k - 1].2 + seen[k + 1].2);
        samples[seen[k].0].displacement[place] = alone.then_some(between);
    }
    slips.contains(&true)
}

/// Sets an eye against the open level that the whole recording shows.
fn relevel(samples: &mut [Sample], side: Side, t: &SignalThresholds) -> bool {
    let levels = Levels::find(samples, side, t);
    let place = Place::new(Region::Periocular, side);
    let mut changed = false;
    for sample in samples {
        let Some(eye) = &mut sample.eyes[side] else { continue };
        let Some(open) = levels.at(sample.time_s).filter(|_| eye.open > 0.0) else { continue };
        let scale = eye.open / open;
        changed |= (eye.aperture * (scale - 1.0)).abs() > CHANGES;
        eye.aperture *= scale;
        eye.aperture_error *= scale;
        eye.open = open;
        sample.displacement[place] = Some(eye.closure_mfu());
    }
    changed
}

/// The open level of one eye in the course of the recording.
#[derive(Debug)]
struct Levels(Vec<(f64, f32)>);

impl Levels {
    fn find(samples: &[Sample], side: Side, t: &SignalThresholds) -> Self {
        let openings = || {
            let mut last: Option<(u32, f64)> = None;
            samples.iter().filter_map(move |sample| {
                let (track, now_s) = (sample.track?, sample.time_s);
                let before = last.replace((track, now_s));
                let seconds = before.filter(|b| b.0 == track).map_or(0.0, |b| now_s - b.1);
                let eye = sample.eyes[side].as_ref().filter(|_| !sample.repeat)?;
                Some((now_s, seconds.max(0.0), f64::from(eye.opening)))
            })
        };
        // All of it together first: the upper openings tell which lids are down.
        let mut highest = RunningLevel::new(HIGHEST, f64::INFINITY, 0.0, 1.0);
        openings().for_each(|(_, seconds, opening)| highest.push(opening, seconds, 1.0));
        let Some(highest) = highest.get() else { return Self(Vec::new()) };
        let weight = |opening: f64| {
            let down = opening < highest * f64::from(t.lid_down_aperture);
            if down { f64::from(t.lid_down_weight) } else { 1.0 }
        };
        let level = || RunningLevel::new(f64::from(t.open_quantile), t.level_reread_s, 0.0, 1.0);
        // What was before each moment of the grid, then what came after it.
        let values: Vec<_> = openings().collect();
        let mut past = level();
        let mut pasts: Vec<(f64, usize, RunningLevel)> = Vec::new();
        for (i, &(now_s, seconds, opening)) in values.iter().enumerate() {
            past.push(opening, seconds, weight(opening));
            if pasts.last().is_none_or(|last| now_s - last.0 >= GRID_S) {
                pasts.push((now_s, i, past.clone()));
            }
        }
        let mut future = level();
        let mut next = values.len();
        let mut levels = Vec::new();
        for (now_s, i, past) in pasts.iter().rev() {
            for &(_, seconds, opening) in values[i + 1..next].iter().rev() {
                future.push(opening, seconds, weight(opening));
            }
            next = i + 1;
            levels.extend(past.with(&future).map(|level| (*now_s, level as f32)));
        }
        levels.reverse();
        Self(levels)
    }

    /// The level at a time; `None` where nothing was seen of the eye.
    fn at(&self, time_s: f64) -> Option<f32> {
        let next = self.0.partition_point(|level| level.0 <= time_s);
        let (before, after) = (self.0.get(next.wrapping_sub(1)), self.0.get(next));
        let ((from_s, from), (to_s, to)) = match (before, after) {
            (Some(before), Some(after)) => (*before, *after),
            (one, other) => return Some(one.or(other)?.1),
        };
        let part = ((time_s - from_s) / (to_s - from_s)) as f32;
        Some(from + part * (to - from))
    }
}

/// Takes out what a place showed just before it was found hidden and just after: what hides it
/// comes and goes by degrees.
fn widen(samples: &mut [Sample], place: Place, t: &SignalThresholds) -> bool {
    let hidden: Vec<bool> =
        samples.iter().map(|s| s.track.is_some() && s.visible[place] < t.hidden_below).collect();
    let mut near = vec![false; samples.len()];
    let mut mark = |order: &mut dyn Iterator<Item = usize>| {
        let mut last_s: Option<f64> = None;
        for i in order {
            let now_s = samples[i].time_s;
            if hidden[i] {
                last_s = Some(now_s);
            }
            near[i] |= last_s.is_some_and(|last_s| (now_s - last_s).abs() <= t.hidden_guard_s);
        }
    };
    mark(&mut (0..hidden.len()));
    mark(&mut (0..hidden.len()).rev());
    let mut changed = false;
    for (sample, near) in samples.iter_mut().zip(near) {
        let eye = place.side.filter(|_| near && place.region == Region::Periocular);
        if let Some(side) = eye {
            sample.eyes[side] = None;
        }
        changed |= near && sample.displacement[place].take().is_some();
    }
    changed
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::anatomy::{PerPlace, PerSide};
    use crate::signal::EyeSample;

    const FPS: f64 = 30.0;

    /// Samples of two eyes whose lids stand `opening` apart, read against a level of `open`.
    fn samples(seconds: f64, open: f32, opening: impl Fn(f64) -> f32) -> Vec<Sample> {
        let sample = |i: u64| {
            let time_s = i as f64 / FPS;
            let opening = opening(time_s);
            let (aperture, width) = (opening / open, 0.33);
            let eye = EyeSample { aperture, opening, open, width, ..EyeSample::default() };
            let mut sample = Sample {
                track: Some(1),
                presence: 1.0,
                eyes: PerSide { left: Some(eye), right: Some(eye) },
                visible: PerPlace::from_fn(|_| 1.0),
                ..Sample::gap(i, time_s)
            };
            for place in Place::ALL {
                sample.displacement[place] = Some(0.0);
            }
            sample
        };
        (0..(seconds * FPS) as u64).map(sample).collect()
    }

    fn aperture(samples: &[Sample], time_s: f64) -> f32 {
        samples[(time_s * FPS) as usize].eyes.left.unwrap().aperture
    }

    #[test]
    fn lids_that_were_shut_for_long_in_the_beginning_are_read_as_shut() {
        let mut all = samples(14.0, 0.05, |t| if t < 9.0 { 0.05 } else { 0.3 });
        assert!(reread(&mut all, &SignalThresholds::default()));
        assert!((aperture(&all, 3.0) - 0.17).abs() < 0.02);
        assert!((aperture(&all, 12.0) - 1.0).abs() < 0.02);
        let closure = all[90].displacement[Place::new(Region::Periocular, Side::Left)].unwrap();
        assert!((closure - 82.0).abs() < 2.0, "{closure}");
    }

    #[test]
    fn lids_low_for_minutes_are_not_the_open_level() {
        let low = |t: f64| if (60.0..240.0).contains(&t) { 0.2 } else { 0.3 };
        let mut all = samples(300.0, 0.3, low);
        reread(&mut all, &SignalThresholds::default());
        assert!((aperture(&all, 150.0) - 0.67).abs() < 0.03, "{}", aperture(&all, 150.0));
        assert!((aperture(&all, 290.0) - 1.0).abs() < 0.02);
    }

    #[test]
    fn a_level_that_was_right_changes_nothing() {
        let mut all = samples(20.0, 0.3, |t| if (5.0..5.2).contains(&t) { 0.05 } else { 0.3 });
        assert!(!reread(&mut all, &SignalThresholds::default()));
    }

    #[test]
    fn a_patch_that_leaps_between_two_matches_is_mended_or_left_empty_and_a_twitch_stays() {
        let place = Place::new(Region::Cheek, Side::Left);
        let twitch = |i: usize| [4.0, 10.0, 14.0, 9.0, 3.0].get(i.wrapping_sub(30)).copied();
        let mut all = samples(4.0, 0.3, |_| 0.3);
        for (i, sample) in all.iter_mut().enumerate() {
            let noise = 0.3 * ((i * 7 % 5) as f32 - 2.0);
            let leaps = (60..70).contains(&i) && i % 2 == 0;
            let leap = if leaps || i == 100 { 20.0 } else { 0.0 };
            sample.displacement[place] = Some(noise + leap + twitch(i).unwrap_or(0.0));
        }
        assert!(reread(&mut all, &SignalThresholds::default()));
        let empty: Vec<usize> =
            (0..all.len()).filter(|&i| all[i].displacement[place].is_none()).collect();
        assert!((61..68).all(|i| empty.contains(&i)), "{empty:?}");
        assert!(empty.iter().all(|i| (59..71).contains(i)), "{empty:?}");
        assert!(all[100].displacement[place].unwrap().abs() < 1.0);
        assert!(all[32].displacement[place].unwrap() > 13.0);
    }

    #[test]
    fn what_is_hidden_takes_the_moment_before_and_after_along() {
        let mut all = samples(4.0, 0.3, |_| 0.3);
        let place = Place::new(Region::Periocular, Side::Left);
        for sample in &mut all[60..70] {
            sample.visible[place] = 0.1;
        }
        assert!(reread(&mut all, &SignalThresholds::default()));
        assert!(all[58].eyes.left.is_none() && all[72].eyes.left.is_none());
        assert!(all[50].eyes.left.is_some() && all[80].eyes.left.is_some());
        assert!(all[65].eyes.right.is_some());
        assert!(all[65].displacement[place].is_none());
    }
}
