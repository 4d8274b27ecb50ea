//! Pairing what was found with what is true.

use crate::event::Laterality;

/// A stretch of time with a side: what a blink and an event have in common here.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Span {
    pub(super) start_s: f64,
    pub(super) end_s: f64,
    /// `None` where the side was not rated.
    pub(super) side: Option<Laterality>,
}

impl Span {
    fn common(&self, other: &Self) -> f64 {
        (self.end_s.min(other.end_s) - self.start_s.max(other.start_s)).max(0.0)
    }

    fn length(&self) -> f64 {
        (self.end_s - self.start_s).max(0.0)
    }

    /// Intersection over union, 0 to 1.
    pub(super) fn overlap(&self, other: &Self) -> f64 {
        let common = self.common(other);
        let union = self.length() + other.length() - common;
        if union > 0.0 { common / union } else { 0.0 }
    }

    /// Part of this span that lies inside another, 0 to 1.
    pub(super) fn inside(&self, other: &Self) -> f64 {
        if self.length() > 0.0 { self.common(other) / self.length() } else { 0.0 }
    }

    fn same_side(&self, other: &Self) -> bool {
        self.side.is_none() || other.side.is_none() || self.side == other.side
    }
}

/// Pairs each truth with at most one finding, best first: pairs of the same side before others,
/// then by `closeness` of a truth and a finding by their indices, which is `None` where the two do
/// not match at all. Returns index pairs (truth, found) in order of the truth.
pub(super) fn pairs(
    truth: &[Span],
    found: &[Span],
    closeness: impl Fn(usize, usize) -> Option<f64>,
) -> Vec<(usize, usize)> {
    let mut candidates = Vec::new();
    for (t, true_span) in truth.iter().enumerate() {
        for (f, found_span) in found.iter().enumerate() {
            if let Some(close) = closeness(t, f) {
                candidates.push((true_span.same_side(found_span), close, t, f));
            }
        }
    }
    candidates.sort_by(|a, b| b.0.cmp(&a.0).then(b.1.total_cmp(&a.1)));
    let (mut truth_taken, mut found_taken) = (vec![false; truth.len()], vec![false; found.len()]);
    let mut pairs = Vec::new();
    for (_, _, t, f) in candidates {
        if !truth_taken[t] && !found_taken[f] {
            (truth_taken[t], found_taken[f]) = (true, true);
            pairs.push((t, f));
        }
    }
    pairs.sort_unstable();
    pairs
}

#[cfg(test)]
mod tests {
    use super::*;

    fn span(start_s: f64, end_s: f64, side: Laterality) -> Span {
        Span { start_s, end_s, side: Some(side) }
    }

    #[test]
    fn of_two_findings_at_one_time_the_one_on_the_right_side_is_taken() {
        let truth = [span(1.0, 2.0, Laterality::Left), span(1.0, 2.0, Laterality::Right)];
        let found = [span(1.0, 2.0, Laterality::Right), span(1.2, 2.1, Laterality::Left)];
        let by_overlap = |t: usize, f: usize| Some(truth[t].overlap(&found[f]));
        assert_eq!(pairs(&truth, &found, by_overlap), [(0, 1), (1, 0)]);
    }

    #[test]
    fn a_finding_matches_once() {
        let truth = [span(1.0, 2.0, Laterality::Left), span(1.1, 2.0, Laterality::Left)];
        let found = [span(1.1, 2.0, Laterality::Left)];
        let by_overlap = |t: usize, f: usize| Some(truth[t].overlap(&found[f]));
        assert_eq!(pairs(&truth, &found, by_overlap), [(1, 0)]);
    }
}
