//! A departure or a closure with what else was going on.

use super::blink::LidClosure;
use super::departure::Departure;
use super::{Blink, Contraction, Task};
use crate::anatomy::{Place, Region};
use crate::thresholds::EventThresholds;

/// A departure, and what else was going on.
#[derive(Debug, Clone)]
pub(super) struct Pull {
    pub(super) departure: Departure,
    /// The task that was on at the onset.
    pub(super) task: Option<Task>,
}

/// The task that asked for a movement of these pulls, where one did.
pub(super) fn asked(pulls: &[Pull]) -> Option<Task> {
    pulls.iter().find_map(|p| p.task).filter(|task| task.moves())
}

impl Pull {
    pub(super) fn place(&self) -> Place {
        self.departure.place
    }

    /// The mirror place did not take part. A lid that stays no lower than its fellow does not
    /// contract alone, whenever each of the two came down.
    pub(super) fn one_sided(&self, t: &EventThresholds) -> bool {
        let d = &self.departure;
        let lids = d.place.region == Region::Periocular;
        let stays = self.end_s() - self.start_s() >= t.spasm_min_s;
        d.shared < t.shared_max && !(lids && stays && d.level_shared >= t.shared_max)
    }

    pub(super) fn start_s(&self) -> f64 {
        self.departure.onset.time_s
    }

    pub(super) fn end_s(&self) -> f64 {
        self.departure.end_s
    }

    pub(super) fn snr(&self) -> f64 {
        self.departure.amplitude.abs() / self.departure.floor
    }

    /// The head's movement can have feigned it.
    pub(super) fn may_be_head(&self, t: &EventThresholds) -> bool {
        self.departure.may_be_head(t)
    }

    /// Part of this departure that lies in a stretch of time.
    pub(super) fn inside(&self, from_s: f64, to_s: f64) -> f64 {
        let shared = self.end_s().min(to_s) - self.start_s().max(from_s);
        (shared / (self.end_s() - self.start_s()).max(1e-3)).clamp(0.0, 1.0)
    }

    /// Most of this departure lies in a blink, or in the moment in which the skin settles after it.
    pub(super) fn is_within(&self, (from_s, to_s): (f64, f64)) -> bool {
        self.inside(from_s - 0.1, to_s + 0.15) > 0.6
    }

    pub(super) fn touches(&self, from_s: f64, to_s: f64) -> bool {
        self.start_s() < to_s && self.end_s() > from_s
    }

    /// Clonic rate, Hz, of three bursts and more.
    pub(super) fn rate_hz(&self) -> Option<f64> {
        let bursts = &self.departure.bursts_s;
        let (first, last) = (bursts.first()?, bursts.last()?);
        (bursts.len() >= 3 && last > first).then(|| (bursts.len() - 1) as f64 / (last - first))
    }

    /// That rate, where it is fast enough for a rhythm of the region, Hz.
    pub(super) fn rhythm_hz(&self, t: &EventThresholds) -> Option<f64> {
        let jaw = self.place().region == Region::Jaw;
        let least_hz = if jaw { t.jaw_min_hz } else { t.clonic_min_hz };
        self.rate_hz().filter(|hz| *hz >= least_hz)
    }

    pub(super) fn contraction(&self, t: &EventThresholds) -> Contraction {
        let d = &self.departure;
        Contraction {
            region: d.place.region,
            side: d.place.side,
            onset_s: d.onset.time_s,
            onset_ci_s: d.onset.ci_s,
            peak_s: d.peak_s,
            end_s: d.end_s,
            amplitude_mfu: d.amplitude as f32,
            snr: self.snr() as f32,
            rate_hz: self.rate_hz(),
            synkinetic: self.one_sided(t)
                && self.task.is_some_and(|task| task.companion(d.place.region)),
        }
    }
}

/// A closure of the lids, and what else was going on.
#[derive(Debug, Clone)]
pub(super) struct Closing {
    pub(super) closure: LidClosure,
    /// By how much the head bowed meanwhile, degrees.
    pub(super) bow_deg: f64,
}

impl Closing {
    pub(super) const fn blink(&self) -> &Blink {
        self.closure.blink()
    }

    pub(super) const fn is_prolonged(&self) -> bool {
        matches!(self.closure, LidClosure::Prolonged(_))
    }
}
