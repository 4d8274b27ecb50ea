//! One recording against its truth.

use super::matching::{Span, pairs};
use super::score::{Matched, PatternCount, Score, Tally};
use crate::anatomy::{Region, Side};
use crate::event::{Contraction, Event, EventKind, Findings};
use crate::pattern::Label;
use crate::report::{Analysis, Truth, TruthBlink, TruthContraction, TruthEvent};

/// Overlap from which a truth and a finding match.
const OVERLAP_MIN: f64 = 0.5;
/// A true blink longer than this may be found as a `closure`, seconds.
const CLOSURE_FROM_S: f64 = 0.5;
/// Times in files are rounded: an error this much over the tolerance still counts as within it,
/// seconds.
const ROUNDING_S: f64 = 1e-3;

/// Scores an analysis against the truth of its recording.
#[must_use]
pub fn compare(truth: &Truth, analysis: &Analysis) -> Score {
    let source = &analysis.source;
    let measured = analysis.coverage.frames_read as f64 / source.duration_s;
    let fps = truth.fps.or(source.fps_nominal).unwrap_or(measured);
    compare_findings(truth, &analysis.findings, Some(analysis.pattern.label), 1.0 / fps)
}

/// Scores findings against a truth; `label` is the pattern found, where one was sought, and
/// `frame_s` the length of a frame in seconds.
#[must_use]
pub fn compare_findings(
    truth: &Truth,
    findings: &Findings,
    label: Option<Label>,
    frame_s: f64,
) -> Score {
    let uncertain = uncertain_spans(truth);
    let (blinks, left_over) = match &truth.blinks {
        Some(blinks) => {
            let rated_events = truth.events.is_some();
            let (tally, left_over) =
                compare_blinks(blinks, findings, &uncertain, rated_events, frame_s);
            (Some(tally), left_over)
        }
        None => (None, closures(findings).collect()),
    };
    let events = truth
        .events
        .as_ref()
        .map(|events| compare_events(events, findings, left_over, &uncertain, frame_s));
    let pattern = truth.pattern.zip(label);
    let patterns =
        pattern.map(|(truth, found)| PatternCount { truth, found, count: 1 }).into_iter().collect();
    Score { recordings: 1, blinks, events, patterns }
}

fn closures(findings: &Findings) -> impl Iterator<Item = &Event> {
    findings.events.iter().filter(|event| event.kind == EventKind::Closure)
}

fn event_span(event: &Event) -> Span {
    Span { start_s: event.start_s, end_s: event.end_s, side: Some(event.side) }
}

fn true_blink_span(blink: &TruthBlink) -> Span {
    Span { start_s: blink.start_s, end_s: blink.end_s, side: blink.side }
}

fn true_event_span(event: &TruthEvent) -> Span {
    Span { start_s: event.start_s, end_s: event.end_s, side: Some(event.side) }
}

fn uncertain_spans(truth: &Truth) -> Vec<Span> {
    let blinks = truth.blinks.iter().flatten().filter(|b| b.uncertain).map(true_blink_span);
    let events = truth
        .events
        .iter()
        .flatten()
        .filter(|event| event.uncertain || event.kind == Some(EventKind::Uncertain))
        .map(true_event_span);
    blinks.chain(events).collect()
}

fn on_uncertain(found: &Span, uncertain: &[Span]) -> bool {
    uncertain
        .iter()
        .any(|span| found.inside(span) >= OVERLAP_MIN || found.overlap(span) >= OVERLAP_MIN)
}

/// What is matched with what, and by which of the three rules.
struct Match<'a> {
    truth: &'a [Span],
    found: &'a [Span],
    /// Whether a truth and a finding, by their numbers, may match at all.
    may: &'a dyn Fn(usize, usize) -> bool,
    /// Whether an unmatched finding, by its number, is a false alarm.
    is_false: &'a dyn Fn(usize) -> bool,
}

