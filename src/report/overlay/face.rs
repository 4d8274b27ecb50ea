//! The face in the overlay: mesh, lids, mouth, and the regions that light up.

use super::canvas::Canvas;
use super::layout::Layout;
use super::spool::FlatLandmarks;
use super::style;
use crate::anatomy::{
    self, FACE_OUTLINE, LIPS_INNER, LIPS_OUTER, NOSE, PerPlace, Place, Region, Side, eye_rim, patch,
};

/// How the mesh is drawn.
pub(super) enum Mesh<'a> {
    /// Points over a picture.
    Points,
    /// Points and wires on a plain ground.
    Wires(&'a [(usize, usize)]),
}

/// How dark a hidden place becomes, 0 to 1.
const DIM: f32 = 0.6;

/// Draws the face. `activity` is each place's displacement over what noise explains, 0 (quiet)
/// to 1 (full light); the places that are `hidden` are dimmed.
pub(super) fn draw(
    canvas: &mut Canvas,
    layout: &Layout,
    landmarks: &FlatLandmarks,
    activity: &PerPlace<f32>,
    hidden: &PerPlace<bool>,
    mesh: &Mesh<'_>,
) -> opencv::Result<()> {
    let at = |i: usize| layout.place(landmarks[i]);
    let points = |list: &[usize]| -> Vec<[f32; 2]> { list.iter().map(|&i| at(i)).collect() };
    for (place, &strength) in activity.iter() {
        if strength > 0.0 {
            canvas.glow(&points(patch(place)), style::GLOW, 0.15 + 0.5 * strength)?;
        }
    }
    for (place, _) in hidden.iter().filter(|(_, hidden)| **hidden) {
        canvas.glow(&points(patch(place)), style::GROUND, DIM)?;
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
    canvas.path(&points(&FACE_OUTLINE), true, 1, dot)?;
    canvas.path(&points(&NOSE), false, 1, dot)?;
    canvas.path(&points(&LIPS_OUTER), true, 1, style::LIPS)?;
    canvas.path(&points(&LIPS_INNER), true, 1, style::LIPS)?;
    for side in Side::BOTH {
        let eye = anatomy::eye(side);
        let unseen = hidden[Place::new(Region::Periocular, side)];
        let colour = if unseen { style::SOFT } else { style::side(Some(side)) };
        let lit = activity[Place::new(Region::Periocular, side)] > 0.0;
        canvas.path(&points(&eye_rim(side)), true, if lit { 3 } else { 2 }, colour)?;
        canvas.path(&points(&eye.brow), false, 1, colour)?;
        let [centre, rim @ ..] = eye.iris.map(at);
        let radius = rim.iter().map(|p| (p[0] - centre[0]).hypot(p[1] - centre[1])).sum::<f32>();
        canvas.ring(centre, radius / rim.len() as f32, colour)?;
    }
    Ok(())
}
