//! Contractions put into a real recording: they are read on their side, and the other side
//! hardly moves.

use std::path::Path;

use spasmograph::anatomy::{Place, Region, Side};
use spasmograph::event::EventKind;
use spasmograph::face::FaceTracker;
use spasmograph::models::ModelStore;
use spasmograph::report::Truth;
use spasmograph::signal::SignalStage;
use spasmograph::source::{Frame, Source, VideoSource};
use spasmograph::synth::{
    ContractionSpec, EventSpec, InjectedSource, Injector, OPEN_LID_MFU, Scenario, inject,
};
use spasmograph::thresholds::{FaceThresholds, SignalThresholds};

use crate::support::pipeline::{Kept, analyze, models};
use crate::support::recordings::{case, cases};

const COMMANDS: [(Region, f64); 4] = [
    (Region::Periocular, 1.0),
    (Region::Cheek, 36.0),
    (Region::MouthCorner, 58.0),
    (Region::Forehead, 36.0),
];

/// The left side's places contracted one after another.
fn left_side() -> Scenario {
    let mut scenario = Scenario::still("left", 12.0);
    for (i, (region, amplitude)) in COMMANDS.into_iter().enumerate() {
        scenario.events.push(EventSpec {
            kind: EventKind::Spasm,
            start_s: 1.5 + 2.4 * i as f64,
            contractions: vec![ContractionSpec {
                region,
                side: Some(Side::Left),
                lag_s: 0.0,
                rise_s: 0.13,
                hold_s: 0.5,
                fall_s: 0.25,
                amplitude,
                train: None,
                course: None,
            }],
            uncertain: false,
        });
    }
    scenario
}

