//! The library's pipeline over a recording.

use std::convert::Infallible;
use std::sync::atomic::AtomicBool;

use spasmograph::analyzer::Step;
use spasmograph::anatomy::Place;
use spasmograph::face::FaceObservation;
use spasmograph::models::ModelStore;
use spasmograph::pipeline::{Options, Pipeline, Sink};
use spasmograph::signal::Sample;
use spasmograph::source::{Frame, Source};
use spasmograph::thresholds::Thresholds;

/// The models, which a test needs.
pub fn models() -> ModelStore {
    ModelStore::open().unwrap_or_else(|error| unable!("{error}"))
}

/// Samples of a whole recording, and in how many frames the face was followed.
#[derive(Default)]
pub struct Kept {
    pub samples: Vec<Sample>,
    pub frames: usize,
    pub followed: usize,
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

impl Kept {
    /// The middle of what was read of a place from `from` until `to`, seconds; `None` where it
    /// was not read.
    pub fn value(&self, place: Place, from: f64, to: f64) -> Option<f32> {
        let mut values: Vec<f32> = self
            .samples
            .iter()
            .filter(|s| (from..to).contains(&s.time_s))
            .filter_map(|s| s.displacement[place])
            .collect();
        values.sort_by(f32::total_cmp);
        values.get(values.len() / 2).copied()
    }
}

/// Runs the pipeline over a source to its end.
pub fn analyze(source: Box<dyn Source>, models: &ModelStore) -> Kept {
    let mut kept = Kept::default();
    let mut pipeline = Pipeline::new(models, &Thresholds::default()).expect("the models load");
    pipeline
        .run(source, &Options::default(), &AtomicBool::new(false), &mut kept)
        .expect("the recording is analyzed");
    kept
}
