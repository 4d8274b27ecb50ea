//! The program on real recordings with rated truth; prints what it finds in each.
#![cfg(feature = "cli")]
#![allow(clippy::print_stderr)]

#[macro_use]
#[path = "common/skip.rs"]
mod skip;

mod common;

use std::path::Path;

use common::{analysis, analyze, cases, spasmograph};
use serde_json::Value;

const RATED: [&str; 6] = [
    "one-sided-winks",
    "glasses-webcam",
    "talking-jump-cuts",
    "phone-portrait-vfr",
    "seven-blinks",
    "long-talk",
];

/// Analyzes a clip of the recordings into `folder`.
fn analyzed(cases: &Path, clip: &str, folder: &Path) -> Value {
    let out = folder.join(clip);
    let output = analyze(&cases.join(clip).with_extension("mp4"), &out);
    assert!(output.status.success(), "{clip}: {:?}", common::complaints(&output));
    analysis(&out)
}

#[test]
fn every_certain_blink_is_found_on_time_and_no_other() {
    let Some(cases) = cases() else { return };
    let folder = tempfile::tempdir().unwrap();
    for clip in RATED {
        analyzed(&cases, clip, folder.path());
    }
    let truths = RATED.iter().flat_map(|clip| {
        ["--truth".into(), cases.join(clip).with_extension("truth.json").into_os_string()]
    });
    let output =
        spasmograph().arg("validate").args(truths).arg("--json").arg(folder.path()).output();
    let validation: Value = serde_json::from_slice(&output.unwrap().stdout).unwrap();
    for recording in validation["recordings"].as_array().unwrap() {
        let found = &recording["score"]["blinks"]["overlap"];
        eprintln!(
            "{}: {} found, {} missed, {} false",
            recording["truth"], found["found"], found["missed"], found["false"]
        );
    }
    let blinks = &validation["pooled"]["blinks"];
    eprintln!("start {}, end {}, frames", blinks["start_error_frames"], blinks["end_error_frames"]);
    let figure = |value: &Value| value.as_f64().unwrap_or_else(|| panic!("no figure: {blinks}"));
    assert!(figure(&blinks["overlap"]["f1"]["value"]) >= 0.98, "{blinks}");
    assert!(figure(&blinks["start_error_frames"]["median"]) <= 2.0, "{blinks}");
    assert!(figure(&blinks["end_error_frames"]["median"]) <= 2.0, "{blinks}");
}

/// One column of `signals.csv` between two times.
fn signal(out: &Path, column: &str, from_s: f64, to_s: f64) -> Vec<f64> {
    let mut table = csv::Reader::from_path(out.join("signals.csv")).unwrap();
    let names = table.headers().unwrap().clone();
    let at = |name: &str| names.iter().position(|n| n == name).unwrap();
    let (time, column) = (at("time_s"), at(column));
    table
        .records()
        .map(Result::unwrap)
        .filter(|row| (from_s..to_s).contains(&row[time].parse().unwrap()))
        .filter_map(|row| row[column].parse().ok())
        .collect()
}

#[test]
fn a_mouth_pulled_to_a_side_contracts_on_that_side() {
    let Some(cases) = cases() else { return };
    let folder = tempfile::tempdir().unwrap();
    analyzed(&cases, "glasses-webcam", folder.path());
    let out = folder.path().join("glasses-webcam");
    // The whole mouth shifts, so the other corner moves as far, but inward: it does not contract.
    // The middle half of the rated stretches, frames 152 to 175 and 203 to 222.
    for (own, other, from, to) in [("left", "right", 158, 169), ("right", "left", 208, 217)] {
        let most = |side: &str| {
            let column = format!("mouth_corner_{side}_mfu");
            let values = signal(&out, &column, f64::from(from) / 30.0, f64::from(to) / 30.0);
            values.into_iter().fold(f64::NEG_INFINITY, f64::max)
        };
        let (own_most, other_most) = (most(own), most(other));
        eprintln!("pulled {own}: {own} {own_most:.0} mFU outward, {other} {other_most:.0}");
        assert!(own_most > 10.0 && own_most >= 4.0 * other_most, "{own_most} {other_most}");
    }
}

#[test]
fn a_still_face_reads_little_noise() {
    let Some(cases) = cases() else { return };
    let folder = tempfile::tempdir().unwrap();
    for (clip, from_s) in [("seven-blinks", 0.0), ("phone-portrait-vfr", 3.4)] {
        analyzed(&cases, clip, folder.path());
        for region in ["cheek", "mouth_corner", "forehead", "jaw"] {
            for side in ["left", "right"] {
                let column = format!("{region}_{side}_mfu");
                let values = signal(&folder.path().join(clip), &column, from_s, from_s + 10.0);
                let noise = spread(values);
                eprintln!("{clip}: {region} {side} {noise:.2} mFU");
                assert!(region != "mouth_corner" || noise < 1.5, "{clip} {side}: {noise}");
            }
        }
    }
}

/// Standard deviation as the median absolute deviation tells it.
fn spread(mut values: Vec<f64>) -> f64 {
    let median = |values: &mut Vec<f64>| {
        values.sort_by(f64::total_cmp);
        values[values.len() / 2]
    };
    let middle = median(&mut values);
    let mut away = values.iter().map(|value| (value - middle).abs()).collect();
    1.4826 * median(&mut away)
}
