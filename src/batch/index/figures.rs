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
    let time_s = involuntary(analysis).fold(0.0, |sum, event| sum + event.end_s - event.start_s);
    (usable_s > 0.0).then(|| (100.0 * time_s / usable_s).min(100.0))
}
