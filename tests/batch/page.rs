//! `index.html` in a real browser, with two thousand clips.

use spasmograph::batch::{Cohort, write};
use spasmograph::report::OutputFolder;

use crate::cohort::finished;
use crate::support::chromium::chromium;
use crate::support::python;

#[test]
fn two_thousand_clips_are_sorted_filtered_and_opened_without_delay() {
    let chromium = chromium();
    let folder = tempfile::tempdir().unwrap();
    let place = finished(folder.path(), 2000);
    let cohort = Cohort::gather(&place).unwrap();
    write(&cohort, &OutputFolder::create(folder.path()).unwrap()).unwrap();
    let found = python::run("index", &[folder.path(), &chromium]);
    println!("{found}");
    assert_eq!(found["errors"], serde_json::json!([]));
    assert_eq!(found["rows"], 2000);
    assert_eq!(found["sorted"], true);
    assert_eq!(found["reversed"], true);
    assert_eq!(found["filtered"], 80, "failed clips");
    assert_eq!(found["searched"], 4, "clips of one subject");
    assert!(found["at_once"].as_u64().unwrap() < 300, "{found}");
    assert_eq!(found["scrolled"], found["partial"], "rows that were scrolled to");
    assert_eq!(found["report"], "the report");
    assert_eq!(found["wide"], 0, "the page is wider than its window");
    // A machine busy with other tests may be slow; a page that grew too heavy is slower still.
    for (what, most) in [("open_ms", 9000.0), ("sort_ms", 5000.0), ("filter_ms", 3000.0)] {
        assert!(found[what].as_f64().unwrap() < most, "{what}: {}", found[what]);
    }
}
