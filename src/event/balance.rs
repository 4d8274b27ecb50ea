//! How equal the two sides of this face move, and how far apart they come when nothing of one side
//! alone happens.
//!
//! Nobody smiles or speaks quite evenly, no tracker reads both sides alike, and a turned or nodding
//! head moves the two readings apart. All of that is learnt from the recording itself: the gain
//! between the sides from what both do together, and the spread of what is left as a sum of parts
//! that grow with the shared movement, with the opening of the jaw and with the head. A movement of
//! one side is then measured in units of that spread. Everything here changes its sign and nothing
//! else when left and right change places.

use super::recording::{Channel, Recording};
use super::stats::{median, quantile, weighted_median};
use crate::anatomy::{Place, Region, Side};

/// Displacement of everything against what it was shortly before, at one moment.
#[derive(Debug, Clone, Copy)]
pub(super) struct Moved {
    /// Of each place, mFU (lids: hundredths of the open aperture); not a number where unseen.
    pub(super) places: [f64; Place::COUNT],
    /// Turn, nod and tilt of the head, degrees.
    pub(super) head: [f64; 3],
}

impl Moved {
    /// Displacement of one place.
    pub(super) fn of(&self, place: Place) -> f64 {
        self.places[place.index()]
    }

    /// Movement of the head, degrees: turn and nod, and half of the tilt, which moves the skin of
    /// the face least.
    pub(super) fn head_deg(&self) -> f64 {
        self.head[0].abs() + self.head[1].abs() + 0.5 * self.head[2].abs()
    }

    /// Opening of the jaw, mFU.
    pub(super) fn jaw(&self) -> f64 {
        let jaw = self.of(Place::JAW_MIDLINE);
        if jaw.is_nan() { 0.0 } else { jaw }
    }
}

/// Stretch before a moment whose median it is compared with, and its distance, seconds (judgment:
/// longer than a blink, ended before the movement began).
const BEFORE_S: [f64; 2] = [0.55, 0.05];

/// Median of everything between two moments, on the track of the frame at `anchor_s`.
pub(super) fn level(
    recording: &Recording,
    from_s: f64,
    until_s: f64,
    anchor_s: f64,
) -> Option<Moved> {
    let frames = recording.frames(from_s, until_s, anchor_s);
    if frames.is_empty() {
        return None;
    }
    let of = |channel: Channel| {
        median(frames.clone().map(|i| recording.value(channel, i)).collect()).unwrap_or(f64::NAN)
    };
    let places = Place::ALL.map(|place| of(Channel::Place(place)));
    Some(Moved { places, head: [Channel::Yaw, Channel::Pitch, Channel::Roll].map(of) })
}

impl std::ops::Sub for Moved {
    type Output = Self;

    fn sub(self, other: Self) -> Self {
        let or_zero = |x: f64| if x.is_nan() { 0.0 } else { x };
        Self {
            places: std::array::from_fn(|i| self.places[i] - other.places[i]),
            head: std::array::from_fn(|i| or_zero(self.head[i] - other.head[i])),
        }
    }
}

/// The movement that two sides share: the smaller of the two where both go the same way.
pub(super) fn shared(own: f64, other: f64) -> f64 {
    if own * other > 0.0 { own.signum() * own.abs().min(other.abs()) } else { 0.0 }
}

/// How the two sides of one region stand to each other.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct RegionBalance {
    /// Logarithm of the left side's movement over the right's in what both do together.
    log_gain: f64,
    /// Spread of the difference at rest, in the units of the channel.
    rest: f64,
    /// What the spread grows by with the shared movement of the region.
    shared: f64,
    /// With the opening of the jaw.
    jaw: f64,
    /// With a degree of the head's movement.
    head: f64,
    /// With the shared movement of the mouth's corners.
    mouth: f64,
}

