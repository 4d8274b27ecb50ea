//! Events of pulls whose cause is known: what they hold, and of which kind they are.

use super::cause::{Cause, probability};
use super::jaw::Bout;
use super::order::{self, Start};
use super::pull::{Closing, Pull, asked};
use super::{Blink, Contraction, Event, EventKind, Judgement, Laterality, Reading};
use crate::anatomy::{Place, Region, Side};
use crate::thresholds::EventThresholds;

/// What is no contraction, and how near it comes to one: the reading that was weighed and dropped.
pub(super) type Left = (Pull, Option<Reading>);

/// The judgement of something that is no contraction; `dropped` comes nearest to being one.
fn voluntary(cause: Cause, dropped: Option<Reading>) -> Judgement {
    Judgement {
        cause,
        confidence: dropped.map(|reading| probability(-reading.nats)),
        runner_up: dropped,
        evidence: Vec::new(),
    }
}

/// Makes events of pulls.
pub(super) struct Assembly<'a> {
    pub(super) frame_s: f64,
    pub(super) t: &'a EventThresholds,
}

impl Assembly<'_> {
    /// An event of these pulls.
    pub(super) fn event(
        &self,
        kind: EventKind,
        side: Laterality,
        pulls: &[Pull],
        reason: String,
        judgement: Judgement,
    ) -> Event {
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
            judgement,
        }
    }

    /// Twitch or spasm, with the reason in words: a train of bursts and what is over within a second
    /// are twitches, what stays longer is a spasm.
    pub(super) fn contraction(&self, side: Side, pulls: &[Pull]) -> (EventKind, String) {
        let pulls = joined(pulls);
        let regions = pulls.len();
        let parts = if regions > 1 { "regions" } else { "region" };
        let (kind, how) = self.manner(self.train(&pulls), &pulls);
        (kind, format!("{regions} {parts} of the {side} side alone, {how}"))
    }

    /// Twitch or spasm by the rhythm of the pulls, where they have one, and by how long they last.
    fn manner(&self, rate_hz: Option<f64>, pulls: &[Pull]) -> (EventKind, String) {
        let longest = pulls.iter().map(|p| p.end_s() - p.start_s()).fold(0.0, f64::max);
        match rate_hz {
            Some(hz) => (EventKind::Twitch, format!("{hz:.1} bursts a second")),
            None if longest >= self.t.spasm_min_s => (EventKind::Spasm, "sustained".to_owned()),
            None => (EventKind::Twitch, "brief".to_owned()),
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

    /// Parts the closures of both lids from the rest.
    pub(super) fn closures(
        &self,
        rest: Vec<Left>,
        closures: &[&Closing],
    ) -> (Vec<Event>, Vec<Left>) {
        let prolonged: Vec<&&Closing> = closures.iter().filter(|c| c.is_prolonged()).collect();
        let (within, rest): (Vec<_>, Vec<_>) = rest.into_iter().partition(|(p, _)| {
            prolonged.iter().any(|c| {
                let (from_s, until_s) = (c.blink().start_s, c.blink().end_s);
                (from_s - 0.3..until_s).contains(&p.start_s())
                    && p.inside(from_s, until_s + 0.3) > 0.5
            })
        });
        let within: Vec<Pull> = within.into_iter().map(|(p, _)| p).collect();
        let events = prolonged.iter().map(|closing| self.closure(closing, &within)).collect();
        (events, rest)
    }

    /// What is left, put together by time.
    pub(super) fn expressions(&self, rest: Vec<Left>) -> Vec<Event> {
        chains(rest, self.t.link_s).iter().map(|chain| self.expression(chain)).collect()
    }

    /// Both lids shut for longer than a blink, with what moved meanwhile.
    fn closure(&self, closure: &Closing, pulls: &[Pull]) -> Event {
        let lids = closure.blink();
        let mut own: Vec<Pull> = pulls
            .iter()
            .filter(|p| (lids.start_s - 0.3..lids.end_s).contains(&p.start_s()))
            .cloned()
            .collect();
        // Falling lids stir the skin about them, and the chin's skin rides on an opening jaw.
        let fall = own.iter().filter(|p| p.place().region == Region::Periocular);
        let fall = fall.map(|p| p.departure.amplitude).fold(0.0, f64::max);
        own.retain(|p| {
            let moved = p.departure.amplitude;
            let rides = p.place().region == Region::Jaw && p.place().side.is_some() && moved < 0.0;
            !rides
                && (p.place().region == Region::Periocular
                    || moved.abs() >= self.t.lids_stir * fall)
        });
        own.sort_by(|a, b| a.start_s().total_cmp(&b.start_s()));
        let below = own.iter().any(|p| p.place().region != Region::Periocular);
        let task = asked(&own);
        let looks_down =
            closure.bow_deg >= self.t.bow_deg && !self.pulls_along(lids, &joined(&own));
        let (kind, cause, reason) = match task {
            Some(task) => (
                EventKind::Expression,
                Cause::Expression,
                format!("during the task {}", task.name()),
            ),
            None if looks_down => (
                EventKind::Uncertain,
                Cause::Gaze,
                "lids down while the head bows: shut, or looking down".to_owned(),
            ),
            None if below => (
                EventKind::Closure,
                Cause::Closure,
                "lids shut for longer than a blink, face moves along".to_owned(),
            ),
            None => {
                (EventKind::Closure, Cause::Closure, "lids shut for longer than a blink".to_owned())
            }
        };
        let mut event = self.event(kind, lids.side, &own, reason, voluntary(cause, None));
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
                && p.snr() >= self.t.order_snr
                && p.start_s() < lids.start_s + self.t.spasm_min_s
                && p.inside(lids.start_s, lids.end_s) * (p.end_s() - p.start_s()) >= long_s
        };
        let sides = |side: Side| own.iter().filter(pulls).any(|p| p.place().side == Some(side));
        sides(Side::Left) && sides(Side::Right)
    }

    /// The jaw works by itself, or may do so.
    pub(super) fn jaw(&self, bout: &Bout) -> Event {
        let task = asked(&bout.pulls);
        let own = bout.reading();
        let chewing = Reading { cause: Cause::Chewing, side: None, nats: -bout.odds };
        let (spasm, how) = self.manner(bout.rate_hz, &bout.pulls);
        let how = format!("the jaw alone, {how}");
        let (kind, cause, runner_up, reason) = match task {
            Some(task) => (
                EventKind::Expression,
                Cause::Expression,
                own,
                format!("during the task {}", task.name()),
            ),
            None if bout.is_spasm() => (spasm, Cause::JawSpasm, chewing, how),
            None if bout.is_open() => {
                let reason = format!("{how}, or {}", Cause::Chewing.words());
                (EventKind::Uncertain, Cause::JawSpasm, chewing, reason)
            }
            None => (EventKind::Expression, Cause::Chewing, own, "the jaw moves".to_owned()),
        };
        let judged = Judgement {
            cause,
            confidence: Some(probability(bout.odds.abs())),
            runner_up: Some(runner_up),
            evidence: bout.evidence.clone(),
        };
        let side = if cause == Cause::JawSpasm { bout.side } else { Laterality::Both };
        self.event(kind, side, &bout.pulls, reason, judged)
    }

    /// What both sides do, or what is left of a talking face. One place alone that pulls, its mirror
    /// place not, in a face that does nothing else, stays open: it may be a small contraction.
    fn expression(&self, chain: &[Left]) -> Event {
        let pulls: Vec<Pull> = chain.iter().map(|(p, _)| p.clone()).collect();
        let dropped = chain.iter().filter_map(|(_, reading)| *reading);
        let dropped = dropped.max_by(|a, b| a.nats.total_cmp(&b.nats));
        let task = asked(&pulls);
        let places = joined(&pulls);
        if let ([only], None) = (&places[..], task)
            && let Some(side) = only.place().side
            && only.departure.amplitude > 0.0
            && only.one_sided(self.t)
        {
            let reason = "one place alone, too little to tell".to_owned();
            let judgement = voluntary(Cause::Slip, dropped);
            return self.event(EventKind::Uncertain, side.into(), &pulls, reason, judgement);
        }
        let has = |region: Region| pulls.iter().any(|p| p.place().region == region);
        let speaks = pulls.iter().any(|p| p.place() == Place::JAW_MIDLINE);
        let (cause, reason) = match task {
            Some(task) => (Cause::Expression, format!("during the task {}", task.name())),
            None if pulls.iter().all(|p| p.may_be_head(self.t)) => {
                (Cause::Head, "the head moves at the time".to_owned())
            }
            None if places.len() == 1 => {
                (Cause::Slip, "one place alone, unlike a contraction".to_owned())
            }
            None if speaks => (Cause::Speech, "the mouth opens or speaks".to_owned()),
            None if has(Region::MouthCorner) || has(Region::Cheek) => {
                (Cause::Expression, "both sides alike: mouth and cheeks".to_owned())
            }
            None if has(Region::Forehead) => {
                (Cause::Expression, "both sides alike: brows".to_owned())
            }
            None => (Cause::Gaze, "both sides alike: lids lowered or narrowed".to_owned()),
        };
        let judged = voluntary(cause, dropped);
        self.event(EventKind::Expression, Laterality::Both, &pulls, reason, judged)
    }
}

/// Splits pulls into chains: each begins before the one before has ended, or shortly after.
pub(super) fn chains(mut pulls: Vec<Left>, link_s: f64) -> Vec<Vec<Left>> {
    pulls.sort_by(|a, b| a.0.start_s().total_cmp(&b.0.start_s()));
    let mut chains: Vec<Vec<Left>> = Vec::new();
    let mut end_s = f64::NEG_INFINITY;
    for pull in pulls {
        let follows = pull.0.start_s() <= end_s + link_s;
        end_s = if follows { end_s.max(pull.0.end_s()) } else { pull.0.end_s() };
        match chains.last_mut() {
            Some(chain) if follows => chain.push(pull),
            _ => chains.push(vec![pull]),
        }
    }
    chains
}

/// The bursts of one place in one event are one contraction, from the first to the last.
pub(super) fn joined(pulls: &[Pull]) -> Vec<Pull> {
    let mut sorted: Vec<&Pull> = pulls.iter().collect();
    sorted.sort_by(|a, b| a.start_s().total_cmp(&b.start_s()));
    let mut joined: Vec<Pull> = Vec::new();
    for pull in sorted {
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
