//! Who is painted: skin, eyes, proportions, hair and glasses.

use serde::{Deserialize, Serialize};

use super::scenario::{ScenarioError, within};

/// The painted person.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Person {
    /// Skin tone.
    pub skin: SkinTone,
    /// Colour of the iris.
    pub iris: IrisColour,
    /// Colour of hair and brows.
    pub hair: HairColour,
    /// Length of the hair.
    pub hair_style: HairStyle,
    /// Depth of creases and spots, 0 (twenty) to 1 (eighty). Default 0.5.
    pub age: f64,
    /// Glasses are worn. Default no.
    pub glasses: bool,
    /// Thickness of the brows relative to the usual, 0.5 to 1.6. Default 1.
    pub brow_thickness: f64,
    /// Proportions of the face relative to the usual.
    pub proportions: Proportions,
    /// Colour of the clothes, red, green, blue 0 to 255. Default a muted blue.
    pub clothes: [u8; 3],
    /// Colour of the wall behind, red, green, blue 0 to 255. Default a light grey.
    pub background: [u8; 3],
    /// How clearly pores and spots stand out from the skin, 0 to 2. Default 1.
    pub skin_texture: f64,
}

impl Default for Person {
    fn default() -> Self {
        Self {
            skin: SkinTone::Light,
            iris: IrisColour::Brown,
            hair: HairColour::DarkBrown,
            hair_style: HairStyle::Short,
            age: 0.5,
            glasses: false,
            brow_thickness: 1.0,
            proportions: Proportions::default(),
            clothes: [74, 88, 110],
            background: [196, 198, 200],
            skin_texture: 1.0,
        }
    }
}

impl Person {
    /// Checks that the values can be.
    pub(super) fn check(&self) -> Result<(), ScenarioError> {
        within("person.age", self.age, 0.0, 1.0)?;
        within("person.brow_thickness", self.brow_thickness, 0.3, 2.0)?;
        within("person.skin_texture", self.skin_texture, 0.0, 2.0)?;
        for (name, value) in self.proportions.named() {
            within(&format!("person.proportions.{name}"), value, 0.7, 1.3)?;
        }
        Ok(())
    }
}

/// Skin tone, from the palest to the darkest.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SkinTone {
    /// Very fair.
    Pale,
    /// Fair.
    #[default]
    Light,
    /// Olive.
    Olive,
    /// Tan to light brown.
    Tan,
    /// Brown.
    Brown,
    /// Very dark.
    Dark,
}

impl SkinTone {
    /// All tones, palest first.
    pub const ALL: [Self; 6] =
        [Self::Pale, Self::Light, Self::Olive, Self::Tan, Self::Brown, Self::Dark];
}

/// Colour of the iris.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum IrisColour {
    /// Brown.
    #[default]
    Brown,
    /// Hazel.
    Hazel,
    /// Green.
    Green,
    /// Blue.
    Blue,
    /// Grey.
    Grey,
}

impl IrisColour {
    /// All colours.
    pub const ALL: [Self; 5] = [Self::Brown, Self::Hazel, Self::Green, Self::Blue, Self::Grey];
}

/// Colour of hair and brows.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum HairColour {
    /// Black.
    Black,
    /// Dark brown.
    #[default]
    DarkBrown,
    /// Light brown.
    Brown,
    /// Blond.
    Blond,
    /// Grey.
    Grey,
    /// White.
    White,
}

impl HairColour {
    /// All colours.
    pub const ALL: [Self; 6] =
        [Self::Black, Self::DarkBrown, Self::Brown, Self::Blond, Self::Grey, Self::White];
}

/// Length of the hair.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum HairStyle {
    /// Close to the skull, ears free.
    #[default]
    Short,
    /// To the shoulders, parted.
    Long,
    /// None.
    Bald,
}

/// Proportions relative to the usual face; 1 is the usual, 0.85 to 1.15 the sensible range.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Proportions {
    /// Width of the face at the cheekbones.
    pub face_width: f64,
    /// Distance from the eyes to the chin.
    pub face_length: f64,
    /// Width of the jaw relative to the face.
    pub jaw_width: f64,
    /// Size of the lid fissure.
    pub eye_size: f64,
    /// Width of the nose.
    pub nose_width: f64,
    /// Length of the nose.
    pub nose_length: f64,
    /// Width of the mouth.
    pub mouth_width: f64,
    /// Height of the lips.
    pub lip_fullness: f64,
}

impl Proportions {
    /// Every proportion with its name, in the order of the fields.
    #[must_use]
    pub fn named(&self) -> [(&'static str, f64); 8] {
        [
            ("face_width", self.face_width),
            ("face_length", self.face_length),
            ("jaw_width", self.jaw_width),
            ("eye_size", self.eye_size),
            ("nose_width", self.nose_width),
            ("nose_length", self.nose_length),
            ("mouth_width", self.mouth_width),
            ("lip_fullness", self.lip_fullness),
        ]
    }
}

impl Default for Proportions {
    fn default() -> Self {
        Self {
            face_width: 1.0,
            face_length: 1.0,
            jaw_width: 1.0,
            eye_size: 1.0,
            nose_width: 1.0,
            nose_length: 1.0,
            mouth_width: 1.0,
            lip_fullness: 1.0,
        }
    }
}
