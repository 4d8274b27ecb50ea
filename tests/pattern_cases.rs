//! The pattern of real recordings, none of which shows a patient: `none` or `indeterminate`, with
//! the right reason.
#![cfg(feature = "cli")]
#![allow(clippy::print_stderr)]

#[macro_use]
#[path = "common/skip.rs"]
mod skip;

mod common;

use std::path::Path;

use common::{analysis, analyze, cases, complaints};
use serde_json::Value;

/// The pattern of a clip; `None` where the clip is not there.
fn pattern(cases: &Path, clip: &str) -> Option<Value> {
    let path = cases.join(clip);
    if !path.is_file() {
        skipped!("no {clip} among the recordings");
        return None;
    }
    let folder = tempfile::tempdir().unwrap();
    let output = analyze(&path, &folder.path().join("out"));
    assert!(matches!(output.status.code(), Some(0 | 3)), "{clip}: {:?}", complaints(&output));
    let pattern = analysis(&folder.path().join("out"))["pattern"].clone();
    eprintln!("{clip}: {} ({})", pattern["label"], pattern["reason"]);
    Some(pattern)
}

/// Asserts that nothing is named, and that the reason holds one of `reasons`.
fn open(clip: &str, pattern: &Value, reasons: &[&str]) {
    let label = pattern["label"].as_str().unwrap();
    assert!(matches!(label, "none" | "indeterminate"), "{clip}: {pattern}");
    let reason = pattern["reason"].as_str().unwrap();
    assert!(reasons.iter().any(|words| reason.contains(words)), "{clip}: {reason}");
}

#[test]
fn two_one_sided_winks_are_too_few_events_and_both_sides_are_named() {
    let Some(cases) = cases() else { return };
    let clip = "one-sided-winks.mp4";
    let Some(pattern) = pattern(&cases, clip) else { return };
    assert_eq!(pattern["label"], "indeterminate");
    let reason = pattern["reason"].as_str().unwrap();
    assert!(reason.starts_with("too few events"), "{reason}");
    assert!(reason.contains("left") && reason.contains("right"), "{reason}");
}

#[test]
fn no_healthy_recording_is_given_a_pattern() {
    let Some(cases) = cases() else { return };
    let few = ["too few events", "usable video", "voluntary movement"];
    for clip in [
        "glasses-webcam.mp4",
        "talking-jump-cuts.mp4",
        "phone-portrait-vfr.mp4",
        "seven-blinks.mp4",
        "long-talk.mp4",
        "dim-webcam.mp4",
    ] {
        let Some(pattern) = pattern(&cases, clip) else { continue };
        open(clip, &pattern, &few);
    }
    if let Some(pattern) = pattern(&cases, "face-leaves.mov") {
        open("face-leaves.mov", &pattern, &["usable video"]);
    }
}
