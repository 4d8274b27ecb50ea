//! One clip of a batch.

use std::fs;
use std::path::{Path, PathBuf};

/// One clip, with what is known of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Clip {
    /// Number in the whole batch, from 1.
    pub number: u64,
    /// The recording: a file, or a folder of images.
    pub clip: PathBuf,
    /// Whose recording it is.
    pub subject: Option<String>,
    /// Which visit of that subject.
    pub visit: Option<String>,
    /// Voluntary tasks in it.
    pub protocol: Option<PathBuf>,
    /// What is known of the person beyond it.
    pub history: Option<PathBuf>,
    /// It is a mirror image.
    pub mirrored: bool,
    /// What really happens in it.
    pub truth: Option<PathBuf>,
}

impl Clip {
    /// A clip of which nothing is known.
    #[must_use]
    pub fn new(number: u64, clip: PathBuf) -> Self {
        Self {
            number,
            clip,
            subject: None,
            visit: None,
            protocol: None,
            history: None,
            mirrored: false,
            truth: None,
        }
    }

    /// Every file that it is made from: the recording, and what its row names.
    pub fn files(&self) -> impl Iterator<Item = PathBuf> {
        let beside = [&self.protocol, &self.history, &self.truth];
        let beside = beside.into_iter().flatten().cloned().collect::<Vec<_>>();
        std::iter::once(self.clip.clone()).chain(beside)
    }

    /// The recording's path as text; what is not Unicode is replaced.
    #[must_use]
    pub fn name(&self) -> String {
        self.clip.to_string_lossy().into_owned()
    }

    /// Bytes of the file, or of the folder's files; 0 of what cannot be read.
    #[must_use]
    pub fn bytes(&self) -> u64 {
        let of_file = |path: &Path| fs::metadata(path).map_or(0, |data| data.len());
        match fs::read_dir(&self.clip) {
            Ok(entries) => entries.flatten().map(|entry| of_file(&entry.path())).sum(),
            Err(_) => of_file(&self.clip),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_image_folder_has_the_bytes_of_its_files() {
        let folder = tempfile::tempdir().unwrap();
        let bytes = |name: &str| Clip::new(1, folder.path().join(name)).bytes();
        fs::create_dir(folder.path().join("frames")).unwrap();
        fs::write(folder.path().join("frames/0.png"), b"0").unwrap();
        fs::write(folder.path().join("frames/1.png"), b"12").unwrap();
        fs::write(folder.path().join("a.mp4"), b"1234").unwrap();
        assert_eq!((bytes("frames"), bytes("a.mp4"), bytes("gone.mp4")), (3, 4, 0));
    }
}
