//! Contractions warped into a picture of a real face.
//!
//! Everything is described in the face's own frame: origin between the outer canthi, x towards
//! the subject's left, y towards the chin, in face units. Skin moves by fields around landmarks;
//! a lid comes down over the eye with its lashes and the skin above it stretched after it; the
//! jaw drops and bares a dark mouth.

mod lid;
mod mouth;
mod open_eye;

use lid::{LidPoint, LidWarp};
use mouth::{MouthWarp, NECK};
pub(super) use open_eye::OpenEye;
use rayon::prelude::*;

use super::face_frame::{FaceFrame, Point};
use super::motion::FaceMotion;
use super::paint::vector::{bell, step};
use crate::anatomy::{PerSide, Place, Region, Side, mouth_corner};
use crate::face::Landmarks;
use crate::source::{Frame, Pixels};

/// Half the height and width of the malar fat pad, which zygomaticus minor and the lower
/// orbicularis lift as one, as a standard deviation of the fall-off, face units (judgment: the pad
/// is some 4 cm across, a face unit some 9).
const CHEEK_REACH: f32 = 0.18;

/// Blue, green, red, 0 to 255.
type Colour = [f32; 3];

/// A real face that can be moved.
pub(super) struct Warp {
    frame: FaceFrame,
    sides: PerSide<SideWarp>,
    mouth: Option<MouthWarp>,
    /// Where anything can move, `[left, top, right, bottom]` in pixels.
    bounds: [usize; 4],
    moved: bool,
}

/// What moves on one side; strengths in face units.
struct SideWarp {
    sign: f32,
    /// The facial midline: x at y 0 and its change with y.
    midline: Point,
    brow: (Point, f32),
    cheek: (Point, f32),
    corner: (Point, f32),
    chin: (Point, f32),
    /// Outer edge of the nose.
    nose: f32,
    lid: LidWarp,
}

/// What a pixel of the new picture shows.
struct Origin {
    /// Where it comes from, pixels.
    from: Point,
    /// How much of it is the dark between the lips.
    mouth: f32,
    /// What the lids of that side do to it.
    lid: (Side, LidPoint),
}

impl Warp {
    /// Prepares a frame's face for a moment of motion; `None` when the landmarks make no face.
    pub(super) fn new(
        frame: &Frame,
        landmarks: &Landmarks,
        face_unit_px: f32,
        motion: &FaceMotion,
    ) -> Option<Self> {
        let own = FaceFrame::of(landmarks, face_unit_px)?;
        let at = |i: usize| own.face([landmarks[i][0], landmarks[i][1]]);
        let (bgr, size) = (frame.bgr(), [frame.width, frame.height]);
        let look = |q: Point| sample(&bgr, size, own.picture(q));
        let sides = PerSide::from_fn(|side| SideWarp::new(side, &at, &look, face_unit_px, motion));
        let drop = motion.displacement[Place::JAW_MIDLINE] as f32 * 1e-3;
        let mouth = (drop > 1e-4).then(|| MouthWarp::new(&at, &look, drop));
        let moved = mouth.is_some() || Side::BOTH.iter().any(|s| sides[*s].moves());
        let (mut low, mut high) = ([f32::INFINITY; 2], [f32::NEG_INFINITY; 2]);
        for p in landmarks {
            for k in 0..2 {
                low[k] = low[k].min(p[k]);
                high[k] = high[k].max(p[k]);
            }
        }
        let margin = 0.25 * face_unit_px;
        let inside = |v: f32, most: usize| v.clamp(0.0, most as f32) as usize;
        let bounds = [
            inside(low[0] - margin, frame.width),
            inside(low[1] - margin, frame.height),
            inside(high[0] + margin, frame.width),
            inside(high[1] + NECK * face_unit_px, frame.height),
        ];
        Some(Self { frame: own, sides, mouth, bounds, moved })
    }

