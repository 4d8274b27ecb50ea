//! One place's signal: at rest on its baseline, or away from it.
//!
//! [`PlaceWatch`] keeps a running median as the baseline while the place is at rest, and the
//! spread of short means about it at several lengths, so that the noise's own colour sets the
//! thresholds. When a short mean leaves the baseline by more than that spread allows, the
//! baseline is held (a spasm of minutes is not swallowed) until the signal comes back. A
//! departure counts as a contraction when it began with a rise; slow drift does not, and moves
//! the baseline instead.

use super::away::{Away, RELEASE};
use super::departure::{Departure, HeadWith};
use super::limit::{RestStretches, Stretch, twitch};
use super::noise::{LENGTHS_S, PlaceNoise};
use super::onset::{self, Onset, Response};
use super::recent::{EDGE_S, Reading, Recent};
use crate::anatomy::{Place, Region};
use crate::thresholds::EventThresholds;

/// Follows one place.
#[derive(Debug, Clone)]
pub(super) struct PlaceWatch {
    place: Place,
    thresholds: EventThresholds,
    recent: Recent,
    noise: PlaceNoise,
    rest: RestStretches,
    /// Samples before this are not part of the present baseline.
    base_from_s: f64,
    /// Baseline before the last departure, good until the place has rested again.
    held: Option<f64>,
    /// Baseline at the last sample at rest.
    baseline: Option<f64>,
    /// What the lids return to over seconds.
    slow: Option<f64>,
    /// Baseline before the last departure, for as long as no new one is sure.
    before: Option<f64>,
    /// Peak of the last departure.
    last_peak: f64,
    away: Option<Away>,
}

impl PlaceWatch {
    pub(super) fn new(place: Place, thresholds: &EventThresholds) -> Self {
        Self {
            place,
            thresholds: thresholds.clone(),
            recent: Recent::new(thresholds.head_leak),
            noise: PlaceNoise::new(thresholds),
            rest: RestStretches::default(),
            base_from_s: f64::NEG_INFINITY,
            held: None,
            baseline: None,
            slow: None,
            before: None,
            last_peak: 0.0,
            away: None,
        }
    }

    /// Standard deviation of the resting signal and the smallest twitch found 9 times out of 10,
    /// mFU; `None` from too little rest.
    pub(super) fn floor_and_limit(&self) -> (Option<f64>, Option<f64>) {
        let head = self.recent.leak.sigma();
        let finds = |stretch: &Stretch, onset_s, size| self.finds(stretch, onset_s, size);
        let limit = self.rest.limit(&self.noise, head, &self.thresholds, finds);
        (self.noise.known_floor(), limit)
    }

    /// Whether a standard twitch that is added to a stretch of rest would be found there.
    fn finds(&self, stretch: &Stretch, onset_s: f64, size: f64) -> bool {
        // What the head adds is taken from these samples already; the doubt about it is not.
        let mut recent = Recent::new(self.thresholds.head_leak);
        recent.leak = self.recent.leak.doubt();
        let fresh = Self::new(self.place, &self.thresholds);
        let noise = self.noise.clone();
        let mut watch = Self { noise, recent, slow: Some(stretch.level), ..fresh };
        let mut found = Vec::new();
        for p in &stretch.points {
            let value = p.value + size * twitch(p.time_s - onset_s);
            found.extend(watch.push(
                p.time_s,
                Some(value as f32),
                [None; 2],
                [p.head[0], p.head[1], 0.0],
            ));
        }
        found.extend(watch.break_track());
        found.iter().any(|d| {
            d.amplitude >= self.thresholds.sure_snr * d.floor
                && (d.onset.time_s - onset_s).abs() < 0.25
        })
    }

    /// A moment from which on a departure may be running, if one is.
    pub(super) fn away_since(&self) -> Option<f64> {
        let away = self.away.as_ref()?;
        let first = away.under.as_deref().unwrap_or(away);
        Some(match &first.onset {
            Some(onset) => onset.time_s,
            None => first.trigger_s - self.thresholds.rise_max_s,
        })
    }

    /// The baseline as it stands.
    fn standing_baseline(&self) -> Option<f64> {
        let first = self.away.as_ref().map(|away| away.under.as_deref().unwrap_or(away));
        first.map_or(self.baseline, |away| Some(away.baseline))
    }

