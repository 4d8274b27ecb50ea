//! The movements of lively people: posed and of mood, chewing, laughter, song.
//!
//! Sizes and courses are judgment, from watching recordings of healthy people; rhythms are those
//! of the literature as METHOD gives them (chewing 1 to 2 Hz).

use rand::Rng;
use rand_chacha::ChaCha8Rng;

use super::course::Course;
use super::draw::{Drawn, DrawnContraction, DrawnEvent, moved, push};
use super::envelope::Envelope;
use super::motion::{Channel, Pulse};
use super::scenario::{Act, ActKind, HeadMoveKind, Scenario};
use super::streams::Stream;
use crate::anatomy::{Place, Region, Side};
use crate::event::EventKind;

/// Draws every act of a scenario.
pub(super) fn draw_acts(scenario: &Scenario, drawn: &mut Drawn) {
    let mut rng = Stream::Acts.rng(scenario.seed);
    for act in &scenario.acts {
        Doing { scenario, act, drawn: &mut *drawn, took: Vec::new() }.draw(&mut rng);
    }
}

/// One act on its way into movements.
struct Doing<'a> {
    scenario: &'a Scenario,
    act: &'a Act,
    drawn: &'a mut Drawn,
    took: Vec<DrawnContraction>,
}

impl Doing<'_> {
    fn draw(mut self, rng: &mut ChaCha8Rng) {
        let whole = self.whole(rng);
        let size = self.act.amplitude;
        match self.act.kind {
            ActKind::Close => {
                self.lids(1.0, false, whole);
                if let Some(side) = self.act.side {
                    // The other lid of a wink comes down some of the way in most people.
                    let follows = rng.random_range(0.0..0.5);
                    self.lid(side.opposite(), follows, false, whole);
                    self.pair(Region::Cheek, 14.0, whole);
                }
            }
            ActKind::Squeeze => {
                self.lids(1.0, true, whole);
                self.pair(Region::Cheek, 20.0, whole);
                self.pair(Region::MouthCorner, 12.0, whole);
                self.pair(Region::Forehead, -18.0, whole);
            }
            ActKind::Smile => {
                self.pair(Region::MouthCorner, 65.0, whole);
                self.pair(Region::Cheek, 30.0, whole);
                self.lids(0.14, true, whole);
            }
            ActKind::BrowRaise => {
                self.pair(Region::Forehead, 55.0, whole);
                self.lids(-0.1, false, whole);
            }
            ActKind::Frown => {
                self.pair(Region::Forehead, -26.0, whole);
                self.lids(0.12, true, whole);
            }
            ActKind::Pucker => {
                self.pair(Region::MouthCorner, -38.0, whole);
                self.pair(Region::Jaw, 8.0, whole);
            }
            ActKind::Squint => {
                self.lids(rng.random_range(0.30..0.5), true, whole);
                self.pair(Region::Cheek, 12.0, whole);
                self.pair(Region::Forehead, -14.0, whole);
            }
            ActKind::Chew => self.chew(rng),
            ActKind::Laugh => {
                self.pair(Region::MouthCorner, 70.0, whole);
                self.pair(Region::Cheek, 36.0, whole);
                self.lids(0.35, true, whole);
                self.jaw(45.0, whole);
                let hz = rng.random_range(4.0..5.5);
                self.beats(hz, 0.25, rng, |doing, beat, rng| {
                    doing.jaw(rng.random_range(8.0..24.0), beat);
                    doing.head(HeadMoveKind::Rise, 0.012 * size, beat);
                });
                self.head(HeadMoveKind::Nod, -rng.random_range(2.0..7.0), whole);
            }
            ActKind::Yawn => {
                self.jaw(rng.random_range(170.0..260.0), whole);
                self.lids(rng.random_range(0.5..1.0), true, whole);
                self.pair(Region::MouthCorner, -16.0, whole);
                self.pair(Region::Forehead, 18.0, whole);
                self.head(HeadMoveKind::Nod, -rng.random_range(3.0..9.0), whole);
            }
            ActKind::Sing => {
                let hz = rng.random_range(0.6..1.4);
                self.beats(hz, 0.35, rng, |doing, note, rng| {
                    doing.jaw(rng.random_range(40.0..120.0), note);
                    let round = rng.random_range(-22.0..18.0);
                    doing.pair(Region::MouthCorner, round, note);
                    doing.pair(Region::Forehead, rng.random_range(0.0..22.0), note);
                });
            }
        }
        self.tell();
    }

    /// The course of the whole act: there, held, and back.
    fn whole(&self, rng: &mut ChaCha8Rng) -> Envelope {
        let span = self.act.end_s - self.act.start_s;
        // A yawn takes its time; nobody is quicker with purpose than with a third of the span.
        let slow: f64 = if self.act.kind == ActKind::Yawn { 4.0 } else { 1.0 };
        let rise_s = (slow * rng.random_range(0.12..0.35)).min(0.35 * span);
        let fall_s = (slow * rng.random_range(0.2..0.5)).min(0.4 * span);
        let hold_s = (span - rise_s - fall_s).max(0.0);
        let course = Course::draw(false, 0.0, rng);
        Envelope { course, onset_s: self.act.start_s, rise_s, hold_s, fall_s }
    }

    /// Strokes of a rhythm over the act, each unlike the last.
    fn beats(
        &mut self,
        hz: f64,
        uneven: f64,
        rng: &mut ChaCha8Rng,
        mut one: impl FnMut(&mut Self, Envelope, &mut ChaCha8Rng),
    ) {
        let mut at = self.act.start_s + 0.2;
        loop {
            let span = (1.0 + uneven * rng.random_range(-1.0..1.0)) / hz;
            if at + span > self.act.end_s - 0.05 {
                return;
            }
            let rise_s = span * rng.random_range(0.32..0.45);
            let fall_s = 0.9 * span - rise_s;
            let course = Course::MinimumJerk;
            one(self, Envelope { course, onset_s: at, rise_s, hold_s: 0.0, fall_s }, rng);
            at += span;
        }
    }

    /// Bites on one side, changed now and then: the jaw opens, swings, and the chewing cheek and
    /// corner work harder.
    fn chew(&mut self, rng: &mut ChaCha8Rng) {
        let hz = rng.random_range(1.0..2.0);
        let mut side = if rng.random() { Side::Left } else { Side::Right };
        self.beats(hz, 0.2, rng, |doing, bite, rng| {
            if rng.random_bool(0.12) {
                side = side.opposite();
            }
            doing.jaw(rng.random_range(25.0..75.0), bite);
            // The lips are shut and pulled while the jaw closes.
            let closes = Envelope { onset_s: bite.peak_s(), ..bite };
            for (which, most) in [(side, 14.0), (side.opposite(), 8.0)] {
                let size = rng.random_range(0.3 * most..most);
                doing.skin(Region::MouthCorner, which, size, closes);
                doing.skin(Region::Cheek, which, 0.6 * size, closes);
                doing.skin(Region::Jaw, which, 0.5 * size, closes);
            }
        });
    }

    /// Both sides of a region, or the one that does it; unequal as this person's movements are.
    fn pair(&mut self, region: Region, mfu: f64, envelope: Envelope) {
        for side in Side::BOTH {
            self.skin(region, side, mfu, envelope);
        }
    }

    fn skin(&mut self, region: Region, side: Side, mfu: f64, envelope: Envelope) {
        if self.act.side.is_some_and(|only| only != side) {
            return;
        }
        let able = self.scenario.able(region, side);
        let size = mfu * self.act.amplitude * able;
        self.put(Place::new(region, side), envelope, size, false);
    }

    fn lids(&mut self, closure: f64, squeeze: bool, envelope: Envelope) {
        for side in Side::BOTH {
            if self.act.side.is_none_or(|only| only == side) {
                self.lid(side, closure, squeeze, envelope);
            }
        }
    }

    fn lid(&mut self, side: Side, closure: f64, squeeze: bool, envelope: Envelope) {
        let most = if closure > 0.0 { self.scenario.lid_reach[side] } else { 1.0 };
        let size = (closure * self.act.amplitude).min(1.0) * most;
        self.put(Place::new(Region::Periocular, side), envelope, size, squeeze);
    }

    fn jaw(&mut self, mfu: f64, envelope: Envelope) {
        self.put(Place::JAW_MIDLINE, envelope, mfu * self.act.amplitude, false);
    }

    fn head(&mut self, kind: HeadMoveKind, amount: f64, envelope: Envelope) {
        let channel = Channel::Head(kind);
        self.drawn.pulses.push(Pulse { channel, envelope, amplitude: amount });
    }

    fn put(&mut self, place: Place, envelope: Envelope, amplitude: f64, squeeze: bool) {
        push(&mut self.drawn.pulses, place, envelope, amplitude, squeeze);
        self.took.push(moved(place, &envelope, amplitude));
    }

    /// What the truth says of it. What is done with one side on purpose is a contraction of that
    /// side to the eye of a camera, so it counts neither way.
    fn tell(mut self) {
        self.took.retain(|c| c.amplitude_mfu.abs() >= 2.0);
        // Strokes of one place are one contraction that comes again.
        let mut contractions: Vec<DrawnContraction> = Vec::new();
        for c in self.took {
            match contractions.iter_mut().find(|k| k.place == c.place) {
                Some(known) => {
                    known.end_s = known.end_s.max(c.end_s);
                    if c.amplitude_mfu.abs() > known.amplitude_mfu.abs() {
                        (known.amplitude_mfu, known.peak_s) = (c.amplitude_mfu, c.peak_s);
                    }
                }
                None => contractions.push(c),
            }
        }
        if contractions.is_empty() {
            return;
        }
        let span = self.act.end_s - self.act.start_s;
        let kind = match self.act.side {
            None => EventKind::Expression,
            Some(_) if span < 1.0 => EventKind::Twitch,
            Some(_) => EventKind::Spasm,
        };
        self.drawn.events.push(DrawnEvent {
            kind,
            task: None,
            uncertain: self.act.side.is_some(),
            note: Some(self.act.kind.told()),
            contractions,
        });
    }
}

impl ActKind {
    /// What the truth notes of it.
    const fn told(self) -> &'static str {
        match self {
            Self::Close => "closes on purpose",
            Self::Squeeze => "squeezes on purpose",
            Self::Smile => "smiles",
            Self::BrowRaise => "raises the brow",
            Self::Frown => "frowns",
            Self::Pucker => "purses the lips",
            Self::Squint => "squints",
            Self::Chew => "chews",
            Self::Laugh => "laughs",
            Self::Yawn => "yawns",
            Self::Sing => "sings",
        }
    }
}
