//! Agreement on words beyond chance.

use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha8Rng;
use serde::Serialize;

/// Resamples of the bootstrap (judgment: the interval's ends move by a hundredth between seeds).
const RESAMPLES: usize = 2000;
/// Part of the resamples that must have a kappa for there to be an interval (judgment).
const DEFINED: f64 = 0.9;

/// A kappa with its interval.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Kappa {
    /// Units rated.
    pub units: usize,
    /// Share of agreement that was seen.
    pub observed: f64,
    /// Share that chance would give.
    pub expected: f64,
    /// Agreement beyond chance over what is possible: 1 all, 0 chance.
    pub kappa: f64,
    /// 95 % interval by bootstrap over the units (percentile method); absent where too many
    /// resamples have no kappa, as when nearly all units have one word.
    pub ci: Option<[f64; 2]>,
}

/// Cohen's kappa of two raters (Cohen 1960): a pair of words a unit; `None` where both used one
/// word only, or there is no unit.
#[must_use]
pub fn cohen(units: &[[&str; 2]]) -> Option<Kappa> {
    with_interval(units, |units| {
        let n = units.len() as f64;
        let observed = units.iter().filter(|[a, b]| a == b).count() as f64 / n;
        let mut words: Vec<&str> = units.iter().flatten().copied().collect();
        words.sort_unstable();
        words.dedup();
        let share = |word: &str, rater: usize| {
            units.iter().filter(|unit| unit[rater] == word).count() as f64 / n
        };
        let expected = words.iter().map(|word| share(word, 0) * share(word, 1)).sum();
        (observed, expected)
    })
}

/// Fleiss' kappa of a fixed number of raters (Fleiss 1971): a word of each rater a unit; `None`
/// where all used one word only, there is no unit, or fewer than two raters.
#[must_use]
pub fn fleiss(units: &[Vec<&str>]) -> Option<Kappa> {
    let raters = units.first()?.len();
    if raters < 2 || units.iter().any(|unit| unit.len() != raters) {
        return None;
    }
    let k = raters as f64;
    with_interval(units, |units| {
        let n = units.len() as f64;
        let mut words: Vec<&str> = units.iter().flatten().copied().collect();
        words.sort_unstable();
        words.dedup();
        let count =
            |unit: &Vec<&str>, word: &str| unit.iter().filter(|own| **own == word).count() as f64;
        let (mut observed, mut expected) = (0.0, 0.0);
        for word in words {
            let counts: Vec<f64> = units.iter().map(|unit| count(unit, word)).collect();
            observed += counts.iter().map(|c| c * (c - 1.0)).sum::<f64>() / (n * k * (k - 1.0));
            expected += (counts.iter().sum::<f64>() / (n * k)).powi(2);
        }
        (observed, expected)
    })
}

/// The kappa of observed and expected agreement, with its interval.
fn with_interval<T: Clone>(units: &[T], shares: impl Fn(&[T]) -> (f64, f64)) -> Option<Kappa> {
    if units.is_empty() {
        return None;
    }
    let kappa = |units: &[T]| {
        let (observed, expected) = shares(units);
        let possible = 1.0 - expected;
        (possible > 1e-12).then(|| (observed, expected, (observed - expected) / possible))
    };
    let (observed, expected, value) = kappa(units)?;
    let mut rng = ChaCha8Rng::seed_from_u64(units.len() as u64);
    let mut again: Vec<f64> = (0..RESAMPLES)
        .filter_map(|_| {
            let sample: Vec<T> =
                units.iter().map(|_| units[rng.random_range(0..units.len())].clone()).collect();
            kappa(&sample).map(|(_, _, value)| value)
        })
        .collect();
    again.sort_by(f64::total_cmp);
    let at = |q: f64| again[((again.len() - 1) as f64 * q).round() as usize];
    let enough = again.len() as f64 >= DEFINED * RESAMPLES as f64;
    let ci = enough.then(|| [at(0.025), at(0.975)]);
    Some(Kappa { units: units.len(), observed, expected, kappa: value, ci })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cohen_s_kappa_is_that_of_his_paper_s_kind_of_table() {
        // 20 yes-yes, 5 yes-no, 10 no-yes, 15 no-no: observed 0.7, expected 0.5.
        let table = [(20, ["y", "y"]), (5, ["y", "n"]), (10, ["n", "y"]), (15, ["n", "n"])];
        let units: Vec<[&str; 2]> =
            table.iter().flat_map(|(count, unit)| std::iter::repeat_n(*unit, *count)).collect();
        let own = cohen(&units).unwrap();
        assert!((own.observed - 0.7).abs() < 1e-12 && (own.expected - 0.5).abs() < 1e-12);
        assert!((own.kappa - 0.4).abs() < 1e-12);
        let [low, high] = own.ci.unwrap();
        assert!(low > 0.05 && low < 0.25 && high > 0.55 && high < 0.75, "{low} {high}");
        assert_eq!(cohen(&[["y", "y"]; 4]), None, "one word says nothing of agreement");
        assert_eq!(cohen(&[]), None);
    }

    #[test]
    fn fleiss_kappa_is_that_of_his_paper_s_kind_of_table() {
        // The example of Fleiss' method in the encyclopedias: 14 raters, 10 units, 5 words; 0.210.
        let table = [
            [0, 0, 0, 0, 14],
            [0, 2, 6, 4, 2],
            [0, 0, 3, 5, 6],
            [0, 3, 9, 2, 0],
            [2, 2, 8, 1, 1],
            [7, 7, 0, 0, 0],
            [3, 2, 6, 3, 0],
            [2, 5, 3, 2, 2],
            [6, 5, 2, 1, 0],
            [0, 2, 2, 3, 7],
        ];
        let words = ["a", "b", "c", "d", "e"];
        let units: Vec<Vec<&str>> = table
            .iter()
            .map(|row| row.iter().zip(words).flat_map(|(n, w)| vec![w; *n]).collect())
            .collect();
        let own = fleiss(&units).unwrap();
        assert!((own.kappa - 0.209_930_7).abs() < 1e-6, "{}", own.kappa);
    }
}
