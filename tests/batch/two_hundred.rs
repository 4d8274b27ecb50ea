//! Two hundred clips, some damaged, some copies; the power cut; two jobs against one. Minutes long:
//! `cargo test --test batch -- --ignored --nocapture`.

use std::ffi::OsStr;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::thread::sleep;
use std::time::{Duration, Instant};

use spasmograph::batch::{Place, State};

use crate::cohort::tables;
use crate::common::{cases, ffmpeg, spasmograph};

const CLIPS: usize = 200;

/// The samples, and the recordings of faces where they are there.
fn sources() -> Vec<PathBuf> {
    let samples = Path::new(env!("CARGO_MANIFEST_DIR")).join("samples");
    let folders = [Some(samples), cases()];
    let entries = folders.into_iter().flatten().flat_map(|folder| fs::read_dir(folder).unwrap());
    let mut files: Vec<PathBuf> = entries.map(|entry| entry.unwrap().path()).collect();
    files.retain(|path| path.extension().is_some_and(|ending| ending == "mp4" || ending == "mov"));
    files.sort();
    files
}

/// Two seconds from somewhere in a source.
fn cut(from: &Path, to: &Path, start_s: f64) -> bool {
    let start = start_s.to_string();
    let arguments: [&OsStr; 11] = [
        "-ss".as_ref(),
        start.as_ref(),
        "-i".as_ref(),
        from.as_ref(),
        "-t".as_ref(),
        "2".as_ref(),
        "-an".as_ref(),
        "-c:v".as_ref(),
        "libx264".as_ref(),
        "-preset".as_ref(),
        "ultrafast".as_ref(),
    ];
    ffmpeg(&[&arguments[..], &[to.as_ref()]].concat())
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

/// Of each ten: seven clips of their own, two copies under other names, one damaged.
fn make(folder: &Path) -> bool {
    fs::create_dir_all(folder).unwrap();
    let sources = sources();
    let at = |i: usize| folder.join(format!("clip-{i:03}.mp4"));
    for i in 0..CLIPS {
        if matches!(i % 10, 7 | 8) {
            fs::copy(at(i - 5), at(i)).unwrap();
            continue;
        }
        let start_s = 0.2 * (i / sources.len()) as f64;
        if !cut(&sources[i % sources.len()], &at(i), start_s) {
            return false;
        }
        if i % 10 == 9 {
            damage(&at(i), i / 10);
        }
    }
    true
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
fn two_hundred_clips_survive_a_power_cut_and_give_the_same_tables() {
    let folder = tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR")).unwrap();
    let (inputs, out) = (folder.path().join("in"), folder.path().join("out"));
    if !make(&inputs) {
        return;
    }
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
    assert!(failed.iter().all(|clip| reasons.contains(&clip.clip)), "{reasons}");

    let cut_out = folder.path().join("cut");
    let mut running = batch(&inputs, &cut_out, &[]).spawn().unwrap();
    while done(&cut_out) < 60 && running.try_wait().unwrap().is_none() {
        sleep(Duration::from_millis(50));
    }
    running.kill().unwrap();
    running.wait().unwrap();
    let before = done(&cut_out);
    assert!(before < done(&out), "it was over before it was cut");
    assert!(!cut_out.join("clips.csv").exists());
    let resumed = batch(&inputs, &cut_out, &["--resume"]).output().unwrap();
    println!("cut after {before} records; then\n{}", String::from_utf8_lossy(&resumed.stdout));
    assert_eq!(resumed.status.code(), Some(3));
    assert!(tables(&out) == tables(&cut_out), "the tables differ");
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
        fs::copy(source, inputs.join(format!("{i}.mp4"))).unwrap();
    }
    let mut best = 0.0_f64;
    for round in 0..3 {
        let one = speed(&inputs, &folder.path().join(format!("one-{round}")), "1");
        let two = speed(&inputs, &folder.path().join(format!("two-{round}")), "2");
        println!("two jobs: {:.2} times one", two / one);
        best = best.max(two / one);
    }
    assert!(best >= 1.7, "{best:.2}");
}
