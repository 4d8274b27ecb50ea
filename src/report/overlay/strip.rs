//! The traces in the overlay: one block a side, one row a signal, time running under a fixed
//! line.

use super::canvas::{Canvas, Colour};
use super::layout::{Area, Layout};
use super::style;
use crate::anatomy::{Place, Region, Side};
use crate::event::Laterality;
use crate::report::{Analysis, summary};
use crate::signal::Sample;

/// Time shown, seconds.
const WINDOW_S: f64 = 6.0;
/// Where "now" stands in the window, from its left.
const NOW: f64 = 0.75;
/// Smallest full scale of a displacement, mFU: quiet traces look quiet.
const SMALLEST_SCALE_MFU: f32 = 10.0;
/// Width of the names, pixels.
const NAMES: usize = 92;

/// One row of traces: what is drawn and how large full scale is.
#[derive(Debug, Clone, Copy)]
enum Row {
    Eye,
    Place(Region),
}

const ROWS: [Row; 5] = [
    Row::Eye,
    Row::Place(Region::Forehead),
    Row::Place(Region::Cheek),
    Row::Place(Region::MouthCorner),
    Row::Place(Region::Jaw),
];

impl Row {
    fn name(self) -> &'static str {
        match self {
            Self::Eye => "eye opening",
            Self::Place(region) => summary::plain(region),
        }
    }

    fn value(self, sample: &Sample, side: Side) -> Option<f32> {
        match self {
            Self::Eye => sample.eyes[side].map(|eye| eye.aperture),
            Self::Place(region) => sample.displacement[Place::new(region, side)],
        }
    }

    fn region(self) -> Region {
        match self {
            Self::Eye => Region::Periocular,
            Self::Place(region) => region,
        }
    }
}

/// The traces of a recording.
pub(super) struct Traces<'a> {
    analysis: &'a Analysis,
    samples: &'a [Sample],
    /// Lowest and highest value shown of each row, the same on both sides.
    scales: [(f32, f32); ROWS.len()],
}

impl<'a> Traces<'a> {
    pub(super) fn new(analysis: &'a Analysis, samples: &'a [Sample]) -> Self {
        Self { analysis, samples, scales: ROWS.map(|row| scale(row, samples)) }
    }

    /// Draws both blocks with the line at `now_s`.
    pub(super) fn draw(
        &self,
        canvas: &mut Canvas,
        layout: &Layout,
        now_s: f64,
    ) -> opencv::Result<()> {
        for side in Side::BOTH {
            self.block(canvas, layout.traces(side), side, now_s)?;
        }
        Ok(())
    }

    fn block(&self, canvas: &mut Canvas, area: Area, side: Side, now_s: f64) -> opencv::Result<()> {
        canvas.fill(area, style::GROUND)?;
        let plot = Area {
            x: area.x + NAMES,
            y: area.y + 20,
            width: area.width - NAMES - 8,
            height: area.height - 24,
        };
        let colour = style::side(Some(side));
        let title = match side {
            Side::Left => "LEFT (subject's)",
            Side::Right => "RIGHT (subject's)",
        };
        canvas.text(title, [area.x as f32 + 8.0, area.y as f32 + 14.0], 0.42, colour)?;
        let from_s = now_s - NOW * WINDOW_S;
        let x =
            |time_s: f64| plot.x as f32 + ((time_s - from_s) / WINDOW_S * plot.width as f64) as f32;
        self.spans(canvas, plot, side, from_s, &x)?;
        let row_height = plot.height as f32 / ROWS.len() as f32;
        for (i, row) in ROWS.into_iter().enumerate() {
            let top = plot.y as f32 + row_height * i as f32;
            let middle = top + row_height / 2.0 + 4.0;
            canvas.text(row.name(), [area.x as f32 + 8.0, middle], 0.38, style::SOFT)?;
            let (low, high) = self.scales[i];
            let y = |value: f32| {
                let share = ((value - low) / (high - low)).clamp(0.0, 1.0);
                top + row_height - 3.0 - (row_height - 6.0) * share
            };
            self.trace(canvas, row, side, from_s, &x, y, colour)?;
        }
        self.onsets(canvas, plot, row_height, side, from_s, &x)?;
        let now = x(now_s);
        canvas.line([now, plot.y as f32], [now, (plot.y + plot.height) as f32], 1, style::INK)
    }

