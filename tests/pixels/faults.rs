//! Recordings with faults that users of comparable tools reported, each with what is right.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::sync::OnceLock;

use serde_json::Value;

use crate::support::program::{analysis, analyze, complaints, spasmograph};
use crate::support::recordings::cases;

/// First frame times at which `base.mp4` shows its blinks' peaks, seconds.
pub(crate) const BASE: [f64; 7] = [1.70, 2.80, 3.83, 4.77, 5.87, 6.80, 7.97];
/// A frame and a half: what the peak of a blink may stray between two encodings.
const NEAR_S: f64 = 0.05;

/// The folder of the inputs, made once by the script that describes them.
pub(crate) fn inputs() -> PathBuf {
    static MADE: OnceLock<Result<PathBuf, String>> = OnceLock::new();
    if let Some(folder) = std::env::var_os("SPASMOGRAPH_FAULTS") {
        return folder.into();
    }
    // Without the recordings the test ends here, and so does the next.
    let script = cases().join("faults/make.sh");
    match MADE.get_or_init(|| make(&script)) {
        Ok(folder) => folder.clone(),
        Err(why) => unable!("{why}"),
    }
}

fn make(script: &Path) -> Result<PathBuf, String> {
    if !script.exists() {
        return Err(format!("no {}", script.display()));
    }
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("faults");
    let done = folder.join("made");
    if !done.exists() {
        let run = Command::new("bash").arg(script).arg(&folder).output();
        let run = run.map_err(|error| error.to_string())?;
        if !run.status.success() {
            return Err(format!("make.sh: {:?}", complaints(&run)));
        }
        fs::write(&done, "").map_err(|error| error.to_string())?;
    }
    Ok(folder)
}

/// What came of an input.
pub(crate) struct Got {
    output: Output,
    analysis: Option<Value>,
}

impl Got {
    pub(crate) fn of(input: &Path, options: &[&str]) -> Self {
        let folder = tempfile::tempdir().expect("a scratch folder");
        let out = folder.path().join("out");
        let output = if options.is_empty() {
            analyze(input, &out)
        } else {
            let mut command = spasmograph();
            command.args(["analyze", "--overlay", "none", "--out"]).arg(&out).args(options);
            command.arg(input).output().expect("the program starts")
        };
        let analysis = out.join("analysis.json").exists().then(|| analysis(&out));
        Self { output, analysis }
    }

    pub(crate) fn name(name: &str) -> Self {
        Self::of(&inputs().join(name), &[])
    }

    fn status(&self) -> i32 {
        self.output.status.code().expect("it exits")
    }

    fn read(&self) -> &Value {
        self.analysis.as_ref().unwrap_or_else(|| panic!("{:?}", complaints(&self.output)))
    }

    fn frames(&self) -> u64 {
        self.read()["coverage"]["frames_read"].as_u64().expect("a count")
    }

    fn blinks(&self) -> Vec<f64> {
        let blinks = self.read()["blinks"].as_array().expect("a list").iter();
        blinks.map(|blink| blink["peak_s"].as_f64().expect("a time")).collect()
    }

    /// Gaps, start and end in seconds.
    pub(crate) fn gaps(&self) -> Vec<[f64; 2]> {
        let gaps = self.read()["coverage"]["gaps"].as_array().expect("a list").iter();
        let time = |gap: &Value, key: &str| gap[key].as_f64().expect("a time");
        gaps.map(|gap| [time(gap, "start_s"), time(gap, "end_s")]).collect()
    }

    fn warnings(&self) -> Vec<&str> {
        let warnings = self.read()["warnings"].as_array().expect("a list").iter();
        warnings.map(|warning| warning["code"].as_str().expect("a word")).collect()
    }

    fn warning(&self, code: &str) -> &str {
        let warnings = self.read()["warnings"].as_array().expect("a list").iter();
        let mut warnings = warnings.filter(|warning| warning["code"] == code);
        let found = warnings.next().unwrap_or_else(|| panic!("no {code}: {:?}", self.warnings()));
        found["message"].as_str().expect("a sentence")
    }

    /// The kinds of all events.
    pub(crate) fn kinds(&self) -> Vec<&str> {
        let events = self.read()["events"].as_array().expect("a list").iter();
        events.filter_map(|event| event["kind"].as_str()).collect()
    }

    /// Blinks at these times, no involuntary event, this status.
    pub(crate) fn shows(&self, blinks: &[f64], status: i32) {
        let found = self.blinks();
        eprintln!("status {}, blinks {found:?}, gaps {:?}", self.status(), self.gaps());
        assert_eq!(self.status(), status, "{:?}", complaints(&self.output));
        assert_eq!(found.len(), blinks.len(), "{found:?}");
        for (found, expected) in found.iter().zip(blinks) {
            assert!((found - expected).abs() < NEAR_S, "{found} for {expected}");
        }
        let kinds = self.kinds();
        assert!(!kinds.iter().any(|kind| ["twitch", "spasm"].contains(kind)), "{kinds:?}");
    }
}

