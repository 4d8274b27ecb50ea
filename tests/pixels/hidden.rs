//! Things painted over one eye of a real face: what is hidden has no value, and what is seen is
//! found as before.

use std::convert::Infallible;
use std::path::Path;
use std::sync::atomic::AtomicBool;

use spasmograph::analyzer::{Analyzer, Step};
use spasmograph::anatomy::{Region, Side, eye};
use spasmograph::event::{Blink, Contraction};
use spasmograph::face::FaceObservation;
use spasmograph::pipeline::{Options, Pipeline, Sink};
use spasmograph::signal::Sample;
use spasmograph::source::{Frame, Input, Opening, Pixels, Source, SourceError, StreamInfo};
use spasmograph::thresholds::Thresholds;

use crate::support::pipeline::models;
use crate::support::recordings::case;

/// Where an eye is in each frame, and how wide, pixels.
type Course = Vec<Option<([f32; 2], f32)>>;

/// Keeps the samples and where one eye is.
struct Kept {
    side: Side,
    course: Course,
    samples: Vec<Sample>,
}

impl Sink for Kept {
    type Error = Infallible;
    fn step(&mut self, _: &Frame, seen: &FaceObservation, step: &Step) -> Result<(), Infallible> {
        let marks = eye(self.side);
        self.course.push(seen.face.as_deref().ok().map(|face| {
            let [a, b] = [face.landmarks[marks.outer], face.landmarks[marks.inner]];
            let middle = [(a[0] + b[0]) / 2.0, (a[1] + b[1]) / 2.0];
            (middle, (a[0] - b[0]).hypot(a[1] - b[1]))
        }));
        self.samples.extend_from_slice(&step.settled);
        Ok(())
    }
    fn end(&mut self, step: &Step) -> Result<(), Infallible> {
        self.samples.extend_from_slice(&step.settled);
        Ok(())
    }
}

/// What is painted.
#[derive(Debug, Clone, Copy)]
enum Thing {
    /// The colour of the skin between the brows.
    Skin,
    Dark,
}

/// A recording with an ellipse over an eye in its middle third.
struct Painted {
    source: Box<dyn Source>,
    thing: Thing,
    course: Course,
}

impl Painted {
    fn hides(&self, index: usize) -> bool {
        let third = self.course.len() / 3;
        (third..2 * third).contains(&index)
    }
}

impl Source for Painted {
    fn info(&self) -> &StreamInfo {
        self.source.info()
    }
    fn read_into(&mut self, frame: &mut Frame) -> Result<bool, SourceError> {
        if !self.source.read_into(frame)? {
            return Ok(false);
        }
        let index = frame.index as usize;
        let Some(Some(([x, y], width))) = self.course.get(index).copied() else { return Ok(true) };
        if self.hides(index) {
            let colour = match self.thing {
                Thing::Skin => frame.colour(x as usize, (y - 1.4 * width) as usize),
                Thing::Dark => [30; 3],
            };
            let mut bgr = frame.bgr().into_owned();
            for (i, pixel) in bgr.chunks_exact_mut(3).enumerate() {
                let (dx, dy) = ((i % frame.width) as f32 - x, (i / frame.width) as f32 - y);
                if (dx / (0.95 * width)).hypot(dy / (0.75 * width)) < 1.0 {
                    pixel.copy_from_slice(&colour);
                }
            }
            frame.pixels = Pixels::Bgr(bgr);
        }
        Ok(true)
    }
}

/// What became of a recording with a thing over one eye.
#[derive(Debug)]
struct Told {
    /// Parts of the frames in which the eye had no value: while it was hidden, before, and after.
    hidden: [f64; 3],
    /// Blinks of the recording as it is, and those of them that were found again.
    blinks: [usize; 2],
    /// Twitches and spasms.
    involuntary: usize,
    /// Contractions of the hidden eye's lids while it was hidden.
    named: usize,
}

