//! `report.html`.

use spasmograph::pattern::Label;
use spasmograph::report::html::page;
use spasmograph::synth::{patient, preset};

use crate::example;
use crate::patient::recording;

#[test]
fn the_page_escapes_what_it_was_given_and_fetches_nothing() {
    let page = page(&example::analysis(), &example::samples(), Some("over lay.mp4"));
    assert!(page.contains("made &lt;up&gt; &amp; &quot;quoted&quot;.mp4"));
    assert!(page.contains("src=\"over%20lay.mp4\""));
    assert!(!page.contains("<up>") && !page.contains("<short>"));
    assert!(!page.contains("http:") && !page.contains("https:"));
    assert!(page.contains("not a diagnosis"));
}

#[test]
fn the_page_of_a_recording_without_a_face_says_so_instead_of_drawing() {
    let page = page(&example::without_a_face(), &[], None);
    assert!(page.contains("<h1>No usable video</h1>"));
    assert!(page.contains("there is no trace to draw"));
    assert!(!page.contains("<svg") && !page.contains("<video") && !page.contains("<canvas"));
    assert!(page.contains("no range is suggested"));
    assert!(page.contains("Anything: too little usable video to say"));
    assert!(page.contains("says nothing about the person") && !page.contains("No event was found"));
}

#[test]
fn a_page_of_ten_minutes_is_small_and_says_the_same_as_the_analysis() {
    let long = patient(Label::TypicalHfs, 3, 600.0);
    let (analysis, samples) = recording(&long, "ten-minutes.mp4");
    assert!(analysis.findings.events.len() > 50, "{} events", analysis.findings.events.len());
    let page = page(&analysis, &samples, Some("overlay.mp4"));
    assert!(page.len() < 5_000_000, "{} bytes", page.len());
    let rows = page.matches("aria-label=\"Show event ").count();
    assert_eq!(rows, analysis.findings.events.len());
}

#[test]
fn a_page_without_events_says_what_it_did_not_find_and_what_it_could_have_missed() {
    let (mut analysis, samples) = recording(&preset("healthy").unwrap(), "healthy.mp4");
    analysis.findings.events.clear();
    let page = page(&analysis, &samples, None);
    assert!(page.contains("No twitch or spasm"));
    assert!(page.contains("No event was found."));
    assert!(page.contains("None larger than this would have been missed, mFU: lids 4"));
    assert!(page.contains("<canvas") && !page.contains("<video"));
}

#[test]
fn the_face_diagram_counts_each_region_on_its_own_side_and_numbers_the_order() {
    let (analysis, samples) = recording(&preset("typical-right").unwrap(), "typical.mp4");
    let page = page(&analysis, &samples, None);
    let of = |place: &str| format!("{place} in {}", analysis.findings.events.len());
    assert!(page.contains(&of("right lids")), "{:?}", crate::patient::places(&analysis));
    assert!(!page.contains("left lids in"));
    assert!(page.contains("Order on the right, averaged over"));
    assert!(page.contains("whose order could be told: lids, then"));
}

#[test]
fn a_minute_a_recording_without_events_and_one_without_a_face_have_every_section() {
    let (minute, minute_samples) = recording(&patient(Label::BilateralHfs, 3, 60.0), "minute.mp4");
    let (mut calm, calm_samples) = recording(&patient(Label::None, 3, 60.0), "calm.mp4");
    calm.findings.events.clear();
    let pages = [
        page(&minute, &minute_samples, None),
        page(&calm, &calm_samples, None),
        page(&example::without_a_face(), &[], None),
    ];
    for page in pages {
        for section in [
            "Every moment",
            "What speaks for and against",
            "What could have been missed",
            "Recording",
            "Suggested ranges on clinical scales",
            "What video cannot assess",
            "Method",
        ] {
            assert!(page.contains(&format!("<h2>{section}</h2>")), "no {section}");
        }
        for word in ["Usable video", "Limits", "not a diagnosis", "SHA-256", "Thresholds"] {
            assert!(page.contains(word), "no {word}");
        }
        assert!(!page.contains(">NaN<") && !page.contains("None<"), "a bare value");
    }
}
