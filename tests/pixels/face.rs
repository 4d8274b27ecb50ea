//! Following the face through real recordings, and through pictures made from them.

use std::path::Path;

use spasmograph::face::{FaceObservation, FaceTracker, GapReason};
use spasmograph::report::Analysis;
use spasmograph::report::csv::read_signals;
use spasmograph::signal::Sample;
use spasmograph::source::{Frame, Source, VideoSource};
use spasmograph::thresholds::FaceThresholds;

use crate::support::pipeline::models;
use crate::support::program::analyzed_with;
use crate::support::recordings::{TALK, case, public};

fn tracker() -> FaceTracker {
    FaceTracker::new(&models(), &FaceThresholds::default()).unwrap()
}

/// Up to `most` frames of a recording.
fn frames(clip: &Path, most: usize) -> Vec<Frame> {
    let mut source = VideoSource::open(clip).unwrap();
    let mut frames = Vec::new();
    while frames.len() < most
        && let Some(frame) = source.next_frame().unwrap()
    {
        frames.push(frame);
    }
    frames
}

/// Follows the face through the frames, taken as 30 a second.
fn follow(frames: impl IntoIterator<Item = Frame>) -> Vec<FaceObservation> {
    let mut tracker = tracker();
    let mut seen = Vec::new();
    for (i, frame) in frames.into_iter().enumerate() {
        let frame = Frame { index: i as u64, time_s: i as f64 / 30.0, ..frame };
        seen.push(tracker.track(&frame).unwrap());
    }
    seen
}

fn gaps(seen: &[FaceObservation], reason: GapReason) -> Vec<usize> {
    let gap = |i: &usize| seen[*i].face.as_ref().err() == Some(&reason);
    (0..seen.len()).filter(gap).collect()
}

fn tracks(seen: &[FaceObservation]) -> Vec<u32> {
    let mut tracks: Vec<u32> =
        seen.iter().filter_map(|seen| seen.face.as_ref().ok().map(|face| face.track)).collect();
    tracks.dedup();
    tracks
}

/// How the face was followed through a whole recording, as its analysis tells.
struct Followed {
    analysis: Analysis,
    samples: Vec<Sample>,
}

impl Followed {
    fn through(clip: &Path, options: &[&str]) -> Self {
        let out = analyzed_with(clip, options);
        let analysis = Analysis::read(&out.join("analysis.json")).unwrap();
        Self { analysis, samples: read_signals(&out.join("signals.csv")).unwrap() }
    }

    /// Frames that fall into gaps of this reason.
    fn gaps(&self, reason: GapReason) -> Vec<usize> {
        let gaps = || self.analysis.coverage.gaps.iter().filter(|gap| gap.reason == reason);
        // A gap at the end holds the last frame; times in tables have six digits.
        let within = |time_s: f64| {
            gaps().any(|gap| (gap.start_s - 1e-5..=gap.end_s + 1e-5).contains(&time_s))
        };
        let lost = |sample: &&Sample| sample.track.is_none() && within(sample.time_s);
        self.samples.iter().filter(lost).map(|sample| sample.index as usize).collect()
    }

    fn tracks(&self) -> Vec<u32> {
        let mut tracks: Vec<u32> = self.samples.iter().filter_map(|sample| sample.track).collect();
        tracks.dedup();
        tracks
    }

    fn assert_one_track_without_gaps(&self) {
        let clip = &self.analysis.source.path;
        assert_eq!(self.gaps(GapReason::NoFace), [0usize; 0], "{clip}");
        assert_eq!(self.gaps(GapReason::Cut), [0usize; 0], "{clip}: fast motion is no cut");
        assert_eq!(self.tracks(), [1], "{clip}");
        let others = self.analysis.warnings.iter().any(|warning| warning.code == "other_faces");
        assert!(!others, "{clip}");
    }
}

/// Two pictures of one height side by side.
fn beside(left: &Frame, right: &Frame) -> Frame {
    assert_eq!(left.height, right.height);
    let (first, second) = (left.bgr(), right.bgr());
    let rows = first.chunks(3 * left.width).zip(second.chunks(3 * right.width));
    let bgr = rows.flat_map(|(left, right)| left.iter().chain(right).copied()).collect();
    Frame::from_bgr(left.width + right.width, left.height, bgr)
}

