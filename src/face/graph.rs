//! Cuts the attention mesh at the operators that the inference runtime lacks.
//!
//! The attention mesh is one graph with three custom operators between its parts: one turns
//! mesh points into a transform, one samples the feature map through it, one carries the
//! branch's points back. [`Parts::cut`] edits copies of the flatbuffer in memory so that each
//! part (trunk, lips, right eye, left eye) is a plain model; [`crate::face::mesh`] does between
//! the parts what the custom operators did. Tensors and operators are found by name and by
//! structure, and a file of another shape is refused.
//!
//! The file format is the TensorFlow Lite schema, version 3: table fields are numbered in the
//! order of `schema.fbs`.

use super::flat::{Malformed, Table, Tables, flex_map};

/// The attention mesh, cut into plain models.
#[derive(Debug, Clone)]
pub struct Parts {
    /// Image 1x192x192x3 to mesh, features and presence.
    pub trunk: Vec<u8>,
    /// Edge of the trunk's square input in pixels.
    pub crop: usize,
    /// Edge of the square feature map in cells.
    pub cells: usize,
    /// Channels of the feature map.
    pub channels: usize,
    /// Lips, right eye, left eye.
    pub branches: [Branch; 3],
}

/// One branch of the attention mesh.
#[derive(Debug, Clone)]
pub struct Branch {
    /// Patch 1 x edge x edge x channels to points.
    pub model: Vec<u8>,
    /// Edge of the square patch in cells.
    pub edge: usize,
    /// Patch size over the bounding box of `points`.
    pub scale: f32,
    /// The two mesh points whose line is turned level.
    pub level: [usize; 2],
    /// Mesh points that frame the patch; the branch's first output places these points, in
    /// this order.
    pub points: Vec<usize>,
    /// Number of iris points in the branch's second output, or 0.
    pub iris: usize,
}

