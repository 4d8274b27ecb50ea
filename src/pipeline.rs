//! A recording through all stages: decoding, landmarks and analysis run side by side, or one after
//! the other on one thread.
//!
//! Side by side they are three threads, joined by short queues: the source decodes ahead, the face
//! is followed from frame to frame, and the calling thread measures the skin, analyzes and hands
//! results to a [`Sink`]. Frames travel in a fixed set of buffers that go round, so memory stays
//! flat.

use std::collections::{BTreeMap, VecDeque};
use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::thread;

use crate::analyzer::{Analyzer, Outcome, Step};
use crate::event::Protocol;
use crate::face::{FaceError, FaceObservation, FaceTracker, SkinTracker};
use crate::models::ModelStore;
use crate::signal::Sample;
use crate::source::{Frame, Note, Repeats, Source, SourceError, StreamInfo};
use crate::thresholds::Thresholds;

/// Frames in the round: one in each of the three hands, and two between each pair, so that a
/// slow frame does not stop its neighbours (judgment; more brought no speed).
const FRAMES_IN_FLIGHT: usize = 7;

/// Spread of the intervals above which the rate counts as variable: containers that round to a
/// millisecond stay below 0.06 at 60 frames a second (measured).
const VARIABLE_SPREAD: f64 = 0.1;

/// Usual intervals above which one is a hole in the recording and says nothing of its rate
/// (judgment: a phone in the dark drops to a third of its rate).
const HOLE_INTERVALS: f64 = 6.0;

/// New frames in a row over which the share of repeats is taken (judgment: a blink at 30 frames a
/// second holds them, and two rounds of 24 frames a second shown at 30).
const FRESH: usize = 8;

/// What to analyze of a source, and how.
#[derive(Debug, Clone, Default)]
pub struct Options {
    /// Declared voluntary tasks.
    pub protocol: Option<Protocol>,
    /// Where they were read from, to be named where they do not fit the recording.
    pub protocol_file: Option<PathBuf>,
    /// Frames before this time are passed over, seconds.
    pub start_s: Option<f64>,
    /// Reading ends at this time, seconds.
    pub end_s: Option<f64>,
    /// The picture is a mirror image (a selfie): it is turned back before anything sees it.
    pub mirrored: bool,
}

/// Receives what the pipeline finds, as it finds it.
pub trait Sink {
    /// What a sink may fail with.
    type Error;

    /// One frame was analyzed.
    ///
    /// # Errors
    /// Whatever the sink fails with; the pipeline stops and hands it on.
    fn step(
        &mut self,
        frame: &Frame,
        observation: &FaceObservation,
        step: &Step,
    ) -> Result<(), Self::Error>;

    /// The recording ended; `step` holds what had been held back.
    ///
    /// # Errors
    /// As [`Sink::step`].
    fn end(&mut self, step: &Step) -> Result<(), Self::Error>;
}

/// A recording that went through all stages.
#[derive(Debug)]
pub struct Recording {
    /// What the container says of itself.
    pub stream: StreamInfo,
    /// What the source noticed of it.
    pub notes: Vec<Note>,
    /// Width of the first frame, pixels.
    pub width: usize,
    /// Height of the first frame, pixels.
    pub height: usize,
    /// Time of the last frame, seconds.
    pub last_s: f64,
    /// Frames read from the source, passed-over ones included.
    pub frames_read: u64,
    /// Longest less shortest interval between frames over their median; 0 for a constant rate.
    /// Repeats count: whether the file's rate varies is told by its stamps.
    pub interval_spread: f64,
    /// Median interval between frames, seconds; `None` under two frames.
    pub interval_s: Option<f64>,
    /// New pictures a second: the inverse of the mean interval, holes left out, times the share of
    /// new pictures where the picture moves; `None` under two frames.
    pub fps: Option<f64>,
    /// How reading ended.
    pub ending: Ending,
    /// What was found.
    pub outcome: Outcome,
}

impl Recording {
    /// Whether the interval between frames varies.
    #[must_use]
    pub fn has_variable_rate(&self) -> bool {
        self.interval_spread > VARIABLE_SPREAD
    }
}

