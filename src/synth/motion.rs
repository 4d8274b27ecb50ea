//! What the face of a scenario does at any moment.
//!
//! [`Motion`] holds every movement of a scenario after all random draws, and
//! [`Motion::at`] is a pure function of time: the renderer, the signal simulator and the truth
//! all read the same movements.

use super::camera::IncidentKind;
use super::draw::{DrawnBlink, DrawnEvent, draw};
use super::envelope::Envelope;
use super::occlude::hidden;
use super::scenario::{HeadMoveKind, OccluderKind, Scenario, Speech};
use super::streams::Stream;
use super::waves::Waves;
use crate::anatomy::{PerPlace, PerSide, Place, Region, Side};

/// Opening of the lids at rest in mFU: a fissure 0.33 of the face unit wide and a third as high.
/// The periocular displacement is this times the closure.
pub const OPEN_LID_MFU: f64 = 112.0;

/// What the face does at one moment.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct FaceMotion {
    /// The moment, seconds.
    pub time_s: f64,
    /// What the lid muscles close of the opening, 0 to 1 (below 0: opened wider).
    pub closure: PerSide<f64>,
    /// What is seen of the opening, 1 at rest and 0 shut: closure and the lids that follow a
    /// look down.
    pub aperture: PerSide<f64>,
    /// Contraction of the outer ring of the orbicularis, 0 to 1: wrinkles at the outer canthus,
    /// narrowed brow and cheek. None in a blink.
    pub squeeze: PerSide<f64>,
    /// Displacement of each place in mFU, positive in the direction of its contraction
    /// (periocular: closure times [`OPEN_LID_MFU`]; cheek up; mouth corner out and up, negative
    /// inwards; forehead up; jaw left and right chin skin up; jaw midline opening).
    pub displacement: PerPlace<f64>,
    /// Where the eyes look.
    pub gaze: GazeAngles,
    /// Where the head is.
    pub head: HeadState,
    /// Brightness of the picture relative to the usual.
    pub exposure: f64,
    /// The person is in the picture.
    pub present: bool,
    /// Rises by one at every cut.
    pub framing: u32,
}

/// Direction of both eyes relative to the head, degrees.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct GazeAngles {
    /// Towards the subject's left.
    pub left_deg: f64,
    /// Down.
    pub down_deg: f64,
}

/// Pose and place of the head in the picture.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct HeadState {
    /// Turn, degrees; positive towards the subject's left.
    pub yaw_deg: f64,
    /// Nod, degrees; positive down.
    pub pitch_deg: f64,
    /// Tilt, degrees; positive clockwise as seen in the image.
    pub roll_deg: f64,
    /// Shift towards the image's right, face units.
    pub right: f64,
    /// Shift upwards in the image, face units.
    pub up: f64,
    /// Size relative to the camera's stated face size.
    pub scale: f64,
}

/// What a pulse moves.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum Channel {
    Closure(Side),
    Squeeze(Side),
    Skin(Place),
    GazeLeft,
    GazeDown,
    Head(HeadMoveKind),
}

/// One movement of one channel.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Pulse {
    pub(crate) channel: Channel,
    pub(crate) envelope: Envelope,
    pub(crate) amplitude: f64,
}

/// Every movement of a scenario, all random draws made.
#[derive(Debug, Clone)]
pub struct Motion {
    pulses: Vec<Pulse>,
    /// Numbers of the pulses alive in each stretch of [`BUCKET_S`].
    buckets: Vec<Vec<u32>>,
    pub(crate) blinks: Vec<DrawnBlink>,
    pub(crate) events: Vec<DrawnEvent>,
    speech: Vec<Talk>,
    couplings: Vec<super::scenario::Coupling>,
    fixations: Vec<(f64, GazeAngles)>,
    sway: [Waves; 6],
    shake: [Waves; 2],
    scenario: Scenario,
}

const BUCKET_S: f64 = 0.5;

/// How far a palsied side hangs at rest, mFU (judgment: brow a fifth of its distance from the eye,
/// corner of the mouth half a lip).
const DROOP: [(Region, f64); 3] =
    [(Region::Forehead, -32.0), (Region::MouthCorner, -24.0), (Region::Cheek, -10.0)];

