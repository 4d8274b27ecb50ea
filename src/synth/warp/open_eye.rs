//! An eye that does not close: what it looked like when it was last open is laid over it while the
//! person's own lids shut, so that a weak lid can be put into a recording of healthy ones.

use super::{Colour, sample, write};
use crate::anatomy::{Side, eye};
use crate::face::Landmarks;
use crate::source::{Frame, Pixels};
use crate::synth::face_frame::Point;
use crate::synth::paint::vector::step;

/// Half the width and height that is remembered, in half the fissure's width.
const REACH: Point = [1.5, 1.2];
/// Places that are remembered for half a fissure.
const FINE: f32 = 40.0;
/// Opening over the open eye's above which the eye counts as open (judgment: lids are never
/// quite still).
const OPEN: f32 = 0.88;

/// One eye's memory.
#[derive(Debug)]
pub(in crate::synth) struct OpenEye {
    side: Side,
    /// Opening over fissure width of the open eye.
    level: f32,
    seen: Option<Seen>,
}

/// What the open eye looked like.
#[derive(Debug)]
struct Seen {
    picture: Vec<Colour>,
    /// The lids' landmarks along the canthi.
    margins: Vec<(usize, Point)>,
}

/// A frame along the canthi: x from -1 (inner) to 1 (outer), y down.
struct Along {
    middle: Point,
    half: Point,
}

impl Along {
    fn of(landmarks: &Landmarks, side: Side) -> Option<Self> {
        let marks = eye(side);
        let (o, i) = (landmarks[marks.outer], landmarks[marks.inner]);
        let half = [0.5 * (o[0] - i[0]), 0.5 * (o[1] - i[1])];
        (half[0].hypot(half[1]) > 2.0)
            .then(|| Self { middle: [0.5 * (o[0] + i[0]), 0.5 * (o[1] + i[1])], half })
    }

    fn local(&self, p: Point) -> Point {
        let [hx, hy] = self.half;
        let (dx, dy) = (p[0] - self.middle[0], p[1] - self.middle[1]);
        let size = hx * hx + hy * hy;
        [(dx * hx + dy * hy) / size, (dy * hx - dx * hy) / size * hx.signum()]
    }

    fn picture(&self, q: Point) -> Point {
        let [hx, hy] = self.half;
        let y = q[1] * hx.signum();
        [self.middle[0] + q[0] * hx - y * hy, self.middle[1] + q[0] * hy + y * hx]
    }
}

impl OpenEye {
    pub(in crate::synth) const fn new(side: Side) -> Self {
        Self { side, level: 0.0, seen: None }
    }

    /// Follows the eye from frame to frame, whose pixels are packed. While its lids come down by
    /// themselves, the open eye is laid over them, the landmarks become the open eye's, and the
    /// part by which they are down is returned.
    pub(in crate::synth) fn keep_open(
        &mut self,
        frame: &mut Frame,
        landmarks: &mut Landmarks,
    ) -> f32 {
        let Some(along) = Along::of(landmarks, self.side) else { return 0.0 };
        let marks = eye(self.side);
        let height = |i: usize| along.local([landmarks[i][0], landmarks[i][1]])[1];
        let lids = marks.upper.iter().zip(marks.lower);
        let opening = lids.map(|(u, l)| height(l) - height(*u)).sum::<f32>() / 14.0;
        // The level rises at once and sinks in some seconds.
        self.level = opening.max(self.level - 0.002 * (self.level - opening));
        let open = opening / self.level.max(1e-3);
        if open >= OPEN {
            self.remember(frame, landmarks, &along);
            return 0.0;
        }
        let Some(seen) = &self.seen else { return 0.0 };
        seen.lay_over(frame, &along);
        for (i, q) in &seen.margins {
            [landmarks[*i][0], landmarks[*i][1]] = along.picture(*q);
        }
        (1.0 - open).clamp(0.0, 1.0)
    }

    fn remember(&mut self, frame: &Frame, landmarks: &Landmarks, along: &Along) {
        let marks = eye(self.side);
        let (columns, rows) = Seen::size();
        let (bgr, picture_size) = (frame.bgr(), [frame.width, frame.height]);
        let picture = (0..columns * rows)
            .map(|i| {
                let q = [
                    (i % columns) as f32 / FINE - REACH[0],
                    (i / columns) as f32 / FINE - REACH[1],
                ];
                sample(&bgr, picture_size, along.picture(q))
            })
            .collect();
        let margins = marks
            .upper
            .iter()
            .chain(&marks.lower)
            .map(|i| (*i, along.local([landmarks[*i][0], landmarks[*i][1]])))
            .collect();
        self.seen = Some(Seen { picture, margins });
    }
}

impl Seen {
    const fn size() -> (usize, usize) {
        ((2.0 * REACH[0] * FINE) as usize + 1, (2.0 * REACH[1] * FINE) as usize + 1)
    }

    fn at(&self, q: Point) -> Colour {
        let (columns, rows) = Self::size();
        let x = ((q[0] + REACH[0]) * FINE).clamp(0.0, columns as f32 - 1.001);
        let y = ((q[1] + REACH[1]) * FINE).clamp(0.0, rows as f32 - 1.001);
        let (i, j) = (x as usize, y as usize);
        let (u, v) = (x - i as f32, y - j as f32);
        let p = |di: usize, dj: usize| self.picture[(j + dj) * columns + i + di];
        let (a, b, c, d) = (p(0, 0), p(1, 0), p(0, 1), p(1, 1));
        std::array::from_fn(|k| {
            (1.0 - v) * ((1.0 - u) * a[k] + u * b[k]) + v * ((1.0 - u) * c[k] + u * d[k])
        })
    }

    /// Lays the open eye over the picture, its rim blended.
    fn lay_over(&self, frame: &mut Frame, along: &Along) {
        let reach = 1.6 * along.half[0].hypot(along.half[1]);
        let inside = |v: f32, most: usize| v.clamp(0.0, most as f32) as usize;
        let (left, right) = (
            inside(along.middle[0] - reach, frame.width),
            inside(along.middle[0] + reach, frame.width),
        );
        let (top, bottom) = (
            inside(along.middle[1] - reach, frame.height),
            inside(along.middle[1] + reach, frame.height),
        );
        let Pixels::Bgr(bgr) = &mut frame.pixels else { return };
        let width = frame.width;
        for y in top..bottom {
            for x in left..right {
                let q = along.local([x as f32, y as f32]);
                let far = (q[0] / (REACH[0] - 0.05)).hypot(q[1] / (REACH[1] - 0.05));
                let part = step(1.0, 0.72, far);
                if part <= 0.0 {
                    continue;
                }
                let at = 3 * (y * width + x);
                let pixel = &mut bgr[at..at + 3];
                let open = self.at(q);
                let own: Colour = std::array::from_fn(|k| f32::from(pixel[k]));
                write(pixel, super::mix(own, open, part));
            }
        }
    }
}