impl Recording {
    /// A recording of which only the samples are left, cut off as `why` says.
    #[cfg(feature = "live")]
    pub(crate) fn of_samples(
        samples: &[Sample],
        outcome: Outcome,
        [width, height]: [usize; 2],
        why: &str,
    ) -> Self {
        let mut clock = Intervals::default();
        for sample in samples {
            clock.push(sample.time_s, sample.repeat);
        }
        Self {
            stream: StreamInfo::default(),
            notes: Vec::new(),
            width,
            height,
            last_s: clock.last_s.unwrap_or(0.0),
            frames_read: samples.len() as u64,
            interval_spread: clock.spread(),
            interval_s: clock.median(),
            fps: clock.fps(),
            ending: Ending::Failed(why.to_owned()),
            outcome,
        }
    }
}

/// How reading ended.
#[derive(Debug)]
pub enum Ending {
    /// At the end of the source, or of the asked-for stretch.
    Complete,
    /// By the user.
    Stopped,
    /// By a failure midway; what was measured before stands.
    Failed(String),
}

/// Why nothing could be analyzed.
#[derive(Debug, thiserror::Error)]
pub enum PipelineError<E> {
    /// The source failed before its first frame.
    #[error(transparent)]
    Source(SourceError),
    /// The face model does not load or run.
    #[error(transparent)]
    Face(#[from] FaceError),
    /// The sink failed.
    #[error(transparent)]
    Sink(E),
}

/// Messages from the decoder to the tracker and on.
enum Decoded {
    Frame(Frame),
    Repeat(Frame),
    Failed(SourceError),
}

enum Tracked {
    Frame(Frame, FaceObservation),
    Repeat(Frame),
    SourceFailed(SourceError),
    FaceFailed(FaceError),
}

/// The stages with their models loaded, ready for one recording after another.
#[derive(Debug)]
pub struct Pipeline {
    thresholds: Thresholds,
    tracker: FaceTracker,
    one_thread: bool,
}

impl Pipeline {
    /// Loads the models.
    ///
    /// # Errors
    /// [`FaceError`] when a model or the runtime is missing, altered or refused.
    pub fn new(models: &ModelStore, thresholds: &Thresholds) -> Result<Self, FaceError> {
        let tracker = FaceTracker::new(models, &thresholds.face)?;
        Ok(Self { thresholds: thresholds.clone(), tracker, one_thread: false })
    }

    /// The same with one stage after the other on the calling thread: slower for one recording,
    /// and the most work a core where there is a pipeline for each. The results are the same.
    #[must_use]
    pub fn on_one_thread(self) -> Self {
        Self { one_thread: true, ..self }
    }

    /// The thresholds in force.
    #[must_use]
    pub fn thresholds(&self) -> &Thresholds {
        &self.thresholds
    }

