//! Short scenarios, one for each label, made by hand: the samples.

use super::bursts::{both, both_lids, downward, event, jaw_drop, pull, trained, upward};
use super::person::{HairColour, HairStyle, IrisColour, Person, Proportions, SkinTone};
use super::scenario::{
    BlinkSpec, Blinks, Coupling, EventSpec, Gaze, Head, Look, Scenario, Speech, Task, TaskKind,
    Weakness,
};
use crate::anatomy::{Region, Side};
use crate::event::EventKind::{Closure, Spasm, Twitch};
use crate::pattern::Label;

/// Names of the presets, in the order of the labels.
pub const PRESETS: [&str; 9] = [
    "typical-right",
    "atypical-left",
    "bilateral",
    "meige",
    "blepharospasm",
    "masticatory",
    "synkinesis",
    "healthy",
    "indeterminate-few-events",
];

/// A preset by name; `None` for a name that is not in [`PRESETS`].
#[must_use]
pub fn preset(name: &str) -> Option<Scenario> {
    let at = PRESETS.iter().position(|preset| *preset == name)?;
    let mut scenario = match Label::ALL[at] {
        Label::TypicalHfs => typical(),
        Label::AtypicalHfs => atypical(),
        Label::BilateralHfs => bilateral(),
        Label::MeigeLike => meige(),
        Label::BlepharospasmLike => blepharospasm(),
        Label::MasticatoryLike => masticatory(),
        Label::SynkinesisLike => synkinesis(),
        Label::None => healthy(),
        Label::Indeterminate => few_events(),
    };
    name.clone_into(&mut scenario.name);
    scenario.label = Some(Label::ALL[at]);
    scenario.seed = 1 + at as u64;
    Some(scenario)
}

fn recording(
    duration_s: f64,
    person: Person,
    blinks_s: &[f64],
    events: Vec<EventSpec>,
) -> Scenario {
    let at = blinks_s.iter().map(|&start_s| BlinkSpec { start_s, depth: 1.0, lag_s: 0.0 });
    Scenario {
        person,
        head: Head { sway: 0.8, ..Head::default() },
        gaze: Gaze { saccades: 0.8, looks: Vec::new() },
        blinks: Blinks { rate_per_min: 0.0, at: at.collect(), ..Blinks::default() },
        events,
        ..Scenario::still("", duration_s)
    }
}

const BRIEF: [f64; 3] = [0.07, 0.04, 0.16];
const BEAT: [f64; 3] = [0.05, 0.01, 0.1];

fn typical() -> Scenario {
    let right = Side::Right;
    let person = Person { age: 0.6, iris: IrisColour::Hazel, ..Person::default() };
    let events = vec![
        event(Twitch, 2.0, downward(right, 1.0, 0.08, 0.0, BRIEF)),
        event(Twitch, 3.9, downward(right, 0.8, 0.08, 0.0, BRIEF)),
        event(Twitch, 6.2, trained(downward(right, 0.85, 0.07, 0.0, BEAT), 4.5, 6)),
        event(Spasm, 9.3, downward(right, 1.15, 0.09, 26.0, [0.12, 2.4, 0.4])),
        event(Twitch, 13.9, downward(right, 0.95, 0.08, 0.0, BRIEF)),
    ];
    recording(16.0, person, &[0.9, 5.2, 8.4, 13.0, 15.2], events)
}

fn atypical() -> Scenario {
    let left = Side::Left;
    let person = Person {
        skin: SkinTone::Tan,
        hair: HairColour::Black,
        hair_style: HairStyle::Long,
        age: 0.45,
        clothes: [120, 62, 70],
        proportions: Proportions { jaw_width: 0.94, lip_fullness: 1.1, ..Proportions::default() },
        ..Person::default()
    };
    let events = vec![
        event(Twitch, 1.9, upward(left, 1.0, 0.08, BRIEF)),
        event(Twitch, 4.1, trained(upward(left, 0.8, 0.08, BEAT)[..2].to_vec(), 4.0, 5)),
        event(Spasm, 7.3, upward(left, 1.1, 0.1, [0.12, 2.0, 0.4])),
        event(Twitch, 11.6, upward(left, 0.9, 0.08, BRIEF)),
        event(Twitch, 13.4, upward(left, 1.0, 0.08, BRIEF)),
    ];
    recording(15.5, person, &[0.8, 3.2, 6.4, 10.9, 14.7], events)
}

