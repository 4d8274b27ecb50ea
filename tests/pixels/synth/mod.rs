//! Painted and moved faces.

mod clip;
mod inject;
mod noise;
mod response;
