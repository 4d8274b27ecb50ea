//! Recordings that begin with shut eyes, cut from rated ones: a shut eye is not learnt as the open
//! one, so that the closure is told, the first blink after it is found, and no other is.

use spasmograph::event::EventKind;
use spasmograph::report::{Analysis, Truth};

use crate::support::program::analyzed_with;
use crate::support::recordings::case;

/// Recordings in which both eyes stay shut, until when (by the rated truth), and for how long the cut
/// has them shut, seconds.
const CUTS: [(&str, f64, f64); 7] = [
    ("people/screen-lit-closures", 12.03, 1.0),
    ("people/screen-lit-closures", 12.03, 3.0),
    ("people/screen-lit-closures", 12.03, 5.2),
    ("phone-portrait-vfr", 8.3467, 1.0),
    ("phone-portrait-vfr", 8.3467, 2.4),
    ("phone-portrait-vfr", 13.915, 2.8),
    ("long-talk", 11.25, 1.0),
];

/// How long after the closure's end it is looked at what follows, seconds.
const AFTER_S: f64 = 10.0;

/// How far an end may be from the rater's, seconds: lids open slowly after a long closure.
const END_S: f64 = 1.0;

#[test]
fn lids_that_are_shut_at_the_start_are_a_closure_and_the_first_blink_is_found() {
    let mut wrong = Vec::new();
    for (clip, end_s, shut_s) in CUTS {
        let video = case(&format!("{clip}.mp4"));
        let truth = Truth::read(&video.with_extension("truth.json")).unwrap();
        let (start_s, until_s) = (end_s - shut_s, end_s + AFTER_S);
        let options = ["--start", &format!("{start_s}"), "--end", &format!("{until_s}")];
        let told = Analysis::read(&analyzed_with(&video, &options).join("analysis.json")).unwrap();
        let name = format!("{clip}, shut for {shut_s} s");

        let closures = told.findings.events.iter().filter(|event| event.kind == EventKind::Closure);
        let closure = closures.clone().find(|event| event.start_s < start_s + 0.3);
        println!("{name}: {:?}", closure.map(|event| [event.start_s, event.end_s]));
        if !closure.is_some_and(|event| (event.end_s - end_s).abs() < END_S) {
            wrong.push(format!("{name}: closure {closure:?}"));
        }
        let rated = truth.blinks.iter().flatten();
        let rated = rated.filter(|b| b.start_s > end_s - 0.05 && b.end_s < until_s);
        let blinks = &told.findings.blinks;
        let found = |start_s: f64, end_s: f64| {
            blinks.iter().any(|own| own.start_s < end_s + 0.1 && own.end_s > start_s - 0.1)
        };
        let first = rated.clone().find(|blink| !blink.uncertain);
        if let Some(first) = first.filter(|first| !found(first.start_s, first.end_s)) {
            wrong.push(format!("{name}: no blink at {:.2} s", first.start_s));
        }
        let after = blinks.iter().filter(|own| own.start_s > start_s);
        for own in after {
            let real =
                rated.clone().any(|b| own.start_s < b.end_s + 0.1 && own.end_s > b.start_s - 0.1);
            if !real {
                wrong.push(format!("{name}: a blink at {:.2} s", own.start_s));
            }
        }
        let involuntary = told.findings.events.iter().filter(|event| event.kind.is_involuntary());
        wrong.extend(involuntary.map(|event| format!("{name}: {event:?}")));
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}
