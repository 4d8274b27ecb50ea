//! Whether a place is really seen, or hidden by something before it.
//!
//! What a place looked like so far is what it should look like: its texture, and against the
//! other places of the same frame its colour, brightness and contrast. Light that changes
//! changes all places; what passes before the face changes some. An expression changes a place's
//! texture, not its colour, and each place is held against how much it usually changes. The
//! evidence is added up as log odds.
//!
//! A hand has the skin's colour and pushes what it does not hide: the places in reach of a palm do not
//! count, unless the palm is not told surely and they look as they always do.
//!
//! An eye is seen where its picture is like one of the subject's own ([`Lids`]), open, shut or on
//! the way, and where the skin around it is seen. What is like none of them is no eye.

use super::super::{LidPicture, NearHand};
use super::eye_picture::EyePicture;
use super::keys;
use super::lids::Lids;
use super::look::Look;
use super::patch::Found;
use crate::anatomy::{PerPlace, PerSide, Place, Region, Side};
use crate::thresholds::SkinThresholds;

/// Time in which a place is learnt freely at the beginning, and with which it is learnt later,
/// seconds (judgment: a second of one's own face, and slower than any gesture).
const FIRST_S: f64 = 1.0;
const LATER_S: f64 = 15.0;

/// Time from which a place is proven to look as it does, and the time for which it may be hidden
/// until it is learnt anew, seconds (judgment: longer than any gesture; a dressing stays).
const PROVEN_S: f64 = 3.0;
const FORGOTTEN_S: f64 = 60.0;

/// Time constant of the odds, seconds (judgment: two or three frames at 30 a second).
const ODDS_S: f64 = 0.06;

/// Part of a texture, and of a match, that differs from frame to frame by noise alone, 1 less
/// correlation (judgment: what a still face reads; twice and half as much fit alike).
const UNLIKE: f32 = 0.03;
const MISMATCH: f32 = 0.05;

/// Odds from which a place looks as it always does, nats (judgment: what a place at rest reads).
const AS_ALWAYS: f32 = 4.5;

/// Largest odds, nats: what was seen for long is not seen for that.
const SUREST: f32 = 6.0;

/// What is known of every place, and how surely each is seen.
#[derive(Debug, Default)]
pub(super) struct Sight {
    places: PerPlace<Own>,
    eyes: PerSide<OwnEye>,
    time_s: Option<f64>,
}

/// What is known of one place.
#[derive(Debug, Default)]
struct Own {
    look: Option<Look>,
    seen_s: f64,
    hidden_s: f64,
    /// How much it usually changes: mean sizes.
    usual: Change,
    /// It was learnt anew since the last picture of the face was kept, which shows it otherwise.
    anew: bool,
    /// Log odds that it is seen.
    odds: f32,
}

/// What is known of one eye.
#[derive(Debug, Default)]
struct OwnEye {
    lids: Lids,
    /// Log odds that it is seen.
    odds: f32,
    seen_s: f64,
}

/// How a place differs from what is known of it.
#[derive(Debug, Clone, Copy, Default)]
struct Change {
    /// One less the correlation of the textures.
    unlike: f32,
    /// Shares of red and blue.
    colour: [f32; 2],
    /// Logarithms of the ratios.
    brightness: f32,
    contrast: f32,
}

impl Change {
    /// How a look differs from what it should be.
    fn new(own: &Look, look: &Look) -> Self {
        Self {
            unlike: 1.0 - own.likeness(look),
            colour: [0, 1].map(|i| look.colour[i] - own.colour[i]),
            brightness: (look.brightness.max(1.0) / own.brightness.max(1.0)).ln(),
            contrast: (look.contrast.max(1.0) / own.contrast.max(1.0)).ln(),
        }
    }

    /// Sizes of what is left of it without what all places have in common.
    fn without(&self, common: &Self) -> Self {
        Self {
            unlike: self.unlike,
            colour: [0, 1].map(|i| (self.colour[i] - common.colour[i]).abs()),
            brightness: (self.brightness - common.brightness).abs(),
            contrast: (self.contrast - common.contrast).abs(),
        }
    }

