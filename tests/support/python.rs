//! Independent readers: Python packages that know nothing of this project.

use std::path::{Path, PathBuf};
use std::process::Command;

/// Runs `tests/readers/NAME.py` with the packages of `NAME.txt`, which a test needs, and returns
/// what it printed last, as JSON.
///
/// `SPASMOGRAPH_PYTHON` names an interpreter that has the packages. Without it they are installed
/// once, under the target folder, for `python3`.
pub fn run(name: &str, arguments: &[&Path]) -> serde_json::Value {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/readers");
    let (python, packages) = match std::env::var_os("SPASMOGRAPH_PYTHON") {
        Some(python) => (python, None),
        None => match installed(name, &folder.join(format!("{name}.txt"))) {
            Ok(packages) => ("python3".into(), Some(packages)),
            Err(why) => unable!("the readers for {name} cannot be installed: {why}"),
        },
    };
    let mut command = Command::new(&python);
    if let Some(packages) = packages {
        command.env("PYTHONPATH", packages);
    }
    let output = command.arg(folder.join(format!("{name}.py"))).args(arguments).output().unwrap();
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{name}: {errors}");
    let text = String::from_utf8(output.stdout).unwrap();
    let last = text.lines().last().unwrap_or_default();
    serde_json::from_str(last).unwrap_or_else(|_| panic!("{name} said {text}\n{errors}"))
}

/// The folder with the packages that a list asks for; installed there unless it was before.
fn installed(name: &str, list: &Path) -> Result<PathBuf, String> {
    let place = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("readers-{name}"));
    let wanted = std::fs::read(list).map_err(|error| error.to_string())?;
    if std::fs::read(place.join("list.txt")).is_ok_and(|had| had == wanted) {
        return Ok(place);
    }
    let fresh = tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR")).map_err(|e| e.to_string())?;
    let pip = ["-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--no-input"];
    let output = Command::new("python3")
        .args(pip)
        .args(["--retries=1", "--timeout=20", "--requirement"])
        .arg(list)
        .arg("--target")
        .arg(fresh.path())
        .output()
        .map_err(|error| error.to_string())?;
    if !output.status.success() {
        let errors = String::from_utf8_lossy(&output.stderr);
        return Err(errors.lines().last().unwrap_or("pip said nothing").to_owned());
    }
    std::fs::write(fresh.path().join("list.txt"), wanted).map_err(|error| error.to_string())?;
    // An older list's packages make way.
    let _ = std::fs::remove_dir_all(&place);
    std::fs::rename(fresh.keep(), &place).map_err(|error| error.to_string())?;
    Ok(place)
}
