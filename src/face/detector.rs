//! Finds faces, or the palms of hands, in a picture: single-shot detectors.
//!
//! The picture is letterboxed into a small square; each anchor of the model says how likely a
//! face (a palm) is there, where its box lies and where its key points are. Overlapping answers are
//! averaged, weighted by their score, as the reference implementation does.

use std::sync::Arc;

use super::crop::{Cutter, Norm, Outside, Square};
use super::error::FaceError;
use super::runtime::{Engine, Network, RuntimeError};
use crate::models::{DETECTOR_FILE, ModelStore, PALMS_FILE};
use crate::source::Frame;

/// What a single-shot model reads, and how its answers lie.
#[derive(Debug)]
struct Kind {
    file: &'static str,
    /// Edge of its input in pixels.
    edge: usize,
    /// Grids of anchors: edge in cells, anchors per cell.
    grids: [(usize, usize); 2],
    norm: Norm,
}

impl Kind {
    fn anchors(&self) -> usize {
        self.grids.iter().map(|(cells, per_cell)| cells * cells * per_cell).sum()
    }
}

/// The short-range face detector.
static FACES: Kind = Kind {
    file: DETECTOR_FILE,
    edge: 128,
    grids: [(16, 2), (8, 6)],
    norm: Norm { scale: 2.0 / 255.0, offset: -1.0 },
};

/// The detector of palms, the lighter of two.
static PALMS: Kind = Kind {
    file: PALMS_FILE,
    edge: 192,
    grids: [(24, 2), (12, 6)],
    norm: Norm { scale: 1.0 / 255.0, offset: 0.0 },
};

/// Overlap (intersection over union) above which two answers mean the same face; the reference
/// implementation's value.
const SAME_FACE: f32 = 0.3;

/// A face as the detector sees it, in frame pixels, or a palm with another number of key points.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Detection<const KEYS: usize = 6> {
    /// Probability, 0 to 1.
    pub score: f32,
    /// Upper left corner of the box.
    pub low: [f32; 2],
    /// Lower right corner of the box.
    pub high: [f32; 2],
    /// Key points. Of a face: the subject's right eye, left eye, nose tip, mouth, right ear, left
    /// ear. Of a palm: wrist, bases of index, middle, ring and little finger, two of the thumb.
    pub keys: [[f32; 2]; KEYS],
}

impl Detection<6> {
    /// The crop in which the mesh should look for this face.
    #[must_use]
    pub fn square(&self) -> Square {
        Square::around([self.low, self.high], self.keys[0], self.keys[1])
    }
}

impl<const KEYS: usize> Detection<KEYS> {
    /// Middle of the box.
    #[must_use]
    pub fn center(&self) -> [f32; 2] {
        [(self.low[0] + self.high[0]) / 2.0, (self.low[1] + self.high[1]) / 2.0]
    }

    /// Width of the box.
    #[must_use]
    pub fn width(&self) -> f32 {
        self.high[0] - self.low[0]
    }

    /// Carries a detection from the detector's input, cut from `square`, to the frame. The box
    /// keeps its edges level.
    fn placed(&self, square: &Square, edge: usize) -> Self {
        let [row_x, row_y] = square.to_frame(edge);
        let place = |[x, y]: [f32; 2]| {
            [row_x[0] * x + row_x[1] * y + row_x[2], row_y[0] * x + row_y[1] * y + row_y[2]]
        };
        let center = place(self.center());
        let scale = square.side / edge as f32;
        let half = [0, 1].map(|axis| (self.high[axis] - self.low[axis]) / 2.0 * scale);
        Self {
            score: self.score,
            low: [center[0] - half[0], center[1] - half[1]],
            high: [center[0] + half[0], center[1] + half[1]],
            keys: self.keys.map(place),
        }
    }

    /// Intersection over union with another box.
    #[must_use]
    pub fn overlap(&self, other: &Self) -> f32 {
        let area = |low: [f32; 2], high: [f32; 2]| {
            (high[0] - low[0]).max(0.0) * (high[1] - low[1]).max(0.0)
        };
        let low = [self.low[0].max(other.low[0]), self.low[1].max(other.low[1])];
        let high = [self.high[0].min(other.high[0]), self.high[1].min(other.high[1])];
        let both = area(low, high);
        let either = area(self.low, self.high) + area(other.low, other.high) - both;
        if either > 0.0 { both / either } else { 0.0 }
    }
}

