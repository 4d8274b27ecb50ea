//! Figures of agreement: of reviews made by hand, and against other people's statistics.

use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::{Value, json};
use spasmograph::agree::{agree, icc};

use crate::support::python;

/// A rating of a minute by hand: events as start, end, kind, side; blinks as starts.
fn rating(
    folder: &Path,
    rater: &str,
    events: &[(f64, f64, &str, &str)],
    blinks: &[f64],
) -> PathBuf {
    let events: Vec<Value> = events
        .iter()
        .map(|(start_s, end_s, kind, side)| {
            json!({ "start_s": start_s, "end_s": end_s, "kind": kind, "side": side })
        })
        .collect();
    let blinks: Vec<Value> = blinks
        .iter()
        .map(|start_s| json!({ "start_s": start_s, "end_s": start_s + 0.2, "side": "both" }))
        .collect();
    let truth = json!({
        "schema": "spasmograph.truth/1", "clip": "clip.mp4", "duration_s": 60.0, "fps": 30.0,
        "annotator": rater, "events": events, "blinks": blinks, "pattern": "typical_hfs",
    });
    let path = folder.join(format!("clip.{rater}.truth.json"));
    std::fs::write(&path, truth.to_string()).unwrap();
    path
}

/// Three raters who agree in most.
fn raters(folder: &Path) -> Vec<PathBuf> {
    let a = [
        (1.0, 1.5, "twitch", "left"),
        (5.0, 5.6, "twitch", "left"),
        (10.0, 12.0, "spasm", "left"),
        (20.0, 20.5, "twitch", "left"),
        (30.0, 33.0, "spasm", "left"),
        (40.0, 40.5, "twitch", "right"),
        (50.0, 50.5, "uncertain", "left"),
    ];
    let b = [
        (1.02, 1.55, "twitch", "left"),
        (5.05, 5.6, "twitch", "left"),
        (10.1, 12.0, "twitch", "left"),
        (20.0, 20.55, "twitch", "right"),
        (30.03, 33.1, "spasm", "left"),
        (50.0, 50.4, "twitch", "left"),
    ];
    let c = [
        (0.98, 1.5, "twitch", "left"),
        (10.05, 11.9, "spasm", "left"),
        (20.04, 20.5, "twitch", "left"),
        (30.1, 33.0, "spasm", "left"),
        (40.0, 40.45, "twitch", "right"),
        (55.0, 55.5, "closure", "both"),
    ];
    vec![
        rating(folder, "a", &a, &[2.0, 8.0, 14.0, 15.0, 25.0, 36.0, 44.0, 51.0, 52.0, 53.0]),
        rating(folder, "b", &b, &[2.0, 8.0, 14.0, 25.0, 36.0, 44.0, 51.0, 52.0, 53.0, 54.0]),
        rating(folder, "c", &c, &[2.0, 14.0, 15.0, 25.0, 36.0, 45.0, 51.0, 52.0]),
    ]
}

#[test]
fn reviews_made_by_hand_have_the_kappa_f1_and_limits_that_were_worked_out() {
    let folder = tempfile::tempdir().unwrap();
    let own = agree(&raters(folder.path())).unwrap();
    assert_eq!(own.raters, ["a", "b", "c"]);
    // a and b share five events with a claim; one of a's is uncertain, one b has not.
    let ab = &own.events[0];
    assert_eq!((ab.both, ab.only_first, ab.only_second), (5, 1, 1));
    assert!((ab.f1.unwrap().value - 10.0 / 12.0).abs() < 1e-12);
    // Kinds of a and b over seven units: 4 of 7 the same. By chance, over 49: twitch 4 x 5, spasm
    // 2 x 1, uncertain 1 x 0, none 0 x 1.
    let kappa = own.kinds.cohen[0].cohen.unwrap();
    assert_eq!(kappa.units, 7);
    let (seen, chance) = (4.0 / 7.0, 22.0 / 49.0);
    assert!((kappa.kappa - (seen - chance) / (1.0 - chance)).abs() < 1e-12, "{kappa:?}");
    // Onsets of b less a: 20, 50, 100, 0, 30, 0 ms.
    let onset = own.onset[0].figures.as_ref().unwrap();
    assert!((onset.bias - 0.2 / 6.0).abs() < 1e-9, "{onset:?}");
    let sd = 0.037_771_2;
    assert!((onset.limits[1] - onset.bias - 1.96 * sd).abs() < 1e-5, "{onset:?}");
    assert_eq!(own.labels.cohen[0].cohen, None, "one word says nothing of agreement");
    assert_eq!(own.blinks_per_recording, None, "one recording says nothing of counts");
    let page = own.html();
    assert!(page.contains("<svg") && page.contains("kappa") && !page.contains("NaN"));
}

#[test]
fn the_figures_are_those_of_scikit_learn_statsmodels_and_pingouin() {
    let folder = tempfile::tempdir().unwrap();
    let ratings = raters(folder.path());
    let program = Command::new(env!("CARGO_BIN_EXE_spasmograph"))
        .args(["agree", "--json"])
        .args(&ratings)
        .output()
        .unwrap();
    assert!(program.status.success(), "{}", String::from_utf8_lossy(&program.stderr));
    let written = folder.path().join("agreement.json");
    std::fs::write(&written, &program.stdout).unwrap();
    let own: Value = serde_json::from_slice(&program.stdout).unwrap();
    // Blinks in stretches of ten seconds.
    let counts = [
        [2.0, 2.0, 1.0],
        [2.0, 1.0, 2.0],
        [1.0, 1.0, 1.0],
        [1.0, 1.0, 1.0],
        [1.0, 1.0, 1.0],
        [3.0, 4.0, 2.0],
    ];
    let theirs = python::run("agree", &[&written, Path::new(&json!(counts).to_string())]);
    let near = |own: &Value, theirs: &Value, what: &str| {
        let (a, b) = (own.as_f64().unwrap(), theirs.as_f64().unwrap());
        println!("{what}: {a:.6}, theirs {b:.6}");
        assert!((a - b).abs() < 1e-6, "{what}: {a} for {b}");
    };
    for pair in 0..3 {
        near(&own["kinds"]["cohen"][pair]["cohen"]["kappa"], &theirs["cohen"][pair], "Cohen");
        let onset = &own["onset"][pair]["figures"];
        near(&onset["bias"], &theirs["onset"][pair][0], "bias");
        near(&onset["limits"][0], &theirs["onset"][pair][1], "lower limit");
        near(&onset["limits"][1], &theirs["onset"][pair][2], "upper limit");
    }
    // Of b and c nobody called anything uncertain: F1 there is that of plain presence.
    near(&own["events"][2]["f1"]["value"], &theirs["f1"][2], "F1");
    near(&own["kinds"]["fleiss"]["kappa"], &theirs["fleiss"], "Fleiss");
    near(&own["blinks_per_stretch"]["icc"], &theirs["icc"][0], "ICC(2,1)");
    let interval = icc::icc(&counts.map(|row| row.to_vec())).unwrap().ci.unwrap();
    for (own, theirs) in interval.iter().zip([&theirs["icc"][1], &theirs["icc"][2]]) {
        // They round to two digits.
        assert!((own - theirs.as_f64().unwrap()).abs() < 0.006, "{own} for {theirs}");
    }
}

#[test]
fn one_rating_alone_or_twice_by_one_rater_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let all = raters(folder.path());
    assert!(agree(&all[..1]).is_err());
    let twice = [all[0].clone(), all[0].clone()];
    let error = agree(&twice).unwrap_err().to_string();
    assert!(error.contains("a rated \"clip.mp4\" twice"), "{error}");
}
