//! What survives a crash: the signals on disk every few seconds, and the state of the session
//! beside them.

use std::fs::File;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::mpsc::{RecvTimeoutError, Sender, channel};
use std::thread::{self, JoinHandle};
use std::time::Instant;

use serde::{Deserialize, Serialize};

use super::message::Mark;
use super::session::Session;
use crate::event::Segment;
use crate::report::csv::{self, SignalWriter};
use crate::report::{Error, OutputFolder, json};
use crate::signal::Sample;

/// Name of the session's own file among the outputs.
pub(super) const SESSION: &str = "session.json";

/// Name of the signals while the session runs.
const JOURNAL: &str = "signals.journal.csv";

/// Name of the session format.
const SCHEMA: &str = "spasmograph.session/1";

/// What `session.json` holds: how the session went, beside what was measured.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(super) struct SessionRecord {
    /// Always `spasmograph.session/1`.
    pub(super) schema: String,
    /// Where the pictures came from.
    pub(super) input: String,
    /// SHA-256 of a file; `None` for anything else.
    pub(super) sha256: Option<String>,
    /// When the session began, seconds since 1970.
    pub(super) began_unix_s: u64,
    /// The picture is a mirror image, as the user said.
    pub(super) mirrored: bool,
    /// Width of the picture, pixels.
    pub(super) width: usize,
    /// Height of the picture, pixels.
    pub(super) height: usize,
    /// Frames that arrived.
    pub(super) arrived: u64,
    /// Frames that gave way to newer ones because the machine could not keep up.
    pub(super) dropped: u64,
    /// Frames that a browser took and could not send.
    pub(super) unsent: u64,
    /// Measured frames that are not in the recording, where one was asked for.
    pub(super) unrecorded: u64,
    /// How often the source came back.
    pub(super) reconnects: u32,
    /// Moments that the user marked.
    pub(super) marks: Vec<Mark>,
    /// Tasks of the guided exam that were shown.
    pub(super) tasks: Vec<Segment>,
    /// The outputs are written.
    pub(super) finished: bool,
}

impl SessionRecord {
    /// A session that begins.
    #[must_use]
    pub(super) fn new(input: &str, mirrored: bool) -> Self {
        let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH);
        Self {
            schema: SCHEMA.to_owned(),
            input: input.to_owned(),
            sha256: None,
            began_unix_s: now.map_or(0, |since| since.as_secs()),
            mirrored,
            width: 0,
            height: 0,
            arrived: 0,
            dropped: 0,
            unsent: 0,
            unrecorded: 0,
            reconnects: 0,
            marks: Vec::new(),
            tasks: Vec::new(),
            finished: false,
        }
    }

    /// Brings the record up to the session's present.
    pub(super) fn update(&mut self, session: &Session) {
        let counts = session.inbox.counts();
        (self.arrived, self.dropped) = (counts.arrived, counts.dropped);
        self.unsent = session.unsent();
        self.reconnects = session.reconnects();
        self.marks = session.marks();
        self.tasks = session.protocol().map(|protocol| protocol.segments).unwrap_or_default();
    }

    /// Writes `session.json`.
    ///
    /// # Errors
    /// The file cannot be written.
    pub(super) fn write(&self, folder: &OutputFolder) -> Result<(), Error> {
        json::write(folder.file(SESSION)?, self)
    }

    /// Reads a folder's `session.json`.
    ///
    /// # Errors
    /// The file cannot be read or is no session.
    pub(super) fn read(folder: &Path) -> Result<Self, Error> {
        let path = folder.join(SESSION);
        let record: Self = json::read(&path)?;
        json::require_schema(&path, &record.schema, SCHEMA)?;
        Ok(record)
    }
}

/// Whether a folder holds a session that was cut off.
#[must_use]
pub(super) fn is_unfinished(folder: &Path) -> bool {
    folder.join(JOURNAL).exists()
}

/// Writes the signals behind the measurement's back.
#[derive(Debug)]
pub(super) struct Journal {
    to: Sender<Entry>,
    writer: JoinHandle<Result<SessionRecord, Error>>,
    path: PathBuf,
}

#[derive(Debug)]
enum Entry {
    Samples(Vec<Sample>),
    Size(usize, usize),
}

