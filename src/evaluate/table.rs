//! The headline figures: a row a corpus or block, and all of them together.

use crate::validate::{Proportion, Rate, Share, Tally, Validation};

/// The headline figures of an evaluation, each with its interval; empty where nothing is rated.
pub(super) struct Figures {
    pub(super) recordings: String,
    pub(super) people: String,
    pub(super) minutes: String,
    pub(super) blinks_f1: Option<String>,
    pub(super) events_f1: Option<String>,
    pub(super) one_sided_told: Option<String>,
    pub(super) side_right: Option<String>,
    pub(super) false_per_min: Option<String>,
    pub(super) labels_right: Option<String>,
    pub(super) onset_in_interval: Option<String>,
    pub(super) order_reversed: Option<String>,
    pub(super) mirror_agrees: Option<String>,
}

impl Figures {
    pub(super) fn of(validation: &Validation) -> Self {
        let (score, by) = (&validation.pooled, validation.matching.by);
        let f1 = |tally: Option<&Tally>| tally.and_then(|own| own.matched(by).f1()).map(figure);
        let (events, listed) = (score.events.as_ref(), score.listed);
        let right = score.patterns.iter().filter(|own| own.truth == own.found);
        let patterns = Share {
            count: right.map(|own| own.count).sum(),
            of: score.patterns.iter().map(|own| own.count).sum(),
        };
        let labels = score.labels.as_ref().map_or(patterns, |labels| labels.expected);
        Self {
            recordings: score.recordings.to_string(),
            people: validation.people.count.to_string(),
            minutes: format!("{:.1}", validation.minutes),
            blinks_f1: f1(score.blinks.as_ref()),
            events_f1: f1(events),
            one_sided_told: listed.and_then(|listed| share(listed.told)),
            side_right: events.and_then(|events| share(events.side)),
            false_per_min: listed.and_then(|listed| rate(listed.outside)),
            labels_right: share(labels),
            onset_in_interval: events.and_then(|events| share(events.onset_interval)),
            order_reversed: events
                .map(|own| (own.order.reversed, own.order.share().of))
                .filter(|(_, of)| *of > 0)
                .map(|(reversed, of)| format!("{reversed} of {of}")),
            mirror_agrees: score.mirror.and_then(|mirror| share(mirror.events)),
        }
    }
}

fn figure(Proportion { value, ci: [low, high] }: Proportion) -> String {
    format!("{value:.3} ({low:.3} to {high:.3})")
}

pub(super) fn share(share: Share) -> Option<String> {
    share.proportion().map(|own| format!("{} of {} = {}", share.count, share.of, figure(own)))
}

fn rate(rate: Rate) -> Option<String> {
    rate.per_minute().map(|own| format!("{} = {}", rate.count, figure(own)))
}

/// What a row shows of a column's figures.
type Cell = fn(&Figures) -> Option<String>;

/// The headline figures of several evaluations as text, a column each and a last one for all
/// recordings together, people that several of them show counted once.
#[must_use]
pub fn table(evaluations: &[(String, Validation)]) -> String {
    let mut columns: Vec<(String, Figures)> =
        evaluations.iter().map(|(name, own)| (name.clone(), Figures::of(own))).collect();
    if let [(_, first), _, ..] = evaluations {
        let recordings = evaluations.iter().flat_map(|(_, own)| own.recordings.clone());
        let all = Validation::new(recordings.collect(), first.matching, Vec::new());
        columns.push(("all".to_owned(), Figures::of(&all)));
    }
    let rows: [(&str, Cell); 12] = [
        ("recordings", |own| Some(own.recordings.clone())),
        ("people", |own| Some(own.people.clone())),
        ("minutes", |own| Some(own.minutes.clone())),
        ("blinks F1", |own| own.blinks_f1.clone()),
        ("events F1", |own| own.events_f1.clone()),
        ("one-sided events told", |own| own.one_sided_told.clone()),
        ("side right", |own| own.side_right.clone()),
        ("false a minute", |own| own.false_per_min.clone()),
        ("labels right", |own| own.labels_right.clone()),
        ("onsets in their interval", |own| own.onset_in_interval.clone()),
        ("orders reversed", |own| own.order_reversed.clone()),
        ("mirror image agrees", |own| own.mirror_agrees.clone()),
    ];
    let mut lines = vec![String::new(); 1 + rows.len()];
    let names = std::iter::once("").chain(rows.iter().map(|(name, _)| *name));
    pad(&mut lines, names.map(str::to_owned));
    for (name, figures) in &columns {
        let cells = rows.iter().map(|(_, cell)| cell(figures).unwrap_or_else(|| "-".to_owned()));
        pad(&mut lines, std::iter::once(name.clone()).chain(cells));
    }
    lines.iter().map(|line| line.trim_end().to_owned() + "\n").collect()
}

/// Adds a column, as wide as its widest cell.
fn pad(lines: &mut [String], cells: impl Iterator<Item = String>) {
    let cells: Vec<String> = cells.collect();
    let width = cells.iter().map(String::len).max().unwrap_or_default() + 2;
    for (line, cell) in lines.iter_mut().zip(cells) {
        line.push_str(&format!("{cell:<width$}"));
    }
}
