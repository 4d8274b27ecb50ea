//! What the pattern is weighed on: counts and figures drawn from the findings of a recording.

use crate::anatomy::{PerSide, Region, Side};
use crate::event::stats::median;
use crate::event::{Cause, Contraction, Direction, Event, EventKind, Findings, Laterality};

use super::locking::Locking;
use super::signs::{
    brow_alone, chin_alone, comes_with_blink, is_closure, is_talk, jaw_alone, lid, lids_to_lower,
    lower_face_of_both_sides, may_be_a_contraction, pulls_on_one_side, squeezes,
};
use super::weakness::Weakness;

/// Longest lag between two onsets of one movement, seconds (judgment: the same as between
/// contractions of one event).
const TOGETHER_S: f64 = 0.25;

/// Time before and after an event in which talking leaves open what it means, seconds (judgment).
const TALK_S: f64 = 1.5;

/// Events at rest from which a weak side itself may have a spasm (judgment: as many as a label needs).
const OWN: u32 = 3;

/// Counts and figures drawn from the findings of a recording.
#[derive(Debug, Clone, Default, PartialEq)]
pub(super) struct Facts {
    /// Usable time, seconds.
    pub(super) usable_s: f64,
    /// One-sided twitches and spasms of the face, by side; without those that are locked to
    /// voluntary movement, without jaw and without brow alone.
    pub(super) one_sided: PerSide<u32>,
    /// Those in which the face did not speak, at the time or shortly before or after, by side.
    pub(super) at_rest: PerSide<u32>,
    /// When they began, seconds.
    pub(super) one_sided_starts_s: Vec<f64>,
    /// Those of several regions, by side.
    pub(super) multi_region: PerSide<u32>,
    /// Those with a counterpart on the other side at the same time.
    pub(super) matched: u32,
    /// Mean size of the lids' and the mouth's contractions, mFU, by side.
    pub(super) size_mfu: PerSide<f64>,
    /// Those in which the lids came before cheek or mouth.
    pub(super) lids_before: u32,
    /// Those in which cheek or mouth came before the lids.
    pub(super) lids_after: u32,
    /// Those with lids and lower face whose order could not be told.
    pub(super) unordered: u32,
    /// Direction over all events, as the event stage pooled it.
    pub(super) direction: Direction,
    /// Those of the lids alone, and those of cheek or mouth alone.
    pub(super) lids_alone: u32,
    pub(super) lower_alone: u32,
    /// Tonic ones.
    pub(super) tonic: u32,
    /// Those in which the brow rose as the eye of that side closed.
    pub(super) other_babinski: u32,
    /// Prolonged closures of both lids outside tasks.
    pub(super) closures: u32,
    /// Those free of talk, in which the lower face can be judged.
    pub(super) judged_closures: u32,
    /// Those of the judged ones with mouth or jaw of both sides.
    pub(super) closures_with_lower_face: u32,
    /// Those in which brow or cheeks of both sides squeezed along.
    pub(super) squeezed: u32,
    /// When the closures began, seconds.
    pub(super) closure_starts_s: Vec<f64>,
    /// The longest closure, seconds.
    pub(super) longest_closure_s: f64,
    /// Part of the usable time with both lids shut.
    pub(super) closed: f64,
    /// Closures that began within 3 s of the end of the one before.
    pub(super) clustered: u32,
    /// Twitches and spasms of the jaw alone.
    pub(super) jaw: u32,
    /// Those in which the face did not speak, at the time or shortly before or after, and nothing took
    /// the jaw along: pursed lips do, and a nod.
    pub(super) jaw_at_rest: u32,
    /// The rate of those at rest in bursts a second (median), where there is a rhythm.
    pub(super) jaw_hz: Option<f64>,
    /// Blinks a minute.
    pub(super) blink_rate: f64,
    /// The side that moves less than its fellow, where one does.
    pub(super) weakness: Option<Weakness>,
    /// Lags between the two lids in blinks and closures, seconds, without sign.
    pub(super) lid_lags_s: Vec<f64>,
    /// Movement that comes along with voluntary movement.
    pub(super) locking: Locking,
    /// Movements of the chin alone that were taken for voluntary ones, or left open.
    pub(super) lone_chin: u32,
    /// Pulls at rest, blinks and talk aside, that could not be told from voluntary movement.
    pub(super) uncertain: u32,
    /// Those of them that only their size leaves in doubt: cheek or mouth of one side pulls in a
    /// face that is still otherwise.
    pub(super) uncertain_one_sided: u32,
    /// Time in which the mouth opens or speaks, or shortly did or will, seconds: what happens then
    /// is not at rest.
    pub(super) busy_s: f64,
    /// Time in which the face neither spoke nor made an expression, seconds.
    pub(super) rest_s: f64,
    /// Voluntary movements that nobody asked for (expressions, talk), with those that could not
    /// be told from them: at rest, and in talk or shortly before or after.
    pub(super) voluntary: [u32; 2],
}

