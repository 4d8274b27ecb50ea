//! One recording against its truth.

use super::matching::{CLOSURE_FROM_S, MatchBy, Matching, OVERLAP_MIN, ROUNDING_S, Span, pairs};
use super::score::{Labels, Matched, PatternCount, Score, Share, Tally};
use super::{hidden, listed};
use crate::anatomy::{Region, Side};
use crate::event::{Blink, Cause, Contraction, Event, EventKind, Findings, Laterality};
use crate::pattern::Label;
use crate::report::{Analysis, RatedBlinks, Truth, TruthBlink, TruthContraction, TruthEvent};

/// Scores an analysis against the truth of its recording.
#[must_use]
pub fn compare(truth: &Truth, analysis: &Analysis) -> Score {
    compare_by(truth, analysis, Matching::default())
}

/// The same with truth and findings matched in a way of one's own.
#[must_use]
pub fn compare_by(truth: &Truth, analysis: &Analysis, matching: Matching) -> Score {
    let source = &analysis.source;
    let measured = analysis.coverage.frames_read as f64 / source.duration_s;
    let fps = truth.fps.or(source.fps_nominal).unwrap_or(measured);
    let comparison = Comparison {
        truth,
        findings: &analysis.findings,
        uncertain: uncertain_spans(truth),
        frame_s: 1.0 / fps,
        usable_s: analysis.findings.summary.usable_s,
        matching,
    };
    let hidden = hidden::compare(truth, analysis);
    Score { hidden, ..comparison.score(Some(analysis.pattern.label)) }
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
    let usable_s = Some(findings.summary.usable_s).filter(|usable_s| *usable_s > 0.0);
    let comparison = Comparison {
        truth,
        findings,
        uncertain: uncertain_spans(truth),
        frame_s,
        usable_s: usable_s.or(truth.length_s()).unwrap_or_default(),
        matching: Matching::default(),
    };
    comparison.score(label)
}

/// A truth, what was found, and how they are matched.
struct Comparison<'a> {
    truth: &'a Truth,
    findings: &'a Findings,
    uncertain: Vec<Span>,
    frame_s: f64,
    /// Time that could be measured, seconds.
    usable_s: f64,
    matching: Matching,
}

impl Comparison<'_> {
    fn score(&self, label: Option<Label>) -> Score {
        let truth = self.truth;
        let (blinks, rated_blinks, left_over) = match truth.rated() {
            RatedBlinks::All(blinks) => {
                let (tally, left_over) = self.blinks(blinks);
                (Some(tally), None, left_over)
            }
            RatedBlinks::These(blinks) => {
                let (tally, left_over) = self.blinks(blinks);
                let Matched { found, missed, .. } = tally.matched(self.matching.by);
                (None, Some(Share { count: found, of: found + missed }), left_over)
            }
            RatedBlinks::Not => (None, None, closures(self.findings).collect()),
        };
        let pattern =
            truth.pattern.zip(label).map(|(t, found)| PatternCount { truth: t, found, count: 1 });
        let expected = label.filter(|_| !truth.expected_labels.is_empty());
        Score {
            recordings: 1,
            blinks,
            rated_blinks,
            events: truth.events.as_ref().map(|events| self.events(events, left_over)),
            listed: listed::compare(truth, self.findings, self.usable_s),
            patterns: pattern.into_iter().collect(),
            labels: expected.map(|found| Labels::of(&truth.expected_labels, found)),
            hidden: None,
            mirror: None,
        }
    }
}

fn closures(findings: &Findings) -> impl Iterator<Item = &Event> {
    findings.events.iter().filter(|event| event.kind == EventKind::Closure)
}

/// The peak, or the middle where it was not rated.
fn peak_s(start_s: f64, peak_s: Option<f64>, end_s: f64) -> f64 {
    peak_s.unwrap_or(0.5 * (start_s + end_s))
}

pub(super) fn event_span(event: &Event) -> Span {
    let Event { start_s, peak_s, end_s, side, .. } = *event;
    Span { start_s, peak_s, end_s, side: Some(side) }
}

pub(super) fn blink_span(blink: &Blink) -> Span {
    let Blink { start_s, peak_s, end_s, side, .. } = *blink;
    Span { start_s, peak_s, end_s, side: Some(side) }
}

fn true_blink_span(blink: &TruthBlink) -> Span {
    let TruthBlink { start_s, end_s, side, .. } = *blink;
    Span { start_s, peak_s: peak_s(start_s, blink.peak_s, end_s), end_s, side }
}

pub(super) fn true_event_span(event: &TruthEvent) -> Span {
    let TruthEvent { start_s, end_s, side, .. } = *event;
    Span { start_s, peak_s: peak_s(start_s, event.peak_s, end_s), end_s, side: Some(side) }
}

fn uncertain_spans(truth: &Truth) -> Vec<Span> {
    let blinks = truth.blinks.iter().flatten().chain(&truth.rated_blinks);
    let blinks = blinks.filter(|b| b.uncertain).map(true_blink_span);
    let neither = |event: &&TruthEvent| {
        event.is_uncertain() || event.kind == Some(EventKind::Expression) && event.is_synkinetic()
    };
    let events = truth.events.iter().flatten().filter(neither);
    blinks.chain(events.map(true_event_span)).collect()
}

