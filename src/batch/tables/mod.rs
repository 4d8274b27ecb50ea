//! The tables of a batch.
//!
//! | file | one row |
//! |---|---|
//! | `clips.csv`, `clips.parquet` | a clip, failed ones too |
//! | `events.parquet` | an event |
//! | `blinks.parquet` | a blink |
//! | `failures.csv` | something that went wrong |
//! | `scores.csv`, `scores.parquet` | a figure of a clip against its truth, or of all pooled |
//!
//! Units stand in the names of the columns; a column without one holds a count, a share of 1, a word
//! or a ratio. The rows are in order of the clips' numbers and of time.

mod blinks;
mod clips;
mod columns;
mod events;
mod failures;
mod scores;

pub(super) use scores::pooled;

use super::Cohort;
use crate::report::{Error, OutputFolder};

pub(super) fn write(cohort: &Cohort, folder: &OutputFolder) -> Result<(), Error> {
    let clips = clips::table(cohort);
    clips.write_csv(folder.file("clips.csv")?)?;
    clips.write_parquet(folder.file("clips.parquet")?)?;
    events::table(cohort).write_parquet(folder.file("events.parquet")?)?;
    blinks::table(cohort).write_parquet(folder.file("blinks.parquet")?)?;
    failures::table(cohort).write_csv(folder.file("failures.csv")?)?;
    let scores = scores::table(cohort);
    if scores.rows() > 0 {
        scores.write_csv(folder.file("scores.csv")?)?;
        scores.write_parquet(folder.file("scores.parquet")?)?;
    }
    Ok(())
}
