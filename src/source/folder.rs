//! A folder of images as a recording.

use std::path::{Path, PathBuf};

use super::{Frame, Source, SourceError, StreamInfo};

/// Endings that count as images.
const ENDINGS: [&str; 8] = ["png", "jpg", "jpeg", "bmp", "tif", "tiff", "webp", "ppm"];

/// The images of a folder in the natural order of their names, at a constant rate.
#[derive(Debug)]
pub struct ImageFolder {
    images: Vec<PathBuf>,
    next: usize,
    fps: f64,
    info: StreamInfo,
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
        let mut images: Vec<PathBuf> = entries
            .filter_map(|entry| entry.ok().map(|entry| entry.path()))
            .filter(|path| {
                path.extension()
                    .and_then(|ending| ending.to_str())
                    .is_some_and(|ending| ENDINGS.contains(&ending.to_lowercase().as_str()))
            })
            .collect();
        if images.is_empty() {
            return Err(SourceError::NoImages(folder.to_owned()));
        }
        images.sort_by_key(|path| natural_key(path));
        let info =
            StreamInfo { fps_nominal: Some(fps), frames_declared: Some(images.len() as u64) };
        Ok(Self { images, next: 0, fps, info })
    }
}

impl Source for ImageFolder {
    fn info(&self) -> &StreamInfo {
        &self.info
    }

    fn read_into(&mut self, frame: &mut Frame) -> Result<bool, SourceError> {
        let Some(path) = self.images.get(self.next) else { return Ok(false) };
        let time_s = self.next as f64 / self.fps;
        let picture = image::open(path)
            .map_err(|error| SourceError::Interrupted {
                frames: self.next as u64,
                time_s,
                reason: format!("{}: {error}", path.display()),
            })?
            .into_rgb8();
        frame.index = self.next as u64;
        frame.time_s = time_s;
        (frame.width, frame.height) = (picture.width() as usize, picture.height() as usize);
        frame.bgr = picture.into_raw();
        for pixel in frame.bgr.chunks_exact_mut(3) {
            pixel.swap(0, 2);
        }
        self.next += 1;
        Ok(true)
    }
}

/// Sort key that puts `frame2` before `frame10`: digit runs count as numbers.
fn natural_key(path: &Path) -> Vec<(u64, String)> {
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    let mut parts = Vec::new();
    let mut rest = name.as_ref();
    while !rest.is_empty() {
        let text_end = rest.find(|c: char| c.is_ascii_digit()).unwrap_or(rest.len());
        let (text, tail) = rest.split_at(text_end);
        let digits_end = tail.find(|c: char| !c.is_ascii_digit()).unwrap_or(tail.len());
        let (digits, tail) = tail.split_at(digits_end);
        // The text before a number decides first, then the number itself.
        parts.push((0, text.to_owned()));
        parts.push((digits.parse().unwrap_or(u64::MAX), String::new()));
        rest = tail;
    }
    parts
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
            seen.push((frame.bgr[2], frame.time_s));
        }
        assert_eq!(seen, [(10, 0.0), (20, 0.1), (30, 0.2)]);
    }

    #[test]
    fn a_folder_without_images_is_named_as_such() {
        let folder = tempfile::tempdir().unwrap();
        let error = ImageFolder::open(folder.path(), 30.0).unwrap_err();
        assert!(matches!(error, SourceError::NoImages(_)));
    }

    #[test]
    fn a_broken_image_says_how_far_reading_got() {
        let folder = tempfile::tempdir().unwrap();
        image::RgbImage::new(2, 2).save(folder.path().join("a1.png")).unwrap();
        std::fs::write(folder.path().join("a2.png"), b"no picture").unwrap();
        let mut source = ImageFolder::open(folder.path(), 25.0).unwrap();
        assert!(source.next_frame().unwrap().is_some());
        let error = source.next_frame().unwrap_err();
        assert!(matches!(error, SourceError::Interrupted { frames: 1, .. }));
    }
}
