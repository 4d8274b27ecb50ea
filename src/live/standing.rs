//! Where a session and its source stand.

use serde::Serialize;

/// Where a session stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Phase {
    /// Not begun: the page's camera is not on yet.
    Waiting,
    /// Frames are measured.
    Running,
    /// Frames are passed over; the record has a gap.
    Paused,
    /// The outputs are being written.
    Ending,
}

/// Where a session's source stands.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(tag = "state", rename_all = "snake_case")]
pub(super) enum FeedState {
    /// Not opened yet.
    Waiting,
    /// Frames come.
    Live,
    /// Lost; it is tried again.
    Lost {
        /// What happened, in plain words.
        why: String,
        /// Wait before the next try, milliseconds; `None` where it must come by itself.
        retry_ms: Option<u64>,
    },
    /// At its end.
    Ended,
}
