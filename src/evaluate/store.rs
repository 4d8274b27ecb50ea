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
        Ok(Self { folder: folder.to_owned(), version })
    }

    /// What was measured of a recording. What is unreadable is not there.
    ///
    /// # Errors
    /// The recording cannot be read for its hash.
    pub fn get(&self, clip: &Path, mirrored: bool) -> Result<Option<Measured>, Error> {
        let bytes = fs::read(self.path(clip, mirrored)?).ok();
        Ok(bytes.and_then(|bytes| postcard::from_bytes(&bytes).ok()))
    }

    /// Keeps what was measured of a recording.
    ///
    /// # Errors
    /// The recording cannot be read for its hash, or the file cannot be written.
    pub fn put(&self, clip: &Path, mirrored: bool, measured: &Measured) -> Result<(), Error> {
        let path = self.path(clip, mirrored)?;
        let bytes = postcard::to_stdvec(measured).map_err(|error| Error::content(&path, error))?;
        let mut file = OutputFile::create(&path)?;
        file.write_all(&bytes).map_err(Error::write(&path))?;
        file.finish()
    }

    /// Content and direction of the recording, and who measured it.
    fn path(&self, clip: &Path, mirrored: bool) -> Result<PathBuf, Error> {
        let hash = sha256(clip).map_err(Error::read(clip))?;
        let way = if mirrored { "mirrored" } else { "plain" };
        Ok(self.folder.join(format!("{}-{way}-{}.{ENDING}", &hash[..16], self.version)))
    }
}
