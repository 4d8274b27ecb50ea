//! A live session: frames measured as they come, shown on a web page, kept like any recording.
//!
//! ```text
//! camera, stream, file, browser -> Inbox -> LiveSource -> Pipeline -> LiveSink -> Hub -> pages
//!         (newest wins)                    (the same stages)             '-> journal, outputs
//! ```
//!
//! A shell over the stages: it gives the pipeline a [`Source`](crate::source::Source) that never
//! makes the camera wait, and a [`Sink`](crate::pipeline::Sink) that tells the pages first. What
//! is saved at the end is what `analyze` saves. `PROTOCOL.md` beside this file documents the
//! messages.

mod advice;
mod backoff;
mod camera;
mod clock;
mod command;
mod exam;
mod feed;
mod hello;
mod hub;
mod inbox;
mod journal;
mod limits;
mod lines;
mod message;
mod monitor;
mod preview;
mod rates;
mod recent;
mod recorder;
mod recover;
mod request;
mod reserve;
mod save;
mod seats;
mod server;
mod session;
mod sink;
mod source;
mod standing;

pub use hub::Console;
pub use journal::is_unfinished;
pub use limits::Limits;
pub use lines::Lines;
pub use monitor::{Ears, monitor};
pub use recover::recover;

/// Takes a message of a page apart as a session would, and says whether it is a command or a
/// picture; for those who try every input.
#[doc(hidden)]
#[must_use]
pub fn take_apart(message: &[u8]) -> (bool, bool) {
    let command = std::str::from_utf8(message)
        .is_ok_and(|text| serde_json::from_str::<command::Command>(text).is_ok());
    (command, camera::takes(message, &Limits::default()))
}
pub use request::{Held, Input, MonitorError, Request};
