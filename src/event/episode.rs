//! Episodes: departures whose rises belong together in time.
//!
//! Only when something began decides what it belongs to. A departure that lasts glues nothing
//! together: a brow that never comes back is part of the episode in which it rose, and of no other.

use super::pull::Pull;

/// Longest pause between two rises of one episode, seconds (judgment: the bursts of a train at four
/// a second stay apart, the regions of one spread stay together).
const PAUSE_S: f64 = 0.25;

/// Longest time between the first and the last rise of an episode, seconds (judgment: the longest
/// spread that is visible as one, 0.5 s, and the interval of two onsets).
const SPAN_S: f64 = 0.75;

/// Parts departures, in any order, into episodes in order of time.
pub(super) fn episodes(mut pulls: Vec<Pull>) -> Vec<Vec<Pull>> {
    // Ties are broken by place, so that the order in which departures ended does not matter.
    pulls.sort_by(|a, b| {
        a.start_s().total_cmp(&b.start_s()).then(a.place().region.cmp(&b.place().region))
    });
    let mut parts: Vec<Vec<Pull>> = Vec::new();
    for pull in pulls {
        match parts.last_mut() {
            Some(part) if pull.start_s() - last_s(part) <= PAUSE_S => part.push(pull),
            _ => parts.push(vec![pull]),
        }
    }
    parts.into_iter().flat_map(split).collect()
}

fn last_s(part: &[Pull]) -> f64 {
    part.last().map_or(f64::NEG_INFINITY, Pull::start_s)
}

/// Splits what spans too long at its longest pause.
fn split(mut part: Vec<Pull>) -> Vec<Vec<Pull>> {
    let spans = part.first().is_some_and(|first| last_s(&part) - first.start_s() > SPAN_S);
    if !spans {
        return vec![part];
    }
    let pause = |i: &usize| part[*i].start_s() - part[i - 1].start_s();
    let at = (1..part.len()).max_by(|a, b| pause(a).total_cmp(&pause(b))).unwrap_or(1);
    let rest = part.split_off(at);
    [split(part), split(rest)].concat()
}
