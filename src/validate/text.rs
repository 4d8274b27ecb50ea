//! The figures as text.

use std::fmt::Write;

use super::hidden::Part;
use super::matching::{MatchBy, Matching};
use super::pairing::{ValidatedClip, Validation};
use super::score::{Errors, Listed, Matched, Proportion, Rate, Score, Share, Tally};
use crate::pattern::Label;

/// The pool, then a line for each recording where there are several.
pub(super) fn text(validation: &Validation) -> String {
    let mut text = String::new();
    for (name, line) in lines(validation) {
        // Writing to a String cannot fail, here and below.
        let _ = writeln!(text, "{name:<8} {line}");
    }
    if validation.recordings.len() > 1 {
        text.push_str(
            "\nfound / missed / false, blinks and events of each recording; twitches and spasms \
             outside the listed events; the label:\n",
        );
        for recording in &validation.recordings {
            let _ = writeln!(text, "{}", one_line(recording, validation.matching.by));
        }
    }
    text
}

/// Names and lines of a pool; a line that continues the one above has no name.
pub(super) fn lines(validation: &Validation) -> Vec<(&'static str, String)> {
    let (score, people) = (&validation.pooled, &validation.people);
    let mut lines = vec![(
        "Scored",
        format!("{} recording(s) of {} person(s)", score.recordings, people.count),
    )];
    for (name, tally) in [("Blinks", &score.blinks), ("Events", &score.events)] {
        match tally {
            Some(tally) => {
                let own = tally_lines(tally, validation.matching, name == "Events");
                lines.extend(
                    own.into_iter()
                        .enumerate()
                        .map(|(i, line)| (if i == 0 { name } else { "" }, line)),
                );
                if let Some(ci) = people.blinks_f1_ci.filter(|_| name == "Blinks") {
                    lines.push(("", format!("F1 over people: {}", range(ci))));
                }
            }
            None => lines.push((name, "not rated".to_owned())),
        }
        if let Some(rated) = score.rated_blinks.filter(|_| name == "Blinks") {
            lines.push(("", format!("found where not all were rated: {}", share(rated))));
        }
    }
    if let Some(Listed { outside, told }) = score.listed {
        let over = people.false_per_minute_ci.map_or_else(String::new, |ci| {
            format!(
                "; over people {}, {} of {} people without any",
                range(ci),
                people.without_false.count,
                people.without_false.of
            )
        });
        lines.push((
            "False",
            format!("twitches and spasms outside the listed events: {}{over}", rate(outside)),
        ));
        if told.of > 0 {
            let told = share(told);
            let line = format!("listed events of one side told with it, each by its own: {told}");
            lines.push(("Told", line));
        }
    }
    if let Some(labels) = &score.labels {
        let mut line = format!("as may be: {}", share(labels.expected));
        for (label, count) in &labels.unexpected {
            let _ = write!(line, "; {label}: {count}");
        }
        lines.push(("Labels", line));
    }
    if !score.patterns.is_empty() {
        lines.push(("Patterns", patterns(score)));
    }
    if let Some(hidden) = &score.hidden {
        lines.push((
            "Hidden",
            format!(
                "time of places told to be, of the time that they were: {}; that they were, of the \
                 time told: {}",
                part(hidden.all_found()),
                part(hidden.right)
            ),
        ));
        let each: Vec<String> =
            hidden.found.iter().map(|(by, own)| format!("{by} {}", part(*own))).collect();
        lines.push(("", format!("behind {}", each.join("; "))));
    }
    if let Some(mirror) = score.mirror {
        lines.push((
            "Mirror",
            format!("events of the same kind on swapped sides: {}", share(mirror.events)),
        ));
        lines.push((
            "",
            format!(
                "of twitches and spasms: {}; blinks: {}",
                share(mirror.involuntary),
                share(mirror.blinks)
            ),
        ));
    }
    lines
}

fn part(part: Part) -> String {
    part.value()
        .map_or_else(|| "none".to_owned(), |value| format!("{value:.2} of {:.1} s", part.of_s))
}

fn tally_lines(tally: &Tally, matching: Matching, events: bool) -> Vec<String> {
    let ignored = match tally.ignored {
        0 => String::new(),
        count => format!("; {count} on uncertain entries, not counted"),
    };
    let apart = match matching.by {
        MatchBy::Overlap => {
            format!("by peak within {:.2} s: {}", matching.tolerance_s, f1(tally.peak))
        }
        MatchBy::Peak => format!("by overlap: {}", f1(tally.overlap)),
    };
    let mut lines = vec![
        format!("{}{ignored}", matched(tally.matched(matching.by))),
        format!(
            "onset within 1 frame: {}; within 2 frames: {}; {apart}",
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
        for ([from, to], mean, truly) in tally.reliability() {
            lines.push(format!(
                "given {from:.1} to {to:.1} as a contraction of one side (mean {mean:.2}): {} are one",
                share(truly)
            ));
        }
    }
    lines
}

fn one_line(recording: &ValidatedClip, by: MatchBy) -> String {
    let short = |tally: &Option<Tally>| match tally.as_ref().map(|tally| tally.matched(by)) {
        Some(m) => format!("{:>4} / {} / {}", m.found, m.missed, m.false_alarms),
        None => "not rated".to_owned(),
    };
    let score = &recording.score;
    let outside = score.listed.map_or_else(String::new, |l| l.outside.count.to_string());
    let label = recording.label.map(Label::name).unwrap_or_default();
    let wrong = match &score.labels {
        Some(labels) if labels.expected.count == 0 => " (may not be)",
        _ => "",
    };
    format!(
        "  {:<28} {:<16} {:<16} {outside:>3}  {label}{wrong}",
        recording.name,
        short(&score.blinks),
        short(&score.events)
    )
    .trim_end()
    .to_owned()
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

/// `34 in 16.1 usable minutes = 2.11 a minute (1.46 to 2.95)`.
pub(super) fn rate(rate: Rate) -> String {
    let counts = format!("{} in {:.1} usable minutes", rate.count, rate.minutes);
    match rate.per_minute() {
        Some(Proportion { value, ci }) => {
            format!("{counts} = {value:.2} a minute ({})", range(ci))
        }
        None => counts,
    }
}

fn range([low, high]: [f64; 2]) -> String {
    format!("{low:.2} to {high:.2}")
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
