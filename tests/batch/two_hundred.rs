//! Two hundred clips, some damaged, some copies; power cuts; two jobs against one. Minutes long:
//! `cargo test --test batch -- --ignored --nocapture`.
#![cfg(unix)]

use std::ffi::OsStr;
use std::fs;
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::thread::sleep;
use std::time::{Duration, Instant};

use spasmograph::batch::{Place, State};

use crate::cohort::tables;
use crate::support::program::{ffmpeg, spasmograph};
use crate::support::recordings::cases;

const CLIPS: usize = 200;

/// The samples and the recordings of faces.
fn sources() -> Vec<PathBuf> {
    let samples = Path::new(env!("CARGO_MANIFEST_DIR")).join("samples");
    let folders = [samples, cases()];
    let entries = folders.into_iter().flat_map(|folder| fs::read_dir(folder).unwrap());
    let mut files: Vec<PathBuf> = entries.map(|entry| entry.unwrap().path()).collect();
    files.retain(|path| path.extension().is_some_and(|ending| ending == "mp4" || ending == "mov"));
    files.sort();
    files
}

/// Some seconds from somewhere in a source.
fn cut(from: &Path, to: &Path, start_s: f64, seconds: &str) {
    let start = start_s.to_string();
    let arguments: [&OsStr; 11] = [
        "-ss".as_ref(),
        start.as_ref(),
        "-i".as_ref(),
        from.as_ref(),
        "-t".as_ref(),
        seconds.as_ref(),
        "-an".as_ref(),
        "-c:v".as_ref(),
        "libx264".as_ref(),
        "-preset".as_ref(),
        "ultrafast".as_ref(),
    ];
    ffmpeg([&arguments[..], &[to.as_ref()]].concat());
}

/// Damages a clip in one of six ways; the last two still hold frames, maybe.
fn damage(path: &Path, way: usize) {
    let whole = fs::read(path).unwrap();
    let half = whole.len() / 2;
    let bytes = match way % 6 {
        0 => Vec::new(),
        1 => b"this is no video".to_vec(),
        2 => whole[..half].to_vec(),
        3 => [&vec![0; 4096.min(half)], &whole[4096.min(half)..]].concat(),
        4 => whole.iter().enumerate().map(|(i, b)| if i % 997 == 500 { !b } else { *b }).collect(),
        _ => [&whole[..half], &vec![0xAA; 3000], &whole[half..]].concat(),
    };
    fs::write(path, bytes).unwrap();
}

/// Of each ten: seven clips of their own, two copies under other names, one damaged. The last leads
/// nowhere.
fn make(folder: &Path) {
    fs::create_dir_all(folder).unwrap();
    let sources = sources();
    let at = |i: usize| folder.join(format!("clip-{i:03}.mp4"));
    symlink("nowhere.mp4", at(CLIPS - 1)).unwrap();
    for i in 0..CLIPS - 1 {
        if matches!(i % 10, 7 | 8) {
            fs::copy(at(i - 5), at(i)).unwrap();
            continue;
        }
        let start_s = 0.2 * (i / sources.len()) as f64;
        cut(&sources[i % sources.len()], &at(i), start_s, "1");
        if i % 10 == 9 {
            damage(&at(i), i / 10);
        }
    }
}

fn batch(inputs: &Path, out: &Path, more: &[&str]) -> Command {
    let mut command = spasmograph();
    command.arg("batch").arg(inputs).arg("--out").arg(out).args(more);
    command.stdout(Stdio::piped()).stderr(Stdio::piped());
    command
}

fn done(out: &Path) -> usize {
    let Ok(results) = fs::read_dir(out.join("results")) else { return 0 };
    results.flatten().filter(|entry| entry.path().join("record.json").exists()).count()
}

