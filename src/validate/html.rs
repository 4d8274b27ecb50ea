//! The figures as a small page.

use std::fmt::Write;

use super::pairing::Validation;
use super::score::Tally;
use super::text;
use crate::report::DISCLAIMER;
use crate::report::html::escape;

const STYLE: &str = "\
:root { color-scheme: light dark } body { font: 100%/1.5 system-ui, sans-serif; max-width: 60rem; \
margin: 0 auto; padding: 1rem } table { border-collapse: collapse; font-variant-numeric: \
tabular-nums } th, td { text-align: left; padding: .2rem .8rem; border-bottom: 1px solid #8888 } \
dt { font-weight: 600; margin-top: .7rem } dd { margin: 0 }";

/// One page: the pool, then a table of recordings.
pub(super) fn page(validation: &Validation) -> String {
    let mut html = format!(
        "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n\
         <title>Spasmograph validation</title>\n<style>{STYLE}</style>\n</head>\n<body>\n\
         <h1>Agreement with the truth</h1>\n<dl>\n"
    );
    for (name, line) in text::lines(validation) {
        if !name.is_empty() {
            // Writing to a String cannot fail, here and below.
            let _ = writeln!(html, "<dt>{name}</dt>");
        }
        let _ = writeln!(html, "<dd>{}</dd>", escape(&line));
    }
    html.push_str(
        "</dl>\n<table><thead><tr><th scope=\"col\">Recording</th>\
         <th scope=\"col\">Blinks: found, missed, false</th>\
         <th scope=\"col\">Events: found, missed, false</th></tr></thead>\n<tbody>\n",
    );
    for recording in &validation.recordings {
        let counts = |tally: &Option<Tally>| match tally {
            Some(tally) => {
                let m = tally.matched(validation.matching.by);
                format!("{}, {}, {}", m.found, m.missed, m.false_alarms)
            }
            None => "not rated".to_owned(),
        };
        let _ = writeln!(
            html,
            "<tr><td>{}</td><td>{}</td><td>{}</td></tr>",
            escape(&recording.name),
            counts(&recording.score.blinks),
            counts(&recording.score.events)
        );
    }
    let _ = write!(
        html,
        "</tbody></table>\n<p>Spasmograph {}. Intervals are 95 % Wilson intervals. {}.</p>\n\
         </body>\n</html>\n",
        escape(&validation.version),
        escape(DISCLAIMER)
    );
    html
}
