//! A real eye's lids coming down: margin and lashes come down over the eye, and the skin after
//! them. What an open eye keeps folded away is drawn anew, in the tones of the skin above and
//! below the eye and with the grain of the latter; the line of lashes where the lids meet is
//! drawn too, because an open eye's lashes seen from the front are no line.

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
    /// Size of a pixel.
    pixel: f32,
    /// Height of the margins over x.
    upper: [(f32, f32); 9],
    lower: [(f32, f32); 9],
    /// Height of the skin above the margin that stretches.
    skin: f32,
    pub(super) closure: f32,
    squeeze: f32,
    tones: [Tones; TONES],
    /// Brightness of the lashes over the skin's.
    lashes: f32,
}

/// Places along the fissure where tones are taken.
const TONES: usize = 9;

/// Tones at one place along the fissure.
#[derive(Clone, Copy, Default)]
struct Tones {
    /// Skin between the fold and the brow.
    above: Colour,
    /// Skin below the eye.
    below: Colour,
}

/// Lashes over the skin's brightness: the least and the most (judgment: black lashes on a pale
/// skin in good light, and the groove between shut lids where the lashes are white).
const LASHES: (f32, f32) = (0.12, 0.25);

/// Brightness of a lid over the skin around the eye (judgment: it bulges towards the light, the
/// skin around it lies in the socket).
const LIT: f32 = 1.10;

/// How far the grain of the drawn skin departs from its tone at most (judgment: pores and noise
/// do, the rim of glasses would by more).
const GRAIN: f32 = 0.04;

/// What a point of the face shows once the lids have moved.
pub(super) struct LidPoint {
    /// Where it was, face units.
    pub(super) from: Point,
    /// How much of it is skin that was folded away or shaded before.
    pub(super) skin: f32,
    /// How much of it is lashes.
    pub(super) lash: f32,
    /// Where the grain of that skin is taken, face units.
    pub(super) grain: Point,
    /// Place along the fissure.
    along: f32,
    /// Place from the skin above the eye, 0, to the skin below it, 1.
    down: f32,
}

impl LidPoint {
    const fn bare(from: Point) -> Self {
        Self { from, skin: 0.0, lash: 0.0, grain: from, along: 0.0, down: 0.0 }
    }

    /// Whether it only comes from elsewhere.
    pub(super) fn is_bare(&self) -> bool {
        self.skin == 0.0 && self.lash == 0.0
    }
}

