//! Whole, valid files to begin with: made by the program itself.

use std::path::Path;
use std::sync::LazyLock;

use spasmograph::analyzer::Analyzer;
use spasmograph::pattern::{Label, assess};
use spasmograph::report::{Analysis, OutputFolder, SourceInfo, Warning, csv, json};
use spasmograph::signal::Sample;
use spasmograph::synth::{Motion, draw_tracker, patient, preset, signals};
use spasmograph::thresholds::Thresholds;

/// A short recording with something in it: its analysis and its signals.
pub(crate) static RECORDING: LazyLock<(Analysis, Vec<Sample>)> = LazyLock::new(|| {
    let thresholds = Thresholds::default();
    let scenario = patient(Label::TypicalHfs, 3, 12.0);
    let samples = signals(&Motion::new(&scenario), &draw_tracker(3));
    let outcome = Analyzer::replay(&samples, &thresholds, scenario.protocol());
    let source = SourceInfo {
        path: "clip.mp4".to_owned(),
        sha256: Some("0123456789abcdef".repeat(4)),
        width: 640,
        height: 480,
        frames: Some(samples.len() as u64),
        duration_s: samples.last().map_or(0.0, |last| last.time_s + 1.0 / 30.0),
        fps_nominal: Some(30.0),
        fps: None,
        start_offset_s: 0.0,
        variable_frame_rate: false,
        mirrored: false,
    };
    let usable_s = outcome.findings.summary.usable_s;
    let pattern = assess(&outcome.findings, usable_s, &thresholds.pattern);
    let warnings = vec![Warning::new("other_faces", "another face was in view")];
    let analysis =
        Analysis::new(source, outcome.coverage, outcome.findings, pattern, &thresholds, warnings);
    (analysis, samples)
});

/// Files of the samples that end in one of the given ways.
pub(crate) fn sample_files(endings: &[&str]) -> Vec<Vec<u8>> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("samples");
    let entries = std::fs::read_dir(folder).unwrap().flatten().map(|entry| entry.path());
    let is_wanted = |path: &std::path::PathBuf| {
        let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        endings.iter().any(|ending| name.ends_with(ending))
    };
    let mut paths: Vec<_> = entries.filter(is_wanted).collect();
    paths.sort();
    paths.iter().map(|path| std::fs::read(path).unwrap()).collect()
}

pub(crate) fn protocols() -> Vec<Vec<u8>> {
    let mut all = sample_files(&[".protocol.json"]);
    all.push(
        br#"{"segments": [{"start_s": 0, "end_s": 60, "task": "rest"},
        {"start_s": 65.5, "end_s": 70, "task": "forced_close"}]}"#
            .to_vec(),
    );
    all
}

pub(crate) fn histories() -> Vec<Vec<u8>> {
    vec![
        br#"{"schema": "spasmograph.history/1", "facial_palsy": false, "first_symptom":
            {"region": "periocular", "side": "left", "date": "2019-03"}, "later_regions":
            [{"region": "cheek", "date": "2020"}], "carbamazepine": "good", "lateral_spread": true,
            "neurovascular_contact": true, "botulinum": ["2021-04-30", "2021-08-01"],
            "recorded": "2021-09-01", "ear_noise": false, "trouble_opening_eyes": false,
            "dry_eyes": false, "sensory_trick": false, "neck_or_limbs": false,
            "tooth_grinding": false}"#
            .to_vec(),
        b"{}".to_vec(),
    ]
}

pub(crate) fn truths() -> Vec<Vec<u8>> {
    sample_files(&["typical-right.truth.json", "synkinesis.truth.json"])
}

pub(crate) fn scenarios() -> Vec<Vec<u8>> {
    let mut all = sample_files(&["typical-right.scenario.json", "synkinesis.scenario.json"]);
    all.extend(preset("meige").map(|scenario| scenario.to_json().into_bytes()));
    all
}

pub(crate) fn analyses() -> Vec<Vec<u8>> {
    vec![json::text(&RECORDING.0).into_bytes()]
}

/// `signals.csv`, at its full length and of a few rows.
pub(crate) fn tables() -> Vec<Vec<u8>> {
    let folder = tempfile::tempdir().unwrap();
    let out = OutputFolder::create(folder.path()).unwrap();
    [&RECORDING.1[..], &RECORDING.1[..20]]
        .into_iter()
        .map(|samples| {
            csv::write_signals(out.file("signals.csv").unwrap(), samples).unwrap();
            std::fs::read(folder.path().join("signals.csv")).unwrap()
        })
        .collect()
}

