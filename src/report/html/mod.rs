//! `report.html`: one self-contained page, read by people.
//!
//! Nothing is fetched when it is opened: style and pictures are inside the file. The overlay
//! video, where there is one, stands beside it and is referred to by its file name.

mod table;
mod traces;

use std::fmt::Write as _;
use std::io::Write as _;

use super::summary;
use super::{Analysis, DISCLAIMER, Error, OutputFile};
use crate::signal::Sample;

/// The page for an analysis with its samples; `overlay` is the file name of the overlay video
/// beside it.
#[must_use]
pub fn page(analysis: &Analysis, samples: &[Sample], overlay: Option<&str>) -> String {
    let mut html = String::with_capacity(64 * 1024);
    // Writing to a String cannot fail, here and below.
    let _ = write!(
        html,
        "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n\
         <title>{title}</title>\n<style>\n{style}</style>\n</head>\n<body>\n\
         <h1>{title}</h1>\n<p class=\"note\">{disclaimer}. Sides are the subject's own.</p>\n",
        title = escape(&format!("Spasmograph: {}", summary::clip(analysis))),
        style = include_str!("style.css"),
        disclaimer = escape(&capitalised(DISCLAIMER)),
    );
    overview(&mut html, analysis);
    if let Some(name) = overlay {
        let _ = write!(
            html,
            "<h2>Video</h2>\n<video controls preload=\"metadata\" src=\"{}\"></video>\n",
            escape(&url_encoded(name))
        );
    }
    html.push_str("<h2>Traces</h2>\n");
    traces::svg(&mut html, analysis, samples);
    table::events(&mut html, analysis);
    table::blinks(&mut html, analysis);
    table::noise(&mut html, analysis);
    table::gaps(&mut html, analysis);
    table::evidence(&mut html, analysis);
    method(&mut html, analysis);
    html.push_str("</body>\n</html>\n");
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

fn overview(html: &mut String, analysis: &Analysis) {
    html.push_str("<dl>\n");
    let rows = [
        ("Pattern", summary::pattern(analysis)),
        ("Events", summary::events(analysis)),
        ("Spread", summary::spread(analysis)),
        ("Blinks", summary::blinks(analysis)),
        ("Usable video", summary::usable(analysis)),
        ("Limits", summary::limits(analysis)),
    ];
    for (name, line) in rows {
        let _ = writeln!(html, "<dt>{name}</dt><dd>{}</dd>", escape(&line));
    }
    for warning in &analysis.warnings {
        let _ = writeln!(
            html,
            "<dt>Warning</dt><dd class=\"warning\">{}</dd>",
            escape(&warning.message)
        );
    }
    html.push_str("</dl>\n");
}

fn method(html: &mut String, analysis: &Analysis) {
    let source = &analysis.source;
    let _ = write!(
        html,
        "<h2>Method</h2>\n<p>Spasmograph {}. Displacements are thousandths of the distance \
         between the outer canthi (mFU). Order inside an event is the order of visible onsets; \
         nerves spread faster than a frame lasts.</p>\n<p>File: {}<br>SHA-256: {}</p>\n\
         <details><summary>Thresholds in force</summary><pre>{}</pre></details>\n",
        escape(&analysis.version),
        escape(&source.path),
        escape(source.sha256.as_deref().unwrap_or("none (not a file)")),
        escape(&super::json::text(&analysis.thresholds)),
    );
}

/// Text made safe inside elements and quoted attributes.
pub(crate) fn escape(text: &str) -> String {
    let mut safe = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => safe.push_str("&amp;"),
            '<' => safe.push_str("&lt;"),
            '>' => safe.push_str("&gt;"),
            '"' => safe.push_str("&quot;"),
            '\'' => safe.push_str("&#39;"),
            c => safe.push(c),
        }
    }
    safe
}

/// A file name as a relative URL.
fn url_encoded(name: &str) -> String {
    let mut url = String::with_capacity(name.len());
    for byte in name.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
            url.push(byte as char);
        } else {
            let _ = write!(url, "%{byte:02X}");
        }
    }
    url
}

fn capitalised(text: &str) -> String {
    let mut chars = text.chars();
    chars.next().map_or_else(String::new, |first| first.to_uppercase().chain(chars).collect())
}
