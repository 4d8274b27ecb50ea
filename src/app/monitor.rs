//! `spasmograph monitor`: a live session with its page.

use std::error::Error;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};

use super::args::MonitorArguments;
use super::{Status, complain, say, stop_on_interrupt};
use crate::clip::Analyzed;
use crate::live::{self, Ears, Held, Input, Limits, Lines, Request};
use crate::models::ModelStore;
use crate::pattern::History;
use crate::pipeline::Pipeline;
use crate::report;
use crate::serve::{Gate, Tls};
use crate::source::{self, CameraMode, Opening};
use crate::thresholds::Thresholds;

pub(super) fn run(arguments: MonitorArguments) -> Result<Status, Box<dyn Error>> {
    let history = arguments.history.as_deref().map(History::load).transpose()?;
    let thresholds = Thresholds::default();
    if let Some(place) = &arguments.recover {
        let done = live::recover(place, history.as_ref(), &thresholds)?;
        say(&report::summary::text(&done.analysis, Some(place)))?;
        return Ok(status(&done));
    }
    let tls = match (&arguments.tls_cert, &arguments.tls_key) {
        (Some(certificate), Some(key)) => Some(Tls::load(certificate, key)?),
        _ => None,
    };
    let out = arguments.out.clone().unwrap_or_else(free_folder);
    let request = Request {
        input: input(&arguments),
        mirrored: arguments.mirrored,
        history,
        out: out.clone(),
        force: arguments.force,
        record: arguments.record,
        address: SocketAddr::new(arguments.bind, arguments.port),
        name: arguments.name,
        tls,
        limits: Limits::default(),
    };
    // The first frame must not wait for the models.
    let mut pipeline = Pipeline::new(&ModelStore::open()?, &thresholds)?;
    let stop = stop_on_interrupt();
    let lines = arguments.json.then(|| Box::new(std::io::stdout()) as Lines);
    let ears = Ears { lines, console: Some(Box::new(complain)) };
    let held = live::monitor(&mut pipeline, request, &stop, ears, |gate| announce(gate, &out))?;
    let Held { analyzed: done, lines_lost } = held;
    if let Some(why) = lines_lost {
        return Err(format!(
            "standard output cannot be written: {why}; the session is saved in {}",
            done.place.display()
        )
        .into());
    }
    if !arguments.json {
        say(&report::summary::text(&done.analysis, Some(&done.place)))?;
    }
    Ok(status(&done))
}

fn status(done: &Analyzed) -> Status {
    if done.partial { Status::Partial } else { Status::Done }
}

fn input(arguments: &MonitorArguments) -> Input {
    let named = arguments.input.as_deref().map(source::Input::parse);
    let Some(input) = named.or_else(|| arguments.camera.map(source::Input::Camera)) else {
        return Input::Browser;
    };
    let camera = CameraMode { size: arguments.size, fps: arguments.fps };
    let usual = Opening::default();
    let folder_fps = arguments.fps.unwrap_or(usual.folder_fps);
    let limits = arguments.limits.limits();
    Input::Source { input, opening: Opening { camera, folder_fps, limits, ..usual } }
}

/// The first folder of its kind that is not there yet.
fn free_folder() -> PathBuf {
    (1_u32..)
        .map(|number| PathBuf::from(format!("session-{number}.spasmograph")))
        .find(|place| !place.exists())
        .unwrap_or_else(|| PathBuf::from("session.spasmograph"))
}

/// Says where the page is, and what its link needs.
fn announce(gate: &Gate, out: &Path) {
    complain(&format!("the page is at {}", gate.url()));
    complain(&format!(
        "results go to {}; Ctrl-C or Stop on the page ends the session",
        out.display()
    ));
    if !gate.address.ip().is_loopback() && !gate.encrypted {
        complain(
            "this link is not encrypted: anyone on the network can see the picture, and browsers \
             give no camera to it; give --tls-cert and --tls-key",
        );
    }
}
