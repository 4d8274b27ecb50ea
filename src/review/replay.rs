//! From the program's findings and the steps of a reader to what stands.

use super::change::Part;
use super::{Change, Item, ItemId, REMARK_CHARS, Review, Status, Step, What};
use crate::anatomy::{PerSide, Side};
use crate::event::{Blink, Contraction, Event, EventKind, Judgement, Laterality};
use crate::pattern::Label;

/// What follows from the steps.
#[derive(Debug, Default)]
pub(super) struct Replay {
    pub(super) items: Vec<Item>,
    pub(super) remark: String,
    pub(super) pattern: Option<Label>,
    pub(super) finished: bool,
    pub(super) can_undo: bool,
    pub(super) can_redo: bool,
    added: u32,
    /// Half the interval of a time that a reader states: a frame.
    frame_s: f64,
    duration_s: f64,
}

impl Replay {
    /// Makes all steps; the first that cannot be made says why.
    pub(super) fn of(review: &Review, steps: &[Step]) -> Result<Self, String> {
        let (mut done, mut undone): (Vec<&Change>, Vec<&Change>) = (Vec::new(), Vec::new());
        for step in steps {
            match &step.change {
                Change::Undo => undone.push(done.pop().ok_or("there is nothing to undo")?),
                Change::Redo => done.push(undone.pop().ok_or("there is nothing to do again")?),
                change => {
                    done.push(change);
                    undone.clear();
                }
            }
        }
        let mut replay = Self {
            items: program_items(review),
            frame_s: review.recording.frame_s,
            duration_s: review.recording.duration_s,
            ..Self::default()
        };
        for change in &done {
            replay.make(change, review)?;
        }
        replay
            .items
            .sort_by(|a, b| a.start_s().total_cmp(&b.start_s()).then_with(|| a.id.cmp(&b.id)));
        (replay.can_undo, replay.can_redo) = (!done.is_empty(), !undone.is_empty());
        Ok(replay)
    }

    fn make(&mut self, change: &Change, review: &Review) -> Result<(), String> {
        match change {
            Change::Accept { item } => {
                let item = self.item(*item)?;
                item.status = match item.status {
                    Status::Added => Status::Added,
                    _ if item.moved => Status::Changed,
                    _ => Status::Accepted,
                };
            }
            Change::Reject { item } => self.item(*item)?.status = Status::Rejected,
            Change::Reset { item } => self.reset(*item, review)?,
            Change::Kind { item, kind } => {
                let kind = *kind;
                let item = self.item(*item)?;
                match &mut item.what {
                    What::Event(event) => event.kind = kind,
                    What::Blink(_) => return Err(NO_EVENT.to_owned()),
                }
                item.touch();
            }
            Change::Side { item, side } => {
                let item = self.item(*item)?;
                match &mut item.what {
                    What::Blink(blink) => blink.side = *side,
                    What::Event(event) => {
                        turn(event, *side);
                        let parts: Vec<Part> = event.contractions.iter().map(part_of).collect();
                        // What is on the other side now was not measured there.
                        item.stated = parts;
                    }
                }
                item.touch();
            }
            Change::Move { item, part, start_s, end_s } => {
                for time in [start_s, end_s].into_iter().flatten() {
                    self.inside(*time)?;
                }
                let frame_s = self.frame_s;
                move_to(self.item(*item)?, *part, *start_s, *end_s, frame_s)?;
            }
            Change::AddEvent { kind, part, start_s, end_s } => {
                self.span(*start_s, *end_s)?;
                fits(*part)?;
                let event = new_event(*kind, *part, *start_s, *end_s, self.frame_s);
                self.add(What::Event(event), vec![*part]);
            }
            Change::AddBlink { side, start_s, end_s } => {
                self.span(*start_s, *end_s)?;
                self.add(What::Blink(new_blink(*side, *start_s, *end_s)), Vec::new());
            }
            Change::AddPart { item, part, start_s, end_s } => {
                self.span(*start_s, *end_s)?;
                fits(*part)?;
                let own = new_contraction(*part, *start_s, *end_s, self.frame_s);
                let item = self.item(*item)?;
                let event = item.event()?;
                if event.contractions.iter().any(|c| part_of(c) == *part) {
                    return Err("that region takes part already; move it instead".to_owned());
                }
                event.contractions.push(own);
                widen(event);
                item.stated.push(*part);
                item.touch();
            }
            Change::DropPart { item, part } => {
                let item = self.item(*item)?;
                let event = item.event()?;
                let before = event.contractions.len();
                if before == 1 {
                    return Err("it is the only region; reject the event instead".to_owned());
                }
                event.contractions.retain(|c| part_of(c) != *part);
                if event.contractions.len() == before {
                    return Err("that region takes no part".to_owned());
                }
                widen(event);
                item.touch();
            }
            Change::Remark { item, text } => {
                if text.chars().count() > REMARK_CHARS {
                    return Err(format!("a remark has {REMARK_CHARS} characters at most"));
                }
                match item {
                    Some(item) => self.item(*item)?.remark.clone_from(text),
                    None => self.remark.clone_from(text),
                }
            }
            Change::Pattern { label } => self.pattern = *label,
            Change::Finish => {
                for item in &mut self.items {
                    if item.status == Status::Unjudged {
                        item.status = Status::Accepted;
                    }
                }
                self.finished = true;
            }
            Change::Resume => self.finished = false,
            // They were followed before.
            Change::Undo | Change::Redo => {}
        }
        Ok(())
    }

