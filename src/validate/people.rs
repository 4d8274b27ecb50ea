//! Scores pooled by person: recordings of one person are not independent of each other.

use std::collections::BTreeMap;

use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha8Rng;
use serde::Serialize;

use super::matching::MatchBy;
use super::score::{Matched, Rate, Score, Share};

/// Draws of people for an interval: its ends are then sure to about a hundredth of its rank.
const DRAWS: usize = 2000;

/// People with their scores, and what follows from people being drawn rather than events.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub struct People {
    /// How many people.
    pub count: u32,
    /// People without any twitch or spasm outside the listed events, of those whose events are rated.
    pub without_false: Share,
    /// False twitches and spasms a minute: 95 % interval by bootstrap over people.
    pub false_per_minute_ci: Option<[f64; 2]>,
    /// F1 of the blinks: 95 % interval by bootstrap over people.
    pub blinks_f1_ci: Option<[f64; 2]>,
    /// Each person's recordings pooled, in order of name.
    pub each: Vec<Person>,
}

/// One person.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Person {
    /// What the person is called in the truth.
    pub person: String,
    /// Their recordings pooled.
    pub score: Score,
}

impl People {
    /// Pools scores by the person they are of.
    pub(super) fn of<'a>(scores: impl Iterator<Item = (&'a str, &'a Score)>, by: MatchBy) -> Self {
        let mut each: BTreeMap<&str, Score> = BTreeMap::new();
        for (person, score) in scores {
            *each.entry(person).or_default() += score;
        }
        let outside: Vec<Rate> = each.values().filter_map(|s| Some(s.listed?.outside)).collect();
        let blinks: Vec<Matched> =
            each.values().filter_map(|s| Some(s.blinks.as_ref()?.matched(by))).collect();
        let without = outside.iter().filter(|rate| rate.count == 0).count();
        Self {
            count: each.len() as u32,
            without_false: Share { count: without as u32, of: outside.len() as u32 },
            false_per_minute_ci: bootstrap(&outside, |drawn| {
                let count: u32 = drawn.iter().map(|rate| rate.count).sum();
                let minutes: f64 = drawn.iter().map(|rate| rate.minutes).sum();
                Rate { count, minutes }.per_minute().map(|rate| rate.value)
            }),
            blinks_f1_ci: bootstrap(&blinks, |drawn| {
                let mut sum = Matched::default();
                drawn.iter().for_each(|own| sum += **own);
                sum.f1().map(|f1| f1.value)
            }),
            each: each
                .into_iter()
                .map(|(person, score)| Person { person: person.to_owned(), score })
                .collect(),
        }
    }
}

/// 95 % percentile interval of a figure over people (Efron 1979); `None` under two of them.
fn bootstrap<T>(people: &[T], figure: impl Fn(&[&T]) -> Option<f64>) -> Option<[f64; 2]> {
    if people.len() < 2 {
        return None;
    }
    // The same people give the same interval.
    let mut rng = ChaCha8Rng::seed_from_u64(0);
    let mut figures: Vec<f64> = (0..DRAWS)
        .filter_map(|_| {
            let drawn: Vec<&T> =
                people.iter().map(|_| &people[rng.random_range(0..people.len())]).collect();
            figure(&drawn)
        })
        .collect();
    figures.sort_by(f64::total_cmp);
    let last = figures.len().checked_sub(1)?;
    Some([0.025, 0.975].map(|part| figures[(part * last as f64).round() as usize]))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::validate::score::Listed;

    fn score(count: u32, minutes: f64) -> Score {
        let listed = Listed { outside: Rate { count, minutes }, ..Listed::default() };
        Score { recordings: 1, listed: Some(listed), ..Score::default() }
    }

    #[test]
    fn recordings_of_one_person_are_pooled_before_people_are_drawn() {
        let scores = [("a", score(6, 1.0)), ("a", score(0, 1.0)), ("b", score(0, 2.0))];
        let people = People::of(scores.iter().map(|(who, s)| (*who, s)), MatchBy::Peak);
        assert_eq!((people.count, people.without_false), (2, Share { count: 1, of: 2 }));
        // Two draws of either person: none a minute, or three.
        assert_eq!(people.false_per_minute_ci, Some([0.0, 3.0]));
        assert_eq!(people.each[0].score.recordings, 2);
    }

    #[test]
    fn one_person_gives_no_interval() {
        let one = score(3, 1.0);
        let people = People::of([("a", &one)].into_iter(), MatchBy::Peak);
        assert_eq!(people.false_per_minute_ci, None);
    }
}
