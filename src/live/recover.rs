//! Completes the outputs of a session that was cut off.

use std::path::Path;

use super::journal::{Finished, is_unfinished};
use super::recorder;
use super::request::MonitorError;
use super::save::{Target, save};
use crate::analyzer::Analyzer;
use crate::clip::Analyzed;
use crate::pattern::History;
use crate::pipeline::Recording;
use crate::report::{Claim, Intent, OutputFolder, Warning};
use crate::thresholds::Thresholds;

/// Writes the outputs of a session that a crash or power cut ended, from the signals that were on
/// the disk by then. One that showed no face until then is cleared away.
///
/// # Errors
/// [`MonitorError`] where the folder holds no such session, nothing of it could be kept, or the
/// folder cannot be written to.
pub fn recover(
    place: &Path,
    history: Option<&History>,
    thresholds: &Thresholds,
) -> Result<Analyzed, MonitorError> {
    if !is_unfinished(place) {
        return Err(MonitorError::NothingToRecover(place.to_owned()));
    }
    // A session that still runs is not one that was cut off.
    drop(Claim::take(place, Intent::default())?);
    let (journal, samples, damaged) = Finished::take_up(place)?;
    let unrecorded = recorder::take_up(place).err().map(|error| error.to_string());
    let outcome = Analyzer::replay(&samples, thresholds, None);
    if outcome.coverage.frames_with_face == 0 {
        Finished::abandon(&OutputFolder::create(place)?)?;
        // It stays where a recording is in it.
        let _ = std::fs::remove_dir(place);
        return Err(MonitorError::NothingKept(place.to_owned()));
    }
    let size = [journal.record.width, journal.record.height].map(|side| side.max(1));
    let why = "the session was cut off and completed from its journal";
    let recording = Recording::of_samples(&samples, outcome, size, why);
    let mut further: Vec<Warning> =
        unrecorded.map(|why| Warning::new("no_recording", why)).into_iter().collect();
    if damaged > 0 {
        let text = format!("{damaged} rows of the journal were damaged and are left out");
        further.push(Warning::new("journal_damaged", text));
    }
    save(Target { place, force: false }, recording, samples, history, thresholds, &journal, further)
}
