//! The session as lines for other programs, written on a thread of its own: one that reads slowly,
//! or not at all, holds up nothing.

use std::io::{self, Write};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc::{Receiver, SyncSender, TrySendError, sync_channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

/// Where other programs read the session line by line.
pub type Lines = Box<dyn Write + Send>;

/// Hands lines to the thread that writes them.
#[derive(Debug)]
pub(super) struct LineStream {
    to: Mutex<Option<SyncSender<String>>>,
    writer: Mutex<Option<JoinHandle<()>>>,
    shared: Arc<Shared>,
}

#[derive(Debug, Default)]
struct Shared {
    /// Lines that found no room.
    lost: AtomicU64,
    /// Why nothing more can be written; a reader that went away is none.
    fault: Mutex<Option<String>>,
}

impl LineStream {
    /// Starts to write; so many lines may wait.
    pub(super) fn start(lines: Lines, waiting: usize) -> Self {
        let (to, from) = sync_channel(waiting.max(1));
        let shared = Arc::<Shared>::default();
        let own = Arc::clone(&shared);
        let writer = thread::spawn(move || {
            if let Err(why) = write(lines, &from, &own)
                && why.kind() != io::ErrorKind::BrokenPipe
            {
                *own.fault.lock().unwrap_or_else(PoisonError::into_inner) = Some(why.to_string());
            }
        });
        Self { to: Mutex::new(Some(to)), writer: Mutex::new(Some(writer)), shared }
    }

    /// Hands on a line; where too many wait, it is left out and counted.
    pub(super) fn line(&self, json: &str) {
        let to = self.to.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(to) = to.as_ref()
            && let Err(TrySendError::Full(_)) = to.try_send(json.to_owned())
        {
            self.shared.lost.fetch_add(1, Ordering::Relaxed);
        }
    }

    /// Lines that were left out so far.
    #[must_use]
    pub(super) fn lost(&self) -> u64 {
        self.shared.lost.load(Ordering::Relaxed)
    }

    /// Waits for what is on its way, but not for longer than `patience`; why lines could not be
    /// written, where that is so.
    #[must_use]
    pub(super) fn finish(&self, patience: Duration) -> Option<String> {
        drop(self.to.lock().unwrap_or_else(PoisonError::into_inner).take());
        let writer = self.writer.lock().unwrap_or_else(PoisonError::into_inner).take();
        let until = Instant::now() + patience;
        while writer.as_ref().is_some_and(|writer| !writer.is_finished()) {
            if Instant::now() > until {
                return Some("its reader takes no more".to_owned());
            }
            thread::sleep(Duration::from_millis(10));
        }
        self.shared.fault.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

fn write(mut lines: Lines, from: &Receiver<String>, shared: &Shared) -> io::Result<()> {
    let mut told = 0;
    for line in from {
        let lost = shared.lost.load(Ordering::Relaxed);
        if lost > told {
            let message = serde_json::json!({ "type": "lines_lost", "lines": lost });
            writeln!(lines, "{message}")?;
            told = lost;
        }
        writeln!(lines, "{line}")?;
        lines.flush()?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Takes nothing until it is let go.
    struct Stalled(Arc<Mutex<()>>, Arc<Mutex<Vec<u8>>>);

    impl Write for Stalled {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            let _held = self.0.lock().unwrap();
            self.1.lock().unwrap().extend_from_slice(bytes);
            Ok(bytes.len())
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    struct Failing(io::ErrorKind);

    impl Write for Failing {
        fn write(&mut self, _: &[u8]) -> io::Result<usize> {
            Err(self.0.into())
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    #[test]
    fn a_reader_that_stalls_costs_lines_and_no_time_and_is_told_how_many() {
        let (gate, written) = (Arc::<Mutex<()>>::default(), Arc::<Mutex<Vec<u8>>>::default());
        let held = gate.lock().unwrap();
        let stream =
            LineStream::start(Box::new(Stalled(Arc::clone(&gate), Arc::clone(&written))), 10);
        let began = Instant::now();
        for _ in 0..1000 {
            stream.line("{}");
        }
        assert!(began.elapsed() < Duration::from_secs(1));
        let lost = stream.lost();
        assert!((985..=990).contains(&lost), "{lost}");
        drop(held);
        assert_eq!(stream.finish(Duration::from_secs(10)), None);
        let text = String::from_utf8(written.lock().unwrap().clone()).unwrap();
        assert!(text.contains(&format!("{{\"type\":\"lines_lost\",\"lines\":{lost}}}")), "{text}");
        assert_eq!(text.lines().filter(|line| *line == "{}").count() as u64, 1000 - lost);
    }

    #[test]
    fn a_stream_that_fails_is_told_and_one_that_was_closed_is_not() {
        for (kind, is_told) in
            [(io::ErrorKind::StorageFull, true), (io::ErrorKind::BrokenPipe, false)]
        {
            let stream = LineStream::start(Box::new(Failing(kind)), 10);
            stream.line("{}");
            assert_eq!(stream.finish(Duration::from_secs(10)).is_some(), is_told, "{kind}");
        }
    }
}
