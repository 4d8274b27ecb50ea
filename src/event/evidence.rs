//! What an episode shows for or against a contraction of one side, and a bout of the chin for or
//! against a spasm of the jaw.

use serde::{Deserialize, Serialize};

use super::balance::{Balance, Moved, before, shared};
use super::cause::{Cause, WeighedMovement};
use super::pull::Pull;
use super::recording::{Channel, Recording};
use crate::anatomy::{Place, Region, Side};

/// A piece of evidence for or against a contraction.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Evidence {
    /// The lid closes further than its fellow.
    LidCloses,
    /// The part of the lid's closure that its fellow does not share, times how far it closes.
    LidAlone,
    /// The same while both lids fall: one came further down than the other in a blink.
    LidAloneInBlink,
    /// The lid's closure against the spread between the lids of this face.
    LidStandsOut,
    /// The brow lifts alone, against the spread of this face.
    BrowLifts,
    /// The cheek lifts further than its fellow.
    CheekLifts,
    /// The corner of the mouth pulls further than its fellow.
    MouthPulls,
    /// It pulls alone while the jaw stays shut.
    MouthAlone,
    /// Lid, cheek, mouth and brow against the spread of this face, in a mouth that is at rest
    /// otherwise.
    StandsOutAtRest,
    /// The chin pulls on one side, against the spread of this face.
    ChinPulls,
    /// A second place of the side moves, over its noise.
    SecondPlace,
    /// How long it lasts.
    Duration,
    /// Places of the other side that begin to move with it.
    OtherSide,
    /// Both lids fall at the time.
    Blink,
    /// The jaw opens or shuts meanwhile.
    JawMoves,
    /// The jaw begins to move with it.
    JawBegins,
    /// Both brows rise.
    BrowsRise,
    /// The brows are lively for seconds around.
    LivelyBrows,
    /// The head moves meanwhile.
    HeadMoves,
    /// The head is turned.
    HeadTurned,
    /// Parts of the face are not seen.
    Unseen,
    /// The chin lifts again and again, near once a second.
    ChinBeats,
    /// Its beats come irregularly.
    ChinBeatsIrregular,
    /// The chin stays lifted.
    ChinHeld,
    /// The chin's lift over its noise.
    ChinClear,
    /// The lips of both sides move along with the chin.
    LipsMove,
    /// The cheeks of both sides do.
    CheeksMove,
    /// The brows of both sides do.
    BrowsMove,
    /// The jaw opens about it, over the lift of the chin.
    JawOpens,
    /// The lips are lively for seconds around.
    LivelyLips,
    /// The jaw is.
    LivelyJaw,
}

impl Evidence {
    /// Number of pieces of evidence.
    pub const COUNT: usize = Self::LivelyJaw as usize + 1;

    /// What a contraction of one side is told by.
    pub const CONTRACTION: [Self; 21] = [
        Self::LidCloses,
        Self::LidAlone,
        Self::LidAloneInBlink,
        Self::LidStandsOut,
        Self::BrowLifts,
        Self::CheekLifts,
        Self::MouthPulls,
        Self::MouthAlone,
        Self::StandsOutAtRest,
        Self::ChinPulls,
        Self::SecondPlace,
        Self::Duration,
        Self::OtherSide,
        Self::Blink,
        Self::JawMoves,
        Self::JawBegins,
        Self::BrowsRise,
        Self::LivelyBrows,
        Self::HeadMoves,
        Self::HeadTurned,
        Self::Unseen,
    ];

    /// What a spasm of the jaw is told by.
    pub const JAW: [Self; 12] = [
        Self::ChinBeats,
        Self::ChinBeatsIrregular,
        Self::ChinHeld,
        Self::ChinClear,
        Self::LipsMove,
        Self::CheeksMove,
        Self::BrowsMove,
        Self::JawOpens,
        Self::LivelyLips,
        Self::LivelyJaw,
        Self::LivelyBrows,
        Self::HeadMoves,
    ];