/// The middle of a picture, or the picture with a grey border.
fn fitted(frame: &Frame, width: usize, height: usize) -> Frame {
    let source = |at: usize, size: usize, full: usize| (at + full / 2).checked_sub(size / 2);
    let pixels = frame.bgr();
    let mut bgr = Vec::with_capacity(3 * width * height);
    for y in 0..height {
        for x in 0..width {
            let from = source(x, width, frame.width).zip(source(y, height, frame.height));
            match from.filter(|&(x, y)| x < frame.width && y < frame.height) {
                Some((x, y)) => bgr.extend(&pixels[3 * (y * frame.width + x)..][..3]),
                None => bgr.extend([128; 3]),
            }
        }
    }
    Frame::from_bgr(width, height, bgr)
}

fn turned_right(frame: &Frame) -> Frame {
    turned(frame, |x, y, _, height| (y, height - 1 - x))
}

fn turned_left(frame: &Frame) -> Frame {
    turned(frame, |x, y, width, _| (width - 1 - y, x))
}

/// The picture on its side; `from` says where the pixel at x, y comes from in a picture of the
/// given width and height.
fn turned(frame: &Frame, from: fn(usize, usize, usize, usize) -> (usize, usize)) -> Frame {
    let pixels = frame.bgr();
    let mut bgr = Vec::with_capacity(pixels.len());
    for y in 0..frame.width {
        for x in 0..frame.height {
            let (x, y) = from(x, y, frame.width, frame.height);
            bgr.extend(&pixels[3 * (y * frame.width + x)..][..3]);
        }
    }
    Frame::from_bgr(frame.height, frame.width, bgr)
}

fn grey(like: &Frame) -> Frame {
    Frame::from_bgr(like.width, like.height, vec![90; 3 * like.width * like.height])
}

#[test]
fn a_face_that_is_always_there_is_one_track_without_gaps() {
    Followed::through(&public("franck.mp4"), &TALK).assert_one_track_without_gaps();
    Followed::through(&public("single_face.mp4"), &[]).assert_one_track_without_gaps();
}

#[test]
fn a_face_that_is_always_there_in_the_cases_is_one_track_without_gaps() {
    for clip in [
        "one-sided-winks.mp4",
        "glasses-webcam.mp4",
        "phone-portrait-vfr.mp4",
        "seven-blinks.mp4",
        "dim-webcam.mp4",
    ] {
        Followed::through(&case(clip), &[]).assert_one_track_without_gaps();
    }
}

#[test]
#[ignore = "not met: the first of two cuts is noted in two frames, 102 and 103"]
fn jump_cuts_that_move_the_face_are_noted_and_gestures_are_not() {
    let seen = Followed::through(&case("talking-jump-cuts.mp4"), &[]);
    assert_eq!(seen.gaps(GapReason::Cut), [102, 239]);
    assert_eq!(seen.gaps(GapReason::NoFace), [0usize; 0]);
    assert_eq!(seen.tracks(), [1, 2, 3]);
}

#[test]
fn an_empty_room_holds_no_face() {
    let frames = frames(&public("no_face.mp4"), usize::MAX);
    let seen = follow(frames);
    assert_eq!(gaps(&seen, GapReason::NoFace).len(), 95);
    assert_eq!(seen.len(), 95);
}

#[test]
fn a_face_that_leaves_is_a_gap_until_it_is_back() {
    let seen = Followed::through(&public("face_noface.mov"), &[]);
    assert_eq!(seen.samples.len(), 169);
    assert_eq!(seen.gaps(GapReason::NoFace).len(), 97);
    assert_eq!(seen.gaps(GapReason::Cut), [0usize; 0]);
}

#[test]
fn a_hidden_face_that_comes_back_is_another_track() {
    let frames = frames(&public("franck.mp4"), 60);
    let hidden = frames
        .iter()
        .enumerate()
        .map(|(i, frame)| if (20..30).contains(&i) { grey(frame) } else { frame.clone() });
    let seen = follow(hidden);
    assert_eq!(gaps(&seen, GapReason::NoFace), (20..30).collect::<Vec<_>>());
    assert_eq!(tracks(&seen), [1, 2]);
}

#[test]
fn another_person_in_the_same_place_is_a_cut_of_one_frame() {
    let first = frames(&case("one-sided-winks.mp4"), 30);
    let second = frames(&case("glasses-webcam.mp4"), 30);
    let both = first.into_iter().chain(second).map(|frame| fitted(&frame, 480, 480));
    let seen = follow(both);
    assert_eq!(gaps(&seen, GapReason::Cut), [30]);
    assert_eq!(gaps(&seen, GapReason::NoFace), [0usize; 0]);
    assert_eq!(tracks(&seen), [1, 2]);
}

