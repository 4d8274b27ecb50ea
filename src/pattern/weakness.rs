//! Weakness of one side: a lid that does not close, a mouth drawn to the other side, a brow that stays
//! behind, weighed together against the inequality of healthy faces.
//!
//! What is asked of each region is how far its left side goes of the right side's way, as a logarithm.
//! How likely each such ratio makes what was measured is held against how often it is met in healthy
//! people and on a weak side.

use serde::{Deserialize, Serialize};
use statrs::distribution::{ContinuousCDF, Normal};

use crate::anatomy::{Region, Side};
use crate::event::stats::median;
use crate::event::{Excursion, Findings};

/// A side that moves less than its fellow in blinks, in speech and in what is done on purpose.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Weakness {
    /// The side.
    pub side: Side,
    /// Log odds of a weak side against a healthy face, nats.
    pub nats: f64,
    /// What each region of it does, where it could be compared: lids, mouth, brow.
    pub parts: Vec<WeakPart>,
}

/// What one region of a side does of its fellow's way.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct WeakPart {
    /// The region.
    pub region: Region,
    /// Part of the fellow's way, 0 to 1; over 1 where this region goes further: the median of what is
    /// likely by what was measured alone.
    pub share: f64,
    /// 90 % interval of that share, likewise.
    pub interval: [f64; 2],
    /// Blinks or movements that were compared.
    pub movements: u32,
    /// What it says for a weak side, nats.
    pub nats: f64,
}

/// Odds from which a side is called weak, nats (judgment: seven to one).
const NAMED_NATS: f64 = 2.0;

/// Part of weak sides in which a region is weak along: a palsy may spare a branch, and then the region
/// does as its fellow does, so that alike lids or mouths never gainsay the other for certain
/// (judgment; the mouth is spared least).
const fn reached(region: Region) -> f64 {
    match region {
        Region::MouthCorner => 0.75,
        _ => 0.65,
    }
}

/// What one region says at most for a weak side and against it, nats; the brow little, as many people
/// raise one alone at will (judgment).
const fn most(region: Region) -> f64 {
    match region {
        Region::Forehead => 1.0,
        _ => 4.0,
    }
}

/// Standard deviation of the logarithm of one side's way over the other's in healthy people. Mouth:
/// corners differ by -3.85 to +2.71 mm of an excursion of 10 mm (doi 10.2319/022916-172.1); lids:
/// blinks of the recordings of healthy people read up to 0.4 apart; brow: judgment.
const fn healthy(region: Region) -> f64 {
    match region {
        Region::Forehead => 0.35,
        _ => 0.2,
    }
}

/// How much two alike sides may be read apart in a face of that size besides, as the logarithm: of a
/// small face the mesh takes a lid for half as far down as it is, one more than the other (measured:
/// of five healthy faces 39 to 56 pixels wide between the outer canthi two are read 0.4 and 0.8 apart
/// in blinks and two 0.55 and 1.4 in speech, of larger ones few). It falls steeply with the pixels
/// that a region has (judgment).
fn misread(face_unit_px: Option<f64>) -> f64 {
    face_unit_px.map_or(0.0, |px| (0.25 * (60.0 / px.max(1.0)).powi(4)).min(0.6))
}

/// Part of healthy people who differ by three times as much (judgment).
const ODD: f64 = 0.02;

/// Way that a weak side has left, any alike: lids 25 % of the way in complete and 65 % in partial
/// palsies (Ogawa 2021).
const LEFT: [f64; 2] = [0.05, 0.8];

/// Fewest blinks in which both lids were seen for them to be compared (judgment: one may be a squeeze
/// of one lid).
const BLINKS: usize = 2;

/// Share of the lesser lid at its best below which falls of the lids tell by themselves, where blinks
/// are too few (judgment: readings of healthy lids differ by a third).
const FALLS_TELL: f64 = 0.6;

/// Least part of a lid's way that is told from none.
const LEAST: f64 = 0.03;

