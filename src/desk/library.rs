//! The folder: which recordings there are, and where what belongs to them lies.

use std::collections::HashSet;
use std::fs::{self, File, TryLockError};
use std::path::{Component, Path, PathBuf};

use walkdir::WalkDir;

use super::DeskError;
use super::answer::Refusal;
use crate::batch::is_video;
use crate::review;

/// Held locked while a desk is open on the folder.
const LOCK: &str = ".spasmograph-desk.lock";
/// How the name of a folder of results ends, after a point.
pub(super) const RESULTS: &str = "spasmograph";

/// The folder of a desk, which no other desk has meanwhile.
#[derive(Debug)]
pub struct Library {
    root: PathBuf,
    _lock: File,
}

/// A recording, or the results of one that is not there (any more).
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Entry {
    /// Its path in the library, with `/`: the recording's, or that of its results.
    pub(super) name: String,
    /// The recording; `None` where only results are there.
    pub(super) recording: Option<PathBuf>,
    /// The folder of its results, which may not be there.
    pub(super) results: PathBuf,
}

impl Entry {
    pub(super) fn analysis(&self) -> PathBuf {
        self.results.join("analysis.json")
    }

    /// A file beside the results, e.g. `visit.history.json`.
    pub(super) fn beside(&self, ending: &str) -> PathBuf {
        let stem = self.results.file_stem().unwrap_or_default().to_string_lossy();
        self.results.with_file_name(format!("{stem}.{ending}"))
    }

    /// The picture to look at, where there is one: the recording, or what a session kept.
    pub(super) fn picture(&self) -> Option<PathBuf> {
        let kept = || Some(self.results.join("recording.mkv")).filter(|path| path.is_file());
        self.recording.clone().or_else(kept)
    }
}

impl Library {
    /// Takes a folder, which is made where it is missing.
    ///
    /// # Errors
    /// [`DeskError::Folder`] and [`DeskError::InUse`].
    pub fn open(folder: &Path) -> Result<Self, DeskError> {
        let cannot = |reason: String| DeskError::Folder { path: folder.to_owned(), reason };
        fs::create_dir_all(folder).map_err(|error| cannot(error.to_string()))?;
        let root = folder.canonicalize().map_err(|error| cannot(error.to_string()))?;
        let lock = File::create(root.join(LOCK)).map_err(|error| {
            cannot(format!("a desk keeps reviews here and must be able to write ({error})"))
        })?;
        if matches!(lock.try_lock(), Err(TryLockError::WouldBlock)) {
            return Err(DeskError::InUse(folder.to_owned()));
        }
        Ok(Self { root, _lock: lock })
    }

    /// Where it is.
    #[must_use]
    pub fn root(&self) -> &Path {
        &self.root
    }

    /// All recordings in order of name, `most` of them at most. Links are not followed: what they
    /// lead to may lie elsewhere.
    pub(super) fn entries(&self, most: usize) -> Vec<Entry> {
        let (mut recordings, mut results) = (Vec::new(), Vec::new());
        let is_seen = |entry: &walkdir::DirEntry| {
            let hidden = entry.file_name().as_encoded_bytes().starts_with(b".");
            let in_results = entry.path().parent().is_some_and(is_results);
            entry.depth() == 0 || !hidden && !in_results
        };
        let walk = WalkDir::new(&self.root).sort_by_file_name().into_iter().filter_entry(is_seen);
        for entry in walk.flatten() {
            if entry.file_type().is_file() && is_video(entry.path()) {
                recordings.push(entry.into_path());
            } else if entry.file_type().is_dir() && is_results(entry.path()) {
                results.push(entry.into_path());
            }
            if recordings.len() + results.len() >= 2 * most {
                break;
            }
        }
        let mut taken: HashSet<PathBuf> = HashSet::new();
        let mut entries: Vec<Entry> = Vec::new();
        for recording in recordings {
            let place = results_of(&recording, |place| taken.contains(place));
            taken.insert(place.clone());
            entries.push(Entry {
                name: self.name(&recording),
                recording: Some(recording),
                results: place,
            });
        }
        for place in results.into_iter().filter(|place| !taken.contains(place)) {
            if place.join("analysis.json").is_file() {
                entries.push(Entry { name: self.name(&place), recording: None, results: place });
            }
        }
        entries.sort_by(|a, b| a.name.cmp(&b.name));
        entries.truncate(most);
        entries
    }

    fn name(&self, path: &Path) -> String {
        let inside = path.strip_prefix(&self.root).unwrap_or(path);
        inside.to_string_lossy().replace('\\', "/")
    }

    /// The recording with a name, as the page sends it.
    pub(super) fn entry(&self, name: &str) -> Result<Entry, Refusal> {
        let path = self.inside(name)?;
        if is_results(&path) && path.join("analysis.json").is_file() {
            return Ok(Entry { name: name.to_owned(), recording: None, results: path });
        }
        if !path.is_file() || !is_video(&path) {
            return Err(Refusal::missing(format!(
                "there is no recording \"{name}\" in the library"
            )));
        }
        // Others of its name come before it in the order of names.
        let stem = path.with_extension("");
        let before = path
            .parent()
            .and_then(|folder| fs::read_dir(folder).ok())
            .into_iter()
            .flatten()
            .flatten()
            .map(|entry| entry.path())
            .any(|other| other < path && is_video(&other) && other.with_extension("") == stem);
        let results = results_of(&path, |_| before);
        Ok(Entry { name: name.to_owned(), recording: Some(path), results })
    }

