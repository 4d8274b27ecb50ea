//! Tables for spreadsheets and scripts: `signals.csv` and `events.csv`.
//!
//! Comma-separated, one header row, point as decimal sign, UTF-8. A cell is empty where nothing
//! is known: every signal of a gap, every column of `events.csv` that a row's kind does not have.
//!
//! `signals.csv` has one row a frame; see [`signal_columns`]. `events.csv` has one row a
//! contraction, with the columns of its event repeated, and one row a blink (`kind` is `blink`,
//! the event number and the contraction's columns are empty); rows are in order of start. Its
//! columns are [`EVENT_COLUMNS`].

use std::io::{Read, Write};
use std::path::Path;

use super::channel::{Channel, channels};
use super::plain::cell;
use super::{Analysis, Error, OutputFile};
use crate::anatomy::{PerPlace, PerSide, Place, Side};
use crate::event::{Blink, Contraction, Event, Findings, LidClosing};
use crate::face::HeadPose;
use crate::signal::{EyeSample, Sample};

/// The columns of `events.csv`.
pub const EVENT_COLUMNS: [&str; 33] = [
    "kind",
    "event",
    "side",
    "start_s",
    "peak_s",
    "end_s",
    "duration_s",
    "spread",
    "other_babinski",
    "order",
    "region",
    "region_side",
    "onset_s",
    "onset_ci_low_s",
    "onset_ci_high_s",
    "contraction_peak_s",
    "contraction_end_s",
    "amplitude_mfu",
    "snr",
    "depth",
    "complete",
    "asymmetry",
    "lag_s",
    "reason",
    "cause",
    "confidence",
    "could_also_be",
    "depth_left",
    "depth_right",
    "complete_left",
    "complete_right",
    "closing_speed_left",
    "closing_speed_right",
];

/// The columns of `signals.csv`: frame index, time, tracking number, presence, head pose, then
/// aperture, opening, gaze and brow of each eye, then the displacement of each place in mFU, then
/// the error of each aperture, the opening that counts as open and the fissure's width, then how
/// surely each place is seen, and last whether the picture repeats the one before it.
#[must_use]
pub fn signal_columns() -> Vec<String> {
    let first = ["index", "time_s", "track"].map(str::to_owned);
    let channels = channels().into_iter().map(|channel| channel.name);
    first.into_iter().chain(channels).chain([REPEAT.to_owned()]).collect()
}

/// The column that says whether the picture repeats the one before it: 0 or 1.
const REPEAT: &str = "repeat";

/// Whether a column may be missing: it came after the first version of the table.
fn is_newer(column: &str) -> bool {
    let begins = ["visible_", "aperture_error_", "open_level_", "fissure_"];
    column == REPEAT || begins.iter().any(|begin| column.starts_with(begin))
}

/// Writes `signals.csv` row by row.
#[derive(Debug)]
pub struct SignalWriter<W: Write> {
    table: csv::Writer<W>,
    row: csv::StringRecord,
    channels: Vec<Channel>,
}

impl<W: Write> SignalWriter<W> {
    /// Starts the table with its header.
    ///
    /// # Errors
    /// The writer fails.
    pub fn new(to: W) -> std::io::Result<Self> {
        let mut table = csv::Writer::from_writer(to);
        table.write_record(signal_columns())?;
        Ok(Self { table, row: csv::StringRecord::new(), channels: channels() })
    }

    /// Goes on with a table that has its header.
    pub(crate) fn going_on(to: W) -> Self {
        let table = csv::Writer::from_writer(to);
        Self { table, row: csv::StringRecord::new(), channels: channels() }
    }

