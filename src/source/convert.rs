//! Makes every decoded picture one of 8-bit planes, upright, with square pixels.

use ffmpeg_next::ffi::AVPixelFormat::{self, *};
use ffmpeg_next::ffi::{AV_PIX_FMT_FLAG_PAL, AV_PIX_FMT_FLAG_RGB};
use ffmpeg_next::format::Pixel;
use ffmpeg_next::frame::Video;
use ffmpeg_next::software::scaling;

use super::orientation::{Orientation, turn};
use super::planes::{Planes, descriptor, is_free_for, is_full_range, raw_format, release};

/// Deviation of a pixel's shape from a square that is passed over: a pixel in 200.
const SQUARE_ENOUGH: f64 = 0.005;
/// Widest and narrowest pixel that is believed; a container that says otherwise is mistaken
/// (judgment: anamorphic film, the widest in use, has 2).
const WIDEST: f64 = 4.0;

/// Converts pictures; keeps what it needs for one after another of a kind.
#[derive(Default)]
pub(super) struct Converter {
    scaler: Option<(Kind, scaling::Context)>,
    /// Memory of an earlier picture.
    spare: Option<Video>,
}

// SAFETY: a scaler may be used from any one thread at a time.
unsafe impl Send for Converter {}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Kind {
    from: (AVPixelFormat, usize, usize),
    to: (AVPixelFormat, usize, usize),
}

impl Converter {
    /// The picture as planes. `aspect` is a pixel's width over its height. Where the decoder's
    /// own planes will do, they are handed on as they are. `None` where the picture is of a kind
    /// that cannot be converted.
    pub(super) fn convert(
        &mut self,
        video: Video,
        aspect: f64,
        orientation: Orientation,
    ) -> Option<Planes> {
        let (width, height) = (video.width() as usize, video.height() as usize);
        let size = squared((width, height), aspect);
        let planes = match Planes::take(video) {
            Ok(planes) if size == (width, height) => planes,
            Ok(planes) => self.scale(&planes.into_video(), size)?,
            Err(video) => self.scale(&video, size)?,
        };
        if orientation.is_plain() {
            return Some(planes);
        }
        let turned = turn(&planes, orientation);
        self.spare = Some(planes.into_video());
        Some(turned)
    }

    fn scale(&mut self, from: &Video, (width, height): (usize, usize)) -> Option<Planes> {
        let source = raw_format(from)?;
        let kind = Kind {
            from: (source, from.width() as usize, from.height() as usize),
            to: (planar(source)?, width, height),
        };
        if self.scaler.as_ref().is_none_or(|(made_for, _)| *made_for != kind) {
            self.scaler = Some((kind, scaler(&kind)?));
        }
        let (_, scaler) = self.scaler.as_mut()?;
        let spare = self.spare.take();
        let mut to = spare
            .and_then(|mut spare| {
                is_free_for(&mut spare, kind.to.0, (width, height)).then_some(spare)
            })
            .or_else(|| Planes::blank(kind.to.0, width, height))?;
        scaler.run(from, &mut to).ok()?;
        let full = is_full_range(from);
        // SAFETY: both frames are valid; what is set are plain numbers. Red, green and blue become
        // chroma of BT.601 in full range, all else keeps its space and range.
        unsafe {
            let raw = to.as_mut_ptr();
            if is_rgb(source) {
                (*raw).colorspace = ffmpeg_next::ffi::AVColorSpace::AVCOL_SPC_SMPTE170M;
                (*raw).color_range = ffmpeg_next::ffi::AVColorRange::AVCOL_RANGE_JPEG;
            } else {
                (*raw).colorspace = (*from.as_ptr()).colorspace;
                (*raw).color_range = if full {
                    ffmpeg_next::ffi::AVColorRange::AVCOL_RANGE_JPEG
                } else {
                    ffmpeg_next::ffi::AVColorRange::AVCOL_RANGE_MPEG
                };
            }
        }
        Planes::take(to).ok()
    }

