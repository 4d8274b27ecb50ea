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

    /// Speed of turning, radians a second.
    pub(super) fn speed(&self) -> f64 {
        self.speed.norm()
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

#[cfg(test)]
mod tests {
    use super::super::doll::{self, Pose};
    use super::*;

    /// Yaw after each of several turns, seen a thirtieth of a second apart, in radians.
    fn followed(turns: impl IntoIterator<Item = f64>) -> Vec<f64> {
        let shape = NeutralShape::first(&doll::face(&Pose::default()).landmarks).unwrap();
        let thresholds = SkinThresholds::default();
        let mut steady: Option<SteadyTurn> = None;
        let mut yaws = Vec::new();
        for (i, turn) in turns.into_iter().enumerate() {
            let rotation = Rotation3::from_axis_angle(&Vector3::y_axis(), turn);
            let face = doll::face(&Pose { rotation, ..Pose::default() });
            let fit = shape.fit(&face.landmarks).unwrap();
            let time_s = i as f64 / 30.0;
            let steady = steady.get_or_insert_with(|| SteadyTurn::new(&fit, time_s));
            let followed = steady.follow(&fit, &shape, time_s, &thresholds);
            yaws.push(Rotation3::from_matrix_unchecked(followed.rotation).scaled_axis().y);
        }
        yaws
    }

    #[test]
    fn the_jitter_of_a_still_head_is_quietened_eightfold() {
        let jitter = |i: i32| 0.004 * (f64::from(i) * 2.1).sin();
        let yaws = followed((0..120).map(jitter));
        let largest = yaws[60..].iter().fold(0.0, |most: f64, yaw| most.max(yaw.abs()));
        assert!(largest < 0.0005, "{largest}");
    }

    #[test]
    fn a_head_that_turns_is_followed_closely() {
        // 30 degrees a second.
        let turn = |i: i32| f64::from(i) / 30.0 * 30f64.to_radians();
        let yaws = followed((0..30).map(turn));
        let lag_s = (turn(29) - yaws[29]) / 30f64.to_radians();
        assert!((0.0..0.06).contains(&lag_s), "{lag_s}");
    }
}
