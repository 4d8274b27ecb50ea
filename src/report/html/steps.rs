//! The traces in figures, step by step: for those who do not see them.

use super::table;
use super::words::capitalised;
use crate::anatomy::{Place, Region, Side};
use crate::report::{Analysis, summary};
use crate::signal::Sample;

/// The step in which a recording is summed up, seconds: about thirty a recording, of a whole
/// number of ten seconds once it is long.
pub(super) fn width_s(end_s: f64) -> f64 {
    match end_s / 30.0 {
        short if short < 1.0 => 1.0,
        medium if medium < 10.0 => medium.ceil(),
        long => (long / 10.0).ceil() * 10.0,
    }
}

/// Appends the lowest opening of each eye and the largest displacement of each place, in steps.
pub(super) fn table(html: &mut String, analysis: &Analysis, samples: &[Sample]) {
    let end_s = samples.last().map_or(0.0, |sample| sample.time_s).max(analysis.source.duration_s);
    let width = width_s(end_s);
    let places: Vec<Place> = Place::ALL
        .into_iter()
        .filter(|place| place.region != Region::Periocular)
        .filter(|place| samples.iter().any(|sample| sample.displacement[*place].is_some()))
        .collect();
    let eyes = [Side::Right, Side::Left];
    let mut columns = vec!["Seconds".to_owned()];
    columns
        .extend(eyes.map(|side| format!("{} eye, least opening", capitalised(&side.to_string()))));
    columns.extend(
        places.iter().map(|place| format!("{}, mFU", capitalised(&summary::place(*place)))),
    );
    let columns: Vec<&str> = columns.iter().map(String::as_str).collect();
    let figure = |value: Option<f32>, decimals: usize| {
        value.map_or_else(|| "not measured".to_owned(), |value| format!("{value:.decimals$}"))
    };
    let mut rows: Vec<Vec<String>> = Vec::new();
    for step in samples.chunk_by(|a, b| (a.time_s / width).floor() == (b.time_s / width).floor()) {
        let from = (step[0].time_s / width).floor() * width;
        let mut row = vec![format!("{from:.0} to {:.0}", from + width)];
        row.extend(eyes.map(|side| {
            let apertures = step.iter().filter_map(|sample| Some(sample.eyes[side]?.aperture));
            figure(apertures.reduce(f32::min), 2)
        }));
        row.extend(places.iter().map(|place| {
            let displacements = step.iter().filter_map(|sample| sample.displacement[*place]);
            figure(displacements.reduce(|a, b| if b.abs() > a.abs() { b } else { a }), 1)
        }));
        rows.push(row);
    }
    html.push_str("<div class=\"screen\">\n");
    table::behind(html, "Traces in figures: the extreme of each step", &columns, &rows);
    html.push_str("</div>\n");
}
