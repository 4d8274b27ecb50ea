//! Agreement with the truth, on cases small enough to work out by hand.

use std::path::{Path, PathBuf};

use crate::support::recordings::cases;
use spasmograph::anatomy::{PerSide, Region, Side};
use spasmograph::event::{Blink, Contraction, Event, EventKind, Findings, Laterality};
use spasmograph::pattern::Label;
use spasmograph::report::{Truth, TruthBlink, TruthContraction, TruthEvent};
use spasmograph::validate::{Matched, Order, Score, Share, compare_findings, read_labels};

const FRAME_S: f64 = 0.1;

fn blink(start_s: f64, end_s: f64) -> Blink {
    Blink {
        start_s,
        peak_s: 0.5 * (start_s + end_s),
        end_s,
        side: Laterality::Both,
        depth: 1.0,
        complete: true,
        asymmetry: 0.0,
        lag_s: None,
        lids: PerSide::default(),
    }
}

fn true_blink(start_s: f64, end_s: f64) -> TruthBlink {
    TruthBlink { start_s, end_s, side: Some(Laterality::Both), ..TruthBlink::default() }
}

fn event(kind: EventKind, side: Laterality, start_s: f64, end_s: f64) -> Event {
    Event {
        id: 1,
        kind,
        side,
        start_s,
        peak_s: start_s,
        end_s,
        contractions: vec![],
        spread: vec![],
        other_babinski: false,
        reason: String::new(),
        lags: vec![],
        task: None,
    }
}

fn true_event(side: Laterality, start_s: f64, end_s: f64) -> TruthEvent {
    serde_json::from_value(serde_json::json!({ "side": side, "start_s": start_s, "end_s": end_s }))
        .unwrap()
}

fn contraction(region: Region, onset_s: f64) -> Contraction {
    Contraction {
        region,
        side: Some(Side::Left),
        onset_s,
        onset_ci_s: [onset_s - 0.05, onset_s + 0.05],
        peak_s: onset_s,
        end_s: onset_s + 1.0,
        amplitude_mfu: 10.0,
        snr: 10.0,
        rate_hz: None,
        synkinetic: false,
    }
}

fn true_contraction(region: Region, onset_s: Option<f64>) -> TruthContraction {
    let mut value = serde_json::json!({ "region": region, "side": "left" });
    if let Some(onset_s) = onset_s {
        value["onset_s"] = onset_s.into();
    }
    serde_json::from_value(value).unwrap()
}

fn score(truth: &Truth, findings: &Findings) -> Score {
    compare_findings(truth, findings, None, FRAME_S)
}

fn matched(found: u32, missed: u32, false_alarms: u32) -> Matched {
    Matched { found, false_alarms, missed }
}

#[test]
fn blinks_match_by_overlap_and_apart_by_onset() {
    let truth = Truth {
        blinks: Some(vec![true_blink(1.0, 1.4), true_blink(3.0, 3.4), true_blink(5.0, 5.4)]),
        ..Truth::default()
    };
    let findings = Findings {
        // Overlap 0.3 of 0.5 at +1 frame; 0.2 of 0.6 at +2 frames; nothing near.
        blinks: vec![blink(1.1, 1.5), blink(3.2, 3.6), blink(8.0, 8.4)],
        ..Findings::default()
    };
    let tally = score(&truth, &findings).blinks.unwrap();
    assert_eq!(tally.overlap, matched(1, 2, 2));
    assert_eq!(tally.onset_1_frame, matched(1, 2, 2));
    assert_eq!(tally.onset_2_frames, matched(2, 1, 1));
    assert_eq!(tally.side, Share { count: 1, of: 1 });
    assert!((tally.start_error_frames[0] - 1.0).abs() < 1e-9);
    assert!((tally.end_error_frames[0] - 1.0).abs() < 1e-9);
    assert!((tally.overlap.f1().unwrap().value - 2.0 / 6.0).abs() < 1e-12);
    assert!((tally.onset_2_frames.f1().unwrap().value - 4.0 / 6.0).abs() < 1e-12);
}

