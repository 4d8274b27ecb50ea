//! Pictures for the page: the measured frame made small, with the mesh that was found in it.
//!
//! They are encoded on a thread of their own, and only while a page listens: the numbers never
//! wait for them.

use std::sync::{Arc, Condvar, Mutex, PoisonError};
use std::time::Duration;

use image::ExtendedColorType;
use image::codecs::jpeg::JpegEncoder;

use super::session::Session;
use crate::anatomy::LANDMARKS;
use crate::face::{FaceObservation, Landmarks};
use crate::source::{Frame, Order, Packer};

/// How often the encoder looks whether the session is over.
const LOOK: Duration = Duration::from_millis(100);

/// First byte of a picture for the page.
pub(super) const PAGE_PICTURE: u8 = 2;

/// Between the measurement and the encoder: the newest picture wins.
#[derive(Debug, Default)]
pub(super) struct Preview {
    waiting: Mutex<Option<Picture>>,
    changed: Condvar,
    last_s: Mutex<Option<f64>>,
    packer: Mutex<Packer>,
}

#[derive(Debug)]
struct Picture {
    time_s: f64,
    width: usize,
    height: usize,
    rgb: Vec<u8>,
    /// Landmarks in 65 535ths of the picture; empty without a face.
    mesh: Vec<[u16; 2]>,
}

impl Preview {
    /// Takes a measured frame where a page listens and a picture is due.
    pub(super) fn offer(&self, session: &Session, frame: &Frame, seen: &FaceObservation) {
        let limits = &session.limits;
        let mut last_s = self.last_s.lock().unwrap_or_else(PoisonError::into_inner);
        let due = last_s.is_none_or(|last| frame.time_s - last >= 0.95 / limits.pictures_hz);
        if !due || !session.hub.has_pages() {
            return;
        }
        *last_s = Some(frame.time_s);
        let mut packer = self.packer.lock().unwrap_or_else(PoisonError::into_inner);
        let (width, height, rgb) = small(&mut packer, frame, limits.picture_width);
        drop(packer);
        let mesh = seen.face.as_ref().map(|face| mesh(&face.landmarks, frame)).unwrap_or_default();
        let picture = Picture { time_s: frame.time_s, width, height, rgb, mesh };
        *self.waiting.lock().unwrap_or_else(PoisonError::into_inner) = Some(picture);
        self.changed.notify_one();
    }

    /// Encodes pictures until the session is over.
    pub(super) fn run(&self, session: &Arc<Session>) {
        while !session.is_over() {
            let waiting = self.waiting.lock().unwrap_or_else(PoisonError::into_inner);
            let (mut waiting, _) = self
                .changed
                .wait_timeout_while(waiting, LOOK, |waiting| waiting.is_none())
                .unwrap_or_else(PoisonError::into_inner);
            let picture = waiting.take();
            drop(waiting);
            if let Some(bytes) = picture.and_then(|p| p.encode(session.limits.picture_quality)) {
                session.hub.publish_picture(bytes);
            }
        }
    }
}

impl Picture {
    /// Kind (u8), number of mesh points (u16), session time (f64), the points as pairs of u16,
    /// the JPEG; little end first.
    fn encode(&self, quality: u8) -> Option<Vec<u8>> {
        let mut bytes = Vec::with_capacity(64 * 1024);
        bytes.push(PAGE_PICTURE);
        bytes.extend((self.mesh.len() as u16).to_le_bytes());
        bytes.extend(self.time_s.to_le_bytes());
        bytes.extend(self.mesh.iter().flatten().flat_map(|value| value.to_le_bytes()));
        JpegEncoder::new_with_quality(&mut bytes, quality)
            .encode(&self.rgb, self.width as u32, self.height as u32, ExtendedColorType::Rgb8)
            .ok()?;
        Some(bytes)
    }
}

/// The frame made smaller by a whole number, each pixel the mean of those it stands for.
fn small(packer: &mut Packer, frame: &Frame, width_max: usize) -> (usize, usize, Vec<u8>) {
    let step = frame.width.div_ceil(width_max.max(1)).max(1);
    let (width, height) = (frame.width / step, frame.height / step);
    let mut rgb = Vec::new();
    packer.pack(frame, [width, height], Order::Rgb, &mut rgb);
    (width, height, rgb)
}

fn mesh(landmarks: &Landmarks, frame: &Frame) -> Vec<[u16; 2]> {
    let part = |value: f32, whole: usize| (value / whole.max(1) as f32 * 65535.0).round() as u16;
    let points = landmarks.iter().map(|&[x, y, _]| [part(x, frame.width), part(y, frame.height)]);
    let mut mesh = Vec::with_capacity(LANDMARKS);
    mesh.extend(points);
    mesh
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_picture_is_made_small_by_the_mean_and_in_red_green_blue() {
        // Dark and bright columns of red.
        let bgr = [[0, 0, 100], [0, 0, 200]].concat().repeat(32 * 64);
        let frame = Frame::from_bgr(64, 64, bgr);
        let mut packer = Packer::default();
        let (width, height, rgb) = small(&mut packer, &frame, 32);
        assert_eq!((width, height), (32, 32));
        for pixel in rgb.chunks(3) {
            let apart = pixel.iter().zip([150_u8, 0, 0]).map(|(is, ought)| is.abs_diff(ought));
            assert!(apart.max().unwrap() <= 3, "{pixel:?}");
        }
        let (width, height, rgb) = small(&mut packer, &frame, 640);
        assert_eq!((width, height, &rgb[..3]), (64, 64, &[100, 0, 0][..]));
    }

    #[test]
    fn a_message_holds_time_mesh_and_a_jpeg() {
        let mesh = vec![[0, 65535]; LANDMARKS];
        let picture = Picture { time_s: 1.5, width: 8, height: 8, rgb: vec![9; 192], mesh };
        let bytes = picture.encode(75).unwrap();
        assert_eq!(bytes[0], PAGE_PICTURE);
        assert_eq!(u16::from_le_bytes([bytes[1], bytes[2]]), 478);
        assert_eq!(f64::from_le_bytes(bytes[3..11].try_into().unwrap()), 1.5);
        assert_eq!(bytes[11..15], [0, 0, 255, 255]);
        assert!(image::load_from_memory(&bytes[11 + 4 * LANDMARKS..]).is_ok());
    }
}
