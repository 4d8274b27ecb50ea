//! A decoder's picture: 8-bit luma and chroma, kept where the decoder wrote them.

use std::fmt;

use ffmpeg_next::ffi::{
    AV_PIX_FMT_FLAG_BITSTREAM, AV_PIX_FMT_FLAG_HWACCEL, AV_PIX_FMT_FLAG_PAL, AV_PIX_FMT_FLAG_RGB,
    AVPixFmtDescriptor, AVPixelFormat, av_frame_get_buffer, av_frame_is_writable, av_frame_ref,
    av_frame_unref, av_pix_fmt_desc_get,
};
use ffmpeg_next::frame::Video;

use super::orientation::{Orientation, turn};

/// A picture of 8-bit planes: luma, and chroma at full or reduced resolution where it has colour.
///
/// A copy shares its memory, which is never written to.
pub struct Planes {
    video: Video,
}

/// One plane of a picture.
#[derive(Clone, Copy)]
pub struct Plane<'a> {
    /// Bytes from the first pixel of the first row to the last of the last.
    pub data: &'a [u8],
    /// Bytes from a row to the next.
    pub stride: usize,
    /// Pixels in a row.
    pub width: usize,
    /// Rows.
    pub height: usize,
}

impl<'a> Plane<'a> {
    /// The pixels of one row.
    #[must_use]
    pub fn row(&self, y: usize) -> &'a [u8] {
        &self.data[y * self.stride..][..self.width]
    }
}

/// How luma and chroma become red, green and blue: `luma_scale * (Y - luma_offset)` plus a share
/// of the chroma less 128.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Colours {
    /// Scale of the luma: 1 for the full range, 255/219 for that of video.
    pub luma_scale: f32,
    /// Luma of black: 0 or 16.
    pub luma_offset: f32,
    /// Red's share of red-difference chroma.
    pub red: f32,
    /// Green's shares of blue- and red-difference chroma.
    pub green: [f32; 2],
    /// Blue's share of blue-difference chroma.
    pub blue: f32,
}

impl Planes {
    /// Takes a decoded picture as it is; gives it back where its planes are of another kind.
    ///
    /// # Errors
    /// The picture, where it must be converted first.
    pub(super) fn take(video: Video) -> Result<Self, Video> {
        let plain = is_planar(raw_format(&video)) && {
            let strides = (0..3).map(|plane| linesize(&video, plane));
            strides.take(if has_chroma(raw_format(&video)) { 3 } else { 1 }).all(|size| size > 0)
        };
        if plain && video.width() > 0 && video.height() > 0 {
            Ok(Self { video })
        } else {
            Err(video)
        }
    }

    /// Memory for a picture, its pixels not yet written; `None` where there is none.
    pub(super) fn blank(format: AVPixelFormat, width: usize, height: usize) -> Option<Video> {
        let mut video = Video::empty();
        // SAFETY: the frame is owned and empty; FFmpeg allocates for the size and format set.
        let status = unsafe {
            let raw = video.as_mut_ptr();
            (*raw).format = format as i32;
            (*raw).width = i32::try_from(width).ok()?;
            (*raw).height = i32::try_from(height).ok()?;
            av_frame_get_buffer(raw, 0)
        };
        (status >= 0).then_some(video)
    }

    /// The picture's memory, emptied where others share it, to decode into again.
    pub(super) fn into_video(self) -> Video {
        self.video
    }

    /// A grey picture of full range from rows of luma.
    ///
    /// # Panics
    /// Without memory, or where there are not `width * height` bytes.
    #[must_use]
    pub fn grey(width: usize, height: usize, luma: &[u8]) -> Self {
        Self::from_planes(width, height, [luma, &[], &[]], None)
    }