    /// Adds one frame.
    ///
    /// # Errors
    /// The writer fails.
    pub fn push(&mut self, sample: &Sample) -> std::io::Result<()> {
        self.row.clear();
        self.row.push_field(&sample.index.to_string());
        self.row.push_field(&format!("{:.6}", sample.time_s));
        self.row.push_field(&sample.track.map(|track| track.to_string()).unwrap_or_default());
        for channel in &self.channels {
            let cell = match channel.value(sample) {
                Some(value) => format!("{value:.*}", channel.decimals),
                None => String::new(),
            };
            self.row.push_field(&cell);
        }
        self.row.push_field(match (sample.repeat, sample.track) {
            (true, _) => "1",
            (false, Some(_)) => "0",
            (false, None) => "",
        });
        self.table.write_record(&self.row)?;
        Ok(())
    }

    /// Hands on what is buffered.
    ///
    /// # Errors
    /// The writer fails.
    pub fn flush(&mut self) -> std::io::Result<()> {
        self.table.flush()
    }

    /// Ends the table and gives the writer back.
    ///
    /// # Errors
    /// The writer fails.
    pub fn into_inner(self) -> std::io::Result<W> {
        self.table.into_inner().map_err(|error| error.into_error())
    }
}

/// Writes `signals.csv` and finishes the file.
///
/// # Errors
/// The file cannot be written; nothing of it is left.
pub fn write_signals<'a>(
    file: OutputFile,
    samples: impl IntoIterator<Item = &'a Sample>,
) -> Result<(), Error> {
    let path = file.path().to_owned();
    let mut table = SignalWriter::new(file).map_err(Error::write(&path))?;
    for sample in samples {
        table.push(sample).map_err(Error::write(&path))?;
    }
    table.into_inner().map_err(Error::write(&path))?.finish()
}

/// Reads `signals.csv` back, to the precision it was written with. Columns may stand in any
/// order and others may be among them.
///
/// # Errors
/// The file cannot be read, a column is missing, or a cell is not a number.
pub fn read_signals(path: &Path) -> Result<Vec<Sample>, Error> {
    let file = std::fs::File::open(path).map_err(Error::read(path))?;
    parse_signals(file).map_err(|reason| Error::content(path, reason))
}

/// Reads the `signals.csv` of an analysis and checks that they belong together.
///
/// # Errors
/// As [`read_signals`], and where rows or times are not those of the analysis.
pub fn read_signals_of(analysis: &Analysis, path: &Path) -> Result<Vec<Sample>, Error> {
    let bytes = std::fs::read(path).map_err(Error::read(path))?;
    let header = bytes.split(|byte| *byte == b'\n').next().unwrap_or_default();
    let resaved = header.starts_with(&[0xef, 0xbb, 0xbf])
        || header.ends_with(b"\r")
        || header.contains(&b';');
    if resaved {
        let reason = "it was saved again by a spreadsheet, which may have rounded or reordered it; \
                      run `analyze` again, and work on a copy";
        return Err(Error::content(path, reason));
    }
    let wrong = |reason: String| Error::content(path, reason);
    let samples = parse_signals(bytes.as_slice()).map_err(wrong)?;
    belong_together(analysis, &samples).map_err(|reason| {
        wrong(format!("it does not belong to the analysis.json beside it: {reason}"))
    })?;
    Ok(samples)
}

/// Longest time from the last frame to the end of a recording that is a frame's, seconds.
const LAST_FRAME_S: f64 = 2.0;

fn belong_together(analysis: &Analysis, samples: &[Sample]) -> Result<(), String> {
    let (rows, frames) = (samples.len() as u64, analysis.coverage.frames_read);
    if rows != frames {
        return Err(format!("{rows} rows for {frames} frames"));
    }
    let with_face = samples.iter().filter(|sample| sample.track.is_some()).count() as u64;
    if with_face != analysis.coverage.frames_with_face {
        let expected = analysis.coverage.frames_with_face;
        return Err(format!("{with_face} rows with a face instead of {expected}"));
    }
    let rises = |pair: &[Sample]| pair[0].time_s < pair[1].time_s;
    if let Some(at) = samples.windows(2).position(|pair| !rises(pair)) {
        return Err(format!("the time of row {} is not after that of the row before", at + 2));
    }
    let (last_s, end_s) =
        (samples.last().map_or(0.0, |sample| sample.time_s), analysis.source.duration_s);
    let first_s = samples.first().map_or(0.0, |sample| sample.time_s);
    let interval_s = (last_s - first_s) / samples.len().max(2) as f64;
    if !(-1e-3..=LAST_FRAME_S.max(3.0 * interval_s)).contains(&(end_s - last_s)) {
        return Err(format!("the last row is at {last_s} s of {end_s} s"));
    }
    Ok(())
}

