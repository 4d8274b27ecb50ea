//! Writes the landmarks of a video as rows of numbers: time, presence (0 in a gap), track, yaw,
//! pitch, roll, face unit, then x, y and z of 478 points, all 32-bit floats. For comparing with
//! other trackers.
//!
//! `cargo bench --bench landmarks -- VIDEO OUT`

#![allow(clippy::print_stdout)]

use std::error::Error;
use std::fs::File;
use std::io::{BufWriter, Write};
use std::path::Path;
use std::time::{Duration, Instant};

use spasmograph::anatomy::LANDMARKS;
use spasmograph::face::FaceTracker;
use spasmograph::models::ModelStore;
use spasmograph::source::{Frame, Source, VideoSource};
use spasmograph::thresholds::FaceThresholds;

fn main() -> Result<(), Box<dyn Error>> {
    let mut arguments = std::env::args_os().skip(1).filter(|argument| argument != "--bench");
    let (Some(video), Some(out)) = (arguments.next(), arguments.next()) else {
        println!("usage: cargo bench --bench landmarks -- VIDEO OUT");
        return Ok(());
    };
    let mut source = VideoSource::open(Path::new(&video))?;
    let mut tracker = FaceTracker::new(&ModelStore::open()?, &FaceThresholds::default())?;
    let mut out = BufWriter::new(File::create(out)?);
    let mut frame = Frame::default();
    let mut spent: Vec<Duration> = Vec::new();
    while source.read_into(&mut frame)? {
        let started = Instant::now();
        let seen = tracker.track(&frame)?;
        spent.push(started.elapsed());
        let mut row = vec![seen.time_s as f32];
        match seen.face {
            Ok(face) => {
                let pose = face.pose;
                row.extend([face.presence, face.track as f32]);
                row.extend([pose.yaw_deg, pose.pitch_deg, pose.roll_deg, pose.face_unit_px]);
                row.extend(face.landmarks.as_flattened());
            }
            Err(_) => row.extend([0.0; 6 + 3 * LANDMARKS]),
        }
        for value in row {
            out.write_all(&value.to_le_bytes())?;
        }
    }
    out.flush()?;
    spent.sort();
    let Some(median) = spent.get(spent.len() / 2) else { return Err("no frames".into()) };
    println!("{} frames, median {:.2} ms a frame", spent.len(), median.as_secs_f64() * 1e3);
    Ok(())
}
