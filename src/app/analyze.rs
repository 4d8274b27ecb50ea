//! `spasmograph analyze`: one recording to a folder of results.

use std::error::Error;
use std::fs::File;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;

use sha2::{Digest, Sha256};

use super::args::{AnalyzeArguments, Overlay};
use super::progress::Progress;
use super::{Status, say, stop_on_interrupt};
use crate::analyzer::Step;
use crate::event::Protocol;
use crate::face::FaceObservation;
use crate::models::ModelStore;
use crate::pattern::{self, History};
use crate::pipeline::{self, Ending, Options, Recording, Sink};
use crate::report::csv::SignalWriter;
use crate::report::overlay::{self, Ground, Mode, Spool, SpoolReader};
use crate::report::{self, Analysis, OutputFile, OutputFolder, SourceInfo, Warning};
use crate::signal::Sample;
use crate::source::{Frame, Input, Source};
use crate::thresholds::Thresholds;

/// Share of the declared frames that may be missing before the analysis counts as partial: the
/// last frames of a recording are often lost when a camera is switched off (judgment).
const MISSING_FRAMES_TOLERATED: f64 = 0.02;

pub(super) fn run(arguments: &AnalyzeArguments) -> Result<Status, Box<dyn Error>> {
    let input = Input::parse(&arguments.input);
    let name = arguments.input.to_string_lossy();
    let source = input.open(arguments.fps)?;
    let options = Options {
        thresholds: Thresholds::default(),
        protocol: arguments.protocol.as_deref().map(Protocol::load).transpose()?,
        start_s: arguments.start,
        end_s: arguments.end,
        mirrored: arguments.mirrored,
    };
    let history = arguments.history.as_deref().map(History::load).transpose()?;
    let models = ModelStore::open()?;
    let place = arguments.out.clone().unwrap_or_else(|| default_folder(&input));
    let made_here = !place.exists();
    let folder = OutputFolder::create(&place)?;

    for name in OUTPUTS {
        folder.discard(name)?;
    }

    let hash = file_of(&input).map(|path| thread::spawn(move || sha256(&path)));
    let stop = stop_on_interrupt();
    let overlay = overlay_mode(arguments.overlay);
    let mut sink = Results::new(&folder, source.info().frames_declared, overlay.is_some())?;
    let recording = match pipeline::run(source, &models, &options, &stop, &mut sink) {
        Ok(recording) if recording.outcome.coverage.frames_with_face > 0 => recording,
        failed => {
            drop(sink);
            remove_if_empty(&place, made_here);
            return match failed {
                Ok(recording) => Err(no_face(&name, &recording).into()),
                Err(error) => Err(error.to_string().into()),
            };
        }
    };
    let (samples, spool) = sink.finish()?;

    let mut warnings = warnings(&recording, &options, &samples);
    let mut partial = warnings.iter().any(|warning| PARTIAL.contains(&warning.code.as_str()));
    let sha256 = match hash.map(thread::JoinHandle::join) {
        Some(Ok(Ok(digest))) => Some(digest),
        Some(_) => {
            warnings.push(Warning::new("no_hash", "the file could not be read again for its hash"));
            None
        }
        None => None,
    };
    let mut analysis = assemble(&name, sha256, recording, &options, history.as_ref(), warnings);
    write_texts(&folder, &analysis, &samples, None)?;
    if let (Some(mode), Some(spool), false) = (overlay, spool, stop.load(Ordering::Relaxed)) {
        let drawn = reopen(mode, &input, arguments.fps)
            .and_then(|again| draw(mode, &folder, &analysis, &samples, spool, again, &stop));
        if let Err(why) = &drawn {
            partial = true;
            analysis.warnings.push(Warning::new("no_overlay", why.to_string()));
        }
        write_texts(&folder, &analysis, &samples, drawn.is_ok().then_some(OVERLAY))?;
    }
    if arguments.json {
        say(&report::json::text(&analysis));
    } else {
        say(&report::summary::text(&analysis, Some(folder.path())));
    }
    Ok(if partial { Status::Partial } else { Status::Done })
}

/// Name of the overlay video.
const OVERLAY: &str = "overlay.mp4";

/// Everything that a run may leave in its folder.
const OUTPUTS: [&str; 5] = ["analysis.json", "events.csv", "signals.csv", "report.html", OVERLAY];

/// Codes of the warnings that make an analysis partial.
const PARTIAL: [&str; 3] = ["interrupted", "ended_early", "frames_missing"];

/// Receives the signals as they settle.
struct Results {
    signals: SignalWriter<OutputFile>,
    samples: Vec<Sample>,
    /// Landmarks for the overlay, where one is wanted.
    spool: Option<Spool>,
    progress: Progress,
}

impl Results {
    fn new(
        folder: &OutputFolder,
        frames: Option<u64>,
        overlay: bool,
    ) -> Result<Self, Box<dyn Error>> {
        Ok(Self {
            signals: SignalWriter::new(folder.file("signals.csv")?)?,
            samples: Vec::new(),
            spool: if overlay { Some(Spool::create_in(folder.path())?) } else { None },
            progress: Progress::new("analyzing", frames),
        })
    }

