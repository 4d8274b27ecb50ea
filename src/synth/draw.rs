//! From a scenario to single movements: every random draw is made here.

use rand::Rng;
use rand_chacha::ChaCha8Rng;
use rand_distr::{Distribution, Exp, Normal};

use super::acts::draw_acts;
use super::course::Course;
use super::envelope::Envelope;
use super::motion::{Channel, GazeAngles, OPEN_LID_MFU, Pulse, lower_face};
use super::scenario::{ContractionSpec, Scenario, Speech, Task, TaskKind, Train};
use super::streams::Stream;
use crate::anatomy::{PerSide, Place, Region, Side};
use crate::event::EventKind;

/// Everything a scenario does.
#[derive(Debug, Default)]
pub(crate) struct Drawn {
    pub(crate) pulses: Vec<Pulse>,
    pub(crate) blinks: Vec<DrawnBlink>,
    pub(crate) events: Vec<DrawnEvent>,
    pub(crate) speech: Vec<Speech>,
    pub(crate) fixations: Vec<(f64, GazeAngles)>,
}

/// One blink as drawn.
#[derive(Debug, Clone, Copy)]
pub(crate) struct DrawnBlink {
    pub(crate) lids: PerSide<Envelope>,
    pub(crate) depth: PerSide<f64>,
    pub(crate) uncertain: bool,
}

impl DrawnBlink {
    pub(crate) fn start_s(&self) -> f64 {
        self.lids.left.onset_s.min(self.lids.right.onset_s)
    }
    pub(crate) fn end_s(&self) -> f64 {
        self.lids.left.end_s().max(self.lids.right.end_s())
    }
}

/// One event as drawn.
#[derive(Debug, Clone)]
pub(crate) struct DrawnEvent {
    pub(crate) kind: EventKind,
    pub(crate) task: Option<TaskKind>,
    pub(crate) uncertain: bool,
    pub(crate) note: Option<&'static str>,
    pub(crate) contractions: Vec<DrawnContraction>,
}

impl DrawnEvent {
    pub(crate) fn start_s(&self) -> f64 {
        self.contractions.iter().map(|c| c.onset_s).fold(f64::INFINITY, f64::min)
    }
    pub(crate) fn end_s(&self) -> f64 {
        self.contractions.iter().map(|c| c.end_s).fold(f64::NEG_INFINITY, f64::max)
    }
}

/// One contraction as drawn.
#[derive(Debug, Clone, Copy)]
pub(crate) struct DrawnContraction {
    pub(crate) place: Place,
    pub(crate) onset_s: f64,
    /// Half the size is passed upwards in the first pulse.
    pub(crate) half_s: f64,
    pub(crate) peak_s: f64,
    pub(crate) end_s: f64,
    pub(crate) amplitude_mfu: f64,
    pub(crate) rate_hz: Option<f64>,
    pub(crate) synkinetic: bool,
}

/// A usual full voluntary excursion of a region in mFU (judgment, from the clips of this
/// project's real cases; periocular is a full closure).
pub(crate) const fn usual_mfu(region: Region) -> f64 {
    match region {
        Region::Periocular => OPEN_LID_MFU,
        Region::Cheek => 35.0,
        Region::MouthCorner => 70.0,
        Region::Forehead => 60.0,
        Region::Jaw => 30.0,
    }
}

pub(crate) fn draw(scenario: &Scenario) -> Drawn {
    let mut drawn = Drawn { speech: scenario.speech.clone(), ..Drawn::default() };
    draw_events(scenario, &mut drawn);
    draw_acts(scenario, &mut drawn);
    for task in &scenario.tasks {
        draw_task(scenario, task, &mut drawn);
    }
    draw_speech_couplings(scenario, &mut drawn);
    draw_blinks(scenario, &mut drawn);
    draw_gaze(scenario, &mut drawn);
    for m in &scenario.head.moves {
        drawn.pulses.push(Pulse {
            channel: Channel::Head(m.kind),
            envelope: Envelope {
                course: Course::MinimumJerk,
                onset_s: m.start_s,
                rise_s: m.rise_s.max(1e-3),
                hold_s: m.hold_s,
                fall_s: m.fall_s.max(1e-3),
            },
            amplitude: m.amount,
        });
    }
    drawn.events.sort_by(|a, b| a.start_s().total_cmp(&b.start_s()));
    drawn
}