/// Reads signals from their text; what is wrong with it otherwise.
pub(crate) fn parse_signals(from: impl Read) -> Result<Vec<Sample>, String> {
    let mut table = csv::Reader::from_reader(std::io::BufReader::new(from));
    let header = table.headers().map_err(|error| error.to_string())?.clone();
    let columns: Vec<Option<usize>> = signal_columns()
        .iter()
        .map(|name| {
            let at = header.iter().position(|found| found == name);
            if at.is_none() && !is_newer(name) {
                return Err(format!("column {name} is missing"));
            }
            Ok(at)
        })
        .collect::<Result<_, _>>()?;
    let mut samples = Vec::new();
    let mut row = csv::StringRecord::new();
    while table.read_record(&mut row).map_err(|error| error.to_string())? {
        let mut cells =
            columns.iter().map(|column| column.and_then(|at| row.get(at)).unwrap_or_default());
        samples.push(parse_sample(&mut cells).map_err(|cell| {
            let line = row.position().map_or(0, csv::Position::line);
            format!("line {line}: \"{cell}\" is not a number")
        })?);
    }
    Ok(samples)
}

/// Longest step between two rows of a journal that is believed, seconds: a day.
const LONGEST_STEP_S: f64 = 86_400.0;

/// The signals of a journal that a crash or a bad disk may have damaged, and how many rows were
/// left out. Where a frame stands twice, the later row counts; the times of what is left rise.
pub(crate) fn salvage_signals(bytes: &[u8]) -> (Vec<Sample>, usize) {
    let width = signal_columns().len();
    // Numbers need no quotes, and a stray one must not swallow the rows after it.
    let mut table = csv::ReaderBuilder::new()
        .has_headers(false)
        .flexible(true)
        .quoting(false)
        .from_reader(bytes);
    let ends_whole = bytes.last().is_none_or(|last| *last == b'\n');
    let mut by_index = std::collections::BTreeMap::new();
    let (mut damaged, mut row) = (0, csv::ByteRecord::new());
    let header = signal_columns();
    while table.read_byte_record(&mut row).unwrap_or(false) {
        let is_header = row.len() == width && row.iter().eq(header.iter().map(String::as_bytes));
        // The last row may be cut within a number.
        let is_cut = !ends_whole && table.position().byte() >= bytes.len() as u64;
        if is_header {
            continue;
        }
        let cells: Result<Vec<&str>, _> = row.iter().map(std::str::from_utf8).collect();
        let sample = cells.ok().filter(|cells| cells.len() == width && !is_cut).and_then(|cells| {
            parse_sample(&mut cells.into_iter()).ok().filter(|sample| sample.time_s.is_finite())
        });
        match sample {
            Some(sample) => drop(by_index.insert(sample.index, sample)),
            None => damaged += 1,
        }
    }
    let samples: Vec<Sample> = by_index.into_values().collect();
    let kept = rising(&samples.iter().map(|sample| sample.time_s).collect::<Vec<_>>());
    damaged += samples.len() - kept.len();
    let mut last_s = None;
    let mut samples: Vec<Sample> = kept.into_iter().map(|at| samples[at].clone()).collect();
    let all = samples.len();
    samples.retain(|sample| {
        let near = last_s.is_none_or(|last| sample.time_s - last < LONGEST_STEP_S);
        if near {
            last_s = Some(sample.time_s);
        }
        near
    });
    damaged += all - samples.len();
    (samples, damaged)
}

