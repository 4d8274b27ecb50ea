//! A folder of images as a recording.

use std::path::{Path, PathBuf};

use image::{DynamicImage, ImageDecoder, ImageReader};

use super::{Frame, Limits, Note, Source, SourceError, StreamInfo};

/// Share of the pictures that must follow at one step for their numbers to count (judgment: a
/// sequence with holes has more; times in names have fewer).
const REGULAR: f64 = 0.75;

/// Endings that count as images.
const ENDINGS: [&str; 8] = ["png", "jpg", "jpeg", "bmp", "tif", "tiff", "webp", "ppm"];

/// The images of a folder in the natural order of their names, at a constant rate.
///
/// Where the names are numbered, a missing number is a gap of its length; so is a picture that
/// cannot be read.
#[derive(Debug)]
pub struct ImageFolder {
    images: Vec<Numbered>,
    next: usize,
    read: u64,
    /// The next picture does not follow the last one.
    lost: bool,
    fps: f64,
    limits: Limits,
    info: StreamInfo,
    missing: Option<Note>,
    unreadable: u64,
    first_unreadable: Option<(String, String)>,
}

/// A picture and its place in the sequence, intervals from the first.
#[derive(Debug)]
struct Numbered {
    path: PathBuf,
    place: u64,
}

impl ImageFolder {
    /// Lists the folder. `fps` is the rate the images were taken at, frames a second.
    ///
    /// # Errors
    /// [`SourceError::NotFound`], [`SourceError::Unreadable`], [`SourceError::NoImages`].
    pub fn open(folder: &Path, fps: f64) -> Result<Self, SourceError> {
        if !folder.exists() {
            return Err(SourceError::NotFound(folder.to_owned()));
        }
        let entries = std::fs::read_dir(folder).map_err(|error| SourceError::Unreadable {
            path: folder.to_owned(),
            reason: error.to_string(),
        })?;
        let mut images: Vec<(Name, PathBuf)> = entries
            .filter_map(|entry| entry.ok().map(|entry| entry.path()))
            .filter(|path| is_image(path))
            .map(|path| (Name::of(&path), path))
            .collect();
        if images.is_empty() {
            return Err(SourceError::NoImages(folder.to_owned()));
        }
        images.sort();
        let places = places(&images);
        let pictures = images.len() as u64;
        let images: Vec<Numbered> = images
            .into_iter()
            .zip(places)
            .map(|((_, path), place)| Numbered { path, place })
            .collect();
        let info = StreamInfo {
            fps_nominal: Some(fps),
            frames_declared: Some(pictures),
            ..StreamInfo::default()
        };
        let missing = missing(&images);
        Ok(Self {
            images,
            next: 0,
            read: 0,
            lost: false,
            fps,
            limits: Limits::default(),
            info,
            missing,
            unreadable: 0,
            first_unreadable: None,
        })
    }

    /// The same, where pictures above these limits are unreadable.
    #[must_use]
    pub fn within(self, limits: &Limits) -> Self {
        Self { limits: limits.clone(), ..self }
    }
}

impl Source for ImageFolder {
    fn info(&self) -> &StreamInfo {
        &self.info
    }

    fn read_into(&mut self, frame: &mut Frame) -> Result<bool, SourceError> {
        while let Some(image) = self.images.get(self.next) {
            let before = self.next.checked_sub(1).and_then(|before| self.images.get(before));
            self.lost |= before.is_some_and(|before| image.place != before.place + 1);
            self.next += 1;
            match picture(&image.path, &self.limits) {
                Ok(picture) => {
                    let (width, height) = (picture.width() as usize, picture.height() as usize);
                    let mut bgr = picture.into_raw();
                    for pixel in bgr.as_chunks_mut::<3>().0 {
                        pixel.swap(0, 2);
                    }
                    *frame = Frame {
                        index: self.read,
                        time_s: image.place as f64 / self.fps,
                        after_loss: std::mem::take(&mut self.lost) && self.read > 0,
                        ..Frame::from_bgr(width, height, bgr)
                    };
                    self.read += 1;
                    return Ok(true);
                }
                Err(reason) => {
                    self.lost = true;
                    self.unreadable += 1;
                    let name = shown(&image.path);
                    self.first_unreadable.get_or_insert((name, reason));
                }
            }
        }
        match &self.first_unreadable {
            Some((name, reason)) if self.read == 0 => Err(SourceError::Interrupted {
                frames: 0,
                time_s: 0.0,
                reason: format!("{name}: {reason}"),
            }),
            _ => Ok(false),
        }
    }

