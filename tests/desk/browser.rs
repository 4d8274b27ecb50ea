//! The desk in a real browser, from an empty folder to a review.

use std::path::Path;

use serde_json::{Value, json};

use crate::client::Desk;
use crate::support::chromium::chromium;
use crate::support::python;

/// Frames by which a time that was snapped to a frame may be off.
const SNAPPED: f64 = 0.6;

fn list(value: &Value) -> &[Value] {
    value.as_array().map(Vec::as_slice).unwrap_or_default()
}

#[test]
fn a_recording_is_dragged_in_measured_reviewed_and_found_again() {
    let chromium = chromium();
    let folder = tempfile::tempdir().unwrap();
    let pictures = match std::env::var_os("SPASMOGRAPH_PICTURES") {
        Some(place) => place.into(),
        None => folder.path().to_owned(),
    };
    let library = folder.path().join("library");
    let desk = Desk::open(&library);
    let clip = Path::new(env!("CARGO_MANIFEST_DIR")).join("samples/typical-right.mp4");
    let url = desk.url();
    let found = python::run("desk", &[url.as_ref(), &chromium, &clip, &pictures]);

    assert_eq!(found["errors"], json!([]));
    for what in ["tour", "library", "details", "review"] {
        assert_eq!(found[format!("{what} nameless")], json!([]), "{what}");
    }
    assert_eq!(found["token in address"], false);
    let progress = found["progress"].as_str().unwrap();
    assert!(progress.contains("frames") && progress.contains("a second"), "{progress}");
    assert!(found["row"].as_str().unwrap().contains("hemifacial"), "{}", found["row"]);
    assert!(found["wrong date"].as_str().unwrap().len() > 5, "{}", found["wrong date"]);
    assert!(found["video"].as_u64().unwrap() >= 2, "the picture does not play");

    let before = list(&found["items before"]);
    let after = list(&found["items after"]);
    let state = |id: &Value| {
        let own = after.iter().find(|own| own[0] == *id).unwrap();
        own[5].as_str().unwrap().to_owned()
    };
    let events: Vec<&Value> = before.iter().filter(|own| own[1] != "blink").collect();
    assert_eq!(found["third"], events[2][0]);
    assert_eq!(state(&found["third"]), "rejected");
    assert_eq!(state(&found["moved"]), "changed");
    assert!((found["moved frames"].as_f64().unwrap() - 2.0).abs() < SNAPPED, "{found}");
    assert!((found["dragged frames"].as_f64().unwrap() - 4.0).abs() < 1.0 + SNAPPED, "{found}");
    let added: Vec<&Value> = after.iter().filter(|own| own[5] == "added").collect();
    assert_eq!(added.len(), 1);
    assert_eq!((&added[0][1], &added[0][2]), (&json!("twitch"), &json!("left")));
    assert!(found["before"]["events"] != found["after"]["events"], "{}", found["after"]);
    if found["blinks"].as_u64().unwrap() > 0 {
        assert!(found["before"]["blinks"] != found["after"]["blinks"], "{}", found["after"]);
        assert!(found["undone"]["blinks"] != found["after"]["blinks"], "{}", found["undone"]);
    }
    assert_eq!(found["redone"], found["after"]);

    assert!(found["second tab"].as_str().unwrap().contains("another tab"), "{found}");
    assert!(!found["first tab"].as_str().unwrap().is_empty(), "the first tab is not told");
    assert_eq!(found["again"], true);
    assert_eq!(list(&found["items again"]).len(), after.len());
    assert_eq!(found["blind items"], 0);
    assert_eq!(found["blind summary"]["pattern"], Value::Null);
    for scheme in ["light", "dark"] {
        let contrast = &found[format!("{scheme} contrast")];
        assert!(contrast[0].as_f64().unwrap() >= 4.5, "{scheme}: {contrast}");
    }
    assert_eq!(found["tablet too wide"], 0);
    assert_eq!(found["large letters too wide"], 0);
    assert!(found["report"].as_str().unwrap().contains("Reviewed by Dr. A"), "{found}");

    // What was kept is on the disk, beside the recording.
    let review = std::fs::read_to_string(library.join("typical-right.review.json")).unwrap();
    let review: Value = serde_json::from_str(&review).unwrap();
    assert_eq!(
        (&review["schema"], &review["reviewer"]),
        (&json!("spasmograph.review/1"), &json!("Dr. A"))
    );
    assert!(library.join("typical-right.spasmograph/analysis.json").is_file());
    let manifest = std::fs::read_to_string(library.join("recordings.csv")).unwrap();
    assert!(manifest.contains("typical-right.mp4,S1,1"), "{manifest}");
}
