//! Recordings measured once and judged from what was kept of them.

use std::path::Path;

use spasmograph::clip::{self, Outputs, Request};
use spasmograph::evaluate::{Measured, Store};
use spasmograph::pipeline::Pipeline;
use spasmograph::source::Input;
use spasmograph::thresholds::Thresholds;

use crate::support::pipeline::models;

#[test]
fn what_was_kept_of_a_recording_is_judged_as_the_recording_is() {
    let models = models();
    let thresholds = Thresholds::default();
    let mut pipeline = Pipeline::new(&models, &thresholds).unwrap();
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("samples/typical-right.mp4");
    let folder = tempfile::tempdir().unwrap();
    let outputs = Outputs { events: false, signals: false, report: false, overlay: None };
    let request = Request { outputs, ..Request::new(Input::File(path.clone())) };
    let done = clip::analyze(&mut pipeline, &request, &folder.path().join("whole")).unwrap();
    assert!(!done.analysis.findings.events.is_empty());

    let store = Store::open(&folder.path().join("kept"), &thresholds).unwrap();
    assert!(store.get(&path, false).unwrap().is_none());
    let input = Input::File(path.clone());
    let measured = Measured::of_file(&mut pipeline, &input, false).unwrap();
    store.put(&path, false, &measured).unwrap();
    let kept = store.get(&path, false).unwrap().unwrap();
    let mut judged = kept.judge(&thresholds, None);
    judged.source.sha256.clone_from(&done.analysis.source.sha256);
    assert_eq!(judged, done.analysis);

    // The mirror image is another recording, and so is the same one under other thresholds.
    assert!(store.get(&path, true).unwrap().is_none());
    let mut other = thresholds.clone();
    other.signal.face_unit_min_px += 1.0;
    let store = Store::open(&folder.path().join("kept"), &other).unwrap();
    assert!(store.get(&path, false).unwrap().is_none());
}
