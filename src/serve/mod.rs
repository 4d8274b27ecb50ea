//! Serves pages of this program to the people it is meant for: a guard at the door, limits on who
//! may stand in it, and nothing else.
//!
//! [`Server::start`] puts the guard before a router: [`Gate`] says which names and tokens are let
//! in, [`Bounds`] how many connections there are at once and how long each may take to say what it
//! wants. A router that holds a connection open for long, as a socket, says so by [`Stay::keep`].

mod doors;
mod guard;
mod tls;

use std::io;
use std::net::{SocketAddr, TcpListener};
use std::sync::Arc;
use std::thread::{self, JoinHandle};
use std::time::Duration;

use axum::{Router, middleware};
use axum_server::Handle;
use axum_server::tls_rustls::RustlsAcceptor;

pub use doors::Stay;
pub use guard::{Gate, Token, refusal};
pub use tls::{Tls, TlsError};

use doors::Doors;
use guard::Guard;

/// Limits on connections, whoever makes them.
#[derive(Debug, Clone, Copy)]
pub struct Bounds {
    /// Connections at once. One more takes the place of the oldest that is not meant to stay.
    pub connections: usize,
    /// Time for the head of a request, and for the handshake of an encrypted link.
    pub head: Duration,
}

impl Default for Bounds {
    /// 128 connections: fifty pages, each with a few files on their way, and half of what a limit of
    /// 256 open files allows (judgment). 5 s for a head: ten times what a slow network takes
    /// (judgment).
    fn default() -> Self {
        Self { connections: 128, head: Duration::from_secs(5) }
    }
}

/// A running server.
#[derive(Debug)]
pub struct Server {
    handle: Handle<SocketAddr>,
    thread: JoinHandle<io::Result<()>>,
}

impl Server {
    /// Starts to serve a router on a bound listener, behind the guard of `gate`.
    ///
    /// # Errors
    /// The listener cannot be used.
    pub fn start(
        listener: TcpListener,
        tls: Option<Tls>,
        router: Router,
        gate: Gate,
        bounds: Bounds,
    ) -> io::Result<Self> {
        listener.set_nonblocking(true)?;
        let runtime =
            tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build()?;
        let handle = Handle::new();
        let own = handle.clone();
        let doors = Doors::new(bounds.connections);
        let guard = Guard { gate: Arc::new(gate), doors: doors.clone() };
        let service = router
            .layer(middleware::from_fn_with_state(guard, guard::check))
            .into_make_service_with_connect_info::<SocketAddr>();
        let thread = thread::spawn(move || {
            runtime.block_on(async move {
                // Both kinds of link have the same limits, and differ in type.
                macro_rules! serve {
                    ($acceptor:expr) => {{
                        let mut server = axum_server::from_tcp(listener)?
                            .acceptor($acceptor)
                            .handle(own)
                            .first_request_timeout(bounds.head);
                        server.http_builder().http1().header_read_timeout(bounds.head);
                        server.serve(service).await
                    }};
                }
                match tls {
                    Some(tls) => serve!(
                        RustlsAcceptor::new(tls.into_config())
                            .handshake_timeout(bounds.head)
                            .acceptor(doors)
                    ),
                    None => serve!(doors),
                }
            })
        });
        Ok(Self { handle, thread })
    }

    /// Gives the pages `farewell` to receive what was sent, and ends.
    pub fn finish(self, farewell: Duration) {
        thread::sleep(farewell);
        self.handle.shutdown();
        // A server that failed while it ran has nothing left to end.
        let _ = self.thread.join();
    }
}
