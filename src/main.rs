//! The `spasmograph` program: everything it does is in [`spasmograph::app`].

fn main() {}
