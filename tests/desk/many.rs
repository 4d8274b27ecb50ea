//! A library of five hundred recordings.

use std::fs;
use std::time::{Duration, Instant};

use crate::client::Desk;
use crate::review::{recording, results};
use crate::support::chromium::chromium;
use crate::support::python;

const RECORDINGS: usize = 500;

#[test]
fn five_hundred_recordings_open_under_two_seconds_and_are_sorted_and_searched_under_a_third() {
    let folder = tempfile::tempdir().unwrap();
    let (analysis, samples) = recording();
    let one = results(folder.path(), &analysis, &samples);
    let json = fs::read(one.join("analysis.json")).unwrap();
    let signals = fs::read(one.join("signals.csv")).unwrap();
    fs::remove_dir_all(&one).unwrap();
    let mut manifest = "clip,subject,visit\n".to_owned();
    for number in 0..RECORDINGS {
        let name = format!("visit-{number:03}");
        fs::write(folder.path().join(format!("{name}.mp4")), b"x").unwrap();
        let place = folder.path().join(format!("{name}.spasmograph"));
        fs::create_dir(&place).unwrap();
        fs::write(place.join("analysis.json"), &json).unwrap();
        fs::write(place.join("signals.csv"), &signals).unwrap();
        manifest += &format!("{name}.mp4,S{:03},{}\n", number / 3, number % 3 + 1);
    }
    fs::write(folder.path().join("recordings.csv"), manifest).unwrap();
    let desk = Desk::open(folder.path());
    let begun = Instant::now();
    let rows = desk.get("/api/library").json();
    let took = begun.elapsed();
    println!("the rows of {RECORDINGS} recordings came after {took:?}");
    assert_eq!(rows["rows"].as_array().unwrap().len(), RECORDINGS);
    assert!(took < Duration::from_secs(2), "{took:?}");

    let chromium = chromium();
    let url = desk.url();
    let found = python::run("library", &[url.as_ref(), &chromium, folder.path()]);
    println!("{found}");
    assert_eq!(found["errors"], serde_json::json!([]));
    assert!(found["opened ms"].as_f64().unwrap() < 2000.0, "{found}");
    for what in ["sort ms", "search ms"] {
        for took in found[what].as_array().unwrap() {
            assert!(took.as_f64().unwrap() < 300.0, "{found}");
        }
    }
    assert_eq!(found["found"], 3);
}
