// The lines of Rust in it need what looks at pixels.
#![cfg_attr(any(feature = "video", not(doctest)), doc = include_str!("../README.md"))]

pub mod agree;
pub mod analyzer;
pub mod anatomy;
pub mod compare;
mod document;
pub mod event;
pub mod face;
mod matroska;
pub mod models;
pub mod pattern;
pub mod report;
pub mod review;
pub mod signal;
pub mod source;
pub mod synth;
pub mod thresholds;
pub mod validate;

#[cfg(feature = "batch")]
pub mod batch;
#[cfg(feature = "video")]
pub mod clip;

#[cfg(feature = "evaluate")]
pub mod evaluate;

#[cfg(feature = "video")]
pub mod pipeline;

#[cfg(feature = "live")]
pub mod live;
#[cfg(feature = "live")]
pub mod serve;

#[cfg(feature = "desk")]
pub mod desk;
