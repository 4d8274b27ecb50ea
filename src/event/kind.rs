//! Events of chains of pulls: of which kind they are, and why.

use super::chain::{joined, shuts_eye, span, stands_out};
use super::order::{self, Start};
use super::pull::{Closing, Pull, Stir};
use super::{Blink, Contraction, Event, EventKind, Laterality};
use crate::anatomy::{Place, Region, Side};
use crate::thresholds::EventThresholds;

/// Reason of an event that only its size leaves in doubt.
pub const HARDLY_ABOVE: &str = "hardly above the noise";

/// Makes events of chains.
pub(super) struct Assembly<'a> {
    pub(super) blinks: &'a [(f64, f64)],
    pub(super) symmetric: &'a [Pull],
    /// Everything that moved, and shortly before.
    pub(super) stirs: &'a [Stir],
    pub(super) frame_s: f64,
    pub(super) t: &'a EventThresholds,
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
    pub(super) fn one_sided(&self, side: Side, pulls: &[Pull]) -> Event {
        let laterality = match side {
            Side::Left => Laterality::Left,
            Side::Right => Laterality::Right,
        };
        let pulls = joined(pulls);
        let (kind, reason) = self.one_sided_kind(side, &pulls);
        self.event(kind, laterality, &pulls, reason)
    }

    fn one_sided_kind(&self, side: Side, pulls: &[Pull]) -> (EventKind, String) {
        let (start_s, end_s) = span(pulls);
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

    /// Mouth, jaw or brows move otherwise too, as in speech: not on this side alone. The cheeks do
    /// not count: they follow the mouth, and slip the most under the tracker.
    fn lively(&self, side: Side, start_s: f64, end_s: f64) -> bool {
        let around = (start_s - self.t.lively_s, end_s + self.t.lively_s);
        let others = self.stirs.iter().filter(|stir| {
            let own = stir.one_sided && stir.place.side == Some(side);
            let says = !matches!(stir.place.region, Region::Periocular | Region::Cheek);
            !own && says && stir.moves_within(around.0, around.1)
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
    pub(super) fn closure(&self, closure: &Closing, pulls: &[Pull]) -> Event {
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
    pub(super) fn jaw_alone(&self, pulls: &[Pull]) -> bool {
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

    pub(super) fn jaw(&self, pulls: &[Pull]) -> Event {
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

    pub(super) fn expression(&self, pulls: &[Pull]) -> Event {
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
