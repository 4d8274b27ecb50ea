//! Reviews, raters and the desk.

#[macro_use]
extern crate test_attribute;

#[macro_use]
#[path = "../support/mod.rs"]
mod support;

#[allow(dead_code)]
#[path = "../report/patient.rs"]
mod patient;

mod agree;
mod browser;
mod client;
mod door;
mod elan;
mod many;
mod review;

fn main() -> std::process::ExitCode {
    support::harness::main()
}