fn draw_events(scenario: &Scenario, drawn: &mut Drawn) {
    let mut rng = Stream::Trains.rng(scenario.seed);
    let mut courses = Stream::Courses.rng(scenario.seed);
    for event in &scenario.events {
        // The regions of one event beat together: each train is drawn once.
        let mut trains: Vec<(Train, Vec<(f64, f64)>)> = Vec::new();
        let contractions = event
            .contractions
            .iter()
            .map(|c| {
                let beats = match c.train {
                    None => vec![(0.0, 1.0)],
                    Some(train) => match trains.iter().find(|(t, _)| *t == train) {
                        Some((_, beats)) => beats.clone(),
                        None => {
                            let longest = event.contractions.iter().map(ContractionSpec::pulse_s);
                            let beats = draw_beats(&train, longest.fold(0.0, f64::max), &mut rng);
                            trains.push((train, beats.clone()));
                            beats
                        }
                    },
                };
                let lids = c.region == Region::Periocular;
                let course = Course::draw(lids, c.hold_s, &mut courses);
                let course = c.course.unwrap_or(course);
                draw_contraction(c, course, event.start_s, &beats, &mut drawn.pulses)
            })
            .collect();
        drawn.events.push(DrawnEvent {
            kind: event.kind,
            task: None,
            uncertain: event.uncertain,
            note: None,
            contractions,
        });
    }
}

/// Starts after the first pulse, seconds, and relative sizes.
fn draw_beats(train: &Train, pulse_s: f64, rng: &mut ChaCha8Rng) -> Vec<(f64, f64)> {
    let period = 1.0 / train.rate_hz;
    let mut beats = vec![(0.0, 1.0)];
    let mut at = 0.0;
    for _ in 1..train.pulses {
        let uneven = 1.0 + train.irregularity * rng.random_range(-1.0..1.0);
        at += (period * uneven).max(pulse_s);
        beats.push((at, 1.0 - train.irregularity * rng.random_range(0.0..2.0)));
    }
    beats
}

fn draw_contraction(
    spec: &ContractionSpec,
    course: Course,
    start_s: f64,
    beats: &[(f64, f64)],
    pulses: &mut Vec<Pulse>,
) -> DrawnContraction {
    let onset_s = start_s + spec.lag_s;
    let mut drawn = DrawnContraction {
        place: spec.place(),
        onset_s,
        half_s: onset_s,
        peak_s: onset_s + spec.rise_s,
        end_s: onset_s,
        amplitude_mfu: spec.amplitude
            * if spec.region == Region::Periocular { OPEN_LID_MFU } else { 1.0 },
        rate_hz: spec.train.map(|train| train.rate_hz),
        synkinetic: false,
    };
    for (number, (after, size)) in beats.iter().enumerate() {
        let envelope = Envelope {
            course,
            onset_s: onset_s + after,
            rise_s: spec.rise_s,
            hold_s: spec.hold_s,
            fall_s: spec.fall_s,
        };
        push(pulses, spec.place(), envelope, spec.amplitude * size, true);
        if number == 0 {
            drawn.half_s = envelope.half_s()[0];
        }
        drawn.end_s = envelope.end_s();
    }
    drawn
}

/// Adds one movement of a place; `amplitude` is mFU, or closure for periocular.
pub(super) fn push(
    pulses: &mut Vec<Pulse>,
    place: Place,
    envelope: Envelope,
    amplitude: f64,
    squeeze: bool,
) {
    let channel = match (place.region, place.side) {
        (Region::Periocular, Some(side)) => {
            if squeeze {
                let amplitude = 0.9 * amplitude.max(0.0);
                pulses.push(Pulse { channel: Channel::Squeeze(side), envelope, amplitude });
            }
            Channel::Closure(side)
        }
        _ => Channel::Skin(place),
    };
    pulses.push(Pulse { channel, envelope, amplitude });
}

