//! The command line: reads arguments, runs the library, prints what a person needs.

mod agree;
mod analyze;
mod args;
mod batch;
mod compare;
mod desk;
mod doctor;
mod evaluate;
mod export;
mod models;
mod monitor;
mod progress;
mod review;
mod synth;
mod validate;

use std::error::Error;
use std::fs::File;
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use clap::error::ErrorKind;
use clap::{CommandFactory, Parser};

use args::{AnalyzeArguments, Arguments, Command};

use crate::report::plain::printable;
use crate::report::{self, OutputFile, require_free};

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
pub(crate) fn main() -> ExitCode {
    quiet_libraries();
    let parsed = Arguments::try_parse();
    let parsed = parsed.and_then(|own| require_sense(&own).map(|()| own));
    let arguments = match parsed {
        Ok(arguments) => arguments,
        Err(told) => return tell(&told),
    };
    let result = match arguments.command {
        Command::Analyze(arguments) => analyze::run(&arguments),
        Command::Monitor(arguments) => monitor::run(*arguments),
        Command::Batch(arguments) => batch::run(&arguments),
        Command::Worker => batch::work(),
        Command::Compare(arguments) => compare::run(&arguments),
        Command::Desk(arguments) => desk::run(&arguments),
        Command::Review(arguments) => review::run(&arguments),
        Command::Agree(arguments) => agree::run(&arguments),
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

/// Arguments that each can be and together cannot.
fn require_sense(arguments: &Arguments) -> Result<(), clap::Error> {
    let wrong = |text: String| Err(Arguments::command().error(ErrorKind::ValueValidation, text));
    match &arguments.command {
        Command::Analyze(AnalyzeArguments { start: Some(start), end: Some(end), .. })
            if start >= end =>
        {
            wrong(format!("--start {start} must lie before --end {end}"))
        }
        _ => Ok(()),
    }
}

fn one_line(error: &dyn Error) -> String {
    error.to_string().split_whitespace().collect::<Vec<_>>().join(" ")
}

#[allow(clippy::print_stderr)]
fn complain(line: &str) {
    eprintln!("spasmograph: {}", printable(line));
}

/// Prints the help, the version or what is wrong with the arguments.
fn tell(told: &clap::Error) -> ExitCode {
    match told.print() {
        Err(lost) if lost.kind() != io::ErrorKind::BrokenPipe => {
            complain(&lost_output(&lost));
            Status::Failed.into()
        }
        _ => ExitCode::from(u8::try_from(told.exit_code()).unwrap_or(2)),
    }
}

fn lost_output(why: &io::Error) -> String {
    format!("standard output cannot be written: {why}")
}

/// Prints on standard output.
fn say(text: &str) -> Result<(), String> {
    let mut out = io::stdout().lock();
    match writeln!(out, "{}", printable(text.trim_end())).and_then(|()| out.flush()) {
        // A reader that went away (`| head`) is no failure of ours.
        Err(why) if why.kind() != io::ErrorKind::BrokenPipe => Err(lost_output(&why)),
        _ => Ok(()),
    }
}

/// Writes a page, in place of an earlier page of ours but of nothing else unless `force` says so.
fn write_page(
    path: &Path,
    page: &str,
    inputs: &[PathBuf],
    force: bool,
) -> Result<(), report::Error> {
    require_free(&[path.to_owned()], inputs, force || is_our_page(path))?;
    let mut file = OutputFile::create(path)?;
    file.write_all(page.as_bytes())
        .map_err(|source| report::Error::Write { path: path.to_owned(), source })?;
    file.finish()
}

/// Whether a file begins as our pages do.
fn is_our_page(path: &Path) -> bool {
    let mut begin = Vec::new();
    let read = File::open(path).and_then(|file| file.take(400).read_to_end(&mut begin));
    let begin = String::from_utf8_lossy(&begin);
    read.is_ok() && begin.starts_with("<!doctype html>") && begin.contains("<title>Spasmograph")
}
