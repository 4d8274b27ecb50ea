//! What was told to be hidden, against what was.

use std::collections::BTreeMap;

use serde::Serialize;

use crate::report::{Analysis, PlaceCoverage, Truth, TruthHidden};

/// Time beside the ends of what hides a place in which it is half there, seconds (the time in which
/// the synthesizer's things come and go).
const EDGE_S: f64 = 0.3;

/// Seconds of places, summed: what was hidden, by what hid it, and what was told to be.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub struct Hidden {
    /// Told of the time that was hidden, by what hid it; its coming and going left out.
    pub found: BTreeMap<String, Part>,
    /// Hidden of the time that was told to be.
    pub right: Part,
}

/// So many seconds of so many.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize)]
pub struct Part {
    /// Those meant.
    pub s: f64,
    /// All.
    pub of_s: f64,
}

impl Part {
    pub(super) fn add(&mut self, other: Self) {
        self.s += other.s;
        self.of_s += other.of_s;
    }

    /// The part, 0 to 1; `None` of no time.
    #[must_use]
    pub fn value(self) -> Option<f64> {
        (self.of_s > 0.0).then(|| self.s / self.of_s)
    }
}

impl Hidden {
    pub(super) fn add(&mut self, other: &Self) {
        for (by, part) in &other.found {
            self.found.entry(by.clone()).or_default().add(*part);
        }
        self.right.add(other.right);
    }

    /// Told of all the time that was hidden.
    #[must_use]
    pub fn all_found(&self) -> Part {
        let mut all = Part::default();
        self.found.values().for_each(|part| all.add(*part));
        all
    }
}

/// Compares the hidden stretches of every place; `None` where the truth names none.
pub(super) fn compare(truth: &Truth, analysis: &Analysis) -> Option<Hidden> {
    if truth.hidden.is_empty() {
        return None;
    }
    let mut hidden = Hidden::default();
    for place in &analysis.coverage.places {
        compare_place(&truth.hidden, place, &mut hidden);
    }
    Some(hidden)
}

fn compare_place(truth: &[TruthHidden], place: &PlaceCoverage, hidden: &mut Hidden) {
    let told = &place.hidden_s;
    let mut was = Vec::new();
    for own in truth.iter().filter(|own| (own.region, own.side) == (place.region, place.side)) {
        was.push([own.start_s - EDGE_S, own.end_s + EDGE_S]);
        let whole = [own.start_s + 0.5 * EDGE_S, own.end_s - 0.5 * EDGE_S];
        if whole[1] > whole[0] {
            let part = Part { s: shared_s(&[whole], told), of_s: whole[1] - whole[0] };
            hidden.found.entry(own.by.clone()).or_default().add(part);
        }
    }
    let all_s = told.iter().map(|[start_s, end_s]| end_s - start_s).sum();
    hidden.right.add(Part { s: shared_s(&joined(was), told), of_s: all_s });
}

/// The stretches with those that touch made one, in order.
fn joined(mut stretches: Vec<[f64; 2]>) -> Vec<[f64; 2]> {
    stretches.sort_by(|a, b| a[0].total_cmp(&b[0]));
    let mut joined: Vec<[f64; 2]> = Vec::new();
    for [start_s, end_s] in stretches {
        match joined.last_mut() {
            Some(last) if start_s <= last[1] => last[1] = last[1].max(end_s),
            _ => joined.push([start_s, end_s]),
        }
    }
    joined
}

/// Time that two lists of stretches share, seconds; those of one list do not overlap.
fn shared_s(a: &[[f64; 2]], b: &[[f64; 2]]) -> f64 {
    let both = |a: &[f64; 2], b: &[f64; 2]| (a[1].min(b[1]) - a[0].max(b[0])).max(0.0);
    a.iter().map(|a| b.iter().map(|b| both(a, b)).sum::<f64>()).sum()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::anatomy::{Region, Side};

    #[test]
    fn time_is_counted_by_what_hid_the_place() {
        let side = Some(Side::Left);
        let own = |start_s, end_s, by: &str| TruthHidden {
            region: Region::Cheek,
            side,
            start_s,
            end_s,
            by: by.to_owned(),
        };
        let truth = [own(2.0, 4.3, "hand"), own(4.4, 5.7, "cup")];
        let place = PlaceCoverage {
            region: Region::Cheek,
            side,
            seen_fraction: 0.5,
            hidden_s: vec![[2.15, 3.15], [7.0, 9.0]],
        };
        let mut hidden = Hidden::default();
        compare_place(&truth, &place, &mut hidden);
        let near = |part: Part, s: f64, of_s: f64| {
            assert!((part.s - s).abs() < 1e-9 && (part.of_s - of_s).abs() < 1e-9, "{part:?}");
        };
        near(hidden.found["hand"], 1.0, 2.0);
        near(hidden.found["cup"], 0.0, 1.0);
        near(hidden.right, 1.0, 3.0);
        near(hidden.all_found(), 1.0, 3.0);
    }
}
