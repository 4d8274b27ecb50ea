//! What the tests share: the harness that runs them, and what they need of the world around them.
//!
//! A test that lacks something says so with `unable!` and is counted as ignored, with the reason.
#![allow(dead_code, unused_imports, unused_macros, unreachable_pub)]

#[macro_use]
pub mod say;

pub mod chromium;
pub mod closed;
pub mod harness;
#[cfg(feature = "video")]
pub mod pipeline;
#[cfg(feature = "cli")]
pub mod program;
pub mod python;
pub mod recordings;
pub mod simulated;
