//! Folders, clips and what lies in them.

use std::collections::BTreeMap;
use std::fmt;
use std::ops::Deref;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use crate::support::program::spasmograph;

/// A painted clip of the samples.
pub(crate) fn sample(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("samples").join(name)
}

/// A whole number that the environment sets.
pub(crate) fn setting(name: &str, default: u64) -> u64 {
    std::env::var(name).ok().and_then(|text| text.parse().ok()).unwrap_or(default)
}

/// Analyzes the first seconds of a clip without overlay.
pub(crate) fn analyze(clip: &Path, out: &Path, further: &[&str]) -> Output {
    command(clip, out, further).output().expect("the program starts")
}

/// The command that does it.
pub(crate) fn command(clip: &Path, out: &Path, further: &[&str]) -> Command {
    let mut command = spasmograph();
    command.arg("analyze").arg(clip).arg("--out").arg(out);
    command.args(["--overlay", "none", "--end", "2"]).args(further);
    command
}

/// The bytes of a file; of a failed comparison only their number is printed.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct Bytes(Vec<u8>);

impl Deref for Bytes {
    type Target = [u8];

    fn deref(&self) -> &[u8] {
        &self.0
    }
}

impl fmt::Debug for Bytes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} bytes", self.0.len())
    }
}

/// Every file in and below a folder with its bytes.
pub(crate) fn contents(folder: &Path) -> BTreeMap<String, Bytes> {
    let mut all = BTreeMap::new();
    for entry in walkdir::WalkDir::new(folder).into_iter().flatten() {
        if entry.file_type().is_file() {
            let name = entry.path().strip_prefix(folder).unwrap().to_string_lossy().into_owned();
            all.insert(name, Bytes(std::fs::read(entry.path()).unwrap()));
        }
    }
    all
}

/// Names of the hidden files in and below a folder.
pub(crate) fn hidden(folder: &Path) -> Vec<String> {
    let is_hidden = |name: &String| name.rsplit('/').next().unwrap_or_default().starts_with('.');
    contents(folder).into_keys().filter(is_hidden).collect()
}
