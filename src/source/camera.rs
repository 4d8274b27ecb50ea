//! Cameras of this machine, through OpenCV.

use std::time::Instant;

use opencv::core::Mat;
use opencv::prelude::*;
use opencv::videoio::{self, VideoCapture};

use super::{Frame, Pixels, PresentationClock, Source, SourceError, StreamInfo};

/// A camera of this machine.
pub struct Camera {
    capture: VideoCapture,
    info: StreamInfo,
    clock: PresentationClock,
    /// Cameras carry no time stamps: their frames are timed as they arrive.
    since: Instant,
    frames: u64,
    last_time_s: f64,
}

/// What a camera is asked for.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct CameraMode {
    /// Width and height, pixels.
    pub size: Option<[u32; 2]>,
    /// Frames a second.
    pub fps: Option<f64>,
}

impl Camera {
    /// Opens a camera by its number, and asks it for a size and rate; it takes the nearest it has.
    ///
    /// # Errors
    /// [`SourceError::NotAvailable`].
    pub fn open(number: i32, mode: CameraMode) -> Result<Self, SourceError> {
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
        let fps_nominal = capture
            .get(videoio::CAP_PROP_FPS)
            .ok()
            .filter(|value| value.is_finite() && *value > 0.0);
        Ok(Self {
            info: StreamInfo { fps_nominal, ..StreamInfo::default() },
            clock: PresentationClock::new(fps_nominal),
            capture,
            since: Instant::now(),
            frames: 0,
            last_time_s: 0.0,
        })
    }

    fn interrupted(&self, error: &opencv::Error) -> SourceError {
        SourceError::Interrupted {
            frames: self.frames,
            time_s: self.last_time_s,
            reason: error.message.clone(),
        }
    }
}

impl Source for Camera {
    fn info(&self) -> &StreamInfo {
        &self.info
    }

    fn read_into(&mut self, frame: &mut Frame) -> Result<bool, SourceError> {
        if !self.capture.grab().map_err(|error| self.interrupted(&error))? {
            return Ok(false);
        }
        let stamp_s = self.since.elapsed().as_secs_f64();
        let mut picture = Mat::default();
        let mut bgr = frame.take_bgr();
        let taken = self.capture.retrieve(&mut picture, 0).and_then(|got| {
            let size = picture.size()?;
            if !got || picture.typ() != opencv::core::CV_8UC3 || size.area() == 0 {
                return Ok(None);
            }
            if picture.is_continuous() {
                bgr.extend_from_slice(picture.data_bytes()?);
            } else {
                bgr.extend_from_slice(picture.try_clone()?.data_bytes()?);
            }
            Ok(Some(size))
        });
        let Some(size) = taken.map_err(|error| self.interrupted(&error))? else {
            return Ok(false);
        };
        *frame = Frame {
            index: self.frames,
            time_s: self.clock.tick(Some(stamp_s)),
            width: size.width as usize,
            height: size.height as usize,
            after_loss: false,
            pixels: Pixels::Bgr(bgr),
        };
        self.frames += 1;
        self.last_time_s = frame.time_s;
        Ok(true)
    }
}