impl Facts {
    /// Draws the facts from the findings of a recording with `usable_s` seconds of usable video.
    pub(super) fn new(findings: &Findings, usable_s: f64) -> Self {
        let weakness = Weakness::of(findings);
        let (locking, locked) = Locking::find(findings, weakness.as_ref().map(|own| own.side));
        let free = |event: &&Event| !locked.contains(&event.id);
        let mut facts = Self {
            usable_s,
            direction: findings.spread.direction,
            closed: findings.summary.closed_fraction.both,
            weakness,
            blink_rate: findings.summary.blink_rate_per_min.unwrap_or(0.0),
            locking,
            ..Self::default()
        };
        facts.lid_lags_s.extend(findings.blinks.iter().filter_map(|b| b.lag_s).map(f64::abs));
        let mut sizes = PerSide::<Vec<f64>>::default();
        let mut jaw_hz = Vec::new();
        for event in findings.events.iter().filter(free) {
            match event.kind {
                EventKind::Twitch | EventKind::Spasm if jaw_alone(event) => {
                    facts.jaw += 1;
                    let quiet = !near_talk(event, findings) && !accompanied(event, findings);
                    facts.jaw_at_rest += u32::from(quiet);
                    // What the jaw does in speech or with the lips has a rhythm of its own.
                    let rate_hz = event.contractions.iter().find_map(|c| c.rate_hz);
                    jaw_hz.extend(rate_hz.filter(|_| quiet));
                }
                EventKind::Twitch | EventKind::Spasm if !brow_alone(event) => {
                    facts.add_one_sided(event, findings, &mut sizes);
                }
                EventKind::Uncertain
                    if may_be_a_contraction(event)
                        && !comes_with_blink(event, &findings.blinks)
                        && !near_talk(event, findings) =>
                {
                    facts.uncertain += 1;
                    facts.uncertain_one_sided += u32::from(pulls_on_one_side(event));
                    facts.lone_chin +=
                        u32::from(chin_alone(event) && !accompanied(event, findings));
                }
                EventKind::Expression if event.task.is_none() && chin_alone(event) => {
                    facts.lone_chin += u32::from(!accompanied(event, findings));
                }
                _ => {}
            }
        }
        let voluntary = |event: &&Event| match event.kind {
            EventKind::Uncertain => !comes_with_blink(event, &findings.blinks),
            EventKind::Expression => event.task.is_none(),
            _ => false,
        };
        facts.busy_s = busy_s(findings).min(usable_s);
        facts.rest_s = (usable_s - expression_s(findings)).max(0.0);
        for event in findings.events.iter().filter(free).filter(voluntary) {
            facts.voluntary[usize::from(near_talk(event, findings))] += 1;
        }
        facts.add_closures(findings, &locked);
        facts.size_mfu = PerSide::from_fn(|side| mean(&sizes[side]));
        facts.jaw_hz = median(jaw_hz);
        facts
    }

    /// One-sided events of both sides.
    pub(super) fn one_sided_count(&self) -> u32 {
        self.one_sided.left + self.one_sided.right
    }

    /// What could belong to a pattern, by kind: one-sided events, closures of both lids, spasms
    /// of the jaw, movement that comes along with voluntary movement.
    pub(super) fn kinds(&self) -> [u32; 4] {
        [self.one_sided_count(), self.closures, self.jaw, self.locking.count()]
    }

    /// Everything that could belong to a pattern.
    pub(super) fn event_count(&self) -> u32 {
        self.kinds().iter().sum()
    }

    /// Time in which what happens counts as at rest, and the other time, minutes.
    pub(super) fn strata_min(&self) -> [f64; 2] {
        [(self.usable_s - self.busy_s).max(0.0) / 60.0, self.busy_s / 60.0]
    }

    /// The sound side, where the other is weak and this one moves alone: its blinks and expressions
    /// look like movement of one side.
    pub(super) fn alone_beside_weak(&self) -> Option<Side> {
        let sound = self.weakness.as_ref()?.side.opposite();
        (self.one_sided[sound] > 0).then_some(sound)
    }

    /// What one side does is what a sound side does alone beside a weak one: it smiles, speaks and
    /// blinks, and in which order its regions begin then says nothing of a spasm.
    pub(super) fn one_sided_by_weakness(&self) -> bool {
        let weak = self.alone_beside_weak().map(Side::opposite);
        weak.is_some_and(|weak| self.at_rest[weak] < OWN)
    }

    /// One-sided events at rest that a sound side beside a weak one does not explain.
    pub(super) fn unexplained_at_rest(&self) -> u32 {
        match &self.weakness {
            Some(weakness) => self.at_rest[weakness.side],
            None => self.at_rest_count(),
        }
    }

