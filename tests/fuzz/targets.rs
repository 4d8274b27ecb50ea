//! The parsers, each with what is done to what it read.

use std::fs;
use std::path::Path;

use spasmograph::analyzer::Analyzer;
use spasmograph::batch::{Cohort, Inputs, Place, Shard};
use spasmograph::compare::compare;
use spasmograph::event::Protocol;
use spasmograph::live;
use spasmograph::pattern::History;
use spasmograph::report::export::{self, Format};
use spasmograph::report::{Analysis, OutputFolder, Truth, Written, csv, html, plain, summary};
use spasmograph::serve::Gate;
use spasmograph::source::Input;
use spasmograph::synth::{Motion, Scenario};
use spasmograph::thresholds::Thresholds;
use spasmograph::validate::read_truth;

use super::seeds::{self, RECORDING};

/// One parser.
pub(crate) struct Target {
    /// Its name, and that of the folder with what was found.
    pub(crate) name: &'static str,
    /// Its share of the inputs: the quick ones get more.
    pub(crate) weight: usize,
    pub(crate) seeds: fn() -> Vec<Vec<u8>>,
    /// Reads an input, and uses what comes of it; the folder is its own.
    pub(crate) run: fn(&[u8], &Path),
}

pub(crate) const TARGETS: [Target; 17] = [
    Target { name: "protocol", weight: 60, seeds: seeds::protocols, run: protocol },
    Target { name: "history", weight: 60, seeds: seeds::histories, run: history },
    Target { name: "truth", weight: 20, seeds: seeds::truths, run: truth },
    Target { name: "scenario", weight: 20, seeds: seeds::scenarios, run: scenario },
    Target { name: "analysis", weight: 6, seeds: seeds::analyses, run: analysis },
    Target { name: "signals", weight: 6, seeds: seeds::tables, run: signals },
    Target { name: "journal", weight: 4, seeds: seeds::tables, run: journal },
    Target { name: "session", weight: 4, seeds: seeds::sessions, run: session },
    Target { name: "manifest", weight: 60, seeds: seeds::manifests, run: manifest },
    Target { name: "list", weight: 40, seeds: seeds::lists, run: list },
    Target { name: "labels", weight: 40, seeds: seeds::labels, run: labels },
    Target { name: "shard", weight: 30, seeds: seeds::shards, run: shard },
    Target { name: "folder", weight: 40, seeds: seeds::folders, run: folder },
    Target { name: "message", weight: 60, seeds: seeds::messages, run: message },
    Target { name: "words", weight: 40, seeds: seeds::words, run: words },
    Target { name: "container", weight: 4, seeds: seeds::containers, run: container },
    Target { name: "cell", weight: 10, seeds: seeds::manifests, run: cell },
];

fn put(place: &Path, name: &str, input: &[u8]) -> std::path::PathBuf {
    let path = place.join(name);
    fs::write(&path, input).unwrap();
    path
}

fn protocol(input: &[u8], place: &Path) {
    if let Ok(protocol) = Protocol::load(&put(place, "protocol.json", input)) {
        let samples = &RECORDING.1[..60];
        let _ = Analyzer::replay(samples, &Thresholds::default(), Some(protocol.clone()));
        let _ = (protocol.task_at(1.0), protocol.beyond(10.0));
    }
}

fn history(input: &[u8], place: &Path) {
    if let Ok(history) = History::load(&put(place, "history.json", input)) {
        let findings = &RECORDING.0.findings;
        let thresholds = Thresholds::default();
        let _ = spasmograph::pattern::assess_with_history(
            findings,
            findings.summary.usable_s,
            Some(&history),
            &thresholds.pattern,
        );
    }
}

fn truth(input: &[u8], place: &Path) {
    if let Ok(truth) = Truth::read(&put(place, "truth.json", input)) {
        let _ = spasmograph::validate::compare(&truth, &RECORDING.0);
    }
}

fn scenario(input: &[u8], place: &Path) {
    if let Ok(scenario) = Scenario::load(&put(place, "scenario.json", input)) {
        // Hours of frames are no fault of a parser.
        if scenario.duration_s * scenario.camera.fps < 20_000.0 {
            let motion = Motion::new(&scenario);
            for time_s in scenario.frame_times().into_iter().step_by(50) {
                let _ = motion.at(time_s);
            }
            let _ = motion.truth(None);
        }
    }
}

