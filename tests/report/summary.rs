//! The summary on the terminal.

use std::path::Path;

use spasmograph::report::summary;

use crate::example;

#[test]
fn the_summary_says_in_a_dozen_lines_what_was_found_and_what_could_have_been_missed() {
    let text = summary::text(&example::analysis(), Some(Path::new("made.spasmograph")));
    let expected = "\
Clip     made <up> & \"quoted\".mp4: 10.0 s, 640 x 480, 29.97 frames/s
Usable   90 % (9.0 s of 300 frames read), 1 gap (1.0 s in all)
Blinks   1 blink (6.7 a minute), 0 partial, 0 of one eye
Events   left 1 (6.7 a minute, 0.3 to 31.6)
Spread   first: lids 1; direction unresolved (visible onset order)
Pattern  indeterminate: only 9 s of usable video; at least 10 s are needed to weigh a pattern
Limits   none larger than this would have been missed, mFU: mouth corner 6
Warning  the recording is <short>
Results  made.spasmograph
Note     research and measurement use; not a diagnosis
";
    assert_eq!(text, expected);
}

#[test]
fn without_a_face_the_summary_claims_neither_rates_nor_limits() {
    let text = summary::text(&example::without_a_face(), None);
    assert!(text.contains("Usable   0 % (0.0 s of 300 frames read), 1 gap (10.0 s in all)"));
    assert!(text.contains("Blinks   no usable video to count them in"));
    assert!(text.contains("Events   no usable video to find them in"));
    assert!(text.contains("Limits   too little usable video to say what could have been missed"));
    assert!(text.contains("Pattern  indeterminate: only 0 s of usable video"));
}
