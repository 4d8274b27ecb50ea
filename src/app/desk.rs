//! `spasmograph desk`: a library of recordings in the browser.

use std::error::Error;

use super::args::DeskArguments;
use super::{Status, complain, stop_on_interrupt};
use crate::desk::{self, Limits, Request};

pub(super) fn run(arguments: &DeskArguments) -> Result<Status, Box<dyn Error>> {
    let stop = stop_on_interrupt();
    let limits = Limits {
        upload_bytes: (arguments.largest * 1e9) as u64,
        pixels: arguments.limits.limits().pixels,
        ..Limits::default()
    };
    let request = Request { folder: arguments.folder.clone(), port: arguments.port, limits };
    desk::serve(request, &stop, |gate| {
        complain(&format!("the desk is at {}", gate.url()));
        complain("Ctrl-C closes it; what is reviewed is kept at once");
        if !arguments.no_browser && has_screen() && open::that_detached(gate.url()).is_err() {
            complain("no browser could be opened; open that address in one");
        }
    })?;
    Ok(Status::Done)
}

/// Whether there is a screen for a browser.
fn has_screen() -> bool {
    let set = |name: &str| std::env::var_os(name).is_some_and(|value| !value.is_empty());
    !cfg!(target_os = "linux") || set("DISPLAY") || set("WAYLAND_DISPLAY")
}
