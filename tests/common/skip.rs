//! Word of a skipped test, aloud: the test harness swallows what a passing test prints.

macro_rules! skipped {
    ($($why:tt)*) => {{
        use std::io::Write;
        let _ = writeln!(std::io::stderr(), "skipped: {}", format_args!($($why)*));
    }};
}
