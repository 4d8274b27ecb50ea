//! A stream over the loopback, whose sender dies and comes back.

use std::net::TcpListener;
use std::path::Path;
use std::process::{Child, Command, Stdio};

use crate::session::{Session, blinks, is, talk};
use crate::support::program;

/// Sends a clip as an MPEG transport stream, over and over, in real time.
struct Sender(Child);

impl Sender {
    fn start(clip: &Path, port: u16) -> Self {
        let sent = Command::new("ffmpeg")
            .args(["-v", "error", "-nostdin", "-re", "-stream_loop", "-1", "-i"])
            .arg(clip)
            .args(["-c", "copy", "-an", "-f", "mpegts"])
            .arg(format!("tcp://127.0.0.1:{port}?listen=1"))
            .stderr(Stdio::null())
            .spawn();
        Self(sent.unwrap_or_else(|error| unable!("no ffmpeg to send a stream: {error}")))
    }
}

impl Drop for Sender {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

impl Sender {
    /// Stops or continues the sender without closing its connection; whether that could be done.
    fn signal(&self, signal: &str) -> bool {
        let sent = Command::new("kill").args([signal, &self.0.id().to_string()]).status();
        sent.is_ok_and(|status| status.success())
    }
}

#[test]
fn a_sender_that_stalls_is_shown_and_what_it_saved_up_is_passed_over() {
    let folder = tempfile::tempdir().unwrap();
    let clip = talk(folder.path());
    let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let sender = Sender::start(&clip, port);
    let out = folder.path().join("session");
    let session = Session::start(&out, &["--input", &format!("tcp://127.0.0.1:{port}")]);
    session.line(60, is("blink"));
    if !sender.signal("-STOP") {
        unable!("no kill to stall the sender with");
    }
    let lost = session.line(20, |m| m["type"] == "state" && m["feed"]["state"] == "lost");
    assert_eq!(lost["feed"]["why"], "no picture comes");
    std::thread::sleep(std::time::Duration::from_secs(2));
    assert!(sender.signal("-CONT"));
    session.line(60, |m| m["type"] == "state" && m["feed"]["state"] == "live");
    let mut page = session.control();
    let from = page.hear(is("status"))["time_s"].as_f64().unwrap();
    page.hear(|m| m["type"] == "frame" && m["time_s"].as_f64().unwrap() > from + 4.0);
    page.say(r#"{"do":"stop"}"#);
    session.line(30, is("saved"));
    assert_eq!(session.end().code(), Some(0));
    let analysis = program::analysis(&out);
    let gaps = analysis["coverage"]["gaps"].as_array().unwrap();
    assert!(gaps.iter().any(|gap| gap["reason"] == "no_picture"), "{gaps:?}");
    let text = std::fs::read_to_string(out.join("signals.csv")).unwrap();
    let times: Vec<f64> =
        text.lines().skip(1).map(|l| l.split(',').nth(1).unwrap().parse().unwrap()).collect();
    let hasty = times.windows(2).filter(|pair| pair[1] - pair[0] < 0.01).count();
    assert!(hasty < 10, "{hasty} frames of the backlog were squeezed in");
}

#[test]
fn a_sender_that_dies_leaves_a_gap_and_is_found_again() {
    let folder = tempfile::tempdir().unwrap();
    let clip = talk(folder.path());
    let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let sender = Sender::start(&clip, port);
    let out = folder.path().join("session");
    let session = Session::start(&out, &["--input", &format!("tcp://127.0.0.1:{port}")]);
    for _ in 0..3 {
        session.line(60, is("blink"));
    }
    drop(sender);
    let lost = session.line(60, |m| m["type"] == "state" && m["feed"]["state"] == "lost");
    assert!(lost["feed"]["retry_ms"].as_u64().unwrap() > 0);
    std::thread::sleep(std::time::Duration::from_secs(2));
    let _sender = Sender::start(&clip, port);
    session.line(60, |m| m["type"] == "state" && m["feed"]["state"] == "live");
    for _ in 0..2 {
        session.line(60, is("blink"));
    }
    let mut page = session.control();
    page.say(r#"{"do":"stop"}"#);
    session.line(30, is("saved"));
    assert_eq!(session.end().code(), Some(0));

    let analysis = program::analysis(&out);
    let gaps = analysis["coverage"]["gaps"].as_array().unwrap();
    let hole = gaps.iter().find(|gap| gap["reason"] == "no_picture").expect("a gap");
    let (from, to) = (hole["start_s"].as_f64().unwrap(), hole["end_s"].as_f64().unwrap());
    assert!((2.0..30.0).contains(&(to - from)), "{from} to {to}");
    let all = blinks(&analysis);
    assert!(all.iter().any(|s| *s < from) && all.iter().any(|s| *s > to), "{all:?}");
    assert!(!all.iter().any(|s| (from..to).contains(s)), "{all:?}");
}