/// Why a model file is not the attention mesh this program knows.
#[derive(Debug, thiserror::Error)]
pub enum GraphError {
    /// Not a readable model file.
    #[error("not a TensorFlow Lite model: {0}")]
    Malformed(#[from] Malformed),
    /// A model, but another one.
    #[error("not the attention face mesh of mediapipe 0.10.21: {0}")]
    Foreign(String),
}

fn foreign<T>(why: impl Into<String>) -> Result<T, GraphError> {
    Err(GraphError::Foreign(why.into()))
}

/// Field numbers of the TensorFlow Lite schema.
mod field {
    pub(super) const MODEL_OPERATOR_CODES: usize = 1;
    pub(super) const MODEL_SUBGRAPHS: usize = 2;
    pub(super) const CODE_CUSTOM_NAME: usize = 1;
    pub(super) const GRAPH_TENSORS: usize = 0;
    pub(super) const GRAPH_INPUTS: usize = 1;
    pub(super) const GRAPH_OUTPUTS: usize = 2;
    pub(super) const GRAPH_OPERATORS: usize = 3;
    pub(super) const TENSOR_SHAPE: usize = 0;
    pub(super) const OPERATOR_CODE: usize = 0;
    pub(super) const OPERATOR_INPUTS: usize = 1;
    pub(super) const OPERATOR_OUTPUTS: usize = 2;
    pub(super) const OPERATOR_CUSTOM_OPTIONS: usize = 5;
}

const TO_MATRIX: &str = "Landmarks2TransformMatrix";
const SAMPLE: &str = "TransformTensorBilinear";
const CARRY_BACK: &str = "TransformLandmarks";

/// Level points of lips, right eye and left eye: how the branches are told apart.
const LEVEL: [[usize; 2]; 3] = [[61, 291], [33, 133], [362, 263]];
/// Number of points of lips, right eye and left eye.
const POINTS: [usize; 3] = [80, 71, 71];
const IRIS: [usize; 3] = [0, 5, 5];
const MESH_VALUES: usize = 468 * 3;

impl Parts {
    /// Cuts the attention mesh.
    ///
    /// # Errors
    /// [`GraphError`] when `file` is not that model.
    pub fn cut(file: &[u8]) -> Result<Self, GraphError> {
        let graph = Graph::read(file)?;
        let (&[image], Some(features)) = (&graph.inputs[..], graph.common_features()) else {
            return foreign("it has no single image input with one shared feature map");
        };
        let (&[1, crop, crop_h, 3], &[1, cells, cells_h, channels]) =
            (graph.shape(image), graph.shape(features))
        else {
            return foreign("its input or its feature map has an unexpected shape");
        };
        if crop != crop_h || cells != cells_h {
            return foreign("its input or its feature map is not square");
        }
        let mesh = graph.output_of_size(MESH_VALUES)?;
        let presence = graph.output_of_size(1)?;

        let mut branches = Vec::with_capacity(LEVEL.len());
        for ((level, points), iris) in LEVEL.into_iter().zip(POINTS).zip(IRIS) {
            branches.push(graph.branch(file, level, points, iris, channels)?);
        }
        let Ok(branches) = branches.try_into() else {
            return foreign("it has not three branches");
        };
        Ok(Self {
            trunk: graph.extract(file, image, &[mesh, features, presence])?,
            crop,
            cells,
            channels,
            branches,
        })
    }
}

/// What the cut needs to know of the one subgraph.
struct Graph {
    table: Table,
    shapes: Vec<Vec<usize>>,
    inputs: Vec<usize>,
    outputs: Vec<usize>,
    operators: Vec<Operator>,
}

struct Operator {
    /// Where the operator's table lies in the file.
    table: Table,
    custom: Option<String>,
    inputs: Vec<usize>,
    outputs: Vec<usize>,
}

impl Graph {
    fn read(file: &[u8]) -> Result<Self, GraphError> {
        let tables = Tables(file);
        if file.get(4..8) != Some(b"TFL3") {
            return Err(Malformed("no TFL3 mark").into());
        }
        let model = tables.root()?;
        let names = tables
            .tables(model, field::MODEL_OPERATOR_CODES)?
            .into_iter()
            .map(|code| tables.text(code, field::CODE_CUSTOM_NAME))
            .collect::<Result<Vec<_>, _>>()?;
        let &[table] = &tables.tables(model, field::MODEL_SUBGRAPHS)?[..] else {
            return foreign("it has more than one subgraph");
        };
        let shapes = tables
            .tables(table, field::GRAPH_TENSORS)?
            .into_iter()
            .map(|tensor| tables.indices(tensor, field::TENSOR_SHAPE))
            .collect::<Result<Vec<_>, _>>()?;
        let mut operators = Vec::new();
        for operator in tables.tables(table, field::GRAPH_OPERATORS)? {
            let code = tables.u32(operator, field::OPERATOR_CODE)? as usize;
            let custom = names.get(code).ok_or(Malformed("operator without a code"))?.clone();
            operators.push(Operator {
                table: operator,
                custom,
                inputs: tables.indices(operator, field::OPERATOR_INPUTS)?,
                outputs: tables.indices(operator, field::OPERATOR_OUTPUTS)?,
            });
        }
        let inputs = tables.indices(table, field::GRAPH_INPUTS)?;
        let outputs = tables.indices(table, field::GRAPH_OUTPUTS)?;
        Ok(Self { table, shapes, inputs, outputs, operators })
    }

    fn shape(&self, tensor: usize) -> &[usize] {
        self.shapes.get(tensor).map_or(&[], Vec::as_slice)
    }

    fn custom<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a Operator> {
        self.operators.iter().filter(move |op| op.custom.as_deref() == Some(name))
    }

    fn producer(&self, tensor: usize) -> Option<usize> {
        self.operators.iter().position(|op| op.outputs.contains(&tensor))
    }

    /// The feature map, if every branch samples the same one.
    fn common_features(&self) -> Option<usize> {
        let mut maps = self.custom(SAMPLE).map(|op| op.inputs.first().copied());
        let first = maps.next()??;
        maps.all(|map| map == Some(first)).then_some(first)
    }

