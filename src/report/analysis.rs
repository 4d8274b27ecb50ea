//! The result of one recording: what `analysis.json` holds.

use std::path::Path;

use serde::{Deserialize, Serialize};

use super::scales::{self, ScaleRange};
use super::{Error, json};
use crate::anatomy::{Place, Region, Side};
use crate::event::{Findings, Protocol, Segment, midline};
use crate::face::GapReason;
use crate::pattern::{self, History, Pattern};
use crate::signal::Sample;
use crate::thresholds::Thresholds;

/// The name of the analysis format.
pub const SCHEMA: &str = "spasmograph.analysis/1";

/// The JSON Schema (draft 2020-12) that every written `analysis.json` satisfies.
pub const ANALYSIS_SCHEMA: &str = include_str!("analysis.schema.json");

/// The line that every output carries.
pub const DISCLAIMER: &str = "research and measurement use; not a diagnosis";

/// Everything that was measured on one recording.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Analysis {
    /// Always [`SCHEMA`].
    pub schema: String,
    /// Version of the program that measured.
    pub version: String,
    /// Always [`DISCLAIMER`].
    pub disclaimer: String,
    /// The recording.
    pub source: SourceInfo,
    /// How much of it could be measured.
    pub coverage: Coverage,
    /// Noise, blinks, events, summary and spread.
    #[serde(flatten)]
    pub findings: Findings,
    /// The weighing of the whole recording.
    pub pattern: Pattern,
    /// Ranges on clinical scales that the recording suggests; empty without usable video.
    #[serde(default)]
    pub scales: Vec<ScaleRange>,
    /// The declared voluntary tasks, in order of time.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub protocol: Vec<Segment>,
    /// What was known of the person beyond the recording; `None` where nothing was told.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub history: Option<History>,
    /// Who reviewed the blinks and events that this follows from; `None` where they are the
    /// program's own.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reviewed: Option<Reviewed>,
    /// The thresholds that were in force, stage by stage.
    pub thresholds: serde_json::Value,
    /// What the reader should know about the recording or the measurement.
    pub warnings: Vec<Warning>,
}

/// Who reviewed the blinks and events, and what came of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Reviewed {
    /// Who.
    pub reviewer: String,
    /// When the last change was made, as RFC 3339 has it.
    pub time: String,
    /// The reviewer did not see what the program had found.
    pub blind: bool,
    /// The reviewer called the review finished.
    pub finished: bool,
    /// Blinks and events that were accepted as the program has them.
    pub accepted: u32,
    /// Those that were changed and stand.
    pub changed: u32,
    /// Those that the reviewer added.
    pub added: u32,
    /// Those of the program that were rejected, or that a blind reviewer did not see.
    pub rejected: u32,
    /// Those that the reviewer has not judged: they stand as the program has them.
    pub unjudged: u32,
}

/// The recording as it was read.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct SourceInfo {
    /// Where it was read from; characters that are not Unicode are replaced.
    pub path: String,
    /// SHA-256 of the file in lower-case hexadecimal; `None` for a camera, stream or folder.
    pub sha256: Option<String>,
    /// Width in pixels, upright.
    pub width: usize,
    /// Height in pixels, upright.
    pub height: usize,
    /// Number of frames the container declares; `None` where it declares none.
    pub frames: Option<u64>,
    /// Length in seconds by presentation times.
    pub duration_s: f64,
    /// Nominal frames a second; `None` where there is none.
    pub fps_nominal: Option<f64>,
    /// New pictures a second by the presentation times: the mean, holes left out, without those
    /// that repeat the one before although the picture moves; `None` where it is not known.
    #[serde(default)]
    pub fps: Option<f64>,
    /// Time of the first picture after the start of the file, seconds: how much later than the
    /// sound it begins.
    #[serde(default)]
    pub start_offset_s: f64,
    /// The interval between frames varies.
    pub variable_frame_rate: bool,
    /// The picture was turned over: it is a mirror image as the user said, or the file's display
    /// matrix mirrors it.
    pub mirrored: bool,
}

/// How much of the recording could be measured.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Coverage {
    /// Frames that were read.
    pub frames_read: u64,
    /// Frames in which the subject's face was found.
    pub frames_with_face: u64,
    /// Frames that repeat the one before, by their pixels: they are among those read, and measure
    /// nothing.
    #[serde(default)]
    pub frames_repeated: u64,
    /// Part of the recording that was measured, 0 to 1: the share of the frames read that show the
    /// face, less the share of the time in which no picture came.
    pub usable_fraction: f64,
    /// The stretches without a measurement, in order of time.
    pub gaps: Vec<Gap>,
    /// How much of that shows each place.
    #[serde(default)]
    pub places: Vec<PlaceCoverage>,
    /// Usable time in which the face neither spoke nor made an expression, seconds; `None` in an
    /// analysis of an earlier version.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rest_s: Option<f64>,
}

