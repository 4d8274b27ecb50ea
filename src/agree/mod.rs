//! Raters against each other and against the program.
//!
//! Each file, a review, a truth or an analysis, is a [`Rating`]: what one rater says of one recording.
//! Events of one recording that overlap by half of their union (same side first) are one unit,
//! with a kind and a side from each rater, `none` where a rater has no event there. On the units stand:
//!
//! - [`kappa`]: Cohen's kappa of each two raters and Fleiss' kappa of all, of kinds and of sides; and of
//!   the pattern's label over recordings. Intervals are bootstrapped over the units.
//! - F1 of each two raters: events of both over all.
//! - [`bland_altman`]: differences of onset and duration of events that both have.
//! - [`icc`]: intraclass correlation of blink counts, over recordings and over stretches of ten seconds.
//!
//! Entries that a rater calls uncertain, and what a reviewer has not judged, count neither for nor
//! against: a unit with such an entry is left out. Figures that the data do not carry are absent.

pub mod bland_altman;
mod html;
pub mod icc;
pub mod kappa;
mod pairs;
mod rating;
mod text;
mod units;

pub use bland_altman::BlandAltman;
pub use icc::Icc;
pub use kappa::Kappa;
pub use pairs::{PairCounts, PairDifferences, PairKappa};
pub use rating::{AgreeError, Rated, Rating};
pub use units::Unit;

use std::path::PathBuf;

use serde::Serialize;

use crate::report::DISCLAIMER;

/// Name of the format of the figures.
pub const SCHEMA: &str = "spasmograph.agreement/1";

/// The word of a rater who has no event where another has one.
const NO_EVENT: &str = "none";

/// How raters agree.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Agreement {
    /// Always [`SCHEMA`].
    pub schema: String,
    /// Version of the program.
    pub version: String,
    /// Always [`DISCLAIMER`].
    pub disclaimer: String,
    /// The raters, in the order in which they were first named.
    pub raters: Vec<String>,
    /// The recordings, in the order in which they were first named.
    pub recordings: Vec<String>,
    /// Kinds of events; `none` where a rater has no event.
    pub kinds: Categories,
    /// Sides of events; `none` where a rater has no event.
    pub sides: Categories,
    /// Labels of the patterns of recordings.
    pub labels: Categories,
    /// Events that both of two raters have, over all.
    pub events: Vec<PairCounts>,
    /// Onset of the second rater less that of the first, seconds.
    pub onset: Vec<PairDifferences>,
    /// Duration of the second rater's event less that of the first, seconds.
    pub duration: Vec<PairDifferences>,
    /// Blinks that both of two raters have, over all.
    pub blinks: Vec<PairCounts>,
    /// Blink counts over recordings, all raters together; absent for fewer than two recordings.
    pub blinks_per_recording: Option<Icc>,
    /// Blink counts over stretches of ten seconds, all raters together.
    pub blinks_per_stretch: Option<Icc>,
    /// What the figures of kinds and sides were made of.
    pub units: Vec<Unit>,
    /// What the reader should know.
    pub notes: Vec<String>,
}

/// Agreement on words.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub struct Categories {
    /// Cohen's kappa of each two raters.
    pub cohen: Vec<PairKappa>,
    /// Fleiss' kappa of all raters, on the units that all of them rated.
    pub fleiss: Option<Kappa>,
}

/// Compares ratings that lie in files.
///
/// # Errors
/// [`AgreeError`]: a file cannot be read, or fewer than two raters rated the same recording.
pub fn agree(files: &[PathBuf]) -> Result<Agreement, AgreeError> {
    let ratings: Vec<Rating> =
        files.iter().map(|path| Rating::read(path)).collect::<Result<_, _>>()?;
    compare(&ratings)
}

/// Compares ratings.
///
/// # Errors
/// [`AgreeError`]: one rater rated a recording twice, or no two rated the same.
pub fn compare(ratings: &[Rating]) -> Result<Agreement, AgreeError> {
    let group = rating::Group::of(ratings)?;
    let units = units::events(&group);
    let blink_units = units::blinks(&group);
    let raters = group.raters.len();
    let word = |of: fn(&Rated) -> String| {
        let cell = move |own: &Option<Rated>| own.as_ref().map_or_else(|| NO_EVENT.to_owned(), of);
        units.iter().map(|unit| unit.by_rater(raters, cell)).collect::<Vec<_>>()
    };
    let kinds = word(Rated::kind_word);
    let sides = word(Rated::side_word);
    let labels: Vec<Vec<Option<String>>> = group.labels();
    let rows =
        |words: &[Vec<Option<String>>], absent| pairs::categories(&group.raters, words, absent);
    Ok(Agreement {
        schema: SCHEMA.to_owned(),
        version: env!("CARGO_PKG_VERSION").to_owned(),
        disclaimer: DISCLAIMER.to_owned(),
        kinds: rows(&kinds, Some(NO_EVENT)),
        sides: rows(&sides, Some(NO_EVENT)),
        labels: rows(&labels, None),
        events: pairs::counts(&group.raters, &units),
        onset: pairs::differences(&group.raters, &units, |own| own.start_s),
        duration: pairs::differences(&group.raters, &units, |own| own.end_s - own.start_s),
        blinks: pairs::counts(&group.raters, &blink_units),
        blinks_per_recording: icc::icc(&group.blink_counts()),
        blinks_per_stretch: icc::icc(&group.blink_stretches()),
        notes: group.notes(),
        raters: group.raters.clone(),
        recordings: group.recordings.clone(),
        units,
    })
}

impl Agreement {
    /// The figures as a few lines for the terminal.
    #[must_use]
    pub fn text(&self) -> String {
        text::text(self)
    }

    /// The figures as a page with plots.
    #[must_use]
    pub fn html(&self) -> String {
        html::page(self)
    }
}