    /// A picture of full range in BT.601 from rows of luma and of both chromas, without padding;
    /// `halved` says along which axes the chroma has half the resolution.
    ///
    /// # Panics
    /// Without memory, or where the planes do not have the bytes that the size asks for.
    #[must_use]
    pub fn from_planes(
        width: usize,
        height: usize,
        planes: [&[u8]; 3],
        halved: Option<[bool; 2]>,
    ) -> Self {
        let format = match halved {
            None => AVPixelFormat::AV_PIX_FMT_GRAY8,
            Some([true, true]) => AVPixelFormat::AV_PIX_FMT_YUVJ420P,
            Some([true, false]) => AVPixelFormat::AV_PIX_FMT_YUVJ422P,
            Some([false, true]) => AVPixelFormat::AV_PIX_FMT_YUVJ440P,
            Some([false, false]) => AVPixelFormat::AV_PIX_FMT_YUVJ444P,
        };
        let video = Self::blank(format, width, height);
        let mut video = video.expect("memory for a picture");
        for (plane, bytes) in planes.iter().enumerate().take(if halved.is_some() { 3 } else { 1 }) {
            let (width, _) = size_of(&video, plane);
            let stride = linesize(&video, plane) as usize;
            let rows = video.data_mut(plane).chunks_mut(stride);
            for (to, from) in rows.zip(bytes.chunks_exact(width)) {
                to[..width].copy_from_slice(from);
            }
        }
        Self { video }
    }

    /// Width in pixels.
    #[must_use]
    pub fn width(&self) -> usize {
        self.video.width() as usize
    }

    /// Height in pixels.
    #[must_use]
    pub fn height(&self) -> usize {
        self.video.height() as usize
    }

    /// The luma.
    #[must_use]
    pub fn luma(&self) -> Plane<'_> {
        self.plane(0)
    }

    /// Blue- and red-difference chroma; `None` for a grey picture.
    #[must_use]
    pub fn chroma(&self) -> Option<[Plane<'_>; 2]> {
        has_chroma(raw_format(&self.video)).then(|| [self.plane(1), self.plane(2)])
    }

    /// Powers of two by which the chroma is narrower and lower than the luma.
    #[must_use]
    pub fn chroma_shift(&self) -> [u32; 2] {
        chroma_shift(raw_format(&self.video))
    }

    /// Whether luma runs over 0 to 255; over 16 to 235 otherwise.
    #[must_use]
    pub fn is_full_range(&self) -> bool {
        is_full_range(&self.video)
    }

    /// How the planes become colours.
    #[must_use]
    pub fn colours(&self) -> Colours {
        // ITU-T H.273, table 4: shares of red and blue in luma.
        let (red, blue) = match raw_space(&self.video) {
            1 => (0.2126, 0.0722),
            4 => (0.30, 0.11),
            7 => (0.212, 0.087),
            9 | 10 => (0.2627, 0.0593),
            _ => (0.299, 0.114),
        };
        let full = self.is_full_range();
        let (luma_scale, luma_offset) = if full { (1.0, 0.0) } else { (255.0 / 219.0, 16.0) };
        let chroma_scale = if full { 1.0 } else { 255.0 / 224.0 };
        let green: f32 = 1.0 - red - blue;
        let (by_red, by_blue) = (2.0 * (1.0 - red), 2.0 * (1.0 - blue));
        Colours {
            luma_scale,
            luma_offset,
            red: by_red * chroma_scale,
            green: [-by_blue * blue / green * chroma_scale, -by_red * red / green * chroma_scale],
            blue: by_blue * chroma_scale,
        }
    }

    /// Rows of blue, green, red bytes without padding.
    #[must_use]
    pub fn to_bgr(&self) -> Vec<u8> {
        let mut bgr = vec![0; 3 * self.width() * self.height()];
        let colours = self.colours();
        let luma = self.luma();
        let (chroma, [across, down]) = (self.chroma(), self.chroma_shift());
        for (y, row) in bgr.chunks_exact_mut(3 * self.width().max(1)).enumerate() {
            let luma = luma.row(y).iter();
            let pixels = row.as_chunks_mut::<3>().0.iter_mut().zip(luma);
            match chroma {
                Some([blues, reds]) => {
                    let (blues, reds) = (blues.row(y >> down), reds.row(y >> down));
                    for (x, (pixel, luma)) in pixels.enumerate() {
                        *pixel = colours.bgr(*luma, blues[x >> across], reds[x >> across]);
                    }
                }
                None => pixels.for_each(|(pixel, luma)| *pixel = colours.bgr(*luma, 128, 128)),
            }
        }
        bgr
    }

    /// Blue, green and red of one pixel.
    #[must_use]
    pub fn colour(&self, x: usize, y: usize) -> [u8; 3] {
        let (chroma, [across, down]) = (self.chroma(), self.chroma_shift());
        let at = |plane: Plane<'_>| plane.row(y >> down)[x >> across];
        let [blue, red] = chroma.map_or([128; 2], |planes| planes.map(at));
        self.colours().bgr(self.luma().row(y)[x], blue, red)
    }

    /// Its mirror image.
    pub(super) fn mirrored(&self) -> Self {
        turn(self, Orientation { mirrored: true, ..Orientation::default() })
    }

    /// The frame of FFmpeg's.
    pub(super) fn video(&self) -> &Video {
        &self.video
    }

    fn plane(&self, number: usize) -> Plane<'_> {
        let (width, height) = size_of(&self.video, number);
        let stride = linesize(&self.video, number) as usize;
        let length = stride * (height - 1) + width;
        // SAFETY: the decoder allocated `height` rows of `stride` bytes, of which the last holds
        // at least `width`; the memory lives and stays unchanged as long as the frame.
        let data = unsafe {
            std::slice::from_raw_parts((*self.video.as_ptr()).data[number].cast_const(), length)
        };
        Plane { data, stride, width, height }
    }
}

