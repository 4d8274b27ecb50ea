//! Visits of one person over time.

use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha8Rng;
use rand_distr::{Distribution, Poisson};
use serde_json::{Value, json};
use spasmograph::anatomy::{Region, Side};
use spasmograph::compare::{COMPARISON_SCHEMA, Comparison, Course, Measure, compare};
use spasmograph::event::{
    Contraction, Event, EventDetector, EventKind, Findings, Laterality, Summary,
};
use spasmograph::pattern::{Label, assess};
use spasmograph::report::{Analysis, Coverage, SourceInfo};
use spasmograph::synth::{Motion, Scenario, draw_tracker, preset, signals};
use spasmograph::thresholds::Thresholds;

use crate::support::closed;

const LENGTH_S: f64 = 60.0;

/// The analysis of findings, as a recording of a minute.
fn analysis(findings: Findings, name: &str) -> Analysis {
    let thresholds = Thresholds::default();
    let usable_s = findings.summary.usable_s;
    let pattern = assess(&findings, usable_s, &thresholds.pattern);
    let source = SourceInfo {
        path: format!("{name}.mp4"),
        sha256: None,
        width: 640,
        height: 480,
        frames: Some(1800),
        duration_s: LENGTH_S,
        fps_nominal: Some(30.0),
        fps: None,
        start_offset_s: 0.0,
        variable_frame_rate: false,
        mirrored: false,
    };
    let coverage = Coverage {
        rest_s: None,
        frames_read: 1800,
        frames_with_face: 1800,
        frames_repeated: 0,
        usable_fraction: 1.0,
        gaps: vec![],
        places: vec![],
    };
    Analysis::new(source, coverage, findings, pattern, &thresholds, vec![])
}

/// A minute with a twitch of these places every six seconds, measured from its signals.
fn visit(places: &[(Region, Side)], seed: u64) -> Analysis {
    let mut scenario = serde_json::to_value(preset("typical-right").unwrap()).unwrap();
    // Lids, cheek and mouth corner of the preset's first twitch.
    let templates = scenario["events"][0]["contractions"].as_array().unwrap().clone();
    scenario["duration_s"] = json!(LENGTH_S);
    scenario["seed"] = json!(seed);
    scenario["events"] = (0..9)
        .map(|i| {
            let side = |side: Side| places.iter().filter(move |place| place.1 == side);
            // The sides take turns where both take part.
            let turn = if i % 2 == 0 { Side::Right } else { Side::Left };
            let own = if side(turn).next().is_some() { turn } else { turn.opposite() };
            let contractions: Vec<Value> = side(own)
                .enumerate()
                .map(|(step, (region, side))| {
                    let own = |template: &&Value| template["region"] == json!(region);
                    let mut contraction = templates.iter().find(own).unwrap().clone();
                    contraction["side"] = json!(side);
                    contraction["lag_s"] = json!(0.08 * step as f64);
                    contraction
                })
                .collect();
            json!({ "kind": "twitch", "start_s": 3.0 + 6.0 * f64::from(i),
                    "contractions": contractions })
        })
        .collect();
    let scenario = Scenario::from_json(&scenario.to_string()).unwrap();
    let mut detector = EventDetector::new(&Thresholds::default(), None);
    for sample in signals(&Motion::new(&scenario), &draw_tracker(seed)) {
        detector.push(&sample);
    }
    analysis(detector.finish(), &format!("visit-{seed}"))
}

fn compared(visits: &[Analysis]) -> Comparison {
    compare(visits, None, &Thresholds::default().pattern).unwrap()
}

const LIDS: (Region, Side) = (Region::Periocular, Side::Right);
const CHEEK: (Region, Side) = (Region::Cheek, Side::Right);
const MOUTH: (Region, Side) = (Region::MouthCorner, Side::Right);

fn downward() -> [Analysis; 3] {
    [visit(&[LIDS], 1), visit(&[LIDS, CHEEK], 2), visit(&[LIDS, CHEEK, MOUTH], 3)]
}

