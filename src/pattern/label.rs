//! The labels: what a recording can look like.

use std::fmt;

use serde::{Deserialize, Serialize};

/// What the whole recording looks like.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Label {
    /// Hemifacial spasm that begins at the lids and goes downward.
    TypicalHfs,
    /// Hemifacial spasm that begins in the lower face and goes upward.
    AtypicalHfs,
    /// Hemifacial spasm of both sides, asynchronous and unequal.
    BilateralHfs,
    /// Both lids together with lower-face or jaw movement on both sides.
    MeigeLike,
    /// Both lids together, nothing below.
    BlepharospasmLike,
    /// Jaw spasm with quiet lids.
    MasticatoryLike,
    /// Sequelae of facial palsy: locked to voluntary movement. A weak side without that is told as a
    /// finding beside any label, [`super::Weakness`].
    SynkinesisLike,
    /// Blinks, and movement on purpose or of daily life: posed, spoken, chewed, laughed.
    None,
    /// Cannot be told from this recording.
    Indeterminate,
}

impl Label {
    /// All labels, in the order in which they are documented.
    pub const ALL: [Self; 9] = [
        Self::TypicalHfs,
        Self::AtypicalHfs,
        Self::BilateralHfs,
        Self::MeigeLike,
        Self::BlepharospasmLike,
        Self::MasticatoryLike,
        Self::SynkinesisLike,
        Self::None,
        Self::Indeterminate,
    ];

    /// The labels that are weighed against each other: all but [`Label::Indeterminate`].
    pub const WEIGHED: [Self; 8] = [
        Self::TypicalHfs,
        Self::AtypicalHfs,
        Self::BilateralHfs,
        Self::MeigeLike,
        Self::BlepharospasmLike,
        Self::MasticatoryLike,
        Self::SynkinesisLike,
        Self::None,
    ];

    /// Its position in [`Label::WEIGHED`].
    pub(super) fn position(self) -> Option<usize> {
        Self::WEIGHED.iter().position(|weighed| *weighed == self)
    }

    /// The name used in files, e.g. `typical_hfs`.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::TypicalHfs => "typical_hfs",
            Self::AtypicalHfs => "atypical_hfs",
            Self::BilateralHfs => "bilateral_hfs",
            Self::MeigeLike => "meige_like",
            Self::BlepharospasmLike => "blepharospasm_like",
            Self::MasticatoryLike => "masticatory_like",
            Self::SynkinesisLike => "synkinesis_like",
            Self::None => "none",
            Self::Indeterminate => "indeterminate",
        }
    }

    /// The name in plain words, e.g. `typical hemifacial spasm`.
    #[must_use]
    pub const fn words(self) -> &'static str {
        match self {
            Self::TypicalHfs => "typical hemifacial spasm",
            Self::AtypicalHfs => "atypical hemifacial spasm",
            Self::BilateralHfs => "bilateral hemifacial spasm",
            Self::MeigeLike => "Meige-like",
            Self::BlepharospasmLike => "blepharospasm-like",
            Self::MasticatoryLike => "masticatory spasm-like",
            Self::SynkinesisLike => "synkinesis-like",
            Self::None => "no involuntary pattern",
            Self::Indeterminate => "indeterminate",
        }
    }
}

impl Label {
    /// What can look alike on video, for the labels that name a pattern.
    #[must_use]
    pub const fn looks_alike(self) -> Option<&'static str> {
        match self {
            Self::TypicalHfs | Self::AtypicalHfs | Self::BilateralHfs => Some(
                "facial tics, functional spasm, facial myokymia, synkinesis after palsy, habit",
            ),
            Self::MeigeLike | Self::BlepharospasmLike => Some(
                "closing the eyes on purpose, tics, functional spasm, apraxia of opening, glare",
            ),
            Self::MasticatoryLike => Some("chewing, speech, grinding by habit, oromandibular tics"),
            Self::SynkinesisLike => Some("hemifacial spasm, expressions of unequal strength"),
            Self::None | Self::Indeterminate => None,
        }
    }
}

impl fmt::Display for Label {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn label_names_are_the_names_in_files() {
        for label in Label::ALL {
            assert_eq!(serde_json::json!(label), serde_json::json!(label.name()));
        }
    }

    #[test]
    fn every_label_but_indeterminate_is_weighed() {
        assert_eq!([&Label::WEIGHED[..], &[Label::Indeterminate]].concat(), Label::ALL);
    }
}