    /// The frame with the face moved.
    pub(super) fn apply(&self, frame: &Frame) -> Frame {
        if !self.moved {
            return frame.clone();
        }
        let from = frame.bgr();
        let mut to = from.to_vec();
        let [left, top, right, bottom] = self.bounds;
        let rows = to.par_chunks_mut(3 * frame.width).enumerate();
        rows.skip(top).take(bottom.saturating_sub(top)).for_each(|(y, row)| {
            for x in left..right {
                let p = [x as f32, y as f32];
                let pixel = &mut row[3 * x..3 * x + 3];
                let origin = self.origin(p);
                if distance(origin.from, p) < 1e-3 && origin.is_bare() {
                    continue;
                }
                let seen = sample(&from, [frame.width, frame.height], origin.from);
                let (side, lid) = &origin.lid;
                let seen = if lid.is_bare() {
                    seen
                } else {
                    let size = [frame.width, frame.height];
                    let grain = sample(&from, size, self.frame.picture(lid.grain));
                    self.sides[*side].lid.colour(seen, grain, lid)
                };
                let seen = self.mouth.as_ref().map_or(seen, |m| m.colour(seen, origin.mouth));
                write(pixel, seen);
            }
        });
        Frame { pixels: Pixels::Bgr(to), ..*frame }
    }

    /// Where the pixel `p` of the new picture comes from.
    fn origin(&self, p: Point) -> Origin {
        let q = self.frame.face(p);
        // The fields say where a point goes; four rounds find the point that comes here.
        let mut from = q;
        for _ in 0..4 {
            let d = self.skin(from);
            from = [q[0] - d[0], q[1] - d[1]];
        }
        let mut mouth = 0.0;
        if let Some(warp) = &self.mouth {
            (from, mouth) = warp.origin(from);
        }
        let side =
            if from[0] > self.sides.left.midline_at(from[1]) { Side::Left } else { Side::Right };
        let lid = self.sides[side].lid.origin(from);
        Origin { from: self.frame.picture(lid.from), mouth, lid: (side, lid) }
    }

    /// Displacement of the skin at a point of the face.
    fn skin(&self, q: Point) -> Point {
        let (l, r) = (self.sides.left.skin(q), self.sides.right.skin(q));
        [l[0] + r[0], l[1] + r[1]]
    }
}

impl Origin {
    /// Whether it only comes from elsewhere.
    fn is_bare(&self) -> bool {
        self.mouth == 0.0 && self.lid.1.is_bare()
    }
}

impl SideWarp {
    fn new(
        side: Side,
        at: &impl Fn(usize) -> Point,
        look: &impl Fn(Point) -> Colour,
        unit_px: f32,
        motion: &FaceMotion,
    ) -> Self {
        let sign = if side == Side::Left { 1.0 } else { -1.0 };
        let mean = |of: &[usize]| {
            let sum = of.iter().map(|i| at(*i)).fold([0.0; 2], |s, p| [s[0] + p[0], s[1] + p[1]]);
            [sum[0] / of.len() as f32, sum[1] / of.len() as f32]
        };
        let strength = |region: Region| motion.displacement[Place::new(region, side)] as f32 * 1e-3;
        let pick =
            |right: &[usize], left: &[usize]| mean(if side == Side::Left { left } else { right });
        let (bridge, chin) = (at(168), at(152));
        let slope = (chin[0] - bridge[0]) / (chin[1] - bridge[1]).max(1e-3);
        Self {
            sign,
            midline: [bridge[0] - slope * bridge[1], slope],
            brow: (pick(&[105, 66, 52, 65], &[334, 296, 282, 295]), strength(Region::Forehead)),
            cheek: (pick(&[50, 205], &[280, 425]), strength(Region::Cheek)),
            corner: (at(mouth_corner(side)), strength(Region::MouthCorner)),
            chin: (pick(&[201, 208, 204], &[421, 428, 424]), strength(Region::Jaw)),
            nose: pick(&[129], &[358])[0],
            lid: LidWarp::new(side, at, look, unit_px, motion),
        }
    }

    fn moves(&self) -> bool {
        let skin = [self.brow.1, self.cheek.1, self.corner.1, self.chin.1];
        skin.iter().any(|s| s.abs() > 1e-4) || self.lid.closure > 1e-3
    }