    /// How much less like its own the texture is than usual, as the logarithm of a ratio, and of the
    /// rest what is beyond twice the usual sizes.
    fn beyond(&self, usual: &Self) -> Self {
        let beyond = |size: f32, usual: f32| (size - 2.0 * usual).max(0.0);
        Self {
            unlike: ((self.unlike + UNLIKE) / (usual.unlike + UNLIKE)).ln(),
            colour: [0, 1].map(|i| beyond(self.colour[i], usual.colour[i])),
            brightness: beyond(self.brightness, usual.brightness),
            contrast: beyond(self.contrast, usual.contrast),
        }
    }

    fn learn(&mut self, size: &Self, gain: f32) {
        let mix = |own: &mut f32, new: f32| *own += gain * (new - *own);
        mix(&mut self.unlike, size.unlike);
        mix(&mut self.colour[0], size.colour[0]);
        mix(&mut self.colour[1], size.colour[1]);
        mix(&mut self.brightness, size.brightness);
        mix(&mut self.contrast, size.contrast);
    }
}

impl Sight {
    /// The places that were rather hidden than seen in the last frame, or look otherwise than in the
    /// pictures of the face.
    pub(super) fn hidden(&self) -> PerPlace<bool> {
        PerPlace::from_fn(|place| self.places[place].odds < 0.0 || self.places[place].anew)
    }

    /// The face's look now was kept as a picture of it.
    pub(super) fn kept(&mut self) {
        Place::ALL.into_iter().for_each(|place| self.places[place].anew = false);
    }

    /// Takes in what a frame shows and says how surely each place is seen.
    pub(super) fn take(
        &mut self,
        looks: &PerPlace<Option<Look>>,
        reading: &keys::Reading,
        eyes: &PerSide<Option<EyePicture>>,
        hands: &[NearHand],
        time_s: f64,
        thresholds: &SkinThresholds,
    ) -> Seen {
        let dt = self.time_s.map_or(0.0, |last_s| (time_s - last_s).max(0.0));
        self.time_s = Some(time_s);
        let changes = PerPlace::from_fn(|place| {
            Some(Change::new(self.places[place].look.as_ref()?, looks[place].as_ref()?))
        });
        let common = common(&changes);
        let sizes = PerPlace::from_fn(|place| changes[place].map(|change| change.without(&common)));
        let known = PerPlace::from_fn(|place| {
            let own = &self.places[place];
            let size = sizes[place].filter(|_| own.is_known())?;
            Some(own.evidence(&size, reading[place], thresholds))
        });
        let as_always = |at: Place| known[at].is_some_and(|known| known > AS_ALWAYS);
        let under = PerPlace::from_fn(|place| {
            let hides = |hand: &NearHand| hand.reaches[place] && (hand.sure || !as_always(place));
            hands.iter().any(hides)
        });
        for place in Place::ALL {
            let own = &mut self.places[place];
            let size = sizes[place];
            let evidence = match (&looks[place], known[place]) {
                (None, _) => -SUREST,
                _ if under[place] => -SUREST,
                (Some(_), None) => SUREST,
                (Some(_), Some(known)) => known,
            };
            own.odds += if dt > 0.0 { gain(dt, ODDS_S) } else { 1.0 } * (evidence - own.odds);
            // What a hand shows of itself is not the face's.
            if let Some(look) = looks[place].as_ref().filter(|_| !under[place] || own.is_known()) {
                own.learn(look, size.as_ref(), dt);
            }
        }
        let mut visible = PerPlace::from_fn(|place| probability(self.places[place].odds));
        let lids = PerSide::from_fn(|side| self.eyes[side].lids.read(eyes[side].as_ref()?));
        let unlike = lids.map(|lids| lids.map(|lids| 1.0 - lids.likeness));
        // What both eyes do at once, the skin around them in view, is a blink or the light.
        let shared = unlike.left.zip(unlike.right).map_or(0.0, |(left, right)| left.min(right));
        for side in Side::BOTH {
            let place = Place::new(Region::Periocular, side);
            let around = self.places[place].odds;
            let shared = if around > 0.0 { SHARED * shared } else { 0.0 };
            let unlike = unlike[side].map(|unlike| unlike - shared);
            let eye = &mut self.eyes[side];
            let picture = eyes[side].as_ref().filter(|_| !under[place]);
            eye.take(picture, unlike, around, dt, thresholds);
            if let Some(picture) = eyes[side].as_ref().filter(|_| eye.is_sure()) {
                eye.seen_s += dt;
                eye.lids.learn(picture, dt, time_s);
            }
            visible[place] = probability(eye.odds);
        }
        Seen { visible, lids }
    }
}

