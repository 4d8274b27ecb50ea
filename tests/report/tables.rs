//! `signals.csv` and `events.csv`.

use spasmograph::report::csv::{read_signals, write_event_rows, write_signals};
use spasmograph::report::{Error, OutputFolder};

use crate::example;

fn rows(bytes: &[u8]) -> Vec<std::collections::HashMap<String, String>> {
    csv::Reader::from_reader(bytes).deserialize().map(|row| row.unwrap()).collect()
}

#[test]
fn signals_have_one_row_a_frame_and_nothing_but_the_time_in_a_gap() {
    let folder = tempfile::tempdir().unwrap();
    let out = OutputFolder::create(folder.path()).unwrap();
    write_signals(out.file("signals.csv").unwrap(), &example::samples()).unwrap();
    let rows = rows(&std::fs::read(folder.path().join("signals.csv")).unwrap());
    assert_eq!(rows.len(), 300);
    assert_eq!(rows[63]["time_s"], "2.100000");
    assert_eq!(rows[63]["cheek_left_mfu"], "20.000");
    assert_eq!(rows[63]["cheek_right_mfu"], "0.000");
    assert_eq!(rows[63]["aperture_left"], "0.0000");
    assert_eq!(rows[63]["aperture_right"], "1.0000");
    for (name, cell) in &rows[250] {
        let kept = ["index", "time_s", "presence"].contains(&name.as_str());
        assert_eq!(kept, !cell.is_empty(), "{name} is {cell:?} in a gap");
    }
}

#[test]
fn signals_read_back_to_the_precision_they_were_written_with() {
    let folder = tempfile::tempdir().unwrap();
    let out = OutputFolder::create(folder.path()).unwrap();
    let samples = example::samples();
    write_signals(out.file("signals.csv").unwrap(), &samples).unwrap();
    let read = read_signals(&folder.path().join("signals.csv")).unwrap();
    assert_eq!(read.len(), samples.len());
    for (read, sample) in read.iter().zip(&samples) {
        assert_eq!((read.index, read.track), (sample.index, sample.track));
        assert!((read.time_s - sample.time_s).abs() < 1e-6);
        assert_eq!(read.pose, sample.pose);
        assert_eq!(read.eyes.left.is_some(), sample.eyes.left.is_some());
        for ((place, a), (_, b)) in read.displacement.iter().zip(sample.displacement.iter()) {
            match (a, b) {
                (Some(a), Some(b)) => assert!((a - b).abs() < 1e-3, "{place}: {a} for {b}"),
                (a, b) => assert_eq!(a, b, "{place}"),
            }
        }
    }
}

#[test]
fn a_cell_that_is_not_a_number_is_named_with_its_line() {
    let folder = tempfile::tempdir().unwrap();
    let out = OutputFolder::create(folder.path()).unwrap();
    let path = folder.path().join("signals.csv");
    write_signals(out.file("signals.csv").unwrap(), &example::samples()[..2]).unwrap();
    let text = std::fs::read_to_string(&path).unwrap().replace("0.033333", "soon");
    std::fs::write(&path, text).unwrap();
    let error = read_signals(&path).unwrap_err();
    assert!(matches!(error, Error::Content { .. }));
    assert!(error.to_string().contains("line 3: \"soon\""), "{error}");
}

#[test]
fn events_have_one_row_a_contraction_and_one_a_blink_in_order_of_start() {
    let mut table = Vec::new();
    write_event_rows(&mut table, &example::analysis().findings).unwrap();
    let rows = rows(&table);
    let kinds: Vec<&str> = rows.iter().map(|row| row["kind"].as_str()).collect();
    assert_eq!(kinds, ["twitch", "twitch", "twitch", "blink"]);
    assert_eq!(rows[1]["region"], "cheek");
    assert_eq!(rows[1]["order"], "2");
    assert_eq!(rows[1]["onset_s"], "2.0500");
    assert_eq!(rows[1]["spread"], "periocular>cheek+mouth_corner");
    assert_eq!(rows[3]["event"], "");
    assert_eq!(rows[3]["depth"], "0.950");
    assert_eq!(rows[3]["duration_s"], "0.3000");
}
