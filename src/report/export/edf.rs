//! EDF+ (Kemp and Olivan 2003): signals at a constant rate, and annotations.
//!
//! EDF knows neither a variable rate nor a missing value. Signals are therefore evaluated on a
//! constant grid at the recording's mean rate, straight between neighbouring frames of one
//! track; where nothing was measured a signal holds its physical minimum, which no measured value
//! reaches, and an annotation `not measured` says so. A hole of more than a minute is left out of a
//! file that is then discontinuous (EDF+D): each record says when it began. Zero is the first
//! analyzed frame. Nothing is known of the patient or the day: the fields say so in the way the
//! format provides.

use super::interval_s;
use super::span::spans;
use crate::report::channel::{Channel, Source, channels};
use crate::report::{Analysis, is_proportionate, too_sparse};
use crate::signal::Sample;

/// Lowest digital value; it stands for "not measured".
const MISSING: i16 = i16::MIN;
/// Neighbouring frames further apart than this many intervals are not joined.
const JOINED_INTERVALS: f64 = 3.0;

/// Hole above which the file is discontinuous, seconds: shorter ones are filled, since some readers
/// know continuous files alone.
const LONG_HOLE_S: f64 = 60.0;

/// The grid: records of a fixed length with a fixed number of samples.
struct Grid {
    /// When each record begins, seconds from the first frame.
    starts_s: Vec<f64>,
    per_record: usize,
    record_s: f64,
    first_s: f64,
    continuous: bool,
}

impl Grid {
    fn new(samples: &[Sample]) -> Result<Self, String> {
        let interval = interval_s(samples);
        let per_record = (1.0 / interval).round().max(1.0);
        // The length is what its eight characters say, so that no time drifts.
        let record_s = eight(per_record * interval).parse().unwrap_or(1.0);
        let first_s = samples.first().map_or(0.0, |sample| sample.time_s);
        let parts = || samples.chunk_by(|a, b| b.time_s - a.time_s <= LONG_HOLE_S);
        let mut starts_s = Vec::new();
        for part in parts() {
            let from_s = part[0].time_s - first_s;
            let to_s = part[part.len() - 1].time_s - first_s;
            let records = ((to_s - from_s + interval) / record_s - 1e-6).ceil().max(1.0);
            let so_far = starts_s.len() as f64;
            if !is_proportionate((so_far + records) * per_record, samples.len()) {
                return Err(too_sparse(to_s, samples.len()));
            }
            starts_s.extend((0..records as usize).map(|record| from_s + record as f64 * record_s));
        }
        let continuous = parts().count() <= 1;
        Ok(Self { starts_s, per_record: per_record as usize, record_s, first_s, continuous })
    }

    fn times(&self) -> impl Iterator<Item = f64> {
        let step = self.record_s / self.per_record as f64;
        let record = move |start_s: &f64| {
            let start_s = self.first_s + start_s;
            (0..self.per_record).map(move |i| start_s + i as f64 * step)
        };
        self.starts_s.iter().flat_map(record)
    }
}

/// A signal's header fields with its digital values.
struct Signal {
    label: String,
    unit: &'static str,
    low: f64,
    high: f64,
    values: Vec<i16>,
}

/// The file.
///
/// # Errors
/// The times span far more than was measured.
pub(super) fn document(analysis: &Analysis, samples: &[Sample]) -> Result<Vec<u8>, String> {
    let grid = Grid::new(samples)?;
    let signals: Vec<Signal> = channels()
        .iter()
        .filter_map(|channel| Some((label(channel)?, channel)))
        .map(|(label, channel)| signal(label, channel, &grid, samples))
        .collect();
    let records = annotations(analysis, &grid);
    let annotation_bytes = records.iter().map(Vec::len).max().unwrap_or(0).next_multiple_of(2);
    let mut file = header(analysis, &grid, &signals, annotation_bytes);
    for (number, texts) in records.iter().enumerate() {
        for signal in &signals {
            let own = number * grid.per_record..(number + 1) * grid.per_record;
            file.extend(signal.values[own].iter().flat_map(|value| value.to_le_bytes()));
        }
        file.extend_from_slice(texts);
        file.resize(file.len() + annotation_bytes - texts.len(), 0);
    }
    Ok(file)
}

/// The label of a channel, sixteen characters at most; only lids and places are exported.
fn label(channel: &Channel) -> Option<String> {
    let short = match channel.source {
        Source::Eye(..) if matches!(&*channel.name, "aperture_left" | "aperture_right") => {
            &channel.name
        }
        Source::Place(_) => channel.name.trim_end_matches("_mfu"),
        _ => return None,
    };
    Some(short.replace("_left", " L").replace("_right", " R").replace('_', " "))
}

fn signal(label: String, channel: &Channel, grid: &Grid, samples: &[Sample]) -> Signal {
    let values = on_grid(channel, grid, samples);
    let known = || values.iter().flatten().copied();
    let (low, high) = known().fold((0.0_f64, 1.0_f64), |(low, high), v| (low.min(v), high.max(v)));
    let margin = 0.01 * (high - low);
    // The limits are what their eight characters say.
    let read = |limit: f64| eight(limit).parse().unwrap_or(limit);
    let (low, high): (f64, f64) = (read(low - margin), read(high + margin));
    let scale = f64::from(u16::MAX) / (high - low);
    let digital = |value: Option<f64>| match value {
        Some(value) => ((value - low) * scale + f64::from(MISSING)).round() as i16,
        None => MISSING,
    };
    let values = values.into_iter().map(digital).collect();
    Signal { label, unit: channel.unit, low, high, values }
}

