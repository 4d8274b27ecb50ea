//! Where the real recordings are; wants `skipped!` of `skip.rs`.

#![allow(unreachable_pub)]

use std::path::{Path, PathBuf};

/// The folder of real recordings, where it is there; says so where it is not.
pub fn cases() -> Option<PathBuf> {
    let folder = std::env::var_os("SPASMOGRAPH_CASES").map_or_else(
        || Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/cases"),
        PathBuf::from,
    );
    if folder.is_dir() {
        return Some(folder);
    }
    skipped!("no recordings at {}", folder.display());
    None
}
