//! From single departures to events: what belongs together, on which side, and what kind it is.
//!
//! A departure that its mirror place shares is symmetric; one that it does not share is
//! one-sided. One-sided departures of a side that touch in time are an event of that side.
//! Symmetric ones are expressions, unless both lids stay shut (a closure) or the jaw works by
//! itself. What a blink explains is left to the blink.

use super::order::{self, Start};
use super::pull::{Closing, Pull, Stir};
use super::{Blink, Contraction, Event, EventKind, Laterality};
use crate::anatomy::{PerSide, Place, Region, Side};
use crate::thresholds::EventThresholds;

/// Reason of an event that only its size leaves in doubt.
pub const HARDLY_ABOVE: &str = "hardly above the noise";

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
    let spasms = || Side::BOTH.into_iter().flat_map(|side| &with[side]).filter(|c| shuts_eye(c, t));
    let in_spasm = |p: &&Pull| {
        spasms().flatten().any(|q| q.place() == p.place() && q.start_s() == p.start_s())
    };
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

/// Leaves out what a blink explains, eyes opened wider, and what another pull only drags along.
fn real(pulls: Vec<Pull>, blinks: &[(f64, f64)], t: &EventThresholds) -> Vec<Pull> {
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
fn side_beats(apart: Vec<Pull>, symmetric: &mut Vec<Pull>, t: &EventThresholds) -> Vec<Pull> {
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
fn rejoin_lids(apart: Vec<Pull>, symmetric: &mut Vec<Pull>, t: &EventThresholds) -> Vec<Pull> {
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
fn chains(mut pulls: Vec<Pull>, t: &EventThresholds) -> Vec<Vec<Pull>> {
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
fn chains_of(chain: Vec<Pull>, t: &EventThresholds) -> Vec<Vec<Pull>> {
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
fn shuts_eye(pulls: &[Pull], t: &EventThresholds) -> bool {
    let (start_s, _) = span(pulls);
    pulls.iter().any(|p| {
        p.place().region == Region::Periocular
            && p.departure.amplitude > t.lids_least_mfu
            && p.start_s() < start_s + t.lids_join_s
    })
}

/// Pulls are large enough to be believed; a region alone, the lids aside, must be larger, and the
/// cheek the more.
fn stands_out(pulls: &[&Pull], t: &EventThresholds) -> bool {
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

/// Makes events of chains.
struct Assembly<'a> {
    blinks: &'a [(f64, f64)],
    symmetric: &'a [Pull],
    /// Everything that moved, and shortly before.
    stirs: &'a [Stir],
    frame_s: f64,
    t: &'a EventThresholds,
}

impl Assembly<'_> {
    fn event(&self, kind: EventKind, side: Laterality, pulls: &[Pull], reason: String) -> Event {
        let pulls = joined(pulls);
        let pulls = &pulls[..];
        let contractions: Vec<Contraction> =
            pulls.iter().map(|pull| pull.contraction(self.t)).collect();
        let onsets: Vec<Start<'_>> = pulls
            .iter()
            .map(|p| Start {
                region: p.place().region,
                onset: &p.departure.onset,
                sure: p.snr() >= self.t.order_snr,
            })
            .collect();
        let (spread, lags) = order::spread(&onsets, self.frame_s, self.t);
        let start_s = contractions.iter().map(|c| c.onset_s).fold(f64::INFINITY, f64::min);
        let end_s = contractions.iter().map(|c| c.end_s).fold(f64::NEG_INFINITY, f64::max);
        let largest = pulls.iter().max_by(|a, b| a.snr().total_cmp(&b.snr()));
        let other_babinski = Side::BOTH.into_iter().any(|s| lifts_brow_while_closing(pulls, s));
        Event {
            id: 0,
            kind,
            side,
            start_s,
            peak_s: largest.map_or(start_s, |p| p.departure.peak_s),
            end_s,
            contractions,
            spread,
            other_babinski,
            reason,
            lags,
            task: pulls.first().and_then(|p| p.task).filter(|task| task.moves()),
        }
    }

    /// Contractions of one side.
    fn one_sided(&self, side: Side, pulls: &[Pull]) -> Event {
        let laterality = match side {
            Side::Left => Laterality::Left,
            Side::Right => Laterality::Right,
        };
        let pulls = joined(pulls);
        let (kind, reason) = self.one_sided_kind(side, &pulls);
        self.event(kind, laterality, &pulls, reason)
    }

    fn one_sided_kind(&self, side: Side, pulls: &[Pull]) -> (EventKind, String) {
        let start_s = pulls[0].start_s();
        let end_s = pulls.iter().map(Pull::end_s).fold(f64::NEG_INFINITY, f64::max);
        if let Some(task) = pulls.iter().find_map(|p| p.task).filter(|task| task.moves()) {
            return (EventKind::Expression, format!("during the task {}", task.name()));
        }
        let lids_alone = pulls.iter().all(|p| p.place().region == Region::Periocular);
        let along = |b: &(f64, f64)| {
            // One region alone that begins in a blink may only take longer to settle.
            let begins = pulls.len() == 1 && (b.0 - 0.1..b.1).contains(&start_s);
            begins || pulls.iter().all(|p| p.is_within(*b))
        };
        if !lids_alone && self.blinks.iter().any(along) {
            return (EventKind::Uncertain, format!("the {side} side moves along with a blink"));
        }
        if !shuts_eye(pulls, self.t) && self.lively(side, start_s, end_s) {
            return (EventKind::Uncertain, "the face speaks or moves at the time".to_owned());
        }
        if pulls.iter().all(|p| p.place().region == Region::Forehead) {
            return (EventKind::Uncertain, format!("the {side} brow alone"));
        }
        let train = self.train(pulls);
        let beats = train.is_some() && pulls.iter().any(|p| p.snr() >= self.t.alone_snr);
        if !beats && !stands_out(&pulls.iter().collect::<Vec<_>>(), self.t) {
            return (EventKind::Uncertain, HARDLY_ABOVE.to_owned());
        }
        // A head that moves once does not bring about a rhythm.
        let own: Vec<&Pull> = pulls.iter().filter(|p| !p.may_be_head(self.t)).collect();
        if train.is_none() && !stands_out(&own, self.t) {
            return (EventKind::Uncertain, "the head turns at the time".to_owned());
        }
        let regions = pulls.len();
        if pulls.iter().all(|p| p.departure.amplitude < 0.0) {
            return (EventKind::Uncertain, format!("the {side} side moves against its muscles"));
        }
        let longest = pulls.iter().map(|p| p.end_s() - p.start_s()).fold(0.0, f64::max);
        let parts = if regions > 1 { "regions" } else { "region" };
        let narrows = |p: &Pull| (0.0..self.t.lids_least_mfu).contains(&p.departure.amplitude);
        if lids_alone && train.is_none() && pulls.iter().all(narrows) {
            return (EventKind::Uncertain, format!("the {side} eye narrows a little"));
        }
        match train {
            Some(hz) => (
                EventKind::Twitch,
                format!("{regions} {parts} of the {side} side alone, {hz:.1} bursts a second"),
            ),
            None if longest >= self.t.spasm_min_s => {
                (EventKind::Spasm, format!("{regions} {parts} of the {side} side alone, sustained"))
            }
            None => {
                (EventKind::Twitch, format!("{regions} {parts} of the {side} side alone, brief"))
            }
        }
    }

    /// Bursts a second that at least half of the clear regions show, where there are enough. What
    /// hardly moves among the others counts bursts of its noise.
    fn train(&self, pulls: &[Pull]) -> Option<f64> {
        let clearest = pulls.iter().map(Pull::snr).fold(0.0, f64::max);
        let clear: Vec<&Pull> =
            pulls.iter().filter(|p| p.snr() >= self.t.train_part * clearest).collect();
        let rates: Vec<f64> = clear.iter().filter_map(|p| p.rhythm_hz(self.t)).collect();
        rates.first().copied().filter(|_| 2 * rates.len() >= clear.len())
    }

    /// The face below the lids moves otherwise too, as in speech: not on this side alone.
    fn lively(&self, side: Side, start_s: f64, end_s: f64) -> bool {
        let around = (start_s - self.t.lively_s, end_s + self.t.lively_s);
        let others = self.stirs.iter().filter(|stir| {
            let own = stir.one_sided && stir.place.side == Some(side);
            let lids = stir.place.region == Region::Periocular;
            !own && !lids && stir.moves_within(around.0, around.1)
        });
        others.count() >= self.t.lively_stirs as usize
    }

    /// Size from which another movement counts beside these, mFU: a clear recording shows what
    /// chewing drags along, too.
    fn beside(&self, pulls: &[Pull]) -> f64 {
        let largest = pulls.iter().map(|p| p.departure.amplitude.abs()).fold(0.0, f64::max);
        self.t.beside_part * largest
    }

    /// Mouth or brows move around the time in which the jaw works, or it opens. The cheeks do not
    /// count: they lie over the muscles of chewing.
    fn unsettled(&self, pulls: &[Pull]) -> bool {
        let (start_s, end_s) = span(pulls);
        let around = (start_s - self.t.lively_s, end_s + self.t.lively_s);
        let least_mfu = self.beside(pulls);
        let others = self.stirs.iter().filter(|stir| {
            let chews = matches!(stir.place.region, Region::Cheek | Region::Jaw);
            (!chews || stir.place == Place::JAW_MIDLINE)
                && stir.place.region != Region::Periocular
                && stir.size_mfu >= least_mfu
                && stir.moves_within(around.0, around.1)
        });
        others.count() >= self.t.lively_stirs as usize
    }

    /// Both lids shut for longer than a blink, with what moved meanwhile.
    fn closure(&self, closure: &Closing, pulls: &[Pull]) -> Event {
        let lids = closure.blink();
        let mut own: Vec<Pull> = pulls
            .iter()
            .filter(|p| (lids.start_s - 0.3..lids.end_s).contains(&p.start_s()))
            .cloned()
            .collect();
        own.sort_by(|a, b| a.start_s().total_cmp(&b.start_s()));
        let below = own.iter().any(|p| p.place().region != Region::Periocular);
        let task = own.iter().find_map(|p| p.task).filter(|task| task.moves());
        let (kind, reason) = match task {
            Some(task) => (EventKind::Expression, format!("during the task {}", task.name())),
            None if closure.bow_deg >= self.t.bow_deg && !self.pulls_along(lids, &joined(&own)) => {
                (
                    EventKind::Uncertain,
                    "lids down while the head bows: shut, or looking down".to_owned(),
                )
            }
            None if below => (
                EventKind::Closure,
                "lids shut for longer than a blink, face moves along".to_owned(),
            ),
            None => (EventKind::Closure, "lids shut for longer than a blink".to_owned()),
        };
        let mut event = self.event(kind, lids.side, &own, reason);
        event.start_s = event.start_s.min(lids.start_s);
        event.end_s = if own.is_empty() { lids.end_s } else { event.end_s.max(lids.end_s) };
        event.peak_s = lids.peak_s;
        event
    }

    /// Both corners of the mouth pull along with the lids, in a brief closure for half of it: the
    /// eyes do not only look down.
    fn pulls_along(&self, lids: &Blink, own: &[Pull]) -> bool {
        let long_s = self.t.spasm_min_s.min(0.5 * (lids.end_s - lids.start_s));
        let pulls = |p: &&Pull| {
            p.place().region == Region::MouthCorner
                && p.snr() >= self.t.alone_snr
                && p.start_s() < lids.start_s + self.t.lids_join_s
                && p.inside(lids.start_s, lids.end_s) * (p.end_s() - p.start_s()) >= long_s
        };
        let sides = |side: Side| own.iter().filter(pulls).any(|p| p.place().side == Some(side));
        sides(Side::Left) && sides(Side::Right)
    }

    /// The jaw works by itself: its chin skin moves, the mouth does not.
    fn jaw_alone(&self, pulls: &[Pull]) -> bool {
        let (start_s, end_s) = span(pulls);
        let least_mfu = self.beside(pulls);
        let lips = self.symmetric.iter().any(|p| {
            p.place().region == Region::MouthCorner
                && p.departure.amplitude.abs() >= least_mfu
                && p.touches(start_s, end_s)
        });
        let opens = pulls
            .iter()
            .any(|p| p.place() == Place::JAW_MIDLINE && p.departure.amplitude.abs() >= least_mfu);
        let brows = self.stirs.iter().any(|stir| {
            stir.place.region == Region::Forehead
                && stir.size_mfu >= least_mfu
                && stir.start_s < end_s
                && stir.end_s > start_s
        });
        let lifts = |p: &Pull| p.departure.amplitude > 0.0 || p.place() == Place::JAW_MIDLINE;
        let chin = pulls.iter().any(|p| p.place() != Place::JAW_MIDLINE);
        chin && !lips && !opens && !brows && pulls.iter().all(lifts)
    }

    fn jaw(&self, pulls: &[Pull]) -> Event {
        let chin = pulls.iter().filter(|p| p.place() != Place::JAW_MIDLINE).cloned();
        let pulls = &joined(&chin.collect::<Vec<_>>())[..];
        let (start_s, end_s) = span(pulls);
        if let Some(task) = pulls.iter().find_map(|p| p.task).filter(|task| task.moves()) {
            let reason = format!("during the task {}", task.name());
            return self.event(EventKind::Expression, Laterality::Both, pulls, reason);
        }
        let rhythm = pulls.iter().find_map(|p| p.rhythm_hz(self.t));
        let (kind, reason) = match rhythm {
            Some(hz) => (EventKind::Twitch, format!("the jaw alone, {hz:.1} bursts a second")),
            None if pulls.iter().all(|p| p.may_be_head(self.t)) => {
                (EventKind::Expression, "the head moves at the time".to_owned())
            }
            None if self.unsettled(pulls) => {
                (EventKind::Expression, "the jaw moves in a face that moves".to_owned())
            }
            None if end_s - start_s >= self.t.spasm_min_s => {
                (EventKind::Spasm, "the jaw alone, sustained".to_owned())
            }
            None => (EventKind::Expression, "a single movement of the jaw".to_owned()),
        };
        self.event(kind, Laterality::Both, pulls, reason)
    }

    fn expression(&self, pulls: &[Pull]) -> Event {
        let task = pulls.iter().find_map(|p| p.task).filter(|task| task.moves());
        let has = |region: Region| pulls.iter().any(|p| p.place().region == region);
        let reason = match task {
            Some(task) => format!("during the task {}", task.name()),
            None if has(Region::Jaw) => "both sides alike: the mouth opens or speaks".to_owned(),
            None if has(Region::MouthCorner) || has(Region::Cheek) => {
                "both sides alike: mouth and cheeks".to_owned()
            }
            None if has(Region::Forehead) => "both sides alike: brows".to_owned(),
            None => "both sides alike: lids lowered or narrowed".to_owned(),
        };
        self.event(EventKind::Expression, Laterality::Both, pulls, reason)
    }
}

fn span(pulls: &[Pull]) -> (f64, f64) {
    pulls.iter().fold((f64::INFINITY, f64::NEG_INFINITY), |(from, to), p| {
        (from.min(p.start_s()), to.max(p.end_s()))
    })
}

/// The brow of a side rises while the eye of that side closes.
fn lifts_brow_while_closing(pulls: &[Pull], side: Side) -> bool {
    let of = |region: Region| {
        pulls
            .iter()
            .filter(move |p| p.place() == Place::new(region, side) && p.departure.amplitude > 0.0)
    };
    of(Region::Forehead).any(|brow| {
        of(Region::Periocular).any(|lids| brow.inside(lids.start_s() - 0.1, lids.end_s()) > 0.5)
    })
}

/// The bursts of one place in one event are one contraction, from the first to the last.
fn joined(pulls: &[Pull]) -> Vec<Pull> {
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