    fn notes(&self) -> Vec<Note> {
        let unreadable = self.first_unreadable.clone().map(|(first, reason)| Note::Unreadable {
            pictures: self.unreadable,
            first,
            reason,
        });
        self.missing.iter().cloned().chain(unreadable).collect()
    }
}

/// Whether a name is that of a picture, and not of a companion that some systems put beside each.
fn is_image(path: &Path) -> bool {
    let hidden = path.file_name().is_some_and(|name| name.as_encoded_bytes().starts_with(b"."));
    let ending = path.extension().and_then(|ending| ending.to_str());
    let known = ending.is_some_and(|e| ENDINGS.contains(&e.to_ascii_lowercase().as_str()));
    known && !hidden && path.is_file()
}

/// Reads a picture, upright as its camera noted; what is wrong with it otherwise.
fn picture(path: &Path, limits: &Limits) -> Result<image::RgbImage, String> {
    let reader = ImageReader::open(path).map_err(|error| error.to_string())?;
    let reader = reader.with_guessed_format().map_err(|error| error.to_string())?;
    let mut decoder = reader.into_decoder().map_err(|error| error.to_string())?;
    let (width, height) = decoder.dimensions();
    if u64::from(width) * u64::from(height) > limits.pixels {
        return Err(format!("{width}x{height} pixels are above the limit of {}", limits.pixels));
    }
    let orientation = decoder.orientation().map_err(|error| error.to_string())?;
    let mut picture = DynamicImage::from_decoder(decoder).map_err(|error| error.to_string())?;
    picture.apply_orientation(orientation);
    Ok(picture.into_rgb8())
}

fn shown(path: &Path) -> String {
    path.file_name().unwrap_or_default().to_string_lossy().into_owned()
}

/// A file's name in parts that sort `frame2` before `frame10`: runs of digits, of any length,
/// count as numbers.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Name(Vec<Part>);

#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Part {
    Text(String),
    /// Digits without leading zeros: the longer number is the larger one.
    Number(usize, String),
}

impl Name {
    fn of(path: &Path) -> Self {
        let name = path.file_stem().unwrap_or_default().to_string_lossy();
        let mut parts = Vec::new();
        let mut rest = name.as_ref();
        while !rest.is_empty() {
            let text_end = rest.find(|c: char| c.is_ascii_digit()).unwrap_or(rest.len());
            let (text, tail) = rest.split_at(text_end);
            let digits_end = tail.find(|c: char| !c.is_ascii_digit()).unwrap_or(tail.len());
            let (digits, tail) = tail.split_at(digits_end);
            // The text before a number decides first, then the number itself.
            parts.push(Part::Text(text.to_owned()));
            if !digits.is_empty() {
                let number = digits.trim_start_matches('0');
                parts.push(Part::Number(number.len(), number.to_owned()));
            }
            rest = tail;
        }
        Self(parts)
    }

    /// How much larger its last number is than that of another name that is the same before and
    /// behind it; `None` where they are not, or the difference is beyond counting.
    fn beyond(&self, other: &Self) -> Option<u64> {
        let at = self.0.iter().rposition(|part| matches!(part, Part::Number(..)))?;
        let same = self.0.len() == other.0.len()
            && self.0.iter().zip(&other.0).enumerate().all(|(i, (a, b))| i == at || a == b);
        let (Part::Number(_, own), Part::Number(_, other)) = (&self.0[at], other.0.get(at)?) else {
            return None;
        };
        if !same {
            return None;
        }
        let length = own.len().max(other.len());
        let [own, other] = [own, other].map(|digits| format!("{digits:0>length$}"));
        let common = own.bytes().zip(other.bytes()).take_while(|(a, b)| a == b).count();
        let [own, other]: [u128; 2] =
            [own, other].map(|digits| digits[common..].parse().unwrap_or(u128::MAX));
        own.checked_sub(other).and_then(|difference| u64::try_from(difference).ok())
    }
}

/// The place of each picture in the sequence. Where the numbers rise by one step from most
/// pictures to the next, larger steps leave places free; times in names, which rise unevenly, do
/// not count.
fn places(images: &[(Name, PathBuf)]) -> Vec<u64> {
    let steps: Vec<Option<u64>> =
        images.windows(2).map(|pair| pair[1].0.beyond(&pair[0].0)).collect();
    let mut known: Vec<u64> = steps.iter().flatten().copied().collect();
    known.sort_unstable();
    let usual = known.get(known.len() / 2).copied().unwrap_or(0);
    let regular = known.iter().filter(|step| **step == usual).count();
    let numbered = usual > 0
        && regular as f64 >= REGULAR * known.len() as f64
        && known.iter().all(|step| step.is_multiple_of(usual));
    let mut place = 0;
    let mut places = vec![0];
    for step in steps {
        place += match step {
            Some(step) if numbered => (step / usual).max(1),
            _ => 1,
        };
        places.push(place);
    }
    places
}

