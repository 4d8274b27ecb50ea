//! The exam protocol: which task the subject was given when.
//!
//! A protocol file names stretches of the recording, so that movement on demand is not taken
//! for spasm, and what accompanies it elsewhere on the face can be measured.

use std::path::Path;

use serde::{Deserialize, Serialize};

use crate::anatomy::Region;
use crate::document;

/// JSON Schema of a protocol file.
pub const PROTOCOL_SCHEMA: &str = include_str!("protocol.schema.json");

/// What the subject was asked to do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Task {
    /// Sit still, look at the camera.
    Rest,
    /// Smile, showing the teeth.
    Smile,
    /// Close the eyes gently and open them.
    GentleClose,
    /// Squeeze the eyes shut.
    ForcedClose,
    /// Raise the brows.
    BrowRaise,
    /// Purse the lips.
    Pucker,
    /// Wrinkle the nose.
    Snarl,
    /// Read aloud.
    ReadAloud,
    /// Open the jaw.
    JawOpen,
    /// Clench the teeth.
    Clench,
}

impl Task {
    /// The name used in files, e.g. `gentle_close`.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Rest => "rest",
            Self::Smile => "smile",
            Self::GentleClose => "gentle_close",
            Self::ForcedClose => "forced_close",
            Self::BrowRaise => "brow_raise",
            Self::Pucker => "pucker",
            Self::Snarl => "snarl",
            Self::ReadAloud => "read_aloud",
            Self::JawOpen => "jaw_open",
            Self::Clench => "clench",
        }
    }

    /// The task asks for movement.
    #[must_use]
    pub const fn moves(self) -> bool {
        !matches!(self, Self::Rest)
    }

    /// Regions that the task itself moves.
    #[must_use]
    pub const fn regions(self) -> &'static [Region] {
        match self {
            Self::Rest => &[],
            Self::Smile | Self::Snarl => &[Region::MouthCorner, Region::Cheek, Region::Jaw],
            Self::GentleClose => &[Region::Periocular],
            Self::ForcedClose => &[Region::Periocular, Region::Cheek, Region::Forehead],
            Self::BrowRaise => &[Region::Forehead, Region::Periocular],
            Self::Pucker | Self::ReadAloud | Self::JawOpen | Self::Clench => {
                &[Region::MouthCorner, Region::Cheek, Region::Jaw]
            }
        }
    }

    /// One-sided movement of this region in the task is a companion, not what was asked for.
    pub(super) fn companion(self, region: Region) -> bool {
        self.moves() && !self.regions().contains(&region)
    }
}

/// One stretch of the recording with its task.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Segment {
    /// First moment, seconds.
    pub start_s: f64,
    /// Last moment, seconds.
    pub end_s: f64,
    /// What the subject was asked to do.
    pub task: Task,
}

/// The tasks of a recording, in order of time.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Protocol {
    /// The segments; they may leave gaps between them but not overlap.
    pub segments: Vec<Segment>,
}

/// Why a protocol cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum ProtocolError {
    /// The file cannot be read.
    #[error("cannot read the protocol file {path}: {source}")]
    Read {
        /// The file.
        path: String,
        /// What the system said.
        source: std::io::Error,
    },
    /// What is wrong with a file.
    #[error("{path}: {source}")]
    File {
        /// The file.
        path: String,
        /// What is wrong.
        source: Box<ProtocolError>,
    },
    /// Not a protocol in JSON.
    #[error("not a protocol: {0}")]
    Parse(#[from] serde_json::Error),
    /// A segment whose times cannot be.
    #[error("segment {number} must end after it starts, at finite times from 0")]
    Times {
        /// Number of the segment, from 1.
        number: usize,
    },
    /// Two segments at once.
    #[error("segment {number} starts before segment {} has ended", number - 1)]
    Overlap {
        /// Number of the later segment, from 1.
        number: usize,
    },
}

impl Protocol {
    /// Reads and checks a protocol file.
    ///
    /// # Errors
    /// When the file cannot be read, is no protocol, or its times cannot be.
    pub fn load(path: &Path) -> Result<Self, ProtocolError> {
        let path_text = || path.display().to_string();
        let text = document::read(path)
            .map_err(|source| ProtocolError::Read { path: path_text(), source })?;
        Self::parse(&text)
            .map_err(|source| ProtocolError::File { path: path_text(), source: Box::new(source) })
    }