    /// The name used in files.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::LidCloses => "lid_closes",
            Self::LidAlone => "lid_alone",
            Self::LidAloneInBlink => "lid_alone_in_blink",
            Self::LidStandsOut => "lid_stands_out",
            Self::BrowLifts => "brow_lifts",
            Self::CheekLifts => "cheek_lifts",
            Self::MouthPulls => "mouth_pulls",
            Self::MouthAlone => "mouth_alone",
            Self::StandsOutAtRest => "stands_out_at_rest",
            Self::ChinPulls => "chin_pulls",
            Self::SecondPlace => "second_place",
            Self::Duration => "duration",
            Self::OtherSide => "other_side",
            Self::Blink => "blink",
            Self::JawMoves => "jaw_moves",
            Self::JawBegins => "jaw_begins",
            Self::BrowsRise => "brows_rise",
            Self::LivelyBrows => "lively_brows",
            Self::HeadMoves => "head_moves",
            Self::HeadTurned => "head_turned",
            Self::Unseen => "unseen",
            Self::ChinBeats => "chin_beats",
            Self::ChinBeatsIrregular => "chin_beats_irregular",
            Self::ChinHeld => "chin_held",
            Self::ChinClear => "chin_clear",
            Self::LipsMove => "lips_move",
            Self::CheeksMove => "cheeks_move",
            Self::BrowsMove => "brows_move",
            Self::JawOpens => "jaw_opens",
            Self::LivelyLips => "lively_lips",
            Self::LivelyJaw => "lively_jaw",
        }
    }

    /// Which way more of it can weigh: 1 for, -1 against, 0 either.
    #[must_use]
    pub const fn direction(self) -> i8 {
        match self {
            Self::Duration => 0,
            Self::OtherSide
            | Self::Blink
            | Self::LidAloneInBlink
            | Self::JawMoves
            | Self::JawBegins
            | Self::BrowsRise
            | Self::LivelyBrows
            | Self::HeadMoves
            | Self::HeadTurned
            | Self::Unseen
            | Self::ChinBeatsIrregular
            | Self::LipsMove
            | Self::CheeksMove
            | Self::BrowsMove
            | Self::JawOpens
            | Self::LivelyLips
            | Self::LivelyJaw => -1,
            _ => 1,
        }
    }
}

/// How much of each piece of evidence a movement shows, by the evidence's number.
pub(super) type Amounts = [f64; Evidence::COUNT];

/// One side's part in an episode.
#[derive(Debug, Clone)]
pub(super) struct SideView {
    /// The side looked at.
    pub(super) side: Side,
    /// When its first place begins to move, seconds.
    pub(super) start_s: f64,
    /// When its last place is back, seconds.
    pub(super) end_s: f64,
    /// The evidence.
    pub(super) amounts: Amounts,
    /// How far each region stands out on this side, nats.
    pub(super) stands_out: [f64; Region::ALL.len()],
}

impl SideView {
    /// It as it is weighed.
    pub(super) fn weighed(&self) -> WeighedMovement {
        WeighedMovement {
            cause: Cause::Contraction,
            side: self.side.into(),
            start_s: self.start_s,
            end_s: self.end_s,
            amounts: self.amounts.to_vec(),
        }
    }
}

/// Degrees of freedom of the spread between the sides: movement has long tails (judgment).
const TAILS: f64 = 3.0;

/// Most that one region may say, nats (judgment).
const MOST: f64 = 8.0;

/// Log likelihood that a difference of `z` spreads gains by being a movement (Student's t).
pub(super) fn gain(z: f64) -> f64 {
    (0.5 * (TAILS + 1.0) * (z.max(0.0).powi(2) / TAILS).ln_1p()).min(MOST)
}

/// Shortest and longest stretch after the onset that is looked at, and what is added to the longest
/// rise, seconds (judgment: past the rise the face has time to do something else).
const AFTER_S: [f64; 2] = [0.3, 0.9];
const AFTER_RISE_S: f64 = 0.12;

/// Length of the means that are compared, seconds, and distance from the clearest moment within
/// which each region may be clearest, seconds.
const MEAN_S: f64 = 0.07;
const TOGETHER_S: f64 = 0.08;

/// Part of the face unseen at which what one side does alone counts for a third (judgment: with
/// one of the eleven places hidden it counts for 0.4, with two for 0.15).
const UNSEEN: f64 = 0.1;

/// Part for which a hidden place of the other side counts (judgment: what touches or shades one side
/// moves that side's skin and lids, and little of the other's).
const OTHER_SIDE: f64 = 0.25;

/// Stretch before and after in which a place must be seen to count as hidden now, seconds
/// (judgment: longer than a gesture; what hair or a dressing covers throughout moves nothing).
const COVERED_S: f64 = 10.0;

/// Most that a lid may stand out by, nats over 2: one that surely does says no more by more.
const LID_MOST: f64 = 1.5;

/// How far a corner of the mouth pulls alone in speech and unequal smiles, in the units of
/// `mouth_alone` (measured: nine in ten sides of healthy people's movements stay below 0.7).
const SPEECH: f64 = 1.0;

