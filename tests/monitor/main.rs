//! `spasmograph monitor`, the whole program.
#![cfg(feature = "cli")]

#[macro_use]
#[path = "../common/skip.rs"]
mod skip;
#[path = "../common/mod.rs"]
mod common;

#[path = "../report/python.rs"]
mod python;

mod browser;
mod camera;
mod crash;
mod door;
mod recorded;
mod session;
mod stream;
