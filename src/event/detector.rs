//! The streaming detector: samples in, blinks and events out as soon as they are settled.

use std::collections::VecDeque;

use serde::Serialize;

use super::attribution::{Attributed, attribute};
use super::balance::Balance;
use super::blink::{LidClosure, LidWatch};
use super::cause::WeighedMovement;
use super::departure::Departure;
use super::excursion::excursions;
use super::place::PlaceWatch;
use super::pull::{Closing, Pull};
use super::recording::Recording;
use super::spread::spread;
use super::summary::Tally;
use super::{Blink, Event, Findings, LidShares, Protocol};
use crate::anatomy::{PerPlace, PerSide, Place};
use crate::signal::Sample;
use crate::thresholds::{BlinkThresholds, EventThresholds, Thresholds};

/// Something found. An event is provisional: it is judged with what the recording has shown so far,
/// and once more at the end with all of it.
#[derive(Debug, Clone, PartialEq)]
pub enum Finding {
    /// A blink.
    Blink(Blink),
    /// Contractions that belong together.
    Event(Event),
}

/// What a place rests on now, and how much it moves at rest; for showing.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct RestLevel {
    /// The level that departures are measured from, mFU.
    pub level_mfu: f32,
    /// Robust standard deviation of the resting signal, mFU.
    pub floor_mfu: f32,
}

/// Stretch of the recording that a provisional judgement knows the face from, seconds (judgment: a
/// minute, as the levels of the signals).
const RECENT_S: f64 = 60.0;

/// Finds blinks and contractions in a stream of samples.
///
/// Recorded and live analysis take the same way: [`push`](Self::push) returns what is settled,
/// about a second after it ended; [`finish`](Self::finish) returns everything, with the figures
/// that need the whole recording.
#[derive(Debug)]
pub struct EventDetector {
    thresholds: EventThresholds,
    blink: BlinkThresholds,
    protocol: Option<Protocol>,
    lids: LidWatch,
    places: Vec<PlaceWatch>,
    track: Option<u32>,
    /// Head pose of late, back to before a closure that is running: time, and turn and nod in
    /// degrees.
    poses: VecDeque<(f64, [f64; 2])>,
    frame: FrameInterval,
    /// Everything that was shown so far.
    recording: Recording,
    /// All departures, and those that are not judged yet.
    pulls: Vec<Pull>,
    pending: Vec<Pull>,
    /// Closures of the lids, and those that pending or coming pulls may belong to.
    closings: Vec<Closing>,
    closures: Vec<Closing>,
    /// Number of the next provisional event.
    next_id: u32,
    tally: Tally,
    findings: Findings,
}

impl EventDetector {
    /// A detector for one recording.
    #[must_use]
    pub fn new(thresholds: &Thresholds, protocol: Option<Protocol>) -> Self {
        Self {
            thresholds: thresholds.event.clone(),
            blink: thresholds.blink.clone(),
            protocol,
            lids: LidWatch::new(&thresholds.blink),
            places: Place::ALL.map(|place| PlaceWatch::new(place, &thresholds.event)).to_vec(),
            track: None,
            poses: VecDeque::new(),
            frame: FrameInterval::default(),
            recording: Recording::default(),
            pulls: Vec::new(),
            pending: Vec::new(),
            closings: Vec::new(),
            closures: Vec::new(),
            next_id: 1,
            tally: Tally::default(),
            findings: Findings::default(),
        }
    }

    /// The same, knowing from elsewhere how far the subject's lids come down in blinks.
    #[must_use]
    pub fn knowing(self, lids: LidShares) -> Self {
        let recording = self.recording.knowing(PerSide::from_fn(|side| lids.part(side)));
        let lids = LidWatch::knowing(&self.blink, lids);
        Self { lids, recording, ..self }
    }

