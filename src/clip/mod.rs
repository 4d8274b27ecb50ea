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
mod keep;
mod record;

use std::convert::Infallible;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;

pub(crate) use assemble::{assemble, is_partial};
pub(crate) use keep::{FILES, rescue, write};
use record::{Kept, Record};

use crate::analyzer::Analyzer;
use crate::pattern::History;
use crate::pipeline::{Options, Pipeline, PipelineError};
use crate::report::overlay::Mode;
use crate::report::{
    self, Analysis, Claim, Intent, Warning, Written, digest, free_beside, numbered,
};
use crate::signal::Sample;
use crate::source::{Input, Opening, Source, SourceError};

/// Name of the overlay video.
const OVERLAY: &str = "overlay.mp4";

/// Files of a live session, which cannot be held again.
pub(crate) const SESSION_FILES: [&str; 2] = ["session.json", "signals.journal.csv"];

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
    /// How it is opened.
    pub opening: Opening,
    /// Which stretch, mirrored or not, and the declared tasks.
    pub options: Options,
    /// What is known of the person beyond the video.
    pub history: Option<History>,
    /// The files to write.
    pub outputs: Outputs,
    /// What it is made from beside the recording, and must not replace: protocol, history ...
    pub beside: Vec<PathBuf>,
    /// Replace files of the outputs' names that this program did not write.
    pub force: bool,
}

impl Request {
    /// The whole of a recording, with nothing known beside it and every output.
    #[must_use]
    pub fn new(input: Input) -> Self {
        Self {
            input,
            opening: Opening::default(),
            options: Options::default(),
            history: None,
            outputs: Outputs::default(),
            beside: Vec::new(),
            force: false,
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
    /// The folder that holds the results. It is another than was asked for where an interrupted
    /// analysis would have taken the place of earlier results.
    pub place: PathBuf,
}

/// Why a recording has no analysis. Nothing of it was written.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ClipError {
    /// It cannot be opened or decoded, or the model does not run.
    #[error(transparent)]
    Pipeline(#[from] PipelineError<Infallible>),
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
    /// The folder holds a live session, which nothing may replace.
    #[error("{} holds a live session; choose another folder", .0.display())]
    HoldsSession(PathBuf),
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
/// missing. They take their names together at the end, in place of those of an earlier run; until
/// then, and where the analysis fails, what is there stays.
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
/// until then is written, to a folder of its own where `place` holds earlier results.
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
    let source = request.input.open(&request.opening)?;
    if SESSION_FILES.iter().any(|name| place.join(name).exists()) {
        return Err(ClipError::HoldsSession(place.to_owned()));
    }
    let mut inputs = request.beside.clone();
    inputs.extend(request.input.file().map(Path::to_owned));
    let intent = Intent { inputs, force: request.force, ..Intent::to_write(FILES) };
    let claim = Claim::take(place, intent)?;
    measure(pipeline, request, source, claim, place, stop, watch)
}

/// Measures the recording and writes every output.
fn measure(
    pipeline: &mut Pipeline,
    request: &Request,
    source: Box<dyn Source>,
    claim: Claim,
    place: &Path,
    stop: &AtomicBool,
    watch: &mut dyn Watch,
) -> Result<Analyzed, ClipError> {
    let Request { input, opening, options, history, outputs, .. } = request;
    let folder = claim.folder();
    let name = input.to_string();
    let hash = input.file().map(|path| {
        let path = path.to_owned();
        thread::spawn(move || digest(&path))
    });
    watch.begins(Work::Measuring, source.info().frames_declared);
    let mut record = Record::new(folder, outputs, watch);
    let mut recording = pipeline.run(source, options, stop, &mut record)?;
    let coverage = &recording.outcome.coverage;
    let (frames, last_s) = (coverage.frames_read, recording.last_s);
    if coverage.frames_with_face == 0 {
        return Err(match frames {
            0 => ClipError::NoFrame(name),
            _ => ClipError::NoFace { name, frames, last_s },
        });
    }
    let Kept { mut samples, spool } = record.finish();
    let thresholds = pipeline.thresholds();
    Analyzer::review(&mut samples, &mut recording.outcome, thresholds, options.protocol.as_ref());
    let mut analysis = assemble(&name, recording, &samples, options, history.as_ref(), thresholds);
    match hash.map(thread::JoinHandle::join) {
        Some(Ok(Ok(digest))) => analysis.source.sha256 = Some(digest),
        Some(_) => analysis
            .warnings
            .push(Warning::new("no_hash", "the file could not be read again for its hash")),
        None => {}
    }
    let mut overlay = None;
    if let (Some(mode), Some(spool), false) = (outputs.overlay, spool, stop.load(Ordering::Relaxed))
    {
        watch.begins(Work::Drawing, Some(samples.len() as u64));
        let drawn = spool.map_err(draw::DrawError::Landmarks).and_then(|spool| {
            let again = draw::reopen(mode, input, opening, options.mirrored)?;
            draw::draw(folder.pending(OVERLAY)?, &analysis, &samples, spool, again, |_| {
                watch.frame();
                !stop.load(Ordering::Relaxed)
            })
        });
        match drawn {
            Ok(()) => overlay = Some(OVERLAY),
            Err(why) => analysis.warnings.push(Warning::new("no_overlay", why.to_string())),
        }
        if stop.load(Ordering::Relaxed) {
            let text = "the overlay ends where the user stopped it";
            analysis.warnings.push(Warning::new("interrupted", text));
        }
    }
    let of = identity(input, analysis.source.sha256.clone());
    // A part of the recording does not take the place of what may be the whole.
    let apart = stop.load(Ordering::Relaxed) && claim.holds_results();
    let written = write(folder, outputs, &analysis, &samples, overlay)
        .and_then(|()| if apart { claim.beside() } else { Ok(claim) })
        .and_then(|claim| claim.commit(of.clone()));
    let place = match written {
        Ok(place) => place,
        Err(why) => {
            let meant = if apart { free_beside(place) } else { place.to_owned() };
            rescue(&meant, why, outputs, &mut analysis, &samples, of, &|_| Ok(()))?
        }
    };
    let partial = is_partial(&analysis);
    Ok(Analyzed { analysis, samples, partial, place })
}

/// What tells a recording from another; `None` of a camera or stream, which is never the same twice.
fn identity(input: &Input, sha256: Option<String>) -> Option<String> {
    match input {
        Input::File(_) => sha256,
        Input::Folder(path) => Some(path.canonicalize().ok()?.to_string_lossy().into_owned()),
        Input::Camera(_) | Input::Url(_) => None,
    }
}

/// `VIDEO-stem.spasmograph` in the working folder, or the first of its numbered fellows that does
/// not hold results of another recording.
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
    let name = PathBuf::from(name);
    if !name.exists() {
        return name;
    }
    let own = identity(input, input.file().and_then(|path| digest(path).ok()));
    let is_free = |place: &PathBuf| {
        let written = Written::of_folder(place);
        !SESSION_FILES.iter().any(|name| place.join(name).exists())
            && (written.files.is_empty() || own.is_some() && written.of == own)
    };
    let found = numbered(&name).find(is_free);
    found.unwrap_or(name)
}
