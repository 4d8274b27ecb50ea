//! Frames as packed pixels, for what draws and shows them.

use std::ptr;

use ffmpeg_next::ffi::AVPixelFormat::{self, AV_PIX_FMT_BGR24, AV_PIX_FMT_RGB24};
use ffmpeg_next::ffi::{
    SwsContext, sws_freeContext, sws_getCachedContext, sws_getCoefficients, sws_scale,
    sws_setColorspaceDetails,
};
use ffmpeg_next::software::scaling::Flags;

use super::planes::{raw_format, raw_space};
use super::{Frame, Pixels};

/// Order of a pixel's bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Order {
    /// Blue, green, red.
    Bgr,
    /// Red, green, blue.
    Rgb,
}

/// Makes packed pixels of frames, at a size of its own; keeps what it needs for the next.
pub struct Packer {
    context: *mut SwsContext,
    /// Packed pixels with room behind them.
    padded: Vec<u8>,
}

/// Bytes behind a picture that FFmpeg's converters may touch: more than the widest step of any, 64
/// pixels of three bytes.
const STEP: usize = 256;

// SAFETY: the context is owned, and may be used from any one thread at a time.
unsafe impl Send for Packer {}

impl Default for Packer {
    fn default() -> Self {
        Self { context: ptr::null_mut(), padded: Vec::new() }
    }
}

impl std::fmt::Debug for Packer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Packer")
    }
}

impl Packer {
    /// Writes the frame, scaled to `width` x `height`, into `to` as rows without padding. Without
    /// memory, or for a frame without a picture, they are black.
    pub fn pack(
        &mut self,
        frame: &Frame,
        [width, height]: [usize; 2],
        order: Order,
        to: &mut Vec<u8>,
    ) {
        to.clear();
        // FFmpeg writes in wide steps, over the end of the last row.
        to.resize(3 * width * height + STEP, 0);
        self.fill(frame, [width, height], order, to);
        to.truncate(3 * width * height);
    }

    fn fill(&mut self, frame: &Frame, [width, height]: [usize; 2], order: Order, to: &mut [u8]) {
        if !frame.is_whole() || width == 0 || height == 0 {
            return;
        }
        if let Pixels::Bgr(bgr) = &frame.pixels {
            // It reads in wide steps, too.
            self.padded.clear();
            self.padded.extend_from_slice(bgr);
            self.padded.resize(bgr.len() + STEP, 0);
        }
        // SAFETY: the pointers and strides are those of the frame's own memory, which is whole, or
        // of its padded copy, and of `to`, which has room for every row and a step more.
        unsafe {
            let (planes, strides, format) = match &frame.pixels {
                Pixels::Bgr(_) => (
                    [self.padded.as_ptr(), ptr::null(), ptr::null(), ptr::null()],
                    [3 * frame.width as i32, 0, 0, 0],
                    AV_PIX_FMT_BGR24,
                ),
                Pixels::Planes(planes) => {
                    let raw = &*planes.video().as_ptr();
                    let Some(format) = raw_format(planes.video()) else { return };
                    let all = [0, 1, 2, 3];
                    (all.map(|i| raw.data[i].cast_const()), all.map(|i| raw.linesize[i]), format)
                }
            };
            if !self.prepare(frame, format, [width, height], order) {
                return;
            }
            let rows = [to.as_mut_ptr(), ptr::null_mut(), ptr::null_mut(), ptr::null_mut()];
            let row = [3 * width as i32, 0, 0, 0];
            let height = frame.height as i32;
            sws_scale(
                self.context,
                planes.as_ptr(),
                strides.as_ptr(),
                0,
                height,
                rows.as_ptr(),
                row.as_ptr(),
            );
        }
    }

    fn prepare(
        &mut self,
        frame: &Frame,
        from: AVPixelFormat,
        size: [usize; 2],
        order: Order,
    ) -> bool {
        let to = match order {
            Order::Bgr => AV_PIX_FMT_BGR24,
            Order::Rgb => AV_PIX_FMT_RGB24,
        };
        let smaller = size[0] < frame.width || size[1] < frame.height;
        let flags = if smaller { Flags::AREA } else { Flags::BILINEAR };
        // SAFETY: FFmpeg frees or keeps the context it is given, and owns the tables.
        unsafe {
            self.context = sws_getCachedContext(
                self.context,
                frame.width as i32,
                frame.height as i32,
                from,
                size[0] as i32,
                size[1] as i32,
                to,
                flags.bits(),
                ptr::null_mut(),
                ptr::null_mut(),
                ptr::null(),
            );
            if self.context.is_null() {
                return false;
            }
            if let Pixels::Planes(planes) = &frame.pixels {
                let table = sws_getCoefficients(raw_space(planes.video()));
                let full = i32::from(planes.is_full_range());
                let one = 1 << 16;
                sws_setColorspaceDetails(self.context, table, full, table, 1, 0, one, one);
            }
        }
        true
    }
}

impl Drop for Packer {
    fn drop(&mut self) {
        // SAFETY: the context is owned; freeing none does nothing.
        unsafe { sws_freeContext(self.context) };
    }
}

#[cfg(test)]
mod tests {
    use super::super::Planes;
    use super::*;

    #[test]
    fn planes_and_packed_pixels_are_packed_alike() {
        let luma: Vec<u8> = (0..32 * 16).map(|i| (8 * (i % 32)) as u8).collect();
        let bgr: Vec<u8> = luma.iter().flat_map(|grey| [*grey; 3]).collect();
        let planes = Pixels::Planes(Planes::grey(32, 16, &luma));
        let frames = [
            Frame::from_bgr(32, 16, bgr.clone()),
            Frame { width: 32, height: 16, pixels: planes, ..Frame::default() },
        ];
        for frame in &frames {
            let mut packer = Packer::default();
            let mut packed = Vec::new();
            packer.pack(frame, [32, 16], Order::Bgr, &mut packed);
            let apart = packed.iter().zip(&bgr).map(|(a, b)| a.abs_diff(*b)).max().unwrap();
            assert!(apart <= 1, "{apart}");
            packer.pack(frame, [16, 8], Order::Rgb, &mut packed);
            assert_eq!(packed.len(), 3 * 16 * 8);
            assert!(packed[0] < packed[45], "{:?}", &packed[..48]);
        }
    }

    #[test]
    fn a_frame_without_a_picture_is_black() {
        let mut packed = vec![7];
        Packer::default().pack(&Frame::default(), [2, 2], Order::Rgb, &mut packed);
        assert_eq!(packed, [0; 12]);
    }
}
