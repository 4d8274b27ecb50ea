//! What made each movement: contraction of one side, of the jaw, or what everybody's face does.
//!
//! Every episode is looked at from both sides, the odds of a contraction against everything else
//! are summed from the evidence ([`super::evidence`]), and what passes the margin is an event of its
//! side. Nothing depends on the order of rules: the two sides are weighed alike, and what was not
//! taken for a contraction goes to closures, the jaw and expressions.

use super::balance::Balance;
use super::cause::{Cause, PARAMETERS, Weighed, WeighedMovement, probability};
use super::episode::episodes;
use super::evidence::{Evidence, SideView, Viewer};
use super::jaw::{self, Bout};
use super::kind::{Assembly, Left};
use super::pull::{Closing, Pull, asked};
use super::recording::Recording;
use super::{Event, EventKind, Judgement, Laterality, Reading};
use crate::anatomy::{Region, Side};
use crate::thresholds::EventThresholds;

/// How far a region must stand out on one side to be part of its contraction, nats (judgment: more
/// than one spread; that there is a contraction is known by then).
const TAKES_PART: f64 = 0.8;

/// Log odds from which on a movement may be a burst of a train that stands on its own otherwise,
/// nats (judgment: one in twenty).
const BURST: f64 = -3.0;

/// `lid_alone` from which on a closure of both lids is one lid's (judgment: the fellow comes half
/// down at most).
const WINK: f64 = 0.9;

/// Longest such burst, seconds (clonic twitches last 0.1 to 0.3 s, literature (mem)).
const BURST_S: f64 = 0.5;

/// A contraction of one side, or what may be one.
#[derive(Debug, Clone)]
struct Contracting {
    side: Side,
    odds: f64,
    weighed: Vec<Weighed>,
    rival: Cause,
    pulls: Vec<Pull>,
}

impl Contracting {
    fn start_s(&self) -> f64 {
        self.pulls.iter().map(Pull::start_s).fold(f64::INFINITY, f64::min)
    }

    /// When its contractions are over; one that lasts holds nothing together for longer than a
    /// twitch does.
    fn core_end_s(&self, t: &EventThresholds) -> f64 {
        let ends = self.pulls.iter().map(|p| p.end_s().min(p.start_s() + t.spasm_min_s));
        ends.fold(f64::NEG_INFINITY, f64::max)
    }

    /// It as a contraction.
    fn reading(&self) -> Reading {
        Reading { cause: Cause::Contraction, side: Some(self.side.into()), nats: self.odds }
    }

    /// It cannot stand alone, but may be a part of what does: a weak burst of a train.
    fn is_weak(&self) -> bool {
        self.odds < PARAMETERS.contraction.doubt
    }

    /// What the chin does alone is weighed as the jaw's.
    fn is_more_than_chin(&self) -> bool {
        self.pulls.iter().any(|p| p.place().region != Region::Jaw)
    }

    /// A weak and brief movement of a place that takes part in the other.
    fn is_burst_of(&self, other: &Self, t: &EventThresholds) -> bool {
        self.is_weak()
            && self.core_end_s(t) - self.start_s() < BURST_S
            && self.pulls.iter().any(|p| other.pulls.iter().any(|q| q.place() == p.place()))
    }
}

/// What a stretch of a recording holds.
#[derive(Debug, Default)]
pub(super) struct Attributed {
    /// Events in order of time, numbered 0.
    pub(super) events: Vec<Event>,
    /// Numbers of the closures that are a contraction of one lid.
    pub(super) winks: Vec<usize>,
    /// All that was weighed.
    pub(super) weighed: Vec<WeighedMovement>,
}