/// A channel at the times of the grid.
fn on_grid(channel: &Channel, grid: &Grid, samples: &[Sample]) -> Vec<Option<f64>> {
    let joined_s = JOINED_INTERVALS * grid.record_s / grid.per_record as f64;
    let half_s = 0.5 * grid.record_s / grid.per_record as f64;
    let mut at = 0;
    grid.times()
        .map(|time_s| {
            while at + 1 < samples.len() && samples[at + 1].time_s <= time_s + 1e-6 {
                at += 1;
            }
            let (here, next) = (&samples[at], samples.get(at + 1));
            let value = channel.value(here).map(f64::from)?;
            let since_s = time_s - here.time_s;
            match next {
                Some(next) if next.track == here.track && next.time_s - here.time_s < joined_s => {
                    if since_s < 1e-6 {
                        return Some(value);
                    }
                    let end = f64::from(channel.value(next)?);
                    Some(value + (end - value) * since_s / (next.time_s - here.time_s))
                }
                _ => (since_s < half_s).then_some(value),
            }
        })
        .collect()
}

/// The annotations of each record: its own time first, then what begins in it.
fn annotations(analysis: &Analysis, grid: &Grid) -> Vec<Vec<u8>> {
    let began = |start_s: &f64| format!("+{start_s:.6}\x14\x14\0").into_bytes();
    let mut records: Vec<Vec<u8>> = grid.starts_s.iter().map(began).collect();
    for span in spans(analysis) {
        let onset_s = span.start_s - grid.first_s;
        let after = grid.starts_s.partition_point(|start_s| *start_s <= onset_s + 1e-9);
        let number = after.saturating_sub(1);
        let text = match span.tier.as_str() {
            "events" | "blinks" => span.text,
            "not measured" => "not measured".to_owned(),
            tier => format!("{tier}: {}", span.text),
        };
        let length_s = (span.end_s - span.start_s).max(0.0);
        let entry = format!("{onset_s:+.4}\x15{length_s:.4}\x14{text}\x14\0");
        records[number].extend_from_slice(entry.as_bytes());
    }
    records
}

fn header(
    analysis: &Analysis,
    grid: &Grid,
    signals: &[Signal],
    annotation_bytes: usize,
) -> Vec<u8> {
    let count = signals.len() + 1;
    let mut text = String::new();
    let mut put = |width: usize, field: &str| text.push_str(&padded(field, width));
    put(8, "0");
    put(80, "X X X X");
    put(80, &format!("Startdate X X X Spasmograph_{}", analysis.version.replace(' ', "_")));
    put(8, "01.01.85");
    put(8, "00.00.00");
    put(8, &(256 * (count + 1)).to_string());
    put(44, if grid.continuous { "EDF+C" } else { "EDF+D" });
    put(8, &grid.starts_s.len().to_string());
    put(8, &eight(grid.record_s));
    put(4, &count.to_string());
    let annotations =
        ("EDF Annotations", "", "-1".to_owned(), "1".to_owned(), annotation_bytes / 2);
    let fields: Vec<_> = signals
        .iter()
        .map(|s| (s.label.as_str(), s.unit, eight(s.low), eight(s.high), grid.per_record))
        .chain([annotations])
        .collect();
    fields.iter().for_each(|field| put(16, field.0));
    fields.iter().for_each(|_| put(80, ""));
    fields.iter().for_each(|field| put(8, field.1));
    fields.iter().for_each(|field| put(8, &field.2));
    fields.iter().for_each(|field| put(8, &field.3));
    fields.iter().for_each(|_| put(8, &i16::MIN.to_string()));
    fields.iter().for_each(|_| put(8, &i16::MAX.to_string()));
    fields.iter().for_each(|_| put(80, ""));
    fields.iter().for_each(|field| put(8, &field.4.to_string()));
    fields.iter().for_each(|_| put(32, ""));
    text.into_bytes()
}

/// Text of an exact width; only printable ASCII may stand in a header.
fn padded(text: &str, width: usize) -> String {
    let ascii: String = text.chars().filter(|c| (' '..='~').contains(c)).take(width).collect();
    format!("{ascii:<width$}")
}

/// A number in at most eight characters, as exact as they allow.
fn eight(number: f64) -> String {
    (0..=6)
        .rev()
        .map(|decimals| format!("{number:.decimals$}"))
        .find(|text| text.len() <= 8)
        .unwrap_or_else(|| format!("{number:.0}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_fit_eight_characters_and_stay_as_exact_as_these_allow() {
        let numbers = [(1.0, "1.000000"), (-123.456_789, "-123.457"), (1.001_001, "1.001001")];
        for (number, text) in numbers {
            assert_eq!(eight(number), text);
        }
        assert_eq!(eight(-1_234_567.89), "-1234568");
    }
}
