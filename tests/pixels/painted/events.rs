//! The event stage on painted faces: pixels in, events against exact truth.
//!
//! `cargo test --release --test pixels painted::events -- --ignored --nocapture` paints two drawn
//! patients a label, some minutes; `SPASMOGRAPH_RECORDINGS=70` paints ten a label,
//! `SPASMOGRAPH_SEED=1000` others.

use spasmograph::event::Findings;
use spasmograph::pattern::Label;
use spasmograph::report::{Truth, TruthEvent};
use spasmograph::synth::{Motion, PRESETS, PaintedSource, patient, preset};
use spasmograph::validate::{Errors, Score, Tally, compare_findings};

use crate::samples::sample;
use crate::support::pipeline::{analyze, models};
use crate::support::simulated::{findings, first_seed};

/// Labels whose events are involuntary, and none.
const LABELS: [Label; 7] = [
    Label::TypicalHfs,
    Label::AtypicalHfs,
    Label::BilateralHfs,
    Label::MeigeLike,
    Label::BlepharospasmLike,
    Label::MasticatoryLike,
    Label::None,
];

/// Length of a painted recording, seconds.
const SECONDS: f64 = 16.0;

/// What the event stage says of a clip, against its truth.
fn score(found: &Findings, truth: &Truth) -> Score {
    for event in found.events.iter().filter(|event| event.kind.is_involuntary()) {
        let own = |t: &TruthEvent| t.start_s < event.end_s && t.end_s > event.start_s;
        if !truth.events.iter().flatten().any(own) {
            let places: Vec<String> = event
                .contractions
                .iter()
                .map(|c| format!("{} {:.1} mFU, {:.1} noises", c.region, c.amplitude_mfu, c.snr))
                .collect();
            eprintln!(
                "  not true: {:.2} to {:.2} s, {} ({})",
                event.start_s,
                event.end_s,
                event.reason,
                places.join("; ")
            );
        }
    }
    let frame_s = 1.0 / truth.fps.expect("painted truth states the rate");
    compare_findings(truth, found, None, frame_s)
}

fn f1(tally: &Tally) -> f64 {
    tally.overlap.f1().map_or(1.0, |f1| f1.value)
}

fn regions(tally: &Tally) -> f64 {
    tally.regions.f1().map_or(1.0, |f1| f1.value)
}

fn print(name: &str, tally: &Tally) {
    let errors = Errors::of(&tally.onset_error_frames);
    let [median, p95, bias] =
        errors.map_or([f64::NAN; 3], |errors| [errors.median, errors.p95, errors.bias]);
    eprintln!(
        "{name:22} events {:3} found {:3} false {:2} F1 {:.3}  side {}/{}  regions F1 {:.3}  onsets: median {median:.2}, 95 % {p95:.2}, bias {bias:+.2} frames, {}/{} in their intervals  order {:?}",
        tally.overlap.found + tally.overlap.missed,
        tally.overlap.found,
        tally.overlap.false_alarms,
        f1(tally),
        tally.side.count,
        tally.side.of,
        regions(tally),
        tally.onset_interval.count,
        tally.onset_interval.of,
        tally.order,
    );
}

fn involuntary(score: &Score) -> &Tally {
    score.events.as_ref().expect("painted truth rates events")
}

fn interval_share(tally: &Tally) -> f64 {
    f64::from(tally.onset_interval.count) / f64::from(tally.onset_interval.of.max(1))
}

#[test]
#[ignore = "not met: F1 0.879 over the samples, one of 5 spasms of the jaw in its whole length"]
fn events_of_the_samples_are_found_with_honest_onsets() {
    let mut all = Score::default();
    for name in PRESETS {
        let scenario = preset(name).expect("listed");
        // Its movements are tasks, which the protocol names.
        if scenario.label == Some(Label::SynkinesisLike) {
            continue;
        }
        let score = score(&sample(name).findings, &Motion::new(&scenario).truth(None));
        print(name, involuntary(&score));
        all += &score;
    }
    let all = involuntary(&all);
    print("all samples", all);
    assert!(f1(all) >= 0.95);
    assert_eq!(all.side.count, all.side.of);
    assert!(regions(all) >= 0.95);
    // Goal: 0.85 to 0.95 of the onsets inside their intervals; today 0.88.
    assert!(interval_share(all) >= 0.8);
    // Goal: none of 200. One of 64 is: within a spasm the cheek's patch leaps between two matches,
    // which the noise of its rest does not tell, and its rise is read 0.14 s late.
    assert!(50 * all.order.reversed <= all.order.right, "{:?}", all.order);
}

#[test]
#[ignore = "paints some minutes of video"]
fn events_of_painted_patients_are_found_with_honest_onsets() {
    let models = models();
    let each = std::env::var("SPASMOGRAPH_RECORDINGS")
        .ok()
        .and_then(|number| number.parse::<u64>().ok())
        .map_or(2, |number| number / LABELS.len() as u64);
    let mut all = Score::default();
    for (number, label) in LABELS.into_iter().enumerate() {
        let mut own = Score::default();
        for seed in first_seed()..first_seed() + each {
            // No two labels share a face.
            let mut scenario = patient(label, 4_000 + 100 * number as u64 + seed, SECONDS);
            (scenario.camera.width, scenario.camera.height) = (640, 480);
            let source = PaintedSource::new(&scenario).expect("a valid scenario");
            let found = findings(&analyze(Box::new(source), &models).samples);
            own += &score(&found, &Motion::new(&scenario).truth(None));
        }
        print(label.name(), involuntary(&own));
        all += &own;
    }
    let all = involuntary(&all);
    print("all painted", all);
    assert_eq!(all.side.count, all.side.of);
    assert_eq!(all.order.reversed, 0);
    // Goal: 0.95. A partial blink that one lid shows deeper than the other, as in a head turned
    // away that looks down, is taken for a twitch.
    assert!(f1(all) >= 0.8);
}
