//! One recording through all stages into a folder of results.
//!
//! [`analyze`] is what `spasmograph analyze` runs, and `batch` for every clip:
//!
//! ```no_run
//! use spasmograph::clip::{self, Request};
//! use spasmograph::models::ModelStore;
//! use spasmograph::pipeline::Pipeline;
//! use spasmograph::source::Input;
//! use spasmograph::thresholds::Thresholds;
//!
//! let mut pipeline = Pipeline::new(&ModelStore::open()?, &Thresholds::default())?;
//! let request = Request::new(Input::File("visit.mp4".into()));
//! let done = clip::analyze(&mut pipeline, &request, "visit.spasmograph".as_ref())?;
//! println!("{}", done.analysis.pattern.label.name());
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod assemble;
mod draw;
mod record;

use std::fs::File;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;

use sha2::{Digest, Sha256};

pub(crate) use assemble::{assemble, is_partial};
pub(crate) use record::Record;

use crate::pattern::History;
use crate::pipeline::{Options, Pipeline, PipelineError};
use crate::report::overlay::Mode;
use crate::report::{self, Analysis, OutputFolder, Warning};
use crate::signal::Sample;
use crate::source::{Input, Source, SourceError};

/// Name of the overlay video.
const OVERLAY: &str = "overlay.mp4";

/// Everything that an analysis may leave in its folder.
pub(crate) const FILES: [&str; 5] =
    ["analysis.json", "events.csv", "signals.csv", "report.html", OVERLAY];

/// Which files are wanted beside `analysis.json`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Outputs {
    /// `events.csv`.
    pub events: bool,
    /// `signals.csv`.
    pub signals: bool,
    /// `report.html`.
    pub report: bool,
    /// `overlay.mp4`, and what it shows.
    pub overlay: Option<Mode>,
}

impl Default for Outputs {
    /// All of them, the overlay with the picture.
    fn default() -> Self {
        Self { events: true, signals: true, report: true, overlay: Some(Mode::Full) }
    }
}

/// A recording to analyze.
#[derive(Debug, Clone)]
pub struct Request {
    /// The recording.
    pub input: Input,
    /// Rate of an image folder, frames a second.
    pub folder_fps: f64,
    /// Which stretch, mirrored or not, and the declared tasks.
    pub options: Options,
    /// What is known of the person beyond the video.
    pub history: Option<History>,
    /// The files to write.
    pub outputs: Outputs,
}

impl Request {
    /// The whole of a recording, with nothing known beside it and every output.
    #[must_use]
    pub fn new(input: Input) -> Self {
        Self {
            input,
            folder_fps: 30.0,
            options: Options::default(),
            history: None,
            outputs: Outputs::default(),
        }
    }
}

/// What an analysis is busy with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Work {
    /// Reading and measuring frames.
    Measuring,
    /// Drawing the overlay.
    Drawing,
}

/// Follows an analysis.
pub trait Watch {
    /// A kind of work begins; `frames` are expected where that is known.
    fn begins(&mut self, work: Work, frames: Option<u64>);
    /// Another frame is done.
    fn frame(&mut self);
}

/// Nobody follows.
impl Watch for () {
    fn begins(&mut self, _: Work, _: Option<u64>) {}
    fn frame(&mut self) {}
}

/// A recording that was analyzed and written.
#[derive(Debug)]
pub struct Analyzed {
    /// What `analysis.json` holds.
    pub analysis: Analysis,
    /// The signals it was made from, one sample a frame.
    pub samples: Vec<Sample>,
    /// It was not measured to its end, or an output is missing: the warnings say which.
    pub partial: bool,
}

/// Why a recording has no analysis. Nothing of it was written.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ClipError {
    /// It cannot be opened or decoded, or the model does not run.
    #[error(transparent)]
    Pipeline(#[from] PipelineError<report::Error>),
    /// No frame lies in the asked-for stretch.
    #[error("{0}: no frame in the asked-for stretch; check --start and --end")]
    NoFrame(String),
    /// Not one frame shows a face.
    #[error(
        "{name}: no face found in {frames} frames ({last_s:.1} s); the face must be seen from the \
         front, upright and in light"
    )]
    NoFace {
        /// The recording.
        name: String,
        /// Frames that were read.
        frames: u64,
        /// Time of the last one, seconds.
        last_s: f64,
    },
    /// The results cannot be written.
    #[error(transparent)]
    Report(#[from] report::Error),
}

impl From<SourceError> for ClipError {
    fn from(error: SourceError) -> Self {
        Self::Pipeline(PipelineError::Source(error))
    }
}

/// Analyzes a recording and writes the results to the folder `place`, which is made where it is
/// missing.
///
/// # Errors
/// [`ClipError`] where there is nothing to write, or it cannot be written. A recording that breaks
/// off midway is no error but a partial analysis with a warning.
pub fn analyze(
    pipeline: &mut Pipeline,
    request: &Request,
    place: &Path,
) -> Result<Analyzed, ClipError> {
    analyze_watched(pipeline, request, place, &AtomicBool::new(false), &mut ())
}

