//! Where things stand in the overlay picture.

use crate::anatomy::Side;

/// Longest side of the overlay, pixels: enough to read, small enough to encode quickly.
const LONGEST: usize = 1280;
/// Smallest width of a picture with its traces below it, pixels: a small picture is enlarged so
/// that the captions have room.
const SMALLEST_WIDTH: usize = 640;
/// Range of the height of a picture with its traces beside it, pixels.
const BESIDE_HEIGHT: (usize, usize) = (560, 760);
/// Width of the traces beside a picture, pixels.
const BESIDE_WIDTH: usize = 480;
/// Height of the traces below a picture, pixels.
const BELOW_HEIGHT: usize = 208;
/// Height of the line of captions, pixels.
pub(super) const HEADER: usize = 34;
/// Height of the line with the disclaimer, pixels.
pub(super) const FOOTER: usize = 20;

/// A rectangle in pixels.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Area {
    pub(super) x: usize,
    pub(super) y: usize,
    pub(super) width: usize,
    pub(super) height: usize,
}

/// Where things stand: header on top, the picture, the traces of each side, footer.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Layout {
    /// The whole picture; both sides even, as H.264 wants.
    pub(super) width: usize,
    pub(super) height: usize,
    /// The recording's picture.
    pub(super) picture: Area,
    /// Overlay pixels for each pixel of the recording.
    pub(super) scale: f32,
    /// Traces of the subject's left.
    left: Area,
    /// Traces of the subject's right.
    right: Area,
}

impl Layout {
    /// The layout for a recording of this size. Wide pictures have the traces below them, the
    /// subject's right under the image's left; narrow ones have them beside.
    pub(super) fn new(width: usize, height: usize) -> Self {
        let (width, height) = (width.max(1), height.max(1));
        if 10 * width >= 12 * height {
            Self::below(width, height)
        } else {
            Self::beside(width, height)
        }
    }

    fn below(width: usize, height: usize) -> Self {
        let shown = even(width.clamp(SMALLEST_WIDTH, LONGEST));
        let picture = Area { x: 0, y: HEADER, width: shown, height: even(height * shown / width) };
        let y = picture.y + picture.height;
        let half = shown / 2;
        let block = |x| Area { x, y, width: half, height: BELOW_HEIGHT };
        Self {
            width: shown,
            height: even(y + BELOW_HEIGHT + FOOTER),
            picture,
            scale: shown as f32 / width as f32,
            left: block(half),
            right: block(0),
        }
    }

    fn beside(width: usize, height: usize) -> Self {
        let shown = even(height.clamp(BESIDE_HEIGHT.0, BESIDE_HEIGHT.1));
        let picture =
            Area { x: 0, y: HEADER, width: even(width * shown / height).max(2), height: shown };
        let block = |y| Area { x: picture.width, y, width: BESIDE_WIDTH, height: shown / 2 };
        Self {
            width: picture.width + BESIDE_WIDTH,
            height: even(HEADER + shown + FOOTER),
            picture,
            scale: shown as f32 / height as f32,
            right: block(HEADER),
            left: block(HEADER + shown / 2),
        }
    }

    /// Where the traces of a side stand.
    pub(super) fn traces(&self, side: Side) -> Area {
        match side {
            Side::Left => self.left,
            Side::Right => self.right,
        }
    }

    /// A point of the recording's picture in the overlay.
    pub(super) fn place(&self, [x, y]: [f32; 2]) -> [f32; 2] {
        [self.picture.x as f32 + x * self.scale, self.picture.y as f32 + y * self.scale]
    }
}

fn even(length: usize) -> usize {
    length & !1
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_layout_is_even_bounded_and_without_overlap() {
        for (width, height) in [
            (640, 360),
            (1280, 720),
            (3840, 2160),
            (480, 854),
            (512, 512),
            (361, 289),
            (1080, 1920),
            (96, 96),
        ] {
            let layout = Layout::new(width, height);
            let size = (layout.width, layout.height);
            assert!(
                size.0.is_multiple_of(2) && size.1.is_multiple_of(2),
                "{width} x {height}: {size:?}"
            );
            assert!(
                size.0.max(size.1) <= LONGEST + HEADER + FOOTER,
                "{width} x {height}: {size:?}"
            );
            let areas = [layout.picture, layout.traces(Side::Left), layout.traces(Side::Right)];
            for (i, a) in areas.iter().enumerate() {
                assert!(a.x + a.width <= size.0 && a.y + a.height <= size.1 - FOOTER);
                for b in &areas[i + 1..] {
                    let apart = a.x + a.width <= b.x
                        || b.x + b.width <= a.x
                        || a.y + a.height <= b.y
                        || b.y + b.height <= a.y;
                    assert!(apart, "{width} x {height}: {a:?} and {b:?} overlap");
                }
            }
        }
    }

    #[test]
    fn traces_below_the_picture_stand_under_their_own_side_of_the_face() {
        let layout = Layout::new(1280, 720);
        assert!(layout.traces(Side::Right).x < layout.traces(Side::Left).x);
    }
}
