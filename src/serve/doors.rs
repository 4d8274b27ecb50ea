//! How many connections there are at once, and which of them makes way.
//!
//! Whoever opens connections and says nothing would otherwise take every descriptor of the process.
//! One connection more than allowed takes the place of the oldest that is not meant to stay, so that
//! a flood of silent ones keeps nobody out for longer than it takes to say what is wanted.

use std::collections::BTreeMap;
use std::future::{Ready, ready};
use std::io;
use std::net::SocketAddr;
use std::pin::Pin;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll};

use axum_server::accept::Accept;
use futures_util::task::AtomicWaker;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::TcpStream;

/// The connections there are.
#[derive(Debug, Clone)]
pub(super) struct Doors {
    most: usize,
    taken: Arc<Mutex<Taken>>,
}

#[derive(Debug, Default)]
struct Taken {
    /// By order of arrival.
    places: BTreeMap<u64, Place>,
    next: u64,
}

#[derive(Debug)]
struct Place {
    peer: SocketAddr,
    stays: bool,
    way: Arc<Way>,
}

/// Tells a connection that it has to make way.
#[derive(Debug, Default)]
struct Way {
    closed: AtomicBool,
    reader: AtomicWaker,
}

impl Doors {
    /// So many places, all free.
    pub(super) fn new(most: usize) -> Self {
        Self { most: most.max(1), taken: Arc::default() }
    }

    /// A place for a connection; `None` where all are taken by such that stay.
    fn enter(&self, peer: SocketAddr) -> Option<Ticket> {
        let mut taken = self.taken();
        if taken.places.len() >= self.most {
            let (&oldest, _) = taken.places.iter().find(|(_, place)| !place.stays)?;
            if let Some(place) = taken.places.remove(&oldest) {
                place.way.closed.store(true, Ordering::Release);
                place.way.reader.wake();
            }
        }
        let number = taken.next;
        taken.next += 1;
        let way = Arc::<Way>::default();
        taken.places.insert(number, Place { peer, stays: false, way: Arc::clone(&way) });
        Some(Ticket { number, doors: self.clone(), way })
    }

    /// The newest connection of a peer, for what its request finds out.
    pub(super) fn stay(&self, peer: SocketAddr) -> Stay {
        Stay { peer, doors: self.clone() }
    }

    fn taken(&self) -> MutexGuard<'_, Taken> {
        // Every change is whole before anything can panic.
        self.taken.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// One of the places; free again when it is dropped.
#[derive(Debug)]
struct Ticket {
    number: u64,
    doors: Doors,
    way: Arc<Way>,
}

impl Drop for Ticket {
    fn drop(&mut self) {
        self.doors.taken().places.remove(&self.number);
    }
}

/// What a request may say of its connection; an extension of every request.
#[derive(Debug, Clone)]
pub struct Stay {
    peer: SocketAddr,
    doors: Doors,
}

impl Stay {
    /// The connection is meant to stay: it makes way for no other.
    pub fn keep(&self) {
        let mut taken = self.doors.taken();
        if let Some(place) = taken.places.values_mut().rev().find(|own| own.peer == self.peer) {
            place.stays = true;
        }
    }
}

impl<S> Accept<TcpStream, S> for Doors {
    type Stream = Passage;
    type Service = S;
    type Future = Ready<io::Result<(Passage, S)>>;

    fn accept(&self, stream: TcpStream, service: S) -> Self::Future {
        let full = || io::Error::new(io::ErrorKind::QuotaExceeded, "too many connections");
        let entered = stream.peer_addr().and_then(|peer| self.enter(peer).ok_or_else(full));
        ready(entered.map(|ticket| (Passage { stream, ticket }, service)))
    }
}

/// A connection that can be told to make way.
#[derive(Debug)]
pub(super) struct Passage {
    stream: TcpStream,
    ticket: Ticket,
}

impl Passage {
    fn is_open(&self) -> io::Result<()> {
        match self.ticket.way.closed.load(Ordering::Acquire) {
            true => Err(io::ErrorKind::ConnectionAborted.into()),
            false => Ok(()),
        }
    }
}

impl AsyncRead for Passage {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        into: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        self.ticket.way.reader.register(context.waker());
        self.is_open()?;
        Pin::new(&mut self.stream).poll_read(context, into)
    }
}

impl AsyncWrite for Passage {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        self.is_open()?;
        Pin::new(&mut self.stream).poll_write(context, bytes)
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(context)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        slices: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        self.is_open()?;
        Pin::new(&mut self.stream).poll_write_vectored(context, slices)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn peer(port: u16) -> SocketAddr {
        SocketAddr::from(([127, 0, 0, 1], port))
    }

    fn is_closed(ticket: &Ticket) -> bool {
        ticket.way.closed.load(Ordering::Acquire)
    }

    #[test]
    fn the_oldest_that_is_not_meant_to_stay_makes_way() {
        let doors = Doors::new(3);
        let tickets: Vec<Ticket> = (0..3).map(|port| doors.enter(peer(port)).unwrap()).collect();
        doors.stay(peer(0)).keep();
        let fourth = doors.enter(peer(3)).unwrap();
        assert_eq!(tickets.iter().map(is_closed).collect::<Vec<_>>(), [false, true, false]);
        doors.stay(peer(2)).keep();
        doors.stay(peer(3)).keep();
        assert!(doors.enter(peer(4)).is_none(), "all are meant to stay");
        drop(fourth);
        assert!(doors.enter(peer(5)).is_some());
    }

    #[test]
    fn a_place_is_free_again_when_its_connection_ends() {
        let doors = Doors::new(2);
        for port in 0..100 {
            let ticket = doors.enter(peer(port)).unwrap();
            doors.stay(peer(port)).keep();
            drop(ticket);
        }
        assert!(doors.taken().places.is_empty());
    }
}
