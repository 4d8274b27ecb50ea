//! Stretches of time with a name: what annotation formats hold.

use crate::anatomy::{Place, Region};
use crate::event::{Contraction, Event};
use crate::report::csv::{spread_text, word};
use crate::report::{Analysis, summary};

/// What a span is.
pub(super) enum What<'a> {
    /// A blink.
    Blink {
        /// The lids met.
        complete: bool,
    },
    /// A whole event.
    Event(&'a Event),
    /// One contraction of an event.
    Contraction(&'a Event, &'a Contraction),
    /// A declared task.
    Task,
    /// A stretch without a measurement.
    Gap,
}

/// A stretch of time with a name.
pub(super) struct Span<'a> {
    pub(super) start_s: f64,
    pub(super) end_s: f64,
    /// The row it belongs to, e.g. `blinks` or `right cheek`.
    pub(super) tier: String,
    /// What to write on it.
    pub(super) text: String,
    /// A fixed word for its kind, e.g. `blink` or `contraction`.
    pub(super) kind: String,
    /// `left`, `right`, `both` or `midline`; none where sides mean nothing.
    pub(super) side: Option<String>,
    pub(super) region: Option<Region>,
    pub(super) what: What<'a>,
}

/// Everything found, in order of start.
pub(super) fn spans(analysis: &Analysis) -> Vec<Span<'_>> {
    let findings = &analysis.findings;
    let mut spans: Vec<Span<'_>> = Vec::new();
    for blink in &findings.blinks {
        spans.push(Span {
            start_s: blink.start_s,
            end_s: blink.end_s,
            tier: "blinks".to_owned(),
            text: if blink.complete { "blink" } else { "partial blink" }.to_owned(),
            kind: "blink".to_owned(),
            side: Some(word(blink.side)),
            region: None,
            what: What::Blink { complete: blink.complete },
        });
    }
    for event in &findings.events {
        let kind = word(event.kind);
        let spread = spread_text(event);
        spans.push(Span {
            start_s: event.start_s,
            end_s: event.end_s,
            tier: "events".to_owned(),
            text: format!("{} {kind} {} {spread}", event.id, word(event.side))
                .trim_end()
                .to_owned(),
            kind,
            side: Some(word(event.side)),
            region: None,
            what: What::Event(event),
        });
        for contraction in &event.contractions {
            let place = Place { region: contraction.region, side: contraction.side };
            spans.push(Span {
                start_s: contraction.onset_s,
                end_s: contraction.end_s,
                tier: summary::place(place),
                text: format!("{} {:.1} mFU", event.id, contraction.amplitude_mfu),
                kind: "contraction".to_owned(),
                side: Some(place.side_name().to_owned()),
                region: Some(contraction.region),
                what: What::Contraction(event, contraction),
            });
        }
    }
    for segment in &analysis.protocol {
        let task = word(segment.task);
        spans.push(Span {
            start_s: segment.start_s,
            end_s: segment.end_s,
            tier: "tasks".to_owned(),
            text: task.clone(),
            kind: format!("task_{task}"),
            side: None,
            region: None,
            what: What::Task,
        });
    }
    for gap in &analysis.coverage.gaps {
        spans.push(Span {
            start_s: gap.start_s,
            end_s: gap.end_s,
            tier: "not measured".to_owned(),
            text: word(gap.reason),
            kind: "not_measured".to_owned(),
            side: None,
            region: None,
            what: What::Gap,
        });
    }
    spans.sort_by(|a, b| a.start_s.total_cmp(&b.start_s));
    spans
}
