//! One clip of a batch, and how the clips are named: files, folders, patterns, lists, manifests.

use std::collections::HashSet;
use std::ffi::{OsStr, OsString};
use std::path::{Path, PathBuf};

use walkdir::{DirEntry, WalkDir};

use super::record::RESULTS;
use super::{BatchError, manifest};

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

/// Endings of files that are taken for videos when a folder is looked through.
const VIDEO_ENDINGS: [&str; 21] = [
    "3g2", "3gp", "asf", "avi", "flv", "m2ts", "m4v", "mkv", "mov", "mp4", "mpeg", "mpg", "mts",
    "mxf", "ogv", "qt", "ts", "vob", "webm", "wmv", "y4m",
];

/// Ending of the folders that `analyze` makes: their overlays are no recordings.
const RESULTS_ENDING: &str = "spasmograph";

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

    /// The clips that inputs name, in the order given and inside a folder in order of name.
    ///
    /// A `.csv` or `.tsv` file is a manifest, a `.txt` file a list with a path a line; a folder
    /// stands for the videos in and below it, hidden files, results of `analyze` and the folder
    /// `out` left aside; a path that is not there but has `*`, `?` or `[` in it is a pattern. A path
    /// that several inputs name is taken once; every row of a manifest counts. What is named and
    /// missing, or lies in a folder and cannot be looked at, is a clip all the same, one that fails.
    ///
    /// # Errors
    /// A manifest, list, pattern or folder cannot be used, or nothing is named.
    pub fn named_by(inputs: &[OsString], out: &Path) -> Result<Vec<Self>, BatchError> {
        let mut clips: Vec<Self> = Vec::new();
        let mut seen = HashSet::new();
        for input in inputs {
            let path = Path::new(input);
            let ending = ending(path);
            let is_manifest = !path.is_dir() && matches!(ending.as_deref(), Some("csv" | "tsv"));
            let found = match ending.as_deref() {
                _ if is_manifest => manifest::read(path)?,
                _ if path.is_dir() => plain(in_folder(path, out)?),
                Some("txt") => plain(manifest::read_list(path)?),
                _ if !path.exists() && is_pattern(input) => plain(matching(input)?),
                _ => plain(vec![path.to_owned()]),
            };
            for clip in found {
                if seen.insert(clip.clip.clone()) || is_manifest {
                    clips.push(Self { number: clips.len() as u64 + 1, ..clip });
                }
            }
        }
        if clips.is_empty() { Err(BatchError::NoClip) } else { Ok(clips) }
    }

    /// The recording's path as text; what is not Unicode is replaced.
    #[must_use]
    pub fn name(&self) -> String {
        self.clip.to_string_lossy().into_owned()
    }
}

fn plain(paths: Vec<PathBuf>) -> Vec<Clip> {
    paths.into_iter().map(|path| Clip::new(0, path)).collect()
}

fn ending(path: &Path) -> Option<String> {
    Some(path.extension()?.to_str()?.to_ascii_lowercase())
}

fn in_folder(folder: &Path, out: &Path) -> Result<Vec<PathBuf>, BatchError> {
    let own = [out.to_owned(), out.join(RESULTS)].map(|path| path.canonicalize().ok());
    let is_hidden = |entry: &DirEntry| entry.file_name().as_encoded_bytes().starts_with(b".");
    let holds_results = |entry: &DirEntry| {
        entry.file_type().is_dir()
            && (ending(entry.path()).as_deref() == Some(RESULTS_ENDING)
                || entry.path().canonicalize().is_ok_and(|path| own.contains(&Some(path))))
    };
    let is_video = |path: &Path| ending(path).is_some_and(|e| VIDEO_ENDINGS.contains(&e.as_str()));
    let mut found = Vec::new();
    let walk = WalkDir::new(folder).follow_links(true).sort_by_file_name().into_iter();
    for entry in walk.filter_entry(|e| e.depth() == 0 || !is_hidden(e) && !holds_results(e)) {
        match entry {
            Ok(entry) if entry.file_type().is_file() && is_video(entry.path()) => {
                found.push(entry.into_path());
            }
            Err(error) if error.depth() == 0 => {
                return Err(BatchError::Folder {
                    path: folder.to_owned(),
                    reason: error.to_string(),
                });
            }
            // What a loop of links leads back to is found without it.
            Err(error) if error.loop_ancestor().is_none() => {
                let lost = error.path().filter(|path| path.is_dir() || is_video(path));
                found.extend(lost.map(Path::to_owned));
            }
            _ => {}
        }
    }
    Ok(found)
}