/// The places a task moves: region, size of a usual excursion in mFU (closure for periocular),
/// and whether it is squeezed. Judgment.
const fn task_moves(task: TaskKind) -> &'static [(Region, f64, bool)] {
    match task {
        TaskKind::Rest | TaskKind::ReadAloud => &[],
        TaskKind::Smile => &[
            (Region::MouthCorner, 70.0, false),
            (Region::Cheek, 35.0, false),
            (Region::Periocular, 0.12, true),
        ],
        TaskKind::GentleClose => &[(Region::Periocular, 1.0, false)],
        TaskKind::ForcedClose => &[(Region::Periocular, 1.0, true), (Region::Cheek, 18.0, false)],
        TaskKind::BrowRaise => {
            &[(Region::Forehead, 60.0, false), (Region::Periocular, -0.1, false)]
        }
        TaskKind::Pucker => &[(Region::MouthCorner, -40.0, false)],
        TaskKind::Snarl => &[(Region::Cheek, 30.0, false), (Region::MouthCorner, 18.0, false)],
        TaskKind::JawOpen => &[(Region::Jaw, 180.0, false)],
        TaskKind::Clench => &[(Region::Jaw, 14.0, false)],
    }
}

fn draw_task(scenario: &Scenario, task: &Task, drawn: &mut Drawn) {
    if task.task == TaskKind::ReadAloud {
        drawn.speech.push(Speech {
            start_s: task.start_s,
            end_s: task.end_s,
            syllables_per_s: 4.5,
            amplitude: task.amplitude,
        });
    }
    let moves = task_moves(task.task);
    if moves.is_empty() {
        return;
    }
    let slot = (task.end_s - task.start_s) / f64::from(task.repetitions.max(1));
    for repetition in 0..task.repetitions {
        let lead = (0.15 * slot).min(0.4);
        let (rise_s, fall_s) = ((0.22 * slot).min(0.35), (0.28 * slot).min(0.5));
        let hold_s = (slot - 2.0 * lead - rise_s - fall_s).max(0.0);
        let onset_s = task.start_s + f64::from(repetition) * slot + lead;
        let course = Course::MinimumJerk;
        let envelope = Envelope { course, onset_s, rise_s, hold_s, fall_s };
        let mut contractions = Vec::new();
        for &(region, usual, squeeze) in moves {
            let midline = task.task == TaskKind::JawOpen;
            let sides = if midline { &[None][..] } else { &[Some(Side::Left), Some(Side::Right)] };
            for &side in sides {
                let able = match side {
                    // Lids reach as far as they do in blinks.
                    Some(side) if region == Region::Periocular && usual > 0.0 => {
                        scenario.able(region, side).min(scenario.lid_reach[side])
                    }
                    Some(side) => scenario.able(region, side),
                    None => 1.0,
                };
                let amplitude = usual * task.amplitude * able;
                let place = Place { region, side };
                push(&mut drawn.pulses, place, envelope, amplitude, squeeze);
                contractions.push(moved(place, &envelope, amplitude));
            }
        }
        for coupling in &scenario.couplings {
            let Some(full) = moves.iter().find(|m| m.0 == coupling.when).map(|m| m.1.abs()) else {
                continue;
            };
            // Closure is a fraction, everything else a displacement.
            let full = if coupling.when == Region::Periocular { full * OPEN_LID_MFU } else { full };
            let part = coupling.gain * task.amplitude * full / usual_mfu(coupling.when);
            let (place, amplitude) = coupled(coupling.then, coupling.side, part);
            let envelope = Envelope { onset_s: onset_s + coupling.lag_s, ..envelope };
            push(&mut drawn.pulses, place, envelope, amplitude, true);
            let synkinetic = true;
            contractions
                .push(DrawnContraction { synkinetic, ..moved(place, &envelope, amplitude) });
        }
        // What moves too little to be seen took no part.
        contractions.retain(|c| c.amplitude_mfu.abs() >= 2.0);
        drawn.events.push(DrawnEvent {
            kind: EventKind::Expression,
            task: Some(task.task),
            uncertain: false,
            note: None,
            contractions,
        });
    }
    drawn.events.retain(|event| !event.contractions.is_empty());
}

/// Place and size of a coupled movement that is `part` of the usual.
fn coupled(region: Region, side: Side, part: f64) -> (Place, f64) {
    let place = Place::new(region, side);
    match region {
        Region::Periocular => (place, part.min(1.0)),
        _ => (place, part * usual_mfu(region)),
    }
}

