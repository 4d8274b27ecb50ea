//! Colours of a person, in linear light.

use super::vector::{V3, v3};
use crate::synth::{HairColour, IrisColour, Person, SkinTone};

/// Colours of a person.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Palette {
    pub(crate) skin: V3,
    /// Factor where blood shines through (cheeks, nose, ears).
    pub(crate) flush: V3,
    /// Factor of the lips on the skin.
    pub(crate) lips: V3,
    /// Factor of spots and shadows under the eyes.
    pub(crate) spot: V3,
    pub(crate) iris: V3,
    pub(crate) iris_rim: V3,
    pub(crate) hair: V3,
    pub(crate) lashes: V3,
    pub(crate) clothes: V3,
    pub(crate) wall: V3,
    /// 0 pale to 1 dark.
    pub(crate) darkness: f32,
}

/// Brown hair, as screens write it.
const BROWN_HAIR: [u8; 3] = [98, 72, 50];

/// Linear light of a colour as screens write it.
pub(crate) fn linear(rgb: [u8; 3]) -> V3 {
    let one = |c: u8| {
        let c = f32::from(c) / 255.0;
        if c <= 0.040_45 { c / 12.92 } else { ((c + 0.055) / 1.055).powf(2.4) }
    };
    v3(one(rgb[0]), one(rgb[1]), one(rgb[2]))
}

impl Palette {
    pub(crate) fn of(person: &Person) -> Self {
        let (skin, darkness) = match person.skin {
            SkinTone::Pale => ([238, 205, 187], 0.0),
            SkinTone::Light => ([226, 183, 157], 0.12),
            SkinTone::Olive => ([207, 164, 130], 0.3),
            SkinTone::Tan => ([184, 135, 100], 0.5),
            SkinTone::Brown => ([141, 95, 68], 0.75),
            SkinTone::Dark => ([92, 62, 47], 1.0),
        };
        let (iris, rim) = match person.iris {
            IrisColour::Brown => ([84, 52, 30], [38, 24, 16]),
            IrisColour::Hazel => ([118, 88, 48], [58, 48, 34]),
            IrisColour::Green => ([112, 122, 78], [52, 64, 52]),
            IrisColour::Blue => ([116, 146, 172], [46, 66, 92]),
            IrisColour::Grey => ([132, 142, 148], [60, 68, 76]),
        };
        let hair = match person.hair {
            HairColour::Black => [30, 27, 26],
            HairColour::DarkBrown => [58, 43, 34],
            HairColour::Brown => BROWN_HAIR,
            HairColour::Blond => [178, 143, 96],
            HairColour::Grey => [136, 133, 130],
            HairColour::White => [206, 203, 198],
        };
        let mix = |pale: V3, dark: V3| pale.mix(dark, darkness);
        Self {
            skin: linear(skin),
            flush: mix(v3(1.02, 0.84, 0.84), v3(1.03, 0.92, 0.90)),
            lips: mix(v3(0.86, 0.52, 0.54), v3(0.92, 0.66, 0.70)),
            spot: mix(v3(0.74, 0.60, 0.50), v3(0.62, 0.56, 0.52)),
            iris: linear(iris),
            iris_rim: linear(rim),
            hair: linear(hair),
            lashes: lashes(linear(hair)),
            clothes: linear(person.clothes),
            wall: linear(person.background),
            darkness,
        }
    }
}

/// Lashes seen edge on lie in their own shadow, and keep their pigment when the hair goes white: no
/// fairer than those of brown hair.
fn lashes(hair: V3) -> V3 {
    let brown = linear(BROWN_HAIR);
    let pigment = v3(hair.x.min(brown.x), hair.y.min(brown.y), hair.z.min(brown.z));
    pigment.times(v3(0.25, 0.22, 0.22)) + v3(0.008, 0.006, 0.005)
}
