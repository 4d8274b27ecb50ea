//! Completes the outputs of a session that was cut off.

use std::path::Path;

use super::journal::Finished;
use super::recorder;
use super::request::MonitorError;
use super::save::{PROTOCOL, save};
use crate::analyzer::Analyzer;
use crate::clip::{self, Analyzed};
use crate::pattern::History;
use crate::pipeline::Recording;
use crate::report::{Claim, Intent};
use crate::thresholds::Thresholds;

/// Writes the outputs of a session that a crash or power cut ended, from the signals that were on
/// the disk by then.
///
/// # Errors
/// [`MonitorError`] where the folder holds no such session, or cannot be written to.
pub fn recover(
    place: &Path,
    history: Option<&History>,
    thresholds: &Thresholds,
) -> Result<Analyzed, MonitorError> {
    let (journal, samples) = Finished::take_up(place)?;
    let claim = Claim::take(place, Intent::to_write(clip::FILES.into_iter().chain([PROTOCOL])))?;
    let outcome = Analyzer::replay(&samples, thresholds, None);
    if outcome.coverage.frames_with_face == 0 {
        return Err(MonitorError::NothingKept(place.to_owned()));
    }
    let size = [journal.record.width, journal.record.height];
    let why = "the session was cut off and completed from its journal";
    let recording = Recording::of_samples(&samples, outcome, size, why);
    let unrecorded = recorder::take_up(place).err().map(|error| error.to_string());
    save(claim, recording, samples, history, thresholds, journal, unrecorded)
}