pub(super) fn moved(place: Place, envelope: &Envelope, amplitude: f64) -> DrawnContraction {
    let unit = if place.region == Region::Periocular { OPEN_LID_MFU } else { 1.0 };
    DrawnContraction {
        place,
        onset_s: envelope.onset_s,
        half_s: envelope.half_s()[0],
        peak_s: envelope.peak_s(),
        end_s: envelope.end_s(),
        amplitude_mfu: amplitude * unit,
        rate_hz: None,
        synkinetic: false,
    }
}

/// Speech pulls coupled regions all the time: one uncertain event for each stretch.
fn draw_speech_couplings(scenario: &Scenario, drawn: &mut Drawn) {
    for speech in &drawn.speech {
        let contractions: Vec<DrawnContraction> = scenario
            .couplings
            .iter()
            .filter(|c| lower_face(c.when))
            .map(|c| {
                let (place, amplitude) = coupled(c.then, c.side, 0.5 * c.gain * speech.amplitude);
                let envelope = Envelope {
                    course: Course::MinimumJerk,
                    onset_s: speech.start_s,
                    rise_s: 0.3,
                    hold_s: (speech.end_s - speech.start_s - 0.6).max(0.0),
                    fall_s: 0.3,
                };
                DrawnContraction { synkinetic: true, ..moved(place, &envelope, amplitude) }
            })
            .collect();
        if !contractions.is_empty() {
            drawn.events.push(DrawnEvent {
                kind: EventKind::Expression,
                task: None,
                uncertain: true,
                note: Some("moves along with speech"),
                contractions,
            });
        }
    }
}

/// Parts the course of a person's blinks from those of the contractions.
const BLINKS: u64 = 0x626c;

fn draw_blinks(scenario: &Scenario, drawn: &mut Drawn) {
    let blinks = &scenario.blinks;
    let mut rng = Stream::Blinks.rng(scenario.seed);
    let lids = Course::draw(true, 0.0, &mut Stream::Courses.rng(scenario.seed ^ BLINKS));
    let mut found: Vec<DrawnBlink> = Vec::new();
    for spec in &blinks.at {
        let course = |lag: f64| Envelope {
            course: lids,
            onset_s: spec.start_s + lag,
            rise_s: blinks.closing_s,
            hold_s: if spec.depth >= 1.0 { blinks.closed_s } else { 0.0 },
            fall_s: blinks.opening_s,
        };
        found.push(DrawnBlink {
            lids: PerSide {
                left: course(spec.lag_s.max(0.0)),
                right: course((-spec.lag_s).max(0.0)),
            },
            depth: PerSide { left: spec.depth, right: spec.depth },
            uncertain: false,
        });
    }
    let stated = found.len();
    let mut time = if blinks.rate_per_min > 0.0 { 0.3 } else { f64::INFINITY };
    while time < scenario.duration_s {
        // Random intervals with a pause of at least 0.6 s after each blink (judgment).
        let mean = (60.0 / blinks.rate_per_min - 0.6).max(0.05);
        time += Exp::new(1.0 / mean).map_or(mean, |e| e.sample(&mut rng));
        let blink = random_blink(scenario, lids, time, &mut rng);
        time += 0.6;
        if blink.end_s() > scenario.duration_s - 0.05 {
            break;
        }
        let free =
            |start: f64, end: f64| blink.end_s() < start - 0.25 || blink.start_s() > end + 0.25;
        let from_blinks = found[..stated].iter().all(|b| free(b.start_s(), b.end_s()));
        let from_events = drawn
            .events
            .iter()
            .all(|e| blinks.during_events && e.task.is_none() || free(e.start_s(), e.end_s()));
        if from_blinks && from_events {
            found.push(blink);
        }
    }
    found.sort_by(|a, b| a.start_s().total_cmp(&b.start_s()));
    for blink in &mut found {
        for side in Side::BOTH {
            // A weak lid closes part of the way, and slowly for it (Sibony 1991).
            let reach = scenario.lid_reach[side];
            blink.depth[side] *= reach;
            blink.lids[side].rise_s *= 1.0 + 0.8 * (1.0 - reach);
            if reach < 1.0 {
                blink.lids[side].hold_s = 0.0;
            }
            let (envelope, amplitude) = (blink.lids[side], blink.depth[side]);
            drawn.pulses.push(Pulse { channel: Channel::Closure(side), envelope, amplitude });
        }
        // A blink inside an event that closes a lid cannot be told from it.
        blink.uncertain |= drawn.events.iter().any(|e| {
            blink.start_s() < e.end_s()
                && blink.end_s() > e.start_s()
                && e.contractions.iter().any(|c| c.place.region == Region::Periocular)
        });
        draw_blink_couplings(scenario, blink, &mut drawn.pulses, &mut drawn.events);
    }
    drawn.blinks = found;
}

