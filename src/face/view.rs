//! Pictures as OpenCV sees them, without a copy.

use opencv::boxed_ref::BoxedRef;
use opencv::core::{CV_8UC1, Mat};

use crate::source::Plane;

/// A plane of a picture.
pub(super) fn view(plane: Plane<'_>) -> opencv::Result<BoxedRef<'_, Mat>> {
    // SAFETY: the plane has that many rows at that stride, the last of them whole; it lives as
    // long as the view, through which nothing is written.
    let mat = unsafe {
        Mat::new_rows_cols_with_data_unsafe(
            plane.height as i32,
            plane.width as i32,
            CV_8UC1,
            plane.data.as_ptr().cast_mut().cast(),
            plane.stride,
        )?
    };
    Ok(BoxedRef::from(mat))
}

/// Rows of packed pixels.
pub(super) fn packed(bgr: &[u8], height: usize) -> opencv::Result<BoxedRef<'_, Mat>> {
    let rows = height as i32;
    // SAFETY: as above, without padding.
    let mat = unsafe {
        Mat::new_rows_cols_with_data_unsafe_def(
            rows,
            (bgr.len() / (3 * height.max(1))) as i32,
            opencv::core::CV_8UC3,
            bgr.as_ptr().cast_mut().cast(),
        )?
    };
    Ok(BoxedRef::from(mat))
}
