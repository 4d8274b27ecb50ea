//! What an analysis depends on, as one key: the recording's content, not its name or place.

use std::fmt;
use std::path::Path;

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use super::{Clip, Failure};
use crate::event::Protocol;
use crate::pattern::History;
use crate::thresholds::Thresholds;

/// Digits of a key that name its folder: two of a million clips share them once in 10^7 batches.
const FOLDER_DIGITS: usize = 16;

/// Digits of a key: those of a SHA-256.
const DIGITS: usize = 64;

/// How a clip is to be analyzed, its files read.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Setting {
    /// It is a mirror image.
    pub mirrored: bool,
    /// Voluntary tasks in it.
    pub protocol: Option<Protocol>,
    /// What is known of the person beyond it.
    pub history: Option<History>,
}

impl Setting {
    /// Reads what a clip's row names.
    ///
    /// # Errors
    /// A file that cannot be used.
    pub fn of(clip: &Clip) -> Result<Self, Failure> {
        let told =
            |path: &Path, why: String| Failure::of_clip(format!("{}: {why}", path.display()));
        let protocol = clip
            .protocol
            .as_deref()
            .map(|path| Protocol::load(path).map_err(|error| told(path, error.to_string())));
        let history = clip
            .history
            .as_deref()
            .map(|path| History::load(path).map_err(|error| told(path, error.to_string())));
        Ok(Self {
            mirrored: clip.mirrored,
            protocol: protocol.transpose()?,
            history: history.transpose()?,
        })
    }
}

/// The key of an analysis: equal keys give equal results.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Key(String);

impl TryFrom<String> for Key {
    type Error = String;

    /// A key names a folder: it is the digits of a hash and nothing else.
    fn try_from(text: String) -> Result<Self, String> {
        let is_digit = |byte: u8| matches!(byte, b'0'..=b'9' | b'a'..=b'f');
        match text.len() == DIGITS && text.bytes().all(is_digit) {
            true => Ok(Self(text)),
            false => Err(format!("\"{text}\" is no key: {DIGITS} hexadecimal digits")),
        }
    }
}

impl From<Key> for String {
    fn from(key: Key) -> Self {
        key.0
    }
}

impl Key {
    /// The key of content (its SHA-256 in hexadecimal digits) analyzed in a setting by this
    /// version with its default thresholds.
    #[must_use]
    pub fn new(content: &str, setting: &Setting) -> Self {
        let depends_on = serde_json::json!({
            "version": env!("CARGO_PKG_VERSION"),
            "thresholds": Thresholds::default(),
            "setting": setting,
            "content": content,
        });
        Self(format!("{:x}", Sha256::digest(depends_on.to_string())))
    }

    /// Name of the folder that holds the results.
    #[must_use]
    pub fn folder(&self) -> &str {
        &self.0[..FOLDER_DIGITS.min(self.0.len())]
    }
}

impl fmt::Display for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_follows_content_and_setting() {
        let plain = Setting::default();
        let mirrored = Setting { mirrored: true, ..Setting::default() };
        let own = Key::new("one", &plain);
        assert_eq!(own, Key::new("one", &plain));
        assert_ne!(own, Key::new("two", &plain));
        assert_ne!(own, Key::new("one", &mirrored));
        assert_eq!(own.folder().len(), FOLDER_DIGITS);
    }

    #[test]
    fn a_key_that_would_lead_elsewhere_is_none() {
        let own = Key::new("one", &Setting::default());
        let text = serde_json::to_string(&own).unwrap();
        assert_eq!(serde_json::from_str::<Key>(&text).unwrap(), own);
        for other in ["../../../etc", "", "/etc", "ABCDEF", &"g".repeat(64), &"\u{e9}".repeat(32)] {
            let text = serde_json::json!(other).to_string();
            assert!(serde_json::from_str::<Key>(&text).is_err(), "{other}");
        }
    }

    #[test]
    fn a_file_that_a_clip_names_and_that_cannot_be_used_is_that_clips_failure() {
        let history = Some("nowhere.json".into());
        let clip = Clip { history, ..Clip::new(1, "a.mp4".into()) };
        let failure = Setting::of(&clip).unwrap_err();
        assert!(failure.lasting && failure.reason.starts_with("nowhere.json: "), "{failure:?}");
    }
}
