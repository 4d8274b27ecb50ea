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

use super::{BatchError, Clip, Entry, Key, List, Output, Record, Shard};
use crate::report::{self, Claim, Intent, OutputFile, json};

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

    /// The folder of a key's results, which must lie where it seems to: a link would lead the
    /// tables elsewhere.
    ///
    /// # Errors
    /// It does not.
    pub fn own_results(&self, key: &Key) -> Result<PathBuf, report::Error> {
        let folder = self.root.join(Self::results(key));
        let is_folder = |path: &Path| path.symlink_metadata().is_ok_and(|own| own.is_dir());
        if is_folder(&folder) && is_folder(&self.root.join(RESULTS)) {
            return Ok(folder);
        }
        let reason = "the results of a clip are not here; run the batch again with --resume";
        Err(report::Error::content(&folder, reason))
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

    /// Removes what an analysis that was never done left: what has a record stays until its
    /// successor takes its place.
    ///
    /// # Errors
    /// Something cannot be removed.
    pub fn clear(&self, key: &Key, clip: &Clip) -> Result<(), report::Error> {
        let folder = self.root.join(Self::results(key));
        let whole = |path: &Path| path.canonicalize().ok();
        let is_inside = |file: PathBuf| {
            whole(&file).zip(whole(&folder)).is_some_and(|(file, own)| file.starts_with(own))
        };
        if self.record(key).is_some() || clip.files().any(is_inside) {
            return Ok(());
        }
        match fs::remove_dir_all(&folder) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => {
                Err(report::Error::write(&folder)(error))
            }
            _ => Ok(()),
        }
    }

    /// Removes what killed workers left, the face in it, from results where none is at work.
    pub fn clear_leftovers(&self) {
        let entries = fs::read_dir(self.root.join(RESULTS)).into_iter().flatten().flatten();
        for folder in entries.map(|entry| entry.path()) {
            if report::hidden(&folder).is_ok_and(|names| !names.is_empty()) {
                // Taking a folder clears it; one in use is another shard's.
                drop(Claim::take(&folder, Intent::default()));
            }
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

    /// Keeps every other process from this shard, and from the same clips in another number of
    /// shards, until what is returned is dropped, or this process ends in whatever way. Where the
    /// file system knows no locks nobody is kept away.
    ///
    /// # Errors
    /// Another process is at work here, or the folder cannot be written.
    pub fn take(&self, shard: Shard) -> Result<File, BatchError> {
        let path = self.list_file(shard).with_extension("lock");
        let folder = self.root.join(SHARDS);
        let made = fs::create_dir_all(&folder).and_then(|()| File::create(&path));
        let lock = made.map_err(report::Error::write(&path))?;
        let is_taken = |tried| matches!(tried, Err(TryLockError::WouldBlock));
        if is_taken(lock.try_lock())
            || self.others(shard.of, "lock")?.iter().any(|other| {
                // Many shards may look at once, and must not take each other for an owner.
                File::open(other).is_ok_and(|file| is_taken(file.try_lock_shared()))
            })
        {
            return Err(BatchError::InUse(self.root.clone()));
        }
        Ok(lock)
    }

    /// The files of one ending that belong to another number of shards.
    fn others(&self, of: u32, ending: &str) -> Result<Vec<PathBuf>, report::Error> {
        let folder = self.root.join(SHARDS);
        let own = format!("-of-{of}.{ending}");
        let is_other = |path: &PathBuf| {
            let name = path.file_name().unwrap_or_default().to_string_lossy();
            name.contains("-of-") && name.ends_with(&format!(".{ending}")) && !name.ends_with(&own)
        };
        let entries = fs::read_dir(&folder).map_err(report::Error::read(&folder))?;
        Ok(entries.flatten().map(|entry| entry.path()).filter(is_other).collect())
    }

    /// Writes a shard's list; lists of another number of shards make way.
    ///
    /// # Errors
    /// It cannot be written.
    pub fn write_list(&self, list: &List) -> Result<(), report::Error> {
        let path = self.list_file(list.shard);
        let folder = self.root.join(SHARDS);
        fs::create_dir_all(&folder).map_err(report::Error::write(&path))?;
        for other in self.others(list.shard.of, "json")? {
            // Another shard may have removed it first.
            let _ = fs::remove_file(other);
        }
        json::write(OutputFile::create(&path)?, list)
    }

    /// The clips of all shards, in order of their numbers: each clip once.
    ///
    /// # Errors
    /// A list is missing, unfinished, damaged, or part of another whole than the others.
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
        let mut lists: Vec<List> = Vec::new();
        for number in 1..=of {
            let shard = Shard { number, of };
            let unfinished = || BatchError::Unfinished { folder: self.root.clone(), shard };
            if !self.holds(shard) {
                return Err(unfinished());
            }
            let path = self.list_file(shard);
            let list: List = json::read(&path)?;
            list.require_schema(&path)?;
            if !list.is_finished() {
                return Err(unfinished());
            }
            if !lists.first().is_none_or(|first| list.belongs_with(first)) {
                return Err(BatchError::Strange { folder: self.root.clone(), shard });
            }
            lists.push(list);
        }
        let mut clips: Vec<Entry> = lists.into_iter().flat_map(|list| list.clips).collect();
        clips.sort_by_key(|clip| clip.number);
        Ok(clips)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::batch::{Clip, Failure, Part, Setting, State};

    fn list(shard: Shard, number: u64, state: State) -> List {
        let clips = vec![Clip::new(number, "a.mp4".into())];
        let mut list = List::new(&Part { shard, clips, whole: "whole".to_owned() });
        list.clips[0].state = state;
        list
    }

    #[test]
    fn shards_are_gathered_in_order_once_all_are_finished() {
        let folder = tempfile::tempdir().unwrap();
        let place = Place::new(folder.path());
        assert!(matches!(place.clips(), Err(BatchError::Nothing(_))));
        let done = State::Analyzed { partial: false };
        place.write_list(&list(Shard::WHOLE, 1, done.clone())).unwrap();
        let shard = |number| Shard { number, of: 2 };
        place.write_list(&list(shard(2), 1, done.clone())).unwrap();
        assert!(!place.holds(Shard::WHOLE), "a list of another number of shards stayed");
        let error = place.clips().unwrap_err().to_string();
        assert!(error.contains("shard 1/2 is not finished"), "{error}");
        place.write_list(&list(shard(1), 2, State::Pending)).unwrap();
        assert!(place.clips().is_err());
        let failed = State::Failed(Failure::of_clip("no\nface"));
        place.write_list(&list(shard(1), 2, failed)).unwrap();
        let clips = place.clips().unwrap();
        assert_eq!(clips.iter().map(|clip| clip.number).collect::<Vec<_>>(), [1, 2]);
    }

    #[test]
    fn shards_of_other_clips_or_of_another_version_are_not_gathered_together() {
        let folder = tempfile::tempdir().unwrap();
        let place = Place::new(folder.path());
        let own = |number| {
            list(Shard { number, of: 2 }, number.into(), State::Analyzed { partial: false })
        };
        place.write_list(&own(1)).unwrap();
        let of_other_clips = |list: &mut List| list.whole = "other".to_owned();
        let of_another_version = |list: &mut List| list.version = "0.0.0".to_owned();
        let strange: [&dyn Fn(&mut List); 2] = [&of_other_clips, &of_another_version];
        for change in strange {
            let mut list = own(2);
            change(&mut list);
            place.write_list(&list).unwrap();
            let error = place.clips().unwrap_err().to_string();
            assert!(error.contains("shard 2/2 is part of other clips"), "{error}");
        }
        place.write_list(&own(2)).unwrap();
        assert_eq!(place.clips().unwrap().len(), 2);
    }

    #[test]
    fn a_shard_is_one_process_s_at_a_time() {
        let folder = tempfile::tempdir().unwrap();
        let place = Place::new(folder.path());
        let mine = place.take(Shard::WHOLE).unwrap();
        assert!(matches!(place.take(Shard::WHOLE), Err(BatchError::InUse(_))));
        let half = |number| Shard { number, of: 2 };
        assert!(matches!(place.take(half(1)), Err(BatchError::InUse(_))));
        assert!(!place.holds(Shard::WHOLE));
        drop(mine);
        let halves = [place.take(half(1)).unwrap(), place.take(half(2)).unwrap()];
        assert!(matches!(place.take(Shard::WHOLE), Err(BatchError::InUse(_))));
        drop(halves);
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
