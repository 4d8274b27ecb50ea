//! What a page needs to know of the face before the first frame.

use super::Limits;
use super::exam::TASKS;
use super::message::{Hello, Message, Outline, PlaceName, SCHEMA};
use crate::anatomy::{
    FACE_OUTLINE, LIPS_INNER, LIPS_OUTER, NOSE, Place, Side, eye, eye_rim, patch,
};
use crate::report::DISCLAIMER;

/// The first message of a session, as JSON.
pub(super) fn hello(input: &str, browser_camera: bool, limits: &Limits) -> String {
    Message::Session(Hello {
        schema: SCHEMA,
        version: env!("CARGO_PKG_VERSION"),
        disclaimer: DISCLAIMER,
        input,
        browser_camera,
        places: Place::ALL
            .map(|place| PlaceName { region: place.region.name(), side: place.side_name() })
            .to_vec(),
        outlines: outlines(),
        patches: Place::ALL.map(patch).to_vec(),
        exam: &TASKS,
        picture_bytes: limits.picture_bytes,
    })
    .json()
}

/// The lines to draw: face, nose and lips, then rim, brow and iris of each eye.
fn outlines() -> Vec<Outline> {
    let line = |side, closed, points: &[usize]| Outline { side, closed, points: points.to_vec() };
    let mut all = vec![
        line("midline", true, &FACE_OUTLINE),
        line("midline", false, &NOSE),
        line("midline", true, &LIPS_OUTER),
        line("midline", true, &LIPS_INNER),
    ];
    for side in Side::BOTH {
        let (marks, name) = (eye(side), if side == Side::Left { "left" } else { "right" });
        all.push(line(name, true, &eye_rim(side)));
        all.push(line(name, false, &marks.brow));
        all.push(line(name, true, &marks.iris[1..]));
    }
    all
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::anatomy::LANDMARKS;

    #[test]
    fn every_point_to_draw_is_one_of_the_mesh() {
        let points = outlines().into_iter().flat_map(|line| line.points);
        let patches = Place::ALL.into_iter().flat_map(|place| patch(place).to_vec());
        assert!(points.chain(patches).all(|point| point < LANDMARKS));
    }
}
