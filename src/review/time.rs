//! Times: of the clock, and of frames.

use std::time::SystemTime;

use crate::signal::Sample;

/// The time now, as RFC 3339 has it.
#[must_use]
pub fn now() -> String {
    humantime::format_rfc3339_millis(SystemTime::now()).to_string()
}

/// The time of the frame nearest to a time, seconds; the time itself where there is no frame.
#[must_use]
pub fn nearest_frame(samples: &[Sample], time_s: f64) -> f64 {
    let after = samples.partition_point(|sample| sample.time_s < time_s);
    let near = [after.checked_sub(1), Some(after)].into_iter().flatten();
    let times = near.filter_map(|i| samples.get(i)).map(|sample| sample.time_s);
    times.min_by(|a, b| (a - time_s).abs().total_cmp(&(b - time_s).abs())).unwrap_or(time_s)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_snap_to_the_nearest_frame() {
        let samples: Vec<Sample> = (0..4).map(|i| Sample::gap(i, 0.1 * i as f64)).collect();
        for (asked, got) in [(-1.0, 0.0), (0.04, 0.0), (0.16, 0.2), (9.0, 0.3)] {
            assert!((nearest_frame(&samples, asked) - got).abs() < 1e-9, "{asked}");
        }
        assert_eq!(nearest_frame(&[], 1.25), 1.25);
    }
}
