//! Files appear whole or not at all.

use std::fs;
use std::io::Write;

use spasmograph::report::{Error, OutputFolder};

fn names(folder: &std::path::Path) -> Vec<String> {
    let mut names: Vec<String> = fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().file_name().to_string_lossy().into_owned())
        .collect();
    names.sort();
    names
}

#[test]
fn a_file_has_no_name_before_it_is_finished_and_nothing_is_left_when_dropped() {
    let folder = tempfile::tempdir().unwrap();
    let out = OutputFolder::create(&folder.path().join("a/b")).unwrap();
    let mut kept = out.file("kept.txt").unwrap();
    let mut dropped = out.file("dropped.txt").unwrap();
    kept.write_all(b"whole").unwrap();
    dropped.write_all(b"half").unwrap();
    assert!(!out.path().join("kept.txt").exists());
    kept.finish().unwrap();
    drop(dropped);
    assert_eq!(names(out.path()), ["kept.txt"]);
    assert_eq!(fs::read(out.path().join("kept.txt")).unwrap(), b"whole");
}

#[test]
fn an_unfinished_file_leaves_the_older_one_untouched() {
    let folder = tempfile::tempdir().unwrap();
    let out = OutputFolder::create(folder.path()).unwrap();
    fs::write(folder.path().join("analysis.json"), "old").unwrap();
    let mut file = out.file("analysis.json").unwrap();
    file.write_all(b"new").unwrap();
    drop(file);
    assert_eq!(fs::read(folder.path().join("analysis.json")).unwrap(), b"old");
}

#[test]
fn a_pending_path_ends_like_the_final_name_and_takes_it_when_finished() {
    let folder = tempfile::tempdir().unwrap();
    let out = OutputFolder::create(folder.path()).unwrap();
    let pending = out.pending("overlay.mp4").unwrap();
    assert_eq!(pending.temporary().extension().unwrap(), "mp4");
    fs::write(pending.temporary(), b"video").unwrap();
    pending.finish().unwrap();
    drop(out.pending("other.mp4").unwrap());
    assert_eq!(names(folder.path()), ["overlay.mp4"]);
}

#[test]
fn a_file_that_stands_where_the_folder_should_be_is_named() {
    let folder = tempfile::tempdir().unwrap();
    let place = folder.path().join("taken");
    fs::write(&place, "").unwrap();
    for path in [place.clone(), place.join("below")] {
        let error = OutputFolder::create(&path).unwrap_err();
        assert!(matches!(error, Error::Folder { .. }));
        assert!(error.to_string().contains("a file stands where a folder is needed"), "{error}");
    }
}

#[cfg(target_os = "linux")]
#[test]
fn a_read_only_place_is_refused_before_the_work() {
    // /proc takes no new folders, whoever asks: the test holds for root too.
    let error = OutputFolder::create(std::path::Path::new("/proc/results")).unwrap_err();
    assert!(matches!(error, Error::Folder { .. }));
}

#[cfg(unix)]
#[test]
fn results_get_the_rights_of_any_new_file() {
    use std::os::unix::fs::PermissionsExt;
    let folder = tempfile::tempdir().unwrap();
    let out = OutputFolder::create(folder.path()).unwrap();
    out.file("result").unwrap().finish().unwrap();
    fs::write(folder.path().join("plain"), "").unwrap();
    let mode = |name| fs::metadata(folder.path().join(name)).unwrap().permissions().mode();
    assert_eq!(mode("result"), mode("plain"));
}

#[test]
fn discarding_an_old_result_is_fine_with_and_without_one() {
    let folder = tempfile::tempdir().unwrap();
    let out = OutputFolder::create(folder.path()).unwrap();
    fs::write(folder.path().join("overlay.mp4"), "").unwrap();
    out.discard("overlay.mp4").unwrap();
    out.discard("overlay.mp4").unwrap();
    assert!(names(folder.path()).is_empty());
}