impl Journal {
    /// Starts the journal of a session.
    ///
    /// # Errors
    /// The files cannot be made.
    pub(super) fn start(
        folder: &OutputFolder,
        mut record: SessionRecord,
        session: &Arc<Session>,
    ) -> Result<Self, Error> {
        let path = folder.path().join(JOURNAL);
        let file = File::create(&path).map_err(Error::write(&path))?;
        let disk = file.try_clone().map_err(Error::write(&path))?;
        let mut table = SignalWriter::new(file).map_err(Error::write(&path))?;
        record.write(folder)?;
        let (to, entries) = channel();
        let (folder, session, own) = (folder.clone(), Arc::clone(session), path.clone());
        let interval = session.limits.journal;
        let writer = thread::spawn(move || {
            let mut due = Instant::now() + interval;
            loop {
                let wait = due.saturating_duration_since(Instant::now());
                match entries.recv_timeout(wait) {
                    Ok(Entry::Samples(samples)) => {
                        for sample in &samples {
                            table.push(sample).map_err(Error::write(&own))?;
                        }
                    }
                    Ok(Entry::Size(width, height)) => {
                        (record.width, record.height) = (width, height);
                    }
                    Err(RecvTimeoutError::Timeout) => {}
                    Err(RecvTimeoutError::Disconnected) => {
                        record.update(&session);
                        return Ok(record);
                    }
                }
                if Instant::now() >= due {
                    table.flush().and_then(|()| disk.sync_data()).map_err(Error::write(&own))?;
                    record.update(&session);
                    record.write(&folder)?;
                    due = Instant::now() + interval;
                }
            }
        });
        Ok(Self { to, writer, path })
    }

    /// Notes samples that will not change any more.
    pub(super) fn samples(&self, settled: &[Sample]) {
        if !settled.is_empty() {
            // A writer that failed says so at the end.
            let _ = self.to.send(Entry::Samples(settled.to_vec()));
        }
    }

    /// Notes the picture's size.
    pub(super) fn size(&self, width: usize, height: usize) {
        let _ = self.to.send(Entry::Size(width, height));
    }

    /// Ends the journal; it is needed until its [`Finished::discard`].
    ///
    /// # Errors
    /// It could not be written, as on a full disk.
    pub(super) fn finish(self) -> Result<Finished, Error> {
        let Self { to, writer, path } = self;
        drop(to);
        let record = writer.join().unwrap_or_else(|_| {
            Err(Error::content(&path, "the journal's writer ended unexpectedly"))
        })?;
        Ok(Finished { record })
    }
}

/// A journal whose session ended.
#[derive(Debug)]
pub(super) struct Finished {
    /// How the session went.
    pub(super) record: SessionRecord,
}

impl Finished {
    /// The outputs are written: notes that and removes the journal.
    ///
    /// # Errors
    /// `session.json` cannot be written.
    pub(super) fn discard(&self, folder: &OutputFolder) -> Result<(), Error> {
        SessionRecord { finished: true, ..self.record.clone() }.write(folder)?;
        folder.discard(JOURNAL)
    }

    /// Nothing was measured: removes the journal and its session.
    ///
    /// # Errors
    /// They cannot be removed.
    pub(super) fn abandon(self, folder: &OutputFolder) -> Result<(), Error> {
        folder.discard(SESSION)?;
        folder.discard(JOURNAL)
    }

    /// Takes up the journal of a session that was cut off, with its signals. A row that was cut
    /// in the middle is left out.
    ///
    /// # Errors
    /// There is no such journal, or it cannot be read.
    pub(super) fn take_up(folder: &Path) -> Result<(Self, Vec<Sample>), Error> {
        let path = folder.join(JOURNAL);
        let record = SessionRecord::read(folder)?;
        let text = std::fs::read(&path).map_err(Error::read(&path))?;
        let whole = text.iter().rposition(|byte| *byte == b'\n').map_or(0, |last| last + 1);
        let samples =
            csv::parse_signals(&text[..whole]).map_err(|reason| Error::content(&path, reason))?;
        Ok((Self { record }, samples))
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use crate::live::Limits;
    use crate::live::command::Command;
    use crate::live::hub::Hub;
    use crate::live::standing::Phase;

    #[test]
    fn what_was_journalled_is_there_after_a_crash() {
        let place = tempfile::tempdir().unwrap();
        let folder = OutputFolder::create(place.path()).unwrap();
        let limits = Limits { journal: Duration::from_millis(20), ..Limits::default() };
        let hub = Hub::new(&limits, None);
        let session = Arc::new(Session::new(limits, hub, Phase::Running, Arc::default()));
        let record = SessionRecord::new("camera 0", true);
        let journal = Journal::start(&folder, record, &session).unwrap();
        journal.size(640, 480);
        let samples: Vec<Sample> = (0..90).map(|i| Sample::gap(i, i as f64 / 30.0)).collect();
        journal.samples(&samples);
        session.command(Command::Mark { note: "here".to_owned() });
        thread::sleep(Duration::from_millis(200));
        // The crash: nothing is finished, and the last row is cut.
        std::mem::forget(journal);
        assert!(is_unfinished(place.path()));
        let path = place.path().join(JOURNAL);
        let text = std::fs::read(&path).unwrap();
        std::fs::write(&path, &text[..text.len() - 5]).unwrap();
        let (finished, kept) = Finished::take_up(place.path()).unwrap();
        assert_eq!(kept.len(), 89);
        assert_eq!(finished.record.marks.len(), 1);
        assert_eq!((finished.record.width, finished.record.mirrored), (640, true));
        assert!(!finished.record.finished);
        finished.discard(&folder).unwrap();
        assert!(!is_unfinished(place.path()));
        assert!(SessionRecord::read(place.path()).unwrap().finished);
    }
}
