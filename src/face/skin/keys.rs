//! Pictures of the subject that frames are compared with, and how they are tied together.
//!
//! The first frame of a track is the first key. A frame that none of the keys resembles any more,
//! because the head has turned, the light has changed or the first picture was a bad one, becomes
//! a further key once the skin is quiet. Its tie says how far its own skin was from neutral when
//! it was taken: a spasm that lasts for minutes may become a key, but never the new neutral. Keys
//! are few, and one that is no longer used gives way.

use super::super::Landmarks;
use super::super::pose::HeadFit;
use super::patch::Found;
use super::reference::Reference;
use super::unwrap::Cutout;
use crate::anatomy::{PerPlace, Place};

/// Keys that are kept; each takes half a megabyte (judgment: front, two turns, two nods, and a
/// change of light).
const MOST: usize = 6;

/// Seconds between looks at another key while the active one does (judgment: costs a frame in
/// fifteen twice the time). One that has just become poor is compared with another every frame.
const LOOK_EVERY_S: f64 = 0.5;

/// How much better another key must match to take over, mean correlation.
const CLEARLY: f32 = 0.03;

/// Mean correlation below which the keys are no longer good enough, and that of a single place
/// (measured: frowns and turns by 15 degrees still reach 0.75 of one key).
const POOR: f32 = 0.7;
const LOST: f32 = 0.6;

/// Seconds that a poor match must last for each key that there is to try, and one more.
const POOR_FOR_S: f64 = 0.6;

/// Correlation above which a place looks like a key, and the time after which it is proven.
const ALIKE: f32 = 0.8;
const PROVEN_S: f64 = 1.0;

/// Correlation from which a place is tied to a key that is not proven. One that never looked like
/// the skin there (a hand before the face, a first frame in mid-grimace) is forgotten.
const TIES: f32 = 0.75;

/// Farthest that a change of keys is bridged where either matched badly, pixels; what differs by
/// more is a mended mistake.
const SLACK_MAX: f32 = 0.35;

/// Seconds in which a carried error fades (judgment: slower than any contraction that matters,
/// quicker than the signal's own level).
const SLACK_FADES_S: f64 = 20.0;

/// Motion from the neutral, pixels on the canvas right and down.
pub(super) type Motions = PerPlace<Option<[f32; 2]>>;

/// How far the skin is from neutral in a frame.
#[derive(Debug, Clone, Copy)]
pub(super) struct Shown {
    pub(super) motions: Motions,
    /// Correlation with the key, 0 out of view.
    pub(super) likeness: PerPlace<f32>,
}

/// What one frame shows at each place that is in view.
pub(super) type Reading = PerPlace<Option<Found>>;

/// A picture of the subject.
#[derive(Debug)]
pub(super) struct Key {
    /// The picture on the canvas.
    pub(super) reference: Reference,
    /// Where it came from, to unwrap it anew.
    pub(super) source: Cutout,
    pub(super) landmarks: Box<Landmarks>,
    pub(super) fit: HeadFit,
    /// Where the mesh saw the places, pixels.
    pub(super) seen: PerPlace<[f64; 2]>,
    /// How far its own skin was from neutral, once that is known.
    tie: Motions,
    /// How long each place looked like it, seconds.
    proven_s: PerPlace<f64>,
    used_s: f64,
}

/// The keys of one track.
#[derive(Debug)]
pub(super) struct Keys {
    keys: Vec<Key>,
    active: usize,
    /// What remains to be faded out after a change.
    slack: PerPlace<[f32; 2]>,
    /// The motion last known at each place.
    last: Motions,
    time_s: f64,
    looked_s: f64,
    next_look: usize,
    poor_since_s: Option<f64>,
}

impl Key {
    pub(super) fn new(
        reference: Reference,
        source: Cutout,
        landmarks: &Landmarks,
        fit: HeadFit,
        seen: PerPlace<[f64; 2]>,
    ) -> Self {
        Self {
            reference,
            source,
            landmarks: Box::new(*landmarks),
            fit,
            seen,
            tie: PerPlace::default(),
            proven_s: PerPlace::default(),
            used_s: 0.0,
        }
    }
}

