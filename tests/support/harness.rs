//! Runs the tests: as cargo's own harness does, and besides counts a test that cannot run here as
//! ignored, says why, and names the slowest.

use std::collections::BTreeMap;
use std::fmt::Display;
use std::panic::{self, AssertUnwindSafe};
use std::process::ExitCode;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use libtest_mimic::{Arguments, Completion, Failed, Trial};

use super::say;

/// A function under `#[test]`.
pub struct Written {
    /// Its path, the crate first.
    pub name: &'static str,
    /// Why it is left to those who ask for it.
    pub ignored: Option<&'static str>,
    /// The test itself: fails by a panic.
    pub run: fn(),
}

inventory::collect!(Written);

/// Why a test cannot run.
struct Unable(String);

/// Ends the running test as one that cannot run here; `unable!` formats the reason.
pub fn unable(why: impl Display) -> ! {
    // No panic hook hears this: nothing has failed.
    panic::resume_unwind(Box::new(Unable(why.to_string())))
}

/// Number of slow tests that are named.
const SLOWEST: usize = 10;

/// What the tests took, and why some did not run.
#[derive(Default)]
struct Account {
    times: Vec<(Duration, &'static str)>,
    unable: BTreeMap<String, usize>,
}

/// Tests at a time for each core where tests play in real time and mostly wait.
const WAITING_A_CORE: usize = 2;

/// Runs every test of this binary that the command line asks for.
pub fn main() -> ExitCode {
    run(Arguments::from_args())
}

/// As [`main`], for tests that play in real time and mostly wait.
pub fn waiting() -> ExitCode {
    let mut arguments = Arguments::from_args();
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    arguments.test_threads.get_or_insert(WAITING_A_CORE * cores);
    run(arguments)
}

fn run(arguments: Arguments) -> ExitCode {
    let account = Arc::new(Mutex::new(Account::default()));
    let trial = |written| trial(written, &arguments, &account);
    let mut trials: Vec<Trial> = inventory::iter::<Written>.into_iter().map(trial).collect();
    assert!(
        !trials.is_empty(),
        "no test is registered: main.rs wants the #[test] of test_attribute"
    );
    trials.sort_by(|a, b| a.name().cmp(b.name()));
    keep_panics();
    let conclusion = libtest_mimic::run(&arguments, trials);
    if !arguments.list {
        account.lock().unwrap().print();
    }
    conclusion.exit_code()
}

fn trial(written: &'static Written, arguments: &Arguments, account: &Arc<Mutex<Account>>) -> Trial {
    let (_, name) = written.name.split_once("::").expect("a test lies in a module");
    let asked_for = arguments.ignored || arguments.include_ignored;
    let (shown, account) = (arguments.nocapture || arguments.show_output, account.clone());
    let run = move || {
        if let Some(why) = written.ignored.filter(|_| !asked_for) {
            return Ok(Completion::ignored_with(why));
        }
        if !shown {
            say::keep();
        }
        let began = Instant::now();
        let outcome = panic::catch_unwind(AssertUnwindSafe(written.run));
        let said = say::kept();
        let mut account = account.lock().unwrap();
        account.times.push((began.elapsed(), name));
        let Err(payload) = outcome else { return Ok(Completion::Completed) };
        if let Some(Unable(why)) = payload.downcast_ref() {
            *account.unable.entry(why.clone()).or_default() += 1;
            return Ok(Completion::ignored_with(why));
        }
        let message = payload
            .downcast_ref::<String>()
            .map(String::as_str)
            .or_else(|| payload.downcast_ref::<&str>().copied())
            .unwrap_or("the test panicked");
        Err(Failed::from(format!("{said}{message}")))
    };
    // Without `--ignored` such a test runs into its reason, so that the reason is printed.
    Trial::ignorable_test(name, run).with_ignored_flag(written.ignored.is_some() && asked_for)
}

/// Puts where a test panicked beside what it said.
fn keep_panics() {
    let usual = panic::take_hook();
    panic::set_hook(Box::new(move |what| {
        let place = what.location().filter(|_| say::is_kept());
        match place {
            Some(place) => {
                let trace = std::backtrace::Backtrace::capture();
                let asked = trace.status() == std::backtrace::BacktraceStatus::Captured;
                let trace = if asked { format!("{trace}\n") } else { String::new() };
                say::say(format_args!("{trace}at {place}:\n"));
            }
            None => usual(what),
        }
    }));
}

impl Account {
    #[allow(clippy::print_stdout)]
    fn print(&mut self) {
        for (why, tests) in &self.unable {
            std::println!("{tests} could not run: {why}");
        }
        self.times.sort_by(|a, b| b.cmp(a));
        let slow = self.times.iter().filter(|(time, _)| time.as_secs_f64() >= 0.1).take(SLOWEST);
        for (place, (time, name)) in slow.enumerate() {
            let title = if place == 0 { "slowest" } else { "" };
            std::println!("{title:7} {:6.1} s  {name}", time.as_secs_f64());
        }
        std::println!();
    }
}
