//! The streaming analyzer: the one core that recorded, live and batch shells share.

use std::borrow::Cow;

use crate::anatomy::{PerPlace, PerSide, Side};
use crate::event::{
    EventDetector, Finding, Findings, LidShares, Protocol, RestLevel, WeighedMovement,
};
use crate::face::{FaceObservation, GapReason, HeadPose};
use crate::report::{Coverage, Gap, PlaceCoverage};
use crate::signal::{EyeSample, Sample, SignalStage, reread};
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
///         after_loss: false,
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
    times: Rising,
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
    /// No open lids have been seen yet: what counts as open is a guess.
    pub provisional: bool,
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

impl Outcome {
    fn new(findings: Findings, coverage: CoverageCount, other_faces: bool) -> Self {
        let coverage = Coverage { rest_s: Some(findings.rest_s()), ..coverage.finish() };
        Self { findings, coverage, other_faces }
    }
}

impl Analyzer {
    /// An analyzer that has seen nothing.
    #[must_use]
    pub fn new(thresholds: &Thresholds, protocol: Option<Protocol>) -> Self {
        Self {
            signals: SignalStage::new(&thresholds.signal),
            detector: EventDetector::new(thresholds, protocol),
            coverage: CoverageCount::new(thresholds.face.pause_max_s),
            times: Rising::default(),
            other_faces: false,
        }
    }

    /// Takes the next observation. One whose time is no number, or not after the last one's, is
    /// passed over; a face whose points are no numbers is none.
    pub fn push(&mut self, observation: &FaceObservation) -> Step {
        if !self.times.admits(observation.time_s) {
            return Step { rest: self.detector.rest_levels(), ..Step::default() };
        }
        let damaged = observation
            .face
            .as_ref()
            .is_ok_and(|face| !face.landmarks.iter().flatten().all(|value| value.is_finite()));
        if damaged {
            let nobody = FaceObservation { face: Err(GapReason::NoFace), ..observation.clone() };
            return self.take(&nobody);
        }
        self.take(observation)
    }

    fn take(&mut self, observation: &FaceObservation) -> Step {
        self.coverage.push(observation);
        self.other_faces |= observation.other_faces;
        let signals = self.signals.push(observation);
        let findings = self.detect(&signals.settled);
        let rest = self.detector.rest_levels();
        let provisional = signals.provisional;
        Step { preview: signals.preview, settled: signals.settled, findings, rest, provisional }
    }

    /// Ends the recording: what was still held back, and the whole outcome.
    #[must_use]
    pub fn finish(mut self) -> (Step, Outcome) {
        let settled = self.signals.finish();
        let findings = self.detect(&settled);
        let outcome = Outcome::new(self.detector.finish(), self.coverage, self.other_faces);
        (Step { settled, findings, ..Step::default() }, outcome)
    }

    /// Reads the samples of a whole recording again, now that all of it is known: levels, what was
    /// hidden, and how far each lid comes down. Where that changes what is to be found in them, the
    /// outcome's findings are found anew.
    pub fn review(
        samples: &mut [Sample],
        outcome: &mut Outcome,
        thresholds: &Thresholds,
        protocol: Option<&Protocol>,
    ) {
        let changed = reread(samples, &thresholds.signal);
        outcome.coverage.places = PlaceCoverage::of(samples);
        if changed || LidShares::learn(clean(samples), &thresholds.blink).is_unequal() {
            outcome.findings = Self::replay(samples, thresholds, protocol.cloned()).findings;
            outcome.coverage.rest_s = Some(outcome.findings.rest_s());
        }
    }

    /// What the samples of a whole recording bring, as kept from an earlier analysis; other tasks
    /// may have been declared by now. As in [`Analyzer::push`], times rise and values are numbers.
    #[must_use]
    pub fn replay(
        samples: &[Sample],
        thresholds: &Thresholds,
        protocol: Option<Protocol>,
    ) -> Outcome {
        let mut coverage = CoverageCount::new(thresholds.face.pause_max_s);
        for sample in clean(samples) {
            let reason = sample.track.is_none().then_some(GapReason::NoFace);
            coverage.take(sample.time_s, reason, false);
        }
        let findings = detected(samples, thresholds, protocol).finish();
        Outcome::new(findings, coverage, false)
    }