#[test]
fn uncertain_entries_count_neither_for_nor_against() {
    let uncertain = |start_s, end_s| TruthBlink { uncertain: true, ..true_blink(start_s, end_s) };
    let truth = Truth {
        blinks: Some(vec![true_blink(1.0, 1.4), uncertain(3.0, 5.0), uncertain(7.0, 7.3)]),
        events: Some(vec![]),
        ..Truth::default()
    };
    let findings = Findings {
        // The second lies on an uncertain stretch; so does the closure.
        blinks: vec![blink(1.0, 1.4), blink(3.1, 3.4)],
        events: vec![event(EventKind::Closure, Laterality::Both, 3.5, 5.0)],
        ..Findings::default()
    };
    let score = score(&truth, &findings);
    let (blinks, events) = (score.blinks.unwrap(), score.events.unwrap());
    assert_eq!(blinks.overlap, matched(1, 0, 0));
    assert_eq!(blinks.ignored, 1);
    assert_eq!(events.overlap, matched(0, 0, 0));
    assert_eq!(events.ignored, 1);
}

#[test]
fn a_long_blink_may_be_found_as_a_closure_and_a_short_one_may_not() {
    let truth = |start_s, end_s, rated_events: bool| Truth {
        blinks: Some(vec![true_blink(start_s, end_s)]),
        events: rated_events.then(Vec::new),
        ..Truth::default()
    };
    let closure = Findings {
        events: vec![event(EventKind::Closure, Laterality::Both, 1.0, 1.45)],
        ..Findings::default()
    };
    let long = score(&truth(1.0, 1.6, true), &closure);
    assert_eq!(long.blinks.unwrap().overlap, matched(1, 0, 0));
    assert_eq!(long.events.unwrap().overlap, matched(0, 0, 0));
    let short = score(&truth(1.0, 1.4, true), &closure);
    assert_eq!(short.blinks.unwrap().overlap, matched(0, 1, 0));
    assert_eq!(short.events.unwrap().overlap, matched(0, 0, 1));
    let nowhere_else_to_count = score(&truth(1.0, 1.4, false), &closure);
    assert_eq!(nowhere_else_to_count.blinks.unwrap().overlap, matched(0, 1, 1));
    assert!(nowhere_else_to_count.events.is_none());
}

#[test]
fn what_was_not_rated_is_not_scored() {
    let findings = Findings {
        blinks: vec![blink(1.0, 1.3)],
        events: vec![event(EventKind::Twitch, Laterality::Left, 2.0, 2.3)],
        ..Findings::default()
    };
    let score = score(&Truth::default(), &findings);
    assert!(score.blinks.is_none() && score.events.is_none());
}

#[test]
fn an_empty_truth_makes_every_finding_false() {
    let truth = Truth { blinks: Some(vec![]), events: Some(vec![]), ..Truth::default() };
    let findings = Findings {
        blinks: vec![blink(1.0, 1.3)],
        events: vec![
            event(EventKind::Twitch, Laterality::Left, 2.0, 2.3),
            event(EventKind::Expression, Laterality::Both, 3.0, 4.0),
            event(EventKind::Uncertain, Laterality::Both, 5.0, 6.0),
        ],
        ..Findings::default()
    };
    let score = score(&truth, &findings);
    assert_eq!(score.blinks.as_ref().unwrap().overlap, matched(0, 0, 1));
    let events = score.events.unwrap();
    assert_eq!(events.overlap, matched(0, 0, 1), "expressions and uncertain events claim nothing");
    assert_eq!(events.overlap.f1().unwrap().value, 0.0);
    assert!(events.overlap.recall().is_none());
}

#[test]
fn an_empty_analysis_misses_everything() {
    let truth = Truth {
        blinks: Some(vec![true_blink(1.0, 1.3)]),
        events: Some(vec![true_event(Laterality::Left, 2.0, 3.0)]),
        ..Truth::default()
    };
    let score = score(&truth, &Findings::default());
    assert_eq!(score.blinks.unwrap().overlap, matched(0, 1, 0));
    assert_eq!(score.events.unwrap().overlap, matched(0, 1, 0));
}

#[test]
fn nothing_to_find_and_nothing_found_has_no_f1() {
    let truth = Truth { blinks: Some(vec![]), events: Some(vec![]), ..Truth::default() };
    let score = score(&truth, &Findings::default());
    assert_eq!(score.events.unwrap().overlap.f1(), None);
}

