//! The course of one movement: rise, hold, fall.

/// One movement from rest to full size and back, 0 to 1.
///
/// The rise reaches its speed within the first tenth and slows down over the last third, as a
/// lid or a pulled skin does; the fall starts softly and trails off. First movement and return
/// are exact: the envelope is 0 outside, and more than 0 inside.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Envelope {
    /// First movement, seconds.
    pub onset_s: f64,
    /// From first movement to full size, seconds.
    pub rise_s: f64,
    /// At full size, seconds.
    pub hold_s: f64,
    /// From full size to rest, seconds.
    pub fall_s: f64,
}

/// Part of the rise spent gaining and losing speed (judgment; a linear fit to the middle of
/// such a rise meets zero 0.05 of the rise after the onset).
const RISE: (f64, f64) = (0.1, 0.33);
/// The same for the fall.
const FALL: (f64, f64) = (0.15, 0.5);

impl Envelope {
    /// Value at a time, 0 to 1.
    #[must_use]
    pub fn at(&self, time_s: f64) -> f64 {
        let t = time_s - self.onset_s;
        if t <= 0.0 || t >= self.length_s() {
            0.0
        } else if t < self.rise_s {
            travel(t / self.rise_s, RISE)
        } else if t <= self.rise_s + self.hold_s {
            1.0
        } else {
            1.0 - travel((t - self.rise_s - self.hold_s) / self.fall_s, FALL)
        }
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
        [
            self.onset_s + self.rise_s * half_way(RISE),
            self.end_s() - self.fall_s * (1.0 - half_way(FALL)),
        ]
    }
}

/// Part of the way covered at part `u` of the time: speed rises linearly over the first part,
/// is constant, and falls linearly over the last part.
fn travel(u: f64, (gain, loss): (f64, f64)) -> f64 {
    let speed = 1.0 / (1.0 - 0.5 * (gain + loss));
    if u < gain {
        0.5 * speed * u * u / gain
    } else if u <= 1.0 - loss {
        speed * (u - 0.5 * gain)
    } else {
        1.0 - 0.5 * speed * (1.0 - u) * (1.0 - u) / loss
    }
}

/// Part of the time at which half the way is covered (it lies in the constant stretch).
fn half_way((gain, loss): (f64, f64)) -> f64 {
    0.5 * (1.0 - 0.5 * (gain + loss)) + 0.5 * gain
}

#[cfg(test)]
mod tests {
    use super::*;

    const E: Envelope = Envelope { onset_s: 1.0, rise_s: 0.08, hold_s: 0.1, fall_s: 0.2 };

    #[test]
    fn the_course_is_continuous_and_keeps_its_times() {
        assert_eq!(E.at(1.0), 0.0);
        assert!(E.at(1.0005) > 0.0);
        assert!((E.at(E.peak_s()) - 1.0).abs() < 1e-9);
        assert_eq!(E.at(E.end_s()), 0.0);
        let mut last = 0.0;
        for i in 0..4000 {
            let now = E.at(0.99 + f64::from(i) * 1e-4);
            assert!((now - last).abs() < 3e-3, "jump at step {i}");
            last = now;
        }
    }

    #[test]
    fn half_level_times_are_where_half_is_passed() {
        for t in E.half_s() {
            assert!((E.at(t) - 0.5).abs() < 1e-9);
        }
    }
}
