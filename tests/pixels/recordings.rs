//! The program on real recordings with rated truth; prints what it finds in each.

use std::path::{Path, PathBuf};

use serde_json::Value;

use crate::support::program::{analysis, analyzed, analyzed_with, spasmograph};
use crate::support::recordings::{TALK, case, public};

/// Rated recordings of the cases; the talk is rated too.
const RATED: [&str; 5] = [
    "one-sided-winks",
    "glasses-webcam",
    "talking-jump-cuts",
    "phone-portrait-vfr",
    "seven-blinks",
];

/// A recording with its analysis.
struct Rated {
    truth: PathBuf,
    analysis: PathBuf,
}

impl Rated {
    fn of(clip: &Path, options: &[&str]) -> Self {
        Self { truth: clip.with_extension("truth.json"), analysis: analyzed_with(clip, options) }
    }

    fn talk() -> Self {
        Self::of(&public("franck.mp4"), &TALK)
    }
}

/// Agreement of the blinks of all; prints that of each.
fn blinks(rated: &[Rated]) -> Value {
    let mut command = spasmograph();
    command.args(["validate", "--json"]);
    for own in rated {
        command.arg("--truth").arg(&own.truth);
    }
    let output = command.args(rated.iter().map(|own| &own.analysis)).output().unwrap();
    let validation: Value = serde_json::from_slice(&output.stdout).expect("a validation");
    for recording in validation["recordings"].as_array().unwrap() {
        let found = &recording["score"]["blinks"]["overlap"];
        println!(
            "{}: {} found, {} missed, {} false",
            recording["truth"], found["found"], found["missed"], found["false"]
        );
    }
    let blinks = validation["pooled"]["blinks"].clone();
    println!("start {}, end {}, frames", blinks["start_error_frames"], blinks["end_error_frames"]);
    blinks
}

fn figure(of: &Value) -> f64 {
    of.as_f64().unwrap_or_else(|| panic!("no figure: {of}"))
}

#[test]
fn every_certain_blink_of_a_talk_is_found_on_time_and_no_other() {
    let blinks = blinks(&[Rated::talk()]);
    assert!(figure(&blinks["overlap"]["f1"]["value"]) >= 0.98, "{blinks}");
    assert!(figure(&blinks["start_error_frames"]["median"]) <= 2.0, "{blinks}");
    assert!(figure(&blinks["end_error_frames"]["median"]) <= 2.0, "{blinks}");
}

#[test]
fn the_begin_of_a_smile_is_no_contraction_of_one_side() {
    let events = &analysis(&analyzed(&public("single_face.mp4")))["events"];
    for event in events.as_array().unwrap() {
        let involuntary = event["kind"] == "twitch" || event["kind"] == "spasm";
        assert!(!involuntary, "{event}");
    }
}

#[test]
fn every_certain_blink_is_found_on_time_and_no_other() {
    let cases = RATED.map(|name| Rated::of(&case(&format!("{name}.mp4")), &[]));
    let blinks = blinks(&cases.into_iter().chain([Rated::talk()]).collect::<Vec<_>>());
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
    let out = analyzed(&case("glasses-webcam.mp4"));
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
    for (clip, from_s) in [("seven-blinks.mp4", 0.0), ("phone-portrait-vfr.mp4", 3.4)] {
        let out = analyzed(&case(clip));
        for region in ["cheek", "mouth_corner", "forehead", "jaw"] {
            for side in ["left", "right"] {
                let column = format!("{region}_{side}_mfu");
                let values = signal(&out, &column, from_s, from_s + 10.0);
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
