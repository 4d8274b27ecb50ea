//! How many pixels a clip's pictures have, as its container's head says. No decoder is asked: one
//! that a damaged file crashes must not take the batch along.

use std::fs::File;
use std::io::{Read, Seek, SeekFrom};
use std::path::Path;

/// Longest head of a container that is read, bytes: the index of hours of video (judgment).
const HEAD_MAX: u64 = 64 << 20;

/// Atoms that are passed over before the index (judgment: a file that grew for a day has fewer).
const ATOMS_MAX: usize = 100_000;

/// Bytes of a Matroska file in which its tracks stand.
const MATROSKA_HEAD: usize = 1 << 20;

/// Pixels of a clip's picture; `None` where its container is not known, or does not tell.
pub(super) fn pixels(clip: &Path) -> Option<u64> {
    if clip.is_dir() {
        let entries = std::fs::read_dir(clip).ok()?.flatten();
        return entries
            .take(8)
            .filter_map(|entry| image::image_dimensions(entry.path()).ok())
            .map(|(width, height)| u64::from(width) * u64::from(height))
            .max();
    }
    let mut file = File::open(clip).ok()?;
    let mut begin = vec![0; MATROSKA_HEAD];
    let length = read_up_to(&mut file, &mut begin)?;
    begin.truncate(length);
    match begin.get(..12)? {
        [0x1a, 0x45, 0xdf, 0xa3, ..] => matroska(&begin, 0),
        [b'R', b'I', b'F', b'F', _, _, _, _, b'A', b'V', b'I', b' '] => avi(&begin),
        [_, _, _, _, b'f', b't', b'y', b'p', ..]
        | [_, _, _, _, b'm', b'o', b'o', b'v', ..]
        | [_, _, _, _, b'w', b'i', b'd', b'e', ..]
        | [_, _, _, _, b'm', b'd', b'a', b't', ..]
        | [_, _, _, _, b'f', b'r', b'e', b'e', ..] => tracks(&moov(&mut file)?),
        _ => None,
    }
}

fn read_up_to(file: &mut File, into: &mut [u8]) -> Option<usize> {
    let mut length = 0;
    loop {
        match file.read(&mut into[length..]).ok()? {
            0 => return Some(length),
            read => length += read,
        }
    }
}

/// The index of an MP4 or QuickTime file.
fn moov(file: &mut File) -> Option<Vec<u8>> {
    let mut at = 0_u64;
    for _ in 0..ATOMS_MAX {
        file.seek(SeekFrom::Start(at)).ok()?;
        let mut head = [0; 16];
        let length = read_up_to(file, &mut head)?;
        let (kind, begin, size) = atom(head.get(..length)?)?;
        if kind == *b"moov" {
            let mut index = Vec::new();
            file.seek(SeekFrom::Start(at + begin)).ok()?;
            file.take(size.saturating_sub(begin).min(HEAD_MAX)).read_to_end(&mut index).ok()?;
            return Some(index);
        }
        // An atom without a length goes to the end of the file.
        at = at.checked_add(size).filter(|_| size > 0)?;
    }
    None
}

/// Kind of the atom that begins here, where its content begins, and its size.
fn atom(bytes: &[u8]) -> Option<([u8; 4], u64, u64)> {
    let size = u32::from_be_bytes(*bytes.first_chunk()?);
    let kind = *bytes.get(4..)?.first_chunk()?;
    match size {
        1 => Some((kind, 16, u64::from_be_bytes(*bytes.get(8..)?.first_chunk()?))),
        size => Some((kind, 8, size.into())),
    }
    .filter(|(_, begin, size)| *size == 0 || size >= begin)
}

/// The largest picture among the tracks of an index.
fn tracks(index: &[u8]) -> Option<u64> {
    let mut largest = None;
    let mut rest = index;
    while let Some((kind, begin, size)) = atom(rest) {
        let end = usize::try_from(size).ok().filter(|end| (1..=rest.len()).contains(end));
        let end = end.unwrap_or(rest.len());
        let content = rest.get(begin as usize..end).unwrap_or_default();
        match &kind {
            b"trak" => largest = largest.max(tracks(content)),
            b"tkhd" => largest = largest.max(track_head(content)),
            _ => {}
        }
        rest = &rest[end..];
    }
    largest.filter(|pixels| *pixels > 0)
}

/// Width times height of a `tkhd`: 16.16 fixed point, after fields whose size follows its version.
fn track_head(content: &[u8]) -> Option<u64> {
    let at = if content.first()? == &1 { 88 } else { 76 };
    let side = |at: usize| Some(u64::from(u16::from_be_bytes(*content.get(at..)?.first_chunk()?)));
    Some(side(at)? * side(at + 4)?)
}

/// Deepest nesting of Matroska's elements down to the picture's size.
const MATROSKA_DEPTH: usize = 5;

