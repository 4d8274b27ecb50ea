//! One session from its first frame to its outputs.

use std::convert::Infallible;
use std::net::TcpListener;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::thread::{self, JoinHandle};
use std::time::Duration;

use super::camera::CameraPort;
use super::feed::Feed;
use super::hello::hello;
use super::hub::{Hub, Lines};
use super::journal::{Journal, SESSION, SessionRecord, is_unfinished};
use super::message::Message;
use super::preview::Preview;
use super::recorder::{RECORDING, Recorder};
use super::request::{Input, MonitorError, Request};
use super::save::{PROTOCOL, save};
use super::server::{Shared, router};
use super::session::Session;
use super::sink::LiveSink;
use super::source::LiveSource;
use super::standing::Phase;
use crate::clip::{self, Analyzed};
use crate::pipeline::{Options, Pipeline, PipelineError, Recording};
use crate::report::{self, Claim, Intent, Written, summary};
use crate::serve::{Gate, Server, Token};
use crate::source::StreamInfo;

/// Time that pages are given to receive the last messages, as the session ends (judgment).
const FAREWELL: Duration = Duration::from_millis(500);

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
    let has_results = !Written::of_folder(&request.out).files.is_empty();
    if has_results || request.out.join(SESSION).exists() {
        return Err(MonitorError::Occupied(request.out));
    }
    let feed = match &request.input {
        Input::Source { input, camera, folder_fps } => {
            Some(Feed::open(input.clone(), *camera, *folder_fps)?)
        }
        Input::Browser => None,
    };
    let names = clip::FILES.into_iter().chain([SESSION, PROTOCOL, RECORDING]);
    let inputs = request.input.file().map(Path::to_owned).into_iter().collect();
    let intent = Intent { inputs, force: request.force, ..Intent::to_write(names) };
    let claim = Claim::take(&request.out, intent)?;
    hold(pipeline, &request, feed, claim, stop, lines, serving)
}

/// Serves, measures and saves.
fn hold(
    pipeline: &mut Pipeline,
    request: &Request,
    feed: Option<Feed>,
    claim: Claim,
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
    let done = measure(pipeline, request, &name, info, claim, &session, &preview);
    session.stop();
    for helper in helpers {
        // One that failed has nothing left to end.
        let _ = helper.join();
    }
    let (folder, text) = match &done {
        Ok(done) => (
            Some(done.place.display().to_string()),
            summary::text(&done.analysis, Some(&done.place)),
        ),
        Err(error) => (None, error.to_string()),
    };
    session.hub.publish(&Message::Saved { folder, text });
    server.finish(FAREWELL);
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
    let gate = Gate {
        address,
        name: request.name.clone(),
        token: Some(Token::random()),
        encrypted: request.tls.is_some(),
    };
    let shared = Shared {
        session: Arc::clone(session),
        hello: Arc::clone(hello),
        camera: camera.clone(),
        gate: Arc::new(gate.clone()),
    };
    let bounds = request.limits.bounds;
    let tls = request.tls.clone();
    let server =
        Server::start(listener, tls, router(shared), gate.clone(), bounds).map_err(cannot)?;
    Ok((server, gate))
}

/// Measures until the frames end, and writes what was found.
fn measure(
    pipeline: &mut Pipeline,
    request: &Request,
    name: &str,
    info: StreamInfo,
    claim: Claim,
    session: &Arc<Session>,
    preview: &Preview,
) -> Result<Analyzed, MonitorError> {
    let folder = &claim.open_folder();
    let options = Options { mirrored: request.mirrored, ..Options::default() };
    let mut about = SessionRecord::new(name, request.mirrored);
    about.sha256 = request.input.file().and_then(|path| report::digest(path).ok());
    let journal = Journal::start(folder, about, session)?;
    let recorder = request.record.then(|| Recorder::start(folder.path(), &session.limits));
    let smallest = pipeline.thresholds().signal.face_unit_min_px;
    let mut sink = LiveSink::new(session, preview, journal, recorder, smallest);
    let source = Box::new(LiveSource::new(Arc::clone(session), info));
    // The session's own end ends the source: the recording is complete then, not interrupted.
    let measured = pipeline.run(source, &options, &AtomicBool::new(false), &mut sink);
    session.ending();
    let (samples, journal, recorder) = sink.into_parts();
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
    let thresholds = pipeline.thresholds();
    let history = request.history.as_ref();
    save(claim, recording, samples, history, thresholds, journal, unrecorded)
}

fn worth_saving(
    measured: Result<Recording, PipelineError<Infallible>>,
) -> Result<Recording, MonitorError> {
    let recording = measured?;
    let coverage = &recording.outcome.coverage;
    match (coverage.frames_read, coverage.frames_with_face) {
        (0, _) => Err(MonitorError::NoFrame),
        (frames, 0) => Err(MonitorError::NoFace { frames, last_s: recording.last_s }),
        _ => Ok(recording),
    }
}
