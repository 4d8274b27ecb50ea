//! Reads the 478 landmarks off a crop with the attention mesh.
//!
//! The trunk gives 468 points and a feature map. Lips and eyes are then looked at more closely:
//! a patch of the feature map, framed by the region's points and turned level, goes through the
//! region's branch, whose points replace the trunk's. What happens between the parts follows
//! the custom operators of the reference implementation (see [`super::graph`]).

use std::sync::Arc;

use super::Landmarks;
use super::crop::{Cutter, Norm, Outside, Square};
use super::error::FaceError;
use super::graph::{Branch, Parts};
use super::runtime::{Engine, Network, RuntimeError};
use crate::anatomy::LANDMARKS;
use crate::models::{LANDMARKS_FILE, ModelStore};
use crate::source::Frame;

/// Points of the trunk.
const MESH: usize = 468;
/// First point of the subject's right and left iris.
const FIRST_IRIS: [usize; 3] = [LANDMARKS, 468, 473];
/// The first points of an eye's branch are its lid contour.
const LID_CONTOUR: usize = 16;

/// Landmarks of one crop.
#[derive(Debug, Clone)]
pub struct Reading {
    /// The landmarks in frame pixels.
    pub landmarks: Box<Landmarks>,
    /// Probability that the crop holds a face, 0 to 1.
    pub presence: f32,
}

/// The attention mesh, ready to run.
#[derive(Debug)]
pub struct Mesh {
    trunk: Network,
    regions: [Region; 3],
    cutter: Cutter,
    crop: usize,
    cells: usize,
    channels: usize,
}

#[derive(Debug)]
struct Region {
    network: Network,
    branch: Branch,
    first_iris: usize,
}

impl Mesh {
    /// Loads the attention mesh.
    ///
    /// # Errors
    /// [`FaceError`] when the model is missing, altered, another one, or refused by the runtime.
    pub fn load(store: &ModelStore, engine: &Arc<Engine>) -> Result<Self, FaceError> {
        let parts = Parts::cut(&store.read(LANDMARKS_FILE)?)?;
        let trunk = Network::new(engine, &parts.trunk)?;
        let size = parts.cells * parts.cells * parts.channels;
        expect(trunk.input_len(), 3 * parts.crop * parts.crop)?;
        expect_all(&trunk, &[3 * MESH, size, 1])?;
        let mut regions = Vec::with_capacity(parts.branches.len());
        for (mut branch, first_iris) in parts.branches.into_iter().zip(FIRST_IRIS) {
            let network = Network::new(engine, &branch.model)?;
            branch.model = Vec::new();
            expect(network.input_len(), branch.edge * branch.edge * parts.channels)?;
            let points = [2 * branch.points.len(), 2 * branch.iris];
            expect_all(&network, &points[..1 + usize::from(branch.iris > 0)])?;
            regions.push(Region { network, branch, first_iris });
        }
        let found = regions.len();
        let regions =
            regions.try_into().map_err(|_| RuntimeError::TensorSize { found, expected: 3 })?;
        Ok(Self {
            trunk,
            regions,
            cutter: Cutter {
                edge: parts.crop,
                outside: Outside::Edge,
                norm: Norm { scale: 1.0 / 255.0, offset: 0.0 },
            },
            crop: parts.crop,
            cells: parts.cells,
            channels: parts.channels,
        })
    }

