//! Signals of a described recording without painting it: what the event stage would receive.
//!
//! [`signals`] turns the movements of a scenario into [`Sample`]s with the response, noise,
//! drift, crosstalk and gaps of the real tracker, some thousand times faster than painting and
//! tracking pictures. A [`TrackerModel`] holds the figures with their sources.

use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha8Rng;
use rand_distr::{Distribution, StandardNormal};

use super::motion::{FaceMotion, Motion, OPEN_LID_MFU};
use super::scenario::OccluderKind;
use super::streams::Stream;
use crate::anatomy::{PerPlace, PerSide, Place, Region, Side};
use crate::face::HeadPose;
use crate::signal::{EyeSample, Sample};

/// How the tracker reads one region.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct RegionModel {
    /// Measured displacement over true displacement.
    pub response: f64,
    /// Standard deviation of the jitter from frame to frame, mFU.
    pub jitter_mfu: f64,
    /// Standard deviation of the slow wander, mFU.
    pub wander_mfu: f64,
    /// Part of a movement that is read on the untouched side.
    pub crosstalk: f64,
    /// Standard deviation, from recording to recording, of what a degree of turn or nod adds,
    /// mFU.
    pub leak_mfu_per_deg: f64,
}

/// How the tracker reads a face.
///
/// | region | response | jitter | wander | crosstalk | leak | from |
/// |---|---|---|---|---|---|---|
/// | lids | 1 | 1.2 | 1.0 | 0.03 | 1.4 | resting stretches of real webcam clips |
/// | cheek | 0.4 | 0.5 | 0.6 | 0.15 | 0.7 | flow in the stabilised face, injected pulls |
/// | mouth corner | 0.4 | 0.3 | 0.35 | 0.08 | 0.8 | the same |
/// | forehead | 0.4 | 0.3 | 0.35 | 0.02 | 0.45 | the same |
/// | chin | 0.4 | 0.4 | 0.5 | 0.1 | 0.35 | the same |
/// | jaw opening | 1 | 0.4 | 0.5 | | 0.35 | as the chin's: the same flow |
///
/// The leak is what a painted face at rest shows under the usual sway.
///
/// The chin's skin rides on the jaw: over twelve real and painted clips the skin beside the
/// midline was read to fall by 0.86 to 0.99 of the opening, and the midline to rise by 0.8 of the
/// skin beside it where the mentalis pulled.
///
/// What moves is read a little late or early: `delay_frames` is what noise does not explain of
/// the readings of painted faces of five seeds.
#[derive(Debug, Clone, PartialEq)]
pub struct TrackerModel {
    /// Lids, cheek, mouth corner, forehead, chin, in the order of [`Region::ALL`].
    pub regions: [RegionModel; 5],
    /// Opening of the jaw.
    pub jaw_opening: RegionModel,
    /// How many times more is read of the skin of each side than its region's response says.
    pub sides: PerSide<f64>,
    /// Part of the opening by which the chin's skin on either side is read to fall.
    pub chin_rides: f64,
    /// Part of the chin skin's reading by which the opening is read smaller.
    pub chin_lifts: f64,
    /// Time constant of the wander, seconds.
    pub wander_s: f64,
    /// What shut lids read (open is 1).
    pub shut_aperture: f64,
    /// Power of the lids' closure that is read: 1 as it is; painted faces read 1.6, so that a
    /// lid a quarter shut reads as a tenth.
    pub lid_power: f64,
    /// Standard deviation of the time by which movement is read late or early, frames.
    pub delay_frames: f64,
    /// Time constant of that delay, seconds.
    pub delay_s: f64,
    /// All noise is this many times larger or smaller (1 is the usual webcam).
    pub noise: f64,
    /// Frames without a face after a cut.
    pub cut_frames: usize,
}

