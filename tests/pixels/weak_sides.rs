//! A side that is weak, put into recordings of people who talk: one lid does a part of every blink, and
//! the mouth is drawn to the other side where the lips part. The finding names that side, and nothing
//! is called a spasm of the other one.
//!
//! The clips and what was measured of them are kept under the target folder: the first run makes them
//! (a quarter of an hour), later ones only judge. `SPASMOGRAPH_RECORDINGS=12` takes so many of them.

use std::path::{Path, PathBuf};

use spasmograph::anatomy::Side;
use spasmograph::evaluate::{Measured, Store};
use spasmograph::pattern::Label;
use spasmograph::pipeline::Pipeline;
use spasmograph::report::{Analysis, summary};
use spasmograph::source::Input;
use spasmograph::synth::{BlinkSpec, Scenario, Speech, Weakness, inject, preset, write_clip};
use spasmograph::thresholds::Thresholds;

use crate::support::pipeline::models;
use crate::support::recordings::cases;

/// Shares of the way that the weak side has left.
const SHARES: [f64; 3] = [0.2, 0.4, 0.6];

/// People who talk, with some blinks each.
const HOSTS: [&str; 7] = [
    "people/stage-speech.mp4",
    "healthy/dim-webcam-intro.mp4",
    "healthy/outdoor-testimonial.mp4",
    "healthy/lupita-tv.mp4",
    "people/phone-glasses-speech.mp4",
    "healthy/glasses-coach.mp4",
    "healthy/news-anchor-cn.mp4",
];

/// A recording with a side weakened.
struct Case {
    host: &'static str,
    side: Side,
    share: f64,
}

impl Case {
    fn all() -> Vec<Self> {
        let most = std::env::var("SPASMOGRAPH_RECORDINGS").ok().and_then(|n| n.parse().ok());
        let each = (0..SHARES.len()).flat_map(|round| {
            HOSTS.iter().enumerate().map(move |(number, &host)| {
                let side = if (number + round) % 2 == 0 { Side::Left } else { Side::Right };
                Self { host, side, share: SHARES[(number + round) % SHARES.len()] }
            })
        });
        each.take(most.unwrap_or(usize::MAX)).collect()
    }

    /// The clip, made where it is not there yet.
    fn clip(&self, folder: &Path) -> PathBuf {
        let from = cases().join(self.host);
        if !from.is_file() {
            unable!("no {} among the recordings", self.host);
        }
        let name = from.file_stem().expect("a recording has a name").to_string_lossy();
        let clip = folder.join(format!("{name}-{}-{}.mp4", self.side, self.share));
        if !clip.is_file() {
            let mut scenario = Scenario::still("weak", 600.0);
            scenario.weakness =
                Some(Weakness { side: self.side, excursion: self.share, droop: 0.0 });
            scenario.lid_reach[self.side] = self.share;
            match inject(&scenario, &from, &clip, |_, _| true) {
                Ok(_) => {}
                Err(error) if error.to_string().contains("ffmpeg") => unable!("{error}"),
                Err(error) => panic!("{error}"),
            }
        }
        clip
    }
}

/// Measures clips, keeps what was measured, and judges it.
struct Judge {
    folder: PathBuf,
    thresholds: Thresholds,
    pipeline: Pipeline,
    store: Store,
}

impl Judge {
    fn new() -> Self {
        let thresholds = Thresholds::default();
        let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("weak-sides");
        std::fs::create_dir_all(&folder).unwrap();
        let pipeline = Pipeline::new(&models(), &thresholds).unwrap();
        let store = Store::open(&folder.join("signals"), &thresholds).unwrap();
        Self { folder, thresholds, pipeline, store }
    }

    fn judged(&mut self, clip: &Path) -> Analysis {
        let measured = self.store.get(clip, false).unwrap().unwrap_or_else(|| {
            let input = Input::File(clip.to_owned());
            let measured = Measured::of_file(&mut self.pipeline, &input, false).unwrap();
            self.store.put(clip, false, &measured).unwrap();
            measured
        });
        measured.judge(&self.thresholds, None)
    }
}

#[test]
#[ignore = "weakens and analyzes real recordings: a quarter of an hour"]
fn a_side_weakened_in_a_real_recording_is_named_and_the_other_is_not_told_to_be_in_spasm() {
    let mut judge = Judge::new();
    let (mut named, mut all, mut wrong) = (0, 0, Vec::new());
    for case in Case::all() {
        let clip = case.clip(&judge.folder);
        let told = judge.judged(&clip);
        let weakness = told.pattern.weakness.as_ref();
        let name = format!("{} {} {}", case.host, case.side, case.share);
        let words =
            weakness.map_or_else(|| "-".to_owned(), |w| format!("{} {}", w.side, w.words()));
        println!(
            "{name}: {words}; {} {:?} {:?}",
            told.pattern.label, told.findings.summary.lid_share, told.findings.summary.excursions
        );
        all += 1;
        named += i32::from(weakness.is_some_and(|own| own.side == case.side));
        let across = weakness.is_some_and(|own| own.side != case.side);
        let open = matches!(told.pattern.label, Label::None | Label::Indeterminate);
        if across || !open {
            wrong.push(format!("{name}: {words}; {}", told.pattern.label));
        }
    }
    println!("{named} of {all} named");
    assert!(wrong.is_empty(), "{wrong:#?}");
    assert!(20 * named >= 19 * all, "{named} of {all}");
}

#[test]
#[ignore = "paints and analyzes half a minute of video"]
fn hemifacial_spasm_painted_on_a_weak_side_is_told_with_the_weakness() {
    let mut judge = Judge::new();
    for (name, side, label) in [
        ("typical-right", Side::Right, Label::TypicalHfs),
        ("atypical-left", Side::Left, Label::AtypicalHfs),
    ] {
        let mut scenario = preset(name).expect("a preset");
        let (from_s, length_s) = (scenario.duration_s, 14.0);
        scenario.name = format!("{name}-weak");
        scenario.duration_s += length_s;
        scenario.weakness = Some(Weakness { side, excursion: 0.4, droop: 0.0 });
        scenario.lid_reach[side] = 0.4;
        let more = (0..5).map(|i| from_s + 0.6 + 2.6 * f64::from(i));
        let more = more.map(|start_s| BlinkSpec { start_s, depth: 1.0, lag_s: 0.0 });
        scenario.blinks.at.extend(more);
        let end_s = from_s + length_s - 0.5;
        let speech = Speech { start_s: from_s + 1.2, end_s, syllables_per_s: 4.5, amplitude: 1.0 };
        scenario.speech.push(speech);
        let clip = judge.folder.join(format!("{name}-weak.mp4"));
        if !clip.is_file() {
            write_clip(&scenario, &clip, |_, _| true).unwrap();
        }
        let told = judge.judged(&clip);
        let words = summary::sided_label(&told);
        println!("{name}: {words}; {:?}", told.pattern.weakness);
        assert_eq!(told.pattern.label, label, "{}", told.pattern.reason);
        assert_eq!(told.pattern.weakness.map(|own| own.side), Some(side));
        assert!(words.ends_with(&format!(", {side}; {side} side weak")), "{words}");
    }
}
