//! Reading recordings: containers, times, rotation and bad input.

use std::path::Path;

use spasmograph::source::{Frame, Source, SourceError, VideoSource};

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
