//! The figures as a page with plots.

use std::fmt::Write;

use super::{Agreement, BlandAltman, PairKappa, text};
use crate::report::DISCLAIMER;
use crate::report::html::{STYLE, capitalised, escape};

/// Width and height of a plot, pixels, and the room for its axes.
const SIZE: [f64; 2] = [460.0, 250.0];
const ROOM: [f64; 2] = [64.0, 34.0];

/// One page: a section for each kind of figure, plots beside the figures, tables behind them.
pub(super) fn page(agreement: &Agreement) -> String {
    let raters = agreement.raters.join(", ");
    let mut html = format!(
        "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n\
         <title>Spasmograph: agreement</title>\n<style>\n{STYLE}</style>\n</head>\n<body>\n\
         <header><strong>Spasmograph</strong> {}<br>{}.</header>\n<main>\n\
         <h1>Agreement of {} raters</h1>\n<dl><dt>Raters</dt><dd>{}</dd><dt>Recordings</dt>\
         <dd>{}</dd></dl>\n",
        escape(&agreement.version),
        escape(&capitalised(DISCLAIMER)),
        agreement.raters.len(),
        escape(&raters),
        escape(&agreement.recordings.join(", ")),
    );
    // Writing to a String cannot fail, here and below.
    for note in &agreement.notes {
        let _ = writeln!(html, "<p class=\"warning\">{}.</p>", escape(&capitalised(note)));
    }
    for section in text::sections(agreement) {
        let _ = writeln!(html, "<section>\n<h2>{}</h2>\n<dl>", section.title);
        for (name, line) in &section.lines {
            let _ = writeln!(html, "<dt>{}</dt><dd>{}</dd>", escape(name), escape(line));
        }
        html.push_str("</dl>\n");
        match section.title {
            "Kinds of events" => confusions(&mut html, &agreement.kinds.cohen),
            "Sides of events" => confusions(&mut html, &agreement.sides.cohen),
            "Pattern of the recording" => confusions(&mut html, &agreement.labels.cohen),
            "Onset, second less first" => plots(&mut html, &agreement.onset, "onset"),
            "Duration, second less first" => plots(&mut html, &agreement.duration, "duration"),
            _ => {}
        }
        html.push_str("</section>\n");
    }
    html.push_str(
        "<section>\n<h2>How it is counted</h2>\n<p>Events of two raters that overlap by half of \
         their union are one; where a rater has none, the word is none. What a rater calls \
         uncertain, and what a reviewer has not judged, counts neither for nor against. F1 leaves \
         expressions and uncertain events out. Kappa: Cohen 1960, Fleiss 1971, with 95 % intervals \
         by bootstrap over events. Limits of agreement: Bland and Altman 1999. ICC(2,1): Shrout and \
         Fleiss 1979. F1 carries a 95 % Wilson interval.</p>\n</section>\n\
         </main>\n</body>\n</html>\n",
    );
    html
}

/// How often each two words came together.
fn confusions(html: &mut String, pairs: &[PairKappa]) {
    for own in pairs.iter().filter(|own| !own.table.is_empty()) {
        let mut words: Vec<&str> =
            own.table.iter().flat_map(|(a, b, _)| [a.as_str(), b.as_str()]).collect();
        words.sort_unstable();
        words.dedup();
        let plain = |word: &str| escape(&word.replace('_', " "));
        let _ = write!(
            html,
            "<div class=\"scroll\" tabindex=\"0\" role=\"region\" aria-label=\"{title}\"><table>\
             <caption>{title}: rows {first}, columns {second}</caption><thead><tr><td></td>",
            title = escape(&text::pair(&own.raters)),
            first = escape(&own.raters[0]),
            second = escape(&own.raters[1]),
        );
        for word in &words {
            let _ = write!(html, "<th scope=\"col\">{}</th>", plain(word));
        }
        html.push_str("</tr></thead>\n<tbody>\n");
        for row in &words {
            let _ = write!(html, "<tr><th scope=\"row\">{}</th>", plain(row));
            for column in &words {
                let cell = own.table.iter().find(|(a, b, _)| a == row && b == column);
                let count = cell.map_or(0, |cell| cell.2);
                let same = if row == column { " class=\"same\"" } else { "" };
                let _ = write!(html, "<td{same}>{count}</td>");
            }
            html.push_str("</tr>\n");
        }
        html.push_str("</tbody></table></div>\n");
    }
}

fn plots(html: &mut String, pairs: &[super::PairDifferences], what: &str) {
    html.push_str("<div class=\"charts\">\n");
    for own in pairs {
        if let Some(figures) = &own.figures {
            plot(html, figures, &format!("{}, {what}", text::pair(&own.raters)));
        }
    }
    html.push_str("</div>\n");
}

/// Differences over means, with bias and limits.
fn plot(html: &mut String, figures: &BlandAltman, title: &str) {
    let [width, height] = SIZE;
    let [left, below] = ROOM;
    let means = || figures.points.iter().map(|p| p[0]);
    let reach = figures
        .points
        .iter()
        .map(|p| p[1].abs())
        .chain(figures.limits.map(f64::abs))
        .fold(1e-3, f64::max)
        * 1.15;
    let (low, high) =
        (means().fold(f64::INFINITY, f64::min), means().fold(f64::NEG_INFINITY, f64::max));
    let span = (high - low).max(1e-9);
    let x = |mean: f64| left + 8.0 + (width - left - 20.0) * (mean - low) / span;
    let y = |difference: f64| (height - below) * (0.5 - 0.5 * difference / reach) + 4.0;
    let _ = write!(
        html,
        "<figure><svg viewBox=\"0 0 {width} {height}\" role=\"img\" aria-label=\"{title}: bias {:+.4} \
         s, limits {:+.4} to {:+.4} s\">",
        figures.bias,
        figures.limits[0],
        figures.limits[1],
        title = escape(title),
    );
    for (value, name) in
        [(figures.limits[1], "+1.96 SD"), (figures.bias, "bias"), (figures.limits[0], "-1.96 SD")]
    {
        let at = y(value);
        let class = if name == "bias" { "median" } else { "rule" };
        let _ = write!(
            html,
            "<line class=\"{class}\" x1=\"{left}\" x2=\"{width}\" y1=\"{at:.1}\" y2=\"{at:.1}\"/>\
             <text x=\"{}\" y=\"{:.1}\" text-anchor=\"end\">{name}</text>\
             <text x=\"2\" y=\"{:.1}\">{value:+.3} s</text>",
            width - 2.0,
            at - 4.0,
            at + 4.0,
        );
    }
    for point in &figures.points {
        let _ = write!(
            html,
            "<circle class=\"left dot\" cx=\"{:.1}\" cy=\"{:.1}\" r=\"4\"><title>{:.3} s: {:+.4} \
             s</title></circle>",
            x(point[0]),
            y(point[1]),
            point[0],
            point[1],
        );
    }
    let base = height - below + 18.0;
    let _ = writeln!(
        html,
        "<text x=\"{left}\" y=\"{base}\">{low:.2} s</text><text x=\"{width}\" y=\"{base}\" \
         text-anchor=\"end\">{high:.2} s</text></svg><figcaption>{}: difference over the mean of \
         both</figcaption></figure>",
        escape(title)
    );
}