    fn midline_at(&self, y: f32) -> f32 {
        self.midline[0] + self.midline[1] * y
    }

    /// Displacement of the skin at a point of the face by this side's muscles.
    fn skin(&self, q: Point) -> Point {
        // Distance from the midline towards this side.
        let mid = self.midline_at(q[1]);
        let u = self.sign * (q[0] - mid);
        let mut d = [0.0; 2];
        let own = step(-0.02, 0.07, u);
        if own == 0.0 {
            return d;
        }
        let lid = &self.lid;
        let (top, bottom) = (lid.top(), lid.bottom());
        let (at, strength) = self.brow;
        if strength != 0.0 {
            let v = q[1] - at[1];
            let fall =
                if v < 0.0 { bell(v / 0.17) } else { step(top - at[1], 0.25 * (top - at[1]), v) };
            d[1] -= strength * own * bell((q[0] - at[0]) / 0.17) * fall;
        }
        let (at, strength) = self.cheek;
        if strength != 0.0 {
            let nose = self.sign * (self.nose - mid);
            let w = bell((q[0] - at[0]) / CHEEK_REACH)
                * bell((q[1] - at[1]) / CHEEK_REACH)
                * step(bottom + 0.01, bottom + 0.11, q[1])
                * step(nose - 0.02, nose + 0.08, u);
            d[0] += self.sign * 0.17 * strength * w;
            d[1] -= 0.985 * strength * w;
        }
        let (at, strength) = self.corner;
        if strength != 0.0 {
            let corner = self.sign * (at[0] - self.midline_at(at[1]));
            let across = if u < corner {
                step(-0.02, corner, u).powf(1.15)
            } else {
                bell((u - corner) / 0.115)
            };
            let v = q[1] - at[1];
            let w = across * bell(v / if v < 0.0 { 0.12 } else { 0.095 });
            if strength > 0.0 {
                d[0] += self.sign * 0.80 * strength * w;
                d[1] -= 0.60 * strength * w;
            } else {
                d[0] += self.sign * strength * w;
            }
        }
        let (at, strength) = self.chin;
        if strength != 0.0 {
            let w = bell((q[0] - at[0]) / 0.10) * bell((q[1] - at[1]) / 0.085) * own;
            d[1] -= strength * w;
        }
        d
    }
}

fn mix(a: Colour, b: Colour, part: f32) -> Colour {
    std::array::from_fn(|k| a[k] + part * (b[k] - a[k]))
}

fn distance(a: Point, b: Point) -> f32 {
    (a[0] - b[0]).hypot(a[1] - b[1])
}

fn write(pixel: &mut [u8], colour: Colour) {
    for (to, c) in pixel.iter_mut().zip(colour) {
        *to = (c + 0.5).clamp(0.0, 255.0) as u8;
    }
}

/// Blue, green, red between pixels, by cubic interpolation (Catmull-Rom), edges repeated.
fn sample(bgr: &[u8], [width, height]: [usize; 2], p: Point) -> Colour {
    let (fx, fy) = (p[0].floor(), p[1].floor());
    let weights = |t: f32| {
        let (t2, t3) = (t * t, t * t * t);
        [
            0.5 * (-t3 + 2.0 * t2 - t),
            0.5 * (3.0 * t3 - 5.0 * t2 + 2.0),
            0.5 * (-3.0 * t3 + 4.0 * t2 + t),
            0.5 * (t3 - t2),
        ]
    };
    let (wx, wy) = (weights(p[0] - fx), weights(p[1] - fy));
    let inside = |v: f32, most: usize| v.clamp(0.0, (most - 1) as f32) as usize;
    let mut sum = [0.0; 3];
    for (j, wy) in wy.iter().enumerate() {
        let y = inside(fy + j as f32 - 1.0, height);
        for (i, wx) in wx.iter().enumerate() {
            let x = inside(fx + i as f32 - 1.0, width);
            let at = 3 * (y * width + x);
            for (s, byte) in sum.iter_mut().zip(&bgr[at..at + 3]) {
                *s += wx * wy * f32::from(*byte);
            }
        }
    }
    sum
}