/// What a frame shows, and how surely.
#[derive(Debug, Clone, Copy)]
pub(super) struct Seen {
    /// Probability that each place is seen, 0 to 1; the periocular places stand for the eyes.
    pub(super) visible: PerPlace<f32>,
    /// What the eyes' own pictures say of their lids.
    pub(super) lids: PerSide<Option<LidPicture>>,
}

impl Own {
    /// Log odds that the place is seen, of one frame alone.
    fn evidence(&self, size: &Change, found: Option<Found>, t: &SkinThresholds) -> f32 {
        let beyond = size.beyond(&self.usual);
        let [at_rest, by_texture, by_match, by_colour, by_light, by_contrast] = t.sight;
        let odds = at_rest
            + by_texture * beyond.unlike
            + by_match * (found.map_or(1.0, |found| 1.0 - found.likeness) + MISMATCH).ln()
            + by_colour * 100.0 * beyond.colour[0].hypot(beyond.colour[1])
            + by_light * beyond.brightness
            + by_contrast * beyond.contrast;
        odds.clamp(-SUREST, SUREST)
    }

    /// Whether it was seen for long enough to know how it looks.
    fn is_known(&self) -> bool {
        self.seen_s >= FIRST_S
    }

    /// Learns from a look, where the place is surely seen. What was hardly ever seen, or hidden for
    /// very long, is learnt anew.
    fn learn(&mut self, look: &Look, size: Option<&Change>, dt: f64) {
        let hidden = self.odds < SURE && self.is_known();
        self.hidden_s = if hidden { self.hidden_s + dt } else { 0.0 };
        let patience_s = if self.seen_s < PROVEN_S { FIRST_S } else { FORGOTTEN_S };
        if self.hidden_s > patience_s {
            *self = Self { anew: true, ..Self::default() };
        }
        let Some(own) = &mut self.look else {
            self.look = Some(look.clone());
            return;
        };
        if hidden {
            return;
        }
        self.seen_s += dt;
        let gain = gain(dt, self.seen_s.min(LATER_S));
        own.learn(look, gain);
        if let Some(size) = size {
            self.usual.learn(size, gain);
        }
    }
}

impl OwnEye {
    /// Takes in how unlike every picture of its own an eye is. `around` are the odds of the skin
    /// below it.
    fn take(
        &mut self,
        picture: Option<&EyePicture>,
        unlike: Option<f32>,
        around: f32,
        dt: f64,
        t: &SkinThresholds,
    ) {
        let [at_rest, by_picture, by_skin] = t.sight_of_eyes;
        let evidence = match (picture, unlike) {
            (None, _) => -SUREST,
            (Some(_), None) => SUREST,
            (Some(_), Some(unlike)) => at_rest + by_picture * unlike + by_skin * around.min(0.0),
        };
        let evidence = evidence.clamp(-SUREST, SUREST);
        self.odds += if dt > 0.0 { gain(dt, ODDS_S) } else { 1.0 } * (evidence - self.odds);
    }

    fn is_sure(&self) -> bool {
        self.odds > SURE || self.seen_s < FIRST_S
    }
}

/// Part of what both eyes share that counts for neither (judgment: two hands seldom come at once).
const SHARED: f32 = 0.7;

/// Log odds from which a place is learnt from.
const SURE: f32 = 1.5;

fn gain(dt: f64, constant_s: f64) -> f32 {
    (1.0 - (-dt / constant_s.max(1e-3)).exp()) as f32
}

/// What all places have in common: light that changed.
fn common(changes: &PerPlace<Option<Change>>) -> Change {
    let middle = |value: fn(&Change) -> f32| {
        let mut all: Vec<f32> = changes.0.iter().flatten().map(value).collect();
        all.sort_by(f32::total_cmp);
        all.get(all.len() / 2).copied().unwrap_or(0.0)
    };
    Change {
        unlike: middle(|c| c.unlike),
        colour: [middle(|c| c.colour[0]), middle(|c| c.colour[1])],
        brightness: middle(|c| c.brightness),
        contrast: middle(|c| c.contrast),
    }
}

fn probability(odds: f32) -> f32 {
    1.0 / (1.0 + (-odds).exp())
}
