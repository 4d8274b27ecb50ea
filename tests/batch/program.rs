//! The program on a handful of clips.

use std::collections::HashMap;
use std::ffi::OsStr;
use std::fs;
use std::path::Path;
use std::process::Output;

use spasmograph::batch::{Place, Shard, State};
use spasmograph::event::EventKind;
use spasmograph::report::Analysis;
use spasmograph::review::{self, Change, ItemId, Review};

use crate::cohort::tables;
use crate::support::pipeline::models;
use crate::support::program::{complaints, ffmpeg, spasmograph};

fn samples() -> &'static Path {
    Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/samples"))
}

/// Some seconds of a sample, as a clip of its own.
fn clip(to: &Path, sample: &str, seconds: &str) {
    let from = samples().join(sample);
    let cut: [&OsStr; 8] = [
        "-i".as_ref(),
        from.as_ref(),
        "-t".as_ref(),
        seconds.as_ref(),
        "-c:v".as_ref(),
        "mpeg4".as_ref(),
        "-q:v".as_ref(),
        "2".as_ref(),
    ];
    ffmpeg([&cut[..], &[to.as_ref()]].concat());
}

/// Two recordings, a copy of one under another name, and two files that are no videos.
fn clips(folder: &Path) {
    fs::create_dir_all(folder).unwrap();
    clip(&folder.join("a.mp4"), "typical-right.mp4", "3");
    clip(&folder.join("b.mp4"), "meige.mp4", "2");
    fs::copy(folder.join("a.mp4"), folder.join("c.mp4")).unwrap();
    fs::write(folder.join("d.mp4"), "no video").unwrap();
    fs::write(folder.join("e.mp4"), "").unwrap();
}

fn batch(inputs: &Path, out: &Path, more: &[&str]) -> Output {
    let mut command = spasmograph();
    command.arg("batch").arg(inputs).arg("--out").arg(out).args(more);
    command.output().expect("the program starts")
}

#[test]
fn every_clip_is_accounted_for_and_a_batch_goes_on_where_it_was() {
    models();
    let folder = tempfile::tempdir().unwrap();
    let (inputs, out) = (folder.path().join("in"), folder.path().join("out"));
    clips(&inputs);
    let first = batch(&inputs, &out, &["--jobs", "2"]);
    assert_eq!(first.status.code(), Some(3), "{first:?}");
    let complaints = complaints(&first);
    assert_eq!(complaints.len(), 2, "{complaints:?}");
    assert!(
        complaints
            .iter()
            .any(|line| line.ends_with("e.mp4: the file is empty; copy it again from the camera"))
    );
    let told = String::from_utf8_lossy(&first.stdout).into_owned();
    assert!(told.contains("5: 3 done, 0 in part, 2 failed; 1 of them copies of another"), "{told}");
    assert!(told.contains("frames a second with 2 jobs"), "{told}");
    let clips = Place::new(&out).clips().unwrap();
    assert_eq!(clips[0].key, clips[2].key);
    assert_ne!(clips[0].key, clips[1].key);
    assert!(clips[3..].iter().all(|clip| matches!(clip.state, State::Failed(_))));
    let whole = tables(&out);

    let again = batch(&inputs, &out, &[]);
    assert_eq!(again.status.code(), Some(1));
    assert!(String::from_utf8_lossy(&again.stderr).contains("--resume"), "{again:?}");
    let resumed = batch(&inputs, &out, &["--resume"]);
    let told = String::from_utf8_lossy(&resumed.stdout).into_owned();
    assert!(told.contains("Speed    0 frames"), "{told}");
    assert!(whole == tables(&out), "resuming changed the tables");

    // As if the power had gone before the record and amid a report.
    let results = out.join(Place::results(clips[1].key.as_ref().unwrap()));
    fs::remove_file(results.join("record.json")).unwrap();
    fs::write(results.join(".report.x.html"), "<!doct").unwrap();
    fs::remove_file(out.join("clips.csv")).unwrap();
    assert_eq!(batch(&inputs, &out, &["--resume"]).status.code(), Some(3));
    assert!(whole == tables(&out), "going on changed the tables");
    assert!(!results.join(".report.x.html").exists());

    for number in 1..=2 {
        let part = Shard { number, of: 2 }.to_string();
        let status = batch(&inputs, &out.join("parts"), &["--shard", &part, "--jobs", "1"]).status;
        assert!(matches!(status.code(), Some(0 | 3)), "{status}");
    }
    let gathered =
        spasmograph().args(["batch", "--gather", "--out"]).arg(out.join("parts")).output();
    assert_eq!(gathered.unwrap().status.code(), Some(3));
    assert!(whole == tables(&out.join("parts")), "shards give other tables");
}

