//! The colour of one pixel.

use super::eye::Seen as EyePart;
use super::fields::WRINKLES;
use super::glasses;
use super::hair;
use super::mouth;
use super::raster::{Corner, Face, Material, SUPER, Seen, between};
use super::scene::Scene;
use super::vector::{V3, bell, step, v3};

/// Light of one pixel: the mean of its points, `wall` where nothing stands.
pub(crate) fn pixel(scene: &Scene, seen: &Seen, x: usize, y: usize, wall: V3) -> V3 {
    let at = |i: usize, j: usize| seen.faces[(y * SUPER + j) * seen.width + x * SUPER + i];
    let four = [at(0, 0), at(1, 0), at(0, 1), at(1, 1)];
    if four == [0; 4] {
        return wall;
    }
    let material = |number: u32| number.checked_sub(1).map(|i| scene.faces[i as usize].material);
    let first = material(four[0]);
    if let (Some(material), true) =
        (first, four.iter().all(|n| material(*n) == first) && seen.is_one_sheet(x, y))
    {
        // Inside one surface its texture is already as fine as the points: fewer are enough,
        // but for the sharp lines of the lids.
        let face = &scene.faces[four[0] as usize - 1];
        let sample = |dx: f32, dy: f32| {
            let (px, py) = ((x * SUPER) as f32 + dx, (y * SUPER) as f32 + dy);
            between(&scene.corners, face, px, py)
        };
        match material {
            Material::Skin => {
                let c = sample(1.0, 1.0);
                if !scene.near_lids(c.front) {
                    let (a, b) = (sample(0.6, 0.6), sample(1.4, 1.4));
                    return (point(scene, face, &a) + point(scene, face, &b)) * 0.5;
                }
            }
            Material::Shirt | Material::Neck | Material::Ear | Material::Hair => {
                return point(scene, face, &sample(1.0, 1.0));
            }
            Material::Mouth | Material::Frame => {}
        }
    }
    let mut sum = V3::default();
    for (k, number) in four.into_iter().enumerate() {
        let Some(i) = number.checked_sub(1) else {
            sum += wall;
            continue;
        };
        let px = (x * SUPER + k % 2) as f32 + 0.5;
        let py = (y * SUPER + k / 2) as f32 + 0.5;
        let face = &scene.faces[i as usize];
        sum += point(scene, face, &between(&scene.corners, face, px, py));
    }
    sum * (1.0 / (SUPER * SUPER) as f32)
}

fn point(scene: &Scene, face: &Face, c: &Corner) -> V3 {
    let lamps = &scene.lamps;
    match face.material {
        Material::Skin => skin(scene, c),
        Material::Ear => {
            let colour = scene.palette.skin.times(scene.palette.flush);
            let grain = 1.0 + 0.05 * scene.grain(c.texture[0] * 12.0, c.texture[1] * 16.0);
            lamps.skin(colour * (0.93 * grain), c.normal, c.sky, c.lit, 0.25)
        }
        Material::Neck => {
            let at = |size: f32| scene.grain(c.front[0] * size, c.front[1] * size);
            let grain = 1.0 + 0.035 * at(5.0) + 0.045 * at(24.0);
            let lines = 0.06 * bell((c.front[1] - 2.30 - 0.05 * at(2.0)) / 0.015);
            lamps.skin(scene.palette.skin * (0.94 * grain - lines), c.normal, c.sky, c.lit, 0.18)
        }
        Material::Hair => {
            // Combed a little to one side.
            let [u, v] = c.texture;
            let (shade, gloss) = hair::strands(u + 0.10 * v * (0.6 - v), v, &scene.grain);
            let normal = if c.normal.z < 0.0 { -c.normal } else { c.normal };
            let down = v3(0.0, 1.0, 0.0) - normal * normal.y;
            let strand = (down.unit() + v3(0.25 * (gloss - 0.5), 0.0, 0.0)).unit();
            // The inside of the sheet lies in its own shade.
            let free = if c.normal.z < 0.0 { 0.25 } else { 1.0 };
            let colour = scene.palette.hair * shade.max(0.25);
            lamps.hair(colour, normal, strand, c.sky * free, c.lit * free)
        }
        Material::Shirt => {
            let knit = scene.grain(c.texture[0] * 260.0, c.front[1] * 60.0);
            let seam = 1.0 - 0.25 * bell((c.front[1] - 0.085) / 0.010);
            lamps.dull(scene.palette.clothes * ((1.0 + 0.06 * knit) * seam), c.normal, c.sky, c.lit)
        }
        Material::Mouth => {
            let light = 0.30 + 0.45 * step(-0.04, 0.05, c.front[1]);
            let colour = mouth::colour(c.front[0], c.front[1], scene.jaw_drop, scene.seed);
            lamps.dull(colour, v3(0.0, 0.0, 1.0), light, light)
        }
        Material::Frame => {
            let dark = v3(0.012, 0.012, 0.014);
            lamps.skin(dark, c.normal, 1.0, 1.0, 0.9)
        }
    }
}

