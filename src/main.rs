//! The `spasmograph` program: everything it does is in [`spasmograph::app`].

use std::process::ExitCode;

fn main() -> ExitCode {
    spasmograph::app::main()
}
