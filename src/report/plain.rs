//! Text that stays text wherever it is shown: in a table's cell, on a terminal, in a page.
//!
//! A spreadsheet takes a cell that begins with `=`, `+`, `-`, `@`, a tab or a carriage return for a
//! formula and runs it. As the guidance against such injection has it (OWASP, *CSV Injection*), an
//! apostrophe is put before it; numbers stay as they are. Readers of this program take it off again.

use std::borrow::Cow;

/// What makes a formula of a cell that begins with it.
const FORMULA: [char; 6] = ['=', '+', '-', '@', '\t', '\r'];

/// A cell that no spreadsheet takes for a formula.
#[must_use]
pub fn cell(text: &str) -> Cow<'_, str> {
    let bare = text.trim_start_matches('\'');
    if bare.starts_with(FORMULA) && (bare.len() < text.len() || text.parse::<f64>().is_err()) {
        Cow::Owned(format!("'{text}"))
    } else {
        Cow::Borrowed(text)
    }
}

/// What was put into a cell by [`cell`].
#[must_use]
pub fn from_cell(cell: &str) -> &str {
    match cell.strip_prefix('\'') {
        Some(text) if text.trim_start_matches('\'').starts_with(FORMULA) => text,
        _ => cell,
    }
}

/// Text without characters that control a terminal or that XML forbids; they are replaced. Line
/// breaks and tabs stay.
#[must_use]
pub fn printable(text: &str) -> Cow<'_, str> {
    let is_bad = |c: char| {
        let turns = matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
        c.is_control() && c != '\n' && c != '\t' || turns || matches!(c, '\u{fffe}' | '\u{ffff}')
    };
    if text.contains(is_bad) {
        Cow::Owned(text.replace(is_bad, "\u{fffd}"))
    } else {
        Cow::Borrowed(text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_cell_begins_a_formula_and_all_come_back() {
        for text in
            ["=1+1", "+cmd", "-x", "@SUM(A1)", "\tx", "\r=x", "'=x", "''=x", "'", "'a", "", "a=1"]
        {
            let cell = cell(text);
            assert!(!cell.starts_with(FORMULA), "{cell:?}");
            assert_eq!(from_cell(&cell), text);
        }
        for number in ["-1.5", "+2", "-1e-7"] {
            assert_eq!(cell(number), number);
        }
    }

    #[test]
    fn what_controls_a_terminal_is_replaced() {
        assert_eq!(
            printable("a\u{1b}[31mb\u{9b}\u{7f}\u{0}\u{202e}c\nd\te"),
            "a\u{fffd}[31mb\u{fffd}\u{fffd}\u{fffd}\u{fffd}c\nd\te"
        );
        assert!(matches!(printable("plain M\u{fc}ller"), Cow::Borrowed(_)));
    }
}