#[test]
fn a_size_that_changes_midway_is_followed() {
    let got = Got::name("size-changes.ts");
    got.shows(&BASE, 0);
    assert_eq!(got.frames(), 308);
}

#[test]
fn a_picture_that_pauses_while_the_sound_goes_on_is_a_gap() {
    let got = Got::name("picture-pauses.mkv");
    let later = |at: &f64| if *at < 5.1 { *at } else { at + 12.0 };
    got.shows(&BASE.iter().map(later).collect::<Vec<_>>(), 0);
    assert_eq!(got.frames(), 308);
    let [[start, end]] = got.gaps()[..] else { panic!("{:?}", got.gaps()) };
    assert!((end - start - 12.0).abs() < 0.1);
}

#[test]
fn sound_that_outlasts_the_picture_is_no_fault() {
    let got = Got::name("sound-longer.mp4");
    got.shows(&BASE, 0);
    assert!(got.frames() == 308 && got.warnings().is_empty(), "{:?}", got.warnings());
}

#[test]
fn what_is_destroyed_is_a_gap_and_what_lies_behind_it_is_read() {
    let got = Got::name("zeros-inside.mp4");
    assert_eq!(got.status(), 3);
    assert!((265..=280).contains(&got.frames()), "{}", got.frames());
    assert_eq!(got.gaps().len(), 1);
    got.warning("damaged");
    let later: Vec<f64> = got.blinks().into_iter().filter(|at| *at > 6.5).collect();
    assert!(later.len() == 2 && (later[0] - 6.8).abs() < NEAR_S, "{later:?}");
}

#[test]
fn a_stream_without_stamps_is_read_at_a_rate_that_is_said() {
    let got = Got::name("no-stamps.h264");
    got.shows(&BASE, 0);
    assert!(got.warning("rate_assumed").contains("30.000"));
    let seconds = got.read()["source"]["duration_s"].as_f64().unwrap();
    assert!((seconds - 10.27).abs() < 0.05, "{seconds}");
}

#[test]
fn frames_before_the_first_stamp_keep_their_places() {
    let got = Got::name("first-unstamped.mkv");
    got.shows(&BASE, 0);
    got.warning("stamps_missing");
}

#[test]
fn a_file_cut_in_half_says_how_much_it_declares_and_how_much_was_read() {
    for name in ["half.mkv", "half.webm", "half.avi", "half.ts"] {
        let got = Got::name(name);
        got.shows(&BASE[..4], 3);
        if name != "half.ts" {
            assert!(got.warning("frames_missing").contains("declares 10.27 s"));
            // So it does where only a part is asked for that should have been there.
            let part = Got::of(&inputs().join(name), &["--end", "9"]);
            assert_eq!(part.status(), 3);
            let part = Got::of(&inputs().join(name), &["--end", "3"]);
            assert_eq!(part.status(), 0);
        }
    }
}

#[test]
fn an_edit_list_is_no_loss() {
    let got = Got::name("trimmed.mp4");
    got.shows(&BASE.map(|at| at - 2.0)[1..], 0);
    assert_eq!((got.frames(), got.warnings().len()), (248, 0), "{:?}", got.warnings());
}

#[test]
fn stamps_that_jump_by_a_day_are_a_gap_that_nothing_fills() {
    let input = inputs().join("stamps-jump.mkv");
    let folder = tempfile::tempdir().unwrap();
    let out = folder.path().join("out");
    let began = std::time::Instant::now();
    let output = spasmograph().args(["analyze", "--out"]).arg(&out).arg(&input).output().unwrap();
    assert_eq!(output.status.code(), Some(0), "{:?}", complaints(&output));
    let overlay = fs::metadata(out.join("overlay.mp4")).unwrap().len();
    for format in ["edf", "bids", "elan"] {
        let done = spasmograph().args(["export", "--format", format]).arg(&out).output().unwrap();
        assert!(done.status.success(), "{format}: {:?}", complaints(&done));
    }
    let took = began.elapsed().as_secs_f64();
    eprintln!("{took:.1} s, overlay of {overlay} bytes");
    assert!(took < 120.0 && overlay < 20_000_000, "{took} s, {overlay} bytes");
    let gaps = analysis(&out)["coverage"]["gaps"].clone();
    assert_eq!(gaps.as_array().unwrap().len(), 1, "{gaps}");
}

#[test]
fn pixels_that_are_not_square_are_made_so() {
    let [base, wide] = ["base.mp4", "wide-pixels.mp4"].map(Got::name);
    wide.shows(&BASE, 0);
    let width = |got: &Got| got.read()["source"]["width"].as_f64().unwrap();
    assert!((width(&wide) / width(&base) - 1.0).abs() < 0.01);
}

