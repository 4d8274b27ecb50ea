//! A described recording as files: same scenario, same truth, same pixels.

use spasmograph::report::Truth;
use spasmograph::synth::{ClipError, Motion, PRESETS, Painter, Scenario, preset, write_clip};

/// A short, small version of a preset, so that the test is quick.
fn short(name: &str) -> Scenario {
    let mut scenario = preset(name).expect("a preset");
    scenario.duration_s = 0.5;
    scenario.camera.width = 160;
    scenario.camera.height = 120;
    scenario
}

#[test]
fn the_same_scenario_gives_the_same_pixels() {
    let scenario = short("typical-right");
    let motion = Motion::new(&scenario);
    let paint = || {
        let mut painter = Painter::new(&scenario);
        [2.15, 10.0, 2.15].map(|t| painter.paint(&motion.at(t), 7).bgr().into_owned())
    };
    let (first, second) = (paint(), paint());
    assert_eq!(first, second);
    assert_eq!(first[0], first[2], "painting another moment between changed the first");
    assert_ne!(first[0], first[1]);
}

#[test]
fn the_number_of_threads_does_not_show_in_the_pixels() {
    let scenario = short("blepharospasm");
    let motion = Motion::new(&scenario);
    let paint = |threads: usize| {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
        pool.install(|| Painter::new(&scenario).paint(&motion.at(2.0), 3).bgr().into_owned())
    };
    let alone = paint(1);
    assert_eq!(alone, paint(2));
    assert_eq!(alone, paint(5));
}

#[test]
fn a_clip_comes_with_its_truth_and_scenario_and_keeps_uneven_times() {
    if std::process::Command::new("ffmpeg").arg("-version").output().is_err() {
        unable!("ffmpeg is not installed");
    }
    let folder = tempfile::tempdir().unwrap();
    for jitter in [0.0, 0.3] {
        let mut scenario = short("meige");
        scenario.camera.jitter = jitter;
        let video = folder.path().join(format!("clip-{jitter}.mp4"));
        let clip = write_clip(&scenario, &video, |_, _| true).unwrap();
        assert!(std::fs::metadata(&clip.video).unwrap().len() > 1000);
        let truth = Truth::read(&clip.truth).unwrap();
        assert_eq!(truth.frames, Some(clip.frames));
        assert_eq!(Scenario::load(&clip.scenario).unwrap(), scenario);

        let said = std::process::Command::new("ffprobe")
            .args(["-v", "error", "-show_entries", "frame=pts_time", "-of", "csv=p=0"])
            .arg(&clip.video)
            .output()
            .unwrap();
        let read: Vec<f64> = String::from_utf8(said.stdout)
            .unwrap()
            .lines()
            .filter_map(|line| line.split(',').next().filter(|time| !time.is_empty()))
            .map(|time| time.parse().unwrap())
            .collect();
        let meant = scenario.frame_times();
        assert_eq!(read.len(), meant.len());
        for (a, b) in read.iter().zip(&meant) {
            assert!((a - b).abs() < 2e-4, "jitter {jitter}: {a} instead of {b}");
        }
    }
}

#[test]
fn stopped_work_leaves_no_file() {
    let folder = tempfile::tempdir().unwrap();
    let video = folder.path().join("clip.mp4");
    match write_clip(&short("healthy"), &video, |done, _| done < 3) {
        Err(ClipError::Stopped(3)) => {}
        Err(ClipError::NoEncoder(_)) => unable!("ffmpeg is not installed"),
        other => panic!("{other:?}"),
    }
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0);
}

#[test]
fn the_samples_are_what_the_presets_describe() {
    let samples = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("samples");
    for name in PRESETS {
        let meant = preset(name).expect("a preset");
        let at = |ending: &str| samples.join(format!("{name}.{ending}"));
        assert_eq!(Scenario::load(&at("scenario.json")).unwrap(), meant, "{name}");
        let truth = Motion::new(&meant).truth(Some(&format!("{name}.mp4")));
        assert_eq!(std::fs::read_to_string(at("truth.json")).unwrap(), truth.to_json(), "{name}");
        assert!(at("mp4").is_file(), "{name}");
        assert_eq!(at("protocol.json").is_file(), meant.protocol().is_some(), "{name}");
    }
}
