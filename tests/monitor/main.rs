//! `spasmograph monitor`, the whole program.

#[macro_use]
extern crate test_attribute;

#[macro_use]
#[path = "../support/mod.rs"]
mod support;

mod browser;
mod camera;
mod crash;
mod door;
mod recorded;
mod session;
mod stream;

fn main() -> std::process::ExitCode {
    support::harness::waiting()
}
