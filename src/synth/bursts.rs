//! Building blocks of presets and patients: contractions in the orders the labels describe.

use super::scenario::{ContractionSpec, EventSpec, Train};
use crate::anatomy::{Region, Side};
use crate::event::EventKind;

/// One contraction; amplitude in mFU, or closure for periocular.
pub(crate) const fn pull(
    region: Region,
    side: Side,
    lag_s: f64,
    amplitude: f64,
    course: [f64; 3],
) -> ContractionSpec {
    ContractionSpec {
        region,
        side: Some(side),
        lag_s,
        rise_s: course[0],
        hold_s: course[1],
        fall_s: course[2],
        amplitude,
        train: None,
        course: None,
    }
}

/// The jaw's opening.
pub(crate) const fn jaw_drop(lag_s: f64, amplitude: f64, course: [f64; 3]) -> ContractionSpec {
    ContractionSpec { side: None, ..pull(Region::Jaw, Side::Left, lag_s, amplitude, course) }
}

/// Contractions that belong together.
pub(crate) const fn event(
    kind: EventKind,
    start_s: f64,
    contractions: Vec<ContractionSpec>,
) -> EventSpec {
    EventSpec { kind, start_s, contractions, uncertain: false }
}

/// The same contractions, each as a train.
pub(crate) fn trained(
    mut contractions: Vec<ContractionSpec>,
    rate_hz: f64,
    pulses: u32,
) -> Vec<ContractionSpec> {
    for c in &mut contractions {
        c.train = Some(Train { rate_hz, pulses, irregularity: 0.1 });
    }
    contractions
}

/// One-sided burst from the lids downwards: lids, cheek, corner of the mouth, `step` seconds
/// apart, `size` times the usual, and the brow with the lids if `brow` is above 0.
pub(crate) fn downward(
    side: Side,
    size: f64,
    step: f64,
    brow: f64,
    course: [f64; 3],
) -> Vec<ContractionSpec> {
    let [rise, hold, fall] = course;
    let soft = [1.5 * rise, hold, 1.2 * fall];
    let mut all = vec![
        pull(Region::Periocular, side, 0.0, (0.85 * size).min(1.0), course),
        pull(Region::Cheek, side, step, 36.0 * size, soft),
        pull(Region::MouthCorner, side, 1.8 * step, 58.0 * size, soft),
    ];
    if brow > 0.0 {
        all.push(pull(Region::Forehead, side, 0.4 * step, brow * size, soft));
    }
    all
}

/// One-sided burst from the mouth upwards: corner of the mouth, cheek, lids, `step` seconds
/// apart, `size` times the usual.
pub(crate) fn upward(side: Side, size: f64, step: f64, course: [f64; 3]) -> Vec<ContractionSpec> {
    let [rise, hold, fall] = course;
    let soft = [1.3 * rise, hold, 1.2 * fall];
    vec![
        pull(Region::MouthCorner, side, 0.0, 62.0 * size, soft),
        pull(Region::Cheek, side, step, 34.0 * size, soft),
        pull(Region::Periocular, side, 2.0 * step, (0.7 * size).min(1.0), course),
    ]
}

/// Both lids together, complete.
pub(crate) fn both_lids(course: [f64; 3]) -> Vec<ContractionSpec> {
    Side::BOTH.map(|side| pull(Region::Periocular, side, 0.0, 1.0, course)).to_vec()
}

/// The same region on both sides.
pub(crate) fn both(
    region: Region,
    lag_s: f64,
    amplitude: f64,
    course: [f64; 3],
) -> [ContractionSpec; 2] {
    Side::BOTH.map(|side| pull(region, side, lag_s, amplitude, course))
}
