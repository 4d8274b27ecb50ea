//! The signals of a whole recording, time by channel.
//!
//! What moved is judged against everything the recording shows: how this face moves otherwise,
//! before and after. Here the samples are kept for that, as one array.

use ndarray::{Array2, ArrayView1};

use crate::anatomy::{PerSide, Place, Region, Side};
use crate::signal::Sample;

/// What is kept of each frame.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Channel {
    /// Displacement of a place, mFU; of the lids, their closure in hundredths of the open
    /// aperture, so that both eyes have the same measure.
    Place(Place),
    /// Turn of the head, degrees.
    Yaw,
    /// Nod of the head, degrees.
    Pitch,
    /// Tilt of the head, degrees.
    Roll,
}

impl Channel {
    const COUNT: usize = Place::COUNT + 3;

    const fn column(self) -> usize {
        match self {
            Self::Place(place) => place.index(),
            Self::Yaw => Place::COUNT,
            Self::Pitch => Place::COUNT + 1,
            Self::Roll => Place::COUNT + 2,
        }
    }

    fn value(self, sample: &Sample) -> Option<f32> {
        match self {
            Self::Place(Place { region: Region::Periocular, side: Some(side) }) => {
                sample.eyes[side].map(|eye| 100.0 * (1.0 - eye.aperture))
            }
            Self::Place(place) => sample.displacement[place],
            Self::Yaw => sample.pose.map(|pose| pose.yaw_deg),
            Self::Pitch => sample.pose.map(|pose| pose.pitch_deg),
            Self::Roll => sample.pose.map(|pose| pose.roll_deg),
        }
    }

    fn all() -> impl Iterator<Item = Self> {
        Place::ALL.into_iter().map(Self::Place).chain([Self::Yaw, Self::Pitch, Self::Roll])
    }
}

/// The signals of a recording so far.
#[derive(Debug, Clone)]
pub(super) struct Recording {
    times_s: Vec<f64>,
    /// Tracking number of each frame; values under different ones must not be compared.
    tracks: Vec<Option<u32>>,
    /// Frames by channels; not a number where nothing was measured.
    values: Array2<f32>,
    /// Part of its way that each lid comes down in this subject's blinks.
    lid_parts: PerSide<f32>,
}

impl Default for Recording {
    fn default() -> Self {
        let values = Array2::zeros((0, Channel::COUNT));
        let lid_parts = PerSide { left: 1.0, right: 1.0 };
        Self { times_s: Vec::new(), tracks: Vec::new(), values, lid_parts }
    }
}

impl Recording {
    /// The same, of a subject whose lids come down by these parts: each lid's closure is kept times
    /// what its fellow can do, so that a blink of a weak and a sound lid is equal on both sides.
    pub(super) fn knowing(self, lid_parts: PerSide<f32>) -> Self {
        Self { lid_parts, ..self }
    }

    /// Adds one frame.
    pub(super) fn push(&mut self, sample: &Sample) {
        let mut row = [f32::NAN; Channel::COUNT];
        for channel in Channel::all() {
            row[channel.column()] = channel.value(sample).unwrap_or(f32::NAN);
        }
        for side in Side::BOTH {
            let lid = Channel::Place(Place::new(Region::Periocular, side));
            row[lid.column()] *= self.lid_parts[side.opposite()];
        }
        self.times_s.push(sample.time_s);
        self.tracks.push(sample.track);
        // The array has as many columns as the row by construction.
        let _ = self.values.push_row(ArrayView1::from(&row));
    }

    /// Number of frames.
    pub(super) fn len(&self) -> usize {
        self.times_s.len()
    }

    /// Time of a frame, seconds.
    pub(super) fn time_s(&self, frame: usize) -> f64 {
        self.times_s[frame]
    }

    /// Value of a channel in a frame; not a number where nothing was measured.
    pub(super) fn value(&self, channel: Channel, frame: usize) -> f64 {
        f64::from(self.values[[frame, channel.column()]])
    }

    /// The same of a lid, not times what its fellow can do.
    pub(super) fn unweighted(&self, lid: Channel, frame: usize) -> f64 {
        let part = match lid {
            Channel::Place(Place { side: Some(side), .. }) => self.lid_parts[side.opposite()],
            _ => 1.0,
        };
        self.value(lid, frame) / f64::from(part.max(1e-3))
    }

    /// First frame at or after a time.
    pub(super) fn at(&self, time_s: f64) -> usize {
        self.times_s.partition_point(|&t| t < time_s - super::recent::EDGE_S)
    }

    /// Frames between two times that belong to the track of the frame at `anchor_s`.
    pub(super) fn frames(
        &self,
        from_s: f64,
        until_s: f64,
        anchor_s: f64,
    ) -> std::ops::Range<usize> {
        let (mut from, mut until) = (self.at(from_s), self.at(until_s));
        if self.times_s.is_empty() {
            return 0..0;
        }
        let anchor = self.at(anchor_s).min(self.len() - 1);
        let track = self.tracks[anchor];
        while from < anchor && self.tracks[from] != track {
            from += 1;
        }
        while until > anchor + 1 && self.tracks[until - 1] != track {
            until -= 1;
        }
        from..until.max(from)
    }

    /// Usual interval between frames, seconds.
    pub(super) fn frame_s(&self) -> f64 {
        let n = self.len();
        if n < 2 { 1.0 / 30.0 } else { (self.times_s[n - 1] - self.times_s[0]) / (n - 1) as f64 }
    }
}
