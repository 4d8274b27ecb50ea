//! The outputs of a session whose signals are complete.

use std::path::Path;

use super::journal::{Finished, SESSION, SessionRecord};
use super::request::MonitorError;
use crate::analyzer::Analyzer;
use crate::clip::{self, Analyzed, Outputs};
use crate::event::Protocol;
use crate::pattern::History;
use crate::pipeline::{Options, Recording};
use crate::report::{Analysis, Claim, Intent, OutputFolder, Warning, json};
use crate::signal::Sample;
use crate::thresholds::Thresholds;

/// Name of the protocol that the guided exam made.
pub(super) const PROTOCOL: &str = "protocol.json";

/// The files of a session: those of any recording, and no overlay.
pub(super) const OUTPUTS: Outputs =
    Outputs { events: true, signals: true, report: true, overlay: None };

/// Where outputs go.
#[derive(Debug, Clone, Copy)]
pub(super) struct Target<'a> {
    /// The folder.
    pub(super) place: &'a Path,
    /// Replace what this program did not write.
    pub(super) force: bool,
}

/// Writes the outputs of a session whose signals are complete, and removes its journal. Where its
/// folder takes them no more, they go elsewhere and the journal stays.
pub(super) fn save(
    target: Target<'_>,
    mut recording: Recording,
    mut samples: Vec<Sample>,
    history: Option<&History>,
    thresholds: &Thresholds,
    journal: &Finished,
    further: Vec<Warning>,
) -> Result<Analyzed, MonitorError> {
    let record = &journal.record;
    let protocol = (!record.tasks.is_empty()).then(|| Protocol { segments: record.tasks.clone() });
    Analyzer::review(&mut samples, &mut recording.outcome, thresholds, None);
    if let Some(protocol) = &protocol {
        // Only now is it known what was asked for when.
        let again = Analyzer::replay(&samples, thresholds, Some(protocol.clone()));
        recording.outcome.findings = again.findings;
        recording.outcome.coverage.rest_s = again.coverage.rest_s;
    }
    let options = Options { protocol, mirrored: record.mirrored, ..Options::default() };
    let mut analysis =
        clip::assemble(&record.input, recording, &samples, &options, history, thresholds);
    analysis.source.sha256.clone_from(&record.sha256);
    analysis.warnings.extend(lost_frames(record));
    analysis.warnings.extend(further);
    write(target, analysis, samples, journal)
}

/// The same once more, with a warning of what happened after it was saved.
pub(super) fn amend(
    saved: Analyzed,
    journal: &Finished,
    warning: Warning,
) -> Result<Analyzed, MonitorError> {
    let Analyzed { mut analysis, samples, place, .. } = saved;
    analysis.warnings.push(warning);
    // Everything there is its own by now.
    write(Target { place: &place, force: false }, analysis, samples, journal)
}

fn write(
    Target { place, force }: Target<'_>,
    mut analysis: Analysis,
    samples: Vec<Sample>,
    journal: &Finished,
) -> Result<Analyzed, MonitorError> {
    let beside = |folder: &OutputFolder| match journal.record.tasks.as_slice() {
        [] => Ok(()),
        tasks => json::write(folder.file(PROTOCOL)?, &Protocol { segments: tasks.to_vec() }),
    };
    let names = clip::FILES.into_iter().chain([PROTOCOL]);
    let written =
        Claim::take(place, Intent { force, ..Intent::to_write(names) }).and_then(|claim| {
            clip::write(claim.folder(), &OUTPUTS, &analysis, &samples, None)?;
            beside(claim.folder())?;
            let folder = claim.open_folder();
            claim.commit(None)?;
            journal.discard(&folder)
        });
    let place = match written {
        Ok(()) => place.to_owned(),
        Err(why) => {
            let more = |folder: &OutputFolder| {
                beside(folder)?;
                json::write(folder.file(SESSION)?, &journal.record)
            };
            clip::rescue(place, why, &OUTPUTS, &mut analysis, &samples, None, &more)?
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
