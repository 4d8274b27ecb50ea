//! What a truth must not say.

use super::Truth;

/// How far a time may lie outside the recording, or a peak outside its own entry, seconds: raters
/// count frames and containers time, and starts and ends are softer than peaks (judgment).
const OUTSIDE_MAX_S: f64 = 0.5;

/// One entry: its list, its number from 1, and its times in the order they must have.
struct Entry {
    list: &'static str,
    number: usize,
    start_s: f64,
    peak_s: Option<f64>,
    end_s: f64,
}

impl Truth {
    /// Says what cannot be true: times that run backwards, or lie outside the recording where its
    /// length is told.
    ///
    /// # Errors
    /// The first such entry in words.
    pub fn check(&self) -> Result<(), String> {
        let numbers = [("fps", self.fps), ("duration_s", self.duration_s)];
        for (name, value) in numbers {
            if let Some(value) = value.filter(|value| !(value.is_finite() && *value > 0.0)) {
                return Err(format!("{name} is {value}, which no recording has"));
            }
        }
        self.entries().try_for_each(|entry| entry.check())?;
        self.length_s().map_or(Ok(()), |length_s| self.check_inside(length_s))
    }

    /// Says what lies outside a recording of this length.
    ///
    /// # Errors
    /// The first such entry in words.
    pub fn check_inside(&self, length_s: f64) -> Result<(), String> {
        self.entries().try_for_each(|entry| entry.check_inside(length_s))
    }

    fn entries(&self) -> impl Iterator<Item = Entry> {
        let blinks = |list, blinks: &[super::TruthBlink]| {
            let entry = move |(i, blink): (usize, &super::TruthBlink)| Entry {
                list,
                number: i + 1,
                start_s: blink.start_s,
                peak_s: blink.peak_s,
                end_s: blink.end_s,
            };
            blinks.iter().enumerate().map(entry).collect::<Vec<_>>()
        };
        let events = self.events.iter().flatten().enumerate().map(|(i, event)| Entry {
            list: "events",
            number: i + 1,
            start_s: event.start_s,
            peak_s: event.peak_s,
            end_s: event.end_s,
        });
        blinks("blinks", self.blinks.as_deref().unwrap_or_default())
            .into_iter()
            .chain(blinks("rated_blinks", &self.rated_blinks))
            .chain(events)
    }
}

impl Entry {
    fn check(&self) -> Result<(), String> {
        let Self { list, number, start_s, peak_s, end_s } = self;
        let times = [Some(*start_s), *peak_s, Some(*end_s)];
        if times.iter().flatten().any(|time| !time.is_finite()) || end_s < start_s {
            return Err(format!("entry {number} of {list} goes from {start_s} to {end_s} s"));
        }
        match peak_s {
            Some(peak_s)
                if *peak_s < start_s - OUTSIDE_MAX_S || *peak_s > end_s + OUTSIDE_MAX_S =>
            {
                Err(format!(
                    "entry {number} of {list} has its peak at {peak_s} s, outside its own {start_s} to \
                 {end_s} s"
                ))
            }
            _ => Ok(()),
        }
    }

    fn check_inside(&self, length_s: f64) -> Result<(), String> {
        let Self { list, number, start_s, end_s, .. } = self;
        if *start_s >= -OUTSIDE_MAX_S && *end_s <= length_s + OUTSIDE_MAX_S {
            return Ok(());
        }
        Err(format!(
            "entry {number} of {list} ({start_s} to {end_s} s) lies outside the recording, which \
             lasts {length_s:.1} s"
        ))
    }
}
