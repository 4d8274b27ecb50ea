//! Pages made of what lies in the library: a report, a subject's visits.

use std::sync::OnceLock;

use axum::response::Response;
use serde::Deserialize;
use sha2::{Digest, Sha256};

use super::about::Abouts;
use super::answer::{Refusal, document};
use super::library::{Entry, Library};
use crate::compare::compare;
use crate::report::csv::read_signals;
use crate::report::html::{self, base64};
use crate::report::{Analysis, html::page};
use crate::review::file;
use crate::thresholds::Thresholds;

/// Which recordings, and whether as reviewed.
#[derive(Debug, Clone, Deserialize)]
pub(super) struct Which {
    #[serde(default)]
    name: String,
    #[serde(default)]
    subject: String,
    /// As the first review beside the results has it, where there is one.
    #[serde(default)]
    reviewed: bool,
}

/// An analysis as the page asks for it: reviewed, where there is a review.
pub(super) fn analysis(entry: &Entry, reviewed: bool) -> Result<Analysis, Refusal> {
    let path = entry.analysis();
    if reviewed && let Some(first) = file::all_beside(&path)?.first() {
        return Ok(file::reviewed(&path, Some(first), &Thresholds::default())?);
    }
    Analysis::read(&path).map_err(Refusal::failed)
}

/// The report of a recording.
pub(super) fn report(library: &Library, which: &Which) -> Result<Response, Refusal> {
    let entry = library.entry(&which.name)?;
    let analysis = analysis(&entry, which.reviewed)?;
    let samples = read_signals(&entry.results.join("signals.csv")).unwrap_or_default();
    let html = page(&analysis, &samples, None);
    Ok(document(html, &[script_hash()]))
}

/// The visits of a subject against each other.
pub(super) fn visits(library: &Library, which: &Which) -> Result<Response, Refusal> {
    let names = Abouts::read(library)?.visits(&which.subject);
    let mut analyses = Vec::new();
    for name in names {
        // A visit that is not analyzed yet is none to compare.
        let entry = library.entry(&name)?;
        if entry.analysis().is_file() {
            analyses.push(analysis(&entry, which.reviewed)?);
        }
    }
    let comparison = compare(&analyses, None, &Thresholds::default().pattern);
    let comparison = comparison.map_err(|error| Refusal::bad(error.to_string()))?;
    Ok(document(comparison.html(), &[]))
}

/// What the policy of a report's page calls its script.
fn script_hash() -> String {
    static HASH: OnceLock<String> = OnceLock::new();
    let hash = || format!("sha256-{}", base64(&Sha256::digest(html::page_script())));
    HASH.get_or_init(hash).clone()
}
