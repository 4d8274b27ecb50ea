//! One frame through each stage, on the painted sample: what a stage costs a frame.

use std::hint::black_box;
use std::path::Path;

use criterion::{BatchSize, Criterion, criterion_group, criterion_main};
use spasmograph::event::EventDetector;
use spasmograph::face::{FaceObservation, FaceTracker};
use spasmograph::models::ModelStore;
use spasmograph::report::csv::SignalWriter;
use spasmograph::signal::{Sample, SignalStage};
use spasmograph::source::{Frame, Source, VideoSource};
use spasmograph::thresholds::Thresholds;

const SAMPLE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/samples/typical-right.mp4");

/// Frames that the later stages are measured on.
const FRAMES: usize = 150;

fn frames() -> Vec<Frame> {
    let mut source = VideoSource::open(Path::new(SAMPLE)).expect("the sample opens");
    std::iter::from_fn(|| source.next_frame().expect("the sample is whole")).take(FRAMES).collect()
}

fn decoding(c: &mut Criterion) {
    c.bench_function("source: decode the sample", |b| {
        b.iter(|| {
            let mut source = VideoSource::open(Path::new(SAMPLE)).expect("the sample opens");
            let mut frame = Frame::default();
            while source.read_into(&mut frame).expect("the sample is whole") {}
            black_box(frame.index)
        });
    });
}

fn stages(c: &mut Criterion) {
    let thresholds = Thresholds::default();
    let Ok(models) = ModelStore::open() else {
        // Without the models there is nothing to measure; `setup.sh` fetches them.
        return;
    };
    let frames = frames();
    let mut tracker = FaceTracker::new(&models, &thresholds.face).expect("the models load");
    let observations: Vec<FaceObservation> =
        frames.iter().map(|frame| tracker.track(frame).expect("the models run")).collect();
    let mut stage = SignalStage::new(&thresholds.signal);
    c.bench_function("signal: 150 frames", |b| {
        b.iter_batched(
            || SignalStage::new(&thresholds.signal),
            |mut stage| {
                observations.iter().map(|seen| stage.push(seen).settled.len()).sum::<usize>()
            },
            BatchSize::SmallInput,
        );
    });
    let mut samples: Vec<Sample> =
        observations.iter().flat_map(|seen| stage.push(seen).settled).collect();
    samples.extend(stage.finish());

    c.bench_function("event: 150 frames", |b| {
        b.iter_batched(
            || EventDetector::new(&thresholds, None),
            |mut detector| {
                for sample in &samples {
                    black_box(detector.push(sample));
                }
                detector.finish()
            },
            BatchSize::SmallInput,
        );
    });
    c.bench_function("report: signals.csv of 150 frames", |b| {
        b.iter(|| {
            let mut table = SignalWriter::new(Vec::new()).expect("memory takes rows");
            for sample in &samples {
                table.push(sample).expect("memory takes rows");
            }
            table.into_inner().expect("memory takes rows").len()
        });
    });
}

criterion_group!(benches, decoding, stages);
criterion_main!(benches);