    fn output_of_size(&self, values: usize) -> Result<usize, GraphError> {
        let size = |&&tensor: &&usize| self.shape(tensor).iter().product::<usize>() == values;
        match self.outputs.iter().filter(size).collect::<Vec<_>>()[..] {
            [&tensor] => Ok(tensor),
            ref found => foreign(format!("{} outputs of {values} values, not one", found.len())),
        }
    }

    /// Finds the branch that is levelled by the mesh points `level`.
    fn branch(
        &self,
        file: &[u8],
        level: [usize; 2],
        points: usize,
        iris: usize,
        channels: usize,
    ) -> Result<Branch, GraphError> {
        let mut found = None;
        for op in self.custom(TO_MATRIX) {
            let frame = Frame::read(file, op)?;
            if frame.level == level {
                found = Some((op, frame));
            }
        }
        let Some((matrix, frame)) = found else {
            return foreign(format!("no branch is levelled by the points {level:?}"));
        };
        if frame.points.len() != points || frame.points.iter().any(|&p| p >= MESH_VALUES / 3) {
            return foreign(format!("branch {level:?} has not {points} points"));
        }
        let matrix = matrix.outputs.first().copied();
        let patch = self
            .custom(SAMPLE)
            .find(|op| op.inputs.get(1).copied() == matrix)
            .and_then(|op| op.outputs.first().copied());
        let Some(patch) = patch else {
            return foreign(format!("branch {level:?} samples nothing"));
        };
        if self.shape(patch) != [1, frame.edge, frame.edge, channels] {
            return foreign(format!("branch {level:?} has an unexpected patch"));
        }
        let points_of = |op: &Operator| match op.inputs[..] {
            [from, through] if self.depends(through, matrix) => Some(from),
            _ => None,
        };
        let outputs: Vec<usize> = self.custom(CARRY_BACK).filter_map(points_of).collect();
        let rows: Vec<usize> =
            outputs.iter().map(|&t| self.shape(t).get(1).copied().unwrap_or(0)).collect();
        let expected = if iris > 0 { vec![points, iris] } else { vec![points] };
        if rows != expected {
            return foreign(format!("branch {level:?} gives {rows:?} points, not {expected:?}"));
        }
        Ok(Branch {
            model: self.extract(file, patch, &outputs)?,
            edge: frame.edge,
            scale: frame.scale,
            level,
            points: frame.points,
            iris,
        })
    }

    /// Whether `tensor` is computed from `source`.
    fn depends(&self, tensor: usize, source: Option<usize>) -> bool {
        let mut seen = vec![false; self.operators.len()];
        let mut open = vec![tensor];
        while let Some(tensor) = open.pop() {
            if Some(tensor) == source {
                return true;
            }
            if let Some(at) = self.producer(tensor)
                && !std::mem::replace(&mut seen[at], true)
            {
                open.extend(&self.operators[at].inputs);
            }
        }
        false
    }