/// Skin of the head with eyes, wrinkles and, where worn, lenses over it.
fn skin(scene: &Scene, c: &Corner) -> V3 {
    let [x, y] = c.front;
    let is_left = x > 0.0;
    let eye = if is_left { &scene.eyes.left } else { &scene.eyes.right };
    let (mut shift, mut dark, mut lash, mut slope, mut wet) = (0.0, 0.0, 0.0, 0.0, 0.0);
    // Behind the ears the frontal plane means nothing.
    if c.normal.z > -0.2 && scene.near_lids(c.front) {
        match eye.at(x, y, &scene.palette) {
            Some(EyePart::Ball { colour, normal, free, cornea }) => {
                let n = scene.turn.of(normal);
                let mirror = scene.turn.of(cornea);
                let lit = scene.lamps.eye(colour, n, free * (0.4 + 0.6 * c.sky), free * c.lit);
                let glint = scene.lamps.glint(mirror, 0.010) * (0.85 * free.min(1.0))
                    + v3(1.0, 1.0, 1.0) * (0.020 * free);
                return worn(scene, x, y, lit + glint);
            }
            Some(EyePart::Skin { shift: s, dark: d, lash: l, slope: k, wet: w }) => {
                (shift, dark, lash, slope, wet) = (s, d, l, k, w);
            }
            None => {}
        }
    }
    let sample = scene.skin.at(c.texture[0], c.texture[1] + shift * scene.texture_per_height);
    let wrinkle = if sample.kind < WRINKLES {
        let both = &scene.wrinkles[sample.kind];
        // Near the midline both sides pull.
        let left = step(-0.12, 0.12, x);
        both.left * left + both.right * (1.0 - left)
    } else {
        0.0
    };
    let along_x = v3(c.normal.z, 0.0, -c.normal.x).unit();
    let along_y = c.normal.cross(along_x);
    let across = sample.slope[0] + wrinkle * sample.fold[0];
    let down = sample.slope[1] + wrinkle * sample.fold[1] + slope;
    let normal = (c.normal - along_x * across - along_y * down).unit();
    let crease = 1.0 - 0.42 * (wrinkle * sample.dark).min(1.0);
    let deepened = v3(1.0, 0.88, 0.84).mix(v3(1.0, 1.0, 1.0), crease);
    let mut colour = sample.colour.times(deepened) * (crease * (1.0 - dark));
    colour = colour.mix(scene.palette.lashes, lash);
    // The pink of a wet rim shows less through pigment.
    let wet = wet * (1.0 - 0.6 * scene.palette.darkness);
    colour = colour.mix(v3(0.62, 0.40, 0.36), 0.35 * wet);
    let gloss = (sample.gloss + 0.9 * wet) * (1.0 - lash);
    worn(scene, x, y, scene.lamps.skin(colour, normal, c.sky, c.lit, gloss))
}

/// What a lens over the place changes.
fn worn(scene: &Scene, x: f32, y: f32, light: V3) -> V3 {
    if !scene.glasses || !(-0.5..0.6).contains(&y) {
        return light;
    }
    let rim = glasses::lens(x - 0.02 * scene.lamps.key.x, y - 0.05);
    let shadow = 1.0 - 0.22 * bell((rim - 1.0) / 0.05);
    if glasses::lens(x, y) < 1.0 {
        // A faint slanted reflection of a window.
        let band = step(0.10, 0.16, x + 0.55 * y - 0.32 * x.signum())
            * step(0.34, 0.28, x + 0.55 * y - 0.32 * x.signum());
        return light * (0.95 * shadow) + v3(1.0, 1.02, 1.05) * (0.012 + 0.022 * band);
    }
    light * shadow
}
