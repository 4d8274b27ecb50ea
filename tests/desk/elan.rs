//! A review through ELAN and back, edited by a script with pympi.

use std::process::Command;

use serde_json::Value;

use crate::review::{recording, results};
use crate::support::python;

fn run(arguments: &[&std::ffi::OsStr]) -> Value {
    let done = Command::new(env!("CARGO_BIN_EXE_spasmograph")).args(arguments).output().unwrap();
    assert!(done.status.success(), "{arguments:?}: {}", String::from_utf8_lossy(&done.stderr));
    serde_json::from_slice(&done.stdout).unwrap_or(Value::Null)
}

#[test]
fn what_was_edited_in_elan_becomes_steps_and_what_was_not_stays() {
    let folder = tempfile::tempdir().unwrap();
    let (analysis, samples) = recording();
    let results = results(folder.path(), &analysis, &samples);
    run(&["export".as_ref(), results.as_ref(), "--format".as_ref(), "elan".as_ref()]);
    let exported = results.join("elan/typical-right.eaf");
    // Nothing edited is nothing changed.
    let untouched: [&std::ffi::OsStr; 6] = [
        "review".as_ref(),
        results.as_ref(),
        "--json".as_ref(),
        "--reviewer=nobody".as_ref(),
        "--from".as_ref(),
        exported.as_ref(),
    ];
    let same = run(&untouched);
    assert_eq!(same["reviewed"]["changed"], 0, "{}", same["reviewed"]);
    assert_eq!(same["reviewed"]["rejected"], 0);

    let edited = folder.path().join("edited.eaf");
    python::run("elan", &[&exported, &edited]);
    let own = run(&[
        "review".as_ref(),
        results.as_ref(),
        "--json".as_ref(),
        "--reviewer=ELAN rater".as_ref(),
        "--from".as_ref(),
        edited.as_ref(),
    ]);
    let tally = &own["reviewed"];
    println!("{tally}");
    let blinks = u64::from(!analysis.findings.blinks.is_empty());
    assert_eq!(tally["rejected"], 1 + blinks);
    assert_eq!(tally["added"], 2);
    assert_eq!(tally["changed"], 2);
    let events = own["events"].as_array().unwrap();
    let before = &analysis.findings.events;
    assert_eq!(events.len(), before.len());
    let near = |value: &Value, time_s: f64| (value.as_f64().unwrap() - time_s).abs() < 0.02;
    // Added first, the first one gone; the second ends 100 ms later, the third is a spasm.
    assert!(near(&events[0]["start_s"], 0.2) && events[0]["side"] == "left");
    assert!(near(&events[1]["start_s"], before[1].start_s));
    assert!(near(&events[1]["end_s"], before[1].end_s + 0.1), "{}", events[1]);
    assert_eq!(events[2]["kind"], "spasm");
    assert!(near(&events[3]["start_s"], before[3].start_s));
}
