//! A running `spasmograph desk` and questions to it.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use serde_json::Value;

/// A desk of the program.
pub(crate) struct Desk {
    child: Child,
    pub(crate) host: String,
    pub(crate) token: String,
}

/// An answer.
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) head: String,
    pub(crate) body: Vec<u8>,
}

impl Answer {
    pub(crate) fn json(&self) -> Value {
        serde_json::from_slice(&self.body)
            .unwrap_or_else(|_| panic!("no JSON: {}", String::from_utf8_lossy(&self.body)))
    }

    /// The fixed word of a refusal.
    pub(crate) fn code(&self) -> String {
        self.json()["error"]["code"].as_str().unwrap_or_default().to_owned()
    }
}

impl Desk {
    pub(crate) fn open(folder: &Path) -> Self {
        let mut child = Command::new(env!("CARGO_BIN_EXE_spasmograph"))
            .args(["desk", "--no-browser", "--port", "0", "--largest", "0.001"])
            .arg(folder)
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .spawn()
            .expect("the program starts");
        let mut lines = BufReader::new(child.stderr.take().unwrap()).lines();
        let line = lines.next().expect("a line").unwrap();
        std::thread::spawn(move || lines.map_while(Result::ok).for_each(drop));
        let (_, url) =
            line.split_once("the desk is at http://").unwrap_or_else(|| panic!("{line}"));
        let (host, token) = url.split_once("/#token=").expect("a token");
        Self { child, host: host.to_owned(), token: token.to_owned() }
    }

    pub(crate) fn url(&self) -> String {
        format!("http://{}/#token={}", self.host, self.token)
    }

    /// Asks with further headers, with the token where it is wanted.
    pub(crate) fn ask(&self, method: &str, path: &str, head: &[&str], body: &[u8]) -> Answer {
        let mut stream = TcpStream::connect(&self.host).unwrap();
        stream.set_read_timeout(Some(Duration::from_secs(60))).unwrap();
        let own_host = head.iter().any(|line| line.to_lowercase().starts_with("host:"));
        let mut text = format!("{method} {path} HTTP/1.1\r\nConnection: close\r\n");
        if !own_host {
            text += &format!("Host: {}\r\n", self.host);
        }
        for line in head {
            text += &format!("{line}\r\n");
        }
        text += &format!("Content-Length: {}\r\n\r\n", body.len());
        stream.write_all(text.as_bytes()).unwrap();
        // A refusal may come before all is sent.
        let _ = stream.write_all(body);
        let mut all = Vec::new();
        let _ = stream.read_to_end(&mut all);
        let at = all.windows(4).position(|four| four == b"\r\n\r\n").expect("a head");
        let head = String::from_utf8_lossy(&all[..at]).into_owned();
        let status = head.split_whitespace().nth(1).and_then(|code| code.parse().ok()).unwrap();
        let mut body = all[at + 4..].to_vec();
        if head.to_lowercase().contains("transfer-encoding: chunked") {
            body = unchunked(&body);
        }
        Answer { status, head, body }
    }

    pub(crate) fn bearer(&self) -> String {
        format!("Authorization: Bearer {}", self.token)
    }

    pub(crate) fn get(&self, path: &str) -> Answer {
        self.ask("GET", path, &[&self.bearer()], b"")
    }

    pub(crate) fn post(&self, path: &str, body: &Value) -> Answer {
        self.ask("POST", path, &[&self.bearer()], body.to_string().as_bytes())
    }

    /// Ends the program as a power cut would.
    pub(crate) fn crash(mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }
}

impl Drop for Desk {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn unchunked(mut rest: &[u8]) -> Vec<u8> {
    let mut whole = Vec::new();
    while let Some(at) = rest.windows(2).position(|two| two == b"\r\n") {
        let length = std::str::from_utf8(&rest[..at]).unwrap_or("0");
        let length = usize::from_str_radix(length, 16).unwrap_or(0);
        if length == 0 || rest.len() < at + 2 + length {
            break;
        }
        whole.extend_from_slice(&rest[at + 2..at + 2 + length]);
        rest = &rest[(at + 4 + length).min(rest.len())..];
    }
    whole
}
