//! A real eye's lids coming down: lashes and margin move as one piece, the skin above is drawn
//! after them and takes the tone of the skin below the eye where it was folded away or shaded.

use super::{Colour, Point, mix};
use crate::anatomy::{Side, eye};
use crate::synth::motion::FaceMotion;
use crate::synth::paint::vector::{bell, knots, step};

/// One eye's lids, in a frame along the canthi: x from -1 (inner) to 1 (outer), y down, both in
/// half the fissure's width.
pub(super) struct LidWarp {
    inner: Point,
    /// From the middle of the fissure to the outer canthus, face units.
    half: Point,
    /// Height of the margins over x.
    upper: [(f32, f32); 9],
    lower: [(f32, f32); 9],
    /// Height of the skin above the margin that stretches.
    skin: f32,
    pub(super) closure: f32,
    squeeze: f32,
    /// Tone of the skin below the eye over x from -1 to 1.
    tone: [Colour; TONES],
    /// Colour of the lashes.
    lashes: Colour,
}

/// Places along the fissure where the skin's tone is taken.
const TONES: usize = 9;

/// What a point of the face shows once the lids have moved.
pub(super) struct LidPoint {
    /// Where it was, face units.
    pub(super) from: Point,
    /// How much of it is skin that was folded away or shaded before.
    pub(super) skin: f32,
    /// How much of it is lashes.
    pub(super) lash: f32,
    /// Place along the fissure.
    along: f32,
}

impl LidPoint {
    const fn bare(from: Point) -> Self {
        Self { from, skin: 0.0, lash: 0.0, along: 0.0 }
    }
}

impl LidWarp {
    pub(super) fn new(
        side: Side,
        at: &impl Fn(usize) -> Point,
        look: &impl Fn(Point) -> Colour,
        motion: &FaceMotion,
    ) -> Self {
        let marks = eye(side);
        let (outer, inner) = (at(marks.outer), at(marks.inner));
        let half = [0.5 * (outer[0] - inner[0]), 0.5 * (outer[1] - inner[1])];
        let mut lid = Self {
            inner,
            half,
            upper: [(0.0, 0.0); 9],
            lower: [(0.0, 0.0); 9],
            skin: 0.5,
            closure: motion.closure[side] as f32,
            squeeze: motion.squeeze[side] as f32,
            tone: [[0.0; 3]; TONES],
            lashes: [0.0; 3],
        };
        let margin = |of: [usize; 7]| {
            let mut line = [(1.0, 0.0); 9];
            line[0] = (-1.0, 0.0);
            // The landmarks run from the outer canthus inwards.
            for (to, i) in line[1..8].iter_mut().zip(of.iter().rev()) {
                let p = lid.local(at(*i));
                *to = (p[0], p[1]);
            }
            line.sort_by(|a, b| a.0.total_cmp(&b.0));
            line
        };
        let (upper, lower) = (margin(marks.upper), margin(marks.lower));
        let brow = lid.local(at(marks.brow[2]))[1];
        // Skin between the lid's margin and half the way to the brow's upper edge follows.
        lid.skin = (0.5 * (knots(&upper, 0.0) - brow)).clamp(0.25, 0.9);
        (lid.upper, lid.lower) = (upper, lower);
        if lid.closure > 1e-3 {
            lid.see(look);
        }
        lid
    }

    /// Takes the tones of the skin and of the lashes from the picture.
    fn see(&mut self, look: &impl Fn(Point) -> Colour) {
        let tone = |x: f32| {
            let mut sum = [0.0; 3];
            for i in 0..5 {
                for j in 0..5 {
                    let x = (x + 0.1 * (i as f32 - 2.0)).clamp(-0.95, 0.95);
                    let y = knots(&self.lower, x) + 0.20 + 0.06 * j as f32;
                    let seen = look(self.back([x, y]));
                    (0..3).for_each(|k| sum[k] += seen[k] / 25.0);
                }
            }
            sum
        };
        let tones = std::array::from_fn(|i| tone(2.0 * i as f32 / (TONES - 1) as f32 - 1.0));
        let bright = |c: &Colour| c.iter().sum::<f32>();
        let darkest = (0..21)
            .map(|i| {
                let x = 0.08 * (i % 7) as f32 - 0.24;
                let y = knots(&self.upper, x) + 0.04 * ((i / 7) as f32 - 1.0);
                look(self.back([x, y]))
            })
            .min_by(|a, b| bright(a).total_cmp(&bright(b)));
        self.lashes = darkest.unwrap_or_default();
        self.tone = tones;
    }

