//! One row an event, with a group of columns for each place that can take part.

use super::columns::{rounded, whose, widened};
use crate::anatomy::Place;
use crate::batch::{Cohort, Entry};
use crate::event::{Contraction, Event};
use crate::report::Table;
use crate::report::csv::{spread_text, word};

pub(super) fn table(cohort: &Cohort) -> Table {
    let rows: Vec<(&Entry, &Event)> = cohort
        .analyzed()
        .flat_map(|(own, found)| found.findings.events.iter().map(move |e| (&own.entry, e)))
        .collect();
    let events = || rows.iter().map(|row| row.1);
    let mut table = Table::default();
    whose(&mut table, rows.iter().map(|row| row.0));
    table.integer("event", events().map(|event| Some(event.id.into())));
    table.text("kind", events().map(|event| Some(word(event.kind))));
    table.flag("involuntary", events().map(|event| Some(event.kind.is_involuntary())));
    table.text("side", events().map(|event| Some(word(event.side))));
    table.double("start_s", events().map(|event| Some(rounded(event.start_s))));
    table.double("peak_s", events().map(|event| Some(rounded(event.peak_s))));
    table.double("end_s", events().map(|event| Some(rounded(event.end_s))));
    table.double("duration_s", events().map(|e| Some(rounded(e.end_s - e.start_s))));
    table.text("spread", events().map(|event| Some(spread_text(event)).filter(|s| !s.is_empty())));
    table.flag("other_babinski", events().map(|event| Some(event.other_babinski)));
    table.text("task", events().map(|event| event.task.map(word)));
    table.text(
        "reason",
        events().map(|event| Some(event.reason.as_str()).filter(|r| !r.is_empty())),
    );
    table.integer("contractions", events().map(|event| Some(event.contractions.len() as i64)));
    table.double("largest_amplitude_mfu", events().map(|event| largest(event).map(widened)));
    for place in Place::ALL {
        let here = |event: &Event, figure: fn(&Contraction) -> f64| {
            let mut own = event.contractions.iter();
            let own = own.find(|c| (c.region, c.side) == (place.region, place.side));
            own.map(|contraction| rounded(figure(contraction)))
        };
        let mut column = |name: &str, figure: fn(&Contraction) -> f64| {
            let values = events().map(|event| here(event, figure));
            table.double(&format!("{place}_{name}"), values);
        };
        column("onset_s", |c| c.onset_s);
        column("onset_ci_low_s", |c| c.onset_ci_s[0]);
        column("onset_ci_high_s", |c| c.onset_ci_s[1]);
        column("end_s", |c| c.end_s);
        column("amplitude_mfu", |c| widened(c.amplitude_mfu));
    }
    table
}

/// The largest displacement of any place.
pub(super) fn largest(event: &Event) -> Option<f32> {
    event.contractions.iter().map(|c| c.amplitude_mfu.abs()).reduce(f32::max)
}
