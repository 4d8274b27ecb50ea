//! The table of clips: a row each, to sort and to filter.

use std::collections::BTreeSet;
use std::fmt::Write;

use super::figures::{in_spasm, rate};
use crate::anatomy::Side;
use crate::batch::{Cohort, Member, Output, State, Trace};
use crate::pattern::Label;
use crate::report::Analysis;
use crate::report::html::{capitalised, escape};
use crate::report::summary::{involuntary, sided_label};

/// The columns: name, width in `rem`, and whether they hold numbers.
const COLUMNS: [(&str, f32, bool); 14] = [
    ("No.", 3.0, true),
    ("Clip", 10.0, false),
    ("Subject", 4.5, false),
    ("Visit", 4.5, false),
    ("Status", 4.0, false),
    ("Pattern", 15.5, false),
    ("Lids", 10.0, false),
    ("Spasms right, /min", 4.5, true),
    ("Spasms left, /min", 4.5, true),
    ("Blinks, /min", 4.0, true),
    ("In spasm, %", 4.0, true),
    ("Usable, %", 4.0, true),
    ("Length, s", 4.0, true),
    ("Remarks", 14.0, false),
];

pub(super) fn table(html: &mut String, cohort: &Cohort) {
    html.push_str("<section>\n<h2>Clips</h2>\n");
    filters(html, cohort);
    html.push_str(
        "<div class=\"tall\" tabindex=\"0\" role=\"region\" aria-label=\"Clips\">\
         <table id=\"clips\" aria-label=\"Clips\"><colgroup>",
    );
    // Writing to a String cannot fail, here and below.
    for (_, width, _) in COLUMNS {
        let _ = write!(html, "<col style=\"width:{width}rem\">");
    }
    html.push_str("</colgroup><thead><tr>");
    for (name, _, number) in COLUMNS {
        let class = if number { " class=\"num\"" } else { "" };
        let _ =
            write!(html, "<th scope=\"col\"{class}><button type=\"button\">{name}</button></th>");
    }
    html.push_str("</tr></thead>\n<tbody>\n");
    for member in &cohort.clips {
        row(html, member);
    }
    html.push_str(
        "</tbody></table></div>\n<p class=\"key legend\">Spasms: twitches and spasms in which that \
         side takes part. Lids: the smallest opening of each eye in 96 steps over the clip,",
    );
    for (class, name) in [("right", "right"), ("left", "left"), ("event", "twitches and spasms")] {
        let _ = write!(
            html,
            "<svg viewBox=\"0 0 12 12\" aria-hidden=\"true\"><rect x=\"1\" y=\"1\" width=\"10\" \
             height=\"10\" class=\"{class}\"/></svg>{name}"
        );
    }
    html.push_str("</p>\n</section>\n");
}

fn filters(html: &mut String, cohort: &Cohort) {
    let labels: BTreeSet<Label> = cohort.analyzed().map(|(_, a)| a.pattern.label).collect();
    let states: BTreeSet<&str> = cohort.clips.iter().map(|own| own.entry.state.word()).collect();
    html.push_str(
        "<div class=\"filters\"><label>Search<input id=\"text\" type=\"search\"></label>\
         <label>Pattern<select id=\"pattern\"><option value=\"\">all</option>",
    );
    for label in labels {
        let _ = write!(html, "<option value=\"{label}\">{}</option>", label.words());
    }
    html.push_str(
        "</select></label><label>Status<select id=\"status\"><option value=\"\">all</option>",
    );
    for state in states {
        let _ = write!(html, "<option>{state}</option>");
    }
    html.push_str("</select></label><span id=\"shown\" role=\"status\"></span></div>\n");
}

