//! What is known of a finished analysis.

use serde::{Deserialize, Serialize};

use super::{Key, Output, State, Trace};

/// The name of the record format.
const RECORD_SCHEMA: &str = "spasmograph.batch-record/1";

/// What is known of a finished key.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Record {
    schema: String,
    /// The key.
    pub key: Key,
    /// What was kept.
    pub kept: Vec<Output>,
    /// How it ended; never [`State::Pending`].
    pub state: State,
    /// The lids over the recording in small; `None` of a failure.
    pub trace: Option<Trace>,
}

impl Record {
    /// A record of this format.
    #[must_use]
    pub fn new(key: Key, kept: Vec<Output>, state: State, trace: Option<Trace>) -> Self {
        Self { schema: RECORD_SCHEMA.to_owned(), key, kept, state, trace }
    }

    /// Whether it makes another analysis needless.
    pub(super) fn serves(&self, key: &Key, keep: &[Output]) -> bool {
        let same = self.schema == RECORD_SCHEMA && self.key == *key;
        let has_all = keep.iter().all(|output| self.kept.contains(output));
        same && (has_all || matches!(self.state, State::Failed(_)))
    }
}
