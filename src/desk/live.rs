//! Live sessions that a desk starts: each is served as `monitor` serves it, on a port of its own.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError, mpsc};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::answer::Refusal;
use super::library::{Library, RESULTS};
use crate::batch::one_line;
use crate::live;
use crate::models::ModelStore;
use crate::pipeline::Pipeline;
use crate::source::{self, Opening};
use crate::thresholds::Thresholds;

/// Time for the models to load before the page is told that it takes too long.
const PATIENCE: Duration = Duration::from_secs(60);
/// Longest name of a session, characters (judgment).
const NAME_CHARS: usize = 80;

/// A session to start.
#[derive(Debug, Clone, Deserialize)]
pub(super) struct Wish {
    /// Name of the session; its results are `NAME.spasmograph`.
    name: String,
    /// A camera of this machine by its number; the page's own camera where none is named.
    #[serde(default)]
    camera: Option<i32>,
    /// The picture is a mirror image.
    #[serde(default)]
    mirrored: bool,
    /// Keep the pictures, too.
    #[serde(default)]
    record: bool,
}

/// The session that runs.
#[derive(Debug, Clone, Serialize)]
pub(super) struct Running {
    name: String,
    url: String,
}

/// The one session of a desk.
#[derive(Debug, Default)]
pub(super) struct Sessions(Mutex<Option<Session>>);

#[derive(Debug)]
struct Session {
    running: Running,
    stop: Arc<AtomicBool>,
    thread: JoinHandle<Option<String>>,
}

impl Sessions {
    /// The session that runs, and why the last one left nothing, where it did not.
    pub(super) fn state(&self) -> serde_json::Value {
        let mut own = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let mut why = None;
        if own.as_ref().is_some_and(|session| session.thread.is_finished()) {
            why = own.take().and_then(|session| session.thread.join().ok().flatten());
        }
        serde_json::json!({ "running": own.as_ref().map(|own| &own.running), "why": why })
    }

    /// Starts a session and returns its page's address.
    pub(super) fn start(&self, library: &Library, wish: &Wish) -> Result<Running, Refusal> {
        let mut own = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if own.as_ref().is_some_and(|session| !session.thread.is_finished()) {
            let text = "a session is running already; stop it first";
            return Err(Refusal::new(axum::http::StatusCode::CONFLICT, "session", text));
        }
        let name = wish.name.trim();
        if name.is_empty() || name.chars().count() > NAME_CHARS || name.contains('/') {
            return Err(Refusal::field("session", "a name without /, 80 characters at most"));
        }
        let out = library.fresh(&format!("{name}.{RESULTS}"))?;
        if out.exists() {
            return Err(Refusal::field("session", "there is a recording of this name already"));
        }
        let stop = Arc::<AtomicBool>::default();
        let (told, telling) = mpsc::channel();
        let thread = thread::spawn({
            let (wish, stop) = (wish.clone(), Arc::clone(&stop));
            move || hold(&wish, out, &stop, &told).err()
        });
        match telling.recv_timeout(PATIENCE) {
            Ok(url) => {
                let running = Running { name: name.to_owned(), url };
                *own = Some(Session { running: running.clone(), stop, thread });
                Ok(running)
            }
            Err(_) => {
                stop.store(true, Ordering::Relaxed);
                let why = if thread.is_finished() { thread.join().ok().flatten() } else { None };
                let why = why.unwrap_or_else(|| "the camera does not start".to_owned());
                Err(Refusal::new(axum::http::StatusCode::UNPROCESSABLE_ENTITY, "session", why))
            }
        }
    }
}

impl Drop for Sessions {
    fn drop(&mut self) {
        let own = self.0.get_mut().unwrap_or_else(PoisonError::into_inner);
        if let Some(session) = own.take() {
            // What was measured is saved.
            session.stop.store(true, Ordering::Relaxed);
            let _ = session.thread.join();
        }
    }
}

fn hold(
    wish: &Wish,
    out: PathBuf,
    stop: &Arc<AtomicBool>,
    told: &mpsc::Sender<String>,
) -> Result<(), String> {
    let line = |error: &dyn std::fmt::Display| one_line(&error.to_string());
    let models = ModelStore::open().map_err(|error| line(&error))?;
    let mut pipeline =
        Pipeline::new(&models, &Thresholds::default()).map_err(|error| line(&error))?;
    let input = match wish.camera {
        None => live::Input::Browser,
        Some(number) => live::Input::Source {
            input: source::Input::Camera(number),
            opening: Opening::default(),
        },
    };
    let request = live::Request {
        input,
        mirrored: wish.mirrored,
        history: None,
        out,
        force: false,
        record: wish.record,
        address: SocketAddr::new(IpAddr::V4(Ipv4Addr::LOCALHOST), 0),
        name: None,
        tls: None,
        limits: live::Limits::default(),
    };
    live::monitor(&mut pipeline, request, stop, live::Ears::default(), |gate| {
        // The page may have given up.
        let _ = told.send(gate.url());
    })
    .map(|_| ())
    .map_err(|error| line(&error))
}
