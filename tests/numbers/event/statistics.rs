//! The event stage against simulated recordings with exact truth.
//!
//! A few recordings by default, more in the ignored test; `SPASMOGRAPH_RECORDINGS=2002` runs the full
//! table (ten minutes on two cores with `--release`), `SPASMOGRAPH_SEED=100000` with other seeds. How
//! well events are found on seeds that nobody has looked at, `spasmograph evaluate --next simulated`
//! says, and `tests/ledger.tsv` keeps it.
#![allow(clippy::too_many_lines)]

use crate::support::simulated::{analyze, first_seed, recordings, score};
use rayon::prelude::*;
use spasmograph::anatomy::{Place, Region, Side};
use spasmograph::event::{Event, EventKind, Findings};
use spasmograph::pattern::Label;
use spasmograph::report::{Truth, TruthEvent};
use spasmograph::synth::{Motion, TrackerModel, draw_tracker, patient};

fn span(event: &Event) -> (f64, f64) {
    (event.start_s, event.end_s)
}

/// Amplitude over the floor of the strongest contraction.
fn true_snr(event: &TruthEvent, tracker: &TrackerModel) -> f64 {
    event
        .contractions
        .iter()
        .map(|c| {
            let place = Place { region: c.region, side: c.side };
            let read = f64::from(c.amplitude_mfu.unwrap_or(0.0)) * tracker.response(place);
            read.abs() / tracker.floor_mfu(place)
        })
        .fold(0.0, f64::max)
}

#[derive(Debug, Default, Clone)]
struct Total {
    minutes: f64,
    events: usize,
    found: usize,
    false_alarms: usize,
    side_right: usize,
    kind_right: usize,
    regions_hit: usize,
    regions_missed: usize,
    regions_false: usize,
    blinks: usize,
    blinks_found: usize,
    blinks_false: usize,
    notes: Vec<String>,
}

impl Total {
    fn add(mut self, other: Self) -> Self {
        self.minutes += other.minutes;
        self.events += other.events;
        self.found += other.found;
        self.false_alarms += other.false_alarms;
        self.side_right += other.side_right;
        self.kind_right += other.kind_right;
        self.regions_hit += other.regions_hit;
        self.regions_missed += other.regions_missed;
        self.regions_false += other.regions_false;
        self.blinks += other.blinks;
        self.blinks_found += other.blinks_found;
        self.blinks_false += other.blinks_false;
        self.notes.extend(other.notes);
        self
    }

    fn f1(&self) -> f64 {
        f1(self.found, self.events - self.found, self.false_alarms)
    }
}

fn f1(hits: usize, missed: usize, false_ones: usize) -> f64 {
    2.0 * hits as f64 / (2 * hits + missed + false_ones).max(1) as f64
}

fn one(label: Label, seed: u64) -> Total {
    let scenario = patient(label, seed, 60.0);
    let motion = Motion::new(&scenario);
    let truth = motion.truth(None);
    let tracker = draw_tracker(seed);
    let findings = analyze(&motion, &tracker);
    judge(&truth, &findings, &tracker, &format!("{label} {seed}"))
}

