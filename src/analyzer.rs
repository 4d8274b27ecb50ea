//! The streaming analyzer: the one core that recorded, live and batch shells share.

use crate::anatomy::PerPlace;
use crate::event::{EventDetector, Finding, Findings, Protocol, RestLevel};
use crate::face::{FaceObservation, GapReason};
use crate::report::{Coverage, Gap};
use crate::signal::{Sample, SignalStage};
use crate::thresholds::Thresholds;

/// Observations in; samples and findings out, as soon as they are settled.
///
/// ```
/// use spasmograph::analyzer::Analyzer;
/// use spasmograph::face::{FaceObservation, GapReason};
/// use spasmograph::thresholds::Thresholds;
///
/// let mut analyzer = Analyzer::new(&Thresholds::default(), None);
/// for index in 0..30 {
///     let nobody = FaceObservation {
///         index,
///         time_s: index as f64 / 30.0,
///         face: Err(GapReason::NoFace),
///         other_faces: false,
///     };
///     analyzer.push(&nobody);
/// }
/// let (_, outcome) = analyzer.finish();
/// assert_eq!(outcome.coverage.usable_fraction, 0.0);
/// assert!(outcome.findings.blinks.is_empty());
/// ```
#[derive(Debug)]
pub struct Analyzer {
    signals: SignalStage,
    detector: EventDetector,
    coverage: CoverageCount,
    other_faces: bool,
}

/// What one frame brought.
#[derive(Debug, Clone, Default)]
pub struct Step {
    /// This frame's signals as far as can be said now; for showing.
    pub preview: Option<Sample>,
    /// Samples that will not change any more, in order.
    pub settled: Vec<Sample>,
    /// Blinks and events that will not change any more.
    pub findings: Vec<Finding>,
    /// What each place rests on; for showing.
    pub rest: PerPlace<Option<RestLevel>>,
}

/// What the whole recording brought.
#[derive(Debug, Clone)]
pub struct Outcome {
    /// Noise, blinks, events, rates and order.
    pub findings: Findings,
    /// How much of the recording could be measured.
    pub coverage: Coverage,
    /// A second face was in view.
    pub other_faces: bool,
}

impl Analyzer {
    /// An analyzer that has seen nothing.
    #[must_use]
    pub fn new(thresholds: &Thresholds, protocol: Option<Protocol>) -> Self {
        Self {
            signals: SignalStage::new(&thresholds.signal),
            detector: EventDetector::new(thresholds, protocol),
            coverage: CoverageCount::new(thresholds.face.pause_max_s),
            other_faces: false,
        }
    }

    /// Takes the next observation.
    pub fn push(&mut self, observation: &FaceObservation) -> Step {
        self.coverage.push(observation.time_s, observation.face.as_ref().err().copied());
        self.other_faces |= observation.other_faces;
        let signals = self.signals.push(observation);
        let findings = self.detect(&signals.settled);
        let rest = self.detector.rest_levels();
        Step { preview: signals.preview, settled: signals.settled, findings, rest }
    }

    /// Ends the recording: what was still held back, and the whole outcome.
    #[must_use]
    pub fn finish(mut self) -> (Step, Outcome) {
        let settled = self.signals.finish();
        let findings = self.detect(&settled);
        let outcome = Outcome {
            findings: self.detector.finish(),
            other_faces: self.other_faces,
            coverage: self.coverage.finish(),
        };
        (Step { settled, findings, ..Step::default() }, outcome)
    }

    /// What the samples of a whole recording bring, as kept from an earlier analysis; other tasks
    /// may have been declared by now.
    #[must_use]
    pub fn replay(
        samples: &[Sample],
        thresholds: &Thresholds,
        protocol: Option<Protocol>,
    ) -> Outcome {
        let mut detector = EventDetector::new(thresholds, protocol);
        let mut coverage = CoverageCount::new(thresholds.face.pause_max_s);
        for sample in samples {
            let reason = sample.track.is_none().then_some(GapReason::NoFace);
            coverage.push(sample.time_s, reason);
            detector.push(sample);
        }
        Outcome { findings: detector.finish(), coverage: coverage.finish(), other_faces: false }
    }

    fn detect(&mut self, samples: &[Sample]) -> Vec<Finding> {
        samples.iter().flat_map(|sample| self.detector.push(sample)).collect()
    }
}

/// Counts frames and gaps.
#[derive(Debug)]
struct CoverageCount {
    /// Longest interval between two frames that is no gap, seconds.
    pause_max_s: f64,
    frames: u64,
    with_face: u64,
    gaps: Vec<Gap>,
    open: Option<(f64, GapReason)>,
    last_s: f64,
}

impl CoverageCount {
    fn new(pause_max_s: f64) -> Self {
        Self { pause_max_s, frames: 0, with_face: 0, gaps: Vec::new(), open: None, last_s: 0.0 }
    }

    fn push(&mut self, now: f64, reason: Option<GapReason>) {
        if self.frames > 0 && now - self.last_s > self.pause_max_s {
            self.close(self.last_s);
            self.gaps.push(Gap { start_s: self.last_s, end_s: now, reason: GapReason::NoPicture });
        }
        self.frames += 1;
        self.last_s = now;
        self.with_face += u64::from(reason.is_none());
        if self.open.map(|(_, reason)| reason) != reason {
            self.close(now);
            self.open = reason.map(|reason| (now, reason));
        }
    }

    fn close(&mut self, end_s: f64) {
        if let Some((start_s, reason)) = self.open.take() {
            self.gaps.push(Gap { start_s, end_s, reason });
        }
    }

    fn finish(mut self) -> Coverage {
        self.close(self.last_s);
        Coverage {
            frames_read: self.frames,
            frames_with_face: self.with_face,
            usable_fraction: if self.frames == 0 {
                0.0
            } else {
                self.with_face as f64 / self.frames as f64
            },
            gaps: self.gaps,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn gaps_run_from_the_first_frame_without_a_face_to_the_next_with_one() {
        let mut count = CoverageCount::new(5.0);
        let seen = [true, false, false, true, false];
        for (index, seen) in seen.into_iter().enumerate() {
            count.push(index as f64, (!seen).then_some(GapReason::NoFace));
        }
        let coverage = count.finish();
        let stretches: Vec<_> = coverage.gaps.iter().map(|gap| (gap.start_s, gap.end_s)).collect();
        assert_eq!(stretches, [(1.0, 3.0), (4.0, 4.0)]);
        assert_eq!((coverage.frames_read, coverage.frames_with_face), (5, 2));
        assert!((coverage.usable_fraction - 0.4).abs() < 1e-12);
    }

    #[test]
    fn a_hole_in_the_times_is_a_gap_of_its_own() {
        let mut count = CoverageCount::new(0.5);
        for time_s in [0.0, 0.1, 7.0, 7.1] {
            count.push(time_s, Some(GapReason::NoFace));
        }
        let gaps: Vec<_> =
            count.finish().gaps.into_iter().map(|g| (g.start_s, g.end_s, g.reason)).collect();
        let expected = [
            (0.0, 0.1, GapReason::NoFace),
            (0.1, 7.0, GapReason::NoPicture),
            (7.0, 7.1, GapReason::NoFace),
        ];
        assert_eq!(gaps, expected);
    }
}
