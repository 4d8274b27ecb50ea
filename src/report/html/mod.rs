//! `report.html`: one self-contained page, read by people.
//!
//! Nothing is fetched when it is opened: style, script, signals and pictures are inside the file.
//! The overlay video, where there is one, stands beside it and is referred to by its file name;
//! without it the page still shows everything but the moving picture. Every plot has a table
//! behind it, for those who do not see it.

mod charts;
mod data;
mod face;
mod raster;
mod steps;
mod table;
mod words;

use std::fmt::Write as _;
use std::io::Write as _;

use super::summary;
use super::{Analysis, DISCLAIMER, Error, OutputFile};
use crate::pattern::{Evidence, Pattern};
use crate::signal::Sample;
#[cfg(feature = "desk")]
pub(crate) use data::base64;
pub(crate) use words::{capitalised, escape};

/// What draws the traces, here and on the page of a review.
pub(crate) const SCRIPT: &str = include_str!("script.js");
/// Draws the traces of this page.
const START: &str = "{ const data = JSON.parse(document.getElementById(\"data\").textContent); \
                     if (data) spasmographViewer(data); }\n";

/// The scripts of the page, as they stand between its tags.
#[cfg(feature = "desk")]
pub(crate) fn page_script() -> String {
    format!("\n{SCRIPT}{START}")
}

/// What [`SCRIPT`] draws of an analysis; `Null` where nothing was measured.
#[cfg(feature = "desk")]
pub(crate) fn viewer_data(
    analysis: &Analysis,
    samples: &[Sample],
    video: bool,
) -> serde_json::Value {
    data::data(analysis, samples, video.then_some("video"))
}
use words::{event_sentence, finding_sentence, plain_word, url_encoded, weight_sentence};

/// The look of every page.
pub(crate) const STYLE: &str = include_str!("style.css");

/// The page for an analysis with its samples; `overlay` is the file name of the overlay video
/// beside it.
#[must_use]
pub fn page(analysis: &Analysis, samples: &[Sample], overlay: Option<&str>) -> String {
    let end_s = samples.last().map_or(0.0, |s| s.time_s).max(analysis.source.duration_s);
    let end_s = end_s.max(1e-3);
    let mut html = String::with_capacity(256 * 1024);
    head(&mut html, analysis);
    found(&mut html, analysis);
    let data = data::data(analysis, samples, overlay);
    viewer(&mut html, analysis, samples, &data, overlay);
    if usable(analysis) {
        html.push_str("<section>\n<h2>When and where</h2>\n");
        raster::svg(&mut html, analysis, end_s);
        table::events(&mut html, analysis, !data.is_null());
        html.push_str("</section>\n<section>\n<h2>Distributions</h2>\n");
        charts::charts(&mut html, analysis, end_s);
        html.push_str("</section>\n");
    } else {
        html.push_str(
            "<section>\n<h2 id=\"events\">Events and blinks</h2>\n<p>None could be looked for: \
             that none is listed says nothing about the person.</p>\n</section>\n",
        );
    }
    evidence(&mut html, analysis);
    table::noise(&mut html, analysis);
    html.push_str("<section>\n<h2>Recording</h2>\n");
    coverage(&mut html, analysis);
    table::gaps(&mut html, analysis);
    if usable(analysis) {
        table::blinks(&mut html, analysis, !data.is_null());
    }
    html.push_str("</section>\n");
    scale_ranges(&mut html, analysis);
    html.push_str(CANNOT);
    method(&mut html, analysis);
    // A script element ends at the first `</`, whatever JSON thinks of it.
    let data = data.to_string().replace("</", "<\\/");
    let _ = write!(
        html,
        "</main>\n<script type=\"application/json\" id=\"data\">{data}</script>\n<script>\n\
         {SCRIPT}{START}</script>\n</body>\n</html>\n"
    );
    html
}

/// Writes the page and finishes the file.
///
/// # Errors
/// The file cannot be written; nothing of it is left.
pub fn write(
    mut file: OutputFile,
    analysis: &Analysis,
    samples: &[Sample],
    overlay: Option<&str>,
) -> Result<(), Error> {
    let page = page(analysis, samples, overlay);
    file.write_all(page.as_bytes()).map_err(Error::write(file.path()))?;
    file.finish()
}

/// Whether anything could be measured.
fn usable(analysis: &Analysis) -> bool {
    analysis.coverage.frames_with_face > 0
}

fn head(html: &mut String, analysis: &Analysis) {
    let clip = summary::clip(analysis);
    // Writing to a String cannot fail, here and below.
    let _ = write!(
        html,
        "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n\
         <title>Spasmograph: {clip}</title>\n<style>\n{style}</style>\n</head>\n<body>\n\
         <a class=\"skip\" href=\"#events\">Skip to the table of events</a>\n\
         <header><strong>Spasmograph</strong> {clip}<br>{disclaimer}. Images analysed for a \
         medical purpose may make software a medical device.</header>\n<main>\n{reviewed}",
        clip = escape(&clip),
        style = STYLE,
        disclaimer = escape(&capitalised(DISCLAIMER)),
        reviewed = analysis.reviewed.as_ref().map_or_else(String::new, |own| {
            format!("<p class=\"reviewed\">Reviewed {}.</p>\n", escape(&summary::reviewed(own)))
        }),
    );
}

