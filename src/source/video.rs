//! Video files, cameras and streams through OpenCV.

use std::fs::File;
use std::io::Read;
use std::path::Path;
use std::time::Instant;

use opencv::core::Mat;
use opencv::prelude::*;
use opencv::videoio::{self, VideoCapture};

use super::{Frame, PresentationClock, Source, SourceError, StreamInfo};

/// A file, camera or stream opened by OpenCV.
pub struct VideoSource {
    capture: VideoCapture,
    info: StreamInfo,
    clock: PresentationClock,
    /// Cameras carry no time stamps: their frames are timed as they arrive.
    live_since: Option<Instant>,
    frames: u64,
    last_time_s: f64,
    /// A link with a plain name, for a path that OpenCV cannot be told.
    _link: Option<tempfile::TempDir>,
}

/// What a camera is asked for.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct CameraMode {
    /// Width and height, pixels.
    pub size: Option<[u32; 2]>,
    /// Frames a second.
    pub fps: Option<f64>,
}

/// Keeps OpenCV's own words off standard error: what fails is a [`SourceError`].
pub fn quiet_decoder() {
    // Without it the words are only superfluous.
    let _ = opencv::core::set_log_level(opencv::core::LogLevel::LOG_LEVEL_SILENT);
}

impl VideoSource {
    /// Opens a video file.
    ///
    /// # Errors
    /// [`SourceError::NotFound`], [`SourceError::Empty`], [`SourceError::Unreadable`] or
    /// [`SourceError::NotVideo`].
    pub fn open(path: &Path) -> Result<Self, SourceError> {
        let head = read_head(path)?;
        let (name, link) = name_for_opencv(path)?;
        let shown = path.display().to_string();
        let capture = open_capture(&name).map_err(|_| SourceError::NotVideo(shown.clone()))?;
        if !capture.is_opened().unwrap_or(false) {
            return Err(SourceError::NotVideo(shown));
        }
        let mut source = Self::from_capture(capture, None);
        source._link = link;
        if lists_its_frames(&head) {
            source.info.frames_declared = positive(&source.capture, videoio::CAP_PROP_FRAME_COUNT)
                .map(|count| count.round() as u64);
        }
        Ok(source)
    }

    /// Opens a camera of this machine by its number, as it is set.
    ///
    /// # Errors
    /// [`SourceError::NotAvailable`].
    pub fn camera(number: i32) -> Result<Self, SourceError> {
        Self::camera_in_mode(number, CameraMode::default())
    }

    /// Opens a camera of this machine by its number, and asks it for a size and rate; it takes the
    /// nearest it has.
    ///
    /// # Errors
    /// [`SourceError::NotAvailable`].
    pub fn camera_in_mode(number: i32, mode: CameraMode) -> Result<Self, SourceError> {
        let unavailable = || SourceError::NotAvailable(format!("camera {number}"));
        let mut capture = VideoCapture::new(number, videoio::CAP_ANY).map_err(|_| unavailable())?;
        if !capture.is_opened().unwrap_or(false) {
            return Err(unavailable());
        }
        let wishes = [
            (videoio::CAP_PROP_FRAME_WIDTH, mode.size.map(|size| f64::from(size[0]))),
            (videoio::CAP_PROP_FRAME_HEIGHT, mode.size.map(|size| f64::from(size[1]))),
            (videoio::CAP_PROP_FPS, mode.fps),
        ];
        for (property, wish) in wishes {
            if let Some(value) = wish {
                // A camera without that setting keeps its own; the frames say what it gives.
                let _ = capture.set(property, value);
            }
        }
        Ok(Self::from_capture(capture, Some(Instant::now())))
    }

    /// Opens a stream URL, e.g. `rtsp://`, `http://` or `udp://`.
    ///
    /// # Errors
    /// [`SourceError::NotAvailable`].
    pub fn stream(url: &str) -> Result<Self, SourceError> {
        let unavailable = || SourceError::NotAvailable(url.to_owned());
        let capture = open_capture(url).map_err(|_| unavailable())?;
        if !capture.is_opened().unwrap_or(false) {
            return Err(unavailable());
        }
        Ok(Self::from_capture(capture, None))
    }

    fn from_capture(capture: VideoCapture, live_since: Option<Instant>) -> Self {
        let fps_nominal = positive(&capture, videoio::CAP_PROP_FPS);
        Self {
            info: StreamInfo { fps_nominal, frames_declared: None },
            clock: PresentationClock::new(fps_nominal),
            capture,
            live_since,
            frames: 0,
            last_time_s: 0.0,
            _link: None,
        }
    }

    fn interrupted(&self, error: &opencv::Error) -> SourceError {
        SourceError::Interrupted {
            frames: self.frames,
            time_s: self.last_time_s,
            reason: error.message.clone(),
        }
    }

    fn stamp_s(&self) -> f64 {
        match self.live_since {
            Some(start) => start.elapsed().as_secs_f64(),
            None => self.capture.get(videoio::CAP_PROP_POS_MSEC).unwrap_or(0.0) / 1000.0,
        }
    }
}

