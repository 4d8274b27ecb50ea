//! Live and recorded analysis of the same file.

use crate::session::{Session, blinks, is, talk};
use crate::support::program;

#[test]
fn a_file_played_in_real_time_is_measured_as_it_is_recorded() {
    let folder = tempfile::tempdir().unwrap();
    let clip = talk(folder.path());
    let (live, recorded) = (folder.path().join("live"), folder.path().join("recorded"));
    let session = Session::start(&live, &["--input", clip.to_str().unwrap()]);
    let hello = session.line(30, is("session"));
    assert_eq!(hello["input"], "talk.mp4", "pages are not told where files lie");
    let saved = session.line(120, is("saved"));
    assert_eq!(saved["folder"], live.to_str().unwrap());
    assert_eq!(session.end().code(), Some(0));
    assert!(program::analyze(&clip, &recorded).status.success());

    let [ours, theirs] = [&live, &recorded].map(|folder| program::analysis(folder));
    let [our_blinks, their_blinks] = [&ours, &theirs].map(blinks);
    assert_eq!(our_blinks.len(), their_blinks.len());
    for (ours, theirs) in our_blinks.iter().zip(&their_blinks) {
        assert!((ours - theirs).abs() <= 1.0 / 30.0, "{ours} for {theirs}");
    }
    assert_eq!(
        ours["events"].as_array().unwrap().len(),
        theirs["events"].as_array().unwrap().len()
    );
    assert_eq!(ours["source"]["sha256"], theirs["source"]["sha256"]);
    let text = std::fs::read_to_string(live.join("session.json")).unwrap();
    let record: serde_json::Value = serde_json::from_str(&text).unwrap();
    assert_eq!(record["finished"], true);
    let dropped = record["dropped"].as_u64().unwrap();
    println!("{} frames, {dropped} dropped", record["arrived"]);
    if dropped == 0 {
        // Nothing was lost: the same to the last digit.
        let signals = |folder: &std::path::Path| std::fs::read(folder.join("signals.csv")).unwrap();
        assert!(signals(&live) == signals(&recorded), "the signals differ");
        assert_eq!(ours["events"], theirs["events"]);
    }
}

#[test]
fn the_recording_of_a_session_holds_what_was_measured() {
    let folder = tempfile::tempdir().unwrap();
    let clip = talk(folder.path());
    let (live, again) = (folder.path().join("live"), folder.path().join("again"));
    let session = Session::start(&live, &["--record", "--input", clip.to_str().unwrap()]);
    session.line(120, is("saved"));
    assert_eq!(session.end().code(), Some(0));
    let first = program::analysis(&live);
    let warnings = first["warnings"].to_string();
    if warnings.contains("no_recording") {
        unable!("the recording: {warnings}");
    }
    assert!(program::analyze(&live.join("recording.mkv"), &again).status.success());
    let second = program::analysis(&again);
    let text = std::fs::read_to_string(live.join("session.json")).unwrap();
    let record: serde_json::Value = serde_json::from_str(&text).unwrap();
    let left_out = record["unrecorded"].as_u64().unwrap();
    let frames =
        |analysis: &serde_json::Value| analysis["coverage"]["frames_read"].as_u64().unwrap();
    assert_eq!(frames(&second) + left_out, frames(&first));
    if left_out > 0 {
        unable!("the recording's blinks: the machine was too busy to record {left_out} frames");
    }
    let (first, second) = (blinks(&first), blinks(&second));
    assert_eq!(first.len(), second.len());
    for (live, recorded) in first.iter().zip(&second) {
        assert!((live - recorded).abs() <= 2.0 / 30.0, "{recorded} for {live}");
    }
}