/// How far the logarithm of one lid's way over the other's varies from blink to blink in one person,
/// and in how many blinks' worth of certainty that is known before the person's own are seen. One in
/// twenty goes astray by four times as much, which is Student's t with two degrees of freedom
/// (measured: 511 blinks of 29 healthy people: half within 0.065, nineteen in twenty within 0.46).
const BLINK_SCATTER: f64 = 0.1;
const KNOWN_BLINKS: f64 = 5.0;
const FREEDOM: f64 = 2.0;

/// Error of the reading of how far a lid came down, parts of the open aperture: it weighs on the
/// logarithm of a way that is small (judgment: shares read within 0.15 with nine in ten, 0.06 of
/// a blink).
const READING: f64 = 0.06;

/// Logarithms of one side's way over the other's that are held against each other: steps of 0.05 on
/// either side of zero.
const STEP: f64 = 0.05;
const STEPS: i32 = 72;

impl Weakness {
    /// The weak side, where one is more likely than the inequality of healthy faces.
    #[must_use]
    pub fn of(findings: &Findings) -> Option<Self> {
        let compared = ways(findings);
        let misread = misread(findings.summary.face_unit_px);
        let of_side = |side| {
            let parts: Vec<WeakPart> = compared.iter().map(|way| way.part(side, misread)).collect();
            Self { side, nats: parts.iter().map(|part| part.nats).sum(), parts }
        };
        let [left, right] = Side::BOTH.map(of_side);
        let weaker = if left.nats > right.nats { left } else { right };
        (weaker.nats >= NAMED_NATS).then_some(weaker)
    }

    /// What each region that is weak does of its fellow's way, in words: `lid 62 % of the right
    /// one's way (45 to 78 %), corner of the mouth 40 % (35 to 46 %)`. What may as well go all of it
    /// is left out where another does not.
    #[must_use]
    pub fn words(&self) -> String {
        let percent = |share: f64| (100.0 * share).round();
        let behind = |part: &&WeakPart| part.nats > 0.0 && part.share < 1.0;
        let surely = |part: &&WeakPart| behind(part) && part.interval[1] < 1.0;
        let any = self.parts.iter().any(|part| surely(&part));
        let weak = self.parts.iter().filter(|part| if any { surely(part) } else { behind(part) });
        let parts: Vec<String> = weak
            .enumerate()
            .map(|(number, part)| {
                let name = match part.region {
                    Region::Periocular => "lid",
                    Region::Cheek => "cheek",
                    Region::MouthCorner => "corner of the mouth",
                    Region::Forehead => "brow",
                    Region::Jaw => "chin",
                };
                let of = match number {
                    0 => format!(" of the {} one's way", self.side.opposite()),
                    _ => String::new(),
                };
                let [low, high] = part.interval.map(percent);
                format!("{name} {} %{of} ({low} to {high} %)", percent(part.share))
            })
            .collect();
        parts.join(", ")
    }

    /// What a region does, where it could be compared.
    #[must_use]
    pub fn part(&self, region: Region) -> Option<&WeakPart> {
        self.parts.iter().find(|part| part.region == region)
    }
}

/// How far the left side of a region goes of the right side's way.
#[derive(Debug, Clone)]
struct Way {
    region: Region,
    /// How likely each ratio makes what was measured.
    likelihood: Vec<f64>,
    movements: u32,
}

/// The ratios that are weighed, as logarithms.
fn ratios() -> impl Iterator<Item = f64> {
    (-STEPS..=STEPS).map(|step| STEP * f64::from(step))
}

/// Everything that could be compared.
fn ways(findings: &Findings) -> Vec<Way> {
    let blinks = of_blinks(findings);
    let too_few = blinks.is_none();
    let others = findings.summary.excursions.iter().filter(|own| match own.region {
        Region::Periocular => too_few && own.share < FALLS_TELL,
        _ => true,
    });
    blinks.into_iter().chain(others.map(of_excursion)).collect()
}

