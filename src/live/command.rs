//! What the controlling page sends: commands, and pictures of its camera. `PROTOCOL.md` beside this
//! file documents both.

use serde::Deserialize;

/// What the controlling page may ask for.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(tag = "do", rename_all = "snake_case", deny_unknown_fields)]
pub(super) enum Command {
    /// Begin, or go on after a pause.
    Start,
    /// Pass over frames until [`Command::Start`].
    Pause,
    /// Note this moment.
    Mark {
        /// What to write beside it.
        #[serde(default)]
        note: String,
    },
    /// Begin the guided exam.
    ExamStart,
    /// Go to the exam's next task.
    ExamNext,
    /// End the exam.
    ExamEnd,
    /// End the session and write its outputs.
    Stop,
}

/// First byte of a picture that a browser sends.
pub(super) const CAMERA_PICTURE: u8 = 1;

/// A picture from the controlling page's camera.
#[derive(Debug, PartialEq)]
pub(super) struct CameraPicture<'a> {
    /// The browser's time at capture, seconds from anywhere.
    pub(super) captured_s: f64,
    /// Pictures that were taken and not sent since the session began.
    pub(super) unsent: u32,
    /// The picture.
    pub(super) jpeg: &'a [u8],
}

/// Bytes before the JPEG: kind, capture time (f64), unsent (u32), little end first.
pub(super) const CAMERA_HEADER: usize = 13;

impl<'a> CameraPicture<'a> {
    /// Takes a binary message apart.
    ///
    /// # Errors
    /// What is wrong with it.
    pub(super) fn parse(bytes: &'a [u8]) -> Result<Self, &'static str> {
        let (head, jpeg) =
            bytes.split_first_chunk::<CAMERA_HEADER>().ok_or("shorter than its header")?;
        let [kind, captured @ .., u0, u1, u2, u3] = *head;
        if kind != CAMERA_PICTURE {
            return Err("an unknown kind of binary message");
        }
        if !jpeg.starts_with(&[0xff, 0xd8]) {
            return Err("not a JPEG picture");
        }
        let captured_s = f64::from_le_bytes(captured);
        if !captured_s.is_finite() {
            return Err("no capture time");
        }
        Ok(Self { captured_s, unsent: u32::from_le_bytes([u0, u1, u2, u3]), jpeg })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn commands_are_read_and_others_refused() {
        let read = |text: &str| serde_json::from_str::<Command>(text);
        assert_eq!(read(r#"{"do":"pause"}"#).unwrap(), Command::Pause);
        assert_eq!(read(r#"{"do":"mark"}"#).unwrap(), Command::Mark { note: String::new() });
        assert!(read(r#"{"do":"erase"}"#).is_err());
        assert!(read(r#"{"do":"mark","note":"x","path":"/etc"}"#).is_err());
        assert!(read("[]").is_err());
    }

    #[test]
    fn a_camera_picture_is_taken_apart_and_anything_else_refused() {
        let mut bytes = vec![CAMERA_PICTURE];
        bytes.extend(12.5_f64.to_le_bytes());
        bytes.extend(7_u32.to_le_bytes());
        bytes.extend([0xff, 0xd8, 0xff]);
        let picture = CameraPicture::parse(&bytes).unwrap();
        assert_eq!((picture.captured_s, picture.unsent), (12.5, 7));
        assert_eq!(picture.jpeg.len(), 3);
        assert!(CameraPicture::parse(&bytes[..12]).is_err());
        assert!(CameraPicture::parse(&bytes[..14]).is_err());
        bytes[0] = 9;
        assert!(CameraPicture::parse(&bytes).is_err());
        bytes[0] = CAMERA_PICTURE;
        bytes[1..9].copy_from_slice(&f64::NAN.to_le_bytes());
        assert!(CameraPicture::parse(&bytes).is_err());
    }
}