/// Places of the longest part of the values that rises from each to the next.
fn rising(values: &[f64]) -> Vec<usize> {
    // Of each length, where the part with the lowest end ends.
    let mut ends: Vec<usize> = Vec::new();
    let mut before = vec![usize::MAX; values.len()];
    for (at, value) in values.iter().enumerate() {
        let length = ends.partition_point(|&end| values[end] < *value);
        if let Some(last) = length.checked_sub(1) {
            before[at] = ends[last];
        }
        match ends.get_mut(length) {
            Some(end) => *end = at,
            None => ends.push(at),
        }
    }
    let mut kept = Vec::with_capacity(ends.len());
    let mut at = ends.last().copied().unwrap_or(usize::MAX);
    while at != usize::MAX {
        kept.push(at);
        at = before[at];
    }
    kept.reverse();
    kept
}

fn parse_sample<'a>(cells: &mut impl Iterator<Item = &'a str>) -> Result<Sample, &'a str> {
    fn number<T: std::str::FromStr>(cell: Option<&str>) -> Result<Option<T>, &str> {
        match cell.unwrap_or_default() {
            "" => Ok(None),
            cell => cell.parse().map(Some).map_err(|_| cell),
        }
    }
    let index = number(cells.next())?.ok_or("")?;
    let time_s = number(cells.next())?.ok_or("")?;
    let track = number(cells.next())?;
    let presence = number(cells.next())?.unwrap_or(0.0);
    let mut next = || number::<f32>(cells.next());
    let pose = [next()?, next()?, next()?, next()?];
    let pose = match pose {
        [Some(yaw_deg), Some(pitch_deg), Some(roll_deg), Some(face_unit_px)] => {
            Some(HeadPose { yaw_deg, pitch_deg, roll_deg, face_unit_px })
        }
        _ => None,
    };
    let mut of_both = || Ok::<_, &str>(PerSide { left: next()?, right: next()? });
    let (aperture, opening, gaze_down, brow_up) = (of_both()?, of_both()?, of_both()?, of_both()?);
    let mut displacement = PerPlace::default();
    for place in Place::ALL {
        displacement[place] = next()?;
    }
    let mut of_both = || Ok::<_, &str>(PerSide { left: next()?, right: next()? });
    let (error, open, width) = (of_both()?, of_both()?, of_both()?);
    let eyes = PerSide::from_fn(|side| {
        Some(EyeSample {
            aperture: aperture[side]?,
            aperture_error: error[side].unwrap_or(0.0),
            opening: opening[side]?,
            open: open[side].unwrap_or(0.0),
            width: width[side].unwrap_or(0.0),
            gaze_down: gaze_down[side],
            brow_up: brow_up[side]?,
        })
    });
    let mut visible = PerPlace::default();
    for place in Place::ALL {
        visible[place] = next()?.unwrap_or(if track.is_some() { 1.0 } else { 0.0 });
    }
    let repeat = next()?.is_some_and(|repeat| repeat > 0.5);
    Ok(Sample { index, time_s, track, presence, pose, eyes, displacement, visible, repeat })
}

/// The rows of `events.csv`.
pub(crate) fn event_rows(findings: &Findings) -> Vec<Vec<String>> {
    let mut rows: Vec<(f64, Vec<String>)> = Vec::new();
    rows.extend(findings.blinks.iter().map(|blink| (blink.start_s, blink_row(blink))));
    for event in &findings.events {
        if event.contractions.is_empty() {
            rows.push((event.start_s, event_row(event, None)));
        }
        for contraction in &event.contractions {
            rows.push((event.start_s, event_row(event, Some(contraction))));
        }
    }
    rows.sort_by(|a, b| a.0.total_cmp(&b.0));
    rows.into_iter().map(|(_, row)| row).collect()
}