fn judge(truth: &Truth, findings: &Findings, tracker: &TrackerModel, name: &str) -> Total {
    let mut total = Total { minutes: 1.0, ..Total::default() };
    let all = truth.events.as_deref().unwrap_or(&[]);
    let counts = |e: &&TruthEvent| {
        !e.uncertain && e.kind != Some(EventKind::Expression) && true_snr(e, tracker) >= 5.0
    };
    let certain: Vec<&TruthEvent> = all.iter().filter(counts).collect();
    let unsure: Vec<(f64, f64)> =
        all.iter().filter(|e| !counts(e)).map(|e| (e.start_s, e.end_s)).collect();
    let found: Vec<&Event> = findings
        .events
        .iter()
        .filter(|e| e.kind.is_involuntary() || e.kind == EventKind::Closure)
        .collect();
    let true_spans: Vec<_> = certain.iter().map(|e| (e.start_s, e.end_s)).collect();
    let found_spans: Vec<_> = found.iter().map(|e| span(e)).collect();
    let matched = score(&true_spans, &unsure, &found_spans, 0.5);
    total.events = certain.len();
    total.found = matched.found;
    total.false_alarms = matched.false_alarms;
    for &(i, j) in &matched.pairs {
        let (t, f) = (certain[i], found[j]);
        total.side_right += usize::from(t.side == f.side);
        total.kind_right += usize::from(t.kind == Some(f.kind));
        if t.kind != Some(f.kind) {
            total.notes.push(format!(
                "{name} kind {:?} for {:?} {:.2}-{:.2}: {}",
                f.kind, t.kind, t.start_s, t.end_s, f.reason
            ));
        }
        if t.side != f.side {
            total
                .notes
                .push(format!("{name} side {:?} for {:?} at {:.2}", f.side, t.side, t.start_s));
        }
        let strong: Vec<(Region, Option<Side>)> = t
            .contractions
            .iter()
            .filter(|c| {
                let place = Place { region: c.region, side: c.side };
                let read =
                    f64::from(c.amplitude_mfu.unwrap_or(0.0)).abs() * tracker.response(place);
                read >= 5.0 * tracker.floor_mfu(place)
            })
            .map(|c| (c.region, c.side))
            .collect();
        let has =
            |r: &(Region, Option<Side>)| f.contractions.iter().any(|c| (c.region, c.side) == *r);
        total.regions_hit += strong.iter().filter(|r| has(r)).count();
        for r in strong.iter().filter(|r| !has(r)) {
            total.regions_missed += 1;
            total.notes.push(format!(
                "{name} region {:?} missed in {:?} {:.2}-{:.2} snr {:.1}",
                r,
                f.kind,
                t.start_s,
                t.end_s,
                t.contractions
                    .iter()
                    .filter(|c| (c.region, c.side) == *r)
                    .map(|c| f64::from(c.amplitude_mfu.unwrap_or(0.0)).abs()
                        * tracker.response(Place { region: r.0, side: r.1 })
                        / tracker.floor_mfu(Place { region: r.0, side: r.1 }))
                    .next()
                    .unwrap()
            ));
        }
        let true_places: Vec<_> = t.contractions.iter().map(|c| (c.region, c.side)).collect();
        for c in f.contractions.iter().filter(|c| !true_places.contains(&(c.region, c.side))) {
            total.regions_false += 1;
            total.notes.push(format!(
                "{name} region {:?} {:?} extra at {:.2} snr {:.1} in {:?}",
                c.region, c.side, t.start_s, c.snr, f.kind
            ));
        }
    }
    for &i in &matched.missed_ones {
        let t = certain[i];
        let near: Vec<String> = findings
            .events
            .iter()
            .filter(|e| e.start_s < t.end_s + 0.2 && e.end_s > t.start_s - 0.2)
            .map(|e| {
                format!(
                    "{:?} {:?} {:.2}-{:.2} {} [{}]",
                    e.kind,
                    e.side,
                    e.start_s,
                    e.end_s,
                    e.reason,
                    e.contractions
                        .iter()
                        .map(|c| format!("{} {:.2}-{:.2}", c.region, c.onset_s, c.end_s))
                        .collect::<Vec<_>>()
                        .join(",")
                )
            })
            .collect();
        total.notes.push(format!(
            "{name} missed {:?} {:?} {:.2}-{:.2} snr {:.1} [{}] near {near:?}",
            t.kind.unwrap(),
            t.side,
            t.start_s,
            t.end_s,
            true_snr(t, tracker),
            t.contractions
                .iter()
                .map(|c| format!("{} {:?}", c.region, c.rate_hz))
                .collect::<Vec<_>>()
                .join(",")
        ));
    }
    for &j in &matched.false_ones {
        let f = found[j];
        total.notes.push(format!(
            "{name} false {:?} {:?} {:.2}-{:.2} {} {:?}",
            f.kind,
            f.side,
            f.start_s,
            f.end_s,
            f.reason,
            f.contractions
                .iter()
                .map(|c| format!("{} snr{:.1}", c.region, c.snr))
                .collect::<Vec<_>>()
        ));
    }
    let blinks = truth.blinks.as_deref().unwrap_or(&[]);
    let true_blinks: Vec<_> =
        blinks.iter().filter(|b| !b.uncertain).map(|b| (b.start_s, b.end_s)).collect();
    let mut unsure: Vec<_> =
        blinks.iter().filter(|b| b.uncertain).map(|b| (b.start_s, b.end_s)).collect();
    unsure.extend(all.iter().map(|e| (e.start_s, e.end_s)));
    let found_blinks: Vec<_> = findings.blinks.iter().map(|b| (b.start_s, b.end_s)).collect();
    let matched = score(&true_blinks, &unsure, &found_blinks, 0.5);
    total.blinks = true_blinks.len();
    total.blinks_found = matched.found;
    total.blinks_false = matched.false_alarms;
    total
}

#[test]
fn events_of_drawn_patients_are_found_on_their_side_with_their_regions() {
    assert_found(recordings() / 20);
}

#[test]
#[ignore = "statistics: an hour of patients and more"]
fn events_of_more_drawn_patients_are_found_on_their_side_with_their_regions() {
    assert_found(recordings() / 7);
}

/// So many patients of each label.
fn assert_found(each: u64) {
    let labels = [
        Label::TypicalHfs,
        Label::AtypicalHfs,
        Label::BilateralHfs,
        Label::MeigeLike,
        Label::BlepharospasmLike,
        Label::MasticatoryLike,
        Label::None,
    ];
    let mut all = Total::default();
    for label in labels {
        let total = (first_seed()..first_seed() + each)
            .into_par_iter()
            .map(|seed| one(label, seed))
            .reduce(Total::default, Total::add);
        println!(
            "{label:20} events {:5} found {:5} false {:4} ({:.2} a minute) F1 {:.3}  side {:.3} kind {:.3} regions F1 {:.3} (missed {} extra {})  blinks {} found {} false {} F1 {:.3}",
            total.events,
            total.found,
            total.false_alarms,
            total.false_alarms as f64 / total.minutes,
            total.f1(),
            total.side_right as f64 / total.found.max(1) as f64,
            total.kind_right as f64 / total.found.max(1) as f64,
            f1(total.regions_hit, total.regions_missed, total.regions_false),
            total.regions_missed,
            total.regions_false,
            total.blinks,
            total.blinks_found,
            total.blinks_false,
            f1(total.blinks_found, total.blinks - total.blinks_found, total.blinks_false),
        );
        if std::env::var_os("NOTES").is_some() {
            for n in &total.notes {
                println!("    {n}");
            }
        }
        all = all.add(total);
    }
    println!(
        "all: F1 {:.3}, side {:.4}, regions {:.3}",
        all.f1(),
        all.side_right as f64 / all.found as f64,
        f1(all.regions_hit, all.regions_missed, all.regions_false)
    );
    assert!(all.f1() >= 0.97, "F1 {:.3}", all.f1());
    assert!(all.side_right as f64 >= 0.99 * all.found as f64);
    assert!(f1(all.regions_hit, all.regions_missed, all.regions_false) >= 0.95);
}
