//! What a test says. The harness keeps it and shows it where the test fails or cannot run, or at
//! once with `--nocapture`; other threads than the test's own speak at once.

use std::cell::RefCell;
use std::fmt::Arguments;
use std::io::Write;

thread_local! {
    /// What the test of this thread has said; nothing where no test runs or words are not kept.
    static SAID: RefCell<Option<String>> = const { RefCell::new(None) };
}

/// Keeps what this thread says from now on.
pub fn keep() {
    SAID.set(Some(String::new()));
}

/// What was said since `keep`, and no longer keeps.
pub fn kept() -> String {
    SAID.take().unwrap_or_default()
}

/// Whether this thread's words are kept.
pub fn is_kept() -> bool {
    SAID.with_borrow(Option::is_some)
}

/// Says something.
pub fn say(words: Arguments<'_>) {
    SAID.with_borrow_mut(|said| match said {
        Some(said) => *said += &words.to_string(),
        None => {
            let _ = std::io::stdout().write_fmt(words);
        }
    });
}

macro_rules! print {
    ($($words:tt)*) => { $crate::support::say::say(format_args!($($words)*)) };
}

macro_rules! println {
    () => { print!("\n") };
    ($($words:tt)*) => {{ print!($($words)*); print!("\n") }};
}

macro_rules! eprintln {
    ($($words:tt)*) => { println!($($words)*) };
}

/// Ends a test that cannot run here, with the reason.
macro_rules! unable {
    ($($why:tt)*) => { $crate::support::harness::unable(format_args!($($why)*)) };
}
