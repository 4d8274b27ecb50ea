//! The measured channels: what tables and exchange formats hold of each frame.

use crate::anatomy::{Place, Region, Side};
use crate::face::HeadPose;
use crate::signal::{EyeSample, Sample};

/// One channel: a number a frame, or none.
#[derive(Debug, Clone)]
pub(crate) struct Channel {
    /// Name in tables, e.g. `aperture_left`.
    pub(crate) name: String,
    /// What it measures, in plain words.
    pub(crate) description: String,
    /// Unit; empty for a ratio.
    pub(crate) unit: &'static str,
    /// Decimals that carry information.
    pub(crate) decimals: usize,
    /// Where it is measured.
    pub(crate) source: Source,
}

/// Where a channel's value comes from.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Source {
    /// Whether there is a face.
    Presence,
    /// The head.
    Head(fn(&HeadPose) -> f32),
    /// An eye.
    Eye(Side, fn(&EyeSample) -> Option<f32>),
    /// A place of the face.
    Place(Place),
    /// How surely a place is seen.
    Visible(Place),
}

impl Channel {
    /// The channel's value in a frame; `None` where it was not measured.
    pub(crate) fn value(&self, sample: &Sample) -> Option<f32> {
        let value = match self.source {
            Source::Presence => Some(sample.presence),
            Source::Head(of) => sample.pose.as_ref().map(of),
            Source::Eye(side, of) => sample.eyes[side].as_ref().and_then(of),
            Source::Place(place) => sample.displacement[place],
            // Where no face is seen there is nothing to be hidden.
            Source::Visible(place) => sample.track.map(|_| sample.visible[place]),
        };
        value.filter(|value| value.is_finite())
    }
}

/// All channels, in the order of the tables.
pub(crate) fn channels() -> Vec<Channel> {
    let channel = |name: String, description: String, unit, decimals, source| Channel {
        name,
        description,
        unit,
        decimals,
        source,
    };
    let mut all = vec![channel(
        "presence".to_owned(),
        "probability that a face is there; 0 in a gap".to_owned(),
        "",
        4,
        Source::Presence,
    )];
    type Head = (&'static str, &'static str, &'static str, fn(&HeadPose) -> f32);
    let head: [Head; 4] = [
        ("yaw_deg", "turn of the head, positive towards the subject's left", "deg", |p| p.yaw_deg),
        ("pitch_deg", "nod of the head, positive looking down", "deg", |p| p.pitch_deg),
        ("roll_deg", "tilt of the head, positive clockwise in the image", "deg", |p| p.roll_deg),
        ("face_unit_px", "distance between the outer canthi", "px", |p| p.face_unit_px),
    ];
    for (name, description, unit, of) in head {
        all.push(channel(name.to_owned(), description.to_owned(), unit, 2, Source::Head(of)));
    }
    type Eye = (&'static str, &'static str, fn(&EyeSample) -> Option<f32>);
    let eye: [Eye; 4] = [
        ("aperture", "lid opening relative to the eye's own open level, 0 closed", |e| {
            Some(e.aperture)
        }),
        ("opening", "lid opening over fissure width", |e| Some(e.opening)),
        ("gaze_down", "iris below its resting height over fissure width", |e| e.gaze_down),
        ("brow_up", "brow above its resting height over fissure width", |e| Some(e.brow_up)),
    ];
    for (name, description, of) in eye {
        for side in Side::BOTH {
            let description = format!("{description}, subject's {side}");
            all.push(channel(format!("{name}_{side}"), description, "", 4, Source::Eye(side, of)));
        }
    }
    for place in Place::ALL {
        let description = format!("displacement in the direction of contraction, {place}");
        let source = Source::Place(place);
        all.push(channel(format!("{place}_mfu"), description, "mFU", 3, source));
    }
    let newer: [Eye; 3] = [
        ("aperture_error", "standard deviation of the aperture's error", |e| {
            Some(e.aperture_error)
        }),
        ("open_level", "lid opening that counts as open", |e| Some(e.open)),
        ("fissure", "fissure width in face units", |e| Some(e.width)),
    ];
    for (name, description, of) in newer {
        for side in Side::BOTH {
            let description = format!("{description}, subject's {side}");
            all.push(channel(format!("{name}_{side}"), description, "", 4, Source::Eye(side, of)));
        }
    }
    for place in Place::ALL {
        let description = match place.region {
            Region::Periocular => format!("probability that the eye is seen, {place}"),
            _ => format!("probability that the skin is seen, {place}"),
        };
        let source = Source::Visible(place);
        all.push(channel(format!("visible_{place}"), description, "", 2, source));
    }
    all
}
