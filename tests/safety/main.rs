//! Nothing of the user's is lost, and nobody gets in: the whole program under attack.
//!
//! An ordinary run tries a little of everything. `SPASMOGRAPH_KILLS` sets how often each command is
//! killed, `SPASMOGRAPH_SIEGE_S` how long a session is besieged, in seconds:
//!
//! ```text
//! SPASMOGRAPH_KILLS=30 SPASMOGRAPH_SIEGE_S=60 cargo test --test safety -- --nocapture
//! ```

#[macro_use]
extern crate test_attribute;

#[macro_use]
#[path = "../support/mod.rs"]
mod support;

mod folders;
mod kills;
mod limits;
mod place;
mod siege;
mod status;

fn main() -> std::process::ExitCode {
    support::harness::waiting()
}
