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
use super::hub::{Console, Hub};
use super::journal::{Finished, JOURNAL, Journal, SESSION, SessionRecord, is_unfinished};
use super::lines::Lines;
use super::message::Message;
use super::preview::Preview;
use super::recorder::{self, RECORDING, Recorder};
use super::request::{Held, Input, MonitorError, Request};
use super::reserve::Reserve;
use super::save::{PROTOCOL, Target, amend, save};
use super::server::{Shared, router};
use super::session::Session;
use super::sink::LiveSink;
use super::source::LiveSource;
use super::standing::Phase;
use crate::clip::{self, Analyzed};
use crate::pipeline::{Options, Pipeline, PipelineError, Recording};
use crate::report::{self, Claim, Intent, Warning, Written, summary};
use crate::serve::{Gate, Server, Token};
use crate::signal::Sample;
use crate::source::StreamInfo;

/// Time that pages are given to receive the last messages, as the session ends (judgment).
const FAREWELL: Duration = Duration::from_millis(500);

/// Who is told of a session beside its pages.
#[derive(Default)]
pub struct Ears {
    /// Takes the findings as lines of JSON.
    pub lines: Option<Lines>,
    /// Hears what needs the user's attention.
    pub console: Option<Console>,
}

/// Holds a session until its source ends, the page or `stop` ends it, and writes its outputs.
///
/// `serving` is told once the page is served.
///
/// # Errors
/// [`MonitorError`]. What was measured before a failure of the source is no error: it is saved.
pub fn monitor(
    pipeline: &mut Pipeline,
    request: Request,
    stop: &Arc<AtomicBool>,
    ears: Ears,
    serving: impl FnOnce(&Gate),
) -> Result<Held, MonitorError> {
    if is_unfinished(&request.out) {
        return Err(MonitorError::Unfinished(request.out));
    }
    let has_results = !Written::of_folder(&request.out).files.is_empty();
    if has_results || request.out.join(SESSION).exists() {
        return Err(MonitorError::Occupied(request.out));
    }
    if request.record {
        recorder::check().map_err(MonitorError::NoRecorder)?;
    }
    let feed = match &request.input {
        Input::Source { input, opening } => Some(Feed::open(input.clone(), opening.clone())?),
        Input::Browser => None,
    };
    let names = clip::FILES.into_iter().chain([SESSION, JOURNAL, PROTOCOL, RECORDING]);
    let inputs = request.input.file().map(Path::to_owned).into_iter().collect();
    let intent = Intent { inputs, force: request.force, ..Intent::to_write(names) };
    let claim = Claim::take(&request.out, intent)?;
    hold(pipeline, &request, feed, claim, stop, ears, serving)
}

