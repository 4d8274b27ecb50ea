//! Killed at a random moment: nothing older is lost, and no half file has a good name.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::process::{Child, Stdio};
use std::time::{Duration, Instant};

use rand::rngs::StdRng;
use rand::{Rng, SeedableRng};
use serde_json::Value;
use spasmograph::report::is_in_use;

use crate::place::{Bytes, analyze, contents, hidden, sample, setting};
use crate::support::program::{complaints, ffmpeg, spasmograph};

/// Times that each command is killed.
fn kills() -> u64 {
    setting("SPASMOGRAPH_KILLS", 3)
}

fn moments(seed: u64) -> StdRng {
    StdRng::seed_from_u64(setting("SPASMOGRAPH_SEED", seed))
}

/// Lets a command live for so long; whether it was still alive.
fn kill_after(child: &mut Child, wait: Duration) -> bool {
    std::thread::sleep(wait);
    let alive = child.try_wait().unwrap().is_none();
    // `kill` is SIGKILL: it has no say in it.
    let _ = child.kill();
    child.wait().unwrap();
    alive
}

fn is_whole(path: &Path) -> bool {
    let bytes = fs::read(path).unwrap();
    match path.extension().and_then(|own| own.to_str()) {
        Some("json") => serde_json::from_slice::<Value>(&bytes).is_ok(),
        Some("html") => bytes.ends_with(b"</html>\n"),
        Some("csv") => bytes.ends_with(b"\n"),
        Some("parquet") => bytes.ends_with(b"PAR1"),
        _ => !bytes.is_empty(),
    }
}

#[test]
fn analyze_killed_at_any_moment_leaves_the_older_results() {
    let folder = tempfile::tempdir().unwrap();
    let out = folder.path().join("out");
    let run = || {
        let mut command = spasmograph();
        command.arg("analyze").arg(sample("typical-right.mp4")).arg("--out").arg(&out);
        command.args(["--end", "2"]).stdout(Stdio::null()).stderr(Stdio::null());
        command
    };
    let began = Instant::now();
    assert!(run().status().unwrap().success());
    let takes = began.elapsed();
    let older = contents(&out);
    assert_eq!(older.len(), 6, "{:?}", older.keys());
    let (mut rng, mut alive) = (moments(1), 0);
    for _ in 0..kills() {
        let mut child = run().spawn().unwrap();
        let wait = takes.mul_f64(rng.random_range(0.0..1.1));
        alive += u32::from(kill_after(&mut child, wait));
        let mut left = contents(&out);
        left.retain(|name, _| !name.starts_with('.'));
        // The same recording gives the same results: what is there is the old or the new whole.
        assert_eq!(left, older, "killed after {wait:?}");
    }
    assert!(run().status().unwrap().success());
    assert_eq!(hidden(&out), [""; 0]);
    assert_eq!(contents(&out), older);
    eprintln!("analyze: {} killed, {alive} of them while at work", kills());
}

#[test]
fn batch_killed_at_any_moment_leaves_the_older_tables_and_goes_on() {
    let folder = tempfile::tempdir().unwrap();
    let clips = folder.path().join("clips");
    fs::create_dir(&clips).unwrap();
    for name in ["a", "b", "c"] {
        let clip = clips.join(format!("{name}.mp4"));
        let from = sample("indeterminate-few-events.mp4");
        let start = ["a", "b", "c"].iter().position(|own| *own == name).unwrap().to_string();
        let cut = ["-ss", &start, "-t", "2", "-i"].map(AsRef::as_ref);
        let cut: Vec<&std::ffi::OsStr> =
            cut.into_iter().chain([from.as_os_str(), clip.as_os_str()]).collect();
        ffmpeg(&cut);
    }
    let out = folder.path().join("out");
    let run = |input: &Path| {
        let mut command = spasmograph();
        command.arg("batch").arg(input).arg("--out").arg(&out);
        command.args(["--resume", "--jobs", "2", "--keep", "analysis,report,overlay"]);
        command.stdout(Stdio::null()).stderr(Stdio::null());
        command
    };
    let began = Instant::now();
    assert!(run(&clips.join("a.mp4")).status().unwrap().success());
    let takes = 2 * began.elapsed();
    let tables = |all: &BTreeMap<String, Bytes>| {
        let mut tables = all.clone();
        tables.retain(|name, _| !name.contains('/') && !name.starts_with('.'));
        tables
    };
    let older = contents(&out);
    let (mut rng, mut alive) = (moments(2), 0);
    for _ in 0..kills() {
        // Begins the others anew each time.
        for entry in fs::read_dir(out.join("results")).unwrap().flatten() {
            let name = format!("results/{}", entry.file_name().to_string_lossy());
            if !older.keys().any(|old| old.starts_with(&name)) {
                fs::remove_dir_all(entry.path()).unwrap();
            }
        }
        let mut child = run(&clips).spawn().unwrap();
        let wait = takes.mul_f64(rng.random_range(0.0..1.2));
        let at_work = kill_after(&mut child, wait);
        alive += u32::from(at_work);
        // The workers find out by themselves.
        std::thread::sleep(Duration::from_millis(300));
        let left = contents(&out);
        for (name, bytes) in &older {
            if name.starts_with("results/") {
                assert_eq!(left.get(name), Some(bytes), "{name}, killed after {wait:?}");
            }
        }
        assert!(tables(&older).keys().all(|name| left.contains_key(name)), "{:?}", left.keys());
        for name in left.keys().filter(|name| !name.rsplit('/').next().unwrap().starts_with('.')) {
            assert!(is_whole(&out.join(name)) || name.ends_with(".lock"), "{name} is half");
        }
    }
    assert!(run(&clips).status().unwrap().success());
    assert_eq!(hidden(&out), [""; 0]);
    eprintln!("batch: {} killed, {alive} of them while at work", kills());
}