impl Keys {
    /// The first key is neutral until more is known.
    pub(super) fn new(first: Key, time_s: f64) -> Self {
        Self {
            keys: vec![first],
            active: 0,
            slack: PerPlace::default(),
            last: PerPlace::default(),
            time_s,
            looked_s: time_s,
            next_look: 0,
            poor_since_s: None,
        }
    }

    pub(super) fn active(&self) -> &Key {
        &self.keys[self.active]
    }

    /// All keys.
    pub(super) fn iter(&self) -> impl Iterator<Item = &Key> {
        self.keys.iter()
    }

    /// All keys, to be unwrapped anew.
    pub(super) fn iter_mut(&mut self) -> impl Iterator<Item = &mut Key> {
        self.keys.iter_mut()
    }

    /// Where a key's patches were last, beyond the head's motion, as far as known.
    pub(super) fn expected(&self, key: &Key) -> Motions {
        PerPlace::from_fn(|place| {
            let (last, slack) = (self.last[place]?, self.slack[place]);
            let tie = key.tie[place].unwrap_or_default();
            Some([last[0] - tie[0] - slack[0], last[1] - tie[1] - slack[1]])
        })
    }

    /// Another key that is due to be looked at.
    pub(super) fn rival(&mut self, time_s: f64) -> Option<usize> {
        let hurry = self.poor_since_s.is_some_and(|since| time_s - since < POOR_FOR_S);
        if self.keys.len() < 2 || (!hurry && time_s - self.looked_s < LOOK_EVERY_S) {
            return None;
        }
        self.looked_s = time_s;
        self.next_look = (self.next_look + 1) % self.keys.len();
        if self.next_look == self.active {
            self.next_look = (self.next_look + 1) % self.keys.len();
        }
        Some(self.next_look)
    }

    pub(super) fn get(&self, key: usize) -> &Key {
        &self.keys[key]
    }

    /// How well a frame matches a key, mean correlation over the places in view.
    pub(super) fn match_of(reading: &Reading) -> f32 {
        Quality::of(reading).mean
    }

    /// Goes on after a gap with a key that shows the same person: how many places match decides.
    /// `false` where even the best key does not.
    pub(super) fn resume(&mut self, matches: &[f32], time_s: f64) -> bool {
        let best = (0..matches.len()).max_by(|&a, &b| matches[a].total_cmp(&matches[b]));
        let Some(best) = best.filter(|&best| matches[best] >= POOR) else { return false };
        self.active = best;
        (self.time_s, self.looked_s, self.poor_since_s) = (time_s, time_s, None);
        true
    }

    /// Takes in what the active key shows in a frame, and what a rival shows if one was looked
    /// at, and says how far the skin is from neutral.
    pub(super) fn take(
        &mut self,
        reading: &Reading,
        rival: Option<(usize, Reading)>,
        likeness_min: f32,
        time_s: f64,
    ) -> Shown {
        let dt = (time_s - self.time_s).max(0.0);
        self.time_s = time_s;
        let fade = (-dt / SLACK_FADES_S).exp() as f32;
        for slack in &mut self.slack.0 {
            *slack = slack.map(|s| s * fade);
        }
        let mut shown = self.show(self.active, reading, likeness_min);
        let mut quality = Quality::of(reading);
        if let Some((key, other)) = rival
            && Quality::of(&other).mean > quality.mean + CLEARLY
        {
            let theirs = self.show(key, &other, likeness_min);
            self.bridge(&shown, &theirs);
            self.active = key;
            shown = self.show(key, &other, likeness_min);
            quality = Quality::of(&other);
        }
        let active = &mut self.keys[self.active];
        active.used_s += dt;
        for (proven_s, likeness) in active.proven_s.0.iter_mut().zip(shown.likeness.0) {
            if likeness > ALIKE {
                *proven_s += dt;
            }
        }
        let poor = quality.mean < POOR || quality.least < LOST;
        self.poor_since_s = self.poor_since_s.or(Some(time_s)).filter(|_| poor);
        for (last, motion) in self.last.0.iter_mut().zip(&shown.motions.0) {
            *last = motion.or(*last);
        }
        shown
    }

