//! A review that was edited in ELAN.
//!
//! What `export --format elan` wrote is edited in ELAN or by a script and read back: annotations of
//! the tiers `blinks`, `events` and of each place (`left cheek` ...) that were removed, moved, renamed
//! or added become steps of the review. Other tiers are not looked at. What was not edited is not
//! judged by this.
//!
//! An annotation of `events` says kind and side, `twitch left`; a number before them and an order
//! after them, as the export writes, may stay. An added event names its regions by annotations that
//! overlap it on the tiers of places, or after its side: `twitch left cheek+mouth_corner`.

use std::path::Path;

use super::change::Part;
use super::replay::part_of;
use super::{Change, Item, ItemId, Review, ReviewError, What, nearest_frame};
use crate::anatomy::{Place, Region, Side};
use crate::event::{EventKind, Laterality};
use crate::report::export::elan_document;
use crate::report::{Analysis, summary};
use crate::signal::Sample;
use crate::thresholds::Thresholds;

/// Times of the format are whole milliseconds: less is no edit, seconds.
const ROUNDING_S: f64 = 1.5e-3;

/// One annotation.
#[derive(Debug, Clone, PartialEq)]
struct Annotation {
    start_s: f64,
    end_s: f64,
    text: String,
}

impl Annotation {
    fn common(&self, other: &Self) -> f64 {
        (self.end_s.min(other.end_s) - self.start_s.max(other.start_s)).max(0.0)
    }

    /// Intersection over union.
    fn overlap(&self, other: &Self) -> f64 {
        let common = self.common(other);
        let union = (self.end_s - self.start_s) + (other.end_s - other.start_s) - common;
        if union > 0.0 { common / union } else { 0.0 }
    }

    /// Where it begins and ends, as far as that differs from another.
    fn moved_from(&self, other: &Self) -> (Option<f64>, Option<f64>) {
        let differs = |own: f64, other: f64| ((own - other).abs() > ROUNDING_S).then_some(own);
        (differs(self.start_s, other.start_s), differs(self.end_s, other.end_s))
    }

    /// The number that the export wrote before everything else.
    fn number(&self) -> Option<u32> {
        self.text.split_whitespace().next()?.parse().ok()
    }
}

/// The tiers that are looked at.
#[derive(Debug, Default)]
struct Document {
    blinks: Vec<Annotation>,
    events: Vec<Annotation>,
    places: Vec<(Place, Annotation)>,
}

/// Takes the edits of an ELAN file into a review, step by step; returns how many there were.
///
/// # Errors
/// [`ReviewError::Elan`] where the file is no such document or an annotation cannot be read;
/// the review is as it was then.
pub fn take(
    review: &mut Review,
    path: &Path,
    analysis: &Analysis,
    samples: &[Sample],
    thresholds: &Thresholds,
    time: &str,
) -> Result<usize, ReviewError> {
    let wrong = |reason: String| ReviewError::Elan { path: path.to_owned(), reason };
    let text = std::fs::read_to_string(path).map_err(crate::report::Error::read(path))?;
    let found = Document::parse(&text).map_err(wrong)?;
    let before = review.apply(analysis, samples, thresholds)?;
    let expected = Document::parse(&elan_document(&before)).map_err(wrong)?;
    let changes = Edits { found: &found, expected: &expected, items: &review.items(), samples }
        .changes()
        .map_err(wrong)?;
    let mut edited = review.clone();
    for change in &changes {
        edited.step(change.clone(), time.to_owned()).map_err(|error| wrong(error.to_string()))?;
    }
    *review = edited;
    Ok(changes.len())
}