/// What every reader of an analysis does with it.
fn use_up(analysis: &Analysis, samples: &[spasmograph::signal::Sample], place: &Path) {
    let _ = summary::text(analysis, None);
    let page = html::page(analysis, samples, None);
    assert!(page.matches("<script").count() <= 2, "a string became a script");
    let out = OutputFolder::create(place).unwrap();
    for format in [Format::Edf, Format::Elan, Format::Bids, Format::OpenFace, Format::Jefapato] {
        let _ = export::write(format, analysis, samples, &out);
    }
    let _ = csv::write_event_rows(Vec::new(), &analysis.findings);
}

fn analysis(input: &[u8], place: &Path) {
    let path = put(place, "analysis.json", input);
    let Ok(analysis) = Analysis::read(&path) else { return };
    use_up(&analysis, &RECORDING.1[..60], &place.join("export"));
    let visits = [analysis.clone(), RECORDING.0.clone()];
    let thresholds = Thresholds::default();
    if let Ok(comparison) = compare(&visits, None, &thresholds.pattern) {
        let _ = (comparison.html(), comparison.text());
    }
    put(place, "signals.csv", &seeds::tables()[1]);
    let _ = csv::read_signals_of(&analysis, &place.join("signals.csv"));
}

fn signals(input: &[u8], place: &Path) {
    if let Ok(samples) = csv::read_signals(&put(place, "signals.csv", input)) {
        let _ = Analyzer::replay(&samples, &Thresholds::default(), None);
        use_up(&RECORDING.0, &samples, &place.join("export"));
    }
}

/// A session that was cut off, in a folder of its own.
fn cut_off(journal: &[u8], session: &[u8], place: &Path) {
    let folder = place.join("session");
    // It may be gone, or not there yet.
    let _ = fs::remove_dir_all(&folder);
    fs::create_dir(&folder).unwrap();
    put(&folder, "signals.journal.csv", journal);
    put(&folder, "session.json", session);
    let _ = live::recover(&folder, None, &Thresholds::default());
}

fn journal(input: &[u8], place: &Path) {
    cut_off(input, &seeds::sessions()[0], place);
}

fn session(input: &[u8], place: &Path) {
    cut_off(&seeds::tables()[1], input, place);
}

fn manifest(input: &[u8], place: &Path) {
    for name in ["manifest.csv", "manifest.tsv"] {
        let _ = Inputs::read(&[put(place, name, input).into_os_string()], &place.join("out"));
    }
}

fn list(input: &[u8], place: &Path) {
    let _ = Inputs::read(&[put(place, "list.txt", input).into_os_string()], &place.join("out"));
}

fn labels(input: &[u8], place: &Path) {
    if let Ok(truth) = read_truth(&put(place, "labels.csv", input)) {
        let _ = spasmograph::validate::compare(&truth, &RECORDING.0);
    }
}

fn shard(input: &[u8], place: &Path) {
    let batch = place.join("batch");
    fs::create_dir_all(batch.join("shards")).unwrap();
    put(&batch.join("shards"), "1-of-1.json", input);
    let place = Place::new(&batch);
    let _ = (place.clips().is_ok(), Cohort::gather(&place).is_ok());
    let _ = String::from_utf8_lossy(input).parse::<Shard>();
}

fn folder(input: &[u8], place: &Path) {
    put(place, "spasmograph.json", input);
    let written = Written::of_folder(place);
    for name in ["analysis.json", "sub-01/motion/a.tsv", "../x"] {
        let _ = written.has(place, name);
    }
}

fn message(input: &[u8], _: &Path) {
    let _ = live::take_apart(input);
}

fn words(input: &[u8], _: &Path) {
    let word = String::from_utf8_lossy(input);
    let gate = Gate {
        address: "127.0.0.1:8080".parse().unwrap(),
        name: Some("desk.clinic".to_owned()),
        token: None,
        encrypted: false,
    };
    let _ = (gate.is_our_host(&word), gate.admits(Some(&word)));
    let _ = Input::parse(std::ffi::OsStr::new(&*word)).to_string();
    let _ = (word.parse::<Shard>(), word.parse::<Format>());
}

fn container(input: &[u8], place: &Path) {
    let clip = put(place, "clip.bin", input);
    let _ = spasmograph::batch::default_jobs(&[spasmograph::batch::Clip::new(1, clip)]);
}

fn cell(input: &[u8], _: &Path) {
    let text = String::from_utf8_lossy(input);
    for line in text.lines().chain([&*text]) {
        let cell = plain::cell(line);
        assert_eq!(plain::from_cell(&cell), line);
        let is_number = cell.parse::<f64>().is_ok();
        assert!(is_number || !cell.starts_with(['=', '+', '-', '@', '\t', '\r']), "{cell:?}");
        assert!(!plain::printable(line).contains(['\u{1b}', '\u{9b}', '\0']));
    }
}