/// Of blinks in which both lids were seen: each tells of one and the same ratio, but now and then one
/// of them goes astray.
fn of_blinks(findings: &Findings) -> Option<Way> {
    let both = findings.blinks.iter().filter_map(|blink| {
        let depths = [blink.lids.left?.depth, blink.lids.right?.depth];
        Some(depths.map(|depth| f64::from(depth).max(LEAST)))
    });
    let blinks: Vec<[f64; 2]> = both.collect();
    if blinks.len() < BLINKS {
        return None;
    }
    let logs: Vec<f64> = blinks.iter().map(|[left, right]| (left / right).ln()).collect();
    let middle = median(logs.clone())?;
    let own = 1.4826 * median(logs.iter().map(|log| (log - middle).abs()).collect())?;
    let number = logs.len() as f64;
    let spread = number * own.powi(2) + KNOWN_BLINKS * BLINK_SCATTER.powi(2);
    let scatter = (spread / (number + KNOWN_BLINKS)).sqrt();
    let likely = |ratio: f64| {
        let one = |([left, right], log): (&[f64; 2], &f64)| {
            let reading = READING / left.max(*right) * (1.0 + ratio.abs().exp().powi(2)).sqrt();
            let scale = scatter.hypot(reading);
            let away = (log - ratio) / scale;
            (1.0 + away.powi(2) / FREEDOM).ln() * -0.5 * (FREEDOM + 1.0) - scale.ln()
        };
        blinks.iter().zip(&logs).map(one).sum::<f64>()
    };
    let nats: Vec<f64> = ratios().map(likely).collect();
    let most = nats.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    Some(Way {
        region: Region::Periocular,
        likelihood: nats.iter().map(|own| (own - most).exp()).collect(),
        movements: logs.len() as u32,
    })
}

fn of_excursion(own: &Excursion) -> Way {
    let [low, high] = own.interval.map(|share| share.max(LEAST).ln());
    let toward = if own.side == Side::Left { 1.0 } else { -1.0 };
    let middle = toward * own.share.max(LEAST).ln();
    let error = (0.5 * (high - low) / deviations(own)).max(STEP);
    Way {
        region: own.region,
        likelihood: ratios().map(|ratio| bell(ratio - middle, error)).collect(),
        movements: own.movements,
    }
}

/// Standard deviations in half an interval: of the median of a few movements all of them together hold
/// less than 90 %.
fn deviations(own: &Excursion) -> f64 {
    let outside = 0.5f64.powi(own.movements as i32).max(0.05);
    Normal::standard().inverse_cdf(1.0 - outside)
}

/// Height of a normal distribution, but for a factor that is the same for all.
fn bell(away: f64, spread: f64) -> f64 {
    (-0.5 * (away / spread).powi(2)).exp() / spread
}

impl Way {
    /// The same as seen from one side, weighed.
    fn part(&self, side: Side, misread: f64) -> WeakPart {
        let mut likelihood = self.likelihood.clone();
        if side == Side::Right {
            likelihood.reverse();
        }
        let most = most(self.region);
        let weak = log_odds(&likelihood, healthy(self.region).hypot(misread)).clamp(-most, most);
        let reached = reached(self.region);
        let [low, share, high] = quantiles(&likelihood, [0.05, 0.5, 0.95]).map(f64::exp);
        WeakPart {
            region: self.region,
            share,
            interval: [low, high],
            movements: self.movements,
            nats: (reached * weak.exp() + 1.0 - reached).ln(),
        }
    }
}

/// Log odds of a weak side against a healthy face.
fn log_odds(likelihood: &[f64], healthy: f64) -> f64 {
    let of = |density: &dyn Fn(f64) -> f64| {
        ratios().zip(likelihood).map(|(ratio, likely)| density(ratio) * likely).sum::<f64>()
    };
    let steps = 16;
    let left = |i: i32| LEFT[0] + (LEFT[1] - LEFT[0]) * f64::from(i) / f64::from(steps - 1);
    let weak = of(&|ratio| {
        (0..steps).map(|i| bell(ratio - left(i).ln(), healthy)).sum::<f64>() / f64::from(steps)
    });
    let sound = of(&|ratio| (1.0 - ODD) * bell(ratio, healthy) + ODD * bell(ratio, 3.0 * healthy));
    ((weak + 1e-9) / (sound + 1e-9)).ln()
}

