//! The summary on the terminal: about a dozen lines, in the words of the report.

use std::fmt::Write;
use std::path::Path;

use super::scales::ScaleRange;
use super::{Analysis, DISCLAIMER, Reviewed};
use crate::anatomy::{Place, Region, Side};
use crate::event::{Direction, Event, EventKind, Laterality};
use crate::pattern::{Label, Pattern};

/// The summary of an analysis whose files are in `folder`.
#[must_use]
pub fn text(analysis: &Analysis, folder: Option<&Path>) -> String {
    let mut lines = vec![("Clip", clip(analysis))];
    lines.extend(analysis.reviewed.as_ref().map(|own| ("Reviewed", reviewed(own))));
    lines.extend([
        ("Usable", usable(analysis)),
        ("Blinks", blinks(analysis)),
        ("Events", events(analysis)),
        ("Spread", spread(analysis)),
    ]);
    lines.extend(weakness(analysis).map(|weak| ("Weakness", weak)));
    let heads = std::iter::once("Pattern").chain(std::iter::repeat(""));
    lines.extend(heads.zip(pattern(analysis)));
    if !analysis.scales.is_empty() {
        lines.push(("Scales", scales(&analysis.scales)));
    }
    lines.push(("Limits", limits(analysis)));
    lines.extend(analysis.warnings.iter().map(|w| ("Warning", w.message.clone())));
    if let Some(folder) = folder {
        lines.push(("Results", folder.display().to_string()));
    }
    lines.push(("Note", DISCLAIMER.to_owned()));
    let mut text = String::new();
    for (name, line) in lines {
        // Writing to a String cannot fail.
        let _ = writeln!(text, "{name:<8} {line}");
    }
    text
}

/// Who reviewed, and what came of it.
#[must_use]
pub fn reviewed(own: &Reviewed) -> String {
    let blind = if own.blind { ", blind to the program's findings" } else { "" };
    let state = if own.finished { "finished" } else { "not finished" };
    let mut text = format!(
        "by {}{blind}, {} ({state}): {} accepted, {} changed, {} added, {} rejected",
        own.reviewer,
        own.time.get(..10).unwrap_or(&own.time),
        own.accepted,
        own.changed,
        own.added,
        own.rejected,
    );
    if own.unjudged > 0 {
        let _ = write!(text, ", {} not judged", own.unjudged);
    }
    text
}

/// Name, length, size and rate of the recording.
#[must_use]
pub fn clip(analysis: &Analysis) -> String {
    let source = &analysis.source;
    let name = Path::new(&source.path)
        .file_name()
        .map_or_else(|| source.path.clone(), |name| name.to_string_lossy().into_owned());
    let rate = match (source.fps_nominal, source.variable_frame_rate) {
        (Some(fps), true) => format!(", {fps:.4} frames/s on average (variable)"),
        (Some(fps), false) => format!(", {fps:.4} frames/s"),
        (None, _) => String::new(),
    };
    let rate = trim_zeros(&rate);
    let mirrored = if source.mirrored { ", mirrored" } else { "" };
    format!(
        "{name}: {}, {} x {}{rate}{mirrored}",
        duration(source.duration_s),
        source.width,
        source.height
    )
}

/// `29.9700 frames/s` becomes `29.97 frames/s`, `30.0000` becomes `30`.
fn trim_zeros(rate: &str) -> String {
    match rate.split_once(" frames") {
        Some((number, rest)) => {
            format!("{} frames{rest}", number.trim_end_matches('0').trim_end_matches('.'))
        }
        None => rate.to_owned(),
    }
}

