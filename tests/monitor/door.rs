//! Who is let in, and what is taken from them.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::time::{Duration, Instant};

use tungstenite::http::StatusCode;

use crate::session::{BLINKS, Door, Session, blinks, is, talk};
use crate::support::program;

/// The first line of the answer to a plain request.
fn answer(host: &str, request: &str) -> (String, String) {
    let mut stream = TcpStream::connect(host).unwrap();
    write!(stream, "{request} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n").unwrap();
    let mut text = String::new();
    stream.read_to_string(&mut text).unwrap();
    let (head, _) = text.split_once("\r\n\r\n").unwrap();
    let (first, headers) = head.split_once("\r\n").unwrap();
    (first.to_owned(), headers.to_lowercase())
}

#[test]
fn what_must_not_come_in_is_refused_with_a_clear_status_and_the_session_goes_on() {
    let folder = tempfile::tempdir().unwrap();
    let clip = talk(folder.path());
    let out = folder.path().join("session");
    let input = clip.to_str().unwrap();
    let session = Session::start(&out, &["--input", input, "--bind", "0.0.0.0"]);
    let token = session.token.clone().expect("beyond this machine a token is asked for");
    assert_eq!(token.len(), 32);
    let mut control = session.control();

    let wrong_token = Door { token: Some("0".repeat(32)), ..session.door() };
    assert_eq!(wrong_token.open().err(), Some(StatusCode::UNAUTHORIZED));
    let no_token = Door { token: None, ..session.door() };
    assert_eq!(no_token.open().err(), Some(StatusCode::UNAUTHORIZED));
    let foreign = Door { origin: Some("http://evil.example".to_owned()), ..session.door() };
    assert_eq!(foreign.open().err(), Some(StatusCode::FORBIDDEN));
    let rebound = Door { named: Some("evil.example".to_owned()), ..session.door() };
    assert_eq!(rebound.open().err(), Some(StatusCode::MISDIRECTED_REQUEST));
    let second = Door { control: true, ..session.door() };
    assert_eq!(second.open().err(), Some(StatusCode::CONFLICT));
    let own = Door { origin: Some(format!("http://{}", session.host)), ..session.door() };
    assert!(own.open().is_ok());

    let mut watcher = session.door().open().unwrap();
    watcher.say(r#"{"do":"stop"}"#);
    assert_eq!(watcher.closed(), 1008);
    let mut crowd: Vec<_> = Vec::new();
    let refused = loop {
        match session.door().open() {
            Ok(page) => crowd.push(page),
            Err(status) => break status,
        }
    };
    // With the controlling page that is fifty; those just closed may still hold a place.
    assert!((45..50).contains(&crowd.len()), "{} pages", crowd.len());
    assert_eq!(refused, StatusCode::SERVICE_UNAVAILABLE);
    for page in &mut crowd {
        page.hear(is("frame"));
    }
    drop(crowd);

    control.say(r#"{"do":"erase"}"#);
    assert_eq!(control.closed(), 1007);
    drop(control);
    let mut control = session.control();
    // The program may cut the connection while the rest is still on its way.
    let _ = control.send(vec![1; 6 << 20]);
    assert_eq!(control.closed(), 1009);
    drop(control);
    let mut control = session.control();
    control.send(vec![1; 100]).unwrap();
    assert_eq!(control.closed(), 1003);

    let (first, headers) = answer(&session.host, "GET /");
    assert_eq!(first, "HTTP/1.1 200 OK");
    assert!(headers.contains("content-security-policy: default-src 'none'"), "{headers}");
    for (request, status) in
        [("POST /", "405"), ("PUT /live", "405"), ("GET /analysis.json", "404")]
    {
        let (first, _) = answer(&session.host, request);
        assert!(first.contains(status), "{request}: {first}");
    }

    session.line(60, is("saved"));
    assert_eq!(session.end().code(), Some(0));
    assert_eq!(blinks(&program::analysis(&out)).len(), BLINKS);
}

#[test]
fn a_page_that_is_gone_without_a_word_gives_up_the_controls() {
    let folder = tempfile::tempdir().unwrap();
    let session = Session::start(&folder.path().join("session"), &[]);
    // It reads nothing any more, so that it answers no ping.
    let _asleep = session.control();
    let next = Door { control: true, ..session.door() };
    assert_eq!(next.open().err(), Some(StatusCode::CONFLICT));
    let until = Instant::now() + Duration::from_secs(40);
    let mut page = loop {
        match next.open() {
            Ok(page) => break page,
            Err(status) => assert_eq!(status, StatusCode::CONFLICT),
        }
        assert!(Instant::now() < until, "the controls are never free");
        std::thread::sleep(Duration::from_millis(500));
    };
    page.say(r#"{"do":"stop"}"#);
    assert_eq!(page.hear(is("saved"))["folder"], serde_json::Value::Null);
    assert_eq!(session.end().code(), Some(1), "no picture came");
}

#[test]
fn a_mark_and_the_guided_exam_are_kept_and_a_pause_is_a_gap() {
    let folder = tempfile::tempdir().unwrap();
    let clip = talk(folder.path());
    let out = folder.path().join("session");
    let session = Session::start(&out, &["--input", clip.to_str().unwrap()]);
    let mut page = session.control();
    let until = |page: &mut crate::session::Page, s: f64| {
        page.hear(|m| m["type"] == "frame" && m["time_s"].as_f64().unwrap() >= s);
    };
    until(&mut page, 0.5);
    page.say(r#"{"do":"exam_start"}"#);
    page.say(r#"{"do":"mark","note":"looked aside"}"#);
    assert_eq!(page.hear(is("mark"))["note"], "looked aside");
    until(&mut page, 6.0);
    page.say(r#"{"do":"exam_end"}"#);
    page.say(r#"{"do":"pause"}"#);
    page.hear(|m| m["type"] == "state" && m["phase"] == "paused");
    std::thread::sleep(Duration::from_millis(1500));
    page.say(r#"{"do":"start"}"#);
    until(&mut page, 8.5);
    page.say(r#"{"do":"stop"}"#);
    let saved = page.hear(is("saved"));
    assert!(saved["text"].as_str().unwrap().contains("Blinks"), "{saved}");
    assert_eq!(session.end().code(), Some(0));

    let analysis = program::analysis(&out);
    let gaps = analysis["coverage"]["gaps"].as_array().unwrap();
    let pause = gaps.iter().find(|gap| gap["reason"] == "no_picture").expect("the pause is a gap");
    let length = pause["end_s"].as_f64().unwrap() - pause["start_s"].as_f64().unwrap();
    assert!((1.2..4.0).contains(&length), "{length} s");
    let protocol = spasmograph::event::Protocol::load(&out.join("protocol.json")).unwrap();
    assert_eq!(protocol.segments.len(), 1);
    assert_eq!(analysis["protocol"][0]["task"], "rest");
    let text = std::fs::read_to_string(out.join("session.json")).unwrap();
    let record: serde_json::Value = serde_json::from_str(&text).unwrap();
    assert_eq!(record["marks"][0]["note"], "looked aside");
}