    /// After all keys were unwrapped anew: what the active one shows now of the same frame goes
    /// on from what it showed before.
    pub(super) fn renew(&mut self, before: &Shown, reading: &Reading, likeness_min: f32) {
        let after = self.show(self.active, reading, likeness_min);
        self.bridge(before, &after);
    }

    /// Whether the keys have long been poor, so that a quiet frame should become one.
    pub(super) fn want_another(&self) -> bool {
        let patience = POOR_FOR_S * (self.keys.len() + 1) as f64;
        self.poor_since_s.is_some_and(|since| self.time_s - since > patience)
    }

    /// Adds a key whose own skin was read as `shown`, and makes it the active one.
    pub(super) fn add(&mut self, mut key: Key, shown: &Shown) {
        key.tie = PerPlace::from_fn(|place| {
            let proven = self.active().proven_s[place] > PROVEN_S;
            if !proven && shown.likeness[place] < TIES {
                (self.last[place], self.slack[place]) = (None, [0.0; 2]);
                return Some([0.0; 2]);
            }
            let ([x, y], slack) = (shown.motions[place]?, self.slack[place]);
            Some([x - slack[0], y - slack[1]])
        });
        if self.keys.len() == MOST {
            let others = (0..MOST).filter(|&i| i != self.active);
            let least = others.min_by(|&a, &b| self.keys[a].used_s.total_cmp(&self.keys[b].used_s));
            self.keys.remove(least.unwrap_or(0));
        }
        self.keys.push(key);
        self.active = self.keys.len() - 1;
        self.poor_since_s = None;
    }

    /// How far the skin is from neutral by a key. A place that the key saw while its tie was
    /// unknown is tied to where it was last known.
    fn show(&mut self, key: usize, reading: &Reading, likeness_min: f32) -> Shown {
        let tie = &mut self.keys[key].tie;
        let motions = PerPlace::from_fn(|place| {
            let found = reading[place].filter(|found| found.likeness >= likeness_min)?;
            let ([x, y], slack) = (found.motion, self.slack[place]);
            let tie = tie[place].get_or_insert_with(|| match self.last[place] {
                Some(last) => [last[0] - x - slack[0], last[1] - y - slack[1]],
                None => [0.0; 2],
            });
            Some([x + tie[0] + slack[0], y + tie[1] + slack[1]])
        });
        let likeness =
            PerPlace::from_fn(|place| reading[place].map_or(0.0, |found| found.likeness));
        Shown { motions, likeness }
    }

    /// Bridges the difference between two readings of one frame.
    fn bridge(&mut self, before: &Shown, after: &Shown) {
        for place in Place::ALL {
            let (Some(from), Some(to)) = (before.motions[place], after.motions[place]) else {
                continue;
            };
            let alike = before.likeness[place].min(after.likeness[place]) > ALIKE;
            let most = if alike { f32::INFINITY } else { SLACK_MAX };
            for axis in 0..2 {
                self.slack[place][axis] += (from[axis] - to[axis]).clamp(-most, most);
            }
        }
    }
}

/// Correlation over the places in view.
struct Quality {
    mean: f32,
    least: f32,
}

impl Quality {
    fn of(reading: &Reading) -> Self {
        let (mut sum, mut count, mut least) = (0.0, 0.0, 1.0);
        for found in reading.0.iter().flatten() {
            let likeness = found.likeness.max(0.0);
            sum += likeness;
            count += 1.0;
            least = f32::min(least, likeness);
        }
        Self { mean: if count > 0.0 { sum / count } else { 0.0 }, least }
    }
}