#[test]
#[ignore = "moves and analyzes a real recording: a minute"]
fn what_is_put_into_a_real_recording_moves_its_side_alone() {
    let models = models();
    let from = case("phone-portrait-vfr.mp4");
    let folder = tempfile::tempdir().unwrap();
    let scenario = left_side();
    let clip = match inject(&scenario, &from, &folder.path().join("moved.mp4"), |_, _| true) {
        Ok(clip) => clip,
        Err(error) if error.to_string().contains("ffmpeg") => unable!("{error}"),
        Err(error) => panic!("{error}"),
    };
    let truth = Truth::read(&clip.truth).unwrap();
    assert_eq!(truth.events.as_ref().map(Vec::len), Some(COMMANDS.len()));
    assert!(truth.blinks.is_none(), "the recording's own blinks are not rated");

    let read = |path: &Path| -> Kept {
        analyze(Box::new(VideoSource::open(path).expect("a video")), &models)
    };
    let (before, after) = (read(&from), read(&clip.video));
    assert_eq!(before.frames, after.frames);
    let mut wrong = Vec::new();
    for event in &scenario.events {
        let place = event.contractions[0].place();
        // What the recording shows of itself is in both, and falls out.
        let moved = |place: Place| {
            let read = |kept: &Kept, from: f64, to: f64| {
                let value = kept.value(place, event.start_s + from, event.start_s + to);
                value.expect("the place is read")
            };
            let of = |kept: &Kept| read(kept, 0.2, 0.6) - read(kept, -0.5, -0.02);
            of(&after) - of(&before)
        };
        let (own, other) = (moved(place), moved(place.mirrored()).abs());
        eprintln!("{place}: {own:.1} mFU read, the other side {:.1} %", 100.0 * other / own);
        let commanded = match place.region {
            Region::Periocular => OPEN_LID_MFU as f32,
            _ => event.contractions[0].amplitude as f32,
        };
        // What the tracker reads of a pull in such a picture is its own matter; that it is read
        // at all, and not beside it, is the injection's.
        if own < 0.12 * commanded || other > 0.1 * own {
            wrong.push(format!("{place}: {own} of {commanded}, the other side {other}"));
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

/// Frames of a recording that are looked at.
const LOOKED_AT: usize = 150;

/// Lid openings of the first frames, left and right; `None` where no face is seen.
fn openings(source: &mut dyn Source, models: &ModelStore) -> Vec<Option<[f32; 2]>> {
    let mut tracker = FaceTracker::new(models, &FaceThresholds::default()).expect("models load");
    let mut stage = SignalStage::new(&SignalThresholds::default());
    let mut frame = Frame::default();
    let mut seen = Vec::new();
    while seen.len() < LOOKED_AT && source.read_into(&mut frame).expect("a frame") {
        let observation = tracker.track(&frame).expect("the model runs");
        let sample = stage.push(&observation).preview;
        seen.push(sample.and_then(|s| Some([s.eyes.left?.opening, s.eyes.right?.opening])));
    }
    seen
}

/// The eyes of a recording shut for its whole length, one and then the other: the part of the
/// opening by which each is read to shut, middle over the frames in which it is open by itself.
fn read_when_shut(path: &Path, models: &ModelStore) -> [Option<f32>; 2] {
    let open = |path: &Path| VideoSource::open(path).expect("a video");
    let own = openings(&mut open(path), models);
    [Side::Left, Side::Right].map(|side| {
        let mut scenario = Scenario::still("shut", 60.0);
        scenario.events.push(EventSpec {
            kind: EventKind::Spasm,
            start_s: 0.0,
            contractions: vec![ContractionSpec {
                region: Region::Periocular,
                side: Some(side),
                lag_s: 0.0,
                rise_s: 0.005,
                hold_s: 59.0,
                fall_s: 0.1,
                amplitude: 1.0,
                train: None,
                course: None,
            }],
            uncertain: false,
        });
        let injector = Injector::new(&scenario, models).expect("a scenario");
        let shut = openings(&mut InjectedSource::new(injector, open(path)), models);
        let of = |pair: &[f32; 2]| pair[side as usize];
        let mut level: Vec<f32> = own.iter().flatten().map(of).collect();
        level.sort_by(f32::total_cmp);
        let level = *level.get(7 * level.len() / 10)?;
        let mut read: Vec<f32> = own
            .iter()
            .zip(&shut)
            .skip(15)
            .filter_map(|(own, shut)| Some((of(own.as_ref()?), of(shut.as_ref()?))))
            // An eye that is narrow or shut by itself shows no closing.
            .filter(|(own, _)| *own > 0.8 * level && *own > 0.14)
            .map(|(own, shut)| (own - shut) / own)
            .collect();
        read.sort_by(f32::total_cmp);
        (read.len() >= 15).then(|| read[read.len() / 2])
    })
}

#[test]
#[ignore = "shuts the eyes of all strangers: some minutes"]
fn eyes_of_strangers_that_are_shut_are_read_as_shut() {
    let (models, cases) = (models(), cases());
    let mut read = Vec::new();
    for folder in ["healthy", "people"] {
        let mut files: Vec<_> = std::fs::read_dir(cases.join(folder))
            .expect("a folder of cases")
            .map(|entry| entry.expect("an entry").path())
            .filter(|path| path.extension().is_some_and(|e| e == "mp4" || e == "mpg"))
            .collect();
        files.sort();
        for path in files {
            let seen = read_when_shut(&path, &models);
            eprintln!("{}: left, right {seen:.2?}", path.display());
            read.extend(seen.into_iter().flatten());
        }
    }
    read.sort_by(f32::total_cmp);
    let over = read.iter().filter(|r| **r >= 0.8).count() as f32 / read.len() as f32;
    let (quartile, median) = (read[read.len() / 4], read[read.len() / 2]);
    eprintln!(
        "{} eyes: median {median:.2}, lowest quarter under {quartile:.2}, {over:.2} at 0.8 or more",
        read.len()
    );
    assert!(median >= 0.8 && quartile >= 0.7, "median {median}, quartile {quartile}");
}
