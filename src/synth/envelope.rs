//! One movement in time: rise, hold, fall.

use super::course::Course;

/// One movement from rest to full size and back, 0 to 1.
///
/// First movement and return are exact: the envelope is 0 outside, and more than 0 inside.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Envelope {
    /// How it moves.
    pub course: Course,
    /// First movement, seconds.
    pub onset_s: f64,
    /// From first movement to full size, seconds.
    pub rise_s: f64,
    /// At full size, seconds.
    pub hold_s: f64,
    /// From full size to rest, seconds.
    pub fall_s: f64,
}

impl Envelope {
    /// Value at a time, 0 to 1.
    #[must_use]
    pub fn at(&self, time_s: f64) -> f64 {
        self.course.at(time_s - self.onset_s, self.rise_s, self.hold_s, self.fall_s)
    }

    /// From first movement to rest, seconds.
    #[must_use]
    pub fn length_s(&self) -> f64 {
        self.rise_s + self.hold_s + self.fall_s
    }

    /// Full size is reached, seconds.
    #[must_use]
    pub fn peak_s(&self) -> f64 {
        self.onset_s + self.rise_s
    }

    /// Back at rest, seconds.
    #[must_use]
    pub fn end_s(&self) -> f64 {
        self.onset_s + self.length_s()
    }

    /// Times at which half the size is passed upwards and downwards, seconds.
    #[must_use]
    pub fn half_s(&self) -> [f64; 2] {
        self.course.half_s(self.rise_s, self.hold_s, self.fall_s).map(|t| self.onset_s + t)
    }
}
