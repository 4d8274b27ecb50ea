//! Keeps the measured pictures with their times, on request.
//!
//! Encoding is left to the program `ffmpeg`. The file is Matroska, which can be played as far as it
//! was written when a crash cuts it off.

use std::io::{self, BufWriter, Write};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{Receiver, SyncSender, TrySendError, sync_channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use super::limits::Limits;
use crate::matroska;
use crate::source::{Frame, Order, Packer, Pixels};

/// Name of the recording, and of the one that is being written.
pub(super) const RECORDING: &str = "recording.mkv";
const UNFINISHED: &str = "recording.unfinished.mkv";

/// How `ffmpeg` encodes: quickly, at a quality that leaves the skin's texture (constant rate factor
/// 18, near-lossless to the eye), each frame at its own time, in clusters of a second.
const ENCODING: [&str; 24] = [
    "-i",
    "pipe:0",
    "-an",
    "-c:v",
    "libx264",
    "-preset",
    "ultrafast",
    "-tune",
    "zerolatency",
    "-crf",
    "18",
    "-pix_fmt",
    "yuv420p",
    // H.264 of this kind has even sides.
    "-vf",
    "pad=ceil(iw/2)*2:ceil(ih/2)*2",
    "-fps_mode",
    "passthrough",
    "-cluster_time_limit",
    "1000",
    "-flush_packets",
    "1",
    "-f",
    "matroska",
    "-y",
];

/// How often the end of the encoder is looked for.
const LOOK: Duration = Duration::from_millis(20);

/// Why there is no recording.
#[derive(Debug, thiserror::Error)]
pub(super) enum RecorderError {
    /// `ffmpeg` is not there.
    #[error("nothing was recorded: ffmpeg does not start ({0}); install it")]
    NoEncoder(io::Error),
    /// `ffmpeg` gave up, or the disk is full.
    #[error("the recording is incomplete: {0}")]
    Broken(io::Error),
}

/// Whether `ffmpeg` is there with its encoder; what is wrong otherwise.
pub(super) fn check() -> Result<(), String> {
    let output = Command::new("ffmpeg")
        .args(["-v", "quiet", "-encoders"])
        .stdin(Stdio::null())
        .stderr(Stdio::null())
        .output()
        .map_err(|error| format!("does not start ({error})"))?;
    let listed = String::from_utf8_lossy(&output.stdout).contains("libx264");
    if listed { Ok(()) } else { Err("has no libx264".to_owned()) }
}

/// Hands frames to the encoder without ever waiting for it.
#[derive(Debug)]
pub(super) struct Recorder {
    to: SyncSender<Frame>,
    spare: Receiver<Frame>,
    writer: JoinHandle<Result<(), RecorderError>>,
    encoder: Encoder,
    left_out: u64,
}

/// The running `ffmpeg`, where there is one.
type Encoder = Arc<Mutex<Option<Child>>>;

impl Recorder {
    /// Records into a folder from the first frame on.
    pub(super) fn start(folder: &Path, limits: &Limits) -> Self {
        let (to, frames) = sync_channel(limits.recording_frames);
        let (back, spare) = sync_channel(limits.recording_frames + 1);
        let folder = folder.to_owned();
        let encoder = Encoder::default();
        let own = Arc::clone(&encoder);
        let writer = thread::spawn(move || write(&folder, &frames, &back, &own));
        Self { to, spare, writer, encoder, left_out: 0 }
    }

    /// Takes a copy of a frame; where the encoder is behind, the frame is left out and counted.
    pub(super) fn offer(&mut self, frame: &Frame) {
        let pixels = match &frame.pixels {
            Pixels::Bgr(bgr) => {
                let mut copy = self.spare.try_recv().unwrap_or_default().take_bgr();
                copy.extend_from_slice(bgr);
                Pixels::Bgr(copy)
            }
            // The copy shares the planes' memory.
            Pixels::Planes(planes) => Pixels::Planes(planes.clone()),
        };
        let copy = Frame { pixels, ..*frame };
        if let Err(TrySendError::Full(_) | TrySendError::Disconnected(_)) = self.to.try_send(copy) {
            self.left_out += 1;
        }
    }

    /// Frames that are not in the recording.
    #[must_use]
    pub(super) fn left_out(&self) -> u64 {
        self.left_out
    }

    /// Completes the recording; an encoder that takes longer than `patience` is ended.
    ///
    /// # Errors
    /// [`RecorderError`].
    pub(super) fn finish(self, patience: Duration) -> Result<(), RecorderError> {
        drop(self.to);
        let until = Instant::now() + patience;
        while !self.writer.is_finished() {
            if Instant::now() > until
                && let Some(child) = &mut *held(&self.encoder)
            {
                // Its writer finds out, and says that the recording is incomplete.
                let _ = child.kill();
            }
            thread::sleep(LOOK);
        }
        let ended = io::Error::other("its writer ended unexpectedly");
        self.writer.join().unwrap_or(Err(RecorderError::Broken(ended)))
    }
}

fn held(encoder: &Encoder) -> std::sync::MutexGuard<'_, Option<Child>> {
    encoder.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Gives the recording of a session that was cut off its name; none is fine.
///
/// # Errors
/// [`RecorderError::Broken`].
pub(super) fn take_up(folder: &Path) -> Result<(), RecorderError> {
    match std::fs::rename(folder.join(UNFINISHED), folder.join(RECORDING)) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(RecorderError::Broken(error)),
        _ => Ok(()),
    }
}

