//! Data flows one way: a stage may name earlier stages only, and OpenCV stays where pixels are.

use std::fs;
use std::path::{Path, PathBuf};

/// The stages in the order of the data, with the words they may name.
const STAGES: [(&str, &[&str]); 6] = [
    ("source", &["thresholds", "source"]),
    ("face", &["anatomy", "thresholds", "models", "source", "face"]),
    ("signal", &["anatomy", "thresholds", "face", "signal"]),
    ("event", &["anatomy", "document", "thresholds", "signal", "event"]),
    ("pattern", &["anatomy", "document", "thresholds", "event", "pattern"]),
    (
        "report",
        &[
            "anatomy",
            "document",
            "thresholds",
            "source",
            "face",
            "signal",
            "event",
            "pattern",
            "report",
        ],
    ),
];

fn sources(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).unwrap().map(Result::unwrap) {
        let path = entry.path();
        if path.is_dir() {
            found.extend(sources(&path));
        } else if path.extension().is_some_and(|ending| ending == "rs") {
            found.push(path);
        }
    }
    found
}

/// The part of a file that is built into the library: unit tests stand at its end.
fn built(path: &Path) -> String {
    let text = fs::read_to_string(path).unwrap();
    let end = text.find("#[cfg(test)]").unwrap_or(text.len());
    let code = text[..end].lines().filter(|line| !line.trim_start().starts_with("//"));
    code.collect::<Vec<_>>().join("\n")
}

#[test]
fn every_stage_names_earlier_stages_only() {
    let src = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut seen = 0;
    for (stage, allowed) in STAGES {
        for path in sources(&src.join(stage)) {
            for rest in built(&path).split("crate::").skip(1) {
                let word: String =
                    rest.chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect();
                assert!(allowed.contains(&word.as_str()), "{}: crate::{word}", path.display());
                seen += 1;
            }
            // Nor does it climb out of itself: the names at the root are named from there.
            let inside = path.strip_prefix(&src).unwrap().with_extension("");
            let names = inside.iter().filter(|name| *name != "mod").count();
            let out = format!("use {}", "super::".repeat(names));
            let climbs = built(&path).lines().any(|line| line.starts_with(&out));
            assert!(!climbs, "{}: {out}", path.display());
        }
    }
    assert!(seen > 50, "only {seen} imports were looked at");
}

#[test]
fn the_live_shell_is_named_by_the_command_line_and_the_desk_alone() {
    let src = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let named: Vec<String> = sources(&src)
        .iter()
        .filter(|path| built(path).contains("crate::live"))
        .map(|path| path.strip_prefix(&src).unwrap().to_string_lossy().replace('\\', "/"))
        .collect();
    let outside =
        |name: &&String| !["live/", "app/", "desk/"].iter().any(|place| name.starts_with(place));
    assert_eq!(named.iter().find(outside), None);
    assert!(named.iter().any(|name| name == "app/monitor.rs"));
}

#[test]
fn opencv_stays_where_pixels_are() {
    let src = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut users = 0;
    for path in sources(&src) {
        let inside = path.strip_prefix(&src).unwrap().to_string_lossy().replace('\\', "/");
        if !built(&path).contains("opencv") {
            continue;
        }
        users += 1;
        let allowed = ["source/", "face/", "report/overlay/", "app/doctor.rs", "synth/"];
        assert!(allowed.iter().any(|place| inside.starts_with(place)), "{inside} names OpenCV");
    }
    assert!(users > 2);
}