    /// Reads the landmarks of the face in `square`.
    ///
    /// # Errors
    /// [`FaceError`] when the picture cannot be resampled or the runtime fails.
    pub fn read(&mut self, frame: &Frame, square: &Square) -> Result<Reading, FaceError> {
        self.trunk.run(|input| self.cutter.cut(frame, square, input))?;
        let mut landmarks = Box::new([[0.0f32; 3]; LANDMARKS]);
        self.trunk.output(0, |values| {
            landmarks[..MESH].copy_from_slice(&values.as_chunks().0[..MESH]);
        })?;
        let presence = self.trunk.output(2, |values| 1.0 / (1.0 + (-values[0]).exp()))?;

        let cell = self.crop as f32 / self.cells as f32;
        // Every region is framed by the trunk's points, so none is replaced before all are read.
        let frames =
            self.regions.each_ref().map(|region| Framing::new(&landmarks, &region.branch, cell));
        self.trunk.output(1, |values| {
            let map = FeatureMap { values, cells: self.cells, channels: self.channels };
            let mut regions = self.regions.iter_mut().zip(&frames);
            regions.try_for_each(|(region, framing)| {
                let edge = region.branch.edge;
                region.network.run(|input| map.sample(framing, edge, input))
            })
        })??;
        for (region, framing) in self.regions.iter_mut().zip(frames) {
            region.network.output(0, |values| {
                for (&point, &at) in region.branch.points.iter().zip(values.as_chunks::<2>().0) {
                    let [x, y] = framing.to_crop(at, cell);
                    landmarks[point] = [x, y, landmarks[point][2]];
                }
            })?;
            if region.branch.iris > 0 {
                let contour = &region.branch.points[..LID_CONTOUR];
                let depth =
                    contour.iter().map(|&p| landmarks[p][2]).sum::<f32>() / LID_CONTOUR as f32;
                let iris = &mut landmarks[region.first_iris..][..region.branch.iris];
                region.network.output(1, |values| {
                    for (point, &at) in iris.iter_mut().zip(values.as_chunks::<2>().0) {
                        let [x, y] = framing.to_crop(at, cell);
                        *point = [x, y, depth];
                    }
                })?;
            }
        }
        let [row_x, row_y] = square.to_frame(self.crop);
        let scale = square.side / self.crop as f32;
        for point in landmarks.iter_mut() {
            let [x, y, z] = *point;
            *point = [
                row_x[0] * x + row_x[1] * y + row_x[2],
                row_y[0] * x + row_y[1] * y + row_y[2],
                z * scale,
            ];
        }
        Ok(Reading { landmarks, presence })
    }
}

fn expect(found: usize, expected: usize) -> Result<(), RuntimeError> {
    if found >= expected { Ok(()) } else { Err(RuntimeError::TensorSize { found, expected }) }
}

fn expect_all(network: &Network, expected: &[usize]) -> Result<(), RuntimeError> {
    expect(network.output_lens().len(), expected.len())?;
    expected.iter().zip(network.output_lens()).try_for_each(|(&want, &len)| expect(len, want))
}

/// Where a region's patch lies on the feature map: patch point p reads cell `turn` p + `shift`.
#[derive(Debug, Clone, Copy)]
struct Framing {
    turn: [[f32; 2]; 2],
    shift: [f32; 2],
}

impl Framing {
    /// Frames a region's points, given in crop pixels; a cell of the feature map is `cell` of
    /// them.
    fn new(mesh: &Landmarks, branch: &Branch, cell: f32) -> Self {
        let point = |i: usize| [mesh[i][0] / cell, mesh[i][1] / cell];
        let [from, to] = branch.level.map(point);
        let (sin, cos) = (to[1] - from[1]).atan2(to[0] - from[0]).sin_cos();
        let mut low = [f32::INFINITY; 2];
        let mut high = [f32::NEG_INFINITY; 2];
        for &i in &branch.points {
            let [x, y] = point(i);
            for (axis, value) in [cos * x + sin * y, cos * y - sin * x].into_iter().enumerate() {
                low[axis] = low[axis].min(value);
                high[axis] = high[axis].max(value);
            }
        }
        let middle = [(low[0] + high[0]) / 2.0, (low[1] + high[1]) / 2.0];
        let scale = |axis: usize| branch.scale * (high[axis] - low[axis]) / branch.edge as f32;
        let (across, down) = (scale(0), scale(1));
        let turn = [[cos * across, -sin * down], [sin * across, cos * down]];
        let center = [cos * middle[0] - sin * middle[1], sin * middle[0] + cos * middle[1]];
        let half = branch.edge as f32 / 2.0;
        let shift = [0, 1].map(|axis| center[axis] - half * (turn[axis][0] + turn[axis][1]));
        Self { turn, shift }
    }

    fn apply(&self, [x, y]: [f32; 2]) -> [f32; 2] {
        [0, 1].map(|i| self.turn[i][0] * x + self.turn[i][1] * y + self.shift[i])
    }

    /// Carries a branch's point, in crop pixels of the patch, back to the crop.
    fn to_crop(self, [x, y]: [f32; 2], cell: f32) -> [f32; 2] {
        self.apply([x / cell, y / cell]).map(|value| value * cell)
    }
}

