//! What stands in a review, as a truth.

use super::{Item, Status, What};
use crate::event::{Blink, Event};
use crate::report::{TruthBlink, TruthContraction, TruthEvent};

/// The blinks and events that stand. What nobody judged counts neither for nor against: to score the
/// program by what it said itself would flatter it.
pub(super) fn of(items: &[Item]) -> (Option<Vec<TruthBlink>>, Option<Vec<TruthEvent>>) {
    let (mut blinks, mut events) = (Vec::new(), Vec::new());
    for item in items.iter().filter(|item| item.stands()) {
        let uncertain = item.status == Status::Unjudged;
        let note = (!item.remark.is_empty()).then(|| item.remark.clone());
        match &item.what {
            What::Blink(blink) => {
                blinks.push(TruthBlink { uncertain, note, ..true_blink(blink, item.moved) });
            }
            What::Event(event) => events.push(TruthEvent { uncertain, note, ..true_event(event) }),
        }
    }
    (Some(blinks), Some(events))
}

fn true_blink(blink: &Blink, stated: bool) -> TruthBlink {
    TruthBlink {
        start_s: blink.start_s,
        // A reader states when the lids move, not when they are deepest.
        peak_s: (!stated).then_some(blink.peak_s),
        end_s: blink.end_s,
        side: Some(blink.side),
        ..TruthBlink::default()
    }
}

fn true_event(event: &Event) -> TruthEvent {
    let contractions = event.contractions.iter().map(|c| TruthContraction {
        region: c.region,
        side: c.side,
        onset_s: Some(c.onset_s),
        half_s: None,
        peak_s: None,
        end_s: Some(c.end_s),
        amplitude_mfu: None,
        rate_hz: None,
        synkinetic: c.synkinetic,
    });
    TruthEvent {
        kind: Some(event.kind),
        side: event.side,
        start_s: event.start_s,
        peak_s: None,
        end_s: event.end_s,
        contractions: contractions.collect(),
        spread: None,
        other_babinski: None,
        task: event.task.map(|task| task.name().to_owned()),
        uncertain: false,
        note: None,
    }
}