impl Default for TrackerModel {
    fn default() -> Self {
        let region = |response, jitter_mfu, wander_mfu, crosstalk, leak_mfu_per_deg| RegionModel {
            response,
            jitter_mfu,
            wander_mfu,
            crosstalk,
            leak_mfu_per_deg,
        };
        Self {
            regions: [
                region(1.0, 1.2, 1.0, 0.03, 1.4),
                region(0.4, 0.5, 0.6, 0.15, 0.7),
                region(0.4, 0.3, 0.35, 0.08, 0.8),
                region(0.4, 0.3, 0.35, 0.02, 0.45),
                region(0.4, 0.4, 0.5, 0.1, 0.35),
            ],
            jaw_opening: region(1.0, 0.4, 0.5, 0.0, 0.35),
            sides: PerSide { left: 1.0, right: 1.0 },
            chin_rides: 0.95,
            chin_lifts: 0.8,
            wander_s: 0.8,
            shut_aperture: 0.12,
            lid_power: 1.0,
            delay_frames: 0.2,
            delay_s: 1.0,
            noise: 1.0,
            cut_frames: 2,
        }
    }
}

impl TrackerModel {
    /// How a place is read.
    #[must_use]
    pub const fn place(&self, place: Place) -> &RegionModel {
        match place.side {
            Some(_) => &self.regions[place.region as usize],
            None => &self.jaw_opening,
        }
    }

    /// Measured displacement of a place over true displacement.
    #[must_use]
    pub fn response(&self, place: Place) -> f64 {
        let lids = place.region == Region::Periocular;
        let side = place.side.filter(|_| !lids).map_or(1.0, |side| self.sides[side]);
        self.place(place).response * side
    }

    /// Standard deviation of a resting place, mFU.
    #[must_use]
    pub fn floor_mfu(&self, place: Place) -> f64 {
        let model = self.place(place);
        self.noise * model.jitter_mfu.hypot(model.wander_mfu)
    }

    /// What displacements of all places read at one without noise, mFU.
    fn reading(&self, place: Place, moved: &PerPlace<f64>) -> f64 {
        let own = |place: Place| self.response(place) * moved[place];
        let chin = |side| own(Place::new(Region::Jaw, side));
        let carried = match (place.region, place.side) {
            (_, None) => -self.chin_lifts * (chin(Side::Left) + chin(Side::Right)) / 2.0,
            (Region::Jaw, _) => -self.chin_rides * own(Place::JAW_MIDLINE),
            _ => 0.0,
        };
        own(place) + self.place(place).crosstalk * own(place.mirrored()) + carried
    }
}

/// Adds a scenario's contractions to what was measured of somebody: the skin's displacement as the
/// tracker reads it, and lids that come down by their share of what is open.
pub fn add(samples: &mut [Sample], motion: &Motion, tracker: &TrackerModel) {
    for sample in samples.iter_mut().filter(|sample| sample.track.is_some()) {
        let moved = motion.at(sample.time_s);
        for place in Place::ALL {
            let lids = place.region == Region::Periocular;
            if let Some(value) = sample.displacement[place].as_mut().filter(|_| !lids) {
                *value += tracker.reading(place, &moved.displacement) as f32;
            }
        }
        for side in Side::BOTH {
            let Some(eye) = &mut sample.eyes[side] else { continue };
            let shut = tracker.shut_aperture as f32;
            let falls = (eye.aperture - shut).max(0.0) * moved.closure[side].clamp(0.0, 1.0) as f32;
            eye.aperture -= falls;
            eye.opening -= falls * eye.open;
            let open_mfu = 1000.0 * eye.open * eye.width;
            if let Some(value) = &mut sample.displacement[Place::new(Region::Periocular, side)] {
                *value += falls * open_mfu;
            }
        }
    }
}

/// The samples of a scenario as the tracker would hand them to the event stage. The same
/// scenario and tracker always give the same samples.
#[must_use]
pub fn signals(motion: &Motion, tracker: &TrackerModel) -> Vec<Sample> {
    let scenario = motion.scenario();
    let mut simulation = Simulation::new(tracker, scenario.seed);
    scenario
        .frame_times()
        .into_iter()
        .enumerate()
        .map(|(index, time_s)| {
            let filmed_s = scenario.camera.filmed_s(time_s);
            simulation.film(index as u64, time_s, &motion.at(filmed_s), &motion.hidden(filmed_s))
        })
        .collect()
}