    /// What the signal reads at rest with the head in this pose, and the standard deviation about
    /// it, mFU; `None` before both are known.
    pub(super) fn rest_level(&self, head: [f64; 2]) -> Option<(f64, f64)> {
        let level = self.standing_baseline()? + self.recent.leak.at(head);
        Some((level, self.noise.known_floor()?))
    }

    /// Displacement of a value from the baseline as it stands; `None` before there is one.
    pub(super) fn displaced(&self, value: Option<f32>, head: [f64; 2]) -> Option<f64> {
        let value = value.map(f64::from);
        value
            .zip(self.standing_baseline())
            .map(|(value, baseline)| value - self.recent.leak.at(head) - baseline)
    }

    /// Takes one sample, with the displacement of the mirror place from what it rests on and from
    /// neutral, and turn, nod and tilt of the head; returns departures that have ended.
    pub(super) fn push(
        &mut self,
        time_s: f64,
        value: Option<f32>,
        mirror: [Option<f64>; 2],
        [turn, nod, tilt]: [f64; 3],
    ) -> Vec<Departure> {
        let Some(value) = value.map(f64::from).filter(|v| v.is_finite()) else {
            return self.break_track();
        };
        let [mirror, mirror_level] = mirror.map(|mirror| mirror.unwrap_or(f64::NAN));
        let head = [turn, nod];
        let reading = Reading { time_s, value, mirror, mirror_level, head, tilt };
        self.recent.push(reading, self.thresholds.history_s);
        let ended = match self.away.take() {
            Some(away) => self.follow(time_s, away),
            None => {
                self.watch(time_s);
                Vec::new()
            }
        };
        self.learn(time_s);
        ended
    }

    /// The track ends here.
    pub(super) fn break_track(&mut self) -> Vec<Departure> {
        let last_s = self.recent.last().map(|r| r.time_s);
        let mut ended = Vec::new();
        let mut running = self.away.take();
        while let (Some(mut away), Some(last_s)) = (running, last_s) {
            running = away.under.take().map(|under| *under);
            self.fit(&mut away);
            ended.extend(self.depart(away, last_s));
        }
        self.recent.clear();
        self.rest.interrupt();
        self.base_from_s = f64::NEG_INFINITY;
        (self.held, self.baseline, self.slow, self.before) = (None, None, None, None);
        ended
    }

    /// Rest after a departure from which on the baseline is taken anew, seconds.
    fn rest_s(&self) -> f64 {
        let t = &self.thresholds;
        if self.place.region == Region::Jaw { t.jaw_rest_s } else { t.rest_s }
    }

    /// The place rested so shortly since its last departure that this one's baseline holds.
    fn still_held(&self, now_s: f64) -> bool {
        self.held.is_some() && now_s - self.base_from_s < self.rest_s() - EDGE_S
    }

    /// Level of a place at rest.
    fn resting_level(&mut self, now_s: f64) -> Option<f64> {
        if self.still_held(now_s) {
            return self.held;
        }
        let t = &self.thresholds;
        let from_s = self.base_from_s.max(now_s - t.baseline_s);
        let level = self.recent.median(from_s, now_s - t.baseline_guard_s);
        if self.place.region != Region::Periocular {
            return level;
        }
        // The lids' displacement counts from the open level, which is known already. They follow
        // a narrowing slowly, and eyes opened wide even more slowly: coming back from there is
        // no contraction.
        let dt = self.recent.before_last().map_or(0.0, |r| now_s - r.time_s);
        let slow = match (self.slow, level) {
            (None, _) if self.base_from_s == f64::NEG_INFINITY => 0.0,
            (None, level) => level?,
            (Some(slow), None) => slow,
            (Some(slow), Some(level)) => {
                let time_s = if level > slow { t.lids_narrow_s } else { t.lids_wide_s };
                slow + (dt / time_s).min(1.0) * (level - slow)
            }
        };
        self.slow = Some(slow);
        self.slow
    }

