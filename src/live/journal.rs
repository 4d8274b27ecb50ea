//! What survives a crash: the signals on disk twice a second, and the state of the session beside
//! them.
//!
//! The disk may fill and the folder may go: the journal says so, tries again, and holds up nothing.
//! What was measured is in memory until the session is saved, whatever became of it.

use std::fs::{self, File};
use std::io::{self, Seek, SeekFrom, Write};
use std::path::Path;
use std::sync::mpsc::{RecvTimeoutError, Sender, channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use serde::{Deserialize, Serialize};

use super::message::Mark;
use super::session::Session;
use crate::event::Segment;
use crate::report::csv::{self, SignalWriter};
use crate::report::{Error, OutputFolder, is_open_file, json};
use crate::signal::Sample;

/// Name of the session's own file among the outputs.
pub(super) const SESSION: &str = "session.json";

/// Name of the signals while the session runs.
pub(super) const JOURNAL: &str = "signals.journal.csv";

/// Interval at which `session.json` is written where nothing but its counts changed.
const RECORD_EVERY: Duration = Duration::from_secs(2);

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
pub fn is_unfinished(folder: &Path) -> bool {
    folder.join(JOURNAL).exists()
        || SessionRecord::read(folder).is_ok_and(|record| !record.finished)
}

/// The samples of a session, kept by the measurement and read by the journal.
#[derive(Debug, Default)]
struct Tape {
    /// Those that will not change any more, in order.
    settled: Vec<Sample>,
    /// Those of the first seconds as far as they can be said, until they settle.
    ahead: Vec<Sample>,
}

impl Tape {
    fn keep(&mut self, preview: Option<&Sample>, settled: &[Sample]) {
        self.settled.extend_from_slice(settled);
        let upto = self.settled.last().map(|sample| sample.index);
        let is_ahead = |sample: &Sample| upto.is_none_or(|upto| sample.index > upto);
        self.ahead.retain(is_ahead);
        self.ahead.extend(preview.filter(|sample| is_ahead(sample)).cloned());
    }
}

/// Writes the signals behind the measurement's back.
#[derive(Debug)]
pub(super) struct Journal {
    tape: Arc<Mutex<Tape>>,
    size: Sender<(usize, usize)>,
    writer: JoinHandle<SessionRecord>,
    began: SessionRecord,
}

impl Journal {
    /// Starts the journal of a session. A disk that does not take it is told like one that fills
    /// later.
    pub(super) fn start(
        folder: &OutputFolder,
        record: SessionRecord,
        session: &Arc<Session>,
    ) -> Self {
        let tape = Arc::<Mutex<Tape>>::default();
        let (size, sizes) = channel();
        let mut writer = Writer {
            folder: folder.clone(),
            session: Arc::clone(session),
            tape: Arc::clone(&tape),
            record: record.clone(),
            recorded: None,
            file: None,
            fault: false,
        };
        // From here on a crash leaves something to complete.
        writer.tick();
        let interval = session.limits.journal;
        let writer = thread::spawn(move || {
            let mut due = Instant::now() + interval;
            loop {
                match sizes.recv_timeout(due.saturating_duration_since(Instant::now())) {
                    Ok((width, height)) => {
                        (writer.record.width, writer.record.height) = (width, height);
                    }
                    Err(RecvTimeoutError::Timeout) => {
                        writer.tick();
                        due = Instant::now() + interval;
                    }
                    Err(RecvTimeoutError::Disconnected) => {
                        writer.tick();
                        return writer.record;
                    }
                }
            }
        });
        Self { tape, size, writer, began: record }
    }

    /// Keeps the samples of a step.
    pub(super) fn keep(&self, preview: Option<&Sample>, settled: &[Sample]) {
        lock(&self.tape).keep(preview, settled);
    }

    /// Notes the picture's size.
    pub(super) fn size(&self, width: usize, height: usize) {
        // A writer that is gone is told at the end.
        let _ = self.size.send((width, height));
    }

    /// Ends the journal: how the session went, and its samples. The files are needed until their
    /// [`Finished::discard`].
    pub(super) fn finish(self) -> (Finished, Vec<Sample>) {
        let Self { tape, size, writer, began } = self;
        drop(size);
        let record = writer.join().unwrap_or(began);
        let samples = std::mem::take(&mut lock(&tape).settled);
        (Finished { record }, samples)
    }
}

fn lock(tape: &Mutex<Tape>) -> std::sync::MutexGuard<'_, Tape> {
    // Every change is whole before anything can panic.
    tape.lock().unwrap_or_else(PoisonError::into_inner)
}

