//! From the session to everyone who listens.

use std::collections::VecDeque;
use std::fmt;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use axum::body::Bytes;
use axum::extract::ws::Utf8Bytes;
use tokio::sync::broadcast;

use super::Limits;
use super::lines::{LineStream, Lines};
use super::message::Message;

/// Where the user is told what needs attention, line by line.
pub type Console = Box<dyn Fn(&str) + Send + Sync>;

/// Hands each message to all pages at once and, where one is wanted, to a stream of lines. A page
/// that is slow loses the oldest messages; nobody waits for it.
pub(super) struct Hub {
    pages: broadcast::Sender<Outgoing>,
    findings_kept: usize,
    findings: Mutex<VecDeque<Utf8Bytes>>,
    lines: Option<LineStream>,
    console: Option<Console>,
}

/// One message on its way to the pages.
#[derive(Debug, Clone)]
pub(super) enum Outgoing {
    /// A JSON object.
    Text(Utf8Bytes),
    /// A picture with its mesh.
    Picture(Bytes),
}

impl Hub {
    /// A hub without pages; `lines` takes the stream for other programs.
    #[must_use]
    pub(super) fn new(limits: &Limits, lines: Option<Lines>) -> Self {
        Self {
            pages: broadcast::channel(limits.messages_waiting.max(1)).0,
            findings_kept: limits.findings_kept,
            findings: Mutex::default(),
            lines: lines.map(|lines| LineStream::start(lines, limits.lines_waiting)),
            console: None,
        }
    }

    /// The same, with someone who is told what needs attention.
    #[must_use]
    pub(super) fn with_console(self, console: Console) -> Self {
        Self { console: Some(console), ..self }
    }

    /// Tells pages, programs and the console what needs attention.
    pub(super) fn notice(&self, time_s: f64, text: &str) {
        if let Some(console) = &self.console {
            console(text);
        }
        self.publish(&Message::Notice { time_s, text });
    }

    /// Hands on a message.
    pub(super) fn publish(&self, message: &Message<'_>) {
        let json = message.json();
        if message.is_record() {
            self.line(&json);
        }
        let text = Utf8Bytes::from(json);
        if matches!(message, Message::Blink(_) | Message::Event(_) | Message::Mark(_)) {
            let mut findings = self.findings.lock().unwrap_or_else(PoisonError::into_inner);
            findings.push_back(text.clone());
            if findings.len() > self.findings_kept {
                findings.pop_front();
            }
        }
        // Without pages there is nobody to take it.
        let _ = self.pages.send(Outgoing::Text(text));
    }

    /// Hands a line to other programs.
    pub(super) fn line(&self, json: &str) {
        if let Some(lines) = &self.lines {
            lines.line(json);
        }
    }

    /// Lines that found no room because they were not read.
    #[must_use]
    pub(super) fn lines_lost(&self) -> u64 {
        self.lines.as_ref().map_or(0, LineStream::lost)
    }

    /// Ends the lines; why they could not all be written, where that is so.
    #[must_use]
    pub(super) fn finish_lines(&self, patience: Duration) -> Option<String> {
        self.lines.as_ref()?.finish(patience)
    }

    /// Hands on a picture.
    pub(super) fn publish_picture(&self, picture: Vec<u8>) {
        let _ = self.pages.send(Outgoing::Picture(picture.into()));
    }

    /// Whether a page listens.
    #[must_use]
    pub(super) fn has_pages(&self) -> bool {
        self.pages.receiver_count() > 0
    }

    /// Everything from now on, and what was found before.
    #[must_use]
    pub(super) fn subscribe(&self) -> (Vec<Utf8Bytes>, broadcast::Receiver<Outgoing>) {
        let findings = self.findings.lock().unwrap_or_else(PoisonError::into_inner);
        (findings.iter().cloned().collect(), self.pages.subscribe())
    }
}

impl fmt::Debug for Hub {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Hub").field("pages", &self.pages.receiver_count()).finish_non_exhaustive()
    }
}