impl Document {
    fn parse(text: &str) -> Result<Self, String> {
        let xml = roxmltree::Document::parse(text).map_err(|error| format!("no XML: {error}"))?;
        let root = xml.root_element();
        if !root.has_tag_name("ANNOTATION_DOCUMENT") {
            return Err("no ELAN document: its root is not ANNOTATION_DOCUMENT".to_owned());
        }
        let slots = root.descendants().filter(|node| node.has_tag_name("TIME_SLOT"));
        let slots: std::collections::HashMap<&str, f64> = slots
            .filter_map(|slot| {
                let millis: f64 = slot.attribute("TIME_VALUE")?.parse().ok()?;
                Some((slot.attribute("TIME_SLOT_ID")?, millis / 1e3))
            })
            .collect();
        let mut document = Self::default();
        for tier in root.children().filter(|node| node.has_tag_name("TIER")) {
            let name = tier.attribute("TIER_ID").unwrap_or_default();
            let place = Place::ALL.into_iter().find(|place| summary::place(*place) == name);
            if place.is_none() && !["blinks", "events"].contains(&name) {
                continue;
            }
            for own in tier.descendants().filter(|n| n.has_tag_name("ALIGNABLE_ANNOTATION")) {
                let time = |slot: &str| {
                    let slot = own.attribute(slot).unwrap_or_default();
                    let unaligned = || format!("an annotation on tier \"{name}\" has no time");
                    slots.get(slot).copied().ok_or_else(unaligned)
                };
                let (start_s, end_s) = (time("TIME_SLOT_REF1")?, time("TIME_SLOT_REF2")?);
                if start_s >= end_s {
                    return Err(format!(
                        "tier \"{name}\", {start_s:.3} s: it ends before it begins"
                    ));
                }
                let value = own.children().find(|node| node.has_tag_name("ANNOTATION_VALUE"));
                let text = value.and_then(|value| value.text()).unwrap_or_default();
                let annotation = Annotation { start_s, end_s, text: text.trim().to_owned() };
                match place {
                    Some(place) => document.places.push((place, annotation)),
                    None if name == "blinks" => document.blinks.push(annotation),
                    None => document.events.push(annotation),
                }
            }
        }
        Ok(document)
    }

    /// The places that take part in an event: of a number that only one event has, or by overlap.
    fn parts(&self, number: usize) -> Vec<(Place, &Annotation)> {
        let home = |annotation: &Annotation| {
            let near = self.events.iter().enumerate().filter(|(_, e)| e.common(annotation) > 0.0);
            let same = |event: &Annotation| {
                event.number().is_some() && event.number() == annotation.number()
            };
            let best = near.max_by(|(_, a), (_, b)| {
                let by_number = same(a).cmp(&same(b));
                by_number.then(a.common(annotation).total_cmp(&b.common(annotation)))
            });
            best.map(|(home, _)| home)
        };
        let own = self.places.iter().filter(|(_, annotation)| home(annotation) == Some(number));
        own.map(|(place, annotation)| (*place, annotation)).collect()
    }
}

/// What an annotation of `events` says.
struct Said {
    kind: EventKind,
    side: Laterality,
    regions: Vec<Region>,
}

fn said(annotation: &Annotation) -> Result<Said, String> {
    let at = annotation.start_s;
    let mut words = annotation.text.split_whitespace().peekable();
    if words.peek().is_some_and(|word| word.parse::<u32>().is_ok()) {
        words.next();
    }
    let (kind, side) = (words.next().unwrap_or_default(), words.next().unwrap_or_default());
    let known = |word: &str| serde_json::Value::String(word.to_lowercase());
    let kind = serde_json::from_value(known(kind)).map_err(|_| {
        format!(
            "tier \"events\", {at:.3} s: \"{kind}\" is no kind; write twitch, spasm, closure, \
             expression or uncertain, then left, right or both"
        )
    })?;
    let side = serde_json::from_value(known(side)).map_err(|_| {
        format!("tier \"events\", {at:.3} s: \"{side}\" is no side; write left, right or both")
    })?;
    let named = words.flat_map(|word| word.split(['>', '+', ',']));
    let regions = named
        .filter(|word| !word.is_empty())
        .map(|word| {
            let region = Region::ALL.into_iter().find(|region| region.name() == word);
            region.ok_or_else(|| format!("tier \"events\", {at:.3} s: \"{word}\" is no region"))
        })
        .collect::<Result<_, _>>()?;
    Ok(Said { kind, side, regions })
}