/// Writes `events.csv`.
///
/// # Errors
/// The writer fails.
pub fn write_event_rows(to: impl Write, findings: &Findings) -> std::io::Result<()> {
    let mut table = csv::Writer::from_writer(to);
    table.write_record(EVENT_COLUMNS)?;
    for row in event_rows(findings) {
        table.write_record(row.iter().map(|text| cell(text).into_owned()))?;
    }
    table.flush()
}

/// Writes `events.csv` and finishes the file.
///
/// # Errors
/// The file cannot be written; nothing of it is left.
pub fn write_events(mut file: OutputFile, findings: &Findings) -> Result<(), Error> {
    write_event_rows(&mut file, findings).map_err(Error::write(file.path()))?;
    file.finish()
}

/// A word of a fixed vocabulary as it stands in files.
pub(crate) fn word(value: impl serde::Serialize) -> String {
    match serde_json::json!(value) {
        serde_json::Value::String(word) => word,
        other => other.to_string(),
    }
}

fn seconds(time_s: f64) -> String {
    format!("{time_s:.4}")
}

/// The spread as text: regions in order joined by `>`, ties by `+`.
pub(crate) fn spread_text(event: &Event) -> String {
    let step = |tie: &Vec<crate::anatomy::Region>| {
        tie.iter().map(|region| region.name()).collect::<Vec<_>>().join("+")
    };
    event.spread.iter().map(step).collect::<Vec<_>>().join(">")
}

fn blink_row(blink: &Blink) -> Vec<String> {
    row(|column| match column {
        "kind" => "blink".to_owned(),
        "side" => word(blink.side),
        "start_s" => seconds(blink.start_s),
        "peak_s" => seconds(blink.peak_s),
        "end_s" => seconds(blink.end_s),
        "duration_s" => seconds(blink.end_s - blink.start_s),
        "depth" => format!("{:.3}", blink.depth),
        "complete" => blink.complete.to_string(),
        "asymmetry" => format!("{:.3}", blink.asymmetry),
        "lag_s" => blink.lag_s.map(seconds).unwrap_or_default(),
        "depth_left" => lid_cell(blink, Side::Left, |lid| Some(format!("{:.3}", lid.depth))),
        "depth_right" => lid_cell(blink, Side::Right, |lid| Some(format!("{:.3}", lid.depth))),
        "complete_left" => lid_cell(blink, Side::Left, |lid| Some(lid.complete.to_string())),
        "complete_right" => lid_cell(blink, Side::Right, |lid| Some(lid.complete.to_string())),
        "closing_speed_left" => lid_cell(blink, Side::Left, speed_cell),
        "closing_speed_right" => lid_cell(blink, Side::Right, speed_cell),
        _ => String::new(),
    })
}

/// What a lid did in a blink, as it stands in a cell; empty where it was not seen.
fn lid_cell(blink: &Blink, side: Side, cell: fn(&LidClosing) -> Option<String>) -> String {
    blink.lids[side].as_ref().and_then(cell).unwrap_or_default()
}

fn speed_cell(lid: &LidClosing) -> Option<String> {
    lid.speed.map(|speed| format!("{speed:.2}"))
}

fn event_row(event: &Event, contraction: Option<&Contraction>) -> Vec<String> {
    row(|column| match column {
        "kind" => word(event.kind),
        "event" => event.id.to_string(),
        "side" => word(event.side),
        "start_s" => seconds(event.start_s),
        "peak_s" => seconds(event.peak_s),
        "end_s" => seconds(event.end_s),
        "duration_s" => seconds(event.end_s - event.start_s),
        "spread" => spread_text(event),
        "other_babinski" => event.other_babinski.to_string(),
        "reason" => event.reason.clone(),
        "cause" => word(event.judgement.cause),
        "confidence" => event.judgement.confidence.map(|p| format!("{p:.3}")).unwrap_or_default(),
        "could_also_be" => {
            event.judgement.runner_up.map(|other| word(other.cause)).unwrap_or_default()
        }
        column => contraction.map(|c| contraction_cell(event, c, column)).unwrap_or_default(),
    })
}

