//! Why a batch cannot run at all. What is wrong with a single clip is a [`super::Failure`].

use std::ffi::OsString;
use std::path::PathBuf;

use super::Shard;
use crate::report;

/// Why a batch cannot run.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum BatchError {
    /// A pattern that matches no file, or is none.
    #[error("{pattern}: {reason}")]
    Pattern {
        /// As written.
        pattern: String,
        /// What is wrong.
        reason: String,
    },
    /// A folder that cannot be read through.
    #[error("{}: cannot be read through ({reason})", path.display())]
    Folder {
        /// The folder.
        path: PathBuf,
        /// What the system said.
        reason: String,
    },
    /// A manifest or list that cannot be used.
    #[error("{}{}: {reason}", path.display(), line.map_or_else(String::new, |line| format!(", line {line}")))]
    List {
        /// The file.
        path: PathBuf,
        /// The line, from 1, where one is at fault.
        line: Option<u64>,
        /// What is wrong and what to do.
        reason: String,
    },
    /// Nothing to do: the inputs that name no clip.
    #[error("{}no clip is named; name video files, folders with such files, or a manifest", names(.0))]
    NoClip(Vec<OsString>),
    /// The folder holds a batch already.
    #[error(
        "{}: holds a batch already; go on with it by --resume, or choose another folder",
        .0.display()
    )]
    Occupied(PathBuf),
    /// Another process is at work on the same clips.
    #[error("{}: another batch is at work here; wait for it, or choose another folder", .0.display())]
    InUse(PathBuf),
    /// A shard that is missing or was not finished.
    #[error("{}: shard {shard} is not finished; run it again with --resume", folder.display())]
    Unfinished {
        /// The folder of the batch.
        folder: PathBuf,
        /// The shard.
        shard: Shard,
    },
    /// Shards that do not belong together.
    #[error(
        "{}: shard {shard} is part of other clips, or of another version's work, than the shards \
         before it; run every shard again with --resume, which does nothing twice",
        folder.display()
    )]
    Strange {
        /// The folder of the batch.
        folder: PathBuf,
        /// The shard.
        shard: Shard,
    },
    /// Nothing to gather.
    #[error("{}: holds no batch to gather", .0.display())]
    Nothing(PathBuf),
    /// Workers cannot work here.
    #[error("{0}")]
    Worker(String),
    /// The results of a clip cannot be written, and so no other's could.
    #[error("{0}; --resume goes on from here")]
    Unwritable(String),
    /// Reading or writing results failed.
    #[error(transparent)]
    Results(#[from] report::Error),
}

/// Inputs, where there are any, before what is wrong with them.
fn names(inputs: &[OsString]) -> String {
    let names: Vec<_> = inputs.iter().map(|input| input.to_string_lossy()).collect();
    if names.is_empty() { String::new() } else { format!("{}: ", names.join(", ")) }
}
