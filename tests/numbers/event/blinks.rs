//! The blink stage alone, on published aperture signals with published labels.

use std::collections::VecDeque;
use std::path::Path;

use crate::support::recordings::cases;
use crate::support::simulated::{Score, lids_only, median, score};
use spasmograph::anatomy::PerSide;
use spasmograph::event::{EventDetector, EventKind};
use spasmograph::thresholds::Thresholds;

const FPS: f64 = 30.0;

struct Session {
    apertures: Vec<Option<f32>>,
    blinks: Vec<(f64, f64)>,
    unknown: Vec<(f64, f64)>,
}

fn read(path: &Path) -> Session {
    let mut apertures = Vec::new();
    let mut labels = Vec::new();
    for row in csv::Reader::from_path(path).unwrap().into_records() {
        let row = row.unwrap();
        apertures.push(row[1].parse().ok());
        labels.push(row[2].to_owned());
    }
    let runs = |wanted: &str| {
        let mut runs = Vec::new();
        let mut start = None;
        for (i, label) in labels.iter().map(String::as_str).chain(["end"]).enumerate() {
            match (start, label == wanted) {
                (None, true) => start = Some(i),
                (Some(from), false) => {
                    runs.push((from as f64 / FPS, i as f64 / FPS));
                    start = None;
                }
                _ => {}
            }
        }
        runs
    };
    Session { blinks: runs("1"), unknown: runs(""), apertures }
}

/// The open level of the last ten seconds: their upper quintile. Stands in for the signal
/// stage, which sees more than the mean ratio.
#[derive(Default)]
struct OpenLevel {
    recent: VecDeque<f32>,
}

impl OpenLevel {
    fn push(&mut self, ratio: f32) -> f32 {
        self.recent.push_back(ratio);
        if self.recent.len() > 300 {
            self.recent.pop_front();
        }
        let mut sorted: Vec<f32> = self.recent.iter().copied().collect();
        sorted.sort_by(f32::total_cmp);
        sorted[(sorted.len() - 1) * 4 / 5]
    }
}

fn found(session: &Session) -> Vec<(f64, f64)> {
    let mut detector = EventDetector::new(&Thresholds::default(), None);
    let mut open = OpenLevel::default();
    let mut track = 0;
    for (i, ratio) in session.apertures.iter().enumerate() {
        let aperture = ratio.map(|r| r / open.push(r));
        if aperture.is_none() {
            track += 1;
        }
        let eyes = PerSide { left: aperture, right: aperture };
        detector.push(&lids_only(i as u64, i as f64 / FPS, aperture.map(|_| track), eyes));
    }
    let findings = detector.finish();
    let blinks = findings.blinks.iter().map(|b| (b.start_s, b.end_s));
    let closures = findings.events.iter().filter(|e| e.kind == EventKind::Closure);
    let mut all: Vec<_> = blinks.chain(closures.map(|e| (e.start_s, e.end_s))).collect();
    all.sort_by(|a, b| a.0.total_cmp(&b.0));
    all
}

#[test]
fn published_blinks_are_found_from_the_mean_aperture_alone() {
    let cases = cases();
    let (mut at_half, mut at_any) = (Score::default(), Score::default());
    for number in [1, 3, 8, 10] {
        let session = read(&cases.join(format!("eyeblink8-signal/session-{number}.csv")));
        let found = found(&session);
        let half = score(&session.blinks, &session.unknown, &found, 0.5);
        let any = score(&session.blinks, &session.unknown, &found, 0.0);
        let shift = |end: fn(&(f64, f64)) -> f64| {
            median(
                any.pairs
                    .iter()
                    .map(|&(i, j)| (end(&found[j]) - end(&session.blinks[i])) * FPS)
                    .collect(),
            )
        };
        println!(
            "session {number}: {} labelled; overlap over half: {} found, {} missed, {} false; any overlap: {} found, {} missed, {} false; start {:+.1}, end {:+.1} frames",
            session.blinks.len(),
            half.found,
            half.missed,
            half.false_alarms,
            any.found,
            any.missed,
            any.false_alarms,
            shift(|s| s.0),
            shift(|s| s.1),
        );
        at_half.add(&half);
        at_any.add(&any);
    }
    println!("F1 {:.3} at overlap over half, {:.3} at any overlap", at_half.f1(), at_any.f1());
    assert!(at_half.f1() >= 0.90, "F1 {:.3}", at_half.f1());
}
