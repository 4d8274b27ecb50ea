//! What the analyzer reads of a painted face when one muscle at a time is commanded: tracking,
//! response, crosstalk to the other side, and timing.
#![cfg(feature = "video")]
#![allow(clippy::print_stderr)]

use std::convert::Infallible;
use std::sync::atomic::AtomicBool;

use spasmograph::analyzer::Step;
use spasmograph::anatomy::{Place, Region, Side};
use spasmograph::event::EventKind;
use spasmograph::face::FaceObservation;
use spasmograph::models::ModelStore;
use spasmograph::pipeline::{self, Options, Sink};
use spasmograph::signal::Sample;
use spasmograph::source::Frame;
use spasmograph::synth::{
    ContractionSpec, EventSpec, HairColour, Head, Motion, OPEN_LID_MFU, PaintedSource, Person,
    Scenario, SkinTone,
};

/// One commanded contraction of one place.
const COMMANDS: [(Region, f64); 5] = [
    (Region::Periocular, 1.0),
    (Region::Cheek, 36.0),
    (Region::MouthCorner, 58.0),
    (Region::Forehead, 36.0),
    (Region::Jaw, 24.0),
];
const JAW_OPENING: f64 = 120.0;
const COURSE: [f64; 3] = [0.13, 0.45, 0.25];

/// The models, or word that the test is skipped.
fn models() -> Option<ModelStore> {
    match ModelStore::open() {
        Ok(store) => Some(store),
        Err(error) => {
            eprintln!("skipped: {error}");
            None
        }
    }
}

/// A person who contracts every place once, alone, after a second of rest.
fn one_at_a_time(sides: &[Side]) -> Scenario {
    let mut events = Vec::new();
    let mut start_s = 1.5;
    let mut add = |region, side, amplitude| {
        let [rise_s, hold_s, fall_s] = COURSE;
        let lag_s = 0.0;
        let train = None;
        events.push(EventSpec {
            kind: EventKind::Spasm,
            start_s,
            contractions: vec![ContractionSpec {
                region,
                side,
                lag_s,
                rise_s,
                hold_s,
                fall_s,
                amplitude,
                train,
            }],
            uncertain: false,
        });
        // Off the frame grid, so that half levels are passed between frames.
        start_s += 1.537;
    };
    for (region, amplitude) in COMMANDS {
        for side in sides {
            add(region, Some(*side), amplitude);
        }
    }
    add(Region::Jaw, None, JAW_OPENING);
    let mut scenario = Scenario::still("one-at-a-time", start_s + 0.6);
    scenario.events = events;
    scenario.head.sway = 0.4;
    scenario
}

/// Samples of a whole recording, and in how many frames the face was followed.
#[derive(Default)]
struct Kept {
    samples: Vec<Sample>,
    frames: usize,
    followed: usize,
}

impl Sink for Kept {
    type Error = Infallible;
    fn step(&mut self, _: &Frame, seen: &FaceObservation, step: &Step) -> Result<(), Infallible> {
        self.frames += 1;
        self.followed += usize::from(seen.face.is_ok());
        self.samples.extend(step.settled.iter().cloned());
        Ok(())
    }
    fn end(&mut self, step: &Step) -> Result<(), Infallible> {
        self.samples.extend(step.settled.iter().cloned());
        Ok(())
    }
}

fn analyze(scenario: &Scenario, models: &ModelStore) -> Kept {
    let source = Box::new(PaintedSource::new(scenario).expect("a valid scenario"));
    let mut kept = Kept::default();
    pipeline::run(source, models, &Options::default(), &AtomicBool::new(false), &mut kept)
        .expect("the painted face is analyzed");
    kept
}

/// What was read of one command.
#[derive(Debug)]
struct Reading {
    place: Place,
    /// Measured over commanded.
    response: f32,
    /// Largest reading of the same region on the other side over this side's.
    crosstalk: f32,
    /// Half-level crossings up and down: measured less true, frames.
    late: [f64; 2],
}

fn readings(kept: &Kept, scenario: &Scenario) -> Vec<Reading> {
    let motion = Motion::new(scenario);
    scenario.events.iter().map(|event| reading(kept, &motion, event)).collect()
}

