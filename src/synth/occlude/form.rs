//! What a thing before the face looks like: its outline and its parts, in face units around its
//! middle, x away from the facial midline, y down.

use super::Point;
use crate::synth::paint::vector::{bell, step};
use crate::synth::scenario::OccluderKind;

/// What is seen of a thing at one place.
#[derive(Debug, Clone, Copy)]
pub(super) struct Seen {
    /// Distance to its outline, negative inside, face units.
    pub(super) outside: f32,
    /// Brightness over its colour's.
    pub(super) shade: f32,
    /// Which of its colours.
    pub(super) part: Part,
    /// How much of what is behind it hides, 0 to 1.
    pub(super) dense: f32,
}

/// Which colour a part has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Part {
    /// The thing's own.
    Own,
    /// Dark wood, straps, gaps.
    Dark,
    /// Bare metal.
    Metal,
}

const fn part(outside: f32, shade: f32, part: Part) -> Seen {
    Seen { outside, shade, part, dense: 1.0 }
}

/// The nearer of two parts; the later one lies on top where both hide.
fn over(below: Seen, above: Seen) -> Seen {
    if above.outside <= 0.0 || above.outside < below.outside { above } else { below }
}

/// Distance to a stretch of a line with round ends, and how far across it the place lies (1 at
/// the edge).
fn rod(p: Point, from: Point, to: Point, radius: f32) -> (f32, f32) {
    let (dx, dy) = (to[0] - from[0], to[1] - from[1]);
    let (px, py) = (p[0] - from[0], p[1] - from[1]);
    let t = ((px * dx + py * dy) / (dx * dx + dy * dy).max(1e-9)).clamp(0.0, 1.0);
    let d = (px - t * dx).hypot(py - t * dy);
    (d - radius, d / radius)
}

/// Distance to an oval, good near its outline.
fn oval(p: Point, middle: Point, half: Point) -> (f32, f32) {
    let r = ((p[0] - middle[0]) / half[0]).hypot((p[1] - middle[1]) / half[1]);
    ((r - 1.0) * half[0].min(half[1]), r)
}

/// Brightness of something round at part `r` of its radius.
fn round(r: f32) -> f32 {
    0.62 + 0.38 * (1.0 - r.min(1.0).powi(2)).sqrt()
}

fn limb(p: Point, from: Point, to: Point, radius: f32) -> Seen {
    let (outside, across) = rod(p, from, to, radius);
    part(outside, round(across), Part::Own)
}

pub(super) fn look(kind: OccluderKind, p: Point) -> Seen {
    match kind {
        OccluderKind::Hand => hand(p),
        OccluderKind::Fingers => {
            let nail = |tip: Point| {
                let (outside, _) = oval(p, [tip[0] + 0.012, tip[1] + 0.012], [0.028, 0.024]);
                part(outside, 1.12, Part::Own)
            };
            let first = over(limb(p, [0.42, 0.90], [0.0, 0.02], 0.058), nail([0.0, 0.02]));
            let second = limb(p, [0.52, 0.84], [0.11, -0.03], 0.058);
            over(over(second, nail([0.11, -0.03])), first)
        }
        OccluderKind::Brush => brush(p),
        // From the bridge of the nose to below the chin.
        OccluderKind::Mask => mask([p[0] / 1.25, p[1] / 1.25]),
        OccluderKind::Patch => {
            let (outside, r) = oval(p, [0.0, 0.0], [0.23, 0.18]);
            let (strap, _) = rod(p, [-1.0, -0.62], [0.62, 0.30], 0.012);
            over(part(strap, 0.8, Part::Dark), part(outside, 0.75 + 0.3 * round(r), Part::Own))
        }
        OccluderKind::Hair => hair(p),
        OccluderKind::Cup => {
            let wide = 0.20 - 0.02 * p[1];
            let body = (p[0].abs() - wide).max(p[1].abs() - 0.24);
            let (ring, _) = oval(p, [0.27, 0.02], [0.10, 0.13]);
            let (hole, _) = oval(p, [0.27, 0.02], [0.065, 0.09]);
            let body =
                part(body, 0.55 + 0.45 * (1.0 - (p[0] / wide - 0.3).powi(2)).max(0.0), Part::Own);
            over(part(ring.max(-hole), 0.7, Part::Own), body)
        }
        OccluderKind::Oval => part(oval(p, [0.0, 0.0], [0.26, 0.19]).0, 1.0, Part::Own),
        OccluderKind::Glare => {
            let (outside, r) = oval([p[0] + 0.3 * p[1], p[1]], [0.0, 0.0], [0.22, 0.15]);
            Seen { dense: 0.95 * step(1.0, 0.55, r), ..part(outside, 1.0, Part::Own) }
        }
    }
}