#[test]
fn a_second_face_is_noted_and_the_first_is_kept() {
    let first = frames(&case("one-sided-winks.mp4"), 90);
    let second = frames(&case("glasses-webcam.mp4"), 90);
    let pairs = first.iter().zip(&second).enumerate().map(|(i, (first, second))| {
        let (first, second) = (fitted(first, 512, 480), fitted(second, 512, 480));
        if i < 45 { beside(&first, &grey(&second)) } else { beside(&first, &second) }
    });
    let seen = follow(pairs);
    assert_eq!(tracks(&seen), [1]);
    for seen in &seen {
        let face = seen.face.as_ref().unwrap();
        assert!(face.landmarks[1][0] < 512.0, "frame {}: the subject is on the left", seen.index);
    }
    assert!(seen[..45].iter().all(|seen| !seen.other_faces));
    assert!(seen[80..].iter().all(|seen| seen.other_faces), "noted within a second");
}

#[test]
fn a_small_face_is_found_within_half_a_second() {
    let frames = frames(&case("glasses-webcam.mp4"), 30);
    let seen = follow(frames.iter().map(|frame| fitted(frame, 3000, 1688)));
    assert!(seen[15..].iter().all(|seen| seen.face.is_ok()));
    assert_eq!(tracks(&seen), [1]);
}

#[test]
fn a_face_on_its_side_is_found_within_half_a_second() {
    assert_found_on_its_side(&public("single_face.mp4"));
}

#[test]
fn a_face_with_glasses_on_its_side_is_found_within_half_a_second() {
    assert_found_on_its_side(&case("glasses-webcam.mp4"));
}

fn assert_found_on_its_side(clip: &Path) {
    let frames = frames(clip, 30);
    for (turn, roll) in [(turned_right as fn(&Frame) -> Frame, 90.0), (turned_left, -90.0)] {
        let seen = follow(frames.iter().map(turn));
        for seen in &seen[15..] {
            let pose = seen.face.as_ref().unwrap().pose;
            assert!((pose.roll_deg - roll).abs() < 20.0, "{pose:?}");
            assert!(pose.yaw_deg.abs() < 25.0 && pose.pitch_deg.abs() < 25.0, "{pose:?}");
        }
    }
}

#[test]
fn a_mirrored_picture_gives_mirrored_landmarks_and_pose() {
    assert_mirrored(&public("single_face.mp4"));
}

#[test]
fn a_mirrored_picture_of_glasses_gives_mirrored_landmarks_and_pose() {
    assert_mirrored(&case("glasses-webcam.mp4"));
}

fn assert_mirrored(clip: &Path) {
    let frames = frames(clip, 40);
    let width = frames[0].width as f32;
    let mirrored = frames.iter().map(|frame| {
        let flip = |row: &[u8]| row.chunks(3).rev().flatten().copied().collect::<Vec<u8>>();
        let bgr = frame.bgr().chunks(3 * frame.width).flat_map(flip).collect();
        Frame::from_bgr(frame.width, frame.height, bgr)
    });
    let (straight, mirrored) = (follow(frames.clone()), follow(mirrored));
    for (straight, mirrored) in straight.iter().zip(&mirrored).skip(3) {
        let (straight, mirrored) =
            (straight.face.as_ref().unwrap(), mirrored.face.as_ref().unwrap());
        let unit = straight.pose.face_unit_px;
        for (number, partner) in [(33, 263), (159, 386), (61, 291), (1, 1), (468, 473)] {
            let [x, y, _] = straight.landmarks[number];
            let [mx, my, _] = mirrored.landmarks[partner];
            let apart = (width - x - mx).hypot(y - my) / unit;
            assert!(apart < 0.06, "point {number}: {apart:.3} face units apart");
        }
        assert!((straight.pose.yaw_deg + mirrored.pose.yaw_deg).abs() < 5.0);
        assert!((straight.pose.roll_deg + mirrored.pose.roll_deg).abs() < 3.0);
        assert!((straight.pose.pitch_deg - mirrored.pose.pitch_deg).abs() < 5.0);
    }
}

#[test]
fn a_frame_whose_bytes_do_not_fit_its_size_is_refused() {
    let mut tracker = tracker();
    let frame = Frame::from_bgr(10, 10, vec![0; 299]);
    let error = tracker.track(&frame).unwrap_err();
    assert!(error.to_string().contains("10x10"), "{error}");
    assert!(tracker.track(&Frame::default()).is_err());
    let tiny = Frame::from_bgr(1, 1, vec![0; 3]);
    assert_eq!(tracker.track(&tiny).unwrap().face.err(), Some(GapReason::NoFace));
}
