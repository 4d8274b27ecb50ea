//! How a stored picture is to be turned before it is shown.

use opencv::core::{Mat, flip, transpose};
use opencv::prelude::*;

use ffmpeg_next::ffi::AVPixelFormat::{self, *};

use super::planes::{Plane, Planes, raw_format};

/// A turn by quarters, and a mirroring: what a container's display matrix asks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct Orientation {
    /// Rows become columns; this comes first.
    pub(super) transposed: bool,
    /// Left and right change places.
    pub(super) mirrored: bool,
    /// Top and bottom change places.
    pub(super) upended: bool,
}

impl Orientation {
    /// The nearest turn to a display matrix: nine numbers, of which the first, second, fourth and
    /// fifth say where the axes of the stored picture go.
    pub(super) fn of_matrix(matrix: &[i32; 9]) -> Self {
        let [a, b, c, d] = [matrix[0], matrix[1], matrix[3], matrix[4]].map(i64::from);
        if a.abs() + d.abs() >= b.abs() + c.abs() {
            Self { transposed: false, mirrored: a < 0, upended: d < 0 }
        } else {
            Self { transposed: true, mirrored: c < 0, upended: b < 0 }
        }
    }

    /// The picture is shown as it is stored.
    pub(super) fn is_plain(self) -> bool {
        self == Self::default()
    }

    /// A left hand becomes a right one.
    pub(super) fn is_mirror(self) -> bool {
        self.transposed ^ self.mirrored ^ self.upended
    }
}

/// A picture turned so.
pub(super) fn turn(planes: &Planes, how: Orientation) -> Planes {
    let (mut width, mut height) = (planes.width(), planes.height());
    let mut format = raw_format(planes.video()).map_or(AV_PIX_FMT_GRAY8, opaque_format);
    if how.transposed {
        (width, height) = (height, width);
        format = transposed_format(format);
    }
    let colours = planes.video();
    let Some(mut video) = Planes::blank(format, width, height) else { return planes.clone() };
    // SAFETY: both frames are valid; what is copied are plain numbers.
    unsafe {
        (*video.as_mut_ptr()).colorspace = (*colours.as_ptr()).colorspace;
        (*video.as_mut_ptr()).color_range = (*colours.as_ptr()).color_range;
    }
    let chroma = planes.chroma().into_iter().flatten();
    for (number, plane) in std::iter::once(planes.luma()).chain(chroma).enumerate() {
        let size =
            if how.transposed { (plane.height, plane.width) } else { (plane.width, plane.height) };
        let stride = video.stride(number);
        // OpenCV fails here only without memory; the plane then stays as it was allocated.
        let _ = turn_plane(plane, how, video.data_mut(number), stride, size);
    }
    Planes::take(video).unwrap_or_else(|_| planes.clone())
}

fn turn_plane(
    plane: Plane<'_>,
    how: Orientation,
    to: &mut [u8],
    stride: usize,
    (width, height): (usize, usize),
) -> opencv::Result<()> {
    let (rows, cols) = (plane.height as i32, plane.width as i32);
    // SAFETY: the memory outlives both views of it, has the rows and strides said, and only the
    // second, which nothing else sees, is written to.
    let (from, mut to) = unsafe {
        (
            Mat::new_rows_cols_with_data_unsafe(
                rows,
                cols,
                opencv::core::CV_8UC1,
                plane.data.as_ptr().cast_mut().cast(),
                plane.stride,
            )?,
            Mat::new_rows_cols_with_data_unsafe(
                height as i32,
                width as i32,
                opencv::core::CV_8UC1,
                to.as_mut_ptr().cast(),
                stride,
            )?,
        )
    };
    let code = match (how.mirrored, how.upended) {
        (true, true) => Some(-1),
        (true, false) => Some(1),
        (false, true) => Some(0),
        (false, false) => None,
    };
    match (how.transposed, code) {
        (false, None) => from.copy_to(&mut to),
        (false, Some(code)) => flip(&from, &mut to, code),
        (true, None) => transpose(&from, &mut to),
        (true, Some(code)) => {
            let mut turned = Mat::default();
            transpose(&from, &mut turned)?;
            flip(&turned, &mut to, code)
        }
    }
}

/// The format of a picture on its side: chroma that was halved across is halved down.
fn transposed_format(format: AVPixelFormat) -> AVPixelFormat {
    match format {
        AV_PIX_FMT_YUV422P => AV_PIX_FMT_YUV440P,
        AV_PIX_FMT_YUVJ422P => AV_PIX_FMT_YUVJ440P,
        AV_PIX_FMT_YUV440P => AV_PIX_FMT_YUV422P,
        AV_PIX_FMT_YUVJ440P => AV_PIX_FMT_YUVJ422P,
        other => other,
    }
}

/// The same without transparency.
fn opaque_format(format: AVPixelFormat) -> AVPixelFormat {
    match format {
        AV_PIX_FMT_YUVA420P => AV_PIX_FMT_YUV420P,
        AV_PIX_FMT_YUVA422P => AV_PIX_FMT_YUV422P,
        AV_PIX_FMT_YUVA444P => AV_PIX_FMT_YUV444P,
        other => other,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ONE: i32 = 1 << 16;

    /// Where the pixels of a 3x2 picture 1 2 3 / 4 5 6 come to lie.
    fn turned(matrix: [i32; 4]) -> Vec<Vec<u8>> {
        let [a, b, c, d] = matrix;
        let how = Orientation::of_matrix(&[a, b, 0, c, d, 0, 0, 0, 1 << 30]);
        let planes = turn(&Planes::grey(3, 2, &[1, 2, 3, 4, 5, 6]), how);
        (0..planes.height()).map(|y| planes.luma().row(y).to_vec()).collect()
    }

    #[test]
    fn quarter_turns_and_mirrors_lay_pixels_where_the_matrix_says() {
        assert_eq!(turned([ONE, 0, 0, ONE]), [[1, 2, 3], [4, 5, 6]]);
        assert_eq!(turned([-ONE, 0, 0, ONE]), [[3, 2, 1], [6, 5, 4]]);
        assert_eq!(turned([-ONE, 0, 0, -ONE]), [[6, 5, 4], [3, 2, 1]]);
        // A quarter to the right: the top row becomes the right column.
        assert_eq!(turned([0, ONE, -ONE, 0]), [[4, 1], [5, 2], [6, 3]]);
        assert_eq!(turned([0, -ONE, ONE, 0]), [[3, 6], [2, 5], [1, 4]]);
    }

    #[test]
    fn a_turn_alone_is_no_mirror() {
        let mirror = |[a, b, c, d]: [i32; 4]| {
            Orientation::of_matrix(&[a, b, 0, c, d, 0, 0, 0, 1 << 30]).is_mirror()
        };
        assert!(!mirror([ONE, 0, 0, ONE]) && !mirror([-ONE, 0, 0, -ONE]));
        assert!(!mirror([0, ONE, -ONE, 0]) && !mirror([0, -ONE, ONE, 0]));
        assert!(mirror([-ONE, 0, 0, ONE]) && mirror([ONE, 0, 0, -ONE]));
        assert!(mirror([0, ONE, ONE, 0]) && mirror([0, -ONE, -ONE, 0]));
    }
}