fn random_blink(
    scenario: &Scenario,
    lids: Course,
    start_s: f64,
    rng: &mut ChaCha8Rng,
) -> DrawnBlink {
    let blinks = &scenario.blinks;
    let mut vary = |size: f64| {
        let z: f64 = Normal::new(0.0, 1.0).map_or(0.0, |n| n.sample(&mut *rng));
        (size * z.clamp(-2.5, 2.5)).exp()
    };
    let (rise_s, hold_s, fall_s) = (
        blinks.closing_s * vary(blinks.spread),
        blinks.closed_s * vary(2.0 * blinks.spread),
        blinks.opening_s * vary(blinks.spread),
    );
    let partial = rng.random::<f64>() < blinks.partial_fraction;
    let depth = if partial { rng.random_range(0.35..0.85) } else { 1.0 };
    let course = |onset_s: f64| Envelope {
        course: lids,
        onset_s,
        rise_s: rise_s * (0.4 + 0.6 * depth),
        hold_s: if partial { 0.0 } else { hold_s },
        fall_s: fall_s * (0.4 + 0.6 * depth),
    };
    // Healthy lids are conjugate: a few milliseconds and a few per cent apart.
    let lag = 0.006 * rng.random::<f64>();
    let uneven = 1.0 - 0.04 * rng.random::<f64>();
    let left_late = rng.random::<bool>();
    let (late, early) = (course(start_s + lag), course(start_s));
    let (less, more) = (if partial { depth * uneven } else { depth }, depth);
    DrawnBlink {
        lids: if left_late {
            PerSide { left: late, right: early }
        } else {
            PerSide { left: early, right: late }
        },
        depth: if left_late {
            PerSide { left: less, right: more }
        } else {
            PerSide { left: more, right: less }
        },
        uncertain: false,
    }
}

/// After a palsy, a blink may pull the mouth along.
fn draw_blink_couplings(
    scenario: &Scenario,
    blink: &DrawnBlink,
    pulses: &mut Vec<Pulse>,
    events: &mut Vec<DrawnEvent>,
) {
    for coupling in scenario.couplings.iter().filter(|c| c.when == Region::Periocular) {
        let lid = blink.lids[coupling.side];
        let part = coupling.gain * blink.depth[coupling.side];
        let (place, amplitude) = coupled(coupling.then, coupling.side, part);
        let envelope = Envelope { onset_s: lid.onset_s + coupling.lag_s, ..lid };
        push(pulses, place, envelope, amplitude, true);
        events.push(DrawnEvent {
            kind: EventKind::Expression,
            task: None,
            uncertain: true,
            note: Some("moves along with a blink"),
            contractions: vec![DrawnContraction {
                synkinetic: true,
                ..moved(place, &envelope, amplitude)
            }],
        });
    }
}

fn draw_gaze(scenario: &Scenario, drawn: &mut Drawn) {
    for look in &scenario.gaze.looks {
        let way = 0.09_f64.min(0.3 * look.duration_s).max(1e-3);
        let envelope = Envelope {
            course: Course::MinimumJerk,
            onset_s: look.start_s,
            rise_s: way,
            hold_s: (look.duration_s - 2.0 * way).max(0.0),
            fall_s: way,
        };
        for (channel, amplitude) in
            [(Channel::GazeLeft, look.left_deg), (Channel::GazeDown, look.down_deg)]
        {
            drawn.pulses.push(Pulse { channel, envelope, amplitude });
        }
    }
    if scenario.gaze.saccades > 0.0 {
        let mut rng = Stream::Saccades.rng(scenario.seed);
        let mut time = 0.0;
        while time < scenario.duration_s {
            let size = scenario.gaze.saccades;
            let gaze = GazeAngles {
                left_deg: size * rng.random_range(-1.5..1.5),
                down_deg: size * rng.random_range(-1.0..1.0),
            };
            drawn.fixations.push((time, gaze));
            time += rng.random_range(0.4..1.8);
        }
    }
}
