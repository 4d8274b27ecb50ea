//! Disks that fill, folders that go, descriptors that run out: one line, and what was measured is
//! kept.

use std::fs;
use std::path::Path;
use std::process::{Child, Command, Output, Stdio};
use std::time::{Duration, Instant};

use crate::place::sample;
use crate::support::program::{complaints, spasmograph};

/// A small disk of its own, taken down when dropped; none where the system does not allow it.
struct SmallDisk(tempfile::TempDir);

impl SmallDisk {
    fn mount(kilobytes: u32) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let mounted = Command::new("mount")
            .args(["-t", "tmpfs", "-o", &format!("size={kilobytes}k"), "tmpfs"])
            .arg(folder.path())
            .stderr(Stdio::null())
            .status();
        if !mounted.is_ok_and(|status| status.success()) {
            unable!("no small disk can be mounted here");
        }
        Self(folder)
    }

    fn path(&self) -> &Path {
        self.0.path()
    }

    /// Takes all the room there is.
    fn fill(&self) {
        let _ = fs::write(self.path().join("filler"), vec![0; 64 << 20]);
    }
}

impl Drop for SmallDisk {
    fn drop(&mut self) {
        let _ = Command::new("umount").arg(self.path()).status();
    }
}

fn monitor(out: &Path) -> Child {
    spasmograph()
        .args(["monitor", "--port", "0", "--input"])
        .arg(sample("indeterminate-few-events.mp4"))
        .arg("--out")
        .arg(out)
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap()
}

fn wait_for(path: &Path) {
    let until = Instant::now() + Duration::from_secs(60);
    while !path.exists() && Instant::now() < until {
        std::thread::sleep(Duration::from_millis(20));
    }
}

/// Where the results are, as the summary says.
fn results(output: &Output) -> String {
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    let line = text.lines().find(|line| line.starts_with("Results")).unwrap_or_default();
    line.trim_start_matches("Results").trim().trim_end_matches("/report.html").to_owned()
}

#[test]
fn a_session_on_a_disk_that_fills_says_so_and_is_kept() {
    let disk = SmallDisk::mount(400);
    let out = disk.path().join("session");
    let child = monitor(&out);
    wait_for(&out.join("signals.journal.csv"));
    std::thread::sleep(Duration::from_secs(3));
    disk.fill();
    let output = child.wait_with_output().unwrap();
    let lines = complaints(&output);
    let told: Vec<_> = lines.iter().filter(|line| line.contains("the disk is full")).collect();
    assert_eq!(told.len(), 1, "{lines:?}");
    assert_eq!(output.status.code(), Some(3), "{lines:?}");
    let place = results(&output);
    let kept = Path::new(&place).join("analysis.json");
    assert!(kept.exists(), "{place:?} of {}", String::from_utf8_lossy(&output.stdout));
    assert!(!kept.starts_with(disk.path()));
    fs::remove_dir_all(&place).unwrap();
    // What had reached the disk before is there, too.
    fs::remove_file(disk.path().join("filler")).unwrap();
    let recovered = spasmograph().args(["monitor", "--recover"]).arg(&out).output().unwrap();
    assert_eq!(recovered.status.code(), Some(3), "{:?}", complaints(&recovered));
}

#[test]
fn an_analysis_on_a_disk_that_is_full_is_kept_elsewhere() {
    let disk = SmallDisk::mount(300);
    disk.fill();
    let out = disk.path().join("out");
    let output = spasmograph()
        .args(["analyze", "--end", "2", "--out"])
        .arg(&out)
        .arg(sample("typical-right.mp4"))
        .output()
        .unwrap();
    let lines = complaints(&output);
    match output.status.code() {
        // Known before the work.
        Some(1) => assert!(lines.len() == 1 && lines[0].contains("disk is full"), "{lines:?}"),
        code => {
            assert_eq!(code, Some(3), "{lines:?}");
            let place = results(&output);
            assert!(Path::new(&place).join("analysis.json").exists(), "{place}");
            fs::remove_dir_all(&place).unwrap();
        }
    }
}

#[test]
fn a_session_whose_folder_is_removed_says_so_at_once_and_is_saved() {
    let folder = tempfile::tempdir().unwrap();
    let out = folder.path().join("session");
    let child = monitor(&out);
    wait_for(&out.join("signals.journal.csv"));
    std::thread::sleep(Duration::from_secs(3));
    fs::remove_dir_all(&out).unwrap();
    let output = child.wait_with_output().unwrap();
    let lines = complaints(&output);
    let told: Vec<_> = lines.iter().filter(|line| line.contains("was removed")).collect();
    assert_eq!(told.len(), 1, "{lines:?}");
    assert!(output.status.code().is_some_and(|code| code == 0 || code == 3), "{lines:?}");
    let place = results(&output);
    assert!(Path::new(&place).join("analysis.json").exists(), "{place}");
    assert!(Path::new(&place).starts_with(folder.path()), "{place}");
}

#[cfg(unix)]
#[test]
fn everything_works_with_256_descriptors() {
    let folder = tempfile::tempdir().unwrap();
    let program = env!("CARGO_BIN_EXE_spasmograph");
    let run = |arguments: &str| {
        let script = format!("ulimit -n 256 && exec '{program}' {arguments}");
        Command::new("sh").args(["-c", &script]).output().unwrap()
    };
    let (clip, place) = (sample("indeterminate-few-events.mp4"), folder.path());
    let out = format!("--out '{}'", place.join("out").display());
    let analyzed = run(&format!("analyze '{}' --end 2 {out}", clip.display()));
    assert!(analyzed.status.success(), "{:?}", complaints(&analyzed));
    let out = format!("--out '{}'", place.join("session").display());
    let held = run(&format!("monitor --json --port 0 --input '{}' {out}", clip.display()));
    assert!(held.status.success(), "{:?}", complaints(&held));
}

#[test]
fn no_home_is_no_fault() {
    let folder = tempfile::tempdir().unwrap();
    let out = folder.path().join("out");
    let bare = || {
        let mut command = spasmograph();
        command.env_remove("HOME").env_remove("XDG_DATA_HOME").current_dir(folder.path());
        command
    };
    let analyzed = bare()
        .args(["analyze", "--overlay", "none", "--end", "1", "--out"])
        .arg(&out)
        .arg(sample("typical-right.mp4"))
        .output()
        .unwrap();
    assert!(analyzed.status.success(), "{:?}", complaints(&analyzed));
    // Models that lie in the working folder are someone's, not ours.
    let missing = folder.path().join("nowhere");
    let refused = bare()
        .env("SPASMOGRAPH_MODELS", &missing)
        .args(["analyze", "--out"])
        .arg(&out)
        .arg(sample("typical-right.mp4"))
        .output()
        .unwrap();
    assert_eq!((refused.status.code(), complaints(&refused).len()), (Some(1), 1));
}

#[test]
fn a_read_only_folder_is_one_line() {
    // /proc takes no new folders, whoever asks: the test holds for root too.
    for arguments in [
        vec!["analyze", "--out", "/proc/results"],
        vec!["monitor", "--port", "0", "--out", "/proc/results", "--input"],
        vec!["batch", "--out", "/proc/results"],
    ] {
        let output =
            spasmograph().args(&arguments).arg(sample("typical-right.mp4")).output().unwrap();
        let lines = complaints(&output);
        assert_eq!((output.status.code(), lines.len()), (Some(1), 1), "{lines:?}");
    }
}
