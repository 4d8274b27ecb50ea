//! A running `spasmograph monitor` and connections to it.

use std::io::{BufRead, BufReader};
use std::net::TcpStream;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::sync::{Condvar, Mutex};
use std::time::{Duration, Instant};

use serde_json::Value;
use tungstenite::client::IntoClientRequest;
use tungstenite::http::{HeaderValue, StatusCode};
use tungstenite::{Error, Message, WebSocket};

use crate::support::program::ffmpeg;
use crate::support::recordings::public;

/// Sessions that run.
static RUNNING: Mutex<usize> = Mutex::new(0);
static ENDED: Condvar = Condvar::new();

/// A core for a session: real time needs one.
struct Core;

impl Core {
    fn take() -> Self {
        let cores = std::thread::available_parallelism().map_or(1, usize::from);
        let running = RUNNING.lock().unwrap();
        *ENDED.wait_while(running, |running| *running >= cores).unwrap() += 1;
        Self
    }
}

impl Drop for Core {
    fn drop(&mut self) {
        *RUNNING.lock().unwrap() -= 1;
        ENDED.notify_one();
    }
}

/// A session of the program.
pub(crate) struct Session {
    child: Child,
    lines: Receiver<Value>,
    pub(crate) host: String,
    pub(crate) token: Option<String>,
    _core: Core,
}

impl Session {
    /// Starts a session that writes to `out`.
    pub(crate) fn start(out: &Path, arguments: &[&str]) -> Self {
        let core = Core::take();
        let mut child = Command::new(env!("CARGO_BIN_EXE_spasmograph"))
            .args(["monitor", "--json", "--port", "0", "--out"])
            .arg(out)
            .args(arguments)
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .expect("the program starts");
        let (to, lines) = channel();
        let stdout = BufReader::new(child.stdout.take().unwrap());
        std::thread::spawn(move || {
            for line in stdout.lines().map_while(Result::ok) {
                let value = serde_json::from_str(&line).expect("every line is JSON");
                if to.send(value).is_err() {
                    break;
                }
            }
        });
        let mut stderr = BufReader::new(child.stderr.take().unwrap()).lines();
        let mut heard = Vec::new();
        let url = loop {
            let line = stderr.next().unwrap_or_else(|| panic!("no page: {heard:?}")).unwrap();
            if let Some((_, url)) = line.split_once("the page is at ") {
                break url.to_owned();
            }
            heard.push(line);
        };
        std::thread::spawn(move || stderr.map_while(Result::ok).for_each(drop));
        let (address, token) = match url.split_once("/#token=") {
            Some((address, token)) => (address, Some(token.to_owned())),
            None => (url.trim_end_matches('/'), None),
        };
        let (_, host) = address.split_once("://").unwrap();
        let host = host.replace("0.0.0.0", "127.0.0.1");
        Self { child, lines, host, token, _core: core }
    }

    /// Waits for a line of standard output that is as asked for.
    pub(crate) fn line(&self, seconds: u64, wanted: impl Fn(&Value) -> bool) -> Value {
        let until = Instant::now() + Duration::from_secs(seconds);
        loop {
            let left = until.saturating_duration_since(Instant::now());
            match self.lines.recv_timeout(left) {
                Ok(line) if wanted(&line) => return line,
                Ok(_) => {}
                Err(error) => panic!("the line did not come: {error}"),
            }
        }
    }

    /// Waits for the end of the session.
    pub(crate) fn end(mut self) -> ExitStatus {
        let until = Instant::now() + Duration::from_secs(60);
        loop {
            if let Some(status) = self.child.try_wait().unwrap() {
                return status;
            }
            assert!(Instant::now() < until, "the session does not end");
            std::thread::sleep(Duration::from_millis(50));
        }
    }

    /// Ends the program as a power cut would.
    pub(crate) fn crash(mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }

    /// The page's address, with the token that it asks for.
    pub(crate) fn url(&self) -> String {
        let token = self.token.as_deref().expect("every page asks for its token");
        format!("http://{}/#token={token}", self.host)
    }

    /// How a connection is asked for.
    pub(crate) fn door(&self) -> Door {
        Door {
            host: self.host.clone(),
            named: None,
            origin: None,
            token: self.token.clone(),
            control: false,
        }
    }

