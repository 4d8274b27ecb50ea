//! `spasmograph doctor`: what works on this machine, and the mend for what does not.

use std::error::Error;
use std::process::{Command, Stdio};

use super::{Status, say};
use crate::face::FaceTracker;
use crate::live;
use crate::models::{self, ModelStore};
use crate::report::{self, overlay::has_encoder};
use crate::source::{Frame, ffmpeg_version};
use crate::thresholds::FaceThresholds;

/// One thing that must work, and the mend.
struct Check {
    what: &'static str,
    /// What was found, or why it does not work.
    outcome: Result<String, String>,
    mend: &'static str,
    /// Analysis is possible without it.
    optional: bool,
}

pub(super) fn run() -> Result<Status, Box<dyn Error>> {
    let checks = [decoding(), encoding(), models(), inference(), painting(), python(), leftovers()];
    let mut status = Status::Done;
    for check in &checks {
        let mark = match (&check.outcome, check.optional) {
            (Ok(_), _) => "works",
            (Err(_), true) => "lacks",
            (Err(_), false) => "FAILS",
        };
        match &check.outcome {
            Ok(found) => say(&format!("{mark}  {}: {found}", check.what))?,
            Err(why) => {
                say(&format!("{mark}  {}: {why}\n       mend: {}", check.what, check.mend))?;
                if !check.optional {
                    status = Status::Failed;
                }
            }
        }
    }
    Ok(status)
}

fn decoding() -> Check {
    let [major, minor, patch] = ffmpeg_version();
    Check {
        what: "decoding video",
        outcome: Ok(format!(
            "FFmpeg's libavcodec {major}.{minor}.{patch}, OpenCV {}",
            opencv::core::CV_VERSION
        )),
        mend: "run setup.sh",
        optional: false,
    }
}

/// Whether there is an encoder of H.264.
fn encoding() -> Check {
    Check {
        what: "encoding the overlay",
        outcome: if has_encoder() {
            Ok("H.264".to_owned())
        } else {
            Err("no H.264 encoder".to_owned())
        },
        mend: "install FFmpeg's libraries with libx264, or use --overlay none",
        optional: true,
    }
}

fn models() -> Check {
    let folder = models::default_folder();
    let bad: Vec<String> = models::verify(&folder)
        .iter()
        .filter(|file| !file.is_verified())
        .map(|file| format!("{} {}", file.name, file.state))
        .collect();
    Check {
        what: "face models and runtime",
        outcome: if bad.is_empty() {
            Ok(format!("verified in {}", folder.display()))
        } else {
            Err(format!("{} in {}", bad.join(", "), folder.display()))
        },
        mend: "run `spasmograph models fetch`",
        optional: false,
    }
}

/// Loads the models and looks at a blank picture.
fn inference() -> Check {
    let outcome = ModelStore::open()
        .map_err(|error| error.to_string())
        .and_then(|store| {
            FaceTracker::new(&store, &FaceThresholds::default()).map_err(|e| e.to_string())
        })
        .and_then(|mut tracker| {
            let blank = Frame::from_bgr(64, 64, vec![128; 3 * 64 * 64]);
            tracker.track(&blank).map_err(|error| error.to_string())
        })
        .map(|_| "the face model loads and runs".to_owned());
    Check {
        what: "inference",
        outcome,
        mend: "run `spasmograph models fetch`; if it stays, this processor or system is not supported by the runtime",
        optional: false,
    }
}

fn painting() -> Check {
    Check {
        what: "painting clips",
        outcome: answers("ffmpeg", &["-version"])
            .then(|| "ffmpeg".to_owned())
            .ok_or_else(|| "ffmpeg is missing".to_owned()),
        mend: "install ffmpeg",
        optional: true,
    }
}

fn python() -> Check {
    Check {
        what: "fetching models",
        outcome: answers("python3", &["-I", "-m", "pip", "--version"])
            .then(|| "python3 with pip".to_owned())
            .ok_or_else(|| "python3 with pip is missing".to_owned()),
        mend: "install python3 and pip, or copy a verified models folder and set SPASMOGRAPH_MODELS",
        optional: true,
    }
}

/// What killed runs left in the working folder and the folders of results below it.
fn leftovers() -> Check {
    let mut found: Vec<String> = Vec::new();
    let walk = walkdir::WalkDir::new(".").max_depth(LEFTOVERS_DEPTH).into_iter();
    for folder in walk.flatten().filter(|entry| entry.file_type().is_dir()) {
        let folder = folder.path();
        found.extend(report::leftovers(folder).iter().map(|path| path.display().to_string()));
        if live::is_unfinished(folder) && !report::is_in_use(folder) {
            found.push(format!("{} (a session; --recover completes it)", folder.display()));
        }
    }
    Check {
        what: "leftovers of killed runs",
        outcome: match found.as_slice() {
            [] => Ok("none here".to_owned()),
            found => Err(found.join(", ")),
        },
        mend: "run again into the same folder, which clears them; or remove them",
        optional: true,
    }
}

/// Folders below the working folder that are looked through: those of a batch's clips, and two more.
const LEFTOVERS_DEPTH: usize = 5;

/// Whether a program starts and succeeds.
fn answers(program: &str, arguments: &[&str]) -> bool {
    let silent = Command::new(program)
        .args(arguments)
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status();
    silent.is_ok_and(|status| status.success())
}
