//! The figures as text.

use std::fmt::Write;
use std::path::Path;

use super::pairing::{ValidatedClip, Validation};
use super::score::{Errors, Matched, Proportion, Score, Share, Tally};

/// The pool, then a line for each recording where there are several.
pub(super) fn text(validation: &Validation) -> String {
    let mut text = String::new();
    for (name, line) in lines(&validation.pooled) {
        // Writing to a String cannot fail, here and below.
        let _ = writeln!(text, "{name:<8} {line}");
    }
    if validation.recordings.len() > 1 {
        let _ = writeln!(text, "\nfound / missed / false, blinks and events of each recording:");
        for recording in &validation.recordings {
            let _ = writeln!(text, "{}", one_line(recording));
        }
    }
    text
}

/// Names and lines of a score; a line that continues the one above has no name.
pub(super) fn lines(score: &Score) -> Vec<(&'static str, String)> {
    let mut lines = vec![("Scored", format!("{} recording(s)", score.recordings))];
    for (name, tally) in [("Blinks", &score.blinks), ("Events", &score.events)] {
        match tally {
            Some(tally) => {
                let own = tally_lines(tally, name == "Events");
                lines.extend(
                    own.into_iter()
                        .enumerate()
                        .map(|(i, line)| (if i == 0 { name } else { "" }, line)),
                );
            }
            None => lines.push((name, "not rated".to_owned())),
        }
    }
    if !score.patterns.is_empty() {
        lines.push(("Patterns", patterns(score)));
    }
    lines
}

fn tally_lines(tally: &Tally, events: bool) -> Vec<String> {
    let ignored = match tally.ignored {
        0 => String::new(),
        count => format!("; {count} on uncertain entries, not counted"),
    };
    let mut lines = vec![
        format!("{}{ignored}", matched(tally.overlap)),
        format!(
            "onset within 1 frame: {}; within 2 frames: {}",
            f1(tally.onset_1_frame),
            f1(tally.onset_2_frames)
        ),
        format!(
            "start: {}; end: {}",
            errors(&tally.start_error_frames),
            errors(&tally.end_error_frames)
        ),
        format!("side right: {}", share(tally.side)),
    ];
    if events {
        let order = tally.order;
        lines.push(format!("regions: {}", matched(tally.regions)));
        lines.push(format!(
            "order right: {} ({} unresolved, {} invented, {} reversed)",
            share(order.share()),
            order.unresolved,
            order.invented,
            order.reversed
        ));
        lines.push(format!(
            "onsets of contractions: {}; inside the stated interval: {}",
            errors(&tally.onset_error_frames),
            share(tally.onset_interval)
        ));
    }
    lines
}

fn one_line(recording: &ValidatedClip) -> String {
    let short = |tally: &Option<Tally>| match tally {
        Some(Tally { overlap: m, .. }) => {
            format!("{:>4} / {} / {}", m.found, m.missed, m.false_alarms)
        }
        None => "not rated".to_owned(),
    };
    format!(
        "  {:<28} {:<16} {:<16}",
        name(recording),
        short(&recording.score.blinks),
        short(&recording.score.events)
    )
    .trim_end()
    .to_owned()
}

/// A short name of a recording: that of its truth.
pub(super) fn name(recording: &ValidatedClip) -> String {
    let name = Path::new(&recording.truth).file_name();
    let name = name.map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
    name.trim_end_matches(".json").trim_end_matches(".truth").to_owned()
}

/// `found 9, missed 1, false 0: F1 0.947 (0.74 to 0.99), precision 1.000, recall 0.900`.
pub(super) fn matched(matched: Matched) -> String {
    let Matched { found, missed, false_alarms } = matched;
    let plain = |p: Option<Proportion>| p.map_or("none".to_owned(), |p| format!("{:.3}", p.value));
    format!(
        "found {found}, missed {missed}, false {false_alarms}: {}, precision {}, recall {}",
        f1(matched),
        plain(matched.precision()),
        plain(matched.recall())
    )
}

/// `F1 0.947 (0.74 to 0.99)`.
pub(super) fn f1(matched: Matched) -> String {
    match matched.f1() {
        Some(Proportion { value, ci: [low, high] }) => {
            format!("F1 {value:.3} ({low:.2} to {high:.2})")
        }
        None => "nothing to find and nothing found".to_owned(),
    }
}

/// `9 of 10 = 0.900 (0.60 to 0.98)`.
pub(super) fn share(share: Share) -> String {
    let counts = format!("{} of {}", share.count, share.of);
    match share.proportion() {
        Some(Proportion { value, ci: [low, high] }) => {
            format!("{counts} = {value:.3} ({low:.2} to {high:.2})")
        }
        None => counts,
    }
}

/// `median 0.30, 95 % within 1.20, bias +0.10 frames`.
pub(super) fn errors(errors: &[f64]) -> String {
    match Errors::of(errors) {
        Some(Errors { median, p95, bias, .. }) => {
            format!("median {median:.2}, 95 % within {p95:.2}, bias {bias:+.2} frames")
        }
        None => "none to compare".to_owned(),
    }
}

/// How many labels are right, and what the others were taken for.
pub(super) fn patterns(score: &Score) -> String {
    let all: u32 = score.patterns.iter().map(|pattern| pattern.count).sum();
    let right = score.patterns.iter().filter(|p| p.truth == p.found).map(|p| p.count).sum();
    let mut text = format!("right: {}", share(Share { count: right, of: all }));
    for pattern in score.patterns.iter().filter(|p| p.truth != p.found) {
        let _ = write!(text, "; {} as {}: {}", pattern.truth, pattern.found, pattern.count);
    }
    text
}
