//! How the clips of a batch are named: files, folders, patterns, lists, manifests.

use std::collections::HashSet;
use std::ffi::{OsStr, OsString};
use std::path::{Path, PathBuf};

use glob::MatchOptions;
use walkdir::{DirEntry, WalkDir};

use super::manifest::{read_list, read_manifest};
use super::place::RESULTS;
use super::{BatchError, Clip, Output};

/// Endings of files that are taken for videos when a folder is looked through.
const VIDEO_ENDINGS: [&str; 21] = [
    "3g2", "3gp", "asf", "avi", "flv", "m2ts", "m4v", "mkv", "mov", "mp4", "mpeg", "mpg", "mts",
    "mxf", "ogv", "qt", "ts", "vob", "webm", "wmv", "y4m",
];

/// What inputs name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Inputs {
    /// The clips, numbered.
    pub clips: Vec<Clip>,
    /// Inputs that name none: folders without a video, manifests and lists without a row.
    pub empty: Vec<OsString>,
}

impl Inputs {
    /// The clips that inputs name, in the order given and inside a folder in order of name.
    ///
    /// A `.csv` or `.tsv` file is a manifest, a `.txt` file a list with a path a line; a folder
    /// stands for the videos in and below it; a path that is not there but has `*`, `?` or `[` in
    /// it is a pattern of files and folders. Hidden files, overlays that lie beside their analysis
    /// and the folder `out` are passed over. A path that several inputs name is taken once; every
    /// row of a manifest counts. What is named and missing, or lies in a folder and cannot be
    /// looked at, is a clip all the same, one that fails.
    ///
    /// # Errors
    /// A manifest, list, pattern or folder cannot be used, or nothing is named.
    pub fn read(inputs: &[OsString], out: &Path) -> Result<Self, BatchError> {
        let (mut clips, mut empty): (Vec<Clip>, _) = (Vec::new(), Vec::new());
        let mut seen = HashSet::new();
        for input in inputs {
            let path = Path::new(input);
            let ending = ending(path);
            let is_manifest = !path.is_dir() && matches!(ending.as_deref(), Some("csv" | "tsv"));
            let found = match ending.as_deref() {
                _ if is_manifest => read_manifest(path)?,
                _ if path.is_dir() => plain(in_folder(path, out)?),
                Some("txt") => plain(read_list(path)?),
                _ if !path.exists() && is_pattern(input) => plain(matching(input, out)?),
                _ => plain(vec![path.to_owned()]),
            };
            if found.is_empty() {
                empty.push(input.clone());
            }
            for clip in found {
                if seen.insert(clip.clip.clone()) || is_manifest {
                    clips.push(Clip { number: clips.len() as u64 + 1, ..clip });
                }
            }
        }
        if clips.is_empty() { Err(BatchError::NoClip(empty)) } else { Ok(Self { clips, empty }) }
    }
}

fn plain(paths: Vec<PathBuf>) -> Vec<Clip> {
    paths.into_iter().map(|path| Clip::new(0, path)).collect()
}

fn ending(path: &Path) -> Option<String> {
    Some(path.extension()?.to_str()?.to_ascii_lowercase())
}

/// Whether a file is taken for a video, by its name's ending.
pub(crate) fn is_video(path: &Path) -> bool {
    ending(path).is_some_and(|own| VIDEO_ENDINGS.contains(&own.as_str()))
}

/// Whether this is an overlay that an analysis drew.
fn is_result(path: &Path) -> bool {
    path.file_name() == Some(Output::Overlay.file().as_ref())
        && path.with_file_name(Output::Analysis.file()).exists()
}

