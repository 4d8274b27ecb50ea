//! The files made from an analysis.

#[path = "../common/closed.rs"]
mod closed;
#[macro_use]
#[path = "../common/skip.rs"]
mod skip;
#[cfg(feature = "video")]
#[path = "../common/chromium.rs"]
mod chromium;

#[cfg(feature = "video")]
mod browser;
mod example;
mod exports;
mod golden;
mod page;
mod patient;
mod python;
mod scales;
mod schema;
mod summary;
mod tables;
mod writing;
