//! Measured recordings on disk, so that a change of the judgement is judged in seconds.

use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};

use sha2::{Digest, Sha256};

use super::Measured;
use crate::report::digest as sha256;
use crate::report::{Error, OutputFile};
use crate::thresholds::Thresholds;

/// Ending of the files.
const ENDING: &str = "signals";

/// A folder of measured recordings. A file's name says of what content it is and by which version
/// of the stages that look at pixels, with which thresholds, it was measured: what another version
/// measured is not taken for this one's.
#[derive(Debug, Clone)]
pub struct Store {
    folder: PathBuf,
    version: String,
    old_too: bool,
}

impl Store {
    /// The store in a folder, which is made where it is missing.
    ///
    /// # Errors
    /// The folder cannot be made.
    pub fn open(folder: &Path, thresholds: &Thresholds) -> Result<Self, Error> {
        fs::create_dir_all(folder)
            .map_err(|source| Error::Folder { path: folder.to_owned(), source })?;
        let Thresholds { face, skin, signal, .. } = thresholds;
        let mut digest = Sha256::new();
        digest.update(env!("SPASMOGRAPH_PIXELS"));
        digest.update(serde_json::json!([face, skin, signal]).to_string());
        let version = format!("{:x}", digest.finalize())[..8].to_owned();
        Ok(Self { folder: folder.to_owned(), version, old_too: false })
    }

    /// The same that also hands out what another version measured, where this one has not.
    #[must_use]
    pub fn with_old(self) -> Self {
        Self { old_too: true, ..self }
    }

    /// What was measured of a recording; the second says that this version measured it.
    ///
    /// # Errors
    /// The recording cannot be read for its hash.
    pub fn get(&self, clip: &Path, mirrored: bool) -> Result<Option<(Measured, bool)>, Error> {
        let name = Name::of(clip, mirrored)?;
        if let Some(own) = read(&self.path(&name)) {
            return Ok(Some((own, true)));
        }
        let old = self.old_too.then(|| self.newest(&name).and_then(|path| read(&path))).flatten();
        Ok(old.map(|old| (old, false)))
    }

    /// Keeps what was measured of a recording.
    ///
    /// # Errors
    /// The recording cannot be read for its hash, or the file cannot be written.
    pub fn put(&self, clip: &Path, mirrored: bool, measured: &Measured) -> Result<(), Error> {
        let path = self.path(&Name::of(clip, mirrored)?);
        let bytes = postcard::to_stdvec(measured).map_err(|error| Error::content(&path, error))?;
        let mut file = OutputFile::create(&path)?;
        file.write_all(&bytes).map_err(Error::write(&path))?;
        file.finish()
    }

    fn path(&self, name: &Name) -> PathBuf {
        self.folder.join(format!("{}-{}.{ENDING}", name.0, self.version))
    }

    /// The newest file of any version.
    fn newest(&self, name: &Name) -> Option<PathBuf> {
        let entries = fs::read_dir(&self.folder).ok()?.flatten();
        let of_it = entries.filter(|entry| {
            let file = entry.file_name();
            let file = file.to_string_lossy();
            file.starts_with(&format!("{}-", name.0)) && file.ends_with(ENDING)
        });
        of_it
            .max_by_key(|entry| entry.metadata().and_then(|data| data.modified()).ok())
            .map(|entry| entry.path())
    }
}

/// What is unreadable, or was written by a version whose samples were others, is not there.
fn read(path: &Path) -> Option<Measured> {
    postcard::from_bytes(&fs::read(path).ok()?).ok()
}

/// Content and direction of a recording.
struct Name(String);

impl Name {
    fn of(clip: &Path, mirrored: bool) -> Result<Self, Error> {
        let hash = sha256(clip).map_err(Error::read(clip))?;
        Ok(Self(format!("{}-{}", &hash[..16], if mirrored { "mirrored" } else { "plain" })))
    }
}
