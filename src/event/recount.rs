//! Findings whose blinks and events somebody corrected: what follows from them is made anew.

use super::onset::Onset;
use super::order::{self, Start};
use super::spread::spread;
use super::{Event, Findings};
use crate::anatomy::{Region, Side};
use crate::thresholds::EventThresholds;

impl Findings {
    /// Makes summary and spread anew from the blinks and events as they stand, in order of time;
    /// `frame_s` is the usual interval between frames in seconds. Noise floors and what was counted
    /// frame by frame (usable time, closed lids, their correlation) stay: they follow from the
    /// signals.
    pub fn recount(&mut self, frame_s: f64, thresholds: &EventThresholds) {
        self.blinks.sort_by(|a, b| a.start_s.total_cmp(&b.start_s));
        self.events.sort_by(|a, b| a.start_s.total_cmp(&b.start_s));
        self.summary = self.summary.counted(self);
        self.spread = spread(&self.events, frame_s, thresholds);
    }
}

impl Event {
    /// Makes start, peak, end, order and signs anew from the contractions as they stand; without
    /// contractions the event's own times stay and there is no order.
    pub fn reorder(&mut self, frame_s: f64, thresholds: &EventThresholds) {
        self.contractions.sort_by(|a, b| a.onset_s.total_cmp(&b.onset_s));
        let all = &self.contractions;
        let onsets: Vec<(Region, Onset, bool)> = all
            .iter()
            .map(|c| {
                let sure = f64::from(c.snr) >= thresholds.order_snr;
                (c.region, Onset::stated(c.onset_s, c.onset_ci_s), sure)
            })
            .collect();
        let starts: Vec<Start<'_>> = onsets
            .iter()
            .map(|(region, onset, sure)| Start { region: *region, onset, sure: *sure })
            .collect();
        (self.spread, self.lags) = order::spread(&starts, frame_s, thresholds);
        if let Some(first) = all.first() {
            self.start_s = first.onset_s;
            self.end_s = all.iter().map(|c| c.end_s).fold(f64::NEG_INFINITY, f64::max);
        }
        if let Some(largest) = all.iter().max_by(|a, b| a.snr.total_cmp(&b.snr)) {
            self.peak_s = largest.peak_s;
        }
        self.peak_s = self.peak_s.clamp(self.start_s, self.end_s.max(self.start_s));
        let has =
            |region, side: Side| all.iter().any(|c| (c.region, c.side) == (region, Some(side)));
        // The brow must rise while the eye of its own side closes: without both there is no sign.
        self.other_babinski &= Side::BOTH
            .into_iter()
            .any(|side| has(Region::Periocular, side) && has(Region::Forehead, side));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::event::{Contraction, EventKind, Laterality};

    fn contraction(region: Region, onset_s: f64) -> Contraction {
        Contraction {
            region,
            side: Some(Side::Left),
            onset_s,
            onset_ci_s: [onset_s - 0.02, onset_s + 0.02],
            peak_s: onset_s + 0.2,
            end_s: onset_s + 0.4,
            amplitude_mfu: 20.0,
            snr: 30.0,
            rate_hz: None,
            synkinetic: false,
        }
    }

    fn event(contractions: Vec<Contraction>) -> Event {
        Event {
            id: 1,
            kind: EventKind::Twitch,
            side: Laterality::Left,
            start_s: 0.0,
            peak_s: 0.0,
            end_s: 0.0,
            contractions,
            spread: Vec::new(),
            other_babinski: true,
            reason: String::new(),
            lags: Vec::new(),
            task: None,
            judgement: crate::event::Judgement::default(),
        }
    }

    #[test]
    fn the_order_follows_the_onsets_as_they_were_moved_and_near_ones_are_a_tie() {
        let t = EventThresholds::default();
        let (lids, cheek) = (Region::Periocular, Region::Cheek);
        let mut own = event(vec![contraction(lids, 1.5), contraction(cheek, 1.0)]);
        own.reorder(1.0 / 30.0, &t);
        assert_eq!(own.spread, [vec![cheek], vec![lids]]);
        assert_eq!((own.start_s, own.end_s), (1.0, 1.9));
        assert!(!own.other_babinski, "no brow takes part");
        own.contractions[1].onset_s = 1.01;
        own.contractions[1].onset_ci_s = [0.99, 1.03];
        own.reorder(1.0 / 30.0, &t);
        assert_eq!(own.spread.len(), 1);
    }

    #[test]
    fn what_is_counted_frame_by_frame_outlives_a_recount() {
        let mut findings = Findings { events: vec![event(Vec::new())], ..Findings::default() };
        findings.summary.usable_s = 30.0;
        findings.summary.closed_fraction.left = 0.25;
        findings.recount(1.0 / 30.0, &EventThresholds::default());
        assert_eq!(findings.summary.event_rate_per_min.left, 2.0);
        assert_eq!(findings.summary.closed_fraction.left, 0.25);
        findings.events.clear();
        findings.recount(1.0 / 30.0, &EventThresholds::default());
        assert_eq!(findings.summary.event_rate_per_min.left, 0.0);
        assert_eq!(findings.summary.usable_s, 30.0);
    }
}