/// What was found, on one screen.
fn found(html: &mut String, analysis: &Analysis) {
    let pattern = &analysis.pattern;
    let label = if usable(analysis) {
        capitalised(&summary::sided_label(analysis))
    } else {
        "No usable video".to_owned()
    };
    let _ = write!(
        html,
        "<section class=\"found\">\n<div>\n<p class=\"over\">Pattern of the whole recording</p>\n\
         <h1>{label}</h1>\n"
    );
    reasons(html, pattern);
    if !pattern.ranked.is_empty() {
        html.push_str(
            "<table class=\"ranked\"><caption>Patterns weighed. A score ranks what was seen in \
             this recording; it is no probability of a disease.</caption><tbody>\n",
        );
        for ranked in pattern.ranked.iter().take(5) {
            let _ = writeln!(
                html,
                "<tr><th scope=\"row\">{}</th><td>{}</td><td class=\"bar\" \
                 aria-hidden=\"true\"><span style=\"width:{:.0}%\"></span></td></tr>",
                summary::label(ranked.label),
                summary::percent(ranked.score),
                ranked.score * 100.0
            );
        }
        html.push_str("</tbody></table>\n");
    }
    html.push_str("<dl>\n");
    let rows = [
        ("Events", summary::events(analysis)),
        ("Spread", summary::spread(analysis)),
        ("Blinks", summary::blinks(analysis)),
        ("Usable video", summary::usable(analysis)),
        ("Limits", summary::limits(analysis)),
    ];
    let weakness = summary::weakness(analysis).map(|weak| ("Weakness", weak));
    for (name, line) in weakness.into_iter().chain(rows) {
        let _ = writeln!(html, "<dt>{name}</dt><dd>{}</dd>", escape(&capitalised(&line)));
    }
    for warning in &analysis.warnings {
        let message = escape(&capitalised(&warning.message));
        let _ = writeln!(html, "<dt>Warning</dt><dd class=\"warning\">{message}</dd>");
    }
    html.push_str("</dl>\n</div>\n");
    if usable(analysis) {
        face::svg(html, analysis);
    }
    html.push_str("</section>\n");
}

/// Why this label, why it rather than the next, and what can look alike: a list of reasons where there
/// are several.
pub(crate) fn reasons(html: &mut String, pattern: &Pattern) {
    // Writing to a String cannot fail, here and below.
    match pattern.reasons.as_slice() {
        // An earlier version gave one sentence.
        [] if pattern.reason.is_empty() => {}
        [] => {
            let _ = writeln!(html, "<p>{}.</p>", escape(&capitalised(&pattern.reason)));
        }
        [only] => {
            let _ = writeln!(html, "<p>{}.</p>", escape(&capitalised(only)));
        }
        several => {
            html.push_str("<ul class=\"reasons\">\n");
            for reason in several {
                let _ = writeln!(html, "<li>{}.</li>", escape(&capitalised(reason)));
            }
            html.push_str("</ul>\n");
        }
    }
    if let Some(preferred) = &pattern.preferred {
        let _ = writeln!(html, "<p>{}.</p>", escape(&capitalised(preferred)));
    }
    if let Some(alike) = pattern.label.looks_alike() {
        let _ = writeln!(html, "<p>Can look alike on video: {}.</p>", escape(alike));
    }
}

/// Video beside traces; the script fills them.
fn viewer(
    html: &mut String,
    analysis: &Analysis,
    samples: &[Sample],
    data: &serde_json::Value,
    overlay: Option<&str>,
) {
    html.push_str("<section id=\"viewer\">\n<h2>Every moment</h2>\n");
    if data.is_null() {
        html.push_str(
            "<p>No frame could be measured: there is no trace to draw.</p>\n</section>\n",
        );
        return;
    }
    let stage = if overlay.is_some() { "stage with-video" } else { "stage" };
    let _ = writeln!(html, "<div class=\"{stage}\" id=\"stage\">");
    if let Some(name) = overlay {
        let _ = writeln!(
            html,
            "<div class=\"picture\"><video muted playsinline preload=\"auto\" src=\"{}\" \
             aria-label=\"The recording with what was measured drawn on it\"></video></div>\n\
             <p id=\"no-video\" hidden>The overlay video {} is not beside this page; the traces \
             work without it.</p>",
            escape(&url_encoded(name)),
            escape(name)
        );
    }
    html.push_str(include_str!("viewer.html"));
    html.push_str("</div>\n");
    steps::table(html, analysis, samples);
    html.push_str("</section>\n");
}