fn reading(kept: &Kept, motion: &Motion, event: &EventSpec) -> Reading {
    let place = event.contractions[0].place();
    let [rise, hold, fall] = COURSE;
    let start = event.start_s;
    let value = |place: Place, from: f64, to: f64| {
        let mut values: Vec<f32> = kept
            .samples
            .iter()
            .filter(|s| (from..to).contains(&s.time_s))
            .filter_map(|s| s.displacement[place])
            .collect();
        values.sort_by(f32::total_cmp);
        *values.get(values.len() / 2).unwrap_or_else(|| panic!("{place} is read from {from} s"))
    };
    let top = (start + rise + 0.04, start + rise + hold - 0.02);
    // Rest before and after, so that slow wander of the head's removal does not count.
    let end = start + rise + hold + fall;
    let rest = |place: Place| {
        0.5 * (value(place, start - 0.4, start - 0.02) + value(place, end + 0.08, end + 0.46))
    };
    let read = |place: Place| value(place, top.0, top.1) - rest(place);
    let own = read(place);
    let commanded = motion.at(0.5 * (top.0 + top.1)).displacement[place] as f32;
    let other = place.side.map_or(0.0, |_| read(place.mirrored()).abs());
    let half = rest(place) + 0.5 * own;
    let course = |t: f64| motion.at(t).displacement[place] - 0.5 * f64::from(commanded);
    let truth =
        [crossing(&course, start, start + rise), crossing(&course, start + rise + hold, end)];
    let seen = |from: f64, to: f64, up: bool| {
        let around: Vec<(f64, f32)> = kept
            .samples
            .iter()
            .filter(|s| (from..to).contains(&s.time_s))
            .filter_map(|s| s.displacement[place].map(|v| (s.time_s, v)))
            .collect();
        around
            .windows(2)
            .find(|w| {
                if up { w[0].1 < half && w[1].1 >= half } else { w[0].1 >= half && w[1].1 < half }
            })
            .map(|w| w[0].0 + (w[1].0 - w[0].0) * f64::from((half - w[0].1) / (w[1].1 - w[0].1)))
    };
    let fps = scenario_fps(motion);
    let late = |seen: Option<f64>, truth: f64| seen.map_or(9.0, |t| (t - truth) * fps);
    Reading {
        place,
        response: own / commanded,
        crosstalk: other / own.abs().max(1e-3),
        late: [
            late(seen(start - 0.1, start + rise + 0.15, true), truth[0]),
            late(seen(start + rise + 0.1, end + 0.2, false), truth[1]),
        ],
    }
}

fn scenario_fps(motion: &Motion) -> f64 {
    motion.scenario().camera.fps
}

/// Where a monotonous course passes zero.
fn crossing(course: &dyn Fn(f64) -> f64, mut low: f64, mut high: f64) -> f64 {
    let rising = course(high) > course(low);
    for _ in 0..40 {
        let middle = 0.5 * (low + high);
        if (course(middle) > 0.0) == rising {
            high = middle;
        } else {
            low = middle;
        }
    }
    0.5 * (low + high)
}

fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    values[values.len() / 2]
}

/// Response that a region must show at least, and at most: the curve stated in ARCHITECTURE.
fn band(region: Region) -> std::ops::Range<f32> {
    match region {
        Region::Periocular => 0.55..1.15,
        Region::Forehead => 0.6..1.2,
        Region::Cheek | Region::Jaw => 0.3..1.2,
        Region::MouthCorner => 0.3..1.0,
    }
}

/// Prints what was read and returns what does not hold.
fn check(name: &str, kept: &Kept, scenario: &Scenario) -> Vec<String> {
    let followed = kept.followed as f64 / kept.frames as f64;
    let all = readings(kept, scenario);
    let mut wrong = Vec::new();
    eprintln!("{name}: followed {:.1} % of {}", 100.0 * followed, kept.frames);
    if followed < 0.99 {
        wrong.push(format!("{name}: followed {followed}"));
    }
    for r in &all {
        let [up, down] = r.late;
        eprintln!(
            "  {:20} response {:.2}  other side {:4.1} %  half level {up:+.2} {down:+.2} frames",
            r.place.to_string(),
            r.response,
            100.0 * r.crosstalk,
        );
        if !band(r.place.region).contains(&r.response) || r.crosstalk >= 0.12 {
            wrong.push(format!("{name}: {r:?}"));
        }
    }
    let late = median(all.iter().flat_map(|r| r.late).map(f64::abs).collect());
    eprintln!("  half levels {late:.2} frames off at the median");
    if late >= 0.5 {
        wrong.push(format!("{name}: half levels are {late} frames off at the median"));
    }
    wrong
}

#[test]
fn one_muscle_at_a_time_is_read_on_its_side_and_in_time() {
    let Some(models) = models() else { return };
    let scenario = one_at_a_time(&[Side::Left]);
    let wrong = check("frontal, light skin", &analyze(&scenario, &models), &scenario);
    assert!(wrong.is_empty(), "{wrong:#?}");
}

/// The table over turn of the head, skin and size: minutes.
#[test]
#[ignore = "paints and analyzes some minutes of video"]
fn readings_hold_over_turn_skin_and_size() {
    let Some(models) = models() else { return };
    let mut wrong = Vec::new();
    let mut with = |name: &str, head: Head, person: Person, face_size: f64| {
        let mut scenario = one_at_a_time(&Side::BOTH);
        scenario.head = Head { sway: 0.4, ..head };
        scenario.person = person;
        scenario.camera.face_size = face_size;
        wrong.extend(check(name, &analyze(&scenario, &models), &scenario));
    };
    for yaw_deg in [-25.0, -15.0, 0.0, 15.0, 25.0] {
        let head = Head { yaw_deg, ..Head::default() };
        with(&format!("turned by {yaw_deg}"), head, Person::default(), 0.27);
    }
    for skin in [SkinTone::Pale, SkinTone::Olive, SkinTone::Brown, SkinTone::Dark] {
        let hair = HairColour::Black;
        let person = Person { skin, hair, ..Person::default() };
        with(&format!("{skin:?} skin"), Head::default(), person, 0.27);
    }
    for face_size in [0.18, 0.36] {
        let name = format!("face unit {face_size} of the height");
        with(&name, Head::default(), Person::default(), face_size);
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[test]
fn a_full_closure_is_commanded_as_the_lids_opening() {
    let scenario = one_at_a_time(&[Side::Right]);
    let event = &scenario.events[0];
    let moved = Motion::new(&scenario).at(event.start_s + 0.3).displacement;
    assert_eq!(moved[Place::new(Region::Periocular, Side::Right)], OPEN_LID_MFU);
}