impl Match<'_> {
    fn pairs(&self, closeness: impl Fn(&Span, &Span) -> Option<f64>) -> Vec<(usize, usize)> {
        pairs(self.truth, self.found, |t, f| {
            if (self.may)(t, f) { closeness(&self.truth[t], &self.found[f]) } else { None }
        })
    }

    fn count(&self, pairs: &[(usize, usize)]) -> Matched {
        let unmatched = (0..self.found.len()).filter(|f| pairs.iter().all(|pair| pair.1 != *f));
        Matched {
            found: pairs.len() as u32,
            missed: (self.truth.len() - pairs.len()) as u32,
            false_alarms: unmatched.filter(|f| (self.is_false)(*f)).count() as u32,
        }
    }

    /// Counts by all three rules; returns the pairs that match by overlap.
    fn tally(&self, frame_s: f64) -> (Tally, Vec<(usize, usize)>) {
        let by_overlap = self.pairs(|t, f| Some(t.overlap(f)).filter(|o| *o >= OVERLAP_MIN));
        let by_onset = |frames: f64| {
            let pairs = self.pairs(|t, f| {
                let apart = (t.start_s - f.start_s).abs();
                (apart <= frames * frame_s + ROUNDING_S).then_some(-apart)
            });
            self.count(&pairs)
        };
        let mut tally = Tally {
            overlap: self.count(&by_overlap),
            onset_1_frame: by_onset(1.0),
            onset_2_frames: by_onset(2.0),
            ..Tally::default()
        };
        for &(t, f) in &by_overlap {
            let (truth, found) = (&self.truth[t], &self.found[f]);
            tally.start_error_s.push(found.start_s - truth.start_s);
            tally.start_error_frames.push((found.start_s - truth.start_s) / frame_s);
            tally.end_error_frames.push((found.end_s - truth.end_s) / frame_s);
            if truth.side.is_some() {
                tally.tell_side(truth.side == found.side);
            }
        }
        (tally, by_overlap)
    }
}

/// Scores blinks; hands back the closures that were not needed for them.
fn compare_blinks<'a>(
    truth: &[TruthBlink],
    findings: &'a Findings,
    uncertain: &[Span],
    rated_events: bool,
    frame_s: f64,
) -> (Tally, Vec<&'a Event>) {
    let truth: Vec<Span> =
        truth.iter().filter(|blink| !blink.uncertain).map(true_blink_span).collect();
    let closures: Vec<&Event> = closures(findings).collect();
    let blinks = findings.blinks.iter().map(|blink| Span {
        start_s: blink.start_s,
        end_s: blink.end_s,
        side: Some(blink.side),
    });
    let found: Vec<Span> = blinks.chain(closures.iter().map(|event| event_span(event))).collect();
    let is_closure = |f: usize| f >= findings.blinks.len();
    let may =
        |t: usize, f: usize| !is_closure(f) || truth[t].end_s - truth[t].start_s > CLOSURE_FROM_S;
    // Where events are rated, a closure that is no blink is judged among them.
    let is_false =
        |f: usize| !(on_uncertain(&found[f], uncertain) || is_closure(f) && rated_events);
    let matching = Match { truth: &truth, found: &found, may: &may, is_false: &is_false };
    let (mut tally, pairs) = matching.tally(frame_s);
    let taken = |f: usize| pairs.iter().any(|pair| pair.1 == f);
    tally.ignored = (0..findings.blinks.len())
        .filter(|f| !taken(*f) && on_uncertain(&found[*f], uncertain))
        .count() as u32;
    let left_over = closures
        .into_iter()
        .enumerate()
        .filter(|(i, _)| !taken(findings.blinks.len() + i))
        .map(|(_, event)| event)
        .collect();
    (tally, left_over)
}