/// Judges what moved in a stretch of a recording.
pub(super) fn attribute(
    pulls: Vec<Pull>,
    closures: &[Closing],
    recording: &Recording,
    balance: &Balance,
    frame_s: f64,
    t: &EventThresholds,
) -> Attributed {
    let both = both_lids(closures);
    let viewer = Viewer { recording, balance, closures: &both };
    let mut weighed: Vec<WeighedMovement> = Vec::new();
    let mut seen: Vec<Contracting> = Vec::new();
    let mut rest: Vec<Left> = Vec::new();
    for episode in episodes(pulls) {
        let views = Side::BOTH.into_iter().filter_map(|side| viewer.view(&episode, side));
        let views: Vec<SideView> = views.collect();
        weighed.extend(views.iter().map(SideView::weighed));
        let (may_be, not): (Vec<_>, Vec<_>) = views
            .iter()
            .map(|view| weigh(view, &episode, t))
            .partition(|c| c.odds >= BURST && c.is_more_than_chin());
        let best = not.iter().max_by(|a, b| a.odds.total_cmp(&b.odds)).map(Contracting::reading);
        let taken = |p: &Pull| may_be.iter().flat_map(|c| &c.pulls).any(|q| same(p, q));
        rest.extend(episode.iter().filter(|p| !taken(p)).map(|p| (p.clone(), best)));
        seen.extend(may_be);
    }
    let (contracting, alone) = joined(seen, t);
    for c in alone {
        let reading = c.reading();
        rest.extend(c.pulls.into_iter().map(|pull| (pull, Some(reading))));
    }
    let winks: Vec<usize> = (0..closures.len())
        .filter(|&i| contracting.iter().any(|c| is_wink(c, &closures[i])))
        .collect();
    let closures: Vec<&Closing> =
        closures.iter().enumerate().filter(|(i, _)| !winks.contains(i)).map(|(_, c)| c).collect();
    let assembly = Assembly { frame_s, t };
    let mut events: Vec<Event> = contracting.iter().map(|c| event(c, &assembly)).collect();
    let rest = left_over(rest, &contracting, &closures, t);
    let (closed, rest) = assembly.closures(rest, &closures);
    let (bouts, mut rest) = jaw::bouts(rest, &viewer, t);
    weighed.extend(bouts.iter().map(Bout::weighed));
    // A jaw that moves with the mouth, as in speech and smiles, is part of what that does.
    let alone = |bout: &Bout| {
        let (from_s, until_s) = bout.span();
        let touches = |p: &Pull| p.touches(from_s - t.link_s, until_s + t.link_s);
        !rest.iter().any(|(p, _)| p.place().region == Region::MouthCorner && touches(p))
    };
    let (bouts, moved): (Vec<_>, Vec<_>) = bouts
        .into_iter()
        .partition(|bout| bout.is_open() || asked(&bout.pulls).is_some() || alone(bout));
    for bout in moved {
        let reading = bout.reading();
        rest.extend(bout.pulls.into_iter().map(|pull| (pull, Some(reading))));
    }
    events.extend(closed);
    events.extend(bouts.iter().map(|bout| assembly.jaw(bout)));
    events.extend(assembly.expressions(rest));
    events.sort_by(|a, b| a.start_s.total_cmp(&b.start_s).then(a.side.cmp(&b.side)));
    Attributed { events, winks, weighed }
}

/// Starts and ends of the closures of both lids, seconds.
fn both_lids(closures: &[Closing]) -> Vec<(f64, f64)> {
    let both = closures.iter().map(Closing::blink).filter(|lids| lids.side == Laterality::Both);
    both.map(|lids| (lids.start_s, lids.end_s)).collect()
}

/// A side's part in an episode with its odds.
fn weigh(view: &SideView, episode: &[Pull], t: &EventThresholds) -> Contracting {
    let (odds, weighed) = PARAMETERS.contraction.weigh(&view.amounts);
    let amount = |evidence: Evidence| view.amounts[evidence as usize];
    let own: Vec<&Pull> = episode
        .iter()
        .filter(|p| p.place().side == Some(view.side) && p.departure.amplitude > 0.0)
        .collect();
    let nats = |p: &Pull| view.stands_out[p.place().region as usize];
    let most = own.iter().map(|p| nats(p)).fold(0.0, f64::max);
    let size = |region: Region| {
        let sizes = own.iter().filter(|p| p.place().region == region);
        sizes.map(|p| p.departure.amplitude).fold(0.0, f64::max)
    };
    // The chin's skin follows the corner of the mouth, and falling lids stir the skin about them.
    let dragged = |p: &Pull| match p.place().region {
        Region::Jaw => t.chin_follows * size(Region::MouthCorner),
        Region::Periocular => 0.0,
        _ => t.lids_stir * size(Region::Periocular),
    };
    let takes_part = |p: &&Pull| {
        (nats(p) >= TAKES_PART || nats(p) == most) && p.departure.amplitude >= dragged(p)
    };
    let rival = if amount(Evidence::Blink) > 0.0 {
        Cause::Blink
    } else if amount(Evidence::HeadMoves) > 8.0_f64.ln_1p() {
        Cause::Head
    } else if amount(Evidence::JawMoves) > 2.0_f64.ln_1p() {
        Cause::Speech
    } else {
        Cause::Expression
    };
    let pulls = own.iter().copied().filter(takes_part).cloned().collect();
    Contracting { side: view.side, odds, weighed, rival, pulls }
}

