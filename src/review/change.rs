//! One step of a reader.

use serde::{Deserialize, Serialize};

use super::ItemId;
use crate::anatomy::{Region, Side};
use crate::event::{EventKind, Laterality, midline};
use crate::pattern::Label;

/// A step with its number and time.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Step {
    /// Number, from 1.
    pub number: u32,
    /// When it was made, as RFC 3339 has it.
    pub time: String,
    /// What was done.
    #[serde(flatten)]
    pub change: Change,
}

/// What a reader does. Times are seconds of the recording.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "do", rename_all = "snake_case")]
pub enum Change {
    /// It stands as it is.
    Accept {
        /// Which.
        item: ItemId,
    },
    /// It does not stand.
    Reject {
        /// Which.
        item: ItemId,
    },
    /// It is not judged after all, and is as the program had it.
    Reset {
        /// Which.
        item: ItemId,
    },
    /// It is an event of another kind.
    Kind {
        /// Which.
        item: ItemId,
        /// The kind.
        kind: EventKind,
    },
    /// It is on another side; what took part on one side is then on the other.
    Side {
        /// Which.
        item: ItemId,
        /// The side or sides.
        side: Laterality,
    },
    /// It begins or ends at another time: a region where one is named, otherwise the whole.
    Move {
        /// Which.
        item: ItemId,
        /// The region on its side.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        part: Option<Part>,
        /// First movement; `None` leaves it.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        start_s: Option<f64>,
        /// Return; `None` leaves it.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        end_s: Option<f64>,
    },
    /// An event was missed.
    AddEvent {
        /// Its kind.
        kind: EventKind,
        /// Where.
        part: Part,
        /// First movement.
        start_s: f64,
        /// Return.
        end_s: f64,
    },
    /// A blink was missed.
    AddBlink {
        /// Which lids closed.
        side: Laterality,
        /// First movement of the lid downwards.
        start_s: f64,
        /// Lids back.
        end_s: f64,
    },
    /// A region took part in an event, too.
    AddPart {
        /// The event.
        item: ItemId,
        /// Where.
        part: Part,
        /// First movement.
        start_s: f64,
        /// Return.
        end_s: f64,
    },
    /// A region did not take part in an event.
    DropPart {
        /// The event.
        item: ItemId,
        /// Where.
        part: Part,
    },
    /// Something is worth saying, of one item or of the recording; an empty text takes it back.
    Remark {
        /// Of which.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        item: Option<ItemId>,
        /// What.
        text: String,
    },
    /// The reader's own word for the pattern of the recording.
    Pattern {
        /// The label; `None` takes it back.
        label: Option<Label>,
    },
    /// Everything not judged stands as it is: the review is finished.
    Finish,
    /// The review is not finished after all.
    Resume,
    /// The last step that was not undone is undone.
    Undo,
    /// The last undone step is done again.
    Redo,
}

/// A region on its side.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Part {
    /// The region.
    pub region: Region,
    /// The side; `None` (written `midline`) for the jaw's midline.
    #[serde(with = "midline")]
    pub side: Option<Side>,
}
