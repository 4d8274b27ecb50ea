//! What stands in a review, and what follows from it.

use std::path::Path;

use spasmograph::anatomy::{Region, Side};
use spasmograph::event::{EventKind, Laterality};
use spasmograph::report::csv::write_signals;
use spasmograph::report::{Analysis, OutputFolder, Truth, json};
use spasmograph::review::{self, Change, ItemId, Part, Review, ReviewError, Status, file};
use spasmograph::signal::Sample;
use spasmograph::synth::preset;
use spasmograph::thresholds::Thresholds;
use spasmograph::validate::{compare, validate};

use crate::patient;

/// A recording whose summary, spread and pattern follow from its blinks and events.
pub(crate) fn recording() -> (Analysis, Vec<Sample>) {
    let scenario = preset("typical-right").unwrap();
    let (mut analysis, samples) = patient::recording(&scenario, "typical-right.mp4");
    analysis.recount(&Thresholds::default());
    for (number, event) in (1..).zip(&mut analysis.findings.events) {
        event.id = number;
    }
    (analysis, samples)
}

/// A folder of results as `analyze` leaves them.
pub(crate) fn results(root: &Path, analysis: &Analysis, samples: &[Sample]) -> std::path::PathBuf {
    let folder = OutputFolder::create(&root.join("typical-right.spasmograph")).unwrap();
    json::write(folder.file("analysis.json").unwrap(), analysis).unwrap();
    write_signals(folder.file("signals.csv").unwrap(), samples).unwrap();
    folder.path().to_owned()
}

fn now() -> String {
    "2026-01-02T03:04:05.678Z".to_owned()
}

fn step(review: &mut Review, change: Change) {
    review.step(change, now()).unwrap();
}

#[test]
fn rejecting_moving_and_adding_change_what_is_counted_and_undoing_takes_it_back() {
    let (analysis, samples) = recording();
    let thresholds = Thresholds::default();
    let frame_s = analysis.frame_s();
    let events = analysis.findings.events.len();
    assert!(events > 4, "{events} events");
    let mut review = Review::begin(&analysis, "Dr. A", false, now());
    let untouched = review.apply(&analysis, &samples, &thresholds).unwrap();
    assert_eq!(untouched.findings.events, analysis.findings.events);
    assert_eq!(untouched.findings.summary, analysis.findings.summary);
    assert_eq!(untouched.findings.spread, analysis.findings.spread);
    assert_eq!(untouched.pattern, analysis.pattern);

    let third = ItemId::Event(analysis.findings.events[2].id);
    step(&mut review, Change::Reject { item: third });
    let moved = &analysis.findings.events[3];
    let place = &moved.contractions[0];
    let (part, start_s) =
        (Part { region: place.region, side: place.side }, place.onset_s + 2.0 * frame_s);
    let item = ItemId::Event(moved.id);
    step(&mut review, Change::Move { item, part: Some(part), start_s: Some(start_s), end_s: None });
    let cheek = Part { region: Region::Cheek, side: Some(Side::Left) };
    let (from_s, to_s) = (0.5, 0.9);
    let kind = EventKind::Twitch;
    step(&mut review, Change::AddEvent { kind, part: cheek, start_s: from_s, end_s: to_s });
    let reviewed = review.apply(&analysis, &samples, &thresholds).unwrap();
    assert_eq!(reviewed.findings.events.len(), events);
    let tally = reviewed.reviewed.clone().unwrap();
    assert_eq!((tally.changed, tally.added, tally.rejected), (1, 1, 1));
    assert_eq!(tally.unjudged as usize, events - 2 + analysis.findings.blinks.len());
    let added = &reviewed.findings.events[0];
    assert_eq!((added.id, added.side, added.kind), (1, Laterality::Left, EventKind::Twitch));
    assert!(added.contractions[0].snr > 0.0, "its size is read from the signals");
    let rate = |a: &Analysis| a.findings.summary.event_rate_per_min;
    assert!(rate(&analysis).left < 1e-9 && rate(&reviewed).left > 0.0);
    assert!(rate(&reviewed).right < rate(&analysis).right);
    let own = reviewed.findings.events.iter().flat_map(|event| &event.contractions);
    let onset = own.filter(|c| (c.region, c.side) == (part.region, part.side));
    assert!(onset.into_iter().any(|c| (c.onset_s - start_s).abs() < 1e-9
        && (c.onset_ci_s[1] - c.onset_ci_s[0] - 2.0 * frame_s).abs() < 1e-9));

    for _ in 0..3 {
        step(&mut review, Change::Undo);
    }
    assert!(review.step(Change::Undo, now()).is_err(), "there is nothing left to undo");
    let back = review.apply(&analysis, &samples, &thresholds).unwrap();
    assert_eq!(back.findings.summary, analysis.findings.summary);
    step(&mut review, Change::Redo);
    assert_eq!(review.items().iter().filter(|i| i.status == Status::Rejected).count(), 1);
    assert_eq!(review.steps.len(), 7, "every step is kept, undoing too");
}

#[test]
fn what_cannot_be_is_refused_and_changes_nothing() {
    let (analysis, _) = recording();
    let mut review = Review::begin(&analysis, "A", false, now());
    let item = ItemId::Event(1);
    let cheek = Part { region: Region::Cheek, side: Some(Side::Left) };
    let midline = Part { region: Region::Cheek, side: None };
    let kind = EventKind::Spasm;
    let wrong = [
        Change::Accept { item: ItemId::Event(999) },
        Change::Kind { item: ItemId::Blink(1), kind },
        Change::Move { item, part: None, start_s: Some(f64::NAN), end_s: None },
        Change::Move { item, part: None, start_s: Some(9e9), end_s: None },
        Change::Move { item, part: None, start_s: Some(2.0), end_s: Some(1.0) },
        Change::AddEvent { kind, part: cheek, start_s: 2.0, end_s: 2.0 },
        Change::AddEvent { kind, part: midline, start_s: 1.0, end_s: 2.0 },
        Change::Redo,
        Change::Remark { item: None, text: "x".repeat(review::REMARK_CHARS + 1) },
    ];
    let before = review.clone();
    for change in wrong {
        let error = review.step(change.clone(), now()).unwrap_err();
        assert!(matches!(error, ReviewError::Change(_)), "{change:?}: {error}");
        assert_eq!(review, before, "{change:?}");
    }
}

