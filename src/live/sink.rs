//! Receives what the pipeline finds and shows it at once.

use std::convert::Infallible;
use std::sync::Arc;
use std::time::{Instant, SystemTime, UNIX_EPOCH};

use super::advice::{Look, advise};
use super::journal::Journal;
use super::message::{FrameMessage, Measured, Message};
use super::preview::Preview;
use super::rates::RateCount;
use super::recent::Recent;
use super::recorder::Recorder;
use super::session::Session;
use crate::analyzer::Step;
use crate::anatomy::PerSide;
use crate::event::Finding;
use crate::face::FaceObservation;
use crate::pipeline::Sink;
use crate::source::Frame;
use crate::thresholds::SignalThresholds;

/// Tells the pages first, then keeps what the outputs are made from.
pub(super) struct LiveSink<'a> {
    session: &'a Arc<Session>,
    preview: &'a Preview,
    journal: Journal,
    recorder: Option<Recorder>,
    rates: RateCount,
    recent: Recent,
    /// When the figures were last put together.
    looked: Option<Instant>,
    signal: SignalThresholds,
}

impl<'a> LiveSink<'a> {
    pub(super) fn new(
        session: &'a Arc<Session>,
        preview: &'a Preview,
        journal: Journal,
        recorder: Option<Recorder>,
        signal: SignalThresholds,
    ) -> Self {
        Self {
            session,
            preview,
            journal,
            recorder,
            rates: RateCount::default(),
            recent: Recent::default(),
            looked: None,
            signal,
        }
    }

    /// What was kept.
    pub(super) fn into_parts(self) -> (Journal, Option<Recorder>) {
        (self.journal, self.recorder)
    }

    fn tell(&mut self, findings: &[Finding]) {
        for finding in findings {
            match finding {
                Finding::Blink(blink) => {
                    self.rates.blink();
                    self.session.hub.publish(&Message::Blink(blink));
                }
                Finding::Event(event) => {
                    if !self.session.asked_to_move(event.start_s) {
                        self.rates.event(event);
                    }
                    self.session.hub.publish(&Message::Event(event));
                }
            }
        }
    }

    /// Figures of the last seconds, where they are due.
    fn figures(&mut self, frame: &Frame, seen: &FaceObservation, step: &Step) -> Option<Measured> {
        let interval = self.session.limits.status / 2;
        if self.looked.is_some_and(|at| at.elapsed() < interval) {
            return None;
        }
        self.looked = Some(Instant::now());
        let fps = self.recent.fps();
        let lost = self.recent.lost_share(self.session.inbox.counts());
        let (face_unit_min_px, hidden_below) =
            (self.signal.face_unit_min_px, self.signal.hidden_below);
        let provisional = step.provisional;
        let look = Look { frame, seen, fps, lost, face_unit_min_px, hidden_below, provisional };
        Some(Measured {
            fps,
            latency_ms: self.recent.latency_ms(),
            advice: advise(&look, &self.session.limits),
            rates: self.rates.rates(),
            rest: step.rest.0.to_vec(),
        })
    }
}

impl Sink for LiveSink<'_> {
    type Error = Infallible;

    fn step(
        &mut self,
        frame: &Frame,
        seen: &FaceObservation,
        step: &Step,
    ) -> Result<(), Infallible> {
        let session = self.session;
        if let Some(arrived) = session.inbox.measured(frame.index) {
            session.hub.publish(&Message::Frame(frame_message(seen, step, arrived)));
            self.recent.frame(frame.time_s, arrived.elapsed());
        }
        self.rates.frame(frame.time_s, seen.face.is_ok());
        self.tell(&step.findings);
        if self.looked.is_none() {
            self.journal.size(frame.width, frame.height);
        }
        let figures = self.figures(frame, seen, step);
        session.measured(frame.time_s, figures);
        self.preview.offer(session, frame, seen);
        if let Some(recorder) = &mut self.recorder {
            recorder.offer(frame);
        }
        self.journal.keep(step.preview.as_ref(), &step.settled);
        Ok(())
    }

    fn end(&mut self, step: &Step) -> Result<(), Infallible> {
        self.tell(&step.findings);
        self.journal.keep(None, &step.settled);
        Ok(())
    }
}

fn frame_message(seen: &FaceObservation, step: &Step, arrived: Instant) -> FrameMessage {
    let latency_ms = arrived.elapsed().as_secs_f64() * 1e3;
    let now_ms =
        SystemTime::now().duration_since(UNIX_EPOCH).map_or(0.0, |t| t.as_secs_f64() * 1e3);
    let sample = step.preview.as_ref();
    let thousandths = |value: f32| (value * 1000.0).round() / 1000.0;
    let aperture =
        |side| sample.and_then(|sample| sample.eyes[side].map(|eye| thousandths(eye.aperture)));
    FrameMessage {
        index: seen.index,
        time_s: seen.time_s,
        arrived_ms: now_ms - latency_ms,
        latency_ms: (latency_ms * 10.0).round() / 10.0,
        gap: seen.face.as_ref().err().copied(),
        aperture: PerSide::from_fn(aperture),
        mfu: sample.map_or_else(Vec::new, |sample| {
            sample.displacement.0.iter().map(|value| value.map(thousandths)).collect()
        }),
    }
}
