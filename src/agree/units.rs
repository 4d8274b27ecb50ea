//! Which entries of different raters are the same event.

use serde::Serialize;

use super::rating::{Group, Rated, Rating};

/// Overlap (intersection over union) from which two entries are the same.
const OVERLAP_MIN: f64 = 0.5;

/// One event as the raters have it.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Unit {
    /// The recording.
    pub recording: String,
    /// By rater, in their order: `None` where the rater has no event here.
    pub ratings: Vec<Option<Rated>>,
    /// Which raters rated this recording at all.
    pub rated: Vec<bool>,
}

impl Unit {
    /// A word from each rater; `None` of those who did not rate the recording.
    pub(super) fn by_rater(
        &self,
        raters: usize,
        word: impl Fn(&Option<Rated>) -> String,
    ) -> Vec<Option<String>> {
        (0..raters).map(|i| self.rated[i].then(|| word(&self.ratings[i]))).collect()
    }
}

pub(super) fn events(group: &Group<'_>) -> Vec<Unit> {
    units(group, |rating| rating.events.as_deref())
}

pub(super) fn blinks(group: &Group<'_>) -> Vec<Unit> {
    units(group, |rating| rating.blinks.as_deref())
}

fn units(group: &Group<'_>, of: fn(&Rating) -> Option<&[Rated]>) -> Vec<Unit> {
    let mut units = Vec::new();
    for (row, name) in group.table.iter().zip(&group.recordings) {
        let entries: Vec<Option<&[Rated]>> = row.iter().map(|own| own.and_then(of)).collect();
        if entries.iter().flatten().count() < 2 {
            continue;
        }
        let rated: Vec<bool> = entries.iter().map(Option::is_some).collect();
        for ratings in joined(&entries) {
            if ratings.iter().flatten().any(|own| own.uncertain) {
                continue;
            }
            units.push(Unit { recording: name.clone(), ratings, rated: rated.clone() });
        }
    }
    units
}

/// Joins entries, closest first and those of one side before others, so that a unit has one entry of
/// a rater at most; in order of time.
fn joined(entries: &[Option<&[Rated]>]) -> Vec<Vec<Option<Rated>>> {
    let all: Vec<(usize, &Rated)> = entries
        .iter()
        .enumerate()
        .flat_map(|(rater, own)| own.iter().flat_map(|own| own.iter()).map(move |e| (rater, e)))
        .collect();
    let mut candidates = Vec::new();
    for (i, (rater, a)) in all.iter().enumerate() {
        for (j, (other, b)) in all.iter().enumerate().skip(i + 1) {
            let overlap = a.overlap(b);
            if rater != other && overlap >= OVERLAP_MIN {
                let same_side = a.side.is_none() || b.side.is_none() || a.side == b.side;
                candidates.push((same_side, overlap, i, j));
            }
        }
    }
    candidates.sort_by(|a, b| b.0.cmp(&a.0).then(b.1.total_cmp(&a.1)));
    let mut home: Vec<usize> = (0..all.len()).collect();
    for (_, _, i, j) in candidates {
        let (a, b) = (home[i], home[j]);
        let raters = |unit: usize| {
            let own = home.iter().enumerate().filter(move |(_, h)| **h == unit);
            own.map(|(e, _)| all[e].0).collect::<Vec<_>>()
        };
        if a != b && raters(a).iter().all(|rater| !raters(b).contains(rater)) {
            for own in &mut home {
                if *own == b {
                    *own = a;
                }
            }
        }
    }
    let mut units: Vec<Vec<Option<Rated>>> = Vec::new();
    for unit in 0..all.len() {
        let members: Vec<usize> = (0..all.len()).filter(|e| home[*e] == unit).collect();
        if members.is_empty() {
            continue;
        }
        let mut ratings = vec![None; entries.len()];
        for member in members {
            let (rater, own) = all[member];
            ratings[rater] = Some(own.clone());
        }
        units.push(ratings);
    }
    let start = |unit: &Vec<Option<Rated>>| {
        unit.iter().flatten().map(|own| own.start_s).fold(f64::INFINITY, f64::min)
    };
    units.sort_by(|a, b| start(a).total_cmp(&start(b)));
    units
}
