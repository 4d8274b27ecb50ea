//! Patients drawn at random for a label.
//!
//! | drawn | range | source |
//! |---|---|---|
//! | side of hemifacial spasm | right 77 of 163 | Colosimo 2006 |
//! | blinks at rest | 11 to 19 a minute | Sforza 2008 |
//! | partial blinks | 43 to 63 % | around the 53 % of PMC4015796 |
//! | blinks in blepharospasm, Meige | 27 to 40 a minute | above NCT00082615's inclusion rate |
//! | down-phase of a blink | 66 to 78 ms | around the 70 to 80 ms of PMC4015796 |
//! | opening over closing time | 1.7 to 2.5 | closing is 40 to 47 % faster (Sforza 2008), tail included |
//! | spasms a minute | 4 to 25, log-uniform | up to 24.7 (doi 10.1007/s00417-019-04567-w); the floor so that a minute shows some |
//! | brow lifts with the eye's closure | 86 % of patients, in 3 of 4 tonic spasms | Pawlowski 2013 |
//! | brows and cheeks squeeze with the lids | 85 % of patients with blepharospasm or Meige, in 4 of 5 closures | the ring muscle contracts, lids fall alone in apraxia of opening; parts judgment, sizes measured: up to 144 and 163 mFU in one person who shuts the eyes by force |
//! | second side in bilateral | 0.4 to 0.75 of the first | asymmetric and asynchronous in all (Mov Disord 1999;14:345); figure judgment |
//! | inequality of a smile | -6 % in the mean, standard deviation 17 % | 30 people, doi 10.2319/022916-172.1 |
//! | inequality of speech | the same spread, on its own | judgment |
//! | synkinesis | with every voluntary movement | doi 10.1016/j.neucli.2024.103019 |
//! | twitch 0.1 to 0.3 s, trains 2.5 to 8 a second, tonic 1 to 6 s, jaw rhythm 0.8 to 1.3 Hz, lags, sizes | | judgment |

use rand::Rng;
use rand::seq::IndexedRandom;
use rand_chacha::ChaCha8Rng;
use rand_distr::{Distribution, Normal};

use super::bursts::{both, both_lids, downward, event, jaw_drop, pull, trained, upward};
use super::camera::{Camera, Light};
use super::person::{HairColour, HairStyle, IrisColour, Person, Proportions, SkinTone};
use super::scenario::{
    Blinks, ContractionSpec, Coupling, EventSpec, Gaze, Head, HeadMove, HeadMoveKind, Inequality,
    Look, Scenario, Speech, Task, TaskKind, Weakness,
};
use super::streams::Stream;
use crate::anatomy::{Region, Side};
use crate::event::EventKind::{self, Closure, Spasm, Twitch};
use crate::pattern::Label;

/// Draws a patient for a label: person, camera, head, gaze, blinks and contractions over
/// `duration_s` seconds at rest (with voluntary tasks where the label needs them, and with
/// speech in some without a disorder).
#[must_use]
pub fn patient(label: Label, seed: u64, duration_s: f64) -> Scenario {
    let rng = &mut Stream::Patient.rng(seed);
    let mut scenario = Scenario {
        label: Some(label),
        seed,
        person: person(rng),
        camera: camera(rng),
        head: head(rng, duration_s),
        gaze: gaze(rng, duration_s),
        blinks: blinks(label, rng),
        inequality: inequality(&mut Stream::Inequality.rng(seed)),
        ..Scenario::still(&format!("{}-{seed}", label.name().replace('_', "-")), duration_s)
    };
    match label {
        Label::TypicalHfs | Label::AtypicalHfs => {
            let side = if rng.random_range(0..163) < 77 { Side::Right } else { Side::Left };
            let course = HfsCourse::draw(side, label == Label::TypicalHfs, 1.0, rng);
            let rate = log_uniform(rng, 4.0, 25.0);
            scenario.events = spread_out(rng, rate, duration_s, |rng| course.event(rng));
        }
        Label::BilateralHfs => bilateral(&mut scenario, rng),
        Label::MeigeLike | Label::BlepharospasmLike => {
            let below = label == Label::MeigeLike;
            let rate = rng.random_range(6.0..16.0);
            scenario.events = spread_out(rng, rate, duration_s, |rng| closure(below, rng));
            squeeze(&mut scenario.events, &mut Stream::Squeeze.rng(seed));
        }
        Label::MasticatoryLike => {
            let sides = if rng.random_bool(0.7) { None } else { Some(any_side(rng)) };
            let rate = rng.random_range(3.0..8.0);
            let rhythm = rng.random_range(0.8..1.3);
            scenario.events = spread_out(rng, rate, duration_s, |rng| jaw(sides, rhythm, rng));
        }
        Label::SynkinesisLike => synkinesis(&mut scenario, rng),
        Label::None => healthy(&mut scenario, rng),
        Label::Indeterminate => {
            // Too little to tell: one or two small contractions of one region.
            let region =
                [Region::MouthCorner, Region::Periocular, Region::Cheek][rng.random_range(0..3)];
            let side = any_side(rng);
            let count = rng.random_range(1..3);
            let rate = f64::from(count) * 60.0 / duration_s;
            scenario.events = spread_out(rng, rate, duration_s, |rng| {
                let amplitude = if region == Region::Periocular {
                    rng.random_range(0.3..0.5)
                } else {
                    rng.random_range(12.0..25.0)
                };
                (Twitch, vec![pull(region, side, 0.0, amplitude, brief(rng))])
            });
            scenario.events.truncate(2);
        }
    }
    scenario
}

