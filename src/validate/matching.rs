//! Pairing what was found with what is true.

use serde::Serialize;

use crate::event::Laterality;

/// Overlap from which a truth and a finding match: intersection over union.
pub(super) const OVERLAP_MIN: f64 = 0.5;
/// Times in files are rounded: what is this much over a tolerance is still within it, seconds.
pub(super) const ROUNDING_S: f64 = 1e-3;
/// From here on lids are closed rather than blink, and have no one peak, seconds.
pub(super) const CLOSURE_FROM_S: f64 = 0.5;

/// By what a truth and a finding are told to be the same.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum MatchBy {
    /// Their times overlap by half of their union.
    #[default]
    Overlap,
    /// Their peaks lie together: for raters whose starts and ends are soft.
    Peak,
}

/// How truth and findings are matched.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Matching {
    /// The rule by which sides and errors are told, and that is printed first.
    pub by: MatchBy,
    /// How far peaks may lie apart, seconds.
    pub tolerance_s: f64,
}

impl Matching {
    /// How far peaks may lie apart where nothing else is said, seconds: ratings of peaks are within
    /// 0.1 s, and healthy blinks hardly follow within 0.5 s (judgment).
    pub const TOLERANCE_S: f64 = 0.25;

    /// By peak, within the usual tolerance.
    pub const PEAK: Self = Self { by: MatchBy::Peak, tolerance_s: Self::TOLERANCE_S };
}

impl Default for Matching {
    fn default() -> Self {
        Self { by: MatchBy::Overlap, tolerance_s: Self::TOLERANCE_S }
    }
}

/// A stretch of time with a side: what a blink and an event have in common here.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Span {
    pub(super) start_s: f64,
    /// The middle where it was not rated.
    pub(super) peak_s: f64,
    pub(super) end_s: f64,
    /// `None` where the side was not rated.
    pub(super) side: Option<Laterality>,
}

impl Span {
    /// Time that both have, seconds.
    pub(super) fn common(&self, other: &Self) -> f64 {
        (self.end_s.min(other.end_s) - self.start_s.max(other.start_s)).max(0.0)
    }

    pub(super) fn length(&self) -> f64 {
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

    /// How far the peaks lie apart where they lie together; a long closure, which has no one peak,
    /// also lies where another overlaps it.
    pub(super) fn peaks_apart(&self, other: &Self, tolerance_s: f64) -> Option<f64> {
        let apart = (self.peak_s - other.peak_s).abs();
        let together = apart <= tolerance_s + ROUNDING_S
            || self.length() > CLOSURE_FROM_S && self.overlap(other) >= OVERLAP_MIN;
        together.then_some(apart)
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
        Span { start_s, peak_s: 0.5 * (start_s + end_s), end_s, side: Some(side) }
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
