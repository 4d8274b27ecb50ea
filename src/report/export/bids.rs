//! BIDS: a dataset with one motion recording (BIDS 1.10, motion).
//!
//! The recording's own times go into a `LATENCY` channel, since frames may come at a variable
//! rate. Zero is the first analyzed frame, as the standard has it.

use std::fmt::Write as _;
use std::path::PathBuf;

use serde_json::{Value, json};

use super::span::{Span, What, spans};
use super::{interval_s, text};
use crate::report::channel::{Channel, Source, channels};
use crate::report::{Analysis, Error, OutputFolder, WRITTEN, json};
use crate::signal::Sample;

/// Where the files of the one recording stand and how they begin.
const RECORDING: &str = "sub-01_task-face_tracksys-video";

pub(super) fn write(
    folder: &OutputFolder,
    analysis: &Analysis,
    samples: &[Sample],
) -> Result<Vec<PathBuf>, Error> {
    let channels: Vec<Channel> = channels();
    let named = |ending: &str| format!("sub-01/motion/{RECORDING}_{ending}");
    let events = "sub-01/motion/sub-01_task-face_events";
    let mut files = Vec::new();
    let mut put = |name: &str, content: &str| -> Result<(), Error> {
        files.extend(text(folder, name, content)?);
        Ok(())
    };
    put("dataset_description.json", &json::text(&description(analysis)))?;
    put("README", &readme(analysis))?;
    // What this program notes of its files is no part of the dataset.
    put(".bidsignore", &format!("{WRITTEN}\n"))?;
    put("participants.tsv", "participant_id\nsub-01\n")?;
    put(&named("motion.json"), &json::text(&sidecar(analysis, samples, &channels)))?;
    put(&named("channels.tsv"), &channel_table(&channels, samples))?;
    put(&named("channels.json"), &json::text(&frames_of_reference()))?;
    put(&format!("{events}.json"), &json::text(&event_columns()))?;
    put(&format!("{events}.tsv"), &event_table(analysis, samples))?;
    put(&named("motion.tsv"), &motion_table(&channels, samples))?;
    Ok(files)
}

fn description(analysis: &Analysis) -> Value {
    json!({
        "Name": format!("Spasmograph: {}", super::stem(analysis)),
        "BIDSVersion": "1.10.0",
        "DatasetType": "raw",
        "License": "n/a",
        "GeneratedBy": [{ "Name": "Spasmograph", "Version": analysis.version }],
    })
}

fn readme(analysis: &Analysis) -> String {
    format!(
        "Motion of a face measured from video by Spasmograph {}.\n\n{}.\n\nSides are the \
         subject's own. Displacements are thousandths of the distance between the outer canthi \
         (mFU), positive in the direction of the contraction, head motion removed. The latency \
         channel holds the time of each video frame, in seconds from the first analyzed one. \
         Frames without a measurement hold n/a.\n",
        analysis.version, analysis.disclaimer
    )
}

fn sidecar(analysis: &Analysis, samples: &[Sample], channels: &[Channel]) -> Value {
    let first_s = samples.first().map_or(0.0, |sample| sample.time_s);
    let last_s = samples.last().map_or(0.0, |sample| sample.time_s);
    let count = |kind: &str| channels.iter().filter(|c| bids_type(c).0 == kind).count();
    let rate = rounded(1.0 / interval_s(samples));
    let mut sidecar = json!({
        "TaskName": "face",
        "TaskDescription": "A face filmed at rest or during an exam; declared tasks are events.",
        "SamplingFrequency": rate,
        "TrackingSystemName": "video",
        "Manufacturer": "n/a",
        "SoftwareVersions": format!("Spasmograph {}", analysis.version),
        "RecordingDuration": rounded(last_s - first_s),
        "RecordingType": "continuous",
        "MotionChannelCount": channels.len() + 1,
        "LATENCYChannelCount": 1,
        "ORNTChannelCount": count("ORNT"),
        "MISCChannelCount": count("MISC"),
        "TrackedPointsCount": tracked_points(channels),
        "MissingValues": "n/a",
    });
    if samples.len() > 1 {
        sidecar["SamplingFrequencyEffective"] = rate.into();
    }
    sidecar
}

/// To a ten-thousandth: more is not known.
fn rounded(figure: f64) -> f64 {
    (figure * 1e4).round() / 1e4
}

fn tracked_points(channels: &[Channel]) -> usize {
    let mut points: Vec<String> = channels.iter().map(tracked_point).collect();
    points.sort();
    points.dedup();
    points.len()
}

/// Type and component of a channel in the words of the standard.
fn bids_type(channel: &Channel) -> (&'static str, &'static str) {
    match (channel.source, channel.name.as_str()) {
        (Source::Head(_), "pitch_deg") => ("ORNT", "x"),
        (Source::Head(_), "yaw_deg") => ("ORNT", "y"),
        (Source::Head(_), "roll_deg") => ("ORNT", "z"),
        _ => ("MISC", "n/a"),
    }
}