/// What one patient's hemifacial spasm looks like from event to event.
struct HfsCourse {
    side: Side,
    downward: bool,
    size: f64,
    /// Seconds between regions.
    step: f64,
    lifts_brow: bool,
    train_hz: f64,
    tonic: f64,
    trains: f64,
}

impl HfsCourse {
    fn draw(side: Side, downward: bool, size: f64, rng: &mut ChaCha8Rng) -> Self {
        Self {
            side,
            downward,
            size: size * rng.random_range(0.7..1.1),
            step: rng.random_range(0.03..0.12),
            lifts_brow: rng.random_bool(0.86),
            train_hz: rng.random_range(2.5..8.0),
            tonic: rng.random_range(0.05..0.35),
            trains: rng.random_range(0.1..0.4),
        }
    }

    fn event(&self, rng: &mut ChaCha8Rng) -> (EventKind, Vec<ContractionSpec>) {
        let size = self.size * rng.random_range(0.6..1.1);
        let step = self.step * rng.random_range(0.8..1.2);
        let kind: f64 = rng.random();
        let tonic = kind < self.tonic;
        let train = !tonic && kind < self.tonic + self.trains;
        let course = if tonic {
            [rng.random_range(0.1..0.3), rng.random_range(0.8..6.0), rng.random_range(0.25..0.6)]
        } else if train {
            // Every pulse, the softest region's too, fits the period.
            let period = 1.0 / self.train_hz;
            [0.22 * period, 0.03 * period, 0.38 * period]
        } else {
            brief(rng)
        };
        let brow = if tonic && self.lifts_brow && rng.random_bool(0.75) { 26.0 } else { 0.0 };
        let mut all = if self.downward {
            downward(self.side, size, step, brow, course)
        } else {
            upward(self.side, size, step, course)
        };
        // Not every twitch recruits every region; the first is always there.
        if !tonic && rng.random_bool(0.3) {
            all.truncate(2);
        }
        if train {
            all = trained(all, self.train_hz, rng.random_range(4..14));
        }
        (if tonic { Spasm } else { Twitch }, all)
    }
}

/// Both sides, each on its own, unequal.
fn bilateral(scenario: &mut Scenario, rng: &mut ChaCha8Rng) {
    let duration_s = scenario.duration_s;
    let first = any_side(rng);
    let strong = HfsCourse::draw(first, true, 1.0, rng);
    let weaker = rng.random_range(0.4..0.75);
    let weak = HfsCourse {
        side: first.opposite(),
        size: strong.size * weaker,
        ..HfsCourse::draw(first, true, 1.0, rng)
    };
    let rate = log_uniform(rng, 8.0, 25.0);
    let share = rng.random_range(0.25..0.45);
    scenario.events = spread_out(rng, rate, duration_s, |rng| {
        if rng.random_bool(share) { weak.event(rng) } else { strong.event(rng) }
    });
}

/// Both lids, prolonged; with the mouth and jaw of both sides if `below`.
fn closure(below: bool, rng: &mut ChaCha8Rng) -> (EventKind, Vec<ContractionSpec>) {
    let hold = log_uniform(rng, 0.5, 4.0);
    let mut all = both_lids([rng.random_range(0.09..0.2), hold, rng.random_range(0.2..0.45)]);
    if below && rng.random_bool(0.75) {
        let lag = rng.random_range(0.15..0.6);
        let amplitude =
            rng.random_range(20.0..50.0) * if rng.random_bool(0.6) { 1.0 } else { -0.6 };
        all.extend(both(Region::MouthCorner, lag, amplitude, [0.25, hold, 0.4]));
        if rng.random_bool(0.6) {
            let drop = rng.random_range(40.0..110.0);
            all.push(jaw_drop(lag + 0.08, drop, [0.3, 0.6 * hold, 0.4]));
        }
    }
    (Closure, all)
}

