//! ELAN annotation files (EAF 3.0): one tier a place, besides blinks, events, tasks and gaps.

use std::fmt::Write;
use std::path::Path;

use super::span::spans;
use crate::report::Analysis;
use crate::report::html::escape;

/// The document. Times are whole milliseconds, as the format has them, from the start of the media
/// file: where its picture begins later than its sound, they are later by as much.
pub(super) fn document(analysis: &Analysis) -> String {
    let spans = spans(analysis);
    let mut tiers: Vec<&str> = Vec::new();
    for span in &spans {
        if !tiers.contains(&span.tier.as_str()) {
            tiers.push(&span.tier);
        }
    }
    let offset_s = analysis.source.start_offset_s;
    let millis = |time_s: f64| ((time_s + offset_s) * 1e3).round().max(0.0) as u64;
    let mut slots = String::new();
    let mut bodies = String::new();
    let mut number = 0;
    // Writing to a String cannot fail, here and below.
    for tier in tiers {
        let _ = writeln!(
            bodies,
            "    <TIER LINGUISTIC_TYPE_REF=\"measured\" TIER_ID=\"{}\">",
            escape(tier)
        );
        let own: Vec<_> = spans.iter().filter(|span| span.tier == tier).collect();
        for (i, span) in own.iter().enumerate() {
            // Annotations of one tier must not overlap, and none may be empty.
            let start = millis(span.start_s);
            let next = own.get(i + 1).map_or(u64::MAX, |next| millis(next.start_s));
            let end = millis(span.end_s).min(next).max(start.saturating_add(1));
            number += 1;
            let (from, to) = (2 * number - 1, 2 * number);
            let _ = writeln!(
                slots,
                "        <TIME_SLOT TIME_SLOT_ID=\"ts{from}\" TIME_VALUE=\"{start}\"/>\n        \
                 <TIME_SLOT TIME_SLOT_ID=\"ts{to}\" TIME_VALUE=\"{end}\"/>"
            );
            let _ = writeln!(
                bodies,
                "        <ANNOTATION><ALIGNABLE_ANNOTATION ANNOTATION_ID=\"a{number}\" \
                 TIME_SLOT_REF1=\"ts{from}\" TIME_SLOT_REF2=\"ts{to}\"><ANNOTATION_VALUE>{}\
                 </ANNOTATION_VALUE></ALIGNABLE_ANNOTATION></ANNOTATION>",
                escape(&span.text)
            );
        }
        bodies.push_str("    </TIER>\n");
    }
    let media = Path::new(&analysis.source.path).file_name();
    let media = media.map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
    format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n\
         <ANNOTATION_DOCUMENT AUTHOR=\"Spasmograph {version}\" DATE=\"1970-01-01T00:00:00Z\" \
         FORMAT=\"3.0\" VERSION=\"3.0\" xmlns:xsi=\"http://www.w3.org/2001/XMLSchema-instance\" \
         xsi:noNamespaceSchemaLocation=\"http://www.mpi.nl/tools/elan/EAFv3.0.xsd\">\n    \
         <HEADER MEDIA_FILE=\"\" TIME_UNITS=\"milliseconds\">\n        \
         <MEDIA_DESCRIPTOR MEDIA_URL=\"file:///{media}\" MIME_TYPE=\"video/mp4\" \
         RELATIVE_MEDIA_URL=\"./{media}\"/>\n        \
         <PROPERTY NAME=\"note\">{note}</PROPERTY>\n    </HEADER>\n    <TIME_ORDER>\n{slots}    \
         </TIME_ORDER>\n{bodies}    <LINGUISTIC_TYPE GRAPHIC_REFERENCES=\"false\" \
         LINGUISTIC_TYPE_ID=\"measured\" TIME_ALIGNABLE=\"true\"/>\n</ANNOTATION_DOCUMENT>\n",
        version = escape(&analysis.version),
        media = escape(&media),
        note = escape(&analysis.disclaimer),
    )
}
