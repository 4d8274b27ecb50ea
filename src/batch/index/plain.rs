//! Tables to read, not to sort.

use std::fmt::Write;

use crate::report::html::escape;

/// A table of texts; columns of numbers stand to the right.
pub(super) fn plain_table(
    html: &mut String,
    caption: &str,
    columns: &[&str],
    rows: &[Vec<String>],
) {
    // Writing to a String cannot fail, here and below.
    let _ = write!(
        html,
        "<div class=\"scroll\"><table class=\"plain\"><caption>{}</caption><thead><tr>",
        escape(caption)
    );
    let is_number = |cell: &String| cell.is_empty() || cell.parse::<f64>().is_ok();
    let classes: Vec<&str> = (0..columns.len())
        .map(|at| if rows.iter().all(|row| is_number(&row[at])) { " class=\"num\"" } else { "" })
        .collect();
    for (column, class) in columns.iter().zip(&classes) {
        let _ = write!(html, "<th scope=\"col\"{class}>{column}</th>");
    }
    html.push_str("</tr></thead>\n<tbody>\n");
    for row in rows {
        html.push_str("<tr>");
        for (cell, class) in row.iter().zip(&classes) {
            let _ = write!(html, "<td{class}>{}</td>", escape(cell));
        }
        html.push_str("</tr>\n");
    }
    html.push_str("</tbody></table></div>\n");
}