/// Analyzes a recording with each thing over the eye of a side for a third of its time.
fn behind(clip: &Path, side: Side) -> Vec<(Thing, Told)> {
    let thresholds = Thresholds::default();
    let mut pipeline = Pipeline::new(&models(), &thresholds).unwrap();
    let mut run = |source: Box<dyn Source>| {
        let mut kept = Kept { side, course: Vec::new(), samples: Vec::new() };
        let stop = AtomicBool::new(false);
        let done = pipeline.run(source, &Options::default(), &stop, &mut kept).unwrap();
        let mut outcome = done.outcome;
        Analyzer::review(&mut kept.samples, &mut outcome, &thresholds, None);
        (kept, outcome.findings)
    };
    let open = || Input::File(clip.to_owned()).open(&Opening::default()).unwrap();
    let (clean, plain) = run(open());
    let mut each = |thing: Thing| {
        let painted = Painted { source: open(), thing, course: clean.course.clone() };
        let third = clean.course.len() / 3;
        let (kept, found) = run(Box::new(painted));
        let part = |from: usize, to: usize| {
            let of = &kept.samples[from..to.min(kept.samples.len())];
            of.iter().filter(|own| own.eyes[side].is_none()).count() as f64 / of.len() as f64
        };
        let again =
            |blink: &&Blink| found.blinks.iter().any(|own| (own.peak_s - blink.peak_s).abs() < 0.1);
        let (from_s, to_s) = (kept.samples[third].time_s, kept.samples[2 * third].time_s);
        let named = |c: &&Contraction| {
            (c.region, c.side) == (Region::Periocular, Some(side))
                && c.onset_s > from_s
                && c.end_s < to_s
        };
        let told = Told {
            hidden: [
                part(third, 2 * third),
                part(10, third - 9),
                part(2 * third + 15, kept.samples.len()),
            ],
            blinks: [plain.blinks.len(), plain.blinks.iter().filter(again).count()],
            involuntary: found.events.iter().filter(|e| e.kind.is_involuntary()).count(),
            named: found.events.iter().flat_map(|e| &e.contractions).filter(named).count(),
        };
        (thing, told)
    };
    [Thing::Skin, Thing::Dark].map(&mut each).into()
}

#[test]
fn an_eye_behind_something_has_no_value_and_the_other_blinks_as_before() {
    for (thing, told) in behind(&case("phone-portrait-vfr.mp4"), Side::Left) {
        println!("{thing:?}: {told:?}");
        let [during, before, after] = told.hidden;
        assert!(during > 0.95 && before < 0.02 && after < 0.1, "{thing:?}: {told:?}");
        assert_eq!(told.blinks[0], told.blinks[1], "{thing:?}");
        assert_eq!((told.involuntary, told.named), (0, 0), "{thing:?}");
    }
}

#[test]
#[ignore = "not met: 4 of 236 blinks are lost; eight recordings with a thing over either eye"]
fn either_eye_behind_something_in_every_recording() {
    let clips = [
        "seven-blinks",
        "phone-portrait-vfr",
        "glasses-webcam",
        "talking-jump-cuts",
        "people/stage-speech",
        "people/phone-glasses-speech",
        "people/look-down-256",
        "people/selfie-profile-turn",
    ];
    let (mut blinks, mut again, mut involuntary, mut named) = (0, 0, 0, 0);
    for clip in clips {
        for side in Side::BOTH {
            for (thing, told) in behind(&case(&format!("{clip}.mp4")), side) {
                println!("{clip}, {side}, {thing:?}: {told:?}");
                blinks += told.blinks[0];
                again += told.blinks[1];
                involuntary += told.involuntary;
                named += told.named;
            }
        }
    }
    println!("{again} of {blinks} blinks, {involuntary} involuntary, {named} of the hidden lids");
    assert_eq!((again, involuntary, named), (blinks, 0, 0));
}
