//! One picture with its time.

use std::borrow::Cow;

#[cfg(feature = "video")]
use super::Planes;

/// One picture with its time.
#[derive(Debug, Clone, Default)]
pub struct Frame {
    /// Position in the recording, from 0.
    pub index: u64,
    /// Presentation time in seconds, from the first frame.
    pub time_s: f64,
    /// Width in pixels, upright and with square pixels.
    pub width: usize,
    /// Height in pixels, upright and with square pixels.
    pub height: usize,
    /// Pictures were lost between this frame and the one before: what could not be decoded or is
    /// missing. Nothing may be joined across it.
    pub after_loss: bool,
    /// The picture.
    pub pixels: Pixels,
}

/// The pixels of a frame, as its source has them.
#[derive(Debug, Clone)]
pub enum Pixels {
    /// Rows of blue, green, red bytes without padding: painted pictures, and those of cameras.
    Bgr(Vec<u8>),
    /// Luma and chroma as a decoder left them.
    #[cfg(feature = "video")]
    Planes(Planes),
}

impl Default for Pixels {
    fn default() -> Self {
        Self::Bgr(Vec::new())
    }
}

impl Frame {
    /// A frame of rows of blue, green, red bytes; `3 * width * height` of them.
    #[must_use]
    pub fn from_bgr(width: usize, height: usize, bgr: Vec<u8>) -> Self {
        Self { width, height, pixels: Pixels::Bgr(bgr), ..Self::default() }
    }

    /// Whether there is a picture, with as many pixels as its size says.
    #[must_use]
    pub fn is_whole(&self) -> bool {
        let size = (self.width, self.height);
        self.width > 0
            && self.height > 0
            && match &self.pixels {
                Pixels::Bgr(bgr) => bgr.len() == 3 * size.0 * size.1,
                #[cfg(feature = "video")]
                Pixels::Planes(planes) => size == (planes.width(), planes.height()),
            }
    }

    /// Rows of blue, green, red bytes without padding; converted where the frame has planes.
    #[must_use]
    pub fn bgr(&self) -> Cow<'_, [u8]> {
        match &self.pixels {
            Pixels::Bgr(bgr) => Cow::Borrowed(bgr),
            #[cfg(feature = "video")]
            Pixels::Planes(planes) => Cow::Owned(planes.to_bgr()),
        }
    }

    /// The memory of an earlier frame's packed pixels, emptied, to fill again.
    #[must_use]
    pub fn take_bgr(&mut self) -> Vec<u8> {
        match std::mem::take(&mut self.pixels) {
            Pixels::Bgr(mut bgr) => {
                bgr.clear();
                bgr
            }
            #[cfg(feature = "video")]
            Pixels::Planes(_) => Vec::new(),
        }
    }

    /// Grey level of one pixel, 0 to 255: its luma.
    #[must_use]
    pub fn grey(&self, x: usize, y: usize) -> u8 {
        match &self.pixels {
            Pixels::Bgr(bgr) => {
                let at = 3 * (y * self.width + x);
                luma([bgr[at], bgr[at + 1], bgr[at + 2]])
            }
            #[cfg(feature = "video")]
            Pixels::Planes(planes) => planes.luma().row(y)[x],
        }
    }

    /// Blue, green and red of one pixel, 0 to 255.
    #[must_use]
    pub fn colour(&self, x: usize, y: usize) -> [u8; 3] {
        match &self.pixels {
            Pixels::Bgr(bgr) => {
                let at = 3 * (y * self.width + x);
                [bgr[at], bgr[at + 1], bgr[at + 2]]
            }
            #[cfg(feature = "video")]
            Pixels::Planes(planes) => planes.colour(x, y),
        }
    }

    /// Turns a mirror image back: left and right change places.
    pub fn mirror(&mut self) {
        match &mut self.pixels {
            Pixels::Bgr(bgr) => {
                for row in bgr.chunks_exact_mut(3 * self.width.max(1)) {
                    let (pixels, _) = row.as_chunks_mut::<3>();
                    pixels.reverse();
                }
            }
            #[cfg(feature = "video")]
            Pixels::Planes(planes) => *planes = planes.mirrored(),
        }
    }
}

/// Luma of BT.601 of blue, green and red, as pictures without a standard of their own have it.
fn luma([b, g, r]: [u8; 3]) -> u8 {
    ((29 * u32::from(b) + 150 * u32::from(g) + 77 * u32::from(r) + 128) / 256) as u8
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn mirroring_reverses_pixels_within_rows_and_keeps_their_colours() {
        let mut frame = Frame::from_bgr(2, 2, (0..12).collect());
        frame.mirror();
        assert_eq!(frame.bgr()[..], [3, 4, 5, 0, 1, 2, 9, 10, 11, 6, 7, 8]);
        frame.mirror();
        assert_eq!(frame.bgr()[..], (0..12).collect::<Vec<u8>>());
    }
}
