//! The command line: reads arguments, runs the library, prints what a person needs.

mod analyze;
mod args;
mod batch;
mod compare;
mod doctor;
mod evaluate;
mod export;
mod models;
mod monitor;
mod progress;
mod synth;
mod validate;

use std::error::Error;
use std::process::ExitCode;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use clap::Parser;

use args::{Arguments, Command};

/// How a command ended, as its exit status.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Status {
    /// 0: done.
    Done,
    /// 1: could not be done; a line on standard error said why.
    Failed,
    /// 3: done in part; the outputs are written and carry warnings.
    Partial,
}

impl From<Status> for ExitCode {
    fn from(status: Status) -> Self {
        Self::from(match status {
            Status::Done => 0,
            Status::Failed => 1,
            Status::Partial => 3,
        })
    }
}

/// Runs the program. Exit status: 0 done, 1 the input could not be analyzed, 2 wrong usage,
/// 3 done in part.
#[must_use]
pub fn main() -> ExitCode {
    quiet_libraries();
    let arguments = Arguments::parse();
    let result = match arguments.command {
        Command::Analyze(arguments) => analyze::run(&arguments),
        Command::Monitor(arguments) => monitor::run(*arguments),
        Command::Batch(arguments) => batch::run(&arguments),
        Command::Worker => batch::work(),
        Command::Compare(arguments) => compare::run(&arguments),
        Command::Export(arguments) => export::run(&arguments),
        Command::Validate(arguments) => validate::run(&arguments),
        Command::Evaluate(arguments) => evaluate::run(&arguments),
        Command::Models { action } => models::run(action),
        Command::Synth(arguments) => synth::run(&arguments),
        Command::Doctor => doctor::run(),
    };
    match result {
        Ok(status) => status.into(),
        Err(error) => {
            complain(&one_line(error.as_ref()));
            Status::Failed.into()
        }
    }
}

/// The decoders report every damaged packet on standard error; the user gets one line instead.
fn quiet_libraries() {
    for (variable, value) in [("OPENCV_FFMPEG_LOGLEVEL", "-8"), ("OPENCV_VIDEOIO_DEBUG", "0")] {
        if std::env::var_os(variable).is_none() {
            // SAFETY: this is the first thing the program does; no other thread is running.
            unsafe { std::env::set_var(variable, value) };
        }
    }
    // This one is read before the program begins.
    if std::env::var_os("OPENCV_LOG_LEVEL").is_none() {
        crate::source::quiet_decoder();
    }
}

/// A flag that the first interrupt sets; the second ends the program at once.
fn stop_on_interrupt() -> Arc<AtomicBool> {
    let stop = Arc::new(AtomicBool::new(false));
    let flag = Arc::clone(&stop);
    // Without a handler an interrupt ends the program: nothing half-written is left either way.
    let _ = ctrlc::set_handler(move || {
        if flag.swap(true, Ordering::Relaxed) {
            std::process::exit(130);
        }
    });
    stop
}

fn one_line(error: &dyn Error) -> String {
    error.to_string().split_whitespace().collect::<Vec<_>>().join(" ")
}

#[allow(clippy::print_stderr)]
fn complain(line: &str) {
    eprintln!("spasmograph: {line}");
}

#[allow(clippy::print_stdout)]
fn say(text: &str) {
    use std::io::Write;
    // A reader that went away (`| head`) is no failure of ours.
    let _ = writeln!(std::io::stdout(), "{}", text.trim_end());
}
