//! Agreement with the truth, on cases small enough to work out by hand.

use std::path::{Path, PathBuf};

use crate::support::recordings::cases;
use spasmograph::anatomy::{PerSide, Region, Side};
use spasmograph::event::{Blink, Contraction, Event, EventKind, Findings, Laterality};
use spasmograph::pattern::Label;
use spasmograph::report::{Truth, TruthBlink, TruthContraction, TruthEvent};
use spasmograph::validate::{
    Matched, Order, Score, Share, compare_findings, mirror_agreement, read_labels,
};

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
        judgement: spasmograph::event::Judgement::default(),
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

#[test]
fn by_peak_soft_starts_and_ends_do_not_matter() {
    let soft = TruthBlink { peak_s: Some(2.2), ..true_blink(1.6, 2.8) };
    let truth = Truth { blinks: Some(vec![soft, true_blink(5.0, 5.4)]), ..Truth::default() };
    let findings = Findings {
        // A fifth of a second beside the first peak, three tenths beside the second.
        blinks: vec![blink(1.9, 2.1), blink(5.4, 5.6)],
        ..Findings::default()
    };
    let tally = score(&truth, &findings).blinks.unwrap();
    assert_eq!(tally.overlap, matched(0, 2, 2));
    assert_eq!(tally.peak, matched(1, 1, 1));
}

#[test]
fn by_peak_a_long_closure_is_found_wherever_it_is_deepest() {
    let truth = Truth { blinks: Some(vec![true_blink(1.0, 4.0)]), ..Truth::default() };
    let closure = Event { peak_s: 3.9, ..event(EventKind::Closure, Laterality::Both, 1.1, 4.0) };
    let findings = Findings { events: vec![closure], ..Findings::default() };
    assert_eq!(score(&truth, &findings).blinks.unwrap().peak, matched(1, 0, 0));
}

#[test]
fn blinks_that_were_rated_in_part_can_be_missed_and_none_is_false() {
    let findings =
        Findings { blinks: vec![blink(1.0, 1.4), blink(8.0, 8.4)], ..Findings::default() };
    let rated = vec![true_blink(1.0, 1.4), true_blink(3.0, 3.4)];
    let in_part = [
        Truth { blinks_complete: Some(false), blinks: Some(rated.clone()), ..Truth::default() },
        Truth { blinks_rated: Some(false), rated_blinks: rated.clone(), ..Truth::default() },
        Truth {
            blinks_rated: Some(false),
            blinks: Some(vec![true_blink(6.0, 6.4)]),
            rated_blinks: rated,
            ..Truth::default()
        },
    ];
    for truth in in_part {
        let score = score(&truth, &findings);
        assert_eq!(score.blinks, None);
        assert_eq!(score.rated_blinks, Some(Share { count: 1, of: 2 }));
    }
    let unrated = Truth {
        blinks_rated: Some(false),
        blinks: Some(vec![true_blink(6.0, 6.4)]),
        ..Truth::default()
    };
    assert_eq!(score(&unrated, &findings).rated_blinks, None);
}

/// What lies outside the listed events, and what is told with its side.
fn listed(truth: &[TruthEvent], found: &[Event]) -> (u32, Share) {
    let truth = Truth { events: Some(truth.to_vec()), duration_s: Some(60.0), ..Truth::default() };
    let findings = Findings { events: found.to_vec(), ..Findings::default() };
    let listed = score(&truth, &findings).listed.unwrap();
    assert_eq!(listed.outside.minutes, 1.0);
    (listed.outside.count, listed.told)
}

#[test]
fn every_twitch_or_spasm_outside_the_listed_events_is_false() {
    use EventKind::{Closure, Expression, Spasm, Twitch, Uncertain};
    use Laterality::{Both, Left, Right};
    let wink = true_event(Left, 2.0, 2.6);
    let told = Share { count: 1, of: 1 };
    let untold = Share { count: 0, of: 1 };
    // Its own; beside it; on the other side; most of it outside.
    assert_eq!(listed(std::slice::from_ref(&wink), &[event(Twitch, Left, 2.1, 2.5)]), (0, told));
    assert_eq!(listed(std::slice::from_ref(&wink), &[event(Twitch, Left, 4.0, 4.3)]), (1, untold));
    assert_eq!(listed(std::slice::from_ref(&wink), &[event(Twitch, Right, 2.1, 2.5)]), (1, untold));
    assert_eq!(listed(std::slice::from_ref(&wink), &[event(Spasm, Left, 1.0, 6.0)]), (1, untold));
    // Nothing that claims no involuntary movement is false.
    let claims_nothing = [Closure, Expression, Uncertain].map(|kind| event(kind, Both, 10.0, 11.0));
    assert_eq!(listed(&[], &claims_nothing).0, 0);
    // One event does not stand for two, and an uncertain one counts neither way.
    let again = true_event(Left, 2.8, 3.4);
    let both = event(Spasm, Left, 2.0, 3.4);
    assert_eq!(listed(&[wink, again], &[both]), (0, Share { count: 1, of: 2 }));
    let unsure = TruthEvent { uncertain: true, ..true_event(Left, 2.0, 2.6) };
    let of_none = Share { count: 0, of: 0 };
    assert_eq!(listed(&[unsure], &[event(Twitch, Right, 2.1, 2.5)]), (0, of_none));
}