    /// Shades events, blinks and gaps.
    fn spans(
        &self,
        canvas: &mut Canvas,
        plot: Area,
        side: Side,
        from_s: f64,
        x: &dyn Fn(f64) -> f32,
    ) -> opencv::Result<()> {
        let mut span = |start_s: f64, end_s: f64, colour: Colour| {
            let (start_s, end_s) = (start_s.max(from_s), end_s.min(from_s + WINDOW_S));
            if start_s >= end_s {
                return Ok(());
            }
            let left = x(start_s) as usize;
            let width = (x(end_s) as usize).saturating_sub(left).max(1);
            canvas.fill(Area { x: left, width, ..plot }, colour)
        };
        let concerns = |laterality: Laterality| match laterality {
            Laterality::Both => true,
            Laterality::Left => side == Side::Left,
            Laterality::Right => side == Side::Right,
        };
        for gap in &self.analysis.coverage.gaps {
            span(gap.start_s, gap.end_s, style::GAP)?;
        }
        let findings = &self.analysis.findings;
        for blink in findings.blinks.iter().filter(|blink| concerns(blink.side)) {
            span(blink.start_s, blink.end_s, style::GROUND.mixed(style::BLINK, 0.6))?;
        }
        for event in findings.events.iter().filter(|event| concerns(event.side)) {
            span(event.start_s, event.end_s, style::GROUND.mixed(style::GLOW, 0.35))?;
        }
        Ok(())
    }

    /// Marks where each contraction began.
    fn onsets(
        &self,
        canvas: &mut Canvas,
        plot: Area,
        row_height: f32,
        side: Side,
        from_s: f64,
        x: &dyn Fn(f64) -> f32,
    ) -> opencv::Result<()> {
        for event in &self.analysis.findings.events {
            for contraction in event.contractions.iter().filter(|c| c.side == Some(side)) {
                if !(from_s..from_s + WINDOW_S).contains(&contraction.onset_s) {
                    continue;
                }
                let row = ROWS.iter().position(|row| row.region() == contraction.region);
                if let Some(row) = row {
                    let top = plot.y as f32 + row_height * row as f32;
                    let at = x(contraction.onset_s);
                    canvas.line([at, top + 1.0], [at, top + row_height - 1.0], 2, style::GLOW)?;
                }
            }
        }
        Ok(())
    }

    #[allow(clippy::too_many_arguments)]
    fn trace(
        &self,
        canvas: &mut Canvas,
        row: Row,
        side: Side,
        from_s: f64,
        x: &dyn Fn(f64) -> f32,
        y: impl Fn(f32) -> f32,
        colour: Colour,
    ) -> opencv::Result<()> {
        let first = self.samples.partition_point(|sample| sample.time_s < from_s);
        let mut path: Vec<[f32; 2]> = Vec::new();
        let mut track = None;
        for sample in &self.samples[first..] {
            if sample.time_s > from_s + WINDOW_S {
                break;
            }
            let value = row.value(sample, side);
            if value.is_none() || sample.track != track {
                canvas.path(&path, false, 1, colour)?;
                path.clear();
            }
            track = sample.track;
            if let Some(value) = value {
                path.push([x(sample.time_s), y(value)]);
            }
        }
        canvas.path(&path, false, 1, colour)
    }
}

/// Lowest and highest value shown of a row: for displacements all but the outermost hundredth of
/// what both sides show, and at least [`SMALLEST_SCALE_MFU`].
fn scale(row: Row, samples: &[Sample]) -> (f32, f32) {
    if matches!(row, Row::Eye) {
        return (0.0, 1.25);
    }
    let mut values: Vec<f32> = samples
        .iter()
        .flat_map(|sample| Side::BOTH.map(|side| row.value(sample, side)))
        .flatten()
        .filter(|value| value.is_finite())
        .collect();
    values.sort_by(f32::total_cmp);
    let quantile = |q: f64| {
        let last = values.len().checked_sub(1)?;
        values.get((q * last as f64).round() as usize).copied()
    };
    let (low, high) = (quantile(0.005).unwrap_or(0.0), quantile(0.995).unwrap_or(0.0));
    let short = (SMALLEST_SCALE_MFU - (high - low)).max(0.0);
    (low - 0.3 * short, high + 0.7 * short)
}
