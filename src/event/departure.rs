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
    /// Time by which the mirror place had risen by half of what it shares after this place by
    /// half, seconds; not a number where it did not.
    pub(super) mirror_late_s: f64,
}

/// How the head moved with a departure, degrees.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct HeadWith {
    /// Turn, nod or tilt during the rise.
    pub(super) rising: f64,
    /// Turn or nod from rest to the peak.
    pub(super) turned: f64,
    /// Turn, nod or tilt during the return.
    pub(super) returning: f64,
}

impl Departure {
    /// The head's movement can have feigned it: the rise by what the head did then, all of it by
    /// where the head had gone at the peak. What only the correction for the head's pose brings
    /// out does not speak against that.
    pub(super) fn may_be_head(&self, t: &EventThresholds) -> bool {
        let size = self.amplitude.abs().min((self.measured * self.amplitude.signum()).max(0.0));
        let HeadWith { rising, turned, returning } = self.head;
        let returns = returning >= 0.5 * rising;
        let most = if returns { t.head_leak_returning } else { t.head_leak_most };
        size.min(self.onset.size) < most * rising && size < most * rising.max(turned)
    }
}