fn contraction_cell(event: &Event, contraction: &Contraction, column: &str) -> String {
    match column {
        "order" => event
            .spread
            .iter()
            .position(|tie| tie.contains(&contraction.region))
            .map(|step| (step + 1).to_string())
            .unwrap_or_default(),
        "region" => contraction.region.to_string(),
        "region_side" => {
            Place { region: contraction.region, side: contraction.side }.side_name().to_owned()
        }
        "onset_s" => seconds(contraction.onset_s),
        "onset_ci_low_s" => seconds(contraction.onset_ci_s[0]),
        "onset_ci_high_s" => seconds(contraction.onset_ci_s[1]),
        "contraction_peak_s" => seconds(contraction.peak_s),
        "contraction_end_s" => seconds(contraction.end_s),
        "amplitude_mfu" => format!("{:.2}", contraction.amplitude_mfu),
        "snr" => format!("{:.2}", contraction.snr),
        _ => String::new(),
    }
}

fn row(cell: impl FnMut(&str) -> String) -> Vec<String> {
    EVENT_COLUMNS.into_iter().map(cell).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn journal() -> Vec<u8> {
        let mut bytes = Vec::new();
        let mut table = SignalWriter::new(&mut bytes).unwrap();
        for i in 0..100 {
            table.push(&Sample::gap(i, i as f64 / 30.0)).unwrap();
        }
        table.into_inner().unwrap();
        bytes
    }

    fn with_row(row: usize, change: impl FnOnce(&str) -> String) -> Vec<u8> {
        let text = String::from_utf8(journal()).unwrap();
        let mut lines: Vec<String> = text.lines().map(str::to_owned).collect();
        lines[row] = change(&lines[row]);
        (lines.join("\n") + "\n").into_bytes()
    }

    #[test]
    fn a_damaged_row_costs_itself_and_nothing_else() {
        assert_eq!(salvage_signals(&journal()).0.len(), 100);
        let time = |time: &'static str| {
            move |row: &str| {
                let (index, rest) = row.split_once(',').unwrap();
                format!("{index},{time},{}", rest.split_once(',').unwrap().1)
            }
        };
        for row in [1, 50, 100] {
            for bytes in [
                with_row(row, |row| row.replace('.', "\u{fffd}\0")),
                with_row(row, |row| format!("\"{row}")),
                with_row(row, |row| row[..row.len() / 2].to_owned()),
                with_row(row, time("nan")),
                with_row(row, time("inf")),
                with_row(row, time("-5")),
                with_row(row, time("1e12")),
                with_row(row, |_| "words".to_owned()),
            ] {
                let (samples, damaged) = salvage_signals(&bytes);
                let early = samples.first().is_some_and(|first| first.time_s == -5.0);
                assert!(samples.len() + damaged == 100, "{} and {damaged}", samples.len());
                assert!(damaged == 1 || early, "row {row}: {damaged}");
                assert!(samples.windows(2).all(|pair| pair[0].time_s < pair[1].time_s));
            }
        }
        assert_eq!(salvage_signals(b"").0.len(), 0);
        let (nothing, damaged) = salvage_signals(&[0xff; 1000]);
        assert!(nothing.is_empty() && damaged == 1);
    }

    #[test]
    fn the_longest_rising_part_leaves_out_what_jumps() {
        assert_eq!(rising(&[0.0, 1.0, 9e9, 2.0, 2.0, -4.0, 3.0]), [0, 1, 4, 6]);
        assert_eq!(rising(&[]), [0_usize; 0]);
    }
}
