//! The skin's own look: colour, gloss, pores and creases, painted once for a person on the
//! head's texture so that all of it moves with the skin.

use rayon::prelude::*;

use super::brow::Brows;
use super::fields::WRINKLES;
use super::hair::Hairline;
use super::head;
use super::lids::Lids;
use super::noise::{cloudy, scattered, smooth};
use super::palette::Palette;
use super::shape::{EYE_X, FISSURE, Shape};
use super::vector::{V3, bell, bell2, step, v3};
use crate::synth::Person;

/// What the texture holds at one place.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Texel {
    /// Square roots of the linear colour, 0 to 255.
    colour: [u8; 3],
    gloss: u8,
    /// Slope of pores and standing creases, sideways and down, in [`SLOPE`].
    slope: [i8; 2],
    /// Slope of the wrinkles that come with contraction.
    fold: [i8; 2],
    /// How much those darken.
    dark: u8,
    /// Kind of wrinkle, [`WRINKLES`] where none.
    kind: u8,
}

const SLOPE: f32 = 1.5 / 127.0;

/// What the shader reads.
#[derive(Debug, Clone, Copy)]
pub(crate) struct SkinSample {
    pub(crate) colour: V3,
    pub(crate) gloss: f32,
    pub(crate) slope: [f32; 2],
    pub(crate) fold: [f32; 2],
    pub(crate) dark: f32,
    pub(crate) kind: usize,
}

/// The painted skin.
#[derive(Debug)]
pub(crate) struct Skin {
    texels: Vec<Texel>,
    size: usize,
}

/// Everything the painting of one place needs.
struct Ground<'a> {
    shape: &'a Shape,
    palette: &'a Palette,
    lids: Lids,
    brows: Brows,
    hairline: Hairline,
    age: f32,
    texture: f32,
    seed: u32,
}

/// One place before slopes are taken.
#[derive(Clone, Copy)]
struct Place {
    at: V3,
    colour: V3,
    gloss: f32,
    height: f32,
    fold: f32,
    kind: u8,
}

impl Skin {
    /// Paints `size` by `size` places.
    pub(crate) fn paint(
        shape: &Shape,
        palette: &Palette,
        person: &Person,
        seed: u64,
        size: usize,
    ) -> Self {
        let ground = Ground {
            shape,
            palette,
            lids: Lids::new(shape.eye_size()),
            brows: Brows::new(person.brow_thickness as f32, seed),
            hairline: Hairline::new(person.hair_style),
            age: person.age as f32,
            texture: person.skin_texture as f32,
            seed: seed as u32 ^ (seed >> 32) as u32,
        };
        let places: Vec<Place> = (0..size * size)
            .into_par_iter()
            .map(|i| {
                let u = 2.0 * ((i % size) as f32 + 0.5) / size as f32 - 1.0;
                let v = ((i / size) as f32 + 0.5) / size as f32;
                ground.place(head::angle(u), head::stretch(v))
            })
            .collect();
        let texels = (0..size * size)
            .into_par_iter()
            .map(|i| {
                let (column, row) = (i % size, i / size);
                let here = &places[i];
                let right = &places[row * size + (column + 1).min(size - 1)];
                let left = &places[row * size + column.saturating_sub(1)];
                let below = &places[(row + 1).min(size - 1) * size + column];
                let above = &places[row.saturating_sub(1) * size + column];
                let across = (right.at - left.at).length().max(1e-4);
                let down = (below.at - above.at).length().max(1e-4);
                let byte = |s: f32| (s / SLOPE).round().clamp(-127.0, 127.0) as i8;
                let unit = |c: f32| (255.0 * c.clamp(0.0, 1.0)).round() as u8;
                Texel {
                    colour: [here.colour.x, here.colour.y, here.colour.z]
                        .map(|c| unit(c.max(0.0).sqrt())),
                    gloss: unit(here.gloss),
                    slope: [
                        byte((right.height - left.height) / across),
                        byte((below.height - above.height) / down),
                    ],
                    fold: [
                        byte((right.fold - left.fold) / across),
                        byte((below.fold - above.fold) / down),
                    ],
                    dark: unit(-here.fold / 0.012),
                    kind: here.kind,
                }
            })
            .collect();
        Self { texels, size }
    }

