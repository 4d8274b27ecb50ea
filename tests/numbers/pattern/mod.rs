//! The pattern stage.

mod adversarial;
mod cohort;
mod daily_life;
