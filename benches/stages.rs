//! The painted sample through each stage: what a stage costs, and the event stage's part of all.
#![allow(clippy::print_stdout)]

use std::hint::black_box;
use std::path::Path;
use std::time::{Duration, Instant};

use criterion::{BatchSize, Criterion, criterion_group, criterion_main};
use spasmograph::event::{EventDetector, Findings};
use spasmograph::face::{FaceObservation, FaceTracker};
use spasmograph::models::ModelStore;
use spasmograph::report::csv::SignalWriter;
use spasmograph::signal::{Sample, SignalStage};
use spasmograph::source::{Frame, Source, VideoSource};
use spasmograph::thresholds::Thresholds;

const SAMPLE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/samples/typical-right.mp4");

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

/// What the event stage makes of the whole sample.
fn events(samples: &[Sample], thresholds: &Thresholds) -> Findings {
    let mut detector = EventDetector::new(thresholds, None);
    for sample in samples {
        black_box(detector.push(sample));
    }
    detector.finish()
}

fn stages(c: &mut Criterion) {
    let thresholds = Thresholds::default();
    let Ok(models) = ModelStore::open() else {
        // Without the models there is nothing to measure; `setup.sh` fetches them.
        return;
    };
    let mut source = VideoSource::open(Path::new(SAMPLE)).expect("the sample opens");
    let mut tracker = FaceTracker::new(&models, &thresholds.face).expect("the models load");
    let mut stage = SignalStage::new(&thresholds.signal);
    let (mut frame, mut observations) = (Frame::default(), Vec::new());
    let (mut samples, mut before): (Vec<Sample>, _) = (Vec::new(), Duration::ZERO);
    while source.read_into(&mut frame).expect("the sample is whole") {
        let began = Instant::now();
        let seen: FaceObservation = tracker.track(&frame).expect("the models run");
        samples.extend(stage.push(&seen).settled);
        before += began.elapsed();
        observations.push(seen);
    }
    samples.extend(stage.finish());
    let began = Instant::now();
    black_box(events(&samples, &thresholds));
    let own = began.elapsed();
    println!(
        "events: {:.3} ms a frame, {:.1} % of tracking, signals and events one after the other",
        1e3 * own.as_secs_f64() / samples.len() as f64,
        100.0 * own.as_secs_f64() / (before + own).as_secs_f64()
    );

    c.bench_function("signal: the sample", |b| {
        b.iter_batched(
            || SignalStage::new(&thresholds.signal),
            |mut stage| {
                observations.iter().map(|seen| stage.push(seen).settled.len()).sum::<usize>()
            },
            BatchSize::SmallInput,
        );
    });
    c.bench_function("event: the sample", |b| b.iter(|| events(&samples, &thresholds)));
    c.bench_function("report: signals.csv of the sample", |b| {
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
