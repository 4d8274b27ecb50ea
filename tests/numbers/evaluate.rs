//! Folders of recordings with truth, and the ledger of what was reached on them.

use std::fs;
use std::path::Path;

use spasmograph::evaluate::{Block, Corpus, Ledger, Persons};
use spasmograph::pattern::Label;
use spasmograph::report::RatedBlinks;
use spasmograph::validate::{Matching, Rate, Score, Share, ValidatedClip, Validation};

fn write(folder: &Path, name: &str, text: &str) {
    fs::write(folder.join(name), text).unwrap();
}

const TABLE: &str = "clip\tseconds\tone_sided_on_purpose\tnote\n\
                     a.mp4\t3.0\tno\ttalks \"much\"\nb.mpg\t4.0\tyes\twinks\nc.mp4\t5.0\tno\t\n";

#[test]
fn a_table_of_healthy_people_gives_truths_and_a_truth_file_goes_before_it() {
    let folder = tempfile::tempdir().unwrap();
    write(folder.path(), "table.tsv", TABLE);
    let own = r#"{"schema": "spasmograph.truth/1", "clip": "c.mp4", "blinks_rated": false,
        "events": [{"side": "left", "start_s": 1.0, "end_s": 1.4}]}"#;
    write(folder.path(), "c.truth.json", own);
    write(folder.path(), "persons", "clip\tperson\na.mp4\tshe\nc.mp4\tshe\n");
    let persons = Persons::read(&folder.path().join("persons")).unwrap();
    let corpus = Corpus::read(folder.path(), &persons).unwrap();
    let [a, b, c] = &corpus.recordings[..] else { panic!("{corpus:?}") };
    assert!(a.clip.ends_with("a.mp4") && b.clip.ends_with("b.mpg"));
    assert_eq!(a.truth.events.as_deref(), Some(&[][..]));
    assert_eq!(a.truth.rated(), RatedBlinks::Not);
    assert_eq!(a.truth.expected_labels, [Label::None, Label::Indeterminate]);
    assert_eq!([a, b, c].map(|own| own.truth.one_sided_on_purpose), [false, true, false]);
    assert_eq!(c.truth.events.as_ref().map(Vec::len), Some(1));
    assert_eq!(a.truth.person, c.truth.person);
    assert_eq!(b.truth.person, None);
}

#[test]
fn a_folder_without_truth_and_a_table_without_its_columns_are_refused() {
    let folder = tempfile::tempdir().unwrap();
    let error = |name: &str| {
        let read = Corpus::read(&folder.path().join(name), &Persons::default());
        read.unwrap_err().to_string()
    };
    fs::create_dir(folder.path().join("empty")).unwrap();
    assert!(error("empty").contains("no recording with a truth"), "{}", error("empty"));
    assert!(error("gone").contains("no such file"), "{}", error("gone"));
    fs::create_dir(folder.path().join("odd")).unwrap();
    write(&folder.path().join("odd"), "table.tsv", "clip\tseconds\n");
    assert!(error("odd").contains("no column one_sided_on_purpose"), "{}", error("odd"));
}

fn validation() -> Validation {
    let mut score = Score { recordings: 1, ..Score::default() };
    score.listed = Some(spasmograph::validate::Listed {
        outside: Rate { count: 4, minutes: 2.0 },
        told: Share { count: 1, of: 2 },
    });
    let clip = ValidatedClip {
        truth: String::new(),
        analysis: String::new(),
        name: "a".to_owned(),
        length_s: 120.0,
        person: "she".to_owned(),
        label: None,
        told: None,
        score,
    };
    Validation::new(vec![clip], Matching::default(), Vec::new())
}

#[test]
fn every_evaluation_takes_the_next_block_and_only_the_first_is_a_first_look() {
    let folder = tempfile::tempdir().unwrap();
    let blocks = "block\tseries\tseed\trecordings\n\
                  one\tsimulated\t10\t2\nother\tpainted\t20\t2\ntwo\tsimulated\t30\t2\n";
    write(folder.path(), "blocks.tsv", blocks);
    let blocks = Block::read_all(&folder.path().join("blocks.tsv")).unwrap();
    let path = folder.path().join("ledger.tsv");
    let evaluate = || {
        let mut ledger = Ledger::open(&path).unwrap();
        let block = ledger.next(&blocks, "simulated")?.name.clone();
        ledger.add(&block, &validation(), false).unwrap();
        Some(block)
    };
    assert_eq!(evaluate().as_deref(), Some("one"));
    assert_eq!(evaluate().as_deref(), Some("two"));
    assert_eq!(evaluate(), None);
    let before = fs::read_to_string(&path).unwrap();
    Ledger::open(&path).unwrap().add("one", &validation(), false).unwrap();
    let text = fs::read_to_string(&path).unwrap();
    assert!(text.starts_with(&before), "lines are only added");
    let lines: Vec<Vec<&str>> = text.lines().map(|line| line.split('\t').collect()).collect();
    assert!(lines.iter().all(|line| line.len() == lines[0].len()));
    let looks: Vec<&str> = lines[1..].iter().map(|line| *line.last().unwrap()).collect();
    assert_eq!(looks, ["yes", "yes", "no"]);
    assert!(text.contains("4 = 2.000 (0.545 to 5.121)"), "{text}");
}

#[test]
fn what_is_no_ledger_is_left_as_it_is() {
    let folder = tempfile::tempdir().unwrap();
    write(folder.path(), "notes.txt", "not a ledger\n");
    let path = folder.path().join("notes.txt");
    assert!(Ledger::open(&path).unwrap_err().to_string().contains("not that of a ledger"));
    assert_eq!(fs::read_to_string(&path).unwrap(), "not a ledger\n");
}

#[test]
fn the_blocks_that_are_named_ahead_share_no_seed() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/blocks.tsv");
    let blocks = Block::read_all(&path).unwrap();
    assert!(blocks.len() > 20);
    for (i, a) in blocks.iter().enumerate() {
        for b in &blocks[i + 1..] {
            assert_ne!(a.name, b.name);
            let apart = a.seed + a.recordings <= b.seed || b.seed + b.recordings <= a.seed;
            assert!(apart, "{} and {}", a.name, b.name);
        }
    }
}
