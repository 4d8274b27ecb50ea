//! What belongs together: pulls that stand for themselves, by side, in chains that touch in time.

use super::pull::Pull;
use crate::anatomy::{Place, Region, Side};
use crate::thresholds::EventThresholds;

/// Leaves out what a blink explains, eyes opened wider, and what another pull only drags along.
pub(super) fn real(pulls: Vec<Pull>, blinks: &[(f64, f64)], t: &EventThresholds) -> Vec<Pull> {
    let dragged = |p: &Pull| {
        pulls.iter().any(|other| drags(other, p, t) && other.touches(p.start_s(), p.end_s()))
    };
    let companion = |p: &Pull| {
        // A jaw's beats are told apart all together.
        let most = if p.place().region == Region::Jaw { t.jaw_shared_min } else { 1.0 };
        pulls.iter().any(|other| {
            other.place() == p.place().mirrored()
                && other.place() != p.place()
                && other.one_sided(t)
                && most * other.departure.amplitude > p.departure.amplitude
                && other.inside(p.start_s() - 0.1, p.end_s() + 0.1) > 0.5
        })
    };
    let keep: Vec<bool> = pulls
        .iter()
        .map(|p| {
            let lids = p.place().region == Region::Periocular;
            let in_blink = blinks.iter().any(|b| p.is_within(*b));
            let explained = in_blink && (lids || !p.one_sided(t));
            let widened = lids && p.departure.amplitude < 0.0;
            !(explained || widened || dragged(p) || companion(p))
        })
        .collect();
    pulls.into_iter().zip(keep).filter_map(|(p, keep)| keep.then_some(p)).collect()
}

/// Whether `p`, at the same time, is what `other` drags along: the mirror image of a larger pull,
/// the chin's skin that rides on an opening jaw or follows the corner of the mouth, the chin's
/// midline that goes up with the skin beside it and comes back, and the little that lids stir as
/// both fall and as they open again.
fn drags(other: &Pull, p: &Pull, t: &EventThresholds) -> bool {
    let (place, by) = (p.place(), other.place());
    let (moved, pull) = (p.departure.amplitude, other.departure.amplitude);
    let mirrored = by == place.mirrored() && moved < 0.0 && pull > -moved;
    let chin = by.region == Region::Jaw && place.region == Region::Jaw;
    let rides = chin && moved < 0.0 && pull > 0.0;
    let returns = chin && place.side.is_none() && pull > moved;
    let follows = place.region == Region::Jaw
        && by == Place { region: Region::MouthCorner, ..place }
        && moved > 0.0
        && moved < t.chin_follows * pull;
    let opens = p.start_s() > other.end_s() - t.lids_move_s;
    let falls = !other.one_sided(t) && p.start_s() < other.start_s() + t.lids_move_s;
    let stirred = by.region == Region::Periocular
        && place.region != Region::Periocular
        && (opens || falls)
        && moved.abs() < t.lids_stir * pull;
    by != place && (mirrored || rides || returns || follows || stirred)
}

/// Whether another pull of the same side touches `p` or follows it shortly.
fn joins(p: &Pull, other: &Pull, t: &EventThresholds) -> bool {
    let (from_s, until_s) = (p.start_s() - t.link_s, p.end_s() + t.link_s);
    other.place().side == p.place().side && other.touches(from_s, until_s)
}

/// Tells the sides of a jaw that works by itself by all of its beats together, as one beat may
/// drown in the noise on either side: what both sides share goes to both, the rest is returned.
pub(super) fn side_beats(
    apart: Vec<Pull>,
    symmetric: &mut Vec<Pull>,
    t: &EventThresholds,
) -> Vec<Pull> {
    let beat = |p: &Pull| {
        let place = p.place();
        place.region == Region::Jaw && place.side.is_some() && p.departure.amplitude > 0.0
    };
    let (others, own): (Vec<_>, Vec<_>) = apart.into_iter().partition(|p| !beat(p));
    // A chin that pulls along with its side goes with it.
    let (along, own): (Vec<_>, Vec<_>) =
        own.into_iter().partition(|p| others.iter().any(|other| joins(p, other, t)));
    let (mirrored, rest): (Vec<_>, Vec<_>) = std::mem::take(symmetric).into_iter().partition(beat);
    *symmetric = rest;
    let mut apart = [others, along].concat();
    for chain in chains([own, mirrored].concat(), t) {
        let pulled = |side: Side| {
            let of = |p: &Pull| {
                let mirrored = p.place().side != Some(side);
                let part = if mirrored { p.departure.shared.clamp(0.0, 1.0) } else { 1.0 };
                part * p.departure.amplitude
            };
            chain.iter().map(of).sum::<f64>()
        };
        let (left, right) = (pulled(Side::Left), pulled(Side::Right));
        if left.min(right) >= t.jaw_shared_min * left.max(right) {
            symmetric.extend(chain);
        } else {
            let side = if left > right { Side::Left } else { Side::Right };
            apart.extend(chain.into_iter().filter(|p| p.place().side == Some(side)));
        }
    }
    apart
}

