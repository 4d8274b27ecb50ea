//! The lids of one eye, read from its own picture.
//!
//! What an eye looks like when its lid comes down follows from what it looks like open: the
//! lid's edge with its lashes moves down, the skin above it unfolds after it, what lies below
//! stays until it is covered. Such pictures are made for several steps of the way, and the one
//! that is most like the eye in the frame tells how far the lid has come. Where none is like it,
//! something else is there.

use super::super::LidPicture;
use super::eye_picture::{EyePicture, HEIGHT, PIXELS, WIDTH, likeness, normalize};

/// Steps of the lid's way for which a picture is made, and the last of them beyond the closure, so
/// that the best step has a neighbour.
const STEPS: usize = 8;
const STEP: f32 = 0.15;

/// Opening over the level from which an eye counts as open, and below which as shut.
const OPEN: f32 = 0.85;
const SHUT: f32 = 0.45;

/// Opening over fissure width from which lids may be open before the eye was seen open (measured:
/// open lids of the shared recordings read 0.2 to 0.4, shut ones up to 0.12).
const MAY_BE_OPEN: f32 = 0.15;

/// Time constants of the level of the opening, rising and falling, and of the open picture,
/// seconds (judgment).
const RISES_S: f64 = 0.3;
const FALLS_S: f64 = 30.0;
const LEARNS_S: f64 = 5.0;

/// The same of the shut picture: some blinks.
const SHUT_S: f64 = 0.5;

/// Time between two makings of the pictures, seconds.
const MADE_EVERY_S: f64 = 0.5;

/// The lids of one eye, as far as they are known.
#[derive(Debug, Default)]
pub(super) struct Lids {
    /// Level of the mesh's opening.
    level: f32,
    open: Option<EyePicture>,
    open_s: f64,
    /// Pictures of the lid on its way.
    steps: Vec<[f32; PIXELS]>,
    made_s: f64,
    /// The shut eye, once it has been seen.
    shut: Option<[f32; PIXELS]>,
}

impl Lids {
    /// Reads a picture; `None` before the open eye is known.
    pub(super) fn read(&self, picture: &EyePicture) -> Option<LidPicture> {
        let all: Vec<f32> = self.steps.iter().map(|step| likeness(step, &picture.grey)).collect();
        let best = (0..all.len()).max_by(|&a, &b| all[a].total_cmp(&all[b]))?;
        // The top of a parabola through the best step and its neighbours.
        let beside = best.checked_sub(1).and_then(|i| all.get(i)).zip(all.get(best + 1));
        let off = beside.map_or(0.0, |(before, after)| {
            let bend = before + after - 2.0 * all[best];
            if bend < -1e-6 { (0.5 * (before - after) / bend).clamp(-0.5, 0.5) } else { 0.0 }
        });
        let closed = ((best as f32 + off) * STEP).clamp(0.0, 1.0);
        let shut = self.shut.as_ref().map(|shut| likeness(shut, &picture.grey));
        let likeness = shut.map_or(all[best], |shut| shut.max(all[best]));
        Some(LidPicture { closed, likeness })
    }

    /// Learns from a picture of the eye that is surely seen.
    pub(super) fn learn(&mut self, picture: &EyePicture, dt: f64, time_s: f64) {
        // Shut eyes at the beginning are no open ones.
        if self.open.is_none() && picture.opening < MAY_BE_OPEN {
            return;
        }
        let rises = picture.opening > self.level;
        let constant_s = if rises { RISES_S } else { FALLS_S };
        self.level += gain(dt, constant_s) * (picture.opening - self.level);
        if self.open.is_none() {
            self.level = picture.opening;
        }
        if picture.opening < SHUT * self.level {
            match &mut self.shut {
                None => self.shut = Some(picture.grey),
                Some(shut) => {
                    let gain = gain(dt, SHUT_S);
                    shut.iter_mut()
                        .zip(&picture.grey)
                        .for_each(|(own, new)| *own += gain * (new - *own));
                    normalize(shut, 0.1);
                }
            }
        }
        if picture.opening < OPEN * self.level {
            return;
        }
        match &mut self.open {
            None => self.open = Some(picture.clone()),
            Some(open) => {
                self.open_s += dt;
                let gain = gain(dt, LEARNS_S.min(self.open_s + dt));
                let mix = |own: &mut f32, new: &f32| *own += gain * (new - *own);
                open.grey.iter_mut().zip(&picture.grey).for_each(|(own, new)| mix(own, new));
                open.upper.iter_mut().zip(&picture.upper).for_each(|(own, new)| mix(own, new));
                open.lower.iter_mut().zip(&picture.lower).for_each(|(own, new)| mix(own, new));
            }
        }
        if self.steps.is_empty() || time_s - self.made_s >= MADE_EVERY_S {
            self.made_s = time_s;
            self.make();
        }
    }

    /// Makes the pictures of the lid on its way.
    fn make(&mut self) {
        let Some(open) = &self.open else { return };
        self.steps = (0..STEPS).map(|step| lowered(open, step as f32 * STEP)).collect();
    }
}

/// The picture with the upper lid down by a part of its way.
fn lowered(open: &EyePicture, part: f32) -> [f32; PIXELS] {
    let at = |x: usize, y: f32| {
        let y = y.clamp(0.0, (HEIGHT - 1) as f32 - 1e-3);
        let (row, rest) = (y as usize, y.fract());
        let upper = open.grey[row * WIDTH + x];
        upper + rest * (open.grey[(row + 1) * WIDTH + x] - upper)
    };
    let mut lowered = [0.0; PIXELS];
    for x in 0..WIDTH {
        let (upper, lower) = (open.upper[x], open.lower[x].max(open.upper[x]));
        let edge = upper + part * (lower - upper);
        for y in 0..HEIGHT {
            let row = y as f32;
            // The lashes go with the edge as they are, the skin above them unfolds.
            let from = if row > edge + LASHES {
                row
            } else if row > edge - LASHES {
                row - edge + upper
            } else {
                (upper - LASHES).max(0.0) * row / (edge - LASHES).max(1.0)
            };
            lowered[y * WIDTH + x] = at(x, from);
        }
    }
    normalize(&mut lowered, 0.1);
    lowered
}

/// Half the thickness of the lid's edge with its lashes, rows.
const LASHES: f32 = 1.0;

fn gain(dt: f64, constant_s: f64) -> f32 {
    (1.0 - (-dt / constant_s.max(1e-3)).exp()) as f32
}