    /// Departure from a level in standard deviations of the short mean that shows it best;
    /// `since_s` limits the means.
    fn deviation(&self, now_s: f64, level: f64, since_s: f64, doubt: f64) -> f64 {
        // Lids that stand wider than they rest do not hide that they shut.
        let lids = self.place.region == Region::Periocular;
        let mut strongest = 0.0_f64;
        for (k, length_s) in LENGTHS_S.into_iter().enumerate() {
            let Some(mean) = self.recent.mean(now_s, length_s, since_s) else { continue };
            let sigma = self.noise.mean_sigma(k);
            let z = (mean - level) / (sigma * sigma + doubt).sqrt();
            if z.abs() > strongest.abs() && !(lids && z < 0.0) {
                strongest = z;
            }
        }
        strongest
    }

    /// Mean turn and nod of the head between two moments, and those of now.
    fn heads(&self, from_s: f64, until_s: f64) -> [[f64; 2]; 2] {
        let rest = self.recent.mean_head(from_s, until_s);
        [rest, self.recent.last().map_or(rest, |r| r.head)]
    }

    /// Variance of what the head's pose adds now, against its mean between two moments.
    fn head_doubt(&self, from_s: f64, until_s: f64) -> f64 {
        let [rest, head] = self.heads(from_s, until_s);
        self.recent.leak.variance([head[0] - rest[0], head[1] - rest[1]])
    }

    /// At rest: has the signal left its baseline?
    fn watch(&mut self, now_s: f64) {
        self.baseline = self.resting_level(now_s);
        let Some(baseline) = self.baseline else { return };
        let t = &self.thresholds;
        let from_s = self.base_from_s.max(now_s - t.baseline_s);
        let doubt = self.head_doubt(from_s, now_s - t.baseline_guard_s);
        let z = self.deviation(now_s, baseline, self.base_from_s, doubt);
        // A further burst of a train needs less to be believed.
        let follows = self.still_held(now_s) && self.last_peak >= t.train_snr * self.noise.sigma();
        let trigger = if follows && z > 0.0 { t.trigger_next } else { t.trigger };
        if z.abs() < trigger {
            return;
        }
        let now = self.recent.mean(now_s, t.short_s, self.base_from_s).unwrap_or(baseline);
        if self.is_back(now, baseline) {
            // Back on the level before the last departure: that was its return.
            self.held = self.before.take();
            self.base_from_s = now_s;
            return;
        }
        let from_s = (now_s - t.fit_before_s).max(self.base_from_s);
        let away = Away::new(z.signum(), baseline, now, now_s, self.recent.points(from_s));
        let heads = self.heads(from_s, now_s - t.baseline_guard_s);
        self.away = Some(Away { follows, heads, ..away });
    }

    /// What has left `baseline` is nearly on the level before the last departure: that departure's
    /// return.
    fn is_back(&self, now: f64, baseline: f64) -> bool {
        self.before.is_some_and(|old| (now - old).abs() < 0.3 * (now - baseline).abs())
    }