    /// One-sided events of both sides at rest.
    pub(super) fn at_rest_count(&self) -> u32 {
        self.at_rest.left + self.at_rest.right
    }

    fn add_one_sided(&mut self, event: &Event, findings: &Findings, sizes: &mut PerSide<Vec<f64>>) {
        let side = match event.side {
            Laterality::Left => Side::Left,
            Laterality::Right => Side::Right,
            Laterality::Both => return,
        };
        self.one_sided[side] += 1;
        self.at_rest[side] += u32::from(!near_talk(event, findings));
        self.one_sided_starts_s.push(event.start_s);
        let has = |region: Region| event.contractions.iter().any(|c| c.region == region);
        let (lids, lower) =
            (has(Region::Periocular), has(Region::Cheek) || has(Region::MouthCorner));
        let mut regions: Vec<Region> = event.contractions.iter().map(|c| c.region).collect();
        regions.sort_unstable();
        regions.dedup();
        self.multi_region[side] += u32::from(regions.len() > 1);
        self.tonic += u32::from(event.kind == EventKind::Spasm);
        self.other_babinski += u32::from(event.other_babinski);
        match (lids, lower) {
            (true, true) => match lids_to_lower(event) {
                Some(true) => self.lids_before += 1,
                Some(false) => self.lids_after += 1,
                None => self.unordered += 1,
            },
            (true, false) => self.lids_alone += 1,
            (false, true) => self.lower_alone += 1,
            (false, false) => {}
        }
        let sized = |c: &&Contraction| matches!(c.region, Region::Periocular | Region::MouthCorner);
        sizes[side].extend(
            event.contractions.iter().filter(sized).map(|c| f64::from(c.amplitude_mfu.abs())),
        );
        self.matched += u32::from(findings.events.iter().any(|other| {
            other.kind.is_involuntary()
                && other.side != event.side
                && (other.start_s - event.start_s).abs() < TOGETHER_S
        }));
    }

    fn add_closures(&mut self, findings: &Findings, locked: &[u32]) {
        let mut last_end_s = f64::NEG_INFINITY;
        for event in findings.events.iter().filter(|e| is_closure(e) && !locked.contains(&e.id)) {
            self.closures += 1;
            self.longest_closure_s = self.longest_closure_s.max(event.end_s - event.start_s);
            self.clustered += u32::from(event.start_s - last_end_s < 3.0);
            last_end_s = event.end_s;
            self.closure_starts_s.push(event.start_s);
            self.squeezed += u32::from(squeezes(event));
            if let (Some(left), Some(right)) = (lid(event, Side::Left), lid(event, Side::Right)) {
                self.lid_lags_s.push((left.onset_s - right.onset_s).abs());
            }
            if !near_talk(event, findings) {
                self.judged_closures += 1;
                self.closures_with_lower_face += u32::from(lower_face_of_both_sides(event));
            }
        }
    }
}

/// Time that talk and what is near it take, seconds.
fn busy_s(findings: &Findings) -> f64 {
    let talk = findings.events.iter().filter(|event| is_talk(event));
    union_s(talk.map(|event| ((event.start_s - TALK_S).max(0.0), event.end_s + TALK_S)).collect())
}

/// Time that talk and other expressions take, seconds.
fn expression_s(findings: &Findings) -> f64 {
    let own = findings.events.iter().filter(|event| event.kind == EventKind::Expression);
    union_s(own.map(|event| (event.start_s, event.end_s)).collect())
}

/// Time that any of the spans covers, seconds.
fn union_s(mut spans: Vec<(f64, f64)>) -> f64 {
    spans.sort_by(|a, b| a.0.total_cmp(&b.0));
    let (mut sum, mut until_s) = (0.0, f64::NEG_INFINITY);
    for (from_s, to_s) in spans {
        sum += (to_s - from_s.max(until_s)).max(0.0);
        until_s = to_s.max(until_s);
    }
    sum
}

/// The mouth opens or speaks at the time, or shortly before or after.
fn near_talk(event: &Event, findings: &Findings) -> bool {
    findings.events.iter().any(|other| {
        is_talk(other)
            && other.start_s < event.end_s + TALK_S
            && other.end_s > event.start_s - TALK_S
    })
}

/// The face speaks or makes an expression at the time, or the head moves: each takes the jaw along.
fn accompanied(event: &Event, findings: &Findings) -> bool {
    findings.events.iter().any(|other| {
        other.kind == EventKind::Expression
            && matches!(other.judgement.cause, Cause::Speech | Cause::Expression | Cause::Head)
            && other.id != event.id
            && other.start_s < event.end_s
            && other.end_s > event.start_s
    })
}

fn mean(values: &[f64]) -> f64 {
    if values.is_empty() { 0.0 } else { values.iter().sum::<f64>() / values.len() as f64 }
}
