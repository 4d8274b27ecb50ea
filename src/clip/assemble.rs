//! From what was measured to what is reported.

use crate::pattern::{self, History};
use crate::pipeline::{Ending, Options, Recording};
use crate::report::{Analysis, SourceInfo, Warning};
use crate::signal::Sample;
use crate::thresholds::Thresholds;

/// Share of the declared frames that may be missing before the analysis counts as partial: the
/// last frames of a recording are often lost when a camera is switched off (judgment).
const MISSING_FRAMES_TOLERATED: f64 = 0.02;

/// Codes of the warnings that make an analysis partial.
const PARTIAL: [&str; 5] =
    ["interrupted", "ended_early", "frames_missing", "no_overlay", "saved_elsewhere"];

/// Whether the recording was not measured to its end, or an output is missing.
pub(crate) fn is_partial(analysis: &Analysis) -> bool {
    analysis.warnings.iter().any(|warning| PARTIAL.contains(&warning.code.as_str()))
}

/// The analysis of a recording that was called `name`; its hash is still to be told.
pub(crate) fn assemble(
    name: &str,
    recording: Recording,
    samples: &[Sample],
    options: &Options,
    history: Option<&History>,
    thresholds: &Thresholds,
) -> Analysis {
    let warnings = warnings(&recording, options, samples, thresholds);
    let source = SourceInfo {
        path: name.to_owned(),
        sha256: None,
        width: recording.width,
        height: recording.height,
        frames: recording.stream.frames_declared,
        duration_s: recording.last_s + recording.interval_s.unwrap_or(0.0),
        fps_nominal: recording.stream.fps_nominal,
        variable_frame_rate: recording.has_variable_rate(),
        mirrored: options.mirrored,
    };
    let outcome = recording.outcome;
    let pattern = pattern::assess_with_history(
        &outcome.findings,
        outcome.findings.summary.usable_s,
        history,
        &thresholds.pattern,
    );
    Analysis::new(source, outcome.coverage, outcome.findings, pattern, thresholds, warnings)
        .with_protocol(options.protocol.as_ref())
        .with_history(history)
}

fn warnings(
    recording: &Recording,
    options: &Options,
    samples: &[Sample],
    thresholds: &Thresholds,
) -> Vec<Warning> {
    let mut warnings = Vec::new();
    let mut warn = |code: &str, message: String| warnings.push(Warning::new(code, message));
    let until = format!("{:.1} s were analyzed", recording.last_s);
    match &recording.ending {
        Ending::Complete => {}
        Ending::Stopped => warn("interrupted", format!("stopped by the user; {until}")),
        Ending::Failed(why) => warn("ended_early", format!("{why}; {until}")),
    }
    let whole = options.end_s.is_none() && matches!(recording.ending, Ending::Complete);
    if let Some(declared) = recording.stream.frames_declared.filter(|_| whole) {
        let missing = declared.saturating_sub(recording.frames_read);
        let message = format!(
            "the file lists {declared} frames, {} could be decoded; it may be cut short",
            recording.frames_read
        );
        if missing as f64 > MISSING_FRAMES_TOLERATED * declared as f64 {
            warn("frames_missing", message);
        } else if missing > 0 {
            warn("few_frames_missing", message);
        }
    }
    if recording.outcome.other_faces {
        let message = "another face was in view; the largest, most central one was measured";
        warn("other_faces", message.to_owned());
    }
    let beyond = options.protocol.as_ref().and_then(|own| own.beyond(recording.last_s));
    if let Some((number, start_s)) = beyond.filter(|_| options.end_s.is_none()) {
        let file = options.protocol_file.as_ref();
        let file =
            file.map_or_else(|| "the protocol".to_owned(), |path| path.display().to_string());
        warn(
            "protocol_beyond_end",
            format!(
                "{file}: segments[{number}].start_s is {start_s}, and the recording ends at {:.1} s; \
                 times are seconds, not milliseconds",
                recording.last_s
            ),
        );
    }
    let face_unit = median(samples.iter().filter_map(|s| s.pose.map(|pose| pose.face_unit_px)));
    let smallest = thresholds.signal.face_unit_min_px;
    if let Some(face_unit) = face_unit.filter(|unit| *unit < smallest) {
        warn(
            "small_face",
            format!(
                "the eyes are only {face_unit:.0} pixels apart at their outer corners; small \
                 contractions need {smallest:.0} or more: film from nearer"
            ),
        );
    }
    warnings
}

fn median(values: impl Iterator<Item = f32>) -> Option<f32> {
    let mut values: Vec<f32> = values.collect();
    values.sort_by(f32::total_cmp);
    values.get(values.len() / 2).copied()
}
