//! Tables under the column names of other tools.

use std::fmt::Write;

use crate::anatomy::Side;
use crate::report::Analysis;
use crate::signal::Sample;

/// A table with the columns that OpenFace's scripts look for first: `frame` (from 1), `face_id`,
/// `timestamp` (seconds), `confidence`, `success`, head rotation in radians as OpenFace has it
/// (positive pitch looks down, positive yaw turns to the image's left, positive roll is clockwise
/// in the image), `AU45_r` (blink intensity 0 to 5, from the mean closure of both lids) and
/// `AU45_c` (a blink is going on). No other action unit is claimed. Rows without a face hold
/// zeros and `success` 0, as OpenFace writes them.
pub(super) fn openface(analysis: &Analysis, samples: &[Sample]) -> String {
    let mut table = "frame,face_id,timestamp,confidence,success,pose_Rx,pose_Ry,pose_Rz,AU45_r,\
                     AU45_c\n"
        .to_owned();
    for sample in samples {
        let pose = sample.pose.unwrap_or_default();
        let open: Vec<f32> =
            Side::BOTH.iter().filter_map(|side| Some(sample.eyes[*side]?.aperture)).collect();
        let closure = match open.as_slice() {
            [] => 0.0,
            open => 1.0 - (open.iter().sum::<f32>() / open.len() as f32).clamp(0.0, 1.0),
        };
        let blinks = &analysis.findings.blinks;
        let blinking =
            blinks.iter().any(|b| b.start_s <= sample.time_s && sample.time_s <= b.end_s);
        // Writing to a String cannot fail, here and below.
        let _ = writeln!(
            table,
            "{},0,{:.4},{:.2},{},{:.4},{:.4},{:.4},{:.2},{}",
            sample.index.saturating_add(1),
            sample.time_s,
            sample.presence,
            u8::from(sample.track.is_some()),
            pose.pitch_deg.to_radians(),
            0.0 - pose.yaw_deg.to_radians(),
            pose.roll_deg.to_radians(),
            5.0 * closure,
            u8::from(blinking),
        );
    }
    table
}

/// A table as JeFaPaTo writes it: separated by `;`, the eye aspect ratio of each eye (here lid
/// opening over fissure width; `_l` is the subject's left), and whether it is valid. Cells of
/// frames without a face are empty.
pub(super) fn jefapato(samples: &[Sample]) -> String {
    let mut table = "frame;EAR2D6_l;EAR2D6_r;EAR2D6_valid\n".to_owned();
    for sample in samples {
        let ratio = |side: Side| {
            sample.eyes[side].map_or_else(String::new, |eye| format!("{:.4}", eye.opening))
        };
        let valid = if sample.eyes.left.is_some() && sample.eyes.right.is_some() {
            "True"
        } else {
            "False"
        };
        let (left, right) = (ratio(Side::Left), ratio(Side::Right));
        let _ = writeln!(table, "{};{left};{right};{valid}", sample.index);
    }
    table
}
