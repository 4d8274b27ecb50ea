//! What a session tells its pages and other programs. `PROTOCOL.md` beside this file documents it.

use serde::{Deserialize, Serialize};

use super::advice::Advice;
use super::exam::{ExamTask, ExamView};
use super::inbox::Counts;
use super::rates::Rates;
use super::standing::{FeedState, Phase};
use crate::anatomy::PerSide;
use crate::event::{Blink, Event, RestLevel};
use crate::face::GapReason;

/// Name of the message format.
pub(super) const SCHEMA: &str = "spasmograph.live/1";

/// One message to pages and programs: a JSON object whose `type` says which.
#[derive(Debug, Clone, Serialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub(super) enum Message<'a> {
    /// The first message on every connection, and the first line of the stream.
    Session(Hello<'a>),
    /// Whether this connection controls the session or watches it.
    Role {
        /// This connection may send commands and pictures.
        control: bool,
    },
    /// One measured frame.
    Frame(FrameMessage),
    /// A blink that will not change any more.
    Blink(&'a Blink),
    /// An event that will not change any more.
    Event(&'a Event),
    /// A moment that the user marked.
    Mark(&'a Mark),
    /// The session or its source changed its state.
    State {
        /// Session time, seconds.
        time_s: f64,
        /// The session.
        phase: Phase,
        /// The source.
        feed: &'a FeedState,
    },
    /// Something that needs the user's attention, as a journal that cannot be written.
    Notice {
        /// Session time, seconds.
        time_s: f64,
        /// In plain words.
        text: &'a str,
    },
    /// A command that was not carried out.
    Refused {
        /// Which.
        command: &'static str,
        /// Why.
        why: &'static str,
    },
    /// Figures of the running session, about twice a second.
    Status(Box<Status>),
    /// The session ended and its outputs are written, or why they are not.
    Saved {
        /// The folder with the outputs; `None` where nothing could be written.
        folder: Option<String>,
        /// The summary, or what failed, in plain words.
        text: String,
    },
}

impl Message<'_> {
    /// Whether other programs get this message too: everything but what repeats many times a
    /// second and what concerns one connection.
    #[must_use]
    pub(super) fn is_record(&self) -> bool {
        !matches!(self, Self::Frame(_) | Self::Status(_) | Self::Role { .. })
    }

    /// The message as one line of JSON.
    #[must_use]
    pub(super) fn json(&self) -> String {
        serde_json::json!(self).to_string()
    }
}

/// What a page needs to know before the first frame.
#[derive(Debug, Clone, Serialize)]
pub(super) struct Hello<'a> {
    /// Always [`SCHEMA`].
    pub(super) schema: &'static str,
    /// Version of the program.
    pub(super) version: &'static str,
    /// The line that every output carries.
    pub(super) disclaimer: &'static str,
    /// Where the pictures come from; `browser` for the page's own camera.
    pub(super) input: &'a str,
    /// The controlling page's camera is the source.
    pub(super) browser_camera: bool,
    /// Region and side of each place, in the order of every list of places.
    pub(super) places: Vec<PlaceName>,
    /// Lines to draw of the mesh, as lists of landmark numbers.
    pub(super) outlines: Vec<Outline>,
    /// For each place, the landmarks around the skin that lights up.
    pub(super) patches: Vec<&'static [usize]>,
    /// The tasks of the guided exam.
    pub(super) exam: &'a [ExamTask],
    /// Largest picture that is taken, bytes.
    pub(super) picture_bytes: usize,
}

/// A place by its words.
#[derive(Debug, Clone, Serialize)]
pub(super) struct PlaceName {
    /// `periocular`, `cheek` ...
    pub(super) region: &'static str,
    /// `left`, `right` or `midline`, the subject's own.
    pub(super) side: &'static str,
}

/// A line of the mesh.
#[derive(Debug, Clone, Serialize)]
pub(super) struct Outline {
    /// `left`, `right` or `midline`, the subject's own.
    pub(super) side: &'static str,
    /// The line returns to its start.
    pub(super) closed: bool,
    /// Landmark numbers.
    pub(super) points: Vec<usize>,
}

/// One measured frame. Numbers are as far as they can be said now; the saved signals may differ
/// in the first seconds, while levels are learnt.
#[derive(Debug, Clone, Serialize)]
pub(super) struct FrameMessage {
    /// Number of arrival.
    pub(super) index: u64,
    /// Session time, seconds.
    pub(super) time_s: f64,
    /// When the frame arrived, milliseconds since 1970.
    pub(super) arrived_ms: f64,
    /// From arrival to this message, milliseconds.
    pub(super) latency_ms: f64,
    /// Why there is no face; absent where there is one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) gap: Option<GapReason>,
    /// Lid opening of each eye: 1 open, 0 closed.
    pub(super) aperture: PerSide<Option<f32>>,
    /// Displacement of each place, mFU.
    pub(super) mfu: Vec<Option<f32>>,
}

/// A moment that the user marked.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(super) struct Mark {
    /// Session time, seconds.
    pub(super) time_s: f64,
    /// What the user wrote; may be empty.
    pub(super) note: String,
}

/// Figures of the running session.
#[derive(Debug, Clone, Serialize)]
pub(super) struct Status {
    /// Session time of the last measured frame, seconds.
    pub(super) time_s: f64,
    /// The session.
    pub(super) phase: Phase,
    /// The source.
    pub(super) feed: FeedState,
    /// Frames that arrived and were lost to slowness.
    #[serde(flatten)]
    pub(super) counts: Counts,
    /// Frames that the page's camera took and could not send.
    pub(super) unsent: u64,
    /// How often the source came back.
    pub(super) reconnects: u32,
    /// Pages and programs connected.
    pub(super) connections: usize,
    /// A page is in control.
    pub(super) controlled: bool,
    /// Lines for other programs that were left out because they were not read.
    pub(super) lines_lost: u64,
    /// Why what is measured does not reach the disk; `None` where it does.
    pub(super) fault: Option<String>,
    /// The guided exam, if one is on.
    pub(super) exam: Option<ExamView>,
    /// What the last frames showed.
    pub(super) measured: Measured,
}

/// What the last frames showed.
#[derive(Debug, Clone, Default, Serialize)]
pub(super) struct Measured {
    /// Frames measured a second, of late.
    pub(super) fps: Option<f64>,
    /// Latency from arrival to message of the last frames, milliseconds: median and 95th
    /// percentile.
    pub(super) latency_ms: Option<[f64; 2]>,
    /// What would make the picture better.
    pub(super) advice: Vec<Advice>,
    /// Rates so far.
    pub(super) rates: Rates,
    /// What each place rests on and how much it moves at rest.
    pub(super) rest: Vec<Option<RestLevel>>,
}