    fn keep(&mut self, step: &Step) -> std::io::Result<()> {
        for sample in &step.settled {
            self.signals.push(sample)?;
        }
        self.samples.extend_from_slice(&step.settled);
        Ok(())
    }

    fn finish(self) -> Result<(Vec<Sample>, Option<SpoolReader>), Box<dyn Error>> {
        self.signals.into_inner()?.finish()?;
        Ok((self.samples, self.spool.map(Spool::into_reader).transpose()?))
    }
}

impl Sink for Results {
    type Error = std::io::Error;

    fn step(&mut self, _: &Frame, seen: &FaceObservation, step: &Step) -> std::io::Result<()> {
        self.progress.frame();
        if let Some(spool) = &mut self.spool {
            spool.push(seen)?;
        }
        self.keep(step)
    }

    fn end(&mut self, step: &Step) -> std::io::Result<()> {
        self.keep(step)
    }
}

fn write_texts(
    folder: &OutputFolder,
    analysis: &Analysis,
    samples: &[Sample],
    overlay: Option<&str>,
) -> Result<(), report::Error> {
    report::json::write(folder.file("analysis.json")?, analysis)?;
    report::csv::write_events(folder.file("events.csv")?, &analysis.findings)?;
    report::html::write(folder.file("report.html")?, analysis, samples, overlay)
}

fn overlay_mode(asked: Overlay) -> Option<Mode> {
    match asked {
        Overlay::Full => Some(Mode::Full),
        Overlay::Mesh => Some(Mode::Mesh),
        Overlay::None => None,
    }
}

/// The recording once more, where the overlay needs its pictures.
fn reopen(mode: Mode, input: &Input, fps: f64) -> Result<Option<Box<dyn Source>>, Box<dyn Error>> {
    match (mode, input) {
        (Mode::Mesh, _) => Ok(None),
        (Mode::Full, Input::File(_) | Input::Folder(_)) => Ok(Some(input.open(fps)?)),
        (Mode::Full, Input::Camera(_) | Input::Url(_)) => {
            Err("a camera or stream cannot be read a second time for the overlay; --overlay mesh \
                 draws the mesh alone"
                .into())
        }
    }
}

/// Draws the overlay in a second pass.
fn draw(
    mode: Mode,
    folder: &OutputFolder,
    analysis: &Analysis,
    samples: &[Sample],
    mut spool: SpoolReader,
    mut again: Option<Box<dyn Source>>,
    stop: &AtomicBool,
) -> Result<(), Box<dyn Error>> {
    let mut progress = Progress::new("drawing the overlay", Some(samples.len() as u64));
    let ground = match (mode, &mut again) {
        (Mode::Full, Some(source)) => Ground::Recording(source.as_mut()),
        _ => Ground::Plain,
    };
    overlay::write(folder.pending(OVERLAY)?, analysis, samples, &mut spool, ground, |_| {
        progress.frame();
        !stop.load(Ordering::Relaxed)
    })?;
    Ok(())
}

fn assemble(
    name: &str,
    sha256: Option<String>,
    recording: Recording,
    options: &Options,
    history: Option<&History>,
    warnings: Vec<Warning>,
) -> Analysis {
    let source = SourceInfo {
        path: name.to_owned(),
        sha256,
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
        &options.thresholds.pattern,
    );
    Analysis::new(
        source,
        outcome.coverage,
        outcome.findings,
        pattern,
        &options.thresholds,
        warnings,
    )
    .with_protocol(options.protocol.as_ref())
}

fn warnings(recording: &Recording, options: &Options, samples: &[Sample]) -> Vec<Warning> {
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
    let face_unit = median(samples.iter().filter_map(|s| s.pose.map(|pose| pose.face_unit_px)));
    let smallest = options.thresholds.signal.face_unit_min_px;
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

fn no_face(name: &str, recording: &Recording) -> String {
    let coverage = &recording.outcome.coverage;
    if coverage.frames_read == 0 {
        return format!("{name}: no frame in the asked-for stretch; check --start and --end");
    }
    format!(
        "{name}: no face found in {} frames ({:.1} s); the face must be seen from the front, \
         upright and in light",
        coverage.frames_read, recording.last_s
    )
}

/// `VIDEO-stem.spasmograph` in the working folder.
fn default_folder(input: &Input) -> PathBuf {
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

fn file_of(input: &Input) -> Option<PathBuf> {
    match input {
        Input::File(path) => Some(path.clone()),
        _ => None,
    }
}

fn sha256(path: &Path) -> std::io::Result<String> {
    let mut digest = Sha256::new();
    std::io::copy(&mut File::open(path)?, &mut digest)?;
    Ok(digest.finalize().iter().map(|byte| format!("{byte:02x}")).collect())
}

fn remove_if_empty(folder: &Path, made_here: bool) {
    if made_here {
        // It stays when something else was put there meanwhile.
        let _ = std::fs::remove_dir(folder);
    }
}