#[test]
#[ignore = "minutes long"]
fn two_hundred_clips_survive_power_cuts_and_a_killed_worker_and_give_the_same_tables() {
    let folder = tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR")).unwrap();
    let (inputs, out) = (folder.path().join("in"), folder.path().join("out"));
    make(&inputs);
    let began = Instant::now();
    let whole = batch(&inputs, &out, &[]).output().unwrap();
    println!("{}", String::from_utf8_lossy(&whole.stdout));
    println!("{}", String::from_utf8_lossy(&whole.stderr));
    println!("uninterrupted: {:.0} s", began.elapsed().as_secs_f64());
    assert_eq!(whole.status.code(), Some(3));
    let clips = Place::new(&out).clips().unwrap();
    assert_eq!(clips.len(), CLIPS);
    let failed: Vec<_> =
        clips.iter().filter(|clip| matches!(clip.state, State::Failed(_))).collect();
    assert!(failed.len() >= 10, "{} failed", failed.len());
    let reasons = fs::read_to_string(out.join("failures.csv")).unwrap();
    assert_eq!(reasons.lines().count(), 1 + failed.len(), "{reasons}");
    assert!(failed.iter().all(|clip| reasons.contains(&clip.clip)), "{reasons}");

    let cut_out = folder.path().join("cut");
    let until = |records: usize, running: &mut Child| {
        while done(&cut_out) < records {
            assert_eq!(running.try_wait().unwrap(), None, "it was over before it was cut");
            sleep(Duration::from_millis(20));
        }
    };
    let mut running = batch(&inputs, &cut_out, &[]).spawn().unwrap();
    until(30, &mut running);
    running.kill().unwrap();
    running.wait().unwrap();
    println!("the batch killed at {} records", done(&cut_out));

    let mut running = batch(&inputs, &cut_out, &["--resume"]).spawn().unwrap();
    until(60, &mut running);
    assert!(signal("KILL", newest_child(running.id())).success());
    println!("a worker killed at {} records", done(&cut_out));
    until(80, &mut running);
    running.kill().unwrap();
    running.wait().unwrap();
    println!("the batch killed at {} records", done(&cut_out));

    let mut running = batch(&inputs, &cut_out, &["--resume"]).spawn().unwrap();
    until(100, &mut running);
    assert!(signal("TERM", running.id()).success());
    assert_eq!(running.wait().unwrap().code(), Some(1));
    println!("the batch asked to end at {} records", done(&cut_out));

    assert!(!cut_out.join("clips.csv").exists());
    let resumed = batch(&inputs, &cut_out, &["--resume"]).output().unwrap();
    println!("{}", String::from_utf8_lossy(&resumed.stdout));
    assert_eq!(resumed.status.code(), Some(3));
    assert!(tables(&out) == tables(&cut_out), "the tables differ");
}

fn newest_child(of: u32) -> u32 {
    let found = Command::new("pgrep").args(["-n", "-P", &of.to_string()]).output().unwrap();
    String::from_utf8(found.stdout).unwrap().trim().parse().unwrap()
}

fn signal(name: &str, process: u32) -> ExitStatus {
    Command::new("kill").args(["-s", name, &process.to_string()]).status().unwrap()
}

/// Frames a second that a batch prints.
#[allow(clippy::print_stdout)]
fn speed(inputs: &Path, out: &Path, jobs: &str) -> f64 {
    let output = batch(inputs, out, &["--jobs", jobs]).output().unwrap();
    let told = String::from_utf8_lossy(&output.stdout).into_owned();
    println!("{told}");
    let before = told.split(" frames a second").next().unwrap();
    before.rsplit(' ').next().unwrap().parse().unwrap()
}

#[test]
#[ignore = "measures: needs a machine that is otherwise idle"]
fn two_jobs_on_two_cores_do_most_of_twice_the_work_of_one() {
    let folder = tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR")).unwrap();
    let inputs = folder.path().join("in");
    fs::create_dir(&inputs).unwrap();
    for (i, source) in sources().iter().enumerate() {
        cut(source, &inputs.join(format!("{i}.mp4")), 0.0, "4");
    }
    let mut ratios: Vec<f64> = Vec::new();
    for round in 0..3 {
        let one = speed(&inputs, &folder.path().join(format!("one-{round}")), "1");
        let two = speed(&inputs, &folder.path().join(format!("two-{round}")), "2");
        println!("two jobs: {:.2} times one", two / one);
        ratios.push(two / one);
    }
    ratios.sort_by(f64::total_cmp);
    assert!(ratios[1] >= 1.7, "{ratios:.2?}");
}
