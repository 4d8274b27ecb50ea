//! Things painted over a part of a real face: what is hidden has no value, and what is seen is
//! found as before.

use std::convert::Infallible;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;

use spasmograph::analyzer::{Analyzer, Step};
use spasmograph::anatomy::{Place, Region, Side, eye};
use spasmograph::event::{Blink, Contraction, Event, EventKind, Findings};
use spasmograph::face::{FaceObservation, Landmarks};
use spasmograph::pipeline::{Options, Pipeline, Sink};
use spasmograph::signal::Sample;
use spasmograph::source::{Frame, Input, Opening, Pixels, Source, SourceError, StreamInfo};
use spasmograph::synth::{ContractionSpec, EventSpec, InjectedSource, Injector, Scenario};
use spasmograph::thresholds::Thresholds;

use crate::support::pipeline::models;
use crate::support::recordings::case;

/// Where a part of the face is in each frame, and how wide the eye of its side is, pixels.
type Course = Vec<Option<([f32; 2], f32)>>;

/// Keeps the samples and where one part is.
struct Kept {
    part: Place,
    course: Course,
    samples: Vec<Sample>,
}

impl Sink for Kept {
    type Error = Infallible;
    fn step(&mut self, _: &Frame, seen: &FaceObservation, step: &Step) -> Result<(), Infallible> {
        self.course.push(seen.face.as_deref().ok().map(|face| spot(self.part, &face.landmarks)));
        self.samples.extend_from_slice(&step.settled);
        Ok(())
    }
    fn end(&mut self, step: &Step) -> Result<(), Infallible> {
        self.samples.extend_from_slice(&step.settled);
        Ok(())
    }
}

/// The middle of a part of the face, and the width of its side's eye.
fn spot(part: Place, landmarks: &Landmarks) -> ([f32; 2], f32) {
    let side = part.side.expect("a part of one side");
    let marks = eye(side);
    let at = |i: usize| [landmarks[i][0], landmarks[i][1]];
    let between = |a: [f32; 2], b: [f32; 2]| [(a[0] + b[0]) / 2.0, (a[1] + b[1]) / 2.0];
    let (outer, inner) = (at(marks.outer), at(marks.inner));
    let middle = match (part.region, side) {
        (Region::Cheek, Side::Right) => between(at(50), at(205)),
        (Region::Cheek, Side::Left) => between(at(280), at(425)),
        (Region::MouthCorner, Side::Right) => at(61),
        (Region::MouthCorner, Side::Left) => at(291),
        (Region::Forehead, _) => at(marks.brow[2]),
        _ => between(outer, inner),
    };
    (middle, (outer[0] - inner[0]).hypot(outer[1] - inner[1]))
}

/// What is painted.
#[derive(Debug, Clone, Copy)]
enum Thing {
    /// An ellipse in the colour of the skin between the brows.
    Skin,
    /// A dark one.
    Dark,
    /// A waving hand of another recording.
    Hand,
}

/// What shows a hand before a background of one colour, frame by frame: width and pixels.
struct Hand(Vec<(usize, Vec<u8>)>);

impl Hand {
    /// The hand at the right edge of a recording of somebody who waves with both before orange.
    fn wave() -> Self {
        let input = Input::File(case("healthy/laugh-wave-orange.mp4"));
        let mut source = input.open(&Opening::default()).unwrap();
        let (mut frame, mut all) = (Frame::default(), Vec::new());
        while source.read_into(&mut frame).unwrap() {
            let (left, width) = (frame.width * 7 / 10, frame.width - frame.width * 7 / 10);
            let bgr = frame.bgr();
            let rows = bgr.chunks_exact(3 * frame.width);
            all.push((width, rows.flat_map(|row| &row[3 * left..]).copied().collect()));
        }
        Self(all)
    }

    /// Lays it over a picture, its palm at `x`, `y` and about `size` pixels wide.
    fn lay_over(&self, index: usize, bgr: &mut [u8], columns: usize, [x, y]: [f32; 2], size: f32) {
        let (width, hand) = &self.0[index % self.0.len()];
        // Orange has next to no blue; the shirt is white.
        let skin = |p: &[u8]| p[0] > p[2] / 3 && p[0] < 190 && p[2] > 40;
        let height = hand.len() / (3 * width);
        let top = (0..height).find(|row| {
            hand[3 * width * row..][..3 * width].chunks_exact(3).filter(|p| skin(p)).count() > 4
        });
        let Some(top) = top else { return };
        // The hand is about half as wide as what was cut out, the palm as far below its tips.
        let (reach, palm) = (width / 2, top + width / 3);
        let rows = &hand[3 * width * top..(3 * width * (top + reach)).min(hand.len())];
        let held = rows.chunks_exact(3).enumerate().filter(|(_, p)| skin(p));
        let (sum, n) = held.fold((0, 0), |(sum, n), (i, _)| (sum + i % width, n + 1));
        let middle = sum as f32 / n.max(1) as f32;
        let scale = reach as f32 / size;
        for (i, pixel) in bgr.chunks_exact_mut(3).enumerate() {
            let (dx, dy) = ((i % columns) as f32 - x, (i / columns) as f32 - y);
            let (u, v) = (middle + scale * dx, palm as f32 + scale * dy);
            if u < 0.0 || v < 0.0 || u >= *width as f32 || v >= (top + reach).min(height) as f32 {
                continue;
            }
            let from = &hand[3 * (v as usize * width + u as usize)..][..3];
            if skin(from) {
                pixel.copy_from_slice(from);
            }
        }
    }
}

