//! Painted patients through the stages.

mod events;
mod patterns;
