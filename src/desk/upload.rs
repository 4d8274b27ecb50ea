//! Recordings that are dragged onto the page: streamed to the disk, and gone on with after a break.
//!
//! A file on its way is `.NAME.SIZE.part` in the library; it takes its name once it is whole and a
//! decoder has found a picture in it.

use std::fs::{self, File, OpenOptions};
use std::io::{Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};

use axum::body::Body;
use axum::http::StatusCode;
use futures_util::StreamExt;
use serde::Deserialize;

use super::answer::{Refusal, aside};
use super::library::Library;
use super::limits::Limits;
use crate::batch::is_video;
use crate::source::{Input, Opening};

/// A file that the page wants to send, or goes on sending.
#[derive(Debug, Clone, Deserialize)]
pub(super) struct Wish {
    /// Its plain name.
    name: String,
    /// Its size, bytes.
    size: u64,
    /// Byte that comes next.
    #[serde(default)]
    at: u64,
}

/// Bytes that are there of a file; refused where it cannot be taken.
pub(super) fn begin(library: &Library, limits: &Limits, wish: &Wish) -> Result<u64, Refusal> {
    let part = part(library, limits, wish)?;
    let have = fs::metadata(&part).map_or(0, |data| data.len());
    let room = free_bytes(library.root());
    if room.is_some_and(|room| room < wish.size.saturating_sub(have) + limits.room_bytes) {
        let text = "the disk is too full for this recording; free some space";
        return Err(Refusal::new(StatusCode::INSUFFICIENT_STORAGE, "disk_full", text));
    }
    Ok(have)
}

/// Takes what is sent; returns the bytes that are there, and the name once the file is whole.
pub(super) async fn take(
    library: &Library,
    limits: &Limits,
    wish: Wish,
    body: Body,
) -> Result<(u64, Option<String>), Refusal> {
    let part = part(library, limits, &wish)?;
    let mut file = OpenOptions::new()
        .create(true)
        .truncate(false)
        .write(true)
        .open(&part)
        .map_err(Refusal::failed)?;
    if file.try_lock().is_err() {
        let text = "this file is being sent by another page";
        return Err(Refusal::new(StatusCode::CONFLICT, "other_tab", text));
    }
    let have = file.metadata().map_err(Refusal::failed)?.len();
    if wish.at != have {
        let text = format!("{have} bytes are there; go on from them");
        return Err(Refusal::new(StatusCode::CONFLICT, "moved_on", text));
    }
    file.seek(SeekFrom::Start(have)).map_err(Refusal::failed)?;
    let mut at = have;
    let mut pieces = body.into_data_stream();
    // A link that breaks leaves what came: the page goes on from there.
    while let Some(Ok(piece)) = pieces.next().await {
        at += piece.len() as u64;
        if at > wish.size {
            drop(file);
            let _ = fs::remove_file(&part);
            return Err(Refusal::bad("more came than was announced; nothing of it is kept"));
        }
        file = aside(move || {
            file.write_all(&piece).map_err(Refusal::failed)?;
            Ok(file)
        })
        .await?;
    }
    if at < wish.size {
        return Ok((at, None));
    }
    let path = library.fresh(&wish.name)?;
    let name = aside(move || finish(file, &part, path)).await?;
    Ok((at, Some(name)))
}

/// Gives a whole file its name, or the first free one like it; one without a picture is not kept.
fn finish(file: File, part: &Path, path: PathBuf) -> Result<String, Refusal> {
    file.sync_all().map_err(Refusal::failed)?;
    drop(file);
    if let Err(error) = Input::File(part.to_owned()).open(&Opening::default()) {
        let _ = fs::remove_file(part);
        let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        let why = error.to_string().replace(&part.display().to_string(), &name);
        let text = format!("{name} is no video that can be read, and is not kept: {why}");
        return Err(Refusal::new(StatusCode::UNSUPPORTED_MEDIA_TYPE, "no_video", text));
    }
    let stem = path.file_stem().unwrap_or_default().to_string_lossy().into_owned();
    let ending = path.extension().unwrap_or_default().to_string_lossy().into_owned();
    let mut names = std::iter::once(path.clone())
        .chain((2..).map(|number| path.with_file_name(format!("{stem}-{number}.{ending}"))));
    let free = names.find(|path| path.symlink_metadata().is_err()).unwrap_or(path);
    // A link, unlike a renaming, replaces nothing.
    fs::hard_link(part, &free).or_else(|_| fs::rename(part, &free)).map_err(Refusal::failed)?;
    let _ = fs::remove_file(part);
    Ok(free.file_name().unwrap_or_default().to_string_lossy().into_owned())
}

fn part(library: &Library, limits: &Limits, wish: &Wish) -> Result<PathBuf, Refusal> {
    let path = library.fresh(&wish.name)?;
    if !is_video(&path) {
        let text = format!("{} is no video by its name's ending", wish.name);
        return Err(Refusal::new(StatusCode::UNSUPPORTED_MEDIA_TYPE, "no_video", text));
    }
    if wish.size > limits.upload_bytes {
        let text = format!(
            "{} is larger than the {} GB that may be sent; put it into the folder itself",
            wish.name,
            limits.upload_bytes >> 30
        );
        return Err(Refusal::new(StatusCode::PAYLOAD_TOO_LARGE, "too_large", text));
    }
    // The ending stays: decoders look at it.
    let ending = path.extension().unwrap_or_default().to_string_lossy().into_owned();
    Ok(library.root().join(format!(".{}.{}.part.{ending}", wish.name, wish.size)))
}

/// Free bytes where a folder lies; `None` where that is not known.
#[cfg(unix)]
fn free_bytes(folder: &Path) -> Option<u64> {
    let data = rustix::fs::statvfs(folder).ok()?;
    Some(data.f_bavail * data.f_frsize)
}

#[cfg(not(unix))]
fn free_bytes(_: &Path) -> Option<u64> {
    None
}