fn same(a: &Pull, b: &Pull) -> bool {
    a.place() == b.place() && a.start_s() == b.start_s() && a.end_s() == b.end_s()
}

/// Contractions of one side that go on into each other are one event: the bursts of a train, or what
/// joins a spasm while most of it lasts. Weak bursts go with what moves the same place; those that
/// nothing stands beside are handed back.
fn joined(mut seen: Vec<Contracting>, t: &EventThresholds) -> (Vec<Contracting>, Vec<Contracting>) {
    seen.sort_by(|a, b| a.start_s().total_cmp(&b.start_s()).then(a.side.cmp(&b.side)));
    let mut events: Vec<Contracting> = Vec::new();
    for next in seen {
        let goes_on = |c: &&mut Contracting| {
            c.side == next.side
                && next.start_s() <= c.core_end_s(t) + t.link_s
                && (!(c.is_weak() || next.is_weak())
                    || c.is_burst_of(&next, t)
                    || next.is_burst_of(c, t))
        };
        match events.iter_mut().rev().find(goes_on) {
            Some(event) => {
                if next.odds > event.odds {
                    (event.odds, event.weighed, event.rival) =
                        (next.odds, next.weighed, next.rival);
                }
                event.pulls.extend(next.pulls);
            }
            None => events.push(next),
        }
    }
    events.into_iter().partition(|c| !c.is_weak())
}

/// A closure of "both" lids that is one lid's contraction, its fellow coming half down.
fn is_wink(c: &Contracting, closure: &Closing) -> bool {
    let alone = c.weighed.iter().any(|w| {
        w.evidence == Evidence::LidAlone
            && w.nats
                >= WINK * PARAMETERS.contraction.evidence.get(&w.evidence).map_or(0.0, |p| p.value)
    });
    let (start_s, end_s) = (closure.blink().start_s, closure.blink().end_s);
    c.odds >= PARAMETERS.contraction.margin
        && alone
        && c.pulls.iter().any(|p| {
            p.place().region == Region::Periocular
                && p.start_s() < end_s
                && p.end_s() > start_s
                && (p.start_s() - start_s).abs() < 0.15
        })
}

/// What is neither a contraction nor explained by a blink, lids opened wider, or a contraction that
/// drags it along.
fn left_over(
    rest: Vec<Left>,
    contracting: &[Contracting],
    closures: &[&Closing],
    t: &EventThresholds,
) -> Vec<Left> {
    let in_blink = |p: &Pull| {
        closures
            .iter()
            .filter(|c| !c.is_prolonged())
            .any(|c| p.is_within((c.blink().start_s, c.blink().end_s)))
    };
    let dragged = |p: &Pull| {
        contracting.iter().filter(|c| p.touches(c.start_s(), c.core_end_s(t))).any(|c| {
            let largest = c.pulls.iter().map(|q| q.departure.amplitude).fold(0.0, f64::max);
            p.departure.amplitude.abs() < t.shared_max * largest
        })
    };
    rest.into_iter()
        .filter(|(p, _)| {
            let widened = p.place().region == Region::Periocular && p.departure.amplitude < 0.0;
            !(in_blink(p) || widened || dragged(p))
        })
        .collect()
}

fn event(c: &Contracting, assembly: &Assembly<'_>) -> Event {
    let task = asked(&c.pulls);
    let sure = c.odds >= PARAMETERS.contraction.margin;
    let (kind, mut reason) = assembly.contraction(c.side, &c.pulls);
    let rival = Reading { cause: c.rival, side: None, nats: -c.odds };
    let own = c.reading();
    let (kind, cause, runner_up) = match task {
        Some(task) => {
            reason = format!("during the task {}", task.name());
            (EventKind::Expression, Cause::Expression, own)
        }
        None if sure => (kind, Cause::Contraction, rival),
        None => {
            reason = format!("contraction of the {} side, or {}", c.side, c.rival.words());
            let (first, second) =
                if c.odds >= 0.0 { (Cause::Contraction, rival) } else { (c.rival, own) };
            (EventKind::Uncertain, first, second)
        }
    };
    let judgement = Judgement {
        cause,
        confidence: Some(probability(c.odds.abs())),
        runner_up: Some(runner_up),
        evidence: c.weighed.clone(),
    };
    assembly.event(kind, c.side.into(), &c.pulls, reason, judgement)
}