/// The ring muscle of the eye brings brows and cheeks along with the lids in most patients and most of
/// their closures; in the others the lids fall alone, as in apraxia of opening.
fn squeeze(closures: &mut [EventSpec], rng: &mut ChaCha8Rng) {
    let (squeezes, most) = (rng.random_bool(0.85), rng.random_range(0.5..1.0));
    for closure in closures {
        let size = most * rng.random_range(0.6..1.0);
        if !rng.random_bool(0.8) || !squeezes {
            continue;
        }
        let lids = &closure.contractions[0];
        let course = [1.3 * lids.rise_s, lids.hold_s, 1.2 * lids.fall_s];
        let lag_s = rng.random_range(0.0..0.05);
        closure.contractions.extend(both(Region::Forehead, lag_s, -60.0 * size, course));
        closure.contractions.extend(both(Region::Cheek, lag_s, 60.0 * size, course));
    }
}

/// Rhythmic grinding or a sustained clench, of one side or both.
fn jaw(side: Option<Side>, rhythm: f64, rng: &mut ChaCha8Rng) -> (EventKind, Vec<ContractionSpec>) {
    let size = rng.random_range(14.0..30.0);
    let contract = |course: [f64; 3]| match side {
        Some(side) => vec![pull(Region::Jaw, side, 0.0, size, course)],
        None => both(Region::Jaw, 0.0, size, course).to_vec(),
    };
    if rng.random_bool(0.7) {
        let beat = [0.3 / rhythm, 0.1 / rhythm, 0.35 / rhythm];
        (Twitch, trained(contract(beat), rhythm, rng.random_range(3..9)))
    } else {
        (Spasm, contract([rng.random_range(0.15..0.4), rng.random_range(1.0..5.0), 0.4]))
    }
}

fn synkinesis(scenario: &mut Scenario, rng: &mut ChaCha8Rng) {
    let side = any_side(rng);
    scenario.weakness =
        Some(Weakness { side, excursion: rng.random_range(0.35..0.75), droop: 0.0 });
    let mut coupled = |when: Region, then: Region, gain: std::ops::Range<f64>| Coupling {
        when,
        then,
        side,
        gain: rng.random_range(gain),
        lag_s: rng.random_range(0.01..0.05),
    };
    scenario.couplings = vec![
        coupled(Region::MouthCorner, Region::Periocular, 0.35..0.9),
        coupled(Region::Periocular, Region::MouthCorner, 0.15..0.5),
    ];
    let tasks = [
        TaskKind::Rest,
        TaskKind::Smile,
        TaskKind::Pucker,
        TaskKind::GentleClose,
        TaskKind::BrowRaise,
    ];
    let each = scenario.duration_s / tasks.len() as f64;
    scenario.tasks = tasks
        .iter()
        .enumerate()
        .map(|(i, &task)| Task {
            task,
            start_s: i as f64 * each,
            end_s: (i + 1) as f64 * each,
            repetitions: if task == TaskKind::Rest { 1 } else { ((each / 3.0) as u32).clamp(1, 3) },
            amplitude: rng.random_range(0.8..1.1),
        })
        .collect();
}

/// Blinks, looks, some talk and some symmetric expressions.
fn healthy(scenario: &mut Scenario, rng: &mut ChaCha8Rng) {
    let duration_s = scenario.duration_s;
    if rng.random_bool(0.5) {
        let start_s = duration_s * rng.random_range(0.1..0.4);
        let end_s = (start_s + rng.random_range(4.0..20.0)).min(0.95 * duration_s);
        let syllables_per_s = rng.random_range(3.5..5.5);
        let amplitude = rng.random_range(0.7..1.3);
        scenario.speech.push(Speech { start_s, end_s, syllables_per_s, amplitude });
    } else if rng.random_bool(0.5) {
        // An undeclared smile: the truth calls it an expression.
        let course = [0.4, rng.random_range(0.5..2.0), 0.6];
        let mut all = both(Region::MouthCorner, 0.0, 55.0, course).to_vec();
        all.extend(both(Region::Cheek, 0.0, 25.0, course));
        let start = duration_s * rng.random_range(0.3..0.8);
        scenario.events.push(event(EventKind::Expression, start, all));
    }
}