#[test]
fn three_visits_that_progress_downward_say_so() {
    let comparison = compared(&downward());
    let right = &comparison.progress.right;
    assert_eq!(right.course, Course::Downward, "{}", comparison.text());
    assert_eq!(right.first, [Region::Periocular]);
    let joined: Vec<_> = right.joined.iter().map(|j| (j.region, j.visit, j.certain)).collect();
    assert_eq!(joined, [(Region::Cheek, 2, true), (Region::MouthCorner, 3, true)]);
    assert_eq!(comparison.progress.across, None);
    let text = comparison.text();
    assert!(text.contains("right: downward; lids at visit 1, cheek since visit 2"), "{text}");
    assert!(text.contains("Change   right cheek taking part: 0 % at visit 1, 100 % at visit 2"));
    assert!(
        text.contains("Scales   visit 1: ") && text.contains("SMC grade, right (I to IV): I (")
    );
    assert!(text.contains("SMC grade, right (I to IV): II ("), "{text}");
    let cheek = comparison.certain_changes().any(|change| {
        (change.measure, change.region, change.from, change.to)
            == (Measure::Involvement, Some(Region::Cheek), 1, 2)
    });
    assert!(cheek, "{text}");
    assert_eq!(comparison.pattern.label, Label::TypicalHfs, "{text}");
    assert!(comparison.pattern.evidence.iter().any(|e| e.finding.starts_with("visits: ")));
}

#[test]
fn visits_that_progress_upward_or_across_say_so() {
    let up =
        compared(&[visit(&[MOUTH], 4), visit(&[MOUTH, CHEEK], 5), visit(&[MOUTH, CHEEK, LIDS], 6)]);
    assert_eq!(up.progress.right.course, Course::Upward, "{}", up.text());
    assert_eq!(up.pattern.label, Label::AtypicalHfs, "{}", up.text());
    let left = [(Region::Periocular, Side::Left), (Region::Cheek, Side::Left)];
    let both = [LIDS, CHEEK, left[0], left[1]];
    let across = compared(&[visit(&[LIDS, CHEEK], 7), visit(&both, 8), visit(&both, 14)]);
    let joined = across.progress.across.as_ref().unwrap();
    assert_eq!((joined.side, joined.visit, joined.certain), (Side::Left, 2, true));
    assert!(across.text().contains("across: the left joined at visit 2"), "{}", across.text());
}

#[test]
fn identical_visits_report_no_change() {
    let one = visit(&[LIDS, CHEEK], 9);
    let comparison = compared(&[one.clone(), one.clone(), one]);
    assert_eq!(comparison.certain_changes().count(), 0);
    assert!(comparison.changes.iter().all(|change| change.p > 0.999));
    assert_eq!(comparison.progress.right.course, Course::None);
    let (text, html) = (comparison.text(), comparison.html());
    assert!(text.contains("Changes  none larger than the recordings' own uncertainty"), "{text}");
    assert!(text.contains("right: no region joined"), "{text}");
    assert!(
        html.contains("None larger than the recordings&#39; own uncertainty")
            || html.contains("None larger than the recordings' own uncertainty")
    );
}

#[test]
fn few_events_are_named_as_doubtful() {
    let mut later = visit(&[LIDS, CHEEK], 10);
    later.findings.events.retain(|e| e.contractions.iter().any(|c| c.region == Region::Cheek));
    later.findings.events.truncate(2);
    let mut before = visit(&[LIDS], 11);
    before.findings.events.truncate(2);
    let comparison = compared(&[before, later]);
    let right = &comparison.progress.right;
    assert_eq!(right.course, Course::Unresolved, "{}", comparison.text());
    assert!(right.joined[0].doubt.as_ref().unwrap().contains("chance could do it"));
}

#[test]
fn a_region_that_an_earlier_visit_could_not_have_shown_is_not_new() {
    let mut visits = downward();
    for floor in &mut visits[0].findings.noise {
        floor.smallest_detectable_mfu = Some(500.0);
    }
    let comparison = compared(&visits[..2]);
    let joined = &comparison.progress.right.joined[0];
    assert!(!joined.certain && joined.doubt.as_ref().unwrap().contains("visit 1 could not have"));
}

