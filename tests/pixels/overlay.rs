//! `overlay.mp4`: what is drawn, when, and what is left behind.

use std::path::Path;

use spasmograph::anatomy::LANDMARKS;
use spasmograph::event::Findings;
use spasmograph::face::{Face, FaceObservation, GapReason, HeadPose};
use spasmograph::pattern::assess;
use spasmograph::report::overlay::{self, Ground, Spool};
use spasmograph::report::{Analysis, Coverage, OutputFolder, SourceInfo};
use spasmograph::signal::Sample;
use spasmograph::source::{Frame, Source, SourceError, StreamInfo, VideoSource};
use spasmograph::thresholds::Thresholds;

use crate::support::program;

/// Name of the recording.
const SOURCE: &str = "recording-of-greys";
const WIDTH: usize = 160;
const HEIGHT: usize = 90;

/// Grey frames at given times, each lighter than the one before.
struct Greys {
    times: Vec<f64>,
    next: usize,
    info: StreamInfo,
}

impl Greys {
    fn new(times: &[f64]) -> Self {
        Self { times: times.to_vec(), next: 0, info: StreamInfo::default() }
    }
}

fn grey(index: u64) -> u8 {
    20 + 18 * index as u8
}

impl Source for Greys {
    fn info(&self) -> &StreamInfo {
        &self.info
    }

    fn read_into(&mut self, frame: &mut Frame) -> Result<bool, SourceError> {
        let Some(&time_s) = self.times.get(self.next) else { return Ok(false) };
        let index = self.next as u64;
        let bgr = vec![grey(index); 3 * WIDTH * HEIGHT];
        *frame = Frame { index, time_s, ..Frame::from_bgr(WIDTH, HEIGHT, bgr) };
        self.next += 1;
        Ok(true)
    }
}

fn analysis(duration_s: f64) -> Analysis {
    let thresholds = Thresholds::default();
    let findings = Findings::default();
    let pattern = assess(&findings, 0.0, &thresholds.pattern);
    let source = SourceInfo {
        path: SOURCE.to_owned(),
        sha256: None,
        width: WIDTH,
        height: HEIGHT,
        frames: None,
        duration_s,
        fps_nominal: None,
        fps: None,
        start_offset_s: 0.0,
        variable_frame_rate: true,
        mirrored: false,
    };
    let coverage = Coverage {
        rest_s: None,
        frames_read: 0,
        frames_with_face: 0,
        frames_repeated: 0,
        usable_fraction: 0.0,
        gaps: vec![],
        places: vec![],
    };
    Analysis::new(source, coverage, findings, pattern, &thresholds, vec![])
}

fn nobody(index: u64) -> FaceObservation {
    FaceObservation {
        index,
        time_s: 0.0,
        after_loss: false,
        face: Err(GapReason::NoFace),
        other_faces: false,
    }
}

fn somebody(index: u64) -> FaceObservation {
    let landmarks = std::array::from_fn(|i| [40.0 + (i % 80) as f32, 5.0 + (i / 6) as f32, 0.0]);
    assert_eq!(LANDMARKS, 478);
    let face = Face::new(0, 1.0, landmarks, HeadPose::default());
    FaceObservation {
        index,
        time_s: 0.0,
        after_loss: false,
        face: Ok(Box::new(face)),
        other_faces: false,
    }
}

/// Writes an overlay of frames at these times; the frames' pictures are used when `full`.
fn write(folder: &Path, times: &[f64], kept: &[FaceObservation], full: bool) -> Result<(), String> {
    let out = OutputFolder::create(folder).unwrap();
    let mut spool = Spool::create_in(folder).unwrap();
    for observation in kept {
        spool.push(observation).unwrap();
    }
    let samples: Vec<Sample> =
        times.iter().enumerate().map(|(i, &time_s)| Sample::gap(i as u64, time_s)).collect();
    let mut greys = Greys::new(times);
    let ground = if full { Ground::Recording(&mut greys) } else { Ground::Plain };
    let duration_s = times.last().copied().unwrap_or(0.0);
    overlay::write(
        out.pending("overlay.mp4").unwrap(),
        &analysis(duration_s),
        &samples,
        &mut spool.into_reader().unwrap(),
        ground,
        |_| true,
    )
    .map_err(|error| error.to_string())
}

