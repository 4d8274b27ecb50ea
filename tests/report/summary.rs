//! The summary on the terminal.

use spasmograph::report::summary;

use crate::example;

#[test]
fn without_a_face_the_summary_claims_neither_rates_nor_limits() {
    let text = summary::text(&example::without_a_face(), None);
    assert!(text.contains("Usable   0 % (0.0 s of 300 frames read), 1 gap (10.0 s in all)"));
    assert!(text.contains("Blinks   no usable video to count them in"));
    assert!(text.contains("Events   no usable video to find them in"));
    assert!(text.contains("Limits   too little usable video to say what could have been missed"));
    assert!(text.contains("Pattern  indeterminate: only 0.0 s of usable video"));
}
