//! The overlay of a recording, in a second pass.

use crate::report::overlay::{self, Ground, Mode, SpoolReader};
use crate::report::{self, Analysis, PendingPath};
use crate::signal::Sample;
use crate::source::{Frame, Input, Opening, Source, SourceError, StreamInfo};

/// Why there is no overlay.
#[derive(Debug, thiserror::Error)]
pub(super) enum DrawError {
    /// The recording does not open again.
    #[error(transparent)]
    Source(#[from] SourceError),
    /// The landmarks could not be kept until now.
    #[error("the landmarks could not be kept for the overlay: {0}")]
    Landmarks(std::io::Error),
    /// There is no second look at it.
    #[error(
        "a camera or stream cannot be read a second time for the overlay; --overlay mesh draws \
         the mesh alone"
    )]
    OnlyOnce,
    /// It cannot be drawn or written.
    #[error(transparent)]
    Report(#[from] report::Error),
}

/// The recording once more, where the overlay needs its pictures.
pub(super) fn reopen(
    mode: Mode,
    input: &Input,
    opening: &Opening,
    mirrored: bool,
) -> Result<Option<Box<dyn Source>>, DrawError> {
    match (mode, input) {
        (Mode::Mesh, _) => Ok(None),
        (Mode::Full, Input::File(_) | Input::Folder(_)) => {
            let again = input.open(opening)?;
            Ok(Some(if mirrored { Box::new(Mirrored(again)) } else { again }))
        }
        (Mode::Full, Input::Camera(_) | Input::Url(_)) => Err(DrawError::OnlyOnce),
    }
}

/// A recording that is a mirror image, turned back.
struct Mirrored(Box<dyn Source>);

impl Source for Mirrored {
    fn info(&self) -> &StreamInfo {
        self.0.info()
    }

    fn read_into(&mut self, frame: &mut Frame) -> Result<bool, SourceError> {
        let read = self.0.read_into(frame)?;
        if read {
            frame.mirror();
        }
        Ok(read)
    }
}

/// Draws the overlay over `again`, or on a plain ground without it.
pub(super) fn draw(
    pending: PendingPath,
    analysis: &Analysis,
    samples: &[Sample],
    mut spool: SpoolReader,
    mut again: Option<Box<dyn Source>>,
    progress: impl FnMut(usize) -> bool,
) -> Result<(), DrawError> {
    let ground = match &mut again {
        Some(source) => Ground::Recording(source.as_mut()),
        None => Ground::Plain,
    };
    Ok(overlay::write(pending, analysis, samples, &mut spool, ground, progress)?)
}