#[test]
fn a_review_is_a_truth_in_which_what_nobody_judged_counts_for_nothing() {
    let (analysis, samples) = recording();
    let folder = tempfile::tempdir().unwrap();
    let results = results(folder.path(), &analysis, &samples);
    let mut review = Review::begin(&analysis, "A", false, now());
    step(&mut review, Change::Reject { item: ItemId::Event(1) });
    let path = file::beside(&results.join("analysis.json"));
    assert_eq!(path, folder.path().join("typical-right.review.json"));
    review.write(&path).unwrap();
    let truth = Truth::read(&path).unwrap();
    let score = compare(&truth, &analysis).events.unwrap();
    assert_eq!((score.overlap.found, score.overlap.missed), (0, 0));
    assert_eq!(score.overlap.false_alarms, 1, "the rejected one is a false alarm");

    step(&mut review, Change::Finish);
    review.write(&path).unwrap();
    let validation = validate(std::slice::from_ref(&path), std::slice::from_ref(&results)).unwrap();
    let score = validation.pooled.events.unwrap();
    let events = analysis.findings.events.iter().filter(|event| event.kind.is_involuntary());
    assert_eq!(score.overlap.found as usize, events.count() - 1);
    assert_eq!(score.overlap.false_alarms, 1);

    let reviewed = file::reviewed(&results.join("analysis.json"), None, &Thresholds::default());
    assert_eq!(reviewed.unwrap().findings.events.len(), analysis.findings.events.len() - 1);
}

#[test]
fn a_review_comes_back_from_its_file_and_foreign_ones_are_refused() {
    let (analysis, samples) = recording();
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.review.json");
    let mut review = Review::begin(&analysis, "A", false, now());
    step(&mut review, Change::Reject { item: ItemId::Event(2) });
    step(&mut review, Change::Remark { item: None, text: "seen \"twice\"\nslowly".to_owned() });
    review.write(&path).unwrap();
    assert_eq!(Review::read(&path).unwrap(), review);

    let text = std::fs::read_to_string(&path).unwrap();
    let edited = |from: &str, to: &str| {
        assert!(text.contains(from), "{from}");
        std::fs::write(&path, text.replacen(from, to, 1)).unwrap();
        Review::read(&path)
    };
    let version = format!("\"version\": \"{}\"", env!("CARGO_PKG_VERSION"));
    let newer = edited(&version, "\"version\": \"99.0.0\"").unwrap_err();
    assert!(matches!(newer, ReviewError::Newer { .. }), "{newer}");
    let newer = edited("spasmograph.review/1", "spasmograph.review/2").unwrap_err();
    assert!(matches!(newer, ReviewError::Newer { .. }), "{newer}");
    assert!(edited("\"item\": \"e2\"", "\"item\": \"e999\"").is_err(), "a step of nothing");
    // What stands follows from the steps, whatever the file says.
    let meddled = edited("\"finished\": false", "\"finished\": true").unwrap();
    assert!(!meddled.finished);

    let mut other = analysis.clone();
    other.source.sha256 = Some("f".repeat(64));
    let mut own = analysis.clone();
    own.source.sha256 = Some("0".repeat(64));
    let review = Review::begin(&own, "A", false, now());
    let error = review.apply(&other, &samples, &Thresholds::default()).unwrap_err();
    assert!(matches!(error, ReviewError::OtherRecording { .. }), "{error}");
}

#[test]
fn a_blind_reader_sees_nothing_of_the_program_s_and_nothing_of_it_stands() {
    let (analysis, samples) = recording();
    let mut review = Review::begin(&analysis, "B", true, now());
    assert!(review.items().is_empty());
    let part = Part { region: Region::Cheek, side: Some(Side::Right) };
    let kind = EventKind::Twitch;
    step(&mut review, Change::AddEvent { kind, part, start_s: 3.0, end_s: 3.5 });
    let reviewed = review.apply(&analysis, &samples, &Thresholds::default()).unwrap();
    assert_eq!((reviewed.findings.events.len(), reviewed.findings.blinks.len()), (1, 0));
    assert_eq!(reviewed.findings.summary.usable_s, analysis.findings.summary.usable_s);
    assert!(reviewed.reviewed.unwrap().blind);
}

#[test]
fn the_side_turns_with_what_took_part() {
    let (analysis, _) = recording();
    let mut review = Review::begin(&analysis, "A", false, now());
    let first = &analysis.findings.events[0];
    let item = ItemId::Event(first.id);
    assert_eq!(first.side, Laterality::Right);
    step(&mut review, Change::Side { item, side: Laterality::Left });
    let items = review.items();
    let own = items.iter().find(|own| own.id == item).unwrap();
    let review::What::Event(event) = &own.what else { panic!("no event") };
    assert_eq!(event.side, Laterality::Left);
    assert!(event.contractions.iter().all(|c| c.side != Some(Side::Right)));
    assert_eq!(own.status, Status::Changed);
    step(&mut review, Change::Reset { item });
    let items = review.items();
    let own = items.iter().find(|own| own.id == item).unwrap();
    assert_eq!(
        (own.status, own.what.clone()),
        (Status::Unjudged, review::What::Event(first.clone()))
    );
}
