//! From single departures to events: what belongs together, on which side, and what kind it is.
//!
//! A departure that its mirror place shares is symmetric; one that it does not share is
//! one-sided. One-sided departures of a side that touch in time are an event of that side.
//! Symmetric ones are expressions, unless both lids stay shut (a closure) or the jaw works by
//! itself. What a blink explains is left to the blink.

use super::Event;
use super::chain::{chains, chains_of, real, rejoin_lids, shuts_eye, side_beats, span};
use super::kind::Assembly;
use super::pull::{Closing, Pull, Stir};
use crate::anatomy::{PerSide, Region, Side};
use crate::thresholds::EventThresholds;

/// Groups what happened in a stretch of time that is over. `closures` are the closures of the
/// lids in it, `earlier` is what moved shortly before. Returns the events in order of time, numbered
/// 0, and what moved.
pub(super) fn group(
    pulls: Vec<Pull>,
    earlier: &[Stir],
    closures: &[Closing],
    frame_s: f64,
    t: &EventThresholds,
) -> (Vec<Event>, Vec<Stir>) {
    let mut shut: Vec<(f64, f64)> = Vec::new();
    let mut blinks: Vec<(f64, f64)> = Vec::new();
    for closure in closures {
        let span = (closure.blink().start_s, closure.blink().end_s);
        if closure.is_prolonged() {
            shut.push(span);
        } else {
            blinks.push(span);
        }
    }
    let pulls = real(pulls, &blinks, t);
    // What a blink brings along says nothing of speech or expression.
    let stirs_face = |p: &&Pull| p.snr() >= t.sure_snr && !blinks.iter().any(|b| p.is_within(*b));
    let moving: Vec<Pull> = pulls.iter().filter(stirs_face).cloned().collect();
    let (in_closure, pulls): (Vec<_>, Vec<_>) = pulls.into_iter().partition(|p| {
        shut.iter()
            .any(|s| (s.0 - 0.3..s.1).contains(&p.start_s()) && p.inside(s.0, s.1 + 0.3) > 0.5)
    });
    let (one_sided, mut symmetric): (Vec<_>, Vec<_>) =
        pulls.into_iter().partition(|p| p.one_sided(t));
    let one_sided = side_beats(one_sided, &mut symmetric, t);
    let one_sided = rejoin_lids(one_sided, &mut symmetric, t);

    let pulled = |forward: bool, side: Side| {
        let own =
            |p: &&Pull| p.place().side == Some(side) && (p.departure.amplitude > 0.0) == forward;
        chains(one_sided.iter().filter(own).cloned().collect(), t)
    };
    let with = PerSide::from_fn(|side| {
        let chains = pulled(true, side).into_iter().flat_map(|chain| chains_of(chain, t));
        chains.collect::<Vec<_>>()
    });
    // A face in spasm does not speak with what the spasm moves.
    let spasms = Side::BOTH.into_iter().flat_map(|side| &with[side]).filter(|c| shuts_eye(c, t));
    let in_spasms: Vec<&Pull> = spasms.flatten().collect();
    let in_spasm =
        |p: &&Pull| in_spasms.iter().any(|q| q.place() == p.place() && q.start_s() == p.start_s());
    let moved: Vec<Stir> =
        moving.iter().filter(|p| !in_spasm(p)).map(|pull| pull.stir(t)).collect();
    let stirs = [earlier, &moved].concat();

    let assemble = Assembly { blinks: &blinks, symmetric: &symmetric, stirs: &stirs, frame_s, t };
    let mut events: Vec<Event> = closures
        .iter()
        .filter(|c| c.is_prolonged())
        .map(|c| assemble.closure(c, &in_closure))
        .collect();
    for side in Side::BOTH {
        let alone = |chain: &&Vec<Pull>| {
            let (start_s, end_s) = span(chain);
            with[side].iter().flatten().all(|p| !p.touches(start_s - t.link_s, end_s + t.link_s))
        };
        let against = pulled(false, side);
        let chains = with[side].iter().chain(against.iter().filter(alone));
        events.extend(chains.map(|chain| assemble.one_sided(side, chain)));
    }
    let (jaw, rest): (Vec<_>, Vec<_>) =
        symmetric.iter().cloned().partition(|p| p.place().region == Region::Jaw);
    let alone = |chain: &Vec<Pull>| assemble.jaw_alone(chain);
    let (own, mixed): (Vec<_>, Vec<_>) = chains(jaw, t).into_iter().partition(alone);
    events.extend(own.iter().map(|chain| assemble.jaw(chain)));
    let rest = rest.into_iter().chain(mixed.into_iter().flatten()).collect();
    events.extend(chains(rest, t).iter().map(|chain| assemble.expression(chain)));
    events.sort_by(|a, b| a.start_s.total_cmp(&b.start_s));
    (events, moved)
}
