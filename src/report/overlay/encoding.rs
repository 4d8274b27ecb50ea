//! The encoder at work beside the drawing: one picture is encoded while the next is drawn.

use std::ops::Range;
use std::panic::resume_unwind;
use std::path::PathBuf;
use std::sync::mpsc::{Receiver, Sender, channel};
use std::thread::{self, JoinHandle};

use opencv::core::Mat;
use opencv::prelude::*;

use super::encoder::{Encoder, overlay_error};
use crate::report::{Error, PendingPath};

/// Pictures on their way (judgment: one with the encoder and one waiting for it).
const PICTURES: usize = 2;

/// A file that another thread encodes. Dropped before it is finished, nothing of it is left.
pub(super) struct Encoding {
    path: PathBuf,
    /// Pictures that are to be drawn on again.
    free: Receiver<Mat>,
    drawn: Option<Sender<Drawn>>,
    worker: Option<JoinHandle<Result<(), Error>>>,
}

enum Drawn {
    /// A picture and the ticks over which it stands.
    Picture(Mat, Range<u64>),
    /// There are no more.
    End,
}

impl Encoding {
    /// Begins a file, as [`Encoder::create`] does; how that fails is told by what comes next.
    pub(super) fn begin(pending: PendingPath, fps: f64, width: usize, height: usize) -> Self {
        let path = pending.path().to_owned();
        let (freed, free) = channel();
        for _ in 0..PICTURES {
            // The receiver is at hand.
            let _ = freed.send(Mat::default());
        }
        let (drawn, taken) = channel();
        let work = move || encode(Encoder::create(pending, fps, width, height)?, &taken, &freed);
        Self { path, free, drawn: Some(drawn), worker: Some(thread::spawn(work)) }
    }

    /// Adds a picture that stands over these ticks.
    ///
    /// # Errors
    /// [`Error::Overlay`] where the encoder failed with this one or one before.
    pub(super) fn write(&mut self, picture: &Mat, ticks: Range<u64>) -> Result<(), Error> {
        let Ok(mut copy) = self.free.recv() else { return self.end() };
        picture.copy_to(&mut copy).map_err(|why| overlay_error(&self.path, why.message))?;
        self.send(Drawn::Picture(copy, ticks));
        Ok(())
    }

    /// Finishes the file.
    ///
    /// # Errors
    /// [`Error::Overlay`] where the encoder failed.
    pub(super) fn finish(mut self) -> Result<(), Error> {
        self.send(Drawn::End);
        self.end()
    }

    fn send(&self, drawn: Drawn) {
        // A worker that failed says why at the end.
        let _ = self.drawn.as_ref().map(|to| to.send(drawn));
    }

    /// Waits for the worker and says how it ended.
    fn end(&mut self) -> Result<(), Error> {
        self.drawn = None;
        match self.worker.take().map(JoinHandle::join) {
            Some(Ok(ended)) => ended,
            Some(Err(panic)) => resume_unwind(panic),
            None => Ok(()),
        }
    }
}

impl Drop for Encoding {
    fn drop(&mut self) {
        self.drawn = None;
        // What failed before it was dropped was told.
        let _ = self.worker.take().map(JoinHandle::join);
    }
}

fn encode(mut encoder: Encoder, taken: &Receiver<Drawn>, freed: &Sender<Mat>) -> Result<(), Error> {
    for drawn in taken {
        match drawn {
            Drawn::Picture(picture, ticks) => {
                for tick in ticks {
                    encoder.write(&picture, tick)?;
                }
                let _ = freed.send(picture);
            }
            Drawn::End => return encoder.finish(),
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::path::Path;

    use opencv::core::{CV_8UC3, Scalar};

    use super::*;
    use crate::source::{Source, VideoSource};

    const SIZE: [usize; 2] = [64, 48];

    /// Pictures of rising grey, each with the ticks over which it stands.
    fn pictures() -> impl Iterator<Item = (Mat, Range<u64>)> {
        let [width, height] = SIZE.map(|length| length as i32);
        (0..20).map(move |i| {
            let grey = Scalar::all(10.0 * i as f64);
            let picture = Mat::new_rows_cols_with_default(height, width, CV_8UC3, grey).unwrap();
            (picture, 2 * i..2 * i + 2)
        })
    }

    fn pending(path: &Path) -> PendingPath {
        PendingPath::create(path).unwrap()
    }

    /// What a file shows, and when. The encoder's bytes differ now and then, what they show does not.
    fn shown(path: &Path) -> Vec<(f64, Vec<u8>)> {
        let mut source = VideoSource::open(path).unwrap();
        let frames = std::iter::from_fn(move || source.next_frame().unwrap());
        frames.map(|frame| (frame.time_s, frame.bgr().into_owned())).collect()
    }

    #[test]
    fn what_is_encoded_beside_the_drawing_is_what_the_encoder_alone_makes() {
        let folder = tempfile::tempdir().unwrap();
        let [alone, beside] = ["alone.mp4", "beside.mp4"].map(|name| folder.path().join(name));
        let mut encoder = Encoder::create(pending(&alone), 25.0, SIZE[0], SIZE[1]).unwrap();
        let mut encoding = Encoding::begin(pending(&beside), 25.0, SIZE[0], SIZE[1]);
        for (picture, ticks) in pictures() {
            ticks.clone().for_each(|tick| encoder.write(&picture, tick).unwrap());
            encoding.write(&picture, ticks).unwrap();
        }
        encoder.finish().unwrap();
        encoding.finish().unwrap();
        let [alone, beside] = [alone, beside].map(|path| shown(&path));
        assert_eq!(alone.len(), 40);
        assert!(alone == beside);
    }

    #[test]
    fn of_a_file_that_is_given_up_nothing_is_left() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("given-up.mp4");
        let mut encoding = Encoding::begin(pending(&path), 25.0, SIZE[0], SIZE[1]);
        for (picture, ticks) in pictures().take(3) {
            encoding.write(&picture, ticks).unwrap();
        }
        drop(encoding);
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 0);
    }

    #[test]
    fn an_encoder_that_cannot_begin_says_so() {
        let folder = tempfile::tempdir().unwrap();
        let mut encoding = Encoding::begin(pending(&folder.path().join("none.mp4")), 25.0, 0, 0);
        let written = pictures().try_for_each(|(picture, ticks)| encoding.write(&picture, ticks));
        assert!(written.and_then(|()| encoding.finish()).is_err());
    }
}
