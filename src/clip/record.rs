//! Receives the signals as they settle.

use std::convert::Infallible;
use std::io;

use super::{Outputs, Watch};
use crate::analyzer::Step;
use crate::face::FaceObservation;
use crate::pipeline::Sink;
use crate::report::OutputFolder;
use crate::report::overlay::{Spool, SpoolReader};
use crate::signal::Sample;
use crate::source::Frame;

/// Keeps what the outputs are made from. A disk that takes no more ends what goes there and not
/// the measurement: the samples are in memory, and written at the end, when they are read again.
pub(super) struct Record<'a> {
    samples: Vec<Sample>,
    /// Landmarks for the overlay, where one is wanted.
    spool: Option<io::Result<Spool>>,
    watch: &'a mut dyn Watch,
    /// Width and height of the first frame, which the overlay has.
    size: Option<[usize; 2]>,
}

/// What was kept.
pub(super) struct Kept {
    pub(super) samples: Vec<Sample>,
    /// The landmarks, where an overlay is wanted.
    pub(super) spool: Option<io::Result<SpoolReader>>,
}

impl<'a> Record<'a> {
    pub(super) fn new(folder: &OutputFolder, outputs: &Outputs, watch: &'a mut dyn Watch) -> Self {
        let spool = outputs.overlay.map(|_| Spool::create_in(folder.path()));
        Self { samples: Vec::new(), spool, watch, size: None }
    }

    /// Completes what can be completed.
    pub(super) fn finish(self) -> Kept {
        let spool = self.spool.map(|spool| spool.and_then(Spool::into_reader));
        Kept { samples: self.samples, spool }
    }
}

/// What was seen in a picture of one size, as it lies in one of another.
fn stretched(seen: &FaceObservation, from: [usize; 2], to: [usize; 2]) -> FaceObservation {
    let mut seen = seen.clone();
    if let Ok(face) = &mut seen.face {
        for point in &mut face.landmarks {
            for axis in 0..2 {
                point[axis] *= to[axis] as f32 / from[axis] as f32;
            }
        }
    }
    seen
}

impl Sink for Record<'_> {
    type Error = Infallible;

    fn step(
        &mut self,
        frame: &Frame,
        seen: &FaceObservation,
        step: &Step,
    ) -> Result<(), Infallible> {
        self.watch.frame();
        if let Some(Ok(spool)) = &mut self.spool {
            let size = [frame.width, frame.height];
            let first = *self.size.get_or_insert(size);
            let kept = if size == first {
                spool.push(seen)
            } else {
                spool.push(&stretched(seen, size, first))
            };
            if let Err(why) = kept {
                self.spool = Some(Err(why));
            }
        }
        self.samples.extend_from_slice(&step.settled);
        Ok(())
    }

    fn end(&mut self, step: &Step) -> Result<(), Infallible> {
        self.samples.extend_from_slice(&step.settled);
        Ok(())
    }
}