/// Findings drawn by chance: rate a minute, share of the events with the cheek.
fn drawn(rng: &mut ChaCha8Rng, rate: f64, share: f64) -> Analysis {
    let count = Poisson::new(rate).unwrap().sample(rng) as u32;
    let contraction = |region: Region, at_s: f64| Contraction {
        region,
        side: Some(Side::Right),
        onset_s: at_s,
        onset_ci_s: [at_s - 0.01, at_s + 0.01],
        peak_s: at_s + 0.1,
        end_s: at_s + 0.4,
        amplitude_mfu: 20.0,
        snr: 10.0,
        rate_hz: None,
        synkinetic: false,
    };
    let events: Vec<Event> = (0..count)
        .map(|i| {
            let start_s = 60.0 * f64::from(i) / f64::from(count);
            let mut contractions = vec![contraction(Region::Periocular, start_s)];
            if rng.random_bool(share) {
                contractions.push(contraction(Region::Cheek, start_s + 0.05));
            }
            Event {
                id: i + 1,
                kind: EventKind::Twitch,
                side: Laterality::Right,
                start_s,
                peak_s: start_s + 0.1,
                end_s: start_s + rng.random_range(0.2..2.0),
                contractions,
                spread: vec![],
                other_babinski: false,
                reason: String::new(),
                lags: vec![],
                task: None,
                judgement: spasmograph::event::Judgement::default(),
            }
        })
        .collect();
    let summary =
        Summary { usable_s: LENGTH_S, blink_rate_per_min: Some(0.0), ..Summary::default() };
    analysis(Findings { events, summary, ..Findings::default() }, "drawn")
}

#[test]
fn of_visits_between_which_nothing_changed_nine_in_ten_show_no_change() {
    let mut rng = ChaCha8Rng::seed_from_u64(5);
    let mut wrong = 0;
    const PAIRS: usize = 300;
    for _ in 0..PAIRS {
        let (rate, share) = (rng.random_range(2.0..30.0), rng.random_range(0.1..0.9));
        let pair = [drawn(&mut rng, rate, share), drawn(&mut rng, rate, share)];
        wrong += usize::from(compared(&pair).certain_changes().next().is_some());
    }
    println!("{wrong} of {PAIRS} pairs without a change show one");
    // At most one in ten, and three standard deviations of the draw.
    assert!(wrong <= 30 + 16, "{wrong}");
    let mut found = 0;
    for _ in 0..50 {
        let pair = [drawn(&mut rng, 20.0, 0.5), drawn(&mut rng, 4.0, 0.5)];
        found += usize::from(compared(&pair).certain_changes().next().is_some());
    }
    assert!(found >= 40, "a fivefold change is found in {found} of 50");
}

#[test]
fn one_visit_is_no_comparison() {
    let error = compare(&[visit(&[LIDS], 12)], None, &Thresholds::default().pattern).unwrap_err();
    assert!(error.to_string().contains("two visits or more"));
}

#[test]
fn comparisons_satisfy_their_schema_and_write_no_key_it_does_not_describe() {
    let schema: Value = serde_json::from_str(COMPARISON_SCHEMA).unwrap();
    assert!(jsonschema::meta::is_valid(&schema));
    let validator = jsonschema::draft202012::new(&closed::closed(&schema)).unwrap();
    let mut blind = visit(&[LIDS], 13);
    blind.findings = Findings::default();
    for visits in [&downward()[..], &[blind.clone(), blind]] {
        let comparison = compared(visits);
        let instance = serde_json::to_value(&comparison).unwrap();
        let complaints: Vec<String> = validator
            .iter_errors(&instance)
            .map(|error| format!("{}: {error}", error.instance_path()))
            .collect();
        assert_eq!(complaints, Vec::<String>::new());
        assert_eq!(serde_json::from_value::<Comparison>(instance).unwrap(), comparison);
        let page = comparison.html();
        assert!(
            page.contains("not a diagnosis") && !page.contains("http") && !page.contains("NaN")
        );
    }
}