/// The detector of faces, ready to run.
pub type Detector = SingleShot<6>;

/// The detector of palms, ready to run.
pub(super) type PalmDetector = SingleShot<7>;

/// A single-shot detector, ready to run.
#[derive(Debug)]
pub struct SingleShot<const KEYS: usize> {
    kind: &'static Kind,
    network: Network,
    boxes_at: usize,
    scores_at: usize,
    anchors: Vec<[f32; 2]>,
    cutter: Cutter,
}

impl SingleShot<6> {
    /// Loads the detector of faces.
    ///
    /// # Errors
    /// [`FaceError`] when the model is missing, altered, another one, or refused by the runtime.
    pub fn load(store: &ModelStore, engine: &Arc<Engine>) -> Result<Self, FaceError> {
        Self::of(&FACES, store, engine)
    }
}

impl SingleShot<7> {
    /// Loads the detector of palms; fails as that of faces does.
    pub(super) fn load(store: &ModelStore, engine: &Arc<Engine>) -> Result<Self, FaceError> {
        Self::of(&PALMS, store, engine)
    }
}

impl<const KEYS: usize> SingleShot<KEYS> {
    /// Values per anchor: box centre and size, key points.
    const VALUES: usize = 4 + 2 * KEYS;

    fn of(
        kind: &'static Kind,
        store: &ModelStore,
        engine: &Arc<Engine>,
    ) -> Result<Self, FaceError> {
        let network = Network::new(engine, &store.read(kind.file)?)?;
        let size =
            |expected: usize| {
                network.output_lens().iter().position(|&len| len == expected).ok_or(
                    RuntimeError::TensorSize { found: network.output_lens().len(), expected },
                )
            };
        let anchors = kind.anchors();
        let (boxes_at, scores_at) = (size(anchors * Self::VALUES)?, size(anchors)?);
        let (found, expected) = (network.input_len(), 3 * kind.edge * kind.edge);
        if found != expected {
            return Err(RuntimeError::TensorSize { found, expected }.into());
        }
        let cutter = Cutter { edge: kind.edge, outside: Outside::Black, norm: kind.norm };
        Ok(Self { kind, network, boxes_at, scores_at, anchors: place_anchors(kind), cutter })
    }

    /// Finds what is in `square` scored `min_score` (probability) or better, the best first.
    ///
    /// # Errors
    /// [`FaceError`] when the picture cannot be resampled or the runtime fails.
    pub fn detect(
        &mut self,
        frame: &Frame,
        square: &Square,
        min_score: f32,
    ) -> Result<Vec<Detection<KEYS>>, FaceError> {
        self.network.run(|input| self.cutter.cut(frame, square, input))?;
        let hits: Vec<(usize, f32)> = self.network.output(self.scores_at, |values| {
            let score = |&raw: &f32| 1.0 / (1.0 + (-raw.clamp(-100.0, 100.0)).exp());
            let scored = values.iter().map(score).enumerate().take(self.anchors.len());
            scored.filter(|&(_, score)| score >= min_score).collect()
        })?;
        let anchors = &self.anchors;
        let mut found: Vec<Detection<KEYS>> = self.network.output(self.boxes_at, |values| {
            let decode = |&(anchor, score): &(usize, f32)| {
                let raw = &values[Self::VALUES * anchor..][..Self::VALUES];
                let [ax, ay] = anchors[anchor];
                let (x, y, w, h) = (raw[0] + ax, raw[1] + ay, raw[2], raw[3]);
                Detection {
                    score,
                    low: [x - w / 2.0, y - h / 2.0],
                    high: [x + w / 2.0, y + h / 2.0],
                    keys: std::array::from_fn(|k| [raw[4 + 2 * k] + ax, raw[5 + 2 * k] + ay]),
                }
            };
            hits.iter().map(decode).collect()
        })?;
        found.sort_by(|a, b| b.score.total_cmp(&a.score));
        Ok(merge(found).into_iter().map(|face| face.placed(square, self.kind.edge)).collect())
    }
}