fn compare_events(
    truth: &[TruthEvent],
    findings: &Findings,
    closures: Vec<&Event>,
    uncertain: &[Span],
    frame_s: f64,
) -> Tally {
    let claims_nothing = |kind| matches!(kind, EventKind::Expression | EventKind::Uncertain);
    let truth: Vec<&TruthEvent> = truth
        .iter()
        .filter(|event| !event.uncertain && !event.kind.is_some_and(claims_nothing))
        .collect();
    let involuntary = findings.events.iter().filter(|event| event.kind.is_involuntary());
    let events: Vec<&Event> = involuntary.chain(closures).collect();
    let true_spans: Vec<Span> = truth.iter().map(|event| true_event_span(event)).collect();
    let found: Vec<Span> = events.iter().map(|event| event_span(event)).collect();
    let is_false = |f: usize| !on_uncertain(&found[f], uncertain);
    let matching =
        Match { truth: &true_spans, found: &found, may: &|_, _| true, is_false: &is_false };
    let (mut tally, pairs) = matching.tally(frame_s);
    tally.ignored = (0..found.len())
        .filter(|f| pairs.iter().all(|pair| pair.1 != *f) && !is_false(*f))
        .count() as u32;
    for (t, f) in pairs {
        compare_contractions(&mut tally, truth[t], events[f], frame_s);
    }
    tally
}

/// Regions, onsets and order inside a matched event.
fn compare_contractions(tally: &mut Tally, truth: &TruthEvent, found: &Event, frame_s: f64) {
    let true_places = places(truth.contractions.iter().map(|c| (c.region, c.side)));
    let found_places = places(found.contractions.iter().map(|c| (c.region, c.side)));
    let both = true_places.iter().filter(|place| found_places.contains(place)).count();
    if !true_places.is_empty() {
        tally.regions.found += both as u32;
        tally.regions.missed += (true_places.len() - both) as u32;
        // A rater who gives no order has not said that nothing else took part.
        if truth.spread.is_some() {
            tally.regions.false_alarms += (found_places.len() - both) as u32;
        }
    }
    for contraction in &truth.contractions {
        let Some(onset_s) = contraction.onset_s else { continue };
        if let Some(found) = nearest(contraction, onset_s, &found.contractions) {
            tally.onset_error_frames.push((found.onset_s - onset_s) / frame_s);
            let [low, high] = found.onset_ci_s;
            tally.tell_interval(low <= onset_s && onset_s <= high);
        }
    }
    if let Some(spread) = &truth.spread {
        compare_order(tally, spread, &found.spread);
    }
}

fn places(
    all: impl Iterator<Item = (Region, Option<Side>)>,
) -> std::collections::BTreeSet<(Region, Option<Side>)> {
    all.collect()
}

fn nearest<'a>(
    truth: &TruthContraction,
    onset_s: f64,
    found: &'a [Contraction],
) -> Option<&'a Contraction> {
    found
        .iter()
        .filter(|c| (c.region, c.side) == (truth.region, truth.side))
        .min_by(|a, b| (a.onset_s - onset_s).abs().total_cmp(&(b.onset_s - onset_s).abs()))
}

/// Compares the order of every pair of regions that both name.
fn compare_order(tally: &mut Tally, truth: &[Vec<Region>], found: &[Vec<Region>]) {
    use std::cmp::Ordering::Equal;
    let step = |spread: &[Vec<Region>], region| spread.iter().position(|t| t.contains(&region));
    let steps: Vec<(usize, usize)> = Region::ALL
        .into_iter()
        .filter_map(|region| step(truth, region).zip(step(found, region)))
        .collect();
    for (i, a) in steps.iter().enumerate() {
        for b in &steps[i + 1..] {
            let order = &mut tally.order;
            *match (a.0.cmp(&b.0), a.1.cmp(&b.1)) {
                (truth, found) if truth == found => &mut order.right,
                (Equal, _) => &mut order.invented,
                (_, Equal) => &mut order.unresolved,
                _ => &mut order.reversed,
            } += 1;
        }
    }
}