/// How much of the recording was measured.
#[must_use]
pub fn usable(analysis: &Analysis) -> String {
    let coverage = &analysis.coverage;
    let gaps = match coverage.gaps.len() {
        0 => "no gaps".to_owned(),
        count => {
            let total: f64 = coverage.gaps.iter().map(|gap| gap.end_s - gap.start_s).sum();
            format!("{} ({} in all)", counted(count, "gap"), duration(total))
        }
    };
    let rest = coverage.rest_s.map_or_else(String::new, |rest_s| {
        format!("; at rest, neither speaking nor posing, for {}", duration(rest_s))
    });
    format!(
        "{} ({} of {} read), {gaps}{rest}",
        percent(coverage.usable_fraction),
        duration(analysis.findings.summary.usable_s),
        counted(coverage.frames_read as usize, "frame"),
    )
}

/// Number and rate of blinks, and how they were.
#[must_use]
pub fn blinks(analysis: &Analysis) -> String {
    let findings = &analysis.findings;
    let Some(rate) = findings.summary.blink_rate_per_min else {
        return "no usable video to count them in".to_owned();
    };
    let partial = findings.blinks.iter().filter(|blink| !blink.complete).count();
    let one_sided = findings.blinks.iter().filter(|blink| blink.side != Laterality::Both).count();
    let unequal = weak_lid(analysis).map_or_else(String::new, |finding| format!("; {finding}"));
    format!(
        "{} ({rate:.1} a minute), {partial} partial, {one_sided} of one eye{unequal}",
        counted(findings.blinks.len(), "blink")
    )
}

/// Blinks from which on the lids are compared.
const LIDS_COMPARED: u32 = 3;

/// A lid that does not close as its fellow does; `None` where the intervals of both meet.
#[must_use]
pub fn weak_lid(analysis: &Analysis) -> Option<String> {
    let shares = &analysis.findings.summary.lid_share;
    let (left, right) = shares.left.zip(shares.right)?;
    let apart = left.interval[1] < right.interval[0] || right.interval[1] < left.interval[0];
    let unequal = left.share.min(right.share) < LIDS_ALIKE * left.share.max(right.share);
    let enough = left.blinks.min(right.blinks) >= LIDS_COMPARED;
    let ((weak, part), (other, whole)) = if left.share < right.share {
        (("left", left.share), ("right", right.share))
    } else {
        (("right", right.share), ("left", left.share))
    };
    (apart && unequal && enough).then(|| {
        let [part, whole] = [part, whole].map(|share| (100.0 * share).round());
        format!("the {weak} lid closes {part} % of the way, the {other} {whole} %")
    })
}

/// Smaller share over larger from which on the two lids are alike: healthy lids differ by a tenth
/// (judgment).
const LIDS_ALIKE: f32 = 0.8;

/// The events that may show a disorder: twitches, spasms and prolonged closures.
pub(crate) fn suspect(analysis: &Analysis) -> impl Iterator<Item = &Event> {
    let suspect = |event: &&Event| event.kind.is_involuntary() || event.kind == EventKind::Closure;
    analysis.findings.events.iter().filter(suspect)
}

/// The events that are counted as involuntary: twitches and spasms.
pub(crate) fn involuntary(analysis: &Analysis) -> impl Iterator<Item = &Event> {
    analysis.findings.events.iter().filter(|event| event.kind.is_involuntary())
}

/// Involuntary events by side with rate, then the other kinds.
#[must_use]
pub fn events(analysis: &Analysis) -> String {
    let findings = &analysis.findings;
    let summary = &findings.summary;
    if analysis.coverage.frames_with_face == 0 {
        return "no usable video to find them in".to_owned();
    }
    let side = |side| involuntary(analysis).filter(|event| event.side == side).count();
    let sides = [
        (Laterality::Left, "left", summary.event_rate_per_min.left, summary.rate_ci.left),
        (Laterality::Right, "right", summary.event_rate_per_min.right, summary.rate_ci.right),
        (Laterality::Both, "both", summary.event_rate_per_min.both, summary.rate_ci.both),
    ];
    let mut parts = Vec::new();
    for (laterality, name, rate, [low, high]) in sides {
        let count = side(laterality);
        if count > 0 {
            parts.push(format!("{name} {count} ({rate:.1} a minute, {low:.1} to {high:.1})"));
        }
    }
    if parts.is_empty() {
        parts.push("no twitch or spasm".to_owned());
    }
    let mut text = parts.join("; ");
    let kinds = [
        (EventKind::Closure, "prolonged closure"),
        (EventKind::Expression, "expression"),
        (EventKind::Uncertain, "uncertain event"),
    ];
    for (kind, name) in kinds {
        let count = findings.events.iter().filter(|event| event.kind == kind).count();
        if count > 0 {
            let _ = write!(text, "; {}", counted(count, name));
        }
    }
    text
}

