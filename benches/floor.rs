//! The floor of whole-program speed: decoding alone and landmark inference alone, on one clip.
//!
//! `cargo bench --bench floor -- CLIP` prints one JSON line; `benches/compare.py` calls it.
#![allow(clippy::print_stdout)]

use std::time::{Duration, Instant};

use spasmograph::face::FaceTracker;
use spasmograph::models::ModelStore;
use spasmograph::source::{Frame, Source, VideoSource};
use spasmograph::thresholds::FaceThresholds;

/// Frames decoded before inference is timed on them, so that the decoder's threads are idle.
const BATCH: usize = 32;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let Some(clip) = std::env::args().skip(1).find(|argument| !argument.starts_with("--")) else {
        println!("usage: cargo bench --bench floor -- CLIP");
        return Ok(());
    };
    let (frames, decoding) = decode(&clip)?;
    let inference = infer(&clip)?;
    println!(
        "{}",
        serde_json::json!({
            "frames": frames,
            "decoding_fps": frames as f64 / decoding.as_secs_f64(),
            "inference_fps": frames as f64 / inference.as_secs_f64(),
        })
    );
    Ok(())
}

fn decode(clip: &str) -> Result<(u64, Duration), Box<dyn std::error::Error>> {
    let start = Instant::now();
    let mut source = VideoSource::open(clip.as_ref())?;
    let mut frame = Frame::default();
    let mut frames = 0;
    while source.read_into(&mut frame)? {
        frames += 1;
    }
    Ok((frames, start.elapsed()))
}

fn infer(clip: &str) -> Result<Duration, Box<dyn std::error::Error>> {
    let mut tracker = FaceTracker::new(&ModelStore::open()?, &FaceThresholds::default())?;
    let mut source = VideoSource::open(clip.as_ref())?;
    let mut batch = vec![Frame::default(); BATCH];
    let mut spent = Duration::ZERO;
    loop {
        let mut read = 0;
        while read < BATCH && source.read_into(&mut batch[read])? {
            read += 1;
        }
        // The decoder works ahead for a moment.
        std::thread::sleep(Duration::from_millis(20));
        let start = Instant::now();
        for frame in &batch[..read] {
            tracker.track(frame)?;
        }
        spent += start.elapsed();
        if read < BATCH {
            return Ok(spent);
        }
    }
}