impl Colours {
    fn bgr(&self, luma: u8, blue: u8, red: u8) -> [u8; 3] {
        let grey = self.luma_scale * (f32::from(luma) - self.luma_offset);
        let (b, r) = (f32::from(blue) - 128.0, f32::from(red) - 128.0);
        [grey + self.blue * b, grey + self.green[0] * b + self.green[1] * r, grey + self.red * r]
            .map(|value| (value + 0.5) as u8)
    }
}

impl Clone for Planes {
    fn clone(&self) -> Self {
        let mut video = Video::empty();
        // SAFETY: the copy is empty and takes a share in the memory of a valid frame. Without
        // memory for the share it stays empty, which every reader sees by its size.
        unsafe { av_frame_ref(video.as_mut_ptr(), self.video.as_ptr()) };
        Self { video }
    }
}

impl fmt::Debug for Planes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Planes({}x{})", self.width(), self.height())
    }
}

/// Makes a frame that is to be written to its owner's alone: one that others share is let go.
pub(super) fn is_free_for(video: &mut Video, format: AVPixelFormat, size: (usize, usize)) -> bool {
    let same = raw_format(video) == Some(format)
        && (video.width() as usize, video.height() as usize) == size;
    // SAFETY: the frame is valid; it is only asked whether anyone else holds its memory.
    same && unsafe { av_frame_is_writable(video.as_mut_ptr()) > 0 }
}

/// Empties a frame.
pub(super) fn release(video: &mut Video) {
    // SAFETY: the frame is valid and owned.
    unsafe { av_frame_unref(video.as_mut_ptr()) };
}

/// Width and height of a plane.
fn size_of(video: &Video, plane: usize) -> (usize, usize) {
    let (width, height) = (video.width() as usize, video.height() as usize);
    if plane == 0 {
        return (width, height);
    }
    let [across, down] = chroma_shift(raw_format(video));
    (width.div_ceil(1 << across), height.div_ceil(1 << down))
}

fn linesize(video: &Video, plane: usize) -> i32 {
    // SAFETY: the frame is valid, and every frame has eight sizes.
    unsafe { (*video.as_ptr()).linesize[plane] }
}

/// The pixel format; `None` where it is none that FFmpeg knows.
pub(super) fn raw_format(video: &Video) -> Option<AVPixelFormat> {
    // SAFETY: a frame with a picture holds a format of this version of FFmpeg; others are negative.
    unsafe {
        let format = (*video.as_ptr()).format;
        let known = format >= 0 && format < AVPixelFormat::AV_PIX_FMT_NB as i32;
        known.then(|| std::mem::transmute::<i32, AVPixelFormat>(format))
    }
}

/// The colour space's number in H.273.
pub(super) fn raw_space(video: &Video) -> i32 {
    // SAFETY: the field is an integer in C; read as one, no value can be wrong.
    unsafe { (&raw const (*video.as_ptr()).colorspace).cast::<i32>().read() }
}

/// The range's number: 1 for that of video, 2 for the full one, 0 where nothing is said.
pub(super) fn raw_range(video: &Video) -> i32 {
    // SAFETY: as for the colour space.
    unsafe { (&raw const (*video.as_ptr()).color_range).cast::<i32>().read() }
}