/// Which regions came first, and the direction over all events.
#[must_use]
pub fn spread(analysis: &Analysis) -> String {
    let spread = &analysis.findings.spread;
    if suspect(analysis).next().is_none() {
        return "nothing to order".to_owned();
    }
    let first: Vec<String> = spread
        .first_region
        .iter()
        .map(|(region, count)| format!("{} {count}", plain(*region)))
        .collect();
    let first =
        if first.is_empty() { String::new() } else { format!("first: {}; ", first.join(", ")) };
    format!("{first}direction {} (visible onset order)", direction(spread.direction))
}

/// The label in plain words with what speaks for it, a line each.
#[must_use]
pub fn pattern(analysis: &Analysis) -> Vec<String> {
    pattern_lines(sided_label(analysis), &analysis.pattern)
}

/// A label with its reasons, why it rather than the next, and what can look alike: a line each, a
/// single reason behind the label.
pub(crate) fn pattern_lines(name: String, pattern: &Pattern) -> Vec<String> {
    let mut lines = match pattern.reasons.as_slice() {
        [] if pattern.reason.is_empty() => vec![name],
        // An earlier version gave one sentence.
        [] => vec![format!("{name}: {}", pattern.reason)],
        [only] => vec![format!("{name}: {only}")],
        several => std::iter::once(name).chain(several.iter().cloned()).collect(),
    };
    if let Some(preferred) = &pattern.preferred {
        lines.push(preferred.clone());
    } else if let Some(best) = pattern.ranked.first().filter(|best| best.label != pattern.label) {
        lines.push(format!("nearest: {}, {}", label(best.label), percent(best.score)));
    }
    lines.extend(
        pattern.label.looks_alike().map(|alike| format!("can look alike on video: {alike}")),
    );
    lines
}

/// The side that moves less than its fellow, with what each region does; `None` where none does.
#[must_use]
pub fn weakness(analysis: &Analysis) -> Option<String> {
    let weakness = analysis.pattern.weakness.as_ref()?;
    Some(format!("of the {} side: {}", weakness.side, weakness.words()))
}

/// The suggested ranges on clinical scales, those that video cannot tell left out.
#[must_use]
pub fn scales(ranges: &[ScaleRange]) -> String {
    let suggested = ranges.iter().filter_map(|own| Some((&own.scale, own.range.as_ref()?)));
    let parts: Vec<String> = suggested.map(|(scale, range)| format!("{scale}: {range}")).collect();
    match parts.as_slice() {
        [] => "no range is suggested".to_owned(),
        some => format!("{} (suggested ranges, no grades)", some.join("; ")),
    }
}

/// The smallest contraction each region could have shown, the worse side counting.
#[must_use]
pub fn limits(analysis: &Analysis) -> String {
    let noise = &analysis.findings.noise;
    let limit = |region: Region| -> Option<f32> {
        let limits: Vec<Option<f32>> = noise
            .iter()
            .filter(|floor| floor.region == region && floor.side.is_some())
            .map(|floor| floor.smallest_detectable_mfu)
            .collect();
        limits.into_iter().collect::<Option<Vec<f32>>>()?.into_iter().reduce(f32::max)
    };
    let known: Vec<String> = Region::ALL
        .into_iter()
        .filter_map(|region| Some(format!("{} {:.0}", plain(region), limit(region)?.ceil())))
        .collect();
    if known.is_empty() {
        return "too little usable video to say what could have been missed".to_owned();
    }
    let unknown: Vec<&str> =
        Region::ALL.into_iter().filter(|region| limit(*region).is_none()).map(plain).collect();
    let unknown = match unknown.as_slice() {
        [] => String::new(),
        some => format!("; not known for {}", some.join(", ")),
    };
    format!("none larger than this would have been missed, mFU: {}{unknown}", known.join(", "))
}

