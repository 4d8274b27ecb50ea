//! A desk from its opening to its end.

use std::net::{IpAddr, Ipv4Addr, SocketAddr, TcpListener};
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::Duration;

use super::brief::Briefs;
use super::live::Sessions;
use super::queue::Queue;
use super::reviews::Reviews;
use super::routes::{Desk, router};
use super::{DeskError, Library, Limits};
use crate::serve::{Bounds, Gate, Server, Token};

/// How often it is looked whether the desk is to be closed (judgment).
const LOOK: Duration = Duration::from_millis(100);
/// Time that pages are given to receive the last answers (judgment).
const FAREWELL: Duration = Duration::from_millis(200);

/// A desk to open.
#[derive(Debug)]
pub struct Request {
    /// The library.
    pub folder: PathBuf,
    /// Port on this machine; 0 takes a free one.
    pub port: u16,
    /// Every limit.
    pub limits: Limits,
}

/// Serves a desk until `stop` is set; `serving` is told once the page is served. What runs then is
/// ended: an analysis is left undone, a session is saved.
///
/// # Errors
/// [`DeskError`].
pub fn serve(
    request: Request,
    stop: &AtomicBool,
    serving: impl FnOnce(&Gate),
) -> Result<(), DeskError> {
    let library = Arc::new(Library::open(&request.folder)?);
    let wanted = SocketAddr::new(IpAddr::V4(Ipv4Addr::LOCALHOST), request.port);
    let cannot = |reason| DeskError::Serve { address: wanted, reason };
    let listener = TcpListener::bind(wanted).map_err(cannot)?;
    let address = listener.local_addr().map_err(cannot)?;
    let gate = Gate { address, name: None, token: Some(Token::random()), encrypted: false };
    let desk = Desk {
        queue: Queue::start(&library, &request.limits),
        reviews: Reviews::new(&request.limits),
        briefs: Briefs::default(),
        sessions: Sessions::default(),
        gate: gate.clone(),
        limits: request.limits,
        library,
    };
    let server = Server::start(listener, None, router(desk), gate.clone(), Bounds::default())
        .map_err(cannot)?;
    serving(&gate);
    while !stop.load(Ordering::Relaxed) {
        thread::sleep(LOOK);
    }
    server.finish(FAREWELL);
    Ok(())
}
