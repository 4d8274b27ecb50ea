//! Painted moments as a video file, with its truth and scenario beside it.
//!
//! Encoding is left to the program `ffmpeg`, which takes frames through a pipe: at a constant
//! rate as bare pixels, at a varying one in a Matroska wrapping that carries each frame's time.

use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, Command, Stdio};

use super::motion::Motion;
use super::paint::Painter;
use super::scenario::{Scenario, ScenarioError};
use crate::matroska;
use crate::report::{PendingPath, Truth};
use crate::source::Frame;

/// The files of a painted clip.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Clip {
    /// The video.
    pub video: PathBuf,
    /// Its truth (`spasmograph.truth/1`).
    pub truth: PathBuf,
    /// The scenario it was made from, every default written out.
    pub scenario: PathBuf,
    /// Its protocol, where the scenario has tasks.
    pub protocol: Option<PathBuf>,
    /// Frames written.
    pub frames: u64,
}

impl Clip {
    /// Every file.
    #[must_use]
    pub fn files(&self) -> Vec<PathBuf> {
        let Self { video, truth, scenario, protocol, .. } = self;
        let files = [Some(video), Some(truth), Some(scenario), protocol.as_ref()];
        files.into_iter().flatten().cloned().collect()
    }

    /// The files of a video with so many frames that shows a scenario.
    #[must_use]
    pub fn beside(video: &Path, scenario: &Scenario, frames: u64) -> Self {
        Self {
            video: video.to_owned(),
            truth: video.with_extension("truth.json"),
            scenario: video.with_extension("scenario.json"),
            protocol: scenario.protocol().map(|_| video.with_extension("protocol.json")),
            frames,
        }
    }
}