    /// The skin at a place of the texture, both coordinates 0 to 1.
    pub(crate) fn at(&self, u: f32, v: f32) -> SkinSample {
        let last = (self.size - 1) as f32;
        let x = (u * self.size as f32 - 0.5).clamp(0.0, last);
        let y = (v * self.size as f32 - 0.5).clamp(0.0, last);
        let (i, j) = ((x as usize).min(self.size - 2), (y as usize).min(self.size - 2));
        let (fx, fy) = (x - i as f32, y - j as f32);
        let near = &self.texels[j * self.size + i..];
        let four = [&near[0], &near[1], &near[self.size], &near[self.size + 1]];
        let weights = [(1.0 - fx) * (1.0 - fy), fx * (1.0 - fy), (1.0 - fx) * fy, fx * fy];
        let mut sum = [0.0_f32; 9];
        for (t, w) in four.into_iter().zip(weights) {
            let values = [
                f32::from(t.colour[0]),
                f32::from(t.colour[1]),
                f32::from(t.colour[2]),
                f32::from(t.gloss),
                f32::from(t.slope[0]),
                f32::from(t.slope[1]),
                f32::from(t.fold[0]),
                f32::from(t.fold[1]),
                f32::from(t.dark),
            ];
            for (s, value) in sum.iter_mut().zip(values) {
                *s += w * value;
            }
        }
        let square = |c: f32| (c / 255.0) * (c / 255.0);
        SkinSample {
            colour: v3(square(sum[0]), square(sum[1]), square(sum[2])),
            gloss: sum[3] / 255.0,
            slope: [sum[4] * SLOPE, sum[5] * SLOPE],
            fold: [sum[6] * SLOPE, sum[7] * SLOPE],
            dark: sum[8] / 255.0,
            kind: usize::from(near[0].kind),
        }
    }
}

