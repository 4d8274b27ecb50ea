//! The pattern stage.

mod adversarial;
mod cohort;
