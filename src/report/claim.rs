//! A folder taken by one run, whose results all take their names at once.
//!
//! Results are finished under hidden names beside what is there, and [`Claim::commit`] swaps them
//! in: first a list of the swap reaches the disk, then the names change, then
//! [`WRITTEN`](super::WRITTEN) says what was written. A run that fails or is killed before the
//! list leaves the folder as it was; one that is killed after it is completed by the next run.
//! What a run of this program did not write is never replaced, unless the user says so, and an
//! input never.

use std::collections::BTreeMap;
use std::fs::{self, File, TryLockError};
use std::io;
use std::path::{Path, PathBuf};

use super::write::staged_name;
use super::written::digest;
use super::{Error, HIDDEN, OutputFolder, WRITTEN, Written};

/// How the name of the list of a swap ends.
const SWAP: &str = "swap.json";

/// What a run is about to do to a folder.
#[derive(Debug, Clone, Default)]
pub struct Intent {
    /// Names of everything it may write there.
    pub names: Vec<String>,
    /// What it reads, and must not replace.
    pub inputs: Vec<PathBuf>,
    /// Replace what other programs or people wrote.
    pub force: bool,
}

impl Intent {
    /// To write files of these names.
    #[must_use]
    pub fn to_write<T: Into<String>>(names: impl IntoIterator<Item = T>) -> Self {
        Self { names: names.into_iter().map(Into::into).collect(), ..Self::default() }
    }

    /// Refuses a folder where one of the names stands for an input or for what someone else wrote.
    ///
    /// # Errors
    /// [`Error::IsInput`] and [`Error::Foreign`].
    pub fn require(&self, folder: &Path) -> Result<(), Error> {
        self.check(folder, &self.names, &Written::of_folder(folder))
    }

    fn check(&self, folder: &Path, names: &[String], written: &Written) -> Result<(), Error> {
        let there = || {
            let paths = names.iter().map(|name| (name, folder.join(name)));
            paths.filter(|(_, path)| path.symlink_metadata().is_ok())
        };
        // What no option allows is said before what one does.
        for (_, path) in there() {
            if self.inputs.iter().any(|input| is_same(input, &path)) {
                return Err(Error::IsInput { path });
            }
        }
        for (name, path) in there() {
            if path.is_dir() || !self.force && !written.has(folder, name) {
                return Err(Error::Foreign { path });
            }
        }
        Ok(())
    }
}

/// A folder that one run writes to and no other. Dropped before [`Claim::commit`], it leaves the
/// folder as it was.
#[derive(Debug)]
pub struct Claim {
    folder: OutputFolder,
    intent: Intent,
    /// The folder was not there before.
    made: bool,
    /// Holds the lock; `None` where the file system knows none.
    _lock: Option<File>,
}

impl Claim {
    /// Takes a folder, which is made where it is missing, and clears what killed runs left in it.
    ///
    /// # Errors
    /// [`Error::InUse`] where another run has it, [`Error::Foreign`] and [`Error::IsInput`] where
    /// an output would replace what it must not, [`Error::Folder`] where it cannot be written to.
    pub fn take(path: &Path, intent: Intent) -> Result<Self, Error> {
        let (made, lock) = take_lock(path)?;
        let stage = format!("{HIDDEN}{:08x}.", rand::random::<u32>());
        let unmade = |error| {
            if made {
                // It stays when something was put there meanwhile.
                let _ = fs::remove_dir(path);
            }
            error
        };
        let folder = OutputFolder::create(path).map_err(unmade)?.staged(stage);
        let own = Self { folder, intent, made, _lock: lock };
        settle(path, &own.intent.inputs)?;
        own.intent.require(path)?;
        Ok(own)
    }

    /// Where to write. Files that are finished there take their names with the rest.
    #[must_use]
    pub fn folder(&self) -> &OutputFolder {
        &self.folder
    }

    /// The same folder for files that take their names one by one, as those of a session while it
    /// runs. They are no results: nothing of this claim replaces or removes them.
    #[must_use]
    pub fn open_folder(&self) -> OutputFolder {
        self.folder.clone().staged(String::new())
    }

    /// Where the folder is.
    #[must_use]
    pub fn path(&self) -> &Path {
        self.folder.path()
    }

