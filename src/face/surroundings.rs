//! What lies around a face, and whether anything came into it.
//!
//! The picture beside the face is reduced to a coarse grid that stays where it is. What comes up to
//! the face changes several of its cells; light changes them all alike, and counts for nothing.

use super::crop::Square;
use crate::source::Frame;

/// Cells along an edge, and points along the edge of each at which the picture is read.
const CELLS: usize = 16;
const POINTS: usize = 3;

/// Radius of what is left out as the face itself, over the edge of its crop: chin and hairline lie a
/// third of it from the middle (judgment: and as much hair as moves with the face).
const FACE: f32 = 0.38;

/// Cells that change together when a hand comes (judgment: a hand is two cells wide, a finger one).
const TOGETHER: usize = 3;

/// Fewest cells that tell anything.
const ENOUGH: usize = 40;

/// The picture around a face.
#[derive(Debug)]
pub(super) struct Surroundings {
    square: Square,
    face: Square,
    /// Grey level of each cell, row by row.
    cells: Vec<f32>,
}

impl Surroundings {
    /// What lies in `square` around the face in `crop`.
    pub(super) fn new(frame: &Frame, square: &Square, crop: &Square) -> Self {
        let cells = cells(square).map(|middle| grey(frame, square, middle)).collect();
        Self { square: *square, face: *crop, cells }
    }

    /// How much they have changed, grey levels; infinite where they do not tell.
    pub(super) fn change(&self, frame: &Frame, crop: &Square) -> f32 {
        let seen = |[x, y]: [f32; 2]| {
            let inside = x >= 0.0 && y >= 0.0 && x < frame.width as f32 && y < frame.height as f32;
            let beside =
                |face: &Square| (x - face.center[0]).hypot(y - face.center[1]) > FACE * face.side;
            inside && beside(&self.face) && beside(crop)
        };
        let told = cells(&self.square).zip(&self.cells).filter(|(middle, _)| seen(*middle));
        let mut changes: Vec<f32> =
            told.map(|(middle, then)| grey(frame, &self.square, middle) - then).collect();
        if changes.len() < ENOUGH {
            return f32::INFINITY;
        }
        changes.sort_by(f32::total_cmp);
        let light = changes[changes.len() / 2];
        changes.iter_mut().for_each(|change| *change = (*change - light).abs());
        changes.sort_by(|a, b| b.total_cmp(a));
        changes[TOGETHER - 1]
    }
}

/// Middles of the cells of a level square, frame pixels.
fn cells(square: &Square) -> impl Iterator<Item = [f32; 2]> {
    let Square { center, side, .. } = *square;
    let at =
        move |i: usize, axis: usize| center[axis] + side * ((i as f32 + 0.5) / CELLS as f32 - 0.5);
    (0..CELLS * CELLS).map(move |i| [at(i % CELLS, 0), at(i / CELLS, 1)])
}

/// Mean grey level of the cell around `middle`.
fn grey(frame: &Frame, square: &Square, middle: [f32; 2]) -> f32 {
    let step = square.side / (CELLS * POINTS) as f32;
    let size = [frame.width, frame.height];
    let at = |i: usize, axis: usize| {
        let at = middle[axis] + step * (i as f32 - (POINTS / 2) as f32);
        at.clamp(0.0, (size[axis] - 1) as f32) as usize
    };
    let points = (0..POINTS * POINTS).map(|i| [at(i % POINTS, 0), at(i / POINTS, 1)]);
    points.map(|[x, y]| f32::from(frame.grey(x, y))).sum::<f32>() / (POINTS * POINTS) as f32
}

#[cfg(test)]
mod tests {
    use super::*;

    const CROP: Square = Square { center: [160.0, 120.0], side: 100.0, angle: 0.0 };

    /// A room that is `light` brighter, with something of 24 x 40 pixels at `x`, if anywhere.
    fn room(light: u8, x: Option<usize>) -> Frame {
        let (width, height) = (320, 240);
        let grey = |i: usize| {
            let (at, row) = (i % width, i / width);
            let there = x.is_some_and(|x| (x..x + 24).contains(&at)) && (100..140).contains(&row);
            if there { 180 } else { 60 + light + (at / 8 % 2) as u8 }
        };
        Frame::from_bgr(width, height, (0..width * height).flat_map(|i| [grey(i); 3]).collect())
    }

    fn change(to: &Frame) -> f32 {
        let around = Square { side: 1.8 * CROP.side, ..CROP };
        Surroundings::new(&room(0, None), &around, &CROP).change(to, &CROP)
    }

    #[test]
    fn what_comes_beside_the_face_changes_them_and_light_does_not() {
        assert!(change(&room(0, None)) < 0.1);
        assert!(change(&room(40, None)) < 0.1);
        assert!(change(&room(0, Some(85))) > 30.0);
    }

    #[test]
    fn what_the_face_itself_does_counts_for_nothing() {
        assert!(change(&room(0, Some(148))) < 0.1);
    }

    #[test]
    fn what_lies_beyond_the_picture_tells_nothing() {
        let crop = Square { side: 400.0, ..CROP };
        let around = Square { side: 720.0, ..CROP };
        let frame = room(0, None);
        assert!(Surroundings::new(&frame, &around, &crop).change(&frame, &crop).is_infinite());
    }
}
