//! Clinical scales in their own words: a suggested range where video can say it, and what it
//! cannot judge. Never a grade.

use serde::{Deserialize, Serialize};

use super::facts::Facts;
use crate::event::{EventKind, Findings};

/// Blinks a minute at rest up to which they are usual: the mean of women (Sforza 2008).
const USUAL_BLINKS: f64 = 19.0;

/// Blinks a minute at rest above which they are frequent (NCT00082615's inclusion).
const FREQUENT_BLINKS: f64 = 27.0;

/// Part of the time in tonic spasm of the lids from which on they may interfere with vision
/// (judgment).
const INTERFERES: f64 = 0.1;

/// What the figures suggest on a clinical scale.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Scale {
    /// The scale and its item.
    pub scale: String,
    /// Lowest and highest step that the figures allow; `None` where they suggest none.
    pub range: Option<[String; 2]>,
    /// The measured figures behind it.
    pub figures: String,
    /// What cannot be judged from video.
    pub not_judged: String,
}

/// What the findings suggest on the scales.
pub(super) fn suggest(findings: &Findings, facts: &Facts, min_events: u32) -> Vec<Scale> {
    vec![jankovic_frequency(findings, facts), smc(findings, facts, min_events)]
}

fn is_shut_or_spasm(kind: EventKind) -> bool {
    kind.is_involuntary() || kind == EventKind::Closure
}

fn jankovic_frequency(findings: &Findings, facts: &Facts) -> Scale {
    let closed = findings.summary.closed_fraction;
    let closed = closed.left.max(closed.right);
    let of_rest =
        || findings.events.iter().filter(|e| is_shut_or_spasm(e.kind) && e.task.is_none());
    let count = of_rest().count();
    let longest_s = of_rest().map(|e| e.end_s - e.start_s).fold(0.0, f64::max);
    let range = if facts.usable_s <= 0.0 {
        None
    } else if count == 0 {
        Some(match facts.blink_rate {
            rate if rate <= USUAL_BLINKS => (0, 0),
            rate if rate <= FREQUENT_BLINKS => (0, 1),
            _ => (1, 1),
        })
    } else {
        // Within a tenth of a bound the neighbouring step is possible too.
        let step = |closed: f64, longest_s: f64| match (closed > 0.5, longest_s > 1.0) {
            (true, _) => 4,
            (false, true) => 3,
            (false, false) => 2,
        };
        Some((step(closed - 0.1, longest_s / 1.1), step(closed + 0.1, longest_s * 1.1)))
    };
    Scale {
        scale: "Jankovic rating scale, frequency item (0 to 4)".to_owned(),
        range: range.map(|(low, high)| [low.to_string(), high.to_string()]),
        figures: format!(
            "{count} involuntary movements and prolonged closures, the longest {longest_s:.1} s; \
             eyes shut {:.0} % of the time (the worse side); {:.0} blinks a minute",
            100.0 * closed,
            facts.blink_rate
        ),
        not_judged:
            "the severity item (reaction to stimuli, how noticeable, incapacity) cannot be \
                     judged from video"
                .to_owned(),
    }
}

fn smc(findings: &Findings, facts: &Facts, min_events: u32) -> Scale {
    use crate::anatomy::Region::{Cheek, Forehead, Jaw, MouthCorner};
    let beyond: Vec<&str> = facts
        .regions
        .iter()
        .filter(|region| matches!(region, Cheek | MouthCorner | Forehead | Jaw))
        .map(|region| match region {
            MouthCorner => "mouth corner",
            region => region.name(),
        })
        .collect();
    let tonic_s: f64 = findings
        .events
        .iter()
        .filter(|event| event.kind == EventKind::Spasm && event.task.is_none())
        .flat_map(|event| &event.contractions)
        .filter(|c| c.region == crate::anatomy::Region::Periocular)
        .map(|c| (c.end_s - c.onset_s).max(0.0))
        .sum();
    let tonic = if facts.usable_s > 0.0 { (tonic_s / facts.usable_s).min(1.0) } else { 0.0 };
    let range = (facts.one_sided_count() >= min_events).then(|| {
        let low = if beyond.is_empty() { "I" } else { "II" };
        let high = if tonic >= INTERFERES { "III" } else { low };
        [low.to_owned(), high.to_owned()]
    });
    let regions = if beyond.is_empty() { "none".to_owned() } else { beyond.join(", ") };
    Scale {
        scale: "SMC grade (I to IV)".to_owned(),
        range,
        figures: format!(
            "{} one-sided involuntary events; regions beyond the lids: {regions}; lids in tonic \
             spasm {:.0} % of the time",
            facts.one_sided_count(),
            100.0 * tonic
        ),
        not_judged:
            "whether vision suffers (III) and whether the asymmetry disfigures (IV) cannot \
                     be judged from video"
                .to_owned(),
    }
}
