//! One visit in figures.

use serde::{Deserialize, Serialize};

use super::chance;
use crate::anatomy::{PerSide, Region, Side};
use crate::event::{Event, EventKind, Laterality, poisson};
use crate::pattern::Label;
use crate::report::Analysis;
use crate::report::scales::ScaleRange;

/// One visit: a recording in figures.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Visit {
    /// Number, from 1, in the order given.
    pub number: u32,
    /// Where the recording was read from.
    pub path: String,
    /// SHA-256 of the recording, where it was a file.
    pub sha256: Option<String>,
    /// Usable time, seconds.
    pub usable_s: f64,
    /// The pattern of this recording alone.
    pub label: Label,
    /// Twitches and spasms of one side.
    pub left: SideFigures,
    /// Twitches and spasms of one side.
    pub right: SideFigures,
    /// Prolonged closures of both lids.
    pub closures: Rate,
    /// Blinks.
    pub blinks: Rate,
    /// Ranges on clinical scales that this recording suggests.
    #[serde(default)]
    pub scales: Vec<ScaleRange>,
}

/// A count with its rate.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Rate {
    /// How many.
    pub count: u32,
    /// How many a minute; `None` without usable time.
    pub per_min: Option<f64>,
    /// 90 % Poisson interval of that.
    pub ci: Option<[f64; 2]>,
}

impl Rate {
    fn new(count: usize, usable_s: f64) -> Self {
        let count = u32::try_from(count).unwrap_or(u32::MAX);
        let minutes = usable_s / 60.0;
        let known = minutes > 0.0;
        Self {
            count,
            per_min: known.then(|| f64::from(count) / minutes),
            ci: known.then(|| poisson::interval(count).map(|mean| mean / minutes)),
        }
    }
}

/// The twitches and spasms in which a side takes part.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct SideFigures {
    /// Their number and rate.
    pub events: Rate,
    /// Part of the usable time in them, 0 to 1; `None` without usable time.
    pub spasm_time: Option<f64>,
    /// In how many each region took part.
    pub regions: Vec<Involvement>,
}

/// In how many events of a side a region took part.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Involvement {
    /// The region.
    pub region: Region,
    /// In how many.
    pub count: u32,
    /// 90 % interval of its share in the side's events; `None` without events.
    pub share_ci: Option<[f64; 2]>,
    /// Median size of its contractions, mFU.
    pub amplitude_mfu: Option<f64>,
    /// Smallest contraction that the recording could have shown there, mFU.
    pub smallest_detectable_mfu: Option<f64>,
}

impl Visit {
    pub(super) fn new(number: u32, analysis: &Analysis) -> Self {
        let findings = &analysis.findings;
        let usable_s = findings.summary.usable_s;
        let closures = findings.events.iter().filter(|e| e.kind == EventKind::Closure).count();
        Self {
            number,
            path: analysis.source.path.clone(),
            sha256: analysis.source.sha256.clone(),
            usable_s,
            label: analysis.pattern.label,
            left: side_figures(analysis, Side::Left),
            right: side_figures(analysis, Side::Right),
            closures: Rate::new(closures, usable_s),
            blinks: Rate::new(findings.blinks.len(), usable_s),
            scales: analysis.scales.clone(),
        }
    }

    /// The figures of a side.
    #[must_use]
    pub const fn side(&self, side: Side) -> &SideFigures {
        match side {
            Side::Left => &self.left,
            Side::Right => &self.right,
        }
    }
}

impl SideFigures {
    /// A region's involvement.
    #[must_use]
    pub fn region(&self, region: Region) -> Option<&Involvement> {
        self.regions.iter().find(|own| own.region == region)
    }
}

/// The twitches and spasms in which a side takes part.
pub(super) fn events(analysis: &Analysis, side: Side) -> impl Iterator<Item = &Event> {
    let own = Laterality::from(side);
    let takes_part = move |event: &&Event| {
        event.kind.is_involuntary() && (event.side == own || event.side == Laterality::Both)
    };
    analysis.findings.events.iter().filter(takes_part)
}

/// The durations of a side's twitches and spasms, seconds.
pub(super) fn durations(analysis: &Analysis) -> PerSide<Vec<f64>> {
    PerSide::from_fn(|side| {
        events(analysis, side).map(|event| (event.end_s - event.start_s).max(0.0)).collect()
    })
}

fn side_figures(analysis: &Analysis, side: Side) -> SideFigures {
    let usable_s = analysis.findings.summary.usable_s;
    let own: Vec<&Event> = events(analysis, side).collect();
    let total = u32::try_from(own.len()).unwrap_or(u32::MAX);
    let regions = Region::ALL.into_iter().map(|region| {
        let mut sizes: Vec<f64> = own
            .iter()
            .filter_map(|event| {
                let here = event.contractions.iter();
                here.filter(|c| (c.region, c.side) == (region, Some(side)))
                    .map(|c| f64::from(c.amplitude_mfu).abs())
                    .reduce(f64::max)
            })
            .collect();
        sizes.sort_by(f64::total_cmp);
        let count = u32::try_from(sizes.len()).unwrap_or(u32::MAX);
        let floors = &analysis.findings.noise;
        let floor = floors.iter().find(|f| (f.region, f.side) == (region, Some(side)));
        Involvement {
            region,
            count,
            share_ci: chance::share_interval(count, total),
            amplitude_mfu: sizes.get(sizes.len() / 2).copied(),
            smallest_detectable_mfu: floor
                .and_then(|floor| floor.smallest_detectable_mfu)
                .map(f64::from),
        }
    });
    let time_s = durations(analysis)[side].iter().fold(0.0, |sum, own| sum + own);
    SideFigures {
        events: Rate::new(own.len(), usable_s),
        spasm_time: (usable_s > 0.0).then(|| (time_s / usable_s).min(1.0)),
        regions: regions.collect(),
    }
}
