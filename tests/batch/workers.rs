//! Workers that crash, refuse, or are stopped: shell scripts stand for them.
#![cfg(unix)]

use std::fs;
use std::path::Path;
use std::process::Command;
use std::sync::atomic::{AtomicBool, Ordering};

use spasmograph::batch::{
    BatchError, Clip, Entry, Happened, Output, Place, Plan, Ran, Shard, State, run,
};

const DONE: &str = r#"{"failed":{"reason":"was here","lasting":true}}"#;

/// A plan of clips with different contents.
fn plan(folder: &Path, count: u64) -> Plan {
    let clip = |number: u64| {
        let path = folder.join(format!("{number}.mp4"));
        fs::write(&path, number.to_string()).unwrap();
        Clip::new(number, path)
    };
    Plan {
        part: Shard::WHOLE.part((1..=count).map(clip).collect()),
        keep: vec![Output::Analysis],
        jobs: 1,
        resume: true,
        max_pixels: u64::MAX,
    }
}

/// Runs a plan with a script as worker; `$TASKS` is a file that it may count its tasks in.
fn run_script(
    plan: &Plan,
    folder: &Path,
    script: &str,
    stop: &AtomicBool,
    hear: &mut dyn FnMut(Happened<'_>),
) -> (Result<Ran, BatchError>, Place) {
    let place = Place::new(&folder.join("out"));
    let tasks = folder.join("tasks");
    fs::write(&tasks, "").unwrap();
    let worker = || {
        let mut command = Command::new("sh");
        command.args(["-c", script]).env("TASKS", &tasks);
        command
    };
    (run(plan, &place, &worker, stop, hear), place)
}

fn reasons(clips: &[Entry]) -> Vec<(&str, bool)> {
    let reason = |clip: &'_ Entry| match &clip.state {
        State::Failed(failure) => Some(failure.lasting),
        _ => None,
    };
    clips
        .iter()
        .map(|clip| match &clip.state {
            State::Failed(failure) => (failure.reason.as_str(), reason(clip).unwrap()),
            other => panic!("{other:?}"),
        })
        .collect()
}

#[test]
fn a_worker_that_crashes_takes_one_clip_along_and_is_replaced() {
    let folder = tempfile::tempdir().unwrap();
    let plan = plan(folder.path(), 4);
    let script = format!(
        "echo '\"ready\"'
         while read -r task; do
           echo >>$TASKS
           if [ $(wc -l <$TASKS) = 2 ]; then echo 'last words' >&2; sleep 0.2; kill -SEGV $$; fi
           echo '{DONE}'
         done"
    );
    let never = AtomicBool::new(false);
    let mut settled = 0;
    let (ran, place) = run_script(&plan, folder.path(), &script, &never, &mut |_| settled += 1);
    assert!(!ran.unwrap().interrupted);
    assert_eq!(settled, 4);
    let clips = place.clips().unwrap();
    let told = reasons(&clips);
    assert_eq!([told[0], told[2], told[3]], [("was here", true); 3]);
    let (crash, lasting) = told[1];
    assert!(crash.contains("crashed") && crash.contains("SIGSEGV"), "{crash}");
    assert!(crash.contains("last words") && !lasting, "{crash}");

    // What lay in the clips is not tried again; what lay in the circumstances is.
    let script =
        format!("echo '\"ready\"'; while read -r task; do echo >>$TASKS; echo '{DONE}'; done");
    let (_, place) = run_script(&plan, folder.path(), &script, &never, &mut |_| ());
    assert_eq!(reasons(&place.clips().unwrap()), [("was here", true); 4]);
    assert_eq!(fs::read_to_string(folder.path().join("tasks")).unwrap().lines().count(), 1);
}

#[test]
fn workers_that_cannot_work_end_the_batch_with_their_reason() {
    let folder = tempfile::tempdir().unwrap();
    let plan = Plan { jobs: 3, ..plan(folder.path(), 9) };
    let never = AtomicBool::new(false);
    for (script, expected) in [
        (r#"echo '{"refused":"no models"}'"#, "no models"),
        ("exit 5", "no worker can start: the analysis crashed (exit status: 5)"),
    ] {
        let (ran, place) = run_script(&plan, folder.path(), script, &never, &mut |_| ());
        let error = ran.unwrap_err().to_string();
        assert!(error.starts_with(expected), "{error}");
        assert!(matches!(place.clips(), Err(BatchError::Unfinished { .. })));
    }
}

#[test]
fn an_interrupt_ends_the_workers_and_leaves_the_rest_for_another_run() {
    let folder = tempfile::tempdir().unwrap();
    let plan = plan(folder.path(), 3);
    let script = format!(
        "echo '\"ready\"'
         while read -r task; do
           echo >>$TASKS
           if [ $(wc -l <$TASKS) = 2 ]; then sleep 600; fi
           echo '{DONE}'
         done"
    );
    let stop = AtomicBool::new(false);
    let (ran, place) = run_script(&plan, folder.path(), &script, &stop, &mut |news| {
        if matches!(news, Happened::Settled { .. }) {
            stop.store(true, Ordering::Relaxed);
        }
    });
    assert!(ran.unwrap().interrupted);
    let error = place.clips().unwrap_err().to_string();
    assert!(error.contains("--resume"), "{error}");
}

#[test]
fn copies_are_analyzed_once_and_a_clip_that_is_not_there_fails_alone() {
    let folder = tempfile::tempdir().unwrap();
    let mut plan = plan(folder.path(), 3);
    let clips = &mut plan.part.clips;
    fs::copy(&clips[0].clip, &clips[1].clip).unwrap();
    clips[2].clip = folder.path().join("gone.mp4");
    let script =
        format!("echo '\"ready\"'; while read -r task; do echo >>$TASKS; echo '{DONE}'; done");
    let never = AtomicBool::new(false);
    let (_, place) = run_script(&plan, folder.path(), &script, &never, &mut |_| ());
    let clips = place.clips().unwrap();
    let told = reasons(&clips);
    assert_eq!(told[..2], [("was here", true); 2]);
    assert_eq!(told[2], ("no such file or folder; check the path", true));
    assert_eq!(fs::read_to_string(folder.path().join("tasks")).unwrap().lines().count(), 1);
}

#[test]
fn a_full_disk_ends_the_batch_instead_of_failing_every_clip() {
    let folder = tempfile::tempdir().unwrap();
    let plan = plan(folder.path(), 4);
    let full = r#"{"unwritable":"cannot write report.html: the disk is full"}"#;
    let script = format!(
        "echo '\"ready\"'
         while read -r task; do
           echo >>$TASKS
           if [ $(wc -l <$TASKS) = 2 ]; then echo '{full}'; else echo '{DONE}'; fi
         done"
    );
    let never = AtomicBool::new(false);
    let (ran, place) = run_script(&plan, folder.path(), &script, &never, &mut |_| ());
    let error = ran.unwrap_err().to_string();
    assert!(error.contains("the disk is full; --resume goes on from here"), "{error}");
    assert!(matches!(place.clips(), Err(BatchError::Unfinished { .. })));
    assert_eq!(fs::read_to_string(folder.path().join("tasks")).unwrap().lines().count(), 2);

    let script =
        format!("echo '\"ready\"'; while read -r task; do echo >>$TASKS; echo '{DONE}'; done");
    let (ran, place) = run_script(&plan, folder.path(), &script, &never, &mut |_| ());
    assert!(!ran.unwrap().interrupted);
    assert_eq!(place.clips().unwrap().len(), 4);
    assert_eq!(fs::read_to_string(folder.path().join("tasks")).unwrap().lines().count(), 3);
}
