//! Truth from a column of labels, one row a frame.

use std::path::Path;

use crate::document;
use crate::report::{Error, Truth, TruthBlink};

/// Reads the blinks of a table with a column `blink_label`: runs of 1 are blinks, 0 is none, and
/// an empty cell is a frame that nobody has rated, which becomes an uncertain entry. A blink ends
/// where the first frame after it begins. A column `frame` numbers the frames; without it, they
/// are taken to follow one another. `fps` is the rate in frames a second.
///
/// # Errors
/// The file cannot be read, has no such column, or holds something else in it.
pub fn read_labels(path: &Path, fps: f64) -> Result<Truth, Error> {
    let text = document::read(path).map_err(Error::text(path))?;
    let mut table = csv::Reader::from_reader(text.as_bytes());
    let header = table.headers().map_err(|error| Error::content(path, error))?.clone();
    let column = |name: &str| header.iter().position(|found| found == name);
    let labels =
        column("blink_label").ok_or_else(|| Error::content(path, "no column blink_label"))?;
    let frames = column("frame");
    let mut runs: Vec<Run> = Vec::new();
    let mut count = 0;
    for (number, row) in table.records().enumerate() {
        let row = row.map_err(|error| Error::content(path, error))?;
        let bad = |cell: &str| Error::content(path, format!("line {}: \"{cell}\"", number + 2));
        let frame = match frames.and_then(|column| row.get(column)) {
            Some(cell) => cell.parse().map_err(|_| bad(cell))?,
            None => number as u64,
        };
        count = count.max(u64::saturating_add(frame, 1));
        let rated = match row.get(labels).unwrap_or_default() {
            "0" => continue,
            "1" => true,
            "" => false,
            other => return Err(bad(other)),
        };
        match runs.last_mut() {
            Some(run) if run.rated == rated && run.end == frame => {
                run.end = frame.saturating_add(1);
            }
            _ => runs.push(Run { start: frame, end: frame.saturating_add(1), rated }),
        }
    }
    let blink = |run: Run| TruthBlink {
        start_s: run.start as f64 / fps,
        end_s: run.end as f64 / fps,
        uncertain: !run.rated,
        ..TruthBlink::default()
    };
    Ok(Truth {
        fps: Some(fps),
        frames: Some(count),
        duration_s: Some(count as f64 / fps),
        blinks: Some(runs.into_iter().map(blink).collect()),
        ..Truth::default()
    })
}

/// Frames with the same label, end left out.
#[derive(Clone, Copy)]
struct Run {
    start: u64,
    end: u64,
    rated: bool,
}
