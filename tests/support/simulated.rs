//! Simulated signals through the event stage, samples made of apertures, matching with truth.

use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha8Rng;
use spasmograph::anatomy::{PerPlace, PerSide, Place, Region, Side};
use spasmograph::event::{EventDetector, EventKind, Findings};
use spasmograph::signal::{EyeSample, Sample};
use spasmograph::synth::{
    ContractionSpec, EventSpec, Motion, OPEN_LID_MFU, Scenario, TrackerModel, signals,
};
use spasmograph::thresholds::Thresholds;

/// A sample whose lids are all that is seen.
pub fn lids_only(
    index: u64,
    time_s: f64,
    track: Option<u32>,
    eyes: PerSide<Option<f32>>,
) -> Sample {
    let eye =
        |aperture: f32| EyeSample { aperture, opening: 0.3 * aperture, ..EyeSample::default() };
    let mut displacement = PerPlace::default();
    for side in Side::BOTH {
        displacement[Place::new(Region::Periocular, side)] =
            eyes[side].map(|aperture| 100.0 * (1.0 - aperture));
    }
    Sample {
        index,
        time_s,
        track,
        presence: if track.is_some() { 1.0 } else { 0.0 },
        pose: None,
        eyes: PerSide::from_fn(|side| eyes[side].map(eye)),
        displacement,
        visible: PerPlace::from_fn(|_| 1.0),
        repeat: false,
    }
}

/// Intersection over union of two stretches of time.
pub fn overlap(a: (f64, f64), b: (f64, f64)) -> f64 {
    let shared = (a.1.min(b.1) - a.0.max(b.0)).max(0.0);
    let all = a.1.max(b.1) - a.0.min(b.0);
    if all > 0.0 { shared / all } else { 0.0 }
}

/// Found, missed and false, with the pairs that were matched.
#[derive(Debug, Default, Clone)]
pub struct Score {
    pub found: usize,
    pub missed: usize,
    pub false_alarms: usize,
    pub pairs: Vec<(usize, usize)>,
    pub false_ones: Vec<usize>,
    pub missed_ones: Vec<usize>,
}

impl Score {
    pub fn f1(&self) -> f64 {
        let hits = 2.0 * self.found as f64;
        hits / (hits + (self.missed + self.false_alarms) as f64).max(1.0)
    }

    pub fn add(&mut self, other: &Self) {
        self.found += other.found;
        self.missed += other.missed;
        self.false_alarms += other.false_alarms;
    }
}

/// Matches found stretches with true ones, best overlap first, each at most once; what lies on
/// a stretch of `unsure` truth counts neither way.
pub fn score(
    truth: &[(f64, f64)],
    unsure: &[(f64, f64)],
    found: &[(f64, f64)],
    overlap_min: f64,
) -> Score {
    let mut pairs: Vec<(f64, usize, usize)> = Vec::new();
    for (i, t) in truth.iter().enumerate() {
        for (j, f) in found.iter().enumerate() {
            let shared = overlap(*t, *f);
            if shared >= overlap_min && shared > 0.0 {
                pairs.push((shared, i, j));
            }
        }
    }
    pairs.sort_by(|a, b| b.0.total_cmp(&a.0));
    let (mut true_used, mut found_used) = (vec![false; truth.len()], vec![false; found.len()]);
    let mut score = Score::default();
    for (_, i, j) in pairs {
        if !true_used[i] && !found_used[j] {
            (true_used[i], found_used[j]) = (true, true);
            score.pairs.push((i, j));
        }
    }
    score.found = score.pairs.len();
    score.missed_ones = (0..truth.len()).filter(|&i| !true_used[i]).collect();
    score.missed = score.missed_ones.len();
    let touches = |f: &(f64, f64)| unsure.iter().any(|u| overlap(*u, *f) > 0.0);
    score.false_ones =
        (0..found.len()).filter(|&j| !found_used[j] && !touches(&found[j])).collect();
    score.false_alarms = score.false_ones.len();
    score
}

/// The median; 0 of nothing.
pub fn median(mut values: Vec<f64>) -> f64 {
    quantile(&mut values, 0.5)
}

/// A quantile by rank; 0 of nothing.
pub fn quantile(values: &mut [f64], q: f64) -> f64 {
    if values.is_empty() {
        return 0.0;
    }
    values.sort_by(f64::total_cmp);
    values[((values.len() - 1) as f64 * q).round() as usize]
}

/// How much to simulate: `SPASMOGRAPH_RECORDINGS`, 70 where nothing is said.
pub fn recordings() -> u64 {
    std::env::var("SPASMOGRAPH_RECORDINGS").ok().and_then(|n| n.parse().ok()).unwrap_or(70)
}

/// The first seed: `SPASMOGRAPH_SEED`, 0 where nothing is said. Tables are made with seeds that
/// nothing was developed on.
pub fn first_seed() -> u64 {
    std::env::var("SPASMOGRAPH_SEED").ok().and_then(|n| n.parse().ok()).unwrap_or(0)
}

/// What the event stage says of simulated signals.
pub fn analyze(motion: &Motion, tracker: &TrackerModel) -> Findings {
    findings(&signals(motion, tracker))
}

/// What the event stage says of samples.
pub fn findings(samples: &[Sample]) -> Findings {
    let mut detector = EventDetector::new(&Thresholds::default(), None);
    for sample in samples {
        detector.push(sample);
    }
    detector.finish()
}

/// A contraction of a region on the right that is read as `snr` times the floor of the tracker.
pub fn pull(
    tracker: &TrackerModel,
    region: Region,
    lag_s: f64,
    snr: f64,
    course: [f64; 3],
) -> ContractionSpec {
    let place = Place::new(region, Side::Right);
    let mfu = snr * tracker.floor_mfu(place) / tracker.response(place);
    // Lids are read from open to what shut lids read, and small closures too small.
    let closure = mfu / OPEN_LID_MFU / (1.0 - tracker.shut_aperture);
    let lids = closure.clamp(0.0, 1.0).powf(1.0 / tracker.lid_power);
    let amplitude = if region == Region::Periocular { lids } else { mfu };
    let [rise_s, hold_s, fall_s] = course;
    ContractionSpec {
        region,
        side: Some(Side::Right),
        lag_s,
        rise_s,
        hold_s,
        fall_s,
        amplitude,
        train: None,
        course: None,
    }
}

/// A still person whose `count` events, a few seconds apart, each hold what `contractions` draws.
pub fn recording(
    seed: u64,
    fps: f64,
    count: usize,
    mut contractions: impl FnMut(&mut ChaCha8Rng) -> Vec<ContractionSpec>,
) -> Scenario {
    let mut rng = ChaCha8Rng::seed_from_u64(seed);
    let mut scenario = Scenario::still("onsets", 4.0 + 3.5 * count as f64);
    scenario.seed = seed;
    scenario.camera.fps = fps;
    scenario.events = (0..count)
        .map(|i| EventSpec {
            kind: EventKind::Twitch,
            start_s: 3.0 + 3.5 * i as f64 + rng.random_range(0.0..0.5),
            contractions: contractions(&mut rng),
            uncertain: false,
        })
        .collect();
    scenario
}
