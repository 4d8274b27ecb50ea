//! Speed of the face stage: detector, mesh, and following with everything it does in between.
//!
//! `cargo bench --bench face`. Set `SPASMOGRAPH_BENCH_CLIP` to a video with a face (default: a
//! clip of the shared recordings).
#![allow(clippy::print_stderr)]

use std::error::Error;
use std::hint::black_box;
use std::path::{Path, PathBuf};

use criterion::Criterion;
use opencv::core::{Mat, MatTraitConst, MatTraitConstManual, Size};
use opencv::imgproc::{INTER_AREA, resize};
use spasmograph::face::FaceTracker;
use spasmograph::face::crop::Square;
use spasmograph::face::detector::Detector;
use spasmograph::face::mesh::Mesh;
use spasmograph::face::pose::HeadFit;
use spasmograph::face::runtime::Engine;
use spasmograph::models::ModelStore;
use spasmograph::source::{Frame, Source, VideoSource};
use spasmograph::thresholds::FaceThresholds;

/// Frames that are gone through, over and over, forwards and back.
const FRAMES: usize = 60;
const SIZES: [(usize, usize); 2] = [(640, 360), (1280, 720)];

fn main() -> Result<(), Box<dyn Error>> {
    let clip = std::env::var_os("SPASMOGRAPH_BENCH_CLIP").map_or_else(
        || Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/cases/talking-jump-cuts.mp4"),
        PathBuf::from,
    );
    if !clip.is_file() {
        eprintln!("skipped: no clip at {}", clip.display());
        return Ok(());
    }
    let store = ModelStore::open()?;
    let limits = FaceThresholds::default();
    let mut criterion = Criterion::default().configure_from_args();
    for (width, height) in SIZES {
        let mut frames = frames(&clip, width, height)?;
        let engine = Engine::open(&store.runtime()?)?;
        let mut group = criterion.benchmark_group(format!("face {width}x{height}"));

        let mut detector = Detector::load(&store, &engine)?;
        let whole = Square::whole(&frames[0]);
        let faces = detector.detect(&frames[0], &whole, limits.detection_min)?;
        let square = faces.first().ok_or("the clip does not begin with a face")?.square();
        group.bench_function("detect", |bench| {
            bench.iter(|| detector.detect(black_box(&frames[0]), &whole, limits.detection_min));
        });

        let mut mesh = Mesh::load(&store, &engine)?;
        group.bench_function("mesh", |bench| {
            bench.iter(|| mesh.read(black_box(&frames[0]), &square));
        });
        let landmarks = mesh.read(&frames[0], &square)?.landmarks;
        group.bench_function("pose", |bench| {
            bench.iter(|| HeadFit::new(black_box(&landmarks)));
        });

        let mut tracker = FaceTracker::new(&store, &limits)?;
        let mut at = 0;
        group.bench_function("track", |bench| {
            bench.iter(|| {
                let (lap, place) = (at / FRAMES, at % FRAMES);
                let next = if lap % 2 == 0 { place } else { FRAMES - 1 - place };
                frames[next].time_s = at as f64 / 30.0;
                at += 1;
                tracker.track(black_box(&frames[next]))
            });
        });
        group.finish();
    }
    criterion.final_summary();
    Ok(())
}

/// The first frames of a clip, scaled.
fn frames(clip: &Path, width: usize, height: usize) -> Result<Vec<Frame>, Box<dyn Error>> {
    let mut source = VideoSource::open(clip)?;
    let mut frames = Vec::with_capacity(FRAMES);
    while frames.len() < FRAMES {
        let frame = source.next_frame()?.ok_or("the clip is too short")?;
        let bgr = frame.bgr();
        let rows = Mat::new_rows_cols_with_data(frame.height as i32, 3 * frame.width as i32, &bgr)?;
        let mut scaled = Mat::default();
        let size = Size::new(width as i32, height as i32);
        resize(&rows.reshape(3, frame.height as i32)?, &mut scaled, size, 0.0, 0.0, INTER_AREA)?;
        let bgr = scaled.data_bytes()?.to_vec();
        frames.push(Frame::from_bgr(width, height, bgr));
    }
    Ok(frames)
}
