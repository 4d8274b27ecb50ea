//! Contractions put into a real recording: they are read on their side, and the other side
//! hardly moves.

use std::path::Path;

use spasmograph::anatomy::{Place, Region, Side};
use spasmograph::event::EventKind;
use spasmograph::report::Truth;
use spasmograph::source::VideoSource;
use spasmograph::synth::{ContractionSpec, EventSpec, OPEN_LID_MFU, Scenario, inject};

use crate::support::pipeline::{Kept, analyze, models};
use crate::support::recordings::case;

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