/// Both documents, and what stands in the review.
struct Edits<'a> {
    found: &'a Document,
    expected: &'a Document,
    items: &'a [Item],
    samples: &'a [Sample],
}

impl Edits<'_> {
    fn changes(&self) -> Result<Vec<Change>, String> {
        let mut changes = self.blinks();
        let added = changes.iter().filter(|own| matches!(own, Change::AddBlink { .. })).count();
        changes.extend(self.events(added)?);
        Ok(changes)
    }

    /// Blinks, or events, that stand, in the order in which the export writes them.
    fn standing(&self, blinks: bool) -> Vec<&Item> {
        let own = self.items.iter().filter(|item| item.stands());
        own.filter(|item| matches!(item.what, What::Blink(_)) == blinks).collect()
    }

    fn snapped(&self, time_s: f64) -> f64 {
        nearest_frame(self.samples, time_s)
    }

    fn moved(
        &self,
        id: ItemId,
        part: Option<Part>,
        own: (Option<f64>, Option<f64>),
    ) -> Option<Change> {
        let (start_s, end_s) = (own.0.map(|s| self.snapped(s)), own.1.map(|s| self.snapped(s)));
        let any = start_s.is_some() || end_s.is_some();
        any.then_some(Change::Move { item: id, part, start_s, end_s })
    }

    fn blinks(&self) -> Vec<Change> {
        let standing = self.standing(true);
        let pairs = pairs(&self.expected.blinks, &self.found.blinks);
        let mut changes = Vec::new();
        for (number, item) in standing.iter().enumerate() {
            let Some(expected) = self.expected.blinks.get(number) else { continue };
            match pairs.iter().find(|pair| pair.0 == number) {
                Some((_, found)) => {
                    let own = self.found.blinks[*found].moved_from(expected);
                    changes.extend(self.moved(item.id, None, own));
                }
                None => changes.push(Change::Reject { item: item.id }),
            }
        }
        for (number, added) in self.found.blinks.iter().enumerate() {
            if pairs.iter().all(|pair| pair.1 != number) {
                let says = |word: &str| added.text.split_whitespace().any(|own| own == word);
                let side = match (says("left"), says("right")) {
                    (true, false) => Laterality::Left,
                    (false, true) => Laterality::Right,
                    _ => Laterality::Both,
                };
                let (start_s, end_s) = (self.snapped(added.start_s), self.snapped(added.end_s));
                changes.push(Change::AddBlink { side, start_s, end_s });
            }
        }
        changes
    }

    fn events(&self, added_blinks: usize) -> Result<Vec<Change>, String> {
        let standing = self.standing(false);
        let pairs = pairs(&self.expected.events, &self.found.events);
        let mut changes = Vec::new();
        for (number, item) in standing.iter().enumerate() {
            let Some(expected) = self.expected.events.get(number) else { continue };
            match pairs.iter().find(|pair| pair.0 == number) {
                Some((_, found)) => self.edited(item, number, expected, *found, &mut changes)?,
                None => changes.push(Change::Reject { item: item.id }),
            }
        }
        let mut added = self.items.iter().filter(|i| matches!(i.id, ItemId::Added(_))).count();
        // Blinks are added before them.
        added += added_blinks;
        for number in 0..self.found.events.len() {
            if pairs.iter().all(|pair| pair.1 != number) {
                added += 1;
                self.added(number, ItemId::Added(added as u32), &mut changes)?;
            }
        }
        Ok(changes)
    }

    fn edited(
        &self,
        item: &Item,
        number: usize,
        expected: &Annotation,
        found: usize,
        changes: &mut Vec<Change>,
    ) -> Result<(), String> {
        let annotation = &self.found.events[found];
        let (id, now, was) = (item.id, said(annotation)?, said(expected)?);
        if now.kind != was.kind {
            changes.push(Change::Kind { item: id, kind: now.kind });
        }
        if now.side != was.side {
            changes.push(Change::Side { item: id, side: now.side });
            // The regions' own tiers still say the other side.
            return Ok(());
        }
        let What::Event(event) = &item.what else { return Ok(()) };
        let own: Vec<Part> = event.contractions.iter().map(part_of).collect();
        let part = |place: Place| Part { region: place.region, side: place.side };
        let (before, after) = (self.expected.parts(number), self.found.parts(found));
        let mut parts_moved = false;
        for (place, annotation) in &after {
            let old = before.iter().find(|(old, _)| old == place);
            match old {
                Some((_, old)) if own.contains(&part(*place)) => {
                    let change = self.moved(id, Some(part(*place)), annotation.moved_from(old));
                    parts_moved |= change.is_some();
                    changes.extend(change);
                }
                _ if !own.contains(&part(*place)) => {
                    parts_moved = true;
                    changes.push(Change::AddPart {
                        item: id,
                        part: part(*place),
                        start_s: self.snapped(annotation.start_s),
                        end_s: self.snapped(annotation.end_s),
                    });
                }
                _ => {}
            }
        }
        for (place, _) in &before {
            if after.iter().all(|(other, _)| other != place) && own.contains(&part(*place)) {
                parts_moved = true;
                changes.push(Change::DropPart { item: id, part: part(*place) });
            }
        }
        if !parts_moved {
            changes.extend(self.moved(id, None, annotation.moved_from(expected)));
        }
        Ok(())
    }

    fn added(&self, number: usize, id: ItemId, changes: &mut Vec<Change>) -> Result<(), String> {
        let annotation = &self.found.events[number];
        let said = said(annotation)?;
        let mut parts: Vec<(Part, f64, f64)> = self
            .found
            .parts(number)
            .into_iter()
            .map(|(place, own)| {
                (Part { region: place.region, side: place.side }, own.start_s, own.end_s)
            })
            .collect();
        if parts.is_empty() {
            let sides: &[Side] = match said.side {
                Laterality::Left => &[Side::Left],
                Laterality::Right => &[Side::Right],
                Laterality::Both => &Side::BOTH,
            };
            for region in &said.regions {
                let places = sides.iter().map(|side| Part { region: *region, side: Some(*side) });
                parts.extend(places.map(|part| (part, annotation.start_s, annotation.end_s)));
            }
        }
        let [(part, start_s, end_s), others @ ..] = &parts[..] else {
            return Err(format!(
                "tier \"events\", {:.3} s: the added event names no region; add an annotation at \
                 that time on the tier of a place, or write it behind the side: twitch left cheek",
                annotation.start_s
            ));
        };
        let (start_s, end_s) = (self.snapped(*start_s), self.snapped(*end_s));
        changes.push(Change::AddEvent { kind: said.kind, part: *part, start_s, end_s });
        for (part, start_s, end_s) in others {
            let (start_s, end_s) = (self.snapped(*start_s), self.snapped(*end_s));
            changes.push(Change::AddPart { item: id, part: *part, start_s, end_s });
        }
        Ok(())
    }
}

/// Pairs of the same: of the same number first, then by overlap.
fn pairs(expected: &[Annotation], found: &[Annotation]) -> Vec<(usize, usize)> {
    let mut candidates = Vec::new();
    for (e, old) in expected.iter().enumerate() {
        for (f, new) in found.iter().enumerate() {
            let overlap = old.overlap(new);
            if overlap > 0.0 {
                let same = old.number().is_some() && old.number() == new.number();
                candidates.push((same, overlap, e, f));
            }
        }
    }
    candidates.sort_by(|a, b| b.0.cmp(&a.0).then(b.1.total_cmp(&a.1)));
    let mut pairs: Vec<(usize, usize)> = Vec::new();
    for (_, _, e, f) in candidates {
        if pairs.iter().all(|pair| pair.0 != e && pair.1 != f) {
            pairs.push((e, f));
        }
    }
    pairs
}
