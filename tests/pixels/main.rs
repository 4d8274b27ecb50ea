//! What begins with pixels: real recordings and painted faces, through the library and the program.

#[macro_use]
extern crate test_attribute;

#[macro_use]
#[path = "../support/mod.rs"]
mod support;

mod clip;
mod damaged;
mod evaluate;
mod face;
mod faults;
mod formats;
mod hidden;
mod overlay;
mod painted;
mod pattern;
mod program;
mod recordings;
mod samples;
mod shut_start;
mod source;
mod synth;
mod weak_lids;
mod weak_sides;

fn main() -> std::process::ExitCode {
    support::harness::main()
}
