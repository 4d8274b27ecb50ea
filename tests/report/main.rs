//! The files made from an analysis.

#[macro_use]
extern crate test_attribute;

#[macro_use]
#[path = "../support/mod.rs"]
mod support;

#[cfg(feature = "video")]
mod browser;
mod example;
mod exports;
mod golden;
mod page;
mod patient;
mod scales;
mod schema;
mod summary;
mod tables;
mod writing;

fn main() -> std::process::ExitCode {
    support::harness::main()
}
