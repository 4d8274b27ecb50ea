//! `report.html` in a real browser.

use spasmograph::face::{FaceObservation, GapReason};
use spasmograph::pattern::Label;
use spasmograph::report::OutputFolder;
use spasmograph::report::html::write;
use spasmograph::report::overlay::{self, Ground, Spool};
use spasmograph::synth::{patient as described, preset};

use crate::support::chromium::chromium;
use crate::support::python;
use crate::{example, patient};

#[test]
fn the_page_works_in_a_browser() {
    let chromium = chromium();
    let folder = tempfile::tempdir().unwrap();
    let out = OutputFolder::create(folder.path()).unwrap();
    let (analysis, samples) = patient::recording(&preset("typical-right").unwrap(), "typical");
    let mut spool = Spool::create_in(folder.path()).unwrap();
    for sample in &samples {
        let nobody = FaceObservation {
            index: sample.index,
            time_s: sample.time_s,
            after_loss: false,
            face: Err(GapReason::NoFace),
            other_faces: false,
        };
        spool.push(&nobody).unwrap();
    }
    let mut spool = spool.into_reader().unwrap();
    let overlay = out.pending("overlay.mp4").unwrap();
    overlay::write(overlay, &analysis, &samples, &mut spool, Ground::Plain, |_| true).unwrap();
    let page = |name: &str| out.file(name).unwrap();
    write(page("with-video.html"), &analysis, &samples, Some("overlay.mp4")).unwrap();
    write(page("without-video.html"), &analysis, &samples, Some("nowhere.mp4")).unwrap();
    let long = described(Label::TypicalHfs, 3, 600.0);
    let (long, long_samples) = patient::recording(&long, "ten-minutes");
    write(page("long.html"), &long, &long_samples, None).unwrap();
    write(page("empty.html"), &example::without_a_face(), &[], None).unwrap();

    let arguments = [folder.path(), &chromium];
    let found = python::run("page", &arguments);
    for key in ["light errors", "dark errors", "errors", "light nameless", "dark nameless"] {
        assert_eq!(found[key], serde_json::json!([]), "{key}");
    }
    for scheme in ["light", "dark"] {
        let contrast = &found[format!("{scheme} contrast")];
        println!("{scheme}: least contrast {contrast}");
        assert!(contrast[0].as_f64().unwrap() >= 4.5, "{scheme}: {contrast}");
    }
    let frame_s = 1.0 / 30.0;
    let start_s = analysis.findings.events[2].start_s;
    let sought_s = found["seek"].as_f64().unwrap();
    assert!((sought_s - start_s).abs() <= frame_s, "{sought_s} for an event at {start_s}");
    assert_eq!(found["beside"], true, "video and traces are not in view together");
    let end_s = analysis.findings.events[2].end_s;
    let stopped_s = found["plays"].as_f64().unwrap();
    assert!((end_s..end_s + 1.5).contains(&stopped_s), "{stopped_s} for an end at {end_s}");
    let (raster_s, second_s) =
        (found["raster"].as_f64().unwrap(), analysis.findings.events[1].start_s);
    assert!((raster_s - second_s).abs() <= frame_s, "{raster_s} for an event at {second_s}");
    assert_eq!(found["reflow"], serde_json::json!([0, 0]), "the page is too wide");
    assert_eq!(found["keys"][0], serde_json::json!([1, 2, 3, 2, 32]));
    let shown_s = found["keys"][1].as_f64().unwrap();
    assert!((shown_s - 31.0 * frame_s).abs() <= frame_s, "{shown_s}");
    assert_eq!(found["zoom"][0], serde_json::json!([false, true, true, false, true]));
    assert!(found["zoom"][1].as_u64().unwrap() >= 3, "zooming does not change the traces");
    assert_eq!(found["print"][1], 0, "the print is wider than A4");
    assert!((2..=8).contains(&found["print"][0].as_u64().unwrap()), "{} pages", found["print"][0]);
    assert!(found["without"][0].as_str().unwrap().contains("Event 3"), "{}", found["without"]);
    assert_eq!(found["without"][1], serde_json::json!([]));
    // A machine busy with other tests may be slow; a page that grew too heavy is slower still.
    let (opened_s, frame_ms) = (&found["long"][0], &found["long"][1]);
    println!("ten minutes: opened in {opened_s} s, frames within {frame_ms} ms in scrolling");
    assert!(opened_s.as_f64().unwrap() < 6.0 && frame_ms.as_f64().unwrap() < 250.0);
    assert_eq!(found["empty"], serde_json::json!([0, "No usable video", []]));
}