    /// Takes one sample; returns what is settled by it.
    pub fn push(&mut self, sample: &Sample) -> Vec<Finding> {
        let mut out = Vec::new();
        if sample.track != self.track {
            self.break_track(&mut out);
            self.track = sample.track;
        }
        let now_s = sample.time_s;
        if sample.repeat {
            // Its values are the last frame's: it shows no moment of its own.
            self.close_groups(now_s, &mut out);
            return out;
        }
        self.recording.push(sample);
        if let Some(pose) = sample.pose {
            self.poses.push_back((now_s, [pose.yaw_deg, pose.pitch_deg].map(f64::from)));
            let since_s = self.lids.open_since().unwrap_or(now_s);
            let oldest_s = since_s.min(now_s) - self.thresholds.history_s;
            while self.poses.front().is_some_and(|p| p.0 < oldest_s) {
                self.poses.pop_front();
            }
        }
        if self.track.is_some() {
            self.frame.push(now_s);
            self.tally.push(sample, &self.lids);
            let eyes = PerSide::from_fn(|side| sample.eyes[side].map(|eye| eye.aperture));
            let closures = self.lids.push(now_s, eyes);
            self.take_closures(closures, &mut out);
            let pose = sample.pose.map_or([0.0; 3], |pose| {
                [pose.yaw_deg, pose.pitch_deg, pose.roll_deg].map(f64::from)
            });
            let head = [pose[0], pose[1]];
            let displaced = PerPlace::from_fn(|place| {
                self.places[place.index()].displaced(sample.displacement[place], head)
            });
            for (index, place) in Place::ALL.into_iter().enumerate() {
                let ended = self.places[index].push(
                    now_s,
                    sample.displacement[place],
                    [
                        displaced[place.mirrored()],
                        sample.displacement[place.mirrored()].map(f64::from),
                    ],
                    pose,
                );
                for departure in ended {
                    self.take_departure(departure);
                }
            }
        } else {
            self.tally.gap();
        }
        self.close_groups(now_s, &mut out);
        out
    }

    /// What each place rests on as of the last sample; `None` before it is known.
    #[must_use]
    pub fn rest_levels(&self) -> PerPlace<Option<RestLevel>> {
        let head = self.poses.back().map_or([0.0; 2], |pose| pose.1);
        PerPlace::from_fn(|place| {
            let (level, floor) = self.places[place.index()].rest_level(head)?;
            Some(RestLevel { level_mfu: level as f32, floor_mfu: floor as f32 })
        })
    }

    /// Ends the recording.
    #[must_use]
    pub fn finish(mut self) -> Findings {
        self.end();
        self.judge();
        self.findings.noise = self.noise();
        self.findings.summary = self.tally.summary(&self.findings);
        self.findings.summary.excursions = excursions(&self.recording, &self.findings.events);
        self.findings.spread =
            spread(&self.findings.events, self.frame.seconds(), &self.thresholds);
        self.findings
    }

    /// Ends the recording, and gives the evidence of everything that was weighed instead of events.
    pub(crate) fn weighed(mut self) -> Vec<WeighedMovement> {
        self.end();
        self.attributed().weighed
    }

    /// Nothing more comes: what is running has ended.
    fn end(&mut self) {
        let mut out = Vec::new();
        self.break_track(&mut out);
        let lids = std::mem::replace(&mut self.lids, LidWatch::new(&self.blink));
        self.take_closures(lids.finish(), &mut out);
    }

    fn break_track(&mut self, out: &mut Vec<Finding>) {
        let closure = self.lids.break_track();
        self.take_closures(closure.into_iter().collect(), out);
        for index in 0..self.places.len() {
            for departure in self.places[index].break_track() {
                self.take_departure(departure);
            }
        }
        self.poses.clear();
        self.frame.pause();
        self.tally.gap();
    }

    fn take_closures(&mut self, closures: Vec<LidClosure>, out: &mut Vec<Finding>) {
        for closure in closures {
            if let LidClosure::Brief(blink) = &closure {
                self.findings.blinks.push(blink.clone());
                out.push(Finding::Blink(blink.clone()));
            }
            let bow_deg = self.bow_deg(closure.blink());
            self.closings.push(Closing { closure: closure.clone(), bow_deg });
            self.closures.push(Closing { closure, bow_deg });
        }
    }

    /// By how much the head bowed while the lids were down, degrees. A head takes longer to bow
    /// than lids to fall: what the pose does at that very moment is the face model's, which gives
    /// way to shut lids.
    fn bow_deg(&self, lids: &Blink) -> f64 {
        let [from_s, until_s] = self.thresholds.bow_from_s;
        let nods = |from_s: f64, until_s: f64| {
            let within = self.poses.iter().filter(move |p| (from_s..until_s).contains(&p.0));
            within.map(|(_, [_, nod])| *nod)
        };
        let fallen = nods(lids.start_s + from_s, lids.start_s + until_s);
        let (sum, count) = fallen.fold((0.0, 0.0), |(sum, n), nod| (sum + nod, n + 1.0));
        let lowest = nods(lids.start_s, lids.end_s).fold(f64::NEG_INFINITY, f64::max);
        if count > 0.0 { (lowest - sum / count).max(0.0) } else { 0.0 }
    }

