//! The streaming detector: samples in, blinks and events out as soon as they are settled.

use super::blink::{LidClosure, LidWatch};
use super::{Blink, Event, EventKind, Findings, Protocol};
use crate::anatomy::PerSide;
use crate::signal::Sample;
use crate::thresholds::Thresholds;

/// Something found, settled and not revised later.
#[derive(Debug, Clone, PartialEq)]
pub enum Finding {
    /// A blink.
    Blink(Blink),
    /// Contractions that belong together.
    Event(Event),
}

/// Finds blinks and contractions in a stream of samples.
///
/// Recorded and live analysis take the same way: [`push`](Self::push) returns what is settled,
/// a second or two after it happened; [`finish`](Self::finish) returns everything, with the
/// figures that need the whole recording.
#[derive(Debug)]
pub struct EventDetector {
    lids: LidWatch,
    track: Option<u32>,
    findings: Findings,
}

impl EventDetector {
    /// A detector for one recording.
    #[must_use]
    pub fn new(thresholds: &Thresholds, _protocol: Option<Protocol>) -> Self {
        Self { lids: LidWatch::new(&thresholds.blink), track: None, findings: Findings::default() }
    }

    /// Takes one sample; returns what is settled by it, in order of time.
    pub fn push(&mut self, sample: &Sample) -> Vec<Finding> {
        let mut closures = Vec::new();
        if sample.track != self.track {
            closures.extend(self.lids.break_track());
            self.track = sample.track;
        }
        let eyes = PerSide::from_fn(|side| sample.eyes[side].map(|eye| eye.aperture));
        closures.extend(self.lids.push(sample.time_s, eyes));
        closures.into_iter().map(|closure| take(&mut self.findings, closure)).collect()
    }

    /// Ends the recording.
    #[must_use]
    pub fn finish(mut self) -> Findings {
        for closure in self.lids.finish() {
            take(&mut self.findings, closure);
        }
        self.findings
    }
}

fn take(findings: &mut Findings, closure: LidClosure) -> Finding {
    match closure {
        LidClosure::Brief(blink) => {
            findings.blinks.push(blink.clone());
            Finding::Blink(blink)
        }
        LidClosure::Prolonged(shut) => {
            let event = Event {
                id: findings.events.len() as u32 + 1,
                kind: EventKind::Closure,
                side: shut.side,
                start_s: shut.start_s,
                peak_s: shut.peak_s,
                end_s: shut.end_s,
                contractions: Vec::new(),
                spread: Vec::new(),
                other_babinski: false,
                reason: "lids shut for longer than a blink".to_owned(),
            };
            findings.events.push(event.clone());
            Finding::Event(event)
        }
    }
}
