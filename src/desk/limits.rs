//! Every limit of the desk in one place, each with unit, default and source.

use std::time::Duration;

use crate::source;

/// How the desk bounds what it is sent and what it keeps.
#[derive(Debug, Clone)]
pub struct Limits {
    /// Largest recording that may be uploaded, bytes (default 64 GiB; judgment: ten hours of a
    /// camcorder; one that lies in the folder already has no limit).
    pub upload_bytes: u64,
    /// Most pixels of one picture of a recording (default 33 177 600: 8K, as elsewhere).
    pub pixels: u64,
    /// Room on the disk that an upload leaves, bytes (default 1 GiB; judgment: results of some hours).
    pub room_bytes: u64,
    /// Largest command, bytes (default 1 MiB; judgment: the names of ten thousand recordings).
    pub command_bytes: usize,
    /// Recordings that may wait for analysis (default 10 000; judgment).
    pub waiting: usize,
    /// Time without a word after which a tab has left its review to others (default 15 s; judgment:
    /// three of the page's own intervals).
    pub silence: Duration,
    /// Recordings whose signals are held ready for review (default 3; judgment: an hour of signals
    /// takes about 30 MB).
    pub held: usize,
    /// Recordings in the library that are looked at (default 20 000; judgment).
    pub recordings: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            upload_bytes: 64 << 30,
            pixels: source::Limits::default().pixels,
            room_bytes: 1 << 30,
            command_bytes: 1 << 20,
            waiting: 10_000,
            silence: Duration::from_secs(15),
            held: 3,
            recordings: 20_000,
        }
    }
}
