//! The head's turn and nod, freed from the mesh's jitter without looking ahead.
//!
//! Heads turn slower than muscles twitch: turn and nod pass a low-pass whose cutoff rises with
//! the speed of turning (the one-euro filter; Casiez, Roussel and Vogel 2012). Tilt, distance and
//! place are taken as they come, for the flow removes what is wrong with them at once.

use nalgebra::{Matrix3, Rotation3, Vector3};

use super::super::pose::HeadFit;
use super::shape::NeutralShape;
use crate::thresholds::SkinThresholds;

/// Cutoff of the low-pass on the speed of turning, hertz (the filter's authors' value).
const SPEED_CUTOFF_HZ: f64 = 1.0;

/// Follows the head's turn and nod.
#[derive(Debug)]
pub(super) struct SteadyTurn {
    time_s: f64,
    /// The turn of the frame before as seen, axis times angle.
    seen: Vector3<f64>,
    /// The turn after the low-pass.
    turn: Vector3<f64>,
    /// Radians a second, after its own low-pass.
    speed: Vector3<f64>,
}

impl SteadyTurn {
    pub(super) fn new(fit: &HeadFit, time_s: f64) -> Self {
        let (_, turn) = split(fit);
        Self { time_s, seen: turn, turn, speed: Vector3::zeros() }
    }

    /// The fit with its turn and nod steadied; the middle of the head stays where it is.
    pub(super) fn follow(
        &mut self,
        fit: &HeadFit,
        shape: &NeutralShape,
        time_s: f64,
        thresholds: &SkinThresholds,
    ) -> HeadFit {
        let (tilt, seen) = split(fit);
        let dt = time_s - self.time_s;
        if dt > 0.0 {
            let speed = (seen - self.seen) / dt;
            self.speed += (speed - self.speed) * gain(SPEED_CUTOFF_HZ, dt);
            let cutoff =
                thresholds.turn_cutoff_hz + thresholds.turn_cutoff_rise * self.speed.norm();
            self.turn += (seen - self.turn) * gain(cutoff, dt);
            (self.seen, self.time_s) = (seen, time_s);
        }
        turned(fit, (tilt * Rotation3::from_scaled_axis(self.turn)).into_inner(), shape)
    }
}

/// The same place and distance under another rotation.
pub(super) fn turned(fit: &HeadFit, rotation: Matrix3<f64>, shape: &NeutralShape) -> HeadFit {
    let middle = shape.middle();
    let origin = fit.origin + (fit.rotation * middle - rotation * middle) * fit.scale;
    HeadFit { rotation, origin, ..*fit }
}

/// Tilt in the picture, and the turn and nod that come before it.
fn split(fit: &HeadFit) -> (Rotation3<f64>, Vector3<f64>) {
    let across = fit.rotation.column(0);
    let tilt = Rotation3::from_axis_angle(&Vector3::z_axis(), across[1].atan2(across[0]));
    let turn = tilt.inverse() * Rotation3::from_matrix_unchecked(fit.rotation);
    (tilt, turn.scaled_axis())
}

/// Share of the way to the new value that a first-order low-pass goes in `dt` seconds.
fn gain(cutoff_hz: f64, dt: f64) -> f64 {
    1.0 - (-std::f64::consts::TAU * cutoff_hz * dt).exp()
}
