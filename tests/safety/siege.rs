//! A session with more visitors than it likes.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use serde_json::Value;
use tungstenite::Message;
use tungstenite::client::IntoClientRequest;
use tungstenite::http::HeaderValue;

use crate::place::{sample, setting};
use crate::support::program::{analysis, ffmpeg, spasmograph};

/// Real time needs the machine: one session at a time.
static ALONE: Mutex<()> = Mutex::new(());

/// Frames a second of the besieged clip: few, so that a slow machine loses none by itself.
const FPS: u64 = 10;

/// A running session with its page's address.
struct Session {
    child: Child,
    host: String,
    token: String,
}

impl Session {
    fn start(clip: &Path, out: &Path) -> Self {
        let mut child = spasmograph()
            .args(["monitor", "--port", "0", "--input"])
            .arg(clip)
            .arg("--out")
            .arg(out)
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let mut lines = BufReader::new(child.stderr.take().unwrap()).lines();
        let url = loop {
            let line = lines.next().expect("the page is served").unwrap();
            if let Some((_, url)) = line.split_once("the page is at ") {
                break url.to_owned();
            }
        };
        std::thread::spawn(move || {
            lines.map_while(Result::ok).for_each(|line| eprintln!("{line}"));
        });
        let (address, token) = url.split_once("/#token=").expect("on loopback, too, a token");
        let host = address.trim_start_matches("http://").to_owned();
        Self { child, host, token: token.to_owned() }
    }

    /// A line of what the system says of the program, as `VmRSS`.
    fn told(&self, name: &str) -> u64 {
        let status = format!("/proc/{}/status", self.child.id());
        let status = std::fs::read_to_string(status).unwrap_or_default();
        let line = status.lines().find_map(|line| line.strip_prefix(name)).unwrap_or_default();
        line.split_whitespace().find_map(|word| word.parse().ok()).unwrap_or(0)
    }

    /// Connects with a token; the status of a refusal otherwise.
    fn connect(host: &str, token: Option<&str>, control: bool) -> Result<Socket, u16> {
        let mut request =
            format!("ws://{host}/live?control={control}").into_client_request().unwrap();
        let protocols = match token {
            Some(token) => format!("spasmograph.live.1, token.{token}"),
            None => "spasmograph.live.1".to_owned(),
        };
        request
            .headers_mut()
            .insert("sec-websocket-protocol", HeaderValue::from_str(&protocols).unwrap());
        let stream = TcpStream::connect(host).map_err(|_| 0_u16)?;
        stream.set_read_timeout(Some(Duration::from_secs(10))).unwrap();
        match tungstenite::client(request, stream) {
            Ok((socket, _)) => Ok(socket),
            Err(tungstenite::HandshakeError::Failure(tungstenite::Error::Http(answer))) => {
                Err(answer.status().as_u16())
            }
            Err(_) => Err(0),
        }
    }
}

type Socket = tungstenite::WebSocket<TcpStream>;

