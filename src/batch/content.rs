//! What a recording holds, as one hash.

use std::ffi::OsString;
use std::fs::{self, DirEntry};
use std::io;
use std::path::Path;

use sha2::{Digest, Sha256};

use crate::report;

/// SHA-256 of a file, or of a folder's files with their names, in lower-case hexadecimal.
///
/// # Errors
/// Something cannot be read.
pub(super) fn content(path: &Path) -> io::Result<String> {
    if !path.is_dir() {
        return report::digest(path);
    }
    let entries = fs::read_dir(path)?.collect::<io::Result<Vec<_>>>()?;
    let files = entries.iter().filter(|entry| entry.path().is_file());
    let mut names: Vec<OsString> = files.map(DirEntry::file_name).collect();
    names.sort();
    let mut digest = Sha256::new();
    for name in names {
        digest.update(name.as_encoded_bytes());
        digest.update(report::digest(&path.join(name))?);
    }
    Ok(format!("{:x}", digest.finalize()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_image_folder_has_the_content_of_its_files_whatever_it_is_called() {
        let folder = tempfile::tempdir().unwrap();
        let at = |name: &str| folder.path().join(name);
        for name in ["a", "b"] {
            fs::create_dir(at(name)).unwrap();
            fs::write(at(name).join("0.png"), b"0").unwrap();
        }
        assert_eq!(content(&at("a")).unwrap(), content(&at("b")).unwrap());
        fs::write(at("b").join("1.png"), b"1").unwrap();
        assert_ne!(content(&at("a")).unwrap(), content(&at("b")).unwrap());
    }
}