/// `lid_closes` of a lid that is all but shut while its fellow stays open: more says no more.
const SHUT: f64 = 2.2;

/// Stretch before and after in which the face's other movement counts, seconds.
pub(super) const AROUND_S: f64 = 3.0;

/// Part of a course in which a place is hidden.
fn hidden(course: &[Moved], place: Place) -> f64 {
    let hidden = course.iter().filter(|m| !m.of(place).is_finite()).count();
    hidden as f64 / course.len() as f64
}

/// What is shared by all looks at one recording.
pub(super) struct Viewer<'a> {
    pub(super) recording: &'a Recording,
    pub(super) balance: &'a Balance,
    /// Starts and ends of the closures of both lids, seconds.
    pub(super) closures: &'a [(f64, f64)],
}

impl Viewer<'_> {
    /// What an episode shows of one side; `None` where no place of it pulls.
    pub(super) fn view(&self, episode: &[Pull], side: Side) -> Option<SideView> {
        let pulls =
            |p: &&Pull, side: Side| p.place().side == Some(side) && p.departure.amplitude > 0.0;
        let own: Vec<&Pull> = episode.iter().filter(|p| pulls(p, side)).collect();
        let onset_s = own.iter().map(|p| p.start_s()).reduce(f64::min)?;
        let end_s = own.iter().map(|p| p.end_s()).fold(onset_s, f64::max);
        let rises = own.iter().map(|p| p.start_s() - onset_s + p.departure.onset.rise_s);
        let rise_s = rises.fold(0.0, f64::max) + AFTER_RISE_S;
        let until_s = end_s.min(onset_s + rise_s.clamp(AFTER_S[0], AFTER_S[1])).max(onset_s + 0.15);
        let before = before(self.recording, onset_s)?;
        let course = self.course(before, onset_s, until_s)?;
        let look = Look::new(&course, side, self.balance, self.recording.frame_s());

        let mut amounts = [0.0; Evidence::COUNT];
        let mut set = |evidence: Evidence, amount: f64| amounts[evidence as usize] = amount;
        let unseen = self.unseen(&course, side, onset_s, end_s);
        // Something before the face moves the readings of what it leaves open, too.
        // Of a region whose fellow was hidden for a part of it nobody knows that it moved alone.
        let trust = Region::ALL.map(|region| {
            let fellow = hidden(&course, Place::new(region, side.opposite()));
            (-(unseen + fellow) / UNSEEN).exp()
        });
        let trust = |region: Region| trust[region as usize];
        let beyond = |region: Region, unit: f64| {
            let [own, other] = look.at(region);
            trust(region) * ((own - other.max(0.0)).max(0.0) / unit).ln_1p()
        };
        let alone = |region: Region, least: f64, unit: f64| {
            let [own, other] = look.at(region);
            if own > least { ((own - other) / own.max(unit)).clamp(0.0, 1.0) } else { 0.0 }
        };
        let gain = |region: Region| trust(region) * look.gain(region);
        let jaw = course.iter().map(|m| m.jaw().abs()).fold(0.0, f64::max);
        let jaw_moves = (jaw / 5.0).ln_1p();
        let lively = |region: Region| self.lively(region, onset_s, end_s);
        let blinks = |c: &(f64, f64)| (c.0 - 0.1..c.1 + 0.05).contains(&onset_s);
        let blink = f64::from(u8::from(self.closures.iter().any(blinks)));
        let lid_closes = beyond(Region::Periocular, 10.0);
        set(Evidence::LidCloses, lid_closes);
        // A lid closes alone where its fellow is open then.
        let fellow = before.of(Place::new(Region::Periocular, side.opposite()))
            + look.at(Region::Periocular)[1];
        let open = if fellow.is_finite() { (1.0 - fellow / 100.0).clamp(0.0, 1.0) } else { 1.0 };
        let lid_alone = open * alone(Region::Periocular, 15.0, 20.0) * lid_closes.min(SHUT);
        set(Evidence::LidAlone, lid_alone);
        set(Evidence::LidAloneInBlink, blink * lid_alone);
        // Lids that fall together differ, too: only the part of one counts for it.
        let lid_gain = open * alone(Region::Periocular, 0.0, 5.0) * look.gain(Region::Periocular);
        let lid_trust = trust(Region::Periocular);
        set(Evidence::LidStandsOut, lid_trust * (lid_gain - 2.0).clamp(0.0, LID_MOST));
        set(Evidence::BrowLifts, gain(Region::Forehead));
        set(Evidence::CheekLifts, beyond(Region::Cheek, 4.0));
        let mouth_pulls = beyond(Region::MouthCorner, 4.0);
        set(Evidence::MouthPulls, mouth_pulls);
        let mouth_alone = alone(Region::MouthCorner, 4.0, 5.0) * mouth_pulls.min(4.0);
        let beyond_speech = mouth_alone * (-0.5 * jaw_moves).exp() - SPEECH;
        set(Evidence::MouthAlone, beyond_speech.max(0.0));
        let at_rest = (-lively(Region::MouthCorner) / 1.5).exp();
        let skin = [Region::Cheek, Region::MouthCorner, Region::Forehead];
        let all = lid_trust * lid_gain + skin.map(gain).iter().sum::<f64>();
        set(Evidence::StandsOutAtRest, all * at_rest);
        set(Evidence::ChinPulls, gain(Region::Jaw));
        let mut sizes: Vec<f64> = own.iter().map(|p| p.snr()).collect();
        sizes.sort_by(|a, b| b.total_cmp(a));
        set(Evidence::SecondPlace, sizes.get(1).map_or(0.0, |snr| snr.max(1.0).ln()));
        set(Evidence::Duration, ((end_s - onset_s).max(0.05) / 0.3).ln());
        let others = episode.iter().filter(|p| pulls(p, side.opposite())).count();
        set(Evidence::OtherSide, others as f64);
        set(Evidence::Blink, blink);
        set(Evidence::JawMoves, jaw_moves);
        let begins = episode.iter().any(|p| p.place() == Place::JAW_MIDLINE);
        set(Evidence::JawBegins, f64::from(u8::from(begins)));
        let [brow, other_brow] = look.at(Region::Forehead);
        set(Evidence::BrowsRise, brow.min(other_brow).max(0.0).ln_1p());
        set(Evidence::LivelyBrows, lively(Region::Forehead));
        let head = course.iter().map(Moved::head_deg).fold(0.0, f64::max);
        set(Evidence::HeadMoves, head.ln_1p());
        set(Evidence::HeadTurned, self.turned(onset_s, until_s) / 20.0);
        set(Evidence::Unseen, unseen);
        let stands_out = Region::ALL.map(|region| look.gain(region));
        Some(SideView { side, start_s: onset_s, end_s, amounts, stands_out })
    }

    /// Part of the face that is hidden, of what is seen within seconds before or after, as it
    /// concerns one side.
    fn unseen(&self, course: &[Moved], side: Side, onset_s: f64, end_s: f64) -> f64 {
        let around = self.recording.at(onset_s - COVERED_S)..self.recording.at(end_s + COVERED_S);
        let counts =
            |place: Place| if place.side == Some(side.opposite()) { OTHER_SIDE } else { 1.0 };
        let shown = |place: &Place| {
            around.clone().any(|i| self.recording.value(Channel::Place(*place), i).is_finite())
        };
        let places: Vec<Place> = Place::ALL.into_iter().filter(shown).collect();
        let unseen: f64 = places.iter().map(|place| counts(*place) * hidden(course, *place)).sum();
        unseen / places.len().max(1) as f64
    }

    /// Short means of everything against what was before the onset, frame by frame.
    fn course(&self, before: Moved, onset_s: f64, until_s: f64) -> Option<Vec<Moved>> {
        let frames = self.recording.frames(onset_s, until_s, onset_s);
        let frame_s = self.recording.frame_s();
        let length = ((MEAN_S / frame_s).round() as usize).clamp(1, frames.len().max(1));
        let mean = |channel: Channel, at: usize| {
            let values = (at..at + length).map(|i| self.recording.value(channel, i));
            let seen: Vec<f64> = values.filter(|v| v.is_finite()).collect();
            if seen.is_empty() { f64::NAN } else { seen.iter().sum::<f64>() / seen.len() as f64 }
        };
        let course: Vec<Moved> = (frames.start..(frames.end + 1).saturating_sub(length))
            .map(|at| {
                let places = Place::ALL.map(|place| mean(Channel::Place(place), at));
                let head = [Channel::Yaw, Channel::Pitch, Channel::Roll].map(|c| mean(c, at));
                Moved { places, head } - before
            })
            .collect();
        (course.len() > 1 || (frames.len() > 1 && !course.is_empty())).then_some(course)
    }

    /// How lively both sides of a region are before and after, the movement itself left out.
    pub(super) fn lively(&self, region: Region, onset_s: f64, end_s: f64) -> f64 {
        let places = Side::BOTH.map(|side| Place::new(region, side));
        let around = [[onset_s - AROUND_S, onset_s - 0.15], [end_s + 0.1, end_s + AROUND_S]];
        self.livelier(places, around)
    }

    /// How lively the less lively of two places is in two stretches of time.
    pub(super) fn livelier(&self, places: [Place; 2], stretches: [[f64; 2]; 2]) -> f64 {
        let step = ((0.1 / self.recording.frame_s()).round() as usize).max(1);
        let (mut sum, mut n) = (0.0, 0.0);
        for [from_s, until_s] in stretches {
            for i in self.recording.at(from_s)..self.recording.at(until_s) {
                if i < step {
                    continue;
                }
                let speed = |place: Place| {
                    let channel = Channel::Place(place);
                    let moved =
                        self.recording.value(channel, i) - self.recording.value(channel, i - step);
                    if moved.is_nan() { 0.0 } else { moved.abs() }
                };
                sum += speed(places[0]).min(speed(places[1]));
                n += 1.0;
            }
        }
        if n > 0.0 { (sum / n / 0.5).ln_1p() } else { 0.0 }
    }

    /// Mean turn of the head, degrees, whichever way.
    fn turned(&self, from_s: f64, until_s: f64) -> f64 {
        let frames = self.recording.frames(from_s, until_s, from_s);
        let yaw: Vec<f64> = frames
            .map(|i| self.recording.value(Channel::Yaw, i))
            .filter(|yaw| yaw.is_finite())
            .collect();
        if yaw.is_empty() { 0.0 } else { (yaw.iter().sum::<f64>() / yaw.len() as f64).abs() }
    }
}