/// Events at random intervals, none running into the next.
fn spread_out(
    rng: &mut ChaCha8Rng,
    rate_per_min: f64,
    duration_s: f64,
    mut one: impl FnMut(&mut ChaCha8Rng) -> (EventKind, Vec<ContractionSpec>),
) -> Vec<EventSpec> {
    let mut events = Vec::new();
    let mut time = rng.random_range(0.5..2.0);
    loop {
        let (kind, contractions) = one(rng);
        let length = contractions.iter().map(|c| c.lag_s + c.length_s()).fold(0.0, f64::max);
        // Irregular trains may last a little longer than stated.
        let end = time + 1.15 * length;
        if end > duration_s - 0.5 {
            return events;
        }
        events.push(event(kind, (time * 1000.0_f64).round() / 1000.0, contractions));
        let pause = 60.0 / rate_per_min;
        time = end + 0.7 + (pause - 0.7).max(0.2) * -(1.0 - rng.random::<f64>()).ln();
    }
}

pub(super) fn normal(mean: f64, spread: f64, rng: &mut ChaCha8Rng) -> f64 {
    Normal::new(mean, spread).map_or(mean, |normal| normal.sample(rng))
}

/// How unequal smile and speech of a healthy face are.
pub(super) fn inequality(rng: &mut ChaCha8Rng) -> Inequality {
    let mut unequal = |mean: f64| normal(mean, 0.17, rng).clamp(-0.6, 0.6);
    Inequality { smile: unequal(-0.06), speech: unequal(0.0) }
}

fn brief(rng: &mut ChaCha8Rng) -> [f64; 3] {
    let rise = rng.random_range(0.045..0.1);
    [rise, rng.random_range(0.0..0.08), rng.random_range(1.2..2.2) * rise]
}

fn any_side(rng: &mut ChaCha8Rng) -> Side {
    if rng.random() { Side::Left } else { Side::Right }
}

fn log_uniform(rng: &mut ChaCha8Rng, low: f64, high: f64) -> f64 {
    rng.random_range(low.ln()..high.ln()).exp()
}

fn choose<T: Copy>(rng: &mut ChaCha8Rng, from: &[T], or: T) -> T {
    from.choose(rng).copied().unwrap_or(or)
}

pub(super) fn person(rng: &mut ChaCha8Rng) -> Person {
    let skin = choose(rng, &SkinTone::ALL, SkinTone::Light);
    let fair = matches!(skin, SkinTone::Pale | SkinTone::Light);
    let age = rng.random_range(0.2..0.95);
    let hair = match (fair, age > 0.7) {
        (_, true) => choose(rng, &[HairColour::Grey, HairColour::White], HairColour::Grey),
        (true, _) => choose(rng, &HairColour::ALL[..4], HairColour::Brown),
        _ => choose(rng, &HairColour::ALL[..2], HairColour::Black),
    };
    let mut part = || rng.random_range(0.93..1.07);
    let proportions = Proportions {
        face_width: part(),
        face_length: part(),
        jaw_width: part(),
        eye_size: part(),
        nose_width: part(),
        nose_length: part(),
        mouth_width: part(),
        lip_fullness: part(),
    };
    Person {
        skin,
        iris: if fair {
            choose(rng, &IrisColour::ALL, IrisColour::Blue)
        } else {
            IrisColour::Brown
        },
        hair,
        hair_style: choose(
            rng,
            &[HairStyle::Short, HairStyle::Short, HairStyle::Long],
            HairStyle::Short,
        ),
        age,
        glasses: rng.random_bool(0.3),
        brow_thickness: rng.random_range(0.8..1.3),
        proportions,
        clothes: std::array::from_fn(|_| rng.random_range(50..150)),
        background: std::array::from_fn(|_| rng.random_range(150..215)),
        skin_texture: rng.random_range(0.7..1.3),
    }
}