fn is_pattern(input: &OsStr) -> bool {
    input.to_str().is_some_and(|text| text.contains(['*', '?', '[']))
}

fn matching(pattern: &OsStr) -> Result<Vec<PathBuf>, BatchError> {
    let pattern = pattern.to_string_lossy();
    let wrong =
        |reason: String| BatchError::Pattern { pattern: pattern.clone().into_owned(), reason };
    let paths = glob::glob(&pattern).map_err(|error| wrong(error.to_string()))?;
    let found: Vec<PathBuf> = paths.filter_map(Result::ok).filter(|path| path.is_file()).collect();
    if found.is_empty() {
        return Err(wrong("no file matches this pattern".to_owned()));
    }
    Ok(found)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs;

    fn names(clips: &[Clip], folder: &Path) -> Vec<String> {
        let inside = |clip: &Clip| clip.clip.strip_prefix(folder).unwrap().display().to_string();
        clips.iter().map(inside).collect()
    }

    fn tree() -> tempfile::TempDir {
        let folder = tempfile::tempdir().unwrap();
        for file in [
            "b.mp4",
            "a.MOV",
            "notes.docx",
            "._a.mov",
            ".trash/c.mp4",
            "deep/er/d.webm",
            "b.spasmograph/overlay.mp4",
            "out/results/0/overlay.mp4",
        ] {
            let path = folder.path().join(file);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, b"x").unwrap();
        }
        folder
    }

    #[test]
    fn a_folder_stands_for_the_videos_in_and_below_it_in_order_of_name() {
        let folder = tree();
        let inputs = [folder.path().as_os_str().to_owned()];
        let clips = Clip::named_by(&inputs, &folder.path().join("out")).unwrap();
        assert_eq!(names(&clips, folder.path()), ["a.MOV", "b.mp4", "deep/er/d.webm"]);
        assert_eq!(clips.iter().map(|clip| clip.number).collect::<Vec<_>>(), [1, 2, 3]);
    }

    #[test]
    fn results_that_lie_among_the_clips_are_no_clips() {
        let folder = tree();
        let inputs = [folder.path().join("out").into_os_string()];
        let found = Clip::named_by(&inputs, &folder.path().join("out"));
        assert!(matches!(found, Err(BatchError::NoClip)), "{found:?}");
    }

    #[cfg(unix)]
    #[test]
    fn a_link_to_nowhere_is_a_clip_that_fails_and_a_loop_of_links_is_none() {
        use std::os::unix::fs::symlink;
        let folder = tree();
        symlink("gone.mp4", folder.path().join("c.mp4")).unwrap();
        symlink("gone.txt", folder.path().join("d.txt")).unwrap();
        symlink("..", folder.path().join("deep/up")).unwrap();
        let inputs = [folder.path().as_os_str().to_owned()];
        let clips = Clip::named_by(&inputs, &folder.path().join("out")).unwrap();
        assert_eq!(names(&clips, folder.path()), ["a.MOV", "b.mp4", "c.mp4", "deep/er/d.webm"]);
    }

    #[test]
    fn every_row_of_a_manifest_counts() {
        let folder = tree();
        let manifest = folder.path().join("m.csv");
        fs::write(&manifest, "clip\nb.mp4\nb.mp4\n").unwrap();
        let inputs = [manifest.into_os_string(), folder.path().join("b.mp4").into_os_string()];
        let clips = Clip::named_by(&inputs, Path::new("elsewhere")).unwrap();
        assert_eq!(names(&clips, folder.path()), ["b.mp4", "b.mp4"]);
    }

    #[test]
    fn patterns_and_lists_name_files_and_a_path_named_twice_counts_once() {
        let folder = tree();
        let at = |name: &str| folder.path().join(name).into_os_string();
        fs::write(at("list.txt"), "# two\nb.mp4\n\ndeep/er/d.webm\n").unwrap();
        let inputs = [at("*.mp4"), at("list.txt"), at("gone.mp4")];
        let clips = Clip::named_by(&inputs, Path::new("elsewhere")).unwrap();
        assert_eq!(names(&clips, folder.path()), ["b.mp4", "deep/er/d.webm", "gone.mp4"]);
        let error = Clip::named_by(&[at("*.avi")], Path::new("elsewhere")).unwrap_err();
        assert!(error.to_string().contains("no file matches"), "{error}");
        let error = Clip::named_by(&[at(".trash/x")], Path::new("y")).unwrap();
        assert_eq!(error.len(), 1);
        fs::create_dir(at("empty")).unwrap();
        let error = Clip::named_by(&[at("empty")], Path::new("y")).unwrap_err();
        assert!(matches!(error, BatchError::NoClip), "{error}");
    }
}
