//! The words of the field: sides, facial regions, the places that are measured, and the
//! landmark numbers that mark them.
//!
//! Sides are always the subject's own. In an unmirrored picture the subject's right is on
//! the image's left. Landmark numbers follow the 478-point attention mesh, whose names for
//! left and right are the subject's too.

use std::fmt;
use std::ops::{Index, IndexMut};

use serde::{Deserialize, Serialize};

/// The subject's own left or right.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Side {
    /// The subject's left (image right, unless the video is mirrored).
    Left,
    /// The subject's right (image left, unless the video is mirrored).
    Right,
}

impl Side {
    /// Both sides, left first.
    pub const BOTH: [Self; 2] = [Self::Left, Self::Right];

    /// The other side.
    #[must_use]
    pub const fn opposite(self) -> Self {
        match self {
            Self::Left => Self::Right,
            Self::Right => Self::Left,
        }
    }
}

impl fmt::Display for Side {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Left => "left",
            Self::Right => "right",
        })
    }
}

/// A facial region whose contractions are told apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Region {
    /// The lids and the skin around the eye (orbicularis oculi).
    Periocular,
    /// The cheek below the eye (zygomatic muscles, levator labii).
    Cheek,
    /// The corner of the mouth (zygomaticus, risorius, orbicularis oris).
    MouthCorner,
    /// Forehead and brow (frontalis).
    Forehead,
    /// Jaw and chin (masseter, mentalis).
    Jaw,
}

impl Region {
    /// All regions, in the order reports list them.
    pub const ALL: [Self; 5] =
        [Self::Periocular, Self::Cheek, Self::MouthCorner, Self::Forehead, Self::Jaw];

    /// The name used in files, e.g. `mouth_corner`.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Periocular => "periocular",
            Self::Cheek => "cheek",
            Self::MouthCorner => "mouth_corner",
            Self::Forehead => "forehead",
            Self::Jaw => "jaw",
        }
    }
}

impl fmt::Display for Region {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// A region on one side, or the jaw's midline: one measured place, one signal.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Place {
    /// The region.
    pub region: Region,
    /// The side; `None` is the midline, which only the jaw has.
    pub side: Option<Side>,
}

impl Place {
    /// Number of places.
    pub const COUNT: usize = 11;

    /// All places: every region left then right, the jaw's midline last.
    pub const ALL: [Self; Self::COUNT] = {
        let mut all = [Self { region: Region::Jaw, side: None }; Self::COUNT];
        let mut i = 0;
        while i < Region::ALL.len() {
            all[2 * i] = Self { region: Region::ALL[i], side: Some(Side::Left) };
            all[2 * i + 1] = Self { region: Region::ALL[i], side: Some(Side::Right) };
            i += 1;
        }
        all
    };

    /// The jaw's midline: mouth opening.
    pub const JAW_MIDLINE: Self = Self { region: Region::Jaw, side: None };

    /// A region on one side.
    #[must_use]
    pub const fn new(region: Region, side: Side) -> Self {
        Self { region, side: Some(side) }
    }

    /// Position in [`Place::ALL`].
    #[must_use]
    pub const fn index(self) -> usize {
        match self.side {
            Some(side) => 2 * self.region as usize + side as usize,
            None => Self::COUNT - 1,
        }
    }

    /// The same place on the other side; the midline is its own mirror image.
    #[must_use]
    pub const fn mirrored(self) -> Self {
        Self {
            region: self.region,
            side: match self.side {
                Some(side) => Some(side.opposite()),
                None => None,
            },
        }
    }

    /// `left`, `right` or `midline`.
    #[must_use]
    pub const fn side_name(self) -> &'static str {
        match self.side {
            Some(Side::Left) => "left",
            Some(Side::Right) => "right",
            None => "midline",
        }
    }
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}_{}", self.region, self.side_name())
    }
}

/// One value for each side.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct PerSide<T> {
    /// The subject's left.
    pub left: T,
    /// The subject's right.
    pub right: T,
}

impl<T> PerSide<T> {
    /// Builds both sides from a function of the side.
    pub fn from_fn(mut f: impl FnMut(Side) -> T) -> Self {
        Self { left: f(Side::Left), right: f(Side::Right) }
    }
}

impl<T: Copy> PerSide<T> {
    /// The same of each side.
    pub fn map<U>(self, f: impl Fn(T) -> U) -> PerSide<U> {
        PerSide { left: f(self.left), right: f(self.right) }
    }
}

impl<T> Index<Side> for PerSide<T> {
    type Output = T;
    fn index(&self, side: Side) -> &T {
        match side {
            Side::Left => &self.left,
            Side::Right => &self.right,
        }
    }
}

impl<T> IndexMut<Side> for PerSide<T> {
    fn index_mut(&mut self, side: Side) -> &mut T {
        match side {
            Side::Left => &mut self.left,
            Side::Right => &mut self.right,
        }
    }
}

/// One value for each [`Place`].
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize, Deserialize)]
pub struct PerPlace<T>(pub [T; Place::COUNT]);

impl<T> PerPlace<T> {
    /// Builds every entry from a function of the place.
    pub fn from_fn(mut f: impl FnMut(Place) -> T) -> Self {
        Self(std::array::from_fn(|i| f(Place::ALL[i])))
    }

    /// Places with their values, in the order of [`Place::ALL`].
    pub fn iter(&self) -> impl Iterator<Item = (Place, &T)> {
        Place::ALL.into_iter().zip(&self.0)
    }
}

