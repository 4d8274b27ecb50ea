//! Suggested ranges on clinical scales.

use spasmograph::anatomy::{Region, Side};
use spasmograph::event::{Contraction, Event, EventKind, Laterality};
use spasmograph::report::html::page;
use spasmograph::report::scales::{ScaleRange, ranges};
use spasmograph::report::{Analysis, summary};
use spasmograph::synth::{patient, preset};

use crate::patient::recording;
use spasmograph::pattern::Label;

/// A minute without events, and as many contractions of the right side as asked for.
fn minute(count: u32, regions: &[Region], length_s: f64) -> Analysis {
    let (mut analysis, _) = recording(&patient(Label::None, 3, 60.0), "minute.mp4");
    let kind = if length_s >= 1.0 { EventKind::Spasm } else { EventKind::Twitch };
    analysis.findings.events = (0..count).map(|i| event(i, kind, regions, length_s)).collect();
    analysis.scales = ranges(&analysis);
    analysis
}

fn event(number: u32, kind: EventKind, regions: &[Region], length_s: f64) -> Event {
    let start_s = 4.0 * f64::from(number);
    let contraction = |region: &Region| Contraction {
        region: *region,
        side: Some(Side::Right),
        onset_s: start_s,
        onset_ci_s: [start_s - 0.01, start_s + 0.01],
        peak_s: start_s + 0.1,
        end_s: start_s + length_s,
        amplitude_mfu: 60.0,
        snr: 12.0,
        rate_hz: None,
        synkinetic: false,
    };
    Event {
        id: number + 1,
        kind,
        side: Laterality::Right,
        start_s,
        peak_s: start_s + 0.1,
        end_s: start_s + length_s,
        contractions: regions.iter().map(contraction).collect(),
        spread: vec![],
        other_babinski: false,
        reason: String::new(),
        lags: vec![],
        task: None,
        judgement: spasmograph::event::Judgement::default(),
    }
}

fn smc(analysis: &Analysis) -> Vec<ScaleRange> {
    analysis.scales.iter().filter(|own| own.scale.starts_with("SMC")).cloned().collect()
}

#[test]
fn the_smc_grade_follows_extent_and_tonic_spasms_of_the_lids() {
    let (lids, both) = (&[Region::Periocular][..], &[Region::Periocular, Region::MouthCorner][..]);
    for (count, regions, length_s, expected) in [
        (4, lids, 0.3, "I"),
        (4, both, 0.3, "II"),
        (2, lids, 2.0, "I to III"),
        (2, both, 2.0, "II to III"),
        (8, both, 2.0, "III"),
        // A long pull of the mouth shuts no eye.
        (8, &[Region::MouthCorner], 2.0, "II"),
    ] {
        let ranges = smc(&minute(count, regions, length_s));
        assert_eq!(ranges.len(), 1, "the left side did nothing");
        assert_eq!(ranges[0].range.as_deref(), Some(expected), "{count} {regions:?} {length_s}");
    }
}

#[test]
fn the_smc_grade_names_its_figures_and_what_video_cannot_judge() {
    let because = &smc(&minute(8, &[Region::Periocular], 2.0))[0].because;
    assert_eq!(
        because,
        "only lids took part, with 8 tonic spasms of the lids (8.0 a minute, 4.0 to 14.4) and the \
         right eye shut 12 % of the time; whether vision suffers (III) and looks are disfigured \
         (IV) cannot be judged from video"
    );
    let because = &smc(&minute(4, &[Region::Periocular], 0.3))[0].because;
    assert!(because.contains("no tonic spasm of the lids (under 3.0 a minute)"), "{because}");
}

#[test]
fn ranges_stand_on_the_page_and_in_the_summary() {
    let (analysis, samples) = recording(&preset("typical-right").unwrap(), "typical.mp4");
    let page = page(&analysis, &samples, None);
    let text = summary::text(&analysis, None);
    for own in &analysis.scales {
        assert!(page.contains(&own.because), "{own:?}");
        if let Some(range) = &own.range {
            assert!(text.contains(&format!("{}: {range}", own.scale)), "{text}");
        }
    }
    assert!(page.contains("severity (0 to 4): cannot be judged from video"));
    assert!(text.contains("SMC grade, right (I to IV): "), "{text}");
}
