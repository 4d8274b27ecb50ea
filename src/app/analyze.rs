//! `spasmograph analyze`: one recording to a folder of results.

use std::error::Error;

use super::args::{AnalyzeArguments, Overlay, usage_error};
use super::progress::Progress;
use super::{Status, say, stop_on_interrupt};
use crate::clip::{self, Outputs, Request, Watch, Work};
use crate::event::Protocol;
use crate::models::ModelStore;
use crate::pattern::History;
use crate::pipeline::{Options, Pipeline};
use crate::report;
use crate::report::overlay::Mode;
use crate::source::{Input, Opening};
use crate::thresholds::Thresholds;

pub(super) fn run(arguments: &AnalyzeArguments) -> Result<Status, Box<dyn Error>> {
    let input = Input::parse(&arguments.input);
    if arguments.fps.is_some() && !matches!(input, Input::Folder(_)) {
        usage_error("--fps gives the rate of a folder of images; a video has its own");
    }
    if arguments.track.is_some() && !matches!(input, Input::File(_)) {
        usage_error("--track chooses a track of a video file");
    }
    let usual = Opening::default();
    let opening = Opening {
        track: arguments.track,
        folder_fps: arguments.fps.unwrap_or(usual.folder_fps),
        limits: arguments.limits.limits(),
        ..usual
    };
    let place = arguments.out.clone().unwrap_or_else(|| clip::default_folder(&input));
    let request = Request {
        input,
        opening,
        options: Options {
            protocol: arguments.protocol.as_deref().map(Protocol::load).transpose()?,
            protocol_file: arguments.protocol.clone(),
            start_s: arguments.start,
            end_s: arguments.end,
            mirrored: arguments.mirrored,
        },
        history: arguments.history.as_deref().map(History::load).transpose()?,
        outputs: Outputs { overlay: mode(arguments.overlay), ..Outputs::default() },
        beside: [&arguments.protocol, &arguments.history].into_iter().flatten().cloned().collect(),
        force: arguments.force,
    };
    let mut pipeline = Pipeline::new(&ModelStore::open()?, &Thresholds::default())?;
    let stop = stop_on_interrupt();
    let done = clip::analyze_watched(&mut pipeline, &request, &place, &stop, &mut Bars::default())?;
    if arguments.json {
        say(&report::json::text(&done.analysis))?;
    } else {
        say(&report::summary::text(&done.analysis, Some(&done.place)))?;
    }
    Ok(if done.partial { Status::Partial } else { Status::Done })
}

fn mode(asked: Overlay) -> Option<Mode> {
    match asked {
        Overlay::Full => Some(Mode::Full),
        Overlay::Mesh => Some(Mode::Mesh),
        Overlay::None => None,
    }
}

/// A bar for each kind of work.
#[derive(Default)]
struct Bars(Option<Progress>);

impl Watch for Bars {
    fn begins(&mut self, work: Work, frames: Option<u64>) {
        let what = match work {
            Work::Measuring => "analyzing",
            Work::Drawing => "drawing the overlay",
        };
        self.0 = Some(Progress::new(what, frames));
    }

    fn frame(&mut self) {
        if let Some(bar) = &mut self.0 {
            bar.frame();
        }
    }
}