/// The note on numbers that are missing.
fn missing(images: &[Numbered]) -> Option<Note> {
    let holes = || images.windows(2).filter(|pair| pair[1].place > pair[0].place + 1);
    let pictures = holes().map(|pair| pair[1].place - pair[0].place - 1).sum();
    let after = shown(&holes().next()?[0].path);
    Some(Note::NumbersMissing { pictures, after })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn images_come_in_natural_order_at_the_given_rate() {
        let folder = tempfile::tempdir().unwrap();
        for (name, red) in [("f10.png", 30), ("f2.png", 20), ("f1.png", 10)] {
            image::RgbImage::from_pixel(2, 1, image::Rgb([red, 0, 0]))
                .save(folder.path().join(name))
                .unwrap();
        }
        let mut source = ImageFolder::open(folder.path(), 10.0).unwrap();
        let mut seen = Vec::new();
        while let Some(frame) = source.next_frame().unwrap() {
            seen.push((frame.bgr()[2], frame.time_s));
        }
        assert_eq!(seen, [(10, 0.0), (20, 0.1), (30, 0.2)]);
    }

    #[test]
    fn a_folder_without_images_is_named_as_such() {
        let folder = tempfile::tempdir().unwrap();
        let error = ImageFolder::open(folder.path(), 30.0).unwrap_err();
        assert!(matches!(error, SourceError::NoImages(_)));
    }

    /// Times and losses of the pictures of these names; those that begin with `bad` are no
    /// pictures.
    fn read(names: &[&str]) -> (Vec<(f64, bool)>, Vec<Note>) {
        let folder = tempfile::tempdir().unwrap();
        for name in names {
            let path = folder.path().join(name.trim_start_matches("bad:"));
            if name.starts_with("bad:") {
                std::fs::write(path, b"no picture").unwrap();
            } else {
                image::RgbImage::new(2, 2).save(path).unwrap();
            }
        }
        let mut source = ImageFolder::open(folder.path(), 10.0).unwrap();
        let mut seen = Vec::new();
        while let Some(frame) = source.next_frame().unwrap() {
            seen.push((frame.time_s, frame.after_loss));
        }
        (seen, source.notes())
    }

    #[test]
    fn a_missing_number_is_a_gap_of_its_length() {
        let (seen, notes) = read(&["f1.png", "f2.png", "f3.png", "f4.png", "f7.png", "f8.png"]);
        let times: Vec<f64> = seen.iter().map(|(time_s, _)| *time_s).collect();
        assert_eq!(times, [0.0, 0.1, 0.2, 0.3, 0.6, 0.7]);
        assert_eq!(seen.iter().position(|(_, lost)| *lost), Some(4));
        let expected = Note::NumbersMissing { pictures: 2, after: "f4.png".to_owned() };
        assert_eq!(notes, [expected]);
    }

    #[test]
    fn numbers_longer_than_a_machine_word_count_and_times_in_names_do_not() {
        let long = |n: u32| format!("cam_2023112912345678901234567890123456789012{n:03}.png");
        let names: Vec<String> = [8, 9, 10, 11, 13].into_iter().map(long).collect();
        let (seen, _) = read(&names.iter().map(String::as_str).collect::<Vec<_>>());
        assert_eq!(
            seen.iter().map(|(time_s, _)| *time_s).collect::<Vec<_>>(),
            [0.0, 0.1, 0.2, 0.3, 0.5]
        );
        let (seen, notes) = read(&["t1000.png", "t1033.png", "t1067.png", "t1100.png"]);
        assert!((seen[3].0 - 0.3).abs() < 1e-9 && notes.is_empty(), "{seen:?} {notes:?}");
    }

    #[test]
    fn a_picture_that_cannot_be_read_is_a_gap_with_its_name() {
        let (seen, notes) =
            read(&["a1.png", "bad:a2.png", "a3.png", ".hidden.png", "bad:._a1.png"]);
        assert_eq!(seen, [(0.0, false), (0.2, true)]);
        let named = |note: &Note| matches!(note, Note::Unreadable { pictures: 1, first, .. } if first == "a2.png");
        assert!(notes.iter().any(named), "{notes:?}");
    }

    #[test]
    fn a_folder_without_one_readable_picture_is_an_error() {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("a1.png"), b"no picture").unwrap();
        let error = ImageFolder::open(folder.path(), 25.0).unwrap().next_frame().unwrap_err();
        assert!(matches!(error, SourceError::Interrupted { frames: 0, .. }), "{error}");
    }
}
