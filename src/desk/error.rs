//! Why there is no desk.

use std::io;
use std::net::SocketAddr;
use std::path::PathBuf;

/// Why there is no desk.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum DeskError {
    /// The folder is none, or cannot be used.
    #[error("{}: {reason}", path.display())]
    Folder {
        /// The folder.
        path: PathBuf,
        /// Why.
        reason: String,
    },
    /// Another desk has the folder.
    #[error("{}: another desk is open on this folder; close it first, or go on in its page", .0.display())]
    InUse(PathBuf),
    /// The page cannot be served there.
    #[error("cannot serve the page on {address}: {reason}; choose another --port")]
    Serve {
        /// Where.
        address: SocketAddr,
        /// Why.
        reason: io::Error,
    },
}