/// A region in plain words.
#[must_use]
pub const fn plain(region: Region) -> &'static str {
    match region {
        Region::Periocular => "lids",
        Region::Cheek => "cheek",
        Region::MouthCorner => "mouth corner",
        Region::Forehead => "forehead",
        Region::Jaw => "jaw",
    }
}

/// A place in plain words, e.g. `left mouth corner` or `jaw opening`.
#[must_use]
pub fn place(place: Place) -> String {
    match place.side {
        Some(side) => format!("{side} {}", plain(place.region)),
        None => "jaw opening".to_owned(),
    }
}

/// A label in plain words.
#[must_use]
pub const fn label(label: Label) -> &'static str {
    label.words()
}

/// The label in plain words, with the side most events are on where the label is one of one side:
/// `typical hemifacial spasm, right`; and the side that is weak where one is named beside it.
#[must_use]
pub fn sided_label(analysis: &Analysis) -> String {
    let own = analysis.pattern.label;
    let name = label(own);
    let weak = analysis.pattern.weakness.as_ref().map(|weakness| weakness.side);
    if !matches!(own, Label::TypicalHfs | Label::AtypicalHfs | Label::SynkinesisLike) {
        return match weak.filter(|_| own == Label::None) {
            Some(side) => format!("{name}; {side} side weak"),
            None => name.to_owned(),
        };
    }
    let count = |side| suspect(analysis).filter(|event| event.side == side).count();
    // Beside a weak side the sound one seems to move alone: its events tell no side.
    let side = match (count(Laterality::Left), count(Laterality::Right)) {
        _ if weak.is_some_and(|side| count(Laterality::from(side)) > 0) => weak,
        (left, right) if left > right => Some(Side::Left),
        (left, right) if right > left => Some(Side::Right),
        _ => None,
    };
    match (side, weak) {
        (Some(side), Some(weak)) => format!("{name}, {side}; {weak} side weak"),
        (Some(side), None) => format!("{name}, {side}"),
        _ => name.to_owned(),
    }
}

/// A direction in plain words.
#[must_use]
pub const fn direction(direction: Direction) -> &'static str {
    match direction {
        Direction::Downward => "downward",
        Direction::Upward => "upward",
        Direction::Simultaneous => "simultaneous",
        Direction::Unresolved => "unresolved",
    }
}

/// `1 gap`, `3 gaps`.
pub fn counted(count: usize, noun: &str) -> String {
    format!("{count} {noun}{}", if count == 1 { "" } else { "s" })
}

/// `83.2 s` below two minutes, `12 min 05 s` above, `10 h 40 min` above two hours.
pub(crate) fn duration(seconds: f64) -> String {
    let whole = seconds.round() as u64;
    if seconds < 120.0 {
        format!("{seconds:.1} s")
    } else if whole < 7200 {
        format!("{} min {:02} s", whole / 60, whole % 60)
    } else {
        format!("{} h {:02} min", whole / 3600, whole % 3600 / 60)
    }
}

/// A fraction in per cent, never rounded up to 100 or down to 0.
pub(crate) fn percent(fraction: f64) -> String {
    let percent = fraction * 100.0;
    if (99.5..100.0).contains(&percent) {
        "over 99 %".to_owned()
    } else if percent > 0.0 && percent < 0.5 {
        "under 1 %".to_owned()
    } else {
        format!("{percent:.0} %")
    }
}
