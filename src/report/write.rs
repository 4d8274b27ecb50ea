//! Files that appear whole or not at all.
//!
//! Every output is written under a hidden temporary name in its own folder and takes its name
//! only once it is complete, so that a full disk, a crash or an interrupt never leaves half a
//! result under a good name. All temporary names begin with [`HIDDEN`], so that what a killed run
//! left is known and cleared.

use std::ffi::OsString;
use std::fs::{self, File};
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};

use tempfile::{Builder, NamedTempFile, TempPath};

use super::Error;

/// How the name of everything begins that is written and not complete.
pub const HIDDEN: &str = ".spasmograph-";

/// The folder that receives the results.
#[derive(Debug, Clone)]
pub struct OutputFolder {
    path: PathBuf,
    /// How names begin in it until all of them are taken at once; empty where each file takes its
    /// own name when it is finished.
    stage: String,
}

impl OutputFolder {
    /// Makes the folder (and its parents) and checks that it can be written to, so that a
    /// read-only place is known before the work and not after it.
    ///
    /// # Errors
    /// [`Error::Folder`] when the folder cannot be made or written to.
    pub fn create(path: &Path) -> Result<Self, Error> {
        let folder = |source| Error::Folder { path: path.to_owned(), source };
        fs::create_dir_all(path).map_err(|source| {
            if path.exists() && !path.is_dir() {
                folder(io::ErrorKind::NotADirectory.into())
            } else {
                folder(source)
            }
        })?;
        builder(HIDDEN, "").tempfile_in(path).map_err(folder)?;
        Ok(Self { path: path.to_owned(), stage: String::new() })
    }

    /// The same folder, where finished files keep the beginning `stage` until it is taken off all
    /// of them.
    pub(super) fn staged(self, stage: String) -> Self {
        Self { stage, ..self }
    }

    /// How the names of staged files begin.
    pub(super) fn stage(&self) -> &str {
        &self.stage
    }

    /// Where the folder is.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Starts a file, its name given from this folder on with `/` between folders. It takes its
    /// name with [`OutputFile::finish`]; dropped before, nothing of it is left.
    ///
    /// # Errors
    /// [`Error::Write`] when the file cannot be made.
    pub fn file(&self, name: &str) -> Result<OutputFile, Error> {
        OutputFile::start(self.path.join(name), self.finished(name)?)
    }

    /// Starts a file that another library writes by its path. It takes its name with
    /// [`PendingPath::finish`].
    ///
    /// # Errors
    /// [`Error::Write`] when the file cannot be made.
    pub fn pending(&self, name: &str) -> Result<PendingPath, Error> {
        PendingPath::start(self.path.join(name), self.finished(name)?)
    }

    /// What a finished file is called; its folder is made where it is missing.
    fn finished(&self, name: &str) -> Result<PathBuf, Error> {
        if !self.stage.is_empty() {
            return Ok(self.path.join(format!("{}{}", self.stage, staged_name(name))));
        }
        let path = self.path.join(name);
        if name.contains('/')
            && let Some(parent) = path.parent()
        {
            fs::create_dir_all(parent).map_err(Error::write(&path))?;
        }
        Ok(path)
    }

    /// Removes a file that an earlier run left under this name; no such file is fine.
    ///
    /// # Errors
    /// [`Error::Write`] when the file is there and cannot be removed.
    pub fn discard(&self, name: &str) -> Result<(), Error> {
        let path = self.path.join(name);
        match fs::remove_file(&path) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => {
                Err(Error::write(&path)(error))
            }
            _ => Ok(()),
        }
    }
}

/// A name with folders as the name of one staged file, which the folders need not hold.
pub(super) fn staged_name(name: &str) -> String {
    name.replace('%', "%25").replace('/', "%2F")
}

/// A file on its way: written under a temporary name, buffered.
#[derive(Debug)]
pub struct OutputFile {
    /// What it is called in errors.
    path: PathBuf,
    finished: PathBuf,
    temporary: BufWriter<NamedTempFile>,
}

impl OutputFile {
    /// Starts a file that will be called `path`.
    ///
    /// # Errors
    /// [`Error::Write`] when it cannot be made.
    pub fn create(path: &Path) -> Result<Self, Error> {
        Self::start(path.to_owned(), path.to_owned())
    }

    fn start(path: PathBuf, finished: PathBuf) -> Result<Self, Error> {
        let temporary = temporary(&path, &finished).map_err(Error::write(&path))?;
        Ok(Self { path, finished, temporary: BufWriter::new(temporary) })
    }

    /// The name the file will have.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Flushes everything to the disk and gives the file its name, replacing an older one.
    ///
    /// # Errors
    /// [`Error::Write`]; then nothing of the new file is left and an older one is untouched.
    pub fn finish(self) -> Result<(), Error> {
        let Self { path, finished, temporary } = self;
        let file =
            temporary.into_inner().map_err(|error| Error::write(&path)(error.into_error()))?;
        file.as_file().sync_all().map_err(Error::write(&path))?;
        file.persist(&finished).map_err(|error| Error::write(&path)(error.error))?;
        Ok(())
    }
}

impl Write for OutputFile {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.temporary.write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.temporary.flush()
    }
}

/// A file on its way that another library writes by its path.
#[derive(Debug)]
pub struct PendingPath {
    /// What it is called in errors.
    path: PathBuf,
    finished: PathBuf,
    temporary: TempPath,
    /// Holds the lock that tells it from what a killed run left.
    _held: File,
}

impl PendingPath {
    /// Starts a file that will be called `path`.
    ///
    /// # Errors
    /// [`Error::Write`] when it cannot be made.
    pub fn create(path: &Path) -> Result<Self, Error> {
        Self::start(path.to_owned(), path.to_owned())
    }

    fn start(path: PathBuf, finished: PathBuf) -> Result<Self, Error> {
        let temporary = temporary(&path, &finished).map_err(Error::write(&path))?;
        let (held, temporary) = temporary.into_parts();
        Ok(Self { path, finished, temporary, _held: held })
    }

    /// The name the file will have.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Where to write meanwhile; it ends as the final name does.
    #[must_use]
    pub fn temporary(&self) -> &Path {
        &self.temporary
    }

    /// Gives the file its name, replacing an older one.
    ///
    /// # Errors
    /// [`Error::Write`]; then nothing of the new file is left.
    pub fn finish(self) -> Result<(), Error> {
        let Self { path, finished, temporary, .. } = self;
        File::open(&temporary).and_then(|file| file.sync_all()).map_err(Error::write(&path))?;
        temporary.persist(&finished).map_err(|error| Error::write(&path)(error.error))
    }
}

/// A new file beside `finished` that ends as the name of `path` does.
fn temporary(path: &Path, finished: &Path) -> io::Result<NamedTempFile> {
    let folder = match finished.parent() {
        Some(parent) if !parent.as_os_str().is_empty() => parent,
        _ => Path::new("."),
    };
    let mut ending = OsString::from(".");
    ending.push(path.file_name().unwrap_or_default());
    let file = builder(HIDDEN, &ending.to_string_lossy()).tempfile_in(folder)?;
    // Where the file system knows no locks, nothing tells it from a leftover but its age.
    let _ = file.as_file().try_lock();
    Ok(file)
}

/// Temporary files get the rights any new file gets, not the private ones of a scratch file.
fn builder<'a>(prefix: &'a str, suffix: &'a str) -> Builder<'a, 'a> {
    let mut builder = Builder::new();
    builder.prefix(prefix).suffix(suffix);
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        builder.permissions(fs::Permissions::from_mode(0o666));
    }
    builder
}