    /// Analyzes a source to its end, or until `stop` is set. Nothing of an earlier recording
    /// has a say in it.
    ///
    /// # Errors
    /// Where not even one frame could be analyzed, or the sink failed. A failure after the first
    /// frame is an [`Ending`], not an error.
    pub fn run<S: Sink>(
        &mut self,
        source: Box<dyn Source>,
        options: &Options,
        stop: &AtomicBool,
        sink: &mut S,
    ) -> Result<Recording, PipelineError<S::Error>> {
        self.tracker.forget();
        let repeats = Repeats::new(&self.thresholds.source);
        let mut reader = Reader { source, options, stop, repeats, read: 0 };
        let mut measuring = Measuring {
            skin: SkinTracker::new(&self.thresholds.skin)?,
            analyzer: Analyzer::new(&self.thresholds, options.protocol.clone()),
            clock: Intervals::default(),
            size: None,
            ending: Ending::Complete,
            sink,
            last: None,
        };
        if self.one_thread {
            one_after_the_other(&mut reader, &mut self.tracker, &mut measuring)?;
        } else {
            side_by_side(&mut reader, &mut self.tracker, &mut measuring)?;
        }
        let Measuring { analyzer, clock, size, mut ending, sink, .. } = measuring;
        if stop.load(Ordering::Relaxed) {
            ending = Ending::Stopped;
        }
        let (last, outcome) = analyzer.finish();
        sink.end(&last).map_err(PipelineError::Sink)?;
        let (width, height) = size.unwrap_or_default();
        Ok(Recording {
            stream: reader.source.info().clone(),
            notes: reader.source.notes(),
            width,
            height,
            last_s: clock.last_s.unwrap_or(0.0),
            frames_read: reader.read,
            interval_spread: clock.spread(),
            interval_s: clock.median(),
            fps: clock.fps(),
            ending,
            outcome,
        })
    }
}

fn one_after_the_other<S: Sink>(
    reader: &mut Reader<'_>,
    tracker: &mut FaceTracker,
    measuring: &mut Measuring<'_, S>,
) -> Result<(), PipelineError<S::Error>> {
    let mut frame = Frame::default();
    loop {
        let tracked = match reader.next(&mut frame) {
            Ok(Some(Picture::New)) => match tracker.track(&frame) {
                Ok(observation) => Tracked::Frame(std::mem::take(&mut frame), observation),
                Err(error) => Tracked::FaceFailed(error),
            },
            Ok(Some(Picture::Repeat)) => Tracked::Repeat(std::mem::take(&mut frame)),
            Ok(None) => return Ok(()),
            Err(error) => Tracked::SourceFailed(error),
        };
        match measuring.take(tracked)? {
            Some(used) => frame = used,
            None => return Ok(()),
        }
    }
}

fn side_by_side<S: Sink>(
    reader: &mut Reader<'_>,
    tracker: &mut FaceTracker,
    measuring: &mut Measuring<'_, S>,
) -> Result<(), PipelineError<S::Error>> {
    let (free_tx, free_rx) = sync_channel(FRAMES_IN_FLIGHT);
    for _ in 0..FRAMES_IN_FLIGHT {
        let _ = free_tx.send(Frame::default());
    }
    let (decoded_tx, decoded_rx) = sync_channel(FRAMES_IN_FLIGHT);
    let (tracked_tx, tracked_rx) = sync_channel(FRAMES_IN_FLIGHT);
    thread::scope(|scope| {
        // Whatever ends this closure ends the round of the frames, and with it both threads.
        let free = free_tx;
        scope.spawn(move || decode(reader, &free_rx, &decoded_tx));
        scope.spawn(move || track(tracker, &decoded_rx, &tracked_tx));
        for tracked in tracked_rx {
            match measuring.take(tracked)? {
                Some(used) => drop(free.try_send(used)),
                None => break,
            }
        }
        Ok(())
    })
}

/// The last stages, and what they gather.
struct Measuring<'a, S> {
    skin: SkinTracker,
    analyzer: Analyzer,
    clock: Intervals,
    /// Width and height of the first frame.
    size: Option<(usize, usize)>,
    ending: Ending,
    sink: &'a mut S,
    /// What was seen last.
    last: Option<FaceObservation>,
}

impl<S: Sink> Measuring<'_, S> {
    /// Takes what the tracker hands on and gives the frame back for another; `None` ends the
    /// recording.
    fn take(&mut self, tracked: Tracked) -> Result<Option<Frame>, PipelineError<S::Error>> {
        let failed = match tracked {
            Tracked::Frame(frame, mut observation) => {
                self.size.get_or_insert((frame.width, frame.height));
                match self.measure(&frame, &mut observation) {
                    Ok(()) => {
                        self.hand_on(&frame, observation)?;
                        return Ok(Some(frame));
                    }
                    Err(error) => error.to_string(),
                }
            }
            Tracked::Repeat(frame) => {
                // Only what was looked at can repeat.
                if let Some(mut seen) = self.last.take() {
                    (seen.index, seen.time_s) = (frame.index, frame.time_s);
                    seen.after_loss = false;
                    if let Ok(face) = &mut seen.face {
                        face.repeat = true;
                    }
                    self.hand_on(&frame, seen)?;
                    self.clock.push(frame.time_s, true);
                }
                return Ok(Some(frame));
            }
            Tracked::SourceFailed(error) if self.size.is_none() => {
                return Err(PipelineError::Source(error));
            }
            Tracked::FaceFailed(error) if self.size.is_none() => return Err(error.into()),
            Tracked::SourceFailed(error) => error.to_string(),
            Tracked::FaceFailed(error) => error.to_string(),
        };
        self.ending = Ending::Failed(failed);
        Ok(None)
    }

    /// Analyzes what was seen, and gives it to the sink.
    fn hand_on(
        &mut self,
        frame: &Frame,
        seen: FaceObservation,
    ) -> Result<(), PipelineError<S::Error>> {
        let step = self.analyzer.push(&seen);
        self.sink.step(frame, &seen, &step).map_err(PipelineError::Sink)?;
        self.last = Some(seen);
        Ok(())
    }

    fn measure(&mut self, frame: &Frame, seen: &mut FaceObservation) -> Result<(), FaceError> {
        if let Ok(face) = &mut seen.face
            && let Some(skin) = self.skin.measure(frame, face)?
        {
            face.skin = Some(skin.motion);
            face.visible = skin.visible;
            face.lids = skin.lids;
        }
        self.clock.push(frame.time_s, false);
        Ok(())
    }
}

