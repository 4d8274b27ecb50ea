//! The tools that compare a frame with a key, and their buffers.

use opencv::core::{CV_8U, Mat, Scalar};
use opencv::prelude::*;

use super::super::pose::HeadFit;
use super::super::{Face, FaceError, Landmarks};
use super::canvas::{Canvas, EDGE, UNIT, seen_places};
use super::eye_picture::EyePicture;
use super::flow::{Field, Flow, Pyramid};
use super::head::{self, Anchor, HeadMotion, Moved};
use super::keys::{Key, Motions, Reading};
use super::look::Look;
use super::patch::{self, Guesses};
use super::reference::{Reference, smoothed};
use super::unwrap::{Cutout, Mapping, Unwrapper};
use crate::anatomy::{PerPlace, Place, Side};
use crate::source::Frame;
use crate::thresholds::SkinThresholds;

/// Distance from a hidden place within which skin counts as hidden, too, face units (judgment: a
/// little more than half of the piece that the place is told by).
const BY_FU: f64 = 0.2;

/// Unwraps frames and compares them; holds the frame that was unwrapped last.
pub(super) struct Bench {
    thresholds: SkinThresholds,
    flow: Flow,
    unwrapper: Unwrapper,
    mapping: Mapping,
    cutout: Cutout,
    image: Mat,
    smooth: Mat,
    pyramid: Pyramid,
    skin: Vec<Moved>,
    fitting: head::Scratch,
    finding: patch::Scratch,
}

impl std::fmt::Debug for Bench {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Bench").field("mapping", &self.mapping).finish_non_exhaustive()
    }
}

impl Bench {
    pub(super) fn new(thresholds: &SkinThresholds) -> Result<Self, FaceError> {
        // The stages run side by side; threads inside OpenCV would only take turns with them.
        opencv::core::set_num_threads(1)?;
        let edge = EDGE as i32;
        Ok(Self {
            thresholds: thresholds.clone(),
            flow: Flow::default(),
            unwrapper: Unwrapper::default(),
            mapping: Mapping::default(),
            cutout: Cutout::default(),
            image: Mat::new_rows_cols_with_default(edge, edge, CV_8U, Scalar::default())?,
            smooth: Mat::default(),
            pyramid: Pyramid::default(),
            skin: Vec::new(),
            fitting: head::Scratch::default(),
            finding: patch::Scratch::default(),
        })
    }

    /// Unwraps a frame; `false` if no pixel of the face is inside it.
    pub(super) fn unwrap(
        &mut self,
        canvas: &Canvas,
        fit: &HeadFit,
        frame: &Frame,
    ) -> Result<bool, FaceError> {
        self.mapping.lay(canvas, fit);
        if !self.unwrapper.cut(frame, &self.mapping, &mut self.cutout)? {
            return Ok(false);
        }
        self.unwrapper.unwrap(&self.cutout, &self.mapping, &mut self.image)?;
        smoothed(&self.image, &mut self.smooth)?;
        self.pyramid.take(self.image.data_bytes()?);
        Ok(true)
    }

    /// Makes a key of the frame that was unwrapped last.
    pub(super) fn key(
        &self,
        canvas: &Canvas,
        fit: &HeadFit,
        face: &Face,
    ) -> Result<Key, FaceError> {
        let reference = Reference::new(canvas, &self.image, &self.smooth, &self.thresholds)?;
        let seen = seen_places(fit, &face.landmarks);
        Ok(Key::new(reference, self.cutout.keep()?, &face.landmarks, *fit, seen))
    }

    /// Unwraps a key onto another canvas.
    pub(super) fn unwrap_anew(
        &mut self,
        canvas: &Canvas,
        fit: &HeadFit,
        key: &mut Key,
    ) -> Result<(), FaceError> {
        self.mapping.lay(canvas, fit);
        self.unwrapper.unwrap(&key.source, &self.mapping, &mut self.image)?;
        smoothed(&self.image, &mut self.smooth)?;
        key.reference = Reference::new(canvas, &self.image, &self.smooth, &self.thresholds)?;
        key.seen = seen_places(fit, &key.landmarks);
        key.fit = *fit;
        Ok(())
    }