/// Why a clip could not be made.
#[derive(Debug, thiserror::Error)]
pub enum ClipError {
    /// The scenario cannot be used.
    #[error(transparent)]
    Scenario(#[from] ScenarioError),
    /// `ffmpeg` is not there.
    #[error("cannot start ffmpeg, which encodes the clip: {0}; install the package `ffmpeg`")]
    NoEncoder(io::Error),
    /// `ffmpeg` gave up.
    #[error("ffmpeg could not write {}: {said}", path.display())]
    Encoder {
        /// The file.
        path: PathBuf,
        /// Its last words.
        said: String,
    },
    /// A file cannot be written.
    #[error("cannot write {}: {source}", path.display())]
    Write {
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// A file beside the video cannot be written.
    #[error(transparent)]
    Report(#[from] crate::report::Error),
    /// The work was stopped.
    #[error("stopped after {0} frames; nothing was written")]
    Stopped(u64),
}

/// Paints a scenario and writes `video` (H.264 in MP4), with `STEM.truth.json`,
/// `STEM.scenario.json` and, where it has tasks, `STEM.protocol.json` beside it. `progress` hears how many frames are done and how many there
/// are, and stops the work by returning `false`. Files appear whole or not at all.
///
/// # Errors
/// [`ClipError`] when the scenario cannot be, the encoder fails, a file cannot be written, or
/// the work was stopped.
pub fn write_clip(
    scenario: &Scenario,
    video: &Path,
    mut progress: impl FnMut(u64, u64) -> bool,
) -> Result<Clip, ClipError> {
    scenario.check()?;
    let motion = Motion::new(scenario);
    let mut painter = Painter::new(scenario);
    let times = scenario.frame_times();
    let camera = &scenario.camera;
    let steady = camera.jitter <= 0.0;
    let mut encoder = Encoder::start(
        video,
        &Pictures {
            width: camera.width,
            height: camera.height,
            fps: steady.then_some(camera.fps),
            crf: camera.crf,
        },
    )?;
    for (index, time_s) in times.iter().enumerate() {
        let index = index as u64;
        if !progress(index, times.len() as u64) {
            return Err(ClipError::Stopped(index));
        }
        encoder.push(&painter.film(&motion, *time_s, index))?;
    }
    encoder.finish()?;
    let name = video.file_name().map(|name| name.to_string_lossy().into_owned());
    let clip = Clip::beside(video, scenario, times.len() as u64);
    write_beside(&motion.truth(name.as_deref()), scenario, &clip)?;
    Ok(clip)
}

/// Writes truth, scenario and protocol of a clip.
pub(crate) fn write_beside(
    truth: &Truth,
    scenario: &Scenario,
    clip: &Clip,
) -> Result<(), ClipError> {
    let mut texts = vec![(&clip.truth, truth.to_json()), (&clip.scenario, scenario.to_json())];
    if let (Some(path), Some(protocol)) = (&clip.protocol, scenario.protocol()) {
        // Numbers and names only: serializing cannot fail.
        let text = serde_json::to_string_pretty(&protocol).unwrap_or_default();
        texts.push((path, text + "\n"));
    }
    for (path, text) in texts {
        let pending = PendingPath::create(path)?;
        std::fs::write(pending.temporary(), text)
            .map_err(|source| ClipError::Write { path: path.clone(), source })?;
        pending.finish()?;
    }
    Ok(())
}

/// What the encoder is to expect.
pub(crate) struct Pictures {
    pub(crate) width: usize,
    pub(crate) height: usize,
    /// Frames a second; `None` where every frame brings its own time.
    pub(crate) fps: Option<f64>,
    pub(crate) crf: u8,
}

/// A running `ffmpeg`. Dropped before [`Encoder::finish`], it leaves nothing.
pub(crate) struct Encoder {
    child: Child,
    pipe: Option<BufWriter<ChildStdin>>,
    timed: bool,
    pending: Option<PendingPath>,
    path: PathBuf,
}

impl Encoder {
    pub(crate) fn start(path: &Path, pictures: &Pictures) -> Result<Self, ClipError> {
        let pending = PendingPath::create(path)?;
        let mut command = Command::new("ffmpeg");
        command.args(["-nostdin", "-v", "error", "-y"]);
        let size = format!("{}x{}", pictures.width, pictures.height);
        match pictures.fps {
            Some(fps) => {
                command.args(["-f", "rawvideo", "-pix_fmt", "bgr24", "-s", &size]);
                command.args(["-r", &fps.to_string()]);
            }
            None => {
                command.args(["-f", "matroska"]);
            }
        }
        command.args(["-i", "pipe:0", "-an", "-c:v", "libx264", "-preset", "medium"]);
        command.args(["-crf", &pictures.crf.to_string(), "-pix_fmt", "yuv420p"]);
        if pictures.fps.is_none() {
            // Left to itself the encoder rounds times to a rate of its own guessing.
            command.args(["-fps_mode", "passthrough", "-enc_time_base", "1:90000"]);
            command.args(["-video_track_timescale", "90000"]);
        }
        command.args(["-fflags", "+bitexact", "-movflags", "+faststart", "-f", "mp4"]);
        command.arg(pending.temporary());
        command.stdin(Stdio::piped()).stdout(Stdio::null()).stderr(Stdio::piped());
        let mut child = command.spawn().map_err(ClipError::NoEncoder)?;
        let mut pipe = child.stdin.take().map(|pipe| BufWriter::with_capacity(1 << 20, pipe));
        let timed = pictures.fps.is_none();
        if let (true, Some(pipe)) = (timed, pipe.as_mut()) {
            // A pipe that breaks here is reported with the first frame.
            let _ = pipe.write_all(&matroska::head(pictures.width, pictures.height));
        }
        Ok(Self { child, pipe, timed, pending: Some(pending), path: path.to_owned() })
    }

    pub(crate) fn push(&mut self, frame: &Frame) -> Result<(), ClipError> {
        let bgr = frame.bgr();
        let written = match self.pipe.as_mut() {
            Some(pipe) if self.timed => pipe
                .write_all(&matroska::frame_head(frame.time_s, bgr.len()))
                .and_then(|()| pipe.write_all(&bgr)),
            Some(pipe) => pipe.write_all(&bgr),
            None => Ok(()),
        };
        written.map_err(|_| self.last_words())
    }

    pub(crate) fn finish(mut self) -> Result<(), ClipError> {
        let flushed = self.pipe.take().map_or(Ok(()), |mut pipe| pipe.flush());
        let status = self.child.wait();
        if flushed.is_err() || !status.is_ok_and(|status| status.success()) {
            return Err(self.last_words());
        }
        if let Some(pending) = self.pending.take() {
            pending.finish()?;
        }
        Ok(())
    }

    /// What `ffmpeg` said before it gave up.
    fn last_words(&mut self) -> ClipError {
        self.pipe = None;
        let mut said = String::new();
        if let Some(mut stderr) = self.child.stderr.take() {
            // Without its words the error still names the file.
            let _ = io::Read::read_to_string(&mut stderr, &mut said);
        }
        let said = said.lines().last().unwrap_or("it gave no reason").to_owned();
        ClipError::Encoder { path: self.path.clone(), said }
    }
}

impl Drop for Encoder {
    fn drop(&mut self) {
        self.pipe = None;
        // Already gone after `finish`; otherwise it must not outlive this.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
