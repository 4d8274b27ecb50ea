//! All clips of a batch with what came of them: what tables and page are made of.

use std::collections::{HashMap, HashSet};
use std::path::Path;

use super::{BatchError, Entry, Key, Output, Place, State, Trace};
use crate::report::{Analysis, json};
use crate::validate::{Score, compare, read_truth};

/// All clips of a batch, in order of their numbers.
#[derive(Debug, Clone)]
pub struct Cohort {
    /// The clips.
    pub clips: Vec<Member>,
}

/// One clip of a batch.
#[derive(Debug, Clone)]
pub struct Member {
    /// The clip and what became of it.
    pub entry: Entry,
    /// Number of the earlier clip that is the same recording in the same setting.
    pub copy_of: Option<u64>,
    /// What was measured; without thresholds and evidence, which `analysis.json` holds.
    pub analysis: Option<Analysis>,
    /// The lids in small.
    pub trace: Option<Trace>,
    /// Outputs that were kept.
    pub kept: Vec<Output>,
    /// How it agrees with its truth, or why that cannot be said; `None` where none is named.
    pub score: Option<Result<Score, String>>,
}

/// Something that went wrong with a clip.
#[derive(Debug, Clone, Copy)]
pub struct Mishap<'a> {
    /// The clip.
    pub entry: &'a Entry,
    /// `analysis` or `truth`.
    pub stage: &'static str,
    /// Why.
    pub reason: &'a str,
}

impl Cohort {
    /// Reads what came of a batch.
    ///
    /// # Errors
    /// A shard is missing or unfinished, or a result cannot be read.
    pub fn gather(place: &Place) -> Result<Self, BatchError> {
        let mut first_with: HashMap<Key, u64> = HashMap::new();
        let member = |entry: Entry| {
            let first = entry.key.clone().map(|key| *first_with.entry(key).or_insert(entry.number));
            let copy_of = first.filter(|first| *first != entry.number);
            Member::read(place, entry, copy_of)
        };
        Ok(Self { clips: place.clips()?.into_iter().map(member).collect::<Result<_, _>>()? })
    }

    /// Everything that went wrong.
    pub fn mishaps(&self) -> impl Iterator<Item = Mishap<'_>> {
        self.clips.iter().flat_map(|member| {
            let entry = &member.entry;
            let failed = match &entry.state {
                State::Failed(failure) => Some(("analysis", failure.reason.as_str())),
                _ => None,
            };
            let unrated = match &member.score {
                Some(Err(reason)) => Some(("truth", reason.as_str())),
                _ => None,
            };
            let all = failed.into_iter().chain(unrated);
            all.map(move |(stage, reason)| Mishap { entry, stage, reason })
        })
    }

    /// Clips with an analysis.
    pub fn analyzed(&self) -> impl Iterator<Item = (&Member, &Analysis)> {
        self.clips.iter().filter_map(|member| Some((member, member.analysis.as_ref()?)))
    }

    /// Whether every clip was analyzed to its end and every truth could be compared.
    #[must_use]
    pub fn is_whole(&self) -> bool {
        let partial = State::Analyzed { partial: true };
        self.mishaps().next().is_none() && self.clips.iter().all(|own| own.entry.state != partial)
    }

    /// All scores together; `None` where no truth was compared. A recording that stands in the batch
    /// several times counts once for each truth it was compared with.
    #[must_use]
    pub fn pooled(&self) -> Option<Score> {
        let mut pooled = Score::default();
        let mut counted = HashSet::new();
        for (member, score) in self.scores() {
            if counted.insert((&member.entry.key, &member.entry.truth)) {
                pooled += score;
            }
        }
        (pooled.recordings > 0).then_some(pooled)
    }

    /// Clips that were compared with a truth.
    pub fn scores(&self) -> impl Iterator<Item = (&Member, &Score)> {
        self.clips.iter().filter_map(|member| Some((member, member.score.as_ref()?.as_ref().ok()?)))
    }
}

impl Member {
    fn read(place: &Place, entry: Entry, copy_of: Option<u64>) -> Result<Self, BatchError> {
        let bare = |entry| Self {
            entry,
            copy_of,
            analysis: None,
            trace: None,
            kept: Vec::new(),
            score: None,
        };
        let Some(key) = entry.key.clone().filter(|_| matches!(entry.state, State::Analyzed { .. }))
        else {
            return Ok(bare(entry));
        };
        let path = place.path().join(Place::results(&key)).join(Output::Analysis.file());
        let mut analysis: Analysis = json::read(&path)?;
        let score = entry.truth.as_deref().map(|truth| score(truth, &analysis));
        analysis.thresholds = serde_json::Value::Null;
        analysis.pattern.evidence = Vec::new();
        let (kept, trace) =
            place.record(&key).map(|record| (record.kept, record.trace)).unwrap_or_default();
        Ok(Self { analysis: Some(analysis), trace, kept, score, ..bare(entry) })
    }

    /// The folder of the results, from the batch's own folder.
    #[must_use]
    pub fn folder(&self) -> Option<String> {
        let key = self.entry.key.as_ref().filter(|_| self.analysis.is_some())?;
        Some(Place::results(key).to_string_lossy().replace('\\', "/"))
    }
}

fn score(truth: &Path, analysis: &Analysis) -> Result<Score, String> {
    let truth = read_truth(truth).map_err(|error| error.to_string())?;
    Ok(compare(&truth, analysis))
}
