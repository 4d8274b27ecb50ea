//! One session from its first frame to its outputs.

use std::io;
use std::net::{SocketAddr, TcpListener};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::thread::{self, JoinHandle};

use super::camera::CameraPort;
use super::feed::Feed;
use super::hello::hello;
use super::hub::{Hub, Lines};
use super::journal::{Finished, Journal, SessionRecord, is_unfinished};
use super::limits::Limits;
use super::message::Message;
use super::preview::Preview;
use super::recorder::Recorder;
use super::server::{Gate, Server, Shared, Tls, Token};
use super::sink::LiveSink;
use super::source::LiveSource;
use super::state::{Phase, Session};
use crate::analyzer::Analyzer;
use crate::clip::{self, Analyzed, Outputs, Record};
use crate::event::Protocol;
use crate::pattern::History;
use crate::pipeline::{Options, Pipeline, PipelineError, Recording};
use crate::report::{self, OutputFolder, Warning, json, summary};
use crate::signal::Sample;
use crate::source::{self, CameraMode, SourceError, StreamInfo};
use crate::thresholds::Thresholds;

/// Where a session's pictures come from.
#[derive(Debug, Clone, PartialEq)]
pub enum Input {
    /// A camera of this machine, a stream, a file or a folder of images.
    Source {
        /// Which.
        input: source::Input,
        /// What a camera is asked for.
        camera: CameraMode,
        /// Rate of an image folder, frames a second.
        folder_fps: f64,
    },
    /// The camera of the controlling page.
    Browser,
}

/// A session to hold.
#[derive(Debug)]
pub struct Request {
    /// Where the pictures come from.
    pub input: Input,
    /// The picture is a mirror image.
    pub mirrored: bool,
    /// What is known of the person beyond the video.
    pub history: Option<History>,
    /// The folder for the outputs; made where it is missing.
    pub out: PathBuf,
    /// Keep the pictures, too, as `recording.mkv`.
    pub record: bool,
    /// Where to serve the page; port 0 takes a free one.
    pub address: SocketAddr,
    /// A name the page is reached by, beside its addresses.
    pub name: Option<String>,
    /// Certificate and key for an encrypted link.
    pub tls: Option<Tls>,
    /// Every limit.
    pub limits: Limits,
}