/// One stretch of speech with its random phases.
#[derive(Debug, Clone)]
struct Talk {
    speech: Speech,
    jaw: Waves,
    corners: Waves,
}

impl Motion {
    /// Draws everything random in a scenario.
    #[must_use]
    pub fn new(scenario: &Scenario) -> Self {
        let drawn = draw(scenario);
        let mut buckets = vec![Vec::new(); (scenario.duration_s / BUCKET_S) as usize + 2];
        for (number, pulse) in drawn.pulses.iter().enumerate() {
            let first = (pulse.envelope.onset_s / BUCKET_S).max(0.0) as usize;
            let last = (pulse.envelope.end_s() / BUCKET_S).max(0.0) as usize;
            for bucket in buckets.iter_mut().take(last + 1).skip(first) {
                bucket.push(number as u32);
            }
        }
        let mut rng = Stream::Speech.rng(scenario.seed);
        let speech = drawn
            .speech
            .iter()
            .map(|speech| Talk {
                speech: *speech,
                jaw: Waves::draw(&mut rng, 3, 0.2..0.9),
                corners: Waves::draw(&mut rng, 4, 0.7..speech.syllables_per_s.max(1.0)),
            })
            .collect();
        let mut rng = Stream::Sway.rng(scenario.seed);
        let sway = std::array::from_fn(|_| Waves::draw(&mut rng, 5, 0.04..0.45));
        let mut rng = Stream::Shake.rng(scenario.seed);
        let shake = std::array::from_fn(|_| Waves::draw(&mut rng, 5, 3.0..9.0));
        Self {
            pulses: drawn.pulses,
            buckets,
            blinks: drawn.blinks,
            events: drawn.events,
            speech,
            couplings: scenario.couplings.clone(),
            fixations: drawn.fixations,
            sway,
            shake,
            scenario: scenario.clone(),
        }
    }

    /// The scenario these movements belong to.
    #[must_use]
    pub const fn scenario(&self) -> &Scenario {
        &self.scenario
    }

    /// What the face does at a moment, seconds from the first frame.
    #[must_use]
    pub fn at(&self, time_s: f64) -> FaceMotion {
        let mut open = PerSide::from_fn(|_| 1.0);
        let mut squeeze = PerSide::from_fn(|_| 0.0);
        let mut displacement = PerPlace::from_fn(|_| 0.0);
        let mut gaze = self.fixation(time_s);
        let mut head = self.resting_head(time_s);

        let bucket = (time_s / BUCKET_S).max(0.0) as usize;
        for &number in self.buckets.get(bucket).map_or(&[][..], Vec::as_slice) {
            let pulse = &self.pulses[number as usize];
            let value = pulse.amplitude * pulse.envelope.at(time_s);
            match pulse.channel {
                Channel::Closure(side) => open[side] *= 1.0 - value,
                Channel::Squeeze(side) => {
                    squeeze[side] = 1.0 - (1.0 - squeeze[side]) * (1.0 - value);
                }
                Channel::Skin(place) => displacement[place] += value,
                Channel::GazeLeft => gaze.left_deg += value,
                Channel::GazeDown => gaze.down_deg += value,
                Channel::Head(HeadMoveKind::Turn) => head.yaw_deg += value,
                Channel::Head(HeadMoveKind::Nod) => head.pitch_deg += value,
                Channel::Head(HeadMoveKind::Tilt) => head.roll_deg += value,
                Channel::Head(HeadMoveKind::Shift) => head.right += value,
                Channel::Head(HeadMoveKind::Rise) => head.up += value,
                Channel::Head(HeadMoveKind::Approach) => head.scale *= 1.0 + value,
            }
        }
        self.talk(time_s, &mut displacement, &mut open);
        if let Some(weakness) = self.scenario.weakness {
            for (region, mfu) in DROOP {
                displacement[Place::new(region, weakness.side)] += weakness.droop * mfu;
            }
        }

        let closure = PerSide::from_fn(|side| 1.0 - open[side]);
        for side in Side::BOTH {
            displacement[Place::new(Region::Periocular, side)] = closure[side] * OPEN_LID_MFU;
        }
        let follow = lid_follows(gaze.down_deg);
        let mut motion = FaceMotion {
            time_s,
            closure,
            aperture: PerSide::from_fn(|side| (follow * open[side]).max(0.0)),
            squeeze,
            displacement,
            gaze,
            head,
            exposure: 1.0,
            present: true,
            framing: 0,
        };
        self.mishaps(&mut motion);
        motion
    }