    fn item(&mut self, id: ItemId) -> Result<&mut Item, String> {
        let missing = || format!("there is no {id} in this review");
        self.items.iter_mut().find(|item| item.id == id).ok_or_else(missing)
    }

    fn reset(&mut self, id: ItemId, review: &Review) -> Result<(), String> {
        let remark = self.item(id)?.remark.clone();
        let own = program_items(review).into_iter().find(|item| item.id == id);
        let own = own.ok_or("it was added; reject it, or undo")?;
        *self.item(id)? = Item { remark, ..own };
        Ok(())
    }

    fn add(&mut self, what: What, stated: Vec<Part>) {
        self.added += 1;
        let id = ItemId::Added(self.added);
        let remark = String::new();
        self.items.push(Item { id, status: Status::Added, what, stated, moved: true, remark });
    }

    fn inside(&self, time_s: f64) -> Result<(), String> {
        let (low, high) = (-self.frame_s, self.duration_s + self.frame_s);
        if time_s.is_finite() && (low..=high).contains(&time_s) {
            return Ok(());
        }
        Err(format!("{time_s:.3} s lies outside the recording (0 to {:.3} s)", self.duration_s))
    }

    fn span(&self, start_s: f64, end_s: f64) -> Result<(), String> {
        self.inside(start_s)?;
        self.inside(end_s)?;
        in_order(start_s, end_s)
    }
}

const NO_EVENT: &str = "it is a blink, and only events have a kind and regions";

fn in_order(start_s: f64, end_s: f64) -> Result<(), String> {
    if start_s < end_s {
        return Ok(());
    }
    Err(format!("it must end ({end_s:.3} s) after it begins ({start_s:.3} s)"))
}

/// Only the jaw has a midline.
fn fits(part: Part) -> Result<(), String> {
    if part.side.is_some() || part.region == crate::anatomy::Region::Jaw {
        return Ok(());
    }
    Err(format!("the {} has a left and a right and no midline", part.region))
}

impl Item {
    fn event(&mut self) -> Result<&mut Event, String> {
        match &mut self.what {
            What::Event(event) => Ok(event),
            What::Blink(_) => Err(NO_EVENT.to_owned()),
        }
    }

    /// Something of it was stated: it stands, changed.
    fn touch(&mut self) {
        self.moved = true;
        if self.status != Status::Added {
            self.status = Status::Changed;
        }
    }
}

/// What the program had found; nothing for a blind reader.
fn program_items(review: &Review) -> Vec<Item> {
    if review.blind {
        return Vec::new();
    }
    let item = |id, what| Item {
        id,
        status: Status::Unjudged,
        what,
        stated: Vec::new(),
        moved: false,
        remark: String::new(),
    };
    let blinks = (1..).zip(&review.measured.blinks);
    let blinks = blinks.map(|(number, b)| item(ItemId::Blink(number), What::Blink(b.clone())));
    let events = review.measured.events.iter();
    let events = events.map(|e| item(ItemId::Event(e.id), What::Event(e.clone())));
    blinks.chain(events).collect()
}

pub(super) fn part_of(contraction: &Contraction) -> Part {
    Part { region: contraction.region, side: contraction.side }
}

fn new_contraction(part: Part, start_s: f64, end_s: f64, frame_s: f64) -> Contraction {
    Contraction {
        region: part.region,
        side: part.side,
        onset_s: start_s,
        onset_ci_s: [start_s - frame_s, start_s + frame_s],
        peak_s: 0.5 * (start_s + end_s),
        end_s,
        // Measured where there are signals.
        amplitude_mfu: 0.0,
        snr: 0.0,
        rate_hz: None,
        synkinetic: false,
    }
}

fn new_event(kind: EventKind, part: Part, start_s: f64, end_s: f64, frame_s: f64) -> Event {
    Event {
        // Numbered where it is put among the others.
        id: 0,
        kind,
        side: part.side.map_or(Laterality::Both, Laterality::from),
        start_s,
        peak_s: 0.5 * (start_s + end_s),
        end_s,
        contractions: vec![new_contraction(part, start_s, end_s, frame_s)],
        spread: vec![vec![part.region]],
        other_babinski: false,
        reason: "added by the reviewer".to_owned(),
        lags: Vec::new(),
        task: None,
        judgement: Judgement::default(),
    }
}

