//! The event stage.

mod blinks;
mod families;
mod kinds;
mod limits;
mod onsets;
mod properties;
mod statistics;
