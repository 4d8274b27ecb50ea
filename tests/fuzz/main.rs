//! Every parser of outside bytes against inputs nobody meant: no panic, no overflow, no hang.
//!
//! A harness of its own, since coverage-guided fuzzing needs a nightly compiler. Seeds are whole,
//! valid files; [`mutate`] damages them. What was found once lies in `tests/fuzz/found/TARGET/` and
//! is tried first, every time.
//!
//! `cargo test --test fuzz` tries a few hundred inputs for each target. `SPASMOGRAPH_FUZZ_INPUTS`
//! sets how many all targets try together, `SPASMOGRAPH_FUZZ_SEED` where the damage begins:
//!
//! ```text
//! SPASMOGRAPH_FUZZ_INPUTS=500000 SPASMOGRAPH_FUZZ_SEED=7 cargo test --test fuzz -- --nocapture
//! ```

#[macro_use]
extern crate test_attribute;

#[macro_use]
#[path = "../support/mod.rs"]
mod support;

mod mutate;
mod seeds;
mod targets;
mod tries;

fn main() -> std::process::ExitCode {
    support::harness::main()
}
