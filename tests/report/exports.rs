//! Exchange formats, each opened by a reader that knows nothing of this project.

use std::path::Path;

use serde_json::Value;
use spasmograph::report::export::{Format, write};
use spasmograph::report::{Analysis, Gap, OutputFolder};
use spasmograph::signal::Sample;
use spasmograph::synth::preset;

use crate::support::python;
use crate::{example, patient};

/// Times agree where they differ by no more than this, seconds.
const MILLISECOND: f64 = 1e-3;

/// A recording of a described patient, with a gap, at a rate that is no whole number.
fn recording() -> (Analysis, Vec<Sample>) {
    let mut scenario = preset("typical-right").unwrap();
    scenario.camera.fps = 29.97;
    let (mut analysis, mut samples) = patient::recording(&scenario, "typical-right.mp4");
    for sample in samples.iter_mut().filter(|s| (15.0..15.5).contains(&s.time_s)) {
        let (index, time_s) = (sample.index, sample.time_s);
        *sample = spasmograph::signal::Sample::gap(index, time_s);
    }
    let reason = spasmograph::face::GapReason::NoFace;
    analysis.coverage.gaps.push(Gap { start_s: 15.015, end_s: 15.516, reason });
    (analysis, samples)
}

fn export_all(root: &Path) -> (Analysis, Vec<Sample>) {
    let (analysis, samples) = recording();
    for format in Format::ALL {
        let folder = OutputFolder::create(&root.join(format.name())).unwrap();
        let files = write(*format, &analysis, &samples, &folder).unwrap();
        assert!(files.iter().all(|file| file.is_file()), "{format:?}");
    }
    (analysis, samples)
}

/// The right cheek's largest displacement and its time.
fn peak(samples: &[Sample]) -> (f64, f64) {
    let cheek = spasmograph::anatomy::Place::ALL[3];
    assert_eq!(cheek.to_string(), "cheek_right");
    samples
        .iter()
        .filter_map(|s| Some((f64::from(s.displacement[cheek]?), s.time_s)))
        .max_by(|a, b| a.0.total_cmp(&b.0))
        .unwrap()
}

fn times(rows: &Value, text: &str) -> Vec<(f64, f64)> {
    let of = |row: &Value| (row[0].as_f64().unwrap(), row[1].as_f64().unwrap());
    let has = |row: &&Value| row[2].as_str().unwrap().contains(text);
    rows.as_array().unwrap().iter().filter(has).map(of).collect()
}

fn assert_near(found: &[(f64, f64)], expected: &[(f64, f64)], what: &str) {
    assert_eq!(found.len(), expected.len(), "{what}: {found:?} for {expected:?}");
    for (found, expected) in found.iter().zip(expected) {
        let apart = (found.0 - expected.0).abs().max((found.1 - expected.1).abs());
        assert!(apart <= MILLISECOND, "{what}: {found:?} for {expected:?}");
    }
}

#[test]
fn every_export_says_the_same_to_an_independent_reader() {
    let folder = tempfile::tempdir().unwrap();
    let (analysis, samples) = export_all(folder.path());
    let read = python::run("exports", &[folder.path()]);
    let events: Vec<(f64, f64)> = analysis
        .findings
        .events
        .iter()
        .map(|event| (event.start_s, event.end_s - event.start_s))
        .collect();
    let blinks: Vec<(f64, f64)> =
        analysis.findings.blinks.iter().map(|b| (b.start_s, b.end_s - b.start_s)).collect();
    edf(&read["edf"], &events, &blinks, &samples);
    elan(&read["elan"], &events, &blinks);
    bids(&read["bids"], &events, &blinks, &samples);
    tables(&read, &samples);
    if read["edf"]["mne"].is_null() || read["bids"]["problems"].is_null() {
        unable!("all but what mne and the BIDS validator say, which are not beside this Python");
    }
}

fn edf(edf: &Value, events: &[(f64, f64)], blinks: &[(f64, f64)], samples: &[Sample]) {
    for reader in ["annotations", "mne"] {
        if edf[reader].is_null() {
            continue;
        }
        let twitches = times(&edf[reader], "twitch right");
        let spasms = times(&edf[reader], "spasm right");
        let mut all = [twitches, spasms].concat();
        all.sort_by(|a, b| a.0.total_cmp(&b.0));
        assert_near(&all, events, reader);
        assert_near(&times(&edf[reader], "blink"), blinks, reader);
        assert_eq!(times(&edf[reader], "not measured").len(), 1);
    }
    assert!((edf["rate"].as_f64().unwrap() - 29.97).abs() < 1e-4, "{}", edf["rate"]);
    assert_eq!(edf["unit"], "mFU");
    assert_eq!(edf["labels"].as_array().unwrap().len(), 13);
    let (height, at_s) = peak(samples);
    let (found, found_s) = (edf["peak"].as_f64().unwrap(), edf["peak_s"].as_f64().unwrap());
    assert!((found - height).abs() < 0.01 * height, "{found} mFU for {height}");
    assert!((found_s - at_s).abs() <= 0.5 / 29.97, "{found_s} s for {at_s}");
    let missing: Vec<f64> =
        edf["missing_s"].as_array().unwrap().iter().map(|t| t.as_f64().unwrap()).collect();
    let last_s = samples.last().unwrap().time_s;
    let inside = missing.iter().filter(|t| **t <= last_s).all(|t| (14.99..15.52).contains(t));
    assert!(inside && missing.len() >= 15, "{missing:?}");
}

