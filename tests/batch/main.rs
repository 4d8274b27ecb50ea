//! Many clips into tables.

#[macro_use]
extern crate test_attribute;

#[macro_use]
#[path = "../support/mod.rs"]
mod support;

#[allow(dead_code)]
#[path = "../report/patient.rs"]
mod patient;

mod cohort;
mod page;
mod program;
mod readers;
mod two_hundred;
mod workers;

fn main() -> std::process::ExitCode {
    support::harness::main()
}
