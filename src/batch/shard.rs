//! A part of a batch, for one job of a cluster.

use std::cmp::Reverse;
use std::collections::HashMap;
use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use super::Clip;

/// Part `number` of `of`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Shard {
    /// Which part, from 1.
    pub number: u32,
    /// How many parts.
    pub of: u32,
}

impl Shard {
    /// Everything.
    pub const WHOLE: Self = Self { number: 1, of: 1 };

    /// This part of all clips. Parts are about equal in bytes. Clips of equal size stay together,
    /// so that copies of one recording meet in one part and are analyzed once.
    #[must_use]
    pub fn part(self, clips: Vec<Clip>) -> Part {
        let sizes: Vec<u64> = clips.iter().map(Clip::bytes).collect();
        let whole = digest(&clips, &sizes);
        Part { shard: self, clips: self.own(clips, &sizes), whole }
    }

    fn own(self, clips: Vec<Clip>, sizes: &[u64]) -> Vec<Clip> {
        let mut bytes_of_size: HashMap<u64, u64> = HashMap::new();
        for size in sizes {
            *bytes_of_size.entry(*size).or_default() += size;
        }
        let mut heaviest_first: Vec<(u64, u64)> =
            bytes_of_size.into_iter().map(|(size, bytes)| (bytes, size)).collect();
        heaviest_first.sort_by_key(|group| Reverse(*group));
        let mut loads = vec![0_u64; self.of as usize];
        let mut own = Vec::new();
        for (bytes, size) in heaviest_first {
            let lightest = (0..loads.len()).min_by_key(|part| loads[*part]).unwrap_or_default();
            loads[lightest] += bytes;
            if lightest + 1 == self.number as usize {
                own.push(size);
            }
        }
        clips
            .into_iter()
            .zip(sizes)
            .filter(|(_, size)| own.contains(*size))
            .map(|(clip, _)| clip)
            .collect()
    }
}

/// The clips of one part of a batch.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Part {
    /// Which part.
    pub shard: Shard,
    /// Its clips.
    pub clips: Vec<Clip>,
    /// What parts that belong together have in common: a digest of all clips of the batch as they
    /// were named, and of their sizes, by which they are shared out.
    pub whole: String,
}

fn digest(clips: &[Clip], sizes: &[u64]) -> String {
    let mut digest = Sha256::new();
    for (clip, size) in clips.iter().zip(sizes) {
        digest.update(format!("{clip:?} {size}\n"));
    }
    format!("{:x}", digest.finalize())
}

impl fmt::Display for Shard {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.number, self.of)
    }
}

impl FromStr for Shard {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let parts = text.split_once('/').and_then(|(number, of)| {
            Some(Self { number: number.parse().ok()?, of: of.parse().ok()? })
        });
        parts
            .filter(|shard| (1..=shard.of).contains(&shard.number))
            .ok_or_else(|| "a part of the whole, e.g. 2/8".to_owned())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs;
    use std::path::Path;

    fn clips(folder: &Path) -> Vec<Clip> {
        (0..40)
            .map(|i| {
                let path = folder.join(format!("{i}.mp4"));
                fs::write(&path, vec![0; 100 + 10 * (i % 17)]).unwrap();
                Clip::new(i as u64 + 1, path)
            })
            .collect()
    }

    #[test]
    fn every_clip_is_in_one_shard_and_equal_sizes_are_together() {
        let folder = tempfile::tempdir().unwrap();
        let clips = clips(folder.path());
        let parts: Vec<Vec<Clip>> =
            (1..=3).map(|number| Shard { number, of: 3 }.part(clips.clone()).clips).collect();
        let mut numbers: Vec<u64> = parts.iter().flatten().map(|clip| clip.number).collect();
        numbers.sort_unstable();
        assert_eq!(numbers, (1..=40).collect::<Vec<u64>>());
        for part in &parts {
            assert!((10..=17).contains(&part.len()), "{}", part.len());
            for clip in part {
                let twins = clips.iter().filter(|c| c.number % 17 == clip.number % 17);
                assert!(twins.into_iter().all(|twin| part.contains(twin)));
            }
        }
        assert_eq!(Shard::WHOLE.part(clips.clone()).clips, clips);
    }

    #[test]
    fn parts_of_the_same_clips_are_known_to_belong_together() {
        let folder = tempfile::tempdir().unwrap();
        let clips = clips(folder.path());
        let whole = |number, clips: &[Clip]| Shard { number, of: 3 }.part(clips.to_vec()).whole;
        assert_eq!(whole(1, &clips), whole(2, &clips));
        assert_ne!(whole(1, &clips), whole(1, &clips[1..]));
        let subject = Some("S1".to_owned());
        let renamed = Clip { subject, ..clips[0].clone() };
        assert_ne!(whole(1, &clips), whole(1, &[&[renamed], &clips[1..]].concat()));
        let before = whole(1, &clips);
        fs::write(&clips[0].clip, b"grown").unwrap();
        assert_ne!(before, whole(1, &clips));
    }

    #[test]
    fn a_shard_is_read_as_it_is_shown() {
        assert_eq!("2/8".parse(), Ok(Shard { number: 2, of: 8 }));
        assert_eq!(Shard { number: 2, of: 8 }.to_string(), "2/8");
        for wrong in ["0/8", "9/8", "2", "2/", "a/b", "-1/3"] {
            assert!(wrong.parse::<Shard>().is_err(), "{wrong}");
        }
    }
}