/// Why there is no session, or nothing of it is left.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum MonitorError {
    /// The source does not open.
    #[error(transparent)]
    Source(#[from] SourceError),
    /// The page cannot be served there.
    #[error("cannot serve the page on {address}: {reason}; choose another --port or --bind")]
    Serve {
        /// Where.
        address: SocketAddr,
        /// Why.
        reason: io::Error,
    },
    /// The folder holds a session that was cut off.
    #[error(
        "{place} holds a session that was cut off; complete it with `monitor --recover {place}`, or \
         name another folder", place = .0.display()
    )]
    Unfinished(PathBuf),
    /// No frame came.
    #[error("no picture came before the session was ended; nothing is saved")]
    NoFrame,
    /// No frame showed a face.
    #[error(
        "no face was seen in {frames} frames ({last_s:.1} s); nothing is saved. The face must be \
         seen from the front, upright and in light"
    )]
    NoFace {
        /// Frames that were measured.
        frames: u64,
        /// Time of the last one, seconds.
        last_s: f64,
    },
    /// A session that was cut off before anything was measured.
    #[error("{}: no face was seen before the session was cut off", .0.display())]
    NothingKept(PathBuf),
    /// The measurement failed.
    #[error(transparent)]
    Pipeline(#[from] PipelineError<report::Error>),
    /// The results cannot be written.
    #[error(transparent)]
    Report(#[from] report::Error),
}

/// Holds a session until its source ends, the page or `stop` ends it, and writes its outputs.
///
/// `lines` takes the findings as lines of JSON; `serving` is told once the page is served.
///
/// # Errors
/// [`MonitorError`]. What was measured before a failure of the source is no error: it is saved.
pub fn monitor(
    pipeline: &mut Pipeline,
    request: Request,
    stop: &Arc<AtomicBool>,
    lines: Option<Lines>,
    serving: impl FnOnce(&Gate),
) -> Result<Analyzed, MonitorError> {
    if is_unfinished(&request.out) {
        return Err(MonitorError::Unfinished(request.out));
    }
    let feed = match &request.input {
        Input::Source { input, camera, folder_fps } => {
            Some(Feed::open(input.clone(), *camera, *folder_fps)?)
        }
        Input::Browser => None,
    };
    let made_here = !request.out.exists();
    let folder = OutputFolder::create(&request.out)?;
    for name in clip::FILES {
        folder.discard(name)?;
    }
    let done = hold(pipeline, &request, feed, &folder, stop, lines, serving);
    if done.is_err() && made_here {
        // It stays when anything of the session is in it.
        let _ = std::fs::remove_dir(&request.out);
    }
    done
}

/// Serves, measures and saves.
fn hold(
    pipeline: &mut Pipeline,
    request: &Request,
    feed: Option<Feed>,
    folder: &OutputFolder,
    stop: &Arc<AtomicBool>,
    lines: Option<Lines>,
    serving: impl FnOnce(&Gate),
) -> Result<Analyzed, MonitorError> {
    let name = request.input.name();
    let hub = Hub::new(&request.limits, lines);
    let phase = if feed.is_some() { Phase::Running } else { Phase::Waiting };
    let session = Arc::new(Session::new(request.limits.clone(), hub, phase, Arc::clone(stop)));
    let info = feed.as_ref().map_or_else(StreamInfo::default, Feed::info);
    let camera = feed.is_none().then(Arc::<CameraPort>::default);
    let hello: Arc<str> = hello(&request.input.title(), camera.is_some(), &request.limits).into();
    let (server, gate) = serve(request, &session, &camera, &hello)?;
    serving(&gate);
    session.hub.line(&hello);

    let preview = Arc::new(Preview::default());
    let mut helpers = vec![spawn(&session, {
        let preview = Arc::clone(&preview);
        move |session| preview.run(session)
    })];
    helpers.push(spawn(&session, report_status));
    if let Some(camera) = camera {
        helpers.push(spawn(&session, move |session| camera.run(session)));
    }
    if let Some(feed) = feed {
        // It may hang in a camera's driver: nobody waits for it.
        spawn(&session, move |session| feed.run(session));
    }
    let done = measure(pipeline, request, &name, info, folder, &session, &preview);
    session.stop();
    for helper in helpers {
        // One that failed has nothing left to end.
        let _ = helper.join();
    }
    let (saved, text) = match &done {
        Ok(done) => (true, summary::text(&done.analysis, Some(folder.path()))),
        Err(error) => (false, error.to_string()),
    };
    let folder = saved.then(|| folder.path().display().to_string());
    session.hub.publish(&Message::Saved { folder, text });
    server.finish();
    done
}

/// Runs a helper of the session on a thread of its own.
fn spawn(
    session: &Arc<Session>,
    run: impl FnOnce(&Arc<Session>) + Send + 'static,
) -> JoinHandle<()> {
    let session = Arc::clone(session);
    thread::spawn(move || run(&session))
}

/// Tells the pages how the session stands, even when no frame comes.
fn report_status(session: &Arc<Session>) {
    while !session.is_over() {
        thread::sleep(session.limits.status);
        session.look_for_stall();
        if session.hub.has_pages() {
            session.hub.publish(&Message::Status(Box::new(session.status())));
        }
    }
}

fn serve(
    request: &Request,
    session: &Arc<Session>,
    camera: &Option<Arc<CameraPort>>,
    hello: &Arc<str>,
) -> Result<(Server, Gate), MonitorError> {
    let cannot = |reason| MonitorError::Serve { address: request.address, reason };
    let listener = TcpListener::bind(request.address).map_err(cannot)?;
    let address = listener.local_addr().map_err(cannot)?;
    let token = (!address.ip().is_loopback()).then(Token::random);
    let gate =
        Gate { address, name: request.name.clone(), token, encrypted: request.tls.is_some() };
    let shared = Shared {
        session: Arc::clone(session),
        hello: Arc::clone(hello),
        camera: camera.clone(),
        gate: Arc::new(gate.clone()),
    };
    let server = Server::start(listener, request.tls.clone(), shared).map_err(cannot)?;
    Ok((server, gate))
}

/// Measures until the frames end, and writes what was found.
fn measure(
    pipeline: &mut Pipeline,
    request: &Request,
    name: &str,
    info: StreamInfo,
    folder: &OutputFolder,
    session: &Arc<Session>,
    preview: &Preview,
) -> Result<Analyzed, MonitorError> {
    let options = Options { mirrored: request.mirrored, ..Options::default() };
    let outputs = Outputs { overlay: None, ..Outputs::default() };
    let mut about = SessionRecord::new(name, request.mirrored);
    about.sha256 = request.input.file().and_then(|path| clip::sha256(path).ok());
    let journal = Journal::start(folder, about, session)?;
    let mut nobody = ();
    let record = Record::new(folder, &outputs, &mut nobody)?;
    let recorder = request.record.then(|| Recorder::start(folder.path(), &session.limits));
    let smallest = pipeline.thresholds().signal.face_unit_min_px;
    let mut sink = LiveSink::new(session, preview, journal, recorder, record, smallest);
    let source = Box::new(LiveSource::new(Arc::clone(session), info));
    // The session's own end ends the source: the recording is complete then, not interrupted.
    let measured = pipeline.run(source, &options, &AtomicBool::new(false), &mut sink);
    session.ending();
    let (record, journal, recorder) = sink.into_parts();
    let mut journal = journal.finish()?;
    let recorded = recorder.map_or(Ok(0), Recorder::finish);
    let unrecorded = recorded.as_ref().err().map(ToString::to_string);
    journal.record.unrecorded = recorded.unwrap_or_default();
    let recording = match worth_saving(measured) {
        Ok(recording) => recording,
        Err(error @ (MonitorError::NoFrame | MonitorError::NoFace { .. })) => {
            journal.abandon(folder)?;
            return Err(error);
        }
        Err(error) => return Err(error),
    };
    let (samples, _) = record.finish()?;
    let thresholds = pipeline.thresholds();
    let history = request.history.as_ref();
    save(folder, recording, &samples, history, thresholds, journal, unrecorded)
}

fn worth_saving(
    measured: Result<Recording, PipelineError<report::Error>>,
) -> Result<Recording, MonitorError> {
    let recording = measured?;
    let coverage = &recording.outcome.coverage;
    match (coverage.frames_read, coverage.frames_with_face) {
        (0, _) => Err(MonitorError::NoFrame),
        (frames, 0) => Err(MonitorError::NoFace { frames, last_s: recording.last_s }),
        _ => Ok(recording),
    }
}

/// Writes the outputs of a session whose signals are complete, and removes its journal.
pub(super) fn save(
    folder: &OutputFolder,
    mut recording: Recording,
    samples: &[Sample],
    history: Option<&History>,
    thresholds: &Thresholds,
    journal: Finished,
    unrecorded: Option<String>,
) -> Result<Analyzed, MonitorError> {
    let record = &journal.record;
    let protocol = (!record.tasks.is_empty()).then(|| Protocol { segments: record.tasks.clone() });
    if let Some(protocol) = &protocol {
        // Only now is it known what was asked for when.
        let again = Analyzer::replay(samples, thresholds, Some(protocol.clone()));
        recording.outcome.findings = again.findings;
        json::write(folder.file("protocol.json")?, protocol)?;
    }
    let options = Options { protocol, mirrored: record.mirrored, ..Options::default() };
    let outputs = Outputs { overlay: None, ..Outputs::default() };
    let mut analysis =
        clip::assemble(&record.input, recording, samples, &options, history, thresholds);
    analysis.source.sha256.clone_from(&record.sha256);
    analysis.warnings.extend(lost_frames(record));
    analysis.warnings.extend(unrecorded.map(|why| Warning::new("no_recording", why)));
    clip::write(folder, &outputs, &analysis, samples, None)?;
    journal.discard(folder)?;
    let partial = clip::is_partial(&analysis);
    Ok(Analyzed { analysis, samples: samples.to_vec(), partial })
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

impl Input {
    /// What the outputs call it; a URL without the name and password that may stand in it.
    #[must_use]
    pub fn name(&self) -> String {
        match self {
            Self::Source { input: source::Input::Camera(number), .. } => format!("camera {number}"),
            Self::Source { input: source::Input::Url(url), .. } => without_credentials(url),
            Self::Source { input, .. } => input.to_string(),
            Self::Browser => "browser".to_owned(),
        }
    }

    /// What the page calls it: of a file its name alone.
    fn title(&self) -> String {
        match self.file().and_then(Path::file_name) {
            Some(name) => name.to_string_lossy().into_owned(),
            None => self.name(),
        }
    }

    fn file(&self) -> Option<&Path> {
        match self {
            Self::Source { input, .. } => input.file(),
            Self::Browser => None,
        }
    }
}

fn without_credentials(url: &str) -> String {
    let Some((scheme, rest)) = url.split_once("://") else { return url.to_owned() };
    let end = rest.find(['/', '?', '#']).unwrap_or(rest.len());
    let (authority, path) = rest.split_at(end);
    let host = authority.rsplit_once('@').map_or(authority, |(_, host)| host);
    format!("{scheme}://{host}{path}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_url_is_named_without_the_password_in_it() {
        for (url, name) in [
            ("rtsp://ward:s3cret@10.0.0.7:554/live?x=a@b", "rtsp://10.0.0.7:554/live?x=a@b"),
            ("http://10.0.0.7/a@b", "http://10.0.0.7/a@b"),
            ("udp://127.0.0.1:9", "udp://127.0.0.1:9"),
        ] {
            assert_eq!(without_credentials(url), name);
        }
    }
}