    /// Away: has it come back?
    fn follow(&mut self, now_s: f64, mut away: Away) -> Vec<Departure> {
        let t = &self.thresholds;
        let Some(last) = self.recent.last().copied() else { return Vec::new() };
        let short = self.recent.mean(now_s, t.short_s, f64::NEG_INFINITY);
        let height = away.polarity * (short.unwrap_or(away.baseline) - away.baseline);
        let sigma = self.noise.sigma();
        let dt = self.recent.before_last().map_or(0.0, |r| now_s - r.time_s);
        let forget = (-dt / t.level_s).exp();
        let release = away.rise_to(&last, height, forget, t.release_noise * sigma);
        away.follow_mirror(now_s, height, &last);
        away.bursts.push(now_s, height, (0.4 * away.level).max(4.0 * sigma));
        let rest = (0.1 * away.peak.0).max(sigma).max(release - 0.25 * away.peak.0);
        if height >= release {
            away.above_s = now_s;
            away.back_s = None;
        } else if height <= rest {
            away.back_s.get_or_insert(now_s);
        }
        let stands_off = now_s - away.trigger_s > t.stands_off_s + EDGE_S;
        if away.onset.is_none() {
            away.rise.push(self.recent.point(&last));
            if now_s - away.trigger_s >= t.fit_after_s - EDGE_S {
                self.fit(&mut away);
                let now = away.baseline + away.polarity * height;
                if away.onset.is_none() || self.is_back(now, away.baseline) {
                    return self.settle_there(away);
                }
            }
        } else if stands_off && away.may_be_head(t.head_leak_most) {
            return self.settle_there(away);
        }
        let one_sided = away.shared.is_some_and(|shared| shared < t.shared_max);
        if one_sided && away.polarity < 0.0 && stands_off {
            // No muscle holds a place there: it is where it rests now.
            let from_s = away.trigger_s;
            self.come_back(&mut away, from_s, false);
            return self.depart(away, now_s).into_iter().collect();
        }
        if one_sided && now_s - away.apart.1 > t.joined_s + EDGE_S {
            // The other side does the same by now: what began on one side alone is over.
            let joined_s = away.apart.1;
            self.come_back(&mut away, joined_s, false);
            return self.depart(away, joined_s).into_iter().collect();
        }
        if now_s - away.above_s >= t.gap_s.max(2.2 * dt) - EDGE_S {
            self.fit(&mut away);
            if away.onset.is_none() {
                self.away = away.under.map(|under| *under);
                return Vec::new();
            }
            // What did not come all the way back has found a new level.
            let returned = height <= (0.5 * away.peak.0).max(3.0 * sigma);
            let rests_s = away.back_s.unwrap_or(away.above_s);
            self.come_back(&mut away, rests_s, returned);
            let end_s = away.back_s.unwrap_or(now_s);
            return self.depart(away, end_s).into_iter().collect();
        }
        self.away = Some(self.rise_further(now_s, away));
        Vec::new()
    }

    /// Drift, or what the head's movement left: this is the baseline now.
    fn settle_there(&mut self, away: Away) -> Vec<Departure> {
        self.before = Some(away.baseline);
        self.base_from_s = away.trigger_s;
        (self.held, self.slow) = (None, None);
        self.away = away.under.map(|under| *under);
        Vec::new()
    }

    /// After a departure: what the place rests on from `rests_s` on.
    fn come_back(&mut self, away: &mut Away, rests_s: f64, returned: bool) {
        away.returned = returned;
        if let Some(mut under) = away.under.take() {
            under.above_s = under.above_s.max(rests_s);
            self.away = Some(*under);
            return;
        }
        self.last_peak = away.peak.0;
        self.base_from_s = rests_s;
        self.before = (!returned).then_some(away.baseline);
        self.held = returned.then_some(away.baseline);
        if !returned {
            self.slow = None;
        }
    }

    /// A contraction on top of a departure that has found a level of its own, such as a spasm
    /// while the eyes look down.
    fn rise_further(&self, now_s: f64, away: Away) -> Away {
        let t = &self.thresholds;
        let since_s = away.trigger_s + t.plateau_s;
        let (from_s, until_s) = (since_s.max(now_s - t.baseline_s), now_s - t.baseline_guard_s);
        let upwards = away.polarity > 0.0 && away.onset.is_some();
        let settled = upwards && away.under.is_none() && until_s - from_s >= 0.3 - EDGE_S;
        let Some(level) = settled.then(|| self.recent.median(from_s, until_s)).flatten() else {
            return away;
        };
        let doubt = self.head_doubt(from_s, until_s);
        if self.deviation(now_s, level, since_s, doubt) < t.trigger {
            return away;
        }
        let now = self.recent.mean(now_s, t.short_s, since_s).unwrap_or(level);
        let mirror_rest = self.recent.mirror_median(from_s, until_s).unwrap_or(0.0);
        let rise = self.recent.points(from_s);
        let heads = self.heads(from_s, until_s);
        let under = Some(Box::new(away));
        Away { mirror_rest, heads, under, ..Away::new(1.0, level, now, now_s, rise) }
    }