/// The clearest moment of a course, seen from one side.
struct Look {
    /// Own and other side's movement, equalised, of each region.
    at: [[f64; 2]; Region::ALL.len()],
    gain: [f64; Region::ALL.len()],
}

impl Look {
    fn new(course: &[Moved], side: Side, balance: &Balance, frame_s: f64) -> Self {
        let (mut jaw, mut head) = (0.0_f64, 0.0_f64);
        let near = ((TOGETHER_S / frame_s).round() as usize).max(1);
        // A lid that comes a moment after its fellow comes with it.
        let fellow = Place::new(Region::Periocular, side.opposite());
        let lowest = |at: usize| {
            let window = at.saturating_sub(near)..(at + near + 1).min(course.len());
            course[window].iter().map(|m| m.of(fellow)).fold(f64::NAN, f64::max)
        };
        let moments: Vec<[([f64; 2], f64); Region::ALL.len()]> = course
            .iter()
            .enumerate()
            .map(|(at, m)| {
                jaw = jaw.max(m.jaw().abs());
                head = head.max(m.head_deg());
                let pair = |region: Region| {
                    let other = match region {
                        Region::Periocular => lowest(at),
                        _ => m.of(Place::new(region, side.opposite())),
                    };
                    balance.of(region).equalised(side, m.of(Place::new(region, side)), other)
                };
                let [own, other] = pair(Region::MouthCorner);
                let mouth =
                    if own.is_finite() && other.is_finite() { shared(own, other) } else { 0.0 };
                Region::ALL.map(|region| {
                    let [own, other] = pair(region);
                    if !(own - other).is_finite() {
                        return ([0.0; 2], 0.0);
                    }
                    let spread = balance.of(region).spread(shared(own, other), jaw, head, mouth);
                    // That the other side lets go is no pull of this one.
                    ([own, other], (own - other.max(0.0)) / spread)
                })
            })
            .collect();
        // The chin's skin is dragged along from everywhere.
        let told = |moment: &[([f64; 2], f64); Region::ALL.len()]| {
            Region::ALL
                .iter()
                .map(|r| gain(moment[*r as usize].1) * if *r == Region::Jaw { 0.3 } else { 1.0 })
                .sum::<f64>()
        };
        let clearest = (0..moments.len())
            .max_by(|a, b| told(&moments[*a]).total_cmp(&told(&moments[*b])).then(b.cmp(a)))
            .unwrap_or(0);
        let window = clearest.saturating_sub(near)..(clearest + near + 1).min(moments.len());
        let best = Region::ALL.map(|region| {
            window
                .clone()
                .map(|i| moments[i][region as usize])
                .max_by(|a, b| a.1.total_cmp(&b.1))
                .unwrap_or(([0.0; 2], 0.0))
        });
        Self { at: best.map(|b| b.0), gain: best.map(|b| gain(b.1)) }
    }

    const fn at(&self, region: Region) -> [f64; 2] {
        self.at[region as usize]
    }

    const fn gain(&self, region: Region) -> f64 {
        self.gain[region as usize]
    }
}
