//! Why a review cannot be used.

use std::path::PathBuf;

use crate::report;

/// Why a review cannot be read, made or applied.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ReviewError {
    /// A file cannot be read or written.
    #[error(transparent)]
    File(#[from] report::Error),
    /// A newer version wrote it, and what it added would be lost.
    #[error(
        "{path} was written by version {theirs}, which is newer than this one ({ours}); use that \
         version or a later one", path = path.display()
    )]
    Newer {
        /// The file.
        path: PathBuf,
        /// The version, or the format, that wrote it.
        theirs: String,
        /// This version.
        ours: &'static str,
    },
    /// It is of another recording than the analysis.
    #[error("the review by {reviewer} is of \"{review}\", the analysis of \"{analysis}\": {why}")]
    OtherRecording {
        /// Who reviewed.
        reviewer: String,
        /// The recording reviewed.
        review: String,
        /// The recording analyzed.
        analysis: String,
        /// What differs.
        why: &'static str,
    },
    /// A step that cannot be made.
    #[error("{0}")]
    Change(String),
    /// There is none where one is looked for.
    #[error("there is no review at {}; make one with `spasmograph desk`, or name its file", .0.display())]
    Missing(PathBuf),
    /// An ELAN file that cannot be taken as a review.
    #[error("{path} cannot be taken as a review: {reason}", path = path.display())]
    Elan {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        reason: String,
    },
}
