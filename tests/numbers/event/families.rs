//! Onset intervals on courses that the onset model does not hold.

use crate::support::simulated::{analyze, first_seed, pull, recording, recordings};
use rand::Rng;
use rayon::prelude::*;
use spasmograph::anatomy::Region;
use spasmograph::synth::{ContractionSpec, Course, Motion, draw_tracker};

/// Contractions in one recording.
const EACH: usize = 12;

/// Onset errors of one family and size.
#[derive(Debug, Default)]
struct Cell {
    errors_s: Vec<f64>,
    held: usize,
    missed: usize,
}

/// Contractions of one family, `snr` times the floor of trackers drawn for each patient.
fn cell(course: Course, snr: f64) -> Cell {
    let lids = matches!(course, Course::ExGaussian | Course::MainSequence);
    let region = if lids { Region::Periocular } else { Region::MouthCorner };
    let found: Vec<Option<(f64, bool)>> = (0..recordings() / 7)
        .into_par_iter()
        .flat_map(|number| {
            let seed = first_seed() + number;
            let tracker = draw_tracker(seed);
            let fps = [24.0, 30.0, 60.0][number as usize % 3];
            let scenario = recording(seed, fps, EACH, |rng| {
                let rise_s = rng.random_range(0.05..0.25);
                let hold_s = if course == Course::Tremor { 0.6 } else { 0.1 };
                let times = [rise_s, hold_s, 1.5 * rise_s];
                let one = pull(&tracker, region, 0.0, snr, times);
                // A lid cannot do more than shut.
                let amplitude = if lids { one.amplitude.min(1.0) } else { one.amplitude };
                vec![ContractionSpec { course: Some(course), amplitude, ..one }]
            });
            let findings = analyze(&Motion::new(&scenario), &tracker);
            let near = |start_s: f64| {
                let events = findings.events.iter();
                let event = events.clone().find(|e| (e.start_s - start_s).abs() < 0.5)?;
                let c = event.contractions.iter().find(|c| c.region == region)?;
                let held = (c.onset_ci_s[0]..=c.onset_ci_s[1]).contains(&start_s);
                Some((c.onset_s - start_s, held))
            };
            scenario.events.iter().map(|e| near(e.start_s)).collect::<Vec<_>>()
        })
        .collect();
    let mut cell = Cell::default();
    for one in found {
        match one {
            Some((error_s, held)) => {
                cell.errors_s.push(error_s);
                cell.held += usize::from(held);
            }
            None => cell.missed += 1,
        }
    }
    cell
}

#[test]
#[ignore = "statistics: the table of coverage by family and size"]
fn intervals_hold_onsets_of_families_that_the_model_has_never_seen() {
    let mut short = Vec::new();
    for course in Course::ALL {
        for snr in [5.0, 10.0, 20.0] {
            let mut cell = cell(course, snr);
            let n = cell.errors_s.len().max(1);
            let held = cell.held as f64 / n as f64;
            cell.errors_s.sort_by(f64::total_cmp);
            let at = |q: f64| cell.errors_s.get((q * n as f64) as usize).map_or(0.0, |e| 1e3 * e);
            println!(
                "{:13} SNR {snr:2}: holds {held:.3} of {n:4}, missed {:3}, error median {:+5.0} ms, 5 to 95 % {:+5.0} to {:+5.0}",
                course.name(),
                cell.missed,
                at(0.5),
                at(0.05),
                at(0.95)
            );
            if held < 0.85 && n >= 30 {
                short.push(format!("{} at {snr}: {held:.3}", course.name()));
            }
        }
    }
    assert!(short.is_empty(), "{short:#?}");
}