#[test]
fn the_wrong_side_is_a_match_with_the_wrong_side() {
    let truth = Truth {
        events: Some(vec![
            true_event(Laterality::Left, 1.0, 2.0),
            true_event(Laterality::Right, 5.0, 6.0),
        ]),
        ..Truth::default()
    };
    let findings = Findings {
        events: vec![
            event(EventKind::Twitch, Laterality::Left, 1.0, 2.0),
            event(EventKind::Spasm, Laterality::Both, 5.0, 6.0),
        ],
        ..Findings::default()
    };
    let tally = score(&truth, &findings).events.unwrap();
    assert_eq!(tally.overlap, matched(2, 0, 0));
    assert_eq!(tally.side, Share { count: 1, of: 2 });
}

#[test]
fn a_true_expression_found_as_a_twitch_is_a_false_alarm() {
    let mut smile = true_event(Laterality::Both, 1.0, 2.0);
    smile.kind = Some(EventKind::Expression);
    let truth = Truth { events: Some(vec![smile]), ..Truth::default() };
    let twitch = |kind| Findings {
        events: vec![event(kind, Laterality::Both, 1.0, 2.0)],
        ..Findings::default()
    };
    let tally = |kind| score(&truth, &twitch(kind)).events.unwrap().overlap;
    assert_eq!(tally(EventKind::Twitch), matched(0, 0, 1));
    assert_eq!(tally(EventKind::Expression), matched(0, 0, 0));
}

/// One true and one found event with these orders, compared.
fn order(truth: &[&[Region]], found: &[&[Region]]) -> Order {
    let spread = |order: &[&[Region]]| order.iter().map(|tie| tie.to_vec()).collect::<Vec<_>>();
    let mut true_one = true_event(Laterality::Left, 1.0, 2.0);
    true_one.spread = Some(spread(truth));
    let mut found_one = event(EventKind::Twitch, Laterality::Left, 1.0, 2.0);
    found_one.spread = spread(found);
    let truth = Truth { events: Some(vec![true_one]), ..Truth::default() };
    let findings = Findings { events: vec![found_one], ..Findings::default() };
    score(&truth, &findings).events.unwrap().order
}

#[test]
fn order_is_compared_pair_by_pair_with_ties() {
    use Region::{Cheek, Forehead, MouthCorner, Periocular};
    let right =
        order(&[&[Periocular], &[Cheek, MouthCorner]], &[&[Periocular], &[MouthCorner, Cheek]]);
    assert_eq!(right, Order { right: 3, ..Order::default() });
    let tied = order(&[&[Periocular], &[Cheek]], &[&[Periocular, Cheek]]);
    assert_eq!(tied, Order { unresolved: 1, ..Order::default() });
    let made_up = order(&[&[Periocular, Cheek]], &[&[Cheek], &[Periocular]]);
    assert_eq!(made_up, Order { invented: 1, ..Order::default() });
    let mixed = order(
        &[&[Periocular], &[Cheek], &[MouthCorner]],
        &[&[MouthCorner], &[Periocular, Cheek], &[Forehead]],
    );
    assert_eq!(mixed, Order { unresolved: 1, reversed: 2, ..Order::default() });
    assert_eq!(mixed.share(), Share { count: 0, of: 3 });
}

#[test]
fn regions_and_onsets_are_compared_inside_matched_events() {
    let mut true_one = true_event(Laterality::Left, 1.0, 2.0);
    true_one.contractions = vec![
        true_contraction(Region::Periocular, Some(1.0)),
        true_contraction(Region::Cheek, Some(1.2)),
        true_contraction(Region::Forehead, None),
    ];
    true_one.spread = Some(vec![vec![Region::Periocular], vec![Region::Cheek]]);
    let mut found_one = event(EventKind::Twitch, Laterality::Left, 1.0, 2.0);
    found_one.contractions = vec![
        contraction(Region::Periocular, 1.02),
        contraction(Region::Cheek, 1.3),
        contraction(Region::MouthCorner, 1.3),
    ];
    let findings = Findings { events: vec![found_one], ..Findings::default() };
    let compared = |true_one: &TruthEvent| {
        let truth = Truth { events: Some(vec![true_one.clone()]), ..Truth::default() };
        score(&truth, &findings).events.unwrap()
    };
    let tally = compared(&true_one);
    assert_eq!(tally.regions, matched(2, 1, 1));
    assert_eq!(tally.onset_interval, Share { count: 1, of: 2 });
    let errors = &tally.onset_error_frames;
    assert!((errors[0] - 0.2).abs() < 1e-9 && (errors[1] - 1.0).abs() < 1e-9, "{errors:?}");
    true_one.spread = None;
    let regions = compared(&true_one).regions;
    assert_eq!(regions, matched(2, 1, 0), "without an order the list need not be complete");
}