#[test]
fn what_a_movement_on_purpose_brings_along_is_neither_missed_nor_false() {
    let mut smile = true_event(Laterality::Both, 2.0, 3.0);
    smile.kind = Some(EventKind::Expression);
    let found = [event(EventKind::Twitch, Laterality::Left, 2.1, 2.9)];
    assert_eq!(listed(&[smile.clone()], &found).0, 1);
    let eye = TruthContraction { synkinetic: true, ..true_contraction(Region::Periocular, None) };
    smile.contractions.push(eye);
    assert_eq!(listed(&[smile.clone()], &found).0, 0);
    let truth = Truth { events: Some(vec![smile]), ..Truth::default() };
    let findings = Findings { events: found.to_vec(), ..Findings::default() };
    let tally = score(&truth, &findings).events.unwrap();
    assert_eq!((tally.overlap, tally.ignored), (matched(0, 0, 0), 1));
}

#[test]
fn a_false_rate_carries_its_poisson_interval() {
    let truth = Truth { events: Some(vec![]), duration_s: Some(120.0), ..Truth::default() };
    let twitch = |at: f64| event(EventKind::Twitch, Laterality::Left, at, at + 0.2);
    let findings =
        Findings { events: [1.0, 20.0, 40.0, 80.0].map(twitch).to_vec(), ..Findings::default() };
    let rate = score(&truth, &findings).listed.unwrap().outside.per_minute().unwrap();
    // Half the chi-square quantiles of 4 events: 1.090 and 10.242, in two minutes.
    assert!((rate.value - 2.0).abs() < 1e-12);
    assert!((rate.ci[0] - 0.545).abs() < 1e-3 && (rate.ci[1] - 5.121).abs() < 1e-3, "{rate:?}");
}

#[test]
fn movement_of_one_side_on_purpose_is_no_false_event_of_one_side() {
    let truth = Truth {
        events: Some(vec![]),
        one_sided_on_purpose: true,
        duration_s: Some(10.0),
        ..Truth::default()
    };
    let sides = [Laterality::Left, Laterality::Both];
    let findings = Findings {
        events: sides.map(|side| event(EventKind::Twitch, side, 1.0, 1.3)).to_vec(),
        ..Findings::default()
    };
    assert_eq!(score(&truth, &findings).listed.unwrap().outside.count, 1);
}

#[test]
fn a_label_is_right_where_the_truth_says_that_it_may_be() {
    let truth =
        Truth { expected_labels: vec![Label::None, Label::Indeterminate], ..Truth::default() };
    let labels = |label| {
        let score = compare_findings(&truth, &Findings::default(), Some(label), FRAME_S);
        score.labels.unwrap()
    };
    assert_eq!(labels(Label::Indeterminate).expected, Share { count: 1, of: 1 });
    let wrong = labels(Label::TypicalHfs);
    assert_eq!(wrong.expected, Share { count: 0, of: 1 });
    assert_eq!(wrong.unexpected.get(&Label::TypicalHfs), Some(&1));
}

