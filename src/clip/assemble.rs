//! From what was measured to what is reported.

use crate::pattern::{self, History};
use crate::pipeline::{Ending, Options, Recording};
use crate::report::{Analysis, SourceInfo, Warning};
use crate::signal::Sample;
use crate::source::Note;
use crate::thresholds::Thresholds;

/// How far a declared task may reach beyond the recording unsaid, seconds (judgment: whoever filmed
/// stopped a little early).
const BEYOND_UNSAID_S: f64 = 2.0;

/// Codes of the warnings that make an analysis partial.
const PARTIAL: [&str; 7] = [
    "interrupted",
    "ended_early",
    "frames_missing",
    "cut_off",
    "damaged",
    "no_overlay",
    "saved_elsewhere",
];

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
        fps: recording.fps,
        start_offset_s: recording.stream.start_offset_s,
        variable_frame_rate: recording.has_variable_rate(),
        mirrored: options.mirrored ^ recording.stream.mirrored,
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
    // What lies behind the asked-for stretch is not missed.
    let read_s = recording.last_s + recording.interval_s.unwrap_or(0.0);
    let missed = |note: &Note| match note {
        Note::Short { .. } | Note::CutOff { .. } => options.end_s.is_none_or(|end| end > read_s),
        _ => true,
    };
    for note in recording.notes.iter().filter(|note| missed(note)) {
        warn(note.code(), note.to_string());
    }
    let whole = options.end_s.is_none() && matches!(recording.ending, Ending::Complete);
    let told = recording.notes.iter().any(|note| PARTIAL.contains(&note.code()));
    if let Some(declared) = recording.stream.frames_declared.filter(|_| whole && !told) {
        let read = recording.frames_read;
        if read < declared {
            let message = format!("the file lists {declared} frames, {read} could be decoded");
            warn("few_frames_missing", message);
        }
    }
    let segments = options.protocol.iter().flat_map(|protocol| &protocol.segments);
    let mut beyond = segments.filter(|_| whole).filter(|s| s.end_s > read_s + BEYOND_UNSAID_S);
    if let Some(segment) = beyond.next() {
        warn(
            "segment_beyond_end",
            format!(
                "the protocol's segment {} ends at {:.1} s, after the recording ({read_s:.1} s); \
                 its times are seconds",
                segment.task.name(),
                segment.end_s
            ),
        );
    }
    let (for_blinks, for_order) = (thresholds.blink.fps_min, thresholds.event.order_fps_min);
    if let Some(fps) = recording.fps.filter(|fps| *fps < for_order) {
        if fps < for_blinks {
            warn(
                "rate_low_for_blinks",
                format!(
                    "{fps:.1} new pictures a second are too few for blinks: one may be missed or \
                     read too small; film at 30 or more"
                ),
            );
        }
        warn(
            "rate_low_for_order",
            format!(
                "{fps:.1} new pictures a second are too few to tell an order within an event; \
                 none is claimed"
            ),
        );
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