    /// What a whole recording's samples bring once they were read again: what an analysis of the
    /// recording finds.
    #[must_use]
    pub fn whole(
        samples: &[Sample],
        thresholds: &Thresholds,
        protocol: Option<Protocol>,
    ) -> Outcome {
        let samples = read_again(samples, thresholds);
        let mut outcome = Self::replay(&samples, thresholds, protocol);
        outcome.coverage.places = PlaceCoverage::of(&samples);
        outcome
    }

    /// Everything that is weighed in a whole recording, with its evidence.
    #[must_use]
    pub fn weighed(samples: &[Sample], thresholds: &Thresholds) -> Vec<WeighedMovement> {
        detected(&read_again(samples, thresholds), thresholds, None).weighed()
    }

    fn detect(&mut self, samples: &[Sample]) -> Vec<Finding> {
        samples.iter().flat_map(|sample| self.detector.push(&sane(sample))).collect()
    }
}

fn read_again(samples: &[Sample], thresholds: &Thresholds) -> Vec<Sample> {
    let mut samples = samples.to_vec();
    reread(&mut samples, &thresholds.signal);
    samples
}

/// A detector that has seen all samples, knowing how far their lids come down.
fn detected(
    samples: &[Sample],
    thresholds: &Thresholds,
    protocol: Option<Protocol>,
) -> EventDetector {
    let lids = LidShares::learn(clean(samples), &thresholds.blink);
    let mut detector = EventDetector::new(thresholds, protocol).knowing(lids);
    for sample in clean(samples) {
        detector.push(&sample);
    }
    detector
}

/// Times that are numbers and rise.
#[derive(Debug, Default)]
struct Rising {
    last_s: Option<f64>,
}

impl Rising {
    fn admits(&mut self, time_s: f64) -> bool {
        let fits = time_s.is_finite() && self.last_s.is_none_or(|last_s| time_s > last_s);
        if fits {
            self.last_s = Some(time_s);
        }
        fits
    }
}

/// Samples whose times rise, without what is no number.
fn clean(samples: &[Sample]) -> impl Iterator<Item = Cow<'_, Sample>> {
    let mut times = Rising::default();
    samples.iter().filter(move |sample| times.admits(sample.time_s)).map(sane)
}

/// A sample without what is no number.
fn sane(sample: &Sample) -> Cow<'_, Sample> {
    let is_eye = |eye: &EyeSample| {
        [eye.aperture, eye.aperture_error, eye.opening, eye.open, eye.width, eye.brow_up]
            .into_iter()
            .chain(eye.gaze_down)
            .all(f32::is_finite)
    };
    let is_pose = |pose: &HeadPose| {
        [pose.yaw_deg, pose.pitch_deg, pose.roll_deg, pose.face_unit_px]
            .into_iter()
            .all(f32::is_finite)
    };
    let places = || sample.displacement.0.iter().flatten();
    let is_sane = sample.presence.is_finite()
        && sample.pose.as_ref().is_none_or(is_pose)
        && Side::BOTH.into_iter().all(|side| sample.eyes[side].as_ref().is_none_or(is_eye))
        && places().chain(&sample.visible.0).all(|value| value.is_finite());
    if is_sane {
        return Cow::Borrowed(sample);
    }
    let mut sane = sample.clone();
    sane.presence = if sane.presence.is_finite() { sane.presence } else { 0.0 };
    sane.pose = sane.pose.filter(is_pose);
    sane.eyes = PerSide::from_fn(|side| sample.eyes[side].filter(is_eye));
    sane.displacement = PerPlace(sane.displacement.0.map(|value| value.filter(|v| v.is_finite())));
    sane.visible = PerPlace(sane.visible.0.map(|seen| if seen.is_finite() { seen } else { 0.0 }));
    Cow::Owned(sane)
}

/// Counts frames and gaps.
#[derive(Debug)]
struct CoverageCount {
    /// Longest interval between two frames that is no gap, seconds.
    pause_max_s: f64,
    frames: u64,
    with_face: u64,
    repeated: u64,
    gaps: Vec<Gap>,
    open: Option<(f64, GapReason)>,
    first_s: f64,
    last_s: f64,
    /// Time without a picture.
    missing_s: f64,
}

impl CoverageCount {
    fn new(pause_max_s: f64) -> Self {
        Self {
            pause_max_s,
            frames: 0,
            with_face: 0,
            repeated: 0,
            gaps: Vec::new(),
            open: None,
            first_s: 0.0,
            last_s: 0.0,
            missing_s: 0.0,
        }
    }