/// The frames of the asked-for stretch, turned back where they are mirror images.
struct Reader<'a> {
    source: Box<dyn Source>,
    options: &'a Options,
    stop: &'a AtomicBool,
    repeats: Repeats,
    /// Frames read from the source, passed-over ones included.
    read: u64,
}

/// What a picture brings.
enum Picture {
    /// Something to measure.
    New,
    /// Nothing but its time.
    Repeat,
}

impl Reader<'_> {
    /// Reads the next frame into `frame`; `None` at the end, or once `stop` is set.
    fn next(&mut self, frame: &mut Frame) -> Result<Option<Picture>, SourceError> {
        while !self.stop.load(Ordering::Relaxed) {
            if !self.source.read_into(frame)? {
                return Ok(None);
            }
            self.read += 1;
            if self.options.start_s.is_some_and(|start| frame.time_s < start) {
                continue;
            }
            if self.options.end_s.is_some_and(|end| frame.time_s > end) {
                return Ok(None);
            }
            if self.repeats.repeats(frame) {
                return Ok(Some(Picture::Repeat));
            }
            if self.options.mirrored {
                frame.mirror();
            }
            return Ok(Some(Picture::New));
        }
        Ok(None)
    }
}

fn decode(reader: &mut Reader<'_>, free: &Receiver<Frame>, decoded: &SyncSender<Decoded>) {
    for mut frame in free {
        let message = match reader.next(&mut frame) {
            Ok(Some(Picture::New)) => Decoded::Frame(frame),
            Ok(Some(Picture::Repeat)) => Decoded::Repeat(frame),
            Ok(None) => return,
            Err(error) => Decoded::Failed(error),
        };
        let failed = matches!(message, Decoded::Failed(_));
        if decoded.send(message).is_err() || failed {
            return;
        }
    }
}

fn track(tracker: &mut FaceTracker, decoded: &Receiver<Decoded>, tracked: &SyncSender<Tracked>) {
    for message in decoded {
        let message = match message {
            Decoded::Failed(error) => Tracked::SourceFailed(error),
            Decoded::Repeat(frame) => Tracked::Repeat(frame),
            Decoded::Frame(frame) => match tracker.track(&frame) {
                Ok(observation) => Tracked::Frame(frame, observation),
                Err(error) => Tracked::FaceFailed(error),
            },
        };
        let failed = matches!(message, Tracked::FaceFailed(_));
        if tracked.send(message).is_err() || failed {
            break;
        }
    }
}

/// The intervals between frames: their median, mean and spread in constant memory; and how many of
/// the frames are new.
#[derive(Debug, Default)]
struct Intervals {
    last_s: Option<f64>,
    /// Counts and sums of intervals, by tenths of a millisecond.
    counts: BTreeMap<u32, (u64, f64)>,
    frames: u64,
    /// Numbers of the last new frames.
    new: VecDeque<u64>,
    /// How often so many frames held [`FRESH`] new ones.
    spans: BTreeMap<u64, u64>,
}

impl Intervals {
    fn push(&mut self, time_s: f64, repeat: bool) {
        self.frames += 1;
        if !repeat {
            self.new.push_back(self.frames);
            if self.new.len() > FRESH {
                let first = self.new.pop_front().unwrap_or_default();
                *self.spans.entry(self.frames - first).or_default() += 1;
            }
        }
        if let Some(last) = self.last_s.replace(time_s) {
            let interval_s = time_s - last;
            let (count, sum_s) = self.counts.entry((interval_s * 1e4).round() as u32).or_default();
            *count += 1;
            *sum_s += interval_s;
        }
    }

