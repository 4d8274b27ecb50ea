//! People without spasms in whom much moves: the negatives of the cohorts.
//!
//! | drawn | range | source |
//! |---|---|---|
//! | inequality of smile and speech | as a patient's | |
//! | weak lid's way in a blink | 65 % (partial palsy), 25 % (complete), the other 94 % | Ogawa 2021 |
//! | partial palsies | 55 of 69 | Ogawa 2021 |
//! | excursion left, droop, acts, things before the face, repeated frames | | judgment |

use rand::Rng;
use rand::seq::IndexedRandom;
use rand_chacha::ChaCha8Rng;

use super::patient::{blinks, camera, gaze, head, inequality, normal, person};
use super::scenario::{
    Act, ActKind, Cover, HeadMove, HeadMoveKind, Occluder, OccluderKind, Scenario, Speech, Weakness,
};
use super::streams::Stream;
use crate::anatomy::{PerSide, Side};
use crate::pattern::Label;

/// A kind of person in whom nothing involuntary happens, and much else does.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Negative {
    /// Healthy: talks, laughs, poses, chews, yawns, sings, squints; hands and cups before the
    /// face.
    Lively,
    /// A palsy of one side without spasm or synkinesis: a lid that does not close, a mouth drawn
    /// to the other side.
    Palsied,
}

impl Negative {
    /// All kinds.
    pub const ALL: [Self; 2] = [Self::Lively, Self::Palsied];

    /// The name used in files, e.g. `lively`.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Lively => "lively",
            Self::Palsied => "palsied",
        }
    }
}

/// Draws a person of that kind, recorded for `duration_s` seconds.
#[must_use]
pub fn negative(kind: Negative, seed: u64, duration_s: f64) -> Scenario {
    let rng = &mut Stream::Negative.rng(seed);
    let mut scenario = Scenario {
        label: Some(Label::None),
        seed,
        person: person(rng),
        camera: camera(rng),
        head: head(rng, duration_s),
        gaze: gaze(rng, duration_s),
        blinks: blinks(Label::None, rng),
        inequality: inequality(rng),
        ..Scenario::still(&format!("{}-{seed}", kind.name()), duration_s)
    };
    if rng.random_bool(0.15) {
        scenario.camera.filmed_fps = [15.0, 24.0, 25.0].choose(rng).copied();
    }
    if kind == Negative::Palsied {
        palsy(&mut scenario, rng);
    }
    busy(&mut scenario, rng);
    if rng.random_bool(0.5) {
        before_the_face(&mut scenario, rng);
    }
    scenario
}

fn palsy(scenario: &mut Scenario, rng: &mut ChaCha8Rng) {
    let side = if rng.random() { Side::Left } else { Side::Right };
    let partial = rng.random_range(0..69) < 55;
    let (reach, excursion, droop) = if partial {
        (normal(0.65, 0.12, rng), rng.random_range(0.3..0.7), rng.random_range(0.1..0.5))
    } else {
        (normal(0.25, 0.10, rng), rng.random_range(0.0..0.25), rng.random_range(0.5..1.0))
    };
    scenario.weakness = Some(Weakness { side, excursion, droop });
    let mut lids = PerSide::from_fn(|_| normal(0.94, 0.03, rng).clamp(0.8, 1.0));
    lids[side] = reach.clamp(0.05, 0.9);
    scenario.lid_reach = lids;
}

/// What lively people do, with how often and for how long, seconds.
const DOES: [(ActKind, u32, [f64; 2]); 11] = [
    (ActKind::Smile, 6, [0.8, 4.0]),
    (ActKind::BrowRaise, 4, [0.5, 2.0]),
    (ActKind::Frown, 3, [0.6, 2.5]),
    (ActKind::Laugh, 3, [1.5, 4.0]),
    (ActKind::Close, 3, [0.35, 4.0]),
    (ActKind::Squeeze, 2, [0.5, 3.0]),
    (ActKind::Squint, 2, [1.0, 5.0]),
    (ActKind::Pucker, 2, [0.4, 1.5]),
    (ActKind::Chew, 2, [4.0, 10.0]),
    (ActKind::Sing, 1, [4.0, 9.0]),
    (ActKind::Yawn, 1, [3.5, 6.0]),
];