#[test]
fn recordings_pool_by_their_counts() {
    let truth = Truth {
        pattern: Some(Label::TypicalHfs),
        blinks: Some(vec![true_blink(1.0, 1.3)]),
        ..Truth::default()
    };
    let good = Findings { blinks: vec![blink(1.0, 1.3)], ..Findings::default() };
    let label = |label| Some(label);
    let mut pooled = Score::default();
    pooled += &compare_findings(&truth, &good, label(Label::TypicalHfs), FRAME_S);
    pooled += &compare_findings(&truth, &Findings::default(), label(Label::None), FRAME_S);
    pooled += &compare_findings(&truth, &good, label(Label::TypicalHfs), FRAME_S);
    assert_eq!(pooled.recordings, 3);
    assert_eq!(pooled.blinks.as_ref().unwrap().overlap, matched(2, 1, 0));
    let patterns: Vec<_> = pooled.patterns.iter().map(|p| (p.truth, p.found, p.count)).collect();
    assert_eq!(
        patterns,
        [(Label::TypicalHfs, Label::TypicalHfs, 2), (Label::TypicalHfs, Label::None, 1)]
    );
    let recall = pooled.blinks.unwrap().overlap.recall().unwrap();
    // Wilson, 2 of 3: 0.2077 to 0.9385.
    assert!((recall.ci[0] - 0.2077).abs() < 5e-4 && (recall.ci[1] - 0.9385).abs() < 5e-4);
}

fn write(folder: &Path, name: &str, text: &str) -> PathBuf {
    let path = folder.join(name);
    std::fs::write(&path, text).unwrap();
    path
}

#[test]
fn label_columns_become_blinks_and_unrated_frames_become_uncertain() {
    let folder = tempfile::tempdir().unwrap();
    let table = "frame,ear_mean,blink_label\n0,0.3,\n1,0.3,0\n2,0.1,1\n3,0.1,1\n4,0.3,0\n6,0.1,1\n";
    let truth = read_labels(&write(folder.path(), "labels.csv", table), 10.0).unwrap();
    let spans: Vec<(f64, f64, bool)> =
        truth.blinks.unwrap().iter().map(|b| (b.start_s, b.end_s, b.uncertain)).collect();
    assert_eq!(spans, [(0.0, 0.1, true), (0.2, 0.4, false), (0.6, 0.7, false)]);
    assert_eq!(truth.frames, Some(7));
}

#[test]
fn a_table_without_labels_or_with_odd_ones_is_refused_by_name() {
    let folder = tempfile::tempdir().unwrap();
    let without = write(folder.path(), "a.csv", "frame,ear_mean\n0,0.3\n");
    let odd = write(folder.path(), "b.csv", "frame,blink_label\n0,0\n1,maybe\n");
    let message = |path: &Path| read_labels(path, 30.0).unwrap_err().to_string();
    assert!(message(&without).contains("no column blink_label"));
    assert!(message(&odd).contains("line 3: \"maybe\""));
    assert!(message(&folder.path().join("none.csv")).contains("no such file"));
}

#[test]
fn published_labels_hold_the_number_of_blinks_they_were_published_with() {
    let cases = cases();
    let folder = cases.join("eyeblink8-signal");
    for (session, blinks) in [("1", 35), ("3", 65), ("8", 30), ("10", 72)] {
        let truth = read_labels(&folder.join(format!("session-{session}.csv")), 30.0).unwrap();
        let certain = truth.blinks.unwrap().iter().filter(|blink| !blink.uncertain).count();
        assert_eq!(certain, blinks, "session {session}");
    }
}

