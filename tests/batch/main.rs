//! Many clips into tables.
#![cfg(feature = "cli")]

#[macro_use]
#[path = "../common/skip.rs"]
mod skip;
#[path = "../common/chromium.rs"]
mod chromium;
#[path = "../common/mod.rs"]
mod common;
#[allow(dead_code)]
#[path = "../report/patient.rs"]
mod patient;
#[path = "../report/python.rs"]
mod python;

mod cohort;
mod page;
mod program;
mod readers;
mod two_hundred;
mod workers;
