//! The exact truth of a scenario, as an analysis should find it.

use super::draw::{DrawnBlink, DrawnContraction, DrawnEvent};
use super::motion::Motion;
use super::scenario::{OccluderKind, TaskKind};
use crate::anatomy::{PerPlace, Place, Region, Side};
use crate::event::Laterality;
use crate::report::{
    MadeFrom, Truth, TruthBlink, TruthContraction, TruthEvent, TruthHidden, TruthSegment,
};

impl Motion {
    /// The truth of these movements, with every field known. `clip` is the file name of the
    /// recording. Blinks inside events that close a lid, and movement coupled to speech or
    /// blinks, are `uncertain`.
    #[must_use]
    pub fn truth(&self, clip: Option<&str>) -> Truth {
        let scenario = self.scenario();
        let duration_s = scenario.duration_s;
        let speech = scenario.speech.iter().map(|s| [s.start_s, s.end_s]);
        let read = scenario.tasks.iter().filter(|t| t.task == TaskKind::ReadAloud);
        let blinks = self.blinks.iter().filter(|b| b.start_s() < duration_s);
        let events = self.events.iter().filter(|e| e.start_s() < duration_s);
        Truth {
            clip: clip.map(str::to_owned),
            fps: Some(scenario.camera.fps),
            frames: Some(scenario.frame_times().len() as u64),
            duration_s: Some(duration_s),
            annotator: Some("exact, from the scenario".to_owned()),
            made_from: Some(MadeFrom {
                scenario: scenario.name.clone(),
                seed: scenario.seed,
                version: env!("CARGO_PKG_VERSION").to_owned(),
            }),
            pattern: scenario.label,
            protocol: scenario
                .tasks
                .iter()
                .map(|t| TruthSegment {
                    task: t.task.name().to_owned(),
                    start_s: t.start_s,
                    end_s: t.end_s,
                })
                .collect(),
            speech_s: speech.chain(read.map(|t| [t.start_s, t.end_s])).collect(),
            blinks: Some(blinks.map(|b| blink(b, duration_s)).collect()),
            events: Some(events.map(|e| event(e, duration_s)).collect()),
            one_sided_on_purpose: scenario.acts.iter().any(|act| act.side.is_some()),
            hidden: self.hidden_stretches(),
            ..Truth::default()
        }
    }

    /// The stretches in which a place is hidden, to [`HIDDEN_STEP_S`].
    fn hidden_stretches(&self) -> Vec<TruthHidden> {
        let scenario = self.scenario();
        if scenario.occluders.is_empty() {
            return Vec::new();
        }
        let mut stretches: Vec<TruthHidden> = Vec::new();
        let mut running: PerPlace<Option<(f64, OccluderKind)>> = PerPlace::default();
        for step in 0..=(scenario.duration_s / HIDDEN_STEP_S) as u64 + 1 {
            let now = step as f64 * HIDDEN_STEP_S;
            let over = now >= scenario.duration_s;
            let hidden = if over { PerPlace::default() } else { self.hidden(now) };
            for place in Place::ALL {
                match (running[place], hidden[place]) {
                    (None, Some(by)) => running[place] = Some((now, by)),
                    (Some((start_s, by)), seen) if seen != Some(by) => {
                        stretches.push(TruthHidden {
                            region: place.region,
                            side: place.side,
                            start_s: tenth_ms(start_s),
                            end_s: tenth_ms(now.min(scenario.duration_s)),
                            by: by.name().to_owned(),
                        });
                        running[place] = seen.map(|by| (now, by));
                    }
                    _ => {}
                }
            }
        }
        stretches.sort_by(|a, b| a.start_s.total_cmp(&b.start_s));
        stretches
    }
}

/// How finely it is told when something is hidden, seconds.
const HIDDEN_STEP_S: f64 = 0.02;

/// Tenths of a millisecond: more is not known of a rendered frame.
fn tenth_ms(time_s: f64) -> f64 {
    (time_s * 1e4).round() / 1e4
}

fn blink(blink: &DrawnBlink, duration_s: f64) -> TruthBlink {
    let (left, right) = (&blink.lids.left, &blink.lids.right);
    let depth = 0.5 * (blink.depth.left + blink.depth.right);
    TruthBlink {
        start_s: tenth_ms(blink.start_s()),
        peak_s: Some(tenth_ms(0.5 * (left.peak_s() + left.hold_s + right.peak_s()))),
        end_s: tenth_ms(blink.end_s().min(duration_s)),
        side: Some(shuts(blink)),
        depth: Some(depth as f32),
        complete: Some(depth >= 0.95),
        asymmetry: Some((blink.depth.left - blink.depth.right) as f32),
        lag_s: Some(tenth_ms(left.onset_s - right.onset_s)),
        uncertain: blink.uncertain || blink.end_s() > duration_s,
        note: None,
    }
}

