//! A departure of one place from its baseline and back, as the later steps see it.

use super::onset::Onset;
use crate::anatomy::Place;
use crate::thresholds::EventThresholds;

/// A departure of one place from its baseline and back.
#[derive(Debug, Clone)]
pub(super) struct Departure {
    pub(super) place: Place,
    pub(super) onset: Onset,
    /// Largest displacement, seconds.
    pub(super) peak_s: f64,
    /// Return, seconds.
    pub(super) end_s: f64,
    /// Displacement at the peak over the baseline, mFU; negative against the direction of
    /// contraction.
    pub(super) amplitude: f64,
    /// The same as measured, with what the head's turn and nod were taken to add, mFU.
    pub(super) measured: f64,
    /// How the head moved with it.
    pub(super) head: HeadWith,
    /// Standard deviation of the resting signal, mFU.
    pub(super) floor: f64,
    /// Peaks of the single bursts, seconds.
    pub(super) bursts_s: Vec<f64>,
    /// Movement of the mirror place over this place's own in the rise, as a regression; 1 for
    /// the midline.
    pub(super) shared: f64,
    /// Mean displacement of the mirror place from neutral over this place's own, all the while.
    pub(super) level_shared: f64,
}

/// How the head moved with a departure.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct HeadWith {
    /// Turn, nod or tilt during the rise, degrees.
    pub(super) rising: f64,
    /// Turn or nod at the peak, against what it was before, and after where the place returned:
    /// what comes and goes while the head only goes is not the head's. Degrees.
    pub(super) turned: f64,
    /// Place and head both came back.
    pub(super) both_back: bool,
}

impl HeadWith {
    /// Of a departure in which the head stood at `before`, `peak` and `after` (turn and nod,
    /// degrees), and which came back to where it began if `returned`.
    pub(super) fn new(rising: f64, heads: [[f64; 2]; 3], returned: bool) -> Self {
        let [before, peak, after] = heads;
        let largest = |by: [f64; 2]| by[0].abs().max(by[1].abs());
        let apart = |a: [f64; 2], b: [f64; 2]| largest([a[0] - b[0], a[1] - b[1]]);
        let middle = [0.5 * (before[0] + after[0]), 0.5 * (before[1] + after[1])];
        let turned = if returned { apart(peak, middle) } else { apart(peak, before).max(rising) };
        let both_back = returned && apart(after, before) < 0.5 * apart(peak, before);
        Self { rising, turned, both_back }
    }
}

impl Departure {
    /// The head's movement can have feigned it: the rise by what the head did then, all of it by
    /// where the head had gone at the peak. What only the correction for the head's pose brings
    /// out does not speak against that.
    pub(super) fn may_be_head(&self, t: &EventThresholds) -> bool {
        let size = self.amplitude.abs().min((self.measured * self.amplitude.signum()).max(0.0));
        let head = self.head;
        let most = if head.both_back { t.head_leak_returning } else { t.head_leak_most };
        size.min(self.onset.size) < most * head.rising && size < most * head.turned
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_head_that_only_goes_explains_little_of_what_comes_and_goes() {
        let [before, during, after] = [[0.0, 0.0], [5.0, 0.0], [10.0, 0.0]];
        let passing = HeadWith::new(4.0, [before, during, after], true);
        assert!(passing.turned < 0.1 && !passing.both_back);
        let nod = HeadWith::new(8.0, [before, [0.0, -8.0], [0.0, -1.0]], true);
        assert!(nod.turned > 7.0 && nod.both_back);
        let stays = HeadWith::new(8.0, [before, during, during], false);
        assert_eq!(stays.turned, 8.0);
    }
}
