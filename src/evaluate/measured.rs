//! What the pixels of a recording brought, and judging it without them.

use std::convert::Infallible;
use std::sync::atomic::AtomicBool;

use serde::{Deserialize, Serialize};

use crate::analyzer::{Analyzer, Step};
use crate::clip::{ClipError, assemble};
use crate::event::Protocol;
use crate::face::FaceObservation;
use crate::pattern;
use crate::pipeline::{Options, Pipeline, PipelineError, Sink};
use crate::report::{Analysis, Coverage, SourceInfo, Warning};
use crate::signal::Sample;
use crate::source::{Frame, Input, Opening, Source};
use crate::thresholds::Thresholds;

/// A recording behind the stages that look at pixels: all that the stages from `event` on take. Its
/// [`Measured::judge`] gives what an analysis of the recording gives.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Measured {
    /// The recording as it was read.
    pub source: SourceInfo,
    /// How much of it could be measured.
    pub coverage: Coverage,
    /// What the reader should know of the recording.
    pub warnings: Vec<Warning>,
    /// The signals, one sample a frame.
    pub samples: Vec<Sample>,
}

impl Measured {
    /// Measures a recording; `mirrored` measures its mirror image.
    ///
    /// # Errors
    /// It cannot be read, or the face model does not run.
    pub fn of_file(
        pipeline: &mut Pipeline,
        input: &Input,
        mirrored: bool,
    ) -> Result<Self, ClipError> {
        Self::of_source(pipeline, &input.to_string(), input.open(&Opening::default())?, mirrored)
    }

    /// The same of an open source that is called `name`.
    ///
    /// # Errors
    /// As [`Measured::of_file`].
    pub fn of_source(
        pipeline: &mut Pipeline,
        name: &str,
        source: Box<dyn Source>,
        mirrored: bool,
    ) -> Result<Self, ClipError> {
        let options = Options { mirrored, ..Options::default() };
        let mut kept = Kept::default();
        let recording = pipeline
            .run(source, &options, &AtomicBool::new(false), &mut kept)
            .map_err(|error| match error {
                PipelineError::Source(error) => ClipError::from(error),
                PipelineError::Face(error) => ClipError::Pipeline(PipelineError::Face(error)),
                PipelineError::Sink(never) => match never {},
            })?;
        let samples = kept.0;
        let analysis = assemble(name, recording, &samples, &options, None, pipeline.thresholds());
        let Analysis { source, coverage, warnings, .. } = analysis;
        Ok(Self { source, coverage, warnings, samples })
    }

    /// Judges what was measured: events, pattern, and all that follows.
    #[must_use]
    pub fn judge(&self, thresholds: &Thresholds, protocol: Option<&Protocol>) -> Analysis {
        let outcome = Analyzer::whole(&self.samples, thresholds, protocol.cloned());
        let findings = outcome.findings;
        let pattern = pattern::assess(&findings, findings.summary.usable_s, &thresholds.pattern);
        let Coverage { places, rest_s, .. } = outcome.coverage;
        let coverage = Coverage { places, rest_s, ..self.coverage.clone() };
        let source = self.source.clone();
        Analysis::new(source, coverage, findings, pattern, thresholds, self.warnings.clone())
            .with_protocol(protocol)
    }
}

/// Keeps the signals as they settle.
#[derive(Default)]
struct Kept(Vec<Sample>);

impl Sink for Kept {
    type Error = Infallible;

    fn step(&mut self, _: &Frame, _: &FaceObservation, step: &Step) -> Result<(), Infallible> {
        self.end(step)
    }

    fn end(&mut self, step: &Step) -> Result<(), Infallible> {
        self.0.extend_from_slice(&step.settled);
        Ok(())
    }
}
