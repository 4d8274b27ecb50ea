//! What a batch and its worker processes say to each other: JSON, a line a message.

use std::ffi::OsString;

use serde::{Deserialize, Serialize};

use super::trace::Trace;
use super::{Failure, Output, Setting};

/// What a worker is asked to do.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct Task {
    /// The recording.
    pub(super) clip: OsString,
    /// Where the results go.
    pub(super) folder: OsString,
    /// How to analyze it.
    pub(super) setting: Setting,
    /// What to keep.
    pub(super) keep: Vec<Output>,
    /// Most pixels of one picture.
    pub(super) max_pixels: u64,
}

/// What a worker says.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Reply {
    /// The models are loaded; once, at the start.
    Ready,
    /// No work is possible here, and why; once, instead of `Ready`.
    Refused(String),
    /// So many more frames were measured, or drawn; `share` of the recording, where that is known.
    Frames { measured: u64, drawn: u64, share: f64 },
    /// The task is done; `kept` are the outputs that are there.
    Done { partial: bool, kept: Vec<Output>, trace: Trace, memory_bytes: Option<u64> },
    /// There is no analysis.
    Failed(Failure),
    /// The results cannot be written, and why.
    Unwritable(String),
}