    fn take_departure(&mut self, departure: Departure) {
        let onset_s = departure.onset.time_s;
        let task = self.protocol.as_ref().and_then(|protocol| protocol.task_at(onset_s));
        let pull = Pull { departure, task };
        self.pulls.push(pull.clone());
        self.pending.push(pull);
    }

    /// Makes events of what lies far enough back that nothing can join it any more.
    fn close_groups(&mut self, now_s: f64, out: &mut Vec<Finding>) {
        let running = self.places.iter().filter_map(PlaceWatch::away_since);
        let open_s = running.chain(self.lids.open_since()).fold(f64::INFINITY, f64::min);
        while let Some((start_s, end_s)) = self.first_cluster() {
            let link_s = self.thresholds.jaw_link_s;
            if now_s < end_s + self.thresholds.settle_s || open_s <= end_s + link_s {
                break;
            }
            let (inside, after) =
                self.pending.drain(..).partition(|p: &Pull| p.departure.onset.time_s <= end_s);
            self.pending = after;
            let (own, later): (Vec<_>, Vec<_>) =
                self.closures.drain(..).partition(|c| c.blink().start_s <= end_s);
            self.closures = later;
            let own: Vec<_> = own.into_iter().filter(|c| c.blink().end_s >= start_s).collect();
            let balance = Balance::learn(&self.recording, now_s - RECENT_S, now_s);
            let frame_s = self.frame.seconds();
            let Attributed { events, .. } =
                attribute(inside, &own, &self.recording, &balance, frame_s, &self.thresholds);
            for event in events {
                out.push(Finding::Event(Event { id: self.next_id, ..event }));
                self.next_id += 1;
            }
        }
    }

    /// Judges everything with what the whole recording has shown of this face.
    fn judge(&mut self) {
        let Attributed { events, winks, .. } = self.attributed();
        // What is one lid's contraction is no blink.
        for &wink in &winks {
            let lids = self.closings[wink].blink();
            self.findings.blinks.retain(|blink| blink != lids);
        }
        self.findings.events = events;
        for (event, id) in self.findings.events.iter_mut().zip(1..) {
            event.id = id;
        }
    }

    fn attributed(&mut self) -> Attributed {
        let balance = Balance::learn(&self.recording, f64::NEG_INFINITY, f64::INFINITY);
        let pulls = std::mem::take(&mut self.pulls);
        let frame_s = self.frame.seconds();
        attribute(pulls, &self.closings, &self.recording, &balance, frame_s, &self.thresholds)
    }

    /// Start and end of the first chain of pending pulls and closures that touch in time.
    fn first_cluster(&self) -> Option<(f64, f64)> {
        let pulls = self.pending.iter().map(|p| (p.departure.onset.time_s, p.departure.end_s));
        let closures = self.closures.iter().map(|c| (c.blink().start_s, c.blink().end_s));
        let mut spans: Vec<(f64, f64)> = pulls.chain(closures).collect();
        spans.sort_by(|a, b| a.0.total_cmp(&b.0));
        let (start_s, mut end_s) = *spans.first()?;
        for &(from_s, to_s) in &spans[1..] {
            if from_s > end_s + self.thresholds.jaw_link_s {
                break;
            }
            end_s = end_s.max(to_s);
        }
        Some((start_s, end_s))
    }

    fn noise(&self) -> Vec<super::NoiseFloor> {
        self.places
            .iter()
            .zip(Place::ALL)
            .map(|(watch, place)| {
                let (floor, limit) = watch.floor_and_limit();
                super::NoiseFloor {
                    region: place.region,
                    side: place.side,
                    floor_mfu: floor.map(|mfu| mfu as f32),
                    smallest_detectable_mfu: limit.map(|mfu| mfu as f32),
                }
            })
            .collect()
    }
}

/// The usual interval between frames.
#[derive(Debug, Default)]
struct FrameInterval {
    last_s: Option<f64>,
    usual_s: Option<f64>,
}

impl FrameInterval {
    fn push(&mut self, now_s: f64) {
        if let Some(last_s) = self.last_s.replace(now_s) {
            let interval_s = now_s - last_s;
            let usual_s = self.usual_s.get_or_insert(interval_s);
            *usual_s += 0.05 * (interval_s - *usual_s);
        }
    }

    fn pause(&mut self) {
        self.last_s = None;
    }

    fn seconds(&self) -> f64 {
        self.usual_s.unwrap_or(1.0 / 30.0)
    }
}
