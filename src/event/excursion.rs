//! How far the two sides of a face go in the same movement.
//!
//! A side that is weak is seen in what both sides do on purpose or in speech: the corner of the mouth
//! is drawn to the other side, the brow stays behind its fellow, the lid does not come down. Smiles and
//! speech are looked at in windows of a second with an expression going on and no contraction of one
//! side; the energy of the two sides' movement in them is compared. Lids are compared whenever one of
//! them falls: in hemifacial spasm one lid often falls alone, but both still blink, so the most that the
//! lesser lid does of its fellow's way is taken.

use serde::{Deserialize, Serialize};

use super::recording::{Channel, Recording};
use super::stats::{median, quantile};
use super::summary::below_median;
use super::{Event, EventKind, Laterality};
use crate::anatomy::{Place, Region, Side};

/// How far one side of a region goes of the other side's way, in movements of both.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Excursion {
    /// The region.
    pub region: Region,
    /// The side that goes less far.
    pub side: Side,
    /// The part of its fellow's way that it goes, 0 to 1: the median over the movements; of the lids,
    /// the most that it does, the 80 % quantile over their falls.
    pub share: f64,
    /// 90 % interval of that median by order statistics, of the lids the middle 60 % of the falls; over
    /// 1 where the other side may go less far.
    pub interval: [f64; 2],
    /// Movements that were compared.
    pub movements: u32,
}

/// Regions that move on purpose and in speech and of which both sides are measured.
const COMPARED: [Region; 2] = [Region::MouthCorner, Region::Forehead];

/// Length of a window, seconds, and most windows of one movement (judgment: a syllable is shorter, a
/// smile as long).
const WINDOW_S: f64 = 1.0;
const WINDOWS: usize = 3;
/// Fewest frames of a window.
const FRAMES: usize = 8;
/// Turn and nod within a window, and turn from the camera, from which on the sides are not compared,
/// degrees (judgment: a nod of 8 degrees leaves 5 mFU, and what is turned away is read short).
const HEAD_DEG: f64 = 8.0;
const TURNED_DEG: f64 = 20.0;
/// Time about a contraction of one side that is left out, seconds (judgment).
const APART_S: f64 = 0.3;
/// Least movement that is compared: RMS in mFU, and over the jitter from frame to frame (judgment).
const LEAST_MFU: f64 = 2.0;
const LEAST_JITTERS: f64 = 4.0;
/// Least share that is told from none.
const LEAST_SHARE: f64 = 0.03;
/// Fewest movements, and fewest falls of lids (judgment).
const MOVEMENTS: usize = 3;
const FALLS: usize = 4;
/// A fall of a lid: how far it closes and how far it came down, hundredths of the open aperture; how
/// long nothing closes further on either side; where its level before is taken; seconds (judgment: a
/// partial blink closes a third, the down-phase takes 0.08 s, opening up to 0.2 s).
const FALL: [f64; 2] = [35.0, 30.0];
const PEAK_S: f64 = 0.13;
const BEFORE_S: [f64; 2] = [0.55, 0.2];
const BETWEEN_S: f64 = 0.3;

/// How far each region's sides go, as far as the recording shows it.
pub(super) fn excursions(recording: &Recording, events: &[Event]) -> Vec<Excursion> {
    let compared = COMPARED.into_iter().filter_map(|region| of_skin(recording, events, region));
    of_lids(recording).into_iter().chain(compared).collect()
}

/// From logarithms of the left side's way over the right's.
fn excursion(region: Region, [low, mid, high]: [f64; 3], movements: usize) -> Excursion {
    let (side, [low, mid, high]) =
        if mid < 0.0 { (Side::Left, [low, mid, high]) } else { (Side::Right, [-high, -mid, -low]) };
    let interval = [low.exp(), high.exp()];
    Excursion { region, side, share: mid.exp(), interval, movements: movements as u32 }
}

