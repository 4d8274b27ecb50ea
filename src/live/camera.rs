//! Pictures from a browser's camera: one decoder, and the newest picture wins.

use std::io::Cursor;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use axum::body::Bytes;
use image::{ImageFormat, ImageReader};

use super::Limits;
use super::clock::Stamps;
use super::command::CameraPicture;
use super::session::Session;
use crate::source::{Frame, Pixels};

/// How often the decoder looks whether the session is over.
const LOOK: Duration = Duration::from_millis(100);

/// Why a picture is not taken.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
pub(super) enum PictureError {
    /// The message is not as documented.
    #[error("malformed picture message: {0}")]
    Malformed(&'static str),
    /// More bytes or pixels than a session takes.
    #[error("picture too large: {0}")]
    TooLarge(String),
}

/// Between the page's connection and the decoder.
#[derive(Debug, Default)]
pub(super) struct CameraPort {
    waiting: Mutex<Option<(Bytes, Instant)>>,
    changed: Condvar,
}

impl CameraPort {
    /// Takes a binary message of the controlling page. A picture that still waits gives way.
    ///
    /// # Errors
    /// [`PictureError`]; nothing of the message is used then.
    pub(super) fn receive(&self, session: &Session, message: Bytes) -> Result<(), PictureError> {
        let limits = &session.limits;
        if message.len() > limits.picture_bytes {
            let sizes = format!("{} of at most {} bytes", message.len(), limits.picture_bytes);
            return Err(PictureError::TooLarge(sizes));
        }
        let picture = CameraPicture::parse(&message).map_err(PictureError::Malformed)?;
        check_size(picture.jpeg, limits)?;
        session.set_unsent(u64::from(picture.unsent));
        let gave_way = self.waiting().replace((message, Instant::now())).is_some();
        if gave_way {
            session.inbox.lost();
        }
        self.changed.notify_one();
        Ok(())
    }

    /// Decodes pictures into the session until it is over.
    pub(super) fn run(&self, session: &Arc<Session>) {
        while !session.is_over() {
            let Some((message, arrived)) = self.next() else { continue };
            let Ok(picture) = CameraPicture::parse(&message) else { continue };
            let mut frame = session.inbox.spare();
            if decode(picture.jpeg, &mut frame).is_some() {
                frame.time_s = picture.captured_s;
                session.offer(frame, Stamps::Tied, arrived);
            } else {
                session.inbox.lost();
            }
        }
    }

    fn next(&self) -> Option<(Bytes, Instant)> {
        let waiting = self.waiting();
        let (mut waiting, _) = self
            .changed
            .wait_timeout_while(waiting, LOOK, |waiting| waiting.is_none())
            .unwrap_or_else(PoisonError::into_inner);
        waiting.take()
    }

    fn waiting(&self) -> MutexGuard<'_, Option<(Bytes, Instant)>> {
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Whether a message is a picture that can be decoded.
pub(super) fn takes(message: &[u8], limits: &Limits) -> bool {
    CameraPicture::parse(message).is_ok_and(|picture| {
        check_size(picture.jpeg, limits).is_ok()
            && decode(picture.jpeg, &mut Frame::default()).is_some()
    })
}

/// Reads the picture's size from its header before anything is decoded.
fn check_size(jpeg: &[u8], limits: &Limits) -> Result<(), PictureError> {
    let (width, height) = ImageReader::with_format(Cursor::new(jpeg), ImageFormat::Jpeg)
        .into_dimensions()
        .map_err(|_| PictureError::Malformed("not a JPEG picture"))?;
    let is_long = width.max(height) > limits.picture_side;
    if is_long || u64::from(width) * u64::from(height) > limits.picture_pixels {
        return Err(PictureError::TooLarge(format!("{width}x{height} pixels")));
    }
    Ok(())
}

/// Decodes a JPEG into the frame's own bytes; `None` where it is damaged.
fn decode(jpeg: &[u8], frame: &mut Frame) -> Option<()> {
    let decoder = image::codecs::jpeg::JpegDecoder::new(Cursor::new(jpeg)).ok()?;
    let picture = image::DynamicImage::from_decoder(decoder).ok()?.into_rgb8();
    (frame.width, frame.height) = (picture.width() as usize, picture.height() as usize);
    let mut bgr = picture.into_raw();
    for pixel in bgr.as_chunks_mut::<3>().0 {
        pixel.swap(0, 2);
    }
    frame.pixels = Pixels::Bgr(bgr);
    Some(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn jpeg(width: u32, height: u32) -> Vec<u8> {
        let picture = image::RgbImage::from_pixel(width, height, image::Rgb([200, 100, 50]));
        let mut bytes = Vec::new();
        picture.write_to(&mut Cursor::new(&mut bytes), ImageFormat::Jpeg).unwrap();
        bytes
    }

    #[test]
    fn a_picture_becomes_a_frame_in_blue_green_red() {
        let mut frame = Frame::default();
        decode(&jpeg(16, 8), &mut frame).unwrap();
        let bgr = frame.bgr();
        assert_eq!((frame.width, frame.height, bgr.len()), (16, 8, 16 * 8 * 3));
        for (found, painted) in bgr[..3].iter().zip([50_u8, 100, 200]) {
            assert!(found.abs_diff(painted) < 6, "{:?}", &bgr[..3]);
        }
    }

    #[test]
    fn a_picture_of_too_many_pixels_or_none_at_all_is_refused_undecoded() {
        let limits = Limits { picture_pixels: 100, ..Limits::default() };
        assert_eq!(check_size(&jpeg(10, 10), &limits), Ok(()));
        assert!(matches!(check_size(&jpeg(16, 8), &limits), Err(PictureError::TooLarge(_))));
        let garbage = [0xff, 0xd8, 0, 1, 2, 3];
        assert!(matches!(check_size(&garbage, &limits), Err(PictureError::Malformed(_))));
    }
}