    /// Speech and what is coupled to it.
    fn talk(&self, time_s: f64, skin: &mut PerPlace<f64>, open: &mut PerSide<f64>) {
        for Talk { speech, jaw, corners } in &self.speech {
            let fade = ((time_s - speech.start_s).min(speech.end_s - time_s) / 0.3).clamp(0.0, 1.0);
            if fade == 0.0 {
                continue;
            }
            let since = time_s - speech.start_s;
            // Phrases of three seconds with half a second between them.
            let phrase = (since % 3.5).min(3.0 - since % 3.5).clamp(0.0, 0.25) / 0.25;
            let phase =
                std::f64::consts::TAU * speech.syllables_per_s * since + 1.4 * jaw.at(time_s);
            let size = fade * phrase * speech.amplitude;
            let opening = size * (0.5 - 0.5 * phase.cos()) * (1.0 + 0.5 * jaw.at(time_s + 7.0));
            let corner = size * corners.at(time_s);
            skin[Place::JAW_MIDLINE] += 60.0 * opening.max(0.0);
            for side in Side::BOTH {
                let inequality = &self.scenario.inequality;
                let moves = self.weak(side) * inequality.of(inequality.speech, side);
                // Speech is drawn to the side that is not weak.
                let drawn = 14.0 * (1.0 - self.weak(side.opposite())) * opening.max(0.0);
                skin[Place::new(Region::MouthCorner, side)] += 14.0 * corner * moves + drawn;
                skin[Place::new(Region::Cheek, side)] += 4.0 * corner * moves;
            }
            for coupling in self.couplings.iter().filter(|c| lower_face(c.when)) {
                let pull = coupling.gain * 0.5 * size * corners.at(time_s - coupling.lag_s).abs();
                match coupling.then {
                    Region::Periocular => open[coupling.side] *= 1.0 - pull.min(1.0),
                    region => {
                        skin[Place::new(region, coupling.side)] +=
                            pull * super::draw::usual_mfu(region);
                    }
                }
            }
        }
    }

    /// Part of its excursion that a side has kept.
    fn weak(&self, side: Side) -> f64 {
        self.scenario.weakness.filter(|w| w.side == side).map_or(1.0, |w| w.excursion)
    }

    /// What hides each place at a moment; `None` where it is in view.
    #[must_use]
    pub fn hidden(&self, time_s: f64) -> PerPlace<Option<OccluderKind>> {
        hidden(&self.scenario.occluders, time_s)
    }

    fn fixation(&self, time_s: f64) -> GazeAngles {
        let next = self.fixations.partition_point(|(start, _)| *start <= time_s);
        let Some(&(start, to)) = next.checked_sub(1).and_then(|i| self.fixations.get(i)) else {
            return GazeAngles::default();
        };
        let from = next.checked_sub(2).map_or_else(GazeAngles::default, |i| self.fixations[i].1);
        // A small saccade takes about 30 ms.
        let u = ((time_s - start) / 0.03).clamp(0.0, 1.0);
        GazeAngles {
            left_deg: from.left_deg + u * (to.left_deg - from.left_deg),
            down_deg: from.down_deg + u * (to.down_deg - from.down_deg),
        }
    }