impl<T> Index<Place> for PerPlace<T> {
    type Output = T;
    fn index(&self, place: Place) -> &T {
        &self.0[place.index()]
    }
}

impl<T> IndexMut<Place> for PerPlace<T> {
    fn index_mut(&mut self, place: Place) -> &mut T {
        &mut self.0[place.index()]
    }
}

/// Landmark numbers of one eye.
#[derive(Debug, Clone, Copy)]
pub struct EyeLandmarks {
    /// Outer canthus.
    pub outer: usize,
    /// Inner canthus.
    pub inner: usize,
    /// Upper lid margin, outer to inner, canthi left out.
    pub upper: [usize; 7],
    /// Lower lid margin, outer to inner, canthi left out; pairs with `upper`.
    pub lower: [usize; 7],
    /// Iris: centre first, then four points on its rim.
    pub iris: [usize; 5],
    /// Upper edge of the brow, outer to inner.
    pub brow: [usize; 5],
}

/// The eye landmarks of one side.
#[must_use]
pub const fn eye(side: Side) -> EyeLandmarks {
    match side {
        Side::Right => EyeLandmarks {
            outer: 33,
            inner: 133,
            upper: [246, 161, 160, 159, 158, 157, 173],
            lower: [7, 163, 144, 145, 153, 154, 155],
            iris: [468, 469, 470, 471, 472],
            brow: [70, 63, 105, 66, 107],
        },
        Side::Left => EyeLandmarks {
            outer: 263,
            inner: 362,
            upper: [466, 388, 387, 386, 385, 384, 398],
            lower: [249, 390, 373, 374, 380, 381, 382],
            iris: [473, 474, 475, 476, 477],
            brow: [300, 293, 334, 296, 336],
        },
    }
}

/// The corner of the mouth on one side.
#[must_use]
pub const fn mouth_corner(side: Side) -> usize {
    match side {
        Side::Right => 61,
        Side::Left => 291,
    }
}

/// Outer rim of the lips, once round.
pub const LIPS_OUTER: [usize; 20] =
    [61, 185, 40, 39, 37, 0, 267, 269, 270, 409, 291, 375, 321, 405, 314, 17, 84, 181, 91, 146];
/// Inner rim of the lips, once round.
pub const LIPS_INNER: [usize; 20] =
    [78, 191, 80, 81, 82, 13, 312, 311, 310, 415, 308, 324, 318, 402, 317, 14, 87, 178, 88, 95];
/// Outline of the face, once round.
pub const FACE_OUTLINE: [usize; 36] = [
    10, 338, 297, 332, 284, 251, 389, 356, 454, 323, 361, 288, 397, 365, 379, 378, 400, 377, 152,
    148, 176, 149, 150, 136, 172, 58, 132, 93, 234, 127, 162, 21, 54, 103, 67, 109,
];
/// Bridge of the nose down to its tip.
pub const NOSE: [usize; 6] = [168, 6, 197, 195, 5, 4];

/// The patch of skin that stands for a place: points whose convex hull it is.
#[must_use]
pub const fn patch(place: Place) -> &'static [usize] {
    match (place.region, place.side) {
        (Region::Periocular, Some(Side::Right)) => {
            &[226, 247, 30, 29, 27, 28, 56, 190, 244, 233, 232, 231, 230, 229, 228, 31]
        }
        (Region::Periocular, _) => {
            &[446, 467, 260, 259, 257, 258, 286, 414, 464, 453, 452, 451, 450, 449, 448, 261]
        }
        (Region::Cheek, Some(Side::Right)) => &[118, 117, 123, 147, 187, 205, 36, 101],
        (Region::Cheek, _) => &[347, 346, 352, 376, 411, 425, 266, 330],
        (Region::MouthCorner, Some(Side::Right)) => &[61, 186, 216, 212, 202, 43, 92],
        (Region::MouthCorner, _) => &[291, 410, 436, 432, 422, 273, 322],
        (Region::Forehead, Some(Side::Right)) => &[70, 63, 105, 66, 107, 108, 69, 104, 68],
        (Region::Forehead, _) => &[300, 293, 334, 296, 336, 337, 299, 333, 298],
        (Region::Jaw, Some(Side::Right)) => &[211, 32, 140, 176, 149, 150, 210],
        (Region::Jaw, Some(Side::Left)) => &[431, 262, 369, 400, 378, 379, 430],
        (Region::Jaw, None) => &[200, 201, 194, 83, 18, 313, 418, 421],
    }
}

/// The rim of an eye's opening, once round: outer canthus, upper lid, inner canthus, lower lid.
#[must_use]
pub fn eye_rim(side: Side) -> [usize; 16] {
    let eye = eye(side);
    std::array::from_fn(|i| match i {
        0 => eye.outer,
        1..=7 => eye.upper[i - 1],
        8 => eye.inner,
        _ => eye.lower[15 - i],
    })
}

/// Number of points in the attention mesh: 468 on the face, 5 for each iris.
pub const LANDMARKS: usize = 478;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_know_their_own_index_and_mirror() {
        for (i, place) in Place::ALL.into_iter().enumerate() {
            assert_eq!(place.index(), i);
            assert_eq!(place.mirrored().mirrored(), place);
            assert_eq!(place.mirrored().region, place.region);
        }
        assert_eq!(Place::JAW_MIDLINE.mirrored(), Place::JAW_MIDLINE);
    }
}
