//! What needs no pixels: simulated signals, made-up findings, tables.

#[macro_use]
extern crate test_attribute;

#[macro_use]
#[path = "../support/mod.rs"]
mod support;

mod compare;
mod direction;
#[cfg(feature = "evaluate")]
mod evaluate;
mod event;
mod pattern;
mod validate;

fn main() -> std::process::ExitCode {
    support::harness::main()
}
