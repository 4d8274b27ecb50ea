//! What the tests of the whole program share.
#![allow(dead_code, unused_imports, unreachable_pub, clippy::print_stderr)]

use std::path::Path;
use std::process::{Command, Output};

use serde_json::Value;

mod cases;

pub use cases::cases;

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

/// The analysis that a run wrote.
pub fn analysis(out: &Path) -> Value {
    let text = std::fs::read_to_string(out.join("analysis.json")).expect("analysis.json is there");
    serde_json::from_str(&text).expect("analysis.json is JSON")
}

/// Standard error as lines.
pub fn complaints(output: &Output) -> Vec<String> {
    String::from_utf8_lossy(&output.stderr).lines().map(str::to_owned).collect()
}

/// Runs ffmpeg to make a clip; says so where it is missing.
pub fn ffmpeg(arguments: &[&std::ffi::OsStr]) -> bool {
    let made = Command::new("ffmpeg").args(["-v", "error", "-y"]).args(arguments).status();
    let made = made.is_ok_and(|status| status.success());
    if !made {
        skipped!("no ffmpeg to make the clip");
    }
    made
}
