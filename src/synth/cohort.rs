//! Cohorts: who of them comes next, and with what each is recorded.

use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha8Rng;

use super::negative::{Negative, negative};
use super::patient::patient;
use super::scenario::{Scenario, Speech};
use crate::event::Protocol;
use crate::pattern::Label;

/// One of a cohort.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Subject {
    /// A patient drawn for a label.
    Patient(Label),
    /// A person without spasm in whom much moves.
    Negative(Negative),
}

impl Subject {
    /// Whose turn it is: a third are patients of these labels by turns, a third lively people, a
    /// third people with a palsy and no spasm.
    #[must_use]
    pub fn of_turn(labels: &[Label], number: u64) -> Self {
        let (round, part) = ((number / 3) as usize, (number % 3) as usize);
        match part.checked_sub(1) {
            None => Self::Patient(labels[round % labels.len()]),
            Some(kind) => Self::Negative(Negative::ALL[kind]),
        }
    }

    /// The label that is right for them.
    #[must_use]
    pub const fn label(self) -> Label {
        match self {
            Self::Patient(label) => label,
            Self::Negative(_) => Label::None,
        }
    }

    /// The subject of a seed, recorded for `duration_s` seconds.
    #[must_use]
    pub fn scenario(self, seed: u64, duration_s: f64) -> Scenario {
        match self {
            Self::Patient(label) => patient(label, seed, duration_s),
            Self::Negative(kind) => negative(kind, seed, duration_s),
        }
    }

    /// The same between cameras and amounts of speech as they are met, all by judgment: 24 to 120
    /// frames a second; 4 to 20 s of speech in three of ten who neither talk nor follow tasks; half
    /// of the tasks declared in a protocol.
    #[must_use]
    pub fn recorded(self, seed: u64, duration_s: f64) -> (Scenario, Option<Protocol>) {
        let mut rng = ChaCha8Rng::seed_from_u64(seed);
        let mut scenario = self.scenario(seed, duration_s);
        scenario.camera.fps = [24.0, 25.0, 30.0, 30.0, 50.0, 60.0, 120.0][rng.random_range(0..7)];
        if scenario.tasks.is_empty() && scenario.speech.is_empty() && rng.random_bool(0.3) {
            let start_s = duration_s * rng.random_range(0.05..0.5);
            scenario.speech.push(Speech {
                start_s,
                end_s: (start_s + rng.random_range(4.0..20.0)).min(0.95 * duration_s),
                syllables_per_s: rng.random_range(3.5..5.5),
                amplitude: rng.random_range(0.7..1.3),
            });
        }
        let declared = !scenario.tasks.is_empty() && rng.random_bool(0.5);
        let protocol = declared.then(|| scenario.protocol()).flatten();
        (scenario, protocol)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_third_each_are_patients_lively_and_palsied() {
        let labels = &Label::ALL[..4];
        let all: Vec<Subject> = (0..24).map(|number| Subject::of_turn(labels, number)).collect();
        for label in labels {
            let own = all.iter().filter(|own| **own == Subject::Patient(*label)).count();
            assert_eq!(own, 2, "{label}");
        }
        for kind in Negative::ALL {
            let own = all.iter().filter(|own| **own == Subject::Negative(kind)).count();
            assert_eq!(own, 8, "{kind:?}");
        }
        assert!(all.iter().all(|own| own.label() == own.scenario(1, 20.0).label.unwrap()));
    }

    #[test]
    fn every_recording_of_a_cohort_can_be() {
        for number in 0..60 {
            let (scenario, _) = Subject::of_turn(&Label::ALL, number).recorded(number, 60.0);
            scenario.check().unwrap_or_else(|error| panic!("{number}: {error}"));
        }
    }
}