fn new_blink(side: Laterality, start_s: f64, end_s: f64) -> Blink {
    Blink {
        start_s,
        peak_s: 0.5 * (start_s + end_s),
        end_s,
        side,
        depth: 0.0,
        complete: false,
        asymmetry: 0.0,
        lag_s: None,
        lids: PerSide::default(),
    }
}

/// Start, end and side follow from the contractions.
fn widen(event: &mut Event) {
    let all = &event.contractions;
    if all.is_empty() {
        return;
    }
    event.start_s = all.iter().map(|c| c.onset_s).fold(f64::INFINITY, f64::min);
    event.end_s = all.iter().map(|c| c.end_s).fold(f64::NEG_INFINITY, f64::max);
    let on = |side| all.iter().any(|c| c.side == Some(side));
    event.side = match (on(Side::Left), on(Side::Right)) {
        (true, false) => Laterality::Left,
        (false, true) => Laterality::Right,
        (true, true) => Laterality::Both,
        (false, false) => event.side,
    };
}

/// Puts an event on another side.
fn turn(event: &mut Event, to: Laterality) {
    let side = match to {
        Laterality::Left => Side::Left,
        Laterality::Right => Side::Right,
        Laterality::Both => {
            event.side = to;
            return;
        }
    };
    let all = &mut event.contractions;
    if all.iter().any(|c| c.side == Some(side)) {
        all.retain(|c| c.side != Some(side.opposite()));
    } else {
        for contraction in all.iter_mut().filter(|c| c.side.is_some()) {
            contraction.side = Some(side);
        }
    }
    widen(event);
    event.side = to;
}

/// Moves the begin or the end of a region, or of the whole.
fn move_to(
    item: &mut Item,
    part: Option<Part>,
    start_s: Option<f64>,
    end_s: Option<f64>,
    frame_s: f64,
) -> Result<(), String> {
    match &mut item.what {
        What::Blink(blink) => {
            let (start, end) = (start_s.unwrap_or(blink.start_s), end_s.unwrap_or(blink.end_s));
            in_order(start, end)?;
            (blink.start_s, blink.end_s) = (start, end);
            blink.peak_s = blink.peak_s.clamp(start, end);
        }
        What::Event(event) => {
            let moved = match part {
                Some(part) => {
                    let own = event.contractions.iter_mut().find(|c| part_of(c) == part);
                    let own = own.ok_or("that region takes no part in it")?;
                    set(own, start_s, end_s, frame_s)?;
                    vec![part]
                }
                None => move_whole(event, start_s, end_s, frame_s)?,
            };
            widen(event);
            for part in moved {
                if !item.stated.contains(&part) {
                    item.stated.push(part);
                }
            }
        }
    }
    item.touch();
    Ok(())
}

fn set(
    contraction: &mut Contraction,
    start_s: Option<f64>,
    end_s: Option<f64>,
    frame_s: f64,
) -> Result<(), String> {
    let start = start_s.unwrap_or(contraction.onset_s);
    let end = end_s.unwrap_or(contraction.end_s);
    in_order(start, end)?;
    if start_s.is_some() {
        contraction.onset_ci_s = [start - frame_s, start + frame_s];
    }
    (contraction.onset_s, contraction.end_s) = (start, end);
    contraction.peak_s = contraction.peak_s.clamp(start, end);
    Ok(())
}

/// Moves the bounds of an event: the first region begins where it begins, the last ends where it
/// ends, and no region reaches beyond. Returns the regions that moved.
fn move_whole(
    event: &mut Event,
    start_s: Option<f64>,
    end_s: Option<f64>,
    frame_s: f64,
) -> Result<Vec<Part>, String> {
    let (start, end) = (start_s.unwrap_or(event.start_s), end_s.unwrap_or(event.end_s));
    in_order(start, end)?;
    (event.start_s, event.end_s) = (start, end);
    event.peak_s = event.peak_s.clamp(start, end);
    let mut moved = Vec::new();
    let first = event.contractions.iter().map(|c| c.onset_s).fold(f64::INFINITY, f64::min);
    let last = event.contractions.iter().map(|c| c.end_s).fold(f64::NEG_INFINITY, f64::max);
    for contraction in &mut event.contractions {
        let own = contraction.clone();
        let begins = start_s.filter(|_| own.onset_s < start || own.onset_s <= first);
        let ends = end_s.filter(|_| own.end_s > end || own.end_s >= last);
        if begins.is_none() && ends.is_none() {
            continue;
        }
        set(contraction, begins, ends, frame_s).map_err(|_| {
            format!(
                "the {} {} would end before it begins; move or drop that region first",
                crate::anatomy::Place { region: own.region, side: own.side }.side_name(),
                own.region
            )
        })?;
        moved.push(part_of(&own));
    }
    Ok(moved)
}
