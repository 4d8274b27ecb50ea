//! A browser for the tests of pages.

use std::path::PathBuf;

/// A Chromium on this machine; `SPASMOGRAPH_CHROMIUM` names it.
pub fn chromium() -> PathBuf {
    let named = std::env::var_os("SPASMOGRAPH_CHROMIUM").map(PathBuf::from);
    let usual = ["chromium", "chromium-browser", "google-chrome"];
    let folders = std::env::var_os("PATH").unwrap_or_default();
    let found = named.or_else(|| {
        std::env::split_paths(&folders)
            .flat_map(|folder| usual.map(|name| folder.join(name)))
            .find(|path| path.is_file())
    });
    found.unwrap_or_else(|| unable!("no Chromium"))
}
