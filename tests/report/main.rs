//! The files made from an analysis.

mod example;
mod page;
mod schema;
mod summary;
mod tables;
mod writing;