    /// Takes back the memory of a picture that is done with; what the decoder is to fill next.
    pub(super) fn reuse(&mut self, mut video: Video) -> Video {
        if self.scaler.is_some() {
            self.spare = Some(video);
            Video::empty()
        } else {
            release(&mut video);
            video
        }
    }
}

fn scaler(kind: &Kind) -> Option<scaling::Context> {
    let size = |length: usize| u32::try_from(length).ok();
    scaling::Context::get(
        Pixel::from(kind.from.0),
        size(kind.from.1)?,
        size(kind.from.2)?,
        Pixel::from(kind.to.0),
        size(kind.to.1)?,
        size(kind.to.2)?,
        scaling::Flags::BICUBIC,
    )
    .ok()
}

/// The size with square pixels: the shorter axis is stretched, so that nothing is lost.
fn squared((width, height): (usize, usize), aspect: f64) -> (usize, usize) {
    let believed = (1.0 / WIDEST..=WIDEST).contains(&aspect);
    if !believed || (aspect - 1.0).abs() < SQUARE_ENOUGH {
        (width, height)
    } else if aspect > 1.0 {
        ((width as f64 * aspect).round() as usize, height)
    } else {
        (width, (height as f64 / aspect).round() as usize)
    }
}

fn is_rgb(format: AVPixelFormat) -> bool {
    let colours = (AV_PIX_FMT_FLAG_RGB | AV_PIX_FMT_FLAG_PAL) as u64;
    descriptor(Some(format)).is_some_and(|kind| kind.flags & colours != 0)
}

/// The 8-bit planar format nearest to a format.
fn planar(format: AVPixelFormat) -> Option<AVPixelFormat> {
    let kind = descriptor(Some(format))?;
    if is_rgb(format) {
        return Some(AV_PIX_FMT_YUVJ444P);
    }
    let full = matches!(
        format,
        AV_PIX_FMT_YUVJ420P
            | AV_PIX_FMT_YUVJ422P
            | AV_PIX_FMT_YUVJ440P
            | AV_PIX_FMT_YUVJ444P
            | AV_PIX_FMT_YUVJ411P
    );
    let pick = |video, jpeg| if full { jpeg } else { video };
    Some(match (kind.nb_components, kind.log2_chroma_w, kind.log2_chroma_h) {
        (0, ..) => return None,
        (1 | 2, ..) => AV_PIX_FMT_GRAY8,
        (_, 1, 1) => pick(AV_PIX_FMT_YUV420P, AV_PIX_FMT_YUVJ420P),
        (_, 1, 0) => pick(AV_PIX_FMT_YUV422P, AV_PIX_FMT_YUVJ422P),
        (_, 0, 1) => pick(AV_PIX_FMT_YUV440P, AV_PIX_FMT_YUVJ440P),
        _ => pick(AV_PIX_FMT_YUV444P, AV_PIX_FMT_YUVJ444P),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pixels_are_made_square_by_stretching() {
        assert_eq!(squared((606, 540), 4.0 / 3.0), (808, 540));
        assert_eq!(squared((720, 576), 0.5), (720, 1152));
        assert_eq!(squared((640, 480), 1.001), (640, 480));
        assert_eq!(squared((640, 480), 255.0), (640, 480));
        assert_eq!(squared((640, 480), f64::NAN), (640, 480));
    }

    #[test]
    fn red_green_and_blue_become_planes_and_back() {
        let mut video = Planes::blank(AV_PIX_FMT_BGR24, 16, 16).unwrap();
        let stride = video.stride(0);
        for row in video.data_mut(0).chunks_mut(stride) {
            for pixel in row[..48].as_chunks_mut::<3>().0 {
                *pixel = [20, 100, 200];
            }
        }
        let planes = Converter::default().convert(video, 1.0, Orientation::default()).unwrap();
        for pixel in planes.to_bgr().as_chunks::<3>().0 {
            let near = pixel.iter().zip([20_u8, 100, 200]).all(|(a, b)| a.abs_diff(b) <= 3);
            assert!(near, "{pixel:?}");
        }
    }
}
