//! Recordings of described patients: signals and findings as a perfect instrument would have them.

use std::collections::BTreeMap;

use spasmograph::anatomy::{PerPlace, PerSide, Place, Region, Side};
use spasmograph::event::{
    Blink, BySide, Contraction, Direction, Event, EventKind, Findings, Laterality, NoiseFloor,
    SpreadSummary, Summary,
};
use spasmograph::face::HeadPose;
use spasmograph::pattern::{Evidence, EvidenceValue, Label, Pattern, Ranked};
use spasmograph::report::{Analysis, Coverage, SourceInfo, Truth, TruthEvent};
use spasmograph::signal::{EyeSample, Sample};
use spasmograph::synth::{Motion, Scenario};
use spasmograph::thresholds::Thresholds;

/// The analysis and the samples of a scenario, at its own frame times.
pub(crate) fn recording(scenario: &Scenario, name: &str) -> (Analysis, Vec<Sample>) {
    let motion = Motion::new(scenario);
    let samples: Vec<Sample> = scenario
        .frame_times()
        .into_iter()
        .enumerate()
        .map(|(index, time_s)| sample(&motion, index as u64, time_s))
        .collect();
    let truth = motion.truth(None);
    let findings = findings(&truth, scenario.duration_s);
    let source = SourceInfo {
        path: name.to_owned(),
        sha256: Some("0123456789abcdef".repeat(4)),
        width: 640,
        height: 480,
        frames: Some(samples.len() as u64),
        duration_s: scenario.duration_s,
        fps_nominal: Some(scenario.camera.fps),
        fps: None,
        start_offset_s: 0.0,
        variable_frame_rate: false,
        mirrored: false,
    };
    let frames = samples.len() as u64;
    let coverage = Coverage {
        rest_s: None,
        frames_read: frames,
        frames_with_face: frames,
        frames_repeated: 0,
        usable_fraction: 1.0,
        gaps: vec![],
        places: vec![],
    };
    let label = scenario.label.unwrap_or(Label::Indeterminate);
    let thresholds = Thresholds::default();
    let analysis = Analysis::new(source, coverage, findings, pattern(label), &thresholds, vec![]);
    (analysis, samples)
}

fn sample(motion: &Motion, index: u64, time_s: f64) -> Sample {
    let face = motion.at(time_s);
    // A small tremor stands for noise: it is the same on every run.
    let noise = |seed: f64| (0.7 * (time_s * (37.0 + seed) + seed).sin()) as f32;
    Sample {
        index,
        time_s,
        track: Some(0),
        presence: 0.99,
        pose: Some(HeadPose {
            yaw_deg: face.head.yaw_deg as f32,
            pitch_deg: face.head.pitch_deg as f32,
            roll_deg: face.head.roll_deg as f32,
            face_unit_px: 180.0,
        }),
        eyes: PerSide::from_fn(|side| {
            let aperture = face.aperture[side] as f32 + 0.01 * noise(3.0);
            let gaze_down = Some((face.gaze.down_deg / 60.0) as f32);
            let opening = 0.33 * aperture;
            Some(EyeSample { aperture, opening, gaze_down, ..EyeSample::default() })
        }),
        displacement: PerPlace::from_fn(|place| {
            Some(face.displacement[place] as f32 + noise(place.index() as f64))
        }),
        visible: PerPlace::from_fn(|_| 1.0),
        repeat: false,
    }
}

fn event(number: usize, truth: &TruthEvent) -> Event {
    let contractions = truth
        .contractions
        .iter()
        .map(|c| {
            let onset_s = c.onset_s.unwrap_or(truth.start_s);
            Contraction {
                region: c.region,
                side: c.side,
                onset_s,
                onset_ci_s: [onset_s - 0.02, onset_s + 0.015],
                peak_s: c.peak_s.unwrap_or(onset_s),
                end_s: c.end_s.unwrap_or(truth.end_s),
                amplitude_mfu: c.amplitude_mfu.unwrap_or(0.0),
                snr: 12.0,
                rate_hz: c.rate_hz,
                synkinetic: c.synkinetic,
            }
        })
        .collect();
    Event {
        id: number as u32 + 1,
        kind: truth.kind.unwrap_or(EventKind::Uncertain),
        side: truth.side,
        start_s: truth.start_s,
        peak_s: truth.peak_s.unwrap_or(truth.start_s),
        end_s: truth.end_s,
        contractions,
        spread: truth.spread.clone().unwrap_or_default(),
        other_babinski: truth.other_babinski.unwrap_or(false),
        reason: "as the scenario has it".to_owned(),
        lags: vec![],
        task: None,
        judgement: spasmograph::event::Judgement::default(),
    }
}