/// The tracker's state from frame to frame.
struct Simulation<'a> {
    tracker: &'a TrackerModel,
    rng: ChaCha8Rng,
    wander: PerPlace<f64>,
    /// Draws the delays.
    delays: ChaCha8Rng,
    /// How late movement is read, frames.
    delay: PerPlace<f64>,
    /// What a degree of turn and of nod adds, mFU.
    leak: PerPlace<[f64; 2]>,
    last: Option<FaceMotion>,
    /// What was read of it.
    read: Option<Sample>,
    framing: u32,
    track: u32,
    /// Frames still to go without a face.
    blind: usize,
}

impl<'a> Simulation<'a> {
    fn new(tracker: &'a TrackerModel, seed: u64) -> Self {
        let mut rng = ChaCha8Rng::seed_from_u64(seed);
        rng.set_stream(Stream::Tracker as u64 + 1);
        let mut normal = || -> f64 { StandardNormal.sample(&mut rng) };
        let leak = PerPlace::from_fn(|place| {
            [normal(), normal()].map(|z| z * tracker.place(place).leak_mfu_per_deg)
        });
        let wander =
            PerPlace::from_fn(|place| normal() * tracker.noise * tracker.place(place).wander_mfu);
        let mut delays = ChaCha8Rng::seed_from_u64(seed);
        delays.set_stream(Stream::Tracker as u64 + 201);
        let mut normal = || -> f64 { StandardNormal.sample(&mut delays) };
        let delay = PerPlace::from_fn(|_| normal() * tracker.delay_frames);
        Self {
            tracker,
            rng,
            wander,
            delays,
            delay,
            leak,
            last: None,
            read: None,
            framing: 0,
            track: 1,
            blind: 0,
        }
    }

    fn normal(&mut self) -> f64 {
        StandardNormal.sample(&mut self.rng)
    }

    /// What is read of a frame that shows a filmed moment; nothing new of one that shows the same
    /// as the frame before, and nothing of what is hidden.
    fn film(
        &mut self,
        index: u64,
        time_s: f64,
        motion: &FaceMotion,
        hidden: &PerPlace<Option<OccluderKind>>,
    ) -> Sample {
        if let (Some(last), Some(read)) = (self.last, &self.read)
            && last.time_s == motion.time_s
        {
            return Sample { index, time_s, repeat: true, ..read.clone() };
        }
        let mut sample = Sample { time_s, ..self.sample(index, motion) };
        for (place, by) in hidden.iter() {
            if by.is_some() && sample.track.is_some() {
                sample.displacement[place] = None;
                sample.visible[place] = 0.0;
                if let (Region::Periocular, Some(side)) = (place.region, place.side) {
                    sample.eyes[side] = None;
                }
            }
        }
        self.read = Some(sample.clone());
        sample
    }