#[test]
fn rated_recordings_are_read_with_everything_their_raters_wrote() {
    let cases = cases();
    let mut certain = 0;
    for entry in std::fs::read_dir(&cases).unwrap().map(|entry| entry.unwrap().path()) {
        if entry.to_string_lossy().ends_with(".truth.json") {
            let truth = Truth::read(&entry).unwrap();
            certain += truth.blinks.iter().flatten().filter(|blink| !blink.uncertain).count();
        }
    }
    assert!(certain > 50, "{certain} certain blinks");
}

mod files {
    use super::*;
    use serde_json::{Value, json};
    use spasmograph::report::{Analysis, Coverage, SourceInfo};
    use spasmograph::thresholds::Thresholds;
    use spasmograph::validate::validate;

    fn analysis(clip: &str, blinks: Vec<Blink>) -> Analysis {
        let source = SourceInfo {
            path: format!("some/where/{clip}"),
            sha256: None,
            width: 640,
            height: 480,
            frames: None,
            duration_s: 10.0,
            fps_nominal: Some(30.0),
            variable_frame_rate: false,
            mirrored: false,
        };
        let coverage = Coverage {
            frames_read: 300,
            frames_with_face: 300,
            usable_fraction: 1.0,
            gaps: vec![],
        };
        let thresholds = Thresholds::default();
        let findings = Findings { blinks, ..Findings::default() };
        let pattern = spasmograph::pattern::assess(&findings, 10.0, &thresholds.pattern);
        Analysis::new(source, coverage, findings, pattern, &thresholds, vec![])
    }

    fn folders() -> (tempfile::TempDir, PathBuf, PathBuf) {
        let root = tempfile::tempdir().unwrap();
        let (truths, analyses) = (root.path().join("truths"), root.path().join("out"));
        std::fs::create_dir(&truths).unwrap();
        for (clip, blinks) in [("one.mp4", vec![blink(1.0, 1.3)]), ("two.mp4", vec![])] {
            let truth = Truth { blinks: Some(vec![true_blink(1.0, 1.3)]), ..Truth::default() };
            let name = clip.replace(".mp4", ".truth.json");
            write(&truths, &name, &serde_json::to_string(&truth).unwrap());
            let folder = analyses.join(clip.replace(".mp4", ".spasmograph"));
            std::fs::create_dir_all(&folder).unwrap();
            let text = serde_json::to_string(&analysis(clip, blinks)).unwrap();
            write(&folder, "analysis.json", &text);
        }
        (root, truths, analyses)
    }

    #[test]
    fn folders_are_paired_by_the_name_of_the_recording_and_pooled() {
        let (_root, truths, analyses) = folders();
        let validation = validate(&[truths], &[analyses]).unwrap();
        assert_eq!(validation.recordings.len(), 2);
        let text = validation.text();
        assert!(text.contains("found 1, missed 1, false 0: F1 0.667"), "{text}");
        assert!(text.contains("one                             1 / 0 / 0"), "{text}");
        assert!(text.contains("two                             0 / 1 / 0"), "{text}");
        let json: Value = serde_json::to_value(&validation).unwrap();
        assert_eq!(json["schema"], "spasmograph.validation/1");
        assert_eq!(json["pooled"]["blinks"]["overlap"]["missed"], 1);
        assert_eq!(json["pooled"]["events"], json!(null));
        let html = validation.html();
        assert!(html.contains("<td>two</td><td>0, 1, 0</td><td>not rated</td>"), "{html}");
    }

    #[test]
    fn an_analysis_without_a_truth_is_named() {
        let (_root, truths, analyses) = folders();
        std::fs::remove_file(truths.join("two.truth.json")).unwrap();
        std::fs::copy(truths.join("one.truth.json"), truths.join("other.truth.json")).unwrap();
        let error = validate(&[truths], &[analyses]).unwrap_err().to_string();
        assert!(error.contains("it is of \"two\", and no truth given is"), "{error}");
    }

    #[test]
    fn one_truth_and_one_analysis_belong_together_whatever_their_names() {
        let (_root, truths, analyses) = folders();
        let truth = truths.join("two.truth.json");
        let one = analyses.join("one.spasmograph/analysis.json");
        let validation = validate(&[truth], &[one]).unwrap();
        assert_eq!(validation.pooled.blinks.unwrap().overlap, matched(1, 0, 0));
    }
}