/// A recording with a thing over a part of the face in its middle third.
struct Painted {
    source: Box<dyn Source>,
    thing: Thing,
    hand: Arc<Hand>,
    course: Course,
}

impl Source for Painted {
    fn info(&self) -> &StreamInfo {
        self.source.info()
    }
    fn read_into(&mut self, frame: &mut Frame) -> Result<bool, SourceError> {
        if !self.source.read_into(frame)? {
            return Ok(false);
        }
        let (index, third) = (frame.index as usize, self.course.len() / 3);
        let here = self.course.get(index).copied().flatten();
        let Some(([x, y], width)) = here.filter(|_| (third..2 * third).contains(&index)) else {
            return Ok(true);
        };
        let mut bgr = frame.bgr().into_owned();
        let colour = match self.thing {
            Thing::Skin => frame.colour(x as usize, (y - 1.4 * width).max(0.0) as usize),
            Thing::Dark => [30; 3],
            Thing::Hand => {
                self.hand.lay_over(index, &mut bgr, frame.width, [x, y], 2.4 * width);
                frame.pixels = Pixels::Bgr(bgr);
                return Ok(true);
            }
        };
        for (i, pixel) in bgr.chunks_exact_mut(3).enumerate() {
            let (dx, dy) = ((i % frame.width) as f32 - x, (i / frame.width) as f32 - y);
            if (dx / (0.95 * width)).hypot(dy / (0.75 * width)) < 1.0 {
                pixel.copy_from_slice(&colour);
            }
        }
        frame.pixels = Pixels::Bgr(bgr);
        Ok(true)
    }
}

/// What became of a recording with a thing over one part of the face.
#[derive(Debug, Default)]
struct Told {
    /// Parts of the frames in which the part had no value: while it was hidden, before, and after.
    hidden: [f64; 3],
    /// Blinks of the recording as it is, and those of them that were found again.
    blinks: [usize; 2],
    /// Contractions put in that were told without the thing, and those of them told with it.
    put_in: [usize; 2],
    /// Twitches and spasms beyond those that were put in.
    involuntary: usize,
    /// Twitches and spasms with a contraction of the part that began while it was hidden.
    named: usize,
}

impl std::iter::Sum for Told {
    fn sum<I: Iterator<Item = Self>>(all: I) -> Self {
        all.fold(Self::default(), |sum, told| Self {
            hidden: std::array::from_fn(|i| sum.hidden[i] + told.hidden[i]),
            blinks: std::array::from_fn(|i| sum.blinks[i] + told.blinks[i]),
            put_in: std::array::from_fn(|i| sum.put_in[i] + told.put_in[i]),
            involuntary: sum.involuntary + told.involuntary,
            named: sum.named + told.named,
        })
    }
}

/// Twitches of lids, cheek and mouth of a side, one every two seconds and a half.
fn twitches(side: Side) -> Scenario {
    let mut scenario = Scenario::still("twitches", 80.0);
    let contraction = |region: Region, lag_s: f64, amplitude: f64| ContractionSpec {
        region,
        side: Some(side),
        lag_s,
        rise_s: 0.09,
        hold_s: 0.05,
        fall_s: 0.18,
        amplitude,
        train: None,
        course: None,
    };
    let twitch = |i: u32| EventSpec {
        kind: EventKind::Twitch,
        start_s: 1.2 + 2.5 * f64::from(i),
        contractions: vec![
            contraction(Region::Periocular, 0.0, 0.85),
            contraction(Region::Cheek, 0.06, 40.0),
            contraction(Region::MouthCorner, 0.12, 60.0),
        ],
        uncertain: false,
    };
    scenario.events = (0..30).map(twitch).collect();
    scenario
}

