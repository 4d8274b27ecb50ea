//! What lies in the folder that results go to.

use std::fs;

use crate::place::{analyze, contents, hidden, sample};
use crate::support::program::{complaints, spasmograph};

const CLIP: &str = "typical-right.mp4";

/// The one line with which a run was refused.
fn refusal(output: &std::process::Output) -> String {
    let lines = complaints(output);
    assert_eq!((output.status.code(), lines.len()), (Some(1), 1), "{lines:?}");
    lines[0].clone()
}

#[test]
fn an_input_that_an_output_would_replace_is_refused_whatever_is_said() {
    let folder = tempfile::tempdir().unwrap();
    let own = folder.path().join("own");
    fs::create_dir(&own).unwrap();
    fs::copy(sample(CLIP), own.join("overlay.mp4")).unwrap();
    let protocol = br#"{"segments": []}"#;
    fs::write(own.join("events.csv"), protocol).unwrap();
    let before = contents(&own);
    for further in [&["--overlay", "full"][..], &["--force"]] {
        let mut command = spasmograph();
        command.arg("analyze").arg(own.join("overlay.mp4")).arg("--out").arg(&own).args(further);
        let line = refusal(&command.output().unwrap());
        assert!(line.contains("overlay.mp4 is an input"), "{line}");
    }
    let protocol = own.join("events.csv");
    let further = ["--force", "--protocol", protocol.to_str().unwrap()];
    let line = refusal(&analyze(&sample("meige.mp4"), &own, &further));
    assert!(line.contains("is an input"), "{line}");
    assert_eq!(contents(&own), before);
    // A page over one of the analyses that it is made from.
    let page = own.join("events.csv");
    let compared = spasmograph()
        .args(["validate", "--force", "--truth"])
        .arg(&page)
        .arg(&page)
        .arg("--html")
        .arg(&page)
        .output()
        .unwrap();
    assert_eq!(compared.status.code(), Some(1));
    assert_eq!(contents(&own), before);
}

#[test]
fn a_file_of_someone_else_is_never_replaced_unless_the_user_says_so() {
    let folder = tempfile::tempdir().unwrap();
    let out = folder.path().join("out");
    fs::create_dir(&out).unwrap();
    fs::write(out.join("report.html"), "my own report").unwrap();
    let line = refusal(&analyze(&sample(CLIP), &out, &[]));
    assert!(line.contains("report.html") && line.contains("--force"), "{line}");
    assert_eq!(contents(&out).len(), 1);
    assert!(analyze(&sample(CLIP), &out, &["--force"]).status.success());
    assert!(contents(&out)["report.html"].starts_with(b"<!doctype html>"));
    // Now it is ours, until the user writes into it.
    assert!(analyze(&sample(CLIP), &out, &[]).status.success());
    let mut events = fs::read(out.join("events.csv")).unwrap();
    events.extend(b"my note\n");
    fs::write(out.join("events.csv"), &events).unwrap();
    let line = refusal(&analyze(&sample(CLIP), &out, &[]));
    assert!(line.contains("events.csv"), "{line}");
    assert_eq!(fs::read(out.join("events.csv")).unwrap(), events);
}

#[test]
fn a_run_that_fails_leaves_the_older_results_and_nothing_of_its_own() {
    let folder = tempfile::tempdir().unwrap();
    let out = folder.path().join("out");
    assert!(analyze(&sample(CLIP), &out, &[]).status.success());
    let before = contents(&out);
    let broken = folder.path().join("broken.mp4");
    fs::write(&broken, "only words\n".repeat(500)).unwrap();
    refusal(&analyze(&broken, &out, &[]));
    // This one fails only at its end.
    let nobody = folder.path().join("nobody");
    fs::create_dir(&nobody).unwrap();
    let grey = image::RgbImage::from_pixel(320, 240, image::Rgb([90, 90, 90]));
    grey.save(nobody.join("0.png")).unwrap();
    refusal(&analyze(&nobody, &out, &[]));
    assert_eq!(contents(&out), before);
}

#[test]
fn a_default_folder_that_belongs_to_another_recording_gets_a_number() {
    let folder = tempfile::tempdir().unwrap();
    for (place, clip) in [("a", "typical-right.mp4"), ("b", "meige.mp4")] {
        fs::create_dir(folder.path().join(place)).unwrap();
        fs::copy(sample(clip), folder.path().join(place).join("visit.mp4")).unwrap();
    }
    let run = |clip: &str| {
        let output = spasmograph()
            .current_dir(folder.path())
            .args(["analyze", clip, "--overlay", "none", "--end", "1"])
            .output()
            .unwrap();
        assert!(output.status.success(), "{:?}", complaints(&output));
    };
    let there = |name: &str| folder.path().join(name).join("analysis.json").exists();
    run("a/visit.mp4");
    let first = contents(&folder.path().join("visit.spasmograph"));
    run("b/visit.mp4");
    assert!(there("visit-2.spasmograph"));
    assert_eq!(contents(&folder.path().join("visit.spasmograph")), first);
    run("a/visit.mp4");
    run("b/visit.mp4");
    assert!(!there("visit-3.spasmograph"));
}

