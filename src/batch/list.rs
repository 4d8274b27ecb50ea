//! The clips of a shard and what became of them.

use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use super::{Clip, Key, Part, Shard, State};
use crate::report::{self, json};

/// One clip of a shard's list.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Entry {
    /// Number in the whole batch, from 1.
    pub number: u64,
    /// The recording's path; what is not Unicode is replaced.
    pub clip: String,
    /// Whose recording it is.
    pub subject: Option<String>,
    /// Which visit of that subject.
    pub visit: Option<String>,
    /// What really happens in it.
    #[serde(with = "native_path")]
    pub truth: Option<PathBuf>,
    /// SHA-256 of the recording; `None` where it cannot be read.
    pub sha256: Option<String>,
    /// Key of its analysis; `None` where there can be none.
    pub key: Option<Key>,
    /// What became of it.
    pub state: State,
}

impl Entry {
    /// The entry of a clip with which nothing has been done.
    #[must_use]
    pub fn new(clip: &Clip) -> Self {
        Self {
            number: clip.number,
            clip: clip.name(),
            subject: clip.subject.clone(),
            visit: clip.visit.clone(),
            truth: clip.truth.clone(),
            sha256: None,
            key: None,
            state: State::Pending,
        }
    }
}

/// The name of the list format.
const LIST_SCHEMA: &str = "spasmograph.batch-list/1";

/// The clips of a shard.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct List {
    schema: String,
    /// Version of the program.
    pub version: String,
    /// Which shard.
    pub shard: Shard,
    /// What shards that belong together have in common; see [`Part::whole`].
    pub whole: String,
    /// The clips in order of their numbers.
    pub clips: Vec<Entry>,
}

impl List {
    /// The list of a part with which nothing has been done.
    #[must_use]
    pub fn new(part: &Part) -> Self {
        let clips = part.clips.iter().map(Entry::new).collect();
        let version = env!("CARGO_PKG_VERSION").to_owned();
        let (schema, whole) = (LIST_SCHEMA.to_owned(), part.whole.clone());
        Self { schema, version, shard: part.shard, whole, clips }
    }

    /// Whether it is a list of this format.
    ///
    /// # Errors
    /// It is another's, named by its file.
    pub(super) fn require_schema(&self, path: &Path) -> Result<(), report::Error> {
        json::require_schema(path, &self.schema, LIST_SCHEMA)
    }

    /// Whether two shards are parts of the same clips, by the same version.
    pub(super) fn belongs_with(&self, other: &Self) -> bool {
        (&self.version, &self.whole) == (&other.version, &other.whole)
    }

    /// Whether something became of every clip.
    #[must_use]
    pub fn is_finished(&self) -> bool {
        self.clips.iter().all(|clip| clip.state != State::Pending)
    }
}

/// Paths as the system has them: what is not Unicode is kept.
mod native_path {
    use std::ffi::{OsStr, OsString};
    use std::path::PathBuf;

    use serde::{Deserialize, Deserializer, Serialize, Serializer};

    #[allow(clippy::ref_option)]
    pub(super) fn serialize<S: Serializer>(
        path: &Option<PathBuf>,
        to: S,
    ) -> Result<S::Ok, S::Error> {
        path.as_ref().map(AsRef::<OsStr>::as_ref).serialize(to)
    }

    pub(super) fn deserialize<'a, D: Deserializer<'a>>(
        from: D,
    ) -> Result<Option<PathBuf>, D::Error> {
        Ok(Option::<OsString>::deserialize(from)?.map(PathBuf::from))
    }
}