    /// A copy of the file whose graph reads `input` and writes `outputs`, with only the
    /// operators between them.
    fn extract(&self, file: &[u8], input: usize, outputs: &[usize]) -> Result<Vec<u8>, GraphError> {
        let mut keep = vec![false; self.operators.len()];
        let mut wanted = outputs.to_vec();
        while let Some(tensor) = wanted.pop() {
            if tensor == input {
                continue;
            }
            if let Some(at) = self.producer(tensor)
                && !std::mem::replace(&mut keep[at], true)
            {
                let op = &self.operators[at];
                if let Some(name) = &op.custom {
                    return foreign(format!("the operator {name} is inside a part"));
                }
                wanted.extend(&op.inputs);
            }
        }
        let kept: Vec<Table> = self
            .operators
            .iter()
            .zip(keep)
            .filter(|(_, keep)| *keep)
            .map(|(op, _)| op.table)
            .collect();
        let mut part = file.to_vec();
        let tables = Tables(file);
        tables.shorten_indices(&mut part, self.table, field::GRAPH_INPUTS, &[input])?;
        tables.shorten_indices(&mut part, self.table, field::GRAPH_OUTPUTS, outputs)?;
        tables.shorten_tables(&mut part, self.table, field::GRAPH_OPERATORS, &kept)?;
        Ok(part)
    }
}

/// The options of a `Landmarks2TransformMatrix` operator.
struct Frame {
    level: [usize; 2],
    points: Vec<usize>,
    edge: usize,
    scale: f32,
}

impl Frame {
    fn read(file: &[u8], op: &Operator) -> Result<Self, GraphError> {
        let options = flex_map(Tables(file).bytes(op.table, field::OPERATOR_CUSTOM_OPTIONS)?)?;
        let number = |key: &str| match options.get(key).map(Vec::as_slice) {
            Some(&[value]) => Ok(value),
            _ => foreign(format!("{TO_MATRIX} has no single {key}")),
        };
        let Some(points) = options.get("subset_idxs") else {
            return foreign(format!("{TO_MATRIX} has no subset_idxs"));
        };
        if number("target_rotation_radians")? != 0.0
            || number("output_width")? != number("output_height")?
            || number("scale_x")? != number("scale_y")?
        {
            return foreign("its patches are not level squares");
        }
        Ok(Self {
            level: [number("left_rotation_idx")? as usize, number("right_rotation_idx")? as usize],
            points: points.iter().map(|&p| p as usize).collect(),
            edge: number("output_width")? as usize,
            scale: number("scale_x")? as f32,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::models::{LANDMARKS_FILE, ModelStore};

    fn models() -> ModelStore {
        ModelStore::open().expect("setup.sh fetches the models")
    }

    fn attention_mesh() -> Vec<u8> {
        models().read(LANDMARKS_FILE).expect("the models verify")
    }

    #[test]
    fn the_attention_mesh_falls_into_a_trunk_and_three_branches() {
        let file = attention_mesh();
        let parts = Parts::cut(&file).unwrap();
        assert_eq!((parts.crop, parts.cells, parts.channels), (192, 48, 32));
        for branch in &parts.branches {
            assert_eq!((branch.edge, branch.scale), (16, 1.5));
        }
        let [lips, right, left] = &parts.branches;
        assert_eq!(lips.points[..3], [61, 146, 91]);
        assert_eq!(right.points[..3], [33, 7, 163]);
        assert_eq!(left.points[..3], [263, 249, 390]);
        for part in [&parts.trunk, &lips.model, &right.model, &left.model] {
            let graph = Graph::read(part).unwrap();
            assert_eq!(graph.inputs.len(), 1);
            assert!(graph.operators.iter().all(|op| op.custom.is_none()));
        }
        assert_eq!(Graph::read(&right.model).unwrap().outputs.len(), 2);
    }

    #[test]
    fn every_operator_of_a_part_finds_its_inputs_in_that_part() {
        let file = attention_mesh();
        let parts = Parts::cut(&file).unwrap();
        let whole = Graph::read(&file).unwrap();
        for part in [&parts.trunk, &parts.branches[0].model, &parts.branches[2].model] {
            let graph = Graph::read(part).unwrap();
            for op in &graph.operators {
                for &input in &op.inputs {
                    let constant = whole.producer(input).is_none();
                    let given = graph.inputs.contains(&input);
                    assert!(constant || given || graph.producer(input).is_some());
                }
            }
        }
    }

    #[test]
    fn another_file_is_refused_with_a_reason() {
        let error = Parts::cut(b"not a model at all").unwrap_err();
        assert!(error.to_string().contains("not a TensorFlow Lite model"), "{error}");
        let mut file = attention_mesh();
        file.truncate(file.len() / 2);
        assert!(Parts::cut(&file).is_err());
    }

    #[test]
    fn a_model_of_another_kind_is_refused() {
        let file = models().read(crate::models::DETECTOR_FILE).unwrap();
        let error = Parts::cut(&file).unwrap_err();
        assert!(error.to_string().contains("not the attention face mesh"), "{error}");
    }
}