fn of_skin(recording: &Recording, events: &[Event], region: Region) -> Option<Excursion> {
    let sides = Side::BOTH.map(|side| Channel::Place(Place::new(region, side)));
    let jitter = sides.map(|side| jitter(recording, side));
    let least = (LEAST_JITTERS.powi(2) * jitter[0].max(jitter[1])).max(LEAST_MFU.powi(2));
    let mut ratios = Vec::new();
    // Energy of both sides in the windows of the movement that is going on, and how many those are.
    let mut running: ([f64; 2], usize) = ([0.0; 2], 0);
    let mut close = |running: &mut ([f64; 2], usize)| {
        let ([left, right], windows) = std::mem::take(running);
        if windows > 0 {
            let least = LEAST_SHARE.powi(2) * left.max(right);
            ratios.push(0.5 * (left.max(least) / right.max(least)).ln());
        }
    };
    let end_s = if recording.len() == 0 { 0.0 } else { recording.time_s(recording.len() - 1) };
    let mut from_s = if recording.len() == 0 { 0.0 } else { recording.time_s(0) };
    while from_s + WINDOW_S <= end_s {
        let energy = on_purpose(events, from_s)
            .then(|| energy(recording, sides, from_s))
            .flatten()
            .map(|energy| [0, 1].map(|i| (energy[i] - jitter[i]).max(0.0)))
            .filter(|[left, right]| left.max(*right) > least);
        match energy {
            Some(energy) => {
                if running.1 == WINDOWS {
                    close(&mut running);
                }
                running.0 = [running.0[0] + energy[0], running.0[1] + energy[1]];
                running.1 += 1;
            }
            None => close(&mut running),
        }
        from_s += WINDOW_S;
    }
    close(&mut running);
    if ratios.len() < MOVEMENTS {
        return None;
    }
    ratios.sort_by(f64::total_cmp);
    let k = below_median(ratios.len());
    let ends = [ratios[k], ratios[ratios.len() - 1 - k]];
    let movements = ratios.len();
    Some(excursion(region, [ends[0], median(ratios)?, ends[1]], movements))
}

/// An expression goes on in the window, and no contraction of one side.
fn on_purpose(events: &[Event], from_s: f64) -> bool {
    let until_s = from_s + WINDOW_S;
    let within = |event: &Event, margin_s: f64| {
        event.start_s - margin_s < until_s && event.end_s + margin_s > from_s
    };
    let expression = |event: &Event| event.kind == EventKind::Expression;
    let one_sided = |event: &Event| {
        let may_be = event.kind.is_involuntary() || event.kind == EventKind::Uncertain;
        may_be && event.side != Laterality::Both
    };
    events.iter().any(|event| expression(event) && within(event, 0.0))
        && !events.iter().any(|event| one_sided(event) && within(event, APART_S))
}

/// Variance of both sides in a window in which they were seen throughout and the head kept still.
fn energy(recording: &Recording, sides: [Channel; 2], from_s: f64) -> Option<[f64; 2]> {
    let frames = recording.frames(from_s, from_s + WINDOW_S, from_s);
    if frames.len() < FRAMES {
        return None;
    }
    // Not a number where a frame is missing.
    let values = |channel: Channel| frames.clone().map(move |i| recording.value(channel, i));
    let span = |channel: Channel| {
        let (low, high) = values(channel)
            .fold((f64::INFINITY, f64::NEG_INFINITY), |(l, h), v| (l.min(v), h.max(v)));
        high - low
    };
    let turned = median(values(Channel::Yaw).collect()).unwrap_or(0.0).abs();
    let moves = span(Channel::Yaw).max(span(Channel::Pitch));
    if turned > TURNED_DEG || moves > HEAD_DEG {
        return None;
    }
    let variance = |channel: Channel| {
        let n = frames.len() as f64;
        let mean = values(channel).sum::<f64>() / n;
        values(channel).map(|v| (v - mean).powi(2)).sum::<f64>() / n
    };
    let energy = sides.map(variance);
    energy.iter().all(|e| e.is_finite()).then_some(energy)
}

/// Variance of what a channel does from frame to frame: second differences tell it from movement.
fn jitter(recording: &Recording, channel: Channel) -> f64 {
    let value = |i: usize| recording.value(channel, i);
    let differences = (2..recording.len()).map(|i| value(i) - 2.0 * value(i - 1) + value(i - 2));
    let spread = median(differences.map(f64::abs).collect()).unwrap_or(0.0);
    (1.4826 * spread).powi(2) / 6.0
}