impl LidWarp {
    /// Reads the lids off the landmarks `at` and the picture `look`; `unit_px` is the face unit in
    /// pixels.
    pub(super) fn new(
        side: Side,
        at: &impl Fn(usize) -> Point,
        look: &impl Fn(Point) -> Colour,
        unit_px: f32,
        motion: &FaceMotion,
    ) -> Self {
        let marks = eye(side);
        let (outer, inner) = (at(marks.outer), at(marks.inner));
        let half = [0.5 * (outer[0] - inner[0]), 0.5 * (outer[1] - inner[1])];
        let mut lid = Self {
            inner,
            half,
            pixel: 1.0 / (unit_px * half[0].hypot(half[1])).max(1e-3),
            upper: [(0.0, 0.0); 9],
            lower: [(0.0, 0.0); 9],
            skin: 0.5,
            closure: motion.closure[side] as f32,
            squeeze: motion.squeeze[side] as f32,
            tones: [Tones::default(); TONES],
            lashes: LASHES.1,
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

    /// Takes the tones of the skin from the picture.
    fn see(&mut self, look: &impl Fn(Point) -> Colour) {
        let tone = |x: f32, top: f32, bottom: f32| {
            let mut seen: [Colour; 25] = std::array::from_fn(|i| {
                let x = (x + 0.1 * ((i % 5) as f32 - 2.0)).clamp(-0.95, 0.95);
                let y = top + (bottom - top) * (i / 5) as f32 / 4.0;
                look(self.back([x, y]))
            });
            // The middle one in brightness: lashes, glints and the rim of glasses fall out.
            seen.sort_by(|a, b| bright(a).total_cmp(&bright(b)));
            seen[12]
        };
        let tones = std::array::from_fn(|i| {
            let x = 2.0 * i as f32 / (TONES - 1) as f32 - 1.0;
            let (upper, lower) = (knots(&self.upper, x), knots(&self.lower, x));
            Tones {
                above: tone(x, upper - 1.1 * self.skin, upper - 0.6 * self.skin),
                below: tone(x, lower + 0.25, lower + 0.55),
            }
        });
        self.tones = tones;
        // The darkest of the open eye tells how dark this camera shows a dark thing.
        let dark = (0..35)
            .map(|i| {
                let x = 0.2 * ((i % 7) as f32 - 3.0);
                let (upper, lower) = (knots(&self.upper, x), knots(&self.lower, x));
                let y = upper + (lower - upper) * (i / 7) as f32 / 5.0;
                bright(&look(self.back([x, y])))
            })
            .fold(f32::INFINITY, f32::min);
        let skin = bright(&mix(tones[TONES / 2].above, tones[TONES / 2].below, 0.5)).max(1.0);
        self.lashes = (dark / skin).clamp(LASHES.0, LASHES.1);
    }

    /// Colour of a point whose origin in the picture shows `seen`, with the grain `grain`.
    pub(super) fn colour(&self, seen: Colour, grain: Colour, point: &LidPoint) -> Colour {
        let at = (0.5 * (point.along + 1.0)).clamp(0.0, 1.0) * (TONES - 1) as f32;
        let i = (at as usize).min(TONES - 2);
        let between = |of: fn(&Tones) -> Colour| {
            mix(of(&self.tones[i]), of(&self.tones[i + 1]), at - i as f32)
        };
        let (above, below) = (between(|t| t.above), between(|t| t.below));
        let tone = mix(above, below, point.down).map(|c| LIT * c);
        let lid = std::array::from_fn(|k| {
            tone[k] + (grain[k] - below[k]).clamp(-GRAIN * tone[k], GRAIN * tone[k])
        });
        let lid = mix(seen, lid, point.skin);
        mix(lid, tone.map(|c| self.lashes * c), point.lash)
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
        let ends = step(1.18, 0.80, x.abs());
        if ends <= 0.0 {
            return LidPoint::bare(q);
        }
        let closure = self.closure.min(1.0);
        let (upper, lower) =
            (knots(&self.upper, x), knots(&self.lower, x).max(knots(&self.upper, x)));
        // The lids meet near the lower margin, in the middle a little below where it was; a
        // squeeze lifts that line.
        let sag = 0.15 * (1.0 - x * x).max(0.0);
        let meet = lower + (sag - 0.08 - 0.12 * self.squeeze) * (lower - upper);
        let (margin, rise) = (upper + closure * (meet - upper), closure * (meet - lower));
        // Lashes and their roots move as one piece; shut, nothing of the eye stays with them.
        let (above, below) = (0.05, 0.05 * (1.0 - closure));
        let fold = upper - self.skin;
        let (was, is) = (upper - above - fold, margin - above - fold);
        let shut = step(0.75, 1.0, closure);
        let from = if x.abs() >= 1.0 || y <= fold {
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
        // Part of the way: the lid's skin is drawn out, its line of lashes thickens. An eye that is
        // shut of itself has both already.
        let drawn = step(0.08, 0.40, closure) * step(0.03, 0.15, meet - upper);
        // Towards the canthi the lid's skin runs out.
        let arch = (1.0 - (x / 1.18).powi(2)).max(0.0).sqrt();
        let on_lid = step(upper - 0.90 * arch, upper - 0.50 * arch, from);
        let on_lid = on_lid * step(margin + 0.04, margin, y);
        let under = shut * step(margin - 0.02, margin + 0.02, y);
        let under = under * step(0.30 * arch, 0.12 * arch, y - margin);
        let skin = drawn * ends * on_lid.max(under);
        // Never so thin that the pixels lose it.
        let width = |least: f32| least.max(0.7 * self.pixel);
        let thick = 0.5 + 0.5 * arch;
        let line = width(thick * if y < margin { 0.07 } else { 0.07 + 0.02 * shut });
        let lash = drawn * step(1.15, 0.80, x.abs()) * bell((y - margin) / line);
        let down = (0.2 + (y - upper + 0.45) / (lower - upper + 0.70).max(0.1)).clamp(0.0, 1.0);
        // The grain of the skin below the eye, to and fro over the height that it has there.
        let stripe = (y - margin).abs() % 0.6;
        let grain = self.back([x.clamp(-1.0, 1.0), lower + 0.25 + stripe.min(0.6 - stripe)]);
        LidPoint { from: self.back([x, from]), skin, lash, grain, along: x, down }
    }
}

/// Blue, green and red together.
fn bright(colour: &Colour) -> f32 {
    colour.iter().sum()
}