fn bilateral() -> Scenario {
    let person = Person {
        skin: SkinTone::Brown,
        hair: HairColour::Black,
        age: 0.65,
        brow_thickness: 1.15,
        clothes: [90, 96, 84],
        proportions: Proportions { nose_width: 1.12, lip_fullness: 1.15, ..Proportions::default() },
        ..Person::default()
    };
    let (left, right) = (Side::Left, Side::Right);
    let events = vec![
        event(Twitch, 1.8, downward(left, 1.05, 0.08, 0.0, BRIEF)),
        event(Twitch, 3.6, downward(right, 0.7, 0.08, 0.0, BRIEF)),
        event(Twitch, 5.4, trained(downward(left, 0.9, 0.07, 0.0, BEAT), 4.2, 5)),
        event(Spasm, 8.3, downward(right, 0.75, 0.09, 0.0, [0.12, 1.3, 0.35])),
        event(Twitch, 11.2, downward(left, 1.0, 0.08, 0.0, BRIEF)),
        event(Spasm, 12.9, downward(left, 1.1, 0.09, 24.0, [0.12, 1.4, 0.4])),
        event(Twitch, 16.1, downward(right, 0.7, 0.08, 0.0, BRIEF)),
    ];
    recording(18.0, person, &[0.8, 4.6, 7.5, 10.4, 15.4, 17.2], events)
}

fn meige() -> Scenario {
    let person = Person {
        hair: HairColour::Grey,
        hair_style: HairStyle::Long,
        iris: IrisColour::Blue,
        skin: SkinTone::Pale,
        age: 0.8,
        clothes: [104, 92, 122],
        ..Person::default()
    };
    let closing = |hold: f64| [0.14, hold, 0.3];
    let with_mouth = |hold: f64, lag: f64, pulled: f64, jaw: f64| {
        let mut all = both_lids(closing(hold));
        all.extend(both(Region::MouthCorner, lag, pulled, [0.25, hold, 0.4]));
        all.push(jaw_drop(lag + 0.1, jaw, [0.3, 0.6 * hold, 0.4]));
        all
    };
    let events = vec![
        event(Closure, 1.7, with_mouth(1.2, 0.35, 34.0, 70.0)),
        event(Closure, 4.6, both_lids(closing(0.9))),
        event(Closure, 6.8, with_mouth(2.0, 0.4, -26.0, 85.0)),
        event(Closure, 10.7, both_lids(closing(0.7))),
        event(Closure, 12.6, with_mouth(1.6, 0.3, 38.0, 60.0)),
    ];
    recording(16.5, person, &[0.7, 3.9, 6.1, 12.0, 15.9], events)
}

fn blepharospasm() -> Scenario {
    let person = Person {
        skin: SkinTone::Olive,
        hair: HairColour::Brown,
        age: 0.7,
        clothes: [66, 92, 84],
        ..Person::default()
    };
    let closing = |hold: f64| [0.12, hold, 0.3];
    let events = [(1.4, 0.9), (3.5, 2.2), (7.1, 0.6), (8.7, 1.4), (11.6, 0.8), (13.4, 1.3)]
        .map(|(start, hold)| event(Closure, start, both_lids(closing(hold))))
        .to_vec();
    let blinks = [0.5, 2.9, 6.5, 8.2, 10.9, 13.0, 15.6, 15.9];
    recording(16.5, person, &blinks, events)
}

fn masticatory() -> Scenario {
    let person = Person {
        hair: HairColour::Brown,
        brow_thickness: 1.2,
        glasses: true,
        age: 0.4,
        clothes: [70, 70, 76],
        proportions: Proportions { jaw_width: 1.07, ..Proportions::default() },
        ..Person::default()
    };
    let grind = |pulses: u32, size: f64| {
        let beat = [0.28, 0.1, 0.34];
        trained(both(Region::Jaw, 0.0, size, beat).to_vec(), 1.05, pulses)
    };
    let clench = |hold: f64| both(Region::Jaw, 0.0, 26.0, [0.25, hold, 0.4]).to_vec();
    let events = vec![
        event(Twitch, 1.4, grind(5, 24.0)),
        event(Spasm, 7.5, clench(1.6)),
        event(Twitch, 10.9, grind(4, 20.0)),
        event(Spasm, 16.2, clench(1.4)),
        event(Spasm, 20.1, clench(2.0)),
    ];
    recording(24.5, person, &[0.7, 4.2, 6.8, 10.1, 12.3, 15.4, 19.2, 23.6], events)
}