    fn sample(&mut self, index: u64, motion: &FaceMotion) -> Sample {
        let since_s = self.last.map_or(0.0, |last| motion.time_s - last.time_s);
        if motion.framing != self.framing {
            self.framing = motion.framing;
            self.blind = self.tracker.cut_frames;
        }
        let seen = motion.present && self.blind == 0;
        let was_seen = self.last.is_some_and(|last| last.present);
        if !seen {
            self.blind = self.blind.saturating_sub(1);
            self.last = Some(FaceMotion { present: false, ..*motion });
            return Sample::gap(index, motion.time_s);
        }
        if self.last.is_some() && !was_seen {
            self.track += 1;
        }
        let unrest = self.unrest(motion, since_s);
        let moved = PerPlace::from_fn(|place| self.moved(place, motion, since_s));
        self.last = Some(*motion);
        let mut displacement = PerPlace::from_fn(|place| {
            let model = *self.tracker.place(place);
            let keep = (-since_s / self.tracker.wander_s).exp();
            let kick = (1.0 - keep * keep).sqrt() * self.tracker.noise * model.wander_mfu;
            self.wander[place] = keep * self.wander[place] + kick * self.normal();
            let jitter = self.tracker.noise * model.jitter_mfu * unrest * self.normal();
            let [turn, nod] = self.leak[place];
            let head = &motion.head;
            self.tracker.reading(place, &moved)
                + self.wander[place]
                + jitter
                + turn * head.yaw_deg
                + nod * head.pitch_deg
        });
        let eyes = PerSide::from_fn(|side| {
            let place = Place::new(Region::Periocular, side);
            // The noise is that of the displacement; the lids that follow the gaze are added.
            let noise =
                displacement[place] - self.tracker.response(place) * motion.displacement[place];
            let shut = self.tracker.shut_aperture;
            let closed = motion.closure[side].max(0.0);
            let unseen = closed - closed.powf(self.tracker.lid_power);
            let open = motion.aperture[side] + unseen;
            let aperture = shut + (1.0 - shut) * open - noise / OPEN_LID_MFU;
            displacement[place] = (1.0 - aperture) * OPEN_LID_MFU;
            Some(EyeSample {
                aperture: aperture as f32,
                aperture_error: 0.0,
                opening: (0.3 * aperture) as f32,
                open: 0.3,
                width: (OPEN_LID_MFU / 300.0) as f32,
                gaze_down: Some((0.004 * motion.gaze.down_deg) as f32),
                brow_up: (motion.displacement[Place::new(Region::Forehead, side)] / 330.0) as f32,
            })
        });
        Sample {
            index,
            time_s: motion.time_s,
            track: Some(self.track),
            presence: 0.99,
            pose: Some(HeadPose {
                yaw_deg: motion.head.yaw_deg as f32,
                pitch_deg: motion.head.pitch_deg as f32,
                roll_deg: motion.head.roll_deg as f32,
                face_unit_px: (motion.head.scale * 130.0) as f32,
            }),
            eyes,
            displacement: PerPlace::from_fn(|place| Some(displacement[place] as f32)),
            visible: PerPlace::from_fn(|_| 1.0),
            repeat: false,
        }
    }

    /// Displacement of a place as it seems: a little late or early.
    fn moved(&mut self, place: Place, motion: &FaceMotion, since_s: f64) -> f64 {
        let later: f64 = StandardNormal.sample(&mut self.delays);
        let keep = (-since_s / self.tracker.delay_s).exp();
        let change = (1.0 - keep * keep).sqrt() * self.tracker.delay_frames * later;
        self.delay[place] = keep * self.delay[place] + change;
        let now = motion.displacement[place];
        let step = match self.last {
            Some(last) if last.present => now - last.displacement[place],
            _ => 0.0,
        };
        now - self.delay[place] * step
    }

    /// How many times larger the jitter is while the picture shakes or its brightness jumps: a
    /// tenth of a face unit a second of motion blur doubles it, as does a tenth of brightness.
    fn unrest(&self, motion: &FaceMotion, since_s: f64) -> f64 {
        let Some(last) = self.last.filter(|_| since_s > 0.0) else { return 1.0 };
        let (right, up) = (motion.head.right - last.head.right, motion.head.up - last.head.up);
        let speed = right.hypot(up) / since_s;
        let flash = (motion.exposure / last.exposure).ln().abs();
        1.0 + (speed / 0.1).min(4.0) + (flash / 0.1).min(10.0)
    }
}