fn row(html: &mut String, member: &Member) {
    let entry = &member.entry;
    let found = member.analysis.as_ref();
    let state = entry.state.word();
    let pattern = found.map_or("", |own| own.pattern.label.name());
    let label = match &entry.state {
        State::Failed(failure) => failure.reason.clone(),
        _ => found.map_or_else(String::new, |own| capitalised(&sided_label(own))),
    };
    let _ = write!(
        html,
        "<tr class=\"{state}\" data-status=\"{state}\" data-pattern=\"{pattern}\">\
         <td class=\"num\">{}</td><td title=\"{}\">{}</td><td>{}</td><td>{}</td><td>{state}</td>\
         <td title=\"{5}\">{5}</td><td>",
        entry.number,
        escape(&entry.clip),
        name(member),
        escape(entry.subject.as_deref().unwrap_or_default()),
        escape(entry.visit.as_deref().unwrap_or_default()),
        escape(&label),
    );
    if let (Some(analysis), Some(trace)) = (found, &member.trace) {
        lids(html, analysis, trace);
    }
    html.push_str("</td>");
    number(html, found.and_then(|own| rate(own, Side::Right)), 1);
    number(html, found.and_then(|own| rate(own, Side::Left)), 1);
    number(html, found.and_then(|own| own.findings.summary.blink_rate_per_min), 1);
    number(html, found.and_then(in_spasm), 1);
    number(html, found.map(|own| 100.0 * own.coverage.usable_fraction), 0);
    number(html, found.map(|own| own.source.duration_s), 1);
    let remarks = remarks(member);
    let _ = writeln!(html, "<td title=\"{0}\">{0}</td></tr>", escape(&remarks));
}

/// The file's name, leading to its report where there is one, else to its analysis.
fn name(member: &Member) -> String {
    let path = member.entry.clip.rsplit(['/', '\\']).next().unwrap_or_default();
    let file = [Output::Report, Output::Analysis].into_iter().find(|own| member.kept.contains(own));
    match member.folder().zip(file) {
        Some((folder, file)) => {
            format!("<a href=\"{folder}/{}\">{}</a>", file.file(), escape(path))
        }
        None => escape(path),
    }
}

fn number(html: &mut String, value: Option<f64>, decimals: usize) {
    let _ = match value {
        Some(value) => {
            write!(html, "<td class=\"num\" data-v=\"{value:.3}\">{value:.decimals$}</td>")
        }
        None => write!(html, "<td class=\"num\" data-v=\"\"></td>"),
    };
}

fn remarks(member: &Member) -> String {
    let mut parts = Vec::new();
    if let Some(first) = member.copy_of {
        parts.push(format!("copy of {first}"));
    }
    if let Some(Err(reason)) = &member.score {
        parts.push(format!("truth: {reason}"));
    }
    let warnings = member.analysis.iter().flat_map(|own| &own.warnings);
    parts.extend(warnings.map(|warning| warning.message.clone()));
    parts.join("; ")
}

/// Height of a small trace: a level of [`Trace`] each.
const HEIGHT: f32 = 26.0;

/// Both lids in small, twitches and spasms shaded.
fn lids(html: &mut String, analysis: &Analysis, trace: &Trace) {
    let steps = trace.lids.left.len() as f64;
    let x = |time_s: f64| steps * time_s / analysis.source.duration_s.max(f64::MIN_POSITIVE);
    let _ = write!(
        html,
        "<div class=\"lids\"><svg viewBox=\"0 0 {steps} {HEIGHT}\" preserveAspectRatio=\"none\" \
         aria-hidden=\"true\"><path class=\"event\" d=\""
    );
    for event in involuntary(analysis) {
        let width = (x(event.end_s) - x(event.start_s)).max(0.5);
        let _ = write!(html, "M{:.1} 0h{width:.1}v{HEIGHT}h-{width:.1}z", x(event.start_s));
    }
    html.push_str("\"/>");
    for side in [Side::Right, Side::Left] {
        let _ = write!(html, "<path class=\"{side}\" d=\"");
        let mut drawing = false;
        for (at, level) in trace.levels(side).enumerate() {
            if let Some(level) = level {
                let step = if drawing { 'L' } else { 'M' };
                let _ = write!(html, "{step}{at} {:.0}", HEIGHT - 1.0 - 20.0 * level);
            }
            drawing = level.is_some();
        }
        html.push_str("\"/>");
    }
    html.push_str("</svg></div>");
}
