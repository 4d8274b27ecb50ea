//! A painted recording to try the desk with.

use std::io::Write;

use super::answer::Refusal;
use super::library::Library;
use crate::report::OutputFile;

/// The painted patient of `samples/`, 16 s.
const SAMPLE: &[u8] = include_bytes!("../../samples/typical-right.mp4");
/// Its name in a library.
const NAME: &str = "painted-sample.mp4";

/// Puts the sample into the library, where it is not there yet; returns its name.
pub(super) fn put(library: &Library) -> Result<&'static str, Refusal> {
    let path = library.fresh(NAME)?;
    if !path.exists() {
        let mut file = OutputFile::create(&path).map_err(Refusal::failed)?;
        file.write_all(SAMPLE).map_err(Refusal::failed)?;
        file.finish().map_err(Refusal::failed)?;
    }
    Ok(NAME)
}