/// Anchor centres in input pixels, in the order of the model's outputs.
fn place_anchors(kind: &Kind) -> Vec<[f32; 2]> {
    let mut anchors = Vec::with_capacity(kind.anchors());
    for (cells, per_cell) in kind.grids {
        let stride = (kind.edge / cells) as f32;
        for i in 0..cells * cells {
            let center = [(i % cells) as f32 + 0.5, (i / cells) as f32 + 0.5];
            anchors.extend(std::iter::repeat_n(center.map(|c| c * stride), per_cell));
        }
    }
    anchors
}

/// Averages what overlaps, weighted by score; `found` has the best first.
fn merge<const KEYS: usize>(mut found: Vec<Detection<KEYS>>) -> Vec<Detection<KEYS>> {
    let mut faces = Vec::new();
    while let Some(&best) = found.first() {
        let (same, others): (Vec<_>, Vec<_>) =
            found.into_iter().partition(|other| other.overlap(&best) > SAME_FACE);
        found = others;
        if same.is_empty() {
            // A box without area overlaps nothing, not even itself.
            found.remove(0);
            continue;
        }
        let total: f32 = same.iter().map(|face| face.score).sum();
        let mean = |point: &dyn Fn(&Detection<KEYS>) -> [f32; 2]| {
            [0, 1].map(|axis| {
                same.iter().map(|face| face.score * point(face)[axis]).sum::<f32>() / total
            })
        };
        faces.push(Detection {
            score: best.score,
            low: mean(&|face| face.low),
            high: mean(&|face| face.high),
            keys: std::array::from_fn(|k| mean(&|face| face.keys[k])),
        });
    }
    faces
}

#[cfg(test)]
mod tests {
    use super::*;

    fn face(score: f32, x: f32) -> Detection {
        Detection { score, low: [x, 0.0], high: [x + 10.0, 10.0], keys: [[x, 1.0]; 6] }
    }

    #[test]
    fn there_are_896_anchors_on_two_grids() {
        let anchors = place_anchors(&FACES);
        assert_eq!(anchors.len(), 896);
        assert_eq!(place_anchors(&PALMS).len(), 2016);
        assert_eq!(anchors[..3], [[4.0, 4.0], [4.0, 4.0], [12.0, 4.0]]);
        assert_eq!(anchors[512], [8.0, 8.0]);
        assert_eq!(anchors[895], [120.0, 120.0]);
    }

    #[test]
    fn answers_for_one_face_are_averaged_and_another_face_is_kept() {
        let faces = merge(vec![face(0.9, 0.0), face(0.6, 2.0), face(0.5, 40.0)]);
        assert_eq!(faces.len(), 2);
        assert!((faces[0].low[0] - 0.8).abs() < 1e-6);
        assert_eq!(faces[0].score, 0.9);
        assert_eq!(faces[1], face(0.5, 40.0));
    }

    #[test]
    fn a_detection_in_a_turned_square_lands_where_the_face_is() {
        let square = Square {
            center: [640.0, 360.0],
            side: 2.0 * FACES.edge as f32,
            angle: std::f32::consts::FRAC_PI_2,
        };
        let middle = FACES.edge as f32 / 2.0;
        let mut seen = face(0.9, middle - 5.0);
        (seen.low[1], seen.high[1]) = (middle - 15.0, middle - 5.0);
        seen.keys = [[middle, middle - 10.0]; 6];
        let placed = seen.placed(&square, FACES.edge);
        // Ten pixels above the middle of the crop lie twenty to the right in the frame.
        assert!((placed.center()[0] - 660.0).abs() < 1e-3, "{placed:?}");
        assert!((placed.center()[1] - 360.0).abs() < 1e-3, "{placed:?}");
        assert!((placed.keys[0][0] - 660.0).abs() < 1e-3, "{placed:?}");
        assert!((placed.width() - 20.0).abs() < 1e-3, "{placed:?}");
    }

    #[test]
    fn an_empty_box_is_dropped() {
        let empty = Detection { high: [0.0, 0.0], ..face(0.9, 0.0) };
        assert_eq!(merge(vec![empty, face(0.8, 5.0)]), vec![face(0.8, 5.0)]);
    }
}