    fn resting_head(&self, time_s: f64) -> HeadState {
        let head = &self.scenario.head;
        let sway = |axis: usize, size: f64| head.sway * size * self.sway[axis].at(time_s);
        let breath = head.sway * 0.002 * (std::f64::consts::TAU * 0.25 * time_s).sin();
        HeadState {
            yaw_deg: head.yaw_deg + sway(0, 1.2),
            pitch_deg: head.pitch_deg + sway(1, 0.9),
            roll_deg: head.roll_deg + sway(2, 0.7),
            right: sway(3, 0.012),
            up: sway(4, 0.008) + breath,
            scale: 1.0 + sway(5, 0.006),
        }
    }

    fn mishaps(&self, motion: &mut FaceMotion) {
        let light = &self.scenario.camera.light;
        motion.exposure += light.drift
            * (std::f64::consts::TAU * motion.time_s / light.drift_period_s.max(0.1)).sin();
        let mut cut = None;
        for incident in &self.scenario.camera.incidents {
            let since = motion.time_s - incident.start_s;
            let running = since >= 0.0 && since < incident.duration_s;
            match incident.kind {
                IncidentKind::Exposure if running => motion.exposure *= incident.amount,
                IncidentKind::Shake if running => {
                    motion.head.right += incident.amount * self.shake[0].at(motion.time_s);
                    motion.head.up += incident.amount * self.shake[1].at(motion.time_s);
                }
                IncidentKind::Absent if running => motion.present = false,
                IncidentKind::Cut if since >= 0.0 => {
                    motion.framing += 1;
                    if cut.is_none_or(|(start, _)| start <= incident.start_s) {
                        cut = Some((incident.start_s, incident.amount));
                    }
                }
                _ => {}
            }
        }
        motion.head.right += cut.map_or(0.0, |(_, shift)| shift);
    }
}

/// Part of the opening left when the lids follow the eyes (judgment: half at 25 degrees down, a
/// tenth more at 10 degrees up).
fn lid_follows(down_deg: f64) -> f64 {
    if down_deg >= 0.0 {
        (1.0 - 0.02 * down_deg).max(0.25)
    } else {
        (1.0 - 0.01 * down_deg).min(1.25)
    }
}

/// Regions that speech moves.
pub(crate) const fn lower_face(region: Region) -> bool {
    matches!(region, Region::MouthCorner | Region::Jaw)
}

#[cfg(test)]
mod tests {
    use super::super::preset;
    use super::*;

    #[test]
    fn the_same_scenario_moves_the_same_way() {
        let scenario = preset("typical-right").expect("a preset");
        let (a, b) = (Motion::new(&scenario), Motion::new(&scenario));
        for i in 0..500 {
            let t = f64::from(i) * 0.031;
            assert_eq!(a.at(t), b.at(t));
        }
    }

    #[test]
    fn a_still_person_does_not_move() {
        let motion = Motion::new(&Scenario::still("rest", 5.0));
        let first = motion.at(0.0);
        for i in 0..50 {
            assert_eq!(FaceMotion { time_s: 0.0, ..motion.at(f64::from(i) * 0.1) }, first);
        }
        assert_eq!(first.aperture, PerSide { left: 1.0, right: 1.0 });
    }

    #[test]
    fn movements_are_found_whatever_stretch_of_time_they_span() {
        let scenario = preset("meige").expect("a preset");
        let motion = Motion::new(&scenario);
        for i in 0..1500 {
            let t = f64::from(i) * 0.01;
            let mut open = 1.0;
            for pulse in &motion.pulses {
                if pulse.channel == Channel::Closure(Side::Left) {
                    open *= 1.0 - pulse.amplitude * pulse.envelope.at(t);
                }
            }
            assert!((motion.at(t).closure.left - (1.0 - open)).abs() < 1e-12, "at {t}");
        }
    }

    #[test]
    fn a_look_down_lowers_the_lids_without_closing_them() {
        let mut scenario = Scenario::still("look-down", 4.0);
        scenario.gaze.looks.push(super::super::Look {
            start_s: 1.0,
            duration_s: 2.0,
            left_deg: 0.0,
            down_deg: 25.0,
        });
        let seen = Motion::new(&scenario).at(2.0);
        assert_eq!(seen.closure, PerSide { left: 0.0, right: 0.0 });
        assert!((seen.aperture.left - 0.5).abs() < 1e-9);
    }
}