    /// Whether results of an earlier run are there.
    #[must_use]
    pub fn holds_results(&self) -> bool {
        !Written::of_folder(self.path()).files.is_empty()
    }

    /// Whether a file is finished and waits for its name.
    #[must_use]
    pub fn has(&self, name: &str) -> bool {
        self.staged(name).exists()
    }

    fn staged(&self, name: &str) -> PathBuf {
        self.path().join(format!("{}{}", self.folder.stage(), staged_name(name)))
    }

    /// Takes the first free folder beside this one, with what is finished.
    ///
    /// # Errors
    /// As [`Claim::take`].
    pub fn beside(self) -> Result<Self, Error> {
        let intent = Intent { names: Vec::new(), ..self.intent.clone() };
        let other = Self::take(&free_beside(self.path()), intent)?;
        for name in self.finished()? {
            let (from, to) = (self.staged(&name), other.staged(&name));
            if fs::rename(&from, &to).is_err() {
                fs::copy(&from, &to).map_err(Error::write(&other.path().join(&name)))?;
            }
        }
        Ok(other)
    }

    /// The names of the files that are finished.
    fn finished(&self) -> Result<Vec<String>, Error> {
        let own = |name: String| Some(unstaged(name.strip_prefix(self.folder.stage())?));
        let mut names: Vec<String> = hidden(self.path())?.into_iter().filter_map(own).collect();
        names.sort();
        Ok(names)
    }

    /// Gives everything that is finished its name, in place of the results that were there, and
    /// notes whose they are.
    ///
    /// # Errors
    /// Something stands in the way, or cannot be written; then the folder is as it was.
    pub fn commit(self, of: Option<String>) -> Result<PathBuf, Error> {
        let path = self.path().to_owned();
        let names = self.finished()?;
        self.intent.check(&path, &names, &Written::of_folder(&path))?;
        let mut files = BTreeMap::new();
        for name in names {
            let staged = self.staged(&name);
            files.insert(name, digest(&staged).map_err(Error::write(&staged))?);
        }
        let swap = path.join(format!("{}{SWAP}", self.folder.stage()));
        Written::new(of, files).write(&swap)?;
        complete(&path, &swap, self.intent.force)?;
        Ok(path)
    }
}

impl Drop for Claim {
    fn drop(&mut self) {
        for name in hidden(self.path()).unwrap_or_default() {
            if name.starts_with(self.folder.stage()) {
                // The next run clears what stays.
                let _ = fs::remove_file(self.path().join(name));
            }
        }
        if self.made {
            // It stays when anything is in it.
            let _ = fs::remove_dir(self.path());
        }
    }
}

/// Makes a folder where it is missing and locks it; whether it was made.
fn take_lock(path: &Path) -> Result<(bool, Option<File>), Error> {
    let cannot = |source| Error::Folder { path: path.to_owned(), source };
    loop {
        let made = !path.exists();
        if made {
            OutputFolder::create(path)?;
        } else if !path.is_dir() {
            return Err(cannot(io::ErrorKind::NotADirectory.into()));
        }
        let lock = match File::open(path) {
            Ok(lock) => lock,
            Err(error) if error.kind() == io::ErrorKind::NotFound => continue,
            Err(error) => return Err(cannot(error)),
        };
        match lock.try_lock() {
            Err(TryLockError::WouldBlock) => return Err(Error::InUse { path: path.to_owned() }),
            Err(TryLockError::Error(_)) => return Ok((made, None)),
            // A run that ended meanwhile may have taken the folder along.
            Ok(()) if is_open_file(&lock, path) => return Ok((made, Some(lock))),
            Ok(()) => {}
        }
    }
}

/// Completes swaps that were under way, and removes everything else that is hidden and ours.
fn settle(folder: &Path, inputs: &[PathBuf]) -> Result<(), Error> {
    let (swaps, _): (Vec<String>, Vec<String>) =
        hidden(folder)?.into_iter().partition(|name| name.ends_with(&format!(".{SWAP}")));
    for swap in swaps {
        // One that cannot be read was never begun.
        let _ = complete(folder, &folder.join(swap), false);
    }
    for name in hidden(folder)? {
        let path = folder.join(name);
        if !inputs.iter().any(|input| is_same(input, &path)) {
            let removed = fs::remove_file(&path);
            removed.map_err(Error::write(&path))?;
        }
    }
    Ok(())
}