/// What is known before a recording has shown its own. All are standard deviations and parts
/// (judgment, from recordings of healthy people: `TrackerModel` has the readings at rest).
const REST: [f64; 2] = [6.0, 1.5];
const SHARED: [f64; 2] = [0.15, 0.25];
const HEAD: [f64; 2] = [1.0, 0.7];
const JAW: f64 = 0.05;
const MOUTH: f64 = 0.1;
/// Healthy smiles differ by a fifth between the sides (doi 10.2319/022916-172.1): standard deviation
/// of the logarithm of the gain; lids that do not close reach far more.
const GAIN: [f64; 2] = [0.3, 0.15];
/// Least spread at rest that is believed, and the most that each part is believed to grow by: what
/// one side does again and again must not hide in the spread (judgment).
const LEAST: [f64; 2] = [2.5, 0.5];
const MOST: [f64; 4] = [0.5, 0.2, 2.0, 0.3];
/// Moments that the knowledge beforehand counts for.
const PRIOR_MOMENTS: f64 = 20.0;
const PRIOR_REST: f64 = 30.0;
/// Distance of the moments, seconds; some three of them follow from one movement.
const EVERY_S: f64 = 0.1;
const DEPENDENT: f64 = 3.0;

impl RegionBalance {
    /// Own and other side's movement on a common scale: what both do together reads alike. That
    /// explains a difference, or a part of it; where it would make one, the movements stay as they
    /// are, and where it would turn one round there is none.
    pub(super) fn equalised(&self, side: Side, own: f64, other: f64) -> [f64; 2] {
        let half = (0.5 * self.log_gain).exp();
        let equal = match side {
            Side::Left => [own / half, other * half],
            Side::Right => [own * half, other / half],
        };
        let (before, after) = (own - other, equal[0] - equal[1]);
        if before * after <= 0.0 {
            [0.5 * (own + other); 2]
        } else if after.abs() < before.abs() {
            equal
        } else {
            [own, other]
        }
    }

    /// Spread of the difference between the sides with this movement going on.
    pub(super) fn spread(&self, shared: f64, jaw: f64, head_deg: f64, mouth: f64) -> f64 {
        self.rest
            + self.shared * shared.abs()
            + self.jaw * jaw.abs()
            + self.head * head_deg
            + self.mouth * mouth.abs()
    }
}

/// The balance of a face, by region.
#[derive(Debug, Clone, Copy)]
pub(super) struct Balance([RegionBalance; Region::ALL.len()]);

impl Balance {
    /// Learns from the frames of a recording between two times.
    pub(super) fn learn(recording: &Recording, from_s: f64, until_s: f64) -> Self {
        let moments = moments(recording, from_s, until_s);
        let mouth = Gain::learn(&moments, Region::MouthCorner);
        Self(Region::ALL.map(|region| {
            let gain =
                if region == Region::MouthCorner { mouth } else { Gain::learn(&moments, region) };
            learn(&moments, region, gain, mouth)
        }))
    }

    /// That of one region.
    pub(super) const fn of(&self, region: Region) -> &RegionBalance {
        &self.0[region as usize]
    }
}

fn moments(recording: &Recording, from_s: f64, until_s: f64) -> Vec<Moved> {
    let frame_s = recording.frame_s().max(1e-3);
    let step = ((EVERY_S / frame_s).round() as usize).max(1);
    let frames = recording.at(from_s)..recording.at(until_s);
    frames
        .step_by(step)
        .filter_map(|i| {
            let now_s = recording.time_s(i);
            let before = recording.frames(now_s - 0.75, now_s - 0.2, now_s);
            if before.len() < 3 {
                return None;
            }
            let now = level(recording, now_s, now_s + 0.05, now_s)?;
            Some(now - level(recording, now_s - 0.75, now_s - 0.2, now_s)?)
        })
        .collect()
}

fn sides(moved: &Moved, region: Region) -> [f64; 2] {
    Side::BOTH.map(|side| moved.of(Place::new(region, side)))
}

/// Index into the pairs of constants above: the lids' units are not the skin's.
const fn kind(region: Region) -> usize {
    if matches!(region, Region::Periocular) { 0 } else { 1 }
}

/// Logarithm of left over right.
#[derive(Debug, Clone, Copy)]
struct Gain(f64);

