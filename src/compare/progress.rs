//! How involvement spreads over the visits: which regions and sides join, and in which direction.

use serde::{Deserialize, Serialize};

use super::chance;
use super::visit::Visit;
use crate::anatomy::{Region, Side};

/// Fewest events, and smallest share of its side's events, from which a region counts as taking
/// part at a visit (judgment: one contraction may be a slip of the measurement).
const FEWEST: u32 = 2;
const SMALLEST_SHARE: f64 = 0.2;

/// Direction of the spread over visits.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Course {
    /// Regions below the earlier ones joined.
    Downward,
    /// Regions above the earlier ones joined.
    Upward,
    /// Regions joined on both ends, beside, or too uncertainly to tell.
    Unresolved,
    /// No region joined.
    None,
}

/// How involvement spread over the visits.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Progress {
    /// On the left.
    pub left: SideProgress,
    /// On the right.
    pub right: SideProgress,
    /// The side that joined the other, and at which visit.
    pub across: Option<Across>,
}

/// A side that joined the other.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Across {
    /// The side that joined.
    pub side: Side,
    /// Number of the visit.
    pub visit: u32,
    /// It is more than chance explains.
    pub certain: bool,
}

/// How involvement spread on one side.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct SideProgress {
    /// Number of the visit at which the side first took part.
    pub since: Option<u32>,
    /// The regions that took part then.
    pub first: Vec<Region>,
    /// The regions that joined later, in order.
    pub joined: Vec<Joined>,
    /// The regions that took part earlier and do not at the last visit.
    pub ceased: Vec<Region>,
    /// Direction, from the regions that joined for certain.
    pub course: Course,
}

/// A region that joined.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Joined {
    /// The region.
    pub region: Region,
    /// Number of the visit.
    pub visit: u32,
    /// It is more than chance explains, and an earlier visit would have shown it.
    pub certain: bool,
    /// Why it is not certain.
    pub doubt: Option<String>,
}

/// How involvement spread over the visits.
pub(super) fn progress(visits: &[Visit]) -> Progress {
    Progress {
        left: side_progress(visits, Side::Left),
        right: side_progress(visits, Side::Right),
        across: across(visits),
    }
}

/// Height of a region on the face; the forehead joins the lids as often as not and tells nothing.
const fn height(region: Region) -> Option<i32> {
    match region {
        Region::Periocular => Some(3),
        Region::Cheek => Some(2),
        Region::MouthCorner => Some(1),
        Region::Jaw => Some(0),
        Region::Forehead => None,
    }
}

/// The regions that take part at a visit.
fn involved(visit: &Visit, side: Side) -> Vec<Region> {
    let figures = visit.side(side);
    let least = SMALLEST_SHARE * f64::from(figures.events.count);
    let takes_part =
        |own: &&super::Involvement| own.count >= FEWEST && f64::from(own.count) >= least;
    figures.regions.iter().filter(takes_part).map(|own| own.region).collect()
}

fn side_progress(visits: &[Visit], side: Side) -> SideProgress {
    let sets: Vec<Vec<Region>> = visits.iter().map(|visit| involved(visit, side)).collect();
    let Some(start) = sets.iter().position(|set| !set.is_empty()) else {
        let (first, joined, ceased) = (Vec::new(), Vec::new(), Vec::new());
        return SideProgress { since: None, first, joined, ceased, course: Course::None };
    };
    let first = sets[start].clone();
    let mut joined = Vec::new();
    for region in Region::ALL.into_iter().filter(|region| !first.contains(region)) {
        let Some(at) = sets.iter().position(|set| set.contains(&region)) else { continue };
        joined.push(join(visits, side, region, start, at));
    }
    joined.sort_by_key(|own: &Joined| own.visit);
    let last = &sets[sets.len() - 1];
    let mut ceased: Vec<Region> =
        sets.iter().flatten().copied().filter(|region| !last.contains(region)).collect();
    ceased.sort_unstable();
    ceased.dedup();
    let course = course(&first, &joined);
    SideProgress { since: Some(visits[start].number), first, joined, ceased, course }
}

/// A region's joining at visit `at`, the side taking part since `start`.
fn join(visits: &[Visit], side: Side, region: Region, start: usize, at: usize) -> Joined {
    let pooled = |part: &[Visit]| {
        part.iter().fold((0, 0), |(count, events), visit| {
            let figures = visit.side(side);
            let own = figures.region(region).map_or(0, |own| own.count);
            (count + own, events + figures.events.count)
        })
    };
    let (early, before) = pooled(&visits[start..at]);
    let (late, after) = pooled(&visits[at..]);
    // Each region of the side could have joined.
    let p = chance::shares(early, before, late, after) * Region::ALL.len() as f64;
    let size = visits[at].side(side).region(region).and_then(|own| own.amplitude_mfu);
    let hidden = visits[start..at].iter().find(|visit| {
        let limit = visit.side(side).region(region).and_then(|own| own.smallest_detectable_mfu);
        limit.zip(size).is_some_and(|(limit, size)| limit > size)
    });
    let doubt = if p > chance::LEVEL {
        Some(format!(
            "{early} of {before} events before and {late} of {after} since: chance could do it"
        ))
    } else {
        hidden.map(|visit| format!("visit {} could not have shown one so small", visit.number))
    };
    Joined { region, visit: visits[at].number, certain: doubt.is_none(), doubt }
}

fn course(first: &[Region], joined: &[Joined]) -> Course {
    if joined.is_empty() {
        return Course::None;
    }
    let heights = || first.iter().filter_map(|region| height(*region));
    let (Some(lowest), Some(highest)) = (heights().min(), heights().max()) else {
        return Course::Unresolved;
    };
    let new: Vec<i32> =
        joined.iter().filter(|own| own.certain).filter_map(|own| height(own.region)).collect();
    if new.is_empty() {
        Course::Unresolved
    } else if new.iter().all(|own| *own < lowest) {
        Course::Downward
    } else if new.iter().all(|own| *own > highest) {
        Course::Upward
    } else {
        Course::Unresolved
    }
}

/// The side that takes part from a later visit on than the other.
fn across(visits: &[Visit]) -> Option<Across> {
    let start = |side: Side| visits.iter().position(|visit| !involved(visit, side).is_empty());
    let (left, right) = (start(Side::Left)?, start(Side::Right)?);
    let (side, at) = match left.cmp(&right) {
        std::cmp::Ordering::Less => (Side::Right, right),
        std::cmp::Ordering::Equal => return None,
        std::cmp::Ordering::Greater => (Side::Left, left),
    };
    let pooled = |part: &[Visit]| {
        part.iter().fold((0, 0.0), |(count, time_s), visit| {
            (count + visit.side(side).events.count, time_s + visit.usable_s)
        })
    };
    let ((early, before_s), (late, after_s)) = (pooled(&visits[..at]), pooled(&visits[at..]));
    let certain = chance::rates(early, before_s, late, after_s) <= chance::LEVEL;
    Some(Across { side, visit: visits[at].number, certain })
}