pub(super) fn camera(rng: &mut ChaCha8Rng) -> Camera {
    Camera {
        fps: choose(rng, &[25.0, 30.0, 30.0, 30.0, 60.0], 30.0),
        jitter: if rng.random_bool(0.25) { rng.random_range(0.02..0.12) } else { 0.0 },
        face_size: rng.random_range(0.22..0.36),
        noise: rng.random_range(0.8..4.0),
        blur_px: rng.random_range(0.4..1.0),
        light: Light {
            level: rng.random_range(0.6..1.1),
            azimuth_deg: rng.random_range(-50.0..50.0),
            elevation_deg: rng.random_range(15.0..55.0),
            softness: rng.random_range(0.35..0.8),
            warmth: rng.random_range(-0.3..0.5),
            drift: if rng.random_bool(0.3) { rng.random_range(0.02..0.08) } else { 0.0 },
            drift_period_s: rng.random_range(8.0..40.0),
        },
        ..Camera::default()
    }
}

pub(super) fn head(rng: &mut ChaCha8Rng, duration_s: f64) -> Head {
    let moves = (0..(duration_s / 20.0) as usize)
        .map(|_| {
            let kind = choose(
                rng,
                &[HeadMoveKind::Turn, HeadMoveKind::Nod, HeadMoveKind::Tilt],
                HeadMoveKind::Turn,
            );
            let size = rng.random_range(4.0..14.0);
            HeadMove {
                kind,
                start_s: rng.random_range(0.0..0.95 * duration_s),
                rise_s: rng.random_range(0.5..1.2),
                hold_s: rng.random_range(0.2..2.0),
                fall_s: rng.random_range(0.5..1.2),
                amount: if rng.random() { size } else { -size },
            }
        })
        .collect();
    Head {
        yaw_deg: rng.random_range(-8.0..8.0),
        pitch_deg: rng.random_range(-5.0..6.0),
        roll_deg: rng.random_range(-4.0..4.0),
        sway: rng.random_range(0.4..1.6),
        moves,
    }
}

pub(super) fn gaze(rng: &mut ChaCha8Rng, duration_s: f64) -> Gaze {
    let looks = (0..(duration_s / 15.0) as usize)
        .map(|_| Look {
            start_s: rng.random_range(0.0..0.95 * duration_s),
            duration_s: rng.random_range(0.4..2.5),
            left_deg: rng.random_range(-15.0..15.0),
            down_deg: rng.random_range(-8.0..22.0),
        })
        .collect();
    Gaze { saccades: rng.random_range(0.5..1.5), looks }
}

pub(super) fn blinks(label: Label, rng: &mut ChaCha8Rng) -> Blinks {
    let many = matches!(label, Label::BlepharospasmLike | Label::MeigeLike);
    let closing_s = rng.random_range(0.066..0.078);
    Blinks {
        rate_per_min: if many {
            rng.random_range(27.0..40.0)
        } else {
            rng.random_range(11.0..19.0)
        },
        partial_fraction: rng.random_range(0.43..0.63),
        closing_s,
        closed_s: rng.random_range(0.015..0.05),
        opening_s: closing_s * rng.random_range(1.7..2.5),
        ..Blinks::default()
    }
}

#[cfg(test)]
mod tests {
    use super::super::Motion;
    use super::*;
    use crate::event::Laterality;

    #[test]
    fn every_drawn_patient_is_valid_and_drawn_again_the_same() {
        for label in Label::ALL {
            for seed in 0..40 {
                let scenario = patient(label, seed, 60.0);
                scenario.check().unwrap_or_else(|e| panic!("{label} {seed}: {e}"));
                assert_eq!(scenario, patient(label, seed, 60.0));
            }
        }
    }

    #[test]
    fn events_of_a_drawn_patient_never_overlap() {
        for label in Label::ALL {
            for seed in 0..20 {
                let events =
                    Motion::new(&patient(label, seed, 60.0)).truth(None).events.expect("known");
                for pair in events.iter().filter(|e| !e.uncertain).collect::<Vec<_>>().windows(2) {
                    assert!(pair[0].end_s < pair[1].start_s, "{label} {seed}");
                }
            }
        }
    }

    #[test]
    fn hemifacial_patients_keep_to_their_side_and_direction() {
        for seed in 0..30 {
            for label in [Label::TypicalHfs, Label::AtypicalHfs] {
                let events =
                    Motion::new(&patient(label, seed, 60.0)).truth(None).events.expect("known");
                let side = events.first().map(|e| e.side);
                for event in &events {
                    assert_eq!(Some(event.side), side);
                    assert_ne!(event.side, Laterality::Both);
                    let first = event.spread.as_ref().expect("known")[0][0];
                    let expected = if label == Label::TypicalHfs {
                        Region::Periocular
                    } else {
                        Region::MouthCorner
                    };
                    assert_eq!(first, expected);
                }
            }
        }
    }
}
