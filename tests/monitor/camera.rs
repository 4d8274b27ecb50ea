//! The page's own camera, played by a program that sends what a page sends.

use std::path::Path;
use std::time::{Duration, Instant};

use crate::session::{Session, blinks, is};
use crate::support::program;
use crate::support::recordings::case;

/// The clip's pictures as JPEG files of 960 x 640, in order.
fn pictures(clip: &Path, folder: &Path) -> Vec<Vec<u8>> {
    let (size, files) = ("scale=960:640", folder.join("%05d.jpg"));
    let making = ["-i".as_ref(), clip.as_os_str(), "-vf".as_ref(), size.as_ref()];
    program::ffmpeg([&making[..], &["-q:v".as_ref(), "2".as_ref(), files.as_os_str()]].concat());
    let mut names: Vec<_> = std::fs::read_dir(folder).unwrap().map(|e| e.unwrap().path()).collect();
    names.sort();
    names.iter().map(|name| std::fs::read(name).unwrap()).collect()
}

/// A picture as a page sends it.
fn message(captured_s: f64, jpeg: &[u8]) -> Vec<u8> {
    let mut bytes = vec![1];
    bytes.extend(captured_s.to_le_bytes());
    bytes.extend(0_u32.to_le_bytes());
    bytes.extend(jpeg);
    bytes
}

#[test]
fn pictures_of_a_page_are_measured_and_a_page_that_sends_rubbish_is_only_shut_out() {
    let clip = case("seven-blinks.mp4");
    let folder = tempfile::tempdir().unwrap();
    let pictures = pictures(&clip, folder.path());
    let out = tempfile::tempdir().unwrap();
    let session = Session::start(out.path(), &[]);
    let mut page = session.control();
    page.say(r#"{"do":"start"}"#);
    let began = Instant::now();
    for (index, jpeg) in pictures.iter().enumerate() {
        let time_s = index as f64 / 30.0;
        let due = began + Duration::from_secs_f64(time_s);
        std::thread::sleep(due.saturating_duration_since(Instant::now()));
        page.send(message(5000.0 + time_s, jpeg)).unwrap();
    }
    page.hear(|m| m["type"] == "frame" && m["time_s"].as_f64().unwrap() > 9.5);

    for (rubbish, code) in [
        (message(6000.0, &[0xff, 0xd8, 1, 2, 3]), 1007),
        (message(f64::NAN, &pictures[0]), 1007),
        (vec![7; 40], 1007),
        (message(6000.0, &vec![0; (4 << 20) + 1]), 1009),
    ] {
        page.send(rubbish).unwrap();
        assert_eq!(page.closed(), code);
        session.line(20, |m| m["type"] == "state" && m["feed"]["state"] == "lost");
        drop(page);
        page = session.control();
        // The next page goes on where the last was shut out.
        page.send(message(1.0, &pictures[0])).unwrap();
        session.line(20, |m| m["type"] == "state" && m["feed"]["state"] == "live");
    }
    page.say(r#"{"do":"stop"}"#);
    page.hear(is("saved"));
    assert_eq!(session.end().code(), Some(0));
    let analysis = program::analysis(out.path());
    assert_eq!(blinks(&analysis).len(), 7, "{:?}", blinks(&analysis));
    assert_eq!(analysis["source"]["width"], 960);
}
