//! The program, as its users run it.

use std::ffi::{OsStr, OsString};
use std::fs::{self, File};
use std::hash::{DefaultHasher, Hash, Hasher};
use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::time::SystemTime;

use serde_json::Value;

/// The program.
pub fn spasmograph() -> Command {
    Command::new(env!("CARGO_BIN_EXE_spasmograph"))
}

/// Analyzes without overlay into `out`.
pub fn analyze(clip: &Path, out: &Path) -> Output {
    spasmograph()
        .args(["analyze", "--overlay", "none", "--out"])
        .arg(out)
        .arg(clip)
        .output()
        .expect("the program starts")
}

/// The folder with what `analyze` without overlay makes of a recording, which must succeed. One
/// analysis for each build of the program serves all tests: they read, and change nothing.
pub fn analyzed(clip: &Path) -> PathBuf {
    analyzed_with(clip, &[])
}

/// As `analyzed`, with more options.
pub fn analyzed_with(clip: &Path, options: &[&str]) -> PathBuf {
    super::pipeline::models();
    let place = analyses();
    let name = clip.file_stem().expect("a recording has a name").to_string_lossy().into_owned();
    let key = hash(&(clip, stamp(clip), options));
    let folder = place.join(format!("{name}-{key:016x}"));
    let lock = File::create(folder.with_extension("lock")).expect("the target folder is writable");
    lock.lock().expect("locks work");
    if !folder.is_dir() {
        let fresh = tempfile::tempdir_in(&place).expect("the target folder is writable");
        let out = fresh.path().join("out");
        let mut command = spasmograph();
        command.args(["analyze", "--overlay", "none", "--out"]).arg(&out).args(options).arg(clip);
        let output = command.output().expect("the program starts");
        assert!(output.status.success(), "{name}: {:?}", complaints(&output));
        fs::rename(out, &folder).expect("one folder");
    }
    folder
}

/// Where the analyses of this build of the program lie; those of older builds are removed.
fn analyses() -> PathBuf {
    let all = Path::new(env!("CARGO_TARGET_TMPDIR")).join("analyses");
    let own = format!("{:016x}", hash(&stamp(env!("CARGO_BIN_EXE_spasmograph").as_ref())));
    for entry in fs::read_dir(&all).into_iter().flatten().flatten() {
        if entry.file_name() != OsString::from(&own) {
            // Another run of the tests may be removing it too.
            let _ = fs::remove_dir_all(entry.path());
        }
    }
    let own = all.join(own);
    fs::create_dir_all(&own).expect("the target folder is writable");
    own
}

/// Size and time of a file: another build, or another recording, has others.
fn stamp(file: &Path) -> (u64, SystemTime) {
    let file = file.metadata().unwrap_or_else(|error| panic!("{}: {error}", file.display()));
    (file.len(), file.modified().expect("files have times"))
}

fn hash(value: &impl Hash) -> u64 {
    let mut hasher = DefaultHasher::new();
    value.hash(&mut hasher);
    hasher.finish()
}

/// The analysis that a run wrote.
pub fn analysis(out: &Path) -> Value {
    let text = fs::read_to_string(out.join("analysis.json")).expect("analysis.json is there");
    serde_json::from_str(&text).expect("analysis.json is JSON")
}

/// Standard error as lines.
pub fn complaints(output: &Output) -> Vec<String> {
    String::from_utf8_lossy(&output.stderr).lines().map(str::to_owned).collect()
}

/// Runs ffmpeg, which a test needs to make a clip.
pub fn ffmpeg<S: AsRef<OsStr>>(arguments: impl IntoIterator<Item = S>) {
    let made =
        Command::new("ffmpeg").args(["-v", "error", "-nostdin", "-y"]).args(arguments).output();
    match made {
        Err(error) => unable!("no ffmpeg to make a clip: {error}"),
        Ok(output) => assert!(output.status.success(), "ffmpeg: {:?}", complaints(&output)),
    }
}