/// Time and colour in the middle of the picture of every overlay frame.
fn read(folder: &Path) -> Vec<(f64, [u8; 3])> {
    let mut video = VideoSource::open(&folder.join("overlay.mp4")).unwrap();
    let mut frames = Vec::new();
    while let Some(frame) = video.next_frame().unwrap() {
        // The picture is 640 x 360 below a header of 34 lines.
        let at = 3 * ((34 + 180) * frame.width + 320);
        let bgr = frame.bgr();
        frames.push((frame.time_s, [bgr[at], bgr[at + 1], bgr[at + 2]]));
    }
    frames
}

#[test]
fn overlay_time_is_recording_time_for_a_variable_rate() {
    let folder = tempfile::tempdir().unwrap();
    // 25 a second, then a frame that stands for a quarter of a second, then 25 a second again.
    let mut times: Vec<f64> = (0..6).map(|i| f64::from(i) * 0.04).collect();
    times.extend((0..6).map(|i| 0.45 + f64::from(i) * 0.04));
    let kept: Vec<FaceObservation> = (0..12).map(nobody).collect();
    write(folder.path(), &times, &kept, true).unwrap();
    let frames = read(folder.path());
    assert_eq!(frames.len(), 17, "0.69 s at 25 a second");
    for (time_s, colour) in frames {
        let on = times.iter().rposition(|&start| start <= time_s + 0.021).unwrap();
        let expected = grey(on as u64);
        let near = colour.iter().all(|&channel| channel.abs_diff(expected) <= 8);
        assert!(near, "at {time_s:.3} s: {colour:?}, frame {on} is {expected}");
    }
}

#[test]
fn the_mesh_mode_shows_the_same_whatever_the_recording_holds() {
    let folder = tempfile::tempdir().unwrap();
    let times = [0.0, 0.04, 0.08];
    let kept: Vec<FaceObservation> = (0..3).map(nobody).collect();
    write(folder.path(), &times, &kept, false).unwrap();
    let frames = read(folder.path());
    assert_eq!(frames.len(), 3);
    for (_, colour) in frames {
        assert!(colour.iter().all(|channel| (30..50).contains(channel)), "{colour:?}");
    }
    let file = std::fs::read(folder.path().join("overlay.mp4")).unwrap();
    let named = file.windows(SOURCE.len()).any(|window| window == SOURCE.as_bytes());
    assert!(!named, "the container names the recording");
}

/// Grey values of some rows less the mean of the 9 x 9 around each: what is left is detail.
fn detail(frame: &Frame, rows: std::ops::Range<usize>) -> Vec<f64> {
    let width = frame.width;
    let bgr = frame.bgr();
    let grey = |x: usize, y: usize| {
        let at = 3 * (y * width + x);
        bgr[at..at + 3].iter().map(|&channel| f64::from(channel)).sum::<f64>() / 3.0
    };
    let mut detail = Vec::new();
    for y in (rows.start + 4..rows.end - 4).step_by(3) {
        for x in (4..width - 4).step_by(3) {
            let around = (y - 4..=y + 4).flat_map(|v| (x - 4..=x + 4).map(move |u| (u, v)));
            detail.push(grey(x, y) - around.map(|(u, v)| grey(u, v)).sum::<f64>() / 81.0);
        }
    }
    detail
}

fn correlation(a: &[f64], b: &[f64]) -> f64 {
    let dot = |a: &[f64], b: &[f64]| a.iter().zip(b).map(|(x, y)| x * y).sum::<f64>();
    dot(a, b) / (dot(a, a) * dot(b, b)).sqrt().max(1e-9)
}