fn tracked_point(channel: &Channel) -> String {
    match channel.source {
        Source::Presence => "face".to_owned(),
        Source::Head(_) => "head".to_owned(),
        Source::Eye(side, _) => format!("{side}_eye"),
        Source::Place(place) | Source::Visible(place) => place.to_string(),
    }
}

fn channel_table(channels: &[Channel], samples: &[Sample]) -> String {
    let fps = 1.0 / interval_s(samples);
    let mut table = "name\tcomponent\ttype\ttracked_point\tunits\treference_frame\tdescription\t\
                     sampling_frequency\n"
        .to_owned();
    // Writing to a String cannot fail, here and below.
    let _ = writeln!(
        table,
        "latency\tn/a\tLATENCY\tn/a\ts\tn/a\ttime of the video frame, from the first analyzed \
         one\t{fps:.4}"
    );
    for channel in channels {
        let (kind, component) = bids_type(channel);
        let unit = if channel.unit.is_empty() { "n/a" } else { channel.unit };
        let frame = if kind == "ORNT" { "camera" } else { "n/a" };
        let _ = writeln!(
            table,
            "{}\t{component}\t{kind}\t{}\t{unit}\t{frame}\t{}\t{fps:.4}",
            channel.name,
            tracked_point(channel),
            channel.description
        );
    }
    table
}

fn frames_of_reference() -> Value {
    json!({ "reference_frame": { "Levels": { "camera": {
        "SpatialAxes": "n/a",
        "RotationRule": "n/a",
        "RotationOrder": "n/a",
        "Description": "Zero faces the camera. x is pitch, positive looking down; y is yaw, \
                        positive towards the subject's left; z is roll, positive clockwise in \
                        the image.",
    } } } })
}

fn motion_table(channels: &[Channel], samples: &[Sample]) -> String {
    let first_s = samples.first().map_or(0.0, |sample| sample.time_s);
    let mut table = String::new();
    for sample in samples {
        let _ = write!(table, "{:.6}", sample.time_s - first_s);
        for channel in channels {
            match channel.value(sample) {
                Some(value) => {
                    let _ = write!(table, "\t{value:.*}", channel.decimals);
                }
                None => table.push_str("\tn/a"),
            }
        }
        table.push('\n');
    }
    table
}

fn event_table(analysis: &Analysis, samples: &[Sample]) -> String {
    let first_s = samples.first().map_or(0.0, |sample| sample.time_s);
    let mut table = "onset\tduration\ttrial_type\tside\tregion\tevent\tonset_low\tonset_high\t\
                     amplitude\tcomplete\n"
        .to_owned();
    for span in spans(analysis) {
        let cells = event_cells(&span, first_s);
        let _ = writeln!(
            table,
            "{:.4}\t{:.4}\t{}\t{}\t{}\t{}",
            span.start_s - first_s,
            (span.end_s - span.start_s).max(0.0),
            span.kind,
            span.side.as_deref().unwrap_or("n/a"),
            span.region.map_or("n/a", crate::anatomy::Region::name),
            cells.join("\t")
        );
    }
    table
}

/// Event number, interval of the onset, amplitude, completeness.
fn event_cells(span: &Span<'_>, first_s: f64) -> [String; 5] {
    let none = || "n/a".to_owned();
    match span.what {
        What::Blink { complete } => [none(), none(), none(), none(), complete.to_string()],
        What::Event(event) => [event.id.to_string(), none(), none(), none(), none()],
        What::Contraction(event, contraction) => [
            event.id.to_string(),
            format!("{:.4}", contraction.onset_ci_s[0] - first_s),
            format!("{:.4}", contraction.onset_ci_s[1] - first_s),
            format!("{:.2}", contraction.amplitude_mfu),
            none(),
        ],
        What::Task | What::Gap => std::array::from_fn(|_| none()),
    }
}

fn event_columns() -> Value {
    json!({
        "trial_type": {
            "Description": "What it is.",
            "Levels": {
                "blink": "brief closure of the lids with nothing else taking part",
                "twitch": "brief involuntary event",
                "spasm": "sustained involuntary event",
                "closure": "prolonged closure of both lids",
                "expression": "symmetric, or inside a declared task: not involuntary",
                "uncertain": "an event that could not be told",
                "contraction": "one region on one side inside an event",
                "not_measured": "no face, or a cut",
                "task_rest": "declared task, here rest; other tasks likewise",
            },
        },
        "side": { "Description": "The subject's own side." },
        "region": { "Description": "Facial region of a contraction." },
        "event": { "Description": "Number of the event." },
        "onset_low": { "Description": "Lower end of the onset's 90 % interval.", "Units": "s" },
        "onset_high": { "Description": "Upper end of the onset's 90 % interval.", "Units": "s" },
        "amplitude": {
            "Description": "Displacement at the peak, thousandths of the distance between the \
                            outer canthi.",
        },
        "complete": { "Description": "Whether the lids met in a blink." },
    })
}