#[test]
fn a_picture_above_the_limit_fails_its_clip_until_the_limit_is_raised() {
    models();
    let folder = tempfile::tempdir().unwrap();
    let (inputs, out) = (folder.path().join("in"), folder.path().join("out"));
    fs::create_dir_all(&inputs).unwrap();
    fs::copy(samples().join("typical-right.mp4"), inputs.join("a.mp4")).unwrap();
    let first = batch(&inputs, &out, &["--max-pixels", "1000"]);
    assert_eq!(first.status.code(), Some(3), "{first:?}");
    let complaints = complaints(&first);
    assert!(complaints.len() == 1 && complaints[0].contains("--max-pixels"), "{complaints:?}");
    assert_eq!(batch(&inputs, &out, &["--resume"]).status.code(), Some(0));
}

#[test]
fn a_clip_of_a_batch_has_the_analysis_that_analyze_gives_it() {
    models();
    let folder = tempfile::tempdir().unwrap();
    let own = folder.path().join("own.mp4");
    clip(&own, "typical-right.mp4", "4");
    let manifest = folder.path().join("clips.csv");
    fs::write(&manifest, "clip,subject,mirrored\nown.mp4,S1,yes\n").unwrap();
    let out = folder.path().join("out");
    let done = batch(&manifest, &out, &["--keep", "events,signals"]);
    assert_eq!(done.status.code(), Some(0), "{done:?}");
    let alone = folder.path().join("alone");
    let mut command = spasmograph();
    command.args(["analyze", "--mirrored", "--overlay", "none", "--out"]).arg(&alone).arg(&own);
    assert!(command.output().unwrap().status.success());
    let clip = &Place::new(&out).clips().unwrap()[0];
    let results = out.join(Place::results(clip.key.as_ref().unwrap()));
    for name in ["analysis.json", "events.csv", "signals.csv"] {
        let (own, other) = (fs::read(results.join(name)), fs::read(alone.join(name)));
        assert!(own.unwrap() == other.unwrap(), "{name} differs");
    }
    assert!(!results.join("report.html").exists());
}