/// Draws how one person's recording is read.
///
/// | drawn | range | from |
/// |---|---|---|
/// | noise | half to twice the usual | judgment |
/// | response of the skin, each region | 0.7 to 1.5 of the usual | painted faces and phone recordings: cheek 0.27 to 0.53, mouth corner 0.38 to 0.68 |
/// | one side over the other | 0.85 to 1.18 | judgment: turn and light |
/// | shut lids | 0.05 to 0.3 of open | strangers' eyes: 0.94 of the command in the median, four in five 0.8 and more; painted 0.59 to 0.77 |
/// | power of the lids' closure | 1 to 1.6 | painted faces |
/// | delay | 0.1 to 0.3 frames | painted faces: 0.15 to 0.25 |
#[must_use]
pub fn draw_tracker(seed: u64) -> TrackerModel {
    let mut rng = ChaCha8Rng::seed_from_u64(seed);
    rng.set_stream(Stream::Tracker as u64 + 101);
    let usual = TrackerModel::default();
    let noise = rng.random_range(-0.7_f64..0.7).exp();
    let mut regions = usual.regions;
    for (region, model) in Region::ALL.into_iter().zip(&mut regions) {
        if region != Region::Periocular {
            model.response *= rng.random_range(-0.36_f64..0.4).exp();
        }
    }
    let left = rng.random_range(-0.08_f64..0.08).exp();
    TrackerModel {
        noise,
        regions,
        sides: PerSide { left, right: 1.0 / left },
        shut_aperture: rng.random_range(0.05..0.3),
        lid_power: rng.random_range(1.0..1.6),
        delay_frames: rng.random_range(0.1..0.3),
        ..usual
    }
}

#[cfg(test)]
mod tests {
    use super::super::{Scenario, preset};
    use super::*;

    fn spread(values: &[f64]) -> f64 {
        let mean = values.iter().sum::<f64>() / values.len() as f64;
        (values.iter().map(|v| (v - mean).powi(2)).sum::<f64>() / values.len() as f64).sqrt()
    }

    #[test]
    fn a_resting_face_shows_the_stated_noise_and_nothing_else() {
        let tracker = TrackerModel::default();
        let samples = signals(&Motion::new(&Scenario::still("rest", 300.0)), &tracker);
        for place in Place::ALL {
            let values: Vec<f64> =
                samples.iter().map(|s| f64::from(s.displacement[place].unwrap())).collect();
            let ratio = spread(&values) / tracker.floor_mfu(place);
            assert!((0.85..1.15).contains(&ratio), "{place}: {ratio}");
        }
    }

    #[test]
    fn the_same_scenario_gives_the_same_samples() {
        let motion = Motion::new(&preset("typical-right").unwrap());
        let [a, b] = [(); 2].map(|()| signals(&motion, &TrackerModel::default()));
        assert!(a.iter().zip(&b).all(|(a, b)| a.displacement == b.displacement));
    }

    #[test]
    fn a_pull_is_read_on_its_side_at_its_response() {
        let scenario = preset("typical-right").unwrap();
        let motion = Motion::new(&scenario);
        let quiet = TrackerModel { noise: 0.0, delay_frames: 0.0, ..TrackerModel::default() };
        let quiet = TrackerModel {
            regions: quiet.regions.map(|r| RegionModel { leak_mfu_per_deg: 0.0, ..r }),
            ..quiet
        };
        let place = Place::new(Region::MouthCorner, Side::Right);
        let largest = |p: Place| {
            let samples = signals(&motion, &quiet);
            samples.iter().filter_map(|s| s.displacement[p]).fold(0.0, f32::max)
        };
        let true_mfu = scenario
            .frame_times()
            .iter()
            .map(|t| motion.at(*t).displacement[place])
            .fold(0.0, f64::max);
        assert!((f64::from(largest(place)) / true_mfu - 0.4).abs() < 0.01);
        assert!(largest(place.mirrored()) < 0.1 * largest(place));
    }

    #[test]
    fn a_face_that_leaves_comes_back_under_another_track() {
        let mut scenario = Scenario::still("leaves", 6.0);
        scenario.camera.incidents.push(super::super::Incident {
            kind: super::super::IncidentKind::Absent,
            start_s: 2.0,
            duration_s: 1.0,
            amount: 0.0,
        });
        let samples = signals(&Motion::new(&scenario), &TrackerModel::default());
        assert_eq!(samples[10].track, Some(1));
        assert_eq!(samples[75].track, None);
        assert_eq!(samples[120].track, Some(2));
    }
}