/// The back of a hand, fingers up.
fn hand(p: Point) -> Seen {
    let arm = limb(p, [0.10, 0.42], [0.34, 1.40], 0.155);
    let (palm, r) = oval(p, [0.03, 0.20], [0.215, 0.235]);
    let mut seen = over(arm, part(palm, 0.75 + 0.25 * round(r), Part::Own));
    seen = over(seen, limb(p, [-0.10, 0.22], [-0.28, 0.02], 0.052));
    for i in 0..4 {
        let i = i as f32;
        let tip = -0.30 + 0.03 * (i - 1.4).powi(2);
        seen = over(seen, limb(p, [-0.115 + 0.095 * i, 0.10], [-0.15 + 0.105 * i, tip], 0.047));
    }
    seen
}

fn brush(p: Point) -> Seen {
    let (handle, across) = rod(p, [0.10, 0.16], [0.62, 0.95], 0.022);
    let (neck, around) = rod(p, [0.03, 0.05], [0.11, 0.17], 0.048);
    let (bristles, side) = rod(p, [-0.11, -0.15], [0.03, 0.05], 0.105);
    let streak = 0.85 + 0.15 * (190.0 * (p[0] * 0.78 - p[1] * 0.62)).sin();
    let wood = part(handle, round(across), Part::Dark);
    let metal = part(neck, round(around), Part::Metal);
    over(over(wood, part(bristles, streak * round(0.8 * side), Part::Own)), metal)
}

/// A surgical mask around the mouth's middle.
fn mask(p: Point) -> Seen {
    let down = ((p[1] + 0.36) / 0.84).clamp(0.0, 1.0);
    let wide = 0.50 - 0.20 * down * down;
    // The upper edge rises over the nose.
    let top = -0.30 - 0.09 * bell(p[0] / 0.13);
    let body = (p[0].abs() - wide).max(top - p[1]).max(p[1] - 0.48);
    let pleat = [-0.12, 0.02, 0.16].iter().map(|y| bell((p[1] - y) / 0.010)).sum::<f32>();
    let bend = 1.0 - 0.35 * (p[0] / 0.52).powi(2);
    // Both straps of a side hang on its ear.
    let straps = [1.0_f32, -1.0].map(|s| {
        let above = rod(p, [s * 0.46, -0.26], [s * 0.57, -0.50], 0.010).0;
        above.min(rod(p, [s * 0.38, 0.30], [s * 0.57, -0.28], 0.010).0)
    });
    let strap = part(straps[0].min(straps[1]), 1.1, Part::Own);
    over(strap, part(body, bend * (1.0 - 0.22 * pleat.min(1.0)), Part::Own))
}

/// Strands that fall over the place from above.
fn hair(p: Point) -> Seen {
    let mut seen = part(f32::INFINITY, 1.0, Part::Own);
    for i in 0..22 {
        let i = i as f32;
        let root = -0.26 + 0.025 * i + 0.012 * (5.1 * i).sin();
        let x = root + 0.05 * (3.0 * p[1] + 1.7 * i).sin() + 0.16 * p[1];
        let end = 0.20 + 0.14 * (2.3 * i).sin();
        let outside = ((p[0] - x).abs() - 0.011).max(p[1] - end).max(-0.75 - p[1]);
        seen = over(seen, part(outside, 0.75 + 0.35 * (7.7 * i).sin().abs(), Part::Own));
    }
    seen
}
