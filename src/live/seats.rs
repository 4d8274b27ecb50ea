//! Who is connected to a session: so many at once, and one of them in control.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

/// The places for connections, and the controls.
#[derive(Debug)]
pub(super) struct Seats {
    limit: usize,
    taken: AtomicUsize,
    controlled: AtomicBool,
}

impl Seats {
    /// So many places, all free.
    #[must_use]
    pub(super) fn new(limit: usize) -> Self {
        Self { limit, taken: AtomicUsize::new(0), controlled: AtomicBool::new(false) }
    }

    /// A place for one more connection, if there is one.
    #[must_use]
    pub(super) fn take(self: &Arc<Self>) -> Option<Seat> {
        let more = |now| (now < self.limit).then_some(now + 1);
        self.taken.fetch_update(Ordering::AcqRel, Ordering::Acquire, more).ok()?;
        Some(Seat(Arc::clone(self)))
    }

    /// The controls, if no other page has them.
    #[must_use]
    pub(super) fn control(self: &Arc<Self>) -> Option<Control> {
        let free = !self.controlled.swap(true, Ordering::AcqRel);
        free.then(|| Control(Arc::clone(self)))
    }

    /// How many are connected.
    #[must_use]
    pub(super) fn taken(&self) -> usize {
        self.taken.load(Ordering::Relaxed)
    }

    /// Whether a page has the controls.
    #[must_use]
    pub(super) fn are_controlled(&self) -> bool {
        self.controlled.load(Ordering::Relaxed)
    }
}

/// One of the connections; its place is free again when it is dropped.
#[derive(Debug)]
pub(super) struct Seat(Arc<Seats>);

impl Drop for Seat {
    fn drop(&mut self) {
        self.0.taken.fetch_sub(1, Ordering::AcqRel);
    }
}

/// The controls of a session; another page may take them when this is dropped.
#[derive(Debug)]
pub(super) struct Control(Arc<Seats>);

impl Drop for Control {
    fn drop(&mut self) {
        self.0.controlled.store(false, Ordering::Release);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_page_controls_and_so_many_are_connected() {
        let seats = Arc::new(Seats::new(2));
        let control = seats.control();
        assert!(control.is_some() && seats.control().is_none());
        drop(control);
        assert!(seats.control().is_some());
        let places: Vec<_> = (0..3).map(|_| seats.take()).collect();
        assert_eq!(places.iter().flatten().count(), 2);
        assert_eq!(seats.taken(), 2);
        drop(places);
        assert!(seats.take().is_some());
    }
}
