//! A small made-up recording with something of everything.

use std::collections::BTreeMap;

use spasmograph::anatomy::{PerPlace, PerSide, Region, Side};
use spasmograph::event::{
    Blink, BySide, Contraction, Direction, Event, EventKind, Findings, Laterality, LidClosing,
    NoiseFloor, SpreadSummary, Summary,
};
use spasmograph::face::{GapReason, HeadPose};
use spasmograph::pattern::assess;
use spasmograph::report::{Analysis, Coverage, Gap, SourceInfo, Warning};
use spasmograph::signal::{EyeSample, Sample};
use spasmograph::thresholds::Thresholds;

pub(crate) fn contraction(region: Region, side: Option<Side>, onset_s: f64) -> Contraction {
    Contraction {
        region,
        side,
        onset_s,
        onset_ci_s: [onset_s - 0.01, onset_s + 0.01],
        peak_s: onset_s + 0.1,
        end_s: onset_s + 0.4,
        amplitude_mfu: 21.5,
        snr: 14.25,
        rate_hz: None,
        synkinetic: false,
    }
}

pub(crate) fn source() -> SourceInfo {
    SourceInfo {
        path: "clips/made <up> & \"quoted\".mp4".to_owned(),
        sha256: Some("0123456789abcdef".repeat(4)),
        width: 640,
        height: 480,
        frames: Some(300),
        duration_s: 10.0,
        fps_nominal: Some(29.97),
        fps: None,
        start_offset_s: 0.0,
        variable_frame_rate: false,
        mirrored: false,
    }
}

/// One blink, one twitch of the left face, one gap.
pub(crate) fn analysis() -> Analysis {
    let findings = Findings {
        noise: vec![
            NoiseFloor {
                region: Region::MouthCorner,
                side: Some(Side::Left),
                floor_mfu: Some(0.8),
                smallest_detectable_mfu: Some(4.1),
            },
            NoiseFloor {
                region: Region::MouthCorner,
                side: Some(Side::Right),
                floor_mfu: Some(0.9),
                smallest_detectable_mfu: Some(5.2),
            },
            NoiseFloor {
                region: Region::Jaw,
                side: None,
                floor_mfu: None,
                smallest_detectable_mfu: None,
            },
        ],
        blinks: vec![Blink {
            start_s: 5.0,
            peak_s: 5.1,
            end_s: 5.3,
            side: Laterality::Both,
            depth: 0.95,
            complete: true,
            asymmetry: 0.02,
            lag_s: Some(0.004),
            lids: PerSide::from_fn(|side| {
                let depth = if side == Side::Left { 0.96 } else { 0.94 };
                let lag_s = Some(if side == Side::Left { 0.004 } else { 0.0 });
                Some(LidClosing { depth, complete: true, speed: Some(12.5), lag_s })
            }),
        }],
        events: vec![Event {
            id: 1,
            kind: EventKind::Twitch,
            side: Laterality::Left,
            start_s: 2.0,
            peak_s: 2.1,
            end_s: 2.45,
            contractions: vec![
                contraction(Region::Periocular, Some(Side::Left), 2.0),
                contraction(Region::Cheek, Some(Side::Left), 2.05),
                contraction(Region::MouthCorner, Some(Side::Left), 2.05),
            ],
            spread: vec![vec![Region::Periocular], vec![Region::Cheek, Region::MouthCorner]],
            other_babinski: false,
            reason: "one side, several regions".to_owned(),
            lags: vec![],
            task: None,
            judgement: spasmograph::event::Judgement::default(),
        }],
        summary: Summary {
            usable_s: 9.0,
            blink_rate_per_min: Some(6.67),
            event_rate_per_min: BySide { left: 6.67, right: 0.0, both: 0.0 },
            rate_ci: BySide { left: [0.3, 31.6], right: [0.0, 20.0], both: [0.0, 20.0] },
            closed_fraction: BySide { left: 0.07, right: 0.03, both: 0.03 },
            spasm_time_fraction: BySide { left: 0.05, right: 0.0, both: 0.0 },
            ..Summary::default()
        },
        spread: SpreadSummary {
            first_region: BTreeMap::from([(Region::Periocular, 1)]),
            direction: Direction::Unresolved,
            ..SpreadSummary::default()
        },
    };
    let coverage = Coverage {
        rest_s: None,
        frames_read: 300,
        frames_with_face: 270,
        frames_repeated: 0,
        usable_fraction: 0.9,
        gaps: vec![Gap { start_s: 8.0, end_s: 9.0, reason: GapReason::NoFace }],
        places: vec![],
    };
    let thresholds = Thresholds::default();
    let pattern = assess(&findings, 9.0, &thresholds.pattern);
    let warnings = vec![Warning::new("short", "the recording is <short>")];
    Analysis::new(source(), coverage, findings, pattern, &thresholds, warnings)
}

/// The same recording's signals: 300 frames, a gap from 8 to 9 s.
pub(crate) fn samples() -> Vec<Sample> {
    (0..300).map(|i| sample(i, f64::from(i) / 30.0)).collect()
}

fn sample(index: u32, time_s: f64) -> Sample {
    if (8.0..9.0).contains(&time_s) {
        return Sample::gap(index.into(), time_s);
    }
    let bump = |centre: f64, width: f64| (-((time_s - centre) / width).powi(2)).exp() as f32;
    let eye = |closing: f32| {
        Some(EyeSample {
            aperture: 1.0 - closing,
            opening: 0.3 * (1.0 - closing),
            open: 0.3,
            width: 0.33,
            gaze_down: Some(0.01),
            ..EyeSample::default()
        })
    };
    let (blink, twitch) = (bump(5.1, 0.08), bump(2.1, 0.1));
    Sample {
        index: index.into(),
        time_s,
        track: Some(u32::from(time_s >= 9.0)),
        presence: 0.98,
        pose: Some(HeadPose { yaw_deg: 1.25, pitch_deg: -3.5, roll_deg: 0.5, face_unit_px: 180.0 }),
        eyes: PerSide { left: eye((blink + twitch).min(1.0)), right: eye(blink) },
        displacement: PerPlace::from_fn(|place| {
            let own = if place.side == Some(Side::Left) { 20.0 * twitch } else { 0.0 };
            (place.region != Region::Jaw).then_some(own)
        }),
        visible: PerPlace::from_fn(|_| 1.0),
        repeat: false,
    }
}

/// A recording in which no face was ever seen.
pub(crate) fn without_a_face() -> Analysis {
    let coverage = Coverage {
        rest_s: None,
        frames_read: 300,
        frames_with_face: 0,
        frames_repeated: 0,
        usable_fraction: 0.0,
        gaps: vec![Gap { start_s: 0.0, end_s: 10.0, reason: GapReason::NoFace }],
        places: vec![],
    };
    let thresholds = Thresholds::default();
    let findings = Findings::default();
    let pattern = assess(&findings, 0.0, &thresholds.pattern);
    Analysis::new(source(), coverage, findings, pattern, &thresholds, vec![])
}