fn elan(elan: &Value, events: &[(f64, f64)], blinks: &[(f64, f64)]) {
    let tier = |name: &str| -> Vec<(f64, f64)> {
        let rows = elan[name].as_array().unwrap_or_else(|| panic!("no tier {name} in {elan}"));
        let seconds = |value: &Value| value.as_f64().unwrap() / 1e3;
        let mut spans: Vec<(f64, f64)> =
            rows.iter().map(|r| (seconds(&r[0]), seconds(&r[1]) - seconds(&r[0]))).collect();
        spans.sort_by(|a, b| a.0.total_cmp(&b.0));
        spans
    };
    assert_near(&tier("events"), events, "events");
    assert_near(&tier("blinks"), blinks, "blinks");
    assert_eq!(tier("right lids").len(), events.len());
    assert_eq!(tier("not measured").len(), 1);
}

fn bids(bids: &Value, events: &[(f64, f64)], blinks: &[(f64, f64)], samples: &[Sample]) {
    let mut all = [times(&bids["events"], "twitch"), times(&bids["events"], "spasm")].concat();
    all.sort_by(|a, b| a.0.total_cmp(&b.0));
    assert_near(&all, events, "events");
    assert_near(&times(&bids["events"], "blink"), blinks, "blinks");
    let latency = bids["latency"].as_array().unwrap();
    assert_eq!(latency.len(), samples.len());
    for (latency, sample) in latency.iter().zip(samples) {
        assert!((latency.as_f64().unwrap() - sample.time_s).abs() <= MILLISECOND);
    }
    let gaps = bids["cheek"].as_array().unwrap().iter().filter(|v| v.is_null()).count();
    assert_eq!(gaps, samples.iter().filter(|s| s.track.is_none()).count());
    assert!((bids["rate"].as_f64().unwrap() - 29.97).abs() < 1e-2);
    assert_eq!(bids["channels"], 0, "channel table and count disagree");
    if let Some(problems) = bids["problems"].as_array() {
        assert!(problems.is_empty(), "{problems:#?}");
    }
}

fn tables(read: &Value, samples: &[Sample]) {
    let gaps = samples.iter().filter(|s| s.track.is_none()).count();
    for name in ["openface", "jefapato", "csv"] {
        assert_eq!(read[name]["rows"], samples.len(), "{name}");
    }
    let openface = &read["openface"];
    assert_eq!(openface["first"]["frame"], 1.0);
    assert_eq!(openface["first"]["success"], 1.0);
    let last = samples.last().unwrap();
    let stamp = openface["last"]["timestamp"].as_f64().unwrap();
    assert!((stamp - last.time_s).abs() <= MILLISECOND, "{stamp}");
    let yaw = openface["last"]["pose_Ry"].as_f64().unwrap();
    let expected = -f64::from(last.pose.unwrap().yaw_deg).to_radians();
    assert!((yaw - expected).abs() < 1e-4, "{yaw} for {expected}");
    let jefapato = &read["jefapato"];
    assert_eq!(jefapato["empty"], gaps);
    let ratio = jefapato["first"]["EAR2D6_l"].as_f64().unwrap();
    let expected = f64::from(samples[0].eyes.left.unwrap().opening);
    assert!((ratio - expected).abs() < 1e-4, "{ratio} for {expected}");
    assert_eq!(read["csv"]["empty"], gaps);
    let parquet = &read["parquet"];
    if cfg!(feature = "parquet") {
        assert_eq!(parquet["types"]["time_s"], "double");
        let times = parquet["times"].as_array().unwrap();
        for (time, sample) in times.iter().zip(samples) {
            assert_eq!(time.as_f64().unwrap(), sample.time_s);
        }
        let nulls = parquet["cheek"].as_array().unwrap().iter().filter(|v| v.is_null()).count();
        assert_eq!(nulls, gaps);
        assert_eq!(parquet["events"][0][0], "blink");
        assert!(parquet["events"][0][1].is_null());
    }
}

#[test]
fn a_recording_without_samples_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let out = OutputFolder::create(folder.path()).unwrap();
    for format in Format::ALL {
        let error = write(*format, &example::without_a_face(), &[], &out).unwrap_err();
        assert!(error.to_string().contains("no sample to export"), "{format:?}: {error}");
    }
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0);
}
