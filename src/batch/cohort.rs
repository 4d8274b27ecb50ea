//! All clips of a batch with what came of them: what tables and page are made of.

use std::collections::{HashMap, HashSet};
use std::path::Path;

use super::{BatchError, Entry, Key, Output, Place, State, Trace};
use crate::report::{Analysis, json};
use crate::review::file;
use crate::thresholds::Thresholds;
use crate::validate::{self, Matching, Score, ValidatedClip, Validation, read_truth};

/// All clips of a batch, in order of their numbers.
#[derive(Debug, Clone)]
pub struct Cohort {
    /// The clips.
    pub clips: Vec<Member>,
    /// How truths and findings are matched.
    pub matching: Matching,
    /// What the truths hold and nothing here reads, a line each.
    pub remarks: Vec<String>,
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
    pub score: Option<Result<ValidatedClip, String>>,
    /// Why the review beside the recording cannot be followed, where that was asked for.
    pub unreviewed: Option<String>,
}

/// Something that went wrong with a clip.
#[derive(Debug, Clone, Copy)]
pub struct Mishap<'a> {
    /// The clip.
    pub entry: &'a Entry,
    /// `analysis`, `truth` or `review`.
    pub stage: &'static str,
    /// Why.
    pub reason: &'a str,
}

impl Cohort {
    /// Reads what came of a batch; truths are matched by overlap.
    ///
    /// # Errors
    /// A shard is missing or unfinished, or a result cannot be read.
    pub fn gather(place: &Place) -> Result<Self, BatchError> {
        Self::gather_by(place, Matching::default())
    }

    /// The same with truths and findings matched in a way of one's own.
    ///
    /// # Errors
    /// As [`Cohort::gather`].
    pub fn gather_by(place: &Place, matching: Matching) -> Result<Self, BatchError> {
        let mut remarks = Vec::new();
        let mut first_with: HashMap<Key, u64> = HashMap::new();
        let member = |entry: Entry| {
            let first = entry.key.clone().map(|key| *first_with.entry(key).or_insert(entry.number));
            let copy_of = first.filter(|first| *first != entry.number);
            Member::read(place, entry, copy_of, matching, &mut remarks)
        };
        let clips = place.clips()?.into_iter().map(member).collect::<Result<_, _>>()?;
        remarks.dedup();
        Ok(Self { clips, matching, remarks })
    }

    /// Takes every clip as the review beside its recording has it (`NAME.review.json` for
    /// `NAME.mp4`); one without stays as the program has it.
    pub fn follow_reviews(&mut self, place: &Place, thresholds: &Thresholds) {
        for member in &mut self.clips {
            let clip = Path::new(&member.entry.clip);
            let stem = clip.file_stem().unwrap_or_default().to_string_lossy();
            let review = clip.with_file_name(format!("{stem}{}", file::ENDING));
            let key = member.entry.key.as_ref().filter(|_| member.analysis.is_some());
            let Some(key) = key.filter(|_| review.is_file()) else { continue };
            let analysis = place.path().join(Place::results(key)).join(Output::Analysis.file());
            match file::reviewed(&analysis, Some(&review), thresholds) {
                Ok(reviewed) => member.analysis = Some(lean(reviewed)),
                Err(error) => member.unreviewed = Some(error.to_string()),
            }
        }
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
            let unreviewed = member.unreviewed.as_deref().map(|reason| ("review", reason));
            let all = failed.into_iter().chain(unrated).chain(unreviewed);
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
        self.validation().map(|validation| validation.pooled)
    }

    /// All clips that were compared with a truth, pooled also by subject; `None` where none was. Of
    /// copies as in [`Cohort::pooled`].
    #[must_use]
    pub fn validation(&self) -> Option<Validation> {
        let mut counted = HashSet::new();
        let scored: Vec<ValidatedClip> = self
            .clips
            .iter()
            .filter(|own| counted.insert((&own.entry.key, &own.entry.truth)))
            .filter_map(|own| own.score.as_ref()?.as_ref().ok().cloned())
            .collect();
        let remarks = self.remarks.clone();
        (!scored.is_empty()).then(|| Validation::new(scored, self.matching, remarks))
    }

    /// Clips that were compared with a truth.
    pub fn scores(&self) -> impl Iterator<Item = (&Member, &Score)> {
        let clips = self.clips.iter();
        clips.filter_map(|own| Some((own, &own.score.as_ref()?.as_ref().ok()?.score)))
    }
}

impl Member {
    fn read(
        place: &Place,
        entry: Entry,
        copy_of: Option<u64>,
        matching: Matching,
        remarks: &mut Vec<String>,
    ) -> Result<Self, BatchError> {
        let bare = |entry| Self {
            entry,
            copy_of,
            analysis: None,
            trace: None,
            kept: Vec::new(),
            score: None,
            unreviewed: None,
        };
        let Some(key) = entry.key.clone().filter(|_| matches!(entry.state, State::Analyzed { .. }))
        else {
            return Ok(bare(entry));
        };
        let folder = place.own_results(&key)?;
        let path = folder.join(Output::Analysis.file());
        let analysis: Analysis = json::read(&path)?;
        let score = |truth| score(truth, &path, &entry, &analysis, matching, remarks);
        let score = entry.truth.as_deref().map(score);
        let (kept, trace) =
            place.record(&key).map(|record| (record.kept, record.trace)).unwrap_or_default();
        Ok(Self { analysis: Some(lean(analysis)), trace, kept, score, ..bare(entry) })
    }

    /// The folder of the results, from the batch's own folder.
    #[must_use]
    pub fn folder(&self) -> Option<String> {
        let key = self.entry.key.as_ref().filter(|_| self.analysis.is_some())?;
        Some(Place::results(key).to_string_lossy().replace('\\', "/"))
    }
}

/// Without what no table holds.
fn lean(mut analysis: Analysis) -> Analysis {
    analysis.thresholds = serde_json::Value::Null;
    analysis.pattern.evidence = Vec::new();
    analysis
}

fn score(
    truth_path: &Path,
    path: &Path,
    entry: &Entry,
    analysis: &Analysis,
    matching: Matching,
    remarks: &mut Vec<String>,
) -> Result<ValidatedClip, String> {
    let truth = read_truth(truth_path).map_err(|error| error.to_string())?;
    remarks.extend(validate::remarks(truth_path, &truth));
    let scored = validate::score(truth_path, &truth, path, analysis, matching);
    let mut scored = scored.map_err(|error| error.to_string())?;
    if let Some(subject) = &entry.subject {
        scored.person.clone_from(subject);
    }
    Ok(scored)
}
