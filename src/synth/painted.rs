//! A scenario as a source of pictures, without a file between.

use super::motion::Motion;
use super::paint::Painter;
use super::scenario::{Scenario, ScenarioError};
use crate::source::{Frame, Source, SourceError, StreamInfo};

/// Paints the frames of a scenario one after another.
#[derive(Debug)]
pub struct PaintedSource {
    painter: Painter,
    motion: Motion,
    times: std::iter::Enumerate<std::vec::IntoIter<f64>>,
    info: StreamInfo,
}

impl PaintedSource {
    /// Builds the person of a scenario.
    ///
    /// # Errors
    /// [`ScenarioError`] when the scenario's values cannot be.
    pub fn new(scenario: &Scenario) -> Result<Self, ScenarioError> {
        scenario.check()?;
        let times = scenario.frame_times();
        let info = StreamInfo {
            fps_nominal: Some(scenario.camera.fps),
            frames_declared: Some(times.len() as u64),
            ..StreamInfo::default()
        };
        Ok(Self {
            painter: Painter::new(scenario),
            motion: Motion::new(scenario),
            times: times.into_iter().enumerate(),
            info,
        })
    }

    /// The movements that are painted.
    #[must_use]
    pub const fn motion(&self) -> &Motion {
        &self.motion
    }
}

impl Source for PaintedSource {
    fn info(&self) -> &StreamInfo {
        &self.info
    }

    fn read_into(&mut self, frame: &mut Frame) -> Result<bool, SourceError> {
        let Some((index, time_s)) = self.times.next() else { return Ok(false) };
        *frame = self.painter.film(&self.motion, time_s, index as u64);
        Ok(true)
    }
}
