//! What is asked of a session, and why there is none.

use std::convert::Infallible;
use std::io;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};

use super::limits::Limits;
use crate::clip::Analyzed;
use crate::pattern::History;
use crate::pipeline::PipelineError;
use crate::report;
use crate::serve::Tls;
use crate::source::{self, Opening, SourceError};

/// Where a session's pictures come from.
#[derive(Debug, Clone, PartialEq)]
pub enum Input {
    /// A camera of this machine, a stream, a file or a folder of images.
    Source {
        /// Which.
        input: source::Input,
        /// How it is opened.
        opening: Opening,
    },
    /// The camera of the controlling page.
    Browser,
}

/// A session that was held.
#[derive(Debug)]
pub struct Held {
    /// What was measured, and where it is saved.
    pub analyzed: Analyzed,
    /// Why the lines for other programs could not all be written; a reader that closed its end is
    /// no reason.
    pub lines_lost: Option<String>,
}

/// A session to hold.
#[derive(Debug)]
pub struct Request {
    /// Where the pictures come from.
    pub input: Input,
    /// The picture is a mirror image.
    pub mirrored: bool,
    /// What is known of the person beyond the video.
    pub history: Option<History>,
    /// The folder for the outputs; made where it is missing.
    pub out: PathBuf,
    /// Replace files of the outputs' names that this program did not write.
    pub force: bool,
    /// Keep the pictures, too, as `recording.mkv`.
    pub record: bool,
    /// Where to serve the page; port 0 takes a free one.
    pub address: SocketAddr,
    /// A name the page is reached by, beside its addresses.
    pub name: Option<String>,
    /// Certificate and key for an encrypted link.
    pub tls: Option<Tls>,
    /// Every limit.
    pub limits: Limits,
}

/// Why there is no session, or nothing of it is left.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum MonitorError {
    /// The source does not open.
    #[error(transparent)]
    Source(#[from] SourceError),
    /// The page cannot be served there.
    #[error("cannot serve the page on {address}: {reason}; choose another --port or --bind")]
    Serve {
        /// Where.
        address: SocketAddr,
        /// Why.
        reason: io::Error,
    },
    /// The folder holds a session that was cut off.
    #[error(
        "{place} holds a session that was cut off; complete it with `monitor --recover {place}`, or \
         name another folder", place = .0.display()
    )]
    Unfinished(PathBuf),
    /// The folder holds a session that ended, or other results.
    #[error("{} holds results already, and a session cannot be held again; name another folder", .0.display())]
    Occupied(PathBuf),
    /// The pictures were to be kept, and there is no encoder for them.
    #[error(
        "the pictures cannot be recorded: ffmpeg {0}; install ffmpeg with libx264, or leave --record \
         out"
    )]
    NoRecorder(String),
    /// No frame came.
    #[error("no picture came before the session was ended; nothing is saved")]
    NoFrame,
    /// No frame showed a face.
    #[error(
        "no face was seen in {frames} frames ({last_s:.1} s); nothing is saved. The face must be \
         seen from the front, upright and in light"
    )]
    NoFace {
        /// Frames that were measured.
        frames: u64,
        /// Time of the last one, seconds.
        last_s: f64,
    },
    /// No session was cut off there.
    #[error("{}: holds no session that was cut off", .0.display())]
    NothingToRecover(PathBuf),
    /// A session that was cut off before anything was measured.
    #[error(
        "{}: no face was seen before the session was cut off; nothing could be kept of it, and the \
         folder is free again", .0.display()
    )]
    NothingKept(PathBuf),
    /// The measurement failed.
    #[error(transparent)]
    Pipeline(#[from] PipelineError<Infallible>),
    /// The results cannot be written.
    #[error(transparent)]
    Report(#[from] report::Error),
}

impl Input {
    /// What the outputs call it; a URL without the name and password that may stand in it.
    #[must_use]
    pub fn name(&self) -> String {
        match self {
            Self::Source { input: source::Input::Camera(number), .. } => format!("camera {number}"),
            Self::Source { input: source::Input::Url(url), .. } => without_credentials(url),
            Self::Source { input, .. } => input.to_string(),
            Self::Browser => "browser".to_owned(),
        }
    }

    /// What the page calls it: of a file its name alone.
    pub(super) fn title(&self) -> String {
        match self.file().and_then(Path::file_name) {
            Some(name) => name.to_string_lossy().into_owned(),
            None => self.name(),
        }
    }

    pub(super) fn file(&self) -> Option<&Path> {
        match self {
            Self::Source { input, .. } => input.file(),
            Self::Browser => None,
        }
    }
}

fn without_credentials(url: &str) -> String {
    let Some((scheme, rest)) = url.split_once("://") else { return url.to_owned() };
    let end = rest.find(['/', '?', '#']).unwrap_or(rest.len());
    let (authority, path) = rest.split_at(end);
    let host = authority.rsplit_once('@').map_or(authority, |(_, host)| host);
    format!("{scheme}://{host}{path}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_url_is_named_without_the_password_in_it() {
        for (url, name) in [
            ("rtsp://ward:s3cret@10.0.0.7:554/live?x=a@b", "rtsp://10.0.0.7:554/live?x=a@b"),
            ("http://10.0.0.7/a@b", "http://10.0.0.7/a@b"),
            ("udp://127.0.0.1:9", "udp://127.0.0.1:9"),
        ] {
            assert_eq!(without_credentials(url), name);
        }
    }
}