/// The thread that writes.
struct Writer {
    folder: OutputFolder,
    session: Arc<Session>,
    tape: Arc<Mutex<Tape>>,
    record: SessionRecord,
    /// What `session.json` holds, and since when.
    recorded: Option<(SessionRecord, Instant)>,
    file: Option<Open>,
    /// The last try failed.
    fault: bool,
}

/// The journal's file.
struct Open {
    file: File,
    /// Bytes of whole rows that reached the disk.
    whole: u64,
    /// Settled samples among them.
    settled: usize,
    /// Number of the last frame that was written before it settled.
    ahead: Option<u64>,
}

impl Writer {
    /// Brings the disk up to the present, and tells where that fails or works again.
    fn tick(&mut self) {
        let path = self.folder.path().join(JOURNAL);
        if self.file.as_ref().is_some_and(|open| !is_open_file(&open.file, &path)) {
            (self.file, self.recorded) = (None, None);
            self.session.notice(&format!(
                "{} was removed while the session is kept in it; it is made again",
                self.folder.path().display()
            ));
        }
        let written =
            self.write_rows(&path).map_err(Error::write(&path)).and_then(|()| self.write_record());
        match written {
            Ok(()) if self.fault => {
                self.session.fault(None);
                self.session.notice("the journal is written again; nothing of it is missing");
            }
            Err(why) if !self.fault => {
                let text = format!("{why}; what is measured is kept in memory, and tried again");
                self.session.notice(&text);
                self.session.fault(Some(text));
            }
            _ => {}
        }
        self.fault = self.session.has_fault();
    }

    fn write_rows(&mut self, path: &Path) -> io::Result<()> {
        let open = match &mut self.file {
            Some(open) => open,
            None => {
                fs::create_dir_all(self.folder.path())?;
                let file = File::create(path)?;
                self.file.insert(Open { file, whole: 0, settled: 0, ahead: None })
            }
        };
        let mut rows = Vec::new();
        let mut table = match open.whole {
            0 => SignalWriter::new(&mut rows)?,
            _ => SignalWriter::going_on(&mut rows),
        };
        let (settled, ahead) = {
            let tape = lock(&self.tape);
            for sample in &tape.settled[open.settled..] {
                table.push(sample)?;
            }
            let is_new = |sample: &&Sample| open.ahead.is_none_or(|ahead| sample.index > ahead);
            for sample in tape.ahead.iter().filter(is_new) {
                table.push(sample)?;
            }
            let ahead = tape.ahead.last().map(|sample| sample.index);
            (tape.settled.len(), ahead.max(open.ahead))
        };
        table.into_inner()?;
        if rows.is_empty() {
            return Ok(());
        }
        // What an earlier try wrote in part is written anew.
        open.file.set_len(open.whole)?;
        open.file.seek(SeekFrom::Start(open.whole))?;
        open.file.write_all(&rows)?;
        open.file.sync_data()?;
        open.whole += rows.len() as u64;
        (open.settled, open.ahead) = (settled, ahead);
        Ok(())
    }