    /// The controls.
    pub(crate) fn control(&self) -> Page {
        Door { control: true, ..self.door() }.open().expect("the controls are free")
    }
}

impl Drop for Session {
    fn drop(&mut self) {
        // It has ended already unless the test failed.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// A connection asked for.
#[derive(Debug, Clone)]
pub(crate) struct Door {
    pub(crate) host: String,
    /// What the `Host` header says instead.
    pub(crate) named: Option<String>,
    pub(crate) origin: Option<String>,
    pub(crate) token: Option<String>,
    pub(crate) control: bool,
}

impl Door {
    /// Connects; the status of a refusal otherwise.
    pub(crate) fn open(&self) -> Result<Page, StatusCode> {
        let mut request = format!("ws://{}/live?control={}", self.host, self.control)
            .into_client_request()
            .unwrap();
        let headers = request.headers_mut();
        let mut protocols = "spasmograph.live.1".to_owned();
        if let Some(token) = &self.token {
            protocols += &format!(", token.{token}");
        }
        headers.insert("sec-websocket-protocol", HeaderValue::from_str(&protocols).unwrap());
        if let Some(origin) = &self.origin {
            headers.insert("origin", HeaderValue::from_str(origin).unwrap());
        }
        if let Some(named) = &self.named {
            headers.insert("host", HeaderValue::from_str(named).unwrap());
        }
        let stream = TcpStream::connect(&self.host).unwrap();
        stream.set_read_timeout(Some(Duration::from_secs(20))).unwrap();
        stream.set_nodelay(true).unwrap();
        match tungstenite::client(request, stream) {
            Ok((socket, _)) => Ok(Page(socket)),
            Err(tungstenite::HandshakeError::Failure(Error::Http(response))) => {
                Err(response.status())
            }
            Err(error) => panic!("no answer: {error}"),
        }
    }
}

/// An open connection.
pub(crate) struct Page(WebSocket<TcpStream>);

impl Page {
    pub(crate) fn say(&mut self, text: &str) {
        self.0.send(Message::text(text)).unwrap();
    }

    /// Sends; the program may have closed meanwhile.
    pub(crate) fn send(&mut self, bytes: Vec<u8>) -> Result<(), Error> {
        self.0.send(Message::binary(bytes))
    }

    /// Waits for a message that is as asked for.
    pub(crate) fn hear(&mut self, wanted: impl Fn(&Value) -> bool) -> Value {
        let until = Instant::now() + Duration::from_secs(30);
        while Instant::now() < until {
            if let Message::Text(text) = self.0.read().expect("the connection holds") {
                let value: Value = serde_json::from_str(&text).unwrap();
                if wanted(&value) {
                    return value;
                }
            }
        }
        panic!("the message did not come");
    }

    /// The code with which the program closes the connection.
    pub(crate) fn closed(&mut self) -> u16 {
        loop {
            match self.0.read() {
                Ok(Message::Close(Some(frame))) => return frame.code.into(),
                Ok(_) => {}
                Err(error) => panic!("closed without a word: {error}"),
            }
        }
    }
}

/// Whether a message is of a type.
pub(crate) fn is(kind: &str) -> impl Fn(&Value) -> bool {
    let kind = kind.to_owned();
    move |message| message["type"] == kind.as_str()
}

/// Blinks in `talk`.
pub(crate) const BLINKS: usize = 6;

/// Eleven seconds of a talk, put into `folder`. The picture is small, so that no frame is lost to
/// other work.
pub(crate) fn talk(folder: &Path) -> PathBuf {
    let (from, to) = (public("franck.mp4"), folder.join("talk.mp4"));
    let reading = ["-ss".as_ref(), "42.5".as_ref(), "-i".as_ref(), from.as_os_str()];
    let writing = ["-t", "11", "-an", "-c:v", "libx264", "-crf", "18"].map(AsRef::as_ref);
    ffmpeg([&reading[..], &writing, &[to.as_os_str()]].concat());
    to
}

/// Starts of the blinks of an analysis, seconds.
pub(crate) fn blinks(analysis: &Value) -> Vec<f64> {
    let blinks = analysis["blinks"].as_array().unwrap();
    blinks.iter().map(|blink| blink["start_s"].as_f64().unwrap()).collect()
}