#[test]
fn the_mesh_overlay_of_a_clip_keeps_nothing_of_its_pixels_sound_or_metadata() {
    const SECRET: &str = "Jane Roe 1970";
    let folder = tempfile::tempdir().unwrap();
    let clip = folder.path().join("clip.mp4");
    let sample = Path::new(env!("CARGO_MANIFEST_DIR")).join("samples/typical-right.mp4");
    let title = format!("title={SECRET}");
    let arguments: Vec<&std::ffi::OsStr> = vec![
        "-i".as_ref(),
        sample.as_os_str(),
        "-f".as_ref(),
        "lavfi".as_ref(),
        "-i".as_ref(),
        "sine=d=2".as_ref(),
        "-c:v".as_ref(),
        "copy".as_ref(),
        "-shortest".as_ref(),
        "-metadata".as_ref(),
        title.as_ref(),
        clip.as_os_str(),
    ];
    program::ffmpeg(&arguments);
    let secret = |file: &Path| {
        let bytes = std::fs::read(file).unwrap();
        bytes.windows(SECRET.len()).any(|window| window == SECRET.as_bytes())
    };
    assert!(secret(&clip));
    // The detail of the whole picture and of the shoulders, frame by frame, against the recording's.
    let correlations = |mode: &str| -> Vec<[f64; 2]> {
        let out = folder.path().join(mode);
        let output = program::spasmograph()
            .args(["analyze", "--end", "1", "--overlay", mode, "--out"])
            .args([&out, &clip])
            .output()
            .unwrap();
        assert!(output.status.success(), "{:?}", program::complaints(&output));
        let overlay = out.join("overlay.mp4");
        assert!(!secret(&overlay), "{mode}: the title survives");
        let bytes = std::fs::read(&overlay).unwrap();
        assert!(!bytes.windows(4).any(|window| window == b"soun"), "{mode}: there is sound");
        let mut drawn = VideoSource::open(&overlay).unwrap();
        let mut source = VideoSource::open(&clip).unwrap();
        let mut found = Vec::new();
        while let (Some(drawn), Some(own)) =
            (drawn.next_frame().unwrap(), source.next_frame().unwrap())
        {
            assert_eq!(drawn.width, own.width);
            // The picture stands below a header of 34 lines.
            found.push([0, 400].map(|top| {
                let shown = detail(&drawn, 34 + top..34 + own.height);
                correlation(&shown, &detail(&own, top..own.height))
            }));
        }
        assert!(found.len() >= 25, "{} frames", found.len());
        found
    };
    let least = correlations("full").iter().map(|r| r[1]).fold(f64::INFINITY, f64::min);
    let [whole, shoulders] = correlations("mesh")
        .iter()
        .fold([0.0_f64; 2], |most, r| [most[0].max(r[0].abs()), most[1].max(r[1].abs())]);
    println!(
        "correlation of detail: full {least:.3}, mesh {whole:.3}, its shoulders {shoulders:.3}"
    );
    assert!(least > 0.8, "the measure does not see a picture that is there: {least}");
    assert!(shoulders < 0.05, "{shoulders}");
    // Lines of the mesh run where lids and lips are, and that much the two share.
    assert!(whole < 0.15, "{whole}");
}

#[test]
fn a_face_is_drawn_on_the_picture() {
    let folder = tempfile::tempdir().unwrap();
    let times = [0.0, 0.04];
    write(folder.path(), &times, &[somebody(0), nobody(1)], false).unwrap();
    let mut video = VideoSource::open(&folder.path().join("overlay.mp4")).unwrap();
    let mut bright = || {
        let frame = video.next_frame().unwrap().unwrap();
        let picture = &frame.bgr()[3 * frame.width * 60..3 * frame.width * 380];
        picture.iter().filter(|channel| **channel > 110).count()
    };
    let (face, none) = (bright(), bright());
    assert!(face > 2000 && none < 20, "{face} bright values with a face, {none} without");
}

#[test]
fn a_failure_leaves_no_file() {
    let folder = tempfile::tempdir().unwrap();
    let error = write(folder.path(), &[], &[], true).unwrap_err();
    assert!(error.contains("no frame was analyzed"), "{error}");
    let error = write(folder.path(), &[0.0, 0.04], &[nobody(0)], true).unwrap_err();
    assert!(error.contains("fewer landmarks than samples"), "{error}");
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0);
}

#[cfg(unix)]
#[test]
fn a_folder_whose_name_is_not_unicode_receives_the_overlay() {
    use std::os::unix::ffi::OsStrExt;
    let folder = tempfile::tempdir().unwrap();
    let odd = folder.path().join(std::ffi::OsStr::from_bytes(b"caf\xe9"));
    write(&odd, &[0.0, 0.04], &[nobody(0), nobody(1)], true).unwrap();
    assert_eq!(read(&odd).len(), 2);
}
