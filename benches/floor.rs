//! The floor of whole-program speed: decoding alone, or landmark inference alone, on one clip.
//!
//! `cargo bench --bench floor -- decode|infer CLIP` prints one JSON line: frames, frames a second,
//! and milliseconds of processor time a frame. `benches/compare.py` calls it.
#![allow(clippy::print_stdout)]

use std::error::Error;
use std::fs;
use std::time::{Duration, Instant};

use spasmograph::face::FaceTracker;
use spasmograph::models::ModelStore;
use spasmograph::source::{Frame, Source, VideoSource};
use spasmograph::thresholds::FaceThresholds;

/// Frames decoded before inference is timed on them, so that the decoder's threads are idle.
const BATCH: usize = 32;

/// Ticks a second in which the system counts processor time.
const TICKS: f64 = 100.0;

fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<String> =
        std::env::args().skip(1).filter(|argument| !argument.starts_with("--")).collect();
    let spent = match arguments.iter().map(String::as_str).collect::<Vec<_>>()[..] {
        ["decode", clip] => decode(clip)?,
        ["infer", clip] => infer(clip)?,
        _ => {
            println!("usage: cargo bench --bench floor -- decode|infer CLIP");
            return Ok(());
        }
    };
    let Spent { frames, wall, cpu_s } = spent;
    println!(
        "{}",
        serde_json::json!({
            "frames": frames,
            "fps": frames as f64 / wall.as_secs_f64(),
            "cpu_ms": 1e3 * cpu_s / frames as f64,
        })
    );
    Ok(())
}

/// What some frames cost.
#[derive(Default)]
struct Spent {
    frames: u64,
    wall: Duration,
    cpu_s: f64,
}

impl Spent {
    fn time<T>(&mut self, work: impl FnOnce() -> T) -> Result<T, Box<dyn Error>> {
        let (start, before_s) = (Instant::now(), cpu_s()?);
        let result = work();
        self.wall += start.elapsed();
        self.cpu_s += cpu_s()? - before_s;
        Ok(result)
    }
}

/// Processor time of this process, seconds.
fn cpu_s() -> Result<f64, Box<dyn Error>> {
    let stat = fs::read_to_string("/proc/self/stat")?;
    // Behind the name, which may hold anything; times in and for the program are fields 14 and 15.
    let (_, fields) = stat.rsplit_once(") ").ok_or("no processor time")?;
    let times = fields.split(' ').skip(11).take(2).map(str::parse::<f64>);
    Ok(times.sum::<Result<f64, _>>()? / TICKS)
}

fn decode(clip: &str) -> Result<Spent, Box<dyn Error>> {
    let mut spent = Spent::default();
    let mut source = VideoSource::open(clip.as_ref())?;
    let mut frame = Frame::default();
    spent.frames = spent.time(|| {
        let mut frames = 0;
        while source.read_into(&mut frame)? {
            frames += 1;
        }
        Ok::<_, Box<dyn Error>>(frames)
    })??;
    Ok(spent)
}

fn infer(clip: &str) -> Result<Spent, Box<dyn Error>> {
    let mut spent = Spent::default();
    let mut tracker = FaceTracker::new(&ModelStore::open()?, &FaceThresholds::default())?;
    let mut source = VideoSource::open(clip.as_ref())?;
    let mut batch = vec![Frame::default(); BATCH];
    loop {
        let mut read = 0;
        while read < BATCH && source.read_into(&mut batch[read])? {
            read += 1;
        }
        // The decoder works ahead for a moment.
        std::thread::sleep(Duration::from_millis(20));
        spent
            .time(|| batch[..read].iter().try_for_each(|frame| tracker.track(frame).map(drop)))??;
        spent.frames += read as u64;
        if read < BATCH {
            return Ok(spent);
        }
    }
}
