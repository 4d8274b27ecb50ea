//! What a batch leaves on disk: the results of each key, and the list of each shard's clips.
//!
//! ```text
//! OUT/results/KEY/       one analysis: the outputs that were asked for
//! OUT/results/KEY/record.json    written last: with it the analysis is done
//! OUT/shards/1-of-1.json         the clips of a shard and what became of them
//! ```
//!
//! Every file appears whole or not at all, so that after a crash or a power cut what has a record
//! is done, and everything else is done anew.

use std::fs::{self, File, TryLockError};
use std::io;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use super::trace::Trace;
use super::{BatchError, Clip, Key, Shard};
use crate::report::{self, OutputFile, json};

/// Something a batch keeps of every clip.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Output {
    /// `analysis.json`; the tables are made of it, so it is always kept.
    Analysis,
    /// `events.csv`.
    Events,
    /// `signals.csv`.
    Signals,
    /// `report.html`.
    Report,
    /// `overlay.mp4`.
    Overlay,
}

impl Output {
    /// All outputs.
    pub const ALL: [Self; 5] =
        [Self::Analysis, Self::Events, Self::Signals, Self::Report, Self::Overlay];

    /// What is kept unless told otherwise: what the tables and their page lead to.
    pub const DEFAULT: [Self; 2] = [Self::Analysis, Self::Report];

    /// The name on the command line.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Analysis => "analysis",
            Self::Events => "events",
            Self::Signals => "signals",
            Self::Report => "report",
            Self::Overlay => "overlay",
        }
    }

    /// The file in the folder of the results.
    #[must_use]
    pub const fn file(self) -> &'static str {
        match self {
            Self::Analysis => "analysis.json",
            Self::Events => "events.csv",
            Self::Signals => "signals.csv",
            Self::Report => "report.html",
            Self::Overlay => "overlay.mp4",
        }
    }
}

/// Why there is no analysis of a clip.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Failure {
    /// One sentence: why, and what to do.
    pub reason: String,
    /// It lies in the clip, so that trying again gives the same; otherwise in the circumstances.
    pub lasting: bool,
}

impl Failure {
    /// A failure that lies in the clip.
    #[must_use]
    pub fn of_clip(reason: impl Into<String>) -> Self {
        Self { reason: one_line(&reason.into()), lasting: true }
    }

    /// A failure that may not come again.
    #[must_use]
    pub fn of_circumstances(reason: impl Into<String>) -> Self {
        Self { reason: one_line(&reason.into()), lasting: false }
    }

    /// The same without the clip's name before the reason: copies of it have others.
    #[must_use]
    pub fn unnamed(mut self, clip: &Path) -> Self {
        let name = format!("{}: ", one_line(&clip.to_string_lossy()));
        if let Some(rest) = self.reason.strip_prefix(&name) {
            self.reason = rest.to_owned();
        }
        self
    }
}

fn one_line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// What became of a clip.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum State {
    /// Not yet anything.
    Pending,
    /// Analyzed; `partial` where the analysis does not cover the whole recording.
    Analyzed {
        /// Warned of a part that is missing.
        partial: bool,
    },
    /// There is no analysis.
    Failed(Failure),
}

/// The name of the record format.
const RECORD_SCHEMA: &str = "spasmograph.batch-record/1";

/// What is known of a finished key.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Record {
    schema: String,
    /// The key.
    pub key: Key,
    /// What was kept.
    pub kept: Vec<Output>,
    /// How it ended; never [`State::Pending`].
    pub state: State,
    /// The lids over the recording in small; `None` of a failure.
    pub trace: Option<Trace>,
}

impl Record {
    /// A record of this format.
    #[must_use]
    pub fn new(key: Key, kept: Vec<Output>, state: State, trace: Option<Trace>) -> Self {
        Self { schema: RECORD_SCHEMA.to_owned(), key, kept, state, trace }
    }

    /// Whether it makes another analysis needless.
    fn serves(&self, key: &Key, keep: &[Output]) -> bool {
        let same = self.schema == RECORD_SCHEMA && self.key == *key;
        let has_all = keep.iter().all(|output| self.kept.contains(output));
        same && (has_all || matches!(self.state, State::Failed(_)))
    }
}

/// One clip of a shard's list.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Entry {
    /// Number in the whole batch, from 1.
    pub number: u64,
    /// The recording's path; what is not Unicode is replaced.
    pub clip: String,
    /// Whose recording it is.
    pub subject: Option<String>,
    /// Which visit of that subject.
    pub visit: Option<String>,
    /// What really happens in it.
    #[serde(with = "native_path")]
    pub truth: Option<PathBuf>,
    /// SHA-256 of the recording; `None` where it cannot be read.
    pub sha256: Option<String>,
    /// Key of its analysis; `None` where there can be none.
    pub key: Option<Key>,
    /// What became of it.
    pub state: State,
}

