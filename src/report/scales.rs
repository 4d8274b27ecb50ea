//! Ranges on clinical scales that a recording suggests. A range is no grade: raters see what video
//! cannot, and even they agree only in part.

use serde::{Deserialize, Serialize};

use super::Analysis;
use super::summary::{involuntary, suspect};
use crate::anatomy::{Region, Side};
use crate::event::{Contraction, Event, poisson};

/// A spasm at least this long is "over one second" on the Jankovic scale, and tonic on the SMC
/// scale, seconds.
const SUSTAINED_S: f64 = 1.0;
/// Fraction of the time the eyes are shut from which the Jankovic frequency item is 4.
const MOSTLY_CLOSED: f64 = 0.5;
/// Blinks a minute above which blinking counts as increased (inclusion of the study NCT00082615).
const INCREASED_BLINKING_PER_MIN: f64 = 27.0;

/// Tonic spasms of the lids a minute from which they count as frequent on the SMC scale, for the
/// lower end of the rate's interval (judgment).
const FREQUENT_PER_MIN: f64 = 1.0;

/// A range on one scale.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ScaleRange {
    /// The scale, in full.
    pub scale: String,
    /// The range, e.g. `2`, `0 to 1` or `II to III`; `None` where video cannot tell.
    pub range: Option<String>,
    /// What was measured that suggests it, or why video cannot tell.
    pub because: String,
    /// How well raters agree on the scale, and who says so.
    pub agreement: String,
}

/// How well raters agree on each scale.
const JANKOVIC_AGREEMENT: &str =
    "trained raters agree with an ICC of 0.63 (45 videos, PMC10480239)";
const SMC_AGREEMENT: &str = "trained raters agree with an ICC of 0.59 (45 videos, PMC10480239)";

/// The ranges a recording suggests; none without usable video.
#[must_use]
pub fn ranges(analysis: &Analysis) -> Vec<ScaleRange> {
    if analysis.findings.summary.usable_s <= 0.0 {
        return Vec::new();
    }
    let mut ranges = vec![jankovic_frequency(analysis), jankovic_severity()];
    ranges.extend(Side::BOTH.into_iter().filter_map(|side| smc(analysis, side)));
    ranges
}

fn jankovic_frequency(analysis: &Analysis) -> ScaleRange {
    let summary = &analysis.findings.summary;
    let closed = summary.closed_fraction.left.max(summary.closed_fraction.right);
    let longest = suspect(analysis).map(|event| event.end_s - event.start_s).max_by(f64::total_cmp);
    let blinks = summary.blink_rate_per_min.unwrap_or(0.0);
    let (range, because) = if closed > MOSTLY_CLOSED {
        ("4", format!("an eye was shut {} of the time", super::summary::percent(closed)))
    } else {
        match longest {
            Some(length) if length >= SUSTAINED_S => (
                "3",
                format!(
                    "the longest spasm or closure lasted {length:.1} s, and the eyes were open \
                     more than half the time"
                ),
            ),
            Some(length) => ("2", format!("the longest spasm lasted {length:.1} s")),
            None if blinks > INCREASED_BLINKING_PER_MIN => {
                ("1", format!("no spasm, and {blinks:.0} blinks a minute"))
            }
            None => ("0 to 1", format!("no spasm, and {blinks:.0} blinks a minute")),
        }
    };
    ScaleRange {
        scale: "Jankovic rating scale, frequency (0 to 4)".to_owned(),
        range: Some(range.to_owned()),
        because,
        agreement: JANKOVIC_AGREEMENT.to_owned(),
    }
}

fn jankovic_severity() -> ScaleRange {
    ScaleRange {
        scale: "Jankovic rating scale, severity (0 to 4)".to_owned(),
        range: None,
        because: "it asks what brings the movement on and how much it incapacitates".to_owned(),
        agreement: JANKOVIC_AGREEMENT.to_owned(),
    }
}

/// The SMC grade of one side; none without an involuntary event on that side.
fn smc(analysis: &Analysis, side: Side) -> Option<ScaleRange> {
    let own: Vec<&Event> = involuntary(analysis).filter(|e| e.side == side.into()).collect();
    let mut regions: Vec<Region> = own
        .iter()
        .flat_map(|event| &event.contractions)
        .filter(|contraction| contraction.side == Some(side))
        .map(|contraction| contraction.region)
        .collect();
    regions.sort();
    regions.dedup();
    let names: Vec<&str> = regions.iter().map(|region| super::summary::plain(*region)).collect();
    let (extent, only) = match regions.as_slice() {
        [] => return None,
        [Region::Periocular] => ("I", "only "),
        _ => ("II", ""),
    };
    let tonic = Tonic::of_the_lids(analysis, &own, side);
    Some(ScaleRange {
        scale: format!("SMC grade, {side} (I to IV)"),
        range: Some(match (tonic.count, tonic.frequent()) {
            (0, _) => extent.to_owned(),
            (_, false) => format!("{extent} to III"),
            (_, true) => "III".to_owned(),
        }),
        because: format!(
            "{only}{} took part, with {}; whether vision suffers (III) and looks are disfigured \
             (IV) cannot be judged from video",
            names.join(", "),
            tonic.words(side)
        ),
        agreement: SMC_AGREEMENT.to_owned(),
    })
}

/// Sustained contractions of the lids of one side: what of SMC grade III, vision disturbed by
/// frequent tonic spasms, a recording shows.
struct Tonic {
    count: u32,
    /// A minute, with its 90 % interval.
    per_min: f64,
    interval: [f64; 2],
    /// Part of the time that this eye was shut.
    closed: f64,
}

impl Tonic {
    fn of_the_lids(analysis: &Analysis, events: &[&Event], side: Side) -> Self {
        let sustained = |c: &Contraction| {
            (c.region, c.side) == (Region::Periocular, Some(side))
                && c.rate_hz.is_none()
                && c.end_s - c.onset_s >= SUSTAINED_S
        };
        let tonic = events.iter().filter(|event| event.contractions.iter().any(sustained));
        let count = tonic.count() as u32;
        let summary = &analysis.findings.summary;
        let minutes = summary.usable_s / 60.0;
        Self {
            count,
            per_min: f64::from(count) / minutes,
            interval: poisson::interval(count).map(|mean| mean / minutes),
            closed: match side {
                Side::Left => summary.closed_fraction.left,
                Side::Right => summary.closed_fraction.right,
            },
        }
    }

    fn frequent(&self) -> bool {
        self.interval[0] >= FREQUENT_PER_MIN
    }

    fn words(&self, side: Side) -> String {
        let [low, high] = self.interval;
        if self.count == 0 {
            return format!("no tonic spasm of the lids (under {high:.1} a minute)");
        }
        format!(
            "{} of the lids ({:.1} a minute, {low:.1} to {high:.1}) and the {side} eye shut {} of \
             the time",
            super::summary::counted(self.count as usize, "tonic spasm"),
            self.per_min,
            super::summary::percent(self.closed)
        )
    }
}