/// Whether luma runs over 0 to 255.
pub(super) fn is_full_range(video: &Video) -> bool {
    let format = raw_format(video);
    let by_name = matches!(
        format,
        Some(
            AVPixelFormat::AV_PIX_FMT_YUVJ420P
                | AVPixelFormat::AV_PIX_FMT_YUVJ422P
                | AVPixelFormat::AV_PIX_FMT_YUVJ444P
                | AVPixelFormat::AV_PIX_FMT_YUVJ440P
                | AVPixelFormat::AV_PIX_FMT_YUVJ411P
        )
    );
    match raw_range(video) {
        2 => true,
        1 => by_name,
        // Grey pictures without a word of their range are taken for full ones, as FFmpeg does.
        _ => by_name || !has_chroma(format),
    }
}

pub(super) fn descriptor(format: Option<AVPixelFormat>) -> Option<&'static AVPixFmtDescriptor> {
    // SAFETY: FFmpeg's table of formats is constant and lives as long as the program.
    unsafe { av_pix_fmt_desc_get(format?).as_ref() }
}

fn has_chroma(format: Option<AVPixelFormat>) -> bool {
    descriptor(format).is_some_and(|kind| kind.nb_components >= 3)
}

fn chroma_shift(format: Option<AVPixelFormat>) -> [u32; 2] {
    descriptor(format)
        .map_or([0, 0], |kind| [u32::from(kind.log2_chroma_w), u32::from(kind.log2_chroma_h)])
}

/// Whether every component is a plane of bytes: luma, chroma, and perhaps a transparency, which
/// is passed over.
fn is_planar(format: Option<AVPixelFormat>) -> bool {
    let Some(kind) = descriptor(format) else { return false };
    let unfit = (AV_PIX_FMT_FLAG_RGB
        | AV_PIX_FMT_FLAG_PAL
        | AV_PIX_FMT_FLAG_HWACCEL
        | AV_PIX_FMT_FLAG_BITSTREAM) as u64;
    let planes = usize::from(kind.nb_components);
    kind.flags & unfit == 0
        && [1, 3, 4].contains(&planes)
        && kind.log2_chroma_w <= 1
        && kind.log2_chroma_h <= 1
        && kind.comp[..planes].iter().enumerate().all(|(number, part)| {
            part.plane == number as i32 && part.step == 1 && part.depth == 8 && part.offset == 0
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn planes_become_the_colours_of_their_standard() {
        // Red of full intensity in BT.601, full range: Y 76, Cb 85, Cr 255.
        let red = Planes::from_planes(1, 1, [&[76], &[85], &[255]], Some([false, false]));
        let bgr = red.to_bgr();
        assert!(bgr[0] <= 1 && bgr[1] <= 1 && bgr[2] >= 253, "{bgr:?}");
        assert_eq!(Planes::grey(2, 1, &[0, 255]).to_bgr(), [0, 0, 0, 255, 255, 255]);
    }

    #[test]
    fn chroma_of_half_the_resolution_colours_two_pixels_each_way() {
        let luma = [100; 16];
        let planes = [&luma[..], &[128, 200, 128, 128], &[128; 4]];
        let bgr = Planes::from_planes(4, 4, planes, Some([true, true])).to_bgr();
        let blue = |x: usize, y: usize| bgr[3 * (4 * y + x)];
        assert!([(2, 0), (3, 0), (2, 1), (3, 1)].iter().all(|&(x, y)| blue(x, y) > 200));
        assert!([(1, 0), (1, 1), (2, 2), (0, 3)].iter().all(|&(x, y)| blue(x, y) == 100));
    }

    #[test]
    fn mirroring_swaps_the_columns_of_every_plane() {
        let planes = [&[1, 2, 3, 4][..], &[10, 20], &[30, 40]];
        let mirrored = Planes::from_planes(4, 1, planes, Some([true, false])).mirrored();
        assert_eq!(mirrored.luma().row(0), [4, 3, 2, 1]);
        let [blue, red] = mirrored.chroma().unwrap();
        assert_eq!((blue.row(0), red.row(0)), (&[20, 10][..], &[40, 30][..]));
    }
}