    /// Reads and checks a protocol from its JSON text.
    ///
    /// # Errors
    /// When the text is no protocol, or its times cannot be.
    pub fn parse(text: &str) -> Result<Self, ProtocolError> {
        document::require_unique_keys(text)?;
        let protocol: Self = serde_json::from_str(text)?;
        let mut last_end_s = 0.0;
        for (i, segment) in protocol.segments.iter().enumerate() {
            let times_fit = segment.start_s >= 0.0
                && segment.end_s > segment.start_s
                && segment.end_s.is_finite();
            if !times_fit {
                return Err(ProtocolError::Times { number: i + 1 });
            }
            if segment.start_s < last_end_s {
                return Err(ProtocolError::Overlap { number: i + 1 });
            }
            last_end_s = segment.end_s;
        }
        Ok(protocol)
    }

    /// The first segment that starts after the recording of `last_s` seconds has ended: its number
    /// from 0, and its start. Whoever wrote milliseconds finds out by it.
    #[must_use]
    pub fn beyond(&self, last_s: f64) -> Option<(usize, f64)> {
        let starts = self.segments.iter().map(|segment| segment.start_s);
        starts.enumerate().find(|(_, start_s)| *start_s > last_s)
    }

    /// The task at a moment, if one was given.
    #[must_use]
    pub fn task_at(&self, time_s: f64) -> Option<Task> {
        self.segments
            .iter()
            .find(|segment| (segment.start_s..segment.end_s).contains(&time_s))
            .map(|segment| segment.task)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_protocol_says_which_task_was_on_at_a_moment() {
        let text = r#"{"segments": [
            {"start_s": 0, "end_s": 60, "task": "rest"},
            {"start_s": 65, "end_s": 70.5, "task": "forced_close"}]}"#;
        let protocol = Protocol::parse(text).unwrap();
        assert_eq!(protocol.task_at(10.0), Some(Task::Rest));
        assert_eq!(protocol.task_at(62.0), None);
        assert_eq!(protocol.task_at(70.4), Some(Task::ForcedClose));
    }

    #[test]
    fn the_schema_and_the_reader_agree() {
        let schema = serde_json::from_str(PROTOCOL_SCHEMA).unwrap();
        let schema = jsonschema::draft202012::new(&schema).unwrap();
        let agree = |text: &str, good: bool| {
            let value = serde_json::from_str(text).unwrap();
            assert_eq!(schema.is_valid(&value), good, "{text}");
            assert_eq!(Protocol::parse(text).is_ok(), good, "{text}");
        };
        for task in [
            Task::Rest,
            Task::Smile,
            Task::GentleClose,
            Task::ForcedClose,
            Task::BrowRaise,
            Task::Pucker,
            Task::Snarl,
            Task::ReadAloud,
            Task::JawOpen,
            Task::Clench,
        ] {
            let segment = format!(r#"{{"start_s": 0, "end_s": 1, "task": "{}"}}"#, task.name());
            agree(&format!(r#"{{"segments": [{segment}]}}"#), true);
        }
        agree(r#"{"segments": []}"#, true);
        agree("{}", false);
        agree(r#"{"segments": [{"start_s": 0, "end_s": 1, "task": "juggle"}]}"#, false);
        agree(r#"{"segments": [{"start_s": -1, "end_s": 1, "task": "rest"}]}"#, false);
        agree(r#"{"segments": [{"start_s": 0, "end_s": 1, "task": "rest", "by": "X"}]}"#, false);
    }

    #[test]
    fn segments_out_of_order_or_without_length_are_refused() {
        let overlap = r#"{"segments": [{"start_s": 0, "end_s": 9, "task": "rest"},
            {"start_s": 5, "end_s": 12, "task": "smile"}]}"#;
        assert!(matches!(Protocol::parse(overlap), Err(ProtocolError::Overlap { number: 2 })));
        let empty = r#"{"segments": [{"start_s": 3, "end_s": 3, "task": "rest"}]}"#;
        assert!(matches!(Protocol::parse(empty), Err(ProtocolError::Times { number: 1 })));
        let unknown = r#"{"segments": [{"start_s": 0, "end_s": 1, "task": "juggle"}]}"#;
        assert!(matches!(Protocol::parse(unknown), Err(ProtocolError::Parse(_))));
    }
}