/// Gives the lids that fell together, with nothing else of their side that would stand on its own,
/// back to both sides; returns the rest. The cheek does not count: lids that squeeze lift it.
pub(super) fn rejoin_lids(
    apart: Vec<Pull>,
    symmetric: &mut Vec<Pull>,
    t: &EventThresholds,
) -> Vec<Pull> {
    let counts = |p: &&Pull| {
        !matches!(p.place().region, Region::Periocular | Region::Cheek)
            && p.departure.amplitude > 0.0
            && p.snr() >= t.alone_snr
    };
    let others: Vec<Pull> = apart.iter().filter(counts).cloned().collect();
    let (blinks, rest): (Vec<_>, Vec<_>) = apart.into_iter().partition(|p| {
        p.falls_with_its_fellow(t) && !others.iter().any(|other| joins(p, other, t))
    });
    symmetric.extend(blinks);
    rest
}

/// Splits pulls into chains: each touches the one before or follows it shortly.
pub(super) fn chains(mut pulls: Vec<Pull>, t: &EventThresholds) -> Vec<Vec<Pull>> {
    pulls.sort_by(|a, b| a.start_s().total_cmp(&b.start_s()));
    let mut chains: Vec<Vec<Pull>> = Vec::new();
    let mut end_s = f64::NEG_INFINITY;
    for pull in pulls {
        let link_s = if pull.place().region == Region::Jaw { t.jaw_link_s } else { t.link_s };
        let follows = pull.start_s() <= end_s + link_s;
        end_s = if follows { end_s.max(pull.end_s()) } else { pull.end_s() };
        match chains.last_mut() {
            Some(chain) if follows => chain.push(pull),
            _ => chains.push(vec![pull]),
        }
    }
    chains
}

/// The chains of one side's pulls along their muscles that make up one chain in time.
pub(super) fn chains_of(chain: Vec<Pull>, t: &EventThresholds) -> Vec<Vec<Pull>> {
    chains(undragged(chain, t), t).into_iter().flat_map(|chain| unglued(chain, t)).collect()
}

/// Parts what began long before the others from them, where it would not be believed alone or is
/// the cheek, whose muscles end at the lip or the lids: it does not glue together what moves
/// meanwhile.
fn unglued(mut chain: Vec<Pull>, t: &EventThresholds) -> Vec<Vec<Pull>> {
    let mut parts = Vec::new();
    while let [first, second, ..] = &chain[..]
        && second.start_s() > first.start_s() + t.lids_join_s
        && (first.place().region == Region::Cheek || !stands_out(&[first], t))
    {
        parts.push(vec![chain.remove(0)]);
    }
    if parts.is_empty() {
        return vec![chain];
    }
    parts.extend(chains(chain, t).into_iter().flat_map(|chain| unglued(chain, t)));
    parts
}

/// An eye shuts in a chain of pulls. Lids that join long after the rest narrow with a smile or a
/// squint.
pub(super) fn shuts_eye(pulls: &[Pull], t: &EventThresholds) -> bool {
    let (start_s, _) = span(pulls);
    pulls.iter().any(|p| {
        p.place().region == Region::Periocular
            && p.departure.amplitude > t.lids_least_mfu
            && p.start_s() < start_s + t.lids_join_s
    })
}

/// Pulls are large enough to be believed; a region alone, the lids aside, must be larger, and the
/// cheek the more.
pub(super) fn stands_out(pulls: &[&Pull], t: &EventThresholds) -> bool {
    let large: Vec<&&Pull> = pulls.iter().filter(|p| p.snr() >= t.alone_snr).collect();
    let lids = pulls.iter().any(|p| p.place().region == Region::Periocular);
    match large[..] {
        [] => (lids || pulls.len() > 1) && pulls.iter().any(|p| p.snr() >= t.sure_snr),
        [alone] if alone.place().region == Region::Cheek => alone.snr() >= t.cheek_alone_snr,
        _ => true,
    }
}

/// Leaves out of a chain with lids the chin that stirs before the rest: its skin is dragged
/// along from either side, and begins no contraction of the lids.
fn undragged(chain: Vec<Pull>, t: &EventThresholds) -> Vec<Pull> {
    let jaw = |p: &Pull| p.place().region == Region::Jaw;
    if !chain.iter().any(|p| p.place().region == Region::Periocular) {
        return chain;
    }
    let first_s = chain.iter().filter(|p| !jaw(p)).map(Pull::start_s).fold(f64::INFINITY, f64::min);
    let own = |p: &Pull| !jaw(p) || p.start_s() >= first_s - t.tie_margin_s;
    chain.into_iter().filter(own).collect()
}

pub(super) fn span(pulls: &[Pull]) -> (f64, f64) {
    pulls.iter().fold((f64::INFINITY, f64::NEG_INFINITY), |(from, to), p| {
        (from.min(p.start_s()), to.max(p.end_s()))
    })
}

/// The bursts of one place in one event are one contraction, from the first to the last.
pub(super) fn joined(pulls: &[Pull]) -> Vec<Pull> {
    let mut joined: Vec<Pull> = Vec::new();
    for pull in pulls {
        let Some(first) = joined.iter_mut().find(|p| p.place() == pull.place()) else {
            joined.push(pull.clone());
            continue;
        };
        let (whole, burst) = (&mut first.departure, &pull.departure);
        whole.end_s = whole.end_s.max(burst.end_s);
        whole.bursts_s.extend(&burst.bursts_s);
        if burst.amplitude.abs() > whole.amplitude.abs() {
            whole.amplitude = burst.amplitude;
            whole.peak_s = burst.peak_s;
        }
    }
    joined
}
