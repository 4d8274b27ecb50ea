//! Serves the page and its connection. Nothing else answers, and nothing but the controlling
//! connection changes anything.

mod guard;
mod page;
mod socket;
mod tls;

use std::io;
use std::net::{SocketAddr, TcpListener};
use std::sync::Arc;
use std::thread::{self, JoinHandle};
use std::time::Duration;

use axum::routing::get;
use axum::{Router, middleware};
use axum_server::Handle;

pub use guard::{Gate, Token};
pub use tls::{Tls, TlsError};

use super::camera::CameraPort;
use super::session::Session;

/// Time that pages are given to receive the last messages, as the session ends (judgment).
const FAREWELL: Duration = Duration::from_millis(500);

/// What every connection shares.
#[derive(Debug, Clone)]
pub(super) struct Shared {
    pub(super) session: Arc<Session>,
    pub(super) hello: Arc<str>,
    pub(super) camera: Option<Arc<CameraPort>>,
    pub(super) gate: Arc<Gate>,
}

/// A running server.
#[derive(Debug)]
pub(super) struct Server {
    handle: Handle<SocketAddr>,
    thread: JoinHandle<io::Result<()>>,
}

impl Server {
    /// Starts to serve on a bound listener.
    ///
    /// # Errors
    /// The listener cannot be used.
    pub(super) fn start(
        listener: TcpListener,
        tls: Option<Tls>,
        shared: Shared,
    ) -> io::Result<Self> {
        listener.set_nonblocking(true)?;
        let runtime =
            tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build()?;
        let handle = Handle::new();
        let own = handle.clone();
        let service = router(shared).into_make_service();
        let thread = thread::spawn(move || {
            runtime.block_on(async move {
                match tls {
                    Some(tls) => {
                        axum_server::from_tcp_rustls(listener, tls.into_config())?
                            .handle(own)
                            .serve(service)
                            .await
                    }
                    None => axum_server::from_tcp(listener)?.handle(own).serve(service).await,
                }
            })
        });
        Ok(Self { handle, thread })
    }

    /// Lets the pages receive what was sent, and ends.
    pub(super) fn finish(self) {
        thread::sleep(FAREWELL);
        self.handle.shutdown();
        // A server that failed while it ran has nothing left to end.
        let _ = self.thread.join();
    }
}

fn router(shared: Shared) -> Router {
    page::routes()
        .route("/live", get(socket::connect))
        .layer(middleware::from_fn_with_state(shared.clone(), guard::check))
        .with_state(shared)
}