fn in_folder(folder: &Path, out: &Path) -> Result<Vec<PathBuf>, BatchError> {
    let own = [out.to_owned(), out.join(RESULTS)].map(|path| path.canonicalize().ok());
    let is_hidden = |entry: &DirEntry| entry.file_name().as_encoded_bytes().starts_with(b".");
    let is_own = |entry: &DirEntry| {
        entry.file_type().is_dir()
            && entry.path().canonicalize().is_ok_and(|path| own.contains(&Some(path)))
    };
    let mut found = Vec::new();
    let walk = WalkDir::new(folder).follow_links(true).sort_by_file_name().into_iter();
    for entry in walk.filter_entry(|e| e.depth() == 0 || !is_hidden(e) && !is_own(e)) {
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
    found.retain(|path| !is_result(path));
    Ok(found)
}

fn is_pattern(input: &OsStr) -> bool {
    input.to_str().is_some_and(|text| text.contains(['*', '?', '[']))
}

/// The files that match a pattern, and the videos of folders that do, as if a shell had read it.
fn matching(pattern: &OsStr, out: &Path) -> Result<Vec<PathBuf>, BatchError> {
    let pattern = pattern.to_string_lossy();
    let wrong =
        |reason: String| BatchError::Pattern { pattern: pattern.clone().into_owned(), reason };
    let hidden_apart = MatchOptions { require_literal_leading_dot: true, ..MatchOptions::new() };
    let paths =
        glob::glob_with(&pattern, hidden_apart).map_err(|error| wrong(error.to_string()))?;
    let mut found = Vec::new();
    for path in paths.filter_map(Result::ok) {
        if path.is_dir() {
            found.extend(in_folder(&path, out)?);
        } else if !is_result(&path) {
            found.push(path);
        }
    }
    if found.is_empty() {
        return Err(wrong("no clip matches this pattern".to_owned()));
    }
    Ok(found)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs;

    fn read(inputs: &[OsString], out: &Path) -> Result<Inputs, BatchError> {
        Inputs::read(inputs, out)
    }

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
            "b.spasmograph/analysis.json",
            "earlier/results/0/overlay.mp4",
            "earlier/results/0/analysis.json",
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
        let clips = read(&inputs, &folder.path().join("out")).unwrap().clips;
        assert_eq!(names(&clips, folder.path()), ["a.MOV", "b.mp4", "deep/er/d.webm"]);
        assert_eq!(clips.iter().map(|clip| clip.number).collect::<Vec<_>>(), [1, 2, 3]);
    }

    #[test]
    fn results_that_lie_among_the_clips_are_no_clips() {
        let folder = tree();
        let inputs = [folder.path().join("out").into_os_string()];
        let found = read(&inputs, &folder.path().join("out"));
        assert!(matches!(found, Err(BatchError::NoClip(_))), "{found:?}");
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
        let clips = read(&inputs, &folder.path().join("out")).unwrap().clips;
        assert_eq!(names(&clips, folder.path()), ["a.MOV", "b.mp4", "c.mp4", "deep/er/d.webm"]);
    }

    #[test]
    fn every_row_of_a_manifest_counts() {
        let folder = tree();
        let manifest = folder.path().join("m.csv");
        fs::write(&manifest, "clip\nb.mp4\nb.mp4\n").unwrap();
        let inputs = [manifest.into_os_string(), folder.path().join("b.mp4").into_os_string()];
        let clips = read(&inputs, Path::new("elsewhere")).unwrap().clips;
        assert_eq!(names(&clips, folder.path()), ["b.mp4", "b.mp4"]);
    }

    #[test]
    fn patterns_and_lists_name_files_and_a_path_named_twice_counts_once() {
        let folder = tree();
        let at = |name: &str| folder.path().join(name).into_os_string();
        fs::write(at("list.txt"), "# two\nb.mp4\n\ndeep/er/d.webm\n").unwrap();
        let inputs = [at("*.mp4"), at("list.txt"), at("gone.mp4")];
        let clips = read(&inputs, Path::new("elsewhere")).unwrap().clips;
        assert_eq!(names(&clips, folder.path()), ["b.mp4", "deep/er/d.webm", "gone.mp4"]);
        let error = read(&[at("*.avi")], Path::new("elsewhere")).unwrap_err();
        assert!(error.to_string().contains("no clip matches"), "{error}");
        let gone = read(&[at(".trash/x")], Path::new("y")).unwrap();
        assert_eq!(gone.clips.len(), 1);
    }

    #[test]
    fn a_pattern_of_folders_stands_for_their_videos_and_leaves_hidden_files_aside() {
        let folder = tree();
        let out = folder.path().join("out");
        let inputs = [folder.path().join("*").into_os_string()];
        let found = names(&read(&inputs, &out).unwrap().clips, folder.path());
        // What is no folder is taken as it is named.
        assert_eq!(found, ["a.MOV", "b.mp4", "deep/er/d.webm", "notes.docx"]);
    }

    #[test]
    fn inputs_that_name_no_clip_are_told() {
        let folder = tree();
        let at = |name: &str| folder.path().join(name).into_os_string();
        fs::create_dir(at("empty")).unwrap();
        fs::write(at("m.csv"), "clip,subject\n").unwrap();
        let found = read(&[at("empty"), at("b.mp4"), at("m.csv")], Path::new("y")).unwrap();
        assert_eq!(found.clips.len(), 1);
        assert_eq!(found.empty, [at("empty"), at("m.csv")]);
        let error = read(&[at("empty")], Path::new("y")).unwrap_err().to_string();
        assert!(error.contains("empty: no clip is named"), "{error}");
    }
}