    /// A path in the library that is there. Whatever leads out of it is refused: `..`, absolute
    /// paths, hidden names, links.
    pub(super) fn inside(&self, name: &str) -> Result<PathBuf, Refusal> {
        let path = self.root.join(plain(name)?);
        let real = path
            .canonicalize()
            .map_err(|_| Refusal::missing(format!("there is no \"{name}\" in the library")))?;
        if real == path { Ok(path) } else { Err(outside(name)) }
    }

    /// A path in the library for a new file of a plain name.
    pub(super) fn fresh(&self, name: &str) -> Result<PathBuf, Refusal> {
        let plain = plain(name)?;
        if plain.components().count() != 1 {
            return Err(outside(name));
        }
        Ok(self.root.join(plain))
    }
}

fn outside(name: &str) -> Refusal {
    let text = format!("\"{name}\" leads out of the library");
    Refusal::new(axum::http::StatusCode::FORBIDDEN, "outside", text)
}

/// A relative path of plain, visible names.
fn plain(name: &str) -> Result<PathBuf, Refusal> {
    let is_plain = |part: Component<'_>| match part {
        Component::Normal(part) => !part.as_encoded_bytes().starts_with(b"."),
        _ => false,
    };
    let path = Path::new(name);
    let odd = name.is_empty() || name.contains(['\0', '\\']) || name.len() > 1024;
    if odd || !path.components().all(is_plain) || name.ends_with('/') || name.contains("//") {
        return Err(outside(name));
    }
    Ok(path.to_owned())
}

fn is_results(path: &Path) -> bool {
    path.extension().is_some_and(|own| own == RESULTS)
}

/// `visit.spasmograph` for `visit.mp4`, or `visit.mov.spasmograph` where another recording has that.
fn results_of(recording: &Path, taken: impl Fn(&Path) -> bool) -> PathBuf {
    let place = recording.with_extension(RESULTS);
    if !taken(&place) {
        return place;
    }
    let mut name = recording.file_name().unwrap_or_default().to_owned();
    name.push(".");
    name.push(RESULTS);
    recording.with_file_name(name)
}

/// The reviews of a recording among the files of its folder.
pub(super) fn reviews(entry: &Entry, files: &[String]) -> Vec<PathBuf> {
    let stem = entry.results.file_stem().unwrap_or_default().to_string_lossy().into_owned();
    let own = files.iter().filter(|file| review::file::is_of(file, &stem));
    own.map(|file| entry.results.with_file_name(file)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn library() -> (tempfile::TempDir, Library) {
        let folder = tempfile::tempdir().unwrap();
        for file in ["a.mp4", "a.mov", "sub/b.mp4", "notes.txt", ".hidden.mp4"] {
            let path = folder.path().join(file);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, b"x").unwrap();
        }
        for results in ["b.spasmograph", "a.spasmograph"] {
            fs::create_dir(folder.path().join(results)).unwrap();
            fs::write(folder.path().join(results).join("analysis.json"), b"{}").unwrap();
            fs::write(folder.path().join(results).join("overlay.mp4"), b"x").unwrap();
        }
        let library = Library::open(folder.path()).unwrap();
        (folder, library)
    }

    #[test]
    fn what_is_there_is_what_is_shown_and_each_recording_has_results_of_its_own() {
        let (_folder, library) = library();
        let entries = library.entries(100);
        let shown: Vec<(&str, String)> =
            entries.iter().map(|own| (own.name.as_str(), library.name(&own.results))).collect();
        let expected = [
            ("a.mov", "a.spasmograph"),
            ("a.mp4", "a.mp4.spasmograph"),
            ("b.spasmograph", "b.spasmograph"),
            ("sub/b.mp4", "sub/b.spasmograph"),
        ];
        assert_eq!(shown, expected.map(|(name, place)| (name, place.to_owned())));
        for own in &entries {
            assert_eq!(library.entry(&own.name).unwrap(), *own, "{}", own.name);
        }
    }

    #[test]
    fn nothing_leads_out_of_the_library() {
        let (folder, library) = library();
        let elsewhere = tempfile::tempdir().unwrap();
        fs::write(elsewhere.path().join("secret.mp4"), b"x").unwrap();
        let absolute = elsewhere.path().join("secret.mp4").display().to_string();
        let up = format!("../{}/secret.mp4", elsewhere.path().file_name().unwrap().display());
        for name in
            ["", "..", "/", ".hidden.mp4", "a//b", "sub/../a.mp4", "./a.mp4", &absolute, &up]
        {
            assert!(library.entry(name).is_err(), "{name}");
        }
        #[cfg(unix)]
        {
            let link = folder.path().join("link.mp4");
            std::os::unix::fs::symlink(elsewhere.path().join("secret.mp4"), link).unwrap();
            assert_eq!(library.entry("link.mp4").unwrap_err().code, "outside");
            std::os::unix::fs::symlink(elsewhere.path(), folder.path().join("way")).unwrap();
            assert_eq!(library.entry("way/secret.mp4").unwrap_err().code, "outside");
            assert!(library.entries(100).iter().all(|own| own.name != "link.mp4"));
        }
        assert!(library.entry("a.mp4").is_ok());
    }

    #[test]
    fn a_second_desk_on_the_folder_is_refused() {
        let (folder, library) = library();
        assert!(matches!(Library::open(folder.path()), Err(DeskError::InUse(_))));
        drop(library);
        assert!(Library::open(folder.path()).is_ok());
    }
}
