//! A crash or a power cut.

use std::process::Command;

use crate::session::{Session, blinks, talk};
use crate::support::program;

#[test]
fn a_session_that_is_cut_off_is_completed_but_for_its_last_seconds() {
    let folder = tempfile::tempdir().unwrap();
    let clip = talk(folder.path());
    let out = folder.path().join("session");
    let session = Session::start(&out, &["--input", clip.to_str().unwrap()]);
    let mut page = session.control();
    let last = page.hear(|m| m["type"] == "frame" && m["time_s"].as_f64().unwrap() >= 8.5);
    session.crash();
    assert!(!out.join("analysis.json").exists());

    let monitor = |arguments: &[&std::ffi::OsStr]| {
        let program = env!("CARGO_BIN_EXE_spasmograph");
        Command::new(program).arg("monitor").args(arguments).output().unwrap()
    };
    let again = monitor(&["--input".as_ref(), clip.as_os_str(), "--out".as_ref(), out.as_os_str()]);
    assert_eq!(again.status.code(), Some(1), "a new session would overwrite the old");
    assert!(program::complaints(&again)[0].contains("--recover"), "{again:?}");

    let recovered = monitor(&["--recover".as_ref(), out.as_os_str()]);
    assert_eq!(recovered.status.code(), Some(3), "{recovered:?}");
    let analysis = program::analysis(&out);
    let lost_s =
        last["time_s"].as_f64().unwrap() - analysis["source"]["duration_s"].as_f64().unwrap();
    println!("{lost_s:.2} s lost");
    assert!(lost_s < 5.0, "{lost_s} s are lost");
    assert!(blinks(&analysis).len() >= 3);
    assert_eq!(analysis["source"]["width"], 360);
    let codes: Vec<_> =
        analysis["warnings"].as_array().unwrap().iter().map(|w| &w["code"]).collect();
    assert!(codes.iter().any(|code| *code == "ended_early"), "{codes:?}");
    for name in ["signals.csv", "events.csv", "report.html"] {
        assert!(out.join(name).exists(), "{name}");
    }
    let nothing = monitor(&["--recover".as_ref(), out.as_os_str()]);
    assert_eq!(nothing.status.code(), Some(1), "there is nothing more to complete");
}
