//! Lids that do a part of every blink, made of real recordings' signals: one lid's closing is
//! taken down to a part wherever the recording has a rated blink.

use spasmograph::analyzer::Analyzer;
use spasmograph::anatomy::{Place, Region, Side};
use spasmograph::report::Truth;
use spasmograph::report::csv::read_signals;
use spasmograph::signal::Sample;
use spasmograph::thresholds::Thresholds;

use crate::support::program::analyzed;
use crate::support::recordings::case;

/// Recordings with rated blinks of both lids.
const CLIPS: [&str; 3] = ["seven-blinks", "phone-portrait-vfr", "people/stage-speech"];

/// Takes one lid's closing down to a part in every blink.
fn weaken(samples: &mut [Sample], blinks: &[(f64, f64)], weak: Side, part: f32) {
    let place = Place::new(Region::Periocular, weak);
    for sample in samples {
        let during = blinks.iter().any(|b| (b.0 - 0.15..b.1 + 0.3).contains(&sample.time_s));
        let Some(eye) = sample.eyes[weak].as_mut().filter(|_| during) else { continue };
        eye.aperture = 1.0 - part * (1.0 - eye.aperture);
        sample.displacement[place] = Some(eye.closure_mfu());
    }
}

#[test]
#[ignore = "not met: all blinks are found, and a part of 0.6 is read more than 0.15 off"]
fn blinks_of_which_one_lid_does_a_part_are_found_and_the_part_is_told() {
    let (mut found, mut blinks) = (0, 0);
    for clip in CLIPS {
        let video = case(&format!("{clip}.mp4"));
        let truth = Truth::read(&video.with_extension("truth.json")).unwrap();
        let rated: Vec<(f64, f64)> = truth
            .blinks
            .iter()
            .flatten()
            .filter(|blink| !blink.uncertain && blink.end_s - blink.start_s < 0.5)
            .map(|blink| (blink.start_s, blink.end_s))
            .collect();
        let samples = read_signals(&analyzed(&video).join("signals.csv")).unwrap();
        for (weak, part) in [(Side::Left, 0.1), (Side::Right, 0.3), (Side::Left, 0.6)] {
            let mut samples = samples.clone();
            weaken(&mut samples, &rated, weak, part);
            let told = Analyzer::replay(&samples, &Thresholds::default(), None).findings;
            let hit = |b: &&(f64, f64)| {
                told.blinks.iter().any(|own| own.start_s < b.1 && own.end_s > b.0)
            };
            let hits = rated.iter().filter(hit).count();
            let share = told.summary.lid_share[weak].map(|share| share.share);
            println!("{clip}, {weak} {part}: {hits} of {}, share {share:?}", rated.len());
            (found, blinks) = (found + hits, blinks + rated.len());
            let healthy = told.summary.lid_share[weak.opposite()].unwrap().share;
            let read = share.unwrap() / healthy;
            assert!((read - part).abs() < 0.15, "{clip}: {read} for {part}");
            let involuntary = told.events.iter().filter(|event| event.kind.is_involuntary());
            let lids = involuntary
                .filter(|event| event.contractions.iter().any(|c| c.region == Region::Periocular));
            assert_eq!(lids.count(), 0, "{clip}, {weak} {part}: {:?}", told.events);
        }
    }
    assert!(20 * found >= 19 * blinks, "{found} of {blinks}");
}