/// Pipes frames into `ffmpeg` until no more come.
fn write(
    folder: &Path,
    frames: &Receiver<Frame>,
    back: &SyncSender<Frame>,
    encoder: &Encoder,
) -> Result<(), RecorderError> {
    let Ok(first) = frames.recv() else { return Ok(()) };
    let size = (first.width, first.height);
    let mut child = start(&folder.join(UNFINISHED)).map_err(RecorderError::NoEncoder)?;
    let pipe = child.stdin.take();
    *held(encoder) = Some(child);
    let piped = || -> io::Result<()> {
        let pipe = pipe.ok_or(io::ErrorKind::BrokenPipe)?;
        let mut pipe = BufWriter::with_capacity(1 << 20, pipe);
        pipe.write_all(&matroska::head(size.0, size.1))?;
        let (mut packer, mut bgr) = (Packer::default(), Vec::new());
        for frame in std::iter::once(first).chain(frames) {
            // A camera that changed its size goes on in the signals, not in this file.
            if (frame.width, frame.height) == size {
                packer.pack(&frame, [size.0, size.1], Order::Bgr, &mut bgr);
                pipe.write_all(&matroska::frame_head(frame.time_s, bgr.len()))?;
                pipe.write_all(&bgr)?;
            }
            // Without room for it, the buffer is let go.
            let _ = back.try_send(frame);
        }
        pipe.flush()
    };
    let wrote = piped();
    // Whoever loses patience must get at it meanwhile.
    let ended = loop {
        let ended = held(encoder).as_mut().map_or(Ok(None), Child::try_wait);
        match ended.map_err(RecorderError::Broken)? {
            Some(ended) => break ended,
            None => thread::sleep(LOOK),
        }
    };
    wrote.map_err(RecorderError::Broken)?;
    if !ended.success() {
        return Err(RecorderError::Broken(io::Error::other(format!("ffmpeg gave up ({ended})"))));
    }
    take_up(folder)
}

fn start(path: &Path) -> io::Result<Child> {
    let mut command = Command::new("ffmpeg");
    command.args(["-nostdin", "-v", "quiet", "-f", "matroska"]).args(ENCODING).arg(path);
    // An interrupt at the terminal is for the session: the recording ends when that does.
    #[cfg(unix)]
    std::os::unix::process::CommandExt::process_group(&mut command, 0);
    command.stdin(Stdio::piped()).stdout(Stdio::null()).stderr(Stdio::null()).spawn()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_encoder_that_is_behind_costs_frames_of_the_recording_and_no_time() {
        let (to, held) = sync_channel(2);
        let (_back, spare) = sync_channel(1);
        let writer = thread::spawn(|| Ok(()));
        let encoder = Encoder::default();
        let mut recorder = Recorder { to, spare, writer, encoder, left_out: 0 };
        for _ in 0..5 {
            recorder.offer(&Frame::default());
        }
        drop(held);
        assert_eq!(recorder.left_out(), 3);
        recorder.finish(Duration::from_secs(9)).unwrap();
    }

    #[test]
    fn a_session_without_frames_leaves_no_recording() {
        let folder = tempfile::tempdir().unwrap();
        let recorder = Recorder::start(folder.path(), &Limits::default());
        recorder.finish(Duration::from_secs(9)).unwrap();
        assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0);
    }
}