/// As [`analyze`], followed by `watch`, and ended early where `stop` is set; what was measured
/// until then is written.
///
/// # Errors
/// As [`analyze`].
pub fn analyze_watched(
    pipeline: &mut Pipeline,
    request: &Request,
    place: &Path,
    stop: &AtomicBool,
    watch: &mut dyn Watch,
) -> Result<Analyzed, ClipError> {
    let source = request.input.open(request.folder_fps)?;
    let made_here = !place.exists();
    let folder = OutputFolder::create(place)?;
    for name in FILES {
        folder.discard(name)?;
    }
    let done = measure(pipeline, request, source, &folder, stop, watch);
    if done.is_err() && made_here {
        // It stays when something else was put there meanwhile.
        let _ = std::fs::remove_dir(place);
    }
    done
}

/// Measures the recording and writes every output.
fn measure(
    pipeline: &mut Pipeline,
    request: &Request,
    source: Box<dyn Source>,
    folder: &OutputFolder,
    stop: &AtomicBool,
    watch: &mut dyn Watch,
) -> Result<Analyzed, ClipError> {
    let Request { input, folder_fps, options, history, outputs } = request;
    let name = input.to_string();
    let hash = input.file().map(|path| {
        let path = path.to_owned();
        thread::spawn(move || sha256(&path))
    });
    watch.begins(Work::Measuring, source.info().frames_declared);
    let mut record = Record::new(folder, outputs, watch)?;
    let recording = pipeline.run(source, options, stop, &mut record)?;
    let coverage = &recording.outcome.coverage;
    let (frames, last_s) = (coverage.frames_read, recording.last_s);
    if coverage.frames_with_face == 0 {
        return Err(match frames {
            0 => ClipError::NoFrame(name),
            _ => ClipError::NoFace { name, frames, last_s },
        });
    }
    let (samples, spool) = record.finish()?;
    let thresholds = pipeline.thresholds();
    let mut analysis = assemble(&name, recording, &samples, options, history.as_ref(), thresholds);
    match hash.map(thread::JoinHandle::join) {
        Some(Ok(Ok(digest))) => analysis.source.sha256 = Some(digest),
        Some(_) => analysis
            .warnings
            .push(Warning::new("no_hash", "the file could not be read again for its hash")),
        None => {}
    }
    write(folder, outputs, &analysis, &samples, None)?;
    if let (Some(mode), Some(spool), false) = (outputs.overlay, spool, stop.load(Ordering::Relaxed))
    {
        watch.begins(Work::Drawing, Some(samples.len() as u64));
        let drawn = draw::reopen(mode, input, *folder_fps).and_then(|again| {
            draw::draw(folder.pending(OVERLAY)?, &analysis, &samples, spool, again, |_| {
                watch.frame();
                !stop.load(Ordering::Relaxed)
            })
        });
        if let Err(why) = &drawn {
            analysis.warnings.push(Warning::new("no_overlay", why.to_string()));
        }
        write(folder, outputs, &analysis, &samples, drawn.is_ok().then_some(OVERLAY))?;
    }
    let partial = is_partial(&analysis);
    Ok(Analyzed { analysis, samples, partial })
}

/// Writes the files that follow from the analysis.
pub(crate) fn write(
    folder: &OutputFolder,
    outputs: &Outputs,
    analysis: &Analysis,
    samples: &[Sample],
    overlay: Option<&str>,
) -> Result<(), report::Error> {
    report::json::write(folder.file("analysis.json")?, analysis)?;
    if outputs.events {
        report::csv::write_events(folder.file("events.csv")?, &analysis.findings)?;
    }
    if outputs.report {
        report::html::write(folder.file("report.html")?, analysis, samples, overlay)?;
    }
    Ok(())
}

/// SHA-256 of a file, in lower-case hexadecimal.
///
/// # Errors
/// The file cannot be read.
pub(crate) fn sha256(path: &Path) -> std::io::Result<String> {
    let mut digest = Sha256::new();
    std::io::copy(&mut File::open(path)?, &mut digest)?;
    Ok(digest.finalize().iter().map(|byte| format!("{byte:02x}")).collect())
}

/// `VIDEO-stem.spasmograph` in the working folder.
#[must_use]
pub fn default_folder(input: &Input) -> PathBuf {
    let stem = match input {
        Input::File(path) => path.file_stem().map(ToOwned::to_owned),
        Input::Folder(path) => {
            path.canonicalize().ok().and_then(|path| path.file_name().map(ToOwned::to_owned))
        }
        Input::Camera(number) => Some(format!("camera-{number}").into()),
        Input::Url(_) => Some("stream".into()),
    };
    let mut name = stem.unwrap_or_else(|| "recording".into());
    name.push(".spasmograph");
    PathBuf::from(name)
}