impl Drop for Session {
    fn drop(&mut self) {
        // It has ended already unless the test failed.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// A face for so many seconds, small and slow.
fn clip(folder: &Path, seconds: u64) -> PathBuf {
    let (clip, from) = (folder.join("long.mp4"), sample("healthy.mp4"));
    let (length, rate) = (seconds.to_string(), FPS.to_string());
    let before = ["-stream_loop", "-1", "-i"].map(AsRef::<std::ffi::OsStr>::as_ref);
    let filter = format!("scale=400:300,fps={rate}");
    let after = ["-t", &length, "-vf", &filter, "-preset", "veryfast"]
        .map(AsRef::<std::ffi::OsStr>::as_ref);
    let mut arguments = before.to_vec();
    arguments.push(from.as_os_str());
    arguments.extend(after);
    arguments.push(clip.as_os_str());
    ffmpeg(&arguments);
    clip
}

/// Opens connections, says nothing or half a head, and opens new ones for those that are closed.
const FLOOD: &str = r#"
import resource, select, socket, sys, time
host, port, many, until = sys.argv[1], int(sys.argv[2]), int(sys.argv[3]), time.time() + float(sys.argv[4])
resource.setrlimit(resource.RLIMIT_NOFILE, (many + 200, max(many + 200, resource.getrlimit(resource.RLIMIT_NOFILE)[1])))
poll, held, opened = select.poll(), {}, 0
def connect():
    global opened
    try:
        own = socket.create_connection((host, port), timeout=5)
        if opened % 2:
            own.sendall(b"GET / HTTP/1.1\r\nHost: 127.0.0.1")
        held[own.fileno()] = own
        poll.register(own, select.POLLIN | select.POLLHUP)
        opened += 1
    except OSError:
        time.sleep(0.01)
most = 0
while time.time() < until:
    while len(held) < many and time.time() < until:
        connect()
    most = max(most, len(held))
    for number, _ in poll.poll(200):
        poll.unregister(number)
        held.pop(number).close()
print(most, opened)
"#;

#[test]
fn half_open_connections_cost_no_frame_and_keep_nobody_out() {
    let _alone = ALONE.lock().unwrap_or_else(PoisonError::into_inner);
    let folder = tempfile::tempdir().unwrap();
    let seconds = setting("SPASMOGRAPH_SIEGE_S", 10);
    let clip = clip(folder.path(), seconds + 8);
    let out = folder.path().join("session");
    let mut session = Session::start(&clip, &out);
    let (address, port) = session.host.split_once(':').unwrap();
    let flood = Command::new("python3")
        .args(["-I", "-c", FLOOD, address, port, "1050", &seconds.to_string()])
        .stdout(Stdio::piped())
        .spawn();
    let Ok(flood) = flood else {
        unable!("no python3 to flood with");
    };
    std::thread::sleep(Duration::from_secs(3));
    // The user's page gets in meanwhile, controls, and hears frames.
    let mut page = None;
    let began = Instant::now();
    while page.is_none() && began.elapsed() < Duration::from_secs(10) {
        page = Session::connect(&session.host, Some(&session.token), true).ok();
    }
    let waited = began.elapsed();
    let mut page = page.expect("the user's page is let in");
    let heard = (0..50).any(
        |_| matches!(page.read(), Ok(Message::Text(text)) if text.contains("\"type\":\"frame\"")),
    );
    assert!(heard, "the page hears no frame");
    let descriptors = std::fs::read_dir(format!("/proc/{}/fd", session.child.id()));
    let descriptors = descriptors.map_or(0, Iterator::count);
    let flooded = flood.wait_with_output().unwrap();
    assert!(flooded.status.success());
    eprintln!(
        "{} s: connections held at once and opened in all: {}; the page waited {waited:?}, \
         {descriptors} descriptors",
        seconds,
        String::from_utf8_lossy(&flooded.stdout).trim()
    );
    drop(page);
    assert_eq!(session.child.wait().unwrap().code(), Some(0));
    let text = std::fs::read_to_string(out.join("session.json")).unwrap();
    let record: Value = serde_json::from_str(&text).unwrap();
    assert_eq!(record["dropped"], 0, "frames were lost");
    let frames = analysis(&out)["coverage"]["frames_read"].as_u64().unwrap();
    assert!(frames.abs_diff((seconds + 8) * FPS) <= 1, "{frames} frames");
    assert!(descriptors < 250, "{descriptors} descriptors");
}

#[test]
fn clients_that_come_and_go_cost_no_memory_and_no_frame() {
    let _alone = ALONE.lock().unwrap_or_else(PoisonError::into_inner);
    let folder = tempfile::tempdir().unwrap();
    let seconds = setting("SPASMOGRAPH_SIEGE_S", 10);
    let clip = clip(folder.path(), seconds + 5);
    let out = folder.path().join("session");
    let mut session = Session::start(&clip, &out);
    let (over, visits) = (Arc::new(AtomicBool::new(false)), Arc::new(AtomicU64::new(0)));
    let clients: Vec<_> = (0..60)
        .map(|client: u64| {
            let (over, visits) = (Arc::clone(&over), Arc::clone(&visits));
            let (host, token) = (session.host.clone(), session.token.clone());
            std::thread::spawn(move || {
                while !over.load(Ordering::Relaxed) {
                    if let Ok(mut page) = Session::connect(&host, Some(&token), client == 0) {
                        for _ in 0..10 {
                            let _ = page.read();
                        }
                        visits.fetch_add(1, Ordering::Relaxed);
                    }
                    std::thread::sleep(Duration::from_millis(50 + 10 * client));
                }
            })
        })
        .collect();
    std::thread::sleep(Duration::from_secs(seconds / 4));
    let early = session.told("VmRSS:");
    std::thread::sleep(Duration::from_secs(seconds - seconds / 4));
    let late = session.told("VmRSS:");
    over.store(true, Ordering::Relaxed);
    for client in clients {
        client.join().unwrap();
    }
    assert_eq!(session.child.wait().unwrap().code(), Some(0));
    let text = std::fs::read_to_string(out.join("session.json")).unwrap();
    let record: Value = serde_json::from_str(&text).unwrap();
    let (arrived, dropped) = (&record["arrived"], &record["dropped"]);
    let (arrived, dropped) = (arrived.as_u64().unwrap(), dropped.as_u64().unwrap());
    eprintln!(
        "{seconds} s: {} visits, {dropped} of {arrived} frames lost, {} MB early and {} MB late",
        visits.load(Ordering::Relaxed),
        early / 1024,
        late / 1024
    );
    assert!(dropped as f64 <= 0.002 * arrived as f64, "{dropped} of {arrived} frames are lost");
    assert!(late < early + 20 * 1024, "memory grows from {early} to {late} kB");
}

#[test]
fn another_user_of_this_machine_gets_no_picture_and_no_control() {
    let _alone = ALONE.lock().unwrap_or_else(PoisonError::into_inner);
    let folder = tempfile::tempdir().unwrap();
    let out = folder.path().join("session");
    let mut session = Session::start(&sample("indeterminate-few-events.mp4"), &out);
    let wrong = "0".repeat(32);
    for token in [None, Some(wrong.as_str()), Some("")] {
        for control in [false, true] {
            let refused = Session::connect(&session.host, token, control).err();
            assert_eq!(refused, Some(401), "{token:?}");
        }
    }
    // What is served to anyone holds nothing of the person, and no token.
    for file in ["/", "/main.js", "/live", "/picture.js"] {
        let mut stream = TcpStream::connect(&session.host).unwrap();
        write!(
            stream,
            "GET {file} HTTP/1.1\r\nHost: {}\r\nConnection: close\r\n\r\n",
            session.host
        )
        .unwrap();
        let mut answer = Vec::new();
        stream.read_to_end(&mut answer).unwrap();
        let answer = String::from_utf8_lossy(&answer);
        assert!(!answer.contains(&session.token), "{file} tells the token");
        assert!(!answer.contains("JFIF"), "{file} holds a picture");
    }
    // The token does not stand where other users can see it.
    let seen = std::fs::read(format!("/proc/{}/cmdline", session.child.id())).unwrap_or_default();
    assert!(!String::from_utf8_lossy(&seen).contains(&session.token));
    assert!(Session::connect(&session.host, Some(&session.token), true).is_ok());
    assert_eq!(session.child.wait().unwrap().code(), Some(0));
}

#[test]
fn a_reader_of_the_lines_that_stalls_costs_no_frame() {
    let _alone = ALONE.lock().unwrap_or_else(PoisonError::into_inner);
    let folder = tempfile::tempdir().unwrap();
    let clip = clip(folder.path(), 10);
    let out = folder.path().join("session");
    let mut child = spasmograph()
        .args(["monitor", "--json", "--port", "0", "--input"])
        .arg(&clip)
        .arg("--out")
        .arg(&out)
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    // Nobody reads: the pipe fills with the first line, which is longer than it holds.
    let stalled = child.stdout.take();
    let until = Instant::now() + Duration::from_secs(120);
    while child.try_wait().unwrap().is_none() {
        assert!(Instant::now() < until, "the session waits for its reader");
        std::thread::sleep(Duration::from_millis(100));
    }
    drop(stalled);
    let frames = analysis(&out)["coverage"]["frames_read"].as_u64().unwrap();
    assert!(frames.abs_diff(10 * FPS) <= 1, "{frames} frames");
}
