//! What can fail in the face stage.

use super::graph::GraphError;
use super::runtime::RuntimeError;
use crate::models::ModelError;

/// Why the face stage cannot work on.
#[derive(Debug, thiserror::Error)]
pub enum FaceError {
    /// The models are missing or altered.
    #[error(transparent)]
    Models(#[from] ModelError),
    /// The mesh file is not the one this program knows.
    #[error(transparent)]
    Graph(#[from] GraphError),
    /// The inference runtime failed.
    #[error(transparent)]
    Runtime(#[from] RuntimeError),
    /// A frame's pixels do not fit its size.
    #[error("frame {index} holds no picture of {width}x{height} pixels")]
    Frame {
        /// The frame.
        index: u64,
        /// Stated width in pixels.
        width: usize,
        /// Stated height in pixels.
        height: usize,
    },
    /// Resampling failed.
    #[error("cannot resample a picture: {0}")]
    Picture(#[from] opencv::Error),
}