    fn push(&mut self, seen: &FaceObservation) {
        self.repeated += u64::from(seen.face.as_ref().is_ok_and(|face| face.repeat));
        self.take(seen.time_s, seen.face.as_ref().err().copied(), seen.after_loss);
    }

    fn take(&mut self, now: f64, reason: Option<GapReason>, lost: bool) {
        if self.frames > 0 && (lost || now - self.last_s > self.pause_max_s) {
            self.close(self.last_s);
            self.missing_s += now - self.last_s;
            self.gaps.push(Gap { start_s: self.last_s, end_s: now, reason: GapReason::NoPicture });
        }
        if self.frames == 0 {
            self.first_s = now;
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
            frames_repeated: self.repeated,
            usable_fraction: if self.frames == 0 {
                0.0
            } else {
                let span_s = self.last_s - self.first_s;
                let missing = if span_s > 0.0 { self.missing_s / span_s } else { 0.0 };
                self.with_face as f64 / self.frames as f64 * (1.0 - missing).max(0.0)
            },
            gaps: self.gaps,
            places: Vec::new(),
            rest_s: None,
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
            count.take(index as f64, (!seen).then_some(GapReason::NoFace), false);
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
            count.take(time_s, Some(GapReason::NoFace), false);
        }
        let coverage = count.finish();
        assert_eq!(coverage.usable_fraction, 0.0);
        let gaps: Vec<_> =
            coverage.gaps.into_iter().map(|g| (g.start_s, g.end_s, g.reason)).collect();
        let expected = [
            (0.0, 0.1, GapReason::NoFace),
            (0.1, 7.0, GapReason::NoPicture),
            (7.0, 7.1, GapReason::NoFace),
        ];
        assert_eq!(gaps, expected);
    }

    #[test]
    fn time_without_a_picture_is_not_usable() {
        let mut count = CoverageCount::new(0.5);
        for time_s in [0.0, 0.5, 1.0, 1.5, 2.0, 3.0] {
            count.take(time_s, None, false);
        }
        assert!((count.finish().usable_fraction - 2.0 / 3.0).abs() < 1e-12);
    }

    #[test]
    fn times_that_run_back_or_are_no_numbers_and_values_that_are_none_change_nothing() {
        let good = |index: u64| {
            let mut sample = Sample::gap(index, index as f64 / 30.0);
            (sample.track, sample.presence) = (Some(0), 1.0);
            let eye = EyeSample {
                aperture: 1.0,
                aperture_error: 0.01,
                opening: 0.3,
                ..EyeSample::default()
            };
            sample.eyes = PerSide { left: Some(eye), right: Some(eye) };
            sample.displacement = PerPlace::from_fn(|_| Some(0.1));
            sample
        };
        let clean: Vec<Sample> = (0..300).map(good).collect();
        let mut dirty = Vec::new();
        for sample in &clean {
            dirty.push(sample.clone());
            for time_s in [f64::NAN, f64::NEG_INFINITY, f64::INFINITY, -3.0, sample.time_s] {
                dirty.push(Sample { time_s, ..sample.clone() });
            }
        }
        let thresholds = Thresholds::default();
        let outcome = |samples: &[Sample]| Analyzer::replay(samples, &thresholds, None);
        assert_eq!(outcome(&dirty).coverage, outcome(&clean).coverage);
        assert_eq!(outcome(&dirty).findings, outcome(&clean).findings);
        let mut broken = good(0);
        broken.presence = f32::NAN;
        broken.displacement = PerPlace::from_fn(|_| Some(f32::INFINITY));
        let eye = EyeSample { aperture: f32::NAN, ..broken.eyes.left.unwrap() };
        broken.eyes.left = Some(eye);
        let sane = sane(&broken);
        assert!(sane.presence == 0.0 && sane.eyes.left.is_none() && sane.eyes.right.is_some());
        assert!(sane.displacement.0.iter().all(Option::is_none));
    }

    #[test]
    fn what_was_lost_is_a_gap_however_short() {
        let mut count = CoverageCount::new(0.5);
        count.take(0.0, None, false);
        count.take(0.2, None, false);
        count.take(0.4, None, true);
        let coverage = count.finish();
        let gap = Gap { start_s: 0.2, end_s: 0.4, reason: GapReason::NoPicture };
        assert_eq!(coverage.gaps, [gap]);
    }
}