/// Ratios below which these parts of the likelihood lie.
fn quantiles<const N: usize>(likelihood: &[f64], parts: [f64; N]) -> [f64; N] {
    let whole: f64 = likelihood.iter().sum();
    parts.map(|part| {
        let mut below = 0.0;
        let found = ratios().zip(likelihood).find_map(|(ratio, likely)| {
            let left = part * whole - below;
            below += likely;
            // Within the step that holds the place.
            (left <= *likely).then(|| ratio + STEP * (left / likely.max(1e-300) - 0.5))
        });
        found.unwrap_or(0.0)
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::anatomy::PerSide;
    use crate::event::{Blink, Laterality, LidClosing};

    fn blink([left, right]: [f32; 2]) -> Blink {
        let lid =
            |depth| Some(LidClosing { depth, complete: depth > 0.9, speed: None, lag_s: None });
        Blink {
            start_s: 0.0,
            peak_s: 0.1,
            end_s: 0.3,
            side: Laterality::Both,
            depth: 0.5 * (left + right),
            complete: false,
            asymmetry: left - right,
            lag_s: None,
            lids: PerSide { left: lid(left), right: lid(right) },
        }
    }

    fn found(lids: &[[f32; 2]], mouth: Option<(Side, f64)>) -> Findings {
        let blinks = lids.iter().copied().map(blink).collect();
        let mut findings = Findings { blinks, ..Findings::default() };
        findings.summary.excursions.extend(mouth.map(|(side, share)| Excursion {
            region: Region::MouthCorner,
            side,
            share,
            interval: [0.9 * share, 1.1 * share],
            movements: 9,
        }));
        findings
    }

    fn nine(lids: [f32; 2], mouth: Option<(Side, f64)>) -> Findings {
        found(&[lids; 9], mouth)
    }

    #[test]
    fn the_weak_side_is_named_and_healthy_inequality_is_not() {
        for side in Side::BOTH {
            let lids = if side == Side::Left { [0.4, 0.9] } else { [0.9, 0.4] };
            for told in [
                nine(lids, None),
                nine([0.9, 0.9], Some((side, 0.3))),
                nine(lids, Some((side, 0.5))),
            ] {
                let weakness = Weakness::of(&told).expect("weak");
                assert_eq!(weakness.side, side);
            }
            assert_eq!(Weakness::of(&nine([0.9, 0.85], Some((side, 0.75)))), None);
        }
        let both = Weakness::of(&nine([0.4, 0.9], Some((Side::Left, 0.5)))).expect("weak");
        let lids = Weakness::of(&nine([0.4, 0.9], None)).expect("weak");
        assert!(both.nats > lids.nats, "{both:?} {lids:?}");
    }

    #[test]
    fn a_lid_that_hardly_closes_is_a_finding_where_the_mouth_does_alike() {
        for mouth in [0.9, 1.0, 1.1] {
            let lid = Weakness::of(&nine([0.3, 0.95], Some((Side::Left, mouth))));
            assert_eq!(lid.map(|own| own.side), Some(Side::Left));
            let unequal = Weakness::of(&nine([0.65, 0.95], Some((Side::Left, mouth))));
            assert_eq!(unequal, None);
        }
    }

    #[test]
    fn one_blink_that_goes_astray_does_not_hide_a_weak_lid_nor_make_one() {
        let weak = [0.12, 0.95];
        let told = Weakness::of(&found(&[weak, weak, [0.93, 0.94], weak], None)).expect("weak");
        assert_eq!(told.side, Side::Left);
        let lid = told.part(Region::Periocular).expect("compared");
        assert!((lid.share - 0.126).abs() < 0.03 && lid.interval[1] < 0.25, "{lid:?}");
        let alike = [0.9, 0.94];
        assert_eq!(Weakness::of(&found(&[alike, weak, alike, alike], None)), None);
    }

    #[test]
    fn a_side_that_is_weak_in_one_region_and_strong_in_another_is_doubtful() {
        let crossed = Weakness::of(&nine([0.55, 0.9], Some((Side::Right, 0.6))));
        assert_eq!(crossed, None);
    }
}