fn of_lids(recording: &Recording) -> Option<Excursion> {
    let sides = Side::BOTH.map(|side| Channel::Place(Place::new(Region::Periocular, side)));
    let value = |i: usize, side: usize| recording.unweighted(sides[side], i);
    let further = |i: usize| value(i, 0).max(value(i, 1));
    let mut ratios = Vec::new();
    let mut last_s = f64::NEG_INFINITY;
    for i in 0..recording.len() {
        let now_s = recording.time_s(i);
        if further(i).is_nan() || further(i) < FALL[0] || now_s - last_s < BETWEEN_S {
            continue;
        }
        let near = recording.frames(now_s - PEAK_S, now_s + PEAK_S, now_s);
        if near.clone().any(|j| further(j) > further(i)) {
            continue;
        }
        let before = recording.frames(now_s - BEFORE_S[0], now_s - BEFORE_S[1], now_s);
        let depths = [0, 1].map(|side| {
            let level = median(before.clone().map(|j| value(j, side)).collect())?;
            let deepest = near.clone().map(|j| value(j, side)).fold(f64::NAN, f64::max);
            (!deepest.is_nan()).then_some(deepest - level)
        });
        let [Some(left), Some(right)] = depths else { continue };
        if left.max(right) < FALL[1] {
            continue;
        }
        last_s = now_s;
        let least = LEAST_SHARE * left.max(right);
        ratios.push((left.max(least) / right.max(least)).ln());
    }
    let movements = ratios.len();
    if movements < FALLS {
        return None;
    }
    let [low, high] = [0.2, 0.8].map(|q| quantile(ratios.clone(), q).unwrap_or(0.0));
    // What the lesser lid does at most; none is lesser where either may be.
    let most = if high < 0.0 {
        high
    } else if low > 0.0 {
        low
    } else {
        return None;
    };
    Some(excursion(Region::Periocular, [low, most, high], movements))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::anatomy::{PerPlace, PerSide};
    use crate::signal::{EyeSample, Sample};

    /// A minute in which the mouth speaks, its left corner by `mouth` of the right one's way, and both
    /// lids blink, the left one by `lid`.
    fn recorded(mouth: f32, lid: f32) -> (Recording, Vec<Event>) {
        let mut recording = Recording::default();
        for i in 0..1800_u64 {
            let time_s = i as f64 / 30.0;
            let speaks = (std::f64::consts::TAU * 3.0 * time_s).sin() as f32
                * (0.5 + 0.3 * (0.7 * time_s).sin() as f32)
                * 10.0;
            let shut = if i % 90 < 6 { 0.9 } else { 0.0 };
            let eye =
                |closed: f32| Some(EyeSample { aperture: 1.0 - closed, ..EyeSample::default() });
            let mut displacement = PerPlace::from_fn(|_| Some(0.0));
            displacement[Place::new(Region::MouthCorner, Side::Left)] = Some(mouth * speaks);
            displacement[Place::new(Region::MouthCorner, Side::Right)] = Some(speaks);
            recording.push(&Sample {
                track: Some(1),
                presence: 1.0,
                eyes: PerSide { left: eye(lid * shut), right: eye(shut) },
                displacement,
                visible: PerPlace::from_fn(|_| 1.0),
                ..Sample::gap(i, time_s)
            });
        }
        let talk = serde_json::from_value(serde_json::json!({
            "id": 1, "kind": "expression", "side": "both", "start_s": 0.0, "peak_s": 1.0,
            "end_s": 60.0, "contractions": [], "spread": [], "other_babinski": false,
        }));
        (recording, vec![talk.expect("an event")])
    }

    fn of(region: Region, all: &[Excursion]) -> Option<Excursion> {
        all.iter().copied().find(|own| own.region == region)
    }

    #[test]
    fn the_share_of_the_weak_side_is_what_it_goes_of_its_fellows_way() {
        let (recording, events) = recorded(0.4, 0.3);
        let all = excursions(&recording, &events);
        for (region, share) in [(Region::MouthCorner, 0.4), (Region::Periocular, 0.3)] {
            let own = of(region, &all).expect("measured");
            assert_eq!(own.side, Side::Left);
            assert!((own.share - share).abs() < 0.02, "{own:?}");
            assert!(own.interval[1] < share + 0.05 && own.movements > 10, "{own:?}");
        }
        assert_eq!(of(Region::Forehead, &all), None);
    }

    #[test]
    fn nothing_is_compared_where_no_expression_goes_on() {
        let (recording, _) = recorded(0.4, 1.0);
        assert_eq!(of(Region::MouthCorner, &excursions(&recording, &[])), None);
    }
}