#[test]
fn a_mirror_image_agrees_where_kinds_stay_and_sides_swap() {
    use EventKind::{Expression, Spasm, Twitch};
    use Laterality::{Both, Left, Right};
    let own = Findings {
        events: vec![
            event(Twitch, Left, 1.0, 1.4),
            event(Spasm, Right, 3.0, 5.0),
            event(Expression, Both, 7.0, 8.0),
            event(Twitch, Left, 9.0, 9.4),
        ],
        blinks: vec![blink(2.0, 2.3), Blink { side: Left, ..blink(6.0, 6.3) }],
        ..Findings::default()
    };
    let image = Findings {
        events: vec![
            event(Twitch, Right, 1.05, 1.4),
            event(Expression, Left, 3.0, 5.0),
            event(Expression, Both, 7.0, 8.0),
        ],
        blinks: vec![blink(2.0, 2.3), Blink { side: Left, ..blink(6.0, 6.3) }],
        ..Findings::default()
    };
    let agreement = mirror_agreement(&own, &image);
    assert_eq!(agreement.events, Share { count: 2, of: 4 });
    assert_eq!(agreement.involuntary, Share { count: 1, of: 3 });
    assert_eq!(agreement.blinks, Share { count: 1, of: 2 });
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

/// What reading a truth file with this content says: the error, or what was passed over.
fn said_of(content: &str) -> Result<Vec<String>, String> {
    let folder = tempfile::tempdir().unwrap();
    let path = write(folder.path(), "a.truth.json", content);
    Truth::read(&path).map(|truth| truth.unknown).map_err(|error| {
        let line = error.to_string();
        assert!(line.contains("a.truth.json") && !line.contains('\n'), "{line}");
        line
    })
}

#[test]
fn a_bad_truth_file_is_refused_in_one_clear_line() {
    let schema = r#""schema": "spasmograph.truth/1""#;
    let cases = [
        ("no json", "expected"),
        ("{}", "missing field `schema`"),
        (r#"{"schema": "other/1"}"#, "its schema is \"other/1\""),
        (&format!(r#"{{{schema}, "blinks": [{{"side": "both"}}]}}"#), "neither start_s and end_s"),
        (&format!(r#"{{{schema}, "blinks": [{{"peak_s": "soon"}}]}}"#), "invalid type"),
        (&format!(r#"{{{schema}, "expected_labels": ["fine"]}}"#), "unknown variant `fine`"),
        (&format!(r#"{{{schema}, "fps": 0}}"#), "fps is 0"),
        (
            &format!(r#"{{{schema}, "blinks": [{{"start_s": 2, "end_s": 1}}]}}"#),
            "entry 1 of blinks goes from 2 to 1 s",
        ),
        (
            &format!(
                r#"{{{schema}, "duration_s": 10, "blinks_rated": false,
                "rated_blinks": [{{"peak_s": 3}}, {{"peak_s": 12.5}}]}}"#
            ),
            "entry 2 of rated_blinks (12.5 to 12.5 s) lies outside the recording, which lasts 10.0 s",
        ),
    ];
    for (content, why) in cases {
        let line = said_of(content).unwrap_err();
        assert!(line.contains(why), "{line}");
    }
}

#[test]
fn unknown_fields_are_named_and_remarks_of_raters_are_not() {
    let content = r#"{"schema": "spasmograph.truth/1", "notes": "calm", "expected_label": "none",
        "other_movement": [{"what": "smile"}],
        "blinks": [{"peak_s": 1.0, "kind": "full", "frames": [1, 2], "dept": 0.5}]}"#;
    assert_eq!(said_of(content).unwrap(), ["expected_label", "blinks.0.dept"]);
}

mod files {
    use super::*;
    use serde_json::{Value, json};
    use spasmograph::report::{Analysis, Coverage, SourceInfo};
    use spasmograph::thresholds::Thresholds;
    use spasmograph::validate::{Request, validate, validate_by};

    fn analysis(clip: &str, blinks: Vec<Blink>) -> Analysis {
        let source = SourceInfo {
            path: format!("some/where/{clip}"),
            sha256: None,
            width: 640,
            height: 480,
            frames: None,
            duration_s: 10.0,
            fps_nominal: Some(30.0),
            fps: None,
            start_offset_s: 0.0,
            variable_frame_rate: false,
            mirrored: false,
        };
        let coverage = Coverage {
            rest_s: None,
            frames_read: 300,
            frames_with_face: 300,
            frames_repeated: 0,
            usable_fraction: 1.0,
            gaps: vec![],
            places: vec![],
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
    fn a_blink_outside_a_recording_whose_length_the_truth_does_not_tell_is_refused() {
        let (_root, truths, analyses) = folders();
        let truth = Truth { rated_blinks: vec![true_blink(30.0, 30.2)], ..Truth::default() };
        write(&truths, "two.truth.json", &truth.to_json());
        let error = validate(&[truths], &[analyses]).unwrap_err().to_string();
        assert!(error.contains("two.truth.json"), "{error}");
        assert!(error.contains("entry 1 of rated_blinks (30 to 30.2 s) lies outside"), "{error}");
    }

    #[test]
    fn a_recording_is_compared_with_its_mirror_image_without_any_truth() {
        let (root, _, analyses) = folders();
        let mut image = analysis("one.mp4", vec![blink(1.0, 1.3)]);
        image.source.mirrored = true;
        let path = write(root.path(), "image.json", &serde_json::to_string(&image).unwrap());
        let own = analyses.join("one.spasmograph/analysis.json");
        let request = |mirrored: &Path| Request {
            analyses: vec![own.clone()],
            mirrored: vec![mirrored.to_owned()],
            ..Request::default()
        };
        let validation = validate_by(&request(&path)).unwrap();
        let mirror = validation.pooled.mirror.unwrap();
        assert_eq!(mirror.blinks, Share { count: 1, of: 1 });
        // The same analysis twice is no mirror image.
        let error = validate_by(&request(&own)).unwrap_err().to_string();
        assert!(error.contains("turned the same way"), "{error}");
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