/// The trunk's square feature map, row by row, channels innermost.
struct FeatureMap<'a> {
    values: &'a [f32],
    cells: usize,
    channels: usize,
}

impl FeatureMap<'_> {
    /// Samples the patch bilinearly at cell centres; outside the map reads zero.
    fn sample(&self, framing: &Framing, edge: usize, patch: &mut [f32]) {
        for (i, out) in patch.chunks_exact_mut(self.channels).take(edge * edge).enumerate() {
            let center = [(i % edge) as f32 + 0.5, (i / edge) as f32 + 0.5];
            let [x, y] = framing.apply(center).map(|value| value - 0.5);
            let (left, top) = (x.floor(), y.floor());
            let (right, down) = (x - left, y - top);
            out.fill(0.0);
            for (dx, dy, weight) in [
                (0.0, 0.0, (1.0 - right) * (1.0 - down)),
                (1.0, 0.0, right * (1.0 - down)),
                (0.0, 1.0, (1.0 - right) * down),
                (1.0, 1.0, right * down),
            ] {
                if let Some(cell) = self.cell(left + dx, top + dy) {
                    for (out, value) in out.iter_mut().zip(cell) {
                        *out += weight * value;
                    }
                }
            }
        }
    }

    fn cell(&self, x: f32, y: f32) -> Option<&[f32]> {
        let inside = |at: f32| at >= 0.0 && at < self.cells as f32;
        (inside(x) && inside(y)).then(|| {
            let start = (y as usize * self.cells + x as usize) * self.channels;
            &self.values[start..start + self.channels]
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn branch(level: [usize; 2], points: Vec<usize>) -> Branch {
        Branch { model: Vec::new(), edge: 16, scale: 1.5, level, points, iris: 0 }
    }

    #[test]
    fn a_level_region_is_framed_with_its_margin_around_its_middle() {
        let mut mesh = [[0.0; 3]; LANDMARKS];
        mesh[0] = [40.0, 80.0, 0.0];
        mesh[1] = [104.0, 80.0, 0.0];
        mesh[2] = [72.0, 112.0, 0.0];
        let framing = Framing::new(&mesh, &branch([0, 1], vec![0, 1, 2]), 4.0);
        // Box 16 x 8 cells around (18, 24): the patch spans 24 x 12 of them.
        assert_eq!(framing.apply([8.0, 8.0]), [18.0, 24.0]);
        assert_eq!(framing.apply([0.0, 0.0]), [6.0, 18.0]);
        assert_eq!(framing.apply([16.0, 16.0]), [30.0, 30.0]);
        assert_eq!(framing.to_crop([32.0, 32.0], 4.0), [72.0, 96.0]);
    }

    #[test]
    fn a_tilted_region_is_framed_level() {
        let mut mesh = [[0.0; 3]; LANDMARKS];
        mesh[0] = [40.0, 40.0, 0.0];
        mesh[1] = [80.0, 80.0, 0.0];
        mesh[2] = [40.0, 80.0, 0.0];
        let framing = Framing::new(&mesh, &branch([0, 1], vec![0, 1, 2]), 1.0);
        let [a, b] = [framing.apply([0.0, 0.0]), framing.apply([16.0, 0.0])];
        assert!(((b[1] - a[1]) - (b[0] - a[0])).abs() < 1e-4, "top edge runs along the line");
        let middle = framing.apply([8.0, 8.0]);
        assert!((middle[0] - 50.0).abs() < 1e-4 && (middle[1] - 70.0).abs() < 1e-4, "{middle:?}");
    }

    #[test]
    fn sampling_is_linear_inside_and_zero_outside() {
        let values: Vec<f32> = (0..16).map(|i| (i % 4) as f32 + 10.0 * (i / 4) as f32).collect();
        let map = FeatureMap { values: &values, cells: 4, channels: 1 };
        let mut patch = [f32::NAN; 4];
        let identity = Framing { turn: [[1.0, 0.0], [0.0, 1.0]], shift: [0.5, 1.0] };
        map.sample(&identity, 2, &mut patch);
        assert_eq!(patch, [10.5, 11.5, 20.5, 21.5]);
        let away = Framing { shift: [-9.0, 0.0], ..identity };
        map.sample(&away, 2, &mut patch);
        assert_eq!(patch, [0.0; 4]);
    }
}