    fn median(&self) -> Option<f64> {
        let half = self.counts.values().map(|(count, _)| count).sum::<u64>().div_ceil(2);
        let mut seen = 0;
        self.counts
            .iter()
            .find(|(_, (count, _))| {
                seen += count;
                seen >= half
            })
            .map(|(tenths, _)| f64::from(*tenths) / 1e4)
    }

    /// Mean interval, holes left out.
    fn mean(&self) -> Option<f64> {
        let longest = HOLE_INTERVALS * self.median()?;
        let known = self.counts.iter().filter(|(tenths, _)| f64::from(**tenths) / 1e4 <= longest);
        let (count, sum_s) =
            known.fold((0, 0.0), |(count, sum_s), (_, one)| (count + one.0, sum_s + one.1));
        (count > 0).then(|| sum_s / count as f64)
    }

    /// Share of new frames. Of a picture that stands still, and is encoded without noise, every
    /// frame repeats the one before; a rate that was raised by repetition brings repeats while the
    /// picture moves, too. So the densest quarter counts, of as many moments as there are new frames.
    fn new_share(&self) -> f64 {
        let quarter = self.spans.values().sum::<u64>().div_ceil(4);
        let mut seen = 0;
        let dense = self.spans.iter().find(|(_, count)| {
            seen += *count;
            seen >= quarter
        });
        dense.map_or(1.0, |(frames, _)| FRESH as f64 / *frames as f64)
    }

    /// New frames a second.
    fn fps(&self) -> Option<f64> {
        self.mean().filter(|mean| *mean > 0.0).map(|mean| self.new_share() / mean)
    }

    /// Holes are told as gaps, and say nothing of the rate.
    fn spread(&self) -> f64 {
        let Some(median) = self.median().filter(|median| *median > 0.0) else { return 0.0 };
        let known = |tenths: &&u32| f64::from(**tenths) / 1e4 <= HOLE_INTERVALS * median;
        let extremes = self.counts.keys().next().zip(self.counts.keys().rfind(known));
        extremes.map_or(0.0, |(shortest, longest)| {
            f64::from(longest.saturating_sub(*shortest)) / 1e4 / median
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_constant_rate_has_no_spread() {
        let mut intervals = Intervals::default();
        for i in 0..100 {
            intervals.push(f64::from(i) / 25.0, false);
        }
        assert!((intervals.median().unwrap() - 0.04).abs() < 1e-4);
        assert!(intervals.spread() < 0.01);
    }

    #[test]
    fn the_rate_is_the_mean_over_the_stamps_without_holes() {
        let mut intervals = Intervals::default();
        for i in 0..1000 {
            // Stamps rounded to milliseconds, and a hole of a day in the middle.
            let day = if i < 500 { 0.0 } else { 86_400.0 };
            intervals.push((f64::from(i) / 29.97 * 1e3).round() / 1e3 + day, false);
        }
        assert!((1.0 / intervals.mean().unwrap() - 29.97).abs() < 0.01);
        assert!(intervals.spread() < 0.1);
    }

    #[test]
    fn a_phone_that_drops_to_half_rate_shows_a_spread_of_one() {
        let mut intervals = Intervals::default();
        let mut time = 0.0;
        for i in 0..100 {
            intervals.push(time, false);
            time += if i % 10 == 0 { 0.08 } else { 0.04 };
        }
        assert!((intervals.spread() - 1.0).abs() < 0.02);
    }

    /// The rate told of ten seconds at 30 frames a second.
    fn told(is_repeat: impl Fn(u32) -> bool) -> f64 {
        let mut intervals = Intervals::default();
        for i in 0..300 {
            intervals.push(f64::from(i) / 30.0, is_repeat(i));
        }
        assert!(intervals.spread() < 0.01, "the file's rate does not vary");
        intervals.fps().unwrap()
    }

    #[test]
    fn a_rate_raised_by_repetition_counts_new_pictures_and_stillness_does_not() {
        assert!((told(|i| i % 5 == 4) - 24.0).abs() < 1e-6);
        assert!((told(|i| i % 6 != 0) - 5.0).abs() < 1e-6);
        assert!((told(|i| i == 249) - 30.0).abs() < 1e-6);
        // A still face in a recording without noise, that blinks every two seconds.
        assert!((told(|i| i % 60 > 14 && i % 12 != 0) - 30.0).abs() < 1e-6);
    }
}
