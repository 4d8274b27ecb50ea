//! The samples as a newcomer meets them: the face is followed, and each is given its own label.

use std::path::Path;

use spasmograph::synth::{PRESETS, preset};

use crate::support::pipeline::models;
use crate::support::program::{analysis, complaints, spasmograph};

#[test]
#[ignore = "analyzes three minutes of video"]
fn every_sample_is_followed_and_given_its_own_label() {
    models();
    let samples = Path::new(env!("CARGO_MANIFEST_DIR")).join("samples");
    let folder = tempfile::tempdir().unwrap();
    let mut wrong = Vec::new();
    for name in PRESETS {
        let meant = preset(name).and_then(|s| s.label).expect("a preset has a label");
        let out = folder.path().join(name);
        let mut command = spasmograph();
        command.args(["analyze", "--overlay", "none", "--out"]).arg(&out);
        let protocol = samples.join(format!("{name}.protocol.json"));
        if protocol.is_file() {
            command.arg("--protocol").arg(protocol);
        }
        let output = command.arg(samples.join(format!("{name}.mp4"))).output().unwrap();
        assert!(output.status.success(), "{name}: {:?}", complaints(&output));
        let found = analysis(&out);
        let usable = found["coverage"]["usable_fraction"].as_f64().unwrap();
        let label = found["pattern"]["label"].as_str().unwrap();
        eprintln!("{name}: {label}, {:.1} % usable", 100.0 * usable);
        if usable < 0.99 || label != meant.name() {
            wrong.push(format!("{name}: {label}, {usable} usable"));
        }
    }
    assert!(wrong.is_empty(), "{wrong:?}");
}