    /// Fits the rise; leaves no onset where there is none.
    fn fit(&self, away: &mut Away) {
        if away.onset.is_some() {
            return;
        }
        let t = &self.thresholds;
        let noise = self.noise.model(self.recent.leak.sigma(), self.recent.frame_s());
        let (points, earliest_s) = away.until_fall(noise.jitter, t.rise_part);
        let fitted = onset::fit(&points, noise, self.response(), earliest_s).filter(|onset| {
            onset.evidence >= t.evidence_min
                && onset.rise_s <= t.rise_max_s
                && onset.size >= t.rise_part * away.peak.0
        });
        // A further burst of a train has risen from what the one before left, and is soon over.
        let brief =
            self.recent.last().is_none_or(|r| r.time_s - away.trigger_s < t.fit_after_s - EDGE_S);
        let burst =
            (brief || away.bursts.any()) && away.follows && away.peak.0 > RELEASE * self.last_peak;
        away.onset = fitted.or_else(|| burst.then(|| Onset::crossing(away.trigger_s, away.peak.0)));
        let Some(onset) = &away.onset else { return };
        let risen_s = onset.time_s + onset.rise_s;
        let around_s = self.thresholds.head_around_s;
        away.head_deg = self.recent.head_range(onset.time_s - around_s, risen_s + around_s);
        if self.place.side.is_some() {
            let shared = self.recent.shared(away.baseline, away.mirror_rest, onset.time_s);
            away.shared = Some(shared);
        } else {
            away.shared = Some(1.0);
        }
    }

    /// How the tracker reads movement of this place.
    fn response(&self) -> Response<'_> {
        let t = &self.thresholds;
        let powers: &[f64] =
            if self.place.region == Region::Periocular { &t.lid_powers } else { &[1.0] };
        let delay_s = t.delay_frames * self.recent.frame_s();
        Response { powers, misread: t.misread, delay_s, misfit: t.misfit }
    }

    fn depart(&self, away: Away, end_s: f64) -> Option<Departure> {
        let level_shared = away.level_shared();
        let [rest, peak] = away.heads;
        let added = self.recent.leak.at(peak) - self.recent.leak.at(rest);
        let after = self.recent.last().map_or(peak, |r| r.head);
        let onset = away.onset?;
        Some(Departure {
            place: self.place,
            // What was over before the rise that counts ends with it.
            end_s: end_s.max(onset.time_s),
            onset,
            peak_s: away.peak.1,
            amplitude: away.polarity * away.peak.0,
            measured: away.polarity * away.peak.0 + added,
            head: HeadWith::new(away.head_deg, [rest, peak, after], away.returned),
            floor: self.noise.sigma(),
            bursts_s: away.bursts.finish(),
            shared: away.shared.unwrap_or(0.0),
            level_shared,
        })
    }

    /// Learns the noise, at rest, and what the head adds.
    fn learn(&mut self, now_s: f64) {
        let t = &self.thresholds;
        let Some((last, previous)) = self.recent.last().zip(self.recent.before_last()) else {
            return;
        };
        let before_s = now_s - self.noise.apart_s;
        let reach_s = before_s - LENGTHS_S[LENGTHS_S.len() - 1];
        let rested_s = self.base_from_s.max(self.recent.first_s().unwrap_or(now_s));
        // A wrong start must mend: what stays away for long is learnt from a little.
        let weight = match &self.away {
            None if reach_s >= rested_s - EDGE_S => 1.0,
            Some(away) if now_s - away.trigger_s > t.history_s + EDGE_S => t.away_weight,
            _ => 0.0,
        };
        let (step, freed) = (last.value - previous.value, self.recent.freed(last));
        self.noise.steps.push(step, if self.away.is_none() { 1.0 } else { weight });
        match (&self.away, self.baseline) {
            (None, Some(baseline)) => {
                self.noise.floor.push(freed - baseline, 1.0);
                self.rest.push(self.recent.point(last), baseline);
            }
            _ => self.rest.interrupt(),
        }
        if weight == 0.0 {
            return;
        }
        for (k, length_s) in LENGTHS_S.into_iter().enumerate() {
            let mean = |until_s| self.recent.mean(until_s, length_s, f64::NEG_INFINITY);
            if let Some((now, then)) = mean(now_s).zip(mean(before_s)) {
                self.noise.means[k].push((now - then) / std::f64::consts::SQRT_2, weight);
            }
        }
        if self.away.is_none() {
            let sigma = self.noise.mean_sigma(1);
            self.recent.learn_leak(t, self.base_from_s, sigma * sigma);
        }
    }
}
