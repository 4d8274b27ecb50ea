//! The figures as lines, for the terminal and for the page.

use std::fmt::Write;

use super::{Agreement, Categories, Icc, Kappa, PairCounts, PairDifferences};
use crate::report::DISCLAIMER;

/// Figures of one kind under a name.
pub(super) struct Section {
    pub(super) title: &'static str,
    pub(super) lines: Vec<(String, String)>,
}

pub(super) fn text(agreement: &Agreement) -> String {
    let mut text = format!(
        "{} raters ({}), {} recording{}\n",
        agreement.raters.len(),
        agreement.raters.join(", "),
        agreement.recordings.len(),
        if agreement.recordings.len() == 1 { "" } else { "s" },
    );
    // Writing to a String cannot fail, here and below.
    for section in sections(agreement) {
        let _ = writeln!(text, "\n{}", section.title);
        for (name, line) in section.lines {
            let _ = writeln!(text, "  {name:<32} {line}");
        }
    }
    for note in &agreement.notes {
        let _ = writeln!(text, "\nNote: {note}");
    }
    let _ = writeln!(text, "\n{DISCLAIMER}");
    text
}

/// All figures, in the order in which they are read.
pub(super) fn sections(agreement: &Agreement) -> Vec<Section> {
    let mut sections = vec![
        Section { title: "Events found by both", lines: counts(&agreement.events) },
        Section { title: "Kinds of events", lines: categories(&agreement.kinds) },
        Section { title: "Sides of events", lines: categories(&agreement.sides) },
        Section { title: "Onset, second less first", lines: differences(&agreement.onset) },
        Section { title: "Duration, second less first", lines: differences(&agreement.duration) },
        Section { title: "Blinks found by both", lines: counts(&agreement.blinks) },
    ];
    let icc_lines = [
        ("over recordings", &agreement.blinks_per_recording),
        ("over stretches of 10 s", &agreement.blinks_per_stretch),
    ];
    let icc_lines = icc_lines.into_iter().map(|(name, own)| {
        let line = own.as_ref().map_or_else(|| NOT_CARRIED.to_owned(), icc);
        (name.to_owned(), line)
    });
    sections.push(Section {
        title: "Blink counts, intraclass correlation",
        lines: icc_lines.collect(),
    });
    sections
        .push(Section { title: "Pattern of the recording", lines: categories(&agreement.labels) });
    sections
}

/// What stands where the data do not carry a figure.
pub(super) const NOT_CARRIED: &str = "cannot be told from these";

pub(super) fn pair(raters: &[String; 2]) -> String {
    format!("{} and {}", raters[0], raters[1])
}

fn counts(pairs: &[PairCounts]) -> Vec<(String, String)> {
    let line = |own: &PairCounts| {
        let figure = own.f1.map_or_else(
            || "neither has one".to_owned(),
            |f1| format!("F1 {:.3} ({:.3} to {:.3})", f1.value, f1.ci[0], f1.ci[1]),
        );
        let counts = format!(
            "both {}, first only {}, second only {}",
            own.both, own.only_first, own.only_second
        );
        (pair(&own.raters), format!("{figure}; {counts}"))
    };
    pairs.iter().map(line).collect()
}

pub(super) fn kappa(own: &Kappa) -> String {
    let ci = own
        .ci
        .map_or_else(|| "no interval".to_owned(), |[low, high]| format!("{low:.3} to {high:.3}"));
    format!(
        "kappa {:.3} ({ci}); agreement {:.3}, by chance {:.3}, of {} units",
        own.kappa, own.observed, own.expected, own.units
    )
}

fn categories(own: &Categories) -> Vec<(String, String)> {
    let said =
        |kappa_of: &Option<Kappa>| kappa_of.as_ref().map_or_else(|| NOT_CARRIED.to_owned(), kappa);
    let mut lines: Vec<(String, String)> =
        own.cohen.iter().map(|own| (pair(&own.raters), said(&own.cohen))).collect();
    if own.cohen.len() > 1 {
        lines.push(("all (Fleiss)".to_owned(), said(&own.fleiss)));
    }
    lines
}

fn differences(pairs: &[PairDifferences]) -> Vec<(String, String)> {
    let line = |own: &PairDifferences| {
        let text = own.figures.as_ref().map_or_else(
            || NOT_CARRIED.to_owned(),
            |f| {
                format!(
                    "bias {:+.4} s ({:+.4} to {:+.4}), limits {:+.4} to {:+.4} s, {} pairs",
                    f.bias, f.bias_ci[0], f.bias_ci[1], f.limits[0], f.limits[1], f.n
                )
            },
        );
        (pair(&own.raters), text)
    };
    pairs.iter().map(line).collect()
}

fn icc(own: &Icc) -> String {
    let ci = own
        .ci
        .map_or_else(|| "no interval".to_owned(), |[low, high]| format!("{low:.3} to {high:.3}"));
    format!("ICC(2,1) {:.3} ({ci}), {} counts of {} raters", own.icc, own.targets, own.raters)
}
