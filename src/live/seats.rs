//! Who is connected to a session: so many at once, one of them in control.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

/// The places for connections. One of them is for the page in control and for no other, so that
/// those who watch never keep it out.
#[derive(Debug)]
pub(super) struct Seats {
    watchers_most: usize,
    watchers: AtomicUsize,
    controlled: AtomicBool,
}

impl Seats {
    /// So many places, all free.
    #[must_use]
    pub(super) fn new(limit: usize) -> Self {
        let watchers_most = limit.saturating_sub(1);
        Self { watchers_most, watchers: AtomicUsize::new(0), controlled: AtomicBool::new(false) }
    }

    /// A place to watch from, if there is one.
    #[must_use]
    pub(super) fn watch(self: &Arc<Self>) -> Option<Seat> {
        let more = |now| (now < self.watchers_most).then_some(now + 1);
        self.watchers.fetch_update(Ordering::AcqRel, Ordering::Acquire, more).ok()?;
        Some(Seat { seats: Arc::clone(self), controls: false })
    }

    /// The place with the controls, if no other page has it.
    #[must_use]
    pub(super) fn control(self: &Arc<Self>) -> Option<Seat> {
        let free = !self.controlled.swap(true, Ordering::AcqRel);
        free.then(|| Seat { seats: Arc::clone(self), controls: true })
    }

    /// How many are connected.
    #[must_use]
    pub(super) fn taken(&self) -> usize {
        self.watchers.load(Ordering::Relaxed) + usize::from(self.are_controlled())
    }

    /// Whether a page has the controls.
    #[must_use]
    pub(super) fn are_controlled(&self) -> bool {
        self.controlled.load(Ordering::Relaxed)
    }
}

/// One of the places; free again when it is dropped.
#[derive(Debug)]
pub(super) struct Seat {
    seats: Arc<Seats>,
    controls: bool,
}

impl Seat {
    /// Whether it has the controls.
    #[must_use]
    pub(super) fn controls(&self) -> bool {
        self.controls
    }
}

impl Drop for Seat {
    fn drop(&mut self) {
        if self.controls {
            self.seats.controlled.store(false, Ordering::Release);
        } else {
            self.seats.watchers.fetch_sub(1, Ordering::AcqRel);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_page_controls_and_so_many_are_connected() {
        let seats = Arc::new(Seats::new(3));
        let control = seats.control();
        assert!(control.is_some() && seats.control().is_none());
        drop(control);
        let places: Vec<_> = (0..3).map(|_| seats.watch()).collect();
        assert_eq!(places.iter().flatten().count(), 2);
        let control = seats.control();
        assert!(control.is_some_and(|seat| seat.controls()), "those who watch keep it out");
        assert_eq!(seats.taken(), 2);
        drop(places);
        assert!(seats.watch().is_some());
    }
}