/// The lids that come down so far that it is seen.
fn shuts(blink: &DrawnBlink) -> Laterality {
    match (blink.depth.left >= 0.1, blink.depth.right >= 0.1) {
        (true, false) => Laterality::Left,
        (false, true) => Laterality::Right,
        _ => Laterality::Both,
    }
}

fn event(event: &DrawnEvent, duration_s: f64) -> TruthEvent {
    let mut drawn: Vec<&DrawnContraction> =
        event.contractions.iter().filter(|c| c.onset_s < duration_s).collect();
    drawn.sort_by(|a, b| a.onset_s.total_cmp(&b.onset_s));
    let has = |side: Side| drawn.iter().any(|c| c.place.side == Some(side));
    let side = match (has(Side::Left), has(Side::Right)) {
        (true, false) => Laterality::Left,
        (false, true) => Laterality::Right,
        _ => Laterality::Both,
    };
    let largest =
        drawn.iter().max_by(|a, b| a.amplitude_mfu.abs().total_cmp(&b.amplitude_mfu.abs()));
    let pulls = |region: Region, side: Side| {
        drawn.iter().any(|c| {
            c.place.region == region && c.place.side == Some(side) && c.amplitude_mfu > 0.0
        })
    };
    TruthEvent {
        kind: Some(event.kind),
        side,
        start_s: tenth_ms(event.start_s()),
        peak_s: largest.map(|c| tenth_ms(c.peak_s.min(duration_s))),
        end_s: tenth_ms(event.end_s().min(duration_s)),
        contractions: drawn
            .iter()
            .map(|c| TruthContraction {
                region: c.place.region,
                side: c.place.side,
                onset_s: Some(tenth_ms(c.onset_s)),
                half_s: Some(tenth_ms(c.half_s)),
                peak_s: Some(tenth_ms(c.peak_s.min(duration_s))),
                end_s: Some(tenth_ms(c.end_s.min(duration_s))),
                amplitude_mfu: Some(c.amplitude_mfu as f32),
                rate_hz: c.rate_hz,
                synkinetic: c.synkinetic,
            })
            .collect(),
        spread: Some(spread(&drawn)),
        other_babinski: Some(
            Side::BOTH.iter().any(|s| pulls(Region::Forehead, *s) && pulls(Region::Periocular, *s)),
        ),
        task: event.task.map(|task| task.name().to_owned()),
        uncertain: event.uncertain,
        note: event.note.map(str::to_owned),
    }
}

/// Regions by first onset; onsets within a millisecond are a tie.
fn spread(by_onset: &[&DrawnContraction]) -> Vec<Vec<Region>> {
    let mut order: Vec<Vec<Region>> = Vec::new();
    let mut last = f64::NEG_INFINITY;
    for c in by_onset {
        if order.iter().flatten().any(|region| *region == c.place.region) {
            continue;
        }
        match order.last_mut() {
            Some(tie) if c.onset_s - last <= 1e-3 => tie.push(c.place.region),
            _ => {
                order.push(vec![c.place.region]);
                last = c.onset_s;
            }
        }
    }
    for tie in &mut order {
        tie.sort();
    }
    order
}

#[cfg(test)]
mod tests {
    use super::super::{PRESETS, preset};
    use super::*;

    #[test]
    fn the_same_scenario_gives_the_same_truth_bytes() {
        for name in PRESETS {
            let scenario = preset(name).expect("a preset");
            let a = Motion::new(&scenario).truth(Some("clip.mp4")).to_json();
            let b = Motion::new(&scenario).truth(Some("clip.mp4")).to_json();
            assert_eq!(a, b);
            let read: Truth = serde_json::from_str(&a).expect("reads back");
            assert_eq!(read.to_json(), a);
        }
    }

    #[test]
    fn order_lists_regions_by_onset_and_the_right_side() {
        let scenario = preset("typical-right").expect("a preset");
        let events = Motion::new(&scenario).truth(None).events.expect("known");
        let first = events.first().expect("has events");
        assert_eq!(
            first.spread,
            Some(vec![vec![Region::Periocular], vec![Region::Cheek], vec![Region::MouthCorner]])
        );
        assert_eq!(first.side, Laterality::Right);
    }

    #[test]
    fn both_lids_closing_at_once_are_one_region_first() {
        let scenario = preset("blepharospasm").expect("a preset");
        for event in Motion::new(&scenario).truth(None).events.expect("known") {
            assert_eq!(event.spread, Some(vec![vec![Region::Periocular]]));
            assert_eq!(event.side, Laterality::Both);
        }
    }
}
