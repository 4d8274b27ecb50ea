//! A batch as if its clips had been analyzed: described patients, copies, failures.

use std::fs;
use std::path::{Path, PathBuf};

use spasmograph::batch::{
    Clip, Cohort, Entry, Failure, Key, List, Output, Place, Record, Setting, Shard, State, Trace,
    write as write_tables,
};
use spasmograph::pattern::Label;
use spasmograph::report::{OutputFolder, json};
use spasmograph::synth::{Motion, patient};

use crate::patient::recording;

/// Puts a batch of `count` clips into `root`: patients of every label, each on four visits; every
/// tenth clip is a copy of the one before, every twenty-fifth failed.
pub(crate) fn finished(root: &Path, count: u64) -> Place {
    let place = Place::new(root);
    let mut entries: Vec<Entry> = Vec::new();
    for number in 1..=count {
        let mut entry = Entry {
            subject: Some(format!("S{:03}", (number - 1) / 4 + 1)),
            visit: Some(((number - 1) % 4 + 1).to_string()),
            ..Entry::new(&Clip::new(number, format!("clips/<{number}> & more.mp4").into()))
        };
        if number.is_multiple_of(25) {
            entry.state = State::Failed(Failure::of_clip("no video could be decoded"));
        } else if number.is_multiple_of(10) {
            let before = entries.last().unwrap();
            (entry.key, entry.state) = (before.key.clone(), before.state.clone());
        } else {
            analyzed(&place, &mut entry);
        }
        entries.push(entry);
    }
    place.write_list(&list(Shard::WHOLE, entries)).unwrap();
    place
}

fn list(shard: Shard, clips: Vec<Entry>) -> List {
    let mut list = List::new(&shard.part(Vec::new()));
    list.clips = clips;
    list
}

/// Gives a clip the analysis of one of some dozen patients, and its truth.
fn analyzed(place: &Place, entry: &mut Entry) {
    let label = Label::WEIGHED[(entry.number % 8) as usize];
    let scenario = patient(label, entry.number % 16, 20.0);
    let key = Key::new(&entry.number.to_string(), &Setting::default());
    let folder = OutputFolder::create(&place.path().join(Place::results(&key))).unwrap();
    let (analysis, samples) = recording(&scenario, "clip.mp4");
    json::write(folder.file("analysis.json").unwrap(), &analysis).unwrap();
    fs::write(folder.path().join("report.html"), "<h1>the report</h1>").unwrap();
    let truth = folder.path().join("truth.json");
    fs::write(&truth, Motion::new(&scenario).truth(None).to_json()).unwrap();
    let kept = Output::DEFAULT.to_vec();
    let state = State::Analyzed { partial: entry.number.is_multiple_of(7) };
    let trace = Some(Trace::of(&samples));
    place.keep(&Record::new(key.clone(), kept, state.clone(), trace)).unwrap();
    (entry.key, entry.state, entry.truth) = (Some(key), state, Some(truth));
}

/// The bytes of every table and of the page.
pub(crate) fn tables(folder: &Path) -> Vec<(PathBuf, Vec<u8>)> {
    let files = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    let mut files: Vec<PathBuf> = files.filter(|path| path.is_file()).collect();
    files.sort();
    files
        .into_iter()
        .map(|path| (path.file_name().unwrap().into(), fs::read(path).unwrap()))
        .collect()
}

fn write(place: &Place, to: &Path) -> Cohort {
    let cohort = Cohort::gather(place).unwrap();
    write_tables(&cohort, &OutputFolder::create(to).unwrap()).unwrap();
    cohort
}

#[test]
fn copies_and_failures_have_rows_of_their_own_and_count_once_in_the_pool() {
    let folder = tempfile::tempdir().unwrap();
    let place = finished(folder.path(), 30);
    let cohort = write(&place, folder.path());
    assert!(!cohort.is_whole());
    assert_eq!(cohort.clips.len(), 30);
    assert_eq!(cohort.clips[9].copy_of, Some(9));
    assert_eq!(cohort.clips[9].analysis, cohort.clips[8].analysis);
    assert_eq!(cohort.mishaps().map(|own| own.entry.number).collect::<Vec<_>>(), [25]);
    assert_eq!(cohort.pooled().unwrap().recordings, 26);
    let text = fs::read_to_string(folder.path().join("failures.csv")).unwrap();
    let expected = "number,clip,subject,visit,stage,reason\n\
                    25,clips/<25> & more.mp4,S007,1,analysis,no video could be decoded\n";
    assert_eq!(text, expected);
}

#[test]
fn shards_give_the_tables_of_the_whole_byte_for_byte() {
    let folder = tempfile::tempdir().unwrap();
    let place = finished(folder.path(), 30);
    let whole = folder.path().join("whole");
    write(&place, &whole);
    let clips = place.clips().unwrap();
    for number in 1..=3 {
        let own = clips.iter().filter(|clip| clip.number % 3 == u64::from(number) - 1);
        place.write_list(&list(Shard { number, of: 3 }, own.cloned().collect())).unwrap();
    }
    let parts = folder.path().join("parts");
    write(&place, &parts);
    assert!(tables(&whole) == tables(&parts), "the tables differ");
    assert_eq!(tables(&whole).len(), 8);
}

#[test]
fn a_truth_that_cannot_be_read_is_a_mishap_of_its_clip_alone() {
    let folder = tempfile::tempdir().unwrap();
    let place = finished(folder.path(), 2);
    let mut clips = place.clips().unwrap();
    fs::write(clips[0].truth.clone().unwrap(), "{").unwrap();
    clips[1].truth = None;
    place.write_list(&list(Shard::WHOLE, clips)).unwrap();
    let cohort = write(&place, folder.path());
    let mishaps: Vec<_> = cohort.mishaps().map(|own| (own.entry.number, own.stage)).collect();
    assert_eq!(mishaps, [(1, "truth")]);
    assert_eq!(cohort.analyzed().count(), 2);
    assert!(!folder.path().join("scores.csv").exists());
}
