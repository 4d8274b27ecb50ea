//! `spasmograph synth`: a described patient as a clip with its truth.

use std::error::Error;
use std::path::{Path, PathBuf};
use std::sync::atomic::Ordering;

use super::args::SynthArguments;
use super::progress::Progress;
use super::{Status, say, stop_on_interrupt};
use crate::pattern::Label;
use crate::report::{clear_leftovers, require_free};
use crate::synth::{
    Clip, Negative, PRESETS, Scenario, inject, negative, patient, preset, write_clip,
};

pub(super) fn run(arguments: &SynthArguments) -> Result<Status, Box<dyn Error>> {
    let scenario = scenario(arguments)?;
    let video =
        arguments.out.clone().unwrap_or_else(|| PathBuf::from(format!("{}.mp4", scenario.name)));
    let mut inputs: Vec<PathBuf> = arguments.into.iter().cloned().collect();
    inputs.push(PathBuf::from(&arguments.scenario));
    require_free(&Clip::beside(&video, &scenario, 0).files(), &inputs, arguments.force)?;
    clear_leftovers(video.parent().filter(|own| *own != Path::new("")).unwrap_or(Path::new(".")));
    let stop = stop_on_interrupt();
    let go_on = || !stop.load(Ordering::Relaxed);
    let clip = if let Some(recording) = &arguments.into {
        let mut progress = Progress::new("moving the face", None);
        inject(&scenario, recording, &video, |_, _| {
            progress.frame();
            go_on()
        })?
    } else {
        let mut progress = Progress::new("painting", Some(scenario.frame_times().len() as u64));
        write_clip(&scenario, &video, |_, _| {
            progress.frame();
            go_on()
        })?
    };
    say(&format!(
        "{}  {} frames\n{}\n{}",
        clip.video.display(),
        clip.frames,
        clip.truth.display(),
        clip.scenario.display()
    ))?;
    Ok(Status::Done)
}

/// A preset, a patient drawn for a label, a person without a disorder, or a scenario file, with the asked-for seed.
fn scenario(arguments: &SynthArguments) -> Result<Scenario, Box<dyn Error>> {
    let name = &arguments.scenario;
    let mut scenario = if let Some(preset) = preset(name) {
        preset
    } else if let Some(label) = Label::ALL.into_iter().find(|label| label.name() == name) {
        let seed = arguments.seed.unwrap_or(1);
        return Ok(patient(label, seed, arguments.seconds));
    } else if let Some(kind) = Negative::ALL.into_iter().find(|kind| kind.name() == name) {
        return Ok(negative(kind, arguments.seed.unwrap_or(1), arguments.seconds));
    } else if Path::new(name).exists() {
        Scenario::load(Path::new(name))?
    } else {
        return Err(format!(
            "{name}: neither a scenario file, nor a label, nor `lively` or `palsied`, nor one of the presets {}",
            PRESETS.join(", ")
        )
        .into());
    };
    if let Some(seed) = arguments.seed {
        scenario.seed = seed;
    }
    Ok(scenario)
}
