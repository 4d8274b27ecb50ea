//! The face in the overlay: mesh, lids, mouth, and the regions that light up.

use super::canvas::Canvas;
use super::layout::Layout;
use super::spool::FlatLandmarks;
use super::style;
use crate::anatomy::{self, PerPlace, Place, Region, Side};

/// Outer rim of the lips, once round.
const LIPS: [usize; 20] =
    [61, 185, 40, 39, 37, 0, 267, 269, 270, 409, 291, 375, 321, 405, 314, 17, 84, 181, 91, 146];
/// Inner rim of the lips, once round.
pub(super) const MOUTH: [usize; 20] =
    [78, 191, 80, 81, 82, 13, 312, 311, 310, 415, 308, 324, 318, 402, 317, 14, 87, 178, 88, 95];
/// Outline of the face, once round.
const OUTLINE: [usize; 36] = [
    10, 338, 297, 332, 284, 251, 389, 356, 454, 323, 361, 288, 397, 365, 379, 378, 400, 377, 152,
    148, 176, 149, 150, 136, 172, 58, 132, 93, 234, 127, 162, 21, 54, 103, 67, 109,
];
/// Bridge of the nose down to its tip.
const NOSE: [usize; 6] = [168, 6, 197, 195, 5, 4];

/// The patch of skin that lights up for a place: points whose convex hull it is.
fn patch(place: Place) -> &'static [usize] {
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
pub(super) fn eye_rim(side: Side) -> [usize; 16] {
    let eye = anatomy::eye(side);
    std::array::from_fn(|i| match i {
        0 => eye.outer,
        1..=7 => eye.upper[i - 1],
        8 => eye.inner,
        _ => eye.lower[15 - i],
    })
}

/// How the mesh is drawn.
pub(super) enum Mesh<'a> {
    /// Points over a picture.
    Points,
    /// Points and wires on a plain ground.
    Wires(&'a [(usize, usize)]),
}

/// Draws the face. `activity` is each place's displacement over what noise explains, 0 (quiet)
/// to 1 (full light).
pub(super) fn draw(
    canvas: &mut Canvas,
    layout: &Layout,
    landmarks: &FlatLandmarks,
    activity: &PerPlace<f32>,
    mesh: &Mesh<'_>,
) -> opencv::Result<()> {
    let at = |i: usize| layout.place(landmarks[i]);
    let points = |list: &[usize]| -> Vec<[f32; 2]> { list.iter().map(|&i| at(i)).collect() };
    for (place, &strength) in activity.iter() {
        if strength > 0.0 {
            canvas.glow(&points(patch(place)), style::GLOW, 0.15 + 0.5 * strength)?;
        }
    }
    let dot = match mesh {
        Mesh::Points => style::MESH,
        Mesh::Wires(wires) => {
            for &(from, to) in *wires {
                canvas.line(at(from), at(to), 1, style::WIRE)?;
            }
            style::MESH_BOLD
        }
    };
    for i in 0..468 {
        canvas.dot(at(i), 1.0, dot)?;
    }
    canvas.path(&points(&OUTLINE), true, 1, dot)?;
    canvas.path(&points(&NOSE), false, 1, dot)?;
    canvas.path(&points(&LIPS), true, 1, style::LIPS)?;
    canvas.path(&points(&MOUTH), true, 1, style::LIPS)?;
    for side in Side::BOTH {
        let eye = anatomy::eye(side);
        let colour = style::side(Some(side));
        let lit = activity[Place::new(Region::Periocular, side)] > 0.0;
        canvas.path(&points(&eye_rim(side)), true, if lit { 3 } else { 2 }, colour)?;
        canvas.path(&points(&eye.brow), false, 1, colour)?;
        let [centre, rim @ ..] = eye.iris.map(at);
        let radius = rim.iter().map(|p| (p[0] - centre[0]).hypot(p[1] - centre[1])).sum::<f32>();
        canvas.ring(centre, radius / rim.len() as f32, colour)?;
    }
    Ok(())
}