/// Talk and acts by turns, with little rest between.
fn busy(scenario: &mut Scenario, rng: &mut ChaCha8Rng) {
    let mut time = rng.random_range(1.5..4.0);
    let talks = rng.random_range(0.2..0.7);
    loop {
        let (span, act) = if rng.random_bool(talks) {
            (rng.random_range(3.0..12.0), None)
        } else {
            let Ok(act) = DOES.choose_weighted(rng, |does| does.1) else { return };
            (rng.random_range(act.2[0]..act.2[1]), Some(act.0))
        };
        let end_s = time + span;
        if end_s > scenario.duration_s - 0.7 {
            return;
        }
        match act {
            None => {
                let syllables_per_s = rng.random_range(3.0..6.5);
                let amplitude = rng.random_range(0.6..1.5);
                scenario.speech.push(Speech { start_s: time, end_s, syllables_per_s, amplitude });
                nods(scenario, time, end_s, rng);
            }
            Some(kind) => {
                let alone = kind.one_sided() && rng.random_bool(0.25);
                let side = alone.then(|| if rng.random() { Side::Left } else { Side::Right });
                let amplitude = rng.random_range(0.6..1.2);
                scenario.acts.push(Act { kind, side, start_s: time, end_s, amplitude });
            }
        }
        time = end_s + rng.random_range(0.4..3.0);
    }
}

/// The head goes with the words.
fn nods(scenario: &mut Scenario, start_s: f64, end_s: f64, rng: &mut ChaCha8Rng) {
    let mut time = start_s;
    loop {
        time += rng.random_range(0.4..1.6);
        if time > end_s {
            return;
        }
        let kinds = [HeadMoveKind::Nod, HeadMoveKind::Nod, HeadMoveKind::Turn, HeadMoveKind::Tilt];
        scenario.head.moves.push(HeadMove {
            kind: kinds[rng.random_range(0..kinds.len())],
            start_s: time,
            rise_s: rng.random_range(0.12..0.35),
            hold_s: rng.random_range(0.0..0.3),
            fall_s: rng.random_range(0.15..0.5),
            amount: rng.random_range(-6.0..6.0),
        });
    }
}

/// One to three things come before the face, one after another.
fn before_the_face(scenario: &mut Scenario, rng: &mut ChaCha8Rng) {
    let mut time = scenario.duration_s * rng.random_range(0.1..0.4);
    for _ in 0..rng.random_range(1..4) {
        let kind = OccluderKind::ALL[rng.random_range(0..OccluderKind::ALL.len())];
        let over = match kind {
            OccluderKind::Mask | OccluderKind::Cup => Cover::Mouth,
            OccluderKind::Glare | OccluderKind::Patch => Cover::Eye,
            OccluderKind::Hair => Cover::Brow,
            _ => [Cover::Eye, Cover::Brow, Cover::Cheek, Cover::Mouth][rng.random_range(0..4)],
        };
        scenario.person.glasses |= kind == OccluderKind::Glare;
        let end_s = time + rng.random_range(1.5..8.0);
        if end_s > scenario.duration_s - 0.5 {
            return;
        }
        let held = matches!(
            kind,
            OccluderKind::Mask | OccluderKind::Patch | OccluderKind::Hair | OccluderKind::Glare
        );
        scenario.occluders.push(Occluder {
            kind,
            over,
            side: if rng.random() { Side::Left } else { Side::Right },
            start_s: time,
            end_s,
            travel: if held { 0.0 } else { [0.0, 0.05, 0.2][rng.random_range(0..3)] },
            travel_hz: rng.random_range(0.4..1.5),
            size: rng.random_range(0.85..1.2),
            colour: None,
        });
        time = end_s + rng.random_range(1.0..6.0);
    }
}

#[cfg(test)]
mod tests {
    use super::super::Motion;
    use super::*;
    use crate::event::EventKind;

    #[test]
    fn negatives_can_be_and_hold_nothing_involuntary() {
        let (mut acts, mut hidden, mut weak) = (0, 0, 0);
        for kind in Negative::ALL {
            for seed in 0..40 {
                let scenario = negative(kind, seed, 60.0);
                scenario.check().expect("a scenario");
                assert_eq!(scenario, negative(kind, seed, 60.0));
                let truth = Motion::new(&scenario).truth(None);
                acts += scenario.acts.len();
                hidden += truth.hidden.len();
                weak += usize::from(scenario.lid_reach.left.min(scenario.lid_reach.right) < 0.8);
                for event in truth.events.expect("known") {
                    let involuntary = event.kind != Some(EventKind::Expression);
                    assert!(!involuntary || event.uncertain, "{kind:?} {seed}: {event:?}");
                }
            }
        }
        assert!(acts > 200 && hidden > 40, "{acts} acts, {hidden} hidden stretches");
        assert!((30..=40).contains(&weak), "{weak}");
    }

    #[test]
    fn a_weak_lid_closes_part_of_the_way() {
        let scenario = negative(Negative::Palsied, 5, 60.0);
        let weak = scenario.weakness.expect("a palsy").side;
        let truth = Motion::new(&scenario).truth(None);
        for blink in truth.blinks.expect("known") {
            let asymmetry = f64::from(blink.asymmetry.expect("known"));
            let less = if weak == Side::Left { -asymmetry } else { asymmetry };
            assert!(less > 0.0, "{blink:?}");
        }
    }
}
