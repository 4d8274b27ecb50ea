//! Things painted over one eye of a real face: what is hidden has no value, and what is seen is
//! found as before.

use std::convert::Infallible;
use std::sync::atomic::AtomicBool;

use spasmograph::analyzer::{Analyzer, Step};
use spasmograph::anatomy::{Place, Region, Side, eye};
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

#[test]
#[ignore = "not met: one blink of seven is lost where a skin-coloured thing hid the other eye"]
fn an_eye_behind_something_has_no_value_and_the_other_blinks_as_before() {
    let clip = case("phone-portrait-vfr.mp4");
    let thresholds = Thresholds::default();
    let mut pipeline = Pipeline::new(&models(), &thresholds).unwrap();
    let mut run = |source: Box<dyn Source>| {
        let mut kept = Kept { side: Side::Left, course: Vec::new(), samples: Vec::new() };
        let stop = AtomicBool::new(false);
        let done = pipeline.run(source, &Options::default(), &stop, &mut kept).unwrap();
        let mut outcome = done.outcome;
        Analyzer::review(&mut kept.samples, &mut outcome, &thresholds, None);
        (kept, outcome.findings)
    };
    let (clean, plain) = run(Input::File(clip.clone()).open(&Opening::default()).unwrap());
    for thing in [Thing::Skin, Thing::Dark] {
        let source = Input::File(clip.clone()).open(&Opening::default()).unwrap();
        let painted = Painted { source, thing, course: clean.course.clone() };
        let third = clean.course.len() / 3;
        let (kept, found) = run(Box::new(painted));
        let hidden = kept.samples.iter().map(|sample| sample.eyes.left.is_none());
        let hidden: Vec<bool> = hidden.collect();
        let part = |from: usize, to: usize| {
            hidden[from..to].iter().filter(|h| **h).count() as f64 / (to - from) as f64
        };
        println!(
            "{thing:?}: hidden {:.3}, before {:.3}",
            part(third, 2 * third),
            part(0, third - 9)
        );
        assert!(part(third, 2 * third) > 0.95, "{thing:?}");
        assert!(part(10, third - 9) < 0.02 && part(2 * third + 15, hidden.len()) < 0.1);
        for blink in &plain.blinks {
            let again = found.blinks.iter().any(|b| (b.peak_s - blink.peak_s).abs() < 0.1);
            assert!(again, "{thing:?}: {blink:?} is missing among {:?}", found.blinks);
        }
        assert!(found.events.iter().all(|e| !e.kind.is_involuntary()), "{:?}", found.events);
        let (from_s, to_s) = (kept.samples[third].time_s, kept.samples[2 * third].time_s);
        let lids = Place::new(Region::Periocular, Side::Left);
        for event in &found.events {
            let names = event.contractions.iter().any(|c| {
                (c.region, c.side) == (lids.region, lids.side)
                    && c.onset_s > from_s
                    && c.end_s < to_s
            });
            assert!(!names, "{event:?}");
        }
    }
}