impl Ground<'_> {
    fn place(&self, angle: f32, row: f32) -> Place {
        let p = self.shape.at(angle, row);
        let (u, y) = (p.x.abs(), p.y);
        let front = step(0.0, 0.5, p.z);
        let mut colour = self.palette.skin;
        let mut height = 0.0;
        colour = colour.times(self.regions(u, y, front));
        self.mottle(p, &mut colour, &mut height);
        height += self.standing_creases(p.x, u, y) * front;
        let mut gloss = 0.30
            + 0.25 * bell2(u / 0.14, (y - self.shape.nose_tip()) / 0.25)
            + 0.18 * bell2(u / 0.5, (y + 0.7) / 0.25)
            + 0.10 * bell2((u - 0.6) / 0.2, (y - 0.45) / 0.2);
        if front > 0.0 {
            self.eye_region(u, y, &mut colour);
            let lips = self.lips(p.x, u, y, row, &mut colour, &mut height);
            gloss += 0.35 * lips;
            self.nostrils(u, y, &mut colour);
            let hair = self.brows.at(p.x, y);
            // Brow hairs lie over the skin and hide its gloss; white ones let it through.
            let alpha = hair.alpha * (1.0 - 0.75 * self.palette.hair.y);
            colour = colour.mix(self.palette.hair * 1.15, alpha);
            gloss *= 1.0 - alpha;
            height += 0.006 * hair.alpha;
        }
        // Hair shines through along its edge.
        let inside = self.hairline.inside(angle, y);
        let stubble = 0.85 * step(-0.12, 0.10, inside + 0.04 * smooth(p * 14.0, self.seed ^ 77));
        colour = colour.mix(self.palette.hair, stubble);
        gloss *= 1.0 - 0.8 * stubble;
        let (fold, kind) = self.folds(p, u, y);
        Place { at: p, colour, gloss, height, fold: fold * front, kind }
    }

    /// Slow differences of colour over the face.
    fn regions(&self, u: f32, y: f32, front: f32) -> V3 {
        let below = |y: f32| self.shape.below(y);
        let flush = 0.75 * bell2((u - 0.60) / 0.24, (y - below(0.62)) / 0.22)
            + 0.7 * bell2(u / 0.17, (y - self.shape.nose_tip()) / 0.16)
            + 0.3 * bell2(u / 0.3, (y - below(1.62)) / 0.16)
            + 0.25 * bell2(u / 0.5, (y - below(1.1)) / 0.2);
        let shade = (0.30 + 0.35 * self.age) * bell2((u - 0.42) / 0.22, (y - 0.20) / 0.07)
            + 0.30 * bell2((u - 0.22) / 0.08, (y - 0.05) / 0.12)
            + 0.22 * bell2((u - 0.50) / 0.24, (y + 0.12) / 0.08);
        let white = v3(1.0, 1.0, 1.0);
        white
            .mix(self.palette.flush, flush * front)
            .times(white.mix(self.palette.spot, (0.55 * shade).min(0.6) * front))
    }

    /// Blotches, fine mottling, spots and pores.
    fn mottle(&self, p: V3, colour: &mut V3, height: &mut f32) {
        let s = self.seed;
        let t = self.texture;
        let blotch = cloudy(p * 2.4, s);
        let patch = cloudy(p * 8.5, s ^ 0x51);
        let fine = smooth(p * 24.0, s ^ 0x52) + 0.8 * smooth(p * 47.0, s ^ 0x53);
        let grain = smooth(p * 95.0, s ^ 0x54);
        let light = 1.0 + t * (0.025 * blotch + 0.045 * patch + 0.048 * fine + 0.03 * grain);
        let red = t * (0.03 * cloudy(p * 3.1, s ^ 0x55) + 0.025 * smooth(p * 17.0, s ^ 0x56));
        *colour = v3(
            colour.x * light * (1.0 + 0.5 * red),
            colour.y * light * (1.0 - red),
            colour.z * light * (1.0 - red),
        );
        // Freckles and spots of a few sizes; moles are few.
        for (scale, share, radius, dark, salt) in [
            (9.0_f32, 0.55, 0.16, 0.20, 3_u32),
            (5.0, 0.35, 0.12, 0.30, 5),
            (2.6, 0.14, 0.055, 0.75, 7),
        ] {
            let (d, which) = scattered(p * scale, s.wrapping_add(salt));
            if which < share {
                let size = radius * (0.55 + which / share);
                let spot = t * dark * (0.5 + 0.5 * self.age) * step(size, 0.35 * size, d);
                *colour = colour.times(v3(1.0, 1.0, 1.0).mix(self.palette.spot, spot.min(1.0)));
            }
        }
        let (pore, _) = scattered(p * 42.0, s ^ 0x91);
        let dimple = step(0.55, 0.1, pore);
        *height -= 0.0011 * t * dimple;
        *height +=
            0.0010 * t * smooth(p * 60.0, s ^ 0x92) + 0.0022 * t * smooth(p * 21.0, s ^ 0x93);
        *colour = *colour * (1.0 - 0.05 * t * dimple);
    }

    /// Creases that age leaves standing.
    fn standing_creases(&self, x: f32, u: f32, y: f32) -> f32 {
        let a = self.age;
        let wave = 0.025 * smooth(v3(x * 2.5, y * 3.0, 1.0), self.seed ^ 0xa1);
        let line = |d: f32, w: f32| bell(d / w);
        let brow_lines = [-0.60, -0.74, -0.88].iter().fold(0.0, |sum, at| {
            let uneven = 0.6 + 0.6 * smooth(v3(x * 3.0, *at * 9.0, 0.0), self.seed ^ 0xa2);
            sum + uneven * line(y - at - wave - 0.03 * u * u, 0.012)
        }) * step(0.85, 0.5, u);
        let frown = line(u - 0.10 - 0.1 * (y + 0.35), 0.011)
            * step(-0.52, -0.45, y)
            * step(-0.20, -0.28, y);
        let m = self.shape.mouth_half();
        let marionette = line(u - m - 0.06 - 0.12 * (y - self.shape.below(1.2)), 0.016)
            * step(self.shape.below(1.20), self.shape.below(1.26), y)
            * step(self.shape.below(1.52), self.shape.below(1.38), y);
        let under_eye = line(y - 0.165 + 0.16 * (u - 0.48).powi(2) * 4.0, 0.012)
            * step(0.22, 0.32, u)
            * step(0.74, 0.60, u);
        let crow = crow_feet(self.lids_corner(), u, y, self.seed).min(0.0);
        let fine_line =
            0.0012 * smooth(v3(x * 10.0, y * 70.0, 5.0), self.seed ^ 0xa3) * step(-0.5, -0.6, y);
        -0.0075 * a * brow_lines
            - 0.007 * a * frown
            - 0.008 * a * marionette
            - 0.0065 * a * under_eye
            + 0.45 * a * crow
            + a * fine_line
    }

    fn lids_corner(&self) -> f32 {
        EYE_X + FISSURE * self.shape.eye_size()
    }

    /// Skin of the shut lids, a little darker and redder towards the margins.
    fn eye_region(&self, u: f32, y: f32, colour: &mut V3) {
        let along = self.lids.along(u);
        if along.abs() > 1.25 || y.abs() > 0.4 {
            return;
        }
        let m = self.lids.margins(along, 0.0, 0.0);
        let fade = step(1.2, 0.85, along.abs());
        let upper = fade * step(m.crease - 0.05, m.shut - 0.03, y) * step(m.shut + 0.01, m.shut, y);
        let lower = fade * step(m.shut, m.shut + 0.01, y) * step(m.shut + 0.13, m.shut + 0.04, y);
        let white = v3(1.0, 1.0, 1.0);
        let tint = white.mix(self.palette.spot, 0.5).times(white.mix(self.palette.flush, 0.7));
        *colour = colour.times(white.mix(tint, (0.7 * upper + 0.55 * lower).min(1.0)));
    }

    /// Colours the lips and returns how much lip there is.
    fn lips(&self, x: f32, u: f32, y: f32, row: f32, colour: &mut V3, height: &mut f32) -> f32 {
        let m = self.shape.mouth_half();
        if u > m * 1.06 || !(1.6..=2.8).contains(&row) {
            return 0.0;
        }
        let full = self.shape.lip_fullness();
        let t = (1.0 - (u / m).powi(2)).max(0.0);
        let above = 0.102 * full * t.powf(0.75) * (1.0 - 0.22 * bell(u / 0.045));
        let below = 0.122 * full * t.powf(0.62);
        let d = y - self.shape.lip_line(x);
        let wobble = 0.006 * smooth(v3(x * 22.0, y * 4.0, 2.0), self.seed ^ 0xb1);
        let lip = if d < 0.0 {
            step(-above - 0.012, -above + 0.010, d + wobble)
        } else {
            step(below + 0.016, below - 0.014, d + wobble)
        } * step(1.04, 0.97, u / m);
        let white = v3(1.0, 1.0, 1.0);
        // The upper lip is darker than the lower.
        let tint = self.palette.lips * if d < 0.0 { 0.88 } else { 1.0 };
        let lines = smooth(v3(x * 46.0, y * 5.0, 3.0), self.seed ^ 0xb2);
        *colour = colour.times(white.mix(tint * (1.0 + 0.10 * lines), lip));
        *height += lip * 0.0022 * lines;
        // Dark line where the lips meet, darkest at the corners.
        let meet = bell(d / 0.011) * step(1.10, 0.98, u / m);
        let corner = 0.5 * bell2((u - m) / 0.03, d / 0.018);
        *colour = colour.times(white.mix(v3(0.30, 0.16, 0.15), (0.75 * meet + corner).min(0.9)));
        // A thin pale rim around the lips.
        let rim = bell((d + above) / 0.014) * t.sqrt() + 0.6 * bell((d - below) / 0.016) * t.sqrt();
        *colour = *colour * (1.0 + 0.05 * rim);
        lip
    }

    fn nostrils(&self, u: f32, y: f32, colour: &mut V3) {
        let w = self.shape.nose_width();
        let tip = self.shape.nose_tip();
        let hole =
            bell2((u - 0.098 * w) / (0.040 * w), (y - 1.165 * tip - 0.1 * (u - 0.098)) / 0.021);
        let wing = bell2((u - 0.268 * w) / 0.016, (y - 1.06 * tip) / 0.06)
            + bell2((u - 0.19 * w) / 0.07, (y - 1.175 * tip) / 0.012);
        // The crease around the wing, from the tip over its top to the cheek.
        let (dx, dy) = (u - 0.172 * w, y - 1.06 * tip);
        let round = dx.hypot(dy * 0.95);
        let around = step(-0.9, 0.2, dx / round.max(1e-3)) * step(0.075, 0.03, dy);
        let crease = bell((round - 0.088 * w) / 0.017) * around;
        let wing = wing + 0.8 * crease;
        let white = v3(1.0, 1.0, 1.0);
        let dark = v3(0.10, 0.05, 0.04);
        *colour = colour
            .times(white.mix(dark, (1.15 * hole).min(0.96)))
            .times(white.mix(v3(0.45, 0.30, 0.27), (0.5 * wing).min(0.6)));
    }

    /// Height of the wrinkles that come with contraction, and their kind.
    fn folds(&self, p: V3, u: f32, y: f32) -> (f32, u8) {
        let below = |y: f32| self.shape.below(y);
        let crow = crow_feet(self.lids_corner(), u, y, self.seed);
        let wave = 0.03 * smooth(v3(p.x * 2.5, y * 3.0, 1.0), self.seed ^ 0xa1);
        let rows = (std::f32::consts::TAU * (y - wave - 0.03 * u * u) / 0.135).sin();
        let brow = 0.011
            * (rows.abs().powf(0.6) * rows.signum())
            * step(-0.48, -0.58, y)
            * step(-1.0, -0.86, y)
            * step(0.95, 0.6, u);
        let (beside, along) = self.shape.nasolabial(u, y);
        let m = self.shape.mouth_half();
        let dimple = bell2(
            (u - m - 0.15 - 0.25 * (y - below(1.15)).powi(2)) / 0.02,
            (y - below(1.13)) / 0.12,
        );
        let cheek = along
            * along
            * (-0.013 * bell(beside / 0.042) + 0.014 * bell((beside - 0.085) / 0.055))
            - 0.012 * dimple;
        let chin = 0.012
            * smooth(v3(p.x * 13.0, y * 13.0, 4.0), self.seed ^ 0xc1)
            * bell2((u - 0.18) / 0.17, (y - below(1.58)) / 0.14);
        let bag = |at: f32, size: f32| {
            let arc = y - at - 0.35 * (u - 0.47).powi(2);
            -size * bell(arc / 0.011) + 0.5 * size * bell((arc + 0.025) / 0.014)
        };
        let lower = (bag(0.115, 0.008) + bag(0.170, 0.009) + bag(0.225, 0.006))
            * step(0.24, 0.36, u)
            * step(0.80, 0.64, u);
        let bunny = 0.007
            * (std::f32::consts::TAU * (y - 0.6 * u) / 0.075).sin()
            * bell2((u - 0.13) / 0.05, (y - 0.22) / 0.10);
        [crow, brow, cheek, chin, lower + bunny]
            .into_iter()
            .enumerate()
            .max_by(|a, b| a.1.abs().total_cmp(&b.1.abs()))
            .map_or((0.0, WRINKLES as u8), |(kind, fold)| (fold, kind as u8))
    }
}

/// Lines that fan out from the outer canthus.
fn crow_feet(corner: f32, u: f32, y: f32, seed: u32) -> f32 {
    let (dx, dy) = (u - corner + 0.05, y - 0.0);
    let r = dx.hypot(dy);
    if dx <= 0.0 || r > 0.6 {
        return 0.0;
    }
    let fan = dy.atan2(dx) + 0.12 * smooth(v3(r * 9.0, dy * 3.0, 0.0), seed ^ 0xd1);
    let lines = (13.0 * fan + 0.6).sin();
    let there = step(0.08, 0.20, r) * step(0.42, 0.22, r) * step(1.05, 0.55, fan.abs());
    0.008 * there * (lines.abs().powf(0.7) * lines.signum() - 0.3)
}
