//! What would make the picture better, in plain words.

use serde::Serialize;

use super::Limits;
use crate::anatomy::{PerPlace, Place, Region};
use crate::face::{FaceObservation, GapReason, Landmarks};
use crate::source::Frame;

/// One piece of advice.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(super) struct Advice {
    /// A fixed word for programs, e.g. `too_dark`.
    pub(super) code: &'static str,
    /// A sentence for people.
    pub(super) text: String,
}

/// What advice is given on.
#[derive(Debug, Clone, Copy)]
pub(super) struct Look<'a> {
    /// The last frame.
    pub(super) frame: &'a Frame,
    /// What was seen in it.
    pub(super) seen: &'a FaceObservation,
    /// Frames measured a second.
    pub(super) fps: Option<f64>,
    /// Share of the last frames that was lost to slowness.
    pub(super) lost: f64,
    /// Distance of the outer canthi below which the face is too small, pixels.
    pub(super) face_unit_min_px: f32,
    /// Probability of being seen below which a place is hidden.
    pub(super) hidden_below: f32,
    /// No open lids have been seen yet.
    pub(super) provisional: bool,
}

/// Says what is wrong with the picture; nothing where it is good.
#[must_use]
pub(super) fn advise(look: &Look<'_>, limits: &Limits) -> Vec<Advice> {
    let mut all = Vec::new();
    let mut say = |code, text: &str| all.push(Advice { code, text: text.to_owned() });
    match &look.seen.face {
        Ok(face) => {
            if brightness(look.frame, &face.landmarks).is_some_and(|grey| grey < limits.dark) {
                say("too_dark", "Too dark: put a light in front of the face.");
            }
            if face.pose.face_unit_px < look.face_unit_min_px {
                say("too_far", "Too far away: come closer to the camera.");
            }
            if look.provisional {
                let text = "Provisional: open lids were not seen yet. Look at the camera with both eyes \
                            open.";
                say("no_open_lids", text);
            }
            let turned = face.pose.yaw_deg.abs().max(face.pose.pitch_deg.abs());
            if turned > limits.turned_deg {
                say("turned_away", "Turned away: face the camera.");
            } else if let Some(place) = hidden(&face.visible, look.hidden_below) {
                say("hidden", &format!("Hidden: {place}. Take hands and hair off the face."));
            }
        }
        Err(GapReason::NoFace) => {
            say("no_face", "No face found: sit upright in front of the camera, in light.");
        }
        Err(GapReason::Cut | GapReason::NoPicture) => {}
    }
    if look.seen.other_faces {
        say("other_faces", "Another face is in view: only the largest, most central is measured.");
    }
    if look.lost > limits.lost_share {
        say(
            "machine_slow",
            "This machine cannot keep up: choose a smaller picture or close other programs.",
        );
    }
    if look.fps.is_some_and(|fps| fps < limits.order_fps) {
        say(
            "rate_low",
            "Frame rate too low to tell an order: more light or a smaller picture help.",
        );
    }
    all
}

/// The places that are hidden, in words; `None` where all are seen.
fn hidden(visible: &PerPlace<f32>, below: f32) -> Option<String> {
    let words = |place: Place| {
        let region = match place.region {
            Region::Periocular => "eye",
            Region::Cheek => "cheek",
            Region::MouthCorner => "corner of the mouth",
            Region::Forehead => "brow",
            Region::Jaw => "chin",
        };
        place.side.map_or_else(|| region.to_owned(), |side| format!("{side} {region}"))
    };
    let places: Vec<String> =
        visible.iter().filter(|(_, seen)| **seen < below).map(|(place, _)| words(place)).collect();
    (!places.is_empty()).then(|| places.join(", "))
}

/// Mean grey level of the face, 0 to 255, from every eighth pixel each way.
fn brightness(frame: &Frame, landmarks: &Landmarks) -> Option<f32> {
    let clamp = |value: f32, most: usize| value.clamp(0.0, most as f32) as usize;
    let (mut low, mut high) = ([f32::MAX; 2], [f32::MIN; 2]);
    for &[x, y, _] in landmarks {
        (low, high) = ([low[0].min(x), low[1].min(y)], [high[0].max(x), high[1].max(y)]);
    }
    let columns = clamp(low[0], frame.width)..clamp(high[0], frame.width);
    let rows = clamp(low[1], frame.height)..clamp(high[1], frame.height);
    let (mut sum, mut count) = (0_u64, 0_u64);
    for row in rows.step_by(8) {
        for column in columns.clone().step_by(8) {
            sum += u64::from(frame.grey(column, row));
            count += 1;
        }
    }
    (count > 0).then(|| sum as f32 / count as f32)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::anatomy::LANDMARKS;
    use crate::face::{Face, HeadPose};

    fn codes(grey: u8, pose: HeadPose, fps: f64, lost: f64) -> Vec<&'static str> {
        codes_where(grey, pose, fps, lost, false)
    }

    fn codes_where(
        grey: u8,
        pose: HeadPose,
        fps: f64,
        lost: f64,
        provisional: bool,
    ) -> Vec<&'static str> {
        let frame = Frame::from_bgr(320, 240, vec![grey; 3 * 320 * 240]);
        let landmarks = std::array::from_fn(|i| {
            [60.0 + i as f32 * 200.0 / LANDMARKS as f32, -10.0 + (i % 300) as f32, 0.0]
        });
        let face = Face::new(0, 1.0, landmarks, pose);
        let seen = FaceObservation {
            index: 0,
            time_s: 0.0,
            after_loss: false,
            face: Ok(Box::new(face)),
            other_faces: false,
        };
        let look = Look {
            frame: &frame,
            seen: &seen,
            fps: Some(fps),
            lost,
            face_unit_min_px: 60.0,
            hidden_below: 0.5,
            provisional,
        };
        advise(&look, &Limits::default()).into_iter().map(|advice| advice.code).collect()
    }

    #[test]
    fn a_good_picture_needs_no_advice() {
        let pose = HeadPose { face_unit_px: 120.0, ..HeadPose::default() };
        assert_eq!(codes(120, pose, 30.0, 0.0), [""; 0]);
    }

    #[test]
    fn lids_are_provisional_until_open_ones_were_seen() {
        let pose = HeadPose { face_unit_px: 120.0, ..HeadPose::default() };
        assert_eq!(codes_where(120, pose, 30.0, 0.0, true), ["no_open_lids"]);
    }

    #[test]
    fn what_a_hand_hides_is_named() {
        let mut visible = PerPlace([1.0; Place::COUNT]);
        assert_eq!(hidden(&visible, 0.5), None);
        visible[Place::new(Region::Periocular, crate::anatomy::Side::Left)] = 0.1;
        visible[Place::JAW_MIDLINE] = 0.2;
        assert_eq!(hidden(&visible, 0.5).as_deref(), Some("left eye, chin"));
    }

    #[test]
    fn every_fault_is_named() {
        let pose = HeadPose { face_unit_px: 40.0, yaw_deg: -31.0, ..HeadPose::default() };
        let all = ["too_dark", "too_far", "turned_away", "machine_slow", "rate_low"];
        assert_eq!(codes(20, pose, 15.0, 0.2), all);
    }
}