#[test]
fn rates_too_low_for_blinks_and_for_order_are_said() {
    for name in ["rate-5.mp4", "rate-10.mp4"] {
        let got = Got::name(name);
        got.warning("rate_low_for_blinks");
        got.warning("rate_low_for_order");
    }
}

#[test]
fn every_frame_twice_is_the_same_recording() {
    let got = Got::name("doubled.mp4");
    got.shows(&BASE, 0);
    assert!(got.gaps().is_empty());
    let repeated = got.read()["coverage"]["frames_repeated"].as_u64().unwrap();
    assert!((300..=308).contains(&repeated), "{repeated}");
}

#[test]
fn a_rate_raised_by_repetition_brings_no_gap_and_no_event() {
    let got = Got::name("repeated.mp4");
    assert_eq!((got.status(), got.blinks().len(), got.gaps().len()), (0, 11, 0));
}

#[test]
fn the_default_track_is_measured_and_the_other_is_named() {
    let got = Got::name("two-tracks.mkv");
    got.shows(&BASE, 0);
    assert!(got.warning("other_tracks").contains("640x480"));
    let other = Got::of(&inputs().join("two-tracks.mkv"), &["--track", "0"]);
    assert_eq!(other.status(), 1, "a test picture has no face");
    let none = Got::of(&inputs().join("two-tracks.mkv"), &["--track", "2"]);
    assert!(complaints(&none.output)[0].contains("no track 2"));
}

#[test]
fn a_picture_above_the_limit_is_refused_in_one_line() {
    let got = Got::name("huge.mp4");
    let lines = complaints(&got.output);
    assert_eq!((got.status(), lines.len()), (1, 1), "{lines:?}");
    assert!(lines[0].contains("8192x8192"), "{lines:?}");
    let got = Got::of(&inputs().join("base.mp4"), &["--max-pixels", "400000"]);
    let lines = complaints(&got.output);
    assert_eq!((got.status(), lines.len()), (1, 1), "{lines:?}");
    assert!(lines[0].contains("810x540") && lines[0].contains("--max-pixels"), "{lines:?}");
}

#[test]
fn names_that_look_like_addresses_are_files() {
    for name in ["http:127.0.0.1:9456.mp4", "visit:1.mp4"] {
        Got::name(name).shows(&BASE, 0);
        let out = tempfile::tempdir().unwrap();
        let mut command = spasmograph();
        command.current_dir(inputs()).args(["analyze", "--overlay", "none", "--end", "1", "--out"]);
        let run = command.arg(out.path().join("out")).arg(name).output().unwrap();
        assert_eq!(run.status.code(), Some(0), "{:?}", complaints(&run));
    }
}

#[test]
fn a_playlist_under_a_video_s_name_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let base = inputs().join("base.mp4");
    let lists = [
        format!("#EXTM3U\n#EXTINF:10,\n{}\n", base.display()),
        format!("ffconcat version 1.0\nfile '{}'\n", base.display()),
    ];
    for (number, list) in lists.iter().enumerate() {
        let name = folder.path().join(format!("list-{number}.mp4"));
        fs::write(&name, list).unwrap();
        let got = Got::of(&name, &[]);
        assert_eq!(got.status(), 1);
        assert!(complaints(&got.output)[0].contains("playlist"), "{:?}", complaints(&got.output));
    }
}

#[test]
fn folders_of_pictures_are_read_in_the_order_of_their_numbers() {
    assert_eq!(Got::name("companions").frames(), 102);
    let long = Got::name("long-numbers");
    long.shows(&BASE[..2], 0);
    let missing = Got::name("missing-numbers");
    missing.warning("numbers_missing");
    let [[start, end]] = missing.gaps()[..] else { panic!("{:?}", missing.gaps()) };
    assert!((end - start - 17.0 / 30.0).abs() < 0.01, "{start} to {end}");
}

#[test]
fn a_rate_for_a_video_is_wrong_usage() {
    let got = Got::of(&inputs().join("base.mp4"), &["--fps", "25"]);
    assert_eq!(got.status(), 2);
}

#[test]
fn protocols_with_a_byte_order_mark_are_read_and_milliseconds_are_noticed() {
    let with = |protocol: &str| {
        let protocol = inputs().join(protocol);
        Got::of(&inputs().join("base.mp4"), &["--protocol", protocol.to_str().unwrap()])
    };
    assert_eq!(with("bom.protocol.json").read()["protocol"].as_array().unwrap().len(), 1);
    let got = with("milliseconds.protocol.json");
    if got.status() != 1 {
        assert!(got.warning("segment_beyond_end").contains("5000"));
    }
}
