//! The event stage.

mod blinks;
mod kinds;
mod limits;
mod onsets;
mod properties;
mod statistics;
