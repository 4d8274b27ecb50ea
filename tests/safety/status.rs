//! The exit status tells the truth.

use std::fs::File;
use std::process::Stdio;

use crate::place::{command, sample};
use crate::support::program::{complaints, spasmograph};

const CLIP: &str = "typical-right.mp4";

#[cfg(target_os = "linux")]
#[test]
fn standard_output_that_is_lost_is_an_error_and_a_reader_that_left_is_none() {
    let folder = tempfile::tempdir().unwrap();
    let full = || Stdio::from(File::options().write(true).open("/dev/full").unwrap());
    let out = folder.path().join("out");
    let lost = command(&sample(CLIP), &out, &["--json"]).stdout(full()).output().unwrap();
    assert_eq!(lost.status.code(), Some(1));
    assert_eq!(complaints(&lost).len(), 1, "{:?}", complaints(&lost));
    assert!(complaints(&lost)[0].contains("standard output"), "{:?}", complaints(&lost));
    assert!(out.join("analysis.json").exists(), "what was measured is kept");
    for arguments in [&["doctor"][..], &["--version"], &["--help"], &["models", "verify"]] {
        let lost = spasmograph().args(arguments).stdout(full()).output().unwrap();
        assert_eq!(lost.status.code(), Some(1), "{arguments:?}");
    }
    let mut left =
        command(&sample(CLIP), &out, &["--json"]).stdout(Stdio::piped()).spawn().unwrap();
    drop(left.stdout.take());
    assert!(left.wait().unwrap().success());
}

#[cfg(target_os = "linux")]
#[test]
fn a_session_whose_lines_are_lost_is_saved_and_says_so() {
    let folder = tempfile::tempdir().unwrap();
    let out = folder.path().join("session");
    let full = File::options().write(true).open("/dev/full").unwrap();
    let lost = spasmograph()
        .args(["monitor", "--json", "--port", "0", "--input"])
        .arg(sample("indeterminate-few-events.mp4"))
        .arg("--out")
        .arg(&out)
        .stdout(full)
        .output()
        .unwrap();
    assert_eq!(lost.status.code(), Some(1), "{:?}", complaints(&lost));
    assert!(complaints(&lost).last().unwrap().contains("standard output"), "{lost:?}");
    assert!(out.join("analysis.json").exists());
}

#[test]
fn a_stretch_that_runs_backwards_is_wrong_usage() {
    for [start, end] in [["5", "3"], ["3", "3"]] {
        let clip = sample(CLIP);
        let output = spasmograph()
            .args(["analyze", clip.to_str().unwrap(), "--start", start, "--end", end])
            .output()
            .unwrap();
        assert_eq!(output.status.code(), Some(2), "{:?}", complaints(&output));
    }
}
