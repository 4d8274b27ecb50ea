//! Many clips into tables: on one machine, or in shards on a cluster.
//!
//! [`Clip::named_by`] finds the clips, [`run`] has them analyzed by worker processes, [`Cohort::gather`]
//! reads what came of them, and [`Cohort::write`] makes the tables and their page. An analysis is known
//! by its [`Key`]: content, setting and version. Copies of a recording are analyzed once and stand in
//! the tables each; what is done is done, whatever happens to the batch.

mod clip;
mod cohort;
mod error;
mod index;
mod jobs;
mod key;
mod manifest;
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
pub use jobs::default_jobs;
pub use key::{Key, Setting};
pub use manifest::MANIFEST_COLUMNS;
pub use record::{Entry, Failure, List, Output, Place, Record, State};
pub use shard::Shard;
pub use trace::Trace;

#[cfg(feature = "video")]
pub use run::{Happened, Plan, Ran, run, this_program, total_bytes};
#[cfg(feature = "video")]
pub use worker::serve;
