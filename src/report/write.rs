//! Files that appear whole or not at all.
//!
//! Every output is written under a hidden temporary name in its own folder and takes its name
//! only once it is complete, so that a full disk, a crash or an interrupt never leaves half a
//! result under a good name.

use std::fs;
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};

use tempfile::{Builder, NamedTempFile, TempPath};

use super::Error;

/// The folder that receives the results.
#[derive(Debug, Clone)]
pub struct OutputFolder {
    path: PathBuf,
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
        builder(".spasmograph-", "").tempfile_in(path).map_err(folder)?;
        Ok(Self { path: path.to_owned() })
    }

    /// Where the folder is.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Starts a file. It takes its name with [`OutputFile::finish`]; dropped before, nothing of
    /// it is left.
    ///
    /// # Errors
    /// [`Error::Write`] when the file cannot be made.
    pub fn file(&self, name: &str) -> Result<OutputFile, Error> {
        OutputFile::create(&self.path.join(name))
    }

    /// Starts a file that another library writes by its path. It takes its name with
    /// [`PendingPath::finish`].
    ///
    /// # Errors
    /// [`Error::Write`] when the file cannot be made.
    pub fn pending(&self, name: &str) -> Result<PendingPath, Error> {
        PendingPath::create(&self.path.join(name))
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

/// A file on its way: written under a temporary name, buffered.
#[derive(Debug)]
pub struct OutputFile {
    path: PathBuf,
    temporary: BufWriter<NamedTempFile>,
}

impl OutputFile {
    /// Starts a file that will be called `path`.
    ///
    /// # Errors
    /// [`Error::Write`] when it cannot be made.
    pub fn create(path: &Path) -> Result<Self, Error> {
        let (folder, prefix, suffix) = parts(path);
        let temporary =
            builder(&prefix, &suffix).tempfile_in(folder).map_err(Error::write(path))?;
        Ok(Self { path: path.to_owned(), temporary: BufWriter::new(temporary) })
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
        let Self { path, temporary } = self;
        let file =
            temporary.into_inner().map_err(|error| Error::write(&path)(error.into_error()))?;
        file.as_file().sync_all().map_err(Error::write(&path))?;
        file.persist(&path).map_err(|error| Error::write(&path)(error.error))?;
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
    path: PathBuf,
    temporary: TempPath,
}

impl PendingPath {
    /// Starts a file that will be called `path`.
    ///
    /// # Errors
    /// [`Error::Write`] when it cannot be made.
    pub fn create(path: &Path) -> Result<Self, Error> {
        let (folder, prefix, suffix) = parts(path);
        let temporary =
            builder(&prefix, &suffix).tempfile_in(folder).map_err(Error::write(path))?;
        Ok(Self { path: path.to_owned(), temporary: temporary.into_temp_path() })
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
        let Self { path, temporary } = self;
        temporary.persist(&path).map_err(|error| Error::write(&path)(error.error))
    }
}

/// Folder, start and end of the temporary name for a file.
fn parts(path: &Path) -> (&Path, String, String) {
    let folder = match path.parent() {
        Some(parent) if !parent.as_os_str().is_empty() => parent,
        _ => Path::new("."),
    };
    let part = |part: Option<&std::ffi::OsStr>| {
        part.map(|part| part.to_string_lossy().into_owned()).unwrap_or_default()
    };
    (folder, format!(".{}.", part(path.file_stem())), format!(".{}", part(path.extension())))
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
