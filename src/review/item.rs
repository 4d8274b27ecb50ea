//! What a reader judges: a blink or an event, with what became of it.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use crate::event::{Blink, Event};

/// The name of an item: `e3` and `b12` are the program's third event and twelfth blink, `a1` is the
/// first that the reader added.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(into = "String", try_from = "String")]
pub enum ItemId {
    /// An event of the program, by its number.
    Event(u32),
    /// A blink of the program, by its place in the order of time, from 1.
    Blink(u32),
    /// What the reader added, by its number, from 1.
    Added(u32),
}

impl fmt::Display for ItemId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Event(number) => write!(f, "e{number}"),
            Self::Blink(number) => write!(f, "b{number}"),
            Self::Added(number) => write!(f, "a{number}"),
        }
    }
}

impl FromStr for ItemId {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let wrong = || format!("\"{text}\" names nothing in a review; write e3, b12 or a1");
        let mut rest = text.chars();
        let letter = rest.next().ok_or_else(wrong)?;
        let number = rest.as_str().parse().map_err(|_| wrong())?;
        match letter {
            'e' => Ok(Self::Event(number)),
            'b' => Ok(Self::Blink(number)),
            'a' => Ok(Self::Added(number)),
            _ => Err(wrong()),
        }
    }
}

impl From<ItemId> for String {
    fn from(id: ItemId) -> Self {
        id.to_string()
    }
}

impl TryFrom<String> for ItemId {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        text.parse()
    }
}

/// What became of an item.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Status {
    /// The program's, and nobody judged it yet; it stands.
    Unjudged,
    /// It stands as the program has it.
    Accepted,
    /// It stands, changed.
    Changed,
    /// The reader added it.
    Added,
    /// It does not stand.
    Rejected,
}

/// A blink or an event, and what became of it.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Item {
    /// Its name.
    pub id: ItemId,
    /// What became of it.
    pub status: Status,
    /// What it is, as it stands now.
    #[serde(flatten)]
    pub what: What,
    /// Places of an event whose times the reader stated; a blink's are stated as a whole.
    #[serde(skip)]
    pub(super) stated: Vec<super::Part>,
    /// Something of it was stated by the reader: kind, side or times.
    #[serde(skip)]
    pub(super) moved: bool,
    /// What the reader said of it.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub remark: String,
}

/// What an item is.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum What {
    /// A blink.
    Blink(Blink),
    /// An event.
    Event(Event),
}

impl Item {
    /// It counts.
    #[must_use]
    pub fn stands(&self) -> bool {
        self.status != Status::Rejected
    }

    /// First movement, seconds.
    #[must_use]
    pub fn start_s(&self) -> f64 {
        match &self.what {
            What::Blink(blink) => blink.start_s,
            What::Event(event) => event.start_s,
        }
    }

    /// Last return, seconds.
    #[must_use]
    pub fn end_s(&self) -> f64 {
        match &self.what {
            What::Blink(blink) => blink.end_s,
            What::Event(event) => event.end_s,
        }
    }
}
