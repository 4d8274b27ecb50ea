//! The `spasmograph` program: the command line on top of the library.

use std::process::ExitCode;

// The parts of the library, by the names they have there.
use spasmograph::{
    agree, batch, clip, compare, desk, evaluate, event, face, live, models, pattern, pipeline,
    report, review, serve, source, synth, thresholds, validate,
};

mod app;

fn main() -> ExitCode {
    app::main()
}