#[test]
fn two_runs_in_one_folder_are_one_too_many() {
    let folder = tempfile::tempdir().unwrap();
    let out = folder.path().join("out");
    let mut first = spasmograph()
        .arg("analyze")
        .arg(sample("meige.mp4"))
        .arg("--out")
        .arg(&out)
        .stdout(std::process::Stdio::null())
        .spawn()
        .unwrap();
    while hidden(&out).is_empty() && first.try_wait().unwrap().is_none() {
        std::thread::sleep(std::time::Duration::from_millis(10));
    }
    let line = refusal(&analyze(&sample(CLIP), &out, &["--force"]));
    assert!(line.contains("another run is at work here"), "{line}");
    assert!(first.wait().unwrap().success());
    assert!(out.join("overlay.mp4").exists());
}

#[test]
fn a_session_is_never_replaced() {
    let folder = tempfile::tempdir().unwrap();
    let out = folder.path().join("session");
    let monitor = || {
        spasmograph()
            .args(["monitor", "--port", "0", "--json", "--input"])
            .arg(sample("indeterminate-few-events.mp4"))
            .arg("--out")
            .arg(&out)
            .output()
            .unwrap()
    };
    fs::create_dir(&out).unwrap();
    fs::write(
        out.join("session.json"),
        r#"{"schema": "spasmograph.session/1", "input": "camera 0", "sha256": null,
            "began_unix_s": 1, "mirrored": false, "width": 640, "height": 480, "arrived": 9,
            "dropped": 0, "unsent": 0, "unrecorded": 0, "reconnects": 0, "marks": [],
            "tasks": [], "finished": true}"#,
    )
    .unwrap();
    let before = contents(&out);
    let line = refusal(&monitor());
    assert!(line.contains("holds results already"), "{line}");
    let line = refusal(&analyze(&sample(CLIP), &out, &["--force"]));
    assert!(line.contains("holds a live session"), "{line}");
    assert_eq!(contents(&out), before);
}

#[test]
fn synth_and_export_replace_nothing_they_did_not_write() {
    let folder = tempfile::tempdir().unwrap();
    let at = |name: &str| folder.path().join(name);
    fs::write(at("my.scenario.json"), r#"{ "name": "my", "duration_s": 1 }"#).unwrap();
    let before = contents(folder.path());
    for force in [&[][..], &["--force"]] {
        let line = refusal(
            &spasmograph()
                .arg("synth")
                .arg(at("my.scenario.json"))
                .arg("--out")
                .arg(at("my.mp4"))
                .args(force)
                .output()
                .unwrap(),
        );
        assert!(line.contains("my.scenario.json is an input"), "{line}");
    }
    assert_eq!(contents(folder.path()), before);
    let out = at("out");
    assert!(analyze(&sample(CLIP), &out, &[]).status.success());
    let export = |further: &[&str]| {
        let mut command = spasmograph();
        command.arg("export").arg(&out).args(["--format", "csv"]).args(further).output().unwrap()
    };
    let results = contents(&out);
    let line = refusal(&export(&["--force", "--out", out.to_str().unwrap()]));
    assert!(line.contains("signals.csv is an input"), "{line}");
    assert_eq!(contents(&out), results);
    assert!(export(&[]).status.success() && export(&[]).status.success());
    fs::write(out.join("csv/events.csv"), "mine").unwrap();
    assert!(refusal(&export(&[])).contains("events.csv"));
    // A table that a spreadsheet saved again.
    let text = fs::read_to_string(out.join("signals.csv")).unwrap();
    fs::write(out.join("signals.csv"), text.replace('\n', "\r\n")).unwrap();
    assert!(refusal(&export(&[])).contains("spreadsheet"));
    let rows: Vec<&str> = text.lines().collect();
    fs::write(out.join("signals.csv"), rows[..rows.len() - 3].join("\n") + "\n").unwrap();
    assert!(refusal(&export(&[])).contains("does not belong"));
}

#[test]
fn what_a_killed_run_left_is_found_by_doctor_and_cleared_by_the_next_run() {
    let folder = tempfile::tempdir().unwrap();
    let out = folder.path().join("deep/out");
    fs::create_dir_all(&out).unwrap();
    fs::write(out.join(".spasmograph-aBc123.overlay.mp4"), "a face").unwrap();
    let doctor = || {
        let output = spasmograph().current_dir(folder.path()).arg("doctor").output().unwrap();
        String::from_utf8_lossy(&output.stdout).into_owned()
    };
    assert!(doctor().contains("out/.spasmograph-aBc123.overlay.mp4"), "{}", doctor());
    assert!(analyze(&sample(CLIP), &out, &[]).status.success());
    assert_eq!(hidden(&out), [""; 0]);
    assert!(doctor().contains("leftovers of killed runs: none here"));
}
