//! Receives the signals as they settle.

use super::{Outputs, Watch};
use crate::analyzer::Step;
use crate::face::FaceObservation;
use crate::pipeline::Sink;
use crate::report::csv::SignalWriter;
use crate::report::overlay::{Spool, SpoolReader};
use crate::report::{Error, OutputFile, OutputFolder};
use crate::signal::Sample;
use crate::source::Frame;

/// Keeps what the outputs are made from.
pub(crate) struct Record<'a> {
    signals: Option<SignalWriter<OutputFile>>,
    samples: Vec<Sample>,
    /// Landmarks for the overlay, where one is wanted.
    spool: Option<Spool>,
    /// Where both go, for the error that says they could not.
    folder: &'a OutputFolder,
    watch: &'a mut dyn Watch,
}

impl<'a> Record<'a> {
    pub(crate) fn new(
        folder: &'a OutputFolder,
        outputs: &Outputs,
        watch: &'a mut dyn Watch,
    ) -> Result<Self, Error> {
        let signals = match outputs.signals {
            true => {
                let file = folder.file("signals.csv")?;
                Some(SignalWriter::new(file).map_err(Error::write(folder.path()))?)
            }
            false => None,
        };
        let spool = match outputs.overlay {
            Some(_) => Some(Spool::create_in(folder.path()).map_err(Error::write(folder.path()))?),
            None => None,
        };
        Ok(Self { signals, samples: Vec::new(), spool, folder, watch })
    }

    fn keep(&mut self, step: &Step) -> Result<(), Error> {
        if let Some(signals) = &mut self.signals {
            for sample in &step.settled {
                signals.push(sample).map_err(Error::write(self.folder.path()))?;
            }
        }
        self.samples.extend_from_slice(&step.settled);
        Ok(())
    }

    /// Completes `signals.csv`; the samples and the landmarks.
    pub(crate) fn finish(self) -> Result<(Vec<Sample>, Option<SpoolReader>), Error> {
        if let Some(signals) = self.signals {
            signals.into_inner().map_err(Error::write(self.folder.path()))?.finish()?;
        }
        let spool = self.spool.map(Spool::into_reader).transpose();
        Ok((self.samples, spool.map_err(Error::write(self.folder.path()))?))
    }
}

impl Sink for Record<'_> {
    type Error = Error;

    fn step(&mut self, _: &Frame, seen: &FaceObservation, step: &Step) -> Result<(), Error> {
        self.watch.frame();
        if let Some(spool) = &mut self.spool {
            spool.push(seen).map_err(Error::write(self.folder.path()))?;
        }
        self.keep(step)
    }

    fn end(&mut self, step: &Step) -> Result<(), Error> {
        self.keep(step)
    }
}
