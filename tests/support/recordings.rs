//! Real recordings.

use std::fs::File;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::LazyLock;

/// The folder of recordings that the project does not carry; `SPASMOGRAPH_CASES` names it.
pub fn cases() -> PathBuf {
    let folder = std::env::var_os("SPASMOGRAPH_CASES").map_or_else(
        || Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/cases"),
        PathBuf::from,
    );
    if !folder.is_dir() {
        unable!("no recordings at {}", folder.display());
    }
    folder
}

/// One of these recordings.
pub fn case(name: &str) -> PathBuf {
    let path = cases().join(name);
    if !path.exists() {
        unable!("no {name} among the recordings");
    }
    path
}

/// The rated part of `franck.mp4`, which lasts twice as long.
pub const TALK: [&str; 2] = ["--end", "100"];

/// A recording that a package of a public registry carries; fetched before its first use.
/// `tests/recordings/README.md` lists them.
pub fn public(name: &str) -> PathBuf {
    static FETCHED: LazyLock<Result<(), String>> = LazyLock::new(fetch);
    let path = Path::new(FOLDER).join(name);
    if let (Err(why), false) = (&*FETCHED, path.is_file()) {
        unable!("the public recordings cannot be fetched: {why}");
    }
    assert!(path.is_file(), "no public recording {name}");
    path
}

const FOLDER: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/recordings");

/// Fetches and verifies all of them.
fn fetch() -> Result<(), String> {
    let text = |error: std::io::Error| error.to_string();
    // Another run of the tests may be at it.
    let lock = Path::new(env!("CARGO_TARGET_TMPDIR")).join("recordings.lock");
    let lock = File::create(lock).map_err(text)?;
    lock.lock().map_err(text)?;
    let script = Path::new(FOLDER).join("fetch.py");
    let run = Command::new("python3").arg(script).output();
    let run = run.map_err(|error| format!("python3: {error}"))?;
    let said = String::from_utf8_lossy(&run.stderr).lines().collect::<Vec<_>>().join("; ");
    if run.status.success() { Ok(()) } else { Err(said) }
}
