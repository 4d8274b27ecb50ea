//! The library's way from a recording to a folder of results.

use std::path::Path;

use spasmograph::clip::{self, ClipError, Outputs, Request};
use spasmograph::pipeline::{Options, Pipeline};
use spasmograph::source::Input;
use spasmograph::thresholds::Thresholds;

use crate::support::pipeline::models;

fn request(sample: &str) -> Request {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("samples").join(sample);
    Request {
        options: Options { end_s: Some(3.0), ..Options::default() },
        outputs: Outputs { events: false, signals: true, report: false, overlay: None },
        ..Request::new(Input::File(path))
    }
}

#[test]
fn a_pipeline_remembers_nothing_of_the_recording_before() {
    let models = models();
    let mut pipeline = Pipeline::new(&models, &Thresholds::default()).unwrap();
    let folder = tempfile::tempdir().unwrap();
    let mut analyze = |name: &str, sample: &str| {
        let place = folder.path().join(name);
        let done = clip::analyze(&mut pipeline, &request(sample), &place).unwrap();
        (done.analysis, std::fs::read(place.join("signals.csv")).unwrap())
    };
    let first = analyze("first", "typical-right.mp4");
    let other = analyze("other", "meige.mp4");
    let again = analyze("again", "typical-right.mp4");
    assert_eq!(first, again);
    assert_ne!(first.1, other.1);
}

#[test]
fn a_pipeline_goes_on_after_a_recording_that_cannot_be_read() {
    let models = models();
    let mut pipeline = Pipeline::new(&models, &Thresholds::default()).unwrap();
    let folder = tempfile::tempdir().unwrap();
    let text = folder.path().join("text.mp4");
    std::fs::write(&text, "no video").unwrap();
    let place = folder.path().join("results");
    let refused = clip::analyze(&mut pipeline, &Request::new(Input::File(text)), &place);
    assert!(matches!(refused, Err(ClipError::Pipeline(_))));
    assert!(!place.exists());
    let done = clip::analyze(&mut pipeline, &request("healthy.mp4"), &place).unwrap();
    assert!(!done.partial);
    let mut files: Vec<_> =
        std::fs::read_dir(&place).unwrap().map(|entry| entry.unwrap().file_name()).collect();
    files.sort();
    assert_eq!(files, ["analysis.json", "signals.csv", "spasmograph.json"]);
}
