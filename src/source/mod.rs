//! Where pictures come from: files, image folders, cameras and streams become [`Frame`]s.
//!
//! A source hands on owned pixels with their presentation time. It ends with `Ok(false)` only at
//! the true end; a failure midway is an error that says how far it got.

#[cfg(feature = "video")]
mod camera;
mod clock;
#[cfg(feature = "video")]
mod convert;
#[cfg(feature = "video")]
mod demux;
mod folder;
mod frame;
mod note;
#[cfg(feature = "video")]
mod orientation;
#[cfg(feature = "video")]
mod packed;
#[cfg(feature = "video")]
mod planes;
#[cfg(feature = "video")]
mod repeat;
#[cfg(feature = "video")]
mod video;

use std::ffi::OsStr;
use std::fmt;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

#[cfg(feature = "video")]
pub use camera::{Camera, CameraMode};
pub use clock::PresentationClock;
#[cfg(feature = "video")]
pub(crate) use demux::file_name;
pub use folder::ImageFolder;
pub use frame::{Frame, Pixels};
pub use note::Note;
#[cfg(feature = "video")]
pub use packed::{Order, Packer};
#[cfg(feature = "video")]
pub use planes::{Colours, Plane, Planes};
#[cfg(feature = "video")]
pub(crate) use repeat::Repeats;
#[cfg(feature = "video")]
pub use video::{VideoSource, ffmpeg_version, quiet_decoder};

/// What the container says of itself. It may be wrong: times come from the frames.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct StreamInfo {
    /// Frame rate the container declares, frames a second.
    pub fps_nominal: Option<f64>,
    /// Frames the container's index lists; `None` where it has none or only a guess.
    pub frames_declared: Option<u64>,
    /// Time of the first picture after the start of the file, seconds: how much later than the
    /// sound it begins.
    pub start_offset_s: f64,
    /// The container's display matrix mirrors the picture; frames are given as it asks.
    pub mirrored: bool,
}

/// What a source may spend.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Limits {
    /// Pixels of one picture (default 7680 x 4320: 8K; larger ones are refused unread).
    pub pixels: u64,
    /// Threads of the decoder; 0 takes one a core (default).
    pub decoder_threads: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self { pixels: 7680 * 4320, decoder_threads: 0 }
    }
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

    /// What was noticed so far that the reader of the results should know.
    fn notes(&self) -> Vec<Note> {
        Vec::new()
    }

    /// Reads the next frame; `None` is the true end.
    ///
    /// # Errors
    /// As [`Source::read_into`].
    fn next_frame(&mut self) -> Result<Option<Frame>, SourceError> {
        let mut frame = Frame::default();
        Ok(self.read_into(&mut frame)?.then_some(frame))
    }
}

impl<S: Source + ?Sized> Source for Box<S> {
    fn info(&self) -> &StreamInfo {
        (**self).info()
    }

    fn read_into(&mut self, frame: &mut Frame) -> Result<bool, SourceError> {
        (**self).read_into(frame)
    }

    fn notes(&self) -> Vec<Note> {
        (**self).notes()
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
    /// A list of other files or addresses, under a video's name or its own.
    #[error("{0}: a playlist or script, not a video; name the video itself")]
    Playlist(String),
    /// No track of that number.
    #[error(
        "{name}: no track {asked}; it has {tracks} of video, counted from 0: choose one with --track"
    )]
    NoTrack {
        /// The file.
        name: String,
        /// The number asked for.
        asked: usize,
        /// How many there are.
        tracks: usize,
    },
    /// Pictures of more pixels than are read.
    #[error(
        "{name}: pictures of {}x{} pixels are above the limit of {pixels}; scale the video down, or \
         raise the limit with --max-pixels",
        size[0], size[1]
    )]
    TooLarge {
        /// The file.
        name: String,
        /// Width and height, pixels.
        size: [u64; 2],
        /// The limit.
        pixels: u64,
    },
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

/// How streams are named: what comes before `://`.
const SCHEMES: [&str; 11] =
    ["http", "https", "rtsp", "rtsps", "rtmp", "rtmps", "rtp", "udp", "tcp", "srt", "mmsh"];

impl Input {
    /// Tells a file, a folder, a camera number and a URL apart. What is there under that name is
    /// a file or folder, whatever it is called; a URL has one of the schemes that are read.
    #[must_use]
    pub fn parse(text: &OsStr) -> Self {
        let path = PathBuf::from(text);
        if path.is_dir() {
            return Self::Folder(path);
        }
        if !path.exists()
            && let Some(text) = text.to_str()
        {
            let scheme = text.split_once("://").map(|(scheme, _)| scheme.to_ascii_lowercase());
            if scheme.is_some_and(|scheme| SCHEMES.contains(&scheme.as_str())) {
                return Self::Url(text.to_owned());
            }
            if let Ok(number) = text.parse() {
                return Self::Camera(number);
            }
        }
        Self::File(path)
    }

    /// The file, where the input is one.
    #[must_use]
    pub fn file(&self) -> Option<&Path> {
        match self {
            Self::File(path) => Some(path),
            _ => None,
        }
    }

    /// Opens the input.
    ///
    /// # Errors
    /// Any [`SourceError`] but [`SourceError::Interrupted`].
    #[cfg(feature = "video")]
    pub fn open(&self, how: &Opening) -> Result<Box<dyn Source>, SourceError> {
        Ok(match self {
            Self::File(path) => Box::new(VideoSource::open_track(path, how.track, &how.limits)?),
            Self::Folder(path) => {
                Box::new(ImageFolder::open(path, how.folder_fps)?.within(&how.limits))
            }
            Self::Camera(number) => Box::new(Camera::open(*number, how.camera)?),
            Self::Url(url) => Box::new(VideoSource::stream(url, &how.limits)?),
        })
    }
}

/// How an input is opened.
#[cfg(feature = "video")]
#[derive(Debug, Clone, PartialEq)]
pub struct Opening {
    /// Rate of an image folder, frames a second (default 30).
    pub folder_fps: f64,
    /// Track of video to read, counted from 0; the default one where none is named.
    pub track: Option<usize>,
    /// What a camera is asked for.
    pub camera: CameraMode,
    /// What the source may spend.
    pub limits: Limits,
}

#[cfg(feature = "video")]
impl Default for Opening {
    fn default() -> Self {
        Self {
            folder_fps: 30.0,
            track: None,
            camera: CameraMode::default(),
            limits: Limits::default(),
        }
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
    fn inputs_are_told_apart_by_their_form() {
        assert_eq!(Input::parse(OsStr::new("0")), Input::Camera(0));
        let url = "rtsp://127.0.0.1/live";
        assert_eq!(Input::parse(OsStr::new(url)), Input::Url(url.to_owned()));
        for name in ["clip.mp4", "visit:1.mp4", "http:127.0.0.1:9456.mp4", "concat:a|b", "x://y"] {
            assert!(matches!(Input::parse(OsStr::new(name)), Input::File(_)), "{name}");
        }
        assert!(matches!(Input::parse(std::env::temp_dir().as_os_str()), Input::Folder(_)));
    }
}