impl Source for VideoSource {
    fn info(&self) -> &StreamInfo {
        &self.info
    }

    fn read_into(&mut self, frame: &mut Frame) -> Result<bool, SourceError> {
        if !self.capture.grab().map_err(|error| self.interrupted(&error))? {
            return Ok(false);
        }
        let stamp_s = self.stamp_s();
        let decoded = retrieve_into(&mut self.capture, frame);
        if !decoded.map_err(|error| self.interrupted(&error))? {
            return Ok(false);
        }
        frame.index = self.frames;
        frame.time_s = self.clock.tick(stamp_s);
        self.frames += 1;
        self.last_time_s = frame.time_s;
        Ok(true)
    }
}

/// Decodes the grabbed picture straight into the frame's own bytes where its size is known
/// from the frame before.
fn retrieve_into(capture: &mut VideoCapture, frame: &mut Frame) -> opencv::Result<bool> {
    let (rows, cols) = (frame.height as i32, frame.width as i32);
    if rows > 0 && cols > 0 && frame.bgr.len() == 3 * frame.width * frame.height {
        let pixels: &mut [opencv::core::Vec3b] = bytemuck_vec3b(&mut frame.bgr);
        let mut view = Mat::new_rows_cols_with_data_mut(rows, cols, pixels)?;
        let own = view.data();
        if !capture.retrieve(&mut view, 0)? {
            return Ok(false);
        }
        if view.data() == own {
            return Ok(true);
        }
        // The picture changed its size: OpenCV allocated anew.
        let changed = view.try_clone()?;
        drop(view);
        return copy_pixels(&changed, frame);
    }
    let mut picture = Mat::default();
    if !capture.retrieve(&mut picture, 0)? {
        return Ok(false);
    }
    copy_pixels(&picture, frame)
}

fn copy_pixels(picture: &Mat, frame: &mut Frame) -> opencv::Result<bool> {
    let size = picture.size()?;
    (frame.width, frame.height) = (size.width as usize, size.height as usize);
    frame.bgr.clear();
    if picture.typ() != opencv::core::CV_8UC3 || size.area() == 0 {
        return Ok(false);
    }
    if picture.is_continuous() {
        frame.bgr.extend_from_slice(picture.data_bytes()?);
    } else {
        frame.bgr.extend_from_slice(picture.try_clone()?.data_bytes()?);
    }
    Ok(true)
}

/// The same bytes seen as pixels of three.
fn bytemuck_vec3b(bytes: &mut [u8]) -> &mut [opencv::core::Vec3b] {
    let pixels = bytes.len() / 3;
    // SAFETY: `Vec3b` is three bytes without padding or alignment, so `3 * pixels` initialised
    // bytes are `pixels` valid values; the borrow keeps the only access.
    unsafe { std::slice::from_raw_parts_mut(bytes.as_mut_ptr().cast(), pixels) }
}

fn open_capture(name: &str) -> opencv::Result<VideoCapture> {
    let mut capture = VideoCapture::from_file(name, videoio::CAP_FFMPEG)?;
    // Phones store the sensor's picture and a rotation beside it.
    capture.set(videoio::CAP_PROP_ORIENTATION_AUTO, 1.0)?;
    Ok(capture)
}

fn positive(capture: &VideoCapture, property: i32) -> Option<f64> {
    capture.get(property).ok().filter(|value| value.is_finite() && *value > 0.0)
}

/// Checks that there is a readable file and returns its first bytes.
fn read_head(path: &Path) -> Result<Vec<u8>, SourceError> {
    if !path.exists() {
        return Err(SourceError::NotFound(path.to_owned()));
    }
    let unreadable = |error: std::io::Error| SourceError::Unreadable {
        path: path.to_owned(),
        reason: error.to_string(),
    };
    let mut head = Vec::new();
    File::open(path).map_err(unreadable)?.take(16).read_to_end(&mut head).map_err(unreadable)?;
    if head.is_empty() {
        return Err(SourceError::Empty(path.to_owned()));
    }
    Ok(head)
}

/// Whether the container indexes every frame (ISO base media, `ftyp` at byte 4). Others are
/// counted by duration times rate, or carry a header that may claim anything (AVI).
fn lists_its_frames(head: &[u8]) -> bool {
    head.get(4..8) == Some(b"ftyp")
}

/// OpenCV takes names in UTF-8 only: another path is reached through a link with a plain name.
fn name_for_opencv(path: &Path) -> Result<(String, Option<tempfile::TempDir>), SourceError> {
    if let Some(name) = path.to_str() {
        return Ok((name.to_owned(), None));
    }
    let unreadable = |error: std::io::Error| SourceError::Unreadable {
        path: path.to_owned(),
        reason: error.to_string(),
    };
    let folder = tempfile::tempdir().map_err(unreadable)?;
    let link = folder.path().join("video");
    #[cfg(unix)]
    std::os::unix::fs::symlink(path.canonicalize().map_err(unreadable)?, &link)
        .map_err(unreadable)?;
    #[cfg(not(unix))]
    std::fs::copy(path, &link).map_err(unreadable)?;
    Ok((link.to_string_lossy().into_owned(), Some(folder)))
}
