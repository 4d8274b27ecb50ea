//! Many clips into tables: on one machine, or in shards on a cluster.
//!
//! [`Inputs::read`] finds the clips, [`run`] has a [`Part`] of them analyzed by worker processes,
//! [`Cohort::gather`] reads what came of them, and [`write`] makes the tables and their page. An
//! analysis is known by its [`Key`]: content, setting and version. Copies of a recording are analyzed
//! once and stand in the tables each; what is done is done, whatever happens to the batch.
//!
//! Files in the order in which they build on each other:
//!
//! ```text
//! clip  shard  error  manifest             what is to be done
//! output  outcome  key  trace  record      what may come of a clip
//! list  place  inputs                      what is kept where; which clips are named
//! message  worker  pool  jobs  content  run    who does it
//! cohort  tables/  index/                  what is made of it
//! ```

mod clip;
mod cohort;
mod error;
mod index;
mod inputs;
mod jobs;
mod key;
mod list;
mod manifest;
mod outcome;
mod output;
mod picture;
mod place;
mod record;
mod shard;
mod tables;
mod trace;

#[cfg(feature = "video")]
mod content;
#[cfg(feature = "video")]
mod message;
#[cfg(feature = "video")]
mod pool;
#[cfg(feature = "video")]
mod run;
#[cfg(feature = "video")]
mod worker;

pub use clip::Clip;
pub use cohort::{Cohort, Member, Mishap};
pub use error::BatchError;
pub use inputs::Inputs;
#[cfg(feature = "desk")]
pub(crate) use inputs::is_video;
pub use jobs::default_jobs;
pub use key::{Key, Setting};
pub use list::{Entry, List};
pub use manifest::MANIFEST_COLUMNS;
#[cfg(feature = "desk")]
pub(crate) use outcome::one_line;
pub use outcome::{Failure, State};
pub use output::Output;
pub use place::Place;
pub use record::Record;
pub use shard::{Part, Shard};
pub use trace::Trace;

#[cfg(feature = "video")]
pub use run::{Happened, Plan, Ran, run, this_program, total_bytes};
#[cfg(feature = "video")]
pub use worker::serve;

use crate::report::OutputFolder;

/// Everything that [`write()`] may write.
pub const FILES: [&str; 8] = [
    "index.html",
    "clips.csv",
    "clips.parquet",
    "events.parquet",
    "blinks.parquet",
    "failures.csv",
    "scores.csv",
    "scores.parquet",
];

/// Writes the tables of a batch and their page into a folder.
///
/// # Errors
/// A file cannot be written; nothing of that file is left.
pub fn write(cohort: &Cohort, folder: &OutputFolder) -> Result<(), BatchError> {
    tables::write(cohort, folder)?;
    index::write(cohort, folder.file("index.html")?)?;
    Ok(())
}

/// Writes the tables alone.
#[cfg(feature = "desk")]
pub(crate) fn write_tables(
    cohort: &Cohort,
    folder: &OutputFolder,
) -> Result<(), crate::report::Error> {
    tables::write(cohort, folder)
}