    /// Colour of a point whose origin in the picture is `seen`.
    pub(super) fn colour(&self, seen: Colour, point: &LidPoint) -> Colour {
        if point.skin == 0.0 && point.lash == 0.0 {
            return seen;
        }
        let at = (0.5 * (point.along + 1.0)).clamp(0.0, 1.0) * (TONES - 1) as f32;
        let i = (at as usize).min(TONES - 2);
        let tone = mix(self.tone[i], self.tone[i + 1], at - i as f32);
        // The lid is a little darker than the skin below the eye.
        let lid = mix(seen, tone.map(|c| 0.93 * c), point.skin);
        mix(lid, self.lashes, point.lash)
    }

    /// A point of the face along the canthi.
    fn local(&self, q: Point) -> Point {
        let (hx, hy) = (self.half[0], self.half[1]);
        let size = hx * hx + hy * hy;
        let (dx, dy) = (q[0] - self.inner[0] - hx, q[1] - self.inner[1] - hy);
        // y points down on both sides, whichever way x runs.
        [(dx * hx + dy * hy) / size, (dy * hx - dx * hy) / size * hx.signum()]
    }

    fn back(&self, p: Point) -> Point {
        let (hx, hy) = (self.half[0], self.half[1]);
        let (x, y) = (p[0], p[1] * hx.signum());
        [self.inner[0] + hx + x * hx - y * hy, self.inner[1] + hy + x * hy + y * hx]
    }

    /// Highest and lowest point of the eye with the skin that follows the lids, face units.
    pub(super) fn top(&self) -> f32 {
        self.back([0.0, knots(&self.upper, 0.0) - self.skin])[1]
    }
    pub(super) fn bottom(&self) -> f32 {
        self.back([0.0, knots(&self.lower, 0.0)])[1]
    }

    /// Where a point of the face with closed lids was when they were open.
    pub(super) fn origin(&self, q: Point) -> LidPoint {
        if self.closure <= 1e-3 {
            return LidPoint::bare(q);
        }
        let [x, y] = self.local(q);
        if x.abs() >= 1.0 {
            return LidPoint::bare(q);
        }
        let closure = self.closure.min(1.0);
        let (upper, lower) =
            (knots(&self.upper, x), knots(&self.lower, x).max(knots(&self.upper, x)));
        // The lids meet near the lower margin; a squeeze lifts that line.
        let meet = lower - (0.08 + 0.12 * self.squeeze) * (lower - upper);
        let (margin, rise) = (upper + closure * (meet - upper), closure * (meet - lower));
        // Lashes and their roots move as one piece; shut, nothing of the eye stays with them.
        let (above, below) = (0.05, 0.05 * (1.0 - closure));
        let fold = upper - self.skin;
        let (was, is) = (upper - above - fold, margin - above - fold);
        let shut = step(0.75, 1.0, closure);
        let from = if y <= fold {
            y
        } else if y < margin - above {
            let t = (y - fold) / is;
            let ratio = is / was.max(1e-3);
            // Even stretch, eased at the fold so that no edge shows there.
            fold + was * (0.6 * t + 0.4 * (1.0 - (1.0 - t).powf(ratio)))
        } else if y <= margin + below {
            y - margin + upper
        } else if y < lower + rise {
            y
        } else {
            // Shut, the lower lid's wet rim is hidden: its skin begins at the line.
            let under = (y - lower - rise).max(0.0);
            y - rise * bell(under / 0.35) + 0.10 * shut * bell(under / 0.20)
        };
        // Part of the way: the lid's skin is drawn out, its line of lashes thickens.
        let drawn = step(0.10, 0.42, margin - upper);
        let height = ((y - fold) / (margin - fold).max(1e-3)).clamp(0.0, 1.0);
        let ends = step(1.0, 0.35, x.abs());
        let on_lid = step(margin + 0.04, margin - 0.01, y);
        let skin = 0.85 * drawn * ends * step(0.05, 0.85, height) * on_lid;
        let line = (y - margin) / if y < margin { 0.045 } else { 0.030 + 0.02 * shut };
        let lash = drawn * step(1.0, 0.85, x.abs()) * 0.8 * bell(line);
        LidPoint { from: self.back([x, from]), skin, lash, along: x }
    }
}
