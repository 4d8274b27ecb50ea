//! The face's own frame in a picture: origin between the outer canthi, x towards the subject's
//! left, y towards the chin, in face units.

#[cfg(feature = "video")]
use crate::anatomy::{Side, eye};
#[cfg(feature = "video")]
use crate::face::Landmarks;

/// A place of the face, face units, or of the picture, pixels.
pub(super) type Point = [f32; 2];

/// Where the face lies in the picture.
#[derive(Debug, Clone, Copy)]
pub(super) struct FaceFrame {
    origin: Point,
    /// Direction of x in the picture.
    along: Point,
    /// Pixels of a face unit sideways (shortened when the head turns) and down.
    unit: Point,
}

impl FaceFrame {
    /// The frame of a face with those landmarks; `None` when they make no face.
    #[cfg(feature = "video")]
    pub(super) fn of(landmarks: &Landmarks, face_unit_px: f32) -> Option<Self> {
        let at = |i: usize| [landmarks[i][0], landmarks[i][1]];
        Self::between(at(eye(Side::Right).outer), at(eye(Side::Left).outer), face_unit_px)
    }

    /// The frame of a face whose outer canthi lie there in the picture.
    pub(super) fn between(right: Point, left: Point, face_unit_px: f32) -> Option<Self> {
        let (dx, dy) = (left[0] - right[0], left[1] - right[1]);
        let width = dx.hypot(dy);
        (width > 4.0 && face_unit_px > 4.0).then(|| Self {
            origin: [0.5 * (left[0] + right[0]), 0.5 * (left[1] + right[1])],
            along: [dx / width, dy / width],
            unit: [width, face_unit_px],
        })
    }

    /// A place of the picture in the face's frame.
    pub(super) fn face(&self, p: Point) -> Point {
        let (dx, dy) = (p[0] - self.origin[0], p[1] - self.origin[1]);
        [
            (dx * self.along[0] + dy * self.along[1]) / self.unit[0],
            (dy * self.along[0] - dx * self.along[1]) / self.unit[1],
        ]
    }

    /// A place of the face in the picture.
    pub(super) fn picture(&self, q: Point) -> Point {
        let (x, y) = (q[0] * self.unit[0], q[1] * self.unit[1]);
        [
            self.origin[0] + x * self.along[0] - y * self.along[1],
            self.origin[1] + x * self.along[1] + y * self.along[0],
        ]
    }

    /// Pixels of a face unit, at right angles to the line of the eyes.
    pub(super) const fn unit_px(&self) -> f32 {
        self.unit[1]
    }
}