/// Carries out a swap as far as it is not done.
fn complete(folder: &Path, swap: &Path, force: bool) -> Result<(), Error> {
    let new = Written::read(swap)?;
    let old = Written::of_folder(folder);
    let stage = swap.file_name().unwrap_or_default().to_string_lossy();
    let stage = stage.strip_suffix(SWAP).unwrap_or_default();
    for name in new.files.keys() {
        let (from, to) = (folder.join(format!("{stage}{}", staged_name(name))), folder.join(name));
        let free = force || to.symlink_metadata().is_err() || old.has(folder, name);
        if !from.exists() || !free {
            continue;
        }
        if let Some(parent) = to.parent() {
            fs::create_dir_all(parent).map_err(Error::write(&to))?;
        }
        fs::rename(&from, &to).map_err(Error::write(&to))?;
    }
    for name in old.files.keys() {
        if !new.files.contains_key(name) && old.has(folder, name) {
            // Of another run than what lies beside it now; it does no harm where it stays.
            let _ = fs::remove_file(folder.join(name));
        }
    }
    new.write(&folder.join(WRITTEN))?;
    // A file system without it has no such thing to fail.
    let _ = File::open(folder).and_then(|folder| folder.sync_all());
    fs::remove_file(swap).map_err(Error::write(swap))
}

/// Refuses paths where an input stands, or anything else unless `force` says to replace it.
///
/// # Errors
/// [`Error::IsInput`] and [`Error::Foreign`].
pub fn require_free(paths: &[PathBuf], inputs: &[PathBuf], force: bool) -> Result<(), Error> {
    let intent = Intent { names: Vec::new(), inputs: inputs.to_vec(), force };
    let nothing = Written::new(None, BTreeMap::new());
    for path in paths {
        let folder = path.parent().unwrap_or(Path::new(""));
        let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        intent.check(folder, &[name], &nothing)?;
    }
    Ok(())
}

/// Removes what killed runs left in a folder, unless one is at work there.
pub fn clear_leftovers(folder: &Path) {
    for path in leftovers(folder) {
        // What cannot be removed is found again.
        let _ = fs::remove_file(path);
    }
}

/// What killed runs left in a folder; nothing where one is at work.
#[must_use]
pub fn leftovers(folder: &Path) -> Vec<PathBuf> {
    if is_in_use(folder) {
        return Vec::new();
    }
    let paths = hidden(folder).unwrap_or_default().into_iter().map(|name| folder.join(name));
    paths.filter(|path| path.is_file() && !is_in_use(path)).collect()
}

/// Names of the hidden files of ours in a folder.
pub(crate) fn hidden(folder: &Path) -> Result<Vec<String>, Error> {
    let entries = fs::read_dir(folder).map_err(Error::read(folder))?.flatten();
    let names = entries.filter_map(|entry| entry.file_name().into_string().ok());
    Ok(names.filter(|name| name.starts_with(HIDDEN)).collect())
}

/// Whether a run has a folder or a file.
#[must_use]
pub fn is_in_use(path: &Path) -> bool {
    File::open(path).is_ok_and(|file| matches!(file.try_lock(), Err(TryLockError::WouldBlock)))
}

/// The first folder of its kind that is not there yet: `a.spasmograph`, `a-2.spasmograph` ...
#[must_use]
pub fn free_beside(path: &Path) -> PathBuf {
    numbered(path).find(|path| path.symlink_metadata().is_err()).unwrap_or_else(|| path.to_owned())
}

/// A path, and the same with numbers from 2 on before its ending.
pub(crate) fn numbered(path: &Path) -> impl Iterator<Item = PathBuf> {
    let stem = path.file_stem().unwrap_or_default().to_owned();
    let ending = path.extension().map(ToOwned::to_owned);
    let own = path.to_owned();
    let further = (2_u32..).map(move |number| {
        let mut name = stem.clone();
        name.push(format!("-{number}"));
        if let Some(ending) = &ending {
            name.push(".");
            name.push(ending);
        }
        own.with_file_name(name)
    });
    std::iter::once(path.to_owned()).chain(further)
}

