//! The desk: a library of recordings in the browser, to open, watch, review and compare.
//!
//! ```text
//! FOLDER -> Library -> rows of the table        Queue -> clip::analyze -> results beside
//!              '-> About (recordings.csv ...)    Reviews -> review -> NAME.review.json beside
//! ```
//!
//! The folder is all there is: recordings, `NAME.spasmograph/` with their results,
//! `NAME.review.json`, `NAME.history.json`, `NAME.protocol.json`, and `recordings.csv`, a manifest as
//! `batch` reads it, with what is known of them. What is there is what is shown. The page
//! (`desk/page/`) has all its words in one file, `words.js`.

mod about;
mod answer;
mod brief;
mod error;
mod hand_on;
mod library;
mod limits;
mod live;
mod page;
mod queue;
mod reviews;
mod routes;
mod sample;
mod serve;
mod upload;
mod visits;

pub use error::DeskError;
pub use library::Library;
pub use limits::Limits;
pub use serve::{Request, serve};