    fn write_record(&mut self) -> Result<(), Error> {
        self.record.update(&self.session);
        let is_due = self.recorded.as_ref().is_none_or(|(last, at)| {
            let same = last.marks == self.record.marks
                && last.tasks == self.record.tasks
                && last.width == self.record.width;
            !same || at.elapsed() >= RECORD_EVERY
        });
        if is_due {
            self.record.write(&self.folder)?;
            self.recorded = Some((self.record.clone(), Instant::now()));
        }
        Ok(())
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
    pub(super) fn abandon(folder: &OutputFolder) -> Result<(), Error> {
        folder.discard(SESSION)?;
        folder.discard(JOURNAL)
    }

    /// Takes up the journal of a session that was cut off, with its signals, and how many rows
    /// were damaged; these are left out.
    ///
    /// # Errors
    /// There is no such journal, or it cannot be read.
    pub(super) fn take_up(folder: &Path) -> Result<(Self, Vec<Sample>, usize), Error> {
        let path = folder.join(JOURNAL);
        let record = SessionRecord::read(folder);
        let bytes = match (fs::read(&path), &record) {
            // Cut off between the two.
            (Err(error), Ok(record))
                if error.kind() == io::ErrorKind::NotFound && !record.finished =>
            {
                Vec::new()
            }
            (read, _) => read.map_err(Error::read(&path))?,
        };
        // The signals are worth more than what stands beside them.
        let record = record.unwrap_or_else(|_| SessionRecord::new("unknown", false));
        let (samples, damaged) = csv::salvage_signals(&bytes);
        Ok((Self { record }, samples, damaged))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::live::Limits;
    use crate::live::command::Command;
    use crate::live::hub::Hub;
    use crate::live::standing::Phase;

    fn session() -> Arc<Session> {
        let limits = Limits { journal: Duration::from_millis(20), ..Limits::default() };
        let hub = Hub::new(&limits, None);
        Arc::new(Session::new(limits, hub, Phase::Running, Arc::default()))
    }

    fn gaps(indices: std::ops::Range<u64>) -> Vec<Sample> {
        indices.map(|i| Sample::gap(i, i as f64 / 30.0)).collect()
    }

    fn wait() {
        thread::sleep(Duration::from_millis(200));
    }

    #[test]
    fn what_was_journalled_is_there_after_a_crash() {
        let place = tempfile::tempdir().unwrap();
        let folder = OutputFolder::create(place.path()).unwrap();
        let session = session();
        let record = SessionRecord::new("camera 0", true);
        let journal = Journal::start(&folder, record, &session);
        assert!(is_unfinished(place.path()));
        journal.size(640, 480);
        journal.keep(None, &gaps(0..90));
        session.command(Command::Mark { note: "here".to_owned() });
        wait();
        // The crash: nothing is finished, and the last row is cut.
        std::mem::forget(journal);
        let path = place.path().join(JOURNAL);
        let text = fs::read(&path).unwrap();
        fs::write(&path, &text[..text.len() - 5]).unwrap();
        let (finished, kept, damaged) = Finished::take_up(place.path()).unwrap();
        assert_eq!((kept.len(), damaged), (89, 1));
        assert_eq!(finished.record.marks.len(), 1);
        assert_eq!((finished.record.width, finished.record.mirrored), (640, true));
        assert!(!finished.record.finished);
        finished.discard(&folder).unwrap();
        assert!(!is_unfinished(place.path()));
        assert!(SessionRecord::read(place.path()).unwrap().finished);
    }

    #[test]
    fn a_session_of_the_first_second_is_there_before_its_levels_have_settled() {
        let place = tempfile::tempdir().unwrap();
        let folder = OutputFolder::create(place.path()).unwrap();
        let journal = Journal::start(&folder, SessionRecord::new("camera 0", false), &session());
        for sample in gaps(0..20) {
            journal.keep(Some(&sample), &[]);
        }
        wait();
        let (_, early, _) = Finished::take_up(place.path()).unwrap();
        assert_eq!(early.len(), 20);
        journal.keep(Some(&gaps(20..21)[0]), &gaps(0..21));
        journal.keep(Some(&gaps(21..22)[0]), &gaps(21..22));
        wait();
        let (_, kept, damaged) = Finished::take_up(place.path()).unwrap();
        assert_eq!((kept.len(), damaged), (22, 0), "each once, as it settled");
        assert_eq!(journal.finish().1.len(), 22);
    }

    #[test]
    fn a_folder_that_is_removed_is_told_and_made_again_with_everything_in_it() {
        let parent = tempfile::tempdir().unwrap();
        let place = parent.path().join("session");
        let folder = OutputFolder::create(&place).unwrap();
        let told = Arc::<Mutex<Vec<String>>>::default();
        let limits = Limits { journal: Duration::from_millis(20), ..Limits::default() };
        let ear = Arc::clone(&told);
        let hub = Hub::new(&limits, None)
            .with_console(Box::new(move |text: &str| ear.lock().unwrap().push(text.to_owned())));
        let session = Arc::new(Session::new(limits, hub, Phase::Running, Arc::default()));
        let journal = Journal::start(&folder, SessionRecord::new("camera 0", false), &session);
        journal.keep(None, &gaps(0..30));
        wait();
        fs::remove_dir_all(&place).unwrap();
        journal.keep(None, &gaps(30..60));
        wait();
        assert_eq!(Finished::take_up(&place).unwrap().1.len(), 60);
        assert!(told.lock().unwrap()[0].contains("was removed"), "{told:?}");
        // Now it cannot be made again.
        fs::remove_dir_all(&place).unwrap();
        fs::write(&place, "in the way").unwrap();
        wait();
        assert!(session.status().fault.is_some_and(|text| text.contains("kept in memory")));
        fs::remove_file(&place).unwrap();
        wait();
        assert_eq!(session.status().fault, None);
        assert_eq!(Finished::take_up(&place).unwrap().1.len(), 60);
        assert_eq!(journal.finish().1.len(), 60);
    }
}
