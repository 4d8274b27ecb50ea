//! Colours of the overlay. Blue and orange are told apart by every kind of colour vision, and
//! differ in lightness too.

use super::canvas::Colour;
use crate::anatomy::Side;

/// Behind everything.
pub(super) const GROUND: Colour = Colour(20, 22, 26);
/// The plain ground of the mesh mode.
pub(super) const PLAIN: Colour = Colour(34, 37, 43);
/// Text and lines on the ground.
pub(super) const INK: Colour = Colour(236, 236, 236);
/// Text of less weight.
pub(super) const SOFT: Colour = Colour(160, 164, 170);
/// Mesh points over a picture.
pub(super) const MESH: Colour = Colour(176, 206, 196);
/// Mesh points on the plain ground.
pub(super) const MESH_BOLD: Colour = Colour(150, 186, 176);
/// Wires between mesh points.
pub(super) const WIRE: Colour = Colour(72, 88, 92);
/// The rims of the lips.
pub(super) const LIPS: Colour = Colour(232, 150, 170);
/// An active region, an event's span.
pub(super) const GLOW: Colour = Colour(255, 212, 40);
/// A blink's span.
pub(super) const BLINK: Colour = Colour(96, 112, 132);
/// A gap.
pub(super) const GAP: Colour = Colour(70, 44, 44);

/// The colour of a side: left blue, right orange, midline grey.
pub(super) const fn side(side: Option<Side>) -> Colour {
    match side {
        Some(Side::Left) => Colour(110, 190, 255),
        Some(Side::Right) => Colour(255, 165, 90),
        None => Colour(200, 200, 200),
    }
}
