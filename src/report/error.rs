//! What can go wrong with files.

use std::io;
use std::path::{Path, PathBuf};

/// Reading or writing a file of results failed.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The folder for the results cannot be made or written to.
    #[error("cannot write results to {}: {}", path.display(), cause(source))]
    Folder {
        /// The folder.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// A file could not be written. Nothing of it is left.
    #[error("cannot write {}: {}", path.display(), cause(source))]
    Write {
        /// The file.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// A file could not be read.
    #[error("cannot read {}: {}", path.display(), cause(source))]
    Read {
        /// The file.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// A file was read but does not have the expected content.
    #[error("{} is not as expected: {reason}", path.display())]
    Content {
        /// The file.
        path: PathBuf,
        /// What is wrong.
        reason: String,
    },
    /// A file that this program did not write, or that was changed since, stands where a result
    /// would be written.
    #[error(
        "{} is there already and is not as spasmograph wrote it; move it away, choose another \
         place, or replace it by --force",
        path.display()
    )]
    Foreign {
        /// The file.
        path: PathBuf,
    },
    /// A result would replace what it is made from.
    #[error("{} is an input and would be replaced by a result; choose another place", path.display())]
    IsInput {
        /// The input.
        path: PathBuf,
    },
    /// Another run writes to the same folder.
    #[error("{}: another run is at work here; wait for it, or choose another folder", path.display())]
    InUse {
        /// The folder.
        path: PathBuf,
    },
    /// The overlay video could not be encoded. Nothing of it is left.
    #[error("cannot write the overlay {}: {reason}", path.display())]
    Overlay {
        /// The file.
        path: PathBuf,
        /// What is wrong and what to do.
        reason: String,
    },
}

impl Error {
    pub(crate) fn write(path: &Path) -> impl FnOnce(io::Error) -> Self {
        move |source| Self::Write { path: path.to_owned(), source }
    }

    /// What hindered the reading of a text.
    pub(crate) fn text(path: &Path) -> impl FnOnce(io::Error) -> Self {
        move |error| match error.kind() {
            io::ErrorKind::InvalidData => Self::content(path, error),
            _ => Self::read(path)(error),
        }
    }

    pub(crate) fn read(path: &Path) -> impl FnOnce(io::Error) -> Self {
        move |source| Self::Read { path: path.to_owned(), source }
    }

    pub(crate) fn content(path: &Path, reason: impl ToString) -> Self {
        Self::Content { path: path.to_owned(), reason: reason.to_string() }
    }
}

/// The cause of an I/O error in plain words, with the mend where there is one.
fn cause(error: &io::Error) -> String {
    match error.kind() {
        io::ErrorKind::PermissionDenied => {
            "no permission; choose another folder or change its rights".to_owned()
        }
        io::ErrorKind::ReadOnlyFilesystem => "the file system is read-only".to_owned(),
        io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => {
            "the disk is full; free some space and run again".to_owned()
        }
        io::ErrorKind::NotFound => "no such file".to_owned(),
        io::ErrorKind::NotADirectory => "a file stands where a folder is needed".to_owned(),
        _ => error.to_string(),
    }
}