/// The largest picture among the tracks of a Matroska file.
fn matroska(bytes: &[u8], depth: usize) -> Option<u64> {
    let (mut width, mut height, mut largest) = (0, 0, None);
    let mut rest = bytes;
    while let Some((id, content, after)) = element(rest) {
        match id {
            // Segment, tracks, a track, its picture.
            0x1853_8067 | 0x1654_ae6b | 0xae | 0xe0 if depth < MATROSKA_DEPTH => {
                largest = largest.max(matroska(content, depth + 1));
            }
            0xb0 => width = number(content),
            0xba => height = number(content),
            _ => {}
        }
        rest = after;
    }
    largest.max(Some(width.saturating_mul(height))).filter(|pixels| *pixels > 0)
}

fn number(content: &[u8]) -> u64 {
    content.iter().take(8).fold(0, |sum, byte| sum << 8 | u64::from(*byte))
}

/// Number, content and rest of the element that begins here; one whose length is not known goes to
/// the end.
fn element(bytes: &[u8]) -> Option<(u64, &[u8], &[u8])> {
    let (id, id_bytes) = variable(bytes, false)?;
    let (size, size_bytes) = variable(&bytes[id_bytes..], true)?;
    let content = &bytes[id_bytes + size_bytes..];
    let unknown = size == (1 << (7 * size_bytes)) - 1;
    let size = usize::try_from(size).unwrap_or(usize::MAX).min(content.len());
    let size = if unknown { content.len() } else { size };
    let (content, rest) = content.split_at(size);
    Some((id, content, rest))
}

/// A number whose first bits say how long it is; `bare` without them.
fn variable(bytes: &[u8], bare: bool) -> Option<(u64, usize)> {
    let first = *bytes.first()?;
    let length = first.leading_zeros() as usize + 1;
    let value = number(bytes.get(..length).filter(|_| length <= 8)?);
    Some((if bare { value & !(1 << (7 * length)) } else { value }, length))
}

/// The picture of an AVI file.
fn avi(bytes: &[u8]) -> Option<u64> {
    let at = bytes.windows(4).take(4096).position(|word| word == b"avih")? + 8;
    let side = |at: usize| Some(u64::from(u32::from_le_bytes(*bytes.get(at..)?.first_chunk()?)));
    side(at + 32)?.checked_mul(side(at + 36)?)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(bytes: &[u8]) -> Option<u64> {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("clip");
        std::fs::write(&path, bytes).unwrap();
        pixels(&path)
    }

    fn boxed(kind: &[u8; 4], content: &[u8]) -> Vec<u8> {
        [&(content.len() as u32 + 8).to_be_bytes()[..], kind, content].concat()
    }

    fn mp4(version: u8, width: u16, height: u16) -> Vec<u8> {
        let mut head = vec![0; if version == 1 { 96 } else { 84 }];
        head[0] = version;
        let at = head.len() - 8;
        head[at..at + 2].copy_from_slice(&width.to_be_bytes());
        head[at + 4..at + 6].copy_from_slice(&height.to_be_bytes());
        let sound = boxed(b"trak", &boxed(b"tkhd", &[0; 84]));
        let track = boxed(b"trak", &boxed(b"tkhd", &head));
        let index = boxed(b"moov", &[sound, track].concat());
        [boxed(b"ftyp", b"isom"), boxed(b"mdat", &[7; 100]), index].concat()
    }

    #[test]
    fn the_picture_is_found_wherever_the_index_stands() {
        assert_eq!(of(&mp4(0, 3840, 2160)), Some(3840 * 2160));
        assert_eq!(of(&mp4(1, 640, 480)), Some(640 * 480));
        let mkv = [crate::matroska::head(1280, 720), vec![0; 100]].concat();
        assert_eq!(of(&mkv), Some(1280 * 720));
        let mut avi = b"RIFF\0\0\0\0AVI LIST\0\0\0\0hdrlavih".to_vec();
        avi.extend([0; 36]);
        avi.extend([320_u32.to_le_bytes(), 240_u32.to_le_bytes()].concat());
        assert_eq!(of(&avi), Some(320 * 240));
        assert_eq!(of(b"only words, and no picture"), None);
        assert_eq!(of(b""), None);
    }

    #[test]
    fn a_damaged_head_tells_nothing_and_ends() {
        let whole = mp4(0, 640, 480);
        for cut in 0..whole.len() {
            let _ = of(&whole[..cut]);
        }
        for at in 0..whole.len().min(64) {
            for byte in [0, 1, 8, 0x7f, 0xff] {
                let mut damaged = whole.clone();
                damaged[at] = byte;
                let _ = of(&damaged);
            }
        }
        let mkv = crate::matroska::head(1280, 720);
        for at in 0..mkv.len() {
            for byte in [0, 1, 8, 0x7f, 0xff] {
                let mut damaged = mkv.clone();
                damaged[at] = byte;
                let _ = of(&damaged);
            }
        }
    }
}
