//! What belongs to an event, on which side, and what kind it is, on simulated signals of faces that
//! do one thing.

use crate::support::simulated::{analyze, findings, pull, recording};
use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha8Rng;
use spasmograph::anatomy::{PerPlace, PerSide, Place, Region, Side};
use spasmograph::event::{EventKind, Findings, Laterality};
use spasmograph::face::HeadPose;
use spasmograph::signal::Sample;
use spasmograph::synth::{ContractionSpec, Motion, TrackerModel, Train, signals};

/// The same contraction on the left, with part of its size.
fn on_the_left(right: &ContractionSpec, part: f64) -> ContractionSpec {
    let amplitude = part * right.amplitude;
    ContractionSpec { side: Some(Side::Left), amplitude, ..*right }
}

fn sides(found: &Findings) -> Vec<Laterality> {
    found.events.iter().filter(|e| e.kind.is_involuntary()).map(|e| e.side).collect()
}

#[test]
fn a_jaw_whose_sides_beat_unequally_works_on_both() {
    let tracker = TrackerModel::default();
    let beats = |part: f64| {
        let scenario = recording(5, 30.0, 6, |_| {
            let mut right = pull(&tracker, Region::Jaw, 0.0, 20.0, [0.2, 0.08, 0.25]);
            right.train = Some(Train { rate_hz: 1.2, pulses: 3, irregularity: 0.0 });
            vec![on_the_left(&right, part), right]
        });
        analyze(&Motion::new(&scenario), &tracker)
    };
    let unequal = sides(&beats(0.5));
    assert!(unequal.len() >= 5, "{unequal:?}");
    assert!(unequal.iter().all(|side| *side == Laterality::Both), "{unequal:?}");
    let alone = sides(&beats(0.0));
    assert!(alone.len() >= 5, "{alone:?}");
    assert!(alone.iter().all(|side| *side == Laterality::Right), "{alone:?}");
}

#[test]
fn a_chin_that_follows_the_corner_of_the_mouth_takes_no_part_of_its_own() {
    let quiet = TrackerModel { noise: 0.3, ..TrackerModel::default() };
    let usual = TrackerModel::default();
    let regions = |chin_snr: f64| {
        let course = [0.1, 0.3, 0.2];
        let scenario = recording(6, 30.0, 6, |_| {
            vec![
                pull(&usual, Region::MouthCorner, 0.0, 60.0, course),
                pull(&usual, Region::Jaw, 0.03, chin_snr, course),
            ]
        });
        let found = analyze(&Motion::new(&scenario), &quiet);
        let events: Vec<_> = found.events.into_iter().filter(|e| e.kind.is_involuntary()).collect();
        assert_eq!(events.len(), 6);
        events.iter().filter(|e| e.spread.concat().contains(&Region::Jaw)).count()
    };
    // A tenth of the corner's pull, and a third.
    assert_eq!(regions(4.0), 0);
    assert_eq!(regions(15.0), 6);
}

#[test]
fn lids_down_in_a_bowed_face_are_shut_where_the_mouth_pulls_along() {
    let tracker = TrackerModel::default();
    let closures = |mouth: bool| {
        let scenario = recording(7, 30.0, 4, |_| {
            let course = [0.14, 1.2, 0.3];
            let lids = pull(&tracker, Region::Periocular, 0.0, 60.0, course);
            let corner = pull(&tracker, Region::MouthCorner, 0.3, 80.0, course);
            let mut all = vec![on_the_left(&lids, 1.0), lids];
            if mouth {
                all.extend([on_the_left(&corner, 1.0), corner]);
            }
            all
        });
        let starts: Vec<f64> = scenario.events.iter().map(|e| e.start_s).collect();
        let mut samples = signals(&Motion::new(&scenario), &tracker);
        for sample in &mut samples {
            // The head bows by 8 degrees, for longer than the lids take to fall.
            let since_s = starts.iter().map(|s| sample.time_s - s).find(|s| (0.0..1.6).contains(s));
            let pitch_deg = since_s.map_or(0.0, |s| 8.0 * (s / 0.8).min(1.0) as f32);
            sample.pose = Some(HeadPose { pitch_deg, ..HeadPose::default() });
        }
        let found = findings(&samples);
        found.events.iter().filter(|e| e.kind == EventKind::Closure).count()
    };
    assert_eq!(closures(true), 4);
    assert_eq!(closures(false), 0);
}