impl Gain {
    fn learn(moments: &[Moved], region: Region) -> Self {
        let seen = moments.iter().map(|m| sides(m, region)).filter(|[l, r]| (l + r).is_finite());
        let seen: Vec<[f64; 2]> = seen.collect();
        let noise = median(seen.iter().map(|[l, r]| (l - r).abs()).collect());
        let noise = noise.filter(|_| seen.len() > 10).map_or(5.0, |median| 1.48 * median);
        let least = noise.max([15.0, 4.0][kind(region)]);
        let ratios: Vec<(f64, f64)> = seen
            .iter()
            .filter(|[l, r]| shared(*l, *r).abs() > least)
            .map(|[l, r]| ((l / r).ln(), shared(*l, *r).abs()))
            .collect();
        let n = ratios.len();
        let Some(middle) = weighted_median(ratios.clone()).filter(|_| n >= 3) else {
            return Self(0.0);
        };
        let spread = median(ratios.iter().map(|(ratio, _)| (ratio - middle).abs()).collect());
        let error = (1.48 * spread.unwrap_or(0.0)).max(0.1).powi(2) / (n as f64 / DEPENDENT);
        let prior = GAIN[kind(region)].powi(2);
        Self(middle * prior / (prior + error))
    }

    fn equalised(self, [left, right]: [f64; 2]) -> [f64; 2] {
        let half = (0.5 * self.0).exp();
        [left / half, right * half]
    }
}

fn learn(moments: &[Moved], region: Region, gain: Gain, mouth: Gain) -> RegionBalance {
    let k = kind(region);
    let jaw_counts = !matches!(region, Region::Periocular | Region::Forehead);
    let mouth_counts = matches!(region, Region::Cheek | Region::Jaw);
    // Difference between the sides, and what it may grow with.
    let rows: Vec<(f64, [f64; 4])> = moments
        .iter()
        .filter_map(|m| {
            let [l, r] = gain.equalised(sides(m, region));
            let corners = mouth.equalised(sides(m, Region::MouthCorner));
            let with = [
                shared(l, r).abs(),
                if jaw_counts { m.jaw().abs() } else { 0.0 },
                m.head_deg(),
                if mouth_counts { shared(corners[0], corners[1]).abs() } else { 0.0 },
            ];
            (l - r).is_finite().then(|| ((l - r).abs(), with))
        })
        .collect();
    let n = rows.len() as f64;
    // A low quantile is that of rest, whatever moves otherwise.
    let rest = quantile(rows.iter().map(|row| row.0).collect(), 0.25).unwrap_or(REST[k]) / 0.319;
    let prior = PRIOR_REST * REST[k].ln();
    let rest = ((n * rest.max(0.1).ln() + prior) / (n + PRIOR_REST)).exp().max(LEAST[k]);
    let usual = [
        SHARED[k],
        if jaw_counts { JAW } else { 0.0 },
        HEAD[k],
        if mouth_counts { MOUTH } else { 0.0 },
    ];
    let mut spread: Vec<f64> = vec![rest; rows.len()];
    let mut grows = usual;
    for part in 0..4 {
        let values: Vec<f64> = rows.iter().map(|row| row.1[part]).collect();
        let large = quantile(values.clone(), 0.8).unwrap_or(0.0);
        let least = large.max(if part == 2 { 1.0 } else { rest });
        let excess: Vec<f64> = rows
            .iter()
            .zip(&spread)
            .filter(|(row, _)| row.1[part] >= least)
            .map(|(row, spread)| (2.2 * row.0 - spread).max(0.0) / row.1[part])
            .collect();
        let weight = excess.len() as f64 / DEPENDENT;
        if excess.len() > 2 {
            let seen = quantile(excess, 0.35).unwrap_or(0.0);
            let mean = (weight * seen + PRIOR_MOMENTS * usual[part]) / (weight + PRIOR_MOMENTS);
            grows[part] = mean.min(MOST[part]);
        }
        for (spread, value) in spread.iter_mut().zip(values) {
            *spread += grows[part] * value;
        }
    }
    let [shared, jaw, head, mouth] = grows;
    RegionBalance { log_gain: gain.0, rest, shared, jaw, head, mouth }
}

/// Levels before a movement that began at `onset_s`.
pub(super) fn before(recording: &Recording, onset_s: f64) -> Option<Moved> {
    level(recording, onset_s - BEFORE_S[0], onset_s - BEFORE_S[1], onset_s)
        .or_else(|| level(recording, onset_s - 0.05, onset_s + 0.05, onset_s))
}
