//! What is handed on: [`Analysis`] and the files made from it.
//!
//! | file | made by |
//! |---|---|
//! | `analysis.json` | [`json`], to the schema [`ANALYSIS_SCHEMA`] |
//! | `events.csv`, `signals.csv` | [`csv`] |
//! | `report.html` | [`html`] |
//! | `overlay.mp4` | `overlay` (feature `video`) |
//! | exchange formats | [`export`] |
//! | the summary on the terminal | [`summary`] |
//!
//! Every file is written through an [`OutputFolder`], so that it appears whole or not at all. A run
//! takes the folder of its results by a [`Claim`], and all of them take their names at once.

mod analysis;
mod channel;
mod claim;
#[cfg(feature = "parquet")]
mod columnar;
pub mod csv;
mod error;
pub mod export;
pub mod html;
pub mod json;
#[cfg(feature = "video")]
pub mod overlay;
pub mod plain;
pub mod scales;
mod sparse;
pub mod summary;
mod table;
mod truth;
mod write;
mod written;

pub use analysis::{
    ANALYSIS_SCHEMA, Analysis, Coverage, DISCLAIMER, Gap, PlaceCoverage, Reviewed, SCHEMA,
    SourceInfo, Warning,
};
pub use claim::{Claim, Intent, clear_leftovers, free_beside, is_in_use, leftovers, require_free};
pub(crate) use claim::{hidden, is_open_file, numbered};
pub use error::Error;
pub(crate) use sparse::{is_proportionate, too_sparse};
pub use table::Table;
pub use truth::{
    MadeFrom, REVIEW_SCHEMA, RatedBlinks, SCHEMA as TRUTH_SCHEMA, Truth, TruthBlink,
    TruthContraction, TruthEvent, TruthHidden, TruthSegment,
};
pub use write::{HIDDEN, OutputFile, OutputFolder, PendingPath};
pub(crate) use written::digest;
pub use written::{WRITTEN, Written};