#[test]
#[ignore = "not met: 4 of 5 pulls of a mouth 0.9 s after the other side's spasm"]
fn a_spasm_of_one_side_is_no_speech_beside_the_other_side() {
    let tracker = TrackerModel::default();
    let course = [0.08, 0.1, 0.15];
    // Of the right side nothing but the corner of the mouth, 0.9 s after a spasm of the left.
    let right = |eye_mfu: f64| {
        let scenario = recording(8, 30.0, 5, |_| {
            let eye = pull(&tracker, Region::Periocular, 0.0, eye_mfu, course);
            let chin = pull(&tracker, Region::Jaw, 0.04, 40.0, course);
            let mouth = pull(&tracker, Region::MouthCorner, 0.05, 60.0, course);
            let own = pull(&tracker, Region::MouthCorner, 0.9, 40.0, course);
            let left = [eye, mouth, chin].map(|c| on_the_left(&c, 1.0));
            left.into_iter().filter(|c| c.amplitude > 0.0).chain([own]).collect()
        });
        let found = sides(&analyze(&Motion::new(&scenario), &tracker));
        found.into_iter().filter(|side| *side == Laterality::Right).count()
    };
    assert_eq!(right(40.0), 5);
    // Mouth and chin without the eye may as well speak.
    assert_eq!(right(0.0), 0);
}

#[test]
fn a_cheek_that_stands_off_does_not_glue_together_what_moves_meanwhile() {
    let tracker = TrackerModel::default();
    let scenario = recording(9, 30.0, 3, |_| {
        let course = [0.08, 0.1, 0.15];
        vec![
            pull(&tracker, Region::Cheek, 0.0, 12.0, [0.1, 2.3, 0.1]),
            pull(&tracker, Region::Periocular, 1.5, 40.0, course),
            pull(&tracker, Region::MouthCorner, 1.55, 60.0, course),
        ]
    });
    let found = analyze(&Motion::new(&scenario), &tracker);
    for spec in &scenario.events {
        let twitch = found.events.iter().find(|e| (e.start_s - spec.start_s - 1.5).abs() < 0.1);
        let twitch = twitch.expect("the twitch is an event of its own");
        assert_eq!(twitch.kind, EventKind::Twitch);
        assert_eq!(twitch.spread.concat(), [Region::Periocular, Region::MouthCorner]);
    }
}

#[test]
#[ignore = "not met: none of 4 while the head turns by 12 degrees"]
fn a_mouth_that_pulls_and_lets_go_while_the_head_turns_is_found() {
    let tracker = TrackerModel::default();
    let scenario = recording(10, 30.0, 4, |_| {
        vec![pull(&tracker, Region::MouthCorner, 0.05, 50.0, [0.15, 0.8, 0.2])]
    });
    let starts: Vec<f64> = scenario.events.iter().map(|e| e.start_s).collect();
    let mut samples = signals(&Motion::new(&scenario), &tracker);
    for sample in &mut samples {
        // The head turns by 12 degrees, and the next time back: enough to feign the rise.
        let turned = starts.iter().map(|s| ((sample.time_s - s) / 0.3).clamp(0.0, 1.0));
        let yaw = turned.enumerate().map(|(i, part)| if i % 2 == 0 { part } else { -part });
        let yaw_deg = 12.0 * yaw.sum::<f64>() as f32;
        sample.pose = Some(HeadPose { yaw_deg, ..HeadPose::default() });
    }
    let found = sides(&findings(&samples));
    assert_eq!(found, [Laterality::Right; 4]);
}

/// Places that jump, climb, wobble and vanish without any sense.
fn wild(seed: u64) -> Vec<Sample> {
    let mut rng = ChaCha8Rng::seed_from_u64(seed);
    let fps = rng.random_range(24.0..60.0);
    let mut levels = PerPlace::<f64>::default();
    let mut aims = PerPlace::<f64>::default();
    (0..(20.0 * fps) as u64)
        .map(|index| {
            let time_s = index as f64 / fps;
            for place in Place::ALL {
                if rng.random_bool(0.03) {
                    aims[place] = rng.random_range(-60.0..90.0);
                }
                let part = if rng.random_bool(0.5) { 0.6 } else { 0.1 };
                levels[place] += part * (aims[place] - levels[place]);
            }
            if rng.random_bool(0.002) {
                return Sample::gap(index, time_s);
            }
            let displacement = PerPlace::from_fn(|place| {
                Some((levels[place] + rng.random_range(-0.5..0.5)) as f32)
            });
            let pitch_deg = 0.05 * levels[Place::ALL[0]] as f32;
            Sample {
                track: Some(0),
                presence: 1.0,
                pose: Some(HeadPose { pitch_deg, ..HeadPose::default() }),
                eyes: PerSide::default(),
                displacement,
                visible: PerPlace::from_fn(|_| 1.0),
                ..Sample::gap(index, time_s)
            }
        })
        .collect()
}

#[test]
fn whatever_moves_nothing_ends_before_it_begins() {
    for seed in 0..60 {
        let found = findings(&wild(seed));
        assert!(!found.events.is_empty(), "{seed}");
        for event in &found.events {
            assert!(event.start_s <= event.end_s, "{seed}: {event:?}");
            for c in &event.contractions {
                assert!(c.onset_ci_s[0] <= c.onset_s && c.onset_s <= c.onset_ci_s[1], "{c:?}");
                assert!(c.onset_s <= c.end_s, "{seed}: {c:?}");
            }
        }
    }
}