/// Analyzes a recording with each thing over a part of the face for a third of its time. With
/// `put_in`, the other side twitches throughout.
fn behind(clip: &Path, part: Place, things: &[Thing], put_in: bool) -> Vec<(Thing, Told)> {
    let (thresholds, hand) = (Thresholds::default(), Arc::new(Hand::wave()));
    let mut pipeline = Pipeline::new(&models(), &thresholds).unwrap();
    let mut run = |source: Box<dyn Source>| {
        let mut kept = Kept { part, course: Vec::new(), samples: Vec::new() };
        let stop = AtomicBool::new(false);
        let done = pipeline.run(source, &Options::default(), &stop, &mut kept).unwrap();
        let mut outcome = done.outcome;
        Analyzer::review(&mut kept.samples, &mut outcome, &thresholds, None);
        (kept, outcome.findings)
    };
    let scenario = put_in.then(|| twitches(part.side.unwrap().opposite()));
    let open = || -> Box<dyn Source> {
        let plain = Input::File(clip.to_owned()).open(&Opening::default()).unwrap();
        match &scenario {
            None => plain,
            Some(scenario) => {
                Box::new(InjectedSource::new(Injector::new(scenario, &models()).unwrap(), plain))
            }
        }
    };
    let (clean, plain) = run(open());
    let put_in = scenario.iter().flat_map(|scenario| &scenario.events);
    let starts: Vec<f64> = put_in.map(|event| event.start_s).collect();
    let at = |event: &Event, start_s: f64| event.start_s < start_s + 0.5 && event.end_s > start_s;
    let told = |found: &Findings, start_s: f64| {
        found.events.iter().any(|event| event.kind.is_involuntary() && at(event, start_s))
    };
    things
        .iter()
        .map(|&thing| {
            let (hand, course) = (Arc::clone(&hand), clean.course.clone());
            let painted = Painted { source: open(), thing, hand, course };
            let third = clean.course.len() / 3;
            let (kept, found) = run(Box::new(painted));
            let part_of = |from: usize, to: usize| {
                let of = &kept.samples[from..to.min(kept.samples.len())];
                let hidden = of.iter().filter(|own| own.displacement[part].is_none());
                hidden.count() as f64 / of.len() as f64
            };
            let again = |blink: &&Blink| {
                found.blinks.iter().any(|own| (own.peak_s - blink.peak_s).abs() < 0.1)
            };
            let (from_s, to_s) = (kept.samples[third].time_s, kept.samples[2 * third].time_s);
            let of_part = |c: &Contraction| {
                (c.region, c.side) == (part.region, part.side)
                    && c.onset_s > from_s
                    && c.end_s < to_s
            };
            let involuntary = || found.events.iter().filter(|event| event.kind.is_involuntary());
            let before: Vec<f64> = starts.iter().copied().filter(|s| told(&plain, *s)).collect();
            let told = Told {
                hidden: [
                    part_of(third, 2 * third),
                    part_of(10, third - 9),
                    part_of(2 * third + 15, kept.samples.len()),
                ],
                blinks: [plain.blinks.len(), plain.blinks.iter().filter(again).count()],
                put_in: [before.len(), before.iter().filter(|s| told(&found, **s)).count()],
                involuntary: involuntary()
                    .filter(|event| !starts.iter().any(|start_s| at(event, *start_s)))
                    .count(),
                named: involuntary().filter(|e| e.contractions.iter().any(of_part)).count(),
            };
            println!("{}, {part:?}, {thing:?}: {told:?}", clip.display());
            (thing, told)
        })
        .collect()
}

const THINGS: [Thing; 3] = [Thing::Skin, Thing::Dark, Thing::Hand];

#[test]
fn an_eye_behind_something_has_no_value_and_the_other_blinks_as_before() {
    let eye = Place::new(Region::Periocular, Side::Left);
    for (thing, told) in behind(&case("phone-portrait-vfr.mp4"), eye, &THINGS, false) {
        let [during, before, after] = told.hidden;
        assert!(during > 0.95 && before < 0.02 && after < 0.1, "{thing:?}: {told:?}");
        assert_eq!(told.blinks[0], told.blinks[1], "{thing:?}");
        assert_eq!((told.involuntary, told.named), (0, 0), "{thing:?}");
    }
}

/// Recordings with rated blinks of both eyes.
const CLIPS: [&str; 8] = [
    "seven-blinks",
    "phone-portrait-vfr",
    "glasses-webcam",
    "talking-jump-cuts",
    "people/stage-speech",
    "people/phone-glasses-speech",
    "people/look-down-256",
    "people/selfie-profile-turn",
];

#[test]
#[ignore = "not met: 5 of 354 blinks are lost; eight recordings with a thing over either eye"]
fn either_eye_behind_something_in_every_recording() {
    let of = |clip: &str| -> Told {
        let clip = case(&format!("{clip}.mp4"));
        let eyes = Side::BOTH.map(|side| Place::new(Region::Periocular, side));
        eyes.into_iter().flat_map(|eye| behind(&clip, eye, &THINGS, false)).map(|t| t.1).sum()
    };
    let told: Told = CLIPS.into_iter().map(of).sum();
    println!("{told:?}");
    assert_eq!((told.blinks[1], told.involuntary, told.named), (told.blinks[0], 0, 0));
}

#[test]
#[ignore = "not met: of contractions put into the other side a fifth are lost; ten minutes"]
fn brow_cheek_or_mouth_behind_something_name_nothing_and_the_other_side_is_told() {
    let regions = [Region::Forehead, Region::Cheek, Region::MouthCorner];
    let mut told = Told::default();
    for (i, clip) in CLIPS.into_iter().enumerate() {
        let clip = case(&format!("{clip}.mp4"));
        for region in regions {
            let part = Place::new(region, Side::BOTH[i % 2]);
            let all = behind(&clip, part, &THINGS, true).into_iter().map(|t| t.1);
            told = [told].into_iter().chain(all).sum();
        }
    }
    println!("{told:?}");
    assert_eq!((told.involuntary, told.named), (0, 0));
    assert!(10 * told.put_in[1] >= 9 * told.put_in[0], "{told:?}");
}
