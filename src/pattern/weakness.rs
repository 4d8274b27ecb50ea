//! Weakness of one side: a lid that does not close, a mouth drawn to the other side, a brow that stays
//! behind, weighed together against the inequality of healthy faces.

use serde::{Deserialize, Serialize};

use crate::anatomy::{Region, Side};
use crate::event::{LidShare, Summary};

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
    /// Part of the fellow's way, 0 to 1; over 1 where this region goes further.
    pub share: f64,
    /// 90 % interval of that share.
    pub interval: [f64; 2],
    /// Blinks or movements that were compared.
    pub movements: u32,
    /// What it says for a weak side, nats.
    pub nats: f64,
}

/// Odds from which a side is called weak, nats (judgment: nine in two).
const NAMED_NATS: f64 = 1.5;

/// What one region says at most for a weak side and against it, nats. Against it less than for it, as
/// a palsy may spare a branch, but the mouth; the brow little, as many people raise one alone at will
/// (judgment).
const fn bounds(region: Region) -> [f64; 2] {
    match region {
        Region::MouthCorner => [-4.0, 4.0],
        Region::Forehead => [-1.0, 1.0],
        _ => [-1.0, 4.0],
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

/// Part of healthy people who differ by three times as much (judgment).
const ODD: f64 = 0.02;

/// Way that a weak side has left, any alike: lids 25 % of the way in complete and 65 % in partial
/// palsies (Ogawa 2021).
const LEFT: [f64; 2] = [0.05, 0.8];

/// Fewest blinks in which both lids were seen for their shares to be compared.
const BLINKS: u32 = 3;

/// Share of the lesser lid at its best below which falls of the lids tell by themselves, where blinks
/// are too few (judgment: readings of healthy lids differ by a third).
const FALLS_TELL: f64 = 0.6;

/// Share of the lesser lid in blinks from which on the two are alike (judgment, as [`FALLS_TELL`]).
const ALIKE: f32 = 0.6;

/// Half a 90 % interval over a standard deviation.
const HALF_90: f64 = 1.645;

impl Weakness {
    /// The weak side, where one is more likely than the inequality of healthy faces.
    #[must_use]
    pub fn of(summary: &Summary) -> Option<Self> {
        let compared = ways(summary);
        let of_side = |side| {
            let parts: Vec<WeakPart> = compared.iter().map(|way| way.part(side)).collect();
            Self { side, nats: parts.iter().map(|part| part.nats).sum(), parts }
        };
        let [left, right] = Side::BOTH.map(of_side);
        let weaker = if left.nats > right.nats { left } else { right };
        (weaker.nats >= NAMED_NATS).then_some(weaker)
    }

    /// What each region that is weak does of its fellow's way, in words: `lid 62 % of the right
    /// one's way (45 to 78 %), corner of the mouth 40 % (35 to 46 %)`.
    #[must_use]
    pub fn words(&self) -> String {
        let percent = |share: f64| (100.0 * share).round();
        let weak = self.parts.iter().filter(|part| part.nats > 0.0 && part.share < 1.0);
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

/// Logarithm of the left side's way over the right's, with its 90 % interval.
#[derive(Debug, Clone, Copy)]
struct Way {
    region: Region,
    ratio: f64,
    interval: [f64; 2],
    movements: u32,
}

/// Everything that could be compared.
fn ways(summary: &Summary) -> Vec<Way> {
    let shares = summary.lid_share.left.as_ref().zip(summary.lid_share.right.as_ref());
    let blinks = shares.and_then(|(left, right)| of_blinks(left, right));
    // A blink or two in which both lids did alike gainsay falls, which in a spasm are of one lid.
    let alike = shares.is_some_and(|(left, right)| {
        left.share.min(right.share) > ALIKE * left.share.max(right.share)
    });
    let others = summary.excursions.iter().filter(|own| match own.region {
        Region::Periocular => blinks.is_none() && !alike && own.share < FALLS_TELL,
        _ => true,
    });
    let measured = others.map(|own| {
        let [low, high] = own.interval.map(|share| share.max(1e-3).ln());
        let ratio = own.share.max(1e-3).ln();
        let (ratio, interval) = match own.side {
            Side::Left => (ratio, [low, high]),
            Side::Right => (-ratio, [-high, -low]),
        };
        Way { region: own.region, ratio, interval, movements: own.movements }
    });
    blinks.into_iter().chain(measured).collect()
}

fn of_blinks(left: &LidShare, right: &LidShare) -> Option<Way> {
    let log = |share: f32| f64::from(share.max(0.03)).ln();
    let error = |own: &LidShare| 0.5 * (log(own.interval[1]) - log(own.interval[0]));
    let movements = left.blinks.min(right.blinks);
    let ratio = log(left.share) - log(right.share);
    let half = error(left).hypot(error(right));
    (movements >= BLINKS).then_some(Way {
        region: Region::Periocular,
        ratio,
        interval: [ratio - half, ratio + half],
        movements,
    })
}

impl Way {
    /// The same as seen from one side, weighed.
    fn part(&self, side: Side) -> WeakPart {
        let (ratio, [low, high]) = match side {
            Side::Left => (self.ratio, self.interval),
            Side::Right => (-self.ratio, [-self.interval[1], -self.interval[0]]),
        };
        let error = 0.5 * (high - low) / HALF_90;
        let [least, most] = bounds(self.region);
        WeakPart {
            region: self.region,
            share: ratio.exp(),
            interval: [low.exp(), high.exp()],
            movements: self.movements,
            nats: log_odds(ratio, error, healthy(self.region)).clamp(least, most),
        }
    }
}

/// Log odds of a weak side against a healthy face, of the logarithm of its way over its fellow's,
/// which is known to within `error`.
fn log_odds(ratio: f64, error: f64, healthy: f64) -> f64 {
    let spread = healthy.hypot(error);
    let density =
        |mean: f64, spread: f64| (-0.5 * ((ratio - mean) / spread).powi(2)).exp() / spread;
    let steps = 16;
    let weak = (0..steps).map(|i| {
        let left = LEFT[0] + (LEFT[1] - LEFT[0]) * f64::from(i) / f64::from(steps - 1);
        density(left.ln(), spread)
    });
    let weak = weak.sum::<f64>() / f64::from(steps);
    let sound = (1.0 - ODD) * density(0.0, spread) + ODD * density(0.0, 3.0 * spread);
    ((weak + 1e-9) / (sound + 1e-9)).ln()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::anatomy::PerSide;
    use crate::event::Excursion;

    fn summary(lids: [f32; 2], mouth: Option<(Side, f64)>) -> Summary {
        let lid = |share: f32| {
            Some(LidShare { share, interval: [share - 0.05, share + 0.05], blinks: 9 })
        };
        let excursions = mouth.map(|(side, share)| Excursion {
            region: Region::MouthCorner,
            side,
            share,
            interval: [0.9 * share, 1.1 * share],
            movements: 9,
        });
        Summary {
            lid_share: PerSide { left: lid(lids[0]), right: lid(lids[1]) },
            excursions: excursions.into_iter().collect(),
            ..Summary::default()
        }
    }

    #[test]
    fn the_weak_side_is_named_and_healthy_inequality_is_not() {
        for side in Side::BOTH {
            let lids = if side == Side::Left { [0.4, 0.9] } else { [0.9, 0.4] };
            for found in [
                summary(lids, None),
                summary([0.9, 0.9], Some((side, 0.3))),
                summary(lids, Some((side, 0.5))),
            ] {
                let weakness = Weakness::of(&found).expect("weak");
                assert_eq!(weakness.side, side);
            }
            assert_eq!(Weakness::of(&summary([0.9, 0.85], Some((side, 0.75)))), None);
        }
        let both = Weakness::of(&summary([0.4, 0.9], Some((Side::Left, 0.5)))).expect("weak");
        let lids = Weakness::of(&summary([0.4, 0.9], None)).expect("weak");
        assert!(both.nats > lids.nats, "{both:?} {lids:?}");
    }

    #[test]
    fn a_side_that_is_weak_in_one_region_and_strong_in_another_is_doubtful() {
        let crossed = Weakness::of(&summary([0.55, 0.9], Some((Side::Right, 0.6))));
        assert_eq!(crossed, None);
    }
}