/// What spoke for the label, what against it, and what else was looked at; then what to do next.
fn evidence(html: &mut String, analysis: &Analysis) {
    html.push_str("<section>\n<h2>What speaks for and against</h2>\n");
    let pattern = &analysis.pattern;
    let label = pattern.label;
    if pattern.evidence.is_empty() {
        html.push_str("<p>Nothing could be weighed.</p>\n");
    }
    let side = |evidence: &Evidence| match (
        evidence.in_favour.contains(&label),
        evidence.against.contains(&label),
    ) {
        (true, _) => 0,
        (_, true) => 1,
        _ => 2,
    };
    let name = summary::label(label);
    let titles = [format!("For {name}"), format!("Against {name}"), "Besides".to_owned()];
    for (number, title) in titles.iter().enumerate() {
        let own: Vec<&Evidence> =
            pattern.evidence.iter().filter(|evidence| side(evidence) == number).collect();
        if own.is_empty() {
            continue;
        }
        let _ = writeln!(html, "<h3>{}</h3>\n<ul class=\"evidence\">", escape(title));
        for evidence in own {
            let _ = writeln!(
                html,
                "<li>{}<br><span>{}</span></li>",
                escape(&finding_sentence(evidence)),
                escape(&weight_sentence(evidence))
            );
        }
        html.push_str("</ul>\n");
    }
    if !pattern.next_steps.is_empty() {
        html.push_str(
            "<h3>What would tell the leading patterns apart</h3>\n<ol class=\"evidence\">\n",
        );
        for step in &pattern.next_steps {
            let _ = writeln!(
                html,
                "<li>{}.<br><span>It would tell {} from {}.</span></li>",
                escape(&capitalised(&step.step)),
                summary::label(step.separates[0]),
                summary::label(step.separates[1])
            );
        }
        html.push_str("</ol>\n");
    }
    html.push_str("</section>\n");
}

fn coverage(html: &mut String, analysis: &Analysis) {
    let source = &analysis.source;
    let coverage = &analysis.coverage;
    let declared = source.frames.map_or_else(String::new, |n| format!(" of {n} the file lists"));
    let _ = writeln!(
        html,
        "<p>{} frames read{declared}, {} with a face. {}{}</p>",
        coverage.frames_read,
        coverage.frames_with_face,
        if source.variable_frame_rate {
            "The frame rate varies; times are the file's own. "
        } else {
            ""
        },
        if source.mirrored { "The picture was a mirror image and was turned back." } else { "" },
    );
}

fn scale_ranges(html: &mut String, analysis: &Analysis) {
    html.push_str("<section>\n<h2>Suggested ranges on clinical scales</h2>\n");
    let ranges = &analysis.scales;
    if ranges.is_empty() {
        html.push_str("<p>No usable video: no range is suggested.</p>\n</section>\n");
        return;
    }
    html.push_str(
        "<p>What was measured falls into these ranges. They are no grades: a grade takes an \
         examiner.</p>\n<ul class=\"evidence\">\n",
    );
    for range in ranges {
        let suggested = match &range.range {
            Some(range) => format!("<strong>{}</strong>, because", escape(range)),
            None => "cannot be judged from video:".to_owned(),
        };
        let _ = writeln!(
            html,
            "<li>{}: {suggested} {}.<br><span>For comparison, {}.</span></li>",
            escape(&range.scale),
            escape(&range.because),
            escape(&range.agreement)
        );
    }
    html.push_str("</ul>\n</section>\n");
}

/// What no video shows.
const CANNOT: &str = "\
<section>\n<h2>What video cannot assess</h2>\n<ul>\n\
<li>The order in which nerves fire: it spreads in about 10 ms, a frame lasts longer. The order \
above is that of visible onsets.</li>\n\
<li>Spread over months and years, which the words typical and atypical stand for: that takes \
history or earlier visits.</li>\n\
<li>Whether a vessel touches the facial nerve (imaging), and whether the response spreads on \
stimulation (electromyography).</li>\n\
<li>Muscles under the skin that do not move it, muscles of the neck, and the ear.</li>\n\
<li>How much the movement disturbs vision, speech or daily life.</li>\n\
<li>Anything smaller than the detection limits above, and anything outside this \
recording.</li>\n</ul>\n</section>\n";

fn method(html: &mut String, analysis: &Analysis) {
    let source = &analysis.source;
    let _ = write!(
        html,
        "<section>\n<h2>Method</h2>\n<p>Spasmograph {}, {}. Sides are the subject's own. \
         Displacements are thousandths of the distance between the outer corners of the eyes \
         (mFU), head motion removed. Onsets are fitted to the rise, with 90 % intervals; rates \
         carry 90 % Poisson intervals.</p>\n<dl>\n<dt>File</dt><dd class=\"long\">{}</dd>\n\
         <dt>SHA-256</dt><dd class=\"long\">{}</dd>\n</dl>\n<details><summary>Thresholds in \
         force</summary><pre>{}</pre></details>\n</section>\n",
        escape(&analysis.version),
        escape(&analysis.schema),
        escape(&source.path),
        escape(source.sha256.as_deref().unwrap_or("none (not a file)")),
        escape(&super::json::text(&analysis.thresholds)),
    );
}
