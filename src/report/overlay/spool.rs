//! Landmarks of every frame, kept on disk between the analysis and the overlay.
//!
//! The overlay is drawn in a second pass over the recording, once events are final. What the
//! first pass saw of the face waits here: 1.9 kB a frame in a file without a name, so that an hour
//! of video costs disk and not memory.

use std::fs::File;
use std::io::{self, BufReader, BufWriter, Read, Seek, SeekFrom, Write};
use std::path::Path;

use crate::anatomy::LANDMARKS;
use crate::face::FaceObservation;

/// Landmarks are kept in quarters of a pixel: fine enough to draw, and two bytes hold a picture
/// 16,000 pixels wide.
const STEPS_A_PIXEL: f32 = 4.0;

/// Landmarks in image pixels, `[x, y]`.
pub type FlatLandmarks = [[f32; 2]; LANDMARKS];

/// Bytes of one frame: index, a flag, the landmarks.
const RECORD: usize = 8 + 1 + 4 * LANDMARKS;

/// Takes the landmarks of frame after frame.
#[derive(Debug)]
pub struct Spool {
    file: BufWriter<File>,
}

/// The face of one frame as the spool kept it.
#[derive(Debug, Clone)]
pub struct SpooledFace {
    /// Index of the frame.
    pub index: u64,
    /// The landmarks; `None` in a gap.
    pub landmarks: Option<Box<FlatLandmarks>>,
}

impl Spool {
    /// Starts an empty spool in `folder`. The file has no name: it is gone when the spool is.
    ///
    /// # Errors
    /// The file cannot be made.
    pub fn create_in(folder: &Path) -> io::Result<Self> {
        Ok(Self { file: BufWriter::with_capacity(64 * 1024, tempfile::tempfile_in(folder)?) })
    }

    /// Adds one frame.
    ///
    /// # Errors
    /// The disk is full.
    pub fn push(&mut self, observation: &FaceObservation) -> io::Result<()> {
        let mut record = [0; RECORD];
        record[..8].copy_from_slice(&observation.index.to_le_bytes());
        if let Ok(face) = &observation.face {
            record[8] = 1;
            let xy = face.landmarks.iter().flat_map(|&[x, y, _]| [x, y]);
            for (slot, value) in record[9..].chunks_exact_mut(2).zip(xy) {
                // `as` keeps what does not fit at the largest value.
                slot.copy_from_slice(&((value * STEPS_A_PIXEL).round() as i16).to_le_bytes());
            }
        }
        self.file.write_all(&record)
    }

    /// Ends the writing and reads back from the first frame.
    ///
    /// # Errors
    /// The disk is full.
    pub fn into_reader(self) -> io::Result<SpoolReader> {
        let mut file = self.file.into_inner().map_err(io::IntoInnerError::into_error)?;
        file.seek(SeekFrom::Start(0))?;
        Ok(SpoolReader { file: BufReader::with_capacity(64 * 1024, file) })
    }
}

/// Gives the landmarks back in order.
#[derive(Debug)]
pub struct SpoolReader {
    file: BufReader<File>,
}

impl SpoolReader {
    /// The next frame; `None` after the last.
    ///
    /// # Errors
    /// The file cannot be read.
    pub fn next_face(&mut self) -> io::Result<Option<SpooledFace>> {
        let mut record = [0; RECORD];
        match self.file.read_exact(&mut record) {
            Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => return Ok(None),
            other => other?,
        }
        let (index, rest) = record.split_at(8);
        let index = index.iter().rev().fold(0, |sum, &byte| sum << 8 | u64::from(byte));
        let landmarks = (rest[0] == 1).then(|| {
            let at = |i: usize| f32::from(i16::from_le_bytes([rest[i], rest[i + 1]]));
            Box::new(std::array::from_fn(|i| {
                [at(1 + 4 * i) / STEPS_A_PIXEL, at(3 + 4 * i) / STEPS_A_PIXEL]
            }))
        });
        Ok(Some(SpooledFace { index, landmarks }))
    }

    /// Starts again from the first frame.
    ///
    /// # Errors
    /// The file cannot be read.
    pub fn rewind(&mut self) -> io::Result<()> {
        self.file.seek(SeekFrom::Start(0)).map(drop)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::face::{Face, GapReason, HeadPose};

    #[test]
    fn landmarks_come_back_within_an_eighth_of_a_pixel_and_gaps_stay_gaps() {
        let folder = tempfile::tempdir().unwrap();
        let mut spool = Spool::create_in(folder.path()).unwrap();
        let landmarks: [[f32; 3]; LANDMARKS] =
            std::array::from_fn(|i| [i as f32 * 7.77 - 20.0, 1000.3 - i as f32, 3.0]);
        let face = |face| FaceObservation {
            index: 7,
            time_s: 0.0,
            after_loss: false,
            face,
            other_faces: false,
        };
        spool.push(&face(Err(GapReason::NoFace))).unwrap();
        let seen = Face::new(0, 1.0, landmarks, HeadPose::default());
        spool.push(&face(Ok(Box::new(seen)))).unwrap();
        let mut reader = spool.into_reader().unwrap();
        for _ in 0..2 {
            assert!(reader.next_face().unwrap().unwrap().landmarks.is_none());
            let frame = reader.next_face().unwrap().unwrap();
            assert_eq!(frame.index, 7);
            for (kept, seen) in frame.landmarks.unwrap().iter().zip(landmarks) {
                assert!((kept[0] - seen[0]).abs() <= 0.125 && (kept[1] - seen[1]).abs() <= 0.125);
            }
            assert!(reader.next_face().unwrap().is_none());
            reader.rewind().unwrap();
        }
    }
}
