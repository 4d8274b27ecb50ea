//! Reading recordings: containers, times, rotation and bad input.

use std::path::Path;

use opencv::core::Mat;
use opencv::prelude::{MatTraitConst, VideoCaptureTrait};
use opencv::videoio::{CAP_FFMPEG, VideoCapture};
use spasmograph::source::{Frame, Limits, Source, SourceError, VideoSource};

use crate::support::program::ffmpeg;
use crate::support::recordings::{cases, public};

fn times(path: &Path) -> Vec<f64> {
    let mut source = VideoSource::open(path).unwrap();
    let mut frame = Frame::default();
    let mut times = Vec::new();
    while source.read_into(&mut frame).unwrap() {
        times.push(frame.time_s);
    }
    times
}

#[test]
fn the_same_frames_have_the_same_times_in_every_container() {
    let cases = cases();
    for ending in ["avi", "mov", "flv", "ts", "mts", "mp4"] {
        let times = times(&cases.join(format!("formats/desk-1s.{ending}")));
        eprintln!("{ending}: {} frames, {:?} .. {:?}", times.len(), &times[..3], times.last());
        assert_eq!(times.len(), 30, "{ending}");
        for (i, time) in times.iter().enumerate() {
            let expected = i as f64 / 30.0;
            assert!((time - expected).abs() < 0.002, "{ending}: frame {i} at {time}");
        }
    }
}

#[test]
fn a_phone_video_keeps_its_variable_rate() {
    let cases = cases();
    let times = times(&cases.join("phone-portrait-vfr.mp4"));
    assert_eq!(times.len(), 334);
    assert!((times[333] - 13.9568).abs() < 0.002);
    let intervals: Vec<f64> = times.windows(2).map(|pair| pair[1] - pair[0]).collect();
    let (shortest, longest) =
        intervals.iter().fold((f64::MAX, 0.0_f64), |(low, high), dt| (low.min(*dt), high.max(*dt)));
    eprintln!("intervals {shortest} .. {longest}");
    assert!(shortest > 0.0 && longest > 1.2 * shortest);
}

#[test]
fn bad_files_are_told_apart() {
    let folder = tempfile::tempdir().unwrap();
    let empty = folder.path().join("empty.mp4");
    std::fs::write(&empty, b"").unwrap();
    assert!(matches!(VideoSource::open(&empty), Err(SourceError::Empty(_))));
    let text = folder.path().join("text.mp4");
    std::fs::write(&text, "these are words, not a film\n".repeat(100)).unwrap();
    assert!(matches!(VideoSource::open(&text), Err(SourceError::NotVideo(_))));
    let missing = folder.path().join("missing.mp4");
    assert!(matches!(VideoSource::open(&missing), Err(SourceError::NotFound(_))));
}

#[cfg(unix)]
#[test]
fn a_name_that_is_not_unicode_is_read() {
    use std::os::unix::ffi::OsStrExt;
    let folder = tempfile::tempdir().unwrap();
    let odd = folder.path().join(std::ffi::OsStr::from_bytes(b"clip-\xff\xfe.mp4"));
    std::fs::copy(public("single_face.mp4"), &odd).unwrap();
    assert_eq!(times(&odd).len(), 72);
}

#[test]
fn rotation_beside_the_picture_is_honoured() {
    let folder = tempfile::tempdir().unwrap();
    let turned = folder.path().join("turned.mp4");
    let clip = public("single_face.mp4");
    let copy = ["-c", "copy", "-metadata:s:v", "rotate=90"].map(AsRef::as_ref);
    ffmpeg([&["-i".as_ref(), clip.as_os_str()][..], &copy, &[turned.as_os_str()]].concat());
    let upright = VideoSource::open(&clip).unwrap().next_frame();
    let upright = upright.unwrap().unwrap();
    let frame = VideoSource::open(&turned).unwrap().next_frame().unwrap().unwrap();
    assert_eq!((frame.width, frame.height), (upright.height, upright.width));
}

/// Processor seconds and resident kilobytes of this process.
fn spent() -> (f64, u64) {
    let read = |name: &str| std::fs::read_to_string(format!("/proc/self/{name}")).unwrap();
    let stat = read("stat");
    let (_, after) = stat.rsplit_once(") ").unwrap();
    let ticks: f64 = after.split(' ').skip(11).take(2).map(|t| t.parse::<f64>().unwrap()).sum();
    let status = read("status");
    let resident = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).unwrap();
    (ticks / 100.0, resident.split_whitespace().next().unwrap().parse().unwrap())
}

/// Reads a recording `times` over; frames, processor seconds, seconds, and kilobytes that memory grew
/// by after the first time.
fn cost(times: u32, mut read: impl FnMut() -> u64) -> (u64, f64, f64, i64) {
    let mut frames = read();
    let ((cpu, resident), began) = (spent(), std::time::Instant::now());
    for _ in 1..times {
        frames += read();
    }
    let after = spent();
    let grown = after.1 as i64 - resident as i64;
    (frames, after.0 - cpu, began.elapsed().as_secs_f64(), grown)
}

#[cfg(target_os = "linux")]
#[test]
#[ignore = "measures; wants to be alone"]
fn decoding_costs_no_more_than_by_opencv_and_memory_is_flat() {
    let clip = cases().join("seven-blinks.mp4");
    let own = |threads: usize| {
        let limits = Limits { decoder_threads: threads, ..Limits::default() };
        let mut source = VideoSource::open_track(&clip, None, &limits).unwrap();
        let (mut frame, mut frames) = (Frame::default(), 0);
        while source.read_into(&mut frame).unwrap() {
            frames += 1;
        }
        frames
    };
    let other = || {
        let mut capture = VideoCapture::from_file(clip.to_str().unwrap(), CAP_FFMPEG).unwrap();
        let (mut picture, mut frames) = (Mat::default(), 0);
        while capture.read(&mut picture).unwrap() && picture.rows() > 0 {
            frames += 1;
        }
        frames
    };
    let before = cost(5, other);
    for threads in [1, 2] {
        let now = cost(5, || own(threads));
        let (cpu, wall) = (now.1 / before.1, now.2 / before.2);
        eprintln!(
            "{threads} threads: {:?}, by OpenCV {:?}; {cpu:.2} of its processor time, {wall:.2} of \
             its time",
            now, before
        );
        assert_eq!(now.0, before.0, "frames");
        assert!(cpu < 1.0, "{cpu:.2} times the processor time");
        assert!(now.3 < 20_000, "memory grew by {} kB", now.3);
    }
}
