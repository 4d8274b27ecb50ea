//! Where the detector looks: the whole picture, and if that shows nothing, parts of it.
//!
//! The detector reads 128 x 128 pixels, so a face a twelfth of the picture wide is too small for
//! it. Where the whole picture shows no face, a few parts of it are looked at in each frame, in
//! turn, and the whole picture turned (a subject who lies down, a phone held sideways).

use std::f32::consts::{FRAC_PI_2, PI};
use std::sync::Arc;

use super::crop::Square;
use super::detector::{Detection, Detector};
use super::error::FaceError;
use super::runtime::Engine;
use crate::models::ModelStore;
use crate::source::Frame;
use crate::thresholds::FaceThresholds;

/// Parts that are looked at in a frame in which the whole picture shows nothing.
const PARTS_AT_ONCE: usize = 2;
/// Edge of the detector's closer look over the edge of the face's crop.
const NEAR: f32 = 1.5;

/// Looks for faces.
#[derive(Debug)]
pub(super) struct Search {
    detector: Detector,
    next_part: usize,
}

/// What a look at a held face says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Look {
    /// The detector sees a face there.
    pub(super) confirmed: bool,
    /// It sees others elsewhere.
    pub(super) others: bool,
}

impl Search {
    pub(super) fn load(store: &ModelStore, engine: &Arc<Engine>) -> Result<Self, FaceError> {
        Ok(Self { detector: Detector::load(store, engine)?, next_part: 0 })
    }

    /// Begins with the first part again.
    pub(super) fn forget(&mut self) {
        self.next_part = 0;
    }

    /// Searches the picture; `last` is where the subject was seen, if that is not long ago.
    pub(super) fn everywhere(
        &mut self,
        frame: &Frame,
        last: Option<&Square>,
        limits: &FaceThresholds,
    ) -> Result<Vec<Detection>, FaceError> {
        let whole = Square::whole(frame);
        let mut faces = self.detector.detect(frame, &whole, limits.detection_min)?;
        if let (true, Some(last)) = (faces.is_empty(), last) {
            faces = self.detector.detect(frame, &near(last), limits.detection_min)?;
        }
        let parts = parts(frame);
        for _ in 0..PARTS_AT_ONCE {
            if !faces.is_empty() {
                break;
            }
            let part = &parts[self.next_part % parts.len()];
            self.next_part = (self.next_part + 1) % parts.len();
            faces = self.detector.detect(frame, part, limits.part_detection_min)?;
        }
        Ok(faces)
    }

    /// Looks whether there is a face in the crop `held`, and whether there are others.
    pub(super) fn confirm(
        &mut self,
        frame: &Frame,
        held: &Square,
        limits: &FaceThresholds,
    ) -> Result<Look, FaceError> {
        let here = |face: &Detection| held.shows_the_same_as(&face.square());
        let whole = Square::whole(frame);
        let faces = self.detector.detect(frame, &whole, limits.confirmation_min)?;
        let mut confirmed = faces.iter().any(here);
        if !confirmed {
            let faces = self.detector.detect(frame, &near(held), limits.confirmation_min)?;
            confirmed = faces.iter().any(here);
        }
        let others = faces.iter().any(|face| face.score >= limits.detection_min && !here(face));
        Ok(Look { confirmed, others })
    }
}

/// The surroundings of a face, from near by and level with it.
fn near(crop: &Square) -> Square {
    Square { side: NEAR * crop.side, ..*crop }
}

/// The parts of a picture, large ones first: squares as high as a wide picture (as wide as a
/// high one) and half as large, overlapping by half, then the whole picture turned.
fn parts(frame: &Frame) -> Vec<Square> {
    let size = [frame.width as f32, frame.height as f32];
    let short = size[0].min(size[1]);
    let mut parts = Vec::new();
    for side in [short, short / 2.0] {
        let steps = size.map(|edge| (2.0 * (edge - side) / side).ceil());
        // The largest part of a square picture is the picture itself.
        if steps == [0.0, 0.0] {
            continue;
        }
        let place = |step: f32, axis: usize| {
            side / 2.0
                + (size[axis] - side) * if steps[axis] > 0.0 { step / steps[axis] } else { 0.5 }
        };
        for row in 0..=steps[1] as usize {
            for column in 0..=steps[0] as usize {
                let center = [place(column as f32, 0), place(row as f32, 1)];
                parts.push(Square { center, side, angle: 0.0 });
            }
        }
    }
    let whole = Square::whole(frame);
    parts.extend([FRAC_PI_2, -FRAC_PI_2, PI].map(|angle| Square { angle, ..whole }));
    parts
}

#[cfg(test)]
mod tests {
    use super::*;

    fn picture(width: usize, height: usize) -> Frame {
        Frame { width, height, ..Frame::default() }
    }

    #[test]
    fn the_parts_cover_the_picture_and_stay_inside_it() {
        for (width, height) in [(1280, 720), (480, 854), (512, 512), (3840, 1080), (1, 1)] {
            let frame = picture(width, height);
            let parts = parts(&frame);
            let level: Vec<_> = parts.iter().filter(|part| part.angle == 0.0).collect();
            assert_eq!(parts.len() - level.len(), 3, "three turns");
            for part in &level {
                for (axis, edge) in [width as f32, height as f32].into_iter().enumerate() {
                    assert!(part.center[axis] - part.side / 2.0 > -1e-3);
                    assert!(part.center[axis] + part.side / 2.0 < edge + 1e-3);
                }
            }
            let short = width.min(height) as f32;
            for x in 0..=8 {
                for y in 0..=8 {
                    let point = [width as f32 * x as f32 / 8.0, height as f32 * y as f32 / 8.0];
                    let covered = level.iter().any(|part| {
                        part.side < short
                            && (0..2).all(|axis| {
                                (part.center[axis] - point[axis]).abs() <= part.side / 2.0 + 1e-3
                            })
                    });
                    assert!(covered, "{width}x{height}: {point:?}");
                }
            }
        }
    }

    #[test]
    fn a_wide_picture_has_a_few_large_parts_before_the_small_ones() {
        let parts = parts(&picture(1280, 720));
        let large = parts.iter().take_while(|part| part.side == 720.0).count();
        assert_eq!(large, 3);
        assert!(parts.len() < 30, "{} parts", parts.len());
    }
}