impl Entry {
    /// The entry of a clip with which nothing has been done.
    #[must_use]
    pub fn new(clip: &Clip) -> Self {
        Self {
            number: clip.number,
            clip: clip.name(),
            subject: clip.subject.clone(),
            visit: clip.visit.clone(),
            truth: clip.truth.clone(),
            sha256: None,
            key: None,
            state: State::Pending,
        }
    }
}

/// Paths as the system has them: what is not Unicode is kept.
mod native_path {
    use std::ffi::{OsStr, OsString};
    use std::path::PathBuf;

    use serde::{Deserialize, Deserializer, Serialize, Serializer};

    #[allow(clippy::ref_option)]
    pub(super) fn serialize<S: Serializer>(
        path: &Option<PathBuf>,
        to: S,
    ) -> Result<S::Ok, S::Error> {
        path.as_ref().map(AsRef::<OsStr>::as_ref).serialize(to)
    }

    pub(super) fn deserialize<'a, D: Deserializer<'a>>(
        from: D,
    ) -> Result<Option<PathBuf>, D::Error> {
        Ok(Option::<OsString>::deserialize(from)?.map(PathBuf::from))
    }
}

/// The name of the list format.
const LIST_SCHEMA: &str = "spasmograph.batch-list/1";

/// The clips of a shard.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct List {
    schema: String,
    /// Version of the program.
    pub version: String,
    /// Which shard.
    pub shard: Shard,
    /// The clips in order of their numbers.
    pub clips: Vec<Entry>,
}

impl List {
    /// The list of a shard's clips.
    #[must_use]
    pub fn new(shard: Shard, clips: Vec<Entry>) -> Self {
        let version = env!("CARGO_PKG_VERSION").to_owned();
        Self { schema: LIST_SCHEMA.to_owned(), version, shard, clips }
    }

    /// Whether something became of every clip.
    #[must_use]
    pub fn is_finished(&self) -> bool {
        self.clips.iter().all(|clip| clip.state != State::Pending)
    }
}

/// The folder of a batch.
#[derive(Debug, Clone)]
pub struct Place {
    root: PathBuf,
}

/// Folder of the results in that of the batch.
pub(super) const RESULTS: &str = "results";
const SHARDS: &str = "shards";

impl Place {
    /// The batch in a folder; nothing is made or read yet.
    #[must_use]
    pub fn new(root: &Path) -> Self {
        Self { root: root.to_owned() }
    }

