//! The overlay's file: H.264 in mp4, at a constant rate, whole or not at all.

use std::path::{Path, PathBuf};

use opencv::core::{Mat, Size};
use opencv::prelude::*;
use opencv::videoio::{self, VideoCapture, VideoWriter};

use crate::report::{Error, PendingPath};

/// What to do where the encoder is missing.
const MEND: &str = "OpenCV has no H.264 encoder here; install ffmpeg with libx264, or run with \
                    --overlay none";

/// Writes pictures at a constant rate.
pub(super) struct Encoder {
    writer: VideoWriter,
    pending: PendingPath,
    /// The name OpenCV was given.
    name: String,
    written: u64,
    /// A folder with a plain name, for a path that OpenCV cannot be told.
    _link: Option<tempfile::TempDir>,
}

impl Encoder {
    pub(super) fn create(
        pending: PendingPath,
        fps: f64,
        width: usize,
        height: usize,
    ) -> Result<Self, Error> {
        let failed = failure(&pending);
        let (name, link) =
            name_for_opencv(pending.temporary()).map_err(Error::write(pending.path()))?;
        let fourcc = VideoWriter::fourcc('a', 'v', 'c', '1').map_err(&failed)?;
        let size = Size::new(width as i32, height as i32);
        let writer =
            VideoWriter::new_with_backend(&name, videoio::CAP_FFMPEG, fourcc, fps, size, true)
                .map_err(|_| overlay_error(pending.path(), MEND))?;
        if !writer.is_opened().unwrap_or(false) {
            return Err(overlay_error(pending.path(), MEND));
        }
        Ok(Self { writer, pending, name, written: 0, _link: link })
    }

    pub(super) fn write(&mut self, picture: &Mat) -> Result<(), Error> {
        self.written += 1;
        self.writer.write(picture).map_err(failure(&self.pending))
    }

    /// Ends the file and gives it its name. OpenCV does not report a full disk, so the file is
    /// opened once to see that every picture is in it.
    pub(super) fn finish(mut self) -> Result<(), Error> {
        self.writer.release().map_err(failure(&self.pending))?;
        let found = VideoCapture::from_file(&self.name, videoio::CAP_FFMPEG)
            .and_then(|video| video.get(videoio::CAP_PROP_FRAME_COUNT))
            .unwrap_or(0.0);
        if found.round() as u64 != self.written {
            let reason = "the file is incomplete; is the disk full?";
            return Err(overlay_error(self.pending.path(), reason));
        }
        self.pending.finish()
    }
}

fn overlay_error(path: &Path, reason: impl ToString) -> Error {
    Error::Overlay { path: path.to_owned(), reason: reason.to_string() }
}

fn failure(pending: &PendingPath) -> impl Fn(opencv::Error) -> Error + use<> {
    let path: PathBuf = pending.path().to_owned();
    move |error| overlay_error(&path, error.message)
}

/// A name OpenCV can be told: the path itself, or for a folder that is not Unicode one that
/// leads there.
fn name_for_opencv(path: &Path) -> std::io::Result<(String, Option<tempfile::TempDir>)> {
    if let Some(name) = path.to_str() {
        return Ok((name.to_owned(), None));
    }
    let folder = tempfile::tempdir()?;
    let link = folder.path().join("overlay.mp4");
    #[cfg(unix)]
    std::os::unix::fs::symlink(std::path::absolute(path)?, &link)?;
    #[cfg(not(unix))]
    return Err(std::io::Error::other("the path is not Unicode"));
    Ok((link.to_string_lossy().into_owned(), Some(folder)))
}