/// How much of the frames with a face shows one place.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct PlaceCoverage {
    /// The region; the periocular one stands for the eye.
    pub region: Region,
    /// The side; `None` (written `midline`) for the jaw's midline.
    #[serde(with = "midline")]
    pub side: Option<Side>,
    /// Fraction of the frames with a face in which it was measured, 0 to 1.
    pub seen_fraction: f64,
    /// Stretches of a fifth of a second and more in which the face was there and the place was
    /// hidden or turned away: from the first such frame to the next one that shows it, seconds.
    pub hidden_s: Vec<[f64; 2]>,
}

/// Shortest stretch that is told, seconds.
const HIDDEN_LEAST_S: f64 = 0.2;

impl PlaceCoverage {
    /// What the samples of a recording show of each place.
    #[must_use]
    pub fn of(samples: &[Sample]) -> Vec<Self> {
        let of_place = |place: Place| {
            let (mut with_face, mut seen) = (0_u64, 0_u64);
            let mut hidden_s = Vec::new();
            let mut since_s: Option<f64> = None;
            for sample in samples {
                let shown = sample.displacement[place].is_some();
                with_face += u64::from(sample.track.is_some());
                seen += u64::from(shown);
                if sample.track.is_some() && !shown {
                    since_s.get_or_insert(sample.time_s);
                } else if let Some(since_s) = since_s.take() {
                    hidden_s.push([since_s, sample.time_s]);
                }
            }
            hidden_s
                .extend(since_s.zip(samples.last()).map(|(from_s, last)| [from_s, last.time_s]));
            hidden_s.retain(|[from_s, to_s]| to_s - from_s >= HIDDEN_LEAST_S);
            let seen_fraction = if with_face > 0 { seen as f64 / with_face as f64 } else { 0.0 };
            Self { region: place.region, side: place.side, seen_fraction, hidden_s }
        };
        Place::ALL.into_iter().map(of_place).collect()
    }
}

/// A stretch without a measurement.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Gap {
    /// Time of the first frame without a measurement, seconds.
    pub start_s: f64,
    /// Time of the first frame measured again, or the end of the recording, seconds.
    pub end_s: f64,
    /// Why.
    pub reason: GapReason,
}

/// Something the reader should know.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Warning {
    /// A fixed word for programs, e.g. `other_faces`.
    pub code: String,
    /// One sentence for people.
    pub message: String,
}

impl Warning {
    /// A warning from its fixed word and its sentence.
    #[must_use]
    pub fn new(code: &str, message: impl Into<String>) -> Self {
        Self { code: code.to_owned(), message: message.into() }
    }
}

impl Analysis {
    /// Puts together what the stages found.
    #[must_use]
    pub fn new(
        source: SourceInfo,
        coverage: Coverage,
        findings: Findings,
        pattern: Pattern,
        thresholds: &Thresholds,
        warnings: Vec<Warning>,
    ) -> Self {
        let mut analysis = Self {
            schema: SCHEMA.to_owned(),
            version: env!("CARGO_PKG_VERSION").to_owned(),
            disclaimer: DISCLAIMER.to_owned(),
            source,
            coverage,
            findings,
            pattern,
            scales: Vec::new(),
            protocol: Vec::new(),
            history: None,
            reviewed: None,
            thresholds: serde_json::json!(thresholds),
            warnings,
        };
        analysis.scales = scales::ranges(&analysis);
        analysis
    }

    /// The same with the tasks that were declared.
    #[must_use]
    pub fn with_protocol(mut self, protocol: Option<&Protocol>) -> Self {
        self.protocol = protocol.map(|protocol| protocol.segments.clone()).unwrap_or_default();
        self
    }

    /// The same with what was known of the person.
    #[must_use]
    pub fn with_history(mut self, history: Option<&History>) -> Self {
        self.history = history.cloned();
        self
    }

    /// The usual interval between frames, seconds.
    #[must_use]
    pub fn frame_s(&self) -> f64 {
        let measured = self.coverage.frames_read as f64 / self.source.duration_s;
        let rate = self.source.fps_nominal.filter(|_| !self.source.variable_frame_rate);
        let rate = rate.or(Some(measured)).filter(|rate| rate.is_finite() && *rate > 0.0);
        rate.map_or(1.0 / 30.0, f64::recip)
    }

    /// Makes everything that follows from the blinks and events anew: summary, spread, pattern and
    /// ranges on scales.
    pub fn recount(&mut self, thresholds: &Thresholds) {
        self.findings.recount(self.frame_s(), &thresholds.event);
        self.coverage.rest_s = self.coverage.rest_s.map(|_| self.findings.rest_s());
        let usable_s = self.findings.summary.usable_s;
        let history = self.history.as_ref();
        self.pattern =
            pattern::assess_with_history(&self.findings, usable_s, history, &thresholds.pattern);
        self.scales = scales::ranges(self);
    }

    /// Reads an `analysis.json`.
    ///
    /// # Errors
    /// The file cannot be read, is not JSON of this shape, or names another schema.
    pub fn read(path: &Path) -> Result<Self, Error> {
        let analysis: Self = json::read(path)?;
        json::require_schema(path, &analysis.schema, SCHEMA)?;
        Ok(analysis)
    }
}