pub(crate) fn manifests() -> Vec<Vec<u8>> {
    vec![
        b"clip,subject,visit,protocol,history,mirrored,truth\na b.mp4,S1,2,,,yes,a.json\nc.mp4,,,,,,\n".to_vec(),
        b"\xef\xbb\xbfclip;subject;mirrored;\r\n\"a; \"\"b\"\".mp4\";\"M\xc3\xbcller, A.\";TRUE;\r\n;;;\r\n".to_vec(),
        b"Clip\tSubject\na,b.mp4\t'=1+1\n".to_vec(),
    ]
}

pub(crate) fn lists() -> Vec<Vec<u8>> {
    vec![b"# two\nb.mp4\n\ndeep/er/d.webm\n".to_vec()]
}

pub(crate) fn labels() -> Vec<Vec<u8>> {
    vec![
        b"frame,blink_label\n0,0\n1,1\n2,1\n3,0\n4,\n5,0\n".to_vec(),
        b"blink_label\n0\n1\n1\n0\n".to_vec(),
    ]
}

pub(crate) fn shards() -> Vec<Vec<u8>> {
    let key = "0123456789abcdef".repeat(4);
    vec![
        format!(
            "{{\"schema\": \"spasmograph.batch-list/1\", \"version\": \"{}\", \"shard\": {{\"number\": 1, \
             \"of\": 1}}, \"whole\": \"w\", \"clips\": [{{\"number\": 1, \"clip\": \"a.mp4\", \
             \"subject\": null, \"visit\": null, \"truth\": null, \"sha256\": \"{key}\", \"key\": \
             \"{key}\", \"state\": {{\"analyzed\": {{\"partial\": false}}}}}}]}}",
            env!("CARGO_PKG_VERSION")
        )
        .into_bytes(),
    ]
}

pub(crate) fn folders() -> Vec<Vec<u8>> {
    let key = "0123456789abcdef".repeat(4);
    vec![format!(
        "{{\"schema\": \"spasmograph.folder/1\", \"version\": \"0.1.0\", \"of\": \"{key}\", \"files\": \
         {{\"analysis.json\": \"{key}\", \"sub-01/motion/a.tsv\": \"{key}\"}}}}"
    )
    .into_bytes()]
}

pub(crate) fn sessions() -> Vec<Vec<u8>> {
    vec![
        br#"{"schema": "spasmograph.session/1", "input": "browser", "sha256": null,
        "began_unix_s": 1700000000, "mirrored": true, "width": 640, "height": 480, "arrived": 100,
        "dropped": 1, "unsent": 0, "unrecorded": 0, "reconnects": 0, "marks":
        [{"time_s": 1.5, "note": "here"}], "tasks": [{"start_s": 0.5, "end_s": 2, "task": "rest"}],
        "finished": false}"#
            .to_vec(),
    ]
}

/// Commands, and a picture as a page sends it.
pub(crate) fn messages() -> Vec<Vec<u8>> {
    let picture = image::RgbImage::from_fn(48, 32, |x, y| image::Rgb([x as u8, y as u8, 90]));
    let mut jpeg = std::io::Cursor::new(Vec::new());
    picture.write_to(&mut jpeg, image::ImageFormat::Jpeg).unwrap();
    let mut message = vec![1];
    message.extend(12.5_f64.to_le_bytes());
    message.extend(7_u32.to_le_bytes());
    message.extend(jpeg.into_inner());
    vec![
        message,
        br#"{"do":"mark","note":"looked aside"}"#.to_vec(),
        br#"{"do":"exam_start"}"#.to_vec(),
    ]
}

/// Heads of containers: an index at the front, and one behind a little of the pictures.
pub(crate) fn containers() -> Vec<Vec<u8>> {
    let mut whole = sample_files(&["indeterminate-few-events.mp4"]).remove(0);
    let index = whole.windows(4).position(|word| word == b"moov").unwrap() - 4;
    let pictures = whole.windows(4).position(|word| word == b"mdat").unwrap() - 4;
    let mut all = vec![
        b"\x1a\x45\xdf\xa3\x80\x18\x53\x80\x67\x90\x16\x54\xae\x6b\x8b\xae\x89\xe0\x87\xb0\x81\x40\xba\x82\x01\x00"
            .to_vec(),
        [b"RIFF\0\0\0\0AVI LIST\0\0\0\0hdrlavih".as_slice(), &[1; 60]].concat(),
    ];
    if index < pictures {
        whole.truncate(pictures + 64);
        all.push(whole);
    } else {
        all.push([&whole[..pictures], b"\0\0\0\x10mdat12345678", &whole[index..]].concat());
    }
    all
}

pub(crate) fn words() -> Vec<Vec<u8>> {
    [
        "2/8",
        "127.0.0.1:8080",
        "[::1]:80",
        "localhost",
        "rtsp://ward:s3cret@10.0.0.7:554/live",
        "a.mp4",
    ]
    .map(|word| word.as_bytes().to_vec())
    .to_vec()
}