fn synkinesis() -> Scenario {
    let person = Person {
        skin: SkinTone::Light,
        hair: HairColour::Blond,
        hair_style: HairStyle::Long,
        iris: IrisColour::Green,
        age: 0.5,
        clothes: [60, 82, 118],
        ..Person::default()
    };
    let side = Side::Left;
    let coupled =
        |when: Region, then: Region, gain: f64| Coupling { when, then, side, gain, lag_s: 0.03 };
    let task = |task: TaskKind, start_s: f64, end_s: f64, repetitions: u32| Task {
        task,
        start_s,
        end_s,
        repetitions,
        amplitude: 1.0,
    };
    Scenario {
        weakness: Some(Weakness { side, excursion: 0.5, droop: 0.0 }),
        couplings: vec![
            coupled(Region::MouthCorner, Region::Periocular, 0.65),
            coupled(Region::Periocular, Region::MouthCorner, 0.35),
        ],
        tasks: vec![
            task(TaskKind::Rest, 0.0, 2.5, 1),
            task(TaskKind::Smile, 2.5, 8.5, 3),
            task(TaskKind::GentleClose, 8.5, 13.0, 2),
            task(TaskKind::Pucker, 13.0, 17.0, 2),
            task(TaskKind::Rest, 17.0, 18.5, 1),
        ],
        ..recording(18.5, person, &[1.0, 17.6], Vec::new())
    }
}

fn healthy() -> Scenario {
    let person = Person {
        skin: SkinTone::Dark,
        hair: HairColour::Black,
        age: 0.3,
        clothes: [150, 140, 120],
        proportions: Proportions { nose_width: 1.15, lip_fullness: 1.2, ..Proportions::default() },
        ..Person::default()
    };
    let blinks = [
        0.8, 3.3, 6.4, 9.0, 11.9, 14.6, 18.2, 22.9, 25.5, 30.1, 33.8, 36.2, 41.0, 44.7, 49.3, 52.0,
        56.4,
    ];
    let look = |start_s: f64, left_deg: f64, down_deg: f64| Look {
        start_s,
        duration_s: 1.4,
        left_deg,
        down_deg,
    };
    Scenario {
        gaze: Gaze { saccades: 1.0, looks: vec![look(4.0, 0.0, 20.0), look(12.4, 12.0, -8.0)] },
        speech: vec![Speech { start_s: 7.0, end_s: 11.5, syllables_per_s: 4.5, amplitude: 1.0 }],
        // To say that there is nothing takes a minute.
        ..recording(60.0, person, &blinks, Vec::new())
    }
}

fn few_events() -> Scenario {
    let person = Person {
        hair: HairColour::White,
        hair_style: HairStyle::Bald,
        age: 0.9,
        iris: IrisColour::Grey,
        ..Person::default()
    };
    let lone = pull(Region::MouthCorner, Side::Right, 0.0, 22.0, [0.09, 0.02, 0.16]);
    recording(12.0, person, &[1.2, 4.0, 9.8], vec![event(Twitch, 6.6, vec![lone])])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_preset_is_valid_and_carries_its_label() {
        for (name, label) in PRESETS.into_iter().zip(Label::ALL) {
            let scenario = preset(name).expect("listed");
            scenario.check().expect("valid");
            assert_eq!(scenario.label, Some(label));
            assert_eq!(scenario.name, name);
        }
        assert!(preset("unheard-of").is_none());
    }

    #[test]
    fn presets_keep_blinks_apart_from_closures() {
        for name in PRESETS {
            let motion = super::super::Motion::new(&preset(name).expect("listed"));
            assert!(motion.blinks.iter().all(|blink| !blink.uncertain), "{name}");
        }
    }
}
