//! `spasmograph monitor`, the whole program.
#![cfg(feature = "cli")]

#[macro_use]
#[path = "../common/skip.rs"]
mod skip;
#[path = "../common/mod.rs"]
mod common;

mod camera;
mod crash;
mod door;
mod recorded;
mod session;
mod stream;
