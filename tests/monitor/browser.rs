//! The page in a real browser, with a camera that plays a clip.

use std::path::Path;

use crate::session::{Session, blinks};
use crate::support::chromium::chromium;
use crate::support::recordings::case;
use crate::support::{program, python};

/// Share of lost frames from which the machine is too busy for a browser's camera in real time: at
/// half of 30 a second a blink lasts three frames.
const BUSY: f64 = 0.5;

#[test]
fn the_page_in_chromium_counts_the_blinks_of_the_clip_its_camera_plays() {
    let (chromium, clip) = (chromium(), case("seven-blinks.mp4"));
    let folder = tempfile::tempdir().unwrap();
    let film = folder.path().join("camera.mjpeg");
    let size = "scale=720:480,format=yuvj420p";
    let making = ["-i".as_ref(), clip.as_os_str(), "-vf".as_ref(), size.as_ref()];
    let writing = ["-q:v".as_ref(), "2".as_ref(), film.as_os_str()];
    program::ffmpeg([&making[..], &writing[..]].concat());
    let out = folder.path().join("session");
    let session = Session::start(&out, &[]);
    let url = session.url();
    // One round of the clip.
    let arguments = [Path::new(&url), &chromium, &film, Path::new("10.3"), folder.path()];
    let found = python::run("monitor", &arguments);
    assert_eq!(session.end().code(), Some(0));

    println!("{}; on the page after {} ms", found["health"], found["shown ms"]);
    assert_eq!(found["errors"], serde_json::json!([]));
    assert_eq!(found["nameless"], serde_json::json!([]));
    assert_eq!(found["keyboard"], "start", "the first thing to reach is the start");
    assert_eq!(found["too wide"], 0, "a phone shows it without scrolling aside");
    for canvas in ["picture", "traces"] {
        assert!(found[canvas].as_u64().unwrap() > 50, "{canvas}: {}", found[canvas]);
    }
    let text = std::fs::read_to_string(out.join("session.json")).unwrap();
    let record: serde_json::Value = serde_json::from_str(&text).unwrap();
    let count = |name: &str| record[name].as_u64().unwrap();
    let lost = (count("dropped") + count("unsent")) as f64;
    let share = lost / (count("arrived") + count("unsent")) as f64;
    if share > BUSY {
        unable!("the blinks: {:.0} % of the frames were lost to other work", 100.0 * share);
    }
    let saved = blinks(&program::analysis(&out)).len() as u64;
    // One may be cut by the seam of the clip or by where the session ends.
    assert!((6..=8).contains(&saved), "{saved} blinks");
    let shown = found["blinks"].as_u64().unwrap();
    assert!(saved.abs_diff(shown) <= 1, "{shown} on the page, {saved} saved");
}
