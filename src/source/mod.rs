//! Where pictures come from: files, image folders, cameras and streams become [`Frame`]s.
//!
//! A source hands on owned pixels with their presentation time. It ends with `Ok(false)` only at
//! the true end; a failure midway is an error that says how far it got.

mod clock;
mod folder;
#[cfg(feature = "video")]
mod video;

use std::ffi::OsStr;
use std::fmt;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

pub use clock::PresentationClock;
pub use folder::ImageFolder;
#[cfg(feature = "video")]
pub use video::{CameraMode, VideoSource, quiet_decoder};

/// One picture with its time.
#[derive(Debug, Clone, Default)]
pub struct Frame {
    /// Position in the recording, from 0.
    pub index: u64,
    /// Presentation time in seconds, from the first frame.
    pub time_s: f64,
    /// Width in pixels.
    pub width: usize,
    /// Height in pixels.
    pub height: usize,
    /// Rows of blue, green, red bytes without padding; `3 * width * height` of them.
    pub bgr: Vec<u8>,
}

impl Frame {
    /// Turns a mirror image back: left and right change places.
    pub fn mirror(&mut self) {
        for row in self.bgr.chunks_exact_mut(3 * self.width.max(1)) {
            let (pixels, _) = row.as_chunks_mut::<3>();
            pixels.reverse();
        }
    }
}

/// What the container says of itself. It may be wrong: times come from the frames.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct StreamInfo {
    /// Frame rate the container declares, frames a second.
    pub fps_nominal: Option<f64>,
    /// Frames the container's index lists; `None` where it has none or only a guess.
    pub frames_declared: Option<u64>,
}

/// Anything that yields frames one after another.
pub trait Source: Send {
    /// What the container says of itself.
    fn info(&self) -> &StreamInfo;

    /// Reads the next frame into `frame`, reusing its memory. `Ok(false)` is the true end.
    ///
    /// # Errors
    /// [`SourceError::Interrupted`] when decoding fails midway.
    fn read_into(&mut self, frame: &mut Frame) -> Result<bool, SourceError>;

    /// Reads the next frame; `None` is the true end.
    ///
    /// # Errors
    /// As [`Source::read_into`].
    fn next_frame(&mut self) -> Result<Option<Frame>, SourceError> {
        let mut frame = Frame::default();
        Ok(self.read_into(&mut frame)?.then_some(frame))
    }
}

/// Why a source cannot be opened or read on.
#[derive(Debug, thiserror::Error)]
pub enum SourceError {
    /// There is nothing at that path.
    #[error("{}: no such file or folder; check the path", .0.display())]
    NotFound(PathBuf),
    /// The file has no bytes.
    #[error("{}: the file is empty; copy it again from the camera", .0.display())]
    Empty(PathBuf),
    /// A folder without pictures.
    #[error("{}: a folder without images; name a video file or a folder of png or jpeg frames", .0.display())]
    NoImages(PathBuf),
    /// Not allowed to read, or another failure of the file system.
    #[error("{}: cannot be read ({reason})", path.display())]
    Unreadable {
        /// The file or folder.
        path: PathBuf,
        /// What the system said.
        reason: String,
    },
    /// The file holds no video that can be decoded.
    #[error(
        "{0}: no video could be decoded (not a video, audio only, or cut short); try playing it, or copy it again"
    )]
    NotVideo(String),
    /// A camera or stream that does not open.
    #[error("{0}: the camera or stream does not open; check that it is connected and not in use")]
    NotAvailable(String),
    /// Decoding failed midway.
    #[error("decoding stopped at {time_s:.2} s after {frames} frames ({reason})")]
    Interrupted {
        /// Frames delivered before the failure.
        frames: u64,
        /// Time of the last frame, seconds.
        time_s: f64,
        /// What the decoder said.
        reason: String,
    },
}

/// What the user named as input.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Input {
    /// A video file.
    File(PathBuf),
    /// A folder of images.
    Folder(PathBuf),
    /// A camera of this machine.
    Camera(i32),
    /// A stream URL.
    Url(String),
}

impl Input {
    /// Tells a camera number, a URL, a folder and a file apart.
    #[must_use]
    pub fn parse(text: &OsStr) -> Self {
        if let Some(text) = text.to_str() {
            if text.contains("://") {
                return Self::Url(text.to_owned());
            }
            if let Ok(number) = text.parse()
                && !Path::new(text).exists()
            {
                return Self::Camera(number);
            }
        }
        let path = PathBuf::from(text);
        if path.is_dir() { Self::Folder(path) } else { Self::File(path) }
    }

    /// The file, where the input is one.
    #[must_use]
    pub fn file(&self) -> Option<&Path> {
        match self {
            Self::File(path) => Some(path),
            _ => None,
        }
    }

    /// Opens the input. `folder_fps` is the rate of an image folder, frames a second.
    ///
    /// # Errors
    /// Any [`SourceError`] but [`SourceError::Interrupted`].
    #[cfg(feature = "video")]
    pub fn open(&self, folder_fps: f64) -> Result<Box<dyn Source>, SourceError> {
        Ok(match self {
            Self::File(path) => Box::new(VideoSource::open(path)?),
            Self::Folder(path) => Box::new(ImageFolder::open(path, folder_fps)?),
            Self::Camera(number) => Box::new(VideoSource::camera(*number)?),
            Self::Url(url) => Box::new(VideoSource::stream(url)?),
        })
    }
}

/// As the user named it; characters that are not Unicode are replaced.
impl fmt::Display for Input {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::File(path) | Self::Folder(path) => path.display().fmt(f),
            Self::Camera(number) => number.fmt(f),
            Self::Url(url) => url.fmt(f),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn mirroring_reverses_pixels_within_rows_and_keeps_their_colours() {
        let mut frame = Frame { width: 2, height: 2, bgr: (0..12).collect(), ..Frame::default() };
        frame.mirror();
        assert_eq!(frame.bgr, [3, 4, 5, 0, 1, 2, 9, 10, 11, 6, 7, 8]);
        frame.mirror();
        assert_eq!(frame.bgr, (0..12).collect::<Vec<u8>>());
    }

    #[test]
    fn inputs_are_told_apart_by_their_form() {
        assert_eq!(Input::parse(OsStr::new("0")), Input::Camera(0));
        let url = "rtsp://127.0.0.1/live";
        assert_eq!(Input::parse(OsStr::new(url)), Input::Url(url.to_owned()));
        assert!(matches!(Input::parse(OsStr::new("clip.mp4")), Input::File(_)));
        assert!(matches!(Input::parse(std::env::temp_dir().as_os_str()), Input::Folder(_)));
    }
}