    /// Compares the frame that was unwrapped last with a key. `expected` is where the patches
    /// may be, `seen` where the mesh sees the places; what lies before the `hidden` ones tells nothing
    /// of the head. `None` where the head cannot be placed.
    pub(super) fn compare(
        &mut self,
        canvas: &Canvas,
        key: &Key,
        expected: &Motions,
        seen: &PerPlace<[f64; 2]>,
        hidden: &PerPlace<bool>,
        frame: &Frame,
    ) -> Result<Option<(Reading, HeadMotion)>, FaceError> {
        let reference = &key.reference;
        let flow = self.flow.find(&reference.flow, &self.pyramid);
        in_view(canvas, &reference.anchors, flow, hidden, &mut self.skin);
        let Some(head) = HeadMotion::fit(&self.skin, &mut self.fitting) else {
            return Ok(None);
        };
        let smooth = self.smooth.data_bytes()?;
        let mut reading = Reading::default();
        for place in Place::ALL {
            let patch = &reference.patches[place];
            let (view, inside) = self.mapping.view(canvas.places[place], frame);
            if !inside
                || view < self.thresholds.view_min
                || patch.contrast() < self.thresholds.contrast_min
            {
                continue;
            }
            let coarse = patch.coarse(flow, &head);
            let by_mesh = [0, 1].map(|axis| (seen[place][axis] - key.seen[place][axis]) as f32);
            let guesses =
                Guesses { flow: coarse, last: expected[place], others: [by_mesh, [0.0; 2]] };
            reading[place] = Some(patch.find(smooth, &head, &guesses, &mut self.finding));
        }
        Ok(Some((reading, head)))
    }

    /// What each place of the frame that was unwrapped last looks like, the head moved by `head`
    /// and the skin as far as it was followed; `None` where it is turned away or beyond the frame.
    pub(super) fn looks(
        &self,
        canvas: &Canvas,
        head: &HeadMotion,
        reading: &Reading,
        frame: &Frame,
    ) -> Result<PerPlace<Option<Look>>, FaceError> {
        let smooth = self.smooth.data_bytes()?;
        let mut looks = PerPlace::default();
        for place in Place::ALL {
            let at = canvas.places[place];
            let (view, inside) = self.mapping.view(at, frame);
            if !inside || view < self.thresholds.view_min {
                continue;
            }
            let moved = head.at(canvas.spot(at.map(|p| p as usize)));
            let pulled = reading[place].map_or([0.0; 2], |found| found.motion);
            let center = [0, 1].map(|axis| at[axis] + f64::from(moved[axis] + pulled[axis]));
            looks[place] = Some(Look::new(smooth, frame, center, &self.mapping));
        }
        Ok(looks)
    }

    /// The picture of an eye in the frame that was unwrapped last.
    pub(super) fn eye(
        &self,
        landmarks: &Landmarks,
        side: Side,
    ) -> Result<Option<EyePicture>, FaceError> {
        EyePicture::cut(&self.cutout, landmarks, side)
    }
}

/// How the anchors moved that do not lie by a hidden place; all of them where that leaves less than
/// half.
fn in_view(
    canvas: &Canvas,
    anchors: &[Anchor],
    flow: &Field,
    hidden: &PerPlace<bool>,
    skin: &mut Vec<Moved>,
) {
    let hidden: Vec<Place> = Place::ALL.into_iter().filter(|&place| hidden[place]).collect();
    let beside = |anchor: &Anchor| {
        let [x, y] = anchor.pixel.map(|pixel| pixel as f64);
        hidden.iter().all(|&place| {
            let [at_x, at_y] = canvas.places[place];
            (x - at_x).hypot(y - at_y) > BY_FU * UNIT
        })
    };
    let moved = |anchor: &Anchor| {
        let Anchor { weight, spot, .. } = *anchor;
        Moved { weight, spot, motion: flow.between(&anchor.between) }
    };
    skin.clear();
    skin.extend(anchors.iter().filter(|anchor| beside(anchor)).map(moved));
    if 2 * skin.len() < anchors.len() {
        skin.clear();
        skin.extend(anchors.iter().map(moved));
    }
}