/// How old a session was, seconds: the time of the last frame in its journal.
fn journalled_s(journal: &Path) -> f64 {
    let text = String::from_utf8_lossy(&fs::read(journal).unwrap_or_default()).into_owned();
    let times = text.lines().filter_map(|line| line.split(',').nth(1)?.parse::<f64>().ok());
    times.fold(0.0, f64::max)
}

#[test]
fn a_session_killed_at_any_moment_is_recovered() {
    let folder = tempfile::tempdir().unwrap();
    let (mut rng, mut recovered, mut discarded) = (moments(3), 0, 0);
    for trial in 0..kills() {
        let out = folder.path().join(format!("session-{trial}"));
        let mut child = spasmograph()
            .args(["monitor", "--port", "0", "--record", "--json", "--input"])
            .arg(sample("healthy.mp4"))
            .arg("--out")
            .arg(&out)
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        // The session begins when its journal does.
        let journal = out.join("signals.journal.csv");
        while !journal.exists() && child.try_wait().unwrap().is_none() {
            std::thread::sleep(Duration::from_millis(5));
        }
        let wait = Duration::from_secs_f64(rng.random_range(0.0..8.0));
        assert!(kill_after(&mut child, wait), "it ended by itself");
        let age_s = journalled_s(&journal);
        let again = spasmograph().args(["monitor", "--recover"]).arg(&out).output().unwrap();
        let lines = complaints(&again);
        match again.status.code() {
            Some(3) => {
                recovered += 1;
                let text = fs::read_to_string(out.join("analysis.json")).unwrap();
                let analysis: Value = serde_json::from_str(&text).unwrap();
                let kept = analysis["source"]["duration_s"].as_f64().unwrap();
                assert!(kept > age_s - 0.1, "{kept} s of {age_s} s are kept");
                for name in ["signals.csv", "events.csv", "report.html"] {
                    assert!(is_whole(&out.join(name)), "{name}");
                }
            }
            code => {
                discarded += 1;
                assert!(age_s < 1.0, "{code:?} of {age_s} s: {lines:?}");
                assert!(
                    lines.len() == 1 && lines[0].contains("nothing could be kept"),
                    "{lines:?}"
                );
            }
        }
        assert_eq!(hidden(&out), [""; 0]);
    }
    eprintln!("monitor: {} killed, {recovered} recovered, {discarded} discarded", kills());
}

#[test]
fn an_interrupt_leaves_the_older_results_and_keeps_the_part_beside_them() {
    let folder = tempfile::tempdir().unwrap();
    let out = folder.path().join("out");
    assert!(analyze(&sample("healthy.mp4"), &out, &[]).status.success());
    let older = contents(&out);
    let mut child = spasmograph()
        .args(["analyze", "--overlay", "none", "--out"])
        .arg(&out)
        .arg(sample("healthy.mp4"))
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    // It measures as soon as it has its folder, and a minute of recording for long.
    while !is_in_use(&out) && child.try_wait().unwrap().is_none() {
        std::thread::sleep(Duration::from_millis(10));
    }
    std::thread::sleep(Duration::from_secs(1));
    let interrupt = format!("kill -INT {}", child.id());
    let sent = std::process::Command::new("sh").args(["-c", &interrupt]).status();
    if !sent.is_ok_and(|sent| sent.success()) {
        unable!("no kill to interrupt with");
    }
    let status = child.wait().unwrap();
    assert_eq!(contents(&out), older);
    assert_eq!(status.code(), Some(3));
    let part = fs::read_to_string(folder.path().join("out-2/analysis.json")).unwrap();
    assert!(part.contains("\"interrupted\""));
}