fn unstaged(name: &str) -> String {
    name.replace("%2F", "/").replace("%25", "%")
}

/// Whether two paths lead to the same file.
fn is_same(a: &Path, b: &Path) -> bool {
    #[cfg(unix)]
    {
        use std::os::unix::fs::MetadataExt;
        let known = |path: &Path| fs::metadata(path).map(|own| (own.dev(), own.ino()));
        if let (Ok(a), Ok(b)) = (known(a), known(b)) {
            return a == b;
        }
    }
    fs::canonicalize(a).is_ok_and(|a| fs::canonicalize(b).is_ok_and(|b| a == b))
}

/// Whether a path still leads to an open file.
pub(crate) fn is_open_file(file: &File, path: &Path) -> bool {
    #[cfg(unix)]
    {
        use std::os::unix::fs::MetadataExt;
        let known = |own: fs::Metadata| (own.dev(), own.ino());
        let (open, there) = (file.metadata().map(known), fs::metadata(path).map(known));
        open.is_ok_and(|open| there.is_ok_and(|there| open == there))
    }
    #[cfg(not(unix))]
    {
        let _ = file;
        path.exists()
    }
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use super::*;

    fn put(claim: &Claim, name: &str, text: &str) {
        let mut file = claim.folder().file(name).unwrap();
        file.write_all(text.as_bytes()).unwrap();
        file.finish().unwrap();
    }

    fn take(folder: &Path) -> Result<Claim, Error> {
        Claim::take(folder, Intent::to_write(["a.txt", "b.txt"]))
    }

    fn text(folder: &Path, name: &str) -> String {
        fs::read_to_string(folder.join(name)).unwrap_or_default()
    }

    fn names(folder: &Path) -> Vec<String> {
        let entries = fs::read_dir(folder).unwrap().flatten();
        let mut names: Vec<String> =
            entries.map(|entry| entry.file_name().to_string_lossy().into_owned()).collect();
        names.sort();
        names
    }

    #[test]
    fn results_take_their_names_together_and_those_before_make_way() {
        let folder = tempfile::tempdir().unwrap();
        let place = folder.path().join("out");
        let claim = take(&place).unwrap();
        put(&claim, "a.txt", "one");
        put(&claim, "b.txt", "one");
        assert!(!place.join("a.txt").exists());
        claim.commit(None).unwrap();
        let claim = take(&place).unwrap();
        put(&claim, "a.txt", "two");
        put(&claim, "deep/er.txt", "two");
        assert_eq!((text(&place, "a.txt"), text(&place, "b.txt")), ("one".into(), "one".into()));
        claim.commit(None).unwrap();
        assert_eq!(names(&place), ["a.txt", "deep", WRITTEN]);
        assert_eq!(text(&place, "a.txt") + &text(&place, "deep/er.txt"), "twotwo");
    }

    #[test]
    fn a_run_that_fails_leaves_what_was_there_and_no_folder_of_its_own() {
        let folder = tempfile::tempdir().unwrap();
        let (old, new) = (folder.path().join("old"), folder.path().join("new"));
        let claim = take(&old).unwrap();
        put(&claim, "a.txt", "one");
        claim.commit(None).unwrap();
        for place in [&old, &new] {
            let claim = take(place).unwrap();
            put(&claim, "a.txt", "two");
            drop(claim);
        }
        assert_eq!(names(&old), ["a.txt", WRITTEN]);
        assert_eq!(text(&old, "a.txt"), "one");
        assert!(!new.exists());
    }

    #[test]
    fn what_someone_else_wrote_or_changed_stays_unless_forced() {
        let folder = tempfile::tempdir().unwrap();
        let place = folder.path();
        fs::write(place.join("a.txt"), "mine").unwrap();
        assert!(matches!(take(place), Err(Error::Foreign { .. })));
        let forced = || Intent { force: true, ..Intent::to_write(["a.txt"]) };
        let claim = Claim::take(place, forced()).unwrap();
        put(&claim, "a.txt", "ours");
        claim.commit(None).unwrap();
        assert!(take(place).is_ok());
        fs::write(place.join("a.txt"), "ours, with a note").unwrap();
        assert!(matches!(take(place), Err(Error::Foreign { .. })));
        assert_eq!(text(place, "a.txt"), "ours, with a note");
    }

    #[test]
    fn what_is_put_in_the_way_during_a_run_stays_too() {
        let folder = tempfile::tempdir().unwrap();
        let claim = take(folder.path()).unwrap();
        put(&claim, "a.txt", "ours");
        fs::write(folder.path().join("a.txt"), "mine").unwrap();
        assert!(matches!(claim.commit(None), Err(Error::Foreign { .. })));
        assert_eq!(names(folder.path()), ["a.txt"]);
        assert_eq!(text(folder.path(), "a.txt"), "mine");
    }

    #[cfg(unix)]
    #[test]
    fn an_input_is_never_replaced_by_whatever_name_it_goes() {
        let folder = tempfile::tempdir().unwrap();
        let place = folder.path().join("own");
        fs::create_dir(&place).unwrap();
        fs::write(place.join("a.txt"), "input").unwrap();
        std::os::unix::fs::symlink(&place, folder.path().join("link")).unwrap();
        for input in [place.join("a.txt"), folder.path().join("link/../own/./a.txt")] {
            let intent = Intent { inputs: vec![input], force: true, ..Intent::to_write(["a.txt"]) };
            assert!(matches!(Claim::take(&place, intent), Err(Error::IsInput { .. })));
        }
        assert_eq!(text(&place, "a.txt"), "input");
    }

    #[test]
    fn one_run_has_a_folder_at_a_time() {
        let folder = tempfile::tempdir().unwrap();
        let claim = take(folder.path()).unwrap();
        assert!(is_in_use(folder.path()));
        assert!(matches!(take(folder.path()), Err(Error::InUse { .. })));
        drop(claim);
        assert!(!is_in_use(folder.path()) && take(folder.path()).is_ok());
    }

    #[test]
    fn a_killed_run_s_leftovers_are_cleared_and_a_swap_under_way_is_completed() {
        let folder = tempfile::tempdir().unwrap();
        let place = folder.path();
        let claim = take(place).unwrap();
        put(&claim, "a.txt", "one");
        put(&claim, "b.txt", "one");
        claim.commit(None).unwrap();
        // Killed while it wrote.
        fs::write(place.join(format!("{HIDDEN}01234567.a.txt")), "half").unwrap();
        fs::write(place.join(format!("{HIDDEN}xYz123.overlay.mp4")), "a face").unwrap();
        drop(take(place).unwrap());
        assert_eq!(names(place), ["a.txt", "b.txt", WRITTEN]);
        // Killed between the two names.
        let claim = take(place).unwrap();
        put(&claim, "a.txt", "two");
        put(&claim, "b.txt", "two");
        let files = ["a.txt", "b.txt"]
            .map(|name| (name.to_owned(), digest(&claim.staged(name)).unwrap()))
            .into_iter()
            .collect();
        let swap = place.join(format!("{}{SWAP}", claim.folder.stage()));
        Written::new(None, files).write(&swap).unwrap();
        fs::rename(claim.staged("a.txt"), place.join("a.txt")).unwrap();
        std::mem::forget(claim);
        // Its lock went with its process; here it must be held aside.
        settle(place, &[]).unwrap();
        assert_eq!(text(place, "a.txt") + &text(place, "b.txt"), "twotwo");
        assert_eq!(names(place), ["a.txt", "b.txt", WRITTEN]);
        assert!(Written::of_folder(place).has(place, "b.txt"));
    }

    #[test]
    fn a_folder_beside_takes_what_is_finished() {
        let folder = tempfile::tempdir().unwrap();
        let place = folder.path().join("v.spasmograph");
        let claim = take(&place).unwrap();
        put(&claim, "a.txt", "one");
        claim.commit(None).unwrap();
        let claim = take(&place).unwrap();
        put(&claim, "a.txt", "part");
        let other = claim.beside().unwrap().commit(None).unwrap();
        assert_eq!(other, folder.path().join("v-2.spasmograph"));
        assert_eq!(text(&place, "a.txt") + &text(&other, "a.txt"), "onepart");
    }
}
