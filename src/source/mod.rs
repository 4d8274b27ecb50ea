//! Where pictures come from: files, image folders, cameras and streams become [`Frame`]s.
//!
//! A source hands on owned pixels with their presentation time. It ends with `Ok(None)` only at
//! the true end; a failure midway is an error that says how far it got.

/// One picture with its time.
#[derive(Debug, Clone)]
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
