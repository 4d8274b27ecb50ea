//! What the signals show where a reader states that something moved.

use crate::anatomy::{PerSide, Place, Side};
use crate::event::{Blink, Contraction, Laterality, NoiseFloor};
use crate::signal::Sample;

/// Stretch before an onset from which the resting level is read, seconds (judgment: as long as most
/// twitches, short enough for a head that moves).
const REST_S: f64 = 0.5;
/// Aperture below which the lids count as met: the resting eye's own level is 1 (judgment; the
/// detector learns a level of its own from complete closures).
const SHUT: f32 = 0.2;

/// Reads peak, size and signal-to-noise ratio of a contraction from the signals; without a value in
/// its stretch they stay.
pub(super) fn contraction(own: &mut Contraction, samples: &[Sample], noise: &[NoiseFloor]) {
    let place = Place { region: own.region, side: own.side };
    let value = |sample: &Sample| Some((sample.time_s, f64::from(sample.displacement[place]?)));
    let within: Vec<(f64, f64)> =
        stretch(samples, own.onset_s, own.end_s).iter().filter_map(value).collect();
    let mut rest: Vec<f64> = stretch(samples, own.onset_s - REST_S, own.onset_s)
        .iter()
        .filter_map(|sample| Some(value(sample)?.1))
        .collect();
    rest.sort_by(f64::total_cmp);
    let Some(level) = rest.get(rest.len() / 2).or(within.first().map(|(_, v)| v)).copied() else {
        return;
    };
    let largest = within.iter().max_by(|a, b| (a.1 - level).abs().total_cmp(&(b.1 - level).abs()));
    let Some((peak_s, peak)) = largest else { return };
    own.peak_s = *peak_s;
    own.amplitude_mfu = (peak - level) as f32;
    let floor = noise.iter().find(|floor| (floor.region, floor.side) == (own.region, own.side));
    if let Some(floor) = floor.and_then(|floor| floor.floor_mfu).filter(|floor| *floor > 0.0) {
        own.snr = own.amplitude_mfu.abs() / floor;
    }
}

/// Reads peak, depth and asymmetry of a blink from the lids; without a value they stay.
pub(super) fn blink(own: &mut Blink, samples: &[Sample]) {
    let within = stretch(samples, own.start_s, own.end_s);
    let lowest = PerSide::from_fn(|side: Side| {
        let apertures = within.iter().filter_map(|s| Some((s.time_s, s.eyes[side]?.aperture)));
        apertures.min_by(|a, b| a.1.total_cmp(&b.1))
    });
    let takes_part = |side: Side| own.side == Laterality::Both || own.side == side.into();
    let eyes: Vec<(f64, f32)> =
        Side::BOTH.into_iter().filter(|s| takes_part(*s)).filter_map(|s| lowest[s]).collect();
    let Some(deepest) = eyes.iter().min_by(|a, b| a.1.total_cmp(&b.1)) else { return };
    let mean = eyes.iter().map(|eye| eye.1).sum::<f32>() / eyes.len() as f32;
    own.peak_s = deepest.0;
    own.depth = (1.0 - mean).clamp(0.0, 1.0);
    own.complete = mean <= SHUT;
    if let (Some(left), Some(right)) = (lowest.left, lowest.right) {
        own.asymmetry = (right.1 - left.1).clamp(-1.0, 1.0);
    }
    // Lag and speed were those of other times.
    own.lag_s = None;
    own.lids = PerSide::default();
}

fn stretch(samples: &[Sample], start_s: f64, end_s: f64) -> &[Sample] {
    let from = samples.partition_point(|sample| sample.time_s < start_s - 1e-6);
    let to = samples.partition_point(|sample| sample.time_s <= end_s + 1e-6);
    &samples[from..to.max(from)]
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::anatomy::Region;
    use crate::signal::EyeSample;

    fn samples() -> Vec<Sample> {
        (0..60)
            .map(|i| {
                let mut sample = Sample::gap(i, i as f64 / 30.0);
                let away = if (30..40).contains(&i) { 12.0 } else { 2.0 };
                let place = Place::new(Region::Cheek, Side::Left);
                sample.displacement[place] = Some(away);
                let aperture = if (30..34).contains(&i) { 0.1 } else { 1.0 };
                let eye = EyeSample { aperture, ..EyeSample::default() };
                sample.eyes = PerSide { left: Some(eye), right: None };
                sample
            })
            .collect()
    }

    #[test]
    fn a_stated_contraction_is_measured_over_the_level_before_it() {
        let mut own = Contraction {
            region: Region::Cheek,
            side: Some(Side::Left),
            onset_s: 1.0,
            onset_ci_s: [0.97, 1.03],
            peak_s: 0.0,
            end_s: 1.5,
            amplitude_mfu: 0.0,
            snr: 0.0,
            rate_hz: None,
            synkinetic: false,
        };
        let noise = [NoiseFloor {
            region: Region::Cheek,
            side: Some(Side::Left),
            floor_mfu: Some(0.5),
            smallest_detectable_mfu: None,
        }];
        contraction(&mut own, &samples(), &noise);
        assert_eq!((own.amplitude_mfu, own.snr), (10.0, 20.0));
        assert!((1.0..1.34).contains(&own.peak_s));
        let before = own.clone();
        contraction(&mut own, &[], &noise);
        assert_eq!(own, before, "without signals nothing is made up");
    }

    #[test]
    fn a_stated_blink_has_the_depth_of_the_eye_that_is_seen() {
        let mut own = Blink {
            start_s: 0.95,
            peak_s: 0.0,
            end_s: 1.2,
            side: Laterality::Left,
            depth: 0.0,
            complete: false,
            asymmetry: 0.0,
            lag_s: Some(0.1),
            lids: PerSide::default(),
        };
        blink(&mut own, &samples());
        assert!((own.depth - 0.9).abs() < 1e-6 && own.complete && own.lag_s.is_none());
    }
}