fn findings(truth: &Truth, duration_s: f64) -> Findings {
    let events: Vec<Event> =
        truth.events.iter().flatten().enumerate().map(|(i, e)| event(i, e)).collect();
    let blinks: Vec<Blink> = truth
        .blinks
        .iter()
        .flatten()
        .map(|blink| Blink {
            start_s: blink.start_s,
            peak_s: blink.peak_s.unwrap_or(blink.start_s),
            end_s: blink.end_s,
            side: Laterality::Both,
            depth: blink.depth.unwrap_or(1.0),
            complete: blink.complete.unwrap_or(true),
            asymmetry: 0.0,
            lag_s: Some(0.0),
            lids: PerSide::default(),
        })
        .collect();
    let minutes = duration_s / 60.0;
    let of = |side| {
        events.iter().filter(|e| e.kind.is_involuntary() && e.side == side).collect::<Vec<_>>()
    };
    let per_side = |figure: &dyn Fn(&[&Event]) -> f64| BySide {
        left: figure(&of(Laterality::Left)),
        right: figure(&of(Laterality::Right)),
        both: figure(&of(Laterality::Both)),
    };
    let rate = per_side(&|events| events.len() as f64 / minutes);
    let interval = |rate: f64| [0.6 * rate, 1.5 * rate];
    let mut first_region = BTreeMap::new();
    for region in events.iter().filter_map(|e| e.spread.first()).flatten() {
        *first_region.entry(*region).or_insert(0) += 1;
    }
    Findings {
        noise: Place::ALL
            .into_iter()
            .map(|place| NoiseFloor {
                region: place.region,
                side: place.side,
                floor_mfu: Some(0.7 + 0.1 * place.index() as f32),
                smallest_detectable_mfu: Some(3.0 + 0.3 * place.index() as f32),
            })
            .collect(),
        summary: Summary {
            usable_s: duration_s,
            blink_rate_per_min: Some(blinks.len() as f64 / minutes),
            event_rate_per_min: rate,
            rate_ci: BySide {
                left: interval(rate.left),
                right: interval(rate.right),
                both: interval(rate.both),
            },
            closed_fraction: BySide { left: 0.05, right: 0.12, both: 0.05 },
            spasm_time_fraction: per_side(&|events| {
                events.iter().map(|e| e.end_s - e.start_s).sum::<f64>() / duration_s
            }),
            ..Summary::default()
        },
        spread: SpreadSummary {
            first_region,
            direction: Direction::Unresolved,
            ..SpreadSummary::default()
        },
        blinks,
        events,
    }
}

fn pattern(label: Label) -> Pattern {
    let others = Label::ALL.into_iter().filter(|other| *other != label);
    let ranked = [Ranked { label, score: 0.82 }].into_iter();
    let evidence = |finding: &str, value, in_favour, against, weight| Evidence {
        finding: finding.to_owned(),
        value,
        in_favour,
        against,
        weight,
        weights: std::collections::BTreeMap::new(),
        source: "made up for this test".to_owned(),
    };
    Pattern {
        label,
        reason: "what the scenario describes".to_owned(),
        reasons: vec!["what the scenario describes".to_owned()],
        preferred: None,
        weakness: None,
        ranked: ranked
            .chain(others.zip([0.1, 0.05, 0.03]).map(|(label, score)| Ranked { label, score }))
            .collect(),
        evidence: vec![
            evidence(
                "side of the events",
                EvidenceValue::Text("one side".to_owned()),
                vec![label],
                vec![Label::MeigeLike],
                1.4,
            ),
            evidence("laterality index", EvidenceValue::Number(0.93), vec![label], vec![], 0.8),
            evidence("jaw takes part", EvidenceValue::Flag(false), vec![], vec![], 0.0),
        ],
        next_steps: vec![],
    }
}

/// Every place a described patient's events involve.
pub(crate) fn places(analysis: &Analysis) -> Vec<(Region, Option<Side>)> {
    let mut places: Vec<_> = analysis
        .findings
        .events
        .iter()
        .flat_map(|event| &event.contractions)
        .map(|c| (c.region, c.side))
        .collect();
    places.sort();
    places.dedup();
    places
}
