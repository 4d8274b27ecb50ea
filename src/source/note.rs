//! What a source noticed of itself that its reader should know.

use std::fmt;

/// Something about a recording that does not stop it from being read.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub enum Note {
    /// Frames without a time stamp: each follows the one before by the usual interval.
    Unstamped {
        /// How many.
        frames: u64,
    },
    /// No stamps at all, and a rate that is not the container's.
    RateAssumed {
        /// Frames a second.
        fps: f64,
    },
    /// Other tracks of video beside the one that was read.
    OtherTracks {
        /// The one that was read.
        read: String,
        /// The others.
        others: Vec<String>,
    },
    /// Parts that could not be decoded.
    Damaged {
        /// How many.
        parts: u64,
        /// Their length together, seconds.
        length_s: f64,
        /// Time of the last good frame before the first of them, seconds.
        first_s: f64,
    },
    /// The recording is shorter than its container says.
    Short {
        /// Length that the container declares, seconds.
        declared_s: f64,
        /// Length that was read, seconds.
        read_s: f64,
    },
    /// The recording ends within a picture.
    CutOff {
        /// Length that was read, seconds.
        read_s: f64,
    },
    /// Pictures of a folder whose numbers are missing.
    NumbersMissing {
        /// How many.
        pictures: u64,
        /// Name of the last picture before the first of them.
        after: String,
    },
    /// Pictures of a folder that could not be read.
    Unreadable {
        /// How many.
        pictures: u64,
        /// Name of the first of them.
        first: String,
        /// What is wrong with it.
        reason: String,
    },
}

impl Note {
    /// A fixed word for programs.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Unstamped { .. } => "stamps_missing",
            Self::RateAssumed { .. } => "rate_assumed",
            Self::OtherTracks { .. } => "other_tracks",
            Self::Damaged { .. } => "damaged",
            Self::Short { .. } => "frames_missing",
            Self::CutOff { .. } => "cut_off",
            Self::NumbersMissing { .. } => "numbers_missing",
            Self::Unreadable { .. } => "pictures_unreadable",
        }
    }
}

/// One sentence for people.
impl fmt::Display for Note {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unstamped { frames } => write!(
                f,
                "{frames} frames carry no time stamp; each was taken to follow the one before by \
                 the usual interval"
            ),
            Self::RateAssumed { fps } => write!(
                f,
                "the file holds no time stamps; {fps:.3} frames a second are assumed, and every \
                 time depends on it"
            ),
            Self::OtherTracks { read, others } => write!(
                f,
                "the file holds several tracks of video; {read} was measured, not {}; --track \
                 chooses",
                others.join(", ")
            ),
            Self::Damaged { parts, length_s, first_s } => write!(
                f,
                "{parts} {} of the recording could not be decoded, {length_s:.1} s together, the \
                 first after {first_s:.2} s; they are gaps",
                if *parts == 1 { "part" } else { "parts" }
            ),
            Self::Short { declared_s, read_s } => write!(
                f,
                "the file declares {declared_s:.2} s, {read_s:.2} s could be read; it may be cut \
                 short"
            ),
            Self::CutOff { read_s } => {
                write!(f, "the file ends within a picture after {read_s:.2} s; it may be cut short")
            }
            Self::NumbersMissing { pictures, after } => write!(
                f,
                "{pictures} numbers are missing among the pictures, the first after {after}; they \
                 are gaps"
            ),
            Self::Unreadable { pictures, first, reason } => write!(
                f,
                "{pictures} pictures could not be read and are gaps, the first {first} ({reason})"
            ),
        }
    }
}