#[test]
fn a_batch_whose_manifest_names_truths_prints_what_validate_prints() {
    models();
    let folder = tempfile::tempdir().unwrap();
    clip(&folder.path().join("a.mp4"), "typical-right.mp4", "4");
    clip(&folder.path().join("b.mp4"), "meige.mp4", "3");
    let truths = folder.path().join("truths");
    fs::create_dir(&truths).unwrap();
    let twitch = r#"{"schema": "spasmograph.truth/1", "clip": "a.mp4", "person": "S1",
        "expected_labels": ["typical_hfs", "indeterminate"], "blinks_complete": false,
        "blinks": [{"start_s": 0.9, "peak_s": 1.0, "end_s": 1.16}],
        "events": [{"kind": "twitch", "side": "right", "start_s": 2.0, "peak_s": 2.15, "end_s": 2.48}]}"#;
    let nothing = r#"{"schema": "spasmograph.truth/1", "clip": "b.mp4", "person": "S2",
        "expected_labels": ["none", "indeterminate"], "events": [],
        "blinks": [{"start_s": 0.7, "peak_s": 0.8, "end_s": 0.96}]}"#;
    fs::write(truths.join("a.truth.json"), twitch).unwrap();
    fs::write(truths.join("b.truth.json"), nothing).unwrap();
    let manifest = folder.path().join("clips.csv");
    let rows = "clip,subject,truth\na.mp4,S1,truths/a.truth.json\nb.mp4,S2,truths/b.truth.json\n";
    fs::write(&manifest, rows).unwrap();
    let out = folder.path().join("out");
    let done = batch(&manifest, &out, &["--match", "peak"]);
    assert_eq!(done.status.code(), Some(0), "{done:?}");
    let told = String::from_utf8(done.stdout).unwrap();
    let (_, own) = told.split_once("Against the truth\n").expect("the table");
    let mut validate = spasmograph();
    validate.args(["validate", "--match", "peak", "--truth"]).arg(&truths).arg(&out);
    let validated = String::from_utf8(validate.output().unwrap().stdout).unwrap();
    // The recordings of the last table come as each command met them.
    let lines = |text: &str| {
        let mut lines: Vec<String> = text.trim().lines().map(str::to_owned).collect();
        lines.sort();
        lines
    };
    assert_eq!(lines(own), lines(&validated));
    for figure in ["Scored   2 recording(s) of 2 person(s)", "False    ", "Told     ", "Labels   "]
    {
        assert!(own.contains(figure), "{figure} is not in\n{own}");
    }
}

#[test]
fn tables_follow_the_reviews_beside_the_clips_where_that_is_asked_for() {
    models();
    let folder = tempfile::tempdir().unwrap();
    clip(&folder.path().join("a.mp4"), "typical-right.mp4", "4");
    let out = folder.path().join("out");
    let inputs = folder.path().join("a.mp4");
    assert_eq!(batch(&inputs, &out, &[]).status.code(), Some(0));
    let events = |column: &str| {
        let mut table = csv::Reader::from_path(out.join("clips.csv")).unwrap();
        let row: HashMap<String, String> = table.deserialize().next().unwrap().unwrap();
        row[column].clone()
    };
    let before: usize = events("twitches").parse().unwrap();
    assert!(before > 0 && events("reviewed_by").is_empty());

    let own = &Place::new(&out).clips().unwrap()[0];
    let results = out.join(Place::results(own.key.as_ref().unwrap()));
    let analysis = Analysis::read(&results.join("analysis.json")).unwrap();
    let twitch = analysis.findings.events.iter().find(|own| own.kind == EventKind::Twitch).unwrap();
    let mut review = Review::begin(&analysis, "Dr. A", false, review::now());
    review.step(Change::Reject { item: ItemId::Event(twitch.id) }, review::now()).unwrap();
    let path = folder.path().join("a.review.json");
    review.write(&path).unwrap();
    assert_eq!(batch(&inputs, &out, &["--resume"]).status.code(), Some(0));
    assert_eq!(events("twitches"), before.to_string(), "nobody asked for the review");
    let reviewed = batch(&inputs, &out, &["--resume", "--reviewed"]);
    assert_eq!(reviewed.status.code(), Some(0), "{reviewed:?}");
    assert!(String::from_utf8_lossy(&reviewed.stdout).contains("Reviewed 1 of them"));
    assert_eq!(events("twitches"), (before - 1).to_string());
    assert_eq!(events("reviewed_by"), "Dr. A");

    // A review that cannot be followed is said, and its clip stays as the program has it.
    fs::write(&path, "{}").unwrap();
    assert_eq!(batch(&inputs, &out, &["--resume", "--reviewed"]).status.code(), Some(3));
    assert_eq!(events("twitches"), before.to_string());
    let failures = fs::read_to_string(out.join("failures.csv")).unwrap();
    assert!(failures.contains("review"), "{failures}");
}
