//! `report.html`.

use spasmograph::report::html::page;

use crate::example;

#[test]
fn the_page_escapes_what_it_was_given_and_fetches_nothing() {
    let page = page(&example::analysis(), &example::samples(), Some("over lay.mp4"));
    assert!(page.contains("made &lt;up&gt; &amp; &quot;quoted&quot;.mp4"));
    assert!(page.contains("src=\"over%20lay.mp4\""));
    assert!(!page.contains("<up>") && !page.contains("<short>"));
    assert!(!page.contains("http://") && !page.contains("https://"));
    assert!(page.contains("not a diagnosis"));
}

#[test]
fn the_page_of_a_recording_without_a_face_says_so_instead_of_drawing() {
    let page = page(&example::without_a_face(), &[], None);
    assert!(page.contains("there is no trace to draw"));
    assert!(!page.contains("<svg") && !page.contains("<video"));
    assert!(page.contains("Too little usable video to say"));
}
