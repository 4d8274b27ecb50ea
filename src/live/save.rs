//! The outputs of a session whose signals are complete.

use super::journal::{Finished, SessionRecord};
use super::request::MonitorError;
use crate::analyzer::Analyzer;
use crate::clip::{self, Analyzed, Outputs};
use crate::event::Protocol;
use crate::pattern::History;
use crate::pipeline::{Options, Recording};
use crate::report::{Claim, OutputFolder, Warning, json};
use crate::signal::Sample;
use crate::thresholds::Thresholds;

/// Name of the protocol that the guided exam made.
pub(super) const PROTOCOL: &str = "protocol.json";

/// The files of a session: those of any recording, and no overlay.
pub(super) const OUTPUTS: Outputs =
    Outputs { events: true, signals: true, report: true, overlay: None };

/// Writes the outputs of a session whose signals are complete, and removes its journal. Where its
/// folder takes them no more, they go elsewhere and the journal stays.
pub(super) fn save(
    claim: Claim,
    mut recording: Recording,
    samples: Vec<Sample>,
    history: Option<&History>,
    thresholds: &Thresholds,
    journal: Finished,
    unrecorded: Option<String>,
) -> Result<Analyzed, MonitorError> {
    let record = &journal.record;
    let protocol = (!record.tasks.is_empty()).then(|| Protocol { segments: record.tasks.clone() });
    if let Some(protocol) = &protocol {
        // Only now is it known what was asked for when.
        let again = Analyzer::replay(&samples, thresholds, Some(protocol.clone()));
        recording.outcome.findings = again.findings;
    }
    let options = Options { protocol, mirrored: record.mirrored, ..Options::default() };
    let mut analysis =
        clip::assemble(&record.input, recording, &samples, &options, history, thresholds);
    analysis.source.sha256.clone_from(&record.sha256);
    analysis.warnings.extend(lost_frames(record));
    analysis.warnings.extend(unrecorded.map(|why| Warning::new("no_recording", why)));
    let beside = |folder: &OutputFolder| match &options.protocol {
        Some(protocol) => json::write(folder.file(PROTOCOL)?, protocol),
        None => Ok(()),
    };
    let folder = claim.open_folder();
    let written = clip::write(claim.folder(), &OUTPUTS, &analysis, &samples, None)
        .and_then(|()| beside(claim.folder()))
        .and_then(|()| claim.commit(None))
        .and_then(|place| journal.discard(&folder).map(|()| place));
    let place = match written {
        Ok(place) => place,
        Err(why) => {
            let more =
                |folder: &OutputFolder| beside(folder).and_then(|()| journal.record.write(folder));
            clip::rescue(folder.path(), why, &OUTPUTS, &mut analysis, &samples, None, &more)?
        }
    };
    let partial = clip::is_partial(&analysis);
    Ok(Analyzed { analysis, samples, partial, place })
}

/// Says what the session lost to slowness.
fn lost_frames(record: &SessionRecord) -> Option<Warning> {
    let SessionRecord { arrived, dropped, unsent, .. } = record;
    let lost = dropped + unsent;
    (lost > 0).then(|| {
        let of = arrived + unsent;
        let text = format!(
            "{lost} of {of} frames were lost because the machine or the link could not keep up; \
             the times of the others are true"
        );
        Warning::new("frames_dropped", text)
    })
}
