//! One session from its first frame to its outputs.

use std::net::TcpListener;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::thread::{self, JoinHandle};

use super::camera::CameraPort;
use super::feed::Feed;
use super::hello::hello;
use super::hub::{Hub, Lines};
use super::journal::{Journal, SESSION, SessionRecord, is_unfinished};
use super::message::Message;
use super::preview::Preview;
use super::recorder::{RECORDING, Recorder};
use super::request::{Input, MonitorError, Request};
use super::save::{OUTPUTS, PROTOCOL, save};
use super::server::{Gate, Server, Shared, Token};
use super::session::Session;
use super::sink::LiveSink;
use super::source::LiveSource;
use super::standing::Phase;
use crate::clip::{self, Analyzed, Record};
use crate::pipeline::{Options, Pipeline, PipelineError, Recording};
use crate::report::{self, OutputFolder, summary};
use crate::source::StreamInfo;

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
    for name in clip::FILES.into_iter().chain([SESSION, PROTOCOL, RECORDING]) {
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
    let mut about = SessionRecord::new(name, request.mirrored);
    about.sha256 = request.input.file().and_then(|path| clip::sha256(path).ok());
    let journal = Journal::start(folder, about, session)?;
    let mut nobody = ();
    let record = Record::new(folder, &OUTPUTS, &mut nobody)?;
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
    save(folder, recording, samples, history, thresholds, journal, unrecorded)
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