    /// Where it is.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.root
    }

    /// Folder of a key's results, from the batch's own folder.
    #[must_use]
    pub fn results(key: &Key) -> PathBuf {
        Path::new(RESULTS).join(key.folder())
    }

    fn record_file(&self, key: &Key) -> PathBuf {
        self.root.join(Self::results(key)).join("record.json")
    }

    /// The record of a key that is done; a damaged one counts as none.
    #[must_use]
    pub fn record(&self, key: &Key) -> Option<Record> {
        json::read(&self.record_file(key)).ok()
    }

    /// The record that makes another analysis needless.
    #[must_use]
    pub fn served(&self, key: &Key, keep: &[Output]) -> Option<Record> {
        self.record(key).filter(|record| record.serves(key, keep))
    }

    /// Writes a record.
    ///
    /// # Errors
    /// It cannot be written.
    pub fn keep(&self, record: &Record) -> Result<(), report::Error> {
        let path = self.record_file(&record.key);
        let folder = path.parent().unwrap_or(&self.root);
        fs::create_dir_all(folder).map_err(report::Error::write(&path))?;
        json::write(OutputFile::create(&path)?, record)
    }

    /// Removes what a broken-off analysis left.
    ///
    /// # Errors
    /// Something cannot be removed.
    pub fn clear(&self, key: &Key) -> Result<(), report::Error> {
        let folder = self.root.join(Self::results(key));
        match fs::remove_dir_all(&folder) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => {
                Err(report::Error::write(&folder)(error))
            }
            _ => Ok(()),
        }
    }

    fn list_file(&self, shard: Shard) -> PathBuf {
        self.root.join(SHARDS).join(format!("{}-of-{}.json", shard.number, shard.of))
    }

    /// Whether this shard was begun before.
    #[must_use]
    pub fn holds(&self, shard: Shard) -> bool {
        self.list_file(shard).exists()
    }

    /// Keeps every other process from this shard until what is returned is dropped, or this process
    /// ends in whatever way. Where the file system knows no locks nobody is kept away.
    ///
    /// # Errors
    /// Another process has the shard, or the folder cannot be written.
    pub fn take(&self, shard: Shard) -> Result<File, BatchError> {
        let path = self.list_file(shard).with_extension("lock");
        let folder = self.root.join(SHARDS);
        let made = fs::create_dir_all(&folder).and_then(|()| File::create(&path));
        let lock = made.map_err(report::Error::write(&path))?;
        match lock.try_lock() {
            Err(TryLockError::WouldBlock) => Err(BatchError::InUse(self.root.clone())),
            Ok(()) | Err(TryLockError::Error(_)) => Ok(lock),
        }
    }

    /// Writes a shard's list; lists of another number of shards make way.
    ///
    /// # Errors
    /// It cannot be written.
    pub fn write_list(&self, list: &List) -> Result<(), report::Error> {
        let path = self.list_file(list.shard);
        let folder = self.root.join(SHARDS);
        fs::create_dir_all(&folder).map_err(report::Error::write(&path))?;
        let own = format!("-of-{}.json", list.shard.of);
        for entry in fs::read_dir(&folder).map_err(report::Error::read(&folder))?.flatten() {
            let name = entry.file_name().to_string_lossy().into_owned();
            if name.contains("-of-") && name.ends_with(".json") && !name.ends_with(&own) {
                // Another shard may have removed it first.
                let _ = fs::remove_file(entry.path());
            }
        }
        json::write(OutputFile::create(&path)?, list)
    }

    /// The clips of all shards, in order of their numbers.
    ///
    /// # Errors
    /// A list is missing, unfinished or damaged.
    pub fn clips(&self) -> Result<Vec<Entry>, BatchError> {
        let nothing = || BatchError::Nothing(self.root.clone());
        let names = fs::read_dir(self.root.join(SHARDS)).map_err(|_| nothing())?.flatten();
        let of = names
            .filter_map(|entry| {
                let name = entry.file_name().into_string().ok()?;
                name.strip_suffix(".json")?.split_once("-of-")?.1.parse().ok()
            })
            .max()
            .ok_or_else(nothing)?;
        let mut clips = Vec::new();
        for number in 1..=of {
            let shard = Shard { number, of };
            let unfinished = || BatchError::Unfinished { folder: self.root.clone(), shard };
            if !self.holds(shard) {
                return Err(unfinished());
            }
            let path = self.list_file(shard);
            let list: List = json::read(&path)?;
            json::require_schema(&path, &list.schema, LIST_SCHEMA)?;
            if !list.is_finished() {
                return Err(unfinished());
            }
            clips.extend(list.clips);
        }
        clips.sort_by_key(|clip| clip.number);
        Ok(clips)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::batch::Setting;

    fn entry(number: u64, state: State) -> Entry {
        Entry { state, ..Entry::new(&Clip::new(number, "a.mp4".into())) }
    }

    #[test]
    fn shards_are_gathered_in_order_once_all_are_finished() {
        let folder = tempfile::tempdir().unwrap();
        let place = Place::new(folder.path());
        assert!(matches!(place.clips(), Err(BatchError::Nothing(_))));
        let done = State::Analyzed { partial: false };
        place.write_list(&List::new(Shard::WHOLE, vec![entry(1, done.clone())])).unwrap();
        let shard = |number| Shard { number, of: 2 };
        place.write_list(&List::new(shard(2), vec![entry(1, done.clone())])).unwrap();
        assert!(!place.holds(Shard::WHOLE), "a list of another number of shards stayed");
        let error = place.clips().unwrap_err().to_string();
        assert!(error.contains("shard 1/2 is not finished"), "{error}");
        place.write_list(&List::new(shard(1), vec![entry(2, State::Pending)])).unwrap();
        assert!(place.clips().is_err());
        let failed = State::Failed(Failure::of_clip("no\nface"));
        place.write_list(&List::new(shard(1), vec![entry(2, failed)])).unwrap();
        let clips = place.clips().unwrap();
        assert_eq!(clips.iter().map(|clip| clip.number).collect::<Vec<_>>(), [1, 2]);
    }

    #[test]
    fn a_shard_is_one_process_s_at_a_time() {
        let folder = tempfile::tempdir().unwrap();
        let place = Place::new(folder.path());
        let mine = place.take(Shard::WHOLE).unwrap();
        assert!(matches!(place.take(Shard::WHOLE), Err(BatchError::InUse(_))));
        assert!(place.take(Shard { number: 1, of: 2 }).is_ok());
        assert!(!place.holds(Shard::WHOLE));
        drop(mine);
        assert!(place.take(Shard::WHOLE).is_ok());
    }

    #[test]
    fn a_record_serves_who_asks_for_no_more_than_was_kept() {
        let folder = tempfile::tempdir().unwrap();
        let place = Place::new(folder.path());
        let key = Key::new("content", &Setting::default());
        assert_eq!(place.served(&key, &[]), None);
        let kept = vec![Output::Analysis, Output::Report];
        let record = Record::new(key.clone(), kept, State::Analyzed { partial: false }, None);
        place.keep(&record).unwrap();
        assert_eq!(place.served(&key, &[Output::Report]), Some(record));
        assert_eq!(place.served(&key, &[Output::Overlay]), None);
        fs::write(place.record_file(&key), "{\"schema\"").unwrap();
        assert_eq!(place.served(&key, &[]), None);
    }
}
