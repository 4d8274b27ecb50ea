//! The figures of each two raters.

use serde::Serialize;

use super::Categories;
use super::bland_altman::{BlandAltman, bland_altman};
use super::kappa::{Kappa, cohen, fleiss};
use super::rating::Rated;
use super::units::Unit;
use crate::validate::{Matched, Proportion};

/// Cohen's kappa of two raters.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct PairKappa {
    /// The two.
    pub raters: [String; 2],
    /// The kappa; absent where both used one word only, or rated nothing in common.
    pub cohen: Option<Kappa>,
    /// How often each two words came together: word of the first, word of the second, units.
    pub table: Vec<(String, String, usize)>,
}

/// What two raters found.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct PairCounts {
    /// The two.
    pub raters: [String; 2],
    /// Found by both.
    pub both: u32,
    /// Found by the first only.
    pub only_first: u32,
    /// Found by the second only.
    pub only_second: u32,
    /// F1, the same whichever of them is taken for the truth, with its 95 % interval.
    pub f1: Option<Proportion>,
}

/// Differences of two raters on what both found.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct PairDifferences {
    /// The two.
    pub raters: [String; 2],
    /// The figures; absent for fewer than two pairs.
    pub figures: Option<BlandAltman>,
}

fn two(raters: &[String]) -> impl Iterator<Item = (usize, usize, [String; 2])> + '_ {
    (0..raters.len()).flat_map(move |a| {
        (a + 1..raters.len()).map(move |b| (a, b, [raters[a].clone(), raters[b].clone()]))
    })
}

/// Kappas of words: by unit, then by rater; `None` where a rater did not rate. Units in which two
/// raters both have the word `absent` are a third one's and tell nothing of the two.
pub(super) fn categories(
    raters: &[String],
    words: &[Vec<Option<String>>],
    absent: Option<&str>,
) -> Categories {
    let pair = |(a, b, raters): (usize, usize, [String; 2])| {
        let both: Vec<[&str; 2]> = words
            .iter()
            .filter_map(|unit| Some([unit[a].as_deref()?, unit[b].as_deref()?]))
            .filter(|unit| unit.iter().any(|word| Some(*word) != absent))
            .collect();
        let mut table: Vec<(String, String, usize)> = Vec::new();
        for [first, second] in &both {
            match table.iter_mut().find(|own| own.0 == *first && own.1 == *second) {
                Some(own) => own.2 += 1,
                None => table.push(((*first).to_owned(), (*second).to_owned(), 1)),
            }
        }
        table.sort();
        PairKappa { raters, cohen: cohen(&both), table }
    };
    let all: Vec<Vec<&str>> = words
        .iter()
        .filter_map(|unit| unit.iter().map(Option::as_deref).collect::<Option<Vec<&str>>>())
        .collect();
    Categories { cohen: two(raters).map(pair).collect(), fleiss: fleiss(&all) }
}

pub(super) fn counts(raters: &[String], units: &[Unit]) -> Vec<PairCounts> {
    two(raters)
        .map(|(a, b, raters)| {
            let (mut both, mut only_first, mut only_second) = (0, 0, 0);
            for unit in units.iter().filter(|unit| unit.rated[a] && unit.rated[b]) {
                match (claims(&unit.ratings[a]), claims(&unit.ratings[b])) {
                    (true, true) => both += 1,
                    (true, false) => only_first += 1,
                    (false, true) => only_second += 1,
                    (false, false) => {}
                }
            }
            let matched = Matched { found: both, false_alarms: only_second, missed: only_first };
            PairCounts { raters, both, only_first, only_second, f1: matched.f1() }
        })
        .collect()
}

/// An event that is an expression or uncertain claims nothing, as in `validate`.
fn claims(own: &Option<Rated>) -> bool {
    use crate::event::EventKind::{Expression, Uncertain};
    own.as_ref().is_some_and(|own| !matches!(own.kind, Some(Expression | Uncertain)))
}

pub(super) fn differences(
    raters: &[String],
    units: &[Unit],
    of: fn(&Rated) -> f64,
) -> Vec<PairDifferences> {
    two(raters)
        .map(|(a, b, raters)| {
            let pairs: Vec<[f64; 2]> = units
                .iter()
                .filter_map(|unit| {
                    Some([of(unit.ratings[a].as_ref()?), of(unit.ratings[b].as_ref()?)])
                })
                .collect();
            PairDifferences { raters, figures: bland_altman(&pairs) }
        })
        .collect()
}
