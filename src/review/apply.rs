//! An analysis made of what stands in a review.

use super::replay::part_of;
use super::{Item, Review, ReviewError, Status, What, measure};
use crate::event::{Blink, Event};
use crate::report::{Analysis, Reviewed, Warning};
use crate::signal::Sample;
use crate::thresholds::Thresholds;

impl Review {
    /// The analysis with the blinks and events that stand in this review; summary, spread, pattern and
    /// ranges on scales follow from them. `samples` are the recording's signals, from which the size of
    /// what the reader stated is read; without them it is not known, and a warning says so.
    ///
    /// # Errors
    /// [`ReviewError::OtherRecording`] where the review is of another recording.
    pub fn apply(
        &self,
        analysis: &Analysis,
        samples: &[Sample],
        thresholds: &Thresholds,
    ) -> Result<Analysis, ReviewError> {
        self.is_of(analysis)?;
        let items = self.items();
        let mut reviewed = analysis.clone();
        let frame_s = analysis.frame_s();
        let noise = &analysis.findings.noise;
        let (mut blinks, mut events): (Vec<Blink>, Vec<Event>) = (Vec::new(), Vec::new());
        for item in items.iter().filter(|item| item.stands()) {
            match &item.what {
                What::Blink(blink) => {
                    let mut blink = blink.clone();
                    if item.moved {
                        measure::blink(&mut blink, samples);
                    }
                    blinks.push(blink);
                }
                What::Event(event) => {
                    let mut event = event.clone();
                    for own in &mut event.contractions {
                        if item.stated.contains(&part_of(own)) {
                            measure::contraction(own, samples, noise);
                        }
                    }
                    if item.moved {
                        event.reorder(frame_s, &thresholds.event);
                    }
                    events.push(event);
                }
            }
        }
        for (number, event) in (1..).zip(&mut events) {
            event.id = number;
        }
        reviewed.findings.blinks = blinks;
        reviewed.findings.events = events;
        reviewed.recount(thresholds);
        reviewed.reviewed = Some(self.tally(&items));
        reviewed.warnings.extend(self.warnings(analysis, &items, samples.is_empty()));
        Ok(reviewed)
    }

    /// Whether this review is of the recording that an analysis is of.
    ///
    /// # Errors
    /// [`ReviewError::OtherRecording`] says what differs.
    pub fn is_of(&self, analysis: &Analysis) -> Result<(), ReviewError> {
        let source = &analysis.source;
        let why = match (&self.recording.sha256, &source.sha256) {
            (Some(own), Some(other)) if own != other => "their contents differ (SHA-256)",
            (Some(_), Some(_)) => return Ok(()),
            // Without a hash the length must do: a session has none.
            _ if (self.recording.duration_s - source.duration_s).abs() > self.recording.frame_s => {
                "their lengths differ"
            }
            _ => return Ok(()),
        };
        Err(ReviewError::OtherRecording {
            reviewer: self.reviewer.clone(),
            review: self.recording.name.clone(),
            analysis: source.path.clone(),
            why,
        })
    }

    /// Who reviewed, and what came of it.
    fn tally(&self, items: &[Item]) -> Reviewed {
        let count = |status| items.iter().filter(|item| item.status == status).count() as u32;
        let unseen = if self.blind {
            (self.measured.blinks.len() + self.measured.events.len()) as u32
        } else {
            0
        };
        Reviewed {
            reviewer: self.reviewer.clone(),
            time: self.changed.clone(),
            blind: self.blind,
            finished: self.finished,
            accepted: count(Status::Accepted),
            changed: count(Status::Changed),
            added: count(Status::Added),
            rejected: count(Status::Rejected) + unseen,
            unjudged: count(Status::Unjudged),
        }
    }

    fn warnings(&self, analysis: &Analysis, items: &[Item], no_signals: bool) -> Vec<Warning> {
        let mut warnings = Vec::new();
        let stated = items.iter().any(|item| item.stands() && item.moved);
        if no_signals && stated {
            let message = "the signals are not there: the size of what the reviewer added is not \
                           known and stands as 0";
            warnings.push(Warning::new("review_without_signals", message));
        }
        if self.measured.version != analysis.version {
            let message = format!(
                "the review is of what version {} found, the rest was measured by version {}",
                self.measured.version, analysis.version
            );
            warnings.push(Warning::new("reviewed_other_version", message));
        }
        warnings
    }
}
