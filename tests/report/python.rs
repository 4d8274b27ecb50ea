//! Independent readers: Python packages that know nothing of this project.

use std::path::Path;
use std::process::Command;

/// Runs `tests/readers/SCRIPT` and returns what it printed, as JSON; `None`, said aloud, where
/// Python or one of the modules is missing. `SPASMOGRAPH_PYTHON` names the interpreter.
pub(crate) fn run(
    script: &str,
    modules: &[&str],
    arguments: &[&Path],
) -> Option<serde_json::Value> {
    let python = std::env::var_os("SPASMOGRAPH_PYTHON").unwrap_or_else(|| "python3".into());
    let import = format!("import {}", modules.join(", "));
    let has = Command::new(&python).args(["-c", &import]).output();
    if !has.is_ok_and(|output| output.status.success()) {
        skipped(&format!("{} cannot {import}", python.display()));
        return None;
    }
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/readers").join(script);
    let output = Command::new(&python).arg(path).args(arguments).output().unwrap();
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{script}: {errors}");
    let text = String::from_utf8(output.stdout).unwrap();
    let last = text.lines().last().unwrap_or_default();
    Some(serde_json::from_str(last).unwrap_or_else(|_| panic!("{script} said {text}\n{errors}")))
}

/// Says aloud that something was not tested.
#[allow(clippy::print_stderr)]
pub(crate) fn skipped(why: &str) {
    eprintln!("skipped: {why}");
}