/// What is matched with what, and by which of the rules.
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

    /// Counts by all rules; returns the pairs that match by the leading one.
    fn tally(&self, frame_s: f64, matching: Matching) -> (Tally, Vec<(usize, usize)>) {
        let by_overlap = self.pairs(|t, f| Some(t.overlap(f)).filter(|o| *o >= OVERLAP_MIN));
        let by_peak = self.pairs(|t, f| t.peaks_apart(f, matching.tolerance_s).map(|a| -a));
        let by_onset = |frames: f64| {
            let pairs = self.pairs(|t, f| {
                let apart = (t.start_s - f.start_s).abs();
                (apart <= frames * frame_s + ROUNDING_S).then_some(-apart)
            });
            self.count(&pairs)
        };
        let mut tally = Tally {
            overlap: self.count(&by_overlap),
            peak: self.count(&by_peak),
            onset_1_frame: by_onset(1.0),
            onset_2_frames: by_onset(2.0),
            ..Tally::default()
        };
        let leading = match matching.by {
            MatchBy::Overlap => by_overlap,
            MatchBy::Peak => by_peak,
        };
        for &(t, f) in &leading {
            let (truth, found) = (&self.truth[t], &self.found[f]);
            tally.start_error_s.push(found.start_s - truth.start_s);
            tally.start_error_frames.push((found.start_s - truth.start_s) / frame_s);
            tally.end_error_frames.push((found.end_s - truth.end_s) / frame_s);
            if truth.side.is_some() {
                tally.tell_side(truth.side == found.side);
            }
        }
        (tally, leading)
    }
}

impl<'a> Comparison<'a> {
    fn on_uncertain(&self, found: &Span) -> bool {
        self.uncertain.iter().any(|span| {
            let lies_on = found.inside(span) >= OVERLAP_MIN || found.overlap(span) >= OVERLAP_MIN;
            let near = || span.peaks_apart(found, self.matching.tolerance_s).is_some();
            lies_on || self.matching.by == MatchBy::Peak && near()
        })
    }

    /// Scores blinks; hands back the closures that were not needed for them.
    fn blinks(&self, truth: &[TruthBlink]) -> (Tally, Vec<&'a Event>) {
        let findings = self.findings;
        let certain = truth.iter().filter(|blink| !blink.uncertain);
        let truth: Vec<Span> = certain.map(true_blink_span).collect();
        let closures: Vec<&Event> = closures(findings).collect();
        let found: Vec<Span> = findings
            .blinks
            .iter()
            .map(blink_span)
            .chain(closures.iter().map(|event| event_span(event)))
            .collect();
        let is_closure = |f: usize| f >= findings.blinks.len();
        let may = |t: usize, f: usize| !is_closure(f) || truth[t].length() > CLOSURE_FROM_S;
        // Where events are rated, a closure that is no blink is judged among them.
        let rated_events = self.truth.events.is_some();
        let is_false = |f: usize| !(self.on_uncertain(&found[f]) || is_closure(f) && rated_events);
        let matching = Match { truth: &truth, found: &found, may: &may, is_false: &is_false };
        let (mut tally, pairs) = matching.tally(self.frame_s, self.matching);
        let taken = |f: usize| pairs.iter().any(|pair| pair.1 == f);
        tally.ignored = (0..findings.blinks.len())
            .filter(|f| !taken(*f) && self.on_uncertain(&found[*f]))
            .count() as u32;
        let left_over = closures
            .into_iter()
            .enumerate()
            .filter(|(i, _)| !taken(findings.blinks.len() + i))
            .map(|(_, event)| event)
            .collect();
        (tally, left_over)
    }

    fn events(&self, truth: &[TruthEvent], closures: Vec<&Event>) -> Tally {
        let truth: Vec<&TruthEvent> = truth
            .iter()
            .filter(|event| !event.is_uncertain() && event.kind != Some(EventKind::Expression))
            .collect();
        let involuntary = self.findings.events.iter().filter(|event| event.kind.is_involuntary());
        let events: Vec<&Event> = involuntary.chain(closures).collect();
        let true_spans: Vec<Span> = truth.iter().map(|event| true_event_span(event)).collect();
        let found: Vec<Span> = events.iter().map(|event| event_span(event)).collect();
        let is_false = |f: usize| !self.on_uncertain(&found[f]);
        let matching =
            Match { truth: &true_spans, found: &found, may: &|_, _| true, is_false: &is_false };
        let (mut tally, pairs) = matching.tally(self.frame_s, self.matching);
        tally.ignored = (0..found.len())
            .filter(|f| pairs.iter().all(|pair| pair.1 != *f) && !is_false(*f))
            .count() as u32;
        for (t, f) in pairs {
            compare_contractions(&mut tally, truth[t], events[f], self.frame_s);
        }
        let rated = self.findings.events.iter().filter(|own| !self.on_uncertain(&event_span(own)));
        tally.given = rated
            .filter_map(|event| {
                let (given, side) = given(event)?;
                let one = |own: &&TruthEvent| {
                    let meets = own.start_s < event.end_s && event.start_s < own.end_s;
                    meets && own.side == side && own.kind.is_none_or(EventKind::is_involuntary)
                };
                Some((given, truth.iter().any(one)))
            })
            .collect();
        tally
    }
}

/// The probability that was given for a contraction of one side, and the side.
fn given(event: &Event) -> Option<(f64, Laterality)> {
    let judgement = &event.judgement;
    let confidence = judgement.confidence?;
    let (given, side) = match judgement.runner_up {
        _ if judgement.cause == Cause::Contraction => (confidence, event.side),
        Some(other) if other.cause == Cause::Contraction => (1.0 - confidence, other.side?),
        _ => return None,
    };
    (side != Laterality::Both).then_some((given, side))
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
