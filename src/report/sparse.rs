//! Whether a constant grid over a recording's times is in proportion to what was measured.
//!
//! A damaged stamp may lie years after the one before it. A file with a value for every moment in
//! between would fill any disk and say nothing.

/// Moments a measured frame that a grid may have (judgment: a session that pauses for most of its
/// time has ten).
const MOMENTS_A_FRAME: f64 = 20.0;

/// Moments that any grid may have: ten minutes at 60 a second (judgment).
const MOMENTS: f64 = 36_000.0;

/// Whether so many moments are in proportion to so many measured frames.
pub(crate) fn is_proportionate(moments: f64, frames: usize) -> bool {
    moments <= MOMENTS_A_FRAME * frames as f64 + MOMENTS
}

/// What to say where they are not.
pub(crate) fn too_sparse(span_s: f64, frames: usize) -> String {
    format!(
        "the times span {span_s:.0} s and only {frames} frames were measured: a time stamp is damaged"
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pause_is_in_proportion_and_a_wild_stamp_is_not() {
        assert!(is_proportionate(30.0 * 900.0, 100));
        assert!(is_proportionate(30.0 * 36_000.0, 30 * 3600));
        assert!(!is_proportionate(30.0 * 9e9, 30 * 3600));
        assert!(!is_proportionate(f64::NAN, 10) && !is_proportionate(f64::INFINITY, 10));
    }
}
