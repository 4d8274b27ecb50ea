//! Figures of a clip that stand on the page and in no other output.

use crate::anatomy::Side;
use crate::event::Laterality;
use crate::report::Analysis;
use crate::report::summary::involuntary;

/// Twitches and spasms a minute in which a side takes part.
pub(super) fn rate(analysis: &Analysis, side: Side) -> Option<f64> {
    let minutes = analysis.findings.summary.usable_s / 60.0;
    let own = match side {
        Side::Left => Laterality::Left,
        Side::Right => Laterality::Right,
    };
    let count =
        involuntary(analysis).filter(|e| e.side == own || e.side == Laterality::Both).count();
    (minutes > 0.0).then(|| count as f64 / minutes)
}

/// Share of the usable time in a twitch or spasm of any side, per cent.
pub(super) fn in_spasm(analysis: &Analysis) -> Option<f64> {
    let usable_s = analysis.findings.summary.usable_s;
    let time_s = covered_s(involuntary(analysis).map(|event| [event.start_s, event.end_s]));
    (usable_s > 0.0).then(|| (100.0 * time_s / usable_s).min(100.0))
}

/// Time that stretches cover together: where two sides are at it at once, it counts once.
fn covered_s(stretches: impl Iterator<Item = [f64; 2]>) -> f64 {
    let mut stretches: Vec<[f64; 2]> = stretches.collect();
    stretches.sort_by(|a, b| a[0].total_cmp(&b[0]));
    let (mut time_s, mut until_s) = (0.0, f64::NEG_INFINITY);
    for [start_s, end_s] in stretches {
        time_s += (end_s - start_s.max(until_s)).max(0.0);
        until_s = until_s.max(end_s);
    }
    time_s
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn time_in_which_both_sides_are_at_it_counts_once() {
        let stretches = [[5.0, 6.0], [0.0, 2.0], [1.0, 3.0], [1.5, 2.5]];
        assert_eq!(covered_s(stretches.into_iter()), 4.0);
        assert_eq!(covered_s(std::iter::empty()), 0.0);
    }
}
