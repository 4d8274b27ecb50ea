//! The samples as a newcomer meets them: the face is followed, and each is given its own label.

use std::path::Path;

use spasmograph::report::Analysis;
use spasmograph::synth::{PRESETS, preset};

use crate::support::program::analyzed_with;

/// What the program says of a sample, told its protocol where it has one.
pub(crate) fn sample(name: &str) -> Analysis {
    let samples = Path::new(env!("CARGO_MANIFEST_DIR")).join("samples");
    let protocol = samples.join(format!("{name}.protocol.json"));
    let mut options = Vec::new();
    if protocol.is_file() {
        options.extend(["--protocol", protocol.to_str().expect("this folder's name is Unicode")]);
    }
    let out = analyzed_with(&samples.join(format!("{name}.mp4")), &options);
    Analysis::read(&out.join("analysis.json")).unwrap()
}

#[test]
fn every_sample_is_followed_and_given_its_own_label() {
    let mut wrong = Vec::new();
    for name in PRESETS {
        let meant = preset(name).and_then(|s| s.label).expect("a preset has a label");
        let found = sample(name);
        let (usable, label) = (found.coverage.usable_fraction, found.pattern.label);
        println!("{name}: {label}, {:.1} % usable", 100.0 * usable);
        if usable < 0.99 || label != meant {
            wrong.push(format!("{name}: {label}, {usable} usable"));
        }
    }
    assert!(wrong.is_empty(), "{wrong:?}");
}