/// Serves, measures and saves.
fn hold(
    pipeline: &mut Pipeline,
    request: &Request,
    feed: Option<Feed>,
    claim: Claim,
    stop: &Arc<AtomicBool>,
    ears: Ears,
    serving: impl FnOnce(&Gate),
) -> Result<Held, MonitorError> {
    let name = request.input.name();
    let mut hub = Hub::new(&request.limits, ears.lines);
    if let Some(console) = ears.console {
        hub = hub.with_console(console);
    }
    let phase = if feed.is_some() { Phase::Running } else { Phase::Waiting };
    let session = Arc::new(Session::new(request.limits.clone(), hub, phase, Arc::clone(stop)));
    let info = feed.as_ref().map_or_else(StreamInfo::default, Feed::info);
    let camera = feed.is_none().then(Arc::<CameraPort>::default);
    let hello: Arc<str> = hello(&request.input.title(), camera.is_some(), &request.limits).into();
    let (server, gate) = serve(request, &session, &camera, &hello)?;
    let reserve = Reserve::take();
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
    let measuring = measure(pipeline, request, &name, info, &claim, &session, &preview);
    drop(reserve);
    let done = measuring.and_then(|measured| measured.save(pipeline, request, claim));
    session.stop();
    for helper in helpers {
        // One that failed has nothing left to end.
        let _ = helper.join();
    }
    let (folder, text) = match &done {
        Ok((done, _)) => (
            Some(done.place.display().to_string()),
            summary::text(&done.analysis, Some(&done.place)),
        ),
        Err(error) => (None, error.to_string()),
    };
    session.hub.publish(&Message::Saved { folder, text });
    // The recording is completed when everything else is safe.
    let done = done.and_then(|(saved, recording)| recording.complete(saved, &session));
    server.finish(FAREWELL);
    let lines_lost = session.hub.finish_lines(session.limits.lines_end);
    Ok(Held { analyzed: done?, lines_lost })
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

/// A session whose frames have ended.
struct Ended {
    recording: Recording,
    samples: Vec<Sample>,
    journal: Finished,
    recorder: Option<Recorder>,
}

/// What is left to complete of a session that is saved.
struct Recorded {
    recorder: Option<Recorder>,
    journal: Finished,
}

/// Measures until the frames end.
fn measure(
    pipeline: &mut Pipeline,
    request: &Request,
    name: &str,
    info: StreamInfo,
    claim: &Claim,
    session: &Arc<Session>,
    preview: &Preview,
) -> Result<Ended, MonitorError> {
    let options = Options { mirrored: request.mirrored, ..Options::default() };
    let folder = &claim.open_folder();
    let mut about = SessionRecord::new(name, request.mirrored);
    about.sha256 = request.input.file().and_then(|path| report::digest(path).ok());
    let journal = Journal::start(folder, about, session);
    let recorder = request.record.then(|| Recorder::start(folder.path(), &session.limits));
    let signal = pipeline.thresholds().signal.clone();
    let mut sink = LiveSink::new(session, preview, journal, recorder, signal);
    let source = Box::new(LiveSource::new(Arc::clone(session), info));
    // The session's own end ends the source: the recording is complete then, not interrupted.
    let measured = pipeline.run(source, &options, &AtomicBool::new(false), &mut sink);
    session.ending();
    let (journal, recorder) = sink.into_parts();
    let (mut journal, samples) = journal.finish();
    journal.record.unrecorded = recorder.as_ref().map_or(0, Recorder::left_out);
    match worth_saving(measured) {
        Ok(recording) => Ok(Ended { recording, samples, journal, recorder }),
        Err(error @ (MonitorError::NoFrame | MonitorError::NoFace { .. })) => {
            if let Some(recorder) = recorder {
                // Whatever became of it, there is no session to tell of it.
                let _ = recorder.finish(session.limits.recording_end);
            }
            Finished::abandon(folder)?;
            Err(error)
        }
        Err(error) => {
            if samples.is_empty() {
                Finished::abandon(folder)?;
            }
            Err(error)
        }
    }
}

impl Ended {
    /// Writes what was found.
    fn save(
        self,
        pipeline: &Pipeline,
        request: &Request,
        claim: Claim,
    ) -> Result<(Analyzed, Recorded), MonitorError> {
        let Self { recording, samples, journal, recorder } = self;
        let place = claim.path().to_owned();
        // It is taken again for each writing: the folder may be another by now.
        drop(claim);
        let target = Target { place: &place, force: request.force };
        let thresholds = pipeline.thresholds();
        let history = request.history.as_ref();
        let saved = save(target, recording, samples, history, thresholds, &journal, Vec::new())?;
        Ok((saved, Recorded { recorder, journal }))
    }
}

impl Recorded {
    /// Completes the recording of the pictures, where there is one.
    fn complete(self, saved: Analyzed, session: &Session) -> Result<Analyzed, MonitorError> {
        let Some(recorder) = self.recorder else { return Ok(saved) };
        match recorder.finish(session.limits.recording_end) {
            Ok(()) => Ok(saved),
            Err(why) => {
                session.notice(&why.to_string());
                amend(saved, &self.journal, Warning::new("no_recording", why.to_string()))
            }
        }
    }
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
